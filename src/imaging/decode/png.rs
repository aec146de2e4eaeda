//! PNG row by row: any depth and colour type, checksums verified, read to its very end.

use std::io::Cursor;

use png::{ColorType, Decoder, Limits as PngLimits, Transformations};

use super::super::colour::over_white;
use super::super::orient::orientation;
use super::{Inks, Limits, METADATA_BYTES, Raw, Refusal};

/// Gamma and chromaticities stated without a profile (`gAMA`, `cHRM`, `cICP`) are not applied.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Raw, Refusal> {
    let mut decoder = Decoder::new_with_limits(
        Cursor::new(bytes),
        PngLimits {
            bytes: METADATA_BYTES,
        },
    );
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    let header = decoder.read_header_info()?;
    let size @ (width, height) = (header.width, header.height);
    limits.admit(width, height)?;
    // The decoder counts its row buffer, at most 8 bytes a pixel, against the same bound.
    decoder.set_limits(PngLimits {
        bytes: METADATA_BYTES + width as usize * 8,
    });

    let mut reader = decoder.read_info()?;
    if reader.info().is_animated() {
        return Err(Refusal::UnsupportedMedia);
    }
    let stored = reader.output_color_type().0;
    let inks = match stored {
        ColorType::Grayscale | ColorType::GrayscaleAlpha => Inks::Grey,
        ColorType::Rgb | ColorType::Rgba | ColorType::Indexed => Inks::Rgb,
    };
    let mut samples = Vec::with_capacity(width as usize * height as usize * inks.samples());
    if reader.info().interlaced {
        let mut whole = vec![0; width as usize * height as usize * stored.samples()];
        reader.next_frame(&mut whole)?;
        lay_over_white(&whole, stored, &mut samples);
    } else {
        while let Some(row) = reader.next_row()? {
            lay_over_white(row.data(), stored, &mut samples);
        }
    }
    // Up to IEND: a file cut after its last row is still cut, and EXIF may come last.
    reader.finish()?;
    let info = reader.info();
    Ok(Raw {
        samples,
        inks,
        size,
        source: size,
        icc: info.icc_profile.as_deref().map(<[u8]>::to_vec),
        orientation: orientation(info.exif_metadata.as_deref().unwrap_or_default()),
    })
}

fn lay_over_white(pixels: &[u8], stored: ColorType, opaque: &mut Vec<u8>) {
    match stored {
        ColorType::GrayscaleAlpha => {
            opaque.extend(
                pixels
                    .chunks_exact(2)
                    .map(|pixel| over_white(pixel[0], pixel[1])),
            );
        }
        ColorType::Rgba => opaque.extend(
            pixels
                .chunks_exact(4)
                .flat_map(|p| [p[0], p[1], p[2]].map(|sample| over_white(sample, p[3]))),
        ),
        ColorType::Grayscale | ColorType::Rgb | ColorType::Indexed => {
            opaque.extend_from_slice(pixels);
        }
    }
}
