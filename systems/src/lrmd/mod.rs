//! LRMD: a unit for a digit, found in images that nobody has labelled.
//!
//! After Le, Ranzato, Monga, Devin, Chen, Corrado, Dean and Ng, *Building high-level features using large scale
//! unsupervised learning* (2012). Three stages of locally connected filters ([`local`]), L2 pooling ([`pooling`]) and
//! local contrast normalisation ([`contrast`]) learn one after the other to keep what they see with few units at a time
//! ([`stage`]). Labels are used only afterwards, to see whether a single unit has come to stand for a digit
//! ([`units`]).

pub mod contrast;
pub mod findings;
pub mod local;
pub mod network;
pub mod pooling;
pub mod stage;
pub mod units;

use crate::kit::{Common, Progress, Setting, round};
use clap::Args;
use experiments::{machine, record::Picture, say};
use findings::{Bar, Lrmd, OfClass, OfStage};
use ndarray::{Array1, ArrayD};
use network::{IMAGE, STAGES, Stages, Typical, mean_image, norm, onto};
use network3::{
    Error, Label, Result, Shape, Threads,
    data::{DIGITS, Dataset},
    ops::{Affine, Backend, Fast, Weights},
};
use rand::RngExt;
use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};
use units::{Answers, Detector, detectors};

/// The options of `systems lrmd`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Learn from the first N images [default: 20000, with --quick 6000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub images: Option<u32>,
    /// What all systems take.
    #[command(flatten)]
    pub common: Common,
}

/// Images in a mini-batch.
const BATCH: usize = 100;
/// Adam's learning rate; over the second half of a stage's steps it falls to zero in a straight line.
const ETA: f64 = 0.003;
/// What a pool costs beside the reconstruction, in each stage. That of the third was chosen among nine from 0.1 to 6,
/// by how well the best unit for a 1 does on the images by which units are chosen: 3 and 4 with seeds 1 to 3, the
/// others with seed 1.
const LAMBDA: [f64; 3] = [0.7, 2.0, 4.0];
/// How many mini-batches each stage learns from; with `--quick`, a third of them.
const BATCHES: [usize; 3] = [900, 1200, 1200];
/// Images by which units are chosen, and as many on which they are measured.
const MEASURED: usize = 5000;
/// Digits used as templates.
const TEMPLATES: usize = 1000;
/// Images that a best stimulus is a mixture of.
const MIXED: usize = 2000;
/// Images that go through a stage at once.
const CHUNK: usize = 500;
/// Bars of the histogram.
const BARS: usize = 30;
/// Digits that are shown for each unit.
const SHOWN: usize = 6;
/// The digit that the histogram is about.
const ONE: Label = 1;

/// The streams of random numbers that order images begin here, beyond those of the stages' first weights.
const ORDER: u64 = 1000;

/// What learning depends on, beside seed and data.
#[derive(Serialize)]
struct Plan {
    stages: [(usize, usize, usize); 3],
    lambda: [f64; 3],
    batches: [usize; 3],
    images: usize,
    eta: f64,
}

/// What the checkpoint notes: the stages that have learned.
#[derive(Serialize, Deserialize, Default)]
struct Notes {
    stages: Vec<OfStage>,
}

/// Learns, looks for the best units, compares them with what has not learned, and writes down what came of it.
///
/// # Errors
/// When there are no images of 28×28, when learning diverges, and when a file cannot be read or written.
pub fn run(options: &Options) -> Result<()> {
    let setting = Setting::start(&options.common, "lrmd")?;
    let splits = setting.splits()?;
    let wanted = options.images.unwrap_or(if setting.quick { 6000 } else { 20_000 }) as usize;
    let unlabelled = pixels(&splits.training, wanted)?;
    let count = unlabelled.len() / (IMAGE.0 * IMAGE.1);
    let (chosen, tested) = (Measured::new(&splits.validation)?, Measured::new(&splits.test)?);
    let threads = setting.threads();

    let mut stages = stages(setting.seed)?;
    let mut random = self::stages(setting.seed)?;
    let batches = BATCHES.map(|batches| if setting.quick { batches / 3 } else { batches });
    let plan = Plan { stages: STAGES, lambda: LAMBDA, batches, images: count, eta: ETA };
    let mut of_stages = learn(&setting, &mut stages, unlabelled.clone(), &plan)?;

    say!("looking for the best units");
    let units = stages.units();
    let trained = [&chosen, &tested].map(|set| set.answers(&mut stages, &threads));
    let untrained = [&chosen, &tested].map(|set| set.answers(&mut random, &threads));
    let best = |answers: &[Vec<f32>; 2], among: Range<usize>, units: usize| {
        let [by, on] = answers;
        detectors(&chosen.with(by, units, among.clone()), &tested.with(on, units, among))
    };
    let mut first = 0;
    for (stage, of_stage) in stages.0.iter().zip(&mut of_stages) {
        let among = first..first + stage.output_len();
        (of_stage.mean, of_stage.mean_random) =
            (mean(&best(&trained, among.clone(), units)), mean(&best(&untrained, among.clone(), units)));
        first = among.end;
    }
    let templates = |centred| {
        let of = |set: &Measured| likeness(&threads, &unlabelled, &set.x, centred);
        best(&[of(&chosen), of(&tested)], 0..TEMPLATES.min(count), TEMPLATES.min(count))
    };
    let (trained_best, random_best, template) =
        (best(&trained, 0..units, units), best(&untrained, 0..units, units), templates(false));

    let [_, answers] = &trained;
    let answers = tested.with(answers, units, 0..units);
    let typical = Typical::new(&unlabelled[..unlabelled.len().min(MIXED * IMAGE.0 * IMAGE.1)], IMAGE.0 * IMAGE.1);
    let mut classes = vec![];
    for (class, detector) in trained_best.iter().enumerate() {
        let (random, template) = (round(random_best[class].accuracy, 4), round(template[class].accuracy, 4));
        let shown = shown(&mut stages, &tested, &answers, detector, &typical);
        classes.push(OfClass { class, random, template, ..shown });
    }
    let findings = Lrmd {
        images: count,
        parameters: stages.0.iter().map(|stage| stage.parameters()).sum(),
        units,
        training_seconds: round(of_stages.iter().map(|stage| stage.seconds).sum(), 1),
        stages: of_stages,
        measured: tested.labels.len(),
        mean: mean(&trained_best),
        mean_random: mean(&random_best),
        mean_template: mean(&template),
        mean_centred: mean(&templates(true)),
        histogram: histogram(&answers, &trained_best[usize::from(ONE)]),
        classes,
    };
    say!("{findings}");
    setting.finish(findings)?;
    Ok(())
}

/// The network with random weights, each place with a backend of its own on the thread that works on the place.
///
/// # Errors
/// When the stages do not fit each other.
fn stages(seed: u64) -> Result<Stages<f32>> {
    let one = Arc::new(Threads::one());
    Stages::new(IMAGE, &STAGES, &move || -> Box<dyn Backend<f32>> { Box::new(Fast::new(one.clone())) }, seed)
}

/// The first so many images of a set, as far as there are any: intensities from 0 to 1.
///
/// # Errors
/// When they are not 28×28.
fn pixels(set: &Dataset, count: usize) -> Result<Vec<f32>> {
    let wanted = Shape::image(1, IMAGE.0, IMAGE.1);
    if set.shape() != wanted {
        return Err(Error::shape("lrmd", format!("images of {wanted}"), set.shape()));
    }
    let images = (0..count.min(set.len())).flat_map(|k| set.image(k));
    Ok(images.map(|&p| f32::from(p) / 256.0).collect())
}

/// Lets one stage learn after the other, each from what those before it hand on. A stage that was learned before a run
/// was stopped need not learn again.
fn learn(setting: &Setting, stages: &mut Stages<f32>, mut grids: Vec<f32>, plan: &Plan) -> Result<Vec<OfStage>> {
    let keeper = setting.keeper("", plan)?;
    let mut notes = Notes::default();
    if let Some(kept) = keeper.earlier::<Notes>()? {
        for (stage, (name, w)) in stages.0.iter_mut().zip(&kept.tensors) {
            let mut to = ArrayD::zeros(ndarray::IxDyn(&[stage.parameters()]));
            crate::kit::restore(&kept.tensors, name, &mut to)?;
            stage.set_weights(w.as_slice().unwrap_or_default());
        }
        notes = kept.notes;
    }
    let threads = setting.threads();
    for k in 0..stages.0.len() {
        if k >= notes.stages.len() {
            notes.stages.push(learn_stage(setting, &mut stages.0[k], &grids, k, plan)?);
            let tensor =
                |(k, stage): (usize, &stage::Stage<f32>)| (format!("{k}.w"), Array1::from(stage.weights()).into_dyn());
            keeper.keep(k as u64 + 1, &stages.0[..=k].iter().enumerate().map(tensor).collect(), &notes)?;
        }
        let stage = &mut stages.0[k];
        let len = CHUNK * stage.local.input_len();
        grids = threads.run(|| grids.chunks(len).flat_map(|grids| stage.forward(&threads, grids).0).collect());
    }
    Ok(notes.stages)
}

/// Lets one stage learn.
fn learn_stage(
    setting: &Setting,
    stage: &mut stage::Stage<f32>,
    grids: &[f32],
    number: usize,
    plan: &Plan,
) -> Result<OfStage> {
    let (threads, steps, began) = (setting.threads(), plan.batches[number], machine::seconds());
    let (len, lambda) = (stage.local.input_len(), plan.lambda[number]);
    let mut random = setting.rng(ORDER + number as u64);
    let mut progress = Progress::new(&format!("stage {}", number + 1), 0, steps as u64);
    let (mut costs, mut x) = (vec![], vec![]);
    for step in 0..steps {
        x.clear();
        for _ in 0..BATCH {
            let k = random.random_range(0..grids.len() / len);
            x.extend_from_slice(&grids[k * len..][..len]);
        }
        let eta = plan.eta * (2.0 * (steps - step) as f64 / steps as f64).min(1.0);
        let cost = threads.run(|| stage.learn(&threads, &x, lambda, eta));
        if !cost.is_finite() {
            return Err(Error::diverged(format!(
                "after {step} mini-batches of stage {} the cost is {cost}",
                number + 1
            )));
        }
        costs.push(cost);
        progress.at(step as u64 + 1);
    }
    let part = |costs: &[f64]| round(costs.iter().sum::<f64>() / costs.len() as f64, 2);
    let twentieth = steps.div_ceil(20);
    let cost = (part(&costs[..twentieth]), part(&costs[steps - twentieth..]));
    let seconds = round(machine::seconds() - began, 1);
    progress.say(format_args!("stage {}: the cost fell from {} to {} in {seconds} s", number + 1, cost.0, cost.1));
    let (places, inputs) = (stage.local.places(), stage.local.encoder().inputs);
    Ok(OfStage { places, inputs, filters: stage.local.filters, cost, seconds, ..OfStage::default() })
}

/// Labelled images on which units are chosen or measured.
struct Measured {
    x: Vec<f32>,
    labels: Vec<Label>,
}

impl Measured {
    /// The first images of a set.
    ///
    /// # Errors
    /// When they are not 28×28.
    fn new(set: &Dataset) -> Result<Self> {
        Ok(Measured { x: pixels(set, MEASURED)?, labels: set.labels().iter().take(MEASURED).copied().collect() })
    }

    /// What all units answer to them.
    fn answers(&self, stages: &mut Stages<f32>, threads: &Threads) -> Vec<f32> {
        let chunks = self.x.chunks(CHUNK * IMAGE.0 * IMAGE.1);
        threads.run(|| chunks.flat_map(|x| stages.answers(threads, x)).collect())
    }

    /// Answers of some units to them.
    fn with<'a>(&'a self, values: &'a [f32], units: usize, among: Range<usize>) -> Answers<'a> {
        Answers { units, among, values, labels: &self.labels }
    }
}

/// The mean accuracy of the ten classes' detectors.
fn mean(best: &[Detector; DIGITS]) -> f64 {
    round(best.iter().map(|detector| detector.accuracy).sum::<f64>() / DIGITS as f64, 4)
}

/// The control: how like each image is to each of the first unlabelled digits, as the cosine of the angle between them;
/// and `centred`, between what is left of them without the mean digit.
fn likeness(threads: &Arc<Threads>, unlabelled: &[f32], images: &[f32], centred: bool) -> Vec<f32> {
    let inputs = IMAGE.0 * IMAGE.1;
    let middle = if centred { mean_image(unlabelled, inputs) } else { vec![0.0; inputs] };
    let unit = |x: &[f32]| {
        let x: Vec<f32> = x.iter().zip(&middle).map(|(x, m)| x - m).collect();
        let length = norm(&x).max(f32::MIN_POSITIVE);
        x.into_iter().map(move |x| x / length)
    };
    let templates: Vec<f32> = unlabelled.chunks_exact(inputs).take(TEMPLATES).flat_map(unit).collect();
    let op = Affine { inputs, outputs: templates.len() / inputs };
    let w: Vec<f32> = (0..templates.len()).map(|k| templates[k % op.outputs * inputs + k / op.outputs]).collect();
    let x: Vec<f32> = images.chunks_exact(inputs).flat_map(unit).collect();
    let mut y = vec![0.0; x.len() / inputs * op.outputs];
    Fast::new(threads.clone()).affine_forward(&op, &x, Weights { w: &w, b: &vec![0.0; op.outputs] }, &mut y);
    y
}

/// What there is to say about the best unit of a class, but for the class and what it is compared with.
fn shown(
    stages: &mut Stages<f32>,
    tested: &Measured,
    answers: &Answers,
    detector: &Detector,
    typical: &Typical,
) -> OfClass {
    let len = IMAGE.0 * IMAGE.1;
    let unit = stages.unit(detector.unit);
    let mut strongest: Vec<(f32, usize)> = answers.of(detector.unit).zip(0..).collect();
    strongest.sort_by(|a, b| b.0.total_cmp(&a.0));
    strongest.truncate(SHOWN);
    let image = |k: usize| &tested.x[k * len..][..len];
    // From the mean of the digits that it likes most, with as much ink as they have
    let length = strongest.iter().map(|&(_, k)| norm(image(k))).sum::<f32>() / strongest.len() as f32;
    let mut start = vec![0.0; len];
    strongest.iter().for_each(|&(_, k)| start.iter_mut().zip(image(k)).for_each(|(sum, x)| *sum += x));
    onto(&mut start, length);
    let threads = Threads::one();
    let (stimulated, stimulus) = stages.best_stimulus(&threads, unit, typical, &start);
    OfClass {
        class: 0,
        stage: unit.stage + 1,
        unit: unit.number,
        accuracy: round(detector.accuracy, 4),
        random: 0.0,
        template: 0.0,
        stimulated: round(stimulated.into(), 2),
        strongest: round(strongest[0].0.into(), 2),
        stimulus: picture(&stimulus),
        digits: strongest.iter().map(|&(_, k)| picture(image(k))).collect(),
        labels: strongest.iter().map(|&(_, k)| tested.labels[k]).collect(),
    }
}

/// An image in sixteen greys, the largest of its numbers in full ink.
fn picture(x: &[f32]) -> Picture {
    let largest = x.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let bytes: Vec<u8> = x.iter().map(|x| (255.0 * x / largest).round() as u8).collect();
    Picture::new(IMAGE.1, &bytes)
}

/// How often the unit gives which answer, to ones and to others.
fn histogram(answers: &Answers, detector: &Detector) -> Vec<Bar> {
    let values: Vec<f32> = answers.of(detector.unit).collect();
    let (low, high) = values.iter().fold((f32::MAX, f32::MIN), |(low, high), &v| (low.min(v), high.max(v)));
    let width = (high - low).max(f32::MIN_POSITIVE) / BARS as f32;
    let (mut counts, mut all) = ([[0; 2]; BARS], [0; 2]);
    for (value, &label) in values.iter().zip(answers.labels) {
        let other = usize::from(label != ONE);
        counts[(((value - low) / width) as usize).min(BARS - 1)][other] += 1;
        all[other] += 1;
    }
    let share = |k: usize, n: usize| round(k as f64 / n.max(1) as f64, 4);
    let bar = |(k, [ones, others]): (usize, [usize; 2])| Bar {
        answer: round(f64::from(low + (k as f32 + 0.5) * width), 3),
        ones: share(ones, all[0]),
        others: share(others, all[1]),
    };
    counts.into_iter().enumerate().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use network3::data::digits;

    #[test]
    fn templates_are_most_like_themselves() {
        let splits = digits(20, 1, 1, 1).unwrap();
        let x = pixels(&splits.training, 20).unwrap();
        for centred in [false, true] {
            let y = likeness(&Arc::new(Threads::one()), &x, &x, centred);
            for (k, row) in y.chunks(20).enumerate() {
                assert!((row[k] - 1.0).abs() < 1e-5 && row.iter().all(|&y| y <= 1.0 + 1e-5), "{k}: {row:?}");
            }
        }
    }

    #[test]
    fn every_answer_is_in_the_histogram() {
        let values = [0.0, 1.0, 2.0, 3.0];
        let answers = Answers { units: 1, among: 0..1, values: &values, labels: &[1, 1, 0, 7] };
        let bars = histogram(&answers, &Detector::default());
        assert_eq!(bars.len(), BARS);
        assert!((bars.iter().map(|bar| bar.ones).sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(bars[0].ones == 0.5 && bars[BARS - 1].others == 0.5);
    }
}
