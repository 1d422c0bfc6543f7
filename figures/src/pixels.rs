//! Pictures made of pixels: images, feature maps, kernels.

use crate::svg::{self, COLOURS, WIDTH};
use experiments::record::Picture;
use ndarray::{Array2, ArrayView2};
use network3::{Error, Result};
use plotters::style::RGBColor;
use std::fmt::Write;

/// How many shades a picture has, beside none at all.
const SHADES: u16 = 16;

/// A grey picture: 0 is white paper and 255 full ink, in dark themes, too. Each pixel is a square with sides `scale`;
/// the corner is the one at the top left.
pub fn picture(corner: (f64, f64), scale: f64, grey: ArrayView2<u8>) -> String {
    let (rows, columns) = grey.dim();
    let paper = format!("<path fill=\"#fff\" d=\"m0 0h{columns}v{rows}h-{columns}z\"/>\n");
    group(corner, scale, " fill=\"#222\"", paper + &shades_of(grey))
}

/// The pixels of a picture that are not 0, in the colour that is set.
pub fn shades(corner: (f64, f64), scale: f64, grey: ArrayView2<u8>) -> String {
    group(corner, scale, "", shades_of(grey))
}

/// Squares of side 1 as part of a drawing, with sides `scale` there; `fill` is an attribute, or nothing.
pub fn group((x, y): (f64, f64), scale: f64, fill: &str, squares: String) -> String {
    format!("<g{fill} transform=\"translate({x} {y}) scale({scale})\" class=\"pixels\">\n{squares}</g>\n")
}

/// A square element for every pixel would make a large file. Instead there is one path per grey, in which neighbours in
/// a row are one rectangle.
fn shades_of(grey: ArrayView2<u8>) -> String {
    let level = |p: u8| (u16::from(p) * SHADES + 127) / 255;
    let mut svg = String::new();
    for wanted in 1..=SHADES {
        let mut path = String::new();
        let mut pen = (0, 0); // the corner of the last rectangle: moves are relative to it, and so have few digits
        for (row, pixels) in grey.rows().into_iter().enumerate() {
            let mut column = 0;
            while column < pixels.len() {
                let run = pixels.iter().skip(column).take_while(|&&p| level(p) == wanted).count();
                if run > 0 {
                    let (dx, dy) = (column as i64 - pen.0, row as i64 - pen.1);
                    let _ = write!(path, "m{dx} {dy}h{run}v1h-{run}z"); // writing to a String cannot fail
                    pen = (column as i64, row as i64);
                }
                column += run.max(1);
            }
        }
        if !path.is_empty() {
            let _ = match wanted {
                SHADES => writeln!(svg, "<path d=\"{path}\"/>"),
                part => {
                    let opacity = format!("{:.2}", f64::from(part) / f64::from(SHADES));
                    writeln!(svg, "<path fill-opacity=\"{}\" d=\"{path}\"/>", opacity.trim_start_matches('0'))
                }
            };
        }
    }
    svg
}

/// The picture of a record as an image of so many rows and columns.
///
/// # Errors
/// When it is larger.
pub fn of(picture: &Picture, (height, width): (usize, usize)) -> Result<Array2<u8>> {
    let mut grey = Array2::zeros((height, width));
    for (i, row) in picture.rows().enumerate() {
        for (j, p) in row.into_iter().enumerate() {
            let place = grey.get_mut((i, j));
            *place.ok_or_else(|| Error::input(format!("the picture {picture} is larger than {height}×{width}")))? = p;
        }
    }
    Ok(grey)
}

/// The picture of numbers of either sign, which a system has recorded with 8 for zero, f for the largest, and 1 for
/// minus that.
///
/// # Errors
/// When it is larger.
pub fn of_signed(picture: &Picture, shape: (usize, usize)) -> Result<Array2<f32>> {
    Ok(of(picture, shape)?.mapv(|p| (f32::from(p) - 136.0) / 119.0))
}

/// Numbers of either sign: orange above zero, blue below, and clear where they are zero; the largest are the fullest.
pub fn signed(corner: (f64, f64), scale: f64, numbers: ArrayView2<f32>) -> String {
    let largest = numbers.fold(f32::MIN_POSITIVE, |m, x| m.max(x.abs()));
    let part = |sign: f32, colour: RGBColor| {
        let grey = numbers.mapv(|x| (255.0 * (sign * x / largest).max(0.0)).round() as u8);
        format!("<g fill=\"{}\">\n{}</g>\n", svg::hex(colour), shades(corner, scale, grey.view()))
    };
    part(1.0, COLOURS[1]) + &part(-1.0, COLOURS[0]) + &frame(corner, scale, numbers.dim())
}

/// Numbers that are not below zero, in ink: the largest is the fullest.
pub fn inked(numbers: ArrayView2<f32>) -> Array2<u8> {
    let largest = numbers.fold(f32::MIN_POSITIVE, |m, &x| m.max(x));
    numbers.mapv(|x| (255.0 * x.max(0.0) / largest).round() as u8)
}

/// A thin frame around a picture.
pub fn frame((x, y): (f64, f64), scale: f64, (rows, columns): (usize, usize)) -> String {
    let (width, height) = (columns as f64 * scale, rows as f64 * scale);
    format!(
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"none\" stroke=\"currentColor\" \
         stroke-opacity=\"0.4\"/>\n"
    )
}

/// What the colours of [`signed`] mean, in a line around `y`.
pub fn legend(y: f64) -> String {
    let scale = Array2::from_shape_fn((1, 9), |(_, i)| (i as f32 - 4.0) / 4.0);
    let (side, middle) = (12.0, WIDTH / 2.0);
    let left = middle - 4.5 * side;
    signed((left, y - side / 2.0), side, scale.view())
        + &crate::svg::text_to((left - 8.0, y), "below zero")
        + &crate::svg::text_from((middle + 4.5 * side + 8.0, y), "above zero")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn equal_neighbours_are_one_rectangle() {
        let svg = shades((1.0, 2.0), 0.5, array![[0, 255, 255], [7, 8, 255]].view());
        let expected = "<g transform=\"translate(1 2) scale(0.5)\" class=\"pixels\">\n\
                        <path fill-opacity=\".06\" d=\"m1 1h1v1h-1z\"/>\n\
                        <path d=\"m1 0h2v1h-2zm1 1h1v1h-1z\"/>\n</g>\n";
        assert_eq!(svg, expected);
    }

    #[test]
    fn pictures_of_records_come_back() {
        let picture = Picture::new(2, &[136, 255, 17, 0]);
        assert_eq!(of(&picture, (2, 2)).unwrap(), array![[136, 255], [17, 0]]);
        assert_eq!(of_signed(&picture, (2, 2)).unwrap().row(0), array![0.0, 1.0]);
        assert_eq!(of_signed(&picture, (2, 2)).unwrap()[[1, 0]], -1.0);
        assert!(of(&picture, (1, 1)).is_err());
    }

    #[test]
    fn above_zero_is_orange_and_below_it_blue() {
        let svg = signed((0.0, 0.0), 1.0, array![[0.0, 2.0, -1.0]].view());
        let (orange, blue) = svg.split_once("#0072B2").unwrap();
        assert!(orange.contains("#D55E00") && orange.contains("<path d=\"m1 0h1v1h-1z\"/>"), "{svg}");
        assert!(blue.contains("<path fill-opacity=\".50\" d=\"m2 0h1v1h-1z\"/>"), "{svg}");
        assert_eq!(svg.matches("<path").count(), 2, "what is zero is clear");
    }
}
