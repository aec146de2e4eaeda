//! Rectangles of numbers, the one container every pass reads and writes.

use rayon::prelude::*;

use super::{Cancelled, Watcher, check};

/// Oklab colour `[L, a, b]`: L 0–1, a and b about ±0.3.
pub(super) type Lab = [f32; 3];

/// A `width × height` rectangle in row order. Never empty.
#[derive(Clone, Debug)]
pub(super) struct Grid<T> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) data: Vec<T>,
}

/// One element of a [`Grid`] made of `f32` channels, so that filters can see a row as plain floats.
pub(super) trait Texel: Copy + Default + Send + Sync {
    /// Channels per element.
    const CHANNELS: usize;
    /// The elements as interleaved channels.
    fn flat(row: &[Self]) -> &[f32];
    /// The elements as interleaved channels, writable.
    fn flat_mut(row: &mut [Self]) -> &mut [f32];
    /// `self + k·other`, channel by channel.
    fn plus(self, other: Self, k: f32) -> Self;
}

impl Texel for f32 {
    const CHANNELS: usize = 1;
    fn flat(row: &[Self]) -> &[f32] {
        row
    }
    fn flat_mut(row: &mut [Self]) -> &mut [f32] {
        row
    }
    #[inline]
    fn plus(self, other: Self, k: f32) -> Self {
        self + k * other
    }
}

impl<const N: usize> Texel for [f32; N]
where
    [f32; N]: Default,
{
    const CHANNELS: usize = N;
    fn flat(row: &[Self]) -> &[f32] {
        row.as_flattened()
    }
    fn flat_mut(row: &mut [Self]) -> &mut [f32] {
        row.as_flattened_mut()
    }
    #[inline]
    fn plus(mut self, other: Self, k: f32) -> Self {
        for (mine, theirs) in self.iter_mut().zip(other) {
            *mine += k * theirs;
        }
        self
    }
}

impl<T: Copy + Default + Send + Sync> Grid<T> {
    /// A grid of one value.
    pub(super) fn filled(width: usize, height: usize, value: T) -> Self {
        Self {
            width,
            height,
            data: vec![value; width * height],
        }
    }

    /// A grid computed element by element, rows in parallel.
    pub(super) fn from_fn(
        width: usize,
        height: usize,
        f: impl Fn(usize, usize) -> T + Sync,
    ) -> Self {
        let mut grid = Self::filled(width, height, T::default());
        grid.fill_rows(|y, row| {
            for (x, value) in row.iter_mut().enumerate() {
                *value = f(x, y);
            }
        });
        grid
    }

    /// [`Grid::from_fn`] for slow functions: each row asks first whether it is still wanted.
    pub(super) fn watched(
        width: usize,
        height: usize,
        watcher: &dyn Watcher,
        f: impl Fn(usize, usize) -> T + Sync,
    ) -> Result<Self, Cancelled> {
        let mut grid = Self::filled(width, height, T::default());
        grid.fill_watched(watcher, |y, row| {
            for (x, value) in row.iter_mut().enumerate() {
                *value = f(x, y);
            }
        })?;
        Ok(grid)
    }

    /// [`Grid::fill_rows`] for slow functions: each row asks first whether it is still wanted.
    pub(super) fn fill_watched(
        &mut self,
        watcher: &dyn Watcher,
        f: impl Fn(usize, &mut [T]) + Sync,
    ) -> Result<(), Cancelled> {
        self.fill_rows(|y, row| {
            if !watcher.is_cancelled() {
                f(y, row);
            }
        });
        check(watcher)
    }

    /// Overwrites the grid row by row, in parallel.
    pub(super) fn fill_rows(&mut self, f: impl Fn(usize, &mut [T]) + Sync) {
        self.data
            .par_chunks_mut(self.width)
            .enumerate()
            .for_each(|(y, row)| f(y, row));
    }

    /// A grid of the same shape computed from each element.
    pub(super) fn map<U: Copy + Default + Send + Sync>(
        &self,
        f: impl Fn(T) -> U + Sync,
    ) -> Grid<U> {
        let mut out = Grid::filled(self.width, self.height, U::default());
        out.fill_rows(|y, row| {
            for (to, from) in row.iter_mut().zip(self.row(y)) {
                *to = f(*from);
            }
        });
        out
    }

    /// A grid of the same shape computed from each pair of elements.
    pub(super) fn zip<V, U>(&self, other: &Grid<V>, f: impl Fn(T, V) -> U + Sync) -> Grid<U>
    where
        V: Copy + Default + Send + Sync,
        U: Copy + Default + Send + Sync,
    {
        debug_assert_eq!((self.width, self.height), (other.width, other.height));
        let mut out = Grid::filled(self.width, self.height, U::default());
        out.fill_rows(|y, row| {
            for ((to, a), b) in row.iter_mut().zip(self.row(y)).zip(other.row(y)) {
                *to = f(*a, *b);
            }
        });
        out
    }

    /// One row.
    pub(super) fn row(&self, y: usize) -> &[T] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    /// The element at a position inside the grid.
    #[inline]
    pub(super) fn at(&self, x: usize, y: usize) -> T {
        self.data[y * self.width + x]
    }

    /// The element nearest to a position, the border continued outwards.
    #[inline]
    pub(super) fn near(&self, x: f32, y: f32) -> T {
        let x = (x.max(0.0) as usize).min(self.width - 1);
        let y = (y.max(0.0) as usize).min(self.height - 1);
        self.at(x, y)
    }

    /// The element at integer coordinates, the border continued outwards.
    #[inline]
    pub(super) fn clamped(&self, x: isize, y: isize) -> T {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.at(x, y)
    }
}

impl<T: Texel> Grid<T> {
    /// Bilinear value between element centres (element `i` is centred on `i`), the border continued.
    #[inline]
    pub(super) fn sample(&self, x: f32, y: f32) -> T {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.width - 1), (y0 + 1).min(self.height - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        T::default()
            .plus(self.at(x0, y0), (1.0 - fx) * (1.0 - fy))
            .plus(self.at(x1, y0), fx * (1.0 - fy))
            .plus(self.at(x0, y1), (1.0 - fx) * fy)
            .plus(self.at(x1, y1), fx * fy)
    }

    /// Half the size (rounded up), each element the mean of its four.
    pub(super) fn halved(&self) -> Self {
        Self::from_fn(self.width.div_ceil(2), self.height.div_ceil(2), |x, y| {
            let (x0, y0) = (2 * x, 2 * y);
            let (x1, y1) = ((x0 + 1).min(self.width - 1), (y0 + 1).min(self.height - 1));
            T::default()
                .plus(self.at(x0, y0), 0.25)
                .plus(self.at(x1, y0), 0.25)
                .plus(self.at(x0, y1), 0.25)
                .plus(self.at(x1, y1), 0.25)
        })
    }

    /// Any other size, bilinear; meant for masks and fields, not for shrinking pictures.
    pub(super) fn resized(&self, width: usize, height: usize) -> Self {
        let (kx, ky) = (
            self.width as f32 / width as f32,
            self.height as f32 / height as f32,
        );
        Self::from_fn(width, height, |x, y| {
            self.sample((x as f32 + 0.5) * kx - 0.5, (y as f32 + 0.5) * ky - 0.5)
        })
    }
}

/// Hermite step: 0 below `lo`, 1 above `hi`.
#[inline]
pub(super) fn smoothstep(lo: f32, hi: f32, x: f32) -> f32 {
    let t = ((x - lo) / (hi - lo)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Linear blend from `a` (at 0) to `b` (at 1).
#[inline]
pub(super) fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// Linear blend of colours.
#[inline]
pub(super) fn mix_lab(a: Lab, b: Lab, t: f32) -> Lab {
    [mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)]
}

/// The `share` quantile (0–1) of some values; 0 when there are none.
pub(super) fn quantile(values: &mut [f32], share: f32) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let index = ((values.len() - 1) as f32 * share.clamp(0.0, 1.0)).round() as usize;
    *values.select_nth_unstable_by(index, f32::total_cmp).1
}
