//! Still WebP, lossy or lossless.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;

use super::super::colour::over_white;
use super::super::orient::orientation;
use super::super::refusal::Fault;
use super::meter::Meter;
use super::{Inks, Limits, METADATA_BYTES, Raw, Refusal};

/// Most memory in bytes that decoding may hold for each pixel beside the picture itself: RGBA, Y, U, V
/// and the lossless transforms take some nine.
const PIXEL_BYTES: usize = 12;
/// And for the tables of an honest file: libwebp's encoder writes at most 2,600 sets of some 20 kB.
const TABLES: usize = 64 << 20;

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Raw, Refusal> {
    ensure_whole(bytes)?;
    let mut decoder = WebPDecoder::new(Cursor::new(bytes))?;
    if decoder.has_animation() {
        return Err(Refusal::UnsupportedMedia);
    }
    let size @ (width, height) = decoder.dimensions();
    limits.admit(width, height)?;
    let icc = decoder
        .icc_profile()?
        .filter(|icc| icc.len() <= METADATA_BYTES);
    let exif = decoder.exif_metadata()?.unwrap_or_default();

    let has_alpha = decoder.color_type().has_alpha();
    let stored_samples = usize::from(decoder.color_type().channel_count());
    let pixels = width as usize * height as usize;
    let mut samples = vec![0; pixels * stored_samples];
    // A lossless file may name 65,536 sets of Huffman tables in a few hundred kilobytes, and all of
    // them are built before the first pixel.
    let most = (PIXEL_BYTES * pixels + TABLES) as u64;
    WebPDecoder::new(Meter::new(Cursor::new(bytes), most))?.read_image(&mut samples)?;
    if has_alpha {
        lay_over_white(&mut samples);
    }
    Ok(Raw {
        samples,
        inks: Inks::Rgb,
        size,
        source: size,
        icc,
        orientation: orientation(&exif),
    })
}

/// The decoder is content with a file that lacks its last bytes; RFC 9649 has the RIFF header say how many there are.
fn ensure_whole(bytes: &[u8]) -> Result<(), Refusal> {
    let (_, after) = bytes.split_at_checked(4).ok_or(Fault::Truncated)?;
    let stated = after
        .first_chunk()
        .map(|length| u32::from_le_bytes(*length))
        .ok_or(Fault::Truncated)?;
    if (bytes.len() as u64) < u64::from(stated) + 8 {
        return Err(Fault::Truncated.into());
    }
    Ok(())
}

/// RGBA → RGB over white, in place: pixels only ever move towards the front.
fn lay_over_white(samples: &mut Vec<u8>) {
    let pixels = samples.len() / 4;
    for pixel in 0..pixels {
        let alpha = samples[pixel * 4 + 3];
        for channel in 0..3 {
            samples[pixel * 3 + channel] = over_white(samples[pixel * 4 + channel], alpha);
        }
    }
    samples.truncate(pixels * 3);
}
