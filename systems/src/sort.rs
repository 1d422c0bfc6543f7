//! You against the ensemble: the digits that it found hardest, in the terminal.
//!
//! In 2014 Andrej Karpathy sat down and sorted pictures of ImageNet, to find out how well a person does what a network
//! does (Russakovsky and others, *ImageNet large scale visual recognition challenge*, section 6.4). This is the same
//! with handwritten digits. They come out of the records of the book's ensemble, so neither MNIST nor a network is
//! needed.

use experiments::record::{Picture, Record, Summary};
use network3::{Error, Label, Result};
use rand::{SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::{
    collections::BTreeMap,
    fmt,
    io::{self, BufRead, Write},
    path::{Path, PathBuf},
};

/// Options of this program.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How many digits
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..))]
    digits: u16,
    /// In which order they come
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Take the ensemble's records from DIR [default: those of the book]
    #[arg(long, value_name = "DIR")]
    records: Option<PathBuf>,
}

/// The runs that vote, and what they came to together.
const RUNS: &str = "dropout-1000";
const TOGETHER: &str = "ensemble-summary.json";

/// Shows digits, asks for each what it is, and compares the answers with the ensemble's.
///
/// # Errors
/// When the records cannot be read, and when the terminal cannot.
pub fn run(options: &Options) -> Result<()> {
    let book = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../figures/records");
    let folder = options.records.clone().unwrap_or_else(book);
    let mut digits = hardest(&folder, options.digits.into())?;
    digits.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(options.seed));
    match play(&digits, io::stdin().lock(), io::stdout().lock()) {
        // Whoever closes the pipe has seen enough.
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Error::io("reading your answers", e)),
        _ => Ok(()),
    }
}

/// A digit that some of the networks misread.
#[derive(Clone, Debug, PartialEq)]
pub struct Digit {
    /// Its number among the test images.
    pub image: usize,
    /// What it is.
    pub label: Label,
    /// What it looks like.
    pub picture: Picture,
    /// What each network takes it for.
    pub networks: Vec<Label>,
    /// What they take it for together.
    pub ensemble: Label,
}

impl Digit {
    fn misread_by(&self) -> usize {
        self.networks.iter().filter(|&&read| read != self.label).count()
    }
}

/// The digits that most of the ensemble's networks misread; among equals, in the order of the test set.
///
/// # Errors
/// When a record is missing or damaged, and when there are not so many.
pub fn hardest(folder: &Path, count: usize) -> Result<Vec<Digit>> {
    let together = Summary::read(folder.join(TOGETHER))?;
    let vote = together.ensemble.ok_or_else(|| Error::input(format!("{TOGETHER} has no vote in it")))?;
    let run = |k: usize| folder.join(format!("{RUNS}-{k}.json"));
    let runs = (1..=together.runs.len()).map(|k| Record::read(run(k))).collect::<Result<Vec<_>>>()?;

    // Who is not recorded as wrong was right
    let mut digits: BTreeMap<usize, Digit> = BTreeMap::new();
    for (k, m) in runs.iter().enumerate().flat_map(|(k, run)| run.misclassified.iter().map(move |m| (k, m))) {
        let Some(picture) = &m.picture else { continue };
        let digit = digits.entry(m.image).or_insert_with(|| Digit {
            image: m.image,
            label: m.label,
            picture: picture.clone(),
            networks: vec![m.label; runs.len()],
            ensemble: m.label,
        });
        digit.networks[k] = m.predicted;
    }
    for m in &vote.misclassified {
        if let Some(digit) = digits.get_mut(&m.image) {
            digit.ensemble = m.predicted;
        }
    }
    let mut digits: Vec<Digit> = digits.into_values().collect();
    if digits.len() < count {
        return Err(Error::input(format!("{count} digits are too many: the networks misread {} in all", digits.len())));
    }
    digits.sort_by_key(|digit| std::cmp::Reverse(digit.misread_by()));
    digits.truncate(count);
    Ok(digits)
}

/// What somebody has answered.
#[derive(Debug, Default, PartialEq)]
struct Score {
    /// The digits that were shown, with the answers; none where somebody passed.
    answers: Vec<(Digit, Option<Label>)>,
}

/// Shows one digit after the other and asks what it is. Ends with the last one, with q, or where the input does.
fn play(digits: &[Digit], mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    writeln!(
        output,
        "{} digits, the hardest of MNIST for five networks that were trained alike. What are they?",
        digits.len()
    )?;
    writeln!(output, "Type 0 to 9 and Enter; Enter alone passes, q ends.\n")?;
    let mut score = Score::default();
    'digits: for (k, digit) in digits.iter().enumerate() {
        writeln!(output, "{}", Drawn(&digit.picture))?;
        let answer = loop {
            write!(output, "{} of {}: ", k + 1, digits.len())?;
            output.flush()?;
            let mut line = String::new();
            if input.read_line(&mut line)? == 0 {
                break 'digits;
            }
            match line.trim() {
                "" => break None,
                "q" => break 'digits,
                text => match text.parse::<Label>() {
                    Ok(answer) if answer < 10 => break Some(answer),
                    _ => writeln!(output, "{text:?} is no digit.")?,
                },
            }
        };
        score.answers.push((digit.clone(), answer));
        writeln!(output)?;
    }
    writeln!(output, "\n{score}")
}

/// A picture in characters, two for a pixel; rows without ink are left out.
struct Drawn<'a>(&'a Picture);

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
        let rows: Vec<Vec<u8>> = self.0.rows().collect();
        let inked = |row: &Vec<u8>| row.iter().any(|&p| p > 0);
        let Some(first) = rows.iter().position(inked) else { return Ok(()) };
        let last = rows.iter().rposition(inked).unwrap_or(first);
        for row in &rows[first..=last] {
            let line: String = row.iter().flat_map(|&p| [SHADES[usize::from(p).div_ceil(64).min(4)]; 2]).collect();
            writeln!(f, "    {}", line.trim_end())?;
        }
        Ok(())
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.answers.len();
        if all == 0 {
            return write!(f, "No digit, no comparison.");
        }
        let right = |answer: &dyn Fn(&Digit, Option<Label>) -> bool| {
            self.answers.iter().filter(|(digit, given)| answer(digit, *given)).count()
        };
        let you = right(&|digit, given| given == Some(digit.label));
        let ensemble = right(&|digit, _| digit.ensemble == digit.label);
        let networks = self.answers[0].0.networks.len();
        let best = (0..networks).map(|k| right(&|digit, _| digit.networks[k] == digit.label)).max().unwrap_or(0);
        let with_it = right(&|digit, given| given.is_some() && given == Some(digit.ensemble));
        writeln!(f, "Of {all} digits, as MNIST labels them:")?;
        writeln!(f, "  {you:3}  you")?;
        writeln!(f, "  {ensemble:3}  the ensemble")?;
        writeln!(f, "  {best:3}  the best of its {networks} networks")?;
        writeln!(f, "You gave the ensemble's answer {with_it} times.")?;
        let missed: Vec<_> = self.answers.iter().filter(|(digit, given)| *given != Some(digit.label)).collect();
        if !missed.is_empty() {
            writeln!(f, "\n  image  MNIST  you  the ensemble")?;
        }
        for (Digit { image, label, ensemble, .. }, given) in missed {
            let given = given.map_or("–".to_string(), |given| given.to_string());
            writeln!(f, "  {image:5}  {label:5}  {given:>3}  {ensemble:12}")?;
        }
        write!(
            f,
            "\nOn all 10,000 test images the ensemble does far better than on these, which were chosen against it."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../figures/records")
    }

    #[test]
    fn the_hardest_digits_of_the_book() {
        let digits = hardest(&book(), 50).unwrap();
        assert_eq!(digits.len(), 50);
        assert!(digits.windows(2).all(|pair| pair[0].misread_by() >= pair[1].misread_by()));
        assert_eq!(digits[0].misread_by(), digits[0].networks.len());
        // Where most of the networks agree on an answer, it is the ensemble's.
        for digit in &digits {
            for &read in &digit.networks {
                let votes = digit.networks.iter().filter(|&&other| other == read).count();
                assert!(2 * votes <= digit.networks.len() || digit.ensemble == read, "{digit:?}");
            }
        }
        assert!(hardest(&book(), 10_000).unwrap_err().to_string().contains("too many"));
        assert!(hardest(Path::new("nowhere"), 50).is_err());
    }

    fn two() -> [Digit; 2] {
        let picture = Picture::new(3, &[0, 255, 0, 0, 128, 0]);
        let digit =
            |image, label, networks, ensemble| Digit { image, label, picture: picture.clone(), networks, ensemble };
        [digit(7, 3, vec![3, 5, 5], 5), digit(9, 1, vec![1, 7, 1], 1)]
    }

    fn played(answers: &str) -> String {
        let mut output = vec![];
        play(&two(), answers.as_bytes(), &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn answers_are_counted() {
        let said = played("5\nx\n1\n");
        for line in
            ["    1  you", "    1  the ensemble", "    2  the best of its 3", "answer 2 times", "\"x\" is no digit"]
        {
            assert!(said.contains(line), "{said}");
        }
        assert!(said.contains("      7      3    5             5") && !said.contains("\n      9 "), "{said}");
        assert!(said.contains("      ██\n      ▓▓\n"), "{said}");
    }

    #[test]
    fn one_may_pass_and_end() {
        let said = played("\nq\n");
        assert!(said.contains("Of 1 digits") && said.contains("  0  you") && said.contains("–"), "{said}");
        assert!(played("").contains("No digit, no comparison."));
        assert!(played("3").contains("    1  you"));
    }
}
