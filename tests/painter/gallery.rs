//! The sample photos and their paintings, each painted once for all tests.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use easel::painter::{Manner, Study, Unwatched, paint};
use image::RgbImage;
use image::imageops::{FilterType, crop_imm, flip_horizontal, resize};
use rayon::prelude::*;

/// Side of the gallery's paintings: that of a booth's, for which the bounds were measured.
pub(crate) const SIZE: u32 = 768;
/// The seed of the gallery's paintings.
pub(crate) const SEED: u64 = 2;

/// A sample photo.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    /// Eyes at 768 px as a person marked them; `None` where the checks do not apply.
    pub(crate) eyes: Option<[(f32, f32); 2]>,
}

/// Single colour portraits first.
pub(crate) const SAMPLES: [Sample; 9] = [
    Sample {
        name: "bluford",
        eyes: Some([(317.0, 338.0), (450.0, 338.0)]),
    },
    Sample {
        name: "collins",
        eyes: Some([(313.0, 260.0), (432.0, 262.0)]),
    },
    Sample {
        name: "epps",
        eyes: Some([(300.0, 268.0), (437.0, 268.0)]),
    },
    Sample {
        name: "hopper",
        eyes: Some([(270.0, 366.0), (430.0, 358.0)]),
    },
    Sample {
        name: "jemison",
        eyes: Some([(332.0, 312.0), (461.0, 312.0)]),
    },
    Sample {
        name: "lindgren",
        eyes: Some([(320.0, 290.0), (441.0, 291.0)]),
    },
    Sample {
        name: "ride",
        eyes: Some([(330.0, 247.0), (466.0, 258.0)]),
    },
    Sample {
        name: "johnson-mono",
        eyes: None,
    },
    Sample {
        name: "trio",
        eyes: None,
    },
];

/// A photo with everything painted from it, in the order of [`Manner::ALL`].
pub(crate) struct Exhibit {
    pub(crate) name: &'static str,
    /// Eyes at 768 px; `None` where the checks do not apply.
    pub(crate) eyes: Option<[(f32, f32); 2]>,
    pub(crate) photo: RgbImage,
    pub(crate) paintings: Vec<RgbImage>,
}

impl Exhibit {
    fn painted(
        name: &'static str,
        eyes: Option<[(f32, f32); 2]>,
        photo: RgbImage,
        seed: u64,
    ) -> Self {
        let study = Study::new(&photo, SIZE);
        let paintings = Manner::ALL
            .into_par_iter()
            .map(|manner| paint(&study, manner, seed, &Unwatched).expect("nobody cancels"))
            .collect();
        Self {
            name,
            eyes,
            photo,
            paintings,
        }
    }

    /// The photo at the size of the paintings.
    pub(crate) fn photo_at(&self, size: u32) -> RgbImage {
        resize(&self.photo, size, size, FilterType::Triangle)
    }

    pub(crate) fn painting(&self, manner: Manner) -> &RgbImage {
        let index = Manner::ALL
            .iter()
            .position(|m| *m == manner)
            .expect("ALL has every manner");
        &self.paintings[index]
    }
}

/// All samples, painted.
pub(crate) fn gallery() -> &'static [Exhibit] {
    static GALLERY: LazyLock<Vec<Exhibit>> = LazyLock::new(|| {
        SAMPLES
            .par_iter()
            .map(|s| Exhibit::painted(s.name, s.eyes, load(s.name), SEED))
            .collect()
    });
    &GALLERY
}

/// Portraits that nothing was tuned on: samples as another camera, light and frame would show them.
pub(crate) fn strangers() -> &'static [Exhibit] {
    static STRANGERS: LazyLock<Vec<Exhibit>> = LazyLock::new(|| {
        // A quarter of the light, in a mirror.
        let mut dim = flip_horizontal(&load("jemison"));
        let quarter = 0.25_f32.powf(1.0 / 2.2);
        for c in dim.iter_mut() {
            *c = (f32::from(*c) * quarter).round() as u8;
        }
        // A small picture by lamp light.
        let mut warm = resize(&load("bluford"), 240, 240, FilterType::Triangle);
        for p in warm.pixels_mut() {
            p.0[1] = (f32::from(p.0[1]) * 0.95).round() as u8;
            p.0[2] = (f32::from(p.0[2]) * 0.82).round() as u8;
        }
        // Nearer, the hair out of the frame.
        let close = crop_imm(&load("collins"), 120, 40, 520, 520).to_image();
        [
            ("dim", [(306.0, 312.0), (435.0, 312.0)], dim),
            ("warm", [(317.0, 338.0), (450.0, 338.0)], warm),
            ("close", [(285.0, 325.0), (461.0, 328.0)], close),
        ]
        .into_par_iter()
        .map(|(name, eyes, photo)| Exhibit::painted(name, Some(eyes), photo, SEED + 3))
        .collect()
    });
    &STRANGERS
}

/// What is known about a sample.
pub(crate) fn sample(name: &str) -> &'static Sample {
    SAMPLES
        .iter()
        .find(|s| s.name == name)
        .expect("samples are asked for by their names")
}

/// A sample photo by name.
pub(crate) fn load(name: &str) -> RgbImage {
    let path = folder().join("inputs").join(format!("{name}.jpg"));
    image::open(&path)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        .to_rgb8()
}

/// Where golden pictures and inputs live.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/painter")
}

/// Where tests leave pictures to look at.
pub(crate) fn output(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}
