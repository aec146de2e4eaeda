//! What is behind the subject: one flat or dotted field, or two.

use super::super::chance::Dice;
use super::super::grid::Grid;
use super::zones::Zone;

/// What is behind the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backdrop {
    Yellow,
    Red,
    Blue,
    BlueDots,
    RedDots,
}

/// One or two backgrounds, parted by a slanting line `nx·x + ny·y = offset`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scenery {
    fields: [Backdrop; 2],
    normal: [f32; 2],
    offset: f32,
}

impl Scenery {
    /// A background that the subject stands out from, drawn by the seed.
    pub(super) fn drawn(zones: &Grid<Zone>, seed: u32) -> Self {
        // Yellow, red, what blue dots would be lost on, and flat blue.
        let mut counts = [0_usize; 4];
        let mut subject = 1_usize;
        for zone in &zones.data {
            subject += usize::from(*zone != Zone::Backdrop);
            match zone {
                Zone::Yellow | Zone::YellowHair => counts[0] += 1,
                Zone::Red | Zone::RedHair => counts[1] += 1,
                Zone::Grey | Zone::WhiteHair => counts[2] += 1,
                Zone::Blue => {
                    counts[2] += 1;
                    counts[3] += 1;
                }
                _ => {}
            }
        }
        let share = counts.map(|n| n as f32 / subject as f32);
        let mut choices = Vec::new();
        if share[0] < 0.06 {
            choices.extend([Backdrop::Yellow, Backdrop::Yellow]);
        }
        if share[1] < 0.08 {
            choices.extend([Backdrop::Red, Backdrop::RedDots]);
        }
        if share[2] < 0.22 {
            choices.push(Backdrop::BlueDots);
        }
        if share[3] < 0.06 {
            choices.push(Backdrop::Blue);
        }
        if choices.is_empty() {
            let rarest = (0..3)
                .min_by(|a, b| share[*a].total_cmp(&share[*b]))
                .unwrap_or(0);
            choices.push([Backdrop::Yellow, Backdrop::RedDots, Backdrop::BlueDots][rarest]);
        }
        let mut dice = Dice::new(seed, 0xbac);
        let first = choices[dice.below(choices.len())];
        let second = choices[dice.below(choices.len())];
        let (w, h) = (zones.width as f32, zones.height as f32);
        let angle = dice.between(0.9, 1.5) * if dice.unit() < 0.5 { 1.0 } else { -1.0 };
        let (s, c) = angle.sin_cos();
        let through = [w * dice.between(0.35, 0.65), h * dice.between(0.25, 0.5)];
        let whole = dice.unit() < 0.45;
        Self {
            fields: [first, if whole { first } else { second }],
            normal: [c, s],
            offset: c * through[0] + s * through[1],
        }
    }

    /// The field of a pixel and, where two differ, the distance to their border in pixels.
    pub(super) fn at(&self, x: f32, y: f32) -> (Backdrop, f32) {
        let d = self.normal[0] * x + self.normal[1] * y - self.offset;
        let far = if self.fields[0] == self.fields[1] {
            f32::MAX
        } else {
            d.abs()
        };
        (self.fields[usize::from(d > 0.0)], far)
    }
}
