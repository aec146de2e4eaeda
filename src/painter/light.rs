//! From any photo to the work-sized, well exposed Oklab picture that every style starts from.

use image::RgbImage;

use super::blur::{blur, soften};
use super::grid::{Grid, Lab, quantile};
use super::oklab;

/// The longest aspect that is painted whole; what is longer is cropped around its middle.
const LONGEST_ASPECT: f32 = 4.0;
/// From this aspect on the shorter side gives way, so that the area stays that of 2:1.
const FULL_SIZE_ASPECT: f32 = 2.0;
/// The sizes a painting may have, shorter side in pixels.
const SIZES: std::ops::RangeInclusive<u32> = 64..=2048;

/// The photo at work size: exposure corrected, Oklab.
pub(super) fn prepare(photo: &RgbImage, size_px: u32) -> Grid<Lab> {
    let linear = fit(photo, size_px);
    let enlargement =
        linear.width.min(linear.height) as f32 / photo.width().min(photo.height()).max(1) as f32;
    let exposed = expose(&linear);
    // A thumbnail is all pixels when enlarged: soft is better than square.
    if enlargement > 2.0 {
        blur(&exposed, (0.35 * enlargement).min(4.0))
    } else {
        exposed
    }
}

/// Linear light at work size.
fn fit(photo: &RgbImage, size_px: u32) -> Grid<[f32; 3]> {
    let (width, height) = (photo.width().max(1) as f32, photo.height().max(1) as f32);
    let (crop_w, crop_h) = (
        width.min(height * LONGEST_ASPECT),
        height.min(width * LONGEST_ASPECT),
    );
    let (left, top) = ((width - crop_w) * 0.5, (height - crop_h) * 0.5);
    let aspect = (crop_w / crop_h).max(crop_h / crop_w);
    let size = size_px.clamp(*SIZES.start(), *SIZES.end()) as f32;
    let short = if aspect > FULL_SIZE_ASPECT {
        size * (FULL_SIZE_ASPECT / aspect).sqrt()
    } else {
        size
    };
    let scale = short / crop_w.min(crop_h);
    let (w, h) = (
        (crop_w * scale).round().max(1.0) as usize,
        (crop_h * scale).round().max(1.0) as usize,
    );
    let columns = taps(left, crop_w, w, photo.width() as usize);
    let rows = taps(top, crop_h, h, photo.height() as usize);
    let mut out = Grid::filled(w, h, [0.0_f32; 3]);
    out.fill_rows(|y, row| {
        let band = &rows[y];
        for (to, column) in row.iter_mut().zip(&columns) {
            for (sy, wy) in band {
                for (sx, wx) in column {
                    let from = oklab::linear(photo.get_pixel(*sx, *sy).0);
                    for (t, f) in to.iter_mut().zip(from) {
                        *t += f * wx * wy;
                    }
                }
            }
        }
    });
    out
}

/// For each output element the source elements and weights along one axis:
/// area means when shrinking, a cubic (Catmull-Rom) when enlarging.
fn taps(start: f32, length: f32, count: usize, limit: usize) -> Vec<Vec<(u32, f32)>> {
    let step = length / count as f32;
    let last = limit.max(1) as i64 - 1;
    (0..count)
        .map(|i| {
            let mut taps = Vec::new();
            if step >= 1.0 {
                let (from, to) = (start + i as f32 * step, start + (i + 1) as f32 * step);
                for s in from.floor() as i64..to.ceil() as i64 {
                    let weight = (to.min((s + 1) as f32) - from.max(s as f32)).max(0.0);
                    taps.push((s.clamp(0, last) as u32, weight));
                }
            } else {
                let centre = start + (i as f32 + 0.5) * step - 0.5;
                let base = centre.floor();
                let t = centre - base;
                let weights = [
                    0.5 * t * (-1.0 + t * (2.0 - t)),
                    0.5 * (2.0 + t * t * (3.0 * t - 5.0)),
                    0.5 * t * (1.0 + t * (4.0 - 3.0 * t)),
                    0.5 * t * t * (t - 1.0),
                ];
                for (k, weight) in weights.into_iter().enumerate() {
                    taps.push(((base as i64 + k as i64 - 1).clamp(0, last) as u32, weight));
                }
            }
            let total: f32 = taps.iter().map(|(_, w)| w).sum();
            taps.iter_mut().for_each(|(_, w)| *w /= total.max(1e-6));
            taps
        })
        .collect()
}

/// Brings dim photos up to the light of good ones, then converts to Oklab.
fn expose(linear: &Grid<[f32; 3]>) -> Grid<Lab> {
    let luminance = |c: [f32; 3]| (0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]).max(0.0);
    let mut sorted: Vec<f32> = linear
        .data
        .iter()
        .step_by(7)
        .map(|c| luminance(*c))
        .collect();
    let gain = (0.85 / quantile(&mut sorted, 0.995).max(1e-4)).clamp(1.0, 24.0);
    let log_mean = sorted
        .iter()
        .map(|y| (gain * y).max(1e-4).ln())
        .sum::<f32>()
        / sorted.len() as f32;
    let gamma = if log_mean < 0.10_f32.ln() {
        (0.16_f32.ln() / log_mean).clamp(0.6, 1.0)
    } else {
        1.0
    };
    let lab = linear.map(|c| {
        let y = (gain * luminance(c)).max(1e-5);
        let lift = gain * (y.powf(gamma) / y).min(3.0);
        oklab::from_linear(c.map(|v| (v * lift).clamp(0.0, 1.2)))
    });
    if gain > 2.0 {
        denoised(&lab, 0.02 * gain.min(8.0).sqrt() + 0.03)
    } else {
        lab
    }
}

/// Bilateral 7×7: amplified sensor noise would otherwise steer the strokes.
pub(super) fn denoised(lab: &Grid<Lab>, range: f32) -> Grid<Lab> {
    let soft = blur(lab, 1.2);
    Grid::from_fn(lab.width, lab.height, |x, y| {
        let centre = soft.at(x, y);
        let (mut sum, mut total) = ([0.0; 3], 0.0);
        for dy in -3..=3_isize {
            for dx in -3..=3_isize {
                let c = lab.clamped(x as isize + dx, y as isize + dy);
                let d = oklab::difference(c, centre) / range;
                let near = (dx * dx + dy * dy) as f32 / (2.0 * 2.5 * 2.5);
                let weight = (-near).exp() / (1.0 + d * d).powi(2);
                sum = [
                    sum[0] + weight * c[0],
                    sum[1] + weight * c[1],
                    sum[2] + weight * c[2],
                ];
                total += weight;
            }
        }
        sum.map(|s| s / total)
    })
}

/// How a style wants its tones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tone {
    /// Darkest L of the result.
    pub(super) low: f32,
    /// Lightest L of the result.
    pub(super) high: f32,
    /// L that the median of the photo should get.
    pub(super) middle: f32,
    /// How much local contrast is added.
    pub(super) local: f32,
    /// Reach of the local contrast, pixels at work size 768.
    pub(super) reach: f32,
}

/// Stretches the tones to the style's range; colours follow the change of L.
pub(super) fn toned(raw: &Grid<Lab>, tone: Tone, scale: f32) -> Grid<Lab> {
    let light = toned_light(raw, tone, scale);
    raw.zip(&light, |c, new| {
        let k = (new / c[0].max(0.02)).clamp(0.7, 1.6);
        [new, c[1] * k, c[2] * k]
    })
}

/// The lightness of [`toned`].
pub(super) fn toned_light(raw: &Grid<Lab>, tone: Tone, scale: f32) -> Grid<f32> {
    let (width, height) = (raw.width as f32, raw.height as f32);
    let mut all: Vec<f32> = raw.data.iter().step_by(5).map(|c| c[0]).collect();
    let (mut from, mut to) = (quantile(&mut all, 0.007), quantile(&mut all, 0.995));
    if to - from < 0.25 {
        let centre = 0.5 * (from + to);
        (from, to) = (centre - 0.125, centre + 0.125);
    }
    let mut central = Vec::new();
    for y in (0..raw.height).step_by(3) {
        for x in (0..raw.width).step_by(3) {
            let (dx, dy) = (x as f32 / width - 0.5, y as f32 / height - 0.5);
            if dx * dx + dy * dy < 0.14 {
                central.push(raw.at(x, y)[0]);
            }
        }
    }
    let median = ((quantile(&mut central, 0.5) - from) / (to - from)).clamp(0.02, 0.98);
    let wanted = (tone.middle - tone.low) / (tone.high - tone.low);
    let gamma = (wanted.ln() / median.ln()).clamp(0.55, 1.25);
    let mut light = raw.map(|c| ((c[0] - from) / (to - from)).clamp(0.0, 1.0).powf(gamma));
    let around = soften(&light, tone.reach * scale);
    light.fill_rows(|y, row| {
        for (x, l) in row.iter_mut().enumerate() {
            let local = (*l + tone.local * (*l - around.at(x, y))).clamp(0.0, 1.0);
            *l = tone.low + local * (tone.high - tone.low);
        }
    });
    light
}
