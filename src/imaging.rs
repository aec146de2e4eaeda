//! Untrusted bytes → a safe, upright, small picture.
//!
//! The order of work, each step a file:
//!
//! 1. [`sniff()`]: the magic number says what it is; names and headers are not asked.
//! 2. `decode`: bounds first (bytes, then what the header claims), then the format's own file. A JPEG is
//!    decoded straight to an eighth, a quarter, ... of its size where that suffices, and a PNG is shrunk row by row.
//!    Damage that nobody would see is mended, all other refused.
//! 3. `colour`: CMYK, grey and ICC-tagged pixels become sRGB; transparency is laid over white.
//! 4. [`fit()`]: down to the longest side asked for, never up.
//! 5. `orient`: the EXIF orientation is applied, on the small picture, because turning is dear.
//! 6. [`encode_jpeg`]: a fresh JPEG. Nothing of the file's metadata is ever copied into it.
//!
//! # What a stranger's file may cost
//! * **Bytes**: [`Limits::bytes`], checked before anything is read.
//! * **Pixels**: [`Limits::pixels`], checked against the header before anything is allocated.
//! * **Frames**: one. Of an APNG or MPO the first picture that browsers show is taken; animated WebP is refused as
//!   `unsupported_media` unread.
//! * **Inflated metadata**: at most 16 MiB of it; a colour profile beyond that is passed over and compressed
//!   text is never inflated at all.
//! * **Memory**: [`Limits::memory`], checked against what the header claims. Until its last scan is read a
//!   progressive JPEG is held as coefficients (3 bytes a pixel with 4:2:0, 6 without), a WebP takes some 12 bytes a pixel and
//!   64 MiB for the tables of a lossless one, after which it is given up. A baseline JPEG and a PNG take no more than they are scaled to. To
//!   mend a damaged JPEG takes up to three times its file more. [`Darkroom`] bounds how many run at once.
//! * **Time**: every decoder here is linear in bytes and pixels, once a progressive JPEG's scans are
//!   counted (at most 32), so bounded pixels are bounded time; no clock need interrupt it.
//!
//! Pixels are sRGB, 8 bits a channel, opaque, origin top left, everywhere outside `decode`.

mod colour;
mod darkroom;
mod decode;
mod encode;
mod fit;
pub mod mark;
mod media;
mod orient;
mod refusal;
mod settings;
mod sniff;
mod turn;

use image::RgbImage;

pub use self::darkroom::{Darkroom, Place};
pub use self::encode::{EncodeError, Encoded, encode_jpeg};
pub use self::fit::{crop_portrait, crop_square, fit};
pub use self::media::OtherMedia;
pub use self::refusal::{Fault, Measure, Refusal};
pub use self::settings::{Limits, Settings};
pub use self::sniff::{SourceFormat, sniff};
pub use self::turn::{Turn, turn_jpeg};

/// A capture made usable: three renditions of one decode, all upright sRGB JPEGs without metadata.
#[derive(Debug, Clone)]
pub struct Developed {
    /// What the visitor's file was.
    pub original: SourceFormat,
    /// Width of the visitor's picture in pixels, seen upright.
    pub source_width: u32,
    /// Height of the visitor's picture in pixels, seen upright.
    pub source_height: u32,
    /// What generators are given: longest side at most [`Settings::input_px`].
    pub input: Encoded,
    /// What kiosk and phones show large: longest side at most [`Settings::screen_px`].
    pub screen: Encoded,
    /// What lists show: longest side at most [`Settings::thumb_px`].
    pub thumb: Encoded,
}

/// Turns a visitor's file into its three renditions. Blocks; [`Darkroom::develop`] is the async way in.
///
/// # Errors
/// Every [`Refusal`] but [`Refusal::Busy`].
pub fn develop(bytes: &[u8], limits: &Limits, settings: &Settings) -> Result<Developed, Refusal> {
    let largest_px = settings
        .input_px
        .max(settings.screen_px)
        .max(settings.thumb_px);
    let negative = decode::decode(bytes, limits, Some(largest_px))?;
    let (source_width, source_height) = negative.upright_source();
    let original = negative.format;
    let largest = negative.print(Some(largest_px));
    let rendition = |longest_side_px, quality| {
        encode::encode(&fit(&largest, longest_side_px), quality).map_err(Refusal::from)
    };
    Ok(Developed {
        original,
        source_width,
        source_height,
        input: rendition(settings.input_px, settings.input_quality)?,
        screen: rendition(settings.screen_px, settings.screen_quality)?,
        thumb: rendition(settings.thumb_px, settings.thumb_quality)?,
    })
}

/// Whether a file holds a whole picture, as far as its structure tells: JPEG, PNG or WebP. For files that
/// somebody may still be writing. Blocks.
#[must_use]
pub fn is_whole(file: &[u8]) -> bool {
    decode::is_whole(file)
}

/// Decodes `bytes` at full size: upright sRGB, transparency laid over white. Blocks.
///
/// # Errors
/// Every [`Refusal`] but [`Refusal::Busy`].
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<RgbImage, Refusal> {
    Ok(decode::decode(bytes, limits, None)?.print(None))
}

/// Decodes `bytes` to an upright sRGB picture whose longest side is at most `longest_side_px`.
///
/// For a large JPEG this is several times cheaper than [`decode()`] and [`fit()`]. Blocks.
///
/// # Errors
/// Every [`Refusal`] but [`Refusal::Busy`].
pub fn decode_within(
    bytes: &[u8],
    limits: &Limits,
    longest_side_px: u32,
) -> Result<RgbImage, Refusal> {
    let negative = decode::decode(bytes, limits, Some(longest_side_px))?;
    Ok(negative.print(Some(longest_side_px)))
}
