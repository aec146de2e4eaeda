//! A picture that is named on the command line.

use std::path::Path;

use anyhow::Context as _;
use image::RgbImage;

use crate::imaging::{self, Limits};

/// The operator's own file may be larger than a stranger's.
const LIMITS: Limits = Limits {
    min_side: 1,
    bytes: 200_000_000,
    pixels: 400_000_000,
    memory: 4_000_000_000,
};

/// Reads `path` as the booth reads a visitor's: upright sRGB, by what the file is.
pub(super) fn read(path: &Path) -> anyhow::Result<RgbImage> {
    let name = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
    imaging::decode(&bytes, &LIMITS).with_context(|| format!("{name} is not usable"))
}
