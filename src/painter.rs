//! The embedded painters: pixels in, pixels out.
//!
//! Four manners of painting made of classical image processing: no learned style, no network, no
//! I/O, no clock. The same photo, manner, seed and size give the same bytes on any number of
//! threads. [`Study::new`] looks at the photo once; [`paint`] paints from it.

mod backlight;
mod blur;
mod bristle;
mod canvas;
mod chance;
mod coarse;
mod distance;
mod face;
mod fill;
mod flow;
mod grid;
mod hair;
mod layer;
mod lichtenstein;
mod light;
mod lines;
mod mask;
mod oklab;
mod pen;
mod picasso;
mod polygon;
mod portrait;
mod regions;
mod renoir;
mod screen;
mod skin;
mod stroke;
mod study;
mod subject;
mod van_gogh;

use std::str::FromStr;

use image::RgbImage;

pub use study::Study;

/// A manner of painting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Manner {
    /// Cubist planes: front and profile in one head.
    Picasso,
    /// Pearly skin, feathery dabs, a dappled garden.
    Renoir,
    /// Thick dashes and a whirling starry night.
    VanGogh,
    /// Comic print: dots, flat primaries, black contours.
    Lichtenstein,
}

impl Manner {
    /// Every manner, in the order they are offered.
    pub const ALL: [Self; 4] = [
        Self::Picasso,
        Self::Renoir,
        Self::VanGogh,
        Self::Lichtenstein,
    ];

    /// The name used in URLs, settings and records.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Picasso => "picasso",
            Self::Renoir => "renoir",
            Self::VanGogh => "van-gogh",
            Self::Lichtenstein => "lichtenstein",
        }
    }
}

/// No manner has this id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown manner {0:?}")]
pub struct UnknownManner(pub String);

impl FromStr for Manner {
    type Err = UnknownManner;

    fn from_str(id: &str) -> Result<Self, UnknownManner> {
        Self::ALL
            .into_iter()
            .find(|m| m.id() == id)
            .ok_or_else(|| UnknownManner(id.to_owned()))
    }
}

/// Somebody who watches a painting being made and may stop it.
pub trait Watcher: Sync {
    /// The share done, 0–1 and growing; now and then a picture of the stage reached.
    fn progress(&self, share: f32, stage: Option<&RgbImage>);
    /// Asked every few milliseconds, from any of the painting's threads.
    fn is_cancelled(&self) -> bool;
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watcher for Unwatched {
    fn progress(&self, _share: f32, _stage: Option<&RgbImage>) {}
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// The watcher wanted no more of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the painting was cancelled")]
pub struct Cancelled;

/// Paints the study. Another seed paints again: other stars, facets and backgrounds, the same face.
///
/// # Errors
/// [`Cancelled`] soon after the watcher says so.
pub fn paint(
    study: &Study,
    manner: Manner,
    seed: u64,
    watcher: &dyn Watcher,
) -> Result<RgbImage, Cancelled> {
    if watcher.is_cancelled() {
        return Err(Cancelled);
    }
    watcher.progress(0.0, None);
    let seed = chance::fold(seed);
    let picture = match manner {
        Manner::Picasso => picasso::paint(study, seed, watcher),
        Manner::Renoir => renoir::paint(study, seed, watcher),
        Manner::VanGogh => van_gogh::paint(study, seed, watcher),
        Manner::Lichtenstein => lichtenstein::paint(study, seed, watcher),
    }?;
    watcher.progress(1.0, Some(&picture));
    Ok(picture)
}

/// Stops here if the watcher wants to.
fn check(watcher: &dyn Watcher) -> Result<(), Cancelled> {
    if watcher.is_cancelled() {
        Err(Cancelled)
    } else {
        Ok(())
    }
}
