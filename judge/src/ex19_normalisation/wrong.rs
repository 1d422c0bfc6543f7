//! What goes wrong when maps compete.

use super::{Answers, Constants, exercise};
use crate::{Exercise, WrongAnswer};
use ndarray::Array3;
use solutions::ex19_normalisation as solution;
use std::ops::Range;

/// The solution, as the start of a wrong answer.
const RIGHT: Answers =
    Answers { neighbours: solution::neighbours, forward: solution::forward, backward: solution::backward };

/// A mistake, and words to tell it by what comes of it.
type Mistake<F> = (F, &'static str);
type Neighbours = fn(usize, usize, usize) -> Range<usize>;
type Forward = fn(&Array3<f64>, Constants) -> Array3<f64>;
type Backward = fn(&Array3<f64>, &Array3<f64>, Constants) -> Array3<f64>;

pub(super) const NEIGHBOURS: [Mistake<Neighbours>; 4] = [
    (last_missing, "the last neighbour is missing: the end of a range does not belong to it"),
    (size_each_side, "these are size maps on each side; size counts all of them, map c in the middle"),
    (before_only, "these are the maps before c, and c; half of the neighbours come after it"),
    (
        |c, size, maps| c.saturating_sub(size / 2)..c.saturating_sub(size / 2).saturating_add(size).min(maps),
        "at the beginning it is moved along: what is cut off on one side is not made up for on the other",
    ),
];

pub(super) const FORWARD: [Mistake<Forward>; 9] = [
    (alpha_over_size, "α is divided by size, as some libraries do: here it is not"),
    (without_itself, "the unit's own square is missing in the sum: it is one of its neighbours"),
    (wraps_around, "the maps wrap around: the first has no neighbour before it, and the last none after"),
    (neighbouring_pixels, "neighbours are in other maps at the same place, not beside it in the same map"),
    (|x, (size, _, alpha, beta)| with_sums(x, size, beta, |sum, _| alpha * sum), "k is missing"),
    (|x, (size, k, alpha, _)| solution::forward(x, size, k, alpha, 1.0), "the exponent β is missing: this is x / s"),
    (
        |x, (size, k, alpha, beta)| solution::forward(x, size, k, alpha, -beta),
        "multiplied where it should be divided: loud neighbours make a unit softer",
    ),
    (plain_sums, "nothing was squared"),
    (|x, (_, k, alpha, beta)| solution::forward(x, 1, k, alpha, beta), "only the unit itself is in the sum"),
];

pub(super) const BACKWARD: [Mistake<Backward>; 8] = [
    (s_constant, "this is dy / s^β, as if s did not depend on x"),
    (own_share_only, "x[c] stands in the sums of its neighbours, too, and not in its own alone"),
    (plus, "plus where there should be minus: the louder a unit, the larger s, and the smaller y"),
    (
        |x, dy, constants| halfway(x, dy, constants, 0.5),
        "the second term is half of what it should be: the square brings a 2",
    ),
    (beta_forgotten, "β is missing in the second term: the power brings it down"),
    (power_kept, "in the second term s stands to the power of β: the derivative of s^(−β) has s^(−β − 1)"),
    (own_dy, "in the sum each neighbour's own dy belongs to it: it is the neighbour's y that changes with x[c]"),
    (own_s, "in the sum each neighbour's own s belongs to it, not that of c"),
];

fn last_missing(c: usize, size: usize, maps: usize) -> Range<usize> {
    c.saturating_sub(size / 2)..c.saturating_add(size / 2).min(maps)
}

fn size_each_side(c: usize, size: usize, maps: usize) -> Range<usize> {
    c.saturating_sub(size)..c.saturating_add(size).saturating_add(1).min(maps)
}

fn before_only(c: usize, size: usize, _: usize) -> Range<usize> {
    c.saturating_sub(size - 1)..c + 1
}

/// What is forward with other sums of squares than it should have.
fn with_sums(x: &Array3<f64>, size: usize, beta: f64, s: impl Fn(f64, f64) -> f64) -> Array3<f64> {
    Array3::from_shape_fn(x.raw_dim(), |(i, j, c)| {
        let squares = solution::neighbours(c, size, x.dim().2).map(|n| x[[i, j, n]].powi(2));
        x[[i, j, c]] / s(squares.sum(), x[[i, j, c]].powi(2)).powf(beta)
    })
}

fn alpha_over_size(x: &Array3<f64>, (size, k, alpha, beta): Constants) -> Array3<f64> {
    solution::forward(x, size, k, alpha / size as f64, beta)
}

fn without_itself(x: &Array3<f64>, (size, k, alpha, beta): Constants) -> Array3<f64> {
    with_sums(x, size, beta, |sum, own| k + alpha * (sum - own))
}

fn wraps_around(x: &Array3<f64>, (size, k, alpha, beta): Constants) -> Array3<f64> {
    let (maps, side) = (x.dim().2 as isize, (size / 2) as isize);
    Array3::from_shape_fn(x.raw_dim(), |(i, j, c)| {
        let around = (-side..=side).map(|n| x[[i, j, (c as isize + n).rem_euclid(maps) as usize]].powi(2));
        x[[i, j, c]] / (k + alpha * around.sum::<f64>()).powf(beta)
    })
}

fn neighbouring_pixels(x: &Array3<f64>, (size, k, alpha, beta): Constants) -> Array3<f64> {
    Array3::from_shape_fn(x.raw_dim(), |(i, j, c)| {
        let squares = solution::neighbours(j, size, x.dim().1).map(|n| x[[i, n, c]].powi(2));
        x[[i, j, c]] / (k + alpha * squares.sum::<f64>()).powf(beta)
    })
}

fn plain_sums(x: &Array3<f64>, (size, k, alpha, beta): Constants) -> Array3<f64> {
    Array3::from_shape_fn(x.raw_dim(), |(i, j, c)| {
        let sum: f64 = solution::neighbours(c, size, x.dim().2).map(|n| x[[i, j, n]]).sum();
        x[[i, j, c]] / (k + alpha * sum).powf(beta)
    })
}

fn s_constant(x: &Array3<f64>, dy: &Array3<f64>, constants: Constants) -> Array3<f64> {
    halfway(x, dy, constants, 0.0)
}

fn plus(x: &Array3<f64>, dy: &Array3<f64>, constants: Constants) -> Array3<f64> {
    halfway(x, dy, constants, -1.0)
}

fn beta_forgotten(x: &Array3<f64>, dy: &Array3<f64>, constants: Constants) -> Array3<f64> {
    halfway(x, dy, constants, 1.0 / constants.3)
}

/// The gradient with this factor before its second term.
fn halfway(x: &Array3<f64>, dy: &Array3<f64>, constants: Constants, factor: f64) -> Array3<f64> {
    with_share(x, dy, constants, |p, _, n| factor * p.dy(n) * p.x(n) / p.s(n).powf(constants.3 + 1.0))
}

fn own_share_only(x: &Array3<f64>, dy: &Array3<f64>, constants: Constants) -> Array3<f64> {
    with_share(x, dy, constants, |p, c, n| if c == n { p.dy(n) * p.x(n) / p.s(n).powf(constants.3 + 1.0) } else { 0.0 })
}

fn power_kept(x: &Array3<f64>, dy: &Array3<f64>, constants: Constants) -> Array3<f64> {
    with_share(x, dy, constants, |p, _, n| p.dy(n) * p.x(n) / p.s(n).powf(constants.3))
}

fn own_dy(x: &Array3<f64>, dy: &Array3<f64>, constants: Constants) -> Array3<f64> {
    with_share(x, dy, constants, |p, c, n| p.dy(c) * p.x(n) / p.s(n).powf(constants.3 + 1.0))
}

fn own_s(x: &Array3<f64>, dy: &Array3<f64>, constants: Constants) -> Array3<f64> {
    with_share(x, dy, constants, |p, c, n| p.dy(n) * p.x(n) / p.s(c).powf(constants.3 + 1.0))
}

/// One place of the image.
struct Place<'a> {
    x: &'a Array3<f64>,
    dy: &'a Array3<f64>,
    at: (usize, usize),
    constants: Constants,
}

impl Place<'_> {
    fn x(&self, c: usize) -> f64 {
        self.x[[self.at.0, self.at.1, c]]
    }

    fn dy(&self, c: usize) -> f64 {
        self.dy[[self.at.0, self.at.1, c]]
    }

    fn s(&self, c: usize) -> f64 {
        let (size, k, alpha, _) = self.constants;
        k + alpha * solution::neighbours(c, size, self.x.dim().2).map(|n| self.x(n).powi(2)).sum::<f64>()
    }
}

/// The gradient with other summands in its second term, for c and each of its neighbours.
fn with_share(
    x: &Array3<f64>,
    dy: &Array3<f64>,
    constants: Constants,
    share: impl Fn(&Place, usize, usize) -> f64,
) -> Array3<f64> {
    let (size, _, alpha, beta) = constants;
    Array3::from_shape_fn(x.raw_dim(), |(i, j, c)| {
        let place = Place { x, dy, at: (i, j), constants };
        let sum: f64 = solution::neighbours(c, size, x.dim().2).map(|n| share(&place, c, n)).sum();
        place.dy(c) / place.s(c).powf(beta) - 2.0 * alpha * beta * place.x(c) * sum
    })
}

/// The catalogue.
pub fn wrong() -> Vec<WrongAnswer> {
    vec![
        WrongAnswer {
            name: "last-missing",
            mistake: "The range ends at c + ⌊size/2⌋, which is then no part of it.",
            caught_by: ("neighbours", "few maps"),
            exercise: exercise(Answers { neighbours: last_missing, ..RIGHT }),
        },
        WrongAnswer {
            name: "size-on-each-side",
            mistake: "As many maps as size says are taken on each side.",
            caught_by: ("neighbours", "few maps"),
            exercise: exercise(Answers { neighbours: size_each_side, ..RIGHT }),
        },
        WrongAnswer {
            name: "alpha-over-size",
            mistake: "α is divided by the number of neighbours, as in some libraries.",
            caught_by: ("forward", "one place of four maps"),
            exercise: exercise(Answers { forward: |x, n, k, a, b| alpha_over_size(x, (n, k, a, b)), ..RIGHT }),
        },
        WrongAnswer {
            name: "maps-wrap-around",
            mistake: "The first map and the last are taken to be neighbours.",
            caught_by: ("forward", "one place of four maps"),
            exercise: exercise(Answers { forward: |x, n, k, a, b| wraps_around(x, (n, k, a, b)), ..RIGHT }),
        },
        WrongAnswer {
            name: "neighbouring-pixels",
            mistake: "Neighbours are looked for beside the unit, in its own map.",
            caught_by: ("forward", "one place of four maps"),
            exercise: exercise(Answers { forward: |x, n, k, a, b| neighbouring_pixels(x, (n, k, a, b)), ..RIGHT }),
        },
        WrongAnswer {
            name: "s-is-constant",
            mistake: "dy / s^β: that s changes with x, too, is forgotten.",
            caught_by: ("backward", "against finite differences"),
            exercise: exercise(Answers { backward: |x, dy, n, k, a, b| s_constant(x, dy, (n, k, a, b)), ..RIGHT }),
        },
        WrongAnswer {
            name: "own-share-only",
            mistake: "x[c] is differentiated in its own sum, and not in its neighbours'.",
            caught_by: ("backward", "against finite differences"),
            exercise: exercise(Answers { backward: |x, dy, n, k, a, b| own_share_only(x, dy, (n, k, a, b)), ..RIGHT }),
        },
        WrongAnswer {
            name: "own-dy-for-neighbours",
            mistake: "The sum over the neighbours is multiplied by dy[c], where each has a dy of its own.",
            caught_by: ("backward", "against finite differences"),
            exercise: exercise(Answers { backward: |x, dy, n, k, a, b| own_dy(x, dy, (n, k, a, b)), ..RIGHT }),
        },
    ]
}

/// Answers that take no thought.
pub fn trivial() -> Vec<Exercise> {
    let zero = Answers {
        neighbours: |_, _, _| 0..0,
        forward: |x, _, _, _, _| Array3::zeros(x.raw_dim()),
        backward: |x, _, _, _, _, _| Array3::zeros(x.raw_dim()),
    };
    let input = Answers {
        neighbours: |c, _, _| c..c + 1,
        forward: |x, _, _, _, _| x.clone(),
        backward: |_, dy, _, _, _, _| dy.clone(),
    };
    let one = Answers {
        neighbours: |_, _, maps| 0..maps,
        forward: |x, _, _, _, _| Array3::ones(x.raw_dim()),
        backward: |x, _, _, _, _, _| Array3::ones(x.raw_dim()),
    };
    [zero, input, one].map(exercise).into()
}
