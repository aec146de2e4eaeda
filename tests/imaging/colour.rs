//! Whatever inks a file is in, it comes out in the right sRGB.

use std::borrow::Cow;

use easel::imaging::{Limits, decode};
use image::{Rgb, RgbImage};
use moxcms::ColorProfile;
use png::{BitDepth, ColorType};
use turbojpeg::{Colorspace, Subsamp};

use crate::files;
use crate::quadrants::{HEIGHT, WIDTH, assert_near, assert_upright, upright};

const SIZE: (u32, u32) = (80, 80);

fn decoded(file: &[u8]) -> RgbImage {
    decode(file, &Limits::default()).unwrap()
}

fn flat(colour: [u8; 3]) -> RgbImage {
    RgbImage::from_pixel(SIZE.0, SIZE.1, Rgb(colour))
}

fn assert_flat(file: &[u8], colour: [u8; 3], tolerance: u8, what: &str) {
    assert_near(&decoded(file), (40, 40), colour, tolerance, what);
}

#[test]
fn jpegs_of_every_subsampling_and_progressive_ones_keep_their_colours() {
    let subsamplings = [
        Subsamp::None,
        Subsamp::Sub2x1,
        Subsamp::Sub2x2,
        Subsamp::Sub1x2,
        Subsamp::Sub4x1,
    ];
    for subsampling in subsamplings {
        for progressive in [false, true] {
            let file = files::jpeg_with(&upright(), |compressor| {
                compressor.set_subsamp(subsampling).unwrap();
                compressor.set_progressive(progressive).unwrap();
            });
            assert_upright(
                &decoded(&file),
                &format!("{subsampling:?}, progressive {progressive}"),
            );
        }
    }
}

#[test]
fn jpegs_stored_as_rgb_or_arithmetic_or_lossless_keep_their_colours() {
    let rgb = files::jpeg_with(&upright(), |compressor| {
        compressor.set_subsamp(Subsamp::None).unwrap();
        compressor.set_colorspace(Colorspace::RGB).unwrap();
    });
    assert_upright(&decoded(&rgb), "RGB");
    let arithmetic = files::jpeg_with(&upright(), |compressor| {
        compressor.set_arithmetic(true).unwrap();
    });
    assert_upright(&decoded(&arithmetic), "arithmetic");
    let lossless = files::jpeg_with(&upright(), |compressor| {
        compressor.set_lossless(true).unwrap();
    });
    assert_eq!(decoded(&lossless), upright());
}

/// Ink that prints as the quadrants' colours where no profile says otherwise: complements, without black.
fn quadrant_inks(x: usize, y: usize) -> [u8; 4] {
    let [r, g, b] = upright().get_pixel(x as u32, y as u32).0;
    [255 - r, 255 - g, 255 - b, 0]
}

#[test]
fn cmyk_and_ycck_jpegs_keep_their_colours() {
    for space in [Colorspace::CMYK, Colorspace::YCCK] {
        let file = files::cmyk_jpeg((WIDTH as usize, HEIGHT as usize), quadrant_inks, space);
        assert_upright(&decoded(&file), &format!("{space:?}"));
    }
}

#[test]
fn black_ink_darkens() {
    let file = files::cmyk_jpeg((80, 80), |_, _| [0, 127, 255, 127], Colorspace::CMYK);
    assert_flat(&file, [128, 64, 0], 3, "black over orange");
}

#[test]
fn cmyk_without_an_adobe_segment_is_not_inverted() {
    // The encoder inverts for Adobe: inks upside down and the segment gone is the plain kind.
    let inverted = files::cmyk_jpeg(
        (80, 80),
        |_, _| [255 - 20, 255 - 200, 255 - 100, 255],
        Colorspace::CMYK,
    );
    let plain = files::without_segment(&inverted, 0xEE);
    assert_flat(&plain, [235, 55, 155], 3, "plain CMYK");
}

#[test]
fn grey_jpegs_and_grey_profiles_are_right() {
    assert_flat(&files::grey_jpeg(80, 80, 100), [100; 3], 1, "plain grey");
    // Half the light, linearly, is 188 in sRGB (IEC 61966-2-1).
    let linear = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let tagged = files::with_profile(&files::grey_jpeg(80, 80, 128), &linear, 60_000);
    assert_flat(&tagged, [188; 3], 2, "linear grey");
}

#[test]
fn tagged_pictures_are_converted_to_srgb() {
    let adobe_rgb = ColorProfile::new_adobe_rgb().encode().unwrap();
    let picture = flat([200, 50, 50]);
    // Adobe RGB (200, 50, 50) is sRGB (232, 46, 48).
    let expected = [232, 46, 48];
    let jpeg = files::with_profile(&files::jpeg(&picture), &adobe_rgb, 60_000);
    assert_flat(&jpeg, expected, 3, "JPEG");
    let in_parts = files::with_profile(&files::jpeg(&picture), &adobe_rgb, adobe_rgb.len() / 3 + 1);
    assert_flat(&in_parts, expected, 3, "JPEG, profile in parts");
    assert_flat(
        &files::png_with_profile(&picture, &adobe_rgb),
        expected,
        2,
        "PNG",
    );
    assert_flat(
        &files::webp(&picture, None, Some(adobe_rgb)),
        expected,
        2,
        "WebP",
    );
}

#[test]
fn a_profile_that_is_damaged_or_for_other_inks_is_passed_over() {
    let picture = flat([200, 50, 50]);
    let mut damaged = ColorProfile::new_adobe_rgb().encode().unwrap();
    damaged.truncate(200);
    let grey = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    for (icc, what) in [
        (damaged, "damaged"),
        (grey, "grey"),
        (vec![0; 500], "zeroes"),
    ] {
        assert_flat(
            &files::with_profile(&files::jpeg(&picture), &icc, 60_000),
            [200, 50, 50],
            3,
            what,
        );
        assert_flat(
            &files::png_with_profile(&picture, &icc),
            [200, 50, 50],
            0,
            what,
        );
    }
    let adobe_rgb = ColorProfile::new_adobe_rgb().encode().unwrap();
    let grey_jpeg = files::with_profile(&files::grey_jpeg(80, 80, 100), &adobe_rgb, 60_000);
    assert_flat(&grey_jpeg, [100; 3], 1, "RGB profile on grey");
}

#[test]
fn sixteen_bit_png_keeps_its_colours() {
    let deep: Vec<u8> = upright()
        .as_raw()
        .iter()
        .flat_map(|&sample| [sample, 0x7F])
        .collect();
    let file = files::png(
        (WIDTH, HEIGHT),
        (ColorType::Rgb, BitDepth::Sixteen),
        &deep,
        |_| {},
    );
    assert_upright(&decoded(&file), "16 bit");
    let grey: Vec<u8> = [0x64, 0x64].repeat(80 * 80);
    let file = files::png(
        SIZE,
        (ColorType::Grayscale, BitDepth::Sixteen),
        &grey,
        |_| {},
    );
    assert_flat(&file, [100; 3], 0, "16 bit grey");
}

#[test]
fn transparency_is_laid_over_white() {
    let half_red = [255, 0, 0, 128].repeat(80 * 80);
    let file = files::png(SIZE, (ColorType::Rgba, BitDepth::Eight), &half_red, |_| {});
    assert_flat(&file, [255, 127, 127], 0, "RGBA");
    let deep: Vec<u8> = half_red
        .iter()
        .flat_map(|&sample| [sample, sample])
        .collect();
    let file = files::png(SIZE, (ColorType::Rgba, BitDepth::Sixteen), &deep, |_| {});
    assert_flat(&file, [255, 127, 127], 0, "RGBA, 16 bit");
    let clear = [9, 0].repeat(80 * 80);
    let file = files::png(
        SIZE,
        (ColorType::GrayscaleAlpha, BitDepth::Eight),
        &clear,
        |_| {},
    );
    assert_flat(&file, [255; 3], 0, "grey and alpha");
    // All of entry 1, which is transparent.
    let file = files::png(
        SIZE,
        (ColorType::Indexed, BitDepth::Eight),
        &vec![1; 80 * 80],
        |info| {
            info.palette = Some(Cow::Owned(vec![0, 0, 0, 10, 20, 30]));
            info.trns = Some(Cow::Owned(vec![255, 0]));
        },
    );
    assert_flat(&file, [255; 3], 0, "palette with transparency");
}

#[test]
fn small_depths_and_palettes_keep_their_colours() {
    let file = files::png(
        SIZE,
        (ColorType::Grayscale, BitDepth::One),
        &vec![0xFF; 10 * 80],
        |_| {},
    );
    assert_flat(&file, [255; 3], 0, "1 bit");
    let file = files::png(
        SIZE,
        (ColorType::Indexed, BitDepth::Four),
        &vec![0x11; 40 * 80],
        |info| {
            info.palette = Some(Cow::Owned(vec![0, 0, 0, 10, 120, 30]));
        },
    );
    assert_flat(&file, [10, 120, 30], 0, "palette of 4 bits");
}

#[test]
fn interlaced_pngs_keep_their_colours() {
    let interlaced: [(&[u8], _); 2] = [
        (include_bytes!("../pictures/interlaced-alpha.png"), "8 bit"),
        (
            include_bytes!("../pictures/interlaced-16-bit.png"),
            "16 bit",
        ),
    ];
    for (file, what) in interlaced {
        let picture = decoded(file);
        assert_upright(&picture, what);
        assert_near(&picture, (12, 12), [255; 3], 0, "the hole at the top left");
    }
}

#[test]
fn still_webp_keeps_its_colours() {
    assert_eq!(decoded(&files::webp(&upright(), None, None)), upright());
    assert_upright(&decoded(include_bytes!("../pictures/lossy.webp")), "lossy");
    let with_hole = decoded(include_bytes!("../pictures/lossy-alpha.webp"));
    assert_upright(&with_hole, "lossy with alpha");
    assert_near(
        &with_hole,
        (12, 12),
        [255; 3],
        2,
        "the hole at the top left",
    );
}
