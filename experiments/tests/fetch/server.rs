//! A server on loopback that does as it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What the server does with one request.
#[derive(Clone, Debug)]
pub enum Reply {
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
    /// These bytes, and then those for ever, with a pause before each time.
    ForEver(&'static str, Vec<u8>, Duration),
    /// Status 302, to an address.
    Redirect(String),
}

/// Follows a script, one line for each request; the last line is for all that come after.
pub struct Server {
    address: SocketAddr,
    /// For each request: where its range begins, if it has one.
    requests: Arc<Mutex<Vec<Option<usize>>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn new(file: &[u8], script: &[Reply]) -> Self {
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

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub fn requests(&self) -> Vec<Option<usize>> {
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
        Reply::ForEver(begin, ..) => (begin.to_string(), &[][..]),
        Reply::Redirect(to) => (head(302, 0, &format!("Location: {to}\r\n")), &[][..]),
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
        Reply::ForEver(_, bytes, pause) => loop {
            thread::sleep(*pause);
            to.write_all(bytes)?;
        },
        _ => to.write_all(body),
    }
}
