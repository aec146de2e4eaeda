//! Masks with straight edges.

use super::super::grid::Grid;
use super::super::mask::Mask;
use super::super::polygon::{self, Polygon};
use super::super::{Cancelled, Watcher, check};

/// Masks as angular shapes: their coverage and their outlines.
pub(super) struct Shape {
    pub(super) cover: Mask,
    pub(super) outlines: Vec<Polygon>,
}

impl Shape {
    /// The shapes of a mask of more than `smallest` pixels², true to `tolerance` pixels (both at 768).
    pub(super) fn new(
        mask: &Grid<f32>,
        tolerance: f32,
        smallest: f32,
        scale: f32,
        watcher: &dyn Watcher,
    ) -> Result<Self, Cancelled> {
        let step = (2.0 * scale).round().max(1.0) as usize;
        let traced = polygon::outlines(mask, 0.5, step, watcher)?;
        let outlines: Vec<Polygon> = traced
            .iter()
            .filter(|p| polygon::area(p) > smallest * scale * scale)
            .map(|p| {
                check(watcher)?;
                Ok(polygon::simplified(p, tolerance * scale))
            })
            .collect::<Result<_, Cancelled>>()?;
        check(watcher)?;
        let cover = Mask::new(&polygon::filled(mask.width, mask.height, &outlines));
        check(watcher)?;
        Ok(Self { cover, outlines })
    }
}
