//! Pictures as one draws, scans or photographs them: PNG and PGM, read as greys.

use network3::{Error, Result, data::kind, files};
use png::{BitDepth, ColorType, Decoder, Limits, Transformations};
use std::io::Cursor;
use std::path::Path;

/// A picture in greys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grey {
    /// Pixels from left to right.
    pub width: usize,
    /// Row by row, from 0, black, to 255, white.
    pub pixels: Vec<u8>,
}

/// No picture that is read here has more pixels: 64 million are more than any telephone's camera takes.
const MOST: usize = 64 << 20;

/// With less between its darkest and its brightest pixel, a picture shows nothing: an eighth of the way from black to
/// white.
pub(crate) const CONTRAST: u8 = 32;

impl Grey {
    /// A picture of these pixels.
    ///
    /// # Errors
    /// When they are no whole number of rows, and when there are none.
    pub fn new(width: usize, pixels: Vec<u8>) -> Result<Self> {
        if width == 0 || pixels.is_empty() || !pixels.len().is_multiple_of(width) {
            let got = format!("{} pixels", pixels.len());
            return Err(Error::shape("picture", format!("whole rows of {width} pixels"), got));
        }
        Ok(Grey { width, pixels })
    }

    /// Pixels from top to bottom.
    pub fn height(&self) -> usize {
        self.pixels.len() / self.width
    }

    /// From the darkest pixel to the brightest.
    fn contrast(&self) -> u8 {
        let least = self.pixels.iter().min().unwrap_or(&0);
        self.pixels.iter().max().unwrap_or(&0) - least
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read or is no such picture: the message names the file, and says what it is if not that.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Grey::parse(&files::read(path)?).map_err(|e| e.context(path.display()))
    }

    /// The picture in the bytes of a PNG or PGM file. Of colours it keeps how bright they are; what is transparent lies
    /// on white, or on black where it could not be seen on white. Of several pictures in one file it takes the first.
    ///
    /// ```
    /// use experiments::image_file::Grey;
    /// let grey = Grey::parse(b"P2 # by hand\n3 2\n15\n0 15 3\n6 9 12\n")?;
    /// assert_eq!((grey.width, grey.height()), (3, 2));
    /// assert_eq!(grey.pixels, [0, 255, 51, 102, 153, 204]);
    /// # Ok::<(), network3::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the bytes are no such picture, or a damaged one.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        match bytes {
            [] => Err(Error::input("the file is empty")),
            [b'P', b'2' | b'5', ..] => pgm(bytes),
            [0x89, b'P', b'N', b'G', ..] => png(bytes),
            [b'P', b'1' | b'3' | b'4' | b'6' | b'7', ..] => {
                Err(Error::input("another format of Netpbm than PGM: save the picture as PNG"))
            }
            _ => {
                let what = kind::kind(bytes).unwrap_or("something else");
                Err(Error::input(format!("expected a picture, PNG or PGM, got {what}; save the picture as PNG")))
            }
        }
    }
}

/// How many pixels are there in a picture of this size?
///
/// # Errors
/// When there are none, or too many to be read.
fn count(width: usize, height: usize) -> Result<usize> {
    match width.checked_mul(height) {
        Some(n @ 1..=MOST) => Ok(n),
        _ => Err(Error::input(format!("a picture of {width}×{height} pixels, and at most {MOST} can be read"))),
    }
}

fn png(bytes: &[u8]) -> Result<Grey> {
    let damaged = |e: png::DecodingError| Error::input(format!("a damaged PNG ({e})"));
    // Of lines and chunks on the way; the picture itself is counted below.
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: 64 << 20 });
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(damaged)?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    count(width, height)?;
    // One byte of deflate stands for 1032 at most: a promise of more is not believed.
    let size = reader.output_buffer_size().filter(|_| reader.info().raw_bytes() / 1032 <= bytes.len());
    let Some(size) = size else {
        return Err(Error::input(format!(
            "cut off: the header promises {width}×{height} pixels, more than the file can hold"
        )));
    };
    let mut samples = vec![0; size];
    reader.next_frame(&mut samples).map_err(damaged)?;
    let (colours, depth) = reader.output_color_type();
    debug_assert_eq!(depth, BitDepth::Eight);
    // Rec. 601, as television had it: how bright red, green and blue are to the eye, in thousandths.
    let bright =
        |p: &[u8]| ((299 * u32::from(p[0]) + 587 * u32::from(p[1]) + 114 * u32::from(p[2]) + 500) / 1000) as u8;
    let grey: Vec<(u8, u8)> = match colours {
        ColorType::Grayscale | ColorType::Indexed => samples.iter().map(|&grey| (grey, 255)).collect(),
        ColorType::GrayscaleAlpha => samples.chunks_exact(2).map(|p| (p[0], p[1])).collect(),
        ColorType::Rgb => samples.chunks_exact(3).map(|p| (bright(p), 255)).collect(),
        ColorType::Rgba => samples.chunks_exact(4).map(|p| (bright(p), p[3])).collect(),
    };
    let over = |paper: u32| {
        let mix = |&(grey, alpha): &(u8, u8)| {
            let alpha = u32::from(alpha);
            ((u32::from(grey) * alpha + paper * (255 - alpha) + 127) / 255) as u8
        };
        Grey::new(width, grey.iter().map(mix).collect())
    };
    let white = over(255)?;
    if white.contrast() >= CONTRAST { Ok(white) } else { over(0) }
}

/// `P2` has its numbers as text, `P5` as bytes; before them stand width, height and the number that white has.
fn pgm(bytes: &[u8]) -> Result<Grey> {
    let mut at = 2;
    let [width, height, white] = [number(bytes, &mut at)?, number(bytes, &mut at)?, number(bytes, &mut at)?];
    let n = count(width, height)?;
    if !(1..=65_535).contains(&white) {
        return Err(Error::input(format!("a PGM in which white is {white}: it is 1 to 65535")));
    }
    let scaled = |grey: usize| ((grey.min(white) * 255 + white / 2) / white) as u8;
    let cut_off = || Error::input(format!("cut off: the header promises {width}×{height} pixels"));
    let pixels = if bytes[1] == b'2' {
        // A number and a space are two bytes: a promise of more is not believed.
        if n > bytes.len() {
            return Err(cut_off());
        }
        (0..n).map(|_| Ok(scaled(number(bytes, &mut at)?))).collect::<Result<Vec<u8>>>()?
    } else {
        let each = if white > 255 { 2 } else { 1 }; // the most significant byte first
        let body = bytes.get(at + 1..).and_then(|body| body.get(..n * each)).ok_or_else(cut_off)?;
        body.chunks_exact(each).map(|p| scaled(p.iter().fold(0, |n, &b| n << 8 | usize::from(b)))).collect()
    };
    Grey::new(width, pixels)
}

/// The next number of a PGM's text; a comment goes from `#` to the end of its line.
fn number(bytes: &[u8], at: &mut usize) -> Result<usize> {
    loop {
        match bytes.get(*at) {
            Some(b'#') => *at += bytes[*at..].iter().position(|&b| b == b'\n').unwrap_or(bytes.len() - *at),
            Some(b) if b.is_ascii_whitespace() => *at += 1,
            _ => break,
        }
    }
    let digits = bytes[(*at).min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let text = std::str::from_utf8(&bytes[*at..*at + digits]).unwrap_or_default();
    *at += digits;
    text.parse().map_err(|_| match bytes.get(*at) {
        None => Error::input("cut off: the PGM ends where a number should stand"),
        Some(_) => Error::input(format!("a damaged PGM: no number that makes sense at byte {}", *at - digits)),
    })
}
