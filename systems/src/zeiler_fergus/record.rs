//! What came of it.

use crate::kit::{Findings, check_shares};
use experiments::record::Picture;
use network3::{Error, Label, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Everything that the record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// The network.
    pub reader: String,
    /// Digits among which the strongest patches were looked for.
    pub searched: usize,
    /// How far the way down is from the adjoint of the way up: |⟨Ax, y⟩ − ⟨x, Aᵀy⟩| / ‖Ax‖‖y‖, in single precision.
    pub adjoint_error: f64,
    /// The most active maps of the last convolutional layer.
    pub maps: Vec<Map>,
    /// The share of the views' energy that lies on ink or within a pixel of it.
    pub energy_near_ink: f64,
    /// The share of the pixels of their fields that do.
    pub area_near_ink: f64,
    /// The mean cosine between views of the same map.
    pub alike: f64,
    /// The same between views of different maps.
    pub unlike: f64,
    /// How far the probability of the right class falls when a patch covers a part of a digit.
    pub occlusion: Vec<Occlusion>,
    /// A digit of each class.
    pub examples: Vec<Covered>,
}

/// A map, and the patches that it answers to most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Map {
    /// Which map.
    pub map: usize,
    /// The strongest first.
    pub patches: Vec<Patch>,
}

/// The receptive field of a unit on an image, and the view of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// The image's number among the test images.
    pub image: usize,
    /// What it is.
    pub label: Label,
    /// How active the unit is.
    pub activity: f64,
    /// What the unit sees.
    pub pixels: Picture,
    /// Its view: 8 is zero, f the largest number, or 1 minus that.
    pub view: Picture,
}

/// Patches of one grey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Occlusion {
    /// The patch: 0 is paper, 1 ink.
    pub grey: f64,
    /// Digits that were covered, with a patch around every pixel.
    pub digits: usize,
    /// The mean fall where the middle of the patch lies on ink.
    pub on_ink: f64,
    /// The mean fall elsewhere.
    pub beside: f64,
}

/// A digit, and what it loses where it is covered with paper: 0 is nothing, f everything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Covered {
    /// The image's number among the test images.
    pub image: usize,
    /// What it is.
    pub label: Label,
    /// The map that answers to it most.
    pub map: usize,
    /// The digit.
    pub digit: Picture,
    /// How far the probability of its class falls.
    pub probability: Picture,
    /// Which share of the map's activity is gone.
    pub activity: Picture,
}

impl Findings for Results {
    fn check(&self) -> Result<()> {
        check_shares([self.energy_near_ink, self.area_near_ink, self.adjoint_error])?;
        let falls = self.occlusion.iter().flat_map(|o| [o.on_ink, o.beside]);
        match falls.chain([self.alike, self.unlike]).find(|x| !(-1.0..=1.0).contains(x)) {
            Some(x) => Err(Error::input(format!("{x} is not between −1 and 1"))),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the way down is the adjoint of the way up, but for {:.1e}", self.adjoint_error)?;
        writeln!(
            f,
            "views of {} maps: {:.1} % of their energy lies on ink or beside it, and {:.1} % of the area",
            self.maps.len(),
            100.0 * self.energy_near_ink,
            100.0 * self.area_near_ink
        )?;
        writeln!(f, "two views of a map have a cosine of {:.2}, of two maps {:.2}", self.alike, self.unlike)?;
        for (k, Occlusion { grey, digits, on_ink, beside }) in self.occlusion.iter().enumerate() {
            let end = if k + 1 == self.occlusion.len() { "" } else { "\n" };
            write!(
                f,
                "a patch of grey {grey} on {digits} digits: the probability falls by {on_ink:.3} on ink, by {beside:.3} beside it{end}"
            )?;
        }
        Ok(())
    }
}
