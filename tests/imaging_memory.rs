//! What a hostile file may cost in memory, measured on this process: bombs, and the dearest honest picture.
//!
//! One test alone in its binary, because the kernel's high-water mark is the whole process's.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(target_os = "linux")]

use std::borrow::Cow;
use std::fs;

use easel::imaging::{Limits, decode};
use png::{BitDepth, ColorType, Encoder, Info};
use turbojpeg::{Colorspace, Compressor, Image, PixelFormat, Subsamp};

const MB: u64 = 1 << 20;

#[test]
fn no_file_costs_more_memory_than_its_pixels_allow() {
    // Each inflates to 300 MB, from some 300 kB.
    let bombs = [
        (
            "iCCP",
            png_with(|info| info.icc_profile = Some(Cow::Owned(vec![0; 300 << 20]))),
        ),
        ("zTXt", png_with_text()),
    ];
    for (what, bomb) in bombs {
        assert!(
            bomb.len() < 2 << 20,
            "{what}: not much of a bomb, {} bytes",
            bomb.len()
        );
        let (grown, answer) = growth(|| decode(&bomb, &Limits::default()).map(|_| ()));
        // The bound on metadata is 16 MiB; a buffer that doubles may hold it twice for a moment.
        assert!(grown < 64 * MB, "{what}: {} MB, {answer:?}", grown / MB);
        answer.unwrap_or_else(|refusal| {
            panic!("{what} is beside the picture, which is whole: {refusal}")
        });
    }

    let (width, height) = (4000, 3000);
    let dearest = progressive_cmyk(width, height);
    let (grown, answer) = growth(|| decode(&dearest, &Limits::default()).map(|_| ()));
    answer.expect("an honest picture");
    let pixels = (width * height) as u64;
    assert!(grown < 16 * pixels, "{} bytes a pixel", grown / pixels);
}

/// How far `work` raised the memory of this process above what it held before, at its worst.
fn growth<T>(work: impl FnOnce() -> T) -> (u64, T) {
    fs::write("/proc/self/clear_refs", "5")
        .expect("resets the high-water mark to what is held now");
    let before = high_water_mark();
    let answer = work();
    (high_water_mark() - before, answer)
}

fn high_water_mark() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024
}

fn png_with(prepare: impl FnOnce(&mut Info<'_>)) -> Vec<u8> {
    let mut info = Info::with_size(64, 64);
    (info.color_type, info.bit_depth) = (ColorType::Rgb, BitDepth::Eight);
    prepare(&mut info);
    let mut file = Vec::new();
    finish(Encoder::with_info(&mut file, info).unwrap());
    file
}

fn png_with_text() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 64, 64);
    encoder.set_color(ColorType::Rgb);
    encoder
        .add_ztxt_chunk("Comment".into(), "a".repeat(300 << 20))
        .unwrap();
    finish(encoder);
    file
}

fn finish(encoder: Encoder<'_, &mut Vec<u8>>) {
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[90; 64 * 64 * 3]).unwrap();
    writer.finish().unwrap();
}

fn progressive_cmyk(width: usize, height: usize) -> Vec<u8> {
    let mut compressor = Compressor::new().unwrap();
    compressor.set_subsamp(Subsamp::None).unwrap();
    compressor.set_colorspace(Colorspace::CMYK).unwrap();
    compressor.set_progressive(true).unwrap();
    let pixels: Vec<u8> = (0..width * height * 4).map(|at| (at / 97) as u8).collect();
    let picture = Image {
        pixels: &pixels[..],
        width,
        pitch: width * 4,
        height,
        format: PixelFormat::CMYK,
    };
    compressor.compress_to_vec(picture).unwrap()
}
