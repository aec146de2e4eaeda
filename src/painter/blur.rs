//! Gaussian blur at a cost that does not grow with its width.

use rayon::prelude::*;

use super::grid::{Grid, Texel};

/// Above this sigma a blur is done at half size: the result is smooth enough to be enlarged.
const HALVE_ABOVE: f32 = 3.6;

/// Gaussian blur of standard deviation `sigma` pixels, the border continued outwards.
///
/// Every element is computed on its own, so the result does not depend on the number of threads.
pub(super) fn blur<T: Texel>(source: &Grid<T>, sigma: f32) -> Grid<T> {
    if sigma < 0.25 {
        return source.clone();
    }
    let soft = soften(source, sigma);
    if soft.step == 1.0 {
        return soft.knots;
    }
    Grid::from_fn(source.width, source.height, |x, y| soft.at(x, y))
}

/// A blurred picture kept no larger than it needs to be: where it is smooth a knot stands for many
/// pixels. Looked up at the pixels of the picture it was made from.
pub(super) struct Soft<T> {
    knots: Grid<T>,
    /// Pixels a knot.
    step: f32,
}

impl<T: Texel> Soft<T> {
    /// A picture of half the size, standing for the whole.
    pub(super) fn halved(half: Grid<T>) -> Self {
        Self {
            knots: half,
            step: 2.0,
        }
    }

    /// All of it at another size; `from` is the size of the picture it was made from.
    pub(super) fn resized(&self, from: (usize, usize), width: usize, height: usize) -> Grid<T> {
        let (kx, ky) = (from.0 as f32 / width as f32, from.1 as f32 / height as f32);
        Grid::from_fn(width, height, |x, y| {
            let (x, y) = ((x as f32 + 0.5) * kx, (y as f32 + 0.5) * ky);
            let inverse = 1.0 / self.step;
            self.knots.sample(x * inverse - 0.5, y * inverse - 0.5)
        })
    }

    /// The value at a pixel.
    #[inline]
    pub(super) fn at(&self, x: usize, y: usize) -> T {
        if self.step == 1.0 {
            self.knots.at(x, y)
        } else {
            self.near(x as f32, y as f32)
        }
    }

    /// The value at a position, the border continued outwards.
    #[inline]
    pub(super) fn near(&self, x: f32, y: f32) -> T {
        if self.step == 1.0 {
            return self.knots.near(x, y);
        }
        let inverse = 1.0 / self.step;
        self.knots
            .sample((x + 0.5) * inverse - 0.5, (y + 0.5) * inverse - 0.5)
    }
}

/// [`blur`], kept small.
pub(super) fn soften<T: Texel>(source: &Grid<T>, sigma: f32) -> Soft<T> {
    soften_from(source, sigma, HALVE_ABOVE)
}

/// [`soften`], halved from a sigma of `halve_above` on (1.1 is as low as makes sense): for pictures
/// whose finest detail is not asked for.
pub(super) fn soften_from<T: Texel>(source: &Grid<T>, sigma: f32, halve_above: f32) -> Soft<T> {
    if sigma > halve_above && source.width.min(source.height) >= 8 {
        // Halving and doubling add about half a pixel of variance of their own.
        let rest = ((sigma * sigma - 0.6).max(0.1) * 0.25).sqrt();
        let half = soften(&source.halved(), rest);
        return Soft {
            knots: half.knots,
            step: 2.0 * half.step,
        };
    }
    let knots = if sigma < 0.25 {
        source.clone()
    } else {
        convolved(source, &kernel(sigma))
    };
    Soft { knots, step: 1.0 }
}

fn kernel(sigma: f32) -> Vec<f32> {
    let radius = (sigma * 2.8).ceil() as i32;
    let weights: Vec<f32> = (-radius..=radius)
        .map(|i| (-0.5 * (i as f32 / sigma).powi(2)).exp())
        .collect();
    let total: f32 = weights.iter().sum();
    weights.iter().map(|w| w / total).collect()
}

/// Row by row: down the columns into one padded row, then along that. Nothing but the result is
/// as large as the picture.
fn convolved<T: Texel>(source: &Grid<T>, kernel: &[f32]) -> Grid<T> {
    let radius = kernel.len() / 2;
    let last = source.height as isize - 1;
    let mut out = Grid::filled(source.width, source.height, T::default());
    out.data
        .par_chunks_mut(source.width)
        .enumerate()
        .for_each_init(
            || vec![T::default(); source.width + 2 * radius],
            |padded, (y, row)| {
                let middle = radius..radius + source.width;
                padded[middle.clone()].fill(T::default());
                let down = T::flat_mut(&mut padded[middle.clone()]);
                for (tap, weight) in kernel.iter().enumerate() {
                    let from = y as isize + tap as isize - radius as isize;
                    let from = source.row(from.clamp(0, last) as usize);
                    for (to, from) in down.iter_mut().zip(T::flat(from)) {
                        *to += weight * from;
                    }
                }
                let (left, right) = (padded[radius], padded[middle.end - 1]);
                padded[..radius].fill(left);
                padded[middle.end..].fill(right);
                let (padded, row) = (T::flat(padded), T::flat_mut(row));
                for (tap, weight) in kernel.iter().enumerate() {
                    for (to, from) in row.iter_mut().zip(&padded[tap * T::CHANNELS..]) {
                        *to += weight * from;
                    }
                }
            },
        );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blurred_point_has_the_wanted_spread_and_loses_nothing() {
        for sigma in [0.8_f32, 2.0, 5.0, 14.0] {
            let mut point = Grid::filled(161, 161, 0.0_f32);
            point.data[80 * 161 + 80] = 1.0;
            let blurred = blur(&point, sigma);
            let (mut sum, mut variance) = (0.0, 0.0);
            for (i, v) in blurred.data.iter().enumerate() {
                sum += v;
                variance += v * ((i % 161) as f32 - 80.0).powi(2);
            }
            assert!((sum - 1.0).abs() < 0.01, "sigma {sigma}: sum {sum}");
            let spread = variance.sqrt();
            assert!(
                (spread / sigma - 1.0).abs() < 0.08,
                "sigma {sigma}: spread {spread}"
            );
        }
    }

    #[test]
    fn a_flat_field_stays_flat_to_its_border() {
        let flat = Grid::filled(37, 11, [0.25_f32, -1.0]);
        for [a, b] in blur(&flat, 6.0).data {
            assert!((a - 0.25).abs() < 1e-4 && (b + 1.0).abs() < 1e-4);
        }
    }
}
