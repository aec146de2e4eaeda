//! Faces: found by the SeetaFace cascade (crate `rustface`), their eyes and mouth by search.

mod eyes;
mod mouth;

use std::sync::LazyLock;

use rustface::{ImageData, Model};

use super::blur::soften;
use super::grid::{Grid, Lab};
use super::oklab::{chroma, hue};
use super::skin;

/// SeetaFace frontal detector, BSD 2-Clause, see `assets/models/`.
static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| {
    rustface::read_model(&include_bytes!("../../assets/models/seeta_fd_frontal_v1.0.bin")[..]).ok()
});

/// Side of a square picture that is searched, pixels; others have its area.
const SEARCH_SIDE: f32 = 448.0;
/// The detector looks through a window this large; smaller pictures have nothing to find.
const SMALLEST_SEARCH: usize = 64;
/// Detections below this score were cups and shadows on the sample photos.
const LOWEST_SCORE: f64 = 2.0;
/// Below this score a face must have the colour of skin: a dog had 2.3, people have up to 40.
const DOUBTFUL: f64 = 6.0;
/// From so many faces on smaller ones are looked for as well: it takes thrice the time.
const GROUP: usize = 4;
/// More faces than this are painted like a crowd.
const MOST_FACES: usize = 16;

/// A face in picture coordinates. Its own coordinates `(u, v)` have their origin between the eyes,
/// `u` along the eyes, `v` down the nose, and the distance between the eyes as their unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Face {
    /// Point between the eyes, pixels.
    pub(super) centre: [f32; 2],
    /// Distance between the eyes, pixels.
    pub(super) unit: f32,
    /// Unit vector from the left eye in the picture to the right one.
    pub(super) across: [f32; 2],
    /// Where the mouth is, in `v`.
    pub(super) mouth: f32,
    /// How open the mouth is (teeth showing), 0–1.
    pub(super) smile: f32,
}

impl Face {
    /// Face coordinates of a pixel.
    #[inline]
    pub(super) fn own(&self, x: f32, y: f32) -> [f32; 2] {
        let (dx, dy) = (
            (x - self.centre[0]) / self.unit,
            (y - self.centre[1]) / self.unit,
        );
        [
            dx * self.across[0] + dy * self.across[1],
            dy * self.across[0] - dx * self.across[1],
        ]
    }

    /// The pixel at face coordinates.
    #[inline]
    pub(super) fn pixel(&self, u: f32, v: f32) -> [f32; 2] {
        let [cx, cy] = self.across;
        [
            self.centre[0] + self.unit * (u * cx - v * cy),
            self.centre[1] + self.unit * (u * cy + v * cx),
        ]
    }

    /// 0 in the middle of the face, 1 at its outline (hairline to chin), more outside.
    #[inline]
    pub(super) fn outline(&self, x: f32, y: f32) -> f32 {
        let [u, v] = self.own(x, y);
        ((u / 1.22).powi(2) + ((v - 0.5) / 1.55).powi(2)).sqrt()
    }
}

/// All faces of a picture, the most prominent first.
pub(super) fn find(raw: &Grid<Lab>) -> Vec<Face> {
    let scale = (SEARCH_SIDE / ((raw.width * raw.height) as f32).sqrt()).min(1.0);
    let (w, h) = (
        (raw.width as f32 * scale) as usize,
        (raw.height as f32 * scale) as usize,
    );
    let Some(model) = MODEL.as_ref() else {
        return Vec::new();
    };
    if w.min(h) < SMALLEST_SEARCH {
        return Vec::new();
    }
    let light = raw.map(|c| c[0]);
    let small = soften(&light, 0.45 / scale).resized((raw.width, raw.height), w, h);
    let grey: Vec<u8> = small
        .data
        .iter()
        .map(|l| (l * 255.0).clamp(0.0, 255.0) as u8)
        .collect();
    let detect = |smallest: u32| {
        let mut detector = rustface::create_detector_with_model(model.clone());
        detector.set_min_face_size(smallest);
        detector.set_score_thresh(LOWEST_SCORE);
        detector.set_pyramid_scale_factor(0.8);
        detector.set_slide_window_step(4, 4);
        detector.detect(&ImageData::new(&grey, w as u32, h as u32))
    };
    let mut found = detect(40);
    if found.len() >= GROUP {
        found = detect(24);
    }
    found.retain(|f| {
        let b = f.bbox();
        let (cx, cy) = (b.x() + b.width() as i32 / 2, b.y() + b.height() as i32 / 2);
        b.width() >= 16 && cx >= 0 && cy >= 0 && cx < w as i32 && cy < h as i32
    });
    let weight = |f: &rustface::FaceInfo| f64::from(f.bbox().width()) * f.score().sqrt();
    found.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    found.truncate(MOST_FACES);
    let mut faces: Vec<Face> = Vec::new();
    for f in &found {
        let b = f.bbox();
        let face = eyes::face_in(
            raw,
            b.x() as f32 / scale,
            b.y() as f32 / scale,
            b.width() as f32 / scale,
        );
        if f.score() < DOUBTFUL && !is_complexion(skin::tone(raw, &face)) {
            continue;
        }
        // The same face found twice at two sizes.
        if faces
            .iter()
            .all(|other| other.outline(face.centre[0], face.centre[1]) > 0.75)
        {
            faces.push(face);
        }
    }
    faces
}

/// Is this a colour a face may have? Grey is: the photo or the light may have no colour.
fn is_complexion(tone: Lab) -> bool {
    chroma(tone) < 0.02 || ((15.0..66.0).contains(&hue(tone)) && chroma(tone) < 0.16)
}

#[cfg(test)]
mod tests {
    use super::super::light;
    use super::*;

    fn faces(name: &str) -> Vec<Face> {
        let path = format!(
            "{}/tests/golden/painter/inputs/{name}.jpg",
            env!("CARGO_MANIFEST_DIR")
        );
        let photo = image::open(&path)
            .unwrap_or_else(|e| panic!("{path}: {e}"))
            .to_rgb8();
        find(&light::prepare(&photo, 768))
    }

    #[test]
    fn eyes_are_where_a_person_sees_them() {
        for (name, left, right) in [
            ("bluford", [317.0, 338.0], [450.0, 338.0]),
            ("collins", [313.0, 260.0], [432.0, 262.0]),
            ("epps", [300.0, 268.0], [437.0, 268.0]),
            ("hopper", [270.0, 366.0], [430.0, 358.0]),
            ("jemison", [332.0, 312.0], [461.0, 312.0]),
            ("lindgren", [320.0, 290.0], [441.0, 291.0]),
            ("ride", [330.0, 247.0], [466.0, 258.0]),
        ] {
            let found = faces(name);
            assert_eq!(found.len(), 1, "{name}");
            for (u, seen) in [(-0.5, left), (0.5, right)] {
                let [x, y] = found[0].pixel(u, 0.0);
                let off = (x - seen[0]).hypot(y - seen[1]) / found[0].unit;
                assert!(
                    off < 0.2,
                    "{name}: an eye at {x:.0}, {y:.0} is off by {off:.2}"
                );
            }
        }
    }

    #[test]
    fn all_three_of_a_group_are_found() {
        assert_eq!(faces("trio").len(), 3);
    }

    #[test]
    fn face_and_picture_coordinates_undo_each_other() {
        let face = Face {
            centre: [100.0, 80.0],
            unit: 40.0,
            across: [0.3_f32.cos(), 0.3_f32.sin()],
            mouth: 1.1,
            smile: 0.0,
        };
        let [x, y] = face.pixel(0.7, -1.3);
        let [u, v] = face.own(x, y);
        assert!((u - 0.7).abs() < 1e-4 && (v + 1.3).abs() < 1e-4);
    }
}
