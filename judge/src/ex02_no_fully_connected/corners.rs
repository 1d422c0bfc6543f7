//! Sizes at the edge of what is possible.

use super::{Answers, Sizes, call};
use crate::{Verdict, Wrong};
use solutions::ex02_no_fully_connected as solution;

/// A single pixel, a kernel as large as the image, windows that leave something over, and numbers that 32 bits cannot
/// hold.
const EDGES: [Sizes; 8] = [
    [1, 1, 1, 1, 2],
    [5, 3, 5, 1, 2],
    [6, 1, 1, 6, 3],
    [9, 2, 2, 3, 7],
    [10, 7, 3, 5, 4],
    [8, 2, 4, 4, 1],
    [2000, 300, 9, 1, 1000],
    [2001, 999, 100, 7, 321],
];

const WHY: &str = "sizes may be 1, and a product of sizes may be larger than 32 bits hold";

pub fn parameters(a: Answers) -> Verdict {
    EDGES.into_iter().try_for_each(|sizes @ [side, filters, kernel, window, classes]| {
        let expected = solution::parameters(side, filters, kernel, window, classes);
        let got = (a.parameters)(side, filters, kernel, window, classes);
        let what = call("parameters", sizes);
        if got == expected {
            Ok(())
        } else {
            Err(Wrong::new(format!("{what}: expected {expected}, got {got}")).because(WHY))
        }
    })
}

pub fn multiplications(a: Answers) -> Verdict {
    EDGES.into_iter().try_for_each(|sizes @ [side, filters, kernel, window, classes]| {
        let expected = solution::multiplications(side, filters, kernel, window, classes);
        let got = (a.multiplications)(side, filters, kernel, window, classes);
        let what = call("multiplications", sizes);
        if got == expected {
            Ok(())
        } else {
            Err(Wrong::new(format!("{what}: expected {expected:?}, got {got:?}")).because(WHY))
        }
    })
}
