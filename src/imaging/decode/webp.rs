//! Still WebP, lossy or lossless.

use std::borrow::Cow;
use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;

use super::super::colour::over_white;
use super::super::orient::orientation;
use super::super::refusal::Fault;
use super::meter::Meter;
use super::{Inks, Limits, METADATA_BYTES, OtherMedia, Raw, Refusal};

/// Most memory in bytes that decoding may hold for each pixel beside the picture itself: RGBA, Y, U, V
/// and the lossless transforms take some nine.
const PIXEL_BYTES: usize = 12;
/// And for the tables of an honest file: libwebp's encoder writes at most 2,600 sets of some 20 kB.
const TABLES: usize = 64 << 20;

/// What the flags of an extended header promise behind the picture.
const EXIF: u8 = 0x08;
const XMP: u8 = 0x04;

/// A file may lack what comes behind its picture, as long as that is whole.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Raw, Refusal> {
    let bytes = &*whole(bytes)?;
    let mut decoder = WebPDecoder::new(Cursor::new(bytes))?;
    if decoder.has_animation() {
        let media = OtherMedia::AnimatedWebp;
        return Err(Refusal::UnsupportedMedia { media });
    }
    let size @ (width, height) = decoder.dimensions();
    limits.admit(width, height)?;
    let pixels = width as usize * height as usize;
    // A lossless file may name 65,536 sets of Huffman tables in a few hundred kilobytes, and all of
    // them are built before the first pixel.
    let most = (PIXEL_BYTES * pixels + TABLES) as u64;
    limits.admit_memory(most, size)?;
    let icc = decoder
        .icc_profile()?
        .filter(|icc| icc.len() <= METADATA_BYTES);
    let exif = decoder.exif_metadata()?.unwrap_or_default();

    let has_alpha = decoder.color_type().has_alpha();
    let stored_samples = usize::from(decoder.color_type().channel_count());
    let mut samples = vec![0; pixels * stored_samples];
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

/// The file as its header states it, or its whole chunks if it ends before that. RFC 9649 has the RIFF
/// header say how many bytes follow; the decoder would be content with half a picture.
fn whole(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Refusal> {
    let length = |bytes: &[u8]| bytes.first_chunk().map(|n| u32::from_le_bytes(*n) as usize);
    let stated = bytes.get(4..).and_then(length).ok_or(Fault::Truncated)?;
    if bytes.len() >= stated + 8 {
        return Ok(Cow::Borrowed(bytes));
    }
    let (mut end, mut has_picture) = (12, false);
    let mut promised = EXIF | XMP;
    while let Some(chunk) = bytes.get(end..)
        && let Some(name) = chunk.first_chunk::<4>()
        && let Some(body) = length(&chunk[4..])
        && chunk.len() >= 8 + body
    {
        match name {
            b"VP8 " | b"VP8L" => has_picture = true,
            b"EXIF" => promised &= !EXIF,
            b"XMP " => promised &= !XMP,
            _ => {}
        }
        end += 8 + body.next_multiple_of(2);
    }
    if !has_picture {
        return Err(Fault::Truncated.into());
    }
    let mut whole = bytes[..end.min(bytes.len())].to_vec();
    // The last chunk may lack the byte that pads it.
    whole.resize(end, 0);
    if whole[12..].starts_with(b"VP8X") {
        whole[20] &= !promised;
    }
    whole[4..8].copy_from_slice(&(end as u32 - 8).to_le_bytes());
    Ok(Cow::Owned(whole))
}

/// Whether all of the picture is there.
pub(super) fn is_whole(file: &[u8]) -> bool {
    whole(file).is_ok()
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
