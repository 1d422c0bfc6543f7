//! scratch

pub mod contrast;
pub mod local;
pub mod pooling;
pub mod stage;
pub mod units;

use crate::kit::{Common, Setting, rng};
use clap::Args;
use experiments::machine;
use local::Local;
use network3::{
    Result, Threads,
    data::Dataset,
    ops::{Affine, Backend, Fast, Rule, Weights},
};
use rand::RngExt;
use stage::Stage;
use std::sync::Arc;
use units::{Answers, detectors};

/// x
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// x
    #[command(flatten)]
    pub common: Common,
}

fn env<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

fn images(set: &Dataset, n: usize) -> Vec<f32> {
    let c = contrast::Contrast { grid: (28, 28), maps: 1 };
    let mut out = vec![];
    for k in 0..n {
        let x: Vec<f32> = set.image(k).iter().map(|&p| f32::from(p) / 256.0).collect();
        if env("LCN0", 0) == 1 {
            let (mut v, mut y) = (x.clone(), x.clone());
            c.forward(&x, &mut v, &mut y);
            out.extend(y);
        } else {
            out.extend(x);
        }
    }
    out
}

/// x
pub fn run(options: &Options) -> Result<()> {
    let setting = Setting::start(&options.common, "lrmd")?;
    let splits = setting.splits()?;
    let threads = setting.threads();
    let n = env("N", 20000);
    let (mut a, mut b, mut c) = (images(&splits.training, n), images(&splits.validation, 5000), images(&splits.test, 5000));
    let (lb, lc) = (&splits.validation.labels()[..5000], &splits.test.labels()[..5000]);
    if env("CONTROL", 0) == 1 {
        let op = Affine { inputs: 784, outputs: 1000 };
        let mut w = vec![0.0; 784 * 1000];
        for k in 0..1000 {
            let x = &a[k * 784..][..784];
            let norm = x.iter().map(|x| x * x).sum::<f32>().sqrt();
            for i in 0..784 {
                w[i * 1000 + k] = x[i] / norm;
            }
        }
        let mut fast = Fast::new(threads.clone());
        for cosine in [false, true] {
            let mut r = vec![];
            for x in [&b, &c] {
                let mut y = vec![0.0; 5000 * 1000];
                fast.affine_forward(&op, x, Weights { w: &w, b: &[0.0; 1000] }, &mut y);
                if cosine {
                    for (y, x) in y.chunks_mut(1000).zip(x.chunks(784)) {
                        let norm = x.iter().map(|x| x * x).sum::<f32>().sqrt();
                        y.iter_mut().for_each(|y| *y /= norm);
                    }
                }
                r.push(y);
            }
            let d = detectors(Answers { units: 1000, values: &r[0], labels: lb }, Answers { units: 1000, values: &r[1], labels: lc });
            println!("templates cosine {cosine}: mean {:.3} {:.3?}", d.iter().map(|d| d.accuracy).sum::<f64>() / 10.0, d.map(|d| d.accuracy));
        }
    }
    let one = Arc::new(Threads::one());
    let make = move || -> Box<dyn Backend<f32>> { Box::new(Fast::new(one.clone())) };
    let (mut grid, mut maps) = ((28, 28), 1);
    let lambda = env("LAMBDA", 0.1);
    for (k, (side, stride, filters)) in [(10, 3, 32), (4, 1, 64), (4, 1, env("TOP", 200))].into_iter().enumerate() {
        let local = Local::new(grid, maps, side, stride, filters)?;
        let mut stage = Stage::new(local, &make, &mut rng(setting.seed, k as u64));
        let epochs = env(&format!("E{k}"), 3usize);
        let eta = env(&format!("ETA{k}"), 0.02);
        let batch = env("BATCH", 100);
        let len = local.input_len();
        let began = machine::seconds();
        let mut random = rng(setting.seed, 100 + k as u64);
        let steps = epochs * n / batch;
        let mut sum = 0.0;
        for step in 0..steps {
            let mut x = Vec::with_capacity(batch * len);
            for _ in 0..batch {
                let i = random.random_range(0..n);
                x.extend_from_slice(&a[i * len..][..len]);
            }
            let left = 2.0 * (steps - step) as f64 / steps as f64;
            let rule = Rule { eta: (eta * left.min(1.0)) as f32, decay: 0.0, momentum: 0.9 };
            let cost = threads.run(|| stage.learn(&threads, &x, env(&format!("L{k}"), lambda), rule));
            sum += cost;
            if (step + 1) % (steps / 6).max(1) == 0 {
                println!("stage {k} step {step} cost {:.4}", sum / (steps / 6).max(1) as f64);
                sum = 0.0;
            }
        }
        println!("stage {k} learned {:.1}s", machine::seconds() - began);
        let mut rs = vec![];
        let mut pooled = vec![];
        for x in [&mut a, &mut b, &mut c] {
            let mut y = vec![];
            let mut p = vec![];
            for x in x.chunks(500 * len) {
                let (o, t) = stage.forward(&threads, x);
                y.extend(o);
                p.extend(t.pools().iter().copied());
            }
            *x = y.clone();
            rs.push(y);
            pooled.push(p);
        }
        let units = stage.output_len();
        for (what, rs) in [("normalised", &rs), ("pooled", &pooled)] {
            let d = detectors(Answers { units, values: &rs[1], labels: lb }, Answers { units, values: &rs[2], labels: lc });
            println!("stage {k} {what} {units} units: mean {:.3} {:.3?}", d.iter().map(|d| d.accuracy).sum::<f64>() / 10.0, d.map(|d| d.accuracy));
        }
        println!("stage {k} all {:.1}s", machine::seconds() - began);
        grid = local.outputs();
        maps = stage.pools();
    }
    Ok(())
}
