//! Rectified linear networks, rescaled.

mod corners;
pub mod wrong;

use crate::{Check, Exercise, Random, Verdict, Wrong, compare};
use ndarray::{Array1, Array2};

/// A network: weights `[outputs, inputs]` and biases `[outputs]`, layer by layer.
type Weights = Vec<Array2<f64>>;
type Biases = Vec<Array1<f64>>;

/// What the reader writes.
#[derive(Clone, Copy)]
#[allow(clippy::type_complexity)] // the signatures as the reader sees them
pub struct Answers {
    pub forward: fn(&[Array2<f64>], &[Array1<f64>], &Array1<f64>) -> Array1<f64>,
    pub rescale: fn(&[Array2<f64>], &[Array1<f64>], f64) -> (Weights, Biases),
    pub rescale_probabilities: fn(&Array1<f64>, f64) -> Array1<f64>,
    pub initial_weights: fn(usize, usize, &mut dyn FnMut() -> f64) -> Array2<f64>,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex11_rescaling",
        read_on: "what happens to the gradients, on their way back: exercise 12",
        checks: vec![
            check("forward", "outputs", outputs),
            check("forward", "all shapes and sizes", corners::outputs),
            check("rescale", "without biases", without_biases),
            check("rescale", "with biases", with_biases),
            check("rescale", "any c", corners::any_c),
            check("rescale_probabilities", "as the softmax has it", as_the_softmax_has_it),
            check("rescale_probabilities", "a large factor", large_factor),
            check("rescale_probabilities", "any number of classes", corners::any_probabilities),
            check("initial_weights", "through thirty layers", through_thirty_layers),
            check("initial_weights", "wide and narrow layers", wide_and_narrow),
            check("initial_weights", "mean, variance, independence", corners::distribution),
        ],
    }
    .otherwise(&[
        (
            "forward",
            "does each layer get what comes out of the one before, is its bias added, and is every layer rectified?",
        ),
        ("rescale", "weights times c; the bias of layer l times c^l, with l from 1: is a power another one?"),
        (
            "rescale_probabilities",
            "powers of p, divided by their sum: is one of the two missing, or done in the other order?",
        ),
        ("initial_weights", "is the variance of a weight 2/inputs, and each of them drawn?"),
    ])
}

/// A network with these numbers of neurons; enough of its weights are positive to keep some outputs from being zero.
fn network(random: &mut Random, sizes: &[usize]) -> (Weights, Biases) {
    sizes.windows(2).map(|s| (random.array((s[1], s[0])) + 0.3, random.array(s[1]))).unzip()
}

/// a = f(w a + b), layer by layer; the layer's number goes to f, from 1.
fn through(
    weights: &[Array2<f64>],
    biases: &[Array1<f64>],
    x: &Array1<f64>,
    f: impl Fn(usize, f64) -> f64,
) -> Array1<f64> {
    let layers = (1..).zip(weights.iter().zip(biases));
    layers.fold(x.clone(), |a, (l, (w, b))| (w.dot(&a) + b).mapv(|z| f(l, z)))
}

fn relu(_: usize, z: f64) -> f64 {
    z.max(0.0)
}

fn outputs(a: Answers) -> Verdict {
    let mut random = Random::new(11);
    for sizes in [&[4, 6][..], &[5, 7, 6], &[3, 8, 8, 9]] {
        let (weights, biases) = network(&mut random, sizes);
        let last = weights.len();
        let x = random.array(sizes[0]);
        let without: Biases = biases.iter().map(|b| 0.0 * b).collect();
        compare("outputs", &through(&weights, &biases, &x, relu), &(a.forward)(&weights, &biases, &x))
            .suspect(
                &through(&weights, &biases, &x, |l, z| if l == last { z } else { z.max(0.0) }),
                "the last layer is not rectified: here all layers are, the outputs too",
            )
            .suspect(&through(&weights, &biases, &x, |_, z| z), "no layer is rectified")
            .suspect(&through(&weights, &without, &x, relu), "the biases are missing")
            .verdict()?;
    }
    Ok(())
}

/// The rescaled network's tensors have the shapes of the old ones, and its weights are c times the old ones.
fn weights_times_c(a: Answers, weights: &Weights, biases: &Biases, c: f64) -> Result<(Weights, Biases), Wrong> {
    let (w, b) = (a.rescale)(weights, biases, c);
    if w.len() != weights.len() || b.len() != biases.len() {
        let (expected, got) = (format!("{0} and {0}", weights.len()), format!("{} and {}", w.len(), b.len()));
        return Err(Wrong::new(format!("how many weight matrices and bias vectors: expected {expected}, got {got}")));
    }
    for (l, (old, new)) in weights.iter().zip(&w).enumerate() {
        let power = c.powi(weights.len() as i32);
        compare(&format!("rescaled by c = {c}: weights[{l}]"), &(c * old), new)
            .suspect(old, "these are the old weights")
            .suspect(&(power * old), "c^(L−1) is what the outputs are multiplied by; each weight is multiplied by c")
            .verdict()?;
    }
    for (l, (old, new)) in biases.iter().zip(&b).enumerate() {
        if old.shape() != new.shape() {
            compare(&format!("biases[{l}]"), old, new).verdict()?;
        }
    }
    Ok((w, b))
}

/// The outputs of the rescaled network are c^(L−1) times those of the old one.
fn outputs_grow(a: Answers, (weights, biases): (Weights, Biases), c: f64, random: &mut Random) -> Verdict {
    let (w, b) = weights_times_c(a, &weights, &biases, c)?;
    let factor = c.powi(weights.len() as i32);
    for _ in 0..5 {
        let x = random.array(weights[0].ncols());
        let would_be = |power: fn(usize, usize) -> usize| {
            let biases: Biases = (1..).zip(&biases).map(|(l, b)| c.powi(power(l, weights.len()) as i32) * b).collect();
            through(&w, &biases, &x, relu)
        };
        let what = format!("rescaled by c = {c}, L = {}: outputs", weights.len() + 1);
        compare(&what, &(factor * through(&weights, &biases, &x, relu)), &through(&w, &b, &x, relu))
            .suspect(
                &would_be(|_, _| 0),
                "the biases have been left alone: they are now too small or too large \
                beside w a",
            )
            .suspect(
                &would_be(|_, _| 1),
                "all biases have been multiplied by c. That is right in the first layer. But what comes into the \
                    second has grown by c \
                 already, and w a there by c²",
            )
            .suspect(&would_be(|l, _| l - 1), "each bias lacks one factor c: does l count from 0?")
            .suspect(&would_be(|l, n| n + 1 - l), "the powers of c are in reverse order: c¹ belongs to the first layer")
            .suspect(
                &would_be(|_, n| n),
                "all biases have been multiplied by c^(L−1): that is right in the last \
                layer only",
            )
            .verdict()?;
    }
    Ok(())
}

fn without_biases(a: Answers) -> Verdict {
    let mut random = Random::new(12);
    for (sizes, c) in [(&[4, 6, 5][..], 3.0), (&[3, 7, 8, 5], 0.25), (&[5, 4], 1.5)] {
        let (weights, biases) = network(&mut random, sizes);
        let biases = biases.iter().map(|b| 0.0 * b).collect();
        outputs_grow(a, (weights, biases), c, &mut random)?;
    }
    Ok(())
}

fn with_biases(a: Answers) -> Verdict {
    let mut random = Random::new(13);
    for (sizes, c) in [(&[4, 6, 5, 6][..], 3.0), (&[3, 7, 8, 5, 4], 0.25), (&[5, 4], 1.5)] {
        let network = network(&mut random, sizes);
        outputs_grow(a, network, c, &mut random)?;
    }
    Ok(())
}

fn softmax(z: &Array1<f64>) -> Array1<f64> {
    let mut p = z.to_vec();
    network3::ops::softmax::forward(&mut p, z.len());
    Array1::from(p)
}

fn as_the_softmax_has_it(a: Answers) -> Verdict {
    let mut random = Random::new(14);
    for factor in [3.0, 0.5, 8.0] {
        let z: Array1<f64> = 3.0 * random.array(5);
        let p = softmax(&z);
        let powers = p.mapv(|p| p.powf(factor));
        compare(
            &format!("factor {factor}: probabilities"),
            &softmax(&(factor * &z)),
            &(a.rescale_probabilities)(&p, factor),
        )
        .suspect(&p, "they have not changed. But e^(cz) is not c·e^z: a factor before z does not cancel")
        .suspect(&(factor * &p), "they do not sum to 1; and it is z that has been multiplied, not e^z")
        .suspect(&powers, "they do not sum to 1: these powers are yet to be divided by their sum")
        .suspect(&softmax(&(factor * &p)), "this is the softmax of factor·p: z is the logarithm of p, up to a constant")
        .verdict()?;
    }
    Ok(())
}

fn large_factor(a: Answers) -> Verdict {
    let p = ndarray::arr1(&[0.2, 0.1, 0.4, 0.3]);
    let (expected, got) = (ndarray::arr1(&[0.0, 0.0, 1.0, 0.0]), (a.rescale_probabilities)(&p, 4000.0));
    let all_zero =
        "0.4 to the power of 4000 is smaller than any number of type f64 except 0, so the sum of such powers is 0, too";
    compare("factor 4000: probabilities", &expected, &got)
        .suspect(&p, "they have not changed")
        .verdict()
        .map_err(|wrong| if got.iter().all(|p| p.is_nan()) { wrong.because(all_zero) } else { wrong })
}

/// The mean of a² in each layer over the mean of x², on average over networks with such weights.
fn growth(a: Answers, sizes: &[usize], networks: usize) -> Result<Vec<f64>, Wrong> {
    let mut random = Random::new(15);
    let mut growth = vec![0.0; sizes.len() - 1];
    let square = |a: &Array1<f64>| a.dot(a) / a.len() as f64;
    for _ in 0..networks {
        let x: Array1<f64> = random.array(sizes[0]);
        let mut signal = x.clone();
        for (s, growth) in sizes.windows(2).zip(&mut growth) {
            let w = (a.initial_weights)(s[0], s[1], &mut || random.normal());
            if w.dim() != (s[1], s[0]) {
                let (expected, got) = ([s[1], s[0]], w.shape());
                return Err(Wrong::new(format!(
                    "weights from {} inputs to {} outputs: expected shape {expected:?}, got {got:?}",
                    s[0], s[1]
                )));
            }
            signal = w.dot(&signal).mapv(|z| z.max(0.0));
            *growth += square(&signal) / square(&x) / networks as f64;
        }
    }
    Ok(growth)
}

/// Is it within 1/most … most in every layer?
fn kept(a: Answers, sizes: &[usize], networks: usize, most: f64) -> Verdict {
    let growth = growth(a, sizes, networks)?;
    let Some(layer) = growth.iter().position(|g| !(1.0 / most..=most).contains(g)) else { return Ok(()) };
    let what = format!(
        "mean of a² after layer {} ({} inputs, {} neurons), over the mean of x²: expected about 1, got {:.4}",
        layer + 1,
        sizes[layer],
        sizes[layer + 1],
        growth[layer]
    );
    let wrong = Wrong::new(what);
    Err(match deviation(a) {
        Some(cause) => wrong.because(cause),
        None => wrong.or_because("the weights are too large or too small: what becomes of the mean of z², and of a²?"),
    })
}

/// Which formula the weights look like.
fn deviation(a: Answers) -> Option<&'static str> {
    let mut random = Random::new(16);
    let (inputs, outputs) = (100.0f64, 300.0f64);
    let w = (a.initial_weights)(100, 300, &mut || random.normal());
    let deviation = w.std(0.0);
    let formulas = [
        (0.0, "all weights are equal: then all neurons are, and remain so"),
        (
            (1.0 / inputs).sqrt(),
            "the standard deviation is √(1/inputs). That keeps z as large as x; but then half of it is cut off",
        ),
        (
            (1.0 / outputs).sqrt(),
            "the standard deviation is √(1/outputs): but it is over the inputs that a neuron sums",
        ),
        (
            (2.0 / outputs).sqrt(),
            "the standard deviation is √(2/outputs): but it is over the inputs that a neuron sums",
        ),
        (
            (2.0 / (inputs + outputs)).sqrt(),
            "the standard deviation is √(2/(inputs + outputs)): a compromise, made for tanh, which cuts nothing off",
        ),
        (2.0 / inputs, "the standard deviation is 2/inputs: is that the variance?"),
        (1.0, "the standard deviation is 1, however many inputs there are to sum over"),
    ];
    formulas.iter().find(|(formula, _)| (deviation - formula).abs() <= 0.03 * formula).map(|(_, words)| *words)
}

fn through_thirty_layers(a: Answers) -> Verdict {
    kept(a, &[200; 31], 5, 10.0)
}

fn wide_and_narrow(a: Answers) -> Verdict {
    kept(a, &[300, 100, 300, 100, 300, 100, 300], 20, 2.0)
}
