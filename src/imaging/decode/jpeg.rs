//! JPEG by libjpeg-turbo, strictly: a picture that it warns about is mended and decoded anew, or refused.

mod blocks;
mod entropy;
mod frame;
mod huffman;
mod markers;
mod mend;
mod segments;
mod tables;

use image::metadata::Orientation;
use turbojpeg::{Colorspace, DecompressHeader, Decompressor, Image, PixelFormat, ScalingFactor};

use super::super::refusal::Fault;
use super::{Inks, Limits, OtherMedia, Raw, Refusal};

use self::markers::Markers;
pub(super) use self::mend::mend;
use self::segments::{EOI, SOS, Segments};

/// Most scans of a progressive JPEG. Encoders write about ten; each is a pass over the whole picture, some
/// 50 ms at 50 megapixels, and a hundred bytes can ask for one ("Two Issues with the JPEG Standard", libjpeg-turbo).
const MAX_SCANS: u32 = 32;
/// How libjpeg refuses more of them.
const TOO_MANY_SCANS: &str = "image has more than";
/// How libjpeg warns of scans in an order that it does not expect, such as AC coefficients before DC.
const ODD_ORDER: &str = "Inconsistent progression sequence";

/// How the camera was held; upright if the file does not say.
pub(super) fn orientation_of(jpeg: &[u8]) -> Orientation {
    Markers::read(jpeg).orientation
}

/// Decodes a JPEG.
///
/// libjpeg warns alike of bytes that are stray and of blocks that are lost. So a picture with any warning
/// is looked through block by block ([`mend()`]): if all are there, it is decoded as it would be without the stray bytes.
pub(super) fn decode(
    bytes: &[u8],
    limits: &Limits,
    wanted_px: Option<u32>,
) -> Result<Raw, Refusal> {
    let markers = Markers::read(bytes);
    if markers.has_deep_samples {
        let media = OtherMedia::DeepJpeg;
        return Err(Refusal::UnsupportedMedia { media });
    }
    if let Some(frame) = &markers.frame {
        limits.admit(frame.width, frame.height)?;
        let size = (frame.width, frame.height);
        limits.admit_memory(markers.coefficient_bytes(frame), size)?;
    }
    let pixels = match decode_strictly(bytes, limits, wanted_px, Known::Nothing) {
        Err(Refusal::BadImage { fault }) if !fault.says(TOO_MANY_SCANS) => {
            match mend(bytes, limits)? {
                Some(mended) => decode_strictly(&mended, limits, wanted_px, Known::AllBlocks),
                None => Err(fault.into()),
            }
        }
        answer => answer,
    }?;
    let Pixels {
        mut samples,
        inks,
        size,
        source,
    } = pixels;
    if inks == Inks::Cmyk && markers.is_adobe {
        // Adobe stores CMYK upside down: 0 is full ink.
        samples
            .iter_mut()
            .for_each(|sample| *sample = 255 - *sample);
    }
    Ok(Raw {
        samples,
        inks,
        size,
        source,
        icc: markers.icc,
        orientation: markers.orientation,
    })
}

/// What is known of a file before it is decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    AllBlocks,
}

/// Samples as libjpeg gives them.
struct Pixels {
    samples: Vec<u8>,
    inks: Inks,
    size: (u32, u32),
    source: (u32, u32),
}

fn decode_strictly(
    bytes: &[u8],
    limits: &Limits,
    wanted_px: Option<u32>,
    known: Known,
) -> Result<Pixels, Refusal> {
    let mut decompressor = Decompressor::new()?;
    decompressor.set_scan_limit(MAX_SCANS)?;
    let header = decompressor.read_header(bytes)?;
    let source = side(header.width)
        .zip(side(header.height))
        .ok_or(Fault::Truncated)?;
    limits.admit(source.0, source.1)?;

    let scale = scale(&header, wanted_px);
    decompressor.set_scaling_factor(scale)?;
    let scaled = header.scaled(scale);
    let (inks, format) = match header.colorspace {
        Colorspace::CMYK | Colorspace::YCCK => (Inks::Cmyk, PixelFormat::CMYK),
        Colorspace::Gray => (Inks::Grey, PixelFormat::GRAY),
        Colorspace::RGB | Colorspace::YCbCr => (Inks::Rgb, PixelFormat::RGB),
    };
    let pitch = scaled.width * inks.samples();
    limits.admit_memory((pitch * scaled.height) as u64, source)?;
    let mut samples = vec![0; pitch * scaled.height];
    let answer = decompressor.decompress(
        bytes,
        Image {
            pixels: &mut samples[..],
            width: scaled.width,
            pitch,
            height: scaled.height,
            format,
        },
    );
    match answer {
        // A warning only, and the first: the picture has been decoded.
        Err(warning) if known == Known::AllBlocks && warning.to_string().contains(ODD_ORDER) => {}
        answer => answer?,
    }
    Ok(Pixels {
        samples,
        inks,
        size: (scaled.width as u32, scaled.height as u32),
        source,
    })
}

/// Whether the file has its end where its structure says. The thumbnail inside a photo's Exif has an end
/// too, and a half-written file may hold that one only.
pub(super) fn has_end(jpeg: &[u8]) -> bool {
    let mut has_scan = false;
    Segments::of(jpeg).any(|segment| {
        has_scan |= segment.marker == SOS;
        has_scan && segment.marker == EOI
    })
}

fn side(pixels: usize) -> Option<u32> {
    u32::try_from(pixels).ok()
}

/// The smallest eighth of the full size that still has `wanted_px` on its longest side.
fn scale(header: &DecompressHeader, wanted_px: Option<u32>) -> ScalingFactor {
    let Some(wanted_px) = wanted_px.filter(|_| !header.is_lossless) else {
        return ScalingFactor::ONE;
    };
    let longest = header.width.max(header.height);
    (1..8)
        .map(|eighths| ScalingFactor::new(eighths, 8))
        .find(|scale| scale.scale(longest) >= wanted_px as usize)
        .unwrap_or(ScalingFactor::ONE)
}
