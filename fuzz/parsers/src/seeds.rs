//! Sound files of every kind, small ones: where fuzzing begins.

use experiments::record::{Ladder, Rate, Record, Summary};
use flate2::{Compression, write::GzEncoder};
use network3::data::{digits, idx};
use network3::train::{Best, Checkpoint, HyperParameters, Trainer};
use network3::{Activation, Network, Shape, Spec, model_file};
use std::io::Write;
use std::path::{Path, PathBuf};

pub fn images() -> Vec<Vec<u8>> {
    let images = |n: usize, height, width| idx::Images {
        height,
        width,
        pixels: (0..n * height * width).map(|k| k as u8).collect(),
    };
    [images(3, 4, 5), images(1, 1, 1), images(300, 2, 1)].iter().map(|images| images.to_idx().expect("sound")).collect()
}

pub fn labels() -> Vec<Vec<u8>> {
    let labels = |n: u8| idx::labels_to_idx(&(0..n).collect::<Vec<u8>>()).expect("sound");
    vec![labels(1), labels(10), labels(200)]
}

pub fn gz() -> Vec<Vec<u8>> {
    let gz = |bytes: &[u8], level| {
        let mut encoder = GzEncoder::new(vec![], Compression::new(level));
        encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("into memory")
    };
    let images = &images()[2];
    let stored = gz(images, 0);
    vec![
        gz(images, 9),
        [stored.clone(), vec![0; 20], gz(b"", 1)].concat(),
        [gz(&vec![0; 50_000], 9), stored].concat(),
        images.clone(),
    ]
}

pub fn kinds() -> Vec<Vec<u8>> {
    let tar = [&[b'a'; 257][..], b"ustar\0"].concat();
    let all: [&[u8]; 7] = [
        b"<!DOCTYPE html>",
        b"\xef\xbb\xbf  {\"a\": 1}",
        b"a,b\n1,2\n",
        b"RIFF____WEBP",
        b"____ftyp",
        b"\x89PNG\r\n\x1a\n",
        &tar,
    ];
    all.map(<[u8]>::to_vec).to_vec()
}

pub fn pictures() -> Vec<Vec<u8>> {
    let drawn = digits(1, 1, 1, 3).expect("drawn").test;
    let png = |colours, depth, samples: &[u8], (width, height)| {
        let mut bytes = vec![];
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(colours);
        encoder.set_depth(depth);
        encoder.set_palette(&[0, 0, 0, 255, 255, 255][..]);
        encoder.write_header().and_then(|mut writer| writer.write_image_data(samples)).expect("into memory");
        bytes
    };
    let pixels = drawn.image(0);
    let text = format!("P2\n# drawn\n28 28\n255\n{}\n", pixels.iter().map(u8::to_string).collect::<Vec<_>>().join(" "));
    let (grey, eight) = (png::ColorType::Grayscale, png::BitDepth::Eight);
    vec![
        png(grey, eight, pixels, (28, 28)),
        png(png::ColorType::Rgba, eight, &pixels[..16 * 4 * 4], (16, 4)),
        png(grey, png::BitDepth::Sixteen, &pixels[..2 * 9 * 9], (9, 9)),
        png(png::ColorType::Indexed, png::BitDepth::One, &[0b1010_1010, 0b0101_0101], (8, 2)),
        text.into_bytes(),
        [b"P5 28 28 255\n", pixels].concat(),
        [b"P5\n14 28\n65535\n", pixels].concat(),
    ]
}

/// A network of every kind of layer that fits into a few thousand bytes.
fn networks() -> Vec<(Shape, Vec<Spec>)> {
    let relu = Activation::Relu;
    vec![
        (Shape::image(1, 6, 6), vec![Spec::conv_pool(2, (3, 3), (2, 2), relu), Spec::softmax(3)]),
        (Shape::Flat(4), vec![Spec::fully_connected(5, Activation::Sigmoid).with_dropout(0.5), Spec::softmax(2)]),
        (Shape::image(1, 5, 5), vec![Spec::conv(2, (2, 2), relu), Spec::softmax(2)]),
    ]
}

pub fn models() -> Vec<Vec<u8>> {
    let bytes =
        |(input, layers): (Shape, Vec<Spec>)| model_file::to_bytes(&Network::new(input, &layers).expect("sound"));
    networks().into_iter().map(|network| bytes(network).expect("finite")).collect()
}

/// The bytes that `write` writes to a file.
fn written(write: impl Fn(&Path)) -> Vec<u8> {
    let file = tempfile::tempdir().expect("a folder for temporary files");
    let path: PathBuf = file.path().join("file");
    write(&path);
    std::fs::read(path).expect("it was written")
}

pub fn checkpoints() -> Vec<Vec<u8>> {
    let splits = digits(20, 5, 5, 1).expect("drawn");
    let layers = [Spec::conv_pool(1, (9, 9), (4, 4), Activation::Relu), Spec::softmax(10)];
    let mut network = Network::new(splits.training.shape(), &layers).expect("sound");
    let hyper = HyperParameters::new(0.1).with_epochs(2).with_mini_batch_size(10);
    let mut trainer = Trainer::new(&splits, hyper).expect("sound");
    trainer.epoch(&mut network, &mut |_| {}).expect("finite");
    let identity = serde_json::json!({ "seed": 1, "data": "built-in digits" });
    let identity = identity.as_object().expect("an object").clone();
    let checkpoint: Checkpoint = trainer.checkpoint(&network, identity);
    vec![written(|path| checkpoint.save(path).expect("written"))]
}

/// A record from `figures/records`, with few epochs and mistakes.
fn short(name: &str) -> Record {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../figures/records").join(name);
    let mut record = Record::read(path).expect("a record");
    record.epochs.truncate(2);
    (record.configuration.epochs, record.configuration.stopping) = (2, "after 2 epochs".into());
    // A record whose best epoch has other mistakes than it says would not be accepted.
    record.misclassified.truncate(2);
    let accuracy = 1.0 - 2.0 / record.configuration.test_images as f64;
    record.epochs.iter_mut().for_each(|epoch| epoch.test_accuracy = accuracy);
    record.best = Best::of(&record.epochs).expect("two epochs");
    record
}

pub fn records() -> Vec<Vec<u8>> {
    ["shallow-10-epochs.json", "two-conv-relu-corrected.json"]
        .map(|name| written(|path| short(name).write(path).expect("written")))
        .to_vec()
}

pub fn summaries() -> Vec<Vec<u8>> {
    let records = ["shallow-10-epochs.json", "shallow-10-epochs-2.json"].map(short);
    vec![written(|path| Summary::of(&records).expect("two runs").write(path).expect("written"))]
}

pub fn ladders() -> Vec<Vec<u8>> {
    let rate = |name: &str, median| Rate {
        name: name.into(),
        step: "what is new".into(),
        threads: 1,
        median,
        least: 0.9 * median,
        most: 1.1 * median,
    };
    let ladder = Ladder {
        experiment: "two-conv-relu".into(),
        mini_batch_size: 10,
        data: "MNIST".into(),
        processor: "a processor".into(),
        vectors: "AVX2".into(),
        commit: None,
        seconds: 2.0,
        windows: 3,
        rungs: vec![rate("loops", 110.0), rate("vectors", 9000.0)],
    };
    vec![written(|path| ladder.write(path).expect("written"))]
}

pub fn solutions() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../solutions");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let solution = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ex"));
    let found = paths.iter().filter(|path| solution(path)).filter_map(|path| std::fs::read(path).ok());
    found.chain([b"//! ".to_vec()]).collect()
}
