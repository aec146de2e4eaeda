//! Rows as they come → a picture a whole number of times smaller: PNG cannot be decoded at a smaller scale.

use super::super::Inks;

/// Averages squares of pixels on the sRGB values as they stand, as JPEG's reduced decoding does.
pub(super) struct Shrink {
    inks: Inks,
    /// The side of the squares. At 1 pixels are put where they belong and nothing is counted.
    factor: u32,
    source: (u32, u32),
    size: (u32, u32),
    samples: Vec<u8>,
    /// The sum of each square, of which all begin white: interlaced rows come in no order, and what never
    /// comes is not part of the frame.
    sums: Vec<u32>,
}

/// Shorter sides than this are never asked for; and so no sum exceeds 32 bits.
const LEAST_PX: u32 = 64;

impl Shrink {
    /// By how much a picture of that size is shrunk: its longest side is still at least `wanted_px`.
    fn factor((width, height): (u32, u32), wanted_px: Option<u32>) -> u32 {
        let longest = width.max(height);
        wanted_px.map_or(1, |px| (longest / px.max(LEAST_PX)).max(1))
    }

    /// Most memory in bytes that it takes for a picture of that size.
    pub(super) fn memory(source: (u32, u32), wanted_px: Option<u32>) -> u64 {
        let factor = Self::factor(source, wanted_px);
        let bytes_each = if factor == 1 { 3 } else { 3 + 3 * 4 };
        let (width, height) = (source.0.div_ceil(factor), source.1.div_ceil(factor));
        u64::from(width) * u64::from(height) * bytes_each
    }

    /// White, until rows come.
    pub(super) fn new(inks: Inks, source: (u32, u32), wanted_px: Option<u32>) -> Self {
        let factor = Self::factor(source, wanted_px);
        let size = (source.0.div_ceil(factor), source.1.div_ceil(factor));
        let samples = size.0 as usize * size.1 as usize * inks.samples();
        let mut shrink = Self {
            inks,
            factor,
            source,
            size,
            samples: vec![255; if factor == 1 { samples } else { 0 }],
            sums: vec![255; if factor == 1 { 0 } else { samples }],
        };
        for at in 0..shrink.sums.len() {
            shrink.sums[at] *= shrink.pixels_of(at);
        }
        shrink
    }

    /// Takes pixels of row `y`, at `x`, `x + step`, `x + 2 step`, ...; each but once.
    pub(super) fn add(&mut self, (x, y): (u32, u32), step: u32, row: &[u8]) {
        let samples = self.inks.samples();
        let line = (y / self.factor) as usize * self.size.0 as usize;
        if self.factor == 1 && step == 1 {
            let from = (line + x as usize) * samples;
            self.samples[from..from + row.len()].copy_from_slice(row);
            return;
        }
        for (pixel, x) in row.chunks_exact(samples).zip((x..).step_by(step as usize)) {
            let at = (line + (x / self.factor) as usize) * samples;
            if self.factor == 1 {
                self.samples[at..at + samples].copy_from_slice(pixel);
            } else {
                for (sum, &sample) in self.sums[at..].iter_mut().zip(pixel) {
                    *sum -= u32::from(255 - sample);
                }
            }
        }
    }

    /// The samples and their size.
    pub(super) fn finish(mut self) -> (Vec<u8>, (u32, u32)) {
        if self.factor > 1 {
            let mean = |(at, sum): (usize, &u32)| {
                let count = self.pixels_of(at);
                ((sum + count / 2) / count) as u8
            };
            self.samples = self.sums.iter().enumerate().map(mean).collect();
        }
        (self.samples, self.size)
    }

    /// How many pixels the square behind `sums[at]` has: fewer at the right and at the bottom.
    fn pixels_of(&self, at: usize) -> u32 {
        let square = (at / self.inks.samples()) as u32;
        let (x, y) = (square % self.size.0, square / self.size.0);
        let side = |at: u32, all: u32| self.factor.min(all - at * self.factor);
        side(x, self.source.0) * side(y, self.source.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_become_their_mean_and_those_at_the_edge_too() {
        let mut shrink = Shrink::new(Inks::Grey, (130, 3), Some(64));
        for y in 0..3 {
            let row: Vec<u8> = (0..130).map(|x| x as u8 + y).collect();
            shrink.add((0, y.into()), 1, &row);
        }
        let (samples, size) = shrink.finish();
        assert_eq!(size, (65, 2));
        // Of x, x + 1, x + 1, x + 2; then of x + 2, x + 3.
        assert_eq!((samples[0], samples[64]), (1, 129));
        assert_eq!((samples[65], samples[129]), (3, 131));
    }

    #[test]
    fn rows_come_in_any_order_and_what_does_not_come_is_white() {
        for wanted_px in [None, Some(64)] {
            let mut shrink = Shrink::new(Inks::Rgb, (256, 256), wanted_px);
            for y in (0..128).rev() {
                for x in [1, 0] {
                    shrink.add((x, y), 2, &[7; 64 * 3]);
                }
            }
            let (samples, (width, _)) = shrink.finish();
            let at = |x: usize, y: usize| samples[(y * width as usize + x) * 3];
            let last = width as usize / 2 - 1;
            assert_eq!((at(0, 0), at(last, last)), (7, 7));
            assert_eq!((at(last + 1, 0), at(0, last + 1)), (255, 255));
        }
    }

    #[test]
    fn the_longest_side_stays_long_enough() {
        for (source, size) in [
            ((639, 64), (639, 64)),
            ((640, 64), (320, 32)),
            ((64, 5000), (5, 334)),
        ] {
            assert_eq!(Shrink::new(Inks::Grey, source, Some(320)).finish().1, size);
        }
    }
}
