//! What the brush styles share about people: true skin, where detail matters, where nothing is.

use super::blur::blur;
use super::flow::{Axes, unit};
use super::grid::{Grid, Lab, smoothstep};
use super::study::Study;

/// Keeps the lightness of each sitter's skin near that of the photo: without it, stretching the
/// tones bleaches dark skin and burns light skin. `amount` 0–1, `lift` in L.
///
/// The change is measured over about a face, so that the contrast within it stays the style's.
pub(super) fn keep_skin(study: &Study, target: &mut Grid<Lab>, amount: f32, lift: f32) {
    let scale = study.scale;
    let changed = Grid::from_fn(target.width, target.height, |x, y| {
        let skin = study.skin.at(x, y);
        [skin * (target.at(x, y)[0] - study.raw.at(x, y)[0]), skin]
    });
    let around = blur(&changed, 45.0 * scale);
    let soft = blur(&study.skin, 3.0 * scale);
    target.fill_rows(|y, row| {
        for (x, c) in row.iter_mut().enumerate() {
            let skin = soft.at(x, y);
            let [sum, weight] = around.at(x, y);
            if skin < 0.004 || weight < 1e-3 {
                continue;
            }
            let change = amount * (sum / weight - lift);
            let old = c[0];
            // Less at the very ends, so that highlights and pupils keep their place.
            let room = (6.0 * old * (1.0 - old)).clamp(0.0, 1.0);
            c[0] = (old - change * skin * room).clamp(0.03, 0.98);
            let k = (c[0] / old.max(0.05)).clamp(0.75, 1.25);
            c[1] *= 1.0 + (k - 1.0) * skin;
            c[2] *= 1.0 + (k - 1.0) * skin;
        }
    });
}

/// Where small strokes are wanted, 0–1: fine structure of the subject, and eyes, nose and mouth.
pub(super) fn detail(study: &Study, target: &Grid<Lab>) -> Grid<f32> {
    let scale = study.scale;
    let light = target.map(|c| c[0]);
    let soft = blur(&light, 5.0 * scale);
    let rough = blur(&light.zip(&soft, |l, s| (l - s).abs()), 6.0 * scale);
    Grid::from_fn(light.width, light.height, |x, y| {
        let subject = 1.0 - 0.85 * smoothstep(0.4, 0.7, study.background.at(x, y) * study.trust);
        // Hair is painted in strands, not hair by hair.
        let strands = 1.0 - 0.55 * study.hair.at(x, y);
        let structure = smoothstep(0.015, 0.06, rough.at(x, y)) * subject * strands;
        structure.max(features(study, x as f32, y as f32))
    })
}

/// Nearness to eyes, nose and mouth, 0–1.
pub(super) fn features(study: &Study, x: f32, y: f32) -> f32 {
    let mut best = 0.0_f32;
    for face in &study.faces {
        let [u, v] = face.own(x, y);
        if u.abs() > 2.0 || !(-1.5..2.8).contains(&v) {
            continue;
        }
        let spot = |du: f32, dv: f32, size: f32| {
            (-((u - du).powi(2) + (v - dv).powi(2)) / (2.0 * size * size)).exp()
        };
        let eyes = spot(-0.5, 0.0, 0.26).max(spot(0.5, 0.0, 0.26));
        best = best
            .max(eyes)
            .max(0.8 * spot(0.0, 0.62, 0.2))
            .max(spot(0.0, face.mouth, 0.34));
    }
    best
}

/// How flat the photo is at each place, 0–1: walls and skies, not people.
pub(super) fn flatness(study: &Study) -> Grid<f32> {
    let light = study.raw.map(|c| c[0]);
    let soft = blur(&light, 4.0 * study.scale);
    let rough = blur(&light.zip(&soft, |l, s| (l - s).abs()), 7.0 * study.scale);
    rough.map(|r| 1.0 - smoothstep(0.008, 0.03, r))
}

/// Directions parallel to the silhouette, as unit double-angle vectors.
pub(super) fn along_silhouette(study: &Study) -> Axes {
    let soft = blur(&study.outside, 6.0 * study.scale);
    Grid::from_fn(soft.width, soft.height, |x, y| {
        let (x, y) = (x as isize, y as isize);
        let gx = soft.clamped(x + 1, y) - soft.clamped(x - 1, y);
        let gy = soft.clamped(x, y + 1) - soft.clamped(x, y - 1);
        unit([gy * gy - gx * gx, -2.0 * gx * gy])
    })
}
