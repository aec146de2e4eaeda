//! A picture that tells which way up it is: red, green over blue, yellow.

use image::{Rgb, RgbImage};

pub(crate) const WIDTH: u32 = 120;
pub(crate) const HEIGHT: u32 = 80;

/// Top left, top right, bottom left, bottom right.
pub(crate) const COLOURS: [[u8; 3]; 4] =
    [[200, 40, 40], [40, 160, 60], [40, 60, 200], [230, 200, 40]];

/// The picture as people should see it.
pub(crate) fn upright() -> RgbImage {
    scaled(WIDTH, HEIGHT)
}

/// The same, at another size.
pub(crate) fn scaled(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (right, bottom) = (usize::from(x >= width / 2), usize::from(y >= height / 2));
        Rgb(COLOURS[bottom * 2 + right])
    })
}

/// Asserts that each quadrant's middle has its colour, within what JPEG blurs.
pub(crate) fn assert_upright(picture: &RgbImage, what: &str) {
    let (width, height) = picture.dimensions();
    let middles = [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| (width * x / 4, height * y / 4));
    for ((x, y), colour) in middles.into_iter().zip(COLOURS) {
        assert_near(picture, (x, y), colour, 6, what);
    }
}

/// Asserts that the pixel at `at` is within `tolerance` levels of `colour` in each channel.
pub(crate) fn assert_near(
    picture: &RgbImage,
    at: (u32, u32),
    colour: [u8; 3],
    tolerance: u8,
    what: &str,
) {
    let found = picture.get_pixel(at.0, at.1).0;
    let off = found
        .iter()
        .zip(colour)
        .map(|(a, b)| a.abs_diff(b))
        .max()
        .unwrap();
    assert!(
        off <= tolerance,
        "{what}: {found:?} at {at:?} instead of {colour:?}"
    );
}
