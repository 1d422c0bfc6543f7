//! A game in a terminal: watched, or played.

use super::{
    agent::{best, worth},
    game::{BRIGHT, Game, MOVES, Move},
    replay::Frames,
};
use console::{Key, Term};
use network3::{Error, Network, Result};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

/// From one step to the next where a network plays.
const WATCHED: Duration = Duration::from_millis(90);
/// And where you do.
const PLAYED: Duration = Duration::from_millis(220);
/// How many games are shown.
const GAMES: usize = 5;

/// The screen as lines of text: two characters a pixel, which together are about a square.
pub fn lines((rows, columns): (usize, usize), screen: &[u8]) -> Vec<String> {
    let pixel = |&p: &u8| match p {
        0 => "  ",
        BRIGHT => "██",
        _ => "▒▒",
    };
    let edge = "──".repeat(columns);
    let row = |row: &[u8]| format!("│{}│", row.iter().map(pixel).collect::<String>());
    let inside = screen.chunks_exact(columns).take(rows).map(row);
    [format!("┌{edge}┐")].into_iter().chain(inside).chain([format!("└{edge}┘")]).collect()
}

/// What is drawn at the same place again and again; without a terminal, one below the other.
struct Display {
    term: Term,
    drawn: usize,
}

impl Display {
    fn new() -> Self {
        Display { term: Term::stdout(), drawn: 0 }
    }

    fn show(&mut self, game: &dyn Game, below: &str) -> Result<()> {
        let (rows, columns) = game.size();
        let mut screen = vec![0; rows * columns];
        game.draw(&mut screen);
        let mut lines = lines((rows, columns), &screen);
        lines.push(below.to_string());
        let write = || {
            if self.term.is_term() {
                self.term.clear_last_lines(self.drawn)?;
            }
            self.term.write_line(&lines.join("\n"))
        };
        write().map_err(|e| Error::io("drawing a game", e))?;
        self.drawn = lines.len();
        Ok(())
    }

    /// The next picture comes below.
    fn leave(&mut self) {
        self.drawn = 0;
    }
}

/// A few games, played by a network.
///
/// # Errors
/// When the terminal refuses.
pub fn watch(
    game: &mut dyn Game,
    network: &mut Network<f32>,
    frames: usize,
    random: &mut Xoshiro256PlusPlus,
) -> Result<()> {
    let (mut display, mut x) = (Display::new(), vec![]);
    let (rows, columns) = game.size();
    let mut screen = vec![0; rows * columns];
    for number in 1..=GAMES {
        game.begin(random);
        game.draw(&mut screen);
        let mut seen = Frames::begin(frames, &screen);
        loop {
            let q = worth(network, [&seen], &mut x);
            let values: Vec<String> = q.iter().map(|q| format!("{q:5.2}")).collect();
            let action = best(q)[0];
            let line = format!(
                "game {number} of {GAMES}, score {}; worth of left, stay, right:{}",
                game.score(),
                values.concat()
            );
            display.show(game, &line)?;
            if display.term.is_term() {
                thread::sleep(WATCHED);
            }
            if game.step(MOVES[action]).over {
                break;
            }
            game.draw(&mut screen);
            seen.push(&screen);
        }
        display.show(game, &format!("game {number} of {GAMES}: score {}", game.score()))?;
        display.leave();
    }
    Ok(())
}

/// What a key means: a move, or the end.
fn meaning(key: &Key) -> Option<Result<Move, ()>> {
    match key {
        Key::ArrowLeft | Key::Char('a' | 'h') => Some(Ok(Move::Left)),
        Key::ArrowRight | Key::Char('d' | 'l') => Some(Ok(Move::Right)),
        Key::Escape | Key::Char('q') => Some(Err(())),
        _ => None,
    }
}

/// Keys as moves, read by a thread of its own, for the game does not wait. It ends with the key that ends the game: so
/// the terminal is left as it was.
fn keys() -> Receiver<Result<Move, ()>> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let term = Term::stdout();
        loop {
            let meant = match term.read_key() {
                Ok(key) => meaning(&key),
                Err(_) => Some(Err(())),
            };
            let Some(meant) = meant else { continue };
            if send.send(meant).is_err() || meant.is_err() {
                return;
            }
        }
    });
    receive
}

/// You play, until you end it.
///
/// # Errors
/// When this is no terminal, or it refuses.
pub fn play(game: &mut dyn Game, random: &mut Xoshiro256PlusPlus) -> Result<()> {
    let mut display = Display::new();
    if !display.term.is_term() {
        return Err(Error::input("to play takes a terminal: it has to read keys"));
    }
    let keys = keys();
    let help = "arrows or a and d: move; q: end";
    let mut number = 0;
    loop {
        number += 1;
        game.begin(random);
        loop {
            display.show(game, &format!("game {number}, score {}; {help}", game.score()))?;
            let action = match keys.recv_timeout(PLAYED) {
                Ok(Ok(action)) => action,
                Err(RecvTimeoutError::Timeout) => Move::Stay,
                Ok(Err(())) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            if game.step(action).over {
                break;
            }
        }
        display.show(game, &format!("game {number}: score {}", game.score()))?;
        display.leave();
    }
}
