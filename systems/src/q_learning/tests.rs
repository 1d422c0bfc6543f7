use super::{
    Which,
    agent::{Agent, Rule, best, worth},
    game::{BRICK, BRIGHT, Breakout, Catch, Game, MOVES, Move, Outcome},
    replay::{Frames, Replay, Transition},
    terminal::lines,
};
use crate::kit::rng;
use network3::{Activation, Spec};
use rand::RngExt;

fn screen(game: &dyn Game) -> Vec<u8> {
    let (rows, columns) = game.size();
    let mut screen = vec![7; rows * columns];
    game.draw(&mut screen);
    screen
}

/// The column of the only bright pixel in a row.
fn bright(screen: &[u8], columns: usize, row: usize) -> Option<usize> {
    screen[row * columns..][..columns].iter().position(|&p| p == BRIGHT)
}

#[test]
fn a_ball_falls_straight_and_is_caught_by_who_is_under_it() {
    let (mut game, mut random) = (Catch::new(10, 5), rng(1, 0));
    for number in 0..200 {
        game.begin(&mut random);
        let ball = bright(&screen(&game), 5, 0).unwrap();
        let follow = number % 2 == 0;
        for row in 1..10 {
            let paddle = bright(&screen(&game), 5, 9).unwrap();
            let towards = match paddle.cmp(&ball) {
                std::cmp::Ordering::Less => Move::Right,
                std::cmp::Ordering::Equal => Move::Stay,
                std::cmp::Ordering::Greater => Move::Left,
            };
            // Who does not follow runs to the far side, where there is always room enough to miss it.
            let away = if ball >= 2 { Move::Left } else { Move::Right };
            let Outcome { reward, over } = game.step(if follow { towards } else { away });
            assert_eq!(over, row == 9);
            let expected = f32::from(u8::from(over)) * if follow { 1.0 } else { -1.0 };
            assert_eq!(reward, expected);
            if !over {
                assert_eq!(bright(&screen(&game), 5, row), Some(ball));
            }
        }
        assert_eq!(game.score(), if follow { 1.0 } else { 0.0 });
    }
}

#[test]
fn the_paddle_stays_in_the_field() {
    for which in [Which::SmallCatch, Which::Breakout] {
        for action in [Move::Left, Move::Right] {
            let mut game = which.game();
            let (rows, columns) = game.size();
            game.begin(&mut rng(2, 0));
            while !game.step(action).over {
                let bright = screen(&*game)[(rows - 1) * columns..].iter().filter(|&&p| p == BRIGHT).count();
                assert_eq!(bright, if which == Which::Breakout { 2 } else { 1 });
            }
        }
    }
}

#[test]
fn the_ball_comes_back_from_sides_ceiling_and_paddle() {
    // From the right side
    let mut game = Breakout::new().with_ball((5, 7), (true, true));
    game.step(Move::Stay);
    assert_eq!(game.ball(), (6, 6));
    // From the paddle's right pixel to the right, from its left one to the left; it is at 3 and 4
    for (from, right, then) in [((8, 3), true, (7, 4)), ((8, 4), false, (7, 3))] {
        let mut game = Breakout::new().with_ball(from, (true, right));
        assert_eq!(game.step(Move::Stay), Outcome { reward: 0.0, over: false });
        assert_eq!(game.ball(), from, "to come back takes a step");
        game.step(Move::Stay);
        assert_eq!(game.ball(), then);
    }
    // Past the paddle
    let mut game = Breakout::new().with_ball((8, 6), (true, true));
    assert_eq!(game.step(Move::Stay), Outcome { reward: -1.0, over: true });
    // From the ceiling, and above the wall
    let mut game = Breakout::new().with_ball((0, 3), (false, true));
    let Outcome { reward, over } = game.step(Move::Stay);
    assert_eq!((reward, over), (1.0, false), "there is a brick below the first row");
    game.step(Move::Stay);
    assert_eq!(game.ball(), (1, 4), "and the ceiling sends it down again, through the hole");
}

#[test]
fn a_brick_that_is_hit_is_gone_and_pays() {
    let mut game = Breakout::new().with_ball((4, 2), (false, true));
    assert_eq!(screen(&game)[3 * 8 + 3], BRICK);
    assert_eq!(game.step(Move::Stay), Outcome { reward: 1.0, over: false });
    let after = screen(&game);
    assert_eq!((after[3 * 8 + 3], game.ball(), game.score()), (0, (4, 2), 1.0));
    game.step(Move::Stay);
    assert_eq!(game.ball(), (5, 3));
    game.begin(&mut rng(3, 0));
    assert_eq!(game.score(), 0.0, "a new game has a whole wall");
}

#[test]
fn rewards_add_up_to_the_bricks_and_no_game_is_endless() {
    let mut random = rng(4, 0);
    for _ in 0..50 {
        let mut game = Breakout::new();
        game.begin(&mut random);
        let (mut steps, mut sum) = (0, 0.0);
        loop {
            let outcome = game.step(MOVES[random.random_range(0..3)]);
            (steps, sum) = (steps + 1, sum + outcome.reward.max(0.0));
            let (row, column) = game.ball();
            assert!(row < 10 && column < 8 && steps <= 500);
            if outcome.over {
                break;
            }
        }
        assert_eq!(sum, game.score());
    }
}

#[test]
fn frames_are_in_order_and_nothing_of_the_last_game_is_in_them() {
    let mut frames = Frames::begin(3, &[1, 2]);
    assert_eq!(frames.pixels(), [1, 1, 1, 2, 2, 2]);
    frames.push(&[3, 4]);
    frames.push(&[5, 6]);
    assert_eq!(frames.pixels(), [1, 3, 5, 2, 4, 6]);
    assert_eq!(Frames::begin(3, &[9, 9]).pixels(), [9; 6]);
}

fn transition(number: u8, outcome: Outcome) -> Transition {
    let frames = |p| Frames::begin(1, &[p; 12]);
    Transition {
        before: frames(number),
        action: usize::from(number) % 3,
        outcome,
        after: frames(number.wrapping_add(1)),
    }
}

const NOTHING: Outcome = Outcome { reward: 0.0, over: false };

#[test]
fn the_memory_forgets_the_oldest_and_draws_all_others_alike() {
    let (mut replay, mut random) = (Replay::new(8), rng(5, 0));
    assert!(replay.draw(&mut random).is_none());
    for number in 0..21 {
        replay.push(transition(number, NOTHING));
    }
    assert_eq!(replay.len(), 8);
    let (draws, mut seen) = (8000, [0_i32; 21]);
    for _ in 0..draws {
        seen[usize::from(replay.draw(&mut random).unwrap().before.pixels()[0])] += 1;
    }
    assert!(seen[..13].iter().all(|&n| n == 0), "they are forgotten: {seen:?}");
    // χ² of eight classes with 1,000 each: 24.3 is passed once in a thousand times.
    let chi_squared: f64 = seen[13..].iter().map(|&n| f64::from(n - 1000).powi(2) / 1000.0).sum();
    assert!(chi_squared < 24.3, "{seen:?}");
}

fn agent(rule: Rule) -> Agent {
    Agent::new((4, 3), &[Spec::fully_connected(8, Activation::Relu)], rule, 1, 1).unwrap()
}

fn rule() -> Rule {
    Rule { frames: 1, discount: 0.5, eta: 0.01, ..Which::SmallCatch.rule() }
}

#[test]
fn what_a_move_is_taught() {
    let mut agent = agent(rule());
    let over = transition(100, Outcome { reward: -1.0, over: true });
    let on = transition(200, Outcome { reward: 0.25, over: false });
    let q = worth(&mut agent.network, [&on.after], &mut vec![]).to_owned();
    let best = q.iter().fold(f32::NEG_INFINITY, |m, &q| m.max(q));
    assert_eq!(agent.aims(&[&over, &on]), [-1.0, 0.25 + 0.5 * best], "at first both networks are the same");
}

#[test]
fn only_the_move_that_was_made_learns_and_the_copy_waits() {
    let mut agent = agent(rule());
    let (mut replay, mut random) = (Replay::new(10), rng(6, 0));
    let seen = transition(100, Outcome { reward: 1.0, over: true });
    replay.push(seen.clone());
    let on = transition(99, NOTHING); // what comes after it is what was seen
    let before = agent.aims(&[&on]);
    let costs: Vec<f64> = (0..300).map(|_| agent.learn(&replay, &mut random).unwrap()).collect();
    assert!(costs[299] < 1e-4 * costs[0].max(0.1), "{} {}", costs[0], costs[299]);
    let q = worth(&mut agent.network, [&seen.before], &mut vec![]).to_owned();
    assert!((q[[0, seen.action]] - 1.0).abs() < 0.02, "{q}");
    assert_eq!(agent.aims(&[&on]), before, "Q⁻ does not move");
    agent.copy().unwrap();
    assert!(agent.aims(&[&on])[0] >= 0.45, "and now it does: 0.5 of what the move is worth");
}

#[test]
fn random_moves_become_fewer() {
    let rule = Rule { steps: 100, explore: 0.5, exploration: 0.1, ..rule() };
    assert_eq!([0, 25, 50, 99].map(|step| (rule.epsilon(step) * 100.0).round()), [100.0, 55.0, 10.0, 10.0]);
    let (mut agent, mut random, frames) = (agent(rule), rng(7, 0), Frames::begin(1, &[255; 12]));
    let greedy = best(worth(&mut agent.network, [&frames], &mut vec![]))[0];
    let mut count = |epsilon| (0..600).filter(|_| agent.choose(&frames, epsilon, &mut random) == greedy).count();
    assert_eq!(count(0.0), 600);
    // A third of random moves is the best one by chance: 200, with a standard deviation of 12.
    assert!((150..250).contains(&count(1.0)));
}

#[test]
fn a_network_learns_to_catch() {
    // A tiny field, so that it takes less than a second
    let (mut game, rule) = (Catch::new(4, 3), Rule { steps: 1500, ..rule() });
    let mut agent = Agent::new((4, 3), &[Spec::fully_connected(32, Activation::Relu)], rule.clone(), 1, 1).unwrap();
    let (mut random, mut replay, mut screen) = (rng(8, 0), Replay::new(1000), vec![0; 12]);
    game.begin(&mut random);
    game.draw(&mut screen);
    let mut seen = Frames::begin(1, &screen);
    for step in 0..rule.steps {
        let action = agent.choose(&seen, rule.epsilon(step), &mut random);
        let outcome = game.step(MOVES[action]);
        game.draw(&mut screen);
        let after = Frames::begin(1, &screen);
        replay.push(Transition { before: seen, action, outcome, after: after.clone() });
        seen = after;
        if outcome.over {
            game.begin(&mut random);
            game.draw(&mut screen);
            seen = Frames::begin(1, &screen);
        }
        agent.learn(&replay, &mut random).unwrap();
        if step % 100 == 0 {
            agent.copy().unwrap();
        }
    }
    let score = super::play(&mut agent.network, 1, vec![Catch::new(4, 3); 200], &mut random);
    assert!(score > 0.95, "{score}");
}

#[test]
fn a_screen_as_text() {
    assert_eq!(lines((2, 2), &[0, BRICK, BRIGHT, 0]), ["┌────┐", "│  ▒▒│", "│██  │", "└────┘"]);
}
