//! Pixels → a fresh JPEG.

use bytes::Bytes;
use image::RgbImage;
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

/// From this quality on chroma is kept at full resolution (4:4:4); below it is halved both ways (4:2:0).
const FULL_CHROMA_QUALITY: u8 = 90;

/// A finished rendition: baseline JPEG, sRGB, no metadata but the bare JFIF header.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// The file.
    pub bytes: Bytes,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Why no JPEG could be made.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// JPEG sides go from 1 to 65,535 pixels.
    #[error("a JPEG cannot be {width} × {height} pixels")]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The encoder failed, in effect for want of memory.
    #[error("the JPEG encoder failed")]
    Encoder(#[from] turbojpeg::Error),
}

/// Encodes `picture` (sRGB) as a baseline JPEG without metadata.
///
/// `quality` is 1 to 100 and clamped into that; from 90 on chroma is 4:4:4, below 4:2:0.
///
/// # Errors
/// [`EncodeError::Size`] if a side is 0 or above 65,535; [`EncodeError::Encoder`] if memory runs out.
pub fn encode_jpeg(picture: &RgbImage, quality: u8) -> Result<Bytes, EncodeError> {
    let (width, height) = picture.dimensions();
    if width.min(height) == 0 || width.max(height) > u32::from(u16::MAX) {
        return Err(EncodeError::Size { width, height });
    }
    let subsampling = if quality >= FULL_CHROMA_QUALITY {
        Subsamp::None
    } else {
        Subsamp::Sub2x2
    };
    let mut compressor = Compressor::new()?;
    compressor.set_quality(i32::from(quality.clamp(1, 100)))?;
    compressor.set_subsamp(subsampling)?;
    let jpeg = compressor.compress_to_vec(Image {
        pixels: picture.as_raw().as_slice(),
        width: width as usize,
        pitch: width as usize * 3,
        height: height as usize,
        format: PixelFormat::RGB,
    })?;
    Ok(Bytes::from(jpeg))
}

/// [`encode_jpeg`], with the size beside the bytes.
pub(super) fn encode(picture: &RgbImage, quality: u8) -> Result<Encoded, EncodeError> {
    let (width, height) = picture.dimensions();
    Ok(Encoded {
        bytes: encode_jpeg(picture, quality)?,
        width,
        height,
    })
}
