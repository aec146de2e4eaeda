//! JPEG by libjpeg-turbo, strictly: what it warns about is refused, because its warnings mean missing
//! or smeared blocks.

use turbojpeg::{Colorspace, DecompressHeader, Decompressor, Image, PixelFormat, ScalingFactor};

use super::jpeg_markers::Markers;
use super::{Inks, Limits, Raw, Refusal};

/// Most scans of a progressive JPEG. Encoders write about ten; each is a pass over the whole picture, some
/// 50 ms at 50 megapixels, and a hundred bytes can ask for one ("Two Issues with the JPEG Standard", libjpeg-turbo).
const MAX_SCANS: u32 = 32;

pub(super) fn decode(
    bytes: &[u8],
    limits: &Limits,
    wanted_px: Option<u32>,
) -> Result<Raw, Refusal> {
    let markers = Markers::read(bytes);
    if markers.has_deep_samples {
        return Err(Refusal::UnsupportedMedia);
    }
    let mut decompressor = Decompressor::new()?;
    decompressor.set_scan_limit(MAX_SCANS)?;
    let header = decompressor.read_header(bytes)?;
    let source = side(header.width)
        .zip(side(header.height))
        .ok_or(Refusal::UnsupportedMedia)?;
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
    let mut samples = vec![0; pitch * scaled.height];
    decompressor.decompress(
        bytes,
        Image {
            pixels: &mut samples[..],
            width: scaled.width,
            pitch,
            height: scaled.height,
            format,
        },
    )?;
    if inks == Inks::Cmyk && markers.is_adobe {
        // Adobe stores CMYK upside down: 0 is full ink.
        samples
            .iter_mut()
            .for_each(|sample| *sample = 255 - *sample);
    }
    Ok(Raw {
        samples,
        inks,
        size: (scaled.width as u32, scaled.height as u32),
        source,
        icc: markers.icc,
        orientation: markers.orientation,
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
