//! Drawn lines and small filled shapes.

use super::grid::{Grid, Lab, mix, mix_lab};
use super::polygon::filled;

/// Draws a line of coverage into `ink`; its half-width goes linearly from `from` to `to` pixels.
pub(super) fn line(ink: &mut Grid<f32>, points: &[[f32; 2]], from: f32, to: f32) {
    let length: f32 = points.windows(2).map(|p| distance(p[0], p[1])).sum();
    let mut gone = 0.0;
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let part = distance(a, b);
        let at = |d: f32| mix(from, to, d / length.max(1e-3));
        segment(ink, a, b, at(gone), at(gone + part));
        gone += part;
    }
}

/// A line that is thickest in its middle and runs out at both ends.
pub(super) fn swelling(ink: &mut Grid<f32>, points: &[[f32; 2]], half: f32) {
    let length: f32 = points.windows(2).map(|p| distance(p[0], p[1])).sum();
    let width = |d: f32| {
        let t = (d / length.max(1e-3)).clamp(0.0, 1.0);
        half * (0.28 + 0.72 * (4.0 * t * (1.0 - t)).sqrt())
    };
    let mut gone = 0.0;
    for pair in points.windows(2) {
        let part = distance(pair[0], pair[1]);
        segment(ink, pair[0], pair[1], width(gone), width(gone + part));
        gone += part;
    }
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn segment(ink: &mut Grid<f32>, a: [f32; 2], b: [f32; 2], wa: f32, wb: f32) {
    let reach = wa.max(wb) + 1.0;
    let clip = |v: f32, limit: usize| v.clamp(0.0, limit as f32) as usize;
    let (x0, x1) = (
        clip(a[0].min(b[0]) - reach, ink.width),
        clip(a[0].max(b[0]) + reach + 1.0, ink.width),
    );
    let (y0, y1) = (
        clip(a[1].min(b[1]) - reach, ink.height),
        clip(a[1].max(b[1]) + reach + 1.0, ink.height),
    );
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let inverse = 1.0 / (dx * dx + dy * dy).max(1e-9);
    // A slanting line touches but a part of each row of its box.
    let (slope, aside) = if dy.abs() > 1e-3 {
        (dx / dy, reach * (dx * dx + dy * dy).sqrt() / dy.abs() + 1.0)
    } else {
        (0.0, f32::MAX)
    };
    for y in y0..y1 {
        let middle = a[0] + (y as f32 - a[1]) * slope;
        let (from, to) = (
            clip(middle - aside, ink.width).max(x0),
            clip(middle + aside + 1.0, ink.width).min(x1),
        );
        for x in from..to {
            let (px, py) = (x as f32 - a[0], y as f32 - a[1]);
            let t = ((px * dx + py * dy) * inverse).clamp(0.0, 1.0);
            let d = (px - t * dx).hypot(py - t * dy);
            let cover = (mix(wa, wb, t) + 0.5 - d).clamp(0.0, 1.0);
            let value = &mut ink.data[y * ink.width + x];
            *value = value.max(cover);
        }
    }
}

/// Fills a closed shape with a colour.
pub(super) fn shape(colour: &mut Grid<Lab>, points: &[[f32; 2]], paint: Lab) {
    let (mut left, mut right, mut top, mut bottom) = (f32::MAX, f32::MIN, f32::MAX, f32::MIN);
    for p in points {
        left = left.min(p[0]);
        right = right.max(p[0]);
        top = top.min(p[1]);
        bottom = bottom.max(p[1]);
    }
    let clip = |v: f32, limit: usize| v.clamp(0.0, limit as f32) as usize;
    let (x0, x1) = (
        clip(left - 1.0, colour.width),
        clip(right + 2.0, colour.width),
    );
    let (y0, y1) = (
        clip(top - 1.0, colour.height),
        clip(bottom + 2.0, colour.height),
    );
    if x0 >= x1 || y0 >= y1 {
        return;
    }
    let moved = points
        .iter()
        .map(|p| [p[0] - x0 as f32, p[1] - y0 as f32])
        .collect();
    let cover = filled(x1 - x0, y1 - y0, &[moved]);
    for y in y0..y1 {
        for x in x0..x1 {
            let c = &mut colour.data[y * colour.width + x];
            *c = mix_lab(*c, paint, cover.at(x - x0, y - y0).min(1.0));
        }
    }
}

/// A disc as a polygon.
pub(super) fn disc(centre: [f32; 2], radius: f32) -> Vec<[f32; 2]> {
    (0..24)
        .map(|i| {
            let (s, c) = (i as f32 * std::f32::consts::TAU / 24.0).sin_cos();
            [centre[0] + radius * c, centre[1] + radius * s]
        })
        .collect()
}

/// A circle as a line that closes on itself.
pub(super) fn disc_outline(centre: [f32; 2], radius: f32) -> Vec<[f32; 2]> {
    let mut points = disc(centre, radius);
    points.push(points[0]);
    points
}
