//! Whether a picture can be a painting of a photo: measures that need no model.
//!
//! Image models fail with pictures that decode well: black where half precision overflows
//! (ComfyUI#9046, #14743), blank, noise where the sampler never converged, the photo itself where
//! the graph passed it through, the picture of before where a cache answered. Each is told by the
//! two pictures shrunk to a few pixels; whether it shows the right face is for the likeness gate.

use image::imageops::{FilterType, resize};
use image::{GrayImage, RgbImage, imageops};

/// Side of the shrunk pictures.
const SIDE: u32 = 32;
/// Grey levels closer together than this, as a standard deviation, are one colour.
const BLANK: f64 = 2.5;
/// Pictures whose pixels are this close on average, in grey levels of a channel, are the same one:
/// JPEG at any usual quality stays well below.
const SAME: f64 = 1.0;
/// A picture of nothing but noise loses nearly all of its contrast when it is shrunk to blocks;
/// what is left, as a share, of uncorrelated pixels in blocks of 8 × 8 is an eighth.
const NOISE: f64 = 0.2;
/// Contrast below which nothing can be said about noise.
const CONTRAST: f64 = 20.0;

/// A picture shrunk for comparing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gist(RgbImage);

/// Why a picture is no painting of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPainting {
    Blank,
    Noise,
    Photo,
    Before,
}

impl NoPainting {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Blank => "its picture is of a single colour",
            Self::Noise => "its picture is nothing but noise",
            Self::Photo => "its picture is the photo that it was sent",
            Self::Before => "its picture is the one of before, of another photo",
        }
    }
}

impl Gist {
    pub(super) fn of(picture: &RgbImage) -> Self {
        Self(imageops::thumbnail(picture, SIDE, SIDE))
    }

    fn is_same(&self, other: &Self) -> bool {
        let pairs = self.0.as_raw().iter().zip(other.0.as_raw());
        let sum: f64 = pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
        sum / self.0.as_raw().len() as f64 <= SAME
    }

    /// Standard deviation over all channels' own means.
    fn contrast(&self) -> f64 {
        let channel = |c: usize| deviation(self.0.pixels().map(move |p| p.0[c]));
        (0..3).map(channel).fold(0.0, f64::max)
    }
}

/// A photo and what a server made of it.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) photo: Gist,
    pub(super) painting: Gist,
}

/// Looks at a picture that a server sent; `before` are those it sent last.
pub(super) fn check<'a>(
    picture: &RgbImage,
    pair: &Pair,
    before: impl IntoIterator<Item = &'a Pair>,
) -> Result<(), NoPainting> {
    let gist = &pair.painting;
    if gist.contrast() < BLANK && fine_contrast(picture) < CONTRAST {
        return Err(NoPainting::Blank);
    }
    if is_noise(picture) {
        return Err(NoPainting::Noise);
    }
    if gist.is_same(&pair.photo) {
        return Err(NoPainting::Photo);
    }
    // The same photo may well give the same painting.
    let is_of_before =
        |other: &Pair| gist.is_same(&other.painting) && !pair.photo.is_same(&other.photo);
    match before.into_iter().any(is_of_before) {
        true => Err(NoPainting::Before),
        false => Ok(()),
    }
}

fn grey(picture: &RgbImage) -> GrayImage {
    let (width, height) = picture.dimensions();
    let side = 256.min(width).min(height);
    // A window at full size: shrinking first would average the noise away.
    let (x, y) = ((width - side) / 2, (height - side) / 2);
    imageops::grayscale(&imageops::crop_imm(picture, x, y, side, side).to_image())
}

fn fine_contrast(picture: &RgbImage) -> f64 {
    deviation(grey(picture).pixels().map(|p| p.0[0]))
}

/// Whether neighbours have nothing to do with each other.
fn is_noise(picture: &RgbImage) -> bool {
    let grey = grey(picture);
    let whole = deviation(grey.pixels().map(|p| p.0[0]));
    let (width, height) = grey.dimensions();
    if whole < CONTRAST || width < 64 || height < 64 {
        return false;
    }
    let blocks = resize(&grey, width / 8, height / 8, FilterType::Triangle);
    let left = deviation(blocks.pixels().map(|p| p.0[0]));
    left / whole < NOISE
}

fn deviation(values: impl Iterator<Item = u8>) -> f64 {
    let (mut n, mut sum, mut squares) = (0.0_f64, 0.0, 0.0);
    for value in values {
        let value = f64::from(value);
        (n, sum, squares) = (n + 1.0, sum + value, squares + value * value);
    }
    if n == 0.0 {
        return 0.0;
    }
    (squares / n - (sum / n).powi(2)).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo() -> RgbImage {
        RgbImage::from_fn(256, 256, |x, y| {
            let face = (x as i32 - 128).pow(2) + (y as i32 - 110).pow(2) < 70 * 70;
            image::Rgb(if face {
                [220, 170, 140]
            } else {
                [(x / 2) as u8, 60, (y / 3) as u8]
            })
        })
    }

    fn pair(photo: &RgbImage, picture: &RgbImage) -> Pair {
        let [photo, painting] = [photo, picture].map(Gist::of);
        Pair { photo, painting }
    }

    fn looked(picture: &RgbImage, before: &[Pair]) -> Result<(), NoPainting> {
        check(picture, &pair(&photo(), picture), before)
    }

    fn noise(of: u8) -> RgbImage {
        let mut seed = 1_u32;
        RgbImage::from_fn(256, 256, |_, _| {
            let mut next = || {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((seed >> 24) as u8) % of.max(1)
            };
            image::Rgb([next(), next(), next()])
        })
    }

    #[test]
    fn what_is_no_painting_is_told() {
        let black = RgbImage::new(256, 256);
        assert_eq!(looked(&black, &[]), Err(NoPainting::Blank));
        let nearly = RgbImage::from_fn(256, 256, |x, _| image::Rgb([(x % 3) as u8; 3]));
        assert_eq!(looked(&nearly, &[]), Err(NoPainting::Blank));
        let white = RgbImage::from_pixel(256, 256, image::Rgb([255; 3]));
        assert_eq!(looked(&white, &[]), Err(NoPainting::Blank));
        assert_eq!(looked(&noise(255), &[]), Err(NoPainting::Noise));
        assert_eq!(looked(&photo(), &[]), Err(NoPainting::Photo));
        let smaller = resize(&photo(), 200, 200, FilterType::Triangle);
        assert_eq!(looked(&smaller, &[]), Err(NoPainting::Photo));
    }

    #[test]
    fn a_painting_is_one_and_the_one_of_before_is_not() {
        let painting = RgbImage::from_fn(256, 256, |x, y| {
            let image::Rgb([r, g, b]) = *photo().get_pixel(x, y);
            // Strokes: coarse, strong, and another palette.
            let stroke = if (x / 6 + y / 9) % 2 == 0 { 30 } else { 0 };
            image::Rgb([b.saturating_add(stroke), r, g.saturating_sub(stroke)])
        });
        assert_eq!(looked(&painting, &[]), Ok(()));
        let somebody = imageops::flip_horizontal(&photo());
        let before = pair(&somebody, &painting);
        assert_eq!(looked(&painting, &[before]), Err(NoPainting::Before));
        let again = pair(&photo(), &painting);
        assert_eq!(looked(&painting, &[again]), Ok(()));
    }

    #[test]
    fn line_art_and_dots_are_no_noise() {
        let dots = RgbImage::from_fn(256, 256, |x, y| {
            let off = |at: u32| (at % 8).abs_diff(4).pow(2);
            let dot = off(x) + off(y) < 9;
            let ground = if x < 128 {
                [250, 220, 60]
            } else {
                [60, 60, 200]
            };
            image::Rgb(if dot { [200, 30, 30] } else { ground })
        });
        assert_eq!(looked(&dots, &[]), Ok(()));
    }
}
