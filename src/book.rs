//! The Rust on the pages of the book: `cargo test` compiles and runs it. weave knows when a page is missing here.
#![cfg(doctest)]

#[doc = include_str!("../book/pages/how-to-use-this-book.md")]
struct HowToUseThisBook;

#[doc = include_str!("../book/pages/your-own-digits.md")]
struct YourOwnDigits;

#[doc = include_str!("../book/pages/arrays.md")]
struct Arrays;

#[doc = include_str!("../book/pages/introducing/index.md")]
struct Introducing;

#[doc = include_str!("../book/pages/introducing/local-receptive-fields.md")]
struct LocalReceptiveFields;

#[cfg(feature = "files")] // it reads a model
#[doc = include_str!("../book/pages/introducing/shared-weights.md")]
struct SharedWeights;

#[doc = include_str!("../book/pages/introducing/pooling.md")]
struct Pooling;

#[doc = include_str!("../book/pages/introducing/putting-it-together.md")]
struct PuttingItTogether;

#[doc = include_str!("../book/pages/introducing/backpropagation.md")]
struct Backpropagation;

#[doc = include_str!("../book/pages/practice/index.md")]
struct Practice;

#[doc = include_str!("../book/pages/practice/baseline.md")]
struct Baseline;

#[doc = include_str!("../book/pages/practice/one-convolution.md")]
struct OneConvolution;

#[doc = include_str!("../book/pages/practice/two-convolutions.md")]
struct TwoConvolutions;

#[doc = include_str!("../book/pages/practice/tanh.md")]
struct Tanh;

#[doc = include_str!("../book/pages/practice/rectified.md")]
struct Rectified;

#[doc = include_str!("../book/pages/practice/expanding.md")]
struct Expanding;

#[doc = include_str!("../book/pages/practice/wider.md")]
struct Wider;

#[doc = include_str!("../book/pages/practice/dropout.md")]
struct Dropout;

#[doc = include_str!("../book/pages/practice/ensemble.md")]
struct Ensemble;

#[doc = include_str!("../book/pages/practice/going-further.md")]
struct GoingFurther;

#[doc = include_str!("../book/pages/practice/why-are-we-able-to-train.md")]
struct WhyAreWeAbleToTrain;

#[doc = include_str!("../book/pages/practice/procedure.md")]
struct Procedure;

#[doc = include_str!("../book/pages/on-a-gpu.md")]
struct OnAGpu;

#[doc = include_str!("../book/pages/recent/index.md")]
struct RecentProgress;

#[doc = include_str!("../book/pages/recent/ksh.md")]
struct Ksh;

#[doc = include_str!("../book/pages/recent/googlenet.md")]
struct GoogLeNet;

#[doc = include_str!("../book/pages/recent/lrmd.md")]
struct Lrmd;

#[doc = include_str!("../book/pages/recent/people.md")]
struct People;

#[doc = include_str!("../book/pages/recent/zeiler-fergus.md")]
struct ZeilerFergus;

#[doc = include_str!("../book/pages/recent/adversarial.md")]
struct Adversarial;

#[doc = include_str!("../book/pages/recent/fooling.md")]
struct Fooling;

#[doc = include_str!("../book/pages/recent/street-view.md")]
struct StreetView;

#[doc = include_str!("../book/pages/other/index.md")]
struct OtherApproaches;

#[doc = include_str!("../book/pages/other/tape.md")]
struct Tape;

#[doc = include_str!("../book/pages/other/recurrent.md")]
struct Recurrent;

#[doc = include_str!("../book/pages/other/execute.md")]
struct Execute;

#[doc = include_str!("../book/pages/other/turing.md")]
struct Turing;

#[doc = include_str!("../book/pages/other/deep-belief.md")]
struct DeepBelief;

#[doc = include_str!("../book/pages/other/q-learning.md")]
struct QLearning;

#[doc = include_str!("../book/pages/other/other-media.md")]
struct OtherMedia;

#[doc = include_str!("../book/pages/future.md")]
struct Future;

#[doc = include_str!("../book/pages/problems.md")]
struct Problems;

#[doc = include_str!("../book/pages/hints.md")]
struct Hints;

#[doc = include_str!("../book/pages/reflections.md")]
struct Reflections;

#[doc = include_str!("../book/pages/glossary.md")]
struct Glossary;

#[doc = include_str!("../book/pages/appendix-wrong-answers.md")]
struct WrongAnswers;
