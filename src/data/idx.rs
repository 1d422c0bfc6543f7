//! IDX, the format of the MNIST files: a short header, then nothing but bytes.
//!
//! ```text
//! images   00 00 08 03 | count | height | width | count · height · width pixels
//! labels   00 00 08 01 | count | count labels
//! ```
//!
//! Numbers are 32 bits, the most significant byte first. In the magic number, 08 means "unsigned bytes" and the last
//! byte is the number of dimensions. Source: <http://yann.lecun.com/exdb/mnist/>.

use super::kind;
use crate::{Error, Result};
use std::io::{self, Read};

const IMAGES: u32 = 0x0803;
const LABELS: u32 = 0x0801;

/// The data types that IDX has, by the third byte of the magic number.
const TYPES: [(u8, &str); 6] = [
    (0x08, "unsigned bytes"),
    (0x09, "signed bytes"),
    (0x0b, "16-bit integers"),
    (0x0c, "32-bit integers"),
    (0x0d, "32-bit floating-point numbers"),
    (0x0e, "64-bit floating-point numbers"),
];

/// The images of an IDX file: `pixels` has one byte per pixel, image after image, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// Pixels of an image from top to bottom.
    pub height: usize,
    /// Pixels of an image from left to right.
    pub width: usize,
    /// All images, one after the other, row by row.
    pub pixels: Vec<u8>,
}

impl Images {
    /// Reads the bytes of an image file.
    ///
    /// ```
    /// use network3::data::idx::Images;
    /// let images = Images { height: 1, width: 2, pixels: vec![0, 255, 7, 8] };
    /// let bytes = images.to_idx()?;
    /// assert_eq!(bytes.len(), 16 + 4);
    /// assert_eq!(Images::parse(&bytes)?, images);
    /// # Ok::<(), network3::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the bytes are not a whole image file, no more and no less.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Images::read(bytes, bytes.len() as u64)
    }

    /// Reads from something that can hold no more than `most` bytes.
    pub(crate) fn read(from: impl Read, most: u64) -> Result<Self> {
        let ([_, height, width], pixels) = read(IMAGES, from, most)?;
        Ok(Images { height, width, pixels })
    }

    /// Every image with its rows and columns exchanged.
    pub fn transposed(&self) -> Self {
        let (height, width) = (self.width, self.height);
        let turn =
            |image: &[u8]| -> Vec<u8> { (0..height * width).map(|k| image[k % width * height + k / width]).collect() };
        let pixels = self.pixels.chunks_exact((height * width).max(1)).flat_map(turn).collect();
        Images { height, width, pixels }
    }

    /// The bytes of an image file.
    ///
    /// # Errors
    /// When the pixels are no whole number of images, or a size does not fit in 32 bits.
    pub fn to_idx(&self) -> Result<Vec<u8>> {
        let count = self.height.checked_mul(self.width).and_then(|area| self.pixels.len().checked_div(area));
        let count = count.filter(|n| n * self.height * self.width == self.pixels.len()).ok_or_else(|| {
            let expected = format!("whole images of {}×{}", self.height, self.width);
            Error::shape("IDX", expected, format!("{} bytes", self.pixels.len()))
        })?;
        write(IMAGES, &[count, self.height, self.width], &self.pixels)
    }
}

/// Reads the bytes of a label file.
///
/// ```
/// use network3::data::idx::{parse_labels, labels_to_idx};
/// let bytes = labels_to_idx(&[5, 0, 4])?;
/// assert_eq!(bytes, [0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4]);
/// assert_eq!(parse_labels(&bytes)?, [5, 0, 4]);
/// # Ok::<(), network3::Error>(())
/// ```
///
/// # Errors
/// When the bytes are not a whole label file.
pub fn parse_labels(bytes: &[u8]) -> Result<Vec<u8>> {
    read_labels(bytes, bytes.len() as u64)
}

/// Reads labels from something that can hold no more than `most` bytes.
pub(crate) fn read_labels(from: impl Read, most: u64) -> Result<Vec<u8>> {
    let ([_], labels) = read(LABELS, from, most)?;
    Ok(labels)
}

/// The bytes of a label file.
///
/// # Errors
/// When there are no labels, or more than fit in 32 bits.
pub fn labels_to_idx(labels: &[u8]) -> Result<Vec<u8>> {
    write(LABELS, &[labels.len()], labels)
}

/// A header with `D` dimensions, and the bytes behind it. Nothing is allocated before the header has been believed:
/// it can promise no more bytes than there can be.
fn read<const D: usize>(magic: u32, mut from: impl Read, most: u64) -> Result<([usize; D], Vec<u8>)> {
    let mut first = vec![];
    from.by_ref().take(4).read_to_end(&mut first).map_err(damaged)?;
    if first != magic.to_be_bytes() {
        from.take(kind::FIRST as u64 - 4).read_to_end(&mut first).map_err(damaged)?;
        return Err(wrong_beginning(magic, &first));
    }
    let mut numbers = [0; D];
    for number in &mut numbers {
        let mut bytes = [0; 4];
        from.read_exact(&mut bytes).map_err(damaged)?;
        *number = u32::from_be_bytes(bytes);
    }
    let sizes = numbers.map(|n| n as usize);
    let wanted = product(&numbers);
    let promise = sizes.map(|n| n.to_string()).join("×");
    let room = most.saturating_sub(4 + 4 * D as u64);
    let wanted = match wanted {
        Some(0) => return Err(Error::input(format!("the header promises {promise} bytes: there is nothing in it"))),
        Some(n) if n <= room => n,
        _ if product(&numbers.map(u32::swap_bytes)).is_some_and(|n| (1..=room).contains(&n)) => {
            return Err(Error::input(format!(
                "the sizes in the header have the least significant byte first, {}: IDX wants the most significant first",
                numbers.map(|n| n.swap_bytes().to_string()).join("×")
            )));
        }
        _ => {
            return Err(Error::input(format!(
                "cut off: the header promises {promise} bytes, more than the file can hold"
            )));
        }
    };
    let mut bytes = Vec::new();
    let no_room = |e| Error::input(format!("no memory for the {promise} bytes that the header promises: {e}"));
    bytes.try_reserve_exact(wanted as usize).map_err(no_room)?;
    from.by_ref().take(wanted).read_to_end(&mut bytes).map_err(damaged)?;
    if (bytes.len() as u64) < wanted {
        return Err(Error::input(format!("cut off: the header promises {promise} bytes, {} are there", bytes.len())));
    }
    match from.read(&mut [0]).map_err(damaged)? {
        0 => Ok((sizes, bytes)),
        _ if transferred_as_text(&bytes) => Err(Error::input(
            "each byte 0a has a 0d before it: the file was transferred as text, which puts those in; transfer it as binary",
        )),
        _ => Err(Error::input(format!("too long: the header promises {promise} bytes, and more follow"))),
    }
}

/// How many bytes a header of these sizes promises; `None` when it is more than 64 bits can count.
fn product(sizes: &[u32]) -> Option<u64> {
    sizes.iter().try_fold(1, |n: u64, &size| n.checked_mul(size.into()))
}

/// Did every line feed get a carriage return before it? By chance hardly four would have one.
fn transferred_as_text(bytes: &[u8]) -> bool {
    let feeds = bytes.iter().filter(|&&b| b == b'\n').count();
    feeds >= 4 && feeds == bytes.windows(2).filter(|pair| pair == b"\r\n").count()
}

/// Says what a file is that does not begin with the right magic number.
fn wrong_beginning(expected: u32, first: &[u8]) -> Error {
    let called = |magic| match magic {
        IMAGES => "images (magic number 0x00000803)",
        _ => "labels (magic number 0x00000801)",
    };
    let is_type = |code: u8| TYPES.iter().any(|(c, _)| *c == code);
    let got = match *first {
        [] => return Error::input("the file is empty"),
        [_] | [_, _] | [_, _, _] => return Error::input("cut off: the file ends too early"),
        [0, 0, 8, 3, ..] => called(IMAGES).into(),
        [0, 0, 8, 1, ..] => called(LABELS).into(),
        [0, 0, code, n @ 1..=9, ..] if is_type(code) => {
            let name: String = TYPES.iter().filter(|(c, _)| *c == code).map(|(_, name)| *name).collect();
            let wanted = if expected == IMAGES { 3 } else { 1 };
            format!("{name} in {n} dimension(s); only unsigned bytes in {wanted} can be read here")
        }
        [1..=9, code, 0, 0, ..] if is_type(code) => {
            "numbers with the least significant byte first: IDX wants the most significant first".into()
        }
        [a, b, c, d, ..] => match kind::kind(first) {
            Some(kind) => kind.into(),
            None => format!("something else (magic number {:#010x})", u32::from_be_bytes([a, b, c, d])),
        },
    };
    Error::input(format!("expected an IDX file of {}, got {got}", called(expected)))
}

/// What a failed read means: a stream that ends early or does not decompress is damaged; the rest is the system's.
pub(super) fn damaged(e: io::Error) -> Error {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match e.kind() {
        UnexpectedEof => Error::input("cut off: the file ends too early"),
        InvalidData | InvalidInput => Error::input(format!("damaged: {e}")),
        _ => Error::io("reading", e),
    }
}

fn write(magic: u32, sizes: &[usize], body: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = magic.to_be_bytes().to_vec();
    for &size in sizes {
        let size = u32::try_from(size).ok().filter(|&n| n > 0);
        let size = size.ok_or_else(|| Error::input("an IDX file has 1 to 4294967295 entries along each dimension"))?;
        bytes.extend(size.to_be_bytes());
    }
    bytes.extend(body);
    Ok(bytes)
}
