//! What every figure is made of: one SVG document, and in it charts, pictures and words.
//!
//! **Themes.** Ink is `currentColor`. A page that holds the SVG as an element lends it its own text colour; where the
//! SVG is the whole document (an `<img>`, a file in a viewer) `:root` applies, and the style below follows the system.

use network3::{Error, Result};
use plotters::{
    coord::Shift,
    prelude::{DrawingArea, IntoDrawingArea, RGBColor, SVGBackend},
};
use std::fmt::Display;

/// Where plotters draws.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Drawn in black by plotters, in the reader's text colour in the end.
pub const INK: RGBColor = RGBColor(0, 0, 0);

/// Those of the Okabe–Ito colours that keep a contrast of 3:1 with white paper and with a dark screen.
pub const COLOURS: [RGBColor; 4] =
    [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115), RGBColor(204, 121, 167)];

/// All figures are this wide, so that their words are still eleven pixels high on a narrow phone.
pub const WIDTH: f64 = 480.0;
/// The size of all words, in the units of the drawing.
pub const TEXT: f64 = 16.0;
/// The same for plotters, which divides the size it is given by this number.
pub const CHART_TEXT: f64 = TEXT * 1.24;

/// Pixels have sharp edges, whatever the size. Words in orange have ink in them, as [`lit`] says.
const STYLE: &str = ".pixels{shape-rendering:crispEdges}svg:root{color:#222}@media(prefers-color-scheme:dark){svg:root{color:#ddd}}\
                     .lit{fill:color-mix(in srgb,#D55E00 55%,currentColor)}";

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
    anchored("middle", (x, y), words)
}

/// A line of text that begins at (x, y), half its height above.
pub fn text_from(at: (f64, f64), words: impl Display) -> String {
    anchored("start", at, words)
}

/// A line of text that ends at (x, y), half its height above.
pub fn text_to(at: (f64, f64), words: impl Display) -> String {
    anchored("end", at, words)
}

/// A colour as SVG has it.
pub fn hex(RGBColor(r, g, b): RGBColor) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

/// Words that are to be seen first, a wrong answer for instance: bold, and orange. Words need more contrast than lines,
/// 4.5:1, so in a page nearly half of their colour is the page's ink, which is dark where the page is light.
pub fn lit(words: &str) -> String {
    let orange = hex(COLOURS[1]);
    format!("<g class=\"lit\" fill=\"{orange}\" font-weight=\"bold\">{words}</g>\n")
}

fn anchored(anchor: &str, (x, y): (f64, f64), words: impl Display) -> String {
    format!("<text x=\"{x}\" y=\"{y}\" dy=\"0.35em\" text-anchor=\"{anchor}\">{}</text>\n", escape(&words.to_string()))
}

fn escape(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plotters_black_becomes_the_text_colour() {
        let plotters = "<svg width=\"9\">\n<line opacity=\"1\" stroke=\"#000000\"/>\n<line opacity=\"0.5\" stroke=\"#D55E00\"/>\n</svg>\n";
        let expected = "<line stroke=\"currentColor\"/>\n<line opacity=\"0.5\" stroke=\"#D55E00\"/>\n";
        assert_eq!(themed(plotters), expected);
    }

    /// The contrast of two colours, as WCAG 2.2 defines it.
    fn contrast(a: RGBColor, b: RGBColor) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = |c: RGBColor| 0.2126 * linear(c.0) + 0.7152 * linear(c.1) + 0.0722 * linear(c.2);
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Success criterion 1.4.11.
    #[test]
    fn colours_stand_out_from_both_backgrounds() {
        for colour in COLOURS {
            for background in [RGBColor(255, 255, 255), RGBColor(22, 25, 35)] {
                let contrast = contrast(colour, background);
                assert!(contrast >= 3.0, "{colour:?} on {background:?}: {contrast:.2}");
            }
        }
    }

    /// Success criterion 1.4.3, in mdBook's themes: background and ink of light, rust, coal, navy and ayu.
    #[test]
    fn coloured_words_stand_out_in_every_theme() {
        let themes = [
            (0xffffff, 0x000000),
            (0xe1e1db, 0x262625),
            (0x141617, 0x98a3ad),
            (0x161923, 0xbcbdd0),
            (0x0f1419, 0xc5c5c5),
        ];
        for (background, ink) in themes.map(|(a, b): (u32, u32)| (rgb(a), rgb(b))) {
            let mixed = |a: u8, b: u8| (0.55 * f64::from(a) + 0.45 * f64::from(b)).round() as u8;
            let RGBColor(r, g, b) = COLOURS[1];
            let words = RGBColor(mixed(r, ink.0), mixed(g, ink.1), mixed(b, ink.2));
            let contrast = contrast(words, background);
            assert!(contrast >= 4.5, "on {background:?}: {contrast:.2}");
        }
        assert!(STYLE.contains("color-mix(in srgb,#D55E00 55%,currentColor)") && rgb(0xD55E00) == COLOURS[1]);
    }

    fn rgb(hex: u32) -> RGBColor {
        let [_, r, g, b] = hex.to_be_bytes();
        RGBColor(r, g, b)
    }

    #[test]
    fn words_are_large_enough_on_a_phone() {
        let column = 360.0 - 2.0 * 15.0; // pixels between the margins of a page
        assert!(TEXT * column / WIDTH >= 11.0);
    }

    #[test]
    fn plotters_writes_words_of_that_size() {
        let svg =
            chart((99, 99), |area| area.draw(&plotters::element::Text::new("x", (9, 9), ("sans-serif", CHART_TEXT))));
        assert!(svg.unwrap().contains("font-size=\"16\""));
    }

    #[test]
    fn words_are_escaped() {
        assert!(text(0.0, 0.0, "a < b & c").contains(">a &lt; b &amp; c<"));
    }
}
