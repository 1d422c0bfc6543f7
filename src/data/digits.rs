//! The built-in digits: drawn from strokes, so that everything here works without a single file.
//!
//! Every class has a few ways to write it, each a handful of points that a pen passes through. A drawing picks one,
//! makes every point tremble, slants, turns, stretches and moves the whole, and pulls a soft pen along it. Only
//! operations that give the same bits on every processor are used (no sine, no logarithm): a seed names the same images
//! everywhere.

use super::{DIGITS, Dataset, Label, Splits, stream};
use crate::{Result, Shape};
use rand::RngExt;

/// Height and width of a drawing, in pixels: as in MNIST.
const SIDE: usize = 28;

type Point = (f32, f32);

/// One stroke of the pen: points on a smooth curve, (right, down) in hundredths of the box. A point that is given twice
/// is a corner.
type Stroke = &'static [(u8, u8)];

/// For each digit, the ways to write it; each is a list of strokes.
#[rustfmt::skip]
const WAYS: [&[&[Stroke]]; DIGITS] = [
    &[ // 0: round, narrow, and not quite closed
        &[&[(50, 5), (27, 18), (18, 50), (28, 83), (50, 95), (73, 82), (82, 50), (74, 18), (50, 5)]],
        &[&[(52, 5), (36, 22), (31, 52), (38, 84), (50, 95), (64, 82), (69, 48), (63, 18), (52, 5)]],
        &[&[(66, 12), (44, 6), (24, 30), (20, 62), (38, 93), (62, 90), (80, 58), (76, 26), (56, 7)]],
    ],
    &[ // 1: a stroke, with a serif, with a foot
        &[&[(50, 5), (50, 95)]],
        &[&[(32, 27), (53, 5), (53, 5), (52, 95)]],
        &[&[(34, 24), (52, 6), (52, 6), (52, 94)], &[(30, 95), (75, 94)]],
    ],
    &[ // 2: with a corner, with a loop, like a z
        &[&[(22, 26), (36, 8), (60, 6), (75, 24), (64, 52), (22, 94), (22, 94), (80, 93)]],
        &[&[(24, 22), (46, 5), (72, 18), (66, 48), (40, 82), (22, 88), (25, 75), (42, 80), (62, 93), (83, 87)]],
        &[&[(24, 12), (62, 8), (76, 14), (62, 44), (24, 90), (24, 90), (78, 90)]],
    ],
    &[ // 3: two bows, a flat roof, one smooth wave
        &[&[(24, 14), (48, 5), (72, 20), (66, 40), (44, 47), (44, 47), (70, 54), (78, 74), (58, 94), (22, 86)]],
        &[&[(24, 8), (75, 8), (75, 8), (46, 42), (46, 42), (74, 52), (78, 74), (56, 95), (22, 86)]],
        &[&[(26, 10), (60, 8), (70, 26), (52, 44), (62, 50), (76, 70), (62, 93), (24, 92)]],
    ],
    &[ // 4: open, closed, open and round
        &[&[(30, 6), (22, 54), (22, 54), (82, 52)], &[(66, 20), (62, 95)]],
        &[&[(64, 95), (65, 5), (65, 5), (18, 64), (18, 64), (84, 64)]],
        &[&[(28, 8), (25, 38), (40, 53), (70, 44)], &[(73, 6), (68, 50), (64, 95)]],
    ],
    &[ // 5: in one stroke, with the roof put on last, round
        &[&[(76, 8), (33, 8), (33, 8), (28, 45), (28, 45), (56, 38), (78, 58), (70, 86), (44, 95), (20, 86)]],
        &[&[(34, 10), (28, 46), (28, 46), (60, 42), (78, 66), (62, 91), (22, 90)], &[(34, 10), (80, 6)]],
        &[&[(74, 6), (44, 10), (34, 24), (36, 42), (62, 52), (72, 74), (52, 94), (24, 90)]],
    ],
    &[ // 6: curved, straight, with a small loop
        &[&[(68, 6), (38, 28), (22, 64), (34, 92), (62, 92), (75, 72), (58, 54), (36, 60), (25, 76)]],
        &[&[(52, 5), (28, 50), (24, 78), (46, 96), (72, 84), (70, 62), (46, 56), (27, 72)]],
        &[&[(58, 5), (36, 38), (30, 76), (48, 95), (64, 82), (54, 66), (34, 80)]],
    ],
    &[ // 7: plain, with a bar, with a hook
        &[&[(20, 10), (78, 8), (78, 8), (44, 95)]],
        &[&[(20, 10), (78, 8), (78, 8), (42, 95)], &[(34, 52), (74, 49)]],
        &[&[(22, 26), (24, 10), (24, 10), (80, 8), (80, 8), (54, 50), (46, 95)]],
    ],
    &[ // 8: in one sweep, two rings, open at the top
        &[&[(66, 14), (46, 5), (28, 20), (40, 42), (64, 56), (74, 78), (50, 95), (26, 78), (38, 56), (62, 40), (68, 16)]],
        &[&[(50, 47), (31, 36), (32, 14), (50, 5), (69, 15), (68, 37), (50, 47)],
          &[(50, 47), (27, 60), (28, 86), (50, 95), (73, 84), (72, 59), (50, 47)]],
        &[&[(72, 12), (44, 8), (32, 26), (52, 46), (70, 66), (60, 92), (34, 90), (32, 68), (54, 46), (74, 14)]],
    ],
    &[ // 9: a straight back, a hooked tail, a curved back
        &[&[(72, 24), (54, 6), (30, 16), (26, 40), (46, 52), (68, 38), (73, 16), (73, 16), (70, 60), (66, 95)]],
        &[&[(72, 22), (52, 6), (28, 20), (28, 42), (50, 50), (70, 34), (74, 18), (76, 58), (60, 92), (30, 88)]],
        &[&[(70, 14), (42, 8), (28, 30), (44, 48), (66, 34), (70, 14), (66, 54), (46, 95)]],
    ],
];

/// Built-in digits, 28×28, to train with, to validate and to test.
///
/// The sets never share a drawing, and a larger set begins with the smaller one of the same seed.
///
/// ```
/// let digits = network3::data::digits(20, 5, 5, 1)?;
/// assert_eq!(digits.training.shape(), network3::Shape::image(1, 28, 28));
/// assert_eq!(digits.training.slice(0..10)?, network3::data::digits(10, 1, 1, 1)?.training);
/// # Ok::<(), network3::Error>(())
/// ```
///
/// # Errors
/// When a set is to be empty.
pub fn digits(training: usize, validation: usize, test: usize, seed: u64) -> Result<Splits> {
    // The drawings go round in turn: number 0 to training, 1 to validation, 2 to test, 3 to training …
    let set = |turn: u64, count: usize| {
        let (mut pixels, mut labels) = (Vec::with_capacity(count * SIDE * SIDE), Vec::with_capacity(count));
        for i in 0..count as u64 {
            let (image, label) = digit(seed, 3 * i + turn);
            pixels.extend(image);
            labels.push(label);
        }
        Dataset::new(Shape::image(1, SIDE, SIDE), DIGITS, pixels, labels)
    };
    let (training, validation, test) = (set(0, training)?, set(1, validation)?, set(2, test)?);
    Ok(Splits { name: "built-in digits".into(), training, validation, test })
}

/// Drawing `number` of those that `seed` names, and the digit that it shows: a function of the two alone.
pub fn digit(seed: u64, number: u64) -> ([u8; SIDE * SIDE], Label) {
    let mut rng = stream(seed, number);
    let label = rng.random_range(0..DIGITS);
    let way = WAYS[label][rng.random_range(0..WAYS[label].len())];

    // Somewhere within `spread` of `centre`, more likely near it.
    let mut about = |centre: f32, spread: f32| centre + spread * (rng.random::<f32>() + rng.random::<f32>() - 1.0);
    let (height, breadth) = (about(0.195, 0.050), about(0.190, 0.065)); // pixels per hundredth of the box
    let (slant, turn) = (about(-0.15, 0.55), about(0.0, 0.35));
    let (right, down) = (about(14.0, 3.0), about(14.0, 3.0));
    let pen = about(1.25, 0.6);
    let mut place = |(x, y): (u8, u8)| {
        let (x, y) = (breadth * about(f32::from(x) - 50.0, 8.0), height * about(f32::from(y) - 50.0, 8.0));
        let x = x + slant * y;
        (right + x - turn * y, down + y + turn * x)
    };

    let mut nearest = [f32::INFINITY; SIDE * SIDE];
    for stroke in way {
        let mut points: Vec<Point> = stroke.iter().map(|&point| place(point)).collect();
        for i in 1..points.len() {
            if stroke[i] == stroke[i - 1] {
                points[i] = points[i - 1]; // a corner trembles as one
            }
        }
        draw(&points, pen, &mut nearest);
    }
    // Ink fades out over one pixel and a half around the edge of the pen.
    let ink = |distance: f32| ((pen - distance) / 1.5 + 0.5).clamp(0.0, 1.0);
    (nearest.map(|squared| (255.0 * ink(squared.sqrt())) as u8), label as Label)
}

/// Pulls the pen along a smooth curve through the points: `nearest` keeps, for every pixel, the squared distance to it,
/// as far as the ink reaches.
fn draw(points: &[Point], pen: f32, nearest: &mut [f32]) {
    const STEPS: usize = 6;
    let last = points.len() - 1;
    for i in 0..last {
        let (a, b, c, d) = (points[i.saturating_sub(1)], points[i], points[i + 1], points[last.min(i + 2)]);
        if b == c {
            continue; // a corner: the curve stops here, and the next one starts afresh
        }
        let mut from = b;
        for step in 1..=STEPS {
            let t = step as f32 / STEPS as f32;
            let to = (between(a.0, b.0, c.0, d.0, t), between(a.1, b.1, c.1, d.1, t));
            draw_line(from, to, pen + 1.0, nearest);
            from = to;
        }
    }
}

/// The Catmull–Rom spline: from `b` at t = 0 to `c` at t = 1, with the slopes (c−a)/2 and (d−b)/2 there.
fn between(a: f32, b: f32, c: f32, d: f32, t: f32) -> f32 {
    b + 0.5 * t * ((c - a) + t * ((2.0 * a - 5.0 * b + 4.0 * c - d) + t * (3.0 * (b - c) + d - a)))
}

fn draw_line(from: Point, to: Point, reach: f32, nearest: &mut [f32]) {
    // Pixels whose centres may be within reach; casts to unsigned integers stop at zero.
    let span = |a: f32, b: f32| ((a.min(b) - reach) as usize, SIDE.min((a.max(b) + reach) as usize + 1));
    let ((left, right), (top, bottom)) = (span(from.0, to.0), span(from.1, to.1));
    let (along_x, along_y) = (to.0 - from.0, to.1 - from.1);
    let length = (along_x * along_x + along_y * along_y).max(f32::MIN_POSITIVE);
    for y in top..bottom {
        for x in left..right {
            // From the start of the line to the pixel, and from its foot on the line to the pixel.
            let (dx, dy) = (x as f32 + 0.5 - from.0, y as f32 + 0.5 - from.1);
            let t = ((dx * along_x + dy * along_y) / length).clamp(0.0, 1.0);
            let (dx, dy) = (dx - t * along_x, dy - t * along_y);
            let pixel = &mut nearest[y * SIDE + x];
            *pixel = pixel.min(dx * dx + dy * dy);
        }
    }
}
