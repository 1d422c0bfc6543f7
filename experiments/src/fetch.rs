//! MNIST over the network.
//!
//! The mirrors speak plain HTTP, and none of them is trusted: what arrives is kept only if its uncompressed bytes have
//! the SHA-256 that stands here. A transfer that breaks off leaves a `.part` file behind and goes on from there, in
//! this run or the next. No mirror can hold the program for ever, fill the disk or send it elsewhere: what arrives is
//! bounded in number, rate and time, and redirects are refused.

mod wire;

use network3::{
    Error, Result,
    data::{gz, mnist},
};
use sha2::{Digest, Sha256};
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector, DefaultConnector};
use ureq::{Agent, Body, http::Response};

/// What is fetched, where from, and how patiently.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// Addresses that a file name is appended to, in the order in which they are tried.
    pub mirrors: Vec<String>,
    /// Each file's name, and the SHA-256 of its uncompressed bytes in hexadecimal.
    pub files: Vec<(String, String)>,
    /// How long to look up a name, and how long to wait for a connection.
    pub connect: Duration,
    /// How long to wait for the next bytes, and for the header of an answer.
    pub stall: Duration,
    /// How many bytes must arrive in each `stall` of waiting, at least.
    pub least: u64,
    /// How long one answer may take in all.
    pub deadline: Duration,
    /// How often one mirror may begin on one file.
    pub attempts: usize,
}

/// How far a file has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The name of the file.
    pub file: &'a str,
    /// The address it comes from.
    pub url: &'a str,
    /// Bytes that are here, among them those of an earlier transfer.
    pub received: u64,
    /// Bytes that there will be, where the server says so.
    pub total: Option<u64>,
}

const MIRRORS: [&str; 2] =
    ["http://storage.googleapis.com/cvdf-datasets/mnist/", "http://ossci-datasets.s3.amazonaws.com/mnist/"];

/// In the order of [`mnist::FILES`].
const SHA256: [&str; 4] = [
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
];

/// No file here is larger, compressed or not: 64 MiB. A server that goes on sending is cut short.
const LARGEST: u64 = 64 << 20;

/// What an answer may have around the file: 64 KiB of headers, chunk sizes and trailers.
const AROUND: u64 = 64 << 10;

/// Fetches MNIST into a folder, usually [`mnist::FOLDER`], and reports on the way.
///
/// ```no_run
/// use network3::data::mnist;
/// experiments::fetch::fetch(mnist::FOLDER.as_ref(), &mut |p| eprintln!("{} {}", p.file, p.received))?;
/// # Ok::<(), network3::Error>(())
/// ```
///
/// # Errors
/// As [`Fetch::run`].
pub fn fetch(folder: &Path, progress: &mut dyn FnMut(&Progress)) -> Result<()> {
    Fetch::mnist().run(folder, progress)
}

impl Fetch {
    /// The four files of MNIST from the usual mirrors.
    pub fn mnist() -> Self {
        Fetch {
            mirrors: MIRRORS.map(String::from).to_vec(),
            files: mnist::FILES.iter().zip(SHA256).map(|(name, sum)| (format!("{name}.gz"), sum.into())).collect(),
            // Without a network, or behind a wall that swallows everything, it is over in half a minute.
            connect: Duration::from_secs(5),
            stall: Duration::from_secs(12),
            // 2 KiB a second: half of what a telephone line brought.
            least: 24 << 10,
            // For the largest file, 10 MB, that is 5.5 KB a second.
            deadline: Duration::from_secs(30 * 60),
            attempts: 4,
        }
    }

    /// Fetches what is not there yet, compressed or not, under any name that [`mnist::load_dir`] would read it by.
    /// Files appear in the folder whole and verified, or not at all.
    ///
    /// # Errors
    /// When no mirror delivers a file (the message says why, mirror by mirror, and what to do), when the folder cannot
    /// be written to, and when another file stands where it would be read before the one that is fetched.
    pub fn run(&self, folder: &Path, progress: &mut dyn FnMut(&Progress)) -> Result<()> {
        fs::create_dir_all(folder).map_err(|e| Error::io(format!("creating {}", folder.display()), e))?;
        let agent = self.agent();
        for (name, sha256) in &self.files {
            let (whole, part) = (folder.join(name), folder.join(format!("{name}.part")));
            let stem = name.trim_end_matches(".gz");
            if let Some(used) = mnist::file_in(folder, stem) {
                match verify(&used, sha256) {
                    Ok(()) => continue,
                    Err(e) if used.starts_with(folder.join(stem)) && fs::metadata(&used).is_ok_and(|m| m.len() > 0) => {
                        let advice = format!("it would be read instead of {}: move it away", whole.display());
                        return Err(e.context(used.display()).advice(advice));
                    }
                    Err(_) => {}
                }
            }
            self.get(&agent, name, sha256, &part, progress)?;
            fs::rename(&part, &whole).map_err(|e| Error::io(format!("renaming {}", part.display()), e))?;
        }
        Ok(())
    }

    fn agent(&self) -> Agent {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(self.deadline))
            .timeout_resolve(Some(self.connect))
            .timeout_connect(Some(self.connect))
            .timeout_recv_response(Some(self.stall))
            .timeout_per_read(Some(self.stall))
            // A connection for each answer, so that what is counted is of one.
            .max_idle_connections(0)
            .build();
        let bounds = wire::Bounds { most: LARGEST + AROUND, least: self.least, window: self.stall };
        Agent::with_parts(config, DefaultConnector::new().chain(bounds), DefaultResolver::default())
    }

    /// Gets one file into `part`, verified, from whichever mirror delivers it.
    fn get(
        &self,
        agent: &Agent,
        file: &str,
        sha256: &str,
        part: &Path,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<()> {
        let mut failures = String::new();
        for mirror in &self.mirrors {
            let url = format!("{mirror}{file}");
            let transfer = Transfer { agent, file, url: &url, sha256, part };
            match transfer.verified(self.attempts, progress) {
                Ok(()) => return Ok(()),
                Err(Trouble::Here(e)) => return Err(e),
                Err(Trouble::Mirror(why) | Trouble::BrokenOff(why)) => failures += &format!("\n  {url}: {why}"),
            }
        }
        let folder = part.parent().unwrap_or(part).display();
        let files: Vec<&str> = self.files.iter().map(|(file, _)| file.as_str()).collect();
        Err(Error::input(format!(
            "no mirror delivers {file}:{failures}\nPut these files into {folder} by hand: {}. Or use `--data digits`, \
             which needs none.",
            files.join(", ")
        )))
    }
}

/// One file from one mirror.
struct Transfer<'a> {
    agent: &'a Agent,
    file: &'a str,
    url: &'a str,
    sha256: &'a str,
    part: &'a Path,
}

/// Why a transfer did not end well.
enum Trouble {
    /// This mirror will not do.
    Mirror(String),
    /// It broke off midway: worth another attempt.
    BrokenOff(String),
    /// The fault is on this side (a full disk), and no other mirror would help.
    Here(Error),
}

impl Transfer<'_> {
    /// Tries until the right bytes are there, at most `attempts` times.
    fn verified(&self, attempts: usize, progress: &mut dyn FnMut(&Progress)) -> Result<(), Trouble> {
        let mut why = String::new();
        for _ in 0..attempts {
            let resumed = match self.attempt(progress) {
                Ok(resumed) => resumed,
                Err(Trouble::BrokenOff(e)) => {
                    why = e;
                    continue;
                }
                Err(e) => return Err(e),
            };
            match verify(self.part, self.sha256) {
                Ok(()) => return Ok(()),
                Err(e) => why = e.to_string(),
            }
            self.discard()?;
            // The bytes of an earlier transfer may have been the bad ones: then once more, from the beginning.
            if !resumed {
                break;
            }
        }
        Err(Trouble::Mirror(why))
    }

    /// Gets the file, or what is missing of it. Returns whether bytes from before were kept.
    fn attempt(&self, progress: &mut dyn FnMut(&Progress)) -> Result<bool, Trouble> {
        let here = |e| Trouble::Here(Error::io(format!("writing {}", self.part.display()), e));
        let have = fs::metadata(self.part).map_or(0, |m| m.len());
        let mut request = self.agent.get(self.url);
        if have > 0 {
            request = request.header("Range", format!("bytes={have}-"));
        }
        let mut response = request.call().map_err(|e| Trouble::Mirror(e.to_string()))?;
        let start = match response.status().as_u16() {
            200 => 0,
            206 if have > 0 && begins_at(&response, have) => have,
            // There is nothing beyond what is here: it may be the whole file, never verified.
            416 if have > 0 => return Ok(true),
            status @ 300..=399 => {
                let to = response.headers().get("Location").map(|to| format!(" to {to:?}")).unwrap_or_default();
                let message = format!("the server redirects{to} (status {status}), and no redirect is followed");
                return Err(Trouble::Mirror(message));
            }
            status => return Err(Trouble::Mirror(format!("the server answers with status {status}"))),
        };
        let mut out = OpenOptions::new().create(true).append(true).open(self.part).map_err(here)?;
        out.set_len(start).map_err(here)?;
        let total = response.body().content_length().map(|rest| start + rest);
        let mut body = response.body_mut().as_reader();
        let (mut received, mut buffer) = (start, vec![0; 1 << 16]);
        loop {
            progress(&Progress { file: self.file, url: self.url, received, total });
            match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => {
                    received += n as u64;
                    out.write_all(&buffer[..n]).map_err(here)?;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if received == start => return Err(Trouble::Mirror(e.to_string())),
                Err(e) => return Err(Trouble::BrokenOff(format!("broke off after {received} bytes: {e}"))),
            }
            if received > LARGEST {
                self.discard()?;
                return Err(Trouble::Mirror(format!("sends more than {LARGEST} bytes")));
            }
        }
        out.sync_all().map_err(here)?;
        Ok(start > 0)
    }

    fn discard(&self) -> Result<(), Trouble> {
        let here = |e| Trouble::Here(Error::io(format!("removing {}", self.part.display()), e));
        fs::remove_file(self.part).map_err(here)
    }
}

/// Is this the part of the file that was asked for? `Content-Range: bytes 100-199/200` begins at 100.
fn begins_at(response: &Response<Body>, start: u64) -> bool {
    let range = response.headers().get("Content-Range").and_then(|value| value.to_str().ok());
    range.is_some_and(|range| range.starts_with(&format!("bytes {start}-")))
}

/// Are these the right bytes, once uncompressed?
fn verify(path: &Path, sha256: &str) -> Result<()> {
    let unsound = |e: &dyn std::fmt::Display| Error::input(format!("not a sound gz file ({e})"));
    let (from, _) = gz::open(path).map_err(|e| unsound(&e))?;
    let mut from = from.take(LARGEST + 1);
    let (mut sum, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => sum.update(&buffer[..n]),
            Err(e) => return Err(unsound(&e)),
        }
    }
    let found: String = sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    match found == sha256 {
        true => Ok(()),
        false => Err(Error::input(format!("another file than is wanted (SHA-256 {found}, expected {sha256})"))),
    }
}
