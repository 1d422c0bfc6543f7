//! Digits as text.

use network3::{Shape, data::Dataset};

/// Some images side by side, each over its caption. A character stands for two pixels, one above the other.
pub fn draw(images: &Dataset, which: &[usize], captions: &[String]) -> String {
    const INK: [char; 5] = [' ', '░', '▒', '▓', '█'];
    let (Shape::Image { width, .. } | Shape::Flat(width)) = images.shape();
    let shade = |ink: usize| INK[(ink * INK.len() / 256).min(INK.len() - 1)];
    // Columns that are blank in all of them are left out: a terminal has eighty.
    let inked = |&x: &usize| which.iter().any(|&image| images.image(image).chunks(width).any(|line| line[x] > 50));
    let columns = (0..width).find(inked).unwrap_or(0)..(0..width).rfind(inked).map_or(0, |x| x + 1);
    let width_drawn = columns.len();
    let rows = |image: usize| -> Vec<String> {
        let lines: Vec<_> = images.image(image).chunks(width).collect();
        let pair = |pair: &[&[u8]]| {
            let ink = |x| pair.iter().map(|line| usize::from(line[x])).sum::<usize>() / pair.len();
            columns.clone().map(|x| shade(ink(x))).collect()
        };
        lines.chunks(2).map(pair).collect()
    };
    let drawn: Vec<_> = which.iter().map(|&image| rows(image)).collect();
    let mut lines: Vec<String> = (0..drawn.first().map_or(0, Vec::len))
        .map(|y| drawn.iter().map(|rows| format!("  {}", rows[y])).collect())
        .collect();
    // So are lines; the captions come below.
    let inked = |line: &String| !line.trim().is_empty();
    let first = lines.iter().position(inked).unwrap_or(0);
    let last = lines.iter().rposition(inked).map_or(0, |y| y + 1);
    lines = lines[first.min(last)..last].to_vec();
    lines.push(captions.iter().map(|caption| format!("  {caption:^width_drawn$}")).collect());
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}
