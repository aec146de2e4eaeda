//! The sample photos and their paintings, each painted once for all tests.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use easel::painter::{Manner, Study, Unwatched, paint};
use image::RgbImage;
use rayon::prelude::*;

/// Shorter side of the gallery's paintings: small enough for an unoptimised build.
pub(crate) const SIZE: u32 = 384;
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

/// One sample with everything painted from it, in the order of [`Manner::ALL`].
pub(crate) struct Exhibit {
    pub(crate) sample: &'static Sample,
    pub(crate) photo: RgbImage,
    pub(crate) paintings: Vec<RgbImage>,
}

impl Exhibit {
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
            .map(|sample| {
                let photo = load(sample.name);
                let study = Study::new(&photo, SIZE);
                let paintings = Manner::ALL
                    .into_iter()
                    .map(|manner| paint(&study, manner, SEED, &Unwatched).expect("nobody cancels"))
                    .collect();
                Exhibit {
                    sample,
                    photo,
                    paintings,
                }
            })
            .collect()
    });
    &GALLERY
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
