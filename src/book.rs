//! The Rust on the pages of the book: `cargo test` compiles and runs it. weave knows when a page is missing here.
#![cfg(doctest)]

#[doc = include_str!("../book/pages/how-to-use-this-book.md")]
struct HowToUseThisBook;

#[doc = include_str!("../book/pages/introducing-convolutional-networks.md")]
struct IntroducingConvolutionalNetworks;

#[doc = include_str!("../book/pages/problems.md")]
struct Problems;

#[doc = include_str!("../book/pages/wrong-answers.md")]
struct WrongAnswers;
