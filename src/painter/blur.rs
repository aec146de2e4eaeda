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
    if sigma > HALVE_ABOVE && source.width.min(source.height) >= 8 {
        // Halving and doubling add about half a pixel of variance of their own.
        let rest = ((sigma * sigma - 0.6).max(0.1) * 0.25).sqrt();
        return blur(&source.halved(), rest).doubled(source.width, source.height);
    }
    let kernel = kernel(sigma);
    vertical(&horizontal(source, &kernel), &kernel)
}

fn kernel(sigma: f32) -> Vec<f32> {
    let radius = (sigma * 2.8).ceil() as i32;
    let weights: Vec<f32> = (-radius..=radius)
        .map(|i| (-0.5 * (i as f32 / sigma).powi(2)).exp())
        .collect();
    let total: f32 = weights.iter().sum();
    weights.iter().map(|w| w / total).collect()
}

fn horizontal<T: Texel>(source: &Grid<T>, kernel: &[f32]) -> Grid<T> {
    let radius = kernel.len() / 2;
    let mut out = Grid::filled(source.width, source.height, T::default());
    out.data
        .par_chunks_mut(source.width)
        .enumerate()
        .for_each_init(Vec::new, |padded, (y, row)| {
            let from = source.row(y);
            padded.clear();
            padded.extend(std::iter::repeat_n(from[0], radius));
            padded.extend_from_slice(from);
            padded.extend(std::iter::repeat_n(from[from.len() - 1], radius));
            let (padded, row) = (T::flat(padded), T::flat_mut(row));
            for (tap, weight) in kernel.iter().enumerate() {
                for (to, from) in row.iter_mut().zip(&padded[tap * T::CHANNELS..]) {
                    *to += weight * from;
                }
            }
        });
    out
}

fn vertical<T: Texel>(source: &Grid<T>, kernel: &[f32]) -> Grid<T> {
    let radius = (kernel.len() / 2) as isize;
    let last = source.height as isize - 1;
    let mut out = Grid::filled(source.width, source.height, T::default());
    out.fill_rows(|y, row| {
        let row = T::flat_mut(row);
        for (tap, weight) in kernel.iter().enumerate() {
            let from = (y as isize + tap as isize - radius).clamp(0, last) as usize;
            for (to, from) in row.iter_mut().zip(T::flat(source.row(from))) {
                *to += weight * from;
            }
        }
    });
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
