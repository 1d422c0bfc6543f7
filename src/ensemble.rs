//! Several networks that decide together.

use crate::{
    Error, Label, Learner, Result,
    data::{Dataset, Examples, TrainingSet},
    ops::softmax::argmax,
};
use ndarray::Array2;

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
    if networks.is_empty() {
        return Err(Error::input("an ensemble needs at least one network"));
    }
    let mut verdicts = Verdicts { vote: vec![], mean: vec![] };
    let all: Vec<u32> = (0..images.len() as u32).collect();
    for which in all.chunks(100) {
        let mut votes = Array2::<f64>::zeros((which.len(), images.classes()));
        let mut mean = votes.clone();
        for network in networks.iter_mut() {
            let probabilities =
                network.probabilities(&Examples::new(TrainingSet::plain(images), which)?)?.mapv(f64::from);
            if probabilities.ncols() != images.classes() {
                let expected = format!("networks that know the images' {} classes", images.classes());
                return Err(Error::shape("ensemble", expected, format!("one that knows {}", probabilities.ncols())));
            }
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
