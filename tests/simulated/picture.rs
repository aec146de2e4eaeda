//! How simulated servers paint: the photo, tinted by what they were told.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Cursor;

use image::{ImageFormat, RgbImage};

/// `photo`, its colours shifted by a hash of `told`.
pub(crate) fn tinted(photo: &[u8], told: &str) -> RgbImage {
    let mut hash = DefaultHasher::new();
    told.hash(&mut hash);
    let tint = hash.finish().to_be_bytes();
    let mut picture = image::load_from_memory(photo).unwrap().to_rgb8();
    for pixel in picture.pixels_mut() {
        for (channel, tint) in pixel.0.iter_mut().zip(tint) {
            *channel = channel.wrapping_add(tint);
        }
    }
    picture
}

/// A picture of that size with something on it.
pub(crate) fn sketch(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([(x * 5) as u8, (y * 3) as u8, (x + y) as u8])
    })
}

/// Encoded.
pub(crate) fn png(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}
