//! IDX files and folders of them, data sets, and mini-batches.

use network3::data::idx::{Images, labels_to_idx, parse_labels};
use network3::data::{Batches, Dataset, TrainingSet};
use network3::{Label, LastBatch, Order, Result, Shape};
use quickcheck::{Gen, QuickCheck, TestResult};
use std::fmt::Debug;

fn message<T: Debug>(result: Result<T>) -> String {
    let error = result.unwrap_err();
    assert!(error.is_input() || error.is_shape(), "{error}");
    error.to_string()
}

/// `n` images of 3×4 without two equal pixels in a row, labelled 0, 1, 2 … 9, 0 …
fn dataset(n: usize) -> Dataset {
    let pixels = (0..n * 12).map(|i| (i % 255) as u8 + 1).collect();
    Dataset::new(Shape::image(1, 3, 4), 10, pixels, (0..n).map(|i| (i % 10) as Label).collect()).unwrap()
}

fn be(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_be_bytes()).collect()
}

mod idx {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        fn property(pixels: Vec<u8>, height: u8, width: u8) -> TestResult {
            let (height, width) = (usize::from(height % 9 + 1), usize::from(width % 9 + 1));
            let whole = pixels.len() / (height * width) * height * width;
            if whole == 0 {
                return TestResult::discard();
            }
            let images = Images { height, width, pixels: pixels[..whole].to_vec() };
            let labels: Vec<u8> = pixels.iter().map(|p| p % 10).collect();
            let same = Images::parse(&images.to_idx().unwrap()).unwrap() == images;
            TestResult::from_bool(same && parse_labels(&labels_to_idx(&labels).unwrap()).unwrap() == labels)
        }
        QuickCheck::new().rng(Gen::new(300)).quickcheck(property as fn(Vec<u8>, u8, u8) -> TestResult);
    }

    #[test]
    fn random_bytes_are_refused_without_panic() {
        fn property(bytes: Vec<u8>, as_header: bool) -> bool {
            // Half of the time behind a sound magic number, to get any further.
            let begin = |magic: u32| if as_header { [be(&[magic]), bytes.clone()].concat() } else { bytes.clone() };
            let images = Images::parse(&begin(0x0803)).is_ok_and(|i| i.pixels.len() + 16 == bytes.len() + 4);
            let labels = parse_labels(&begin(0x0801)).is_ok_and(|l| l.len() + 8 == bytes.len() + 4);
            as_header || !images && !labels
        }
        QuickCheck::new().tests(2000).quickcheck(property as fn(Vec<u8>, bool) -> bool);
    }

    #[test]
    fn a_mutated_or_truncated_file_is_never_misread() {
        let sound = Images { height: 3, width: 4, pixels: (0..24).collect() }.to_idx().unwrap();
        for length in 0..sound.len() {
            assert!(message(Images::parse(&sound[..length])).contains("cut off"), "{length} bytes");
        }
        for (i, bit) in (0..16).flat_map(|i| (0..8).map(move |bit| (i, bit))) {
            let mut bytes = sound.clone();
            bytes[i] ^= 1 << bit;
            assert!(Images::parse(&bytes).is_err(), "bit {bit} of byte {i} of the header says something else");
        }
    }

    #[test]
    fn every_fault_has_a_message_of_its_own() {
        let pixels = vec![9; 2 * 6];
        let images = |sizes: &[u32]| message(Images::parse(&[be(&[0x0803]), be(sizes), pixels.clone()].concat()));
        let labels =
            |count: u32, labels: &[u8]| message(parse_labels(&[be(&[0x0801, count]), labels.to_vec()].concat()));
        for (message, part) in [
            (message(Images::parse(&[])), "cut off"),
            (message(Images::parse(&labels_to_idx(&[1, 2]).unwrap())), "expected an IDX file of images"),
            (message(Images::parse(&labels_to_idx(&[1, 2]).unwrap())), "got labels"),
            (message(parse_labels(&be(&[0x0803, 1, 1, 1]))), "got images"),
            (message(Images::parse(&be(&[0xdead_beef]))), "0xdeadbeef"),
            (images(&[2, 2, 4]), "promises 2×2×4 bytes, more than the file can hold"),
            (images(&[2, 3, 3]), "more than"),
            (images(&[2, 2, 2]), "too long"),
            (images(&[0, 28, 28]), "nothing in it"),
            (images(&[2, 0, 6]), "nothing in it"),
            (images(&[u32::MAX, u32::MAX, u32::MAX]), "more than"),
            (images(&[1 << 31, 1 << 31, 4]), "more than"),
            (labels(4, &[1, 2, 3]), "cut off"),
            (labels(2, &[1, 2, 3]), "too long"),
            (message(Images { height: 2, width: 2, pixels: vec![0; 6] }.to_idx()), "whole images of 2×2"),
            (message(Images { height: 0, width: 2, pixels: vec![0; 6] }.to_idx()), "whole images"),
            (message(Images { height: usize::MAX, width: 2, pixels: vec![0; 6] }.to_idx()), "whole images"),
            (message(labels_to_idx(&[])), "1 to 4294967295"),
        ] {
            assert!(message.contains(part), "{part:?} is not in {message:?}");
        }
    }
}

#[cfg(feature = "files")]
mod folder {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use network3::data::mnist::{FILES, find, load_dir};
    use std::{fs, io::Write};
    use tempfile::TempDir;

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(vec![], Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn images(n: usize, width: usize) -> Vec<u8> {
        let pixels = (0..n * 3 * width).map(|i| i as u8).collect();
        Images { height: 3, width, pixels }.to_idx().unwrap()
    }

    fn labels(n: usize) -> Vec<u8> {
        labels_to_idx(&(0..n).map(|i| (i % 10) as u8).collect::<Vec<u8>>()).unwrap()
    }

    /// A folder with 13 training and 4 test images, plain, one of the files replaced.
    fn folder(replaced: usize, by: Vec<u8>) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut files = [images(13, 4), labels(13), images(4, 4), labels(4)];
        files[replaced] = by;
        FILES.iter().zip(files).for_each(|(name, bytes)| fs::write(folder.path().join(name), bytes).unwrap());
        folder
    }

    #[test]
    fn splits_are_the_file_in_order_plain_or_compressed_under_any_of_the_names() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: Vec<u8>| fs::write(folder.path().join(name), bytes).unwrap();
        write("train-images-idx3-ubyte.gz", gz(&images(31, 4)));
        write("train-labels.idx1-ubyte", labels(31));
        write("t10k-images.idx3-ubyte.gz", images(4, 4)); // the name lies, and it does not matter
        write("t10k-labels-idx1-ubyte", gz(&labels(4)));
        let splits = load_dir(folder.path()).unwrap();
        assert_eq!(splits.name, folder.path().to_str().unwrap());
        let pixels: Vec<u8> = (0..31 * 12).map(|i| i as u8).collect();
        let set = |pixels: &[u8], labels: std::ops::Range<Label>| {
            Dataset::new(Shape::image(1, 3, 4), 10, pixels.to_vec(), labels.map(|i| i % 10).collect()).unwrap()
        };
        assert_eq!(splits.training, set(&pixels[..300], 0..25));
        assert_eq!(splits.validation, set(&pixels[300..], 25..31));
        assert_eq!(splits.test, set(&pixels[..48], 0..4));
    }

    #[test]
    fn letters_are_more_than_ten_classes() {
        let folder = folder(3, labels_to_idx(&[3, 25, 0, 9]).unwrap());
        let splits = load_dir(folder.path()).unwrap();
        let classes = [&splits.training, &splits.validation, &splits.test].map(|set| set.classes());
        assert_eq!((classes, splits.test.labels()), ([26; 3], &[3, 25, 0, 9][..]));
    }

    #[test]
    fn faults_name_the_file() {
        let mut flipped = gz(&images(13, 4));
        let middle = flipped.len() - 6; // the check sum
        flipped[middle] ^= 1;
        let cut = gz(&images(13, 4));
        let bomb = gz(&[be(&[0x0803, 1 << 10, 28, 28]), vec![0; 1000]].concat());
        for (replaced, by, parts) in [
            (0, images(12, 4), vec![FILES[0], FILES[1], "expected 12 labels", "got 13"]),
            (0, images(13, 5), vec![FILES[0], FILES[2], "1×3×5", "1×3×4"]),
            (0, images(1, 4), vec![FILES[1], "expected 1 labels"]),
            (1, images(13, 4), vec![FILES[1], "expected an IDX file of labels"]),
            (2, labels(4), vec![FILES[2], "expected an IDX file of images"]),
            (0, cut[..cut.len() / 2].to_vec(), vec![FILES[0], "cut off"]),
            (0, cut[..5].to_vec(), vec![FILES[0], "cut off"]),
            (0, cut[..cut.len() - 4].to_vec(), vec![FILES[0], "cut off"]),
            (0, flipped, vec![FILES[0], "damaged"]),
            (0, [cut.clone(), b"and something more".to_vec()].concat(), vec![FILES[0], "damaged"]),
            (0, gz(&[images(13, 4), vec![0]].concat()), vec![FILES[0], "too long"]),
            (0, bomb, vec![FILES[0], "promises 1024×28×28 bytes, more than the file can hold"]),
            (3, b"\x1f\x8bnot a gz at all".to_vec(), vec![FILES[3], "damaged"]),
            (3, vec![], vec![FILES[3], "cut off"]),
        ] {
            let message = message(load_dir(folder(replaced, by).path()));
            assert!(parts.iter().all(|part| message.contains(part)), "{parts:?} are not all in {message:?}");
        }
        let empty = tempfile::tempdir().unwrap();
        let message = message(load_dir(empty.path()));
        assert!(FILES.iter().all(|name| message.contains(name)), "{message}");
    }

    #[test]
    fn one_training_image_is_too_few_to_split() {
        let folder = folder(0, images(1, 4));
        fs::write(folder.path().join(FILES[1]), labels(1)).unwrap();
        assert!(message(load_dir(folder.path())).contains("cannot split 1 images"));
    }

    /// A gz carries a check sum: damage shows, or (a time stamp in the header) does no harm.
    #[test]
    fn damaged_gz_is_refused_or_read_right() {
        fn property(cut: usize, flips: Vec<(usize, u8)>) -> bool {
            let mut bytes = gz(&images(13, 4));
            for (i, flip) in flips {
                let i = i % bytes.len();
                bytes[i] ^= flip;
            }
            bytes.truncate(bytes.len() - cut % 8);
            let sound = load_dir(folder(0, images(13, 4)).path()).unwrap();
            load_dir(folder(0, bytes).path()).map_or(true, |damaged| damaged.training == sound.training)
        }
        QuickCheck::new().tests(200).quickcheck(property as fn(usize, Vec<(usize, u8)>) -> bool);
    }

    /// Where MNIST itself is at hand.
    #[test]
    fn the_real_thing() {
        let Some(folder) = find().unwrap() else { return };
        let splits = load_dir(&folder).unwrap();
        assert_eq!([&splits.training, &splits.validation, &splits.test].map(|set| set.len()), [50_000, 10_000, 10_000]);
        assert_eq!(splits.name, "MNIST");
        assert_eq!(splits.training.labels()[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
        assert_eq!(splits.test.labels()[..10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    }
}

mod datasets {
    use super::*;

    #[test]
    fn impossible_ones_are_refused() {
        let refused = |height, width, pixels, labels| {
            message(Dataset::new(Shape::image(1, height, width), 10, vec![0; pixels], labels))
        };
        assert!(refused(2, 2, 0, vec![]).contains("at least one image"));
        assert!(refused(0, 2, 0, vec![1]).contains("at least one pixel"));
        assert!(refused(2, 2, 7, vec![1, 2]).contains("2 images of 1×2×2, got 7 bytes"));
        assert!(refused(usize::MAX, 2, 7, vec![1]).contains("got 7 bytes"));
        assert!(refused(1, 1, 2, vec![1, 10]).contains("label 10 of image 1 is not one of the 10 classes"));
        let many = Dataset::new(Shape::Flat(1), 65_537, vec![0], vec![1]);
        assert!(message(many).contains("65537 classes are too many"));
    }

    #[test]
    fn splitting_and_slicing_agree() {
        let whole = dataset(7);
        let mut front = whole.clone();
        let back = front.split_off(5).unwrap();
        assert_eq!((front, back), (whole.slice(0..5).unwrap(), whole.slice(5..7).unwrap()));
        assert!(whole.clone().split_off(0).is_err() && whole.clone().split_off(7).is_err());
        assert!(whole.slice(5..8).is_err() && whole.slice(3..3).is_err());
    }
}

mod batches {
    use super::*;

    /// The examples of an epoch as (label, intensities), in order, and the sizes of the mini-batches.
    fn epoch(batches: &mut Batches, epoch: usize) -> (Vec<(Label, Vec<f32>)>, Vec<usize>) {
        let (mut examples, mut sizes) = (vec![], vec![]);
        batches.start(epoch);
        let (mut x, mut labels) = (vec![], vec![]);
        while let Some(batch) = batches.next_batch() {
            batch.gather(&mut x, &mut labels);
            sizes.push(batch.len());
            examples.extend(labels.iter().zip(x.chunks_exact(12)).map(|(&label, row)| (label, row.to_vec())));
            assert!(batch.which().iter().zip(&labels).all(|(&k, &label)| batch.set().label(k as usize) == label));
        }
        assert!(batches.next_batch().is_none(), "an epoch that is over stays over");
        assert_eq!(sizes.len(), batches.per_epoch());
        assert_eq!(examples.len(), batches.images_per_epoch());
        (examples, sizes)
    }

    fn by_definition(set: TrainingSet) -> Vec<(Label, Vec<f32>)> {
        let one = |example| {
            let mut x = vec![f32::NAN; 12];
            (set.write(example, &mut x), x)
        };
        (0..set.len()).map(one).collect()
    }

    fn sorted(mut examples: Vec<(Label, Vec<f32>)>) -> Vec<(Label, Vec<f32>)> {
        examples.sort_by(|a, b| a.partial_cmp(b).unwrap());
        examples
    }

    #[test]
    fn a_move_is_what_it_says() {
        let images = dataset(3);
        let set = TrainingSet::expanded(&images);
        assert_eq!(set.len(), 15);
        let moves: [(i32, i32); 5] = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)];
        for (example, (label, x)) in by_definition(set).into_iter().enumerate() {
            let (image, (down, right)) = (images.image(example / 5), moves[example % 5]);
            assert_eq!(usize::from(label), example / 5);
            for (i, x) in x.into_iter().enumerate() {
                let (y, from) = (i as i32 / 4 - down, i as i32 % 4 - right);
                let inside = (0..3).contains(&y) && (0..4).contains(&from);
                let expected = if inside { f32::from(image[(4 * y + from) as usize]) / 256.0 } else { 0.0 };
                assert_eq!(x, expected, "example {example}, pixel {i}");
            }
        }
    }

    #[test]
    fn a_single_pixel_moves_out_of_sight() {
        let images = Dataset::new(Shape::image(1, 1, 1), 10, vec![128], vec![4]).unwrap();
        let mut x = [f32::NAN; 5];
        (0..5).for_each(|i| assert_eq!(TrainingSet::expanded(&images).write(i, &mut x[i..=i]), 4));
        assert_eq!(x, [0.5, 0.0, 0.0, 0.0, 0.0]);
    }

    /// Whatever the order and the size: each example once, whole mini-batches first, and the same again for the same
    /// seed and epoch.
    #[test]
    fn every_example_once_per_epoch() {
        fn property(n: u8, size: u8, seed: u64, at: u8, expanded: bool, shuffled: bool) -> bool {
            let (images, size) = (dataset(usize::from(n % 20) + 1), usize::from(size % 30) + 1);
            let set = if expanded { TrainingSet::expanded(&images) } else { TrainingSet::plain(&images) };
            let order = if shuffled { Order::Shuffled } else { Order::Fixed };
            let mut batches = Batches::new(set, size, order, LastBatch::Used, seed).unwrap();
            let (examples, sizes) = epoch(&mut batches, usize::from(at));
            let mut others = Batches::new(set, size, order, LastBatch::Used, seed).unwrap();
            others.start(usize::from(at) + 3);
            let again = epoch(&mut others, usize::from(at)).0;
            let (last, whole) = sizes.split_last().unwrap();
            sorted(examples.clone()) == sorted(by_definition(set))
                && examples == again
                && whole.iter().all(|&s| s == size)
                && (1..=size).contains(last)
        }
        QuickCheck::new().quickcheck(property as fn(u8, u8, u64, u8, bool, bool) -> bool);
    }

    #[test]
    fn orders() {
        let images = dataset(20);
        let (plain, expanded) = (TrainingSet::plain(&images), TrainingSet::expanded(&images));
        let run = |set, order, seed, at| epoch(&mut Batches::new(set, 10, order, LastBatch::Used, seed).unwrap(), at).0;
        assert_eq!(run(plain, Order::Fixed, 1, 0), by_definition(plain));
        assert_eq!(run(plain, Order::Fixed, 1, 3), by_definition(plain));
        assert_ne!(run(expanded, Order::Fixed, 1, 0), by_definition(expanded), "an expanded set is shuffled once …");
        assert_eq!(run(expanded, Order::Fixed, 1, 0), run(expanded, Order::Fixed, 1, 3), "… and then stays as it is");
        assert_ne!(run(expanded, Order::Fixed, 1, 0), run(expanded, Order::Fixed, 2, 0));
        for set in [plain, expanded] {
            let epochs = [(1, 0), (1, 1), (1, 2), (2, 0)].map(|(seed, at)| run(set, Order::Shuffled, seed, at));
            (0..4).for_each(|i| (0..i).for_each(|j| assert_ne!(epochs[i], epochs[j], "{i} and {j}")));
            assert_ne!(epochs[0], by_definition(set));
        }
    }

    #[test]
    fn what_is_left_over_is_dropped_or_used() {
        let images = dataset(23);
        let sizes = |last| {
            let mut batches = Batches::sequential(&images, 10, last).unwrap();
            let (examples, sizes) = epoch(&mut batches, 0);
            assert_eq!(examples, by_definition(TrainingSet::plain(&images))[..examples.len()]);
            sizes
        };
        assert_eq!(sizes(LastBatch::Dropped), [10, 10]);
        assert_eq!(sizes(LastBatch::Used), [10, 10, 3]);
    }

    #[test]
    fn impossible_sizes_are_refused() {
        let images = dataset(5);
        assert!(message(Batches::sequential(&images, 0, LastBatch::Used)).contains("at least one image"));
        let message = message(Batches::sequential(&images, 6, LastBatch::Dropped));
        assert!(message.contains("a mini-batch of 6 is larger than the data, 5 images"), "{message}");
        let mut all = Batches::sequential(&images, usize::MAX, LastBatch::Used).unwrap();
        assert_eq!(epoch(&mut all, 0).1, [5]);
    }
}
