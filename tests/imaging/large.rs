//! What the largest phones and cameras save is taken; what only claims to be large is refused at once.

use easel::imaging::{Limits, Measure, Refusal, Settings, decode, develop};
use png::{BitDepth, ColorType, Encoder};
use turbojpeg::{Image, PixelFormat, Subsamp};

use crate::files;
use crate::quadrants::upright;

/// Of one colour: what is large about it are its sides.
fn jpeg(width: usize, height: usize) -> Vec<u8> {
    let pixels = vec![120; width * height];
    let picture = Image {
        pixels: &pixels[..],
        width,
        pitch: width,
        height,
        format: PixelFormat::GRAY,
    };
    turbojpeg::compress(picture, 90, Subsamp::Gray)
        .unwrap()
        .to_vec()
}

#[test]
fn phones_of_fifty_and_cameras_of_a_hundred_megapixels_are_taken() {
    for (width, height) in [(8160, 6144), (8192, 6144), (9504, 6336), (11648, 8736)] {
        let developed = develop(
            &jpeg(width, height),
            &Limits::default(),
            &Settings::default(),
        );
        let developed = developed.unwrap_or_else(|refusal| panic!("{width} × {height}: {refusal}"));
        let source = (
            developed.source_width as usize,
            developed.source_height as usize,
        );
        assert_eq!(source, (width, height));
        assert_eq!(developed.screen.width.max(developed.screen.height), 1280);
    }
}

/// Streamed: a hundred megapixels of it are never held at once.
#[test]
fn a_png_of_a_hundred_megapixels_is_taken() {
    let (width, height) = (11648, 8736);
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header().unwrap();
    writer
        .write_image_data(&vec![77; width as usize * height as usize])
        .unwrap();
    writer.finish().unwrap();
    let developed = develop(&file, &Limits::default(), &Settings::default()).unwrap();
    assert_eq!(
        (developed.screen.width, developed.screen.height),
        (1280, 960)
    );
    let refusal = decode(
        &file,
        &Limits {
            memory: 100_000_000,
            ..Limits::default()
        },
    )
    .unwrap_err();
    assert!(
        matches!(
            refusal,
            Refusal::TooLarge {
                measure: Measure::Pixels,
                ..
            }
        ),
        "{refusal:?}"
    );
}

/// Claims that would take gigabytes, of some hundred bytes.
#[test]
fn what_would_take_too_much_memory_is_refused_unread() {
    let claim = |jpeg: &mut Vec<u8>, marker: u8| {
        let frame = jpeg
            .windows(2)
            .position(|pair| pair == [0xFF, marker])
            .unwrap();
        jpeg[frame + 5..frame + 9].copy_from_slice(&[0x3E, 0x80, 0x46, 0x50]);
    };
    let picture = upright();
    let mut progressive = files::jpeg_with(&picture, |compressor| {
        compressor.set_subsamp(Subsamp::None).unwrap();
        compressor.set_progressive(true).unwrap();
    });
    claim(&mut progressive, 0xC2);
    let mut arithmetic = files::jpeg_with(&picture, |compressor| {
        compressor.set_subsamp(Subsamp::None).unwrap();
        compressor.set_progressive(true).unwrap();
        compressor.set_arithmetic(true).unwrap();
    });
    claim(&mut arithmetic, 0xCA);
    // VP8L: 14 bits each of width - 1 and height - 1, here 9,999.
    let webp = b"RIFF\x12\0\0\0WEBPVP8L\x05\0\0\0\x2F\x0F\xE7\xC3\x09\0";
    for (what, file) in [
        ("progressive", &progressive[..]),
        ("arithmetic", &arithmetic),
        ("WebP", webp),
    ] {
        let refusal = develop(file, &Limits::default(), &Settings::default()).unwrap_err();
        assert_eq!(refusal.code(), "too_large", "{what}");
        let is_memory = matches!(
            refusal,
            Refusal::TooLarge {
                measure: Measure::Pixels,
                ..
            }
        );
        assert!(is_memory, "{what}: {refusal:?}");
    }
}
