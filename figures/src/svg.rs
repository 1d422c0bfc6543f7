//! What every figure is made of: one SVG document, and in it charts, pictures and words.
//!
//! **Themes.** Ink is `currentColor`. A page that holds the SVG as an element lends it its own text colour; where the
//! SVG is the whole document (an `<img>`, a file in a viewer) `:root` applies, and the style below follows the system.

use ndarray::{Array2, ArrayView2};
use network3::{Error, Result};
use plotters::{
    coord::Shift,
    prelude::{DrawingArea, IntoDrawingArea, RGBColor, SVGBackend},
};
use std::fmt::{Display, Write};

/// Where plotters draws.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Drawn in black by plotters, in the reader's text colour in the end.
pub const INK: RGBColor = RGBColor(0, 0, 0);

/// Those of the Okabe–Ito colours that keep a contrast of 3:1 with white paper and with a dark screen.
pub const COLOURS: [RGBColor; 4] =
    [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115), RGBColor(204, 121, 167)];

/// The size of all text, in the units of the drawing.
pub const TEXT: u32 = 14;

const STYLE: &str = "svg:root{color:#222}@media(prefers-color-scheme:dark){svg:root{color:#ddd}}";

/// A whole SVG: what it shows, in words (`title` and `alt`), and the drawing `body`, `size` = (width, height) large.
///
/// `name` makes the ids its own, so that a page can hold several figures.
pub fn document(name: &str, title: &str, alt: &str, (width, height): (u32, u32), body: &str) -> String {
    let (title, alt) = (escape(title), escape(alt));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" style=\"max-width:100%;height:auto\" role=\"img\" aria-labelledby=\"{name}-title {name}-desc\" fill=\"currentColor\" \
         font-family=\"sans-serif\" font-size=\"{TEXT}\">\n\
         <title id=\"{name}-title\">{title}</title>\n<desc id=\"{name}-desc\">{alt}</desc>\n\
         <style>{STYLE}</style>\n{body}</svg>\n"
    )
}

/// A chart drawn by plotters, as part of a [`document`].
pub fn chart<E: Display>(size: (u32, u32), draw: impl FnOnce(&Area) -> Result<(), E>) -> Result<String> {
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    let drawn = draw(&area).map_err(|e| e.to_string()).and_then(|()| area.present().map_err(|e| e.to_string()));
    drop(area);
    drawn.map_err(|e| Error::input(format!("plotters cannot draw this chart: {e}")))?;
    Ok(themed(&svg))
}

/// Takes off plotters' own `<svg>` and every full opacity, and turns black into the reader's text colour.
fn themed(svg: &str) -> String {
    let body = svg.split_once(">\n").map_or("", |(_, body)| body).trim_end().trim_end_matches("</svg>");
    body.replace(" opacity=\"1\"", "").replace("\"#000000\"", "\"currentColor\"")
}

/// A line of text, centred on (x, y).
pub fn text(x: f64, y: f64, words: impl Display) -> String {
    format!("<text x=\"{x}\" y=\"{y}\" dy=\"0.35em\" text-anchor=\"middle\">{}</text>\n", escape(&words.to_string()))
}

/// How many greys a picture has, paper included: an odd number, so that there is one in the middle.
const GREYS: u8 = 17;

/// A grey picture: 0 is paper and stays clear, 255 is full ink. Each pixel is a square with sides `scale`; (x, y) is the top
/// left corner.
///
/// A square element for every pixel would make a large file. Instead there is one path per grey, in which neighbours in
/// a row are one rectangle.
pub fn picture((x, y): (f64, f64), scale: f64, grey: ArrayView2<u8>) -> String {
    let level = |p: u8| (u16::from(p) * u16::from(GREYS - 1) + 127) / 255;
    let mut svg = format!("<g transform=\"translate({x} {y}) scale({scale})\" shape-rendering=\"crispEdges\">\n");
    for wanted in 1..u16::from(GREYS) {
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
            let opacity = f64::from(wanted) / f64::from(GREYS - 1);
            let _ = writeln!(svg, "<path fill-opacity=\"{opacity:.2}\" d=\"{path}\"/>");
        }
    }
    svg + "</g>\n"
}

/// A picture on paper of its own, which is white in every theme: so darker stays larger. The page says what its ink is,
/// which should be black.
pub fn block((x, y): (f64, f64), scale: f64, grey: ArrayView2<u8>) -> String {
    let (height, width) = (grey.nrows() as f64 * scale, grey.ncols() as f64 * scale);
    format!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"#fff\" stroke=\"#888\"/>\n")
        + &picture((x, y), scale, grey)
}

/// Numbers of either sign as greys: −`largest` is white, 0 the middle grey, `largest` black.
pub fn signed(numbers: ArrayView2<f32>, largest: f32) -> Array2<u8> {
    numbers.mapv(|x| (127.5 * (1.0 + x / largest)).round() as u8)
}

fn escape(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn plotters_black_becomes_the_text_colour() {
        let plotters = "<svg width=\"9\">\n<line opacity=\"1\" stroke=\"#000000\"/>\n<line opacity=\"0.5\" stroke=\"#D55E00\"/>\n</svg>\n";
        let expected = "<line stroke=\"currentColor\"/>\n<line opacity=\"0.5\" stroke=\"#D55E00\"/>\n";
        assert_eq!(themed(plotters), expected);
    }

    #[test]
    fn equal_neighbours_are_one_rectangle() {
        let svg = picture((1.0, 2.0), 0.5, array![[0, 255, 255], [7, 8, 255]].view());
        let expected = "<g transform=\"translate(1 2) scale(0.5)\" shape-rendering=\"crispEdges\">\n\
                        <path fill-opacity=\"0.06\" d=\"m1 1h1v1h-1z\"/>\n\
                        <path fill-opacity=\"1.00\" d=\"m1 0h2v1h-2zm1 1h1v1h-1z\"/>\n</g>\n";
        assert_eq!(svg, expected);
    }

    /// WCAG 2.2, success criterion 1.4.11.
    #[test]
    fn colours_stand_out_from_both_backgrounds() {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = |c: RGBColor| 0.2126 * linear(c.0) + 0.7152 * linear(c.1) + 0.0722 * linear(c.2);
        for colour in COLOURS {
            for background in [RGBColor(255, 255, 255), RGBColor(22, 25, 35)] {
                let (a, b) = (luminance(colour), luminance(background));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= 3.0, "{colour:?} on {background:?}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn words_are_escaped() {
        assert!(text(0.0, 0.0, "a < b & c").contains(">a &lt; b &amp; c<"));
    }
}
