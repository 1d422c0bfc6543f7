//! The book's figures: from records and models to SVG.
//!
//! One file per figure, each with one constant; [`FIGURES`] lists them, and to add a figure is to add both. A figure
//! reads nothing but [`Sources`], and the same sources give the same bytes on every machine.

mod activations;
mod adversarial;
mod belief_net;
mod by_epoch;
mod by_hand;
mod conv_and_pool;
mod curricula;
mod curves;
mod diagram;
mod digits;
mod distorted;
mod edges;
mod fading;
mod feature_maps;
mod filters;
mod first_layer;
mod fooling;
mod fully_connected;
mod gradient;
mod gradient_sign;
mod habits;
mod heads;
mod inception;
mod input_neurons;
mod jumbled;
mod ksh_ideas;
mod ksh_pictures;
mod ladder;
mod lrmd;
mod misclassified;
mod mistakes;
mod norms;
mod occlusion;
mod overfitting;
mod pixels;
mod pooling;
mod q_learning;
mod receptive_field;
mod regularisation;
mod responses;
mod rungs;
mod runs;
mod second_layer;
mod several_maps;
mod slide;
mod sources;
mod street_view;
mod svg;
mod temporal_order;
mod translated;
mod vanishing;
mod views;
mod votes;
mod way_through;
mod whole_network;

use network3::{Error, Result, files};
pub use sources::Sources;
use std::{fs, path::Path};

/// A figure of the book.
pub struct Figure {
    /// The file is called `NAME.svg`.
    pub name: &'static str,
    /// What stands below the figure. Without numbers: those belong to records.
    pub caption: &'static str,
    /// What one sees, for those who do not see it.
    pub alt: &'static str,
    draw: fn(&Sources) -> Result<Drawing>,
}

/// The inside of an SVG, and how large it is.
struct Drawing {
    size: (u32, u32),
    body: String,
}

/// All figures, in the order of the book.
pub const FIGURES: &[Figure] = &[
    jumbled::FIGURE,
    fully_connected::FIGURE,
    input_neurons::FIGURE,
    receptive_field::FIGURE,
    slide::FIGURE,
    by_hand::FIGURE,
    edges::FIGURE,
    feature_maps::FIGURE,
    filters::FIGURE,
    responses::FIGURE,
    several_maps::FIGURE,
    pooling::FIGURE,
    conv_and_pool::FIGURE,
    whole_network::FIGURE,
    digits::FIGURE,
    mistakes::FIGURE,
    misclassified::FIGURE,
    gradient::FIGURE,
    ladder::FIGURE,
    rungs::FIGURE,
    by_epoch::FIGURE,
    second_layer::FIGURE,
    way_through::FIGURE,
    activations::FIGURE,
    regularisation::FIGURE,
    overfitting::FIGURE,
    translated::FIGURE,
    misclassified::ENSEMBLE_FIGURE,
    votes::FIGURE,
    norms::FIGURE,
    vanishing::FIGURE,
    habits::FIGURE,
    distorted::FIGURE,
    ksh_pictures::FIGURE,
    ksh_ideas::FIGURE,
    inception::FIGURE,
    inception::SAVINGS,
    lrmd::FIGURE,
    lrmd::HISTOGRAM_FIGURE,
    street_view::FIGURE,
    street_view::COVERAGE_FIGURE,
    street_view::LOOKS_FIGURE,
    views::FIGURE,
    occlusion::FIGURE,
    adversarial::FIGURE,
    gradient_sign::FIGURE,
    fooling::FIGURE,
    temporal_order::FIGURE,
    fading::FIGURE,
    curricula::FIGURE,
    heads::COPY,
    heads::REPEAT,
    belief_net::FILTERS,
    belief_net::DREAMS,
    belief_net::CURVES,
    q_learning::SCREENS,
    q_learning::CURVES,
];

/// What has become of a figure's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has what would be drawn now, byte for byte.
    UpToDate,
    /// It has something else.
    Differs,
    /// There is no such file.
    Missing,
}

impl Figure {
    /// The SVG.
    ///
    /// # Errors
    /// When a record or a model is missing or damaged: the message names the file and the command that makes it.
    pub fn draw(&self, sources: &Sources) -> Result<String> {
        let Drawing { size, body } = (self.draw)(sources).map_err(|e| e.context(self.name))?;
        Ok(svg::document(self.name, self.caption, self.alt, size, &body))
    }

    /// Compares the file in `folder` with `svg`.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn check(&self, folder: &Path, svg: &str) -> Result<State> {
        let path = folder.join(self.name).with_extension("svg");
        match fs::read(&path) {
            Ok(bytes) if bytes == svg.as_bytes() => Ok(State::UpToDate),
            Ok(_) => Ok(State::Differs),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(State::Missing),
            Err(e) => Err(Error::io(format!("reading {}", path.display()), e)),
        }
    }

    /// Writes `svg` to `folder`: the whole file, or, when that fails, nothing.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, folder: &Path, svg: &str) -> Result<()> {
        files::write(&folder.join(self.name).with_extension("svg"), svg.as_bytes())
    }
}
