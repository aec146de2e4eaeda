//! The flat areas of a comic print: which ink each part of the picture gets.

use rayon::prelude::*;

use super::super::blur::{Soft, blur};
use super::super::grid::{Grid, Lab, smoothstep};
use super::super::hair::HairKind;
use super::super::oklab::{chroma, hue};
use super::super::regions::drop_islands;
use super::super::study::Study;
use super::super::{Cancelled, Watcher, check};
use super::features;

/// One flat area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Zone {
    #[default]
    Paper,
    Grey,
    Black,
    Red,
    Yellow,
    Blue,
    Skin,
    Lips,
    Teeth,
    BlackHair,
    WhiteHair,
    RedHair,
    YellowHair,
    Backdrop,
}

impl Zone {
    const ALL: [Self; 14] = [
        Self::Paper,
        Self::Grey,
        Self::Black,
        Self::Red,
        Self::Yellow,
        Self::Blue,
        Self::Skin,
        Self::Lips,
        Self::Teeth,
        Self::BlackHair,
        Self::WhiteHair,
        Self::RedHair,
        Self::YellowHair,
        Self::Backdrop,
    ];

    const fn hair(kind: HairKind) -> Self {
        match kind {
            HairKind::Black => Self::BlackHair,
            HairKind::White => Self::WhiteHair,
            HairKind::Red => Self::RedHair,
            HairKind::Yellow => Self::YellowHair,
        }
    }
}

/// The zones of a picture; `flat` is the photo in print tones with its texture flattened.
pub(super) fn zones(
    study: &Study,
    flat: &Soft<Lab>,
    hull: &Grid<bool>,
    size: f32,
    watcher: &dyn Watcher,
) -> Result<Grid<Zone>, Cancelled> {
    let scale = study.scale * size;
    let mut zones = Grid::watched(study.raw.width, study.raw.height, watcher, |x, y| {
        let c = flat.at(x, y);
        if study.trust > 0.3 && study.background.at(x, y) > 0.5 {
            return Zone::Backdrop;
        }
        if hull.at(x, y) {
            return in_face(study, x as f32, y as f32);
        }
        if study.hair.at(x, y) > 0.5 {
            return hair_zone(study, x, y, c);
        }
        if study.skin.at(x, y) > 0.5 && !study.monochrome {
            return Zone::Skin;
        }
        near_face(study, x as f32, y as f32, c)
            .or_else(|| limb(study, x as f32, y as f32, c))
            .unwrap_or_else(|| by_colour(c, study.monochrome))
    })?;
    // Lips are smooth on any face; small faces have none to lose.
    let unit = study.faces.first().map_or(60.0 * scale, |f| f.unit);
    let narrow = (0.015 * unit).clamp(0.9 * scale, 2.2 * scale);
    smooth(&mut zones, hull, 2.2 * scale, narrow, watcher)?;
    let area = scale * scale;
    drop_islands(&mut zones, |zone| {
        let smallest = match zone {
            Zone::Lips | Zone::Teeth => 40.0,
            Zone::Backdrop => 900.0,
            Zone::Skin => 250.0,
            _ => 380.0,
        };
        (smallest * area) as usize
    });
    Ok(zones)
}

/// Face areas: skin closed over eyes, brows, mouth and glasses.
pub(super) fn hull(study: &Study, watcher: &dyn Watcher) -> Result<Grid<bool>, Cancelled> {
    let unit = study.faces.first().map_or(60.0, |f| f.unit);
    let closed = study.skin.blurred((0.10 * unit).max(1.0));
    Grid::watched(study.raw.width, study.raw.height, watcher, |x, y| {
        let near = study
            .faces
            .iter()
            .map(|f| f.outline(x as f32, y as f32))
            .fold(9.0, f32::min);
        let inside = near < 0.8 && (study.hair.at(x, y) < 0.6 || near < 0.6);
        let front = study.background.at(x, y) * study.trust < 0.6;
        front && (inside || (near < 1.25 && closed.at(x, y) > 0.5 && study.hair.at(x, y) < 0.6))
    })
}

fn hair_zone(study: &Study, x: usize, y: usize, c: Lab) -> Zone {
    study
        .hair_kind(x, y)
        .map_or_else(|| by_colour(c, study.monochrome), Zone::hair)
}

/// What lies close round a face and looks like neither skin nor hair is one of them in odd light.
fn near_face(study: &Study, x: f32, y: f32, c: Lab) -> Option<Zone> {
    let face = study.nearest_face(x, y)?;
    let near = face.outline(x, y);
    let [u, v] = face.own(x, y);
    let tone = study.tone_at(face);
    if near < 1.12 && v < 1.2 {
        let bright = c[0] > 0.62 * tone[0];
        return Some(if bright {
            Zone::Skin
        } else {
            hair_zone(study, x as usize, y as usize, c)
        });
    }
    // The neck in the shadow of the chin is redder than the face.
    let turn = (hue(c) - hue(tone) + 180.0).rem_euclid(360.0) - 180.0;
    let shaded =
        turn.abs() < 22.0 && chroma(c) < 1.6 * chroma(tone) && chroma(c) > 0.03 && c[0] < tone[0];
    let throat = u.abs() < 0.95 && (1.4..3.1).contains(&v);
    (throat && shaded && !study.monochrome).then_some(Zone::Skin)
}

/// Arms and shoulders: the skin of the nearest face, further off than the study follows it.
fn limb(study: &Study, x: f32, y: f32, c: Lab) -> Option<Zone> {
    let face = study.nearest_face(x, y)?;
    let tone = study.tone_at(face);
    let turn = (hue(c) - hue(tone) + 180.0).rem_euclid(360.0) - 180.0;
    let [u, v] = face.own(x, y);
    let like = turn.abs() < 16.0
        && (0.55..1.5).contains(&(chroma(c) / chroma(tone).max(0.02)))
        && (0.72..1.35).contains(&(c[0] / tone[0].max(0.1)));
    (like && !study.monochrome && v > 0.8 && u.hypot(v) < 10.0).then_some(Zone::Skin)
}

/// Lips and teeth near the mouth, skin elsewhere.
fn in_face(study: &Study, x: f32, y: f32) -> Zone {
    let Some(face) = study.nearest_face(x, y) else {
        return Zone::Skin;
    };
    let [u, v] = face.own(x, y);
    if features::from_memory(face, study.scale) {
        return features::zone(face, u, v);
    }
    let tone = study.tone_at(face);
    let c = study.raw.near(x, y);
    let dv = v - face.mouth;
    // Measured on the sample faces: lips lie 9° and more nearer to red than the skin round them,
    // teeth have half its red or less.
    let red = |p: Lab| p[1] / (0.25 + p[0]);
    if u.abs() < 0.56 && (-0.28..0.38).contains(&dv) {
        let is_lip =
            |p: Lab| hue(p) < hue(tone) - 8.0 && chroma(p) > 0.6 * chroma(tone) && p[0] > 0.25;
        let bright =
            c[0] > tone[0] - 0.12 && red(c) < 0.6 * red(tone) && chroma(c) < 0.85 * chroma(tone);
        let middle = (u / 0.46).hypot(dv / 0.17) < 1.0;
        // Below the upper lip, or it is a gleam on the skin.
        let under_lip = || {
            (1..=8).any(|i| {
                let [px, py] = face.pixel(u, v - 0.03 * i as f32);
                is_lip(study.raw.near(px, py))
            })
        };
        if bright && middle && face.smile > 0.05 && (study.monochrome || under_lip()) {
            return Zone::Teeth;
        }
        let lip = is_lip(c);
        if lip && (u / 0.56).hypot(dv / 0.28) < 1.0 && !study.monochrome {
            return Zone::Lips;
        }
    }
    let almond = |cu: f32, cv: f32| ((u - cu) / 0.24).hypot((v - cv) / 0.10);
    let eye = almond(-0.5, 0.005).min(almond(0.5, 0.005));
    if eye < 1.0 && c[0] > tone[0] - 0.17 + 0.1 * eye && chroma(c) < 0.85 * chroma(tone) {
        return Zone::Teeth;
    }
    Zone::Skin
}

fn by_colour(c: Lab, monochrome: bool) -> Zone {
    let strength = chroma(c);
    // Navy is blue for longer than grey is grey.
    if c[0] < 0.30 - 0.10 * smoothstep(0.05, 0.09, strength) {
        return Zone::Black;
    }
    if monochrome {
        return if c[0] > 0.80 { Zone::Paper } else { Zone::Grey };
    }
    if strength > 0.052 {
        let angle = hue(c);
        return if (54.0..170.0).contains(&angle) {
            Zone::Yellow
        } else if (170.0..325.0).contains(&angle) {
            Zone::Blue
        } else {
            Zone::Red
        };
    }
    if c[0] > 0.78 { Zone::Paper } else { Zone::Grey }
}

/// Each pixel takes the zone that is strongest around it.
fn smooth(
    zones: &mut Grid<Zone>,
    hull: &Grid<bool>,
    wide: f32,
    narrow: f32,
    watcher: &dyn Watcher,
) -> Result<(), Cancelled> {
    let mut best = zones.map(|_| -1.0_f32);
    let old = zones.clone();
    for candidate in Zone::ALL {
        if !old.data.contains(&candidate) {
            continue;
        }
        check(watcher)?;
        let member = old.map(|z| if z == candidate { 1.0_f32 } else { 0.0 });
        let (far, near) = (blur(&member, wide), blur(&member, narrow));
        let width = zones.width;
        let rows = zones
            .data
            .par_chunks_mut(width)
            .zip(best.data.par_chunks_mut(width));
        rows.enumerate().for_each(|(y, (zones, best))| {
            for (x, (zone, best)) in zones.iter_mut().zip(best).enumerate() {
                let share = if hull.at(x, y) {
                    near.at(x, y)
                } else {
                    far.at(x, y)
                };
                if share > *best {
                    (*best, *zone) = (share, candidate);
                }
            }
        });
    }
    check(watcher)
}

/// Light or dark skin, 0 dark – 1 light.
pub(super) fn fairness(tone: Lab) -> f32 {
    smoothstep(0.40, 0.72, tone[0])
}
