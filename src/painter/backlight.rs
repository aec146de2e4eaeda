//! Fill light for sitters whom the light behind them leaves dark.
//!
//! A face has lights of its own, gleams and the whites of the eyes, and a shirt below it may be
//! white. In good light these are light on anybody, however dark the skin. Where nothing about the
//! faces is light, the picture was exposed for a window: then its shades are opened until the lights
//! of the faces are where they belong. All of a face is multiplied alike, so that dark skin stays
//! as dark beside its gleams as it was.

use super::face::Face;
use super::grid::{Grid, Lab, quantile, smoothstep};
use super::light::denoised;

/// L of a face's lights in soft but sufficient light: 0.71–0.91 on the sample portraits.
const LIT: f32 = 0.76;
/// L of such lights for the L of a white shirt beside them.
const SHIRT: f32 = 0.8;
/// Where the lights of the faces are darker than the first, fill light begins; darker than the
/// second, it brings them to [`LIT`].
const DIM: (f32, f32) = (0.70, 0.56);
/// The most that L is multiplied by: six times the light. More would show what the camera did not see.
const MOST: f32 = 1.82;
/// A face this much smaller than the first stands too far back to be exposed for.
const NEAR: f32 = 0.6;
/// From here on the amplified noise of the camera would steer the strokes.
const NOISY: f32 = 1.26;

/// Opens the shades if the faces need it. Says whether it did.
pub(super) fn fill_in(raw: &mut Grid<Lab>, faces: &[Face]) -> bool {
    let largest = faces.first().map_or(0.0, |f| f.unit);
    let lights = faces
        .iter()
        .filter(|f| f.unit > NEAR * largest)
        .map(|f| lights(raw, f))
        .fold(0.0, f32::max);
    let gain = gain(lights);
    if gain < 1.01 {
        return false;
    }
    let curve = Curve { gain, lights };
    for c in &mut raw.data {
        let k = curve.of(c[0]) / c[0].max(1e-4);
        *c = c.map(|v| v * k);
    }
    if gain > NOISY {
        *raw = denoised(raw, 0.02 * gain.powf(1.5) + 0.03);
    }
    true
}

/// What L is multiplied by where a picture's faces have such lights; 1 in good light.
fn gain(lights: f32) -> f32 {
    if lights <= 0.0 {
        return 1.0;
    }
    let full = (LIT / lights).clamp(1.0, MOST);
    1.0 + (full - 1.0) * smoothstep(DIM.0, DIM.1, lights)
}

/// The lights of a face as L, or what the shirt below it tells of them; 0 where nothing can be seen.
fn lights(raw: &Grid<Lab>, face: &Face) -> f32 {
    let (mut skin, mut shirt) = (Vec::new(), Vec::new());
    let look = |u: f32, v: f32, to: &mut Vec<f32>| {
        let [x, y] = face.pixel(u, v);
        let (w, h) = (raw.width as f32, raw.height as f32);
        if (0.0..w).contains(&x) && (0.0..h).contains(&y) {
            to.push(raw.near(x, y)[0]);
        }
    };
    for i in -20..=20 {
        for j in -20..=20 {
            let (u, v) = (i as f32 * 0.05, j as f32 * 0.05);
            // Well inside the outline: light from behind gilds the rim of a face.
            if u.hypot(v) < 0.75 {
                look(1.22 * u, 0.5 + 1.55 * v, &mut skin);
            }
            look(0.7 * u, 2.95 + 0.65 * v, &mut shirt);
        }
    }
    quantile(&mut skin, 0.9).max(SHIRT * quantile(&mut shirt, 0.9))
}

/// New L of each old one: multiplied up to the lights of the faces, from there bent to end at white.
struct Curve {
    gain: f32,
    lights: f32,
}

impl Curve {
    fn of(&self, light: f32) -> f32 {
        if light <= self.lights {
            return self.gain * light;
        }
        let knee = self.gain * self.lights;
        let t = (light - self.lights) / (1.0 - self.lights);
        // Leaves the knee as steep as it was reached.
        let steep = self.gain * (1.0 - self.lights) / (1.0 - knee);
        knee + (1.0 - knee) * steep * t / (1.0 + (steep - 1.0) * t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fill_light_neither_jumps_nor_turns_round() {
        for lights in [0.2_f32, 0.4, 0.55, 0.62, 0.66, 0.7, 0.9] {
            let gain = gain(lights);
            let curve = Curve { gain, lights };
            let mut before = 0.0;
            for i in 1..=200 {
                let now = curve.of(i as f32 / 200.0);
                let step = now - before;
                assert!(step > 0.0 && step < 0.005 * MOST + 1e-4, "{lights}: {step}");
                before = now;
            }
            assert!((before - 1.0).abs() < 1e-4, "white stays white");
        }
    }

    #[test]
    fn faces_in_good_light_get_none() {
        assert!((gain(0.71) - 1.0).abs() < 1e-6);
        assert!((gain(0.0) - 1.0).abs() < 1e-6);
        assert!(gain(0.5) > 1.4);
    }
}
