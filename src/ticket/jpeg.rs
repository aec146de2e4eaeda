//! JPEG with a density and an XMP packet.

use turbojpeg::{Compressor, Subsamp};

use super::DPI;
use crate::imaging::mark::mark_jpeg;

/// Visually without loss, at about 600 kB for a ticket.
const QUALITY: i32 = 92;

/// Writes RGBX pixels at [`DPI`], with full colour resolution: small type on a ticket is coloured too.
///
/// # Errors
/// What the encoder says.
pub(super) fn encode(
    image: turbojpeg::Image<&[u8]>,
    xmp: &str,
) -> Result<Vec<u8>, turbojpeg::Error> {
    let mut compressor = Compressor::new()?;
    compressor.set_quality(QUALITY)?;
    compressor.set_subsamp(Subsamp::None)?;
    let jpeg = compressor.compress_to_vec(image)?;
    let mut marked = mark_jpeg(&jpeg, xmp);
    // The JFIF header's density. Unit 1 is "dots an inch"; without it CUPS guesses the size on
    // paper.
    let [high, low] = DPI.to_be_bytes();
    marked[13..18].copy_from_slice(&[1, high, low, high, low]);
    Ok(marked)
}
