//! Smooth fields kept at a few knots only: noise, weather, the drift of the brush.

use super::grid::{Grid, Texel};

/// A field computed at every `step`-th pixel, bilinear between.
pub(super) struct Coarse<T> {
    knots: Grid<T>,
    step: f32,
}

impl<T: Texel> Coarse<T> {
    /// The field over `width × height` pixels; `f` is asked at pixel coordinates.
    pub(super) fn new(
        width: usize,
        height: usize,
        step: f32,
        f: impl Fn(f32, f32) -> T + Sync,
    ) -> Self {
        let step = step.max(1.0);
        let count = |n: usize| (n as f32 / step).ceil() as usize + 1;
        let knots = Grid::from_fn(count(width), count(height), |x, y| {
            f(x as f32 * step, y as f32 * step)
        });
        Self { knots, step }
    }

    /// The value at a pixel.
    #[inline]
    pub(super) fn at(&self, x: usize, y: usize) -> T {
        self.knots
            .sample(x as f32 / self.step, y as f32 / self.step)
    }
}
