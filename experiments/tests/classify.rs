//! A saved network, asked about pictures: the whole way from a PNG to an answer.

use experiments::{as_mnist::prepare, image_file::Grey};
use network3::data::{Dataset, digits, mnist};
use network3::{model_file, train::evaluate};
use png::{BitDepth, ColorType, Encoder};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `train --classify` in a folder: exit code, standard output, standard error.
fn classify(folder: &Path, columns: &str, model: &Path, pictures: &[String]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
    command.current_dir(folder).env("COLUMNS", columns).arg("--classify").arg(model).args(pictures);
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// What the program says about each picture: its class.
fn answers(out: &str) -> Vec<u16> {
    let class = |line: &str| line.split_once(": it is a ")?.1.split(',').next()?.parse().ok();
    out.lines().filter_map(class).collect()
}

fn png(width: usize, colours: ColorType, samples: &[u8]) -> Vec<u8> {
    let mut bytes = vec![];
    let height = samples.len() / width / colours.samples();
    let mut encoder = Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(colours);
    encoder.set_depth(BitDepth::Eight);
    encoder.write_header().unwrap().write_image_data(samples).unwrap();
    bytes
}

/// A digit of 28×28 as it might lie on a desk: enlarged, dark on light paper, to one side of it, with grain, a speck of
/// dust and light from the left.
fn on_paper(image: &[u8], by: usize) -> Grey {
    let (width, height) = (28 * by + 90, 28 * by + 50);
    let mut grain = 1u32;
    let mut page = vec![];
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        // Linear interpolation between the middles of the old pixels.
        let (u, v) = ((x as f32 - 69.5) / by as f32 - 0.5, (y as f32 - 19.5) / by as f32 - 0.5);
        let at = |dx: f32, dy: f32| {
            let (x, y) = (u.floor() + dx, v.floor() + dy);
            let inside = (0.0..28.0).contains(&x) && (0.0..28.0).contains(&y);
            if inside { f32::from(image[28 * y as usize + x as usize]) } else { 0.0 }
        };
        let (a, b) = (u - u.floor(), v - v.floor());
        let ink = (1.0 - b) * ((1.0 - a) * at(0.0, 0.0) + a * at(1.0, 0.0))
            + b * ((1.0 - a) * at(0.0, 1.0) + a * at(1.0, 1.0));
        grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let paper = 225.0 - 30.0 * x as f32 / width as f32 + (grain >> 28) as f32 - 8.0;
        let speck = x.abs_diff(12) < 2 && y.abs_diff(height - 12) < 2;
        page.push(if speck { 60.0 } else { paper - 0.7 * ink } as u8);
    }
    Grey::new(width, page).unwrap()
}

/// Writes pictures of the first `n` digits, as they are and on paper in turn.
fn pictures(folder: &Path, digits: &Dataset, n: usize) -> Vec<String> {
    let write = |i: usize| {
        let bytes = if i.is_multiple_of(2) {
            png(28, ColorType::Grayscale, digits.image(i))
        } else {
            let page = on_paper(digits.image(i), 3 + i % 6);
            png(page.width, ColorType::Grayscale, &page.pixels)
        };
        fs::write(folder.join(format!("{i}.png")), bytes).unwrap();
        format!("{i}.png")
    };
    (0..n).map(write).collect()
}

fn right(out: &str, digits: &Dataset) -> usize {
    answers(out).iter().zip(digits.labels()).filter(|(class, label)| class == label).count()
}

fn trained_here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../figures/models/two-conv-relu-corrected.safetensors")
}

/// What a reader does on the first evening: without MNIST, with two commands.
#[test]
fn a_network_trained_on_the_built_in_digits_reads_pictures_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let train = Command::new(env!("CARGO_BIN_EXE_train"))
        .current_dir(folder.path())
        .env_remove("MNIST_DIR")
        .args("two-conv-relu --images 5000 --epochs 3 --save net".split(' '))
        .output()
        .unwrap();
    assert!(train.status.success(), "{}", String::from_utf8_lossy(&train.stderr));
    let others = digits(1, 1, 200, 77).unwrap().test;
    let pictures = pictures(folder.path(), &others, 200);
    let (code, out, err) = classify(folder.path(), "80", Path::new("net"), &pictures);
    assert_eq!((code, err.as_str(), answers(&out).len()), (0, "", 200));
    // Drawn elsewhere on the page than those it has seen, and of another size, they are read nearly as well.
    let mut network = model_file::load(folder.path().join("net")).unwrap();
    let as_they_are = evaluate(&mut network, &others, 200).unwrap().accuracy * 200.0;
    let right = right(&out, &others);
    println!("{right} of 200 are right, and {as_they_are} as they are");
    assert!(
        right >= 184 && right as f64 >= as_they_are - 10.0,
        "{right} of 200 are right, and {as_they_are} as they are"
    );
    assert!(
        out.contains("ink is white") && out.contains("1.png (inverted): ") && out.contains("0.png: it is"),
        "{out}"
    );
    assert!(out.lines().all(|line| line.chars().count() <= 80), "wider than the terminal: {out}");
}

/// Where MNIST itself is at hand: pictures of its test digits, read as well as the digits themselves.
#[test]
fn mnist_drawn_anew_is_read_as_well() {
    let Some(mnist) = mnist::find().unwrap() else { return };
    let (test, folder) = (mnist::load_dir(&mnist).unwrap().test, tempfile::tempdir().unwrap());
    let pictures = pictures(folder.path(), &test, 500);
    let (code, out, err) = classify(folder.path(), "80", &trained_here(), &pictures);
    assert_eq!((code, err.as_str(), answers(&out).len()), (0, "", 500));
    let right = right(&out, &test);
    assert!(right >= 490, "{right} of 500 are right");
}

/// The picture that the book asks about.
#[test]
fn a_three_in_blue_ink() {
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("pictures/three.png");
    let (code, out, _) = classify(Path::new("."), "80", &trained_here(), &[picture.display().to_string()]);
    assert_eq!((code, answers(&out)), (0, vec![3]));
    assert!(out.contains("(inverted)"), "{out}");
}

/// Scaled and centred as MNIST is, MNIST stays what it is.
#[test]
fn mnist_comes_out_as_it_went_in() {
    let Some(mnist) = mnist::find().unwrap() else { return };
    let test = mnist::load_dir(&mnist).unwrap().test;
    let (mut same, mut off) = (0, 0.0);
    for i in 0..1000 {
        let image = test.image(i);
        let prepared = prepare(&Grey::new(28, image.to_vec()).unwrap(), 28, 28).unwrap();
        assert!(!prepared.inverted);
        let difference: u32 = prepared.pixels.iter().zip(image).map(|(&a, &b)| u32::from(a.abs_diff(b))).sum();
        let ink: u32 = image.iter().map(|&p| u32::from(p)).sum();
        same += usize::from(f64::from(difference) < 0.02 * f64::from(ink));
        off += f64::from(difference) / f64::from(ink);
    }
    assert!(same >= 980 && off / 1000.0 < 0.01, "{same} of 1000 are the same, mean difference {}", off / 1000.0);
}

/// However a page is made, the same digit is on it.
#[test]
fn ink_is_white_whatever_the_page() {
    let digit = digits(1, 1, 1, 5).unwrap().test;
    let plain = prepare(&Grey::new(28, digit.image(0).to_vec()).unwrap(), 28, 28).unwrap();
    let dark: Vec<u8> = digit.image(0).iter().map(|p| 255 - p).collect();
    let of = |width, colours, samples: &[u8]| {
        let grey = Grey::parse(&png(width, colours, samples)).unwrap();
        prepare(&grey, 28, 28).unwrap()
    };
    let inverted = of(28, ColorType::Grayscale, &dark);
    assert_eq!((plain.inverted, inverted.inverted), (false, true));
    let near = |a: &[u8], b: &[u8], most: u8| a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= most);
    assert!(near(&inverted.pixels, &plain.pixels, 1));
    let each = |f: &dyn Fn(u8) -> Vec<u8>| digit.image(0).iter().flat_map(|&ink| f(ink)).collect::<Vec<u8>>();
    // Blue on white; black, and white, on nothing at all.
    let blue = of(28, ColorType::Rgb, &each(&|ink| vec![255 - ink, 255 - ink, 255 - ink / 2]));
    assert!(blue.inverted && near(&blue.pixels, &plain.pixels, 3));
    let black = of(28, ColorType::Rgba, &each(&|ink| vec![0, 0, 0, ink]));
    assert!(black.inverted && near(&black.pixels, &plain.pixels, 1));
    let white = of(28, ColorType::GrayscaleAlpha, &each(&|ink| vec![255, ink]));
    assert!(!white.inverted && near(&white.pixels, &plain.pixels, 1));
    // A PGM, in text and in bytes.
    let numbers: Vec<String> = dark.iter().map(|p| (u32::from(*p) * 3).to_string()).collect();
    let text = format!("P2\n# a comment\n28 28 # another\n765\n{}\n", numbers.join(" "));
    let bytes = [b"P5 28 28 255\n", &dark[..]].concat();
    let two: Vec<u8> = dark.iter().flat_map(|&p| [p, p]).collect();
    let deep = [b"P5\n28\n28\n65535\n", &two[..]].concat();
    for pgm in [text.as_bytes(), &bytes, &deep] {
        assert_eq!(prepare(&Grey::parse(pgm).unwrap(), 28, 28).unwrap(), inverted);
    }
}

#[test]
fn what_cannot_be_classified_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let sound = png(28, ColorType::Grayscale, digits(1, 1, 1, 5).unwrap().test.image(0));
    write("sound.png", &sound);
    write("cut.png", &sound[..sound.len() / 2]);
    write("blank.png", &png(9, ColorType::Grayscale, &[200; 81]));
    write("photo.png", b"\xff\xd8\xff\xe0 and so on");
    write("page.png", b"<!DOCTYPE html>");
    write("empty.png", b"");
    write("colour.ppm", b"P6 1 1 255\nabc");
    write("huge.pgm", b"P5 4000000000 4000000000 255\n");
    write("cut.pgm", b"P5 4 4 255\nabc");
    write("text.pgm", b"P2 4 4 255 1 2 x");
    // 8192 in the place of both sides, with the checksum that belongs to it.
    let bomb = [&sound[..16], &[0, 0, 0x20, 0, 0, 0, 0x20, 0], &sound[24..29], &[0x57, 0xc1, 0x95, 0x85], &sound[33..]]
        .concat();
    write("bomb.png", &bomb);
    let model = trained_here();
    for (picture, part) in [
        ("bomb.png", "cut off: the header promises 8192×8192"),
        ("none.png", "reading none.png"),
        ("cut.png", "a damaged PNG"),
        ("blank.png", "shows nothing"),
        ("photo.png", "a JPEG picture; save the picture as PNG"),
        ("page.png", "a web page"),
        ("empty.png", "empty"),
        ("colour.ppm", "save the picture as PNG"),
        ("huge.pgm", "at most 67108864 can be read"),
        ("cut.pgm", "cut off: the header promises 4×4"),
        ("text.pgm", "no number that makes sense"),
    ] {
        let (code, out, err) = classify(folder.path(), "80", &model, &["sound.png".into(), picture.into()]);
        assert_eq!((code, out.as_str()), (1, ""), "{picture}");
        assert!(err.starts_with("error: ") && err.contains(picture) && err.contains(part), "{part}: {err}");
        assert_eq!(err.trim_end().lines().count(), 1, "{err}");
    }
    // A model that is none; and one file where two are needed.
    let (code, _, err) = classify(folder.path(), "80", Path::new("sound.png"), &["sound.png".into()]);
    assert!(code == 1 && err.contains("not a safetensors file but a PNG picture"), "{err}");
    let (code, _, err) = classify(folder.path(), "80", &model, &[]);
    assert!(code == 2 && err.contains("--classify"), "{err}");
    let run = Command::new(env!("CARGO_BIN_EXE_train"))
        .current_dir(folder.path())
        .args("shallow --data digits --images 20 --epochs 1".split(' '))
        .output()
        .unwrap();
    assert!(run.status.success());
    let checkpoint = fs::read_dir(folder.path().join("runs")).unwrap().map(|entry| entry.unwrap().path());
    let checkpoint = checkpoint.into_iter().find(|path| path.extension().is_some_and(|e| e == "safetensors")).unwrap();
    let (code, _, err) = classify(folder.path(), "80", &checkpoint, &["sound.png".into()]);
    assert!(code == 1 && err.contains("is the checkpoint of a run") && err.contains("--save FILE"), "{err}");
}

#[test]
fn a_narrow_terminal_is_respected() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.png"), png(28, ColorType::Grayscale, digits(1, 1, 1, 5).unwrap().test.image(0)))
        .unwrap();
    for columns in [20, 40, 60, 120] {
        let (code, out, _) = classify(folder.path(), &columns.to_string(), &trained_here(), &["a.png".into()]);
        assert_eq!(code, 0);
        let drawn = out.lines().filter(|line| line.contains(['░', '▒', '▓', '█', '%']) && !line.contains("it is a"));
        let widest = drawn.map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(widest <= columns.max(39), "{widest} on {columns}: {out}");
    }
}
