//! Straight cuts through walls and clothes.

use super::super::chance::{Dice, hash};

/// A line, as the normal form `nx·x + ny·y = offset` in pixels.
#[derive(Clone, Copy, Debug)]
struct Cut {
    normal: [f32; 2],
    offset: f32,
}

/// A region cut by straight lines into facets.
#[derive(Clone, Debug)]
pub(super) struct Facets {
    cuts: Vec<Cut>,
    seed: u32,
}

impl Facets {
    /// `count` cuts through random places of a box (left, top, right, bottom).
    pub(super) fn new(seed: u32, stream: u32, count: usize, area: [f32; 4]) -> Self {
        let mut dice = Dice::new(seed, stream);
        let start = dice.between(0.0, std::f32::consts::PI);
        let cuts = (0..count)
            .map(|i| {
                // Angles spread over the half turn: parallel cuts look like a flag.
                let angle = start
                    + (i as f32 + dice.between(-0.3, 0.3)) * std::f32::consts::PI / count as f32;
                let (s, c) = angle.sin_cos();
                let at = [
                    dice.between(area[0], area[2]),
                    dice.between(area[1], area[3]),
                ];
                Cut {
                    normal: [c, s],
                    offset: c * at[0] + s * at[1],
                }
            })
            .collect();
        Self {
            cuts,
            seed: hash(seed ^ stream),
        }
    }

    /// The facet of a pixel and the distance to its nearest cut, pixels.
    #[inline]
    pub(super) fn at(&self, x: f32, y: f32) -> (u32, f32) {
        let (mut bits, mut near) = (1_u32, f32::MAX);
        for cut in &self.cuts {
            let d = cut.normal[0] * x + cut.normal[1] * y - cut.offset;
            bits = bits << 1 | u32::from(d > 0.0);
            near = near.min(d.abs());
        }
        (hash(bits ^ self.seed), near)
    }
}
