//! One capture, three sizes.

use easel::imaging::{Limits, Settings, SourceFormat, decode, decode_within, develop, fit};
use image::{Rgb, RgbImage};

use crate::files;
use crate::quadrants::{scaled, upright};

#[test]
fn a_capture_becomes_input_screen_and_thumb() {
    let developed = develop(
        &files::jpeg(&scaled(3000, 2000)),
        &Limits::default(),
        &Settings::default(),
    )
    .unwrap();
    assert_eq!(developed.original, SourceFormat::Jpeg);
    assert_eq!(
        (developed.source_width, developed.source_height),
        (3000, 2000)
    );
    let size = |encoded: &easel::imaging::Encoded| (encoded.width, encoded.height);
    assert_eq!(size(&developed.input), (512, 341));
    assert_eq!(size(&developed.screen), (1280, 853));
    assert_eq!(size(&developed.thumb), (320, 213));
    let input = decode(&developed.input.bytes, &Limits::default()).unwrap();
    assert_eq!(input.dimensions(), (512, 341));
}

#[test]
fn settings_set_the_sizes_in_any_order() {
    let settings = Settings {
        input_px: 700,
        screen_px: 600,
        thumb_px: 650,
        ..Settings::default()
    };
    let developed = develop(
        &files::rgb_png(&scaled(800, 1600)),
        &Limits::default(),
        &settings,
    )
    .unwrap();
    assert_eq!(developed.original, SourceFormat::Png);
    assert_eq!((developed.input.width, developed.input.height), (350, 700));
    assert_eq!(
        (developed.screen.width, developed.screen.height),
        (300, 600)
    );
    assert_eq!((developed.thumb.width, developed.thumb.height), (325, 650));
}

#[test]
fn small_pictures_are_never_enlarged() {
    let developed = develop(
        &files::webp(&upright(), None, None),
        &Limits::default(),
        &Settings::default(),
    )
    .unwrap();
    assert_eq!(developed.original, SourceFormat::WebP);
    for rendition in [&developed.input, &developed.screen, &developed.thumb] {
        assert_eq!((rendition.width, rendition.height), (120, 80));
    }
}

#[test]
fn a_sliver_keeps_at_least_one_pixel() {
    let sliver = files::rgb_png(&RgbImage::new(64, 60_000));
    let developed = develop(&sliver, &Limits::default(), &Settings::default()).unwrap();
    assert_eq!((developed.thumb.width, developed.thumb.height), (1, 320));
}

/// A JPEG is decoded at an eighth or more of its size; that must not show beside the long way round.
/// What remains comes from the last, incomplete blocks, which shift the grid by a fraction of a pixel.
#[test]
fn the_short_way_to_a_small_picture_looks_like_the_long_way() {
    let smooth = RgbImage::from_fn(2000, 1500, |x, y| {
        let wave = |at: u32, length: f32| (127.0 + 100.0 * (at as f32 / length).sin()) as u8;
        Rgb([wave(x, 60.0), wave(y, 45.0), wave(x + y, 90.0)])
    });
    let file = files::jpeg(&smooth);
    for longest_side_px in [1999, 1280, 512, 251, 64] {
        let short = decode_within(&file, &Limits::default(), longest_side_px).unwrap();
        let long = fit(&decode(&file, &Limits::default()).unwrap(), longest_side_px);
        assert_eq!(short.dimensions(), long.dimensions());
        let off = short
            .as_raw()
            .iter()
            .zip(long.as_raw())
            .map(|(a, b)| a.abs_diff(*b))
            .max()
            .unwrap();
        assert!(off <= 12, "{longest_side_px} px: {off} levels apart");
    }
}
