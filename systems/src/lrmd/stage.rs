//! A stage: locally connected filters, L2 pooling of pairs, local contrast normalisation; and how its filters are
//! learned from images that nobody has labelled.
//!
//! # The cost
//!
//! For each place, with W its filters, x the numbers of its window, z = xW and s the pools,
//!
//! C = (1/N) Σₙ ( ‖x − zWᵀ‖² + λ Σⱼ sⱼ ), &nbsp; sⱼ = √(ε + z₂ⱼ² + z₂ⱼ₊₁²).
//!
//! The first term wants the window back from the filters' answers: so they must not forget what they saw. The second
//! wants few pools to answer at a time: so each must stand for something that occurs. Labels occur in neither.
//!
//! # Its gradient
//!
//! With e = zWᵀ − x, the answers have ∂C/∂z = (1/N)(2eW + λ z/s), and the filters, which occur twice,
//!
//! ∂C/∂W = xᵀ ∂C/∂z + (2/N) eᵀ z.
//!
//! Both products are those of a fully-connected layer: one from the window to the answers, one back with Wᵀ as its
//! weights.

use super::{contrast::Contrast, local::Local, pooling};
use network3::{
    Pieces, Real, Threads,
    ops::{Adaptive, Affine, At, Backend, Optimiser, Parameter, Trainable, Weights},
};
use rand::{Rng, RngExt};

/// Makes what computes the layers of one place.
pub type Make<R> = dyn Fn() -> Box<dyn Backend<R>>;

/// A stage of the network.
pub struct Stage<R> {
    /// Its windows.
    pub local: Local,
    places: Vec<Place<R>>,
    contrast: Contrast,
}

/// The filters of one place, and memory for their work.
struct Place<R> {
    /// `[inputs, filters]`
    w: Vec<R>,
    adam: Optimiser<R>,
    backend: Box<dyn Backend<R>>,
    patches: Vec<R>,
    z: Vec<R>,
    s: Vec<R>,
    /// Of the mini-batch at hand.
    cost: f64,
}

/// What a pass forward leaves for the one back, for some grids.
pub struct Traces<R> {
    /// `[n, places, filters]`
    z: Vec<R>,
    /// `[n, places, pools]`
    s: Vec<R>,
    v: Vec<R>,
    sigma: Vec<R>,
}

impl<R: Real> Place<R> {
    /// C, and ∂C/∂W added to nothing, for the patches at hand.
    fn gradient(&mut self, local: &Local, lambda: f64, dw: &mut Vec<R>) -> f64 {
        let (encoder, decoder) = (local.encoder(), local.decoder());
        let n = self.patches.len() / encoder.inputs;
        let per_example = |x: f64| R::of(x / n as f64);

        // Forward: answers, pools, and the window as they have it
        self.encode(&encoder, n);
        let back = transposed(&self.w, &encoder);
        let mut e = vec![R::zero(); self.patches.len()];
        let zeros = vec![R::zero(); decoder.outputs.max(encoder.outputs)];
        self.backend.affine_forward(&decoder, &self.z, Weights { w: &back, b: &zeros[..decoder.outputs] }, &mut e);
        e.iter_mut().zip(&self.patches).for_each(|(e, &x)| *e -= x);
        let error: f64 = e.iter().map(|e| e.f64().powi(2)).sum();
        let pools: f64 = self.s.iter().map(|s| s.f64()).sum();

        // Back: through the decoder to the answers, from the pools too, and then to the filters
        e.iter_mut().for_each(|e| *e *= per_example(2.0));
        let (mut dz, mut dback) = (vec![R::zero(); self.z.len()], vec![R::zero(); back.len()]);
        let at = At { x: &self.z, y: &[], dy: &mut e, dx: Some(&mut dz), dead_at_zero: false };
        accumulate(&mut *self.backend, &decoder, at, &back, &mut dback);
        pooling::backward(&self.z, &self.s, &vec![per_example(lambda); self.s.len()], &mut dz);
        *dw = transposed(&dback, &decoder);
        let at = At { x: &self.patches, y: &[], dy: &mut dz, dx: None, dead_at_zero: false };
        accumulate(&mut *self.backend, &encoder, at, &self.w, dw);
        (error + lambda * pools) / n as f64
    }

    /// Answers and pools for the patches at hand.
    fn encode(&mut self, encoder: &Affine, n: usize) {
        self.z.resize(n * encoder.outputs, R::zero());
        self.s.resize(self.z.len() / pooling::PAIR, R::zero());
        let weights = Weights { w: &self.w, b: &vec![R::zero(); encoder.outputs] };
        self.backend.affine_forward(encoder, &self.patches, weights, &mut self.z);
        pooling::forward(&self.z, &mut self.s);
    }
}

/// The gradient of a fully-connected layer's weights is added to `dw`; there are no biases.
fn accumulate<R: Real>(backend: &mut dyn Backend<R>, op: &Affine, at: At<R>, w: &[R], dw: &mut [R]) {
    let (b, mut db) = (vec![R::zero(); op.outputs], vec![R::zero(); op.outputs]);
    let w = Parameter::Accumulate { value: w, gradient: dw };
    let b = Parameter::Accumulate { value: &b, gradient: &mut db };
    backend.affine_backward(op, at, Trainable { w, b });
}

/// The weights of a layer, rows and columns exchanged.
fn transposed<R: Real>(w: &[R], op: &Affine) -> Vec<R> {
    (0..w.len()).map(|k| w[k % op.inputs * op.outputs + k / op.inputs]).collect()
}

impl<R: Real> Stage<R> {
    /// Filters drawn around zero, each as long as a unit vector on average.
    pub fn new(local: Local, make: &Make<R>, random: &mut impl Rng) -> Self {
        // Uniform numbers up to a have variance a²/3.
        let a = (3.0 / local.encoder().inputs as f64).sqrt();
        let weights = local.encoder().inputs * local.filters;
        let place = |_| Place {
            w: (0..weights).map(|_| R::of(a * (2.0 * random.random::<f64>() - 1.0))).collect(),
            adam: Optimiser::new(Adaptive::ADAM),
            backend: make(),
            patches: vec![],
            z: vec![],
            s: vec![],
            cost: 0.0,
        };
        let places = (0..local.places()).map(place).collect();
        Stage { local, places, contrast: Contrast::new(local.outputs(), local.filters / pooling::PAIR) }
    }

    /// Pools of each place: maps of the grid that comes out.
    pub fn pools(&self) -> usize {
        self.local.filters / pooling::PAIR
    }

    /// Numbers of one grid that comes out.
    pub fn output_len(&self) -> usize {
        self.local.places() * self.pools()
    }

    /// How many weights there are.
    pub fn parameters(&self) -> usize {
        self.places.iter().map(|place| place.w.len()).sum()
    }

    /// The filters of all places, one place after the other.
    pub fn weights(&self) -> Vec<R> {
        self.places.iter().flat_map(|place| place.w.iter().copied()).collect()
    }

    /// Takes filters back.
    ///
    /// # Panics
    /// When there are more or fewer.
    pub fn set_weights(&mut self, w: &[R]) {
        assert_eq!(w.len(), self.parameters());
        let size = w.len() / self.places.len();
        self.places.iter_mut().zip(w.chunks_exact(size)).for_each(|(place, w)| place.w.copy_from_slice(w));
    }

    /// One step on some grids, at all places side by side. Returns the cost before it, summed over places.
    pub fn learn(&mut self, threads: &Threads, grids: &[R], lambda: f64, eta: f64) -> f64 {
        let local = self.local;
        threads.for_each(Pieces(&mut self.places, 1), |k, place| {
            let (place, mut dw) = (&mut place[0], vec![]);
            local.gather(k, grids, &mut place.patches);
            place.cost = place.gradient(&local, lambda, &mut dw);
            place.adam.step(eta, 1.0, [(&mut place.w[..], &dw[..])]);
        });
        self.places.iter().map(|place| place.cost).sum()
    }

    /// The cost of some grids and its gradient with respect to all filters.
    pub fn gradient(&mut self, grids: &[R], lambda: f64) -> (f64, Vec<R>) {
        let (mut cost, mut all, mut dw) = (0.0, vec![], vec![]);
        for (k, place) in self.places.iter_mut().enumerate() {
            self.local.gather(k, grids, &mut place.patches);
            cost += place.gradient(&self.local, lambda, &mut dw);
            all.append(&mut dw);
        }
        (cost, all)
    }

    /// What comes out for some grids, and what the way back needs.
    pub fn forward(&mut self, threads: &Threads, grids: &[R]) -> (Vec<R>, Traces<R>) {
        let (local, pools, contrast) = (self.local, self.pools(), &self.contrast);
        let n = grids.len() / local.input_len();
        threads.for_each(Pieces(&mut self.places, 1), |k, place| {
            local.gather(k, grids, &mut place[0].patches);
            place[0].encode(&local.encoder(), n);
        });

        // From each place's own memory into grids
        let places = self.places.len();
        let (mut z, mut s) = (Vec::with_capacity(n * places * local.filters), Vec::with_capacity(n * places * pools));
        for k in 0..n {
            for place in &self.places {
                z.extend_from_slice(&place.z[k * local.filters..][..local.filters]);
                s.extend_from_slice(&place.s[k * pools..][..pools]);
            }
        }
        let (mut v, mut y) = (vec![R::zero(); s.len()], vec![R::zero(); s.len()]);
        let (mut sigma, len) = (vec![R::zero(); n * places], places * pools);
        let work = (Pieces(&mut v, len), (Pieces(&mut y, len), Pieces(&mut sigma, places)));
        threads.for_each(work, |k, (v, (y, sigma))| contrast.forward(&s[k * len..][..len], v, y, sigma));
        (y, Traces { z, s, v, sigma })
    }

    /// ∂C/∂grids, given ∂C/∂y.
    pub fn backward(&mut self, traces: &Traces<R>, mut d: Vec<R>) -> Vec<R> {
        let (local, pools, contrast) = (self.local, self.pools(), &self.contrast);
        let (places, encoder) = (self.places.len(), local.encoder());
        let (len, n) = (places * pools, d.len() / (places * pools));
        for (k, d) in d.chunks_exact_mut(len).enumerate() {
            contrast.backward(&traces.v[k * len..][..len], &traces.sigma[k * places..][..places], d);
        }
        let mut dz = vec![R::zero(); traces.z.len()];
        pooling::backward(&traces.z, &traces.s, &d, &mut dz);
        let mut grids = vec![R::zero(); n * local.input_len()];
        for (p, place) in self.places.iter().enumerate() {
            // A patch's gradient is a layer forward, with the weights transposed
            let back = transposed(&place.w, &encoder);
            let mut patches = vec![R::zero(); n * encoder.inputs];
            for (k, patch) in patches.chunks_exact_mut(encoder.inputs).enumerate() {
                let dz = &dz[(k * places + p) * local.filters..][..local.filters];
                for (back, &dz) in back.chunks_exact(encoder.inputs).zip(dz) {
                    patch.iter_mut().zip(back).for_each(|(sum, &w)| *sum += dz * w);
                }
            }
            local.scatter(p, &patches, &mut grids);
        }
        grids
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::rng;
    use ndarray::{ArrayD, arr1};
    use network3::{
        gradcheck::check,
        ops::{Fast, Reference},
    };
    use std::sync::Arc;

    fn stage<R: Real>(make: &Make<R>) -> Stage<R> {
        Stage::new(Local::new((4, 5), 2, 3, 1, 4).unwrap(), make, &mut rng(1, 0))
    }

    fn reference() -> Stage<f64> {
        stage(&|| Box::new(Reference))
    }

    /// Three grids.
    fn grids() -> ArrayD<f64> {
        let mut random = rng(2, 0);
        ArrayD::from_shape_simple_fn(&[3, 4, 5, 2][..], || 2.0 * random.random::<f64>() - 1.0)
    }

    #[test]
    fn the_gradient_of_the_cost() {
        let (mut stage, x) = (reference(), grids());
        let x = x.as_slice().unwrap();
        let (_, dw) = stage.gradient(x, 0.7);
        let w = arr1(&stage.weights()).into_dyn();
        let cost = |t: &[ArrayD<f64>]| {
            stage.set_weights(t[0].as_slice().unwrap());
            stage.gradient(x, 0.7).0
        };
        let report = check(&[("w", w)], &[arr1(&dw).into_dyn()], cost).unwrap();
        assert!(report.passes(1e-6), "{report}");
    }

    #[test]
    fn the_gradient_of_what_comes_out() {
        let (mut stage, x, one) = (reference(), grids(), Threads::one());
        let (y, traces) = stage.forward(&one, x.as_slice().unwrap());
        let mut random = rng(3, 0);
        let c: Vec<f64> = y.iter().map(|_| random.random::<f64>() - 0.5).collect();
        let dx = ArrayD::from_shape_vec(x.raw_dim(), stage.backward(&traces, c.clone())).unwrap();
        let f = |t: &[ArrayD<f64>]| {
            let (y, _) = stage.forward(&one, t[0].as_slice().unwrap());
            y.iter().zip(&c).map(|(y, c)| y * c).sum::<f64>()
        };
        let report = check(&[("x", x)], &[dx], f).unwrap();
        assert!(report.passes(1e-6), "{report}");
    }

    #[test]
    fn fast_is_the_same_as_the_definition_on_any_number_of_threads() {
        let one = Arc::new(Threads::one());
        let mut reference = reference();
        let x = grids();
        let x32: Vec<f32> = x.iter().map(|&x| x as f32).collect();
        let (cost, dw) = reference.gradient(x.as_slice().unwrap(), 0.7);
        let results = [1, 2].map(|count| {
            let one = one.clone();
            let mut fast: Stage<f32> = stage(&move || Box::new(Fast::new(one.clone())));
            let (fast_cost, fast_dw) = fast.gradient(&x32, 0.7);
            assert!((cost - fast_cost).abs() < 1e-4 * cost, "{cost} {fast_cost}");
            assert!(dw.iter().zip(&fast_dw).all(|(a, &b)| (a - f64::from(b)).abs() < 1e-4), "{dw:?} {fast_dw:?}");
            let threads = Threads::new(count).unwrap();
            let costs: Vec<f64> = (0..20).map(|_| fast.learn(&threads, &x32, 0.7, 0.01)).collect();
            assert!(costs[19] < 0.9 * costs[0], "{costs:?}");
            (costs, fast.forward(&threads, &x32).0)
        });
        assert_eq!(results[0], results[1]);
    }
}
