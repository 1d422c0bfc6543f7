//! Deep Q-learning: a network that sees the pixels of a game and is told its score, and learns to play.
//!
//! After Mnih and others, *Playing Atari with deep reinforcement learning* (2013), with the copy of the network of
//! their paper of 2015. [`game`] has the games, [`replay`] the memory, [`agent`] the network and what it is taught.

pub mod agent;
pub mod game;
pub mod replay;
pub mod terminal;
#[cfg(test)]
mod tests;

use crate::kit::{Common, Findings, Progress, Setting, rng, round};
use agent::{Agent, Rule, play};
use clap::ValueEnum;
use experiments::{machine, record::Picture, say};
use game::{Breakout, Catch, Game, MOVES};
use network3::{Activation, Error, Network, Result, Spec, model_file};
use replay::{Frames, Replay, Transition};
use serde::{Deserialize, Serialize};

/// Deep Q-learning: a network learns to play from pixels, in the terminal
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    common: Common,
    /// The game that is watched or played
    #[arg(long, value_enum, default_value = "breakout")]
    game: Which,
    /// Watch a network play, which learns first if there is none in the folder of runs
    #[arg(long, conflicts_with_all = ["play", "quick", "record", "resume"])]
    watch: bool,
    /// Play yourself
    #[arg(long, conflicts_with_all = ["quick", "record", "resume"])]
    play: bool,
}

/// The games.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// Catch on 10 rows of 5 pixels
    SmallCatch,
    /// Catch on 21 rows of 21 pixels
    Catch,
    /// A small Breakout
    Breakout,
}

/// Evaluation: so many games side by side.
const GAMES: usize = 500;

impl Which {
    fn name(self) -> &'static str {
        match self {
            Which::SmallCatch => "small-catch",
            Which::Catch => "catch",
            Which::Breakout => "breakout",
        }
    }

    /// A new game.
    pub fn game(self) -> Box<dyn Game> {
        match self {
            Which::SmallCatch => Box::new(Catch::new(10, 5)),
            Which::Catch => Box::new(Catch::new(21, 21)),
            Which::Breakout => Box::new(Breakout::new()),
        }
    }

    /// Hidden layers of the network that learns it.
    fn layers(self) -> Vec<Spec> {
        let (conv, full) = (Spec::conv, Spec::fully_connected);
        let relu = Activation::Relu;
        match self {
            Which::SmallCatch => vec![conv(16, (3, 3), relu), full(64, relu)],
            Which::Catch => {
                vec![conv(16, (5, 5), relu).every(2, 2), conv(32, (3, 3), relu).every(2, 2), full(128, relu)]
            }
            Which::Breakout => vec![conv(16, (3, 3), relu), full(128, relu)],
        }
    }

    fn rule(self) -> Rule {
        let rule = Rule {
            frames: 1,
            steps: 5_000,
            learn_every: 1,
            mini_batch_size: 32,
            memory: 20_000,
            eta: 1e-3,
            discount: 0.99,
            explore: 1.0,
            exploration: 0.05,
            copy_every: 200,
        };
        match self {
            Which::SmallCatch => rule,
            Which::Catch => Rule { steps: 40_000, learn_every: 2, explore: 0.5, ..rule },
            Which::Breakout => Rule {
                frames: 4,
                steps: 30_000,
                learn_every: 2,
                explore: 0.5,
                exploration: 0.02,
                eta: 5e-4,
                copy_every: 500,
                ..rule
            },
        }
    }

    /// So often is the network asked to play without a random move, while it learns.
    fn evaluations(self) -> usize {
        match self {
            Which::SmallCatch | Which::Breakout => 10,
            Which::Catch => 20,
        }
    }
}

/// What a network learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// The seed.
    pub seed: u64,
    /// Steps of the game, and the mean score of games without random moves: part of the balls caught, or bricks.
    pub curve: Vec<(usize, f64)>,
    /// The mean score in the end.
    pub score: f64,
    /// How long it took.
    pub seconds: f64,
}

/// A game, and how it was learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Played {
    /// Which.
    pub name: String,
    /// How.
    pub rule: Rule,
    /// Weights and biases of the network.
    pub parameters: usize,
    /// The mean score of random moves.
    pub random: f64,
    /// The best score that there is.
    pub most: f64,
    /// Network by network.
    pub runs: Vec<Learned>,
    /// The least of their scores.
    pub least: f64,
    /// A game of the first one, screen by screen.
    pub screens: Vec<Picture>,
}

/// What a run found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Games over which a score is the mean.
    pub games: usize,
    /// Catch of 10×5.
    pub small_catch: Played,
    /// Catch of 21×21.
    pub catch: Option<Played>,
    /// The small Breakout.
    pub breakout: Option<Played>,
}

impl Findings for Found {
    fn check(&self) -> Result<()> {
        for played in [Some(&self.small_catch), self.catch.as_ref(), self.breakout.as_ref()].into_iter().flatten() {
            let scores =
                played.runs.iter().flat_map(|run| run.curve.iter().map(|(_, score)| score).chain([&run.score]));
            if let Some(score) = scores.chain([&played.random]).find(|s| !(0.0..=played.most).contains(*s)) {
                return Err(Error::input(format!("{score} is no score of {}", played.name)));
            }
        }
        Ok(())
    }
}

/// Runs the system.
///
/// # Errors
/// When a file cannot be written, and when there is no terminal to play in.
pub fn run(options: &Options) -> Result<()> {
    if options.play {
        return terminal::play(&mut *options.game.game(), &mut rng(options.common.seed, 9));
    }
    let setting = Setting::start(&options.common, "q-learning")?;
    if options.watch {
        return watch(&setting, options.game);
    }
    let small_catch = learn_all(&setting, Which::SmallCatch, 3)?;
    let rest = |which, seeds| if setting.quick { Ok(None) } else { learn_all(&setting, which, seeds).map(Some) };
    let (catch, breakout) = (rest(Which::Catch, 1)?, rest(Which::Breakout, 1)?);
    setting.finish(Found { games: GAMES, small_catch, catch, breakout })?;
    Ok(())
}

fn watch(setting: &Setting, which: Which) -> Result<()> {
    let file = setting.path(&model(which, setting.seed));
    let mut network = if file.exists() {
        model_file::load(&file)?.with_threads(setting.thread_count())?
    } else {
        say!("there is no network in {} yet: one learns first", file.display());
        learn(setting, which, setting.seed)?.1
    };
    terminal::watch(&mut *which.game(), &mut network, which.rule().frames, &mut setting.rng(9))
}

fn model(which: Which, seed: u64) -> String {
    format!("q-learning-{}-{seed}.safetensors", which.name())
}

/// A game learned from so many seeds, the run's own first. What is in the folder of runs already is gone on from,
/// network by network.
fn learn_all(setting: &Setting, which: Which, seeds: u64) -> Result<Played> {
    let keeper = setting.keeper(which.name(), &(which.rule(), seeds, GAMES))?;
    let mut runs: Vec<Learned> = keeper.earlier()?.map_or(vec![], |kept| kept.notes);
    for seed in (setting.seed..setting.seed + seeds).skip(runs.len()) {
        let (learned, network) = learn(setting, which, seed)?;
        model_file::save(&network, setting.path(&model(which, seed)))?;
        runs.push(learned);
        keeper.keep(runs.len() as u64, &vec![], &runs)?;
    }
    let mut network =
        model_file::load(setting.path(&model(which, setting.seed)))?.with_threads(setting.thread_count())?;
    let most = if which == Which::Breakout { Breakout::WALL.len() * Breakout::SIZE.1 } else { 1 } as f64;
    let least = runs.iter().map(|run| run.score).fold(most, f64::min);
    Ok(Played {
        name: which.name().to_string(),
        rule: which.rule(),
        parameters: network.parameter_count(),
        random: round(at_random(which, setting), 3),
        most,
        least,
        runs,
        screens: screens(which, &mut network, setting),
    })
}

/// A network that learns a game, step by step.
fn learn(setting: &Setting, which: Which, seed: u64) -> Result<(Learned, Network<f32>)> {
    let (mut game, rule, began) = (which.game(), which.rule(), machine::seconds());
    let mut agent = Agent::new(game.size(), &which.layers(), rule.clone(), setting.thread_count(), seed)?;
    let (mut random, mut replay) = (rng(seed, 10), Replay::new(rule.memory));
    let mut progress = Progress::new(&format!("{}, seed {seed}", which.name()), 0, rule.steps as u64);
    let (rows, columns) = game.size();
    let mut screen = vec![0; rows * columns];
    let begin = |game: &mut dyn Game, screen: &mut [u8], random: &mut _| {
        game.begin(random);
        game.draw(screen);
        Frames::begin(rule.frames, screen)
    };
    let mut seen = begin(&mut *game, &mut screen, &mut random);
    let mut curve = vec![];
    for step in 0..rule.steps {
        let action = agent.choose(&seen, rule.epsilon(step), &mut random);
        let outcome = game.step(MOVES[action]);
        game.draw(&mut screen);
        let mut after = seen.clone();
        after.push(&screen);
        replay.push(Transition { before: seen, action, outcome, after: after.clone() });
        seen = if outcome.over { begin(&mut *game, &mut screen, &mut random) } else { after };
        // Before it has seen a few hundred steps, a mini-batch would be the same ones over and over.
        if replay.len() >= 10 * rule.mini_batch_size && step % rule.learn_every == 0 {
            agent.learn(&replay, &mut random).map_err(|e| e.context(format!("{}, step {step}", which.name())))?;
        }
        if step % rule.copy_every == 0 {
            agent.copy()?;
        }
        let done = step + 1;
        if done % (rule.steps / which.evaluations()) == 0 {
            // With random numbers of its own: how often it is asked does not change what it learns.
            let score = round(evaluate(which, &mut agent.network, &mut rng(seed, 11)), 3);
            progress.say(format_args!("{}, seed {seed}, after {done} steps: {score}", which.name()));
            curve.push((done, score));
        }
        progress.step();
    }
    let score = curve.last().map_or(0.0, |(_, score)| *score);
    let seconds = round(machine::seconds() - began, 1);
    Ok((Learned { seed, curve, score, seconds }, agent.network))
}

fn evaluate(which: Which, network: &mut Network<f32>, random: &mut rand_xoshiro::Xoshiro256PlusPlus) -> f64 {
    play(network, which.rule().frames, (0..GAMES).map(|_| which.game()).collect(), random)
}

/// The mean score of random moves.
fn at_random(which: Which, setting: &Setting) -> f64 {
    let (mut random, mut total) = (setting.rng(12), 0.0);
    for _ in 0..GAMES {
        let mut game = which.game();
        game.begin(&mut random);
        while !game.step(MOVES[rand::RngExt::random_range(&mut random, 0..MOVES.len())]).over {}
        total += f64::from(game.score());
    }
    total / GAMES as f64
}

/// A game, screen by screen, as far as a record has room for it.
fn screens(which: Which, network: &mut Network<f32>, setting: &Setting) -> Vec<Picture> {
    /// So many are kept.
    const SCREENS: usize = 120;
    let (mut game, mut x, mut pictures) = (which.game(), vec![], vec![]);
    let (rows, columns) = game.size();
    let mut screen = vec![0; rows * columns];
    game.begin(&mut setting.rng(13));
    game.draw(&mut screen);
    let mut seen = Frames::begin(which.rule().frames, &screen);
    while pictures.len() < SCREENS {
        pictures.push(Picture::new(columns, &screen));
        let action = agent::best(agent::worth(network, [&seen], &mut x))[0];
        let over = game.step(MOVES[action]).over;
        game.draw(&mut screen);
        seen.push(&screen);
        if over {
            pictures.push(Picture::new(columns, &screen));
            break;
        }
    }
    pictures
}
