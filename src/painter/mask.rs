//! Masks: shares from 0 to 1, a byte each.

use super::blur::blur;
use super::grid::Grid;
use super::{Cancelled, Watcher};

/// A share 0–1 for every pixel, in steps of 1/255: a quarter of the memory of floats, and finer than
/// anything that is decided by it.
#[derive(Clone, Debug)]
pub(super) struct Mask {
    pub(super) width: usize,
    pub(super) height: usize,
    shares: Grid<u8>,
}

impl Mask {
    /// A mask computed pixel by pixel, rows in parallel.
    pub(super) fn from_fn(
        width: usize,
        height: usize,
        f: impl Fn(usize, usize) -> f32 + Sync,
    ) -> Self {
        Self::of(Grid::from_fn(width, height, |x, y| byte(f(x, y))))
    }

    /// [`Mask::from_fn`] for slow functions: each row asks first whether it is still wanted.
    pub(super) fn watched(
        width: usize,
        height: usize,
        watcher: &dyn Watcher,
        f: impl Fn(usize, usize) -> f32 + Sync,
    ) -> Result<Self, Cancelled> {
        Grid::watched(width, height, watcher, |x, y| byte(f(x, y))).map(Self::of)
    }

    /// The mask of a grid of shares.
    pub(super) fn new(shares: &Grid<f32>) -> Self {
        Self::of(shares.map(byte))
    }

    /// A mask of the same shape computed from each share.
    pub(super) fn map(&self, f: impl Fn(f32) -> f32 + Sync) -> Self {
        Self::of(self.shares.map(|s| byte(f(share(s)))))
    }

    /// The share of a pixel.
    #[inline]
    pub(super) fn at(&self, x: usize, y: usize) -> f32 {
        share(self.shares.at(x, y))
    }

    /// The share nearest to a position, the border continued outwards.
    #[inline]
    pub(super) fn near(&self, x: f32, y: f32) -> f32 {
        share(self.shares.near(x, y))
    }

    /// Bilinear share between pixel centres, the border continued.
    #[inline]
    pub(super) fn sample(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.width - 1), (y0 + 1).min(self.height - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let top = self.at(x0, y0) * (1.0 - fx) + self.at(x1, y0) * fx;
        let bottom = self.at(x0, y1) * (1.0 - fx) + self.at(x1, y1) * fx;
        top * (1.0 - fy) + bottom * fy
    }

    /// The shares in row order.
    pub(super) fn shares(&self) -> impl Iterator<Item = f32> {
        self.shares.data.iter().map(|s| share(*s))
    }

    /// The mask as floats.
    pub(super) fn grid(&self) -> Grid<f32> {
        self.shares.map(share)
    }

    /// The mask blurred by `sigma` pixels.
    pub(super) fn blurred(&self, sigma: f32) -> Grid<f32> {
        blur(&self.grid(), sigma)
    }

    fn of(shares: Grid<u8>) -> Self {
        Self {
            width: shares.width,
            height: shares.height,
            shares,
        }
    }
}

#[inline]
fn byte(share: f32) -> u8 {
    (share * 255.0 + 0.5) as u8
}

#[inline]
fn share(byte: u8) -> f32 {
    f32::from(byte) * (1.0 / 255.0)
}
