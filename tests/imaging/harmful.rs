//! Damage that people would see is refused, also where no structure is broken.

use easel::imaging::{Limits, decode};

use crate::jpegs::{self, data_start, markers, parts};

fn is_refused(file: &[u8], what: &str) {
    let limits = Limits {
        min_side: 1,
        ..Limits::default()
    };
    let answer = decode(file, &limits).map(|_| ());
    assert_eq!(answer.expect_err(what).code(), "bad_image", "{what}");
}

type Damage = fn(&[u8]) -> Vec<u8>;

const DAMAGE: [(&str, Damage); 7] = [
    ("cut in half", |f| f[..f.len() / 2].to_vec()),
    ("cut in half, with an end", |f| {
        [&f[..f.len() / 2], &[0xFF, 0xD9]].concat()
    }),
    ("the last bytes of the data cut out", |f| {
        [&f[..f.len() - 12], &[0xFF, 0xD9]].concat()
    }),
    ("zeros from the middle on", |f| {
        let mut file = f.to_vec();
        file[f.len() / 2..].fill(0);
        file
    }),
    ("zeros from the middle to the end", |f| {
        let (middle, end) = (f.len() / 2, f.len() - 2);
        [&f[..middle], &vec![0; end - middle], &f[end..]].concat()
    }),
    ("a hole", |f| {
        let middle = (data_start(f) + f.len()) / 2;
        [&f[..middle], &f[middle + f.len() / 8..]].concat()
    }),
    ("a scan without data", |f| {
        let start = data_start(f);
        let data = f[start..]
            .windows(2)
            .position(|p| p[0] == 0xFF && p[1] != 0)
            .unwrap();
        [&f[..start], &f[start + data..]].concat()
    }),
];

#[test]
fn damage_that_costs_blocks_is_refused() {
    for (kind, file) in jpegs::kinds() {
        for (damage, apply) in DAMAGE {
            is_refused(&apply(&file), &format!("{kind}, {damage}"));
        }
    }
}

#[test]
fn no_interval_may_be_missing_or_there_twice() {
    let file = jpegs::with_restarts(&jpegs::scene(208, 144));
    let parts = parts(&file);
    let restarts: Vec<_> = (0..parts.len())
        .filter(|&at| matches!(parts[at].0, 0xD0..=0xD7))
        .collect();
    for &at in &restarts {
        let without: Vec<u8> = [&file[..2]]
            .into_iter()
            .chain(
                parts
                    .iter()
                    .enumerate()
                    .filter(|(n, _)| *n != at)
                    .map(|(_, part)| part.1),
            )
            .flatten()
            .copied()
            .collect();
        is_refused(&without, &format!("without interval {at}"));
    }
}

#[test]
fn no_component_may_be_missing() {
    let file = jpegs::scan_each(&jpegs::scene(208, 144));
    let scans: Vec<_> = markers(&file)
        .into_iter()
        .filter(|(_, marker)| *marker == 0xDA)
        .collect();
    is_refused(&file[..scans[2].0], "without its last scan");
}

/// Random damage inside the data, as flash memory and cables do. What decodes without a warning nobody
/// can tell; of what is warned of, hardly anything may pass for stray bytes.
#[test]
fn damaged_data_does_not_pass_for_stray_bytes() {
    let limits = Limits {
        min_side: 1,
        ..Limits::default()
    };
    let (mut warned, mut passed) = (0, 0);
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut below = |most: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % most as u64) as usize
    };
    for (_, file) in jpegs::kinds() {
        let start = data_start(&file);
        for _ in 0..300 {
            let mut damaged = file.clone();
            let at = start + below(file.len() - 2 - start);
            match below(3) {
                0 => damaged[at] ^= 1 << below(8),
                1 => drop(damaged.drain(at..(at + 1 + below(4)).min(file.len() - 2))),
                _ => drop(
                    damaged.splice(
                        at..at,
                        (0..1 + below(4))
                            .map(|n| n as u8 * 37 + 11)
                            .collect::<Vec<_>>(),
                    ),
                ),
            }
            let mut strict = turbojpeg::Decompressor::new().unwrap();
            let Ok(header) = strict.read_header(&damaged) else {
                continue;
            };
            let mut pixels = vec![0; header.width * header.height * 4];
            let image = turbojpeg::Image {
                pixels: &mut pixels[..],
                width: header.width,
                pitch: header.width * 4,
                height: header.height,
                format: turbojpeg::PixelFormat::CMYK,
            };
            let image = if file[..].windows(5).any(|name| name == b"Adobe") {
                image
            } else {
                turbojpeg::Image {
                    format: turbojpeg::PixelFormat::RGBA,
                    ..image
                }
            };
            if strict.decompress(&damaged, image).is_ok() {
                continue;
            }
            warned += 1;
            let whole = decode(&file, &limits).unwrap();
            passed += usize::from(decode(&damaged, &limits).is_ok_and(|picture| picture != whole));
        }
    }
    assert!(warned > 300, "{warned}");
    assert!(passed * 20 < warned, "{passed} of {warned} passed");
}
