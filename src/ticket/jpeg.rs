//! JPEG with a density and an XMP packet.

use turbojpeg::{Compressor, Subsamp};

use super::DPI;

/// Visually without loss, at about 600 kB for a ticket.
const QUALITY: i32 = 92;
/// Starts an APP1 segment that holds XMP. Source: XMP Specification Part 3, 1.1.3.
const XMP_NAMESPACE: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// Where the JFIF header ends: SOI, then an APP0 segment of 16 bytes after its marker.
const JFIF_END: usize = 20;

/// Writes RGBX pixels with full colour resolution: small type on a ticket is coloured too.
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
    Ok(mark(&jpeg, xmp))
}

/// Sets the JFIF density to [`DPI`] and puts `xmp` right after the JFIF header.
fn mark(jpeg: &[u8], xmp: &str) -> Vec<u8> {
    let length = 2 + XMP_NAMESPACE.len() + xmp.len();
    let length = u16::try_from(length).expect("our packets are some kB; a segment holds 64");
    let [high, low] = DPI.to_be_bytes();
    let mut marked = Vec::with_capacity(jpeg.len() + usize::from(length) + 2);
    marked.extend_from_slice(&jpeg[..JFIF_END]);
    // Unit 1 is "dots an inch"; without it CUPS guesses the size on paper.
    marked[13..18].copy_from_slice(&[1, high, low, high, low]);
    marked.extend_from_slice(&[0xff, 0xe1]);
    marked.extend_from_slice(&length.to_be_bytes());
    marked.extend_from_slice(XMP_NAMESPACE);
    marked.extend_from_slice(xmp.as_bytes());
    marked.extend_from_slice(&jpeg[JFIF_END..]);
    marked
}
