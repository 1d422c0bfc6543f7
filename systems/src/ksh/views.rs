//! What the network sees of a picture: pieces of it, mirror images, other colours (section 4.1 of the paper).

use super::{
    colours::{self, Component},
    pictures::{CROP, Pictures, SIDE},
};
use rand::{Rng, RngExt};

/// One way to look at a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Rows above the piece.
    pub top: usize,
    /// Columns to the left of it.
    pub left: usize,
    /// Is it seen in a mirror, left and right exchanged?
    pub mirrored: bool,
    /// What is added to the colour of every pixel.
    pub shift: [f32; 3],
}

/// What inputs are divided by: colours from 0 to 1 have about this standard deviation, and the first weights are drawn
/// for inputs whose deviation is 1.
const DEVIATION: f32 = 0.25;

/// So far a piece can be moved.
const ROOM: usize = SIDE - CROP;

impl View {
    const fn at(top: usize, left: usize) -> Self {
        View { top, left, mirrored: false, shift: [0.0; 3] }
    }

    /// The middle.
    pub const MIDDLE: View = View::at(ROOM / 2, ROOM / 2);

    /// "Five 224 × 224 patches (the four corner patches and the center patch) as well as their horizontal reflections":
    /// the first five are not reflected.
    pub fn ten() -> [View; 10] {
        let five = [View::MIDDLE, View::at(0, 0), View::at(0, ROOM), View::at(ROOM, 0), View::at(ROOM, ROOM)];
        std::array::from_fn(|k| View { mirrored: k >= 5, ..five[k % 5] })
    }

    /// Writes what one sees of picture `k`, less the mean picture, over the standard deviation.
    pub fn write(&self, pictures: &Pictures, k: usize, mean: &[f32], x: &mut [f32]) {
        let picture = pictures.picture(k);
        for (place, x) in x.chunks_exact_mut(3).enumerate() {
            let (row, column) = (place / CROP, place % CROP);
            let column = if self.mirrored { CROP - 1 - column } else { column };
            let at = ((self.top + row) * SIDE + self.left + column) * 3;
            for c in 0..3 {
                x[c] = (f32::from(picture[at + c]) / 255.0 - mean[at + c] + self.shift[c]) / DEVIATION;
            }
        }
    }
}

/// How pictures are varied while a network is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variety {
    /// Pieces from anywhere, instead of the middle.
    pub crops: bool,
    /// Every other one in a mirror.
    pub mirrors: bool,
    /// Colours shifted along their principal components.
    pub colours: bool,
}

impl Variety {
    /// A view of a picture at random.
    pub fn view(&self, components: &[Component; 3], random: &mut impl Rng) -> View {
        let mut view = View::MIDDLE;
        if self.crops {
            (view.top, view.left) = (random.random_range(0..=ROOM), random.random_range(0..=ROOM));
        }
        view.mirrored = self.mirrors && random.random();
        if self.colours {
            view.shift = colours::shift(components, random);
        }
        view
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use network3::data;

    fn seen(view: View) -> Vec<f32> {
        let digits = data::digits(9, 1, 1, 1).unwrap().training;
        let pictures = Pictures::new(&digits, 2, 1);
        let mut x = vec![0.0; CROP * CROP * 3];
        view.write(&pictures, 1, &vec![0.5; SIDE * SIDE * 3], &mut x);
        x
    }

    #[test]
    fn a_mirror_exchanges_left_and_right_and_leaves_colours_alone() {
        let (straight, mirrored) = (seen(View::MIDDLE), seen(View { mirrored: true, ..View::MIDDLE }));
        let pixel = |x: &[f32], i: usize, j: usize| x[(i * CROP + j) * 3..][..3].to_vec();
        for (i, j) in [(0, 0), (5, 17), (31, 31)] {
            assert_eq!(pixel(&straight, i, j), pixel(&mirrored, i, CROP - 1 - j));
        }
    }

    #[test]
    fn pieces_overlap() {
        let [middle, corner, ..] = View::ten().map(seen);
        let (i, j) = (10, 20); // of the middle; in the corner piece it lies further down and to the right
        assert_eq!(middle[(i * CROP + j) * 3], corner[((i + ROOM / 2) * CROP + j + ROOM / 2) * 3]);
        assert_eq!(View::ten()[9], View { top: ROOM, left: ROOM, mirrored: true, shift: [0.0; 3] });
    }

    #[test]
    fn a_shift_is_the_same_for_all_pixels() {
        let shifted = seen(View { shift: [0.25, 0.0, -0.5], ..View::MIDDLE });
        let differences: Vec<f32> = shifted.iter().zip(seen(View::MIDDLE)).map(|(a, b)| a - b).collect();
        assert!(
            differences.chunks_exact(3).all(|d| (d[0] - 1.0).abs() < 1e-5 && d[1] == 0.0 && (d[2] + 2.0).abs() < 1e-5)
        );
    }
}
