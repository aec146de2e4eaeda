//! What is not taken, and that it is refused before it costs anything.

use std::error::Error;

use easel::imaging::{Limits, Measure, Refusal, Settings, decode, develop};
use image::RgbImage;
use png::Encoder;

use crate::files;
use crate::quadrants::upright;

fn refusal(file: &[u8]) -> Refusal {
    let refusal = develop(file, &Limits::default(), &Settings::default()).expect_err("a refusal");
    let of_decode = decode(file, &Limits::default()).expect_err("a refusal");
    assert_eq!(refusal.code(), of_decode.code());
    refusal
}

#[test]
fn other_formats_are_unsupported_whatever_they_are_called() {
    let others: [&[u8]; 8] = [
        b"",
        b"\xFF\xD8",
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"BM\x1E\0\0\0\0\0\0\0\x1A\0\0\0",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\0\0\0\x20ftypheic\0\0\0\0mif1heic",
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"%PDF-1.7",
    ];
    for file in others {
        assert_eq!(refusal(file).code(), "unsupported_media", "{file:?}");
    }
}

#[test]
fn moving_webp_is_unsupported() {
    assert_eq!(
        refusal(include_bytes!("../pictures/animated.webp")).code(),
        "unsupported_media"
    );
}

#[test]
fn jpegs_of_twelve_bits_are_unsupported() {
    let mut file = files::jpeg(&upright());
    let frame = position(&file, &[0xFF, 0xC0]);
    file[frame + 4] = 12;
    assert_eq!(refusal(&file).code(), "unsupported_media");
}

#[test]
fn too_many_bytes_are_refused_unread() {
    let limits = Limits {
        bytes: 999,
        ..Limits::default()
    };
    let refusal = decode(&[0; 1000], &limits).unwrap_err();
    assert!(
        matches!(
            refusal,
            Refusal::TooLarge {
                measure: Measure::Bytes,
                found: 1000,
                limit: 999
            }
        ),
        "{refusal:?}"
    );
    assert_eq!(refusal.code(), "too_large");
    assert_eq!(
        refusal.to_string(),
        "the picture has 1000 bytes, at most 999 are taken"
    );
}

/// Sides as large as the format has them, and hardly a byte behind.
#[test]
fn too_many_claimed_pixels_are_refused_in_every_format() {
    let mut jpeg = files::jpeg(&upright());
    let frame = position(&jpeg, &[0xFF, 0xC0]);
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xEA, 0x60, 0xEA, 0x60]);

    let mut png = Vec::new();
    drop(
        Encoder::new(&mut png, 60_000, 60_000)
            .write_header()
            .unwrap(),
    );
    // Without pixels a PNG ends before its size matters: give it some.
    png.truncate(8 + 25);
    png.extend(b"\0\0\0\x01IDAT\x78\0\0\0\0");

    // VP8L has no more than 16,384 a side: 14 bits each of width - 1 and height - 1, here 15,999.
    let webp = b"RIFF\x12\0\0\0WEBPVP8L\x05\0\0\0\x2F\x7F\xFE\x9F\x0F\0";

    for (file, what) in [(&jpeg[..], "JPEG"), (&png[..], "PNG"), (&webp[..], "WebP")] {
        let refusal = refusal(file);
        assert!(
            matches!(
                refusal,
                Refusal::TooLarge {
                    measure: Measure::Pixels,
                    ..
                }
            ),
            "{what}: {refusal:?}"
        );
    }
}

#[test]
fn the_pixel_limit_is_exact() {
    let exact = Limits {
        pixels: 120 * 80,
        ..Limits::default()
    };
    let short = Limits {
        pixels: 120 * 80 - 1,
        ..Limits::default()
    };
    for file in [
        files::jpeg(&upright()),
        files::rgb_png(&upright()),
        files::webp(&upright(), None, None),
    ] {
        assert!(decode(&file, &exact).is_ok());
        assert_eq!(decode(&file, &short).unwrap_err().code(), "too_large");
    }
}

#[test]
fn too_few_pixels_are_refused_in_every_format() {
    for (width, height) in [(63, 64), (64, 63), (1, 1)] {
        let picture = RgbImage::new(width, height);
        let all = [
            files::jpeg(&picture),
            files::rgb_png(&picture),
            files::webp(&picture, None, None),
        ];
        for file in all {
            assert!(matches!(
                refusal(&file),
                Refusal::TooSmall { min_side: 64, .. }
            ));
        }
    }
    let smallest = RgbImage::new(64, 64);
    assert!(decode(&files::jpeg(&smallest), &Limits::default()).is_ok());
}

/// A few bytes can ask for one more pass over the whole picture.
#[test]
fn a_progressive_jpeg_with_endless_scans_is_refused() {
    let jpeg = files::progressive_jpeg(&upright());
    let last_scan = jpeg
        .windows(2)
        .rposition(|pair| pair == [0xFF, 0xDA])
        .unwrap();
    let (before, end) = jpeg.split_at(jpeg.len() - 2);
    let file = [before, &before[last_scan..].repeat(200), end].concat();
    let refusal = refusal(&file);
    assert_eq!(refusal.code(), "bad_image");
    let decoder_says = refusal.source().unwrap().source().unwrap().to_string();
    assert!(decoder_says.contains("scans"), "{decoder_says}");
}

fn position(file: &[u8], marker: &[u8]) -> usize {
    file.windows(marker.len())
        .position(|window| window == marker)
        .unwrap()
}
