//! Fetching, from a server on loopback that breaks off, lies, stalls and answers nonsense.

use experiments::fetch::{Fetch, Progress};
use flate2::{Compression, write::GzEncoder};
use network3::data::mnist;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What the server does with one request.
#[derive(Clone, Debug)]
enum Reply {
    /// The file, or the part of it that was asked for.
    Honest,
    /// The same, but the line goes dead after so many bytes.
    BreakOff(usize),
    /// The same, but after so many bytes nothing more comes, and the line stays open.
    Stall(usize),
    /// The whole file, whatever was asked for.
    IgnoreRange,
    /// Another part than was asked for.
    WrongRange,
    /// These bytes, with status 200.
    Lie(Vec<u8>),
    Status(u16),
    /// More and more bytes, without end.
    Endless,
}

/// Follows a script, one line for each request; the last line is for all that come after.
struct Server {
    address: SocketAddr,
    /// For each request: where its range begins, if it has one.
    requests: Arc<Mutex<Vec<Option<usize>>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn new(file: &[u8], script: &[Reply]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, stop) = (Arc::new(Mutex::new(vec![])), Arc::new(AtomicBool::new(false)));
        let (file, script) = (file.to_vec(), script.to_vec());
        let (seen, stopping) = (requests.clone(), stop.clone());
        let serve = move || {
            for stream in listener.incoming() {
                if stopping.load(Ordering::SeqCst) {
                    break;
                }
                let mut stream = stream.unwrap();
                let range = range(&stream);
                let mut seen = seen.lock().unwrap();
                let (reply, file) = (script[seen.len().min(script.len() - 1)].clone(), file.clone());
                seen.push(range);
                // The client may hang up in the middle; that is its right.
                thread::spawn(move || drop(answer(&mut stream, &file, range, &reply)));
            }
        };
        Server { address, requests, stop, thread: Some(thread::spawn(serve)) }
    }

    fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    fn requests(&self) -> Vec<Option<usize>> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().unwrap().join();
    }
}

fn range(stream: &TcpStream) -> Option<usize> {
    let lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let ranges: Vec<String> =
        lines.filter_map(|l| Some(l.to_lowercase().strip_prefix("range: bytes=")?.into())).collect();
    ranges.first().map(|range| range.trim_end_matches('-').parse().unwrap())
}

fn answer(to: &mut TcpStream, file: &[u8], range: Option<usize>, reply: &Reply) -> std::io::Result<()> {
    let head = |status: u16, length: usize, more: &str| {
        format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n")
    };
    let part = |start: usize| {
        let (status, more) = match start {
            0 => (200, String::new()),
            _ => (206, format!("Content-Range: bytes {start}-{}/{}\r\n", file.len() - 1, file.len())),
        };
        (head(status, file.len() - start, &more), &file[start..])
    };
    let start = range.unwrap_or(0);
    if start >= file.len() {
        return to.write_all(head(416, 0, "").as_bytes());
    }
    let (head, body) = match reply {
        Reply::Honest | Reply::BreakOff(_) | Reply::Stall(_) => part(start),
        Reply::IgnoreRange => part(0),
        Reply::WrongRange => part(start + 1),
        Reply::Lie(bytes) => (head(200, bytes.len(), "Content-Type: text/html\r\n"), &bytes[..]),
        Reply::Status(status) => (head(*status, 0, ""), &[][..]),
        Reply::Endless => (head(200, 1 << 40, ""), &[][..]),
    };
    to.write_all(head.as_bytes())?;
    match reply {
        Reply::BreakOff(n) => to.write_all(&body[..*n]),
        Reply::Stall(n) => {
            to.write_all(&body[..*n])?;
            // Until the client has had enough.
            to.set_read_timeout(Some(Duration::from_secs(20)))?;
            to.read(&mut [0]).map(drop)
        }
        Reply::Endless => loop {
            to.write_all(&[0; 1 << 16])?;
        },
        _ => to.write_all(body),
    }
}

/// A file that does not compress well, as it is and as gz.
fn file() -> (Vec<u8>, Vec<u8>) {
    let plain: Vec<u8> = (0..3000u32).map(|i| (i.wrapping_mul(i).wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    (plain.clone(), gz(&plain))
}

fn gz(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn fetch(servers: &[&Server], plain: &[u8], folder: &Path) -> Result<Vec<(u64, Option<u64>)>, String> {
    let sum = Sha256::digest(plain).iter().map(|b| format!("{b:02x}")).collect();
    let fetch = Fetch {
        mirrors: servers.iter().map(|server| server.url()).collect(),
        files: vec![("tiny.gz".into(), sum)],
        connect: Duration::from_secs(5),
        stall: Duration::from_millis(700),
        attempts: 4,
    };
    let (mut seen, begun) = (vec![], Instant::now());
    let result = fetch.run(folder, &mut |p: &Progress| {
        assert_eq!(p.file, "tiny.gz");
        seen.push((p.received, p.total));
    });
    assert!(begun.elapsed() < Duration::from_secs(20), "took {:?}", begun.elapsed());
    result.map(|()| seen).map_err(|e| e.to_string())
}

/// Runs one server through its script; the file must arrive. Returns the ranges asked for.
fn arrives(script: &[Reply]) -> Vec<Option<usize>> {
    let ((plain, gz), folder) = (file(), tempfile::tempdir().unwrap());
    let server = Server::new(&gz, script);
    let progress = fetch(&[&server], &plain, folder.path()).unwrap();
    assert_eq!(progress.last(), Some(&(gz.len() as u64, Some(gz.len() as u64))));
    only_the_file(folder.path(), &gz);
    server.requests()
}

fn only_the_file(folder: &Path, gz: &[u8]) {
    assert!(fs::read(folder.join("tiny.gz")).unwrap() == gz);
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "something is left over");
}

#[test]
fn the_usual_case_and_nothing_to_do_the_second_time() {
    let ((plain, gz), folder) = (file(), tempfile::tempdir().unwrap());
    let folder = folder.path().join("made/on/the/way");
    let server = Server::new(&gz, &[Reply::Honest]);
    for _ in 0..2 {
        fetch(&[&server], &plain, &folder).unwrap();
        only_the_file(&folder, &gz);
    }
    assert_eq!(server.requests(), [None]);
}

#[test]
fn a_broken_off_transfer_goes_on_where_it_was() {
    assert_eq!(arrives(&[Reply::BreakOff(1000), Reply::BreakOff(500), Reply::Honest]), [None, Some(1000), Some(1500)]);
}

#[test]
fn a_stalled_transfer_goes_on_where_it_was() {
    assert_eq!(arrives(&[Reply::Stall(1000), Reply::Honest]), [None, Some(1000)]);
}

#[test]
fn a_server_without_ranges_begins_again() {
    assert_eq!(arrives(&[Reply::BreakOff(1000), Reply::IgnoreRange]), [None, Some(1000)]);
}

#[test]
fn a_later_run_goes_on_where_the_last_one_was() {
    let ((plain, gz), folder) = (file(), tempfile::tempdir().unwrap());
    for (kept, range) in [(700, Some(700)), (gz.len(), Some(gz.len())), (0, None)] {
        let _ = fs::remove_file(folder.path().join("tiny.gz"));
        fs::write(folder.path().join("tiny.gz.part"), &gz[..kept]).unwrap();
        let server = Server::new(&gz, &[Reply::Honest]);
        fetch(&[&server], &plain, folder.path()).unwrap();
        only_the_file(folder.path(), &gz);
        assert_eq!(server.requests(), [range]);
    }
}

#[test]
fn a_bad_beginning_is_thrown_away_and_not_blamed_on_the_mirror() {
    let ((plain, gz), folder) = (file(), tempfile::tempdir().unwrap());
    for length in [700, 100_000] {
        let _ = fs::remove_file(folder.path().join("tiny.gz"));
        fs::write(folder.path().join("tiny.gz.part"), vec![7; length]).unwrap();
        let server = Server::new(&gz, &[Reply::Honest]);
        fetch(&[&server], &plain, folder.path()).unwrap();
        only_the_file(folder.path(), &gz);
        assert_eq!(server.requests(), [Some(length), None]);
    }
}

#[test]
fn a_damaged_file_is_replaced() {
    let ((plain, gz), folder) = (file(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("tiny.gz"), "not it").unwrap();
    fetch(&[&Server::new(&gz, &[Reply::Honest])], &plain, folder.path()).unwrap();
    only_the_file(folder.path(), &gz);
}

#[test]
fn the_next_mirror_is_tried() {
    let (plain, good) = file();
    let wrong = gz(&plain.iter().map(|b| b ^ 1).collect::<Vec<u8>>());
    let mut right_length = good.clone();
    right_length[1500] ^= 1;
    let bad = [
        Reply::Lie(wrong),
        Reply::Lie(right_length),
        Reply::Lie(good[..2000].to_vec()),
        Reply::Lie(b"<html>Please log in to this hotel's network</html>".to_vec()),
        Reply::Lie(vec![]),
        Reply::Status(404),
        Reply::Status(500),
        Reply::Stall(0),
        Reply::BreakOff(0),
        Reply::BreakOff(10),
        Reply::Endless,
    ];
    for reply in bad {
        let (first, second) = (Server::new(&good, std::slice::from_ref(&reply)), Server::new(&good, &[Reply::Honest]));
        let folder = tempfile::tempdir().unwrap();
        let result = fetch(&[&first, &second], &plain, folder.path());
        assert!(result.is_ok(), "{reply:?}: {result:?}");
        only_the_file(folder.path(), &good);
        assert!((1..=4).contains(&first.requests().len()), "{reply:?}: {:?}", first.requests());
        assert_eq!(second.requests().len(), 1);
    }
}

#[test]
fn when_all_fail_the_message_says_why_and_what_to_do() {
    let ((plain, gz), folder) = (file(), tempfile::tempdir().unwrap());
    let servers = [
        Server::new(&gz, &[Reply::Status(404)]),
        Server::new(&gz, &[Reply::Lie(b"<html></html>".to_vec())]),
        Server::new(&gz, &[Reply::Stall(0)]),
        Server::new(&gz, &[Reply::BreakOff(100), Reply::WrongRange]),
    ];
    let message = fetch(&servers.each_ref(), &plain, folder.path()).unwrap_err();
    let causes = ["status 404", "another file", "timeout", "status 206"];
    for (server, cause) in servers.iter().zip(causes) {
        let line = message.lines().find(|line| line.contains(&server.url())).unwrap_or_default();
        assert!(line.contains(cause), "{cause} in {message}");
    }
    assert!(message.contains(folder.path().to_str().unwrap()) && message.contains("--data digits"), "{message}");
    assert!(!folder.path().join("tiny.gz").exists());
    // What did arrive is kept for another time; nothing of the liar's is.
    assert_eq!(fs::read(folder.path().join("tiny.gz.part")).unwrap(), &gz[..100]);
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let ((plain, gz), folder) = (file(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("file"), "").unwrap();
    let message = fetch(&[&Server::new(&gz, &[Reply::Honest])], &plain, &folder.path().join("file/mnist")).unwrap_err();
    assert!(message.starts_with("creating "), "{message}");
}

/// Where MNIST itself is at hand, compressed: the pinned check sums are those of its files.
#[test]
fn the_real_thing_is_kept_without_a_mirror() {
    let Some(folder) = mnist::find().unwrap() else { return };
    if mnist::FILES.iter().all(|name| folder.join(format!("{name}.gz")).is_file()) {
        let no_mirrors = Fetch { mirrors: vec![], ..Fetch::mnist() };
        no_mirrors.run(&folder, &mut |_| {}).expect("verified files are kept");
    }
}
