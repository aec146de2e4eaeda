//! Layers of strokes: where they start, how they follow the form, which colours they take.
//!
//! After Hertzmann (1998): coarse to fine, a stroke only where the canvas is still wrong; the
//! direction comes from a smoothed field instead of the raw gradient.

mod reference;
mod trace;

use rayon::prelude::*;

use super::blur::{Soft, soften_from};
use super::canvas::Canvas;
use super::chance::{hash, hash_at, unit};
use super::flow::Axes;
use super::grid::{Grid, Lab, mix};
use super::oklab::difference;
use super::stroke::{Stroke, Strokes, Touch};
use super::{Cancelled, Watcher, check};
use reference::{HALF_FROM, Reference};
use trace::trace;

/// One layer. Lengths in pixels at work size 768.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layer {
    /// Half-width of the strokes.
    pub(super) radius: f32,
    /// Distance between starting points.
    pub(super) spacing: f32,
    /// Shortest and longest stroke.
    pub(super) length: (f32, f32),
    /// A stroke is only laid where the canvas is wrong by more than this.
    pub(super) threshold: f32,
    /// Variation of L and of a, b from stroke to stroke.
    pub(super) jitter: (f32, f32),
    /// A stroke ends where the picture differs from its colour by more than this.
    pub(super) tolerance: f32,
    /// Blur of the picture that colours are taken from.
    pub(super) soften: f32,
    /// Variation of the direction, radians.
    pub(super) sway: f32,
    /// How far colours move to the palette, 0–1, and how near its entries must be.
    pub(super) palette: (f32, f32),
    /// How the paint goes on.
    pub(super) touch: Touch,
}

/// What a layer is painted after.
pub(super) struct Motif<'a> {
    /// The picture as the style wants it.
    pub(super) target: &'a Grid<Lab>,
    /// Directions of the strokes.
    pub(super) axes: &'a Axes,
    /// What becomes of a colour of the picture at a place, pixels, before it is painted.
    pub(super) recolour: &'a (dyn Fn(f32, f32, Lab) -> Lab + Sync),
    /// The style's paints.
    pub(super) palette: &'a [Lab],
    /// Weight of lightness when paints are compared.
    pub(super) palette_light: f32,
    /// How much later light strokes come than dark ones.
    pub(super) lights_last: f32,
    /// The painting's seed.
    pub(super) seed: u32,
    /// How much the colour of strokes varies, by place.
    pub(super) liveliness: &'a (dyn Fn(f32, f32) -> f32 + Sync),
}

/// Plans the layer on the canvas as it is and lays it. `chance` is the share of strokes wanted at a place.
pub(super) fn paint(
    canvas: &mut Canvas,
    motif: &Motif<'_>,
    layer: &Layer,
    number: u32,
    chance: impl Fn(f32, f32) -> f32 + Sync,
    watcher: &dyn Watcher,
) -> Result<(), Cancelled> {
    let scale = canvas.scale;
    check(watcher)?;
    let reference = Reference::new(motif.target, layer.soften * scale);
    check(watcher)?;
    let seen = (layer.threshold > 0.0)
        .then(|| soften_from(&canvas.colour, layer.soften.max(1.2) * scale, HALF_FROM));
    check(watcher)?;
    let strokes = plan(
        &reference,
        seen.as_ref(),
        motif,
        layer,
        (number, scale),
        &chance,
        watcher,
    )?;
    drop((reference, seen));
    canvas.lay(&strokes, &layer.touch, watcher)
}

fn plan(
    reference: &Reference<'_>,
    seen: Option<&Soft<Lab>>,
    motif: &Motif<'_>,
    layer: &Layer,
    (number, scale): (u32, f32),
    chance: &(impl Fn(f32, f32) -> f32 + Sync),
    watcher: &dyn Watcher,
) -> Result<Strokes, Cancelled> {
    let spacing = (layer.spacing * scale).max(1.2);
    let columns = (motif.target.width as f32 / spacing).ceil() as i32 + 1;
    let rows = (motif.target.height as f32 / spacing).ceil() as i32 + 1;
    let seed = hash(motif.seed ^ number.wrapping_mul(0x9e37_79b9));
    let picture = |x: f32, y: f32| (motif.recolour)(x, y, reference.near(x, y));
    let planned: Vec<Strokes> = (0..rows)
        .into_par_iter()
        .map(|row| {
            let mut strokes = Strokes::default();
            // A cancelled plan is thrown away below: its rows may as well be empty.
            let columns = if watcher.is_cancelled() { 0 } else { columns };
            for column in 0..columns {
                let dice = hash_at(column, row, seed);
                let part = |n: u32| unit(hash(dice.wrapping_add(n.wrapping_mul(0x85eb_ca6b))));
                let x = (column as f32 + part(1) - 0.5) * spacing;
                let y = (row as f32 + part(2) - 0.5) * spacing;
                if part(3) >= chance(x, y) {
                    continue;
                }
                let colour = picture(x, y);
                if seen.is_some_and(|seen| difference(seen.near(x, y), colour) <= layer.threshold) {
                    continue;
                }
                let length = mix(layer.length.0, layer.length.1, part(4)) * scale;
                let sway = (part(5) - 0.5) * 2.0 * layer.sway;
                let radius = (layer.radius * scale).max(0.7) * (0.85 + 0.3 * part(6));
                let (line, count) = trace(&picture, motif, [x, y], layer, length, radius, sway);
                let live = (motif.liveliness)(x, y);
                let shift = (part(7) - 0.5) * 2.0 * layer.jitter.0 * live;
                let mut colours = [colour; 2];
                for (paint, n) in colours.iter_mut().zip([20, 30]) {
                    paint[0] += shift + (part(n) - 0.5) * layer.jitter.0 * 0.4 * live;
                    paint[1] += (part(n + 1) - 0.5) * 2.0 * layer.jitter.1 * live;
                    paint[2] += (part(n + 2) - 0.5) * 2.0 * layer.jitter.1 * live;
                    drawn(paint, motif, layer, part(n + 3));
                }
                let stroke = Stroke {
                    first: 0,
                    count: 0,
                    radius,
                    colours,
                    seed: hash(dice ^ 0x1234),
                    order: part(8) + motif.lights_last * colours[0][0],
                };
                strokes.push(stroke, &line[..count]);
            }
            strokes
        })
        .collect();
    check(watcher)?;
    let mut strokes = Strokes::default();
    strokes
        .list
        .reserve_exact(planned.iter().map(|p| p.list.len()).sum());
    strokes
        .points
        .reserve_exact(planned.iter().map(|p| p.points.len()).sum());
    for row in planned {
        strokes.append(&row);
    }
    // Equal orders keep the order of planning.
    strokes
        .list
        .par_sort_unstable_by(|a, b| a.order.total_cmp(&b.order).then(a.first.cmp(&b.first)));
    Ok(strokes)
}

/// Moves a colour towards one of the paints near it, drawn by chance: neighbouring strokes differ
/// in hue and mix in the eye.
fn drawn(colour: &mut Lab, motif: &Motif<'_>, layer: &Layer, chance: f32) {
    let (pull, nearness) = layer.palette;
    if pull <= 0.0 || motif.palette.is_empty() {
        return;
    }
    let weight = |paint: &Lab| {
        let d = [
            paint[0] - colour[0],
            paint[1] - colour[1],
            paint[2] - colour[2],
        ];
        let squared = motif.palette_light * d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
        (-squared / (2.0 * nearness * nearness)).exp()
    };
    let total: f32 = motif.palette.iter().map(weight).sum();
    if total < 1e-6 {
        return;
    }
    let mut left = chance * total;
    let mut choice = motif.palette[0];
    for paint in motif.palette {
        choice = *paint;
        left -= weight(paint);
        if left <= 0.0 {
            break;
        }
    }
    // Far from every paint the colour keeps itself.
    let pull = pull * (total * 1.5).min(1.0);
    colour[0] = mix(colour[0], choice[0], 0.35 * pull);
    colour[1] = mix(colour[1], choice[1], pull);
    colour[2] = mix(colour[2], choice[2], pull);
}
