//! What a hostile file may cost in memory, measured on this process: bombs, and the dearest honest picture.
//!
//! One test alone in its binary, because the kernel's high-water mark is the whole process's.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(target_os = "linux")]

use std::borrow::Cow;
use std::fs;

use easel::imaging::{Limits, Settings, decode, develop};
use png::{BitDepth, ColorType, Encoder, Info};
use turbojpeg::{Colorspace, Compressor, Image, PixelFormat, Subsamp};

const MB: u64 = 1 << 20;

/// The booth's, whose counts bound what decoders take.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

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

    let bomb = webp_of_many_tables();
    assert!(bomb.len() < 4 << 20, "{} bytes", bomb.len());
    let (grown, answer) = growth(|| decode(&bomb, &Limits::default()).map(|_| ()));
    assert_eq!(answer.unwrap_err().code(), "bad_image");
    assert!(grown < 80 * MB, "{} MB", grown / MB);

    let (width, height) = (4000, 3000);
    let dearest = progressive_cmyk(width, height);
    let (grown, answer) = growth(|| decode(&dearest, &Limits::default()).map(|_| ()));
    answer.expect("an honest picture");
    let pixels = (width * height) as u64;
    assert!(grown < 16 * pixels, "{} bytes a pixel", grown / pixels);
    drop(dearest);

    // What is large is read at the scale that is wanted, and never held whole.
    let (width, height) = (11_648, 8_736);
    let streamed = [
        ("JPEG", grey_jpeg(width, height)),
        ("PNG", grey_png(width, height)),
    ];
    for (what, file) in streamed {
        let (grown, answer) =
            growth(|| develop(&file, &Limits::default(), &Settings::default()).map(|_| ()));
        answer.expect("an honest picture");
        assert!(grown < 48 * MB, "{what}: {} MB", grown / MB);
    }
    // A bomb for decoders that unpack first: 256 megapixels of nothing in some hundred kilobytes.
    let bomb = grey_png(16_000, 16_000);
    assert!(bomb.len() < 1 << 20, "{} bytes", bomb.len());
    let (grown, answer) =
        growth(|| develop(&bomb, &Limits::default(), &Settings::default()).map(|_| ()));
    assert!(grown < 48 * MB, "{} MB, {answer:?}", grown / MB);
    let (grown, answer) = growth(|| decode(&bomb, &TIGHT).map(|_| ()));
    assert_eq!(answer.unwrap_err().code(), "too_large");
    assert!(grown < 16 * MB, "{} MB", grown / MB);

    // Mending takes copies of the file, and no more.
    let mut stray = noisy_jpeg();
    let end = stray.len() - 2;
    stray.splice(end..end, [0x2C]);
    let (grown, answer) =
        growth(|| develop(&stray, &Limits::default(), &Settings::default()).map(|_| ()));
    answer.expect("nothing of it is lost");
    let most = 3 * stray.len() as u64 + 48 * MB;
    assert!(
        grown < most,
        "{} MB of a file of {}",
        grown / MB,
        stray.len()
    );
}

/// A smaller machine's.
const TIGHT: Limits = Limits {
    bytes: 64_000_000,
    pixels: 300_000_000,
    memory: 200_000_000,
    min_side: 64,
};

fn grey_jpeg(width: usize, height: usize) -> Vec<u8> {
    let pixels = vec![90; width * height];
    let picture = Image {
        pixels: &pixels[..],
        width,
        pitch: width,
        height,
        format: PixelFormat::GRAY,
    };
    let jpeg = turbojpeg::compress(picture, 90, Subsamp::Gray).unwrap();
    jpeg.to_vec()
}

fn grey_png(width: usize, height: usize) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&vec![90; width * height]).unwrap();
    writer.finish().unwrap();
    file
}

/// 24 megapixels with something in every block, some 20 MB.
fn noisy_jpeg() -> Vec<u8> {
    let (width, height) = (6_000, 4_000);
    let noise = |at: usize| {
        (at as u32)
            .wrapping_mul(0x9E37_79B1)
            .wrapping_mul(0x85EB_CA77)
            >> 25
    };
    let pixels: Vec<u8> = (0..width * height * 3).map(|at| noise(at) as u8).collect();
    let picture = Image {
        pixels: &pixels[..],
        width,
        pitch: width * 3,
        height,
        format: PixelFormat::RGB,
    };
    let jpeg = turbojpeg::compress(picture, 92, Subsamp::Sub2x2).unwrap();
    jpeg.to_vec()
}

/// How far `work` raised the memory of this process above what it held before, at its worst.
fn growth<T>(work: impl FnOnce() -> T) -> (u64, T) {
    fs::write("/proc/self/clear_refs", "5")
        .expect("resets the high-water mark to what is held now");
    let before = high_water_mark();
    let answer = work();
    (high_water_mark().saturating_sub(before), answer)
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

/// Bits as VP8L has them: the least significant first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    filled: u32,
}

impl Bits {
    fn put(&mut self, value: u32, bits: u32) -> &mut Self {
        for at in 0..bits {
            if self.filled.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= ((value >> at & 1) as u8) << (self.filled % 8);
            self.filled += 1;
        }
        self
    }

    /// A code of one symbol, which takes no bits where it is used.
    fn one_symbol(&mut self, symbol: u32) -> &mut Self {
        self.put(1, 1).put(0, 1).put(1, 1).put(symbol, 8)
    }

    /// A code of eleven symbols with lengths from 1 to 10: a table of 1,024 entries.
    fn long_code(&mut self) -> &mut Self {
        // RFC 9649, section 6.2.2: lengths of the code that the lengths are written in, in this order.
        let order = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10];
        self.put(0, 1).put(order.len() as u32 - 4, 4);
        for symbol in order {
            let length = match symbol {
                1..=6 => 3,
                7..=10 => 4,
                _ => 0,
            };
            self.put(length, 3);
        }
        // Eleven lengths follow: 2 + 9, in four bits.
        self.put(1, 1).put(1, 3).put(9, 4);
        for length in (1..=10).chain([10]) {
            let (code, bits) = match length {
                1..=6 => (length - 1, 3),
                _ => (12 + length - 7, 4),
            };
            // Codes are read from their most significant bit.
            for at in (0..bits).rev() {
                self.put(code >> at & 1, 1);
            }
        }
        self
    }
}

/// A lossless WebP of 64 × 64 pixels whose one entropy image names 65,536 groups of codes.
fn webp_of_many_tables() -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0x2f, 8)
        .put(63, 14)
        .put(63, 14)
        .put(0, 1)
        .put(0, 3);
    // No transform, no colour cache; an entropy image of blocks of 4 × 4, all of group 0xffff.
    bits.put(0, 1).put(0, 1).put(1, 1).put(0, 3).put(0, 1);
    for symbol in [255, 255, 0, 0, 0] {
        bits.one_symbol(symbol);
    }
    for _ in 0..65_536 * 5 {
        bits.long_code();
    }
    let mut data = bits.bytes;
    data.resize(data.len().next_multiple_of(2) + 64, 0);
    let riff = |name: &[u8], body: &[u8]| [name, &(body.len() as u32).to_le_bytes(), body].concat();
    let chunk = [b"WEBP".as_slice(), &riff(b"VP8L", &data)].concat();
    riff(b"RIFF", &chunk)
}
