//! The starry night behind the sitter.

use super::super::chance::{Dice, clouds, noise};
use super::super::grid::{Lab, mix_lab, smoothstep};
use super::super::study::Study;

/// A star wheel: centre and radius, pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Star {
    pub(super) at: [f32; 2],
    pub(super) radius: f32,
}

/// Up to five stars where the sky is wide enough.
pub(super) fn stars(study: &Study, seed: u32) -> Vec<Star> {
    let (w, h) = (study.raw.width as f32, study.raw.height as f32);
    let side = w.min(h);
    let mut dice = Dice::new(seed, 0x57a2);
    let mut stars: Vec<Star> = Vec::new();
    let most = if w.max(h) > 1.6 * side { 7 } else { 5 };
    for attempt in 0..260 {
        if stars.len() == most {
            break;
        }
        let radius = side
            * if stars.is_empty() && attempt < 120 {
                0.105
            } else {
                dice.between(0.055, 0.095)
            };
        let at = [
            dice.between(0.6 * radius, w - 0.6 * radius),
            dice.between(0.6 * radius, 0.8 * h),
        ];
        let clear = study.outside.near(at[0], at[1]) > 1.15 * radius;
        let apart = stars
            .iter()
            .all(|s| (s.at[0] - at[0]).hypot(s.at[1] - at[1]) > 1.35 * (s.radius + radius));
        if clear && apart {
            stars.push(Star { at, radius });
        }
    }
    stars
}

/// Clouds, bright bands and drifts of violet at a place (pixels at 768), each 0–1.
pub(super) fn weather(x: f32, y: f32, seed: u32) -> [f32; 3] {
    [
        clouds(x / 110.0, y / 110.0, seed ^ 0xa1),
        smoothstep(0.54, 0.74, clouds(x / 90.0 + 3.0, y / 46.0, seed ^ 0xa2)),
        noise(x / 60.0, y / 60.0, seed ^ 0xa3),
    ]
}

/// The night at a height (pixels at 768) and distance from the silhouette (shares of the side).
pub(super) fn sky(y: f32, [broad, band, drift]: [f32; 3], outside: f32) -> Lab {
    let q = 1.0 - (y / 768.0).clamp(0.0, 1.0);
    let moon = (-((outside - 0.02) / 0.05).powi(2)).exp();
    let l = 0.36 + 0.16 * (1.0 - q) + 0.46 * (broad - 0.5) + 0.26 * band + 0.10 * moon;
    let a = -0.022 + 0.06 * (drift - 0.5);
    let b = -0.125 + 0.12 * (l - 0.5).max(0.0) + 0.075 * band;
    [l.clamp(0.20, 0.86), a, b]
}

/// Adds a star's core, glow and rings to the sky.
pub(super) fn shine(sky: &mut Lab, star: &Star, x: f32, y: f32) {
    let d = (x - star.at[0]).hypot(y - star.at[1]);
    let r = star.radius;
    if d > 2.2 * r {
        return;
    }
    let glow = (-(d / (0.62 * r)).powi(2)).exp();
    let ripple = (9.0 * d / r).cos() * (-(d / (0.95 * r)).powi(2)).exp();
    sky[0] += 0.36 * glow + 0.07 * ripple;
    sky[1] += 0.02 * glow;
    sky[2] += 0.16 * glow + 0.035 * ripple;
    let core = 1.0 - smoothstep(0.16, 0.34, d / r);
    *sky = mix_lab(*sky, [0.93, 0.0, 0.105], core);
}
