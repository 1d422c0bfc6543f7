//! The smallest thing that can be trained: softmax regression, with momentum, written plainly.

use ndarray::{Array2, ArrayD, ArrayView2, arr1};
use network3::{
    Error, Result, Shape,
    train::{Batch, LayerNorms, Learner, State, Step},
};

/// One weight for every pixel and class, class after class, and one bias for every class.
#[derive(Clone, Debug, PartialEq)]
pub struct Regression {
    pixels: usize,
    w: Vec<f32>,
    velocity: Vec<f32>,
}

const CLASSES: usize = 10;

impl Regression {
    pub fn new(pixels: usize) -> Self {
        Regression { pixels, w: vec![0.0; CLASSES * (pixels + 1)], velocity: vec![0.0; CLASSES * (pixels + 1)] }
    }

    /// The mean cost of a mini-batch and its gradient, biases last.
    fn gradient(&mut self, batch: &Batch) -> Result<(f64, Vec<f32>)> {
        let probabilities = self.probabilities(batch.x)?;
        let (mut cost, mut dw) = (0.0, vec![0.0; self.w.len()]);
        for ((x, p), &label) in batch.x.rows().into_iter().zip(probabilities.rows()).zip(batch.labels) {
            cost -= f64::from(p[usize::from(label)]).ln();
            for (class, p) in p.iter().enumerate() {
                let delta = p - if class == usize::from(label) { 1.0 } else { 0.0 };
                let row = &mut dw[class * self.pixels..][..self.pixels];
                row.iter_mut().zip(x).for_each(|(dw, x)| *dw += delta * x / batch.labels.len() as f32);
                dw[CLASSES * self.pixels + class] += delta / batch.labels.len() as f32;
            }
        }
        Ok((cost / batch.labels.len() as f64, dw))
    }
}

impl Learner for Regression {
    fn input(&self) -> Shape {
        Shape::Flat(self.pixels)
    }

    fn train(&mut self, batch: &Batch, step: &Step) -> Result<f64> {
        let (cost, dw) = self.gradient(batch)?;
        let weights = CLASSES * self.pixels;
        for (i, ((w, v), dw)) in self.w.iter_mut().zip(&mut self.velocity).zip(dw).enumerate() {
            let decay = if i < weights { step.decay as f32 * *w } else { 0.0 };
            *v = step.momentum as f32 * *v - step.eta as f32 * (dw + decay);
            *w += *v;
        }
        Ok(cost)
    }

    fn probabilities(&mut self, x: ArrayView2<f32>) -> Result<Array2<f32>> {
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

    fn norms(&mut self, batch: &Batch, _: &Step) -> Result<Vec<LayerNorms>> {
        let norm = |x: &[f32]| x.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
        let (_, dw) = self.gradient(batch)?;
        Ok(vec![LayerNorms { layer: "0 Softmax".into(), weights: norm(&self.w), gradient: norm(&dw) }])
    }

    fn state(&self) -> State {
        vec![("w".into(), arr1(&self.w).into_dyn()), ("velocity".into(), arr1(&self.velocity).into_dyn())]
    }

    fn restore(&mut self, state: &[(String, ArrayD<f32>)]) -> Result<()> {
        let [(_, w), (_, velocity)] = state else { return Err(Error::input("this is no softmax regression")) };
        (self.w, self.velocity) = (w.iter().copied().collect(), velocity.iter().copied().collect());
        Ok(())
    }
}
