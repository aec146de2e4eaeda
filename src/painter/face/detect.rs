//! Where faces are: the SeetaFace cascade (crate `rustface`), asked upright and leaning both ways.

use std::sync::LazyLock;

use rayon::prelude::*;
use rustface::{ImageData, Model};

use super::super::blur::soften;
use super::super::grid::{Grid, Lab};

/// SeetaFace frontal detector, BSD 2-Clause, see `assets/models/`.
static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| {
    let bytes = &include_bytes!("../../../assets/models/seeta_fd_frontal_v1.0.bin")[..];
    rustface::read_model(bytes).ok()
});

/// Side of a square picture that is searched, pixels; others have its area.
const SEARCH_SIDE: f32 = 448.0;
/// The detector looks through a window this large; smaller pictures have nothing to find.
const SMALLEST_SEARCH: usize = 64;
/// Detections below this score were cups and shadows on the sample photos.
const LOWEST_SCORE: f64 = 2.0;
/// A face seen only leaning needs this score: a head in profile had 4.0, leaning people 6 to 28.
const LOWEST_LEANING: f64 = 5.5;
/// How far the picture is leant, radians: the cascade sees faces up to about 20° from upright.
const LEAN: f32 = 0.42;
/// From so many faces on smaller ones are looked for as well: it takes thrice the time.
const GROUP: usize = 4;

/// A place where a face was seen, in pixels of the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sighting {
    /// Middle of the face's box.
    pub(super) centre: [f32; 2],
    /// Side of the box.
    pub(super) side: f32,
    /// How far the face leans, radians, clockwise in the picture.
    pub(super) lean: f32,
    /// The detector's confidence: people have 5 to 40.
    pub(super) score: f64,
}

/// All places where a face was seen, the most prominent first.
pub(super) fn sightings(raw: &Grid<Lab>) -> Vec<Sighting> {
    let Some(model) = MODEL.as_ref() else {
        return Vec::new();
    };
    let scale = (SEARCH_SIDE / ((raw.width * raw.height) as f32).sqrt()).min(1.0);
    let (w, h) = (
        (raw.width as f32 * scale) as usize,
        (raw.height as f32 * scale) as usize,
    );
    if w.min(h) < SMALLEST_SEARCH {
        return Vec::new();
    }
    let light = raw.map(|c| c[0]);
    let small = soften(&light, 0.45 / scale).resized((raw.width, raw.height), w, h);
    let mut found: Vec<Vec<Sighting>> = [0.0, LEAN, -LEAN]
        .par_iter()
        .map(|lean| seen(model, &small, *lean, 40))
        .collect();
    if found[0].len() >= GROUP {
        found[0] = seen(model, &small, 0.0, 24);
    }
    let mut faces = merged(&found);
    for face in &mut faces {
        face.centre = face.centre.map(|c| c / scale);
        face.side /= scale;
    }
    let weight = |s: &Sighting| f64::from(s.side) * s.score.sqrt();
    faces.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    faces
}

/// What the cascade sees when the picture is turned so that faces of this lean stand upright.
fn seen(model: &Model, light: &Grid<f32>, lean: f32, smallest: u32) -> Vec<Sighting> {
    let (sin, cos) = lean.sin_cos();
    let (w, h) = (light.width as f32, light.height as f32);
    // The turned picture needs a larger frame.
    let (tw, th) = (
        (w * cos + h * sin.abs()) as usize,
        (h * cos + w * sin.abs()) as usize,
    );
    let turned = |x: f32, y: f32| {
        let (dx, dy) = (x - 0.5 * tw as f32, y - 0.5 * th as f32);
        [0.5 * w + dx * cos - dy * sin, 0.5 * h + dx * sin + dy * cos]
    };
    let grey: Vec<u8> = (0..tw * th)
        .map(|i| {
            let [x, y] = turned((i % tw) as f32, (i / tw) as f32);
            (light.sample(x, y) * 255.0).clamp(0.0, 255.0) as u8
        })
        .collect();
    let mut detector = rustface::create_detector_with_model(model.clone());
    detector.set_min_face_size(smallest);
    detector.set_score_thresh(if lean == 0.0 {
        LOWEST_SCORE
    } else {
        // Weaker ones still tell how far an upright face leans.
        0.5 * LOWEST_SCORE
    });
    detector.set_pyramid_scale_factor(0.8);
    detector.set_slide_window_step(4, 4);
    detector
        .detect(&ImageData::new(&grey, tw as u32, th as u32))
        .iter()
        .filter_map(|f| {
            let b = f.bbox();
            let side = b.width() as f32;
            let centre = turned(b.x() as f32 + 0.5 * side, b.y() as f32 + 0.5 * side);
            let inside = (0.0..w).contains(&centre[0]) && (0.0..h).contains(&centre[1]);
            (side >= 16.0 && inside).then_some(Sighting {
                centre,
                side,
                lean,
                score: f.score(),
            })
        })
        .collect()
}

/// One sighting for each face: where it was seen best, leaning as all its sightings say together.
fn merged(found: &[Vec<Sighting>]) -> Vec<Sighting> {
    let mut faces: Vec<Sighting> = Vec::new();
    let same = |a: &Sighting, b: &Sighting| {
        let apart = (a.centre[0] - b.centre[0]).hypot(a.centre[1] - b.centre[1]);
        apart < 0.45 * a.side.max(b.side) && (0.5..2.0).contains(&(a.side / b.side))
    };
    for (pass, sightings) in found.iter().enumerate() {
        for one in sightings {
            if faces.iter().any(|f| same(f, one)) {
                continue;
            }
            let all: Vec<&Sighting> = found.iter().flatten().filter(|s| same(s, one)).collect();
            let best = all
                .iter()
                .copied()
                .fold(one, |a, b| if b.score > a.score { b } else { a });
            if pass > 0 && best.score < LOWEST_LEANING {
                continue;
            }
            let (mut sum, mut total) = (0.0, 0.0);
            for s in &all {
                let weight = s.score * s.score;
                sum += weight * f64::from(s.lean);
                total += weight;
            }
            faces.push(Sighting {
                lean: (sum / total.max(1e-9)) as f32,
                ..*best
            });
        }
    }
    faces
}
