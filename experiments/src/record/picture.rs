//! Small images inside a record.

use network3::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many of the misclassified images a record keeps pictures of.
pub const PICTURES: usize = 48;

/// A small grey image as text: a hexadecimal digit for each pixel, from 0 (paper) to f (full ink), rows divided by `/`,
/// and without the paper at the end of each row.
///
/// ```
/// use experiments::record::Picture;
/// let picture = Picture::new(3, &[0, 128, 0, 0, 0, 0, 255, 255, 7]);
/// assert_eq!(picture.to_string(), "08//ff");
/// assert_eq!(picture.rows().collect::<Vec<_>>(), [vec![0, 136], vec![], vec![255, 255]]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Picture(String);

impl Picture {
    /// From the bytes of an image, row by row.
    pub fn new(width: usize, pixels: &[u8]) -> Self {
        let digit = |&p: &u8| char::from_digit((u32::from(p) * 15 + 127) / 255, 16).unwrap_or('f');
        let row = |pixels: &[u8]| pixels.iter().map(digit).collect::<String>().trim_end_matches('0').to_owned();
        Picture(pixels.chunks(width).map(row).collect::<Vec<_>>().join("/"))
    }

    /// The bytes of the image, row by row, in sixteen greys; a row may be shorter than the image is wide.
    pub fn rows(&self) -> impl Iterator<Item = Vec<u8>> {
        self.0.split('/').map(|row| row.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8 * 17).collect())
    }
}

impl TryFrom<String> for Picture {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        match text.chars().find(|&c| c != '/' && !c.is_ascii_hexdigit()) {
            None => Ok(Picture(text)),
            Some(c) => Err(Error::input(format!("a picture is written with 0 to 9, a to f and /, not with {c:?}"))),
        }
    }
}

impl From<Picture> for String {
    fn from(picture: Picture) -> Self {
        picture.0
    }
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
