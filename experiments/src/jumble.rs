//! Images whose pixels have been put into an order that makes no sense, the same for all images.

use network3::{
    Result, Shape,
    data::{Dataset, Splits},
};
use rand::{SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Of the one order that all runs use: a record must say no more than that its images were jumbled.
const SEED: u64 = 1;

/// The order: which pixel of an image comes first, second, third …
///
/// ```
/// let mut order = experiments::jumble::order(784);
/// assert_eq!(order, experiments::jumble::order(784)); // the same each time
/// assert!(order.iter().enumerate().filter(|(i, pixel)| i == *pixel).count() < 10); // hardly one stays where it was
/// order.sort();
/// assert_eq!(order, (0..784).collect::<Vec<_>>()); // and none is lost
/// ```
pub fn order(pixels: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pixels).collect();
    order.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(SEED));
    order
}

/// All images with their pixels in that [`order`]; of a coloured image, each pixel keeps its colours. The name says so:
/// "MNIST, jumbled".
///
/// # Errors
/// None that images which are there already could cause.
pub fn jumble(splits: &Splits) -> Result<Splits> {
    let jumbled = |set: &Dataset| {
        let maps = match set.shape() {
            Shape::Image { maps, .. } => maps,
            Shape::Flat(_) => 1,
        };
        let order = order(set.shape().len() / maps);
        let image = |i| {
            let image: &[u8] = set.image(i);
            order.iter().flat_map(move |&pixel| image[pixel * maps..][..maps].iter().copied())
        };
        let pixels = (0..set.len()).flat_map(image).collect();
        Dataset::new(set.shape(), set.classes(), pixels, set.labels().to_vec())
    };
    Ok(Splits {
        name: format!("{}, jumbled", splits.name),
        training: jumbled(&splits.training)?,
        validation: jumbled(&splits.validation)?,
        test: jumbled(&splits.test)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use network3::data::digits;

    #[test]
    fn all_images_are_jumbled_alike_and_keep_their_ink_and_labels() {
        let plain = digits(20, 5, 5, 1).unwrap();
        let jumbled = jumble(&plain).unwrap();
        assert_eq!(jumbled.name, "built-in digits, jumbled");
        let order = order(784);
        for (a, b) in [
            (&plain.training, &jumbled.training),
            (&plain.validation, &jumbled.validation),
            (&plain.test, &jumbled.test),
        ] {
            assert_eq!(a.labels(), b.labels());
            for i in 0..a.len() {
                assert!((0..784).all(|k| b.image(i)[k] == a.image(i)[order[k]]));
            }
        }
        assert_ne!(plain.test.image(0), jumbled.test.image(0));
    }
}
