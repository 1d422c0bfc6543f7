//! The patches that maps answer to most.

use super::views::Stage;
use crate::kit::gather;
use network3::{Error, Network, Pass, Result, Shape, data::Dataset};

/// The receptive field of a unit, through all stages: a square of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its side.
    pub side: usize,
    /// By how many pixels it moves from one unit to the next.
    pub stride: usize,
    /// Columns of units, in the last stage.
    pub columns: usize,
    /// The side of the image.
    pub image: usize,
}

impl Field {
    /// Each window of k units that are `stride` pixels apart adds (k − 1)·stride pixels, and its own stride multiplies.
    ///
    /// # Errors
    /// When images or windows are not square, or have a margin.
    pub fn of(stages: &[Stage<f32>], input: Shape) -> Result<Self> {
        let (mut side, mut stride) = (1, 1);
        for window in stages.iter().flat_map(|stage| stage.windows()) {
            if window.size.0 != window.size.1 || window.stride.0 != window.stride.1 || !window.padding.is_none() {
                return Err(Error::input("receptive fields are worked out for square windows without a margin"));
            }
            side += (window.size.0 - 1) * stride;
            stride *= window.stride.0;
        }
        let columns = match stages.last().map(|stage| stage.output_shape()) {
            Some(Shape::Image { width, .. }) => width,
            _ => return Err(Error::input("there are no stages")),
        };
        match input {
            Shape::Image { maps: 1, height, width } if height == width => {
                Ok(Field { side, stride, columns, image: width })
            }
            _ => Err(Error::shape("views", "square grey images", input)),
        }
    }

    /// The pixels that the unit at that place of a map sees, row by row.
    pub fn pixels(self, place: usize) -> impl Iterator<Item = usize> {
        let (top, left) = (place / self.columns * self.stride, place % self.columns * self.stride);
        (0..self.side * self.side).map(move |k| (top + k / self.side) * self.image + left + k % self.side)
    }
}

/// A unit of a map that is strongly active on some image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strongest {
    /// The image.
    pub image: usize,
    /// Where in the map it is.
    pub place: usize,
    /// Which of all units of the layer it is.
    pub unit: usize,
    /// Its activity.
    pub activity: f32,
}

/// For each map, the most active on average first: the units that are most active, one for an image, and of as many
/// images as are wanted.
pub fn search(
    below: &mut Network<f32>,
    images: &Dataset,
    searched: usize,
    wanted: usize,
    mut at: impl FnMut(usize),
) -> Vec<(usize, Vec<Strongest>)> {
    const AT_ONCE: usize = 100;
    let maps = match below.output() {
        Shape::Image { maps, .. } => maps,
        Shape::Flat(n) => n,
    };
    let mut best: Vec<Vec<Strongest>> = vec![vec![]; maps];
    let mut sums = vec![0.0; maps];
    let which: Vec<usize> = (0..searched.min(images.len())).collect();
    for some in which.chunks(AT_ONCE) {
        let y = below.forward(&gather(images, some), Pass::Evaluate);
        for (y, &image) in y.rows().into_iter().zip(some) {
            for (map, (best, sum)) in best.iter_mut().zip(&mut sums).enumerate() {
                let units = (map..y.len()).step_by(maps);
                *sum += units.clone().map(|unit| f64::from(y[unit])).sum::<f64>();
                let unit = units.fold(map, |best, unit| if y[unit] > y[best] { unit } else { best });
                best.push(Strongest { image, place: unit / maps, unit, activity: y[unit] });
                best.sort_by(|a, b| b.activity.total_cmp(&a.activity)); // stable: the earlier of equals
                best.truncate(wanted);
            }
        }
        at(some.last().map_or(0, |last| last + 1));
    }
    let mut order: Vec<usize> = (0..maps).collect();
    order.sort_by(|&a, &b| sums[b].total_cmp(&sums[a]));
    order.into_iter().map(|map| (map, std::mem::take(&mut best[map]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zeiler_fergus::views::stages;
    use network3::{Activation, Cost, Spec, data::digits};

    fn network() -> Network<f32> {
        let layer = |filters| Spec::conv_pool(filters, (5, 5), (2, 2), Activation::Relu);
        let layers = [layer(3), layer(4)];
        Network::for_cost(Shape::image(1, 28, 28), &layers, Cost::Quadratic).unwrap().with_threads(1).unwrap()
    }

    /// A unit changes when a pixel of its field does, and with no other.
    #[test]
    fn a_field_is_what_a_unit_sees() {
        let mut network = network();
        let field = Field::of(&stages(&network).unwrap(), network.input()).unwrap();
        assert_eq!((field.side, field.stride, field.columns), (16, 4, 4));
        let x = gather(&digits(1, 1, 1, 1).unwrap().test, &[0]);
        let place = 6; // the second row, the third column
        let before: Vec<f32> = network.forward(&x, Pass::Evaluate).iter().copied().collect();
        let seen: Vec<usize> = field.pixels(place).collect();
        let mut outside = x.clone();
        (0..784).filter(|k| !seen.contains(k)).for_each(|k| outside[k] += 0.7);
        let mut inside = x.clone();
        inside[seen[0]] += 50.0;
        inside[seen[255]] += 50.0;
        let unit = |y: &[f32]| y[4 * place..][..4].to_vec();
        let after = |network: &mut Network<f32>, x: &[f32]| -> Vec<f32> {
            unit(network.forward(x, Pass::Evaluate).as_slice().unwrap())
        };
        assert_eq!(after(&mut network, &outside), unit(&before));
        assert_ne!(after(&mut network, &inside), unit(&before));
    }

    #[test]
    fn the_strongest_are_found() {
        let (mut network, images) = (network(), digits(1, 1, 150, 1).unwrap().test);
        let found = search(&mut network, &images, 150, 3, |_| {});
        let y = network.forward(&gather(&images, &(0..150).collect::<Vec<_>>()), Pass::Evaluate).to_owned();
        for (map, strongest) in &found {
            let most = |image: usize| (0..16).map(|place| y[[image, 4 * place + map]]).fold(0.0, f32::max);
            let mut all: Vec<f32> = (0..150).map(most).collect();
            all.sort_by(|a, b| b.total_cmp(a));
            assert_eq!(strongest.iter().map(|s| s.activity).collect::<Vec<_>>(), all[..3]);
            assert!(strongest.iter().all(|s| y[[s.image, s.unit]] == s.activity && s.unit == 4 * s.place + map));
        }
        assert_eq!(found.len(), 4);
    }
}
