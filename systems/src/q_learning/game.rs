//! Two games, as a player meets them: pixels, three moves, now and then a reward.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

/// What can be done in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The paddle goes one pixel to the left, as far as there is room.
    Left,
    /// It stays.
    Stay,
    /// It goes one pixel to the right.
    Right,
}

/// All moves: output k of a network is worth of move k.
pub const MOVES: [Move; 3] = [Move::Left, Move::Stay, Move::Right];

/// What came of a move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// The reward.
    pub reward: f32,
    /// Is the game over?
    pub over: bool,
}

/// A pixel of the ball or the paddle.
pub const BRIGHT: u8 = 255;
/// A pixel of a brick.
pub const BRICK: u8 = 128;

/// A game: nothing of it is known to a player but what [`draw`](Game::draw) shows.
pub trait Game {
    /// Rows and columns of the screen.
    fn size(&self) -> (usize, usize);

    /// Begins anew.
    fn begin(&mut self, random: &mut Xoshiro256PlusPlus);

    /// Makes a move.
    fn step(&mut self, action: Move) -> Outcome;

    /// The screen, row by row; all of it is written.
    fn draw(&self, screen: &mut [u8]);

    /// What has been reached so far, on the scale that is reported.
    fn score(&self) -> f32;
}

fn moved(paddle: usize, action: Move, last: usize) -> usize {
    match action {
        Move::Left => paddle.saturating_sub(1),
        Move::Stay => paddle,
        Move::Right => (paddle + 1).min(last),
    }
}

impl Game for Box<dyn Game> {
    fn size(&self) -> (usize, usize) {
        (**self).size()
    }
    fn begin(&mut self, random: &mut Xoshiro256PlusPlus) {
        (**self).begin(random);
    }
    fn step(&mut self, action: Move) -> Outcome {
        (**self).step(action)
    }
    fn draw(&self, screen: &mut [u8]) {
        (**self).draw(screen);
    }
    fn score(&self) -> f32 {
        (**self).score()
    }
}

/// Catch: a ball falls straight down, a row a step, and the paddle, a single pixel in the last row, is to be under it.
/// The reward, 1 or −1, comes with the last step (after Mnih, Heess, Graves and Kavukcuoglu 2014, section 4.2).
#[derive(Clone, Debug)]
pub struct Catch {
    rows: usize,
    columns: usize,
    ball: (usize, usize),
    paddle: usize,
    caught: bool,
}

impl Catch {
    /// A field of that size.
    pub fn new(rows: usize, columns: usize) -> Self {
        Catch { rows, columns, ball: (0, 0), paddle: columns / 2, caught: false }
    }
}

impl Game for Catch {
    fn size(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn begin(&mut self, random: &mut Xoshiro256PlusPlus) {
        self.ball = (0, random.random_range(0..self.columns));
        self.paddle = random.random_range(0..self.columns);
        self.caught = false;
    }

    fn step(&mut self, action: Move) -> Outcome {
        self.paddle = moved(self.paddle, action, self.columns - 1);
        self.ball.0 += 1;
        let over = self.ball.0 == self.rows - 1;
        self.caught = over && self.ball.1 == self.paddle;
        let reward = match (over, self.caught) {
            (false, _) => 0.0,
            (true, true) => 1.0,
            (true, false) => -1.0,
        };
        Outcome { reward, over }
    }

    fn draw(&self, screen: &mut [u8]) {
        screen.fill(0);
        let (row, column) = self.ball;
        screen[row * self.columns + column] = BRIGHT;
        screen[(self.rows - 1) * self.columns + self.paddle] = BRIGHT;
    }

    /// 1 when the ball was caught.
    fn score(&self) -> f32 {
        f32::from(u8::from(self.caught))
    }
}

/// A small Breakout: a wall of bricks above, a paddle of two pixels below, and a ball that flies diagonally. It comes
/// back from the sides, the ceiling, and a brick, which is gone and has paid 1; and from the paddle, to the left from
/// its left pixel and to the right from its right one. To come back takes a step in which it stays where it is. Who
/// misses it loses 1, and the game is over; so it is when the wall is gone, or after 500 steps.
#[derive(Clone, Debug)]
pub struct Breakout {
    bricks: Vec<bool>,
    /// Row and column.
    ball: (usize, usize),
    /// Is it on its way down; to the right?
    flight: (bool, bool),
    /// The left one of the paddle's pixels.
    paddle: usize,
    steps: usize,
}

impl Breakout {
    /// Rows and columns of the screen.
    pub const SIZE: (usize, usize) = (10, 8);
    /// Rows of bricks: those after the first row, which is free.
    pub const WALL: std::ops::Range<usize> = 1..4;
    /// A game may not take for ever.
    const LONGEST: usize = 500;

    /// Ready to begin.
    pub fn new() -> Self {
        let bricks = vec![true; Self::WALL.len() * Self::SIZE.1];
        Breakout { bricks, ball: (4, 0), flight: (true, true), paddle: 3, steps: 0 }
    }

    /// A ball at that place, on its way: for a test, or a figure.
    pub fn with_ball(mut self, ball: (usize, usize), flight: (bool, bool)) -> Self {
        (self.ball, self.flight) = (ball, flight);
        self
    }

    /// Where the ball is.
    pub fn ball(&self) -> (usize, usize) {
        self.ball
    }

    fn brick(&mut self, row: usize, column: usize) -> Option<&mut bool> {
        Self::WALL.contains(&row).then(|| &mut self.bricks[(row - Self::WALL.start) * Self::SIZE.1 + column])
    }
}

impl Default for Breakout {
    fn default() -> Self {
        Breakout::new()
    }
}

impl Game for Breakout {
    fn size(&self) -> (usize, usize) {
        Self::SIZE
    }

    fn begin(&mut self, random: &mut Xoshiro256PlusPlus) {
        *self = Breakout::new();
        self.ball = (Self::WALL.end, random.random_range(0..Self::SIZE.1));
        self.flight.1 = random.random();
    }

    fn step(&mut self, action: Move) -> Outcome {
        let (rows, columns) = Self::SIZE;
        self.paddle = moved(self.paddle, action, columns - 2);
        self.steps += 1;
        let (row, column) = self.ball;
        if column == 0 || column == columns - 1 {
            self.flight.1 = column == 0;
        }
        if row == 0 {
            self.flight.0 = true;
        }
        let next = (if self.flight.0 { row + 1 } else { row - 1 }, if self.flight.1 { column + 1 } else { column - 1 });
        let late = self.steps == Self::LONGEST;
        if next.0 == rows - 1 {
            let hit = (self.paddle..self.paddle + 2).contains(&next.1);
            if hit {
                self.flight = (false, next.1 > self.paddle);
            } else {
                self.ball = next;
            }
            return Outcome { reward: if hit { 0.0 } else { -1.0 }, over: !hit || late };
        }
        if let Some(brick) = self.brick(next.0, next.1).filter(|brick| **brick) {
            *brick = false;
            self.flight.0 = !self.flight.0;
            return Outcome { reward: 1.0, over: late || !self.bricks.contains(&true) };
        }
        self.ball = next;
        Outcome { reward: 0.0, over: late }
    }

    fn draw(&self, screen: &mut [u8]) {
        let (rows, columns) = Self::SIZE;
        screen.fill(0);
        let wall = &mut screen[Self::WALL.start * columns..Self::WALL.end * columns];
        wall.iter_mut().zip(&self.bricks).for_each(|(pixel, &brick)| *pixel = if brick { BRICK } else { 0 });
        screen[(rows - 1) * columns + self.paddle..][..2].fill(BRIGHT);
        screen[self.ball.0 * columns + self.ball.1] = BRIGHT;
    }

    /// Bricks that are gone.
    fn score(&self) -> f32 {
        self.bricks.iter().filter(|brick| !**brick).count() as f32
    }
}
