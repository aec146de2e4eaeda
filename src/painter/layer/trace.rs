//! The line of a stroke.

use super::super::flow::heading;
use super::super::grid::{Lab, mix};
use super::super::oklab::difference;
use super::{Layer, Motif};

/// The most points a stroke's line can have.
pub(super) const POINTS: usize = 24;

/// Follows the field both ways from a start until the colour changes or the length is used up.
pub(super) fn trace(
    picture: &(impl Fn(f32, f32) -> Lab + Sync),
    motif: &Motif<'_>,
    start: [f32; 2],
    layer: &Layer,
    length: f32,
    radius: f32,
    sway: f32,
) -> ([[f32; 2]; POINTS], usize) {
    let step = (1.3 * radius).max(length / (POINTS as f32 - 4.0)).max(1.0);
    let axes = motif.axes;
    let colour = picture(start[0], start[1]);
    let (sin, cos) = sway.sin_cos();
    let turned = |[x, y]: [f32; 2]| [x * cos - y * sin, x * sin + y * cos];
    let first = turned(heading(axes.near(start[0], start[1]).vector()));
    let shortest = 0.3 * length;
    let margin = radius;
    let inside = |p: [f32; 2]| {
        p[0] > -margin
            && p[1] > -margin
            && p[0] < axes.width as f32 + margin
            && p[1] < axes.height as f32 + margin
    };
    let mut ways: [[[f32; 2]; POINTS / 2]; 2] = [[[0.0; 2]; POINTS / 2]; 2];
    let mut counts = [0; 2];
    for (way, sign) in [1.0_f32, -1.0].into_iter().enumerate() {
        let (mut at, mut go) = (start, [first[0] * sign, first[1] * sign]);
        let mut gone = 0.0;
        while gone + step <= 0.5 * length + 0.5 * step && counts[way] < POINTS / 2 - 1 {
            let next = [at[0] + go[0] * step, at[1] + go[1] * step];
            if !inside(next) {
                break;
            }
            if 2.0 * gone > shortest
                && difference(picture(next[0], next[1]), colour) > layer.tolerance
            {
                break;
            }
            at = next;
            gone += step;
            ways[way][counts[way]] = at;
            counts[way] += 1;
            let mut field = turned(heading(axes.near(at[0], at[1]).vector()));
            if field[0] * go[0] + field[1] * go[1] < 0.0 {
                field = [-field[0], -field[1]];
            }
            let blend = [mix(go[0], field[0], 0.85), mix(go[1], field[1], 0.85)];
            let norm = (blend[0] * blend[0] + blend[1] * blend[1]).sqrt().max(1e-6);
            go = [blend[0] / norm, blend[1] / norm];
        }
    }
    let mut line = [[0.0; 2]; POINTS];
    let mut count = 0;
    for p in ways[1][..counts[1]]
        .iter()
        .rev()
        .chain([&start])
        .chain(&ways[0][..counts[0]])
    {
        line[count] = *p;
        count += 1;
    }
    if count == 1 {
        // A dab where nothing can be followed.
        let half = 0.35 * step;
        line[0] = [start[0] - first[0] * half, start[1] - first[1] * half];
        line[1] = [start[0] + first[0] * half, start[1] + first[1] * half];
        count = 2;
    }
    (line, count)
}
