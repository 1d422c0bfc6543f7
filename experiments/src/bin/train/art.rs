//! Digits as text.

use network3::{Shape, data::Dataset};

/// Columns of a terminal.
const TERMINAL: usize = 80;

/// Some images side by side, each over its caption, in lines that a terminal has room for. A character stands for two
/// pixels, one above the other, or, where the images are wide, for more.
pub fn draw(images: &Dataset, which: &[usize], captions: &[String]) -> String {
    const INK: [char; 5] = [' ', '░', '▒', '▓', '█'];
    let shade = |ink: usize| INK[(ink * INK.len() / 256).min(INK.len() - 1)];
    // Columns that are blank in all of them are left out: a terminal has eighty.
    let inked = |&x: &usize| which.iter().any(|&image| grey(images, image).iter().any(|line| line[x] > 50));
    let width = which.first().map_or(0, |&image| grey(images, image)[0].len());
    let (first, last) = ((0..width).find(inked).unwrap_or(0), (0..width).rfind(inked).map_or(0, |x| x + 1));
    // Each image has two blanks before it. What is still too wide is made smaller: so many columns become one.
    let room = (TERMINAL / which.len().max(1)).saturating_sub(2).max(1);
    let step = (last - first).div_ceil(room).max(1);
    let columns: Vec<usize> = (first..last).step_by(step).collect();
    let rows = |image: usize| -> Vec<String> {
        let lines = grey(images, image);
        let row = |lines: &[Vec<u8>]| {
            let ink = |&x: &usize| {
                let pixels = || lines.iter().flat_map(|line| &line[x..(x + step).min(last)]).map(|&p| usize::from(p));
                pixels().sum::<usize>() / pixels().count()
            };
            columns.iter().map(|x| shade(ink(x))).collect()
        };
        lines.chunks(2 * step).map(row).collect()
    };
    let drawn: Vec<_> = which.iter().map(|&image| rows(image)).collect();
    let mut lines: Vec<String> = (0..drawn.first().map_or(0, Vec::len))
        .map(|y| drawn.iter().map(|rows| format!("  {}", rows[y])).collect())
        .collect();
    // Blank lines are left out too; the captions come below.
    let inked = |line: &String| !line.trim().is_empty();
    let first = lines.iter().position(inked).unwrap_or(0);
    let last = lines.iter().rposition(inked).map_or(0, |y| y + 1);
    lines = lines[first.min(last)..last].to_vec();
    let width = columns.len();
    lines.push(captions.iter().map(|caption| format!("  {caption:^width$}")).collect());
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// An image line by line, the mean of its colours where it has some.
fn grey(images: &Dataset, image: usize) -> Vec<Vec<u8>> {
    let (maps, width) = match images.shape() {
        Shape::Image { maps, width, .. } => (maps, width),
        Shape::Flat(width) => (1, width),
    };
    let mean = |pixel: &[u8]| (pixel.iter().map(|&p| usize::from(p)).sum::<usize>() / maps) as u8;
    images.image(image).chunks(width * maps).map(|line| line.chunks(maps).map(mean).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame around every image, drawn at any width: no line is wider than a terminal, and both sides of the frame
    /// are there.
    #[test]
    fn wide_images_fit_a_terminal() {
        for (maps, width) in [(1, 5), (1, 28), (1, 29), (1, 96), (3, 96), (1, 500)] {
            let pixels = width * width;
            let edge = |i: usize| i < width || i >= pixels - width || [0, width - 1].contains(&(i % width));
            let frame = (0..3 * pixels).flat_map(|i| vec![if edge(i % pixels) { 255 } else { 0 }; maps]).collect();
            let images = Dataset::new(Shape::image(maps, width, width), 10, frame, vec![0, 1, 2]).unwrap();
            let drawn = draw(&images, &[0, 1, 2], &["0".into(), "1".into(), "2".into()]);
            let widths = drawn.lines().map(|line| line.chars().count());
            assert!(widths.max().unwrap() <= TERMINAL, "{width}:\n{drawn}");
            if width == 500 {
                continue; // a line of one pixel is too thin to be seen
            }
            // In the first column of each image the frame has ink, and so it has in the last.
            let middle: Vec<char> = drawn.lines().nth(1).unwrap().chars().collect();
            let columns = middle.len() / 3 - 2;
            for image in 0..3 {
                let line = &middle[2 + image * (columns + 2)..][..columns];
                assert!(line[0] != ' ' && line[columns - 1] != ' ' && line[columns / 2] == ' ', "{width}:\n{drawn}");
            }
        }
    }
}
