//! What the first layer of a trained network answers to a digit, and which of its kernels never answer to any.

use crate::{Sources, digits, pixels};
use ndarray::{Array2, Array3, Array4, ArrayView2, Axis, Ix4};
use network3::{
    Network, Pass, Result, Shape, Spec,
    data::digits as drawn,
    ops::{Backend, Conv, Reference, Window},
};

/// Drawn digits that a kernel is tried on before it is called dead.
const TRIALS: usize = 500;

/// The first layer of a trained experiment: convolution, max-pooling, bias and rectification.
pub struct FirstLayer {
    network: Network<f32>,
    conv: Conv,
    /// \[filters, kernel height, kernel width\]
    pub filters: Array3<f32>,
    biases: Vec<f32>,
}

impl FirstLayer {
    /// Of the model of that name, which must work on images like the drawn digits.
    pub fn of(sources: &Sources, experiment: &str) -> Result<Self> {
        let network = sources.network(experiment)?;
        let parameters = network.layers().first().and_then(|layer| layer.parameters());
        let parameters: Option<(_, Vec<f32>)> = parameters
            .and_then(|p| Some((p.w.clone().into_dimensionality::<Ix4>().ok()?, p.b.iter().copied().collect())));
        let parameters = parameters.filter(|(w, _)| w.dim().3 == 1);
        let (filters, biases) = parameters
            .ok_or_else(|| sources.useless(experiment, "its first layer is not made of filters over one map"))?;
        let input = Shape::image(1, digits::SIDE, digits::SIDE);
        let (true, &[Spec::ConvPool { kernel: size, stride, padding, .. }, ..]) =
            (network.input() == input, network.specs())
        else {
            return Err(
                sources.useless(experiment, format!("it does not begin with convolution and pooling of {input}"))
            );
        };
        let conv = Conv::with_window(input, filters.len_of(Axis(0)), Window { size, stride, padding }, 1)?;
        Ok(FirstLayer { network, conv, filters: filters.index_axis_move(Axis(3), 0), biases })
    }

    /// The sums of the convolution alone: \[rows, columns, filters\].
    pub fn convolved(&self, digit: ArrayView2<u8>) -> Array3<f32> {
        let mut y = Array4::zeros((1, self.conv.output_height(), self.conv.output_width(), self.conv.filters));
        let w: Vec<f32> = self.filters.iter().copied().collect();
        Reference.conv_forward(&self.conv, &activations(digit), &w, y.as_slice_mut().expect("standard layout"));
        y.index_axis_move(Axis(0), 0)
    }

    /// With bias and rectification, as if there were no pooling: \[rows, columns, filters\].
    pub fn active(&self, digit: ArrayView2<u8>) -> Array3<f32> {
        let mut y = self.convolved(digit);
        for (mut map, bias) in y.axis_iter_mut(Axis(2)).zip(&self.biases) {
            map.mapv_inplace(|z| (z + bias).max(0.0));
        }
        y
    }

    /// What the layer hands on: \[rows, columns, filters\].
    pub fn pooled(&mut self, digit: ArrayView2<u8>) -> Array3<f32> {
        let shape = self.network.layers()[0].output_shape();
        let mut y = vec![0.0; shape.len()];
        self.network.layers_mut()[0].forward(&mut Reference, &activations(digit), &mut y, Pass::Evaluate);
        let side = (shape.len() / self.conv.filters).isqrt();
        Array3::from_shape_vec((side, side, self.conv.filters), y).expect("a square of maps")
    }

    /// Filters that are above zero nowhere on any of many drawn digits.
    pub fn dead(&self) -> Result<Vec<usize>> {
        let test = drawn(1, 1, TRIALS, 1)?.test;
        let mut digits = vec![];
        for i in 0..test.len() {
            digits.push(activations(digits::image(&test, i)?));
        }
        let mut alone = self.conv;
        alone.filters = 1;
        let mut y = vec![0.0; alone.output_len()];
        let mut answers = |filter: usize, digit: &[f32]| {
            let w: Vec<f32> = self.filters.index_axis(Axis(0), filter).iter().copied().collect();
            y.fill(0.0);
            Reference.conv_forward(&alone, digit, &w, &mut y);
            y.iter().any(|z| z + self.biases[filter] > 0.0)
        };
        Ok((0..self.conv.filters).filter(|&filter| !digits.iter().any(|digit| answers(filter, digit))).collect())
    }

    /// All others, those with the largest weights first.
    pub fn live(&self) -> Result<Vec<usize>> {
        let dead = self.dead()?;
        let mut live: Vec<usize> = (0..self.conv.filters).filter(|filter| !dead.contains(filter)).collect();
        let square = |&f: &usize| self.filters.index_axis(Axis(0), f).iter().map(|w| w * w).sum::<f32>();
        live.sort_by(|a, b| square(b).total_cmp(&square(a)));
        Ok(live)
    }

    /// What three of its live maps show of a digit, in ink, before pooling and after.
    pub fn three(&mut self, digit: ArrayView2<u8>) -> Result<[Vec<Array2<u8>>; 2]> {
        let live = self.live()?;
        let inked = |maps: &Array3<f32>| {
            live.iter().take(3).map(|&filter| pixels::inked(Self::map(maps, filter).view())).collect()
        };
        Ok([inked(&self.active(digit)), inked(&self.pooled(digit))])
    }

    /// One map of several.
    pub fn map(maps: &Array3<f32>, filter: usize) -> Array2<f32> {
        maps.index_axis(Axis(2), filter).to_owned()
    }
}

fn activations(digit: ArrayView2<u8>) -> Vec<f32> {
    digit.iter().map(|&p| f32::from(p) / 256.0).collect()
}
