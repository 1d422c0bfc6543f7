//! The smallest thing that can be trained, softmax regression with momentum, written plainly; and a small run.

use ndarray::{Array2, ArrayView2, arr1};
use network3::{
    Error, LayerNorms, Learner, Result, Shape, State, Step,
    data::{Examples, Splits, digits},
    train::{HyperParameters, Schedule, Stopping, Trainer},
};

/// One weight for every pixel and class, class after class, and one bias for every class.
#[derive(Clone, Debug, PartialEq)]
pub struct Regression {
    pixels: usize,
    w: Vec<f32>,
    velocity: Vec<f32>,
    costs: (f64, usize),
}

const CLASSES: usize = 10;

impl Regression {
    pub fn new(pixels: usize) -> Self {
        let zeros = vec![0.0; CLASSES * (pixels + 1)];
        Regression { pixels, w: zeros.clone(), velocity: zeros, costs: (0.0, 0) }
    }

    /// The mean cost of a mini-batch and its gradient, biases last.
    fn gradient(&mut self, examples: &Examples) -> Result<(f64, Vec<f32>)> {
        let probabilities = self.probabilities(examples)?;
        let (mut x, mut labels) = (vec![], vec![]);
        examples.gather(&mut x, &mut labels);
        let (mut cost, mut dw) = (0.0, vec![0.0; self.w.len()]);
        for ((x, p), &label) in x.chunks_exact(self.pixels).zip(probabilities.rows()).zip(&labels) {
            cost -= f64::from(p[usize::from(label)]).ln();
            for (class, p) in p.iter().enumerate() {
                let delta = p - if class == usize::from(label) { 1.0 } else { 0.0 };
                let row = &mut dw[class * self.pixels..][..self.pixels];
                row.iter_mut().zip(x).for_each(|(dw, x)| *dw += delta * x / labels.len() as f32);
                dw[CLASSES * self.pixels + class] += delta / labels.len() as f32;
            }
        }
        Ok((cost / labels.len() as f64, dw))
    }
}

impl Learner for Regression {
    fn input(&self) -> Shape {
        Shape::Flat(self.pixels)
    }

    fn train(&mut self, examples: &Examples, step: &Step) -> Result<()> {
        let (cost, dw) = self.gradient(examples)?;
        let weights = CLASSES * self.pixels;
        for (i, ((w, v), dw)) in self.w.iter_mut().zip(&mut self.velocity).zip(dw).enumerate() {
            let decay = if i < weights { step.decay as f32 * *w } else { 0.0 };
            *v = step.momentum as f32 * *v - step.eta as f32 * (dw + decay);
            *w += *v;
        }
        self.costs = (self.costs.0 + cost * examples.len() as f64, self.costs.1 + examples.len());
        Ok(())
    }

    fn mean_cost(&mut self) -> Result<f64> {
        let (total, n) = std::mem::take(&mut self.costs);
        Ok(total / n as f64)
    }

    fn probabilities(&mut self, examples: &Examples) -> Result<Array2<f32>> {
        let mut x = vec![];
        examples.gather(&mut x, &mut vec![]);
        let x = ArrayView2::from_shape((examples.len(), self.pixels), &x).map_err(|e| Error::input(e.to_string()))?;
        let w = ArrayView2::from_shape((CLASSES, self.pixels), &self.w[..CLASSES * self.pixels]);
        let mut a = x.dot(&w.map_err(|e| Error::input(e.to_string()))?.t()) + &arr1(&self.w[CLASSES * self.pixels..]);
        for mut row in a.rows_mut() {
            let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            row.mapv_inplace(|z| (z - largest).exp());
            let sum = row.sum();
            row /= sum;
        }
        Ok(a)
    }

    fn norms(&mut self, examples: &Examples, _: &Step) -> Result<Vec<LayerNorms>> {
        let norm = |x: &[f32]| x.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
        let (_, dw) = self.gradient(examples)?;
        Ok(vec![LayerNorms { layer: "0 Softmax".into(), weights: norm(&self.w), gradient: norm(&dw) }])
    }

    fn state(&self) -> State {
        vec![("w".into(), arr1(&self.w).into_dyn()), ("velocity".into(), arr1(&self.velocity).into_dyn())]
    }

    fn restore(&mut self, state: &State) -> Result<()> {
        let [(_, w), (_, velocity)] = &state[..] else { return Err(Error::input("this is no softmax regression")) };
        (self.w, self.velocity) = (w.iter().copied().collect(), velocity.iter().copied().collect());
        Ok(())
    }
}

pub fn small() -> Splits {
    digits(200, 50, 50, 1).unwrap()
}

pub fn hyper_parameters(epochs: usize) -> HyperParameters {
    HyperParameters {
        mini_batch_size: 10,
        eta: Schedule::HalveOnStall { from: 0.1, patience: 1 },
        lambda: 0.1,
        momentum: 0.5,
        stopping: Stopping::Epochs(epochs),
    }
}

pub fn trainer(splits: &Splits, hyper: HyperParameters) -> Trainer<'_> {
    Trainer::new(splits, hyper).unwrap().with_seed(7).unwrap()
}
