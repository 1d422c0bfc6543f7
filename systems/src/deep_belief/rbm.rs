//! Restricted Boltzmann machines: two layers of binary units, a weight between each two units of different layers, and
//! none within a layer.
//!
//! A state of visible units v and hidden units h has the energy
//!
//! E(v, h) = −Σᵢ aᵢvᵢ − Σⱼ bⱼhⱼ − Σᵢⱼ vᵢ wᵢⱼ hⱼ,
//!
//! and occurs with a probability proportional to e^(−E). Given one layer, the units of the other are independent, and
//! each is a sigmoid neuron:
//!
//! p(hⱼ = 1 | v) = σ(bⱼ + Σᵢ vᵢ wᵢⱼ), &nbsp; p(vᵢ = 1 | h) = σ(aᵢ + Σⱼ wᵢⱼ hⱼ).
//!
//! Summed over all h, what is left is the *free energy* F(v) = −Σᵢ aᵢvᵢ − Σⱼ ln(1 + e^(bⱼ + Σᵢ vᵢwᵢⱼ)), with p(v) ∝
//! e^(−F(v)); and
//!
//! ∂F/∂wᵢⱼ = −vᵢ p(hⱼ = 1 | v), &nbsp; ∂F/∂bⱼ = −p(hⱼ = 1 | v), &nbsp; ∂F/∂aᵢ = −vᵢ.
//!
//! # Learning
//!
//! The gradient of −ln p(v⁺) is that of F(v⁺) less the mean of that of F(v⁻) over what the machine itself would dream
//! up. *Contrastive divergence* takes for v⁻ what a single step of dreaming makes of the image v⁺ (Hinton 2002);
//! *persistent* contrastive divergence keeps dreams of its own that go on from step to step, whatever the images are
//! (Tieleman 2008). Either way the cost of a mini-batch is the mean of F(v⁺) − F(v⁻), with v⁻ held fixed, and
//! [`Rbm::learn`] makes one step down its gradient.
//!
//! # On the library's kernels
//!
//! v w + b is [`Affine`], forward. Down it is the same with the matrix transposed, of which there is a copy. And the
//! gradient is the one that `affine` has already, xᵀ dy, of a mini-batch that is twice as long: with x = \[v⁺; v⁻\] and
//! dy = \[−h⁺; h⁻\] / n, xᵀ dy is the mean of v⁻h⁻ − v⁺h⁺.

use network3::{
    Activation, Real,
    ops::{Affine, At, Backend, Parameter, Rule, Trainable, Weights, softmax},
};
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

/// A restricted Boltzmann machine.
pub struct Rbm<R> {
    op: Affine,
    /// `[visible, hidden]`
    pub w: Vec<R>,
    /// Visible biases.
    pub a: Vec<R>,
    /// Hidden biases.
    pub b: Vec<R>,
    /// v of the weights, the visible and the hidden biases, for momentum.
    pub velocity: [Vec<R>; 3],
    label: Option<Label>,
    /// `[hidden, visible]`: w transposed.
    down: Vec<R>,
    backend: Box<dyn Backend<R>>,
}

/// The last of the visible units are a label: one unit for each class, of which one is on.
///
/// There are `copies` of each such unit, with weights in common, or the ten of them would be lost beside the five
/// hundred others. What is kept is how many of its copies are on: so for a given label the unit of its class is
/// `copies`, and the others are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// How many classes.
    pub classes: usize,
    /// How many copies of each unit.
    pub copies: usize,
}

/// How far a step goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// The learning rate η.
    pub eta: f64,
    /// The momentum co-efficient μ.
    pub momentum: f64,
    /// The decay of weights; biases do not decay.
    pub decay: f64,
}

impl<R: Real> Rbm<R> {
    /// A machine that knows nothing: small random weights (standard deviation 0.01, as Hinton's guide has it), biases
    /// 0.
    pub fn new(
        (visible, hidden): (usize, usize),
        label: Option<Label>,
        backend: impl Backend<R> + 'static,
        random: &mut Xoshiro256PlusPlus,
    ) -> Self {
        let visible = visible + label.map_or(0, |label| label.classes);
        // The sum of twelve uniform numbers has a variance of one, and is near enough to normal for a beginning.
        let mut normal = || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
        let w: Vec<R> = (0..visible * hidden).map(|_| R::of(0.01 * normal())).collect();
        let zeros = |n| vec![R::zero(); n];
        let mut rbm = Rbm {
            op: Affine { inputs: visible, outputs: hidden },
            velocity: [zeros(w.len()), zeros(visible), zeros(hidden)],
            w,
            a: zeros(visible),
            b: zeros(hidden),
            label,
            down: zeros(visible * hidden),
            backend: Box::new(backend),
        };
        rbm.transpose();
        rbm
    }

    /// How many visible units it has, those of the label among them.
    pub fn visible_units(&self) -> usize {
        self.op.inputs
    }

    /// How many hidden units it has.
    pub fn hidden_units(&self) -> usize {
        self.op.outputs
    }

    /// Visible units that are no label.
    pub fn data_units(&self) -> usize {
        self.op.inputs - self.label.map_or(0, |label| label.classes)
    }

    /// Brings the copy up to date that the way down uses; to be called when `w` was changed from outside.
    pub fn transpose(&mut self) {
        const BLOCK: usize = 16; // a block of both matrices fits the first cache
        let Affine { inputs, outputs } = self.op;
        for i0 in (0..inputs).step_by(BLOCK) {
            for j0 in (0..outputs).step_by(BLOCK) {
                for i in i0..(i0 + BLOCK).min(inputs) {
                    for j in j0..(j0 + BLOCK).min(outputs) {
                        self.down[j * inputs + i] = self.w[i * outputs + j];
                    }
                }
            }
        }
    }

    /// p(h = 1 | v) for each row of `v`: `[n, hidden]`.
    pub fn hidden(&mut self, v: &[R], h: &mut Vec<R>) {
        h.resize(v.len() / self.op.inputs * self.op.outputs, R::zero());
        self.backend.affine_forward(&self.op, v, Weights { w: &self.w, b: &self.b }, h);
        self.backend.activate(Activation::Sigmoid, h);
    }

    /// p(v = 1 | h) for each row of `h`: `[n, visible]`. For the units of a label, how many copies are on to be
    /// expected.
    pub fn visible(&mut self, h: &[R], v: &mut Vec<R>) {
        let Affine { inputs, outputs } = self.op;
        v.resize(h.len() / outputs * inputs, R::zero());
        let down = Affine { inputs: outputs, outputs: inputs };
        self.backend.affine_forward(&down, h, Weights { w: &self.down, b: &self.a }, v);
        let Some(Label { classes, copies }) = self.label else {
            return self.backend.activate(Activation::Sigmoid, v);
        };
        for v in v.chunks_exact_mut(inputs) {
            let (data, label) = v.split_at_mut(inputs - classes);
            self.backend.activate(Activation::Sigmoid, data);
            softmax::forward(label, classes);
            label.iter_mut().for_each(|p| *p *= R::of(copies as f64));
        }
    }

    /// States with the probabilities that [`visible`](Rbm::visible) gave.
    pub fn sample_visible(&self, v: &mut [R], random: &mut Xoshiro256PlusPlus) {
        let Some(Label { classes, copies }) = self.label else {
            return sample(v, random);
        };
        for v in v.chunks_exact_mut(self.op.inputs) {
            let (data, label) = v.split_at_mut(self.op.inputs - classes);
            sample(data, random);
            let expected: Vec<f64> = label.iter().map(|p| p.f64()).collect();
            label.fill(R::zero());
            for _ in 0..copies {
                let mut left = random.random::<f64>() * copies as f64;
                let chosen = expected.iter().position(|p| {
                    left -= p;
                    left < 0.0
                });
                // By rounding the probabilities may add up to a little less than one.
                label[chosen.unwrap_or(classes - 1)] += R::one();
            }
        }
    }

    /// Sets the label of every row.
    pub fn clamp(&self, v: &mut [R], labels: impl IntoIterator<Item = usize>) {
        let Some(Label { classes, copies }) = self.label else { return };
        for (v, class) in v.chunks_exact_mut(self.op.inputs).zip(labels) {
            let label = &mut v[self.op.inputs - classes..];
            label.fill(R::zero());
            label[class] = R::of(copies as f64);
        }
    }

    /// One step of contrastive divergence on the images in the rows of `v`. Returns by how much the reconstruction
    /// differs: the mean over all units of (v⁺ − p(v⁻))².
    pub fn contrastive_divergence(&mut self, v: &[R], pace: &Pace, random: &mut Xoshiro256PlusPlus) -> f64 {
        let (mut h, mut states, mut dream, mut dreamed) = (vec![], vec![], vec![], vec![]);
        self.hidden(v, &mut h);
        states.extend_from_slice(&h);
        sample(&mut states, random);
        self.visible(&states, &mut dream);
        let error = v.iter().zip(&dream).map(|(&v, &dream)| (v - dream).f64().powi(2)).sum::<f64>() / v.len() as f64;
        // Probabilities would be less noise (Hinton's guide, section 3); but states are mostly 0, and the kernels pass
        // over zeros.
        self.sample_visible(&mut dream, random);
        self.hidden(&dream, &mut dreamed);
        self.learn((v, &h), (&dream, &dreamed), pace);
        error
    }

    /// One step of persistent contrastive divergence: `chains` are dreams, as many as there are images, which go on by
    /// one step of sampling.
    pub fn persistent(&mut self, v: &[R], chains: &mut Vec<R>, pace: &Pace, random: &mut Xoshiro256PlusPlus) {
        let (mut h, mut dreamed) = (vec![], vec![]);
        self.hidden(v, &mut h);
        self.gibbs(chains, random);
        self.hidden(chains, &mut dreamed);
        self.learn((v, &h), (chains, &dreamed), pace);
    }

    /// A step of Gibbs sampling: hidden states given `v`, and then `v` given these.
    pub fn gibbs(&mut self, v: &mut Vec<R>, random: &mut Xoshiro256PlusPlus) {
        let mut h = vec![];
        self.hidden(v, &mut h);
        sample(&mut h, random);
        self.visible(&h, v);
        self.sample_visible(v, random);
    }

    /// A step down the gradient of the mean of F(v⁺) − F(v⁻): with rows of v⁺ and v⁻, equally many, each with its p(h =
    /// 1 | v).
    pub fn learn(&mut self, (v, h): (&[R], &[R]), (dream, dreamed): (&[R], &[R]), pace: &Pace) {
        let Affine { inputs, .. } = self.op;
        let n = R::of((v.len() / inputs) as f64);
        let x = [v, dream].concat();
        let mut dy: Vec<R> = h.iter().map(|&h| -h / n).chain(dreamed.iter().map(|&h| h / n)).collect();
        let rule = |decay: f64| Rule { eta: R::of(pace.eta), decay: R::of(decay), momentum: R::of(pace.momentum) };
        let [vw, va, vb] = &mut self.velocity;
        let step = |value, velocity, decay| Parameter::Step { value, velocity: Some(velocity), rule: rule(decay) };
        let trainable = Trainable { w: step(&mut self.w, vw, pace.decay), b: step(&mut self.b, vb, 0.0) };
        let at = At { x: &x, y: &[], dy: &mut dy, dx: None, dead_at_zero: false };
        self.backend.affine_backward(&self.op, at, trainable);
        let mut da = vec![R::zero(); inputs];
        for (v, dream) in v.chunks_exact(inputs).zip(dream.chunks_exact(inputs)) {
            for (da, (&v, &dream)) in da.iter_mut().zip(v.iter().zip(dream)) {
                *da += (dream - v) / n;
            }
        }
        step(&mut self.a, va, 0.0).follow(&da);
        self.transpose();
    }

    /// F(v) for each row of `v`.
    pub fn free_energy(&mut self, v: &[R]) -> Vec<f64> {
        let Affine { inputs, outputs } = self.op;
        let mut z = vec![R::zero(); v.len() / inputs * outputs];
        self.backend.affine_forward(&self.op, v, Weights { w: &self.w, b: &self.b }, &mut z);
        let rows = v.chunks_exact(inputs).zip(z.chunks_exact(outputs));
        let energy = |(v, z): (&[R], &[R])| {
            let visible: f64 = v.iter().zip(&self.a).map(|(v, a)| v.f64() * a.f64()).sum();
            // ln(1 + eᶻ), which must not overflow
            let hidden: f64 = z.iter().map(|z| z.f64().max(0.0) + (-z.f64().abs()).exp().ln_1p()).sum();
            -visible - hidden
        };
        rows.map(energy).collect()
    }
}

/// States with these probabilities: 1 or 0.
pub fn sample<R: Real>(p: &mut [R], random: &mut Xoshiro256PlusPlus) {
    for p in p {
        *p = if R::of(random.random::<f64>()) < *p { R::one() } else { R::zero() };
    }
}
