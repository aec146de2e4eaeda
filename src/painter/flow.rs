//! Which way form runs: structure tensor and the smooth axial field strokes follow.
//!
//! A direction that is the same forwards and backwards is kept as its double-angle vector
//! `[cos 2θ, sin 2θ]·weight`, so that fields mix by addition (Kyprianidis and Döllner, 2008).

use super::blur::{blur, soften};
use super::grid::{Grid, Texel};
use super::mask::Mask;

/// A unit vector (or none at all) in steps of 1/127: two bytes where floats would take eight.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unit([i8; 2]);

impl Unit {
    /// The direction of a vector.
    #[inline]
    pub(super) fn of(vector: [f32; 2]) -> Self {
        Self(unit(vector).map(|v| (v * 127.0).round() as i8))
    }

    /// The vector, its length 1 within a hundredth, or 0.
    #[inline]
    pub(super) fn vector(self) -> [f32; 2] {
        self.0.map(|v| f32::from(v) * (1.0 / 127.0))
    }
}

/// Axial directions as double-angle unit vectors.
pub(super) type Axes = Grid<Unit>;

/// Structure tensor `[E, F, G]` of a picture.
pub(super) struct Tensor {
    knots: Grid<[f32; 3]>,
    /// Pixels a knot: 1 or 2.
    step: usize,
    width: usize,
    height: usize,
}

/// From this side on the tensor of a softened picture is kept at half size.
const HALVE_FROM: usize = 256;

impl Tensor {
    /// The tensor smoothed over `inner` pixels before and `outer` pixels after the gradient.
    pub(super) fn new<T: Texel>(picture: &Grid<T>, inner: f32, outer: f32) -> Self {
        let (width, height) = (picture.width, picture.height);
        let (step, knots) = if inner > 0.7 && width.min(height) >= HALVE_FROM {
            // The mean of four pixels is a quarter of a pixel of variance.
            let rest = 0.5 * (inner * inner - 0.25).sqrt();
            let soft = blur(&picture.halved(), rest);
            (2, blur(&products(&soft), 0.5 * outer))
        } else {
            (1, blur(&products(&blur(picture, inner)), outer))
        };
        Self {
            knots,
            step,
            width,
            height,
        }
    }

    /// The same, smoothed over `sigma` pixels more.
    pub(super) fn smoothed(&self, sigma: f32) -> Self {
        Self {
            knots: blur(&self.knots, sigma / self.step as f32),
            ..*self
        }
    }

    /// Lets flat zones inherit the direction of strong edges far away.
    pub(super) fn filled(&self, scale: f32) -> Self {
        let far = [(6.0, 0.3), (20.0, 0.08), (60.0, 0.03)].map(|(sigma, weight)| {
            let sigma = sigma * scale / self.step as f32;
            (soften(&self.knots, sigma), weight)
        });
        let mut knots = self.knots.clone();
        knots.fill_rows(|y, row| {
            for (x, t) in row.iter_mut().enumerate() {
                for (wide, weight) in &far {
                    *t = t.plus(wide.at(x, y), *weight);
                }
            }
        });
        Self { knots, ..*self }
    }

    /// Directions along the edges.
    pub(super) fn axes(&self) -> Axes {
        Grid::from_fn(self.width, self.height, |x, y| {
            let [e, f, g] = self.at(x, y);
            Unit::of([g - e, -2.0 * f])
        })
    }

    /// How clear the direction is.
    pub(super) fn coherence(&self) -> Mask {
        Mask::from_fn(self.width, self.height, |x, y| {
            let [e, f, g] = self.at(x, y);
            let d = ((e - g).powi(2) + 4.0 * f * f).sqrt();
            d / (e + g + 1e-9)
        })
    }

    #[inline]
    fn at(&self, x: usize, y: usize) -> [f32; 3] {
        if self.step == 1 {
            self.knots.at(x, y)
        } else {
            self.knots
                .sample(0.5 * x as f32 - 0.25, 0.5 * y as f32 - 0.25)
        }
    }
}

/// Products of the gradient's parts (Scharr), summed over the channels.
fn products<T: Texel>(soft: &Grid<T>) -> Grid<[f32; 3]> {
    Grid::from_fn(soft.width, soft.height, |x, y| {
        let (x, y) = (x as isize, y as isize);
        let p = |dx, dy| soft.clamped(x + dx, y + dy);
        let across = T::default()
            .plus(p(1, -1), 3.0)
            .plus(p(1, 1), 3.0)
            .plus(p(1, 0), 10.0)
            .plus(p(-1, -1), -3.0)
            .plus(p(-1, 1), -3.0)
            .plus(p(-1, 0), -10.0);
        let down = T::default()
            .plus(p(-1, 1), 3.0)
            .plus(p(1, 1), 3.0)
            .plus(p(0, 1), 10.0)
            .plus(p(-1, -1), -3.0)
            .plus(p(1, -1), -3.0)
            .plus(p(0, -1), -10.0);
        let (across, down) = ([across], [down]);
        let mut t = [0.0; 3];
        for (gx, gy) in T::flat(&across).iter().zip(T::flat(&down)) {
            t = t.plus([gx * gx, gx * gy, gy * gy], 1.0 / 1024.0);
        }
        t
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
        // The larger picture's tensor is kept at half size.
        let cases = [0.0_f32, 0.4, 1.2, 2.5].map(|angle| [(angle, 64), (angle, 2 * HALVE_FROM)]);
        for (angle, side) in cases.into_iter().flatten() {
            let (s, c) = angle.sin_cos();
            let stripes = Grid::from_fn(side, side, |x, y| {
                let across = y as f32 * c - x as f32 * s;
                [0.5 + 0.4 * (0.5 * across).sin(), 0.0, 0.0]
            });
            let tensor = Tensor::new(&stripes, 1.0, 4.0);
            let [x, y] = heading(tensor.axes().at(side / 2, side / 2).vector());
            assert!(
                (x * c + y * s).abs() > 0.99,
                "{angle}, {side}: heading {x}, {y}"
            );
            assert!(tensor.coherence().at(side / 2, side / 2) > 0.9);
        }
    }
}
