//! Faces: found by a cascade, their eyes, mouth and spectacles by search.

mod detect;
mod eyes;
mod glasses;
mod mouth;
mod patch;

use super::grid::{Grid, Lab};
use super::oklab::{chroma, hue};
use super::skin;
pub(super) use glasses::Glasses;
use patch::Patch;

/// Below this score a face must have the colour of skin: a dog had 2.3, people have up to 40.
const DOUBTFUL: f64 = 6.0;
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
    /// Is the photo too soft here to show the features?
    pub(super) vague: bool,
    /// The spectacles, where they are beyond doubt.
    pub(super) glasses: Option<Glasses>,
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
    let mut faces: Vec<Face> = Vec::new();
    for seen in detect::sightings(raw).iter().take(MOST_FACES) {
        let bare = eyes::face_in(raw, seen);
        let mut face = glasses::fitted(raw, &bare).unwrap_or(bare);
        mouth::find(raw, &mut face);
        if seen.score < DOUBTFUL && !is_complexion(skin::tone(raw, &face)) {
            continue;
        }
        // The same face found twice at two sizes.
        let [x, y] = face.centre;
        if faces.iter().any(|other| other.outline(x, y) <= 0.75) {
            continue;
        }
        face.vague = Patch::new(raw, &face).is_vague();
        faces.push(face);
    }
    faces
}

/// Is this a colour a face may have? Grey is: the photo or the light may have no colour.
fn is_complexion(tone: Lab) -> bool {
    chroma(tone) < 0.02 || ((15.0..66.0).contains(&hue(tone)) && chroma(tone) < 0.16)
}

#[cfg(test)]
mod tests {
    use image::RgbImage;
    use image::imageops::{FilterType, resize};

    use super::super::light;
    use super::*;

    fn photo(name: &str) -> RgbImage {
        let path = format!(
            "{}/tests/golden/painter/inputs/{name}.jpg",
            env!("CARGO_MANIFEST_DIR")
        );
        image::open(&path)
            .unwrap_or_else(|e| panic!("{path}: {e}"))
            .to_rgb8()
    }

    fn faces(photo: &RgbImage) -> Vec<Face> {
        find(&light::prepare(photo, 768))
    }

    /// How far a face's eyes are from where a person marked them, in eye distances.
    fn off(face: &Face, marked: [[f32; 2]; 2]) -> f32 {
        let off = |u: f32, seen: [f32; 2]| {
            let [x, y] = face.pixel(u, 0.0);
            (x - seen[0]).hypot(y - seen[1]) / face.unit
        };
        off(-0.5, marked[0]).max(off(0.5, marked[1]))
    }

    #[test]
    fn eyes_are_where_a_person_sees_them_and_spectacles_where_they_are_worn() {
        for (name, left, right, glasses) in [
            ("bluford", [317.0, 338.0], [450.0, 338.0], false),
            ("collins", [313.0, 260.0], [432.0, 262.0], false),
            ("epps", [300.0, 268.0], [437.0, 268.0], false),
            ("hopper", [270.0, 366.0], [430.0, 358.0], true),
            ("jemison", [332.0, 312.0], [461.0, 312.0], false),
            ("johnson-mono", [318.0, 409.0], [408.0, 390.0], true),
            ("lindgren", [320.0, 290.0], [441.0, 291.0], false),
            ("ride", [330.0, 247.0], [466.0, 258.0], false),
        ] {
            let found = faces(&photo(name));
            assert_eq!(found.len(), 1, "{name}");
            let off = off(&found[0], [left, right]);
            assert!(off < 0.2, "{name}: an eye is off by {off:.2}");
            assert_eq!(found[0].glasses.is_some(), glasses, "{name}");
            assert!(!found[0].vague, "{name}");
        }
    }

    #[test]
    fn leaning_faces_are_found() {
        let upright = photo("ride");
        for degrees in [-35.0_f32, 35.0] {
            let (s, c) = degrees.to_radians().sin_cos();
            let turned = |x: f32, y: f32| {
                let (dx, dy) = (x - 384.0, y - 384.0);
                [384.0 + dx * c - dy * s, 384.0 + dx * s + dy * c]
            };
            let leaning = RgbImage::from_fn(768, 768, |x, y| {
                let (dx, dy) = (x as f32 - 384.0, y as f32 - 384.0);
                let clip = |v: f32| v.clamp(0.0, 767.0) as u32;
                let (sx, sy) = (384.0 + dx * c + dy * s, 384.0 - dx * s + dy * c);
                *upright.get_pixel(clip(sx), clip(sy))
            });
            let found = faces(&leaning);
            assert_eq!(found.len(), 1, "at {degrees}°");
            let marked = [turned(330.0, 247.0), turned(466.0, 258.0)];
            let off = off(&found[0], marked);
            assert!(off < 0.2, "at {degrees}°: an eye is off by {off:.2}");
        }
    }

    #[test]
    fn a_thumbnail_is_too_soft_to_show_its_features() {
        let small = resize(&photo("epps"), 56, 56, FilterType::Triangle);
        let found = faces(&small);
        assert_eq!(found.len(), 1);
        assert!(found[0].vague);
    }

    #[test]
    fn all_three_of_a_group_are_found() {
        assert_eq!(faces(&photo("trio")).len(), 3);
    }

    #[test]
    fn face_and_picture_coordinates_undo_each_other() {
        let face = Face {
            centre: [100.0, 80.0],
            unit: 40.0,
            across: [0.3_f32.cos(), 0.3_f32.sin()],
            mouth: 1.1,
            smile: 0.0,
            vague: false,
            glasses: None,
        };
        let [x, y] = face.pixel(0.7, -1.3);
        let [u, v] = face.own(x, y);
        assert!((u - 0.7).abs() < 1e-4 && (v + 1.3).abs() < 1e-4);
    }
}
