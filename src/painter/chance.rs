//! Repeatable chance: integer hashes of place and seed, and the noise made from them.

/// Mixes 32 bits well (the "lowbias32" constants of Chris Wellons).
#[inline]
pub(super) fn hash(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x7feb_352d);
    x ^= x >> 15;
    x = x.wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

/// Hash of a place under a seed.
#[inline]
pub(super) fn hash_at(x: i32, y: i32, seed: u32) -> u32 {
    hash((x as u32) ^ hash((y as u32) ^ hash(seed)))
}

/// 0–1 from a hash.
#[inline]
pub(super) fn unit(hash: u32) -> f32 {
    (hash >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// Smooth noise 0–1 with features about one unit wide.
#[inline]
pub(super) fn noise(x: f32, y: f32, seed: u32) -> f32 {
    let (x0, y0) = (x.floor(), y.floor());
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (fx, fy) = (ease(x - x0), ease(y - y0));
    let (ix, iy) = (x0 as i32, y0 as i32);
    let corner = |dx: i32, dy: i32| unit(hash_at(ix.wrapping_add(dx), iy.wrapping_add(dy), seed));
    let top = corner(0, 0) + (corner(1, 0) - corner(0, 0)) * fx;
    let bottom = corner(0, 1) + (corner(1, 1) - corner(0, 1)) * fx;
    top + (bottom - top) * fy
}

/// Two octaves of [`noise`], stretched so that it fills 0–1.
#[inline]
pub(super) fn clouds(x: f32, y: f32, seed: u32) -> f32 {
    let v = 0.66 * noise(x, y, seed) + 0.34 * noise(2.1 * x + 9.2, 2.1 * y - 4.7, seed ^ 0x51ed);
    ((v - 0.5) * 1.45 + 0.5).clamp(0.0, 1.0)
}

/// A sequence of random numbers for decisions that are made one after the other.
#[derive(Clone, Debug)]
pub(super) struct Dice(u32);

impl Dice {
    /// A sequence of its own for each purpose (`stream`) of a seed.
    pub(super) fn new(seed: u32, stream: u32) -> Self {
        Self(hash(seed ^ hash(stream.wrapping_add(0x9e37_79b9))))
    }

    /// The next 32 bits.
    pub(super) fn bits(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9);
        hash(self.0)
    }

    /// 0–1.
    pub(super) fn unit(&mut self) -> f32 {
        unit(self.bits())
    }

    /// Between `lo` and `hi`.
    pub(super) fn between(&mut self, lo: f32, hi: f32) -> f32 {
        lo + (hi - lo) * self.unit()
    }

    /// A whole number below `count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f32) as usize).min(count.saturating_sub(1))
    }
}

/// The 32 bits of a painting's seed that the hashes work with.
pub(super) fn fold(seed: u64) -> u32 {
    hash(seed as u32 ^ hash((seed >> 32) as u32 ^ 0x5bd1_e995))
}
