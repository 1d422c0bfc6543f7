//! Which images reach a network: in which order, and how many at a time.

use super::{Dataset, Distortion, Label, distortion, stream};
use crate::{Error, LastBatch, Order, Pieces, Result, Shape, Threads};
use rand::{Rng, seq::SliceRandom};

/// By how much the five copies of an expanded image are moved: (down, right).
const MOVES: [(isize, isize); 5] = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)];

/// The images to train with: as they are; *expanded*, each one also moved by one pixel up, down, left and right; or
/// *distorted*, each of them in every epoch as another hand might have written it.
///
/// Nothing is stored of what was changed. The examples of an expanded set are numbered: 5i is image i as it is, and
/// 5i+1 to 5i+4 are the same image moved up, down, left and right, with paper where there was nothing. Example i of a
/// distorted set is image i, distorted in a way that follows from the seed, the epoch and i.
///
/// ```
/// use network3::{Shape, data::{Dataset, TrainingSet}};
/// let images = Dataset::new(Shape::image(1, 2, 2), 10, vec![0, 64, 128, 192], vec![3])?;
/// let set = TrainingSet::expanded(&images);
/// assert_eq!(set.len(), 5);
/// let mut up = [f32::NAN; 4];
/// assert_eq!(set.write(1, &mut up), 3);
/// assert_eq!(up, [0.5, 0.75, 0.0, 0.0]);
/// # Ok::<(), network3::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TrainingSet<'a> {
    images: &'a Dataset,
    change: Change,
}

/// What becomes of the images.
#[derive(Clone, Copy, Debug)]
enum Change {
    Nothing,
    Moved,
    /// `draw` is a random number of the seed and the epoch.
    Distorted {
        distortion: Distortion,
        draw: u64,
    },
}

impl<'a> TrainingSet<'a> {
    /// Every image once.
    pub fn plain(images: &'a Dataset) -> Self {
        TrainingSet { images, change: Change::Nothing }
    }

    /// Every image five times: where it is, and moved.
    pub fn expanded(images: &'a Dataset) -> Self {
        TrainingSet { images, change: Change::Moved }
    }

    /// Every image once, distorted: as in epoch 0 of seed 1, until [`in_epoch`](TrainingSet::in_epoch) says otherwise.
    ///
    /// # Errors
    /// When the distortion is impossible, or the images have no height and width.
    ///
    /// ```
    /// use network3::data::{Distortion, TrainingSet, digits};
    /// let digits = digits(10, 1, 1, 1)?.training;
    /// let distortion = Distortion { alpha: 34.0, sigma: 4.0, rotation: 10.0, ..Distortion::NONE };
    /// let set = TrainingSet::distorted(&digits, distortion)?;
    /// let (mut one, mut another) = ([0.0; 784], [0.0; 784]);
    /// assert_eq!(set.in_epoch(7, 0).write(3, &mut one), set.in_epoch(7, 1).write(3, &mut another));
    /// assert_ne!(one, another);
    /// # Ok::<(), network3::Error>(())
    /// ```
    pub fn distorted(images: &'a Dataset, distortion: Distortion) -> Result<Self> {
        distortion.check()?;
        if let Shape::Flat(n) = images.shape {
            return Err(Error::input(format!("{n} numbers in a row are no image, so they cannot be distorted")));
        }
        Ok(TrainingSet { images, change: Change::Distorted { distortion, draw: 0 } }.in_epoch(1, 0))
    }

    /// The same set in another epoch of a run from this seed. It is another one only where images are distorted.
    pub fn in_epoch(mut self, seed: u64, epoch: usize) -> Self {
        if let Change::Distorted { draw, .. } = &mut self.change {
            // Counted from the other end than the orders of the epochs, which are drawn from the same seed.
            *draw = stream(seed, u64::MAX - epoch as u64).next_u64();
        }
        self
    }

    /// How many examples: as many as there are images, or five times as many.
    #[allow(clippy::len_without_is_empty)] // never empty, because a data set never is
    pub fn len(&self) -> usize {
        self.images.len() * if self.is_expanded() { MOVES.len() } else { 1 }
    }

    /// Writes the intensities p/256 of one example to `x`, row by row, and returns its label.
    ///
    /// # Panics
    /// When there is no such example, or `x` has not one element per pixel; like indexing a slice.
    pub fn write(&self, example: usize, x: &mut [f32]) -> Label {
        let image = self.image(example);
        let pixels = self.images.image(image);
        assert_eq!(x.len(), pixels.len(), "one number per pixel");
        match self.change {
            Change::Nothing => copy(pixels, x),
            Change::Moved => self.write_moved(pixels, MOVES[example % MOVES.len()], x),
            Change::Distorted { .. } => distortion::warp(pixels, self.size(), &self.field(example), x),
        }
        self.images.labels[image]
    }

    /// From how much further down, and further right, each pixel of an example is fetched: see [`Distortion::field`].
    /// Where nothing is distorted, all are zero.
    pub fn field(&self, example: usize) -> [Vec<f32>; 2] {
        let (height, width, _) = self.size();
        match self.change {
            Change::Distorted { distortion, draw } => distortion.field((height, width), draw, example as u64),
            _ => [vec![0.0; height * width], vec![0.0; height * width]],
        }
    }

    /// The image moved by whole pixels.
    fn write_moved(&self, pixels: &[u8], (down, right): (isize, isize), x: &mut [f32]) {
        let (height, width, maps) = self.size();
        let row = width * maps;
        x.fill(0.0);
        // Row `down + y` of the copy is row y of the image, one pixel shorter when it moves sideways.
        let (from_y, to_y, rows) = overlap(height, down);
        let (from_x, to_x, run) = overlap(row, right * maps as isize);
        for y in 0..rows {
            copy(&pixels[(from_y + y) * row + from_x..][..run], &mut x[(to_y + y) * row + to_x..][..run]);
        }
    }

    /// Height, width and maps of an image; numbers without a shape are one row.
    fn size(&self) -> (usize, usize, usize) {
        match self.images.shape {
            Shape::Image { maps, height, width } => (height, width, maps),
            Shape::Flat(n) => (1, n, 1),
        }
    }

    /// The image that an example is made of.
    fn image(&self, example: usize) -> usize {
        if self.is_expanded() { example / MOVES.len() } else { example }
    }

    /// The images that it is made of.
    pub fn images(&self) -> &'a Dataset {
        self.images
    }

    /// Is each image there five times?
    pub fn is_expanded(&self) -> bool {
        matches!(self.change, Change::Moved)
    }

    /// Is each image distorted, and in every epoch otherwise?
    pub fn is_distorted(&self) -> bool {
        matches!(self.change, Change::Distorted { .. })
    }

    /// About how many multiplications it takes to make an example: for a distorted one, two passes of a Gaussian over
    /// two components of each pixel's displacement.
    fn multiplications(&self) -> usize {
        match self.change {
            Change::Distorted { distortion, .. } => 4 * (6.0 * distortion.sigma) as usize * self.images.shape.len(),
            _ => 0,
        }
    }

    /// The label of one example.
    pub fn label(&self, example: usize) -> Label {
        self.images.labels[self.image(example)]
    }

    /// The examples of one epoch, in the order in which they are to be trained: a function of the seed and the epoch
    /// alone, so that a resumed run sees what it would have seen.
    fn order(&self, order: Order, seed: u64, epoch: usize, examples: &mut Vec<u32>) {
        examples.clear();
        examples.extend(0..self.len() as u32);
        match order {
            Order::Fixed if self.is_expanded() => examples.shuffle(&mut stream(seed, 0)),
            Order::Fixed => {}
            Order::Shuffled => examples.shuffle(&mut stream(seed, epoch as u64 + 1)),
        }
    }
}

/// Where `n` things and the same things moved by `by` overlap: the first of the old, the first of the new, how many.
fn overlap(n: usize, by: isize) -> (usize, usize, usize) {
    ((-by).max(0) as usize, by.max(0) as usize, n - by.unsigned_abs())
}

/// Bytes to intensities: p/256, exactly.
fn copy(pixels: &[u8], x: &mut [f32]) {
    x.iter_mut().zip(pixels).for_each(|(x, &p)| *x = f32::from(p) / 256.0);
}

/// Some examples of a training set, by number: not yet their pixels. A processor gathers those in rows; a device that
/// has the training set already needs no more than the numbers.
#[derive(Clone, Copy, Debug)]
pub struct Examples<'a> {
    set: TrainingSet<'a>,
    which: &'a [u32],
}

impl<'a> Examples<'a> {
    /// Examples of a set.
    ///
    /// # Errors
    /// When there are none, or when one of them is not in the set.
    pub fn new(set: TrainingSet<'a>, which: &'a [u32]) -> Result<Self> {
        if which.is_empty() {
            return Err(Error::input("a mini-batch needs at least one example"));
        }
        match which.iter().find(|&&k| k as usize >= set.len()) {
            Some(k) => Err(Error::input(format!("example {k} is not one of the {} that there are", set.len()))),
            None => Ok(Examples { set, which }),
        }
    }

    /// How many they are.
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> usize {
        self.which.len()
    }

    /// The set that they are taken from.
    pub fn set(&self) -> TrainingSet<'a> {
        self.set
    }

    /// Their numbers.
    pub fn which(&self) -> &'a [u32] {
        self.which
    }

    /// The shape of one of them.
    pub fn shape(&self) -> Shape {
        self.set.images.shape()
    }

    /// Replaces what is in `x` by the intensities of all of them, one example after the other, each as
    /// [`TrainingSet::write`] has it; and what is in `labels` by theirs.
    pub fn gather(&self, x: &mut Vec<f32>, labels: &mut Vec<Label>) {
        self.gather_on(&Threads::one(), x, labels);
    }

    /// The same, by several threads where that is worth it: where images are distorted. It makes no difference to the
    /// numbers.
    pub fn gather_on(&self, threads: &Threads, x: &mut Vec<f32>, labels: &mut Vec<Label>) {
        let n = self.shape().len();
        x.resize(self.len() * n, 0.0);
        labels.resize(self.len(), 0);
        let threads = threads.if_worth(self.len() * self.set.multiplications());
        threads.for_each((Pieces(x, n), Pieces(labels, 1)), |k, (x, label)| {
            label[0] = self.set.write(self.which[k] as usize, x);
        });
    }
}

/// Hands out a training set in mini-batches, an epoch at a time.
///
/// ```
/// use network3::{LastBatch, Order, Shape, data::{Batches, Dataset, TrainingSet}};
/// let images = Dataset::new(Shape::image(1, 1, 1), 10, vec![10, 11, 12, 13, 14], vec![0, 1, 2, 3, 4])?;
/// let mut batches = Batches::new(TrainingSet::plain(&images), 2, Order::Shuffled, LastBatch::Used, 1)?;
/// assert_eq!(batches.per_epoch(), 3);
/// for epoch in 0..2 {
///     batches.start(epoch);
///     while let Some(examples) = batches.next_batch() {
///         assert!(examples.len() <= 2);
///     }
/// }
/// # Ok::<(), network3::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    set: TrainingSet<'a>,
    size: usize,
    order: Order,
    last: LastBatch,
    seed: u64,
    /// The examples of this epoch, in order.
    examples: Vec<u32>,
    /// How many of them have been handed out.
    done: usize,
}

impl<'a> Batches<'a> {
    /// Mini-batches of `size` examples, beginning with epoch 0.
    ///
    /// # Errors
    /// When `size` is zero, or so large that leaving out the last, partial mini-batch leaves nothing.
    pub fn new(set: TrainingSet<'a>, size: usize, order: Order, last: LastBatch, seed: u64) -> Result<Self> {
        if size == 0 {
            return Err(Error::input("a mini-batch needs at least one image: ask for a size of 1 or more"));
        }
        if last == LastBatch::Dropped && size > set.len() {
            let message = format!(
                "a mini-batch of {size} is larger than the data, {} images: ask for a smaller one, or use the last, \
                 partial mini-batch instead of dropping it",
                set.len()
            );
            return Err(Error::input(message));
        }
        if u32::try_from(set.len()).is_err() {
            return Err(Error::input(format!("{} images are more than can be shuffled here", set.len())));
        }
        let size = size.min(set.len());
        let mut batches = Batches { set, size, order, last, seed, examples: vec![], done: 0 };
        batches.start(0);
        Ok(batches)
    }

    /// A data set as it lies in its file, in mini-batches, for evaluation.
    ///
    /// # Errors
    /// As [`Batches::new`].
    pub fn sequential(images: &'a Dataset, size: usize, last: LastBatch) -> Result<Self> {
        Batches::new(TrainingSet::plain(images), size, Order::Fixed, last, 0)
    }

    /// How many mini-batches there are in an epoch.
    pub fn per_epoch(&self) -> usize {
        match self.last {
            LastBatch::Dropped => self.set.len() / self.size,
            LastBatch::Used => self.set.len().div_ceil(self.size),
        }
    }

    /// How many images there are in an epoch: all, less a partial mini-batch that is dropped.
    pub fn images_per_epoch(&self) -> usize {
        self.set.len().min(self.per_epoch() * self.size)
    }

    /// Goes to the beginning of an epoch, any epoch.
    pub fn start(&mut self, epoch: usize) {
        self.set = self.set.in_epoch(self.seed, epoch);
        self.set.order(self.order, self.seed, epoch, &mut self.examples);
        self.done = 0;
    }

    /// The next mini-batch, or `None` when the epoch is over.
    pub fn next_batch(&mut self) -> Option<Examples<'_>> {
        let end = self.images_per_epoch().min(self.done + self.size);
        let which = &self.examples[self.done..end];
        self.done = end;
        (!which.is_empty()).then_some(Examples { set: self.set, which })
    }
}
