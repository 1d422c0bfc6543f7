//! IDX, the format of the MNIST files: a short header, then nothing but bytes.
//!
//! ```text
//! images   00 00 08 03 | count | height | width | count · height · width pixels
//! labels   00 00 08 01 | count | count labels
//! ```
//!
//! Numbers are 32 bits, the most significant byte first. In the magic number, 08 means "unsigned bytes" and the last
//! byte is the number of dimensions. Source: <http://yann.lecun.com/exdb/mnist/>.

use crate::{Error, Result};
use std::io::{self, Read};

const IMAGES: u32 = 0x0803;
const LABELS: u32 = 0x0801;

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
    let found = number(&mut from)?;
    if found != magic {
        return Err(wrong_magic(magic, found));
    }
    let mut sizes = [0; D];
    for size in &mut sizes {
        *size = number(&mut from)? as usize;
    }
    let wanted = sizes.iter().try_fold(1, |n: u64, &size| n.checked_mul(size as u64));
    let promise = sizes.map(|n| n.to_string()).join("×");
    let wanted = match wanted {
        Some(0) => return Err(Error::input(format!("the header promises {promise} bytes: there is nothing in it"))),
        Some(n) if n <= most.saturating_sub(4 + 4 * D as u64) => n,
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
        _ => Err(Error::input(format!("too long: the header promises {promise} bytes, and more follow"))),
    }
}

fn number(from: &mut impl Read) -> Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes).map_err(damaged)?;
    Ok(u32::from_be_bytes(bytes))
}

fn wrong_magic(expected: u32, found: u32) -> Error {
    let name = |magic| match magic {
        IMAGES => "images (magic number 0x00000803)".into(),
        LABELS => "labels (magic number 0x00000801)".into(),
        _ => format!("something else (magic number {magic:#010x})"),
    };
    Error::input(format!("expected an IDX file of {}, got {}", name(expected), name(found)))
}

/// What a failed read means: a stream that ends early or does not decompress is damaged; the rest is the system's.
fn damaged(e: io::Error) -> Error {
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
