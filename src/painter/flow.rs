//! Which way form runs: structure tensor and the smooth axial field strokes follow.
//!
//! A direction that is the same forwards and backwards is kept as its double-angle vector
//! `[cos 2θ, sin 2θ]·weight`, so that fields mix by addition (Kyprianidis and Döllner, 2008).

use super::blur::blur;
use super::grid::{Grid, Lab};

/// Axial directions as weighted double-angle vectors.
pub(super) type Axes = Grid<[f32; 2]>;

/// Structure tensor `[E, F, G]` of a colour picture, smoothed over `inner` before and `outer`
/// pixels after the gradient.
pub(super) fn tensor(lab: &Grid<Lab>, inner: f32, outer: f32) -> Grid<[f32; 3]> {
    let soft = blur(lab, inner);
    let raw = Grid::from_fn(lab.width, lab.height, |x, y| {
        let (x, y) = (x as isize, y as isize);
        let p = |dx, dy| soft.clamped(x + dx, y + dy);
        let (nw, n, ne) = (p(-1, -1), p(0, -1), p(1, -1));
        let (w, e) = (p(-1, 0), p(1, 0));
        let (sw, s, se) = (p(-1, 1), p(0, 1), p(1, 1));
        let mut t = [0.0; 3];
        for c in 0..3 {
            let gx = (3.0 * (ne[c] + se[c] - nw[c] - sw[c]) + 10.0 * (e[c] - w[c])) / 32.0;
            let gy = (3.0 * (sw[c] + se[c] - nw[c] - ne[c]) + 10.0 * (s[c] - n[c])) / 32.0;
            t[0] += gx * gx;
            t[1] += gx * gy;
            t[2] += gy * gy;
        }
        t
    });
    blur(&raw, outer)
}

/// Lets flat zones inherit the direction of strong edges far away.
pub(super) fn filled(tensor: &Grid<[f32; 3]>, scale: f32) -> Grid<[f32; 3]> {
    let far = [(6.0, 0.3), (20.0, 0.08), (60.0, 0.03)];
    let mut out = tensor.clone();
    for (sigma, weight) in far {
        let wide = blur(tensor, sigma * scale);
        out.fill_rows(|y, row| {
            for (t, w) in row.iter_mut().zip(wide.row(y)) {
                for (t, w) in t.iter_mut().zip(w) {
                    *t += weight * w;
                }
            }
        });
    }
    out
}

/// Directions along the edges, as unit double-angle vectors (zero where there is none).
pub(super) fn axes(tensor: &Grid<[f32; 3]>) -> Axes {
    tensor.map(|[e, f, g]| unit([g - e, -2.0 * f]))
}

/// How clear the direction is, 0–1.
pub(super) fn coherence(tensor: &Grid<[f32; 3]>) -> Grid<f32> {
    tensor.map(|[e, f, g]| {
        let d = ((e - g).powi(2) + 4.0 * f * f).sqrt();
        d / (e + g + 1e-9)
    })
}

/// Double-angle vector of a direction in radians.
#[inline]
pub(super) fn axis(angle: f32) -> [f32; 2] {
    let (s, c) = (2.0 * angle).sin_cos();
    [c, s]
}

/// The same axis with weight 1 (or 0 if it has none).
#[inline]
pub(super) fn unit([x, y]: [f32; 2]) -> [f32; 2] {
    let length = (x * x + y * y).sqrt();
    if length < 1e-12 {
        [0.0, 0.0]
    } else {
        [x / length, y / length]
    }
}

/// A unit vector along a double-angle vector; its sign is arbitrary.
#[inline]
pub(super) fn heading(axis: [f32; 2]) -> [f32; 2] {
    let [c, s] = unit(axis);
    if c == 0.0 && s == 0.0 {
        return [1.0, 0.0];
    }
    let x = (0.5 * (1.0 + c)).max(0.0).sqrt();
    let y = (0.5 * (1.0 - c)).max(0.0).sqrt();
    [x, if s < 0.0 { -y } else { y }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_run_along_stripes_not_across() {
        for angle in [0.0_f32, 0.4, 1.2, 2.5] {
            let (s, c) = angle.sin_cos();
            let stripes = Grid::from_fn(64, 64, |x, y| {
                let across = y as f32 * c - x as f32 * s;
                [0.5 + 0.4 * (0.5 * across).sin(), 0.0, 0.0]
            });
            let tensor = tensor(&stripes, 1.0, 4.0);
            let [x, y] = heading(axes(&tensor).at(32, 32));
            assert!((x * c + y * s).abs() > 0.99, "{angle}: heading {x}, {y}");
            assert!(coherence(&tensor).at(32, 32) > 0.9);
        }
    }
}
