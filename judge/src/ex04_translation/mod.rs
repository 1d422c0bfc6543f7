//! Moves of an image, and what convolution and pooling make of them.

mod corners;
pub mod wrong;

use crate::{Check, Exercise, Random, Verdict, compare, number};
use ndarray::{Array1, Array2, Array4, Axis, s};
use network3::{
    Pooling, Shape, Ties,
    data::{TrainingSet, digits},
    ops::{Backend, Conv, Pool, Reference, Window, pool},
};
use solutions::ex04_translation as solution;

/// What the reader writes.
#[derive(Clone, Copy)]
pub struct Answers {
    pub translate: fn(&Array2<f64>, isize, isize) -> Array2<f64>,
    pub distance: fn(&Array2<f64>, &Array2<f64>, usize) -> f64,
    pub shortfall: fn(&dyn Fn(&Array2<f64>) -> Array2<f64>, &Array2<f64>, (isize, isize), isize, usize) -> f64,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex04_translation",
        read_on: "what the moved images of the whole training set are worth: \"Expanding the training data\"",
        checks: vec![
            check("translate", "small moves", small_moves),
            check("translate", "moves out of the image", far_moves),
            check("translate", "the library's moved digits", library),
            check("translate", "any move, any shape", corners::any_move),
            check("distance", "values", distances),
            check("distance", "blank images", blank),
            check("distance", "any images", corners::any_images),
            check("shortfall", "invariance", invariance),
            check("shortfall", "convolution is equivariant inside", convolution),
            check("shortfall", "pooling, even and odd moves", pooling),
            check("shortfall", "any reach", corners::any_reach),
        ],
    }
    .otherwise(&[
        (
            "translate",
            "is a sign the other one, or are rows and columns mixed up? Pixel (i, j) comes from (i − down, j − right)",
        ),
        (
            "distance",
            "is it the root of a sum of squares, above and below the line, and is the interior the same for both?",
        ),
        ("shortfall", "x is moved before f, and f(x) after it, by T′: is one of them moved twice, or not at all?"),
    ])
}

fn small_moves(a: Answers) -> Verdict {
    let mut random = Random::new(4);
    let x: Array2<f64> = random.array((5, 7));
    for (down, right) in [(1, 0), (0, 1), (-1, 0), (0, -1), (2, -3), (-2, 1), (0, 0)] {
        let (height, width) = (x.nrows() as isize, x.ncols() as isize);
        // As `from` picks: where pixel i of the moved image comes from, along one side.
        let picked = |from: fn(isize, isize) -> isize| {
            let at = |(i, j)| (from(i as isize - down, height) as usize, from(j as isize - right, width) as usize);
            Array2::from_shape_fn(x.raw_dim(), |to| x[at(to)])
        };
        compare(
            &format!("x moved {down} down and {right} right"),
            &solution::translate(&x, down, right),
            &(a.translate)(&x, down, right),
        )
        .suspect(&x, "the image has not moved")
        .suspect(&solution::translate(&x, -down, -right), "the opposite move: pixel i − down of x goes to pixel i")
        .suspect(&solution::translate(&x, right, down), "down and right have changed places: rows come first")
        .suspect(&picked(isize::rem_euclid), "what goes out on one side comes in on the other; zeros should come in")
        .suspect(&picked(|i, n| i.clamp(0, n - 1)), "the edge is repeated where zeros should come in")
        .verdict()?;
    }
    Ok(())
}

fn far_moves(a: Answers) -> Verdict {
    let x: Array2<f64> = Random::new(41).array((4, 3));
    // The first leaves one pixel, the others nothing.
    for (down, right) in [(3, -2), (4, 0), (0, -3), (-100, 100)] {
        let what = format!("4×3 image moved {down} down and {right} right");
        compare(&what, &solution::translate(&x, down, right), &(a.translate)(&x, down, right)).verdict()?;
    }
    Ok(())
}

fn library(a: Answers) -> Verdict {
    let splits = digits(2, 1, 1, 4).map_err(|e| crate::Wrong::new(e.to_string()))?;
    let set = TrainingSet::expanded(&splits.training);
    let example = |k| {
        let mut x = vec![0.0; 28 * 28];
        set.write(k, &mut x);
        Array2::from_shape_fn((28, 28), |(i, j)| f64::from(x[28 * i + j]))
    };
    for (k, (down, right)) in [(-1, 0), (1, 0), (0, -1), (0, 1)].into_iter().enumerate() {
        let what = format!("a digit moved {down} down and {right} right");
        compare(&what, &example(k + 1), &(a.translate)(&example(0), down, right)).verdict()?;
    }
    Ok(())
}

fn distances(a: Answers) -> Verdict {
    let mut random = Random::new(42);
    let cases: Vec<(Array2<f64>, Array2<f64>, usize)> = [(6, 8, 0), (6, 8, 1), (7, 7, 3), (9, 5, 2)]
        .map(|(height, width, margin)| (random.array((height, width)), random.array((height, width)), margin))
        .into();
    let all = |f: &dyn Fn(&Array2<f64>, &Array2<f64>, usize) -> f64| -> Array1<f64> {
        cases.iter().map(|(x, y, margin)| f(x, y, *margin)).collect()
    };
    let inside =
        |x: &Array2<f64>, margin: usize| x.slice(s![margin..x.nrows() - margin, margin..x.ncols() - margin]).to_owned();
    let squares = |x: &Array2<f64>| x.iter().map(|x| x * x).sum::<f64>();
    compare("distances of four pairs", &all(&solution::distance), &all(&a.distance))
        .suspect(&all(&|x, y, _| solution::distance(x, y, 0)), "the margin has not been left out")
        .suspect(&all(&|x, y, m| solution::distance(x, y, m).powi(2)), "the square of the distance: where is the root?")
        .suspect(&all(&|x, y, m| squares(&inside(&(y - x), m)).sqrt()), "this is ‖b − a‖, not yet divided by ‖a‖")
        .suspect(&all(&|x, y, m| solution::distance(y, x, m)), "divided by ‖b‖: it should be ‖a‖")
        .suspect(
            &all(&|x, y, m| squares(&inside(&(y - x), m)).sqrt() / squares(x).sqrt()),
            "the margin has been left out above the line, but not below",
        )
        .verdict()
}

fn blank(a: Answers) -> Verdict {
    let (blank, mut frame) = (Array2::zeros((6, 6)), Array2::from_elem((6, 6), 0.5));
    number("from a blank image to another image", f64::INFINITY, (a.distance)(&blank, &frame, 1)).verdict()?;
    number("from a blank image to itself", 0.0, (a.distance)(&blank, &blank, 1)).verdict()?;
    frame.slice_mut(s![1..5, 1..5]).fill(0.0);
    number("between images that are blank but for their margins", 0.0, (a.distance)(&blank, &frame, 1)).verdict()
}

fn invariance(a: Answers) -> Verdict {
    let x: Array2<f64> = Random::new(43).array((12, 12));
    let still = |x: &Array2<f64>| x.clone();
    let expected = solution::distance(&x, &solution::translate(&x, 1, -2), 2);
    number("f(x) = x, x moved by (1, -2), reach 0", expected, (a.shortfall)(&still, &x, (1, -2), 0, 2))
        .suspect_number(0.0, "is T′ tried with moves beyond the reach? With a reach of 0 only (0, 0) is left")
        .suspect_number(
            solution::distance(&solution::translate(&x, 1, -2), &x, 2),
            "the distance from f(T x) to T′ f(x): it should be the one from T′ f(x) to f(T x)",
        )
        .verdict()
}

fn convolution(a: Answers) -> Verdict {
    let mut random = Random::new(44);
    let (x, w) = (random.array((14, 13)), random.array((3, 3)));
    let f = |x: &Array2<f64>| convolve(x, &w);
    let inside = (a.shortfall)(&f, &x, (2, -1), 2, 2);
    let (still, moved) = (f(&x), f(&solution::translate(&x, 2, -1)));
    let only_to = |sign: isize| {
        let moves = (0..=2).flat_map(|i| (0..=2).map(move |j| (sign * i, sign * j)));
        let distances = moves.map(|(i, j)| solution::distance(&solution::translate(&still, i, j), &moved, 2));
        distances.fold(f64::INFINITY, f64::min)
    };
    number("3×3 convolution, x moved by (2, -1), reach 2, margin 2", 0.0, inside)
        .suspect_number(
            solution::distance(&still, &moved, 2),
            "this compares with f(x) where it is: try the moves T′, too",
        )
        .suspect_number(
            only_to(1),
            "T′ is tried downwards and to the right only: negative moves belong to the reach, too",
        )
        .suspect_number(
            only_to(-1),
            "T′ is tried upwards and to the left only: positive moves belong to the reach, too",
        )
        .suspect_number(
            solution::shortfall(&f, &x, (2, -1), 1, 2),
            "the moves T′ end one too early: `reach` itself belongs to them",
        )
        .suspect_number(solution::shortfall(&f, &x, (2, -1), 2, 0), "has the margin been left out of the comparison?")
        .verdict()?;
    let edges = solution::shortfall(&f, &x, (2, -1), 2, 0);
    number("the same with margin 0, where it cannot be exact", edges, (a.shortfall)(&f, &x, (2, -1), 2, 0)).verdict()
}

fn pooling(a: Answers) -> Verdict {
    let x: Array2<f64> = Random::new(45).array((16, 16));
    for ((down, right), words) in [((2, 0), "even"), ((-2, 2), "even"), ((1, 0), "odd"), ((2, -1), "odd")] {
        let what = format!("2×2 max-pooling, x moved by ({down}, {right}), an {words} move");
        let expected = solution::shortfall(&max_pool, &x, (down, right), 1, 1);
        number(&what, expected, (a.shortfall)(&max_pool, &x, (down, right), 1, 1)).verdict()?;
    }
    Ok(())
}

/// The library's convolution of one map with one kernel, by its definition.
fn convolve(x: &Array2<f64>, w: &Array2<f64>) -> Array2<f64> {
    let op = Conv::new(Shape::image(1, x.nrows(), x.ncols()), 1, w.dim(), (1, 1)).expect("the kernel fits");
    let mut y = Array2::zeros((op.output_height(), op.output_width()));
    Reference.conv_forward(&op, &pixels(x), &pixels(w), y.as_slice_mut().expect("in one piece"));
    y
}

/// The library's max-pooling of one map, in windows of 2×2.
fn max_pool(x: &Array2<f64>) -> Array2<f64> {
    let shape = Shape::image(1, x.nrows(), x.ncols());
    let op = Pool::new(shape, Pooling::Max, Window::new((2, 2), (2, 2)), Ties::First).expect("a window fits");
    let mut y = Array4::zeros((1, op.output_height(), op.output_width(), 1));
    pool::reference::forward(&op, x.view().insert_axis(Axis(0)).insert_axis(Axis(3)), y.view_mut());
    y.remove_axis(Axis(3)).remove_axis(Axis(0))
}

/// Row by row.
fn pixels(x: &Array2<f64>) -> Vec<f64> {
    x.iter().copied().collect()
}
