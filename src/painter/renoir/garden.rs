//! The dappled garden behind the sitter.

use super::super::canvas::Canvas;
use super::super::chance::{clouds, noise};
use super::super::grid::{Lab, mix, mix_lab, smoothstep};
use super::super::layer::{self, Layer, Motif};
use super::super::mask::Mask;
use super::super::stroke::Touch;
use super::super::{Cancelled, Watcher};

/// What lies over everything: the garden's colour, patches of sun, and broken colour.
pub(super) fn air(x: f32, y: f32, seed: u32) -> [f32; 7] {
    let sun = dapple(x, y, seed);
    let [l, a, b] = foliage(x, y, sun, seed);
    let around = |size: f32, salt: u32| noise(x / size, y / size, seed ^ salt) - 0.5;
    [
        l,
        a,
        b,
        sun,
        around(34.0, 0xc1),
        around(40.0, 0xc2),
        around(38.0, 0xc3),
    ]
}

/// Light dabs of leaves over the garden.
pub(super) fn leaves(
    canvas: &mut Canvas,
    motif: &Motif<'_>,
    garden: &Mask,
    watcher: &dyn Watcher,
) -> Result<(), Cancelled> {
    let motif = Motif {
        recolour: &|_, _, [l, a, b]| [(l + 0.085).min(0.95), a * 1.15, b * 1.15],
        ..*motif
    };
    let (scale, seed) = (canvas.scale, motif.seed);
    let layer = Layer {
        radius: 3.7,
        spacing: 9.0,
        length: (10.0, 26.0),
        threshold: 0.0,
        jitter: (0.05, 0.02),
        tolerance: 0.3,
        soften: 3.0,
        sway: 0.3,
        palette: (0.6, 0.06),
        touch: Touch {
            alpha: 0.7,
            feather: Some(0.6),
            taper: 0.8,
            dry: 0.0,
            bristle: 0.3,
            comb: 0.6,
            height: 0.6,
        },
    };
    // In tufts: leaves scattered evenly look like rain.
    let chance = |x: f32, y: f32| {
        let tuft = clouds(x / (70.0 * scale), y / (70.0 * scale), seed ^ 0xe1);
        0.75 * smoothstep(0.42, 0.75, tuft) * smoothstep(0.8, 1.0, garden.near(x, y))
    };
    layer::paint(canvas, &motif, &layer, 6, chance, watcher)
}

/// Patches of sun, 0–1.
fn dapple(x: f32, y: f32, seed: u32) -> f32 {
    let patch = clouds(x / 58.0, y / 50.0, seed ^ 0xb1);
    let glade = clouds(x / 210.0, y / 210.0, seed ^ 0xb2);
    smoothstep(0.50, 0.80, patch) * smoothstep(0.42, 0.68, glade)
}

/// The garden.
fn foliage(x: f32, y: f32, sun: f32, seed: u32) -> Lab {
    let q = (y / 768.0).clamp(0.0, 1.0);
    let l = 0.49
        + 0.20 * q
        + 0.40 * (clouds(x / 150.0, y / 150.0, seed ^ 0xb3) - 0.5)
        + 0.14 * (noise(x / 62.0, y / 62.0, seed ^ 0xb4) - 0.5);
    let violet = smoothstep(0.36, 0.66, clouds(x / 120.0, y / 135.0, seed ^ 0xb5));
    let green = clouds(x / 75.0, y / 75.0, seed ^ 0xb6);
    let leaf = [l, -0.058 + 0.02 * green, 0.030 + 0.045 * green];
    let shade = [l, 0.014, -0.068];
    let ground = mix_lab(leaf, shade, violet);
    let rose = noise(x / 80.0, y / 80.0, seed ^ 0xb7);
    mix_lab(
        ground,
        [
            (l + 0.25).min(0.93),
            mix(0.005, 0.04, rose),
            mix(0.055, 0.028, rose),
        ],
        0.85 * sun,
    )
}
