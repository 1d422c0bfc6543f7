//! A saved network, asked about pictures.

use crate::{art, progress::percent, say};
use console::Term;
use experiments::{as_mnist::prepare, image_file::Grey};
use network3::{
    Error, LastBatch, Learner, Network, Result, Shape, Spec,
    data::{Batches, Dataset},
    model_file,
    ops::softmax::argmax,
    train::Checkpoint,
};
use std::env;
use std::path::{Path, PathBuf};

/// Of more classes than these, only the most probable ones are shown: a drawing is hardly higher.
const SHOWN: usize = 10;

/// How wide a list of classes is: class, per cent, bar.
const LIST: usize = 2 + 5 + 10 + 2 + BAR;

/// How wide the bar of a class is that is certain.
const BAR: usize = 20;

/// Says what the network in `files[0]` takes the pictures in the others for.
pub fn run(files: &[PathBuf]) -> Result<()> {
    let [model, pictures @ ..] = files else { return Ok(()) };
    let mut network = load(model)?;
    let Shape::Image { maps: 1, height, width } = network.input() else {
        let message = format!("it takes {}, and pictures are made into images of one map", network.input());
        return Err(Error::input(message).context(model.display()));
    };
    let (mut pixels, mut inverted) = (vec![], vec![]);
    for picture in pictures {
        let prepared = prepare(&Grey::read(picture)?, height, width).map_err(|e| e.context(picture.display()))?;
        pixels.extend(prepared.pixels);
        inverted.push(prepared.inverted);
    }
    let classes = network.output().len();
    let images = Dataset::new(network.input(), classes, pixels, vec![0; pictures.len()])?;
    say!("To a network ink is white: dark ink on light paper is inverted.");
    let mut batches = Batches::sequential(&images, 100, LastBatch::Used)?;
    while let Some(examples) = batches.next_batch() {
        let probabilities = network.probabilities(&examples)?;
        for (row, &k) in probabilities.rows().into_iter().zip(examples.which()) {
            let (k, class) = (k as usize, argmax(row));
            if row.iter().any(|p| p.is_nan()) {
                let message = "its weights are so large that probabilities are not numbers";
                return Err(Error::input(message).context(model.display()));
            }
            let how = if inverted[k] { " (inverted)" } else { "" };
            let probability = percent(row[class].into());
            say!("\n{}{how}: it is a {class}, says the network, with {probability}\n", pictures[k].display());
            say!("{}", beside(&art::draw(&images, &[k], &[String::new()]), &list(&row.to_vec()), columns()));
        }
    }
    Ok(())
}

/// A network that says probabilities.
fn load(model: &Path) -> Result<Network<f32>> {
    let network = model_file::load(model).map_err(|e| match Checkpoint::load(model) {
        Ok(_) => Error::input(format!(
            "{} is the checkpoint of a run, and no saved network: the same command with --resume --save FILE saves that",
            model.display()
        )),
        Err(_) => e,
    })?;
    match network.specs().last() {
        Some(Spec::Softmax { .. }) => Ok(network),
        _ => Err(Error::input(format!(
            "{}: its last layer is no softmax layer, so it has no probabilities to tell",
            model.display()
        ))),
    }
}

/// How wide the terminal is; elsewhere what `COLUMNS` says, or eighty.
fn columns() -> usize {
    let said = || env::var("COLUMNS").ok()?.parse().ok();
    Term::stdout().size_checked().map(|(_, columns)| columns.into()).or_else(said).unwrap_or(80)
}

/// A line for each class, in order.
fn list(probabilities: &[f32]) -> Vec<String> {
    let mut shown: Vec<usize> = (0..probabilities.len()).collect();
    shown.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]).then(a.cmp(&b)));
    shown.truncate(SHOWN);
    shown.sort_unstable();
    let line = |class: usize| {
        let p = f64::from(probabilities[class]);
        let bar = "█".repeat((p * BAR as f64).round() as usize);
        format!("  {class:>5}{:>10}  {bar}", percent(p)).trim_end().to_string()
    };
    shown.into_iter().map(line).collect()
}

/// A drawing and a list: side by side where the terminal is wide enough, else one below the other; what does not fit at
/// all is left out.
fn beside(drawing: &str, list: &[String], columns: usize) -> String {
    let drawing: Vec<&str> = drawing.lines().collect();
    let width = drawing.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    if width > columns {
        return list.join("\n");
    }
    if width + LIST > columns {
        return format!("{}\n{}", drawing.join("\n"), list.join("\n"));
    }
    let line = |k: usize| {
        let (left, right) = (drawing.get(k).copied().unwrap_or(""), list.get(k).map_or("", String::as_str));
        format!("{left:width$}{right}").trim_end().to_string()
    };
    (0..drawing.len().max(list.len())).map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_in_order_and_has_the_most_probable() {
        let mut probabilities = vec![0.0; 26];
        (probabilities[25], probabilities[3]) = (0.75, 0.25);
        let list = list(&probabilities);
        assert_eq!(list.len(), SHOWN);
        assert_eq!(list[3], "      3   25.00 %  █████");
        assert_eq!(list[9], "     25   75.00 %  ███████████████");
        assert!(list.iter().all(|line| line.chars().count() <= LIST));
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let (drawing, list) = (vec!["x".repeat(30); 3].join("\n"), vec!["l".repeat(LIST); 10]);
        let lines = |columns| beside(&drawing, &list, columns).lines().count();
        assert_eq!([80, 30 + LIST, 29 + LIST, 40, 30, 29].map(lines), [10, 10, 13, 13, 13, 10]);
        for columns in LIST..100 {
            assert!(beside(&drawing, &list, columns).lines().all(|line| line.chars().count() <= columns));
        }
    }
}
