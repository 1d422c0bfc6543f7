//! Digits as text.

use network3::{Shape, data::Dataset};

/// Some images side by side, each over its caption. A character stands for two pixels, one above the other.
pub fn draw(images: &Dataset, which: &[usize], captions: &[String]) -> String {
    const INK: [char; 5] = [' ', '░', '▒', '▓', '█'];
    let (Shape::Image { width, .. } | Shape::Flat(width)) = images.shape();
    let shade = |ink: usize| INK[(ink * INK.len() / 256).min(INK.len() - 1)];
    let rows = |image: usize| -> Vec<String> {
        let lines: Vec<_> = images.image(image).chunks(width).collect();
        let pair = |pair: &[&[u8]]| {
            let ink = |x| pair.iter().map(|line| usize::from(line[x])).sum::<usize>() / pair.len();
            (0..width).map(|x| shade(ink(x))).collect()
        };
        lines.chunks(2).map(pair).collect()
    };
    let drawn: Vec<_> = which.iter().map(|&image| rows(image)).collect();
    let mut lines: Vec<String> = (0..drawn.first().map_or(0, Vec::len))
        .map(|y| drawn.iter().map(|rows| format!("  {}", rows[y])).collect())
        .collect();
    // What is blank in all of them is left out; the captions come below.
    let inked = |line: &String| !line.trim().is_empty();
    let first = lines.iter().position(inked).unwrap_or(0);
    let last = lines.iter().rposition(inked).map_or(0, |y| y + 1);
    lines = lines[first.min(last)..last].to_vec();
    lines.push(captions.iter().map(|caption| format!("  {caption:^width$}")).collect());
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}
