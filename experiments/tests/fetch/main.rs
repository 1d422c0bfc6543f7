//! Fetching, from a server on loopback that breaks off, lies, stalls and answers nonsense.

mod server;

use experiments::fetch::{Fetch, Progress};
use flate2::{Compression, write::GzEncoder};
use network3::data::mnist;
use server::{Reply, Server};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

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
        least: 100,
        deadline: Duration::from_secs(10),
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

/// Headers, a body, chunks, trailers, answers before the answer: without end, or a byte now and then.
#[test]
fn nothing_goes_on_for_ever() {
    const CHUNKED: &str = "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n";
    const TRAILERS: &str = "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: ";
    let chunk = [b"10000\r\n", &[b'a'; 1 << 16][..], b"\r\n"].concat();
    // No piece ends where a line does: there the client would take the file for whole.
    let trailer = [&[b'a'; 1 << 12][..], b"\r\nA: "].concat();
    // "another file": on a busy machine it may break off first, and a server that is asked for the rest says that there
    // is none.
    let (fast, slow) = (Duration::ZERO, Duration::from_millis(50));
    let (plain, good) = file();
    for (begin, then, pause, cause) in [
        ("HTTP/1.1 200 X\r\nContent-Length: 4000\r\n\r\n", &b"a"[..], slow, "too slow: "),
        ("HTTP/1.1 200 X\r\nA: ", b"a", slow, "timeout|too slow"),
        ("HTTP/1.1 200 X\r\nA: ", b"aaaaaaaaaaaaaaaa", fast, "header"),
        ("", b"HTTP/1.1 100 Continue\r\n\r\n", slow, "timeout|too slow"),
        (CHUNKED, b"1\r\na\r\n", slow, "too slow: "),
        (CHUNKED, &chunk, fast, "more than 67|another file"),
        (TRAILERS, b"b\r\nA: ", slow, "too slow: "),
        (TRAILERS, &trailer, fast, "more than 67|another file"),
    ] {
        let reply = Reply::ForEver(begin, then.to_vec(), pause);
        let (first, second) = (Server::new(&good, std::slice::from_ref(&reply)), Server::new(&good, &[Reply::Honest]));
        let folder = tempfile::tempdir().unwrap();
        let message = fetch(&[&first], &plain, folder.path()).expect_err(begin);
        assert!(cause.split('|').any(|cause| message.contains(cause)), "{cause} in {message}");
        assert!(first.requests().len() <= 4);
        let part = fs::metadata(folder.path().join("tiny.gz.part")).map_or(0, |part| part.len());
        assert!(part <= 64 << 20, "{part} bytes are left");
        fetch(&[&second], &plain, folder.path()).unwrap();
        only_the_file(folder.path(), &good);
    }
}

#[test]
fn no_redirect_is_followed() {
    let ((plain, gz), folder) = (file(), tempfile::tempdir().unwrap());
    let elsewhere = Server::new(&gz, &[Reply::Honest]);
    let first = Server::new(&gz, &[Reply::Redirect(format!("{}tiny.gz", elsewhere.url()))]);
    let message = fetch(&[&first], &plain, folder.path()).unwrap_err();
    assert!(message.contains("redirects to") && message.contains(&elsewhere.url()), "{message}");
    assert_eq!((first.requests().len(), elsewhere.requests().len()), (1, 0));
}

/// What is there is looked at where it would be read.
#[test]
fn what_is_there_is_not_fetched_compressed_or_not() {
    let (plain, gz) = file();
    for name in ["tiny", "tiny.gz", "tiny/tiny", "raw/tiny", "MNIST/raw/tiny.gz"] {
        let (folder, server) = (tempfile::tempdir().unwrap(), Server::new(&gz, &[Reply::Honest]));
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, if name.ends_with("gz") { &gz } else { &plain }).unwrap();
        fetch(&[&server], &plain, folder.path()).unwrap();
        assert_eq!(server.requests(), [], "{name}");
    }
    // Another file that would be read first is named, and nothing is fetched in vain; an empty one would not be.
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::new(&gz, &[Reply::Honest]));
    fs::write(folder.path().join("tiny"), "another").unwrap();
    let message = fetch(&[&server], &plain, folder.path()).unwrap_err();
    assert!(message.contains("another file than is wanted") && message.contains("move it away"), "{message}");
    assert_eq!(server.requests(), []);
    fs::write(folder.path().join("tiny"), "").unwrap();
    fetch(&[&server], &plain, folder.path()).unwrap();
    assert_eq!(mnist::file_in(folder.path(), "tiny"), Some(folder.path().join("tiny.gz")));
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

/// Where MNIST itself is at hand, compressed or not: the pinned check sums are those of its files.
#[test]
fn the_real_thing_is_kept_without_a_mirror() {
    let Some(folder) = mnist::find().unwrap() else { return };
    let no_mirrors = Fetch { mirrors: vec![], ..Fetch::mnist() };
    no_mirrors.run(&folder, &mut |_| {}).expect("verified files are kept");
}
