//! Locally connected: every window of a grid has filters of its own.
//!
//! It is a convolution whose filters are not shared. With x the numbers of the window at place p, which are k × k ×
//! maps many, and W\[p\] the filters of that place,
//!
//! z\[p, f\] = Σᵢ x\[i\] · W\[p\]\[i, f\].
//!
//! So each place is a fully-connected layer without biases, on numbers that are [gathered](Local::gather) for it. What
//! is gathered for several places gets the sum of their gradients ([`Local::scatter`]).
//!
//! A grid is kept place by place: all maps of a place side by side. Then a row of a window is one stretch of memory.

use network3::{
    Error, Real, Result,
    ops::{Affine, Pair, Window},
};

/// Where the windows of a locally connected layer are, and how many filters each has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// Height and width of the grid that comes in.
    pub grid: Pair,
    /// Numbers at each of its places.
    pub maps: usize,
    /// The windows.
    pub window: Window,
    /// Filters of each window.
    pub filters: usize,
}

impl Local {
    /// Windows of `side` × `side` places, `stride` apart.
    ///
    /// # Errors
    /// When no window fits.
    pub fn new(grid: Pair, maps: usize, side: usize, stride: usize, filters: usize) -> Result<Self> {
        if side > grid.0 || side > grid.1 {
            let (got, expected) = (format!("{}×{}", grid.0, grid.1), format!("a grid of at least {side}×{side}"));
            return Err(Error::shape("locally connected layer", expected, got));
        }
        Ok(Local { grid, maps, window: Window::new((side, side), (stride, stride)), filters })
    }

    /// Rows and columns of windows.
    pub fn outputs(&self) -> Pair {
        self.window.outputs(self.grid)
    }

    /// How many windows there are.
    pub fn places(&self) -> usize {
        let (rows, columns) = self.outputs();
        rows * columns
    }

    /// Numbers of one grid.
    pub fn input_len(&self) -> usize {
        self.grid.0 * self.grid.1 * self.maps
    }

    /// What each window computes: from its numbers to its filters.
    pub fn encoder(&self) -> Affine {
        Affine { inputs: self.window.size.0 * self.window.size.1 * self.maps, outputs: self.filters }
    }

    /// And back.
    pub fn decoder(&self) -> Affine {
        let Affine { inputs, outputs } = self.encoder();
        Affine { inputs: outputs, outputs: inputs }
    }

    /// Where the rows of a window begin in its grid, and how long they are.
    fn rows(&self, place: usize) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
        let Local { grid: (_, width), maps, window, .. } = *self;
        let columns = self.outputs().1;
        let (top, left) = (place / columns * window.stride.0, place % columns * window.stride.1);
        (0..window.size.0).map(move |i| {
            let first = ((top + i) * width + left) * maps;
            first..first + window.size.1 * maps
        })
    }

    /// The numbers of a window, of each of some grids: `[n, inputs]`.
    pub fn gather<R: Real>(&self, place: usize, grids: &[R], patches: &mut Vec<R>) {
        patches.clear();
        for grid in grids.chunks_exact(self.input_len()) {
            self.rows(place).for_each(|row| patches.extend_from_slice(&grid[row]));
        }
    }

    /// Adds the gradients of a window's numbers to those of the grids.
    pub fn scatter<R: Real>(&self, place: usize, patches: &[R], grids: &mut [R]) {
        let mut patches = patches.chunks_exact(self.window.size.1 * self.maps);
        for grid in grids.chunks_exact_mut(self.input_len()) {
            for (row, patch) in self.rows(place).zip(&mut patches) {
                grid[row].iter_mut().zip(patch).for_each(|(sum, &d)| *sum += d);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scattering_is_the_adjoint_of_gathering() {
        let local = Local::new((5, 6), 2, 3, 2, 4).unwrap();
        assert_eq!((local.outputs(), local.encoder()), ((2, 2), Affine { inputs: 18, outputs: 4 }));
        let x: Vec<f64> = (0..2 * local.input_len()).map(|k| (k * k % 17) as f64).collect();
        for place in 0..local.places() {
            let mut patches = vec![];
            local.gather(place, &x, &mut patches);
            let y: Vec<f64> = (0..patches.len()).map(|k| (k * k % 13) as f64).collect();
            let mut back = vec![0.0; x.len()];
            local.scatter(place, &y, &mut back);
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            assert_eq!(dot(&patches, &y), dot(&x, &back));
        }
        assert!(Local::new((5, 2), 1, 3, 1, 1).is_err());
    }
}
