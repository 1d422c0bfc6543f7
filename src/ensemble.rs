//! Several networks that decide together.

use crate::{
    Error, Label, Learner, Result,
    data::{Dataset, Distortion, Examples, TrainingSet},
    ops::softmax::argmax,
};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// Test-time augmentation: a network looks at an image several times, each time distorted in another way, and what it
/// says is the mean of its probabilities. The distortions are drawn as in the first epochs of a run from seed 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Views {
    /// How often.
    pub looks: usize,
    /// How strongly distorted.
    pub distortion: Distortion,
}

impl Views {
    /// # Errors
    /// When there are none, or the distortion is impossible.
    pub fn check(&self) -> Result<()> {
        if self.looks == 0 {
            return Err(Error::input("an image is looked at once at least: ask for one view or more"));
        }
        self.distortion.check()
    }
}

/// What several networks, asked together, take each image for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdicts {
    /// Plurality vote, one network one vote: what the chapter does. Between classes with equally many votes the larger
    /// mean probability decides, and then the smaller digit.
    pub vote: Vec<Label>,
    /// The class with the largest mean probability; the smaller digit of equals.
    pub mean: Vec<Label>,
}

/// Asks every network about every image.
///
/// # Errors
/// When there is no network, one that does not take images of this size, or one that knows another number of classes.
pub fn classify<L: Learner>(networks: &mut [L], images: &Dataset) -> Result<Verdicts> {
    decide(networks, images, &[TrainingSet::plain(images)])
}

/// The same when each network looks at each image several times.
///
/// ```
/// use network3::{Network, Shape, Spec, data::{Distortion, digits}, ensemble::{self, Views}};
/// let digits = digits(1, 1, 20, 1)?.test;
/// let network = Network::new(Shape::image(1, 28, 28), &[Spec::softmax(10)])?;
/// let views = Views { looks: 3, distortion: Distortion { rotation: 5.0, ..Distortion::NONE } };
/// let verdicts = ensemble::classify_views(&mut [network], &digits, &views)?;
/// assert_eq!(verdicts.vote.len(), 20);
/// # Ok::<(), network3::Error>(())
/// ```
///
/// # Errors
/// As [`classify`], when there are no views, when the distortion is impossible, and when the images have no height and
/// width.
pub fn classify_views<L: Learner>(networks: &mut [L], images: &Dataset, views: &Views) -> Result<Verdicts> {
    views.check()?;
    let set = TrainingSet::distorted(images, views.distortion)?;
    let sets: Vec<_> = (0..views.looks).map(|view| set.in_epoch(1, view)).collect();
    decide(networks, images, &sets)
}

fn decide<L: Learner>(networks: &mut [L], images: &Dataset, views: &[TrainingSet]) -> Result<Verdicts> {
    if networks.is_empty() {
        return Err(Error::input("an ensemble needs at least one network"));
    }
    let mut verdicts = Verdicts { vote: vec![], mean: vec![] };
    let all: Vec<u32> = (0..images.len() as u32).collect();
    for which in all.chunks(100) {
        let mut votes = Array2::<f64>::zeros((which.len(), images.classes()));
        let mut mean = votes.clone();
        for network in networks.iter_mut() {
            let mut probabilities = Array2::<f64>::zeros(votes.dim());
            for view in views {
                let seen = network.probabilities(&Examples::new(*view, which)?)?;
                if seen.ncols() != images.classes() {
                    let expected = format!("networks that know the images' {} classes", images.classes());
                    return Err(Error::shape("ensemble", expected, format!("one that knows {}", seen.ncols())));
                }
                probabilities += &seen.mapv(f64::from);
            }
            probabilities /= views.len() as f64;
            for (image, row) in probabilities.rows().into_iter().enumerate() {
                votes[[image, argmax(row)]] += 1.0;
            }
            mean += &probabilities;
        }
        mean /= networks.len() as f64;
        // A mean probability is at most 1 and votes are whole, so half of it decides between equals and nothing else.
        let decided = votes + 0.5 * &mean;
        verdicts.vote.extend(decided.rows().into_iter().map(|row| argmax(row) as Label));
        verdicts.mean.extend(mean.rows().into_iter().map(|row| argmax(row) as Label));
    }
    Ok(verdicts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LayerNorms, Shape, State, Step, data::Examples};

    type Answer = dyn Fn(&Examples) -> Array2<f32> + Send;

    /// Learns nothing, and answers as a function tells it.
    struct Told(Shape, Box<Answer>);

    impl Learner for Told {
        fn input(&self) -> Shape {
            self.0
        }
        fn train(&mut self, _: &Examples, _: &Step) -> Result<()> {
            Ok(())
        }
        fn mean_cost(&mut self) -> Result<f64> {
            Ok(0.0)
        }
        fn probabilities(&mut self, examples: &Examples) -> Result<Array2<f32>> {
            Ok((self.1)(examples))
        }
        fn norms(&mut self, _: &Examples, _: &Step) -> Result<Vec<LayerNorms>> {
            Ok(vec![])
        }
        fn state(&self) -> State {
            vec![]
        }
        fn restore(&mut self, _: &State) -> Result<()> {
            Ok(())
        }
    }

    /// Says the same about every image.
    fn stubborn(p: Vec<f32>) -> Told {
        let says = move |examples: &Examples| Array2::from_shape_fn((examples.len(), p.len()), |(_, class)| p[class]);
        Told(Shape::image(1, 1, 1), Box::new(says))
    }

    /// Probabilities given for a few classes, and nothing for the others.
    fn says(classes: &[(usize, f32)]) -> Told {
        let mut p = vec![0.0; 10];
        classes.iter().for_each(|&(class, probability)| p[class] = probability);
        stubborn(p)
    }

    fn image() -> Dataset {
        Dataset::new(Shape::image(1, 1, 1), 10, vec![0], vec![0]).unwrap()
    }

    fn verdict(mut networks: Vec<Told>) -> (Label, Label) {
        let image = image();
        let Verdicts { vote, mean } = classify(&mut networks, &image).unwrap();
        (vote[0], mean[0])
    }

    #[test]
    fn the_many_outvote_the_certain() {
        let networks = vec![says(&[(3, 0.51), (8, 0.49)]), says(&[(3, 0.51), (8, 0.49)]), says(&[(8, 1.0)])];
        assert_eq!(verdict(networks), (3, 8));
    }

    #[test]
    fn ties() {
        // One vote each: the more certain network decides, wherever it stands.
        assert_eq!(verdict(vec![says(&[(2, 0.6), (5, 0.4)]), says(&[(5, 0.9), (2, 0.1)])]), (5, 5));
        assert_eq!(verdict(vec![says(&[(5, 0.9), (2, 0.1)]), says(&[(2, 0.6), (5, 0.4)])]), (5, 5));
        // Equal in that too: the smaller digit. A class without votes never wins a tie.
        assert_eq!(verdict(vec![says(&[(7, 0.5)]), says(&[(4, 0.5)])]), (4, 4));
        assert_eq!(verdict(vec![says(&[(1, 0.4), (9, 0.35)]), says(&[(2, 0.4), (9, 0.35)])]), (1, 9));
    }

    /// Looks at a single pixel of 5×5, and is sure of 1 where it is dark and of 0 elsewhere.
    fn peephole() -> Told {
        let says = |examples: &Examples| {
            let (mut x, mut labels) = (vec![], vec![]);
            examples.gather(&mut x, &mut labels);
            let dark = x.chunks_exact(25).map(|x| f32::from(u8::from(x[12] > 0.2)));
            let rows: Vec<f32> = dark.flat_map(|dark| [1.0 - dark, dark]).collect();
            Array2::from_shape_vec((examples.len(), 2), rows).unwrap()
        };
        Told(Shape::image(1, 5, 5), Box::new(says))
    }

    #[test]
    fn many_looks_are_the_mean_of_their_probabilities() {
        // A line of ink beside the pixel: seen at a glance never, and now and then when the image moves by up to two
        // pixels
        let mut pixels = vec![0; 25];
        (0..5).for_each(|row| pixels[5 * row + 3] = 255);
        let images = Dataset::new(Shape::image(1, 5, 5), 2, pixels, vec![1]).unwrap();
        assert_eq!(classify(&mut [peephole()], &images).unwrap().mean, [0]);
        for shift in [0.0, 2.0] {
            let distortion = Distortion { shift, ..Distortion::NONE };
            let set = TrainingSet::distorted(&images, distortion).unwrap();
            for looks in 1..12 {
                let dark = (0..looks).filter(|&view| {
                    let mut x = [0.0; 25];
                    set.in_epoch(1, view).write(0, &mut x);
                    x[12] > 0.2
                });
                let dark = dark.count();
                let verdicts = classify_views(&mut [peephole()], &images, &Views { looks, distortion }).unwrap();
                let expected = Label::from(2 * dark > looks);
                assert_eq!(
                    (verdicts.vote[0], verdicts.mean[0]),
                    (expected, expected),
                    "{dark} of {looks}, shift {shift}"
                );
            }
        }
        assert!(classify_views(&mut [peephole()], &images, &Views { looks: 0, distortion: Distortion::NONE }).is_err());
    }

    #[test]
    fn nobody() {
        assert!(classify(&mut Vec::<Told>::new(), &image()).unwrap_err().is_input());
    }

    #[test]
    fn other_classes() {
        let e = classify(&mut [says(&[]), stubborn(vec![0.5; 2])], &image()).unwrap_err();
        assert!(e.is_shape() && e.to_string().ends_with("10 classes, got one that knows 2"), "{e}");
    }
}
