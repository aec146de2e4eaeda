//! Smaller pictures: resampled to a longest side, or cropped to a shape.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::{RgbImage, imageops};

/// Resamples `picture` so that its longest side is at most `longest_side_px`; never enlarges.
///
/// Lanczos, three lobes, on the sRGB values as they stand. The other side is rounded and at least 1 px.
pub fn fit(picture: &RgbImage, longest_side_px: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= longest_side_px {
        return picture.clone();
    }
    let scale = f64::from(longest_side_px) / f64::from(longest);
    let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    resample(picture, scaled(width), scaled(height))
}

/// The largest upright crop of `picture` whose width ÷ height is `aspect`, for portraits.
///
/// Sides are cut evenly. Of excess height a fifth goes at the top and the rest below: the live view's
/// guide sets a face at 0.42 of the height, and heads must keep their hair.
///
/// # Panics
/// If `aspect` is not a positive number.
pub fn crop_portrait(picture: &RgbImage, aspect: f32) -> RgbImage {
    assert!(
        aspect.is_finite() && aspect > 0.0,
        "an aspect is a positive number"
    );
    let (width, height) = picture.dimensions();
    let aspect = f64::from(aspect);
    let cropped_width = ((f64::from(height) * aspect).round() as u32).clamp(1, width.max(1));
    let cropped_height = ((f64::from(width) / aspect).round() as u32).clamp(1, height.max(1));
    let left = (width - cropped_width.min(width)) / 2;
    let top = (height - cropped_height.min(height)) / 5;
    imageops::crop_imm(picture, left, top, cropped_width, cropped_height).to_image()
}

/// The largest square of `picture`, placed as [`crop_portrait`] does.
pub fn crop_square(picture: &RgbImage) -> RgbImage {
    crop_portrait(picture, 1.0)
}

fn resample(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let source = ImageRef::new(
        picture.width(),
        picture.height(),
        picture.as_raw(),
        PixelType::U8x3,
    )
    .expect("an RgbImage holds three bytes a pixel");
    let mut target = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new()
        .resize(&source, &mut target, &options)
        .expect("source and target have the same pixel type");
    RgbImage::from_raw(width, height, target.into_vec())
        .expect("the target holds three bytes a pixel")
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    /// Red tells the column, green the row.
    fn graph(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 0]))
    }

    #[test]
    fn fit_keeps_the_shape_and_never_enlarges() {
        assert_eq!(fit(&graph(100, 50), 40).dimensions(), (40, 20));
        assert_eq!(fit(&graph(50, 100), 40).dimensions(), (20, 40));
        assert_eq!(fit(&graph(99, 50), 98).dimensions(), (98, 49));
        assert_eq!(fit(&graph(100, 50), 100), graph(100, 50));
        assert_eq!(fit(&graph(100, 50), 4000), graph(100, 50));
    }

    #[test]
    fn fit_keeps_flat_colours_exactly() {
        let flat = RgbImage::from_pixel(640, 480, Rgb([17, 130, 251]));
        assert!(
            fit(&flat, 77)
                .pixels()
                .all(|pixel| pixel.0 == [17, 130, 251])
        );
    }

    #[test]
    fn a_portrait_loses_its_sides_evenly() {
        let cropped = crop_portrait(&graph(200, 100), 0.5);
        assert_eq!(cropped.dimensions(), (50, 100));
        assert_eq!(cropped.get_pixel(0, 0).0, [75, 0, 0]);
    }

    #[test]
    fn a_portrait_loses_less_above_than_below() {
        let cropped = crop_square(&graph(100, 200));
        assert_eq!(cropped.dimensions(), (100, 100));
        assert_eq!(cropped.get_pixel(0, 0).0, [0, 20, 0]);
    }

    #[test]
    fn a_portrait_of_the_right_shape_is_left_alone() {
        assert_eq!(crop_portrait(&graph(75, 100), 0.75), graph(75, 100));
        assert_eq!(crop_square(&graph(64, 64)), graph(64, 64));
    }

    #[test]
    fn extreme_shapes_keep_at_least_one_pixel() {
        assert_eq!(crop_portrait(&graph(10, 10), 1000.0).dimensions(), (10, 1));
        assert_eq!(crop_portrait(&graph(10, 10), 0.001).dimensions(), (1, 10));
    }
}
