//! What a layer looks at.

use super::super::blur::{Soft, soften_from};
use super::super::grid::{Grid, Lab};

/// The picture a layer looks at: softened as the layer wants it, or as it is.
pub(super) enum Reference<'a> {
    Sharp(&'a Grid<Lab>),
    Soft(Soft<Lab>),
}

/// Softened less than this many pixels a picture is used as it is.
const SHARP_BELOW: f32 = 0.75;
/// From this blur in pixels on half the size shows all there is.
pub(super) const HALF_FROM: f32 = 1.15;

impl<'a> Reference<'a> {
    pub(super) fn new(picture: &'a Grid<Lab>, sigma: f32) -> Self {
        if sigma < SHARP_BELOW {
            Self::Sharp(picture)
        } else {
            Self::Soft(soften_from(picture, sigma, HALF_FROM))
        }
    }

    #[inline]
    pub(super) fn near(&self, x: f32, y: f32) -> Lab {
        match self {
            Self::Sharp(picture) => picture.near(x, y),
            Self::Soft(soft) => soft.near(x, y),
        }
    }
}
