//! EXIF orientation: read from a bounded corner of the metadata, applied to pixels.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

/// The orientation an EXIF block states; upright if it states none or makes no sense.
///
/// `exif` starts at the TIFF header; the `Exif\0\0` that some WebP writers leave before it is skipped.
pub(super) fn orientation(exif: &[u8]) -> Orientation {
    let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    Orientation::from_exif_chunk(tiff).unwrap_or(Orientation::NoTransforms)
}

/// Turns and mirrors `picture` as `orientation` says, so that up is up.
pub(super) fn upright(picture: RgbImage, orientation: Orientation) -> RgbImage {
    let mut turned = DynamicImage::ImageRgb8(picture);
    turned.apply_orientation(orientation);
    turned.into_rgb8()
}

/// Width and height after [`upright`].
pub(super) fn upright_size((width, height): (u32, u32), orientation: Orientation) -> (u32, u32) {
    match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => (height, width),
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => (width, height),
    }
}
