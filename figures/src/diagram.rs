//! What the diagrams are made of: maps of neurons, connections, arrows and words.
//!
//! A neuron in a map is a dot: a line of no length with round ends, which takes a few bytes where a circle takes fifty.
//! What a diagram is about is lit, in a colour of its own, and also larger, framed or connected: so no colour speaks
//! alone.

use crate::{
    Drawing, pixels,
    svg::{self, TEXT, WIDTH},
};
use ndarray::{Array2, ArrayView2};
use std::fmt::Write;

/// The side of the image, in neurons: that of MNIST.
pub const INPUT: usize = 28;
/// The side of a local receptive field.
pub const FIELD: usize = 5;
/// The side of a feature map.
pub const HIDDEN: usize = INPUT - FIELD + 1;
/// The side of a pooling window.
pub const WINDOW: usize = 2;
/// The side of a pooled feature map.
pub const POOLED: usize = HIDDEN / WINDOW;
/// Feature maps in a layer.
pub const MAPS: usize = 3;

/// (x, y)
pub type Point = (f64, f64);

/// A colour, and how much it covers.
#[derive(Clone, Copy)]
pub struct Pen(&'static str, f64);

/// Lines that only guide the eye.
pub const RULE: Pen = Pen("currentColor", 0.15);
pub const FAINT: Pen = Pen("currentColor", 0.4);
pub const INK: Pen = Pen("currentColor", 1.0);
/// The second of [`svg::COLOURS`].
pub const LIT: Pen = Pen("#D55E00", 1.0);

/// The whole drawing.
pub fn drawing(height: f64, body: &str) -> Drawing {
    let body = format!("<g stroke-linecap=\"round\" stroke-linejoin=\"round\">\n{body}</g>\n");
    Drawing { size: (WIDTH as u32, height as u32), body }
}

/// A tenth of a unit is fine enough, and short.
pub fn round(x: f64) -> f64 {
    (x * 10.0).round() / 10.0 + 0.0 // and no −0
}

/// Lines of words below each other, the first of them centred on the point.
pub fn words<const N: usize>((x, y): Point, lines: [&str; N]) -> String {
    lines.iter().enumerate().map(|(k, line)| svg::text(round(x), round(y + 1.25 * TEXT * k as f64), line)).collect()
}

/// Lines from point to point, each through all points of its row.
pub fn lines<const N: usize>(pen: Pen, width: f64, lines: impl IntoIterator<Item = [Point; N]>) -> String {
    let mut d = String::new();
    for line in lines {
        for (k, (x, y)) in line.into_iter().enumerate() {
            let _ = write!(d, "{}{} {}", if k == 0 { 'M' } else { 'L' }, round(x), round(y)); // a String takes all
        }
    }
    stroke(pen, width, &d)
}

/// An arrow with an open head.
pub fn arrow(pen: Pen, from: Point, to: Point) -> String {
    let neck = short_of(from, to, 8.0);
    let (dx, dy) = ((to.0 - neck.0) / 2.0, (to.1 - neck.1) / 2.0);
    let head = [(neck.0 - dy, neck.1 + dx), to, (neck.0 + dy, neck.1 - dx)];
    lines(pen, 1.5, [[from, to]]) + &lines(pen, 1.5, [head])
}

/// The point on the way that is still `distance` away from its end.
pub fn short_of(from: Point, to: Point, distance: f64) -> Point {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let part = distance / (dx * dx + dy * dy).sqrt();
    (to.0 - part * dx, to.1 - part * dy)
}

/// Neurons that are drawn one by one.
pub fn rings(pen: Pen, width: f64, radius: f64, centres: impl IntoIterator<Item = Point>) -> String {
    let Pen(colour, _) = pen;
    let ring = |(x, y)| {
        let (x, y) = (round(x), round(y));
        format!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>\n"
        )
    };
    centres.into_iter().map(ring).collect()
}

/// Dots of that diameter.
pub fn dots(pen: Pen, diameter: f64, centres: impl IntoIterator<Item = Point>) -> String {
    let (mut d, mut last) = (String::new(), (0.0, 0.0));
    for (x, y) in centres {
        let _ = write!(d, "m{} {}h0", round(x - last.0), round(y - last.1)); // a String takes all
        last = (last.0 + round(x - last.0), last.1 + round(y - last.1));
    }
    stroke(pen, diameter, &d)
}

fn stroke(Pen(colour, opacity): Pen, width: f64, d: &str) -> String {
    if d.is_empty() {
        return String::new();
    }
    let opacity = if opacity < 1.0 { format!(" stroke-opacity=\"{opacity}\"") } else { String::new() };
    format!("<path fill=\"none\" stroke=\"{colour}\"{opacity} stroke-width=\"{}\" d=\"{d}\"/>\n", round(width))
}

/// A neuron of a map: row and column.
pub type Place = (usize, usize);

/// A square of neurons.
#[derive(Clone, Copy)]
pub struct Map {
    /// Its top left corner.
    pub corner: Point,
    /// Neurons in a row.
    pub side: usize,
    /// From one neuron to the next.
    pub step: f64,
}

impl Map {
    /// Its height and width.
    pub fn size(&self) -> f64 {
        self.side as f64 * self.step
    }

    /// The middle of its lower edge, and then further down.
    pub fn below(&self, distance: f64) -> Point {
        (self.corner.0 + self.size() / 2.0, self.corner.1 + self.size() + distance)
    }

    /// Where a neuron is.
    pub fn at(&self, (i, j): Place) -> Point {
        (self.corner.0 + (j as f64 + 0.5) * self.step, self.corner.1 + (i as f64 + 0.5) * self.step)
    }

    /// All neurons, row by row.
    pub fn places(&self) -> impl Iterator<Item = Place> + use<> {
        square((0, 0), self.side)
    }

    /// Its neurons, and a frame.
    pub fn draw(&self) -> String {
        self.off(self.places()) + &self.frame(FAINT, (0, 0), self.side)
    }

    /// Neurons that are not lit.
    pub fn off(&self, places: impl IntoIterator<Item = Place>) -> String {
        dots(FAINT, 0.45 * self.step, places.into_iter().map(|place| self.at(place)))
    }

    /// The one neuron that it is about, lit and larger.
    pub fn star(&self, place: Place) -> String {
        dots(LIT, 0.7 * self.step + 4.0, [self.at(place)])
    }

    /// A frame around `side` × `side` neurons, of which `first` is the one at the top left.
    pub fn frame(&self, pen: Pen, first: Place, side: usize) -> String {
        let [a, b, c, d] = self.corners(first, side);
        lines(pen, 1.5, [[a, b, c, d, a]])
    }

    /// The corners of that frame, clockwise from the top left.
    pub fn corners(&self, (i, j): Place, side: usize) -> [Point; 4] {
        let (x, y) = (self.corner.0 + j as f64 * self.step, self.corner.1 + i as f64 * self.step);
        let size = side as f64 * self.step;
        [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]
    }

    /// A beam between that frame and a neuron elsewhere, to the left or the right.
    pub fn beam(&self, first: Place, side: usize, to: Point) -> String {
        let [a, b, c, d] = self.corners(first, side);
        let (top, bottom) = if to.0 > b.0 { (b, c) } else { (a, d) };
        let Pen(colour, _) = LIT;
        let [x, y, z] = [top, to, bottom].map(|(x, y)| format!("{} {}", round(x), round(y)));
        format!("<path fill=\"{colour}\" fill-opacity=\"0.15\" d=\"M{x}L{y}L{z}\"/>\n")
            + &lines(LIT, 1.0, [[top, to, bottom]])
    }

    /// Shades the places of its neurons, each with a number from 0 to 1.
    pub fn shade(&self, numbers: &[f32]) -> String {
        let Pen(colour, _) = LIT;
        let grey = |place: Place| (255.0 * numbers[place.0 * self.side + place.1]).round() as u8;
        let grey = Array2::from_shape_fn((self.side, self.side), grey);
        format!("<g fill=\"{colour}\">\n{}</g>\n", pixels::shades(self.corner, self.step, grey.view()))
    }

    /// Lines between squares of `side` × `side` neurons.
    pub fn rule(&self, side: usize) -> String {
        let [(left, top), (right, _), (_, bottom), _] = self.corners((0, 0), self.side);
        let rules = (1..self.side / side).flat_map(|k| {
            let along = (k * side) as f64 * self.step;
            [[(left, top + along), (right, top + along)], [(left + along, top), (left + along, bottom)]]
        });
        lines(FAINT, 0.5, rules)
    }

    /// Its neurons as rings, each filled with as much ink as it is active: 0 is empty, 255 is full.
    pub fn activations(&self, activations: ArrayView2<u8>) -> String {
        let radius = round(0.4 * self.step);
        let mut d = String::new();
        for (x, y) in self.places().map(|place| self.at(place)) {
            let half = |way: f64| format!("a{radius} {radius} 0 1 0 {} 0", way * radius);
            let _ = write!(d, "M{} {}{}{}", round(x - radius), round(y), half(2.0), half(-2.0));
        }
        let level = |&place: &Place| (u32::from(activations[place]) * LEVELS + 127) / 255;
        let fill = |wanted| {
            let centres = self.places().filter(|place| level(place) == wanted).map(|place| self.at(place));
            dots(Pen("currentColor", f64::from(wanted) / f64::from(LEVELS)), 2.0 * radius, centres)
        };
        stroke(FAINT, 0.8, &d) + &(1..=LEVELS).map(fill).collect::<String>()
    }
}

/// Activations that can be told apart, beside none at all.
const LEVELS: u32 = 16;

/// `side` × `side` neurons, row by row, of which `first` is the one at the top left.
pub fn square((i, j): Place, side: usize) -> impl Iterator<Item = Place> + use<> {
    (0..side * side).map(move |k| (i + k / side, j + k % side))
}

/// How far a map of a stack looks out from behind the one before it, in neurons.
pub const SHIFT: usize = 3;

/// Several maps behind each other, with what they show, and what is seen of them: the first stands in front, each
/// further one looks out at its top and on its right.
pub fn stack(front: Map, pictures: &[Array2<u8>]) -> (Vec<Map>, String) {
    let shift = SHIFT as f64 * front.step;
    let behind = |k: usize| (front.corner.0 + k as f64 * shift, front.corner.1 - k as f64 * shift);
    let maps: Vec<Map> = (0..pictures.len()).map(|k| Map { corner: behind(k), ..front }).collect();
    let mut body = front.frame(FAINT, (0, 0), front.side);
    for (k, (map, picture)) in maps.iter().zip(pictures).enumerate() {
        let seen = |(i, j): Place| k == 0 || i < SHIFT || j >= map.side - SHIFT;
        let seen = Array2::from_shape_fn(picture.dim(), |place| if seen(place) { picture[place] } else { 0 });
        body += &pixels::picture(map.corner, map.step, seen.view());
    }
    for map in &maps[1..] {
        let [(left, top), (right, _), (_, bottom), _] = map.corners((0, 0), map.side);
        let edge = [(left, top + shift), (left, top), (right, top), (right, bottom), (right - shift, bottom)];
        body += &lines(FAINT, 1.5, [edge]);
    }
    (maps, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lit_has_a_colour_of_the_house() {
        assert_eq!(LIT.0, svg::hex(svg::COLOURS[1]));
    }

    #[test]
    fn every_dot_is_where_its_neuron_is() {
        let map = Map { corner: (4.0, 3.3), side: 28, step: 5.13 };
        let svg = map.off(map.places());
        let (_, path) = svg.split_once("d=\"m").unwrap();
        let (mut x, mut y, mut n) = (0.0, 0.0, 0);
        for (dot, place) in path.trim_end_matches("h0\"/>\n").split("h0m").zip(map.places()) {
            let (dx, dy) = dot.split_once(' ').unwrap();
            (x, y, n) = (x + dx.parse::<f64>().unwrap(), y + dy.parse::<f64>().unwrap(), n + 1);
            let (left, top) = map.at(place);
            assert!((x - left).abs() < 0.06 && (y - top).abs() < 0.06, "{place:?}: ({x}, {y}) for ({left}, {top})");
        }
        assert_eq!(n, 28 * 28);
    }

    #[test]
    fn of_a_stack_one_sees_what_nothing_hides() {
        let full = Array2::from_elem((8, 8), 255);
        let (_, svg) = stack(Map { corner: (0.0, 60.0), side: 8, step: 10.0 }, &[full.clone(), full.clone(), full]);
        // A row of neighbours is one rectangle: of the first map eight, of the others three whole rows and five short
        // ones.
        let runs: Vec<usize> = svg.split('h').filter_map(|part| part.split_once("v1")?.0.parse().ok()).collect();
        let behind = [8, 8, 8, 3, 3, 3, 3, 3];
        assert_eq!(runs, [[8; 8], behind, behind].concat());
    }
}
