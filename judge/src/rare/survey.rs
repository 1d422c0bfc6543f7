//! What the chapter surveys: exercises 19 to 25.

use super::rare;
use crate::{
    WrongAnswer, ex19_normalisation as ex19, ex20_through_time as ex20, ex21_lstm as ex21, ex22_margins as ex22,
    ex23_contrastive_divergence as ex23, ex24_adversarial as ex24, ex25_batch_normalisation as ex25,
};
use ndarray::{Array2, Array3, Axis, Zip, s};
use solutions::{
    ex19_normalisation as normalisation, ex20_through_time as time, ex21_lstm as lstm, ex22_margins as margins,
    ex23_contrastive_divergence as machine, ex24_adversarial as adversarial, ex25_batch_normalisation as batch,
};

const MAPS: ex19::Answers = ex19::Answers {
    neighbours: normalisation::neighbours,
    forward: normalisation::forward,
    backward: normalisation::backward,
};
const TIME: ex20::Answers = ex20::Answers { forward: time::forward, errors: time::errors, gradients: time::gradients };
const CELL: ex21::Answers = ex21::Answers { gates: lstm::gates, step: lstm::step, backward: lstm::backward };
const MARGINS: ex22::Answers = ex22::Answers {
    output_size: margins::output_size,
    margins: margins::margins,
    rank: margins::rank,
    top_accuracy: margins::top_accuracy,
};
const MACHINE: ex23::Answers = ex23::Answers {
    hidden: machine::hidden,
    visible: machine::visible,
    free_energy: machine::free_energy,
    contrastive_divergence: machine::contrastive_divergence,
};

const NORMALISED: ex25::Answers = ex25::Answers {
    moments: batch::moments,
    forward: batch::forward,
    parameter_gradients: batch::parameter_gradients,
    input_gradient: batch::input_gradient,
};

const FOOLED: ex24::Answers = ex24::Answers {
    fast_gradient_sign: adversarial::fast_gradient_sign,
    within: adversarial::within,
    iterated: adversarial::iterated,
    smallest_epsilon: adversarial::smallest_epsilon,
};

pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        rare(
            "wraps-at-the-largest",
            "c + side + 1, which can be more than a number holds.",
            ("neighbours", "narrow, wide and very large"),
            ex19::exercise(ex19::Answers {
                neighbours: |c, size, maps| {
                    c.saturating_sub(size / 2)..c.wrapping_add(size / 2).wrapping_add(1).min(maps)
                },
                ..MAPS
            }),
        ),
        rare(
            "running-sum",
            "Sums of squares are differences of running sums: beside a loud map, soft ones are lost.",
            ("forward", "all shapes, sizes and constants"),
            ex19::exercise(ex19::Answers { forward: running_sum, ..MAPS }),
        ),
        rare(
            "tanh-overflows",
            "tanh by its formula, which is infinity over infinity for large z.",
            ("forward", "one step and hundreds, tiny and huge"),
            ex20::exercise(ex20::Answers {
                forward: |w, u, b, x, h0| {
                    let mut h = Array2::zeros((x.nrows(), b.len()));
                    let mut state = h0.clone();
                    for (x, mut row) in x.rows().into_iter().zip(h.rows_mut()) {
                        let z = w.dot(&x) + u.dot(&state) + b;
                        state = z.mapv(|z| (z.exp() - (-z).exp()) / (z.exp() + (-z).exp()));
                        row.assign(&state);
                    }
                    h
                },
                ..TIME
            }),
        ),
        rare(
            "cut-off-after-a-hundred",
            "Errors go back a hundred steps at most.",
            ("errors", "one step and hundreds, tiny and huge"),
            ex20::exercise(ex20::Answers {
                errors: |u, h, dh| {
                    let mut delta = Array2::zeros(h.raw_dim());
                    for t in 0..h.nrows() {
                        let seen = s![t..h.nrows().min(t + 100), ..];
                        let errors = time::errors(u, &h.slice(seen).to_owned(), &dh.slice(seen).to_owned());
                        delta.row_mut(t).assign(&errors.row(0));
                    }
                    delta
                },
                ..TIME
            }),
        ),
        rare(
            "infinity-by-infinity",
            "σ as e^z / (1 + e^z).",
            ("gates", "all shapes, tiny and huge"),
            ex21::exercise(ex21::Answers {
                gates: |w, u, b, x, h| {
                    let z = w.dot(x) + u.dot(h) + b;
                    Array2::from_shape_fn((4, h.len()), |(gate, unit)| {
                        let z = z[gate * h.len() + unit];
                        if gate == 3 { z.tanh() } else { z.exp() / (1.0 + z.exp()) }
                    })
                },
                ..CELL
            }),
        ),
        rare(
            "state-within-bounds",
            "A state is held between −50 and 50, where tanh is 1 anyway.",
            ("step", "shut, open, tiny and huge"),
            ex21::exercise(ex21::Answers {
                step: |gates, c| {
                    let (h, c) = lstm::step(gates, c);
                    (h, c.mapv(|c| c.clamp(-50.0, 50.0)))
                },
                ..CELL
            }),
        ),
        rare(
            "new-less-what-was-kept",
            "i ∘ g is taken to be c − f ∘ c⁻: where the state is large, nothing of it is left.",
            ("backward", "shut, open, tiny and huge"),
            ex21::exercise(ex21::Answers {
                backward: |gates, c, dh, dc| {
                    let (mut dz, before) = lstm::backward(gates, c, dh, dc);
                    let (_, after) = lstm::step(gates, c);
                    for k in 0..c.len() {
                        let (i, f) = (gates[[0, k]], gates[[1, k]]);
                        let shown = after[k].tanh();
                        let dc = dc[k] + dh[k] * gates[[2, k]] * (1.0 - shown * shown);
                        dz[[0, k]] = dc * (after[k] - f * c[k]) * (1.0 - i);
                    }
                    (dz, before)
                },
                ..CELL
            }),
        ),
        rare(
            "wraps-at-the-largest",
            "The margins are added to an input that is as large as a number can be.",
            ("output_size", "zeros and the largest numbers"),
            ex22::exercise(ex22::Answers {
                output_size: |input, kernel, stride, (before, after)| {
                    margins::output_size(input.wrapping_add(before).wrapping_add(after), kernel, stride, (0, 0))
                },
                ..MARGINS
            }),
        ),
        rare(
            "nearly-equal-is-equal",
            "Scores that differ by less than 1e-9 count as equal.",
            ("rank", "any scores"),
            ex22::exercise(ex22::Answers {
                rank: |scores, class| margins::rank(&scores.mapv(|s| (s * 1e9).round()), class),
                ..MARGINS
            }),
        ),
        rare(
            "logarithm-of-infinity",
            "ln(1 + e^z), where e^z is infinite.",
            ("free_energy", "all shapes, tiny and huge"),
            ex23::exercise(ex23::Answers {
                free_energy: |w, a, b, v| -v.dot(a) - (v.dot(w) + b).mapv(|z| z.exp().ln_1p()).sum_axis(Axis(1)),
                ..MACHINE
            }),
        ),
        rare(
            "on-where-equal",
            "A unit is on where its random number is p itself, so that one whose p is 0 may be on.",
            ("contrastive_divergence", "certain units, and random numbers at the edge"),
            ex23::exercise(ex23::Answers {
                contrastive_divergence: |w, a, b, v, uniform| {
                    let p = machine::hidden(w, b, v);
                    // As the solution would draw where a number that is equal were a little less.
                    let less = Zip::from(&p).and(uniform).map_collect(|&p, &u| if u == p { -1.0 } else { u });
                    machine::contrastive_divergence(w, a, b, v, &less)
                },
                ..MACHINE
            }),
        ),
        rare(
            "faint-gradients-are-none",
            "A gradient of less than 1e-9 counts as zero: that of a network that is sure of its answer is smaller.",
            ("fast_gradient_sign", "no gradient, tiny and huge ones, at the edges"),
            ex24::exercise(ex24::Answers {
                fast_gradient_sign: |x, dx, epsilon| {
                    let dx = dx.mapv(|dx| if dx.abs() < 1e-9 { 0.0 } else { dx });
                    adversarial::fast_gradient_sign(x, &dx, epsilon)
                },
                ..FOOLED
            }),
        ),
        rare(
            "zero-by-zero",
            "A neuron without weights whose z is zero is asked for 0/0.",
            ("smallest_epsilon", "zeros, tiny and huge"),
            ex24::exercise(ex24::Answers {
                smallest_epsilon: |w, b, x| (w.dot(x) + b).abs() / w.mapv(f64::abs).sum(),
                ..FOOLED
            }),
        ),
        rare(
            "difference-of-squares",
            "The variance is the mean of x² less μ²: far from zero these are nearly equal, and rounding is all that is left.",
            ("moments", "one example, tiny, huge, and far from zero"),
            ex25::exercise(ex25::Answers {
                moments: |x| {
                    let m = x.nrows() as f64;
                    let mean = x.sum_axis(Axis(0)) / m;
                    let squares = x.mapv(|x| x * x).sum_axis(Axis(0)) / m;
                    (mean.clone(), squares - &mean * &mean)
                },
                ..NORMALISED
            }),
        ),
    ]
}

fn running_sum(x: &Array3<f64>, size: usize, k: f64, alpha: f64, beta: f64) -> Array3<f64> {
    let mut sums = x.mapv(|x| x * x);
    sums.accumulate_axis_inplace(Axis(2), |&before, sum| *sum += before);
    Array3::from_shape_fn(x.raw_dim(), |(i, j, c)| {
        let neighbours = normalisation::neighbours(c, size, x.dim().2);
        let below = if neighbours.start == 0 { 0.0 } else { sums[[i, j, neighbours.start - 1]] };
        let sum = sums[[i, j, neighbours.end - 1]] - below;
        x[[i, j, c]] / (k + alpha * sum).powf(beta)
    })
}
