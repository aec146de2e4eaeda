//! Pictures on their way to a server and back: square going out, checked coming in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use image::RgbImage;

use super::plausible::{Gist, Pair};
use super::{Brief, GeneratorError};
use crate::imaging::{self, Limits, OtherMedia, Refusal};

/// Quality of the photo that a server is sent.
const PHOTO_QUALITY: u8 = 95;
/// Longest side of a preview in pixels: enough to see the picture emerge, small enough to send to
/// every phone of a room.
pub(super) const PREVIEW_PX: u32 = 256;
/// And its quality.
pub(super) const PREVIEW_QUALITY: u8 = 70;
/// As large as a photo is decoded for comparing, in pixels.
const GIST_PX: u32 = 64;
/// A preview larger than this, in bytes, is not worth its decoding.
const PREVIEW_BYTES: usize = 4 << 20;

/// The photo of a brief as a square JPEG, at most `side_px` wide; a quarter less if it is to be
/// painted smaller.
///
/// # Errors
/// [`GeneratorError::Refused`] if it does not decode.
pub(super) async fn photo(brief: &Brief, side_px: u32) -> Result<Bytes, GeneratorError> {
    let (input, screen) = (brief.input.clone(), brief.screen.clone());
    let side_px = side(brief, side_px);
    work(move || {
        let unfit = |e: Refusal| GeneratorError::Refused(format!("the photo does not decode: {e}"));
        let taken = Limits {
            min_side: 1,
            ..Limits::default()
        };
        let small = imaging::decode(&input, &taken).map_err(unfit)?;
        let large_enough = small.width().min(small.height()) >= side_px;
        let photo = if large_enough {
            small
        } else {
            imaging::decode(&screen, &taken).map_err(unfit)?
        };
        let square = imaging::fit(&imaging::crop_square(&photo), side_px);
        jpeg(&square, PHOTO_QUALITY)
    })
    .await
}

/// How wide it is to be painted, where `side_px` is usual.
pub(super) fn side(brief: &Brief, side_px: u32) -> u32 {
    if brief.smaller {
        side_px / 4 * 3
    } else {
        side_px
    }
}

/// A grey square: what a generator is warmed with.
pub(super) fn blank(side_px: u32) -> Result<Bytes, GeneratorError> {
    let grey = RgbImage::from_pixel(side_px, side_px, image::Rgb([128; 3]));
    jpeg(&grey, PHOTO_QUALITY)
}

/// A server's answer, decoded and made square: what is nearly square loses its edges.
///
/// # Errors
/// [`GeneratorError::Rubbish`] if it is no picture or far smaller than `side_px`, and
/// [`GeneratorError::Failed`] if its sides differ by more than half.
pub(super) async fn painting(file: Bytes, side_px: u32) -> Result<RgbImage, GeneratorError> {
    work(move || {
        let limits = Limits {
            bytes: usize::MAX,
            min_side: (side_px / 4).max(1),
            ..Limits::default()
        };
        let picture = imaging::decode(&file, &limits).map_err(GeneratorError::Rubbish)?;
        let (short, long) = (
            picture.width().min(picture.height()),
            picture.width().max(picture.height()),
        );
        if long * 2 > short * 3 {
            let (width, height) = picture.dimensions();
            let words = format!("its painting is {width} × {height} pixels, far from square");
            return Err(GeneratorError::Failed(words));
        }
        Ok(imaging::crop_square(&picture))
    })
    .await
}

/// A photo and what came of it, shrunk for comparing.
///
/// # Errors
/// [`GeneratorError::Refused`] if the photo does not decode.
pub(super) fn pair(brief: &Brief, painting: &RgbImage) -> Result<Pair, GeneratorError> {
    let limits = Limits {
        min_side: 1,
        ..Limits::default()
    };
    let photo = imaging::decode_within(&brief.input, &limits, GIST_PX)
        .map_err(|e| GeneratorError::Refused(format!("the photo does not decode: {e}")))?;
    Ok(Pair {
        photo: Gist::of(&imaging::crop_square(&photo)),
        painting: Gist::of(painting),
    })
}

/// The bytes of a picture in base64, with or without the head of a data URL.
///
/// # Errors
/// [`GeneratorError::Rubbish`] if it is no base64.
pub(super) fn from_base64(text: &str) -> Result<Bytes, GeneratorError> {
    let data = match text.split_once(";base64,") {
        Some((head, data)) if head.starts_with("data:") => data,
        _ => text,
    };
    let bytes = STANDARD.decode(data.trim().as_bytes());
    let media = OtherMedia::Unknown;
    bytes
        .map(Bytes::from)
        .map_err(|_| GeneratorError::Rubbish(Refusal::UnsupportedMedia { media }))
}

/// What a server shows of a painting under way, made small and ours; `None` if it is no picture.
pub(super) async fn preview(file: Bytes) -> Option<Bytes> {
    let limits = Limits {
        bytes: PREVIEW_BYTES,
        min_side: 8,
        ..Limits::default()
    };
    let shrunk = work(move || {
        let picture = imaging::decode_within(&file, &limits, PREVIEW_PX);
        let picture = picture.map_err(GeneratorError::Rubbish)?;
        jpeg(&imaging::crop_square(&picture), PREVIEW_QUALITY)
    });
    shrunk.await.ok()
}

fn jpeg(picture: &RgbImage, quality: u8) -> Result<Bytes, GeneratorError> {
    imaging::encode_jpeg(picture, quality).map_err(|e| GeneratorError::Failed(e.to_string()))
}

/// Pixels are for threads that may block.
pub(super) async fn work<T: Send + 'static>(
    f: impl FnOnce() -> Result<T, GeneratorError> + Send + 'static,
) -> Result<T, GeneratorError> {
    let done = tokio::task::spawn_blocking(f).await;
    done.unwrap_or_else(|_| Err(GeneratorError::Failed("a picture broke the decoder".into())))
}
