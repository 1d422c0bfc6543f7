//! Maps side by side: what the branches of an inception module have found becomes one image.
//!
//! The maps are the innermost index, so for every unit (i, j) the numbers of all parts stand one after the other.
//! Backward, each part gets its own numbers of dy.

use crate::Real;

/// y\[n, i, j\] = the numbers of all parts at \[n, i, j\]. `parts` are pairs of an image's maps and its numbers.
///
/// ```
/// use network3::ops::concat;
/// let mut y = [0.0; 6]; // two units
/// concat::forward(&[(2, &[1.0, 2.0, 3.0, 4.0]), (1, &[8.0, 9.0])], &mut y);
/// assert_eq!(y, [1.0, 2.0, 8.0, 3.0, 4.0, 9.0]);
/// ```
pub fn forward<R: Real>(parts: &[(usize, &[R])], y: &mut [R]) {
    let all: usize = parts.iter().map(|(maps, _)| maps).sum();
    let mut first = 0;
    for (maps, x) in parts {
        for (y, x) in y.chunks_exact_mut(all).zip(x.chunks_exact(*maps)) {
            y[first..first + maps].copy_from_slice(x);
        }
        first += maps;
    }
}

/// Each part of `dy` goes to its image.
pub fn backward<R: Real>(dy: &[R], parts: &mut [(usize, &mut [R])]) {
    let all: usize = parts.iter().map(|(maps, _)| maps).sum();
    let mut first = 0;
    for (maps, dx) in parts {
        for (dy, dx) in dy.chunks_exact(all).zip(dx.chunks_exact_mut(*maps)) {
            dx.copy_from_slice(&dy[first..first + *maps]);
        }
        first += *maps;
    }
}
