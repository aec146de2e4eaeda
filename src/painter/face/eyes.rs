//! Eyes: the pair of places in a detected box that looks most like two eyes of one face.

use super::super::blur::blur;
use super::super::grid::{Grid, Lab};
use super::Face;
use super::detect::Sighting;

/// Side of the box in the normalised crop.
const BOX: f32 = 64.0;
/// Eye pairs that are looked at more closely.
const SHORTLIST: usize = 400;
/// Margin around the box in the normalised crop.
const MARGIN: f32 = 12.0;

/// The face that was seen at a place: upright or leaning as the detector thought, as it looks more
/// like one.
pub(super) fn face_in(raw: &Grid<Lab>, seen: &Sighting) -> Face {
    let upright = face_leaning(raw, seen, 0.0);
    let leaning = face_leaning(raw, seen, seen.lean);
    if leaning.0 > upright.0 {
        leaning.1
    } else {
        upright.1
    }
}

/// The best pair of eyes of a face that leans about so much, and how good it is.
fn face_leaning(raw: &Grid<Lab>, seen: &Sighting, lean: f32) -> (f32, Face) {
    let step = seen.side / BOX;
    let count = (BOX + 2.0 * MARGIN) as usize;
    let (sin, cos) = lean.sin_cos();
    // The picture's pixel at a place of the crop, which stands as upright as the face was seen.
    let place = |x: f32, y: f32| {
        let (dx, dy) = (step * (x - 0.5 * BOX), step * (y - 0.5 * BOX));
        [
            seen.centre[0] + dx * cos - dy * sin,
            seen.centre[1] + dx * sin + dy * cos,
        ]
    };
    let soft = |x: f32, y: f32| {
        // A crop's pixel covers `step` pixels of the picture: four samples stand for its area.
        let q = 0.25 * step;
        let [px, py] = place(x - MARGIN, y - MARGIN);
        let at = |dx: f32, dy: f32| raw.sample(px + dx, py + dy);
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
        .unwrap_or((f32::MIN, [BOX * 0.5, BOX * 0.36, BOX * 0.43, 0.0]));
    let (score, [cx, cy, d, roll]) = best;
    let lean = lean + roll;
    let face = Face {
        centre: place(cx, cy),
        unit: (d * step).max(2.0),
        across: [lean.cos(), lean.sin()],
        mouth: 1.08,
        smile: 0.0,
        vague: false,
        glasses: None,
    };
    (score, face)
}
