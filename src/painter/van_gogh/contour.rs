//! The drawn contours.

use super::super::blur::blur;
use super::super::canvas::Canvas;
use super::super::flow::Axes;
use super::super::grid::{Grid, Lab, mix_lab, smoothstep};
use super::super::layer::{self, Layer, Motif};
use super::super::lines;
use super::super::mask::Mask;
use super::super::stroke::Touch;
use super::super::study::Study;
use super::super::{Cancelled, Watcher, check};
use super::TOUCH;

/// Dark blue lines round the forms, red-brown ones on skin.
pub(super) fn contour(
    canvas: &mut Canvas,
    study: &Study,
    target: &Grid<Lab>,
    axes: &Axes,
    night: &Mask,
    seed: u32,
    watcher: &dyn Watcher,
) -> Result<(), Cancelled> {
    let scale = study.scale;
    let side = 768.0 * scale;
    let line = {
        let light = target.map(|c| c[0]);
        let near = blur(&light, 1.6 * scale);
        check(watcher)?;
        let edges = blur(&light, 3.4 * scale).zip(&near, |far, near| far - near);
        drop((light, near));
        check(watcher)?;
        // Smoothed along the form: a contour is long, a speck is none.
        let lines = lines::along(watcher, &edges, &lines::headings(axes), 9.0 * scale)?;
        Mask::watched(target.width, target.height, watcher, |x, y| {
            let dark = smoothstep(0.016, 0.04, lines.at(x, y));
            let inner = dark * (1.0 - 0.5 * study.skin.at(x, y)) * (1.0 - night.at(x, y));
            let edge = study.outside.at(x, y).abs() / side;
            let outline = (1.0 - smoothstep(0.0015, 0.004, edge)) * study.trust;
            inner.max(outline)
        })?
    };
    let ink = |x: f32, y: f32, [l, a, b]: Lab| {
        let dark = [l.min(0.30), 0.3 * a - 0.01, 0.3 * b - 0.07];
        let brown = [(l - 0.12).min(0.42), a + 0.045, b + 0.05];
        mix_lab(dark, brown, smoothstep(0.3, 0.6, study.skin.near(x, y)))
    };
    let motif = Motif {
        target,
        axes,
        recolour: &ink,
        palette: &[],
        palette_light: 0.2,
        lights_last: 0.0,
        seed,
        liveliness: &|_, _| 1.0,
    };
    let layer = Layer {
        radius: 1.7,
        spacing: 3.6,
        length: (10.0, 26.0),
        threshold: 0.0,
        jitter: (0.03, 0.012),
        tolerance: 0.12,
        soften: 1.0,
        sway: 0.05,
        palette: (0.0, 0.06),
        touch: Touch {
            alpha: 0.8,
            height: 0.7,
            ..TOUCH
        },
    };
    layer::paint(
        canvas,
        &motif,
        &layer,
        4,
        |x, y| 0.85 * line.near(x, y),
        watcher,
    )
}
