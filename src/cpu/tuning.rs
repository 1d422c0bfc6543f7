//! Every constant that was chosen by measuring: which loop it cuts, and why there.
//!
//! None of them depends on the number of threads. That is why results do not either: work is cut into the same pieces
//! whoever does them, and what the pieces give is added up in one order.

/// Vectors of filters in a register tile of a convolution, and outputs in it, for a processor whose registers hold so
/// many vectors: see [`conv::forward`](crate::ops::conv::forward). The sums of a tile take two thirds of the registers
/// at most, and leave the rest to the inputs and weights that are loaded; one more output, and LLVM spills them, which
/// halves the speed.
pub const fn tile_outputs(vectors: usize, registers: usize) -> usize {
    match (vectors, registers) {
        (..=2, _) | (_, 32..) => 4,
        (3, _) => 3,
        _ => 2,
    }
}

/// The most vectors of filters in a register tile: five, because the chapter's second layer has forty filters. Without
/// vector registers to speak of there is one.
pub const fn tile_vectors(registers: usize) -> usize {
    if registers < 16 { 1 } else { 5 }
}

/// Weights (in vectors of eight) that all tiles of a strip use before the next are loaded: 16 KiB, half of a
/// first-level data cache, so that the inputs have the other half.
pub const STRIP_WEIGHTS: usize = 512;

/// Filters in a task that makes their gradients. Twenty filters are four tasks, enough for a few threads; more in a
/// task would save reading the images again, fewer would divide better.
pub const TASK_FILTERS: usize = 5;

/// Images that are gone through for one filter after the other: their outputs of the chapter's first layer, 4 × 20 × 12
/// × 12 numbers, are 46 KB, which a second-level cache holds beside the filters.
pub const GROUP_IMAGES: usize = 4;

/// Taps in a task that makes the filters' gradients at these taps, dense: with three vectors of filters they are twelve
/// sums, and three vectors of outputs and an input leave none of sixteen registers free.
pub const TASK_TAPS: usize = 4;

/// Filters' gradients are made dense when more than one in so many outputs has a gradient: an output costs some three
/// cycles then, and some fourteen where it is listed.
pub const DENSE_SHARE: usize = 4;

/// Rows longer than this are not searched for blank margins: they belong to later layers, where nothing is blank.
pub const BLANK_ROW: usize = 64;

/// Parts into which the inputs of a fully-connected layer are cut on the way forward, each a task where zeros are left
/// out. The parts' sums are added up in the end: so many copies of the output there are.
pub const INPUT_PARTS: usize = 4;

/// Examples in a task of a fully-connected layer's forward pass, which share each weight while it is in the cache;
/// their lists of inputs take 16 KiB of the stack.
pub const TASK_EXAMPLES: usize = 32;

/// Inputs whose zeros are looked for at once: a bit for each in a `u64`.
pub const GROUP_INPUTS: usize = 64;

/// Up to so many neurons (two vectors) a fully-connected layer multiplies zeros too: that takes less than to find out
/// where they are. So it is for softmax layers of ten classes.
pub const NARROW: usize = 16;

/// Examples that a narrow layer works on at once: four, whose eight sums hide the latency of a multiply-add.
pub const NARROW_EXAMPLES: usize = 4;

/// A fully-connected layer's forward pass multiplies zeros too ([`affine::dense`](crate::ops::affine::dense)) when at
/// least this share of its inputs is not zero. With AVX-512, 32 examples, 256 inputs and 512 neurons both ways take as
/// long at 0.35, and at 1 the dense one half as long; with narrower vectors it gains less, hence the margin.
pub const DENSE_FORWARD: f32 = 0.4;

/// The same for a backward pass that is asked for ∂C/∂x of all inputs. With ten examples, 640 inputs and 100 neurons
/// the dense one is quicker by a tenth at 0.15, and by half at 1.
pub const DENSE_ALIVE: f32 = 0.15;

/// The same for a backward pass that is asked for no ∂C/∂x, or only where inputs are not zero. Both ways take as long
/// at 0.5 with 32 examples and 512 neurons, and at 0.8 with 20 examples and 256.
pub const DENSE_DEAD: f32 = 0.8;

/// The fewest examples of a dense forward pass, and of a backward pass as for [`DENSE_DEAD`]: three tiles. With ten or
/// twenty the dense forward pass is the slower one at nearly every share.
pub const DENSE_EXAMPLES: usize = 24;

/// The fewest of a backward pass as for [`DENSE_ALIVE`]: with four examples both ways take as long.
pub const DENSE_EXAMPLES_ALIVE: usize = 6;

/// Rows of weights in a task of a fully-connected layer's backward pass: the chapter's first has 784, which makes 49
/// tasks.
pub const TASK_ROWS: usize = 16;

/// Examples whose zeros are looked for at once on the way back: a bit for each in a `u32`. Mini-batches of up to this
/// size are done with a row of weights while it is in the cache.
pub const GROUP_EXAMPLES: usize = 32;

/// Units in a task of local response normalisation: one takes some tens of nanoseconds, a task some ten microseconds.
pub const TASK_UNITS: usize = 256;

/// Multiplications below which work is not worth handing out: a hand-over takes about a microsecond, in which a core
/// does some ten thousand, and two of them and the wait are to stay below a tenth.
pub const WORTH_SHARING: usize = 100_000;

/// Polls of a waiting thread before it lets other programs go first: some tenths of a microsecond each, so about as
/// long as a task takes.
pub const POLLS_BEFORE_YIELD: u32 = 1_000;

/// Polls before it sleeps between them: by then a millisecond or more has passed without work.
pub const POLLS_BEFORE_SLEEP: u32 = 10_000;

/// How long it then sleeps, in microseconds: twice what waking a thread takes.
pub const NAP_MICROSECONDS: u64 = 100;
