//! Photos.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// A small photo of nobody; another `tint` is another photo.
pub(crate) fn a_photo(tint: u8) -> Vec<u8> {
    jpeg(160, 200, tint)
}

/// A JPEG of that size.
pub(crate) fn jpeg(width: u32, height: u32, tint: u8) -> Vec<u8> {
    encode(&pixels(width, height, tint), ImageFormat::Jpeg)
}

/// The same as PNG.
pub(crate) fn png(width: u32, height: u32, tint: u8) -> Vec<u8> {
    encode(&pixels(width, height, tint), ImageFormat::Png)
}

/// An astronaut's portrait, in the public domain.
pub(crate) fn a_face() -> Vec<u8> {
    include_bytes!("../../../assets/portraits/jemison.jpg").to_vec()
}

fn pixels(width: u32, height: u32, tint: u8) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let [across, down] = [x * 255 / width, y * 255 / height].map(|v| v as u8);
        Rgb([across, down, tint])
    })
}

fn encode(pixels: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(pixels.clone())
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}
