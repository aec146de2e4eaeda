//! What the brush styles share about people: true skin, where detail matters, where nothing is.

use super::blur::{Soft, soften};
use super::flow::unit;
use super::grid::{Grid, Lab, smoothstep};
use super::mask::Mask;
use super::study::Study;
use super::{Cancelled, Watcher, check};

/// Keeps the lightness of each sitter's skin near that of the photo: without it, stretching the
/// tones bleaches dark skin and burns light skin. `amount` 0–1, `lift` in L.
///
/// The change is measured over about a face, so that the contrast within it stays the style's.
pub(super) fn keep_skin(
    study: &Study,
    target: &mut Grid<Lab>,
    (amount, lift): (f32, f32),
    watcher: &dyn Watcher,
) -> Result<(), Cancelled> {
    let scale = study.scale;
    let changed = Grid::from_fn(target.width, target.height, |x, y| {
        let skin = study.skin.at(x, y);
        [skin * (target.at(x, y)[0] - study.raw.at(x, y)[0]), skin]
    });
    let around = soften(&changed, 45.0 * scale);
    drop(changed);
    check(watcher)?;
    let soft = study.skin.blurred(3.0 * scale);
    check(watcher)?;
    target.fill_watched(watcher, |y, row| {
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
    })
}

/// Lets the sitter's clothes and hair share the way of the skin: where [`keep_skin`] will take back
/// the lightness that the skin gained, `share` 0–1 of that is taken from all else of the subject.
/// Else a dark face comes to look out of clothes lighter than itself. To be called before it.
pub(super) fn keep_company(study: &Study, target: &mut Grid<Lab>, share: f32) {
    let (mut gained, mut total) = (0.0_f64, 1e-6_f64);
    for ((new, old), skin) in target
        .data
        .iter()
        .zip(&study.raw.data)
        .zip(study.skin.shares())
    {
        gained += f64::from(skin * (new[0] - old[0]));
        total += f64::from(skin);
    }
    let gained = (gained / total) as f32;
    if gained <= 0.0 {
        return;
    }
    let trust = study.trust;
    target.fill_rows(|y, row| {
        for (x, c) in row.iter_mut().enumerate() {
            let other = (1.0 - study.skin.at(x, y)) * (1.0 - trust * study.background.at(x, y));
            let room = (4.0 * c[0] * (1.0 - c[0])).clamp(0.0, 1.0);
            c[0] -= share * gained * other * room;
        }
    });
}

/// Where small strokes are wanted: fine structure of the subject, and eyes, nose and mouth.
pub(super) fn detail(
    study: &Study,
    target: &Grid<Lab>,
    watcher: &dyn Watcher,
) -> Result<Mask, Cancelled> {
    let scale = study.scale;
    let rough = roughness(target, 5.0 * scale, 6.0 * scale, watcher)?;
    Mask::watched(target.width, target.height, watcher, |x, y| {
        let subject = 1.0 - 0.85 * smoothstep(0.4, 0.7, study.background.at(x, y) * study.trust);
        // Hair is painted in strands, not hair by hair.
        let strands = 1.0 - 0.55 * study.hair.at(x, y);
        let structure = smoothstep(0.015, 0.06, rough.at(x, y)) * subject * strands;
        structure.max(features(study, x as f32, y as f32))
    })
}

/// How much the lightness differs from its surroundings of `near` pixels, over `far` pixels.
fn roughness(
    picture: &Grid<Lab>,
    near: f32,
    far: f32,
    watcher: &dyn Watcher,
) -> Result<Soft<f32>, Cancelled> {
    let mut light = picture.map(|c| c[0]);
    let soft = soften(&light, near);
    light.fill_watched(watcher, |y, row| {
        for (x, l) in row.iter_mut().enumerate() {
            *l = (*l - soft.at(x, y)).abs();
        }
    })?;
    Ok(soften(&light, far))
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

/// How flat the photo is at each place: walls and skies, not people.
pub(super) fn flatness(study: &Study, watcher: &dyn Watcher) -> Result<Mask, Cancelled> {
    let rough = roughness(&study.raw, 4.0 * study.scale, 7.0 * study.scale, watcher)?;
    Mask::watched(study.raw.width, study.raw.height, watcher, |x, y| {
        1.0 - smoothstep(0.008, 0.03, rough.at(x, y))
    })
}

/// Directions parallel to the silhouette.
pub(super) struct Halo(Soft<f32>);

impl Halo {
    /// Of the study's silhouette.
    pub(super) fn new(study: &Study) -> Self {
        Self(soften(&study.outside, 6.0 * study.scale))
    }

    /// The direction at a pixel, as a unit double-angle vector.
    pub(super) fn at(&self, x: f32, y: f32) -> [f32; 2] {
        let gx = self.0.near(x + 1.0, y) - self.0.near(x - 1.0, y);
        let gy = self.0.near(x, y + 1.0) - self.0.near(x, y - 1.0);
        unit([gy * gy - gx * gx, -2.0 * gx * gy])
    }
}
