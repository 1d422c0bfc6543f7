//! Occlusion: what a network loses when a part of an image is covered.
//!
//! A patch is laid over every place of an image in turn, and the network is asked again. Where the probability of the
//! right class falls, it had been looking. (Zeiler and Fergus (2013), section 4.2.)

use crate::kit::Reader;

/// The side of a patch, in pixels: as wide as two strokes.
pub const PATCH: usize = 7;

/// Copies of an image, each with a patch of that grey around another pixel; what would hang over the edge is cut off.
pub fn covered(x: &[f32], side: usize, grey: f32) -> Vec<f32> {
    let mut all = Vec::with_capacity(x.len() * x.len());
    for centre in 0..x.len() {
        let reach = |c: usize| c.saturating_sub(PATCH / 2)..side.min(c + PATCH / 2 + 1);
        let mut image = x.to_vec();
        for i in reach(centre / side) {
            image[i * side..][reach(centre % side)].fill(grey);
        }
        all.extend(image);
    }
    all
}

/// By how much the probability of a class falls when the patch lies around each pixel.
pub fn falls(reader: &mut Reader, x: &[f32], class: usize, grey: f32) -> Vec<f32> {
    let side = x.len().isqrt();
    let before = reader.probabilities(x)[[0, class]];
    let after = reader.probabilities(&covered(x, side, grey));
    after.column(class).iter().map(|after| before - after).collect()
}

/// The mean fall over two kinds of places, and how many there are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Falls {
    /// Where the middle of the patch lies on ink.
    pub on_ink: (f64, usize),
    /// Where it does not.
    pub beside: (f64, usize),
}

impl Falls {
    /// Adds the places of an image.
    pub fn add(&mut self, x: &[f32], falls: &[f32]) {
        for (&x, &fall) in x.iter().zip(falls) {
            let (sum, count) = if is_ink(x) { &mut self.on_ink } else { &mut self.beside };
            *sum += f64::from(fall);
            *count += 1;
        }
    }

    /// The means: on ink, and beside it.
    pub fn means(&self) -> (f64, f64) {
        let mean = |(sum, count): (f64, usize)| sum / count.max(1) as f64;
        (mean(self.on_ink), mean(self.beside))
    }
}

/// Is a pixel more ink than paper?
pub fn is_ink(x: f32) -> bool {
    x >= 0.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{gather, read_by_all, small};

    #[test]
    fn a_patch_lies_where_it_should() {
        let x: Vec<f32> = (0..100).map(|i| i as f32).collect();
        let all = covered(&x, 10, -1.0);
        let patch = |centre: usize| all[100 * centre..][..100].iter().filter(|&&x| x == -1.0).count();
        assert_eq!((patch(55), patch(0), patch(5), patch(99)), (49, 16, 28, 16));
        assert_eq!(all[100 * 55 + 22..][..7], [-1.0; 7]); // rows and columns 2 to 8
        assert_eq!(all[100 * 55 + 21], 21.0);
    }

    /// A patch of paper changes nothing where there is only paper, and most where the digit is.
    #[test]
    fn what_is_covered_is_missed() {
        let (mut reader, splits) = small();
        let which = read_by_all(std::slice::from_mut(&mut reader), &splits.test, 3).unwrap();
        let mut all = Falls::default();
        for image in which {
            let x = gather(&splits.test, &[image]);
            let falls = falls(&mut reader, &x, usize::from(splits.test.labels()[image]), 0.0);
            assert!(falls[0].abs() < 1e-5); // the corner is paper
            all.add(&x, &falls);
        }
        let (on_ink, beside) = all.means();
        assert!(on_ink > 2.0 * beside.abs(), "{on_ink} {beside}");
    }
}
