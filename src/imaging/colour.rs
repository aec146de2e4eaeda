//! Whatever inks a file is in → sRGB.

use moxcms::{ColorProfile, Layout, TransformOptions};

/// What the decoded samples mean, 8 bits each, interleaved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inks {
    /// One sample a pixel, 255 is white.
    Grey,
    /// Three samples a pixel.
    Rgb,
    /// Four samples a pixel, 255 is full ink.
    Cmyk,
}

impl Inks {
    /// Samples, and so bytes, a pixel.
    pub(super) fn samples(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }

    /// moxcms names layouts by their sample count: CMYK travels as `Rgba`.
    fn layout(self) -> Layout {
        match self {
            Self::Grey => Layout::Gray,
            Self::Rgb => Layout::Rgb,
            Self::Cmyk => Layout::Rgba,
        }
    }
}

/// Converts samples to sRGB, three bytes a pixel, through the file's ICC profile if it has one.
///
/// A profile that is damaged, absurd or meant for other inks is passed over, as browsers do: such
/// pictures are common, and slightly wrong colours serve the visitor better than a refusal.
/// `row_samples` is the length of one row; only a row is held beside the picture where sizes allow.
pub(super) fn to_srgb(
    samples: Vec<u8>,
    inks: Inks,
    icc: Option<&[u8]>,
    row_samples: usize,
) -> Vec<u8> {
    match icc.and_then(|icc| transform(icc, inks)) {
        Some(transform) => through_profile(samples, inks, &*transform, row_samples),
        None => without_profile(samples, inks),
    }
}

type Transform = dyn moxcms::TransformExecutor<u8> + Send + Sync;

fn transform(icc: &[u8], inks: Inks) -> Option<std::sync::Arc<Transform>> {
    let profile = ColorProfile::new_from_slice(icc).ok()?;
    profile.color_space.check_layout(inks.layout()).ok()?;
    profile
        .create_transform_8bit(
            inks.layout(),
            &ColorProfile::new_srgb(),
            Layout::Rgb,
            TransformOptions::default(),
        )
        .ok()
}

fn through_profile(
    mut samples: Vec<u8>,
    inks: Inks,
    transform: &Transform,
    row_samples: usize,
) -> Vec<u8> {
    const AGREED: &str = "both rows hold the same number of pixels, in the layouts agreed on";
    if inks == Inks::Rgb {
        let mut converted = vec![0; row_samples];
        for row in samples.chunks_exact_mut(row_samples) {
            transform.transform(row, &mut converted).expect(AGREED);
            row.copy_from_slice(&converted);
        }
        return samples;
    }
    let mut srgb = vec![0; samples.len() / inks.samples() * 3];
    let srgb_rows = srgb.chunks_exact_mut(row_samples / inks.samples() * 3);
    for (row, srgb_row) in samples.chunks_exact(row_samples).zip(srgb_rows) {
        transform.transform(row, srgb_row).expect(AGREED);
    }
    srgb
}

fn without_profile(samples: Vec<u8>, inks: Inks) -> Vec<u8> {
    match inks {
        Inks::Rgb => samples,
        Inks::Grey => samples.iter().flat_map(|&grey| [grey; 3]).collect(),
        Inks::Cmyk => samples
            .chunks_exact(4)
            .flat_map(|inks| [inks[0], inks[1], inks[2]].map(|ink| under_black(ink, inks[3])))
            .collect(),
    }
}

/// What remains of a channel under `ink` and `black`: the plain conversion for CMYK of unknown inks.
fn under_black(ink: u8, black: u8) -> u8 {
    let light = u32::from(255 - ink) * u32::from(255 - black);
    ((light + 127) / 255) as u8
}

/// Lays one sample of opacity `alpha` over white.
pub(super) fn over_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u32::from(sample), u32::from(alpha));
    ((sample * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}
