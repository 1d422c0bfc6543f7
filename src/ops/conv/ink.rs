//! Blank paper: where a receptive field sees zeros only, neither its output nor the gradients of the weights need it.

use super::Conv;
use crate::cpu::simd::{F32x8, Kernel, nonzero};
use crate::cpu::tuning::BLANK_ROW;
use std::ops::Range;

/// Of some rows of outputs, the columns from the first to the last that has ink in one of its receptive fields; all of
/// them where the image's rows are long.
pub struct Inked<'a> {
    /// The operation, without padding.
    pub op: &'a Conv,
    /// The image.
    pub x: &'a [f32],
    /// The rows of outputs.
    pub rows: Range<usize>,
}

impl Kernel for Inked<'_> {
    type Output = Range<usize>;

    #[inline(always)]
    fn run<V: F32x8>(self) -> Range<usize> {
        let Inked { op, x, rows } = self;
        let (row, (height, width), (down, across)) = (op.width * op.maps, op.kernel(), op.stride());
        if row > BLANK_ROW {
            return 0..op.output_width();
        }
        // A bit for each number of an image row that is ink in any of the rows that the fields see
        let mut bits = 0;
        for x in x[op.origin(rows.start, 0)..].chunks(row).take(height + (rows.len() - 1) * down) {
            bits |= nonzero::<V>(x);
        }
        if bits == 0 {
            return 0..0;
        }
        // The first field that reaches the first bit, and the last that begins before the last
        let (first, last) = (bits.trailing_zeros() as usize, bits.ilog2() as usize);
        let (step, field) = (across * op.maps, width * op.maps);
        let (begin, end) = ((first + 1).saturating_sub(field).div_ceil(step), last / step + 1);
        begin.min(op.output_width())..end.min(op.output_width())
    }
}
