//! In the manner of Vincent van Gogh's years 1887–1889: thick directional dashes, a whirling blue
//! night with star wheels, dark blue contours, glossy impasto lit from the left.

mod contour;
mod night;

use image::RgbImage;

use super::blur::soften;
use super::canvas::{self, Canvas, Lamp};
use super::chance::Dice;
use super::coarse::Coarse;
use super::flow::{Axes, Tensor, Unit, axis, unit};
use super::grid::{Grid, Lab, mix, mix_lab, smoothstep};
use super::layer::{self, Layer, Motif};
use super::light::{Tone, toned};
use super::mask::Mask;
use super::oklab::hex;
use super::stroke::Touch;
use super::study::Study;
use super::{Cancelled, Watcher, check, portrait};
use contour::contour;
use night::{Star, shine, sky, stars, weather};

/// Starry Night, the Chicago self-portrait of 1887, the Bedroom.
const PALETTE: [u32; 26] = [
    0x14213d, 0x0f1733, 0x26418f, 0x3f6fb5, 0x6fa3c8, 0xa9c8d6, 0xd5e3e2, 0xf5de6e, 0xb9b84a,
    0x2b6d75, 0x2f6b4f, 0x6da385, 0x9db48a, 0xc24a2a, 0x8c3b28, 0xe0a98e, 0xd69a8c, 0xcd8060,
    0xe9c39b, 0x8d8c52, 0x4a3226, 0xf0bf2c, 0xc78a2d, 0xdc7a2e, 0xf2e3ad, 0xf6efd8,
];

const TOUCH: Touch = Touch {
    alpha: 0.97,
    feather: None,
    taper: 0.4,
    dry: 0.75,
    bristle: 0.4,
    comb: 0.4,
    height: 1.0,
};

/// Paints the study.
pub(super) fn paint(
    study: &Study,
    seed: u32,
    watcher: &dyn Watcher,
) -> Result<RgbImage, Cancelled> {
    let scale = study.scale;
    let night = study
        .background
        .map(|b| smoothstep(0.35, 0.7, b * study.trust));
    let stars = if study.trust > 0.5 {
        stars(study, seed)
    } else {
        Vec::new()
    };
    let target = target(study, &night, &stars, seed, watcher)?;
    watcher.progress(0.06, None);
    check(watcher)?;
    let axes = directions(study, &target, &night, &stars, seed, watcher)?;
    check(watcher)?;
    let detail = portrait::detail(study, &target, watcher)?;
    watcher.progress(0.12, None);
    check(watcher)?;

    let palette = PALETTE.map(hex);
    let liveliness = |x: f32, y: f32| 1.0 + 0.7 * night.near(x, y) - 0.25 * study.skin.near(x, y);
    let motif = Motif {
        target: &target,
        axes: &axes,
        palette: &palette,
        palette_light: 0.2,
        lights_last: 0.5,
        seed,
        recolour: &|_, _, c| c,
        liveliness: &liveliness,
    };
    let ground = soften(&target, 12.0 * scale);
    let mut canvas = Canvas::new(
        Grid::from_fn(target.width, target.height, |x, y| {
            let [l, a, b] = ground.at(x, y);
            [l * 0.72, a, b]
        }),
        scale,
    );
    let layer = |radius, spacing, length, threshold, jitter, tolerance, soften, height| Layer {
        radius,
        spacing,
        length,
        threshold,
        jitter,
        tolerance,
        soften,
        sway: 0.12,
        palette: (0.75, 0.06),
        touch: Touch { height, ..TOUCH },
    };
    let first = layer(8.5, 13.5, (40.0, 90.0), 0.0, (0.06, 0.02), 0.22, 6.0, 1.0);
    layer::paint(&mut canvas, &motif, &first, 1, |_, _| 1.0, watcher)?;
    watcher.progress(0.30, Some(&canvas::plain(&canvas.colour)));
    let second = layer(5.6, 11.5, (22.0, 58.0), 0.0, (0.065, 0.025), 0.17, 4.0, 1.3);
    layer::paint(
        &mut canvas,
        &motif,
        &second,
        2,
        |x, y| 0.6 + 0.3 * night.near(x, y),
        watcher,
    )?;
    watcher.progress(0.50, Some(&canvas::plain(&canvas.colour)));
    let third = layer(3.9, 6.6, (18.0, 42.0), 0.03, (0.05, 0.022), 0.10, 2.0, 1.1);
    let chance = |x: f32, y: f32| 0.12 + 0.5 * detail.near(x, y) + 0.24 * (1.0 - night.near(x, y));
    layer::paint(&mut canvas, &motif, &third, 3, chance, watcher)?;
    watcher.progress(
        0.70,
        Some(&canvas.lit(Lamp {
            relief: 1.45,
            gloss: 0.2,
        })),
    );
    contour(&mut canvas, study, &target, &axes, &night, seed, watcher)?;
    let mut fine = layer(2.1, 3.3, (6.0, 16.0), 0.035, (0.015, 0.006), 0.06, 0.7, 0.6);
    fine.palette.0 = 0.375;
    layer::paint(
        &mut canvas,
        &motif,
        &fine,
        5,
        |x, y| 1.25 * detail.near(x, y) - 0.1,
        watcher,
    )?;
    watcher.progress(0.95, None);
    Ok(canvas.lit(Lamp {
        relief: 1.45,
        gloss: 0.2,
    }))
}

/// The motif in his colours.
fn target(
    study: &Study,
    night: &Mask,
    stars: &[Star],
    seed: u32,
    watcher: &dyn Watcher,
) -> Result<Grid<Lab>, Cancelled> {
    let tone = Tone {
        low: 0.20,
        high: 0.94,
        middle: 0.60,
        local: 0.35,
        reach: 40.0,
    };
    let mut target = toned(&study.raw, tone, study.scale);
    check(watcher)?;
    portrait::keep_skin(study, &mut target, (1.0, 0.015), watcher)?;
    let flat = portrait::flatness(study, watcher)?;
    let scale = study.scale;
    let side = 768.0 * scale;
    let doubt = 1.0 - study.trust;
    let clouds = Coarse::new(target.width, target.height, 3.0 * scale, |x, y| {
        weather(x / scale, y / scale, seed)
    });
    check(watcher)?;
    target.fill_watched(watcher, |y, row| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let c = *pixel;
            let skin = study.skin.at(x, y);
            let subject = if study.monochrome {
                tinted(c, skin)
            } else {
                warmed(c, skin)
            };
            let mut sky = sky(
                y as f32 / scale,
                clouds.at(x, y),
                study.outside.at(x, y) / side,
            );
            for star in stars {
                shine(&mut sky, star, x as f32, y as f32);
            }
            let mut out = mix_lab(subject, sky, 0.96 * night.at(x, y));
            // Without a mask to trust, flat places get the blue and keep their light.
            let flat = 0.8 * doubt * flat.at(x, y) * (1.0 - skin) * (1.0 - night.at(x, y));
            if flat > 0.0 {
                let wall = [
                    mix(c[0], sky[0], 0.35),
                    mix(sky[1], c[1], 0.25),
                    mix(sky[2], c[2], 0.25),
                ];
                out = mix_lab(out, wall, flat);
            }
            *pixel = out;
        }
    })?;
    Ok(target)
}

/// Stronger colour, cool shadows, warm lights; skin much less so.
fn warmed([l, a, b]: Lab, skin: f32) -> Lab {
    let boost = mix(1.3, 1.04, skin);
    let k = (2.2 * (l - 0.56)).clamp(-1.0, 1.0);
    [
        l,
        a * boost + (0.006 * k - 0.012 * (1.0 - k.abs())) * (1.0 - 0.6 * skin),
        b * boost + mix(0.045, 0.018, skin) * k,
    ]
}

/// Black and white becomes Prussian blue to cream.
fn tinted([l, _, _]: Lab, skin: f32) -> Lab {
    let w = smoothstep(0.3, 0.8, l);
    let flesh = skin * (1.0 - 0.6 * w);
    [
        l,
        -0.015 + 0.045 * w + 0.02 * flesh,
        -0.085 + 0.155 * w + 0.06 * flesh,
    ]
}

/// Strokes follow the form of the subject and whirl through the sky.
fn directions(
    study: &Study,
    target: &Grid<Lab>,
    night: &Mask,
    stars: &[Star],
    seed: u32,
    watcher: &dyn Watcher,
) -> Result<Axes, Cancelled> {
    let scale = study.scale;
    let tensor = Tensor::new(target, 1.4 * scale, 5.0 * scale);
    check(watcher)?;
    let filled = tensor.filled(scale);
    check(watcher)?;
    let form = filled.axes();
    check(watcher)?;
    let (w, h) = (study.raw.width as f32, study.raw.height as f32);
    let side = w.min(h);
    let mut dice = Dice::new(seed, 0x3117);
    let vortices: Vec<([f32; 2], f32)> = (0..5)
        .map(|_| {
            (
                [dice.between(0.0, w), dice.between(0.0, 0.85 * h)],
                side * dice.between(0.09, 0.17),
            )
        })
        .collect();
    let phase = dice.between(0.0, std::f32::consts::TAU);
    let slow = Coarse::new(target.width, target.height, 8.0 * scale, |x, y| {
        axis(
            0.5 * (3.6 * y / side + phase).sin() + 0.4 * (4.3 * x / side + 1.7 * phase).sin()
                - 0.15,
        )
    });
    let outwards = axis(0.35);
    let halo = portrait::Halo::new(study);
    check(watcher)?;
    Grid::watched(target.width, target.height, watcher, |x, y| {
        let share = night.at(x, y);
        let subject = form.at(x, y);
        if share < 0.01 {
            return subject;
        }
        let subject = subject.vector();
        let (px, py) = (x as f32, y as f32);
        let mut sum = slow.at(x, y);
        let mut add = |double: [f32; 2], weight: f32| {
            sum[0] += double[0] * weight;
            sum[1] += double[1] * weight;
        };
        // Double angle of the tangent round a place, turned outwards by `spiral` (a unit vector).
        let around = |at: [f32; 2], spiral: [f32; 2]| {
            let (dx, dy) = (px - at[0], py - at[1]);
            let [c, s] = unit([dy * dy - dx * dx, -2.0 * dx * dy]);
            [c * spiral[0] - s * spiral[1], s * spiral[0] + c * spiral[1]]
        };
        for (at, radius) in &vortices {
            let d = (px - at[0]).hypot(py - at[1]) / radius;
            add(around(*at, outwards), 2.2 * (-d * d).exp());
        }
        for star in stars {
            let d = (px - star.at[0]).hypot(py - star.at[1]) / (1.15 * star.radius);
            add(around(star.at, [1.0, 0.0]), 9.0 * (-d * d).exp());
        }
        let near = study.outside.at(x, y) / side / 0.07;
        add(halo.at(px, py), 3.0 * (-near * near).exp());
        let sky = unit(sum);
        Unit::of([
            mix(subject[0], sky[0], share),
            mix(subject[1], sky[1], share),
        ])
    })
}
