//! Laws, which no voice can get right by agreeing with another.

use super::*;

#[test]
fn a_kernel_of_one_in_the_corner_is_the_identity() {
    let mut draw = Draw::new(Seed::new(3));
    let op = Conv { maps: 2, height: 6, width: 7, filters: 2, kernel: (3, 2), stride: (1, 1) };
    let x = draw.reals(2 * op.input_len());
    let mut w = vec![0.0; op.filters * op.taps()];
    (0..2).for_each(|f| w[f * op.taps() + f] = 1.0); // filter f: 1 at row 0, column 0 of map f
    let want: Vec<f32> = (0..2 * 4 * 6)
        .flat_map(|k| {
            let (n, i, j) = (k / 24, k / 6 % 4, k % 6);
            x[((n * 6 + i) * 7 + j) * 2..][..2].to_vec()
        })
        .collect();
    let mut y = nan(want.len());
    Voice::<f32>::conv_forward(&mut Reference, &op, &x, &w, &mut y);
    equal("reference", &y, &want);
    for (name, mut voice) in voices() {
        voice.conv_forward(&op, &x, &w, &mut y);
        equal(name, &y, &want);
    }
}

#[test]
fn an_identity_matrix_changes_nothing() {
    let mut draw = Draw::new(Seed::new(4));
    let op = Affine { inputs: 21, outputs: 21 };
    let x = draw.reals(5 * 21);
    let w: Vec<f32> = (0..441).map(|k| if k % 22 == 0 { 1.0 } else { 0.0 }).collect();
    for (name, mut voice) in voices() {
        let zero = vec![0.0; 21];
        let got = affine_all(&mut voice, &op, [&x, &w, &zero, &x, &vec![0.0; 441], &zero]);
        equal(name, &got[0], &x);
        equal(name, &got[3], &x);
    }
}

/// What moves in the image moves in the map, in the interior: the chapter's translation invariance.
#[test]
fn a_convolution_moves_with_its_image() {
    let mut draw = Draw::new(Seed::new(5));
    let op = Conv { maps: 3, height: 9, width: 10, filters: 11, kernel: (3, 4), stride: (1, 1) };
    let x = draw.reals(op.input_len());
    let w = draw.reals(op.filters * op.taps());
    let (row, wide_row) = (op.width * op.maps, op.output_width() * op.filters);
    let mut moved = vec![0.0; x.len()]; // down by one, right by two
    for i in 1..op.height {
        moved[i * row + 2 * op.maps..(i + 1) * row].copy_from_slice(&x[(i - 1) * row..i * row - 2 * op.maps]);
    }
    for (name, mut voice) in voices() {
        let (mut y, mut y_moved) = (nan(op.output_len()), nan(op.output_len()));
        voice.conv_forward(&op, &x, &w, &mut y);
        voice.conv_forward(&op, &moved, &w, &mut y_moved);
        for i in 1..op.output_height() {
            let (here, there) =
                (i * wide_row + 2 * op.filters..(i + 1) * wide_row, (i - 1) * wide_row..i * wide_row - 2 * op.filters);
            same_bits(name, &y_moved[here], &y[there]);
        }
    }
}

/// x ⋆ (2w + v) = 2(x ⋆ w) + x ⋆ v, exact on integers.
#[test]
fn a_convolution_is_linear_in_its_weights() {
    let mut draw = Draw::new(Seed::new(6));
    let op = Conv { maps: 4, height: 8, width: 7, filters: 19, kernel: (2, 3), stride: (2, 1) };
    let (x, w, v) = (draw.integers(op.input_len()), draw.integers(19 * op.taps()), draw.integers(19 * op.taps()));
    let sum = |a: &[f32], b: &[f32]| -> Vec<f32> { a.iter().zip(b).map(|(a, b)| 2.0 * a + b).collect() };
    for (name, mut voice) in voices() {
        let mut conv = |w: &[f32]| {
            let mut y = nan(op.output_len());
            voice.conv_forward(&op, &x, w, &mut y);
            y
        };
        let both = conv(&sum(&w, &v));
        equal(name, &both, &sum(&conv(&w), &conv(&v)));
    }
}
