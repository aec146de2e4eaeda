//! Fill light: a face against the light is lifted as a reflector would, before anybody paints it.

use super::face::Face;
use super::grid::{Grid, Lab, mix, smoothstep};

/// Median L of a face's skin: below the first it surely stands in the dark, above the second it may
/// be as dark as that by nature (the darkest sitter in good light has 0.42).
const SHADED: (f32, f32) = (0.30, 0.40);
/// The L that the skin of a face in the dark is lifted towards.
const WANTED: f32 = 0.54;

/// Lifts the faces that stand in the dark, each with its hair and neck, and not the light behind it.
/// `tones` are the median skin colours of the faces.
pub(super) fn fill(raw: &mut Grid<Lab>, faces: &[Face], tones: &[Lab]) {
    for (face, tone) in faces.iter().zip(tones) {
        let need = 0.85 * smoothstep(SHADED.1, SHADED.0, tone[0]);
        if need <= 0.0 {
            continue;
        }
        let from = tone[0].clamp(0.05, 0.95);
        let gamma = (mix(from, WANTED, need).ln() / from.ln()).clamp(0.35, 1.0);
        raw.fill_rows(|y, row| {
            for (x, c) in row.iter_mut().enumerate() {
                let near = smoothstep(2.2, 1.15, face.outline(x as f32, y as f32));
                let dark = smoothstep(from + 0.35, from + 0.12, c[0]);
                let share = near * dark;
                if share > 0.0 && c[0] > 0.0 {
                    let lifted = c[0].powf(mix(1.0, gamma, share));
                    // Light makes a colour lighter and stronger alike.
                    let gain = lifted / c[0].max(0.02);
                    *c = [lifted, c[1] * gain, c[2] * gain];
                }
            }
        });
    }
}
