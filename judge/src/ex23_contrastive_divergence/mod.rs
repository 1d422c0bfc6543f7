//! A restricted Boltzmann machine, and a step of contrastive divergence.

mod corners;
mod learns;
pub mod wrong;

use crate::measure::measure;
use crate::{Check, Exercise, Random, Verdict, compare};
use ndarray::{Array1, Array2, array};
use solutions::ex23_contrastive_divergence as solution;
use wrong::{ENERGY, GROWTH, HIDDEN, VISIBLE};

/// What w, a and b grow by.
type Growth = (Array2<f64>, Array1<f64>, Array1<f64>);

/// What the reader writes.
#[derive(Clone, Copy)]
#[allow(clippy::type_complexity)] // the signatures as the reader sees them
pub struct Answers {
    pub hidden: fn(&Array2<f64>, &Array1<f64>, &Array2<f64>) -> Array2<f64>,
    pub visible: fn(&Array2<f64>, &Array1<f64>, &Array2<f64>) -> Array2<f64>,
    pub free_energy: fn(&Array2<f64>, &Array1<f64>, &Array1<f64>, &Array2<f64>) -> Array1<f64>,
    pub contrastive_divergence: fn(&Array2<f64>, &Array1<f64>, &Array1<f64>, &Array2<f64>, &Array2<f64>) -> Growth,
}

/// The checks of these answers.
pub fn exercise(a: Answers) -> Exercise {
    let check = |function, name, run: fn(Answers) -> Verdict| Check::new(function, name, move || run(a));
    Exercise {
        name: "ex23_contrastive_divergence",
        read_on: "deep belief nets in \"Other approaches to deep neural nets\"",
        checks: vec![
            check("hidden", "two units and one", few_hidden),
            check("hidden", "random machines", random_hidden),
            check("hidden", "all shapes, tiny and huge", corners::hidden),
            check("visible", "two units and one", few_visible),
            check("visible", "random machines", random_visible),
            check("visible", "all shapes, tiny and huge", corners::visible),
            check("free_energy", "all states of small machines, one by one", counted),
            check("free_energy", "all shapes, tiny and huge", corners::energies),
            check("contrastive_divergence", "one example, against finite differences", one_measured),
            check("contrastive_divergence", "several examples, against finite differences", several_measured),
            check("contrastive_divergence", "certain units, and random numbers at the edge", corners::certain),
            check("contrastive_divergence", "all shapes, tiny and huge", corners::growth),
            check("contrastive_divergence", "a machine learns stripes", learns::stripes),
        ],
    }
    .otherwise(&[
        ("hidden", "σ of v times w, plus b: is each sum over the visible units?"),
        ("visible", "σ of h times the transpose of w, plus a: is each sum over the hidden units?"),
        ("free_energy", "both terms have a minus before them: −a·v, and −Σ ln(1 + e^z) over the hidden units"),
        (
            "contrastive_divergence",
            "what v makes of the hidden units, less what v′ makes of them: is something drawn that should not be, or the other way round?",
        ),
    ])
}

/// A machine with images and random numbers.
struct Machine {
    w: Array2<f64>,
    a: Array1<f64>,
    b: Array1<f64>,
    v: Array2<f64>,
    uniform: Array2<f64>,
}

impl Machine {
    fn random(random: &mut Random, (examples, visible, hidden): (usize, usize, usize)) -> Machine {
        Machine {
            w: random.array((visible, hidden)),
            a: random.array(visible),
            b: random.array(hidden),
            v: random.array((examples, visible)).mapv(f64::abs),
            uniform: random.array((examples, hidden)).mapv(f64::abs),
        }
    }

    fn several(seed: u64) -> impl Iterator<Item = Machine> {
        (1..=6).map(move |k| {
            let random = &mut Random::new(seed + k);
            let shape = (random.integer(2, 6), random.integer(2, 7), random.integer(2, 6));
            Machine::random(random, shape)
        })
    }

    fn words(&self) -> String {
        let (visible, hidden) = self.w.dim();
        let examples = if self.v.nrows() == 1 { "1 example".into() } else { format!("{} examples", self.v.nrows()) };
        format!("{visible} visible and {hidden} hidden units, {examples}")
    }
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

fn few_hidden(a: Answers) -> Verdict {
    let (w, b, v) = (array![[2.0], [-1.0]], array![0.5], array![[1.0, 0.0], [0.5, 1.0]]);
    let expected = array![[sigmoid(2.5)], [sigmoid(0.5)]];
    judge_hidden(a, "hidden(w = [[2], [-1]], b = 0.5, v = [[1, 0], [0.5, 1]])", &expected, (&w, &b, &v))
}

fn judge_hidden(
    a: Answers,
    what: &str,
    expected: &Array2<f64>,
    (w, b, v): (&Array2<f64>, &Array1<f64>, &Array2<f64>),
) -> Verdict {
    let mistakes = HIDDEN.map(|(f, why)| (f(w, b, v), why));
    compare(what, expected, &(a.hidden)(w, b, v)).suspects(mistakes).verdict()
}

fn random_hidden(a: Answers) -> Verdict {
    Machine::several(2300).try_for_each(|m| {
        let z = |n: usize, j: usize| m.b[j] + m.v.row(n).dot(&m.w.column(j));
        let expected = Array2::from_shape_fn(m.uniform.raw_dim(), |(n, j)| sigmoid(z(n, j)));
        judge_hidden(a, &format!("hidden({})", m.words()), &expected, (&m.w, &m.b, &m.v))
    })
}

fn few_visible(a: Answers) -> Verdict {
    let (w, b, h) = (array![[2.0], [-1.0]], array![0.0, 0.5], array![[1.0], [0.0]]);
    let expected = array![[sigmoid(2.0), sigmoid(-0.5)], [0.5, sigmoid(0.5)]];
    judge_visible(a, "visible(w = [[2], [-1]], a = [0, 0.5], h = [[1], [0]])", &expected, (&w, &b, &h))
}

fn judge_visible(
    a: Answers,
    what: &str,
    expected: &Array2<f64>,
    (w, of_v, h): (&Array2<f64>, &Array1<f64>, &Array2<f64>),
) -> Verdict {
    let mistakes = VISIBLE.map(|(f, why)| (f(w, of_v, h), why));
    compare(what, expected, &(a.visible)(w, of_v, h)).suspects(mistakes).verdict()
}

fn random_visible(a: Answers) -> Verdict {
    Machine::several(2310).try_for_each(|m| {
        let h = m.uniform.mapv(|u| if u < 0.5 { 1.0 } else { 0.0 });
        let z = |n: usize, i: usize| m.a[i] + h.row(n).dot(&m.w.row(i));
        let expected = Array2::from_shape_fn(m.v.raw_dim(), |(n, i)| sigmoid(z(n, i)));
        judge_visible(a, &format!("visible({})", m.words()), &expected, (&m.w, &m.a, &h))
    })
}

/// e^(−F(v)) is the sum over all states of the hidden units, of e to the power of a·v + b·h + v·w·h.
fn counted(a: Answers) -> Verdict {
    Machine::several(2320).try_for_each(|m| {
        let expected: Array1<f64> =
            m.v.rows()
                .into_iter()
                .map(|v| {
                    let states = 0..1 << m.b.len();
                    let weight = |state: usize| {
                        let h: Array1<f64> = (0..m.b.len()).map(|j| ((state >> j) & 1) as f64).collect();
                        (m.a.dot(&v) + m.b.dot(&h) + v.dot(&m.w).dot(&h)).exp()
                    };
                    -states.map(weight).sum::<f64>().ln()
                })
                .collect();
        let mistakes = ENERGY.map(|(f, why)| (f(&m.w, &m.a, &m.b, &m.v), why));
        compare(&format!("free_energy({})", m.words()), &expected, &(a.free_energy)(&m.w, &m.a, &m.b, &m.v))
            .suspects(mistakes)
            .verdict()
    })
}

fn one_measured(a: Answers) -> Verdict {
    Machine::several(2330).try_for_each(|mut m| {
        m.v = m.v.slice(ndarray::s![..1, ..]).to_owned();
        m.uniform = m.uniform.slice(ndarray::s![..1, ..]).to_owned();
        judge_measured(a, &m)
    })
}

fn several_measured(a: Answers) -> Verdict {
    Machine::several(2340).try_for_each(|m| judge_measured(a, &m))
}

/// Downhill in F(v) − F(v′), the mean over all examples, where v′ stays what it is.
fn judge_measured(a: Answers, m: &Machine) -> Verdict {
    let p = solution::hidden(&m.w, &m.b, &m.v);
    let h = Array2::from_shape_fn(p.raw_dim(), |at| if m.uniform[at] < p[at] { 1.0 } else { 0.0 });
    let dreamt = solution::visible(&m.w, &m.a, &h);
    let rise = |w: &Array2<f64>, a: &Array1<f64>, b: &Array1<f64>| {
        let energy = |v| solution::free_energy(w, a, b, v).sum() / m.v.nrows() as f64;
        energy(&dreamt) - energy(&m.v)
    };
    let expected = (
        measure(&m.w, |w| rise(w, &m.a, &m.b)),
        measure(&m.a, |a| rise(&m.w, a, &m.b)),
        measure(&m.b, |b| rise(&m.w, &m.a, b)),
    );
    judge_growth(a, m, &expected, 1e-6)
}

fn judge_growth(a: Answers, m: &Machine, expected: &Growth, within: f64) -> Verdict {
    let all = |(dw, da, db): Growth| [dw.into_dyn(), da.into_dyn(), db.into_dyn()];
    let mistakes = GROWTH.map(|(f, why)| (all(f(&m.w, &m.a, &m.b, &m.v, &m.uniform)), why));
    let got = all((a.contrastive_divergence)(&m.w, &m.a, &m.b, &m.v, &m.uniform));
    for (k, (expected, got)) in all(expected.clone()).iter().zip(&got).enumerate() {
        let name = ["dw", "da", "db"][k];
        // A mistake that leaves this one right is not what is wrong with it.
        let mistakes = mistakes.iter().map(|(all, why)| (all[k].clone(), *why));
        let mistakes = mistakes.filter(|(would_be, _)| !compare(name, expected, would_be).within(within).agrees());
        compare(&format!("contrastive_divergence({}) → {name}", m.words()), expected, got)
            .within(within)
            .suspects(mistakes)
            .verdict()?;
    }
    Ok(())
}
