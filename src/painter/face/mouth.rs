//! The mouth: its row, and how much of the teeth shows.

use super::super::grid::{Grid, Lab, quantile};
use super::super::oklab::{chroma, hue};
use super::Face;

/// Finds the row of the mouth (the darkest, reddest line) and how much of the teeth shows.
pub(super) fn find(raw: &Grid<Lab>, face: &mut Face) {
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
    // Teeth are as light as skin and have less colour; in a grey photo only that they lie between
    // the lips tells them from skin.
    let grey = chroma(skin) < 0.02;
    let (reach, weight) = if grey { (4, 2.5) } else { (10, 1.0) };
    let mut teeth = 0.0_f32;
    for j in -reach..=reach {
        for i in -16..=16 {
            let c = at(i as f32 * 0.025, best.1 + j as f32 * 0.02);
            if c[0] > skin[0] - 0.06 && (grey || chroma(c) < 0.66 * chroma(skin)) {
                teeth += weight;
            }
        }
    }
    face.mouth = best.1;
    face.smile = ((teeth * 0.025 * 0.02 - 0.012) / 0.06).clamp(0.0, 1.0);
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
