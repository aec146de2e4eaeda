//! Spectacles: a thin line under each eye in the shape of a rim, and one across the nose.

use super::super::grid::{Grid, Lab};
use super::Face;
use super::patch::Patch;

/// Smallest eye distance whose spectacles can be told, pixels.
const SMALLEST: f32 = 30.0;
/// How much of a bridge there must be: the two wearers among the samples have 1.3 and more, the
/// others at most 0.8 (a frown).
const BRIDGE: f32 = 1.1;
/// How much of both rims: the wearers have 0.5 and more, the others at most 0.4, one frowning 0.5.
const RIMS: f32 = 0.42;
/// How far inside and outside a line its surroundings are looked at, in eye distances.
const ASIDE: f32 = 0.045;
/// A ridge this share of the contrast about the eyes is a full line.
const FULL: f32 = 0.25;
/// Rims are fuller than ellipses: |x|ⁿ + |y|ⁿ = 1.
const FULLNESS: f32 = 2.5;
/// Where the middle of a rim is for somebody whose eyes are at (±0.5, 0): so on both wearers.
const BEHIND: (f32, f32) = (0.52, 0.08);
/// Eyes found this many times as far apart as the rims say are believed.
const AGREED: (f32, f32) = (0.86, 1.16);
/// How many places across and down a rim's middle is looked for at.
const ACROSS: usize = 7;
const DOWN: usize = 6;
/// Points of a rim that are looked at.
const POINTS: usize = 21;

/// The rims of a pair of spectacles, in face coordinates.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Glasses {
    /// Middle of the left rim and of the right one.
    middles: [[f32; 2]; 2],
    /// Half a rim's width, and its height below and above its middle.
    half: f32,
    below: f32,
    above: f32,
}

impl Glasses {
    /// A rim's line as a closed curve of `count` points, from its outer end down and round;
    /// `side` −1 is the left rim of the picture.
    pub(in super::super) fn rim(&self, side: f32, count: usize) -> Vec<[f32; 2]> {
        let [mu, mv] = self.middles[usize::from(side > 0.0)];
        (0..=count)
            .map(|i| {
                let [x, y] = on_rim(i as f32 / count as f32 * std::f32::consts::TAU);
                let tall = if y > 0.0 { self.below } else { self.above };
                [mu + side * self.half * x, mv + tall * y]
            })
            .collect()
    }

    /// The line between the rims.
    pub(in super::super) fn bridge(&self) -> [[f32; 2]; 3] {
        let [left, right] = self.middles;
        let ends = [left[0] + self.half, right[0] - self.half];
        let up = 0.4 * self.above;
        [
            [ends[0], left[1] - up],
            [
                0.5 * (ends[0] + ends[1]),
                0.5 * (left[1] + right[1]) - 1.3 * up,
            ],
            [ends[1], right[1] - up],
        ]
    }

    /// The sidepiece from a rim towards the ear.
    pub(in super::super) fn sidepiece(&self, side: f32) -> [[f32; 2]; 2] {
        let [mu, mv] = self.middles[usize::from(side > 0.0)];
        let up = 0.6 * self.above;
        let from = mu + side * 0.97 * self.half;
        [[from, mv - up], [from + side * 0.22, mv - up - 0.01]]
    }
}

/// A point of the unit rim; the angle goes from the outer end downwards.
fn on_rim(angle: f32) -> [f32; 2] {
    let (s, c) = angle.sin_cos();
    let full = |t: f32| t.signum() * t.abs().powf(2.0 / FULLNESS);
    [full(c), full(s)]
}

/// The face with its spectacles, if it surely wears some. Rims can draw the search for the eyes to
/// themselves: then the eyes are taken to be where eyes are behind rims.
pub(super) fn fitted(raw: &Grid<Lab>, face: &Face) -> Option<Face> {
    let mut best: Option<(f32, Face, Glasses)> = None;
    for size in [1.0, 0.88, 0.78, 1.12] {
        let tried = Face {
            unit: size * face.unit,
            ..*face
        };
        if let Some((score, glasses)) = find(tried.unit, &Patch::new(raw, &tried))
            && best.as_ref().is_none_or(|b| score > b.0)
        {
            best = Some((score, tried, glasses));
        }
    }
    let (_, tried, glasses) = best?;
    let [left, right] = glasses.middles.map(|[u, v]| tried.pixel(u, v));
    let (dx, dy) = (right[0] - left[0], right[1] - left[1]);
    let apart = dx.hypot(dy);
    let unit = apart * 0.5 / BEHIND.0;
    let mut fitted = if (AGREED.0..AGREED.1).contains(&(unit / face.unit)) {
        *face
    } else {
        let across = [dx / apart, dy / apart];
        let up = BEHIND.1 * unit;
        Face {
            centre: [
                0.5 * (left[0] + right[0]) + up * across[1],
                0.5 * (left[1] + right[1]) - up * across[0],
            ],
            unit,
            across,
            ..*face
        }
    };
    let grown = tried.unit / fitted.unit;
    fitted.glasses = Some(Glasses {
        middles: [left, right].map(|[x, y]| fitted.own(x, y)),
        half: glasses.half * grown,
        below: glasses.below * grown,
        above: glasses.above * grown,
    });
    Some(fitted)
}

/// The rims of a pair of spectacles, if there surely is one, and how sure that is.
fn find(unit: f32, patch: &Patch) -> Option<(f32, Glasses)> {
    let line = FULL * patch.contrast();
    if unit < SMALLEST || line < 0.01 || bridge(patch) < BRIDGE * line {
        return None;
    }
    let mut best: Option<(f32, Glasses)> = None;
    for w in 0..8 {
        for h in 0..7 {
            let (half, below) = (0.30 + 0.02 * w as f32, 0.26 + 0.03 * h as f32);
            let [left, right] = [-1.0, 1.0].map(|side| rim_at(patch, side, half, below, line));
            // The two stand nearly alike: the eyes told how the face leans.
            for (i, l) in left.iter().enumerate() {
                for (j, r) in right.iter().enumerate() {
                    let alike =
                        (i / DOWN).abs_diff(j / DOWN) <= 2 && (i % DOWN).abs_diff(j % DOWN) <= 1;
                    let both = l.min(*r);
                    if alike && both >= RIMS && best.as_ref().is_none_or(|b| both > b.0) {
                        let glasses = Glasses {
                            middles: [middle(-1.0, i), middle(1.0, j)],
                            half,
                            below,
                            above: 0.28,
                        };
                        best = Some((both, glasses));
                    }
                }
            }
        }
    }
    best
}

/// The strongest line across the nose between the eyes.
fn bridge(patch: &Patch) -> f32 {
    let row = |v: f32| {
        let across = (-4..=4).map(|i| 0.03 * i as f32);
        across
            .map(|u| ridge(|k| patch.at(u, v + k * ASIDE)))
            .sum::<f32>()
            / 9.0
    };
    (0..=27)
        .map(|i| row(-0.3 + 0.02 * i as f32))
        .fold(0.0, f32::max)
}

/// Where the middle of a rim is looked for.
fn middle(side: f32, place: usize) -> [f32; 2] {
    [
        side * (0.41 + 0.03 * (place / DOWN) as f32),
        -0.04 + 0.04 * (place % DOWN) as f32,
    ]
}

/// How much of a rim's lower half is there, 0–1, by the place of its middle.
fn rim_at(patch: &Patch, side: f32, half: f32, below: f32, line: f32) -> [f32; ACROSS * DOWN] {
    // Points of the rim, with the way outwards.
    let points: [[f32; 4]; POINTS] = std::array::from_fn(|i| {
        let angle = (-10.0 + 10.0 * i as f32).to_radians();
        let [x, y] = on_rim(angle);
        let (nx, ny) = (angle.cos() / half, angle.sin() / below);
        let norm = nx.hypot(ny).recip() * ASIDE;
        [side * half * x, below * y, side * nx * norm, ny * norm]
    });
    std::array::from_fn(|place| {
        let [mu, mv] = middle(side, place);
        let sum: f32 = points
            .iter()
            .map(|[x, y, nx, ny]| {
                let found = ridge(|k| patch.at(mu + x + k * nx, mv + y + k * ny));
                (found / line).min(1.0)
            })
            .sum();
        sum / POINTS as f32
    })
}

/// How much darker or lighter than both its sides (−1 and 1) a line's middle (0) is.
fn ridge(at: impl Fn(f32) -> f32) -> f32 {
    let (inside, on, outside) = (at(-1.0), at(0.0), at(1.0));
    let bright = on - inside.max(outside);
    let dark = inside.min(outside) - on;
    bright.max(dark).max(0.0)
}
