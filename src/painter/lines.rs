//! Line extraction: differences of Gaussians steered by the flow (Kang 2007, Winnemöller 2012).

use super::flow::{Axes, Unit, heading};
use super::grid::{Grid, Texel};
use super::{Cancelled, Watcher};

/// Unit vectors along a field's axes, computed once for the filters below.
pub(super) fn headings(axes: &Axes) -> Grid<Unit> {
    axes.map(|axis| Unit::of(heading(axis.vector())))
}

/// Negative on dark lines: a difference of Gaussians across the flow, then a Gaussian of
/// `along_sigma` pixels along it. `tau` is the weight of the wide Gaussian.
pub(super) fn flow_dog(
    watcher: &dyn Watcher,
    light: &Grid<f32>,
    flow: &Grid<Unit>,
    sigma: f32,
    along_sigma: f32,
    tau: f32,
) -> Result<Grid<f32>, Cancelled> {
    let wide = 1.6 * sigma;
    let reach = (2.4 * wide).ceil() as i32;
    let normalised = |sigma: f32| {
        let raw: Vec<f32> = (0..=reach)
            .map(|k| (-0.5 * (k as f32 / sigma).powi(2)).exp())
            .collect();
        let total = raw[0] + 2.0 * raw[1..].iter().sum::<f32>();
        raw.into_iter().map(|w| w / total).collect::<Vec<_>>()
    };
    let (narrow, broad) = (normalised(sigma), normalised(wide));
    let kernel: Vec<f32> = narrow
        .iter()
        .zip(&broad)
        .map(|(n, b)| n - tau * b)
        .collect();
    let across = Grid::watched(light.width, light.height, watcher, |x, y| {
        let [ux, uy] = flow.at(x, y).vector();
        let (px, py) = (x as f32, y as f32);
        let mut sum = kernel[0] * light.at(x, y);
        for (k, weight) in kernel.iter().enumerate().skip(1) {
            let (dx, dy) = (-uy * k as f32, ux * k as f32);
            sum += weight * (light.sample(px + dx, py + dy) + light.sample(px - dx, py - dy));
        }
        sum
    })?;
    along(watcher, &across, flow, along_sigma)
}

/// Gaussian along the streamlines of the flow.
pub(super) fn along<T: Texel>(
    watcher: &dyn Watcher,
    grid: &Grid<T>,
    flow: &Grid<Unit>,
    sigma: f32,
) -> Result<Grid<T>, Cancelled> {
    // Steps longer than a pixel: the field is smooth and the values are interpolated.
    let step = (sigma / 3.0).clamp(1.0, 3.0);
    let count = (2.2 * sigma / step).ceil() as usize;
    let weights: Vec<f32> = (0..=count)
        .map(|k| (-0.5 * (k as f32 * step / sigma).powi(2)).exp())
        .collect();
    let total = weights[0] + 2.0 * weights[1..].iter().sum::<f32>();
    Grid::watched(grid.width, grid.height, watcher, |x, y| {
        let start = flow.at(x, y).vector();
        let mut sum = T::default().plus(grid.at(x, y), weights[0] / total);
        for sign in [1.0, -1.0] {
            let (mut px, mut py) = (x as f32, y as f32);
            let mut go = [start[0] * sign, start[1] * sign];
            for weight in &weights[1..] {
                px += go[0] * step;
                py += go[1] * step;
                // The nearest value will do: the sum is a mean of many.
                sum = sum.plus(grid.near(px + 0.5, py + 0.5), weight / total);
                let next = flow.near(px + 0.5, py + 0.5).vector();
                go = if next[0] * go[0] + next[1] * go[1] < 0.0 {
                    [-next[0], -next[1]]
                } else {
                    next
                };
            }
        }
        sum
    })
}
