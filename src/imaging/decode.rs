//! Bytes within bounds → pixels, if all of them are there.

mod jpeg;
mod meter;
mod png;
mod webp;

use image::RgbImage;
use image::metadata::Orientation;

use super::colour::{Inks, to_srgb};
use super::orient::{upright, upright_size};
use super::{Limits, Measure, OtherMedia, Refusal, SourceFormat, fit, sniff};

/// Most metadata that is ever inflated or assembled, in bytes. The largest press profiles have 4 MB.
const METADATA_BYTES: usize = 16 << 20;

/// For files whose size is not in question.
const ANY_SIZE: Limits = Limits {
    min_side: 1,
    ..Limits::USUAL
};

/// How the camera was held, as a JPEG's Exif says it; upright if it does not say.
pub(super) fn orientation_of(jpeg: &[u8]) -> Orientation {
    jpeg::orientation_of(jpeg)
}

/// A JPEG without its harmless damage; `None` if blocks of it are lost.
pub(super) fn mended(jpeg: &[u8]) -> Option<Vec<u8>> {
    jpeg::mend(jpeg, &ANY_SIZE).ok().flatten()
}

/// Whether a file ends where its structure says, or else all of its picture is there.
pub(super) fn is_whole(file: &[u8]) -> bool {
    match sniff(file) {
        Some(SourceFormat::Jpeg) => {
            jpeg::has_end(file) || jpeg::mend(file, &ANY_SIZE).is_ok_and(|mended| mended.is_some())
        }
        Some(SourceFormat::Png) => {
            png::has_end(file) || png::decode(file, &ANY_SIZE, Some(1)).is_ok()
        }
        Some(SourceFormat::WebP) => webp::is_whole(file),
        None => false,
    }
}

/// A decoded picture as its file stores it: sRGB already, but not yet upright.
pub(super) struct Negative {
    picture: RgbImage,
    orientation: Orientation,
    source: (u32, u32),
    /// What the file was.
    pub(super) format: SourceFormat,
}

impl Negative {
    /// Width and height of the whole picture in pixels, seen upright.
    pub(super) fn upright_source(&self) -> (u32, u32) {
        upright_size(self.source, self.orientation)
    }

    /// The upright picture, its longest side at most `longest_side_px` if that is given.
    pub(super) fn print(self, longest_side_px: Option<u32>) -> RgbImage {
        match longest_side_px {
            Some(px) if px < self.picture.width().max(self.picture.height()) => {
                upright(fit(&self.picture, px), self.orientation)
            }
            _ => upright(self.picture, self.orientation),
        }
    }
}

/// Decodes `bytes`; the longest side is at least `wanted_px`, as far as the file has it, and full if not given.
pub(super) fn decode(
    bytes: &[u8],
    limits: &Limits,
    wanted_px: Option<u32>,
) -> Result<Negative, Refusal> {
    if bytes.len() > limits.bytes {
        return Err(Refusal::TooLarge {
            measure: Measure::Bytes,
            found: bytes.len() as u64,
            limit: limits.bytes as u64,
        });
    }
    let Some(format) = sniff(bytes) else {
        let media = OtherMedia::of(bytes);
        return Err(Refusal::UnsupportedMedia { media });
    };
    let raw = match format {
        SourceFormat::Jpeg => jpeg::decode(bytes, limits, wanted_px),
        SourceFormat::Png => png::decode(bytes, limits, wanted_px),
        SourceFormat::WebP => webp::decode(bytes, limits),
    }?;
    Ok(raw.into_negative(format))
}

/// What a format's own file hands over: opaque samples in the file's inks, and the metadata that matters.
struct Raw {
    samples: Vec<u8>,
    inks: Inks,
    /// Width and height of `samples`, in pixels.
    size: (u32, u32),
    /// Width and height of the picture in the file, in pixels.
    source: (u32, u32),
    icc: Option<Vec<u8>>,
    orientation: Orientation,
}

impl Raw {
    fn into_negative(self, format: SourceFormat) -> Negative {
        let (width, height) = self.size;
        let row_samples = width as usize * self.inks.samples();
        let srgb = to_srgb(self.samples, self.inks, self.icc.as_deref(), row_samples);
        Negative {
            picture: RgbImage::from_raw(width, height, srgb).expect("decoders fill whole rows"),
            orientation: self.orientation,
            source: self.source,
            format,
        }
    }
}

impl Limits {
    /// Refuses sides that the header claims, before anything is allocated for them.
    fn admit(&self, width: u32, height: u32) -> Result<(), Refusal> {
        let pixels = u64::from(width) * u64::from(height);
        if pixels > self.pixels {
            return Err(Refusal::TooLarge {
                measure: Measure::Pixels,
                found: pixels,
                limit: self.pixels,
            });
        }
        if width.min(height) < self.min_side.max(1) {
            return Err(Refusal::TooSmall {
                width,
                height,
                min_side: self.min_side,
            });
        }
        Ok(())
    }

    /// Refuses what would take that many bytes to decode; in pixels, which people know of their pictures.
    fn admit_memory(&self, bytes: u64, (width, height): (u32, u32)) -> Result<(), Refusal> {
        if bytes <= self.memory {
            return Ok(());
        }
        let pixels = u64::from(width) * u64::from(height);
        let bytes_each = bytes as f64 / pixels as f64;
        Err(Refusal::TooLarge {
            measure: Measure::Pixels,
            found: pixels,
            limit: (self.memory as f64 / bytes_each) as u64,
        })
    }
}
