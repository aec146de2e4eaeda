//! Faces: found by the SeetaFace cascade (crate `rustface`), their eyes and mouth by search.

use std::sync::LazyLock;

use rustface::{ImageData, Model};

use super::blur::{blur, soften};
use super::grid::{Grid, Lab, quantile};
use super::oklab::{chroma, hue};

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
        let face = features(
            raw,
            b.x() as f32 / scale,
            b.y() as f32 / scale,
            b.width() as f32 / scale,
        );
        if f.score() < DOUBTFUL && !is_complexion(super::skin::tone(raw, &face)) {
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

/// Side of the box in the normalised crop.
const BOX: f32 = 64.0;
/// Eye pairs that are looked at more closely.
const SHORTLIST: usize = 400;
/// Margin around the box in the normalised crop.
const MARGIN: f32 = 12.0;

/// Finds eyes and mouth in a detected box (left, top, side in pixels).
fn features(raw: &Grid<Lab>, left: f32, top: f32, side: f32) -> Face {
    let step = side / BOX;
    let count = (BOX + 2.0 * MARGIN) as usize;
    let soft = |x: f32, y: f32| {
        // A crop's pixel covers `step` pixels of the picture: four samples stand for its area.
        let q = 0.25 * step;
        let at = |dx: f32, dy: f32| {
            raw.sample(
                left + (x - MARGIN) * step + dx,
                top + (y - MARGIN) * step + dy,
            )
        };
        let (a, b, c, d) = (at(-q, -q), at(q, -q), at(-q, q), at(q, q));
        [0, 1, 2].map(|i| 0.25 * (a[i] + b[i] + c[i] + d[i]))
    };
    let crop = Grid::from_fn(count, count, |x, y| soft(x as f32, y as f32));
    let light = crop.map(|c| c[0]);
    let mean = blur(&light, 11.0);
    let spread = blur(&light.zip(&mean, |l, m| (l - m) * (l - m)), 11.0);
    let dark = Grid::from_fn(count, count, |x, y| {
        (mean.at(x, y) - light.at(x, y)) / (spread.at(x, y).sqrt() + 0.015)
    });
    let sharp = blur(&dark, 0.9);
    let fine = blur(&dark, 1.7);
    let coarse = blur(&dark, 3.6);
    let score = |cx: f32, cy: f32, d: f32, roll: f32| {
        let (s, c) = roll.sin_cos();
        let at = |g: &Grid<f32>, u: f32, v: f32| {
            g.sample(
                MARGIN + cx + d * (u * c - v * s),
                MARGIN + cy + d * (u * s + v * c),
            )
        };
        let (l, r) = (at(&fine, -0.5, 0.0), at(&fine, 0.5, 0.0));
        let mut total = 1.5 * (l.min(2.0) + r.min(2.0)) - 0.8 * (l - r).abs();
        total -= 0.7 * (at(&coarse, -0.55, 0.42) + at(&coarse, 0.55, 0.42));
        // Brows are dark as well, but have the eyes below them; eyes have brows above.
        let below = at(&fine, -0.5, 0.23) + at(&fine, 0.5, 0.23);
        let above = |u: f32| at(&fine, u, -0.2).max(at(&fine, u, -0.28)).min(1.2);
        total += 0.45 * (above(-0.5) + above(0.5)) - 0.9 * below;
        total -= 0.8 * at(&fine, 0.0, 0.05);
        // An iris lies between whites; a brow is dark from end to end.
        let whites = at(&sharp, -0.68, 0.0)
            + at(&sharp, -0.32, 0.0)
            + at(&sharp, 0.68, 0.0)
            + at(&sharp, 0.32, 0.0);
        total += 0.45 * (at(&sharp, -0.5, 0.0) + at(&sharp, 0.5, 0.0) - 0.5 * whites);
        total -= 0.4 * at(&coarse, 0.0, -0.6);
        total += 0.6 * at(&coarse, 0.0, 1.1) + 0.3 * at(&coarse, 0.0, 0.62);
        let prior = ((cx / BOX - 0.5) / 0.07).powi(2)
            + ((cy / BOX - 0.37) / 0.05).powi(2)
            + ((d / BOX - 0.435) / 0.05).powi(2)
            + (roll / 0.13).powi(2);
        total - 0.55 * prior
    };
    let mut guesses: Vec<(f32, [f32; 4])> = Vec::new();
    for iy in 0..12 {
        for ix in 0..12 {
            for id in 0..9 {
                for ir in -4..=4 {
                    let cx = BOX * (0.5 + (ix as f32 - 5.5) * 0.028);
                    let cy = BOX * (0.37 + (iy as f32 - 5.5) * 0.024);
                    let d = BOX * (0.34 + id as f32 * 0.024);
                    let roll = ir as f32 * 0.075;
                    guesses.push((score(cx, cy, d, roll), [cx, cy, d, roll]));
                }
            }
        }
    }
    // The two halves of a face resemble each other only about its true axis.
    guesses.select_nth_unstable_by(SHORTLIST, |a, b| b.0.total_cmp(&a.0));
    let symmetry = |[cx, cy, d, roll]: [f32; 4]| {
        let (s, c) = roll.sin_cos();
        let at = |u: f32, v: f32| {
            fine.sample(
                MARGIN + cx + d * (u * c - v * s),
                MARGIN + cy + d * (u * s + v * c),
            )
        };
        let (mut lr, mut ll, mut rr) = (0.0, 1e-3_f32, 1e-3_f32);
        for i in 1..=8 {
            for j in -4..=14 {
                let (u, v) = (i as f32 * 0.11, j as f32 * 0.1);
                let (l, r) = (at(-u, v), at(u, v));
                lr += l * r;
                ll += l * l;
                rr += r * r;
            }
        }
        lr / (ll * rr).sqrt()
    };
    let best = guesses[..SHORTLIST]
        .iter()
        .map(|(score, guess)| (score + 3.0 * symmetry(*guess), *guess))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or([BOX * 0.5, BOX * 0.36, BOX * 0.43, 0.0], |(_, guess)| guess);
    let [cx, cy, d, roll] = best;
    let centre = [left + cx * step, top + cy * step];
    let mut face = Face {
        centre,
        unit: (d * step).max(2.0),
        across: [roll.cos(), roll.sin()],
        mouth: 1.08,
        smile: 0.0,
    };
    mouth(raw, &mut face);
    face
}

/// Finds the row of the mouth (the darkest, reddest line) and how much of the teeth shows.
fn mouth(raw: &Grid<Lab>, face: &mut Face) {
    let at = |u: f32, v: f32| {
        let [x, y] = face.pixel(u, v);
        raw.sample(x, y)
    };
    let mut cheek: Vec<Lab> = Vec::new();
    for i in 0..8 {
        for side in [-1.0, 1.0] {
            cheek.push(at(side * (0.35 + 0.04 * i as f32), 0.45 + 0.02 * i as f32));
        }
    }
    let median = |c: usize| quantile(&mut cheek.iter().map(|p| p[c]).collect::<Vec<_>>(), 0.5);
    let skin = [median(0), median(1), median(2)];
    let row = |v: f32| {
        let mut sum = 0.0;
        for i in -6..=6 {
            let c = at(i as f32 * 0.05, v);
            sum += (skin[0] - c[0]).clamp(-0.1, 0.35) + 3.0 * (c[1] - skin[1]).clamp(-0.02, 0.06);
        }
        sum / 13.0
    };
    let mut best = (f32::MIN, 1.08);
    for i in 0..=22 {
        let v = 0.88 + i as f32 * 0.022;
        let score = row(v) + 0.5 * (row(v - 0.04) + row(v + 0.05)) - 1.6 * (v - 1.1) * (v - 1.1);
        if score > best.0 {
            best = (score, v);
        }
    }
    best.1 = between_lips(best.1, skin, at).unwrap_or(best.1);
    let mut teeth = 0;
    for j in -10..=10 {
        for i in -16..=16 {
            let c = at(i as f32 * 0.025, best.1 + j as f32 * 0.02);
            if c[0] > skin[0] - 0.06 && chroma(c) < 0.66 * chroma(skin) {
                teeth += 1;
            }
        }
    }
    face.mouth = best.1;
    face.smile = ((teeth as f32 * 0.025 * 0.02 - 0.012) / 0.06).clamp(0.0, 1.0);
}

/// The middle of the lips near a row: their hue is 9° and more nearer to red than the skin's on
/// the sample faces. `None` where there is no colour to tell or too little of it.
fn between_lips(row: f32, skin: Lab, at: impl Fn(f32, f32) -> Lab) -> Option<f32> {
    let (mut sum, mut count) = (0.0, 0);
    for j in -14..=14 {
        for i in -10..=10 {
            let v = row + j as f32 * 0.025;
            let c = at(i as f32 * 0.035, v);
            if hue(c) < hue(skin) - 8.0 && chroma(c) > 0.6 * chroma(skin).max(0.02) && c[0] > 0.25 {
                sum += v;
                count += 1;
            }
        }
    }
    (count > 40).then(|| (sum / count as f32).clamp(0.85, 1.4))
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
