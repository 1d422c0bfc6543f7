//! A network that learns what moves are worth.
//!
//! The worth Q(s, a) of move a in a situation s is the reward that it brings, and what comes after, if one goes on as
//! well as one can, where each step's delay makes a reward count γ times: Q(s, a) = r + γ maxₐ′ Q(s′, a′), and r alone
//! if the game is over (Bellman's equation). A network has an output for each move. Of a step that was seen, the
//! right-hand side can be computed, with the network as it is; and then the output of the move that was made is taught
//! it, by the quadratic cost
//!
//! C = (1/2n) Σ (Q(s, a) − y)², &nbsp; y = r + γ maxₐ′ Q⁻(s′, a′).
//!
//! Only one output has a gradient: ∂C/∂Q(s, a) = (Q(s, a) − y)/n for the move that was made, 0 for the others, of which
//! nothing was learned. Q⁻ is a copy of the network, renewed now and then: or every step would move what it aims at
//! (Mnih and others 2015).

use super::{
    game::{Game, MOVES},
    replay::{Frames, Replay, Transition},
};
use ndarray::ArrayView2;
use network3::{
    Activation, Cost, Error, Learner, Network, Pass, Result, Shape, Spec,
    ops::{Adaptive, Optimiser, softmax::argmax},
};
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

/// How an agent learns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Screens that it sees at once.
    pub frames: usize,
    /// Steps of the game.
    pub steps: usize,
    /// A step of gradient descent after every so many steps of the game.
    pub learn_every: usize,
    /// Transitions in a mini-batch.
    pub mini_batch_size: usize,
    /// Transitions that are remembered.
    pub memory: usize,
    /// The learning rate η of Adam.
    pub eta: f64,
    /// γ
    pub discount: f64,
    /// The part of random moves falls from 1 to `exploration` over this fraction of all steps.
    pub explore: f64,
    /// What it falls to.
    pub exploration: f64,
    /// Q⁻ becomes Q after every so many steps of the game.
    pub copy_every: usize,
}

impl Rule {
    /// ε, the part of random moves, in a step.
    pub fn epsilon(&self, step: usize) -> f64 {
        let done = step as f64 / (self.explore * self.steps as f64);
        (1.0 - (1.0 - self.exploration) * done).max(self.exploration)
    }
}

/// A network Q, and its copy.
pub struct Agent {
    /// What it knows.
    pub network: Network<f32>,
    target: Network<f32>,
    optimiser: Optimiser<f32>,
    rule: Rule,
    x: Vec<f32>,
    after: Vec<f32>,
    dy: Vec<f32>,
}

impl Agent {
    /// An agent for screens of that size that knows nothing.
    ///
    /// # Errors
    /// When layers do not fit.
    pub fn new(
        (rows, columns): (usize, usize),
        hidden: &[Spec],
        rule: Rule,
        threads: usize,
        seed: u64,
    ) -> Result<Self> {
        let shape = Shape::image(rule.frames, rows, columns);
        let layers = [hidden, &[Spec::fully_connected(MOVES.len(), Activation::Linear)]].concat();
        let network = || Network::for_cost(shape, &layers, Cost::Quadratic)?.with_threads(threads);
        let (network, target) = (network()?.with_seed(seed), network()?.with_seed(seed));
        let optimiser = Optimiser::new(Adaptive::ADAM);
        Ok(Agent { network, target, optimiser, rule, x: vec![], after: vec![], dy: vec![] })
    }

    /// The move to make: with probability ε any, else that which is worth most.
    pub fn choose(&mut self, frames: &Frames, epsilon: f64, random: &mut Xoshiro256PlusPlus) -> usize {
        if random.random::<f64>() < epsilon {
            return random.random_range(0..MOVES.len());
        }
        best(worth(&mut self.network, [frames], &mut self.x))[0]
    }

    /// A step of gradient descent on transitions from the memory. Returns the cost before it.
    ///
    /// # Errors
    /// When it is no finite number.
    pub fn learn(&mut self, replay: &Replay, random: &mut Xoshiro256PlusPlus) -> Result<f64> {
        let n = self.rule.mini_batch_size;
        let batch: Vec<&Transition> = (0..n).filter_map(|_| replay.draw(random)).collect();
        let aims = self.aims(&batch);
        let worth = worth(&mut self.network, batch.iter().map(|t| &t.before), &mut self.x);
        self.dy.clear();
        self.dy.resize(worth.len(), 0.0);
        let mut cost = 0.0;
        for (k, ((t, y), q)) in batch.iter().zip(aims).zip(worth.rows()).enumerate() {
            let error = q[t.action] - y;
            self.dy[k * MOVES.len() + t.action] = error / n as f32;
            cost += f64::from(error).powi(2) / (2.0 * n as f64);
        }
        if !cost.is_finite() {
            return Err(Error::diverged(format!("the cost is {cost}")).advice("try a smaller learning rate"));
        }
        let mut parameters = self.network.parameters_mut();
        parameters.iter_mut().for_each(|(_, p)| p.clear_gradients());
        self.network.backward(&self.x, &self.dy, None);
        let mut parameters = self.network.parameters_mut();
        let pairs = parameters.iter_mut().filter_map(|(_, p)| p.with_gradients()).flatten();
        self.optimiser.step(self.rule.eta, 1.0, pairs);
        Ok(cost)
    }

    /// y = r + γ maxₐ′ Q⁻(s′, a′) for each transition, and r where the game was over.
    pub fn aims(&mut self, batch: &[&Transition]) -> Vec<f32> {
        let worth = worth(&mut self.target, batch.iter().map(|t| &t.after), &mut self.after);
        let aim = |(t, q): (&&Transition, ndarray::ArrayView1<f32>)| match t.outcome.over {
            true => t.outcome.reward,
            false => t.outcome.reward + self.rule.discount as f32 * q.fold(f32::NEG_INFINITY, |m, &q| m.max(q)),
        };
        batch.iter().zip(worth.rows()).map(aim).collect()
    }

    /// Q⁻ becomes Q.
    ///
    /// # Errors
    /// None, as both have the same layers.
    pub fn copy(&mut self) -> Result<()> {
        self.target.restore(&self.network.state())
    }
}

/// What a network holds each move to be worth, in each of these situations: `[situations, moves]`. `x` is left with its
/// inputs.
pub fn worth<'n, 'f>(
    network: &'n mut Network<f32>,
    situations: impl IntoIterator<Item = &'f Frames>,
    x: &mut Vec<f32>,
) -> ArrayView2<'n, f32> {
    x.clear();
    for frames in situations {
        x.extend(frames.pixels().iter().map(|&p| f32::from(p) / 255.0));
    }
    network.forward(x, Pass::Evaluate)
}

/// In each situation the move that is worth most.
pub fn best(worth: ArrayView2<f32>) -> Vec<usize> {
    worth.rows().into_iter().map(argmax).collect()
}

/// Games that are played side by side by a network that makes no random move. Returns the mean score.
pub fn play<G: Game>(
    network: &mut Network<f32>,
    frames: usize,
    mut games: Vec<G>,
    random: &mut Xoshiro256PlusPlus,
) -> f64 {
    let (count, mut x) = (games.len(), vec![]);
    let Some((rows, columns)) = games.first().map(Game::size) else { return 0.0 };
    let mut screen = vec![0; rows * columns];
    let mut seen: Vec<Frames> = vec![];
    for game in &mut games {
        game.begin(random);
        game.draw(&mut screen);
        seen.push(Frames::begin(frames, &screen));
    }
    let mut score = 0.0;
    while !games.is_empty() {
        let moves = best(worth(network, &seen, &mut x));
        for k in (0..games.len()).rev() {
            if games[k].step(MOVES[moves[k]]).over {
                score += f64::from(games.swap_remove(k).score());
                seen.swap_remove(k);
            } else {
                games[k].draw(&mut screen);
                seen[k].push(&screen);
            }
        }
    }
    score / count as f64
}
