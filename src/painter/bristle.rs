//! The trace of the brush's hairs: a seamless tile looked up along and across each stroke.

use std::sync::LazyLock;

use super::chance::{hash_at, unit};

/// Side of the tile.
const SIDE: usize = 256;

/// `[hairs, colour streaks]`, both 0–1 and evenly distributed.
static TILE: LazyLock<Vec<[f32; 2]>> = LazyLock::new(|| {
    let hairs = ranked(12.0, 1.0, 11);
    let streaks = ranked(18.0, 2.2, 12);
    hairs
        .into_iter()
        .zip(streaks)
        .map(|(h, s)| [h, s])
        .collect()
});

/// The tile at `along`, `across` in tile pixels (wrapped).
#[inline]
pub(super) fn at(tile: &[[f32; 2]], along: f32, across: f32) -> [f32; 2] {
    let x = (along as i32 as usize) & (SIDE - 1);
    let y = (across.floor() as i32 as usize) & (SIDE - 1);
    tile[y * SIDE + x]
}

/// The tile, for passing to [`at`].
pub(super) fn tile() -> &'static [[f32; 2]] {
    &TILE
}

/// White noise blurred along and across, wrapped, then replaced by its rank.
fn ranked(along: f32, across: f32, seed: u32) -> Vec<f32> {
    let noise: Vec<f32> = (0..SIDE * SIDE)
        .map(|i| unit(hash_at((i % SIDE) as i32, (i / SIDE) as i32, seed)))
        .collect();
    let blurred = wrapped(&wrapped(&noise, along, 1), across, SIDE);
    let mut order: Vec<usize> = (0..blurred.len()).collect();
    order.sort_unstable_by(|a, b| blurred[*a].total_cmp(&blurred[*b]));
    let mut out = vec![0.0; blurred.len()];
    for (rank, index) in order.into_iter().enumerate() {
        out[index] = rank as f32 / (SIDE * SIDE) as f32;
    }
    out
}

/// Gaussian along the axis with the given stride, wrapped at the tile's border.
fn wrapped(values: &[f32], sigma: f32, stride: usize) -> Vec<f32> {
    let radius = (3.0 * sigma).ceil() as isize;
    let kernel: Vec<f32> = (-radius..=radius)
        .map(|i| (-0.5 * (i as f32 / sigma).powi(2)).exp())
        .collect();
    let side = SIDE as isize;
    (0..values.len())
        .map(|i| {
            let (x, y) = ((i % SIDE) as isize, (i / SIDE) as isize);
            kernel
                .iter()
                .zip(-radius..)
                .map(|(k, d)| {
                    let (x, y) = if stride == 1 {
                        ((x + d).rem_euclid(side), y)
                    } else {
                        (x, (y + d).rem_euclid(side))
                    };
                    k * values[y as usize * SIDE + x as usize]
                })
                .sum()
        })
        .collect()
}
