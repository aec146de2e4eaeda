//! Cut, flipped and padded files: refused or decoded whole, never a panic, never half a picture.

use std::sync::LazyLock;

use easel::imaging::{Limits, Refusal, Settings, decode, develop};
use moxcms::ColorProfile;
use proptest::prelude::*;
use turbojpeg::Colorspace;

use crate::files;
use crate::quadrants::{assert_upright, scaled, upright};

/// One small file of each kind that takes another way through the decoders.
static KINDS: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    let picture = scaled(72, 64);
    let icc = ColorProfile::new_adobe_rgb().encode().unwrap();
    let tagged = files::with_profile(&files::jpeg(&picture), &icc, 300);
    vec![
        (
            "baseline JPEG with EXIF and profile",
            files::with_exif(&tagged, 6, true),
        ),
        ("progressive JPEG", files::progressive_jpeg(&picture)),
        ("grey JPEG", files::grey_jpeg(64, 64, 90)),
        (
            "CMYK JPEG",
            files::cmyk_jpeg((64, 64), |x, y| [x as u8, y as u8, 9, 3], Colorspace::YCCK),
        ),
        ("PNG with profile", files::png_with_profile(&picture, &icc)),
        (
            "PNG with EXIF",
            files::png_with_chunk(&picture, *b"eXIf", &files::exif(3, false)),
        ),
        (
            "interlaced PNG",
            include_bytes!("../pictures/interlaced-16-bit.png").to_vec(),
        ),
        (
            "lossless WebP",
            files::webp(&picture, Some(files::exif(5, true)), Some(icc)),
        ),
        (
            "lossy WebP",
            include_bytes!("../pictures/lossy.webp").to_vec(),
        ),
        (
            "lossy WebP with alpha",
            include_bytes!("../pictures/lossy-alpha.webp").to_vec(),
        ),
    ]
});

#[test]
fn every_kind_decodes_while_it_is_whole() {
    for (what, file) in KINDS.iter() {
        assert!(decode(file, &Limits::default()).is_ok(), "{what}");
    }
}

#[test]
fn a_file_cut_anywhere_is_refused_or_shows_all_of_its_picture() {
    for (what, file) in KINDS.iter() {
        let whole = decode(file, &Limits::default()).unwrap();
        for length in 0..file.len() {
            let refusal = match decode(&file[..length], &Limits::default()) {
                // Exif may have come last: without it the picture lies on its side.
                Ok(picture) => {
                    let is_whole = picture == whole || *what == "lossless WebP";
                    assert!(is_whole, "{what}, {length} of {} bytes", file.len());
                    continue;
                }
                Err(refusal) => refusal,
            };
            let expected = if length < 12 {
                "unsupported_media"
            } else {
                "bad_image"
            };
            let is_expected =
                refusal.code() == expected || length < 12 && refusal.code() == "bad_image";
            assert!(is_expected, "{what}, {length} bytes: {refusal:?}");
        }
    }
}

/// The short way decodes fewer pixels, but must still read to the end.
#[test]
fn a_large_jpeg_cut_anywhere_is_refused_on_the_way_to_its_renditions() {
    for file in [
        files::jpeg(&scaled(3000, 2000)),
        files::progressive_jpeg(&scaled(3000, 2000)),
    ] {
        for kept in [0.3, 0.6, 0.9, 0.99, 0.999] {
            let cut = &file[..(file.len() as f64 * kept) as usize];
            let refusal = develop(cut, &Limits::default(), &Settings::default()).unwrap_err();
            assert!(
                matches!(refusal, Refusal::BadImage { .. }),
                "{kept}: {refusal:?}"
            );
        }
    }
}

#[test]
fn what_follows_the_end_of_a_picture_does_not_matter() {
    let garbage: Vec<u8> = (0..1000_u32).map(|n| (n * 7) as u8).collect();
    let whole = [
        files::jpeg(&upright()),
        files::progressive_jpeg(&upright()),
        files::rgb_png(&upright()),
        files::webp(&upright(), None, None),
    ];
    for file in whole {
        let padded = [file.as_slice(), &garbage].concat();
        assert_upright(&decode(&padded, &Limits::default()).unwrap(), "padded");
    }
}

#[test]
fn a_flipped_bit_in_a_png_is_caught_by_its_checksum() {
    let file = files::rgb_png(&upright());
    let pixels = file.windows(4).position(|name| name == b"IDAT").unwrap() + 4;
    for at in [pixels, pixels + 10, file.len() - 20] {
        let mut damaged = file.clone();
        damaged[at] ^= 0x10;
        assert_eq!(
            decode(&damaged, &Limits::default()).unwrap_err().code(),
            "bad_image",
            "byte {at}"
        );
    }
}

/// A run of bytes lost in the middle, as by a bad card or cable.
#[test]
fn a_jpeg_with_a_hole_is_refused() {
    let noise = image::RgbImage::from_fn(600, 400, |x, y| {
        image::Rgb([
            x.wrapping_mul(y * 31) as u8,
            (x * x + y) as u8,
            (x ^ y) as u8,
        ])
    });
    let file = files::jpeg(&noise);
    let middle = file.len() / 2;
    let holed = [&file[..middle], &file[middle + 5000..]].concat();
    assert_eq!(
        decode(&holed, &Limits::default()).unwrap_err().code(),
        "bad_image"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever it becomes, it comes back as an answer.
    #[test]
    fn a_damaged_file_never_panics(
        kind in 0..KINDS.len(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        kept in 0.5..=1.0_f64,
    ) {
        let mut file = KINDS[kind].1.clone();
        for (at, bits) in flips {
            let at = at.index(file.len());
            file[at] ^= bits;
        }
        file.truncate((file.len() as f64 * kept) as usize);
        // A flipped size may be large and true to its word; keep such cases cheap.
        let limits = Limits { pixels: 1_000_000, min_side: 1, ..Limits::default() };
        let settings = Settings::default();
        if let Ok(developed) = develop(&file, &limits, &settings) {
            prop_assert!(developed.input.width.max(developed.input.height) <= settings.input_px);
        }
        if let Ok(picture) = decode(&file, &limits) {
            prop_assert!(u64::from(picture.width()) * u64::from(picture.height()) <= limits.pixels);
        }
    }
}
