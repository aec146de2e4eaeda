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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_in_the_dark_are_lifted_and_nothing_else() {
        let face = Face {
            centre: [60.0, 50.0],
            unit: 30.0,
            across: [1.0, 0.0],
            mouth: 1.1,
            smile: 0.0,
            vague: false,
            glasses: None,
        };
        // A face of this lightness before a bright window.
        let lit = |light: f32| {
            let mut picture = Grid::from_fn(120, 120, |x, y| {
                let inside = face.outline(x as f32, y as f32) < 1.0;
                [if inside { light } else { 0.9 }, 0.02, 0.02]
            });
            fill(&mut picture, &[face], &[[light, 0.02, 0.02]]);
            (picture.at(60, 60)[0], picture.at(2, 2)[0])
        };
        let (skin, window) = lit(0.22);
        assert!((0.42..0.55).contains(&skin), "{skin}");
        assert!((window - 0.9).abs() < 1e-6, "{window}");
        // Dark by nature, in good light.
        let (skin, _) = lit(0.43);
        assert!((skin - 0.43).abs() < 1e-6, "{skin}");
    }
}
