//! The gradients of a whole network.

use super::{Report, check};
use crate::{Error, Label, Network, Pass, Result, network::layer_name};
use ndarray::{Array1, ArrayD, IxDyn};

/// Checks all that [`Network::gradient`] computes: for the input (called `input`) and for the weights and biases of
/// every layer (called `1 ConvPool.w` and so on, counted from 1).
///
/// Dropout needs no care: the masks of a [`Pass::Train`] are the same whenever its iteration is.
///
/// # Errors
/// When `x` and `labels` are not the same number of inputs, at least one, or a label is not one of the classes.
///
/// ```
/// use network3::{Activation, Cost, Network, Pass, Shape, Spec, gradcheck::check_network};
/// let layers = [Spec::conv_pool(2, (3, 3), (2, 2), Activation::Tanh), Spec::softmax(3)];
/// let mut network = Network::reference(Shape::image(1, 6, 6), &layers, Cost::LogLikelihood)?;
/// let x: Vec<f64> = (0..72).map(|k| (k as f64).sin()).collect();
/// let report = check_network(&mut network, &x, &[0, 2], Pass::Evaluate)?;
/// assert!(report.passes(1e-6), "{report}");
/// # Ok::<(), network3::Error>(())
/// ```
pub fn check_network(network: &mut Network<f64>, x: &[f64], labels: &[Label], pass: Pass) -> Result<Report> {
    let (n, input) = (labels.len(), network.input());
    let classes = network.output().len();
    if n == 0 || x.len() != n * input.len() {
        let expected = format!("{n} inputs of {input}, one for each label, and at least one");
        return Err(Error::shape("gradient check", expected, format!("{} numbers", x.len())));
    }
    if let Some(label) = labels.iter().find(|&&label| usize::from(label) >= classes) {
        return Err(Error::input(format!("gradient check: label {label} is not one of the {classes} classes")));
    }
    let shape = match input {
        crate::Shape::Image { maps, height, width } => vec![n, height, width, maps],
        crate::Shape::Flat(units) => vec![n, units],
    };
    let array =
        |x: &[f64]| Array1::from(x.to_vec()).into_shape_with_order(IxDyn(&shape)).expect("as long as its shape");
    let (_, dx) = network.gradient(x, labels, pass);
    let (mut tensors, mut gradients) = (vec![("input".to_string(), array(x))], vec![array(dx)]);
    for (path, name, p) in network.parameters() {
        if let Some((dw, db)) = p.gradient() {
            let name = layer_name(&path, name);
            tensors.extend([(format!("{name}.w"), p.w.clone()), (format!("{name}.b"), p.b.clone())]);
            gradients.extend([dw.clone(), db.clone()]);
        }
    }
    let set = |network: &mut Network<f64>, parameters: &mut dyn Iterator<Item = &ArrayD<f64>>| {
        for (_, p) in network.parameters_mut() {
            for (to, from) in [&mut p.w, &mut p.b].into_iter().zip(&mut *parameters) {
                to.assign(from);
            }
        }
    };
    let report = check(&tensors, &gradients, |point| {
        set(network, &mut point[1..].iter());
        network.cost(point[0].as_slice().expect("row-major"), labels, pass)
    });
    set(network, &mut tensors[1..].iter().map(|(_, x)| x));
    report
}
