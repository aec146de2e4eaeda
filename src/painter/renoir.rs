//! In the manner of Pierre-Auguste Renoir about 1876–1881: pearly skin, feathery dabs, no black and
//! no outline, blue-violet shadows, a green and violet garden dappled with pink and cream light.

mod colour;
mod garden;

use image::RgbImage;

use super::blur::soften;
use super::canvas::{self, Canvas, Lamp};
use super::chance::noise;
use super::coarse::Coarse;
use super::flow::{Axes, Tensor, Unit, axis};
use super::grid::{Grid, Lab, mix, mix_lab, smoothstep};
use super::layer::{self, Layer, Motif};
use super::light::{Tone, toned};
use super::mask::Mask;
use super::oklab::hex;
use super::stroke::Touch;
use super::study::Study;
use super::{Cancelled, Watcher, check, portrait};
use colour::{flesh_tone, pearly, tinted};
use garden::{air, leaves};

/// Lights and flesh, shadows, foliage.
const PALETTE: [u32; 22] = [
    0xf6ead0, 0xf0d9a0, 0xefdf8a, 0xefc3a0, 0xf5dcd2, 0xe3a19a, 0xb8505a, 0xcf6a4a, 0xc49a5c,
    0x7a5a48, 0x7d6f9f, 0xa9a3c8, 0x4f72ad, 0x9fbcd6, 0x39508f, 0x5a6b8a, 0x33406a, 0x3f7d6c,
    0x6fa584, 0x8fae6a, 0x87895a, 0xa9bda0,
];

const LAMP: Lamp = Lamp {
    relief: 0.9,
    gloss: 0.05,
};

/// Paints the study.
pub(super) fn paint(
    study: &Study,
    seed: u32,
    watcher: &dyn Watcher,
) -> Result<RgbImage, Cancelled> {
    let scale = study.scale;
    let garden = study
        .background
        .map(|b| smoothstep(0.35, 0.7, b * study.trust));
    let target = target(study, &garden, seed, watcher)?;
    watcher.progress(0.06, None);
    check(watcher)?;
    let axes = directions(study, &target, &garden, seed, watcher)?;
    check(watcher)?;
    let detail = portrait::detail(study, &target, watcher)?;
    watcher.progress(0.10, None);
    check(watcher)?;

    let palette = PALETTE.map(hex);
    let liveliness = |x: f32, y: f32| 1.0 + 0.8 * garden.near(x, y) - 0.45 * study.skin.near(x, y);
    let motif = Motif {
        target: &target,
        axes: &axes,
        palette: &palette,
        palette_light: 0.3,
        lights_last: 0.3,
        seed,
        recolour: &|_, _, c| c,
        liveliness: &liveliness,
    };
    let ground = soften(&target, 9.0 * scale);
    let mut canvas = Canvas::new(
        Grid::from_fn(target.width, target.height, |x, y| {
            let [l, a, b] = ground.at(x, y);
            [l * 0.93 + 0.03, a, b]
        }),
        scale,
    );
    let touch = |alpha, feather| Touch {
        alpha,
        feather: Some(feather),
        taper: 0.75,
        dry: 0.0,
        bristle: 0.35,
        comb: 0.75,
        height: 0.5,
    };
    let layer = |radius, spacing, length, touch, threshold, sway, palette, jitter, soften| Layer {
        radius,
        spacing,
        length,
        threshold,
        jitter,
        tolerance: 0.11,
        soften,
        sway,
        palette,
        touch,
    };
    let first = layer(
        11.0,
        15.0,
        (30.0, 90.0),
        touch(0.85, 0.55),
        0.0,
        0.15,
        (0.6, 0.055),
        (0.06, 0.025),
        6.0,
    );
    layer::paint(&mut canvas, &motif, &first, 1, |_, _| 1.0, watcher)?;
    watcher.progress(0.25, Some(&canvas::plain(&canvas.colour)));
    let second = layer(
        6.5,
        9.0,
        (18.0, 56.0),
        touch(0.8, 0.5),
        0.0,
        0.13,
        (0.6, 0.055),
        (0.05, 0.02),
        3.5,
    );
    layer::paint(&mut canvas, &motif, &second, 2, |_, _| 1.0, watcher)?;
    watcher.progress(0.45, Some(&canvas::plain(&canvas.colour)));
    let third = layer(
        4.2,
        6.2,
        (13.0, 34.0),
        touch(0.72, 0.6),
        0.0,
        0.18,
        (0.5, 0.05),
        (0.035, 0.014),
        2.0,
    );
    layer::paint(
        &mut canvas,
        &motif,
        &third,
        3,
        |x, y| 1.0 - 0.35 * garden.near(x, y),
        watcher,
    )?;
    watcher.progress(0.65, Some(&canvas::plain(&canvas.colour)));
    let fourth = layer(
        2.6,
        4.2,
        (8.0, 22.0),
        touch(0.8, 0.45),
        0.02,
        0.15,
        (0.3, 0.05),
        (0.02, 0.008),
        1.2,
    );
    layer::paint(
        &mut canvas,
        &motif,
        &fourth,
        4,
        |x, y| detail.near(x, y),
        watcher,
    )?;
    watcher.progress(0.78, Some(&canvas::plain(&canvas.colour)));
    let fifth = layer(
        1.5,
        2.6,
        (4.0, 11.0),
        touch(0.85, 0.4),
        0.03,
        0.1,
        (0.0, 0.05),
        (0.012, 0.004),
        0.6,
    );
    layer::paint(
        &mut canvas,
        &motif,
        &fifth,
        5,
        |x, y| 1.6 * detail.near(x, y) - 0.6,
        watcher,
    )?;
    watcher.progress(0.88, Some(&canvas::plain(&canvas.colour)));
    leaves(&mut canvas, &motif, &garden, watcher)?;
    glow(&mut canvas);
    check(watcher)?;
    watcher.progress(0.95, None);
    Ok(canvas.lit(LAMP))
}

/// The motif in his colours.
fn target(
    study: &Study,
    garden: &Mask,
    seed: u32,
    watcher: &dyn Watcher,
) -> Result<Grid<Lab>, Cancelled> {
    let tone = Tone {
        low: 0.34,
        high: 0.95,
        middle: 0.68,
        local: 0.22,
        reach: 40.0,
    };
    let mut target = toned(&study.raw, tone, study.scale);
    check(watcher)?;
    portrait::keep_company(study, &mut target, 0.5);
    portrait::keep_skin(study, &mut target, (0.97, 0.006), watcher)?;
    let scale = study.scale;
    let flat = portrait::flatness(study, watcher)?;
    let soft = soften(&study.raw, 14.0 * scale);
    let flesh = flesh_tone(study, &target);
    let doubt = 1.0 - study.trust;
    let air = Coarse::new(target.width, target.height, 4.0 * scale, |x, y| {
        air(x / scale, y / scale, seed)
    });
    check(watcher)?;
    target.fill_watched(watcher, |y, row| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let c = *pixel;
            let skin = study.skin.at(x, y);
            let place = portrait::features(study, x as f32, y as f32);
            let subject = if study.monochrome {
                tinted(c, skin)
            } else {
                pearly(c, skin, place, flesh)
            };
            let [leaf_l, leaf_a, leaf_b, sun, dl, da, db] = air.at(x, y);
            let dapple = sun * (1.0 - 0.85 * skin) * (1.0 - place);
            let broken = 1.0 - 0.85 * skin;
            let subject = [
                subject[0] + 0.04 * dapple + 0.03 * broken * dl,
                subject[1] + 0.01 * dapple + 0.035 * broken * da,
                subject[2] + 0.02 * dapple + 0.045 * broken * db,
            ];
            let photo = soft.at(x, y);
            let foliage = [leaf_l, leaf_a + 0.3 * photo[1], leaf_b + 0.3 * photo[2]];
            let share = garden.at(x, y) * mix(0.12, 0.92, study.trust);
            let mut out = mix_lab(subject, foliage, share);
            let flat = 0.6 * doubt * flat.at(x, y) * (1.0 - skin) * (1.0 - share);
            if flat > 0.0 {
                out = mix_lab(
                    out,
                    [mix(c[0], foliage[0], 0.3), foliage[1], foliage[2]],
                    flat,
                );
            }
            *pixel = [out[0].clamp(0.33, 0.985), out[1], out[2]];
        }
    })?;
    Ok(target)
}

/// Silky along the form; feathered through the garden.
fn directions(
    study: &Study,
    target: &Grid<Lab>,
    garden: &Mask,
    seed: u32,
    watcher: &dyn Watcher,
) -> Result<Axes, Cancelled> {
    let scale = study.scale;
    let tensor = Tensor::new(target, 1.4 * scale, 3.5 * scale);
    check(watcher)?;
    let clear = tensor.coherence();
    check(watcher)?;
    let filled = tensor.filled(scale);
    check(watcher)?;
    let near = filled.axes();
    check(watcher)?;
    let hatch = Coarse::new(target.width, target.height, 4.0 * scale, |x, y| {
        let around =
            |size: f32, salt: u32| noise(x / (size * scale), y / (size * scale), seed ^ salt) - 0.5;
        axis(-0.95 + 1.5 * around(150.0, 0xd1) + 0.9 * around(45.0, 0xd2))
    });
    let calm = tensor.smoothed(9.0 * scale);
    check(watcher)?;
    let calm = calm.filled(scale);
    check(watcher)?;
    let calm = calm.axes();
    check(watcher)?;
    Grid::watched(target.width, target.height, watcher, |x, y| {
        let skin =
            0.8 * study.skin.at(x, y) * (1.0 - portrait::features(study, x as f32, y as f32));
        let (n, c) = (near.at(x, y).vector(), calm.at(x, y).vector());
        let form = [mix(n[0], c[0], skin), mix(n[1], c[1], skin)];
        let hatch = hatch.at(x, y);
        let loose = 0.5
            * (1.0 - smoothstep(0.2, 0.5, clear.at(x, y)))
            * (1.0 - study.skin.at(x, y))
            * (1.0 - study.hair.at(x, y));
        let share = garden.at(x, y).max(loose);
        Unit::of([mix(form[0], hatch[0], share), mix(form[1], hatch[1], share)])
    })
}

/// Light spreads from the lights; a canvas weave shows through.
fn glow(canvas: &mut Canvas) {
    let scale = canvas.scale;
    let light = canvas.colour.map(|c| (c[0] - 0.72).max(0.0));
    let halo = soften(&light, 14.0 * scale);
    drop(light);
    canvas.colour.fill_rows(|y, row| {
        for (x, c) in row.iter_mut().enumerate() {
            c[0] += 0.35 * halo.at(x, y) * (1.0 - c[0]);
        }
    });
    let weave = std::f32::consts::TAU / (3.1 * scale.max(0.7));
    canvas.height.fill_rows(|y, row| {
        for (x, h) in row.iter_mut().enumerate() {
            *h += 0.06 * ((x as f32 * weave).sin() + (y as f32 * weave).sin());
        }
    });
}
