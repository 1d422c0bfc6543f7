//! Kernels that answer to no image.

mod corners;
pub mod wrong;

use crate::{Check, Exercise, Random, Verdict, Wrong};
use ndarray::{Array1, Array3, Axis, Ix4};
use network3::{Activation, Habits, Network, Shape, Spec, data};
use solutions::ex18_dead_units as solution;

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub dead: fn(&Array3<f64>, &Array1<f64>, &Array3<f64>) -> Vec<usize>,
    pub hopeless: fn(&Array3<f64>, &Array1<f64>) -> Vec<usize>,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex18_dead_units",
        read_on: "how the book counts them, in the section on shared weights, and `src/habits.rs`",
        checks: vec![
            check("dead", "one image", one_image),
            check("dead", "several images", several_images),
            check("dead", "exactly zero", corners::zero),
            check("dead", "all shapes", corners::shapes),
            check("dead", "a new network of the chapter", new_network),
            check("hopeless", "made-up kernels", made_up_kernels),
            check("hopeless", "exactly zero", corners::nothing_left),
            check("hopeless", "all shapes and sizes", corners::any_kernels),
            check("hopeless", "no image wakes them, and an image wakes all others", corners::the_best_image),
        ],
    }
    .otherwise(&[
        (
            "dead",
            "is it active in any window of any image? Then it is not dead: is an `any` an `all`, or a `!` missing?",
        ),
        ("hopeless", "the bias plus all positive weights: is that compared with zero, the right way round?"),
    ])
}

/// Kernels, biases and images with pixels from 0 to 1: some of the kernels are dead, some only on some images.
fn layer(random: &mut Random, filters: usize, kernel: (usize, usize), images: (usize, usize, usize)) -> Layer {
    let w = random.array((filters, kernel.0, kernel.1));
    let reach = (kernel.0 * kernel.1) as f64 / 3.0;
    let b = Array1::from_shape_simple_fn(filters, || reach * (random.number() - 0.5));
    Layer { w, b, images: random.array(images).mapv(|x: f64| if x < 0.0 { 0.0 } else { x }) }
}

struct Layer {
    w: Array3<f64>,
    b: Array1<f64>,
    images: Array3<f64>,
}

/// Compares lists of filters; a mistake that leads to what was got is named as the cause.
fn same(what: &str, expected: &[usize], got: &[usize], suspects: &[(Vec<usize>, &str)]) -> Verdict {
    if got == expected {
        return Ok(());
    }
    let wrong = Wrong::new(format!("{what}:\n  expected {expected:?}\n  got      {got:?}"));
    let mut sorted = got.to_vec();
    sorted.sort_unstable();
    if sorted == expected {
        return Err(wrong.because("these are the right ones, in another order: the smallest comes first"));
    }
    match suspects.iter().find(|(would_be, _)| would_be == got) {
        Some((_, cause)) => Err(wrong.because(*cause)),
        None => Err(wrong),
    }
}

fn judged(a: Answers, what: &str, Layer { w, b, images }: &Layer) -> Verdict {
    let suspects = wrong::DEAD.map(|(f, why)| (f(w, b, images), why));
    same(what, &solution::dead(w, b, images), &(a.dead)(w, b, images), &suspects)
}

fn one_image(a: Answers) -> Verdict {
    (1..=8).try_for_each(|seed| {
        judged(a, "dead kernels of 40, on one image", &layer(&mut Random::new(1800 + seed), 40, (3, 3), (1, 7, 6)))
    })
}

fn several_images(a: Answers) -> Verdict {
    (1..=8).try_for_each(|seed| {
        judged(a, "dead kernels of 12, on three images", &layer(&mut Random::new(1810 + seed), 12, (3, 2), (3, 4, 5)))
    })
}

/// The first layer of the chapter's network, before it has learned anything, on drawn digits.
fn new_network(a: Answers) -> Verdict {
    let library = |e: network3::Error| Wrong::new(e.to_string());
    let digits = data::digits(1, 1, 20, 1).map_err(library)?.test;
    let pixel = |(i, row, column)| f64::from(digits.image(i)[28 * row + column]) / 256.0;
    let images = Array3::from_shape_fn((digits.len(), 28, 28), pixel);
    for (habits, name) in [(Habits::faithful(), "faithful"), (Habits::corrected(), "corrected")] {
        let layers = [Spec::conv_pool(20, (5, 5), (2, 2), Activation::Relu), Spec::softmax(10)];
        let network: Network<f32> = Network::new(Shape::image(1, 28, 28), &layers).map_err(library)?;
        let network = network.with_seed(1).with_habits(habits);
        let parameters = network.layers()[0].parameters();
        let Some((w, b)) = parameters.and_then(|p| Some((p.w.clone().into_dimensionality::<Ix4>().ok()?, &p.b))) else {
            return Err(Wrong::new("a convolution has weights of four dimensions"));
        };
        let w = w.index_axis_move(Axis(3), 0).mapv(f64::from);
        let b = b.iter().map(|&b| f64::from(b)).collect();
        judged(a, &format!("dead kernels of 20, {name}, new, on 20 digits"), &Layer { w, b, images: images.clone() })?;
    }
    Ok(())
}

fn made_up_kernels(a: Answers) -> Verdict {
    (1..=8).try_for_each(|seed| {
        let random = &mut Random::new(1820 + seed);
        let Layer { w, mut b, .. } = layer(random, 15, (3, 3), (1, 3, 3));
        b *= 2.0;
        let suspects = wrong::HOPELESS.map(|(f, why)| (f(&w, &b), why));
        same("hopeless kernels of 15", &solution::hopeless(&w, &b), &(a.hopeless)(&w, &b), &suspects)
    })
}
