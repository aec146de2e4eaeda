//! A 24-megapixel photo → an upright JPEG of at most 512 px, beside libvips' thumbnailer and sharp.
//!
//! All start from the same file (in memory, or in the page cache for libvips), obey its orientation, drop
//! its metadata and write quality 92 with full chroma. Each rival may use as many threads as it likes and
//! works in a process already warm: sharp loops inside one Node, `vipsthumbnail` is given 16 names at once.
//! A rival that is not installed is left out with a word. `NODE_PATH` tells Node where sharp lies.

#![expect(missing_docs, reason = "criterion's macros make public functions")]
#![expect(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and reports"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use easel::imaging::{Limits, Settings, decode_within, develop, encode_jpeg};
use image::{Rgb, RgbImage};

const VIPS_BATCH: u32 = 16;

const SHARP: &str = r#"
const sharp = require('sharp');
const file = require('fs').readFileSync(process.argv[1]);
sharp.cache(false);
const once = () => sharp(file).rotate()
  .resize(512, 512, { fit: 'inside', withoutEnlargement: true })
  .jpeg({ quality: 92, chromaSubsampling: '4:4:4' }).toBuffer();
(async () => {
  for (let n = 0; n < 3; n++) await once();
  const start = process.hrtime.bigint();
  for (let n = 0; n < Number(process.argv[2]); n++) await once();
  console.log(String(process.hrtime.bigint() - start));
})();
"#;

fn photo_to_input(criterion: &mut Criterion) {
    let photo = photo();
    let (limits, settings) = (Limits::default(), Settings::default());
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let file = scratch.path().join("photo.jpg");
    fs::write(&file, &photo).expect("room for one photo");
    eprintln!(
        "the photo: 6000 × 4000, {:.1} MB, EXIF orientation 6",
        photo.len() as f64 / 1e6
    );

    let mut group = criterion.benchmark_group("24 MP JPEG to 512 px");
    group
        .sample_size(10)
        .sampling_mode(SamplingMode::Flat)
        .measurement_time(Duration::from_secs(10));
    group.bench_function("easel", |bencher| {
        bencher.iter(|| {
            let picture = decode_within(&photo, &limits, 512).expect("a whole photo");
            encode_jpeg(&picture, 92).expect("a small picture")
        });
    });
    group.bench_function("easel, all three renditions", |bencher| {
        bencher.iter(|| develop(&photo, &limits, &settings).expect("a whole photo"));
    });
    if answers(Command::new("vipsthumbnail").arg("--version")) {
        let names = copies(&file, scratch.path());
        group.bench_function("libvips (vipsthumbnail)", |bencher| {
            bencher.iter_custom(|iterations| vips(&names) * iterations as u32 / VIPS_BATCH);
        });
    } else {
        eprintln!("vipsthumbnail is not installed: not compared");
    }
    if answers(Command::new("node").args(["-e", "require('sharp')"])) {
        group.bench_function("sharp", |bencher| {
            bencher.iter_custom(|iterations| sharp(&file, iterations));
        });
    } else {
        eprintln!("node does not find sharp: not compared");
    }
    group.finish();
}

fn vips(names: &[String]) -> Duration {
    let mut command = Command::new("vipsthumbnail");
    command
        .args([
            "--size",
            "512x512",
            "--output",
            "small-%s.jpg[Q=92,subsample-mode=off,strip]",
        ])
        .args(names);
    let start = Instant::now();
    let status = command.status().expect("it answered before");
    let taken = start.elapsed();
    assert!(status.success(), "vipsthumbnail failed");
    taken
}

fn sharp(file: &Path, iterations: u64) -> Duration {
    let output = Command::new("node")
        .args(["-e", SHARP])
        .arg(file)
        .arg(iterations.to_string())
        .output()
        .expect("it answered before");
    let printed = String::from_utf8_lossy(&output.stdout);
    Duration::from_nanos(printed.trim().parse().expect("nanoseconds from sharp"))
}

/// The same file under many names, as libvips would remember one name's result.
fn copies(file: &Path, directory: &Path) -> Vec<String> {
    (0..VIPS_BATCH)
        .map(|number| {
            let name = directory.join(format!("photo-{number}.jpg"));
            fs::hard_link(file, &name).expect("the same directory");
            name.to_string_lossy().into_owned()
        })
        .collect()
}

fn answers(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A camera's JPEG: large soft shapes, fine texture, sensor noise; 4:2:0, quality 92, held upright.
fn photo() -> Vec<u8> {
    let picture = RgbImage::from_fn(6000, 4000, |x, y| {
        let wave = |at: u32, length: f32| (at as f32 / length).sin();
        let soft = 120.0 + 60.0 * wave(x, 700.0) * wave(y, 500.0) + 25.0 * wave(x + 2 * y, 23.0);
        let noise = (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77))
            .wrapping_mul(0xC2B2_AE3D)
            >> 28;
        Rgb([soft + 30.0, soft, soft - 25.0].map(|level| (level + noise as f32) as u8))
    });
    let image = turbojpeg::Image {
        pixels: picture.as_raw().as_slice(),
        width: 6000,
        pitch: 18_000,
        height: 4000,
        format: turbojpeg::PixelFormat::RGB,
    };
    let jpeg = turbojpeg::compress(image, 92, turbojpeg::Subsamp::Sub2x2).expect("a plain picture");
    // APP1 with one entry: Orientation (0x0112), SHORT, 6.
    let exif =
        b"\xFF\xE1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    [&jpeg[..2], exif, &jpeg[2..]].concat()
}

criterion_group!(benches, photo_to_input);
criterion_main!(benches);
