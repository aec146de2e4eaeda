//! In the manner of Roy Lichtenstein about 1961–1964: even red dots for skin, flat primaries, a
//! thick swelling black line, hair as one shape, one flat or dotted background.

mod backdrop;
mod features;
mod ink;
mod zones;

use image::RgbImage;

use super::blur::{Soft, soften, soften_from};
use super::canvas;
use super::flow::{Tensor, Unit};
use super::grid::{Grid, Lab, mix, mix_lab, quantile, smoothstep};
use super::light::{Tone, toned};
use super::lines;
use super::oklab::{difference, hex};
use super::screen::Screen;
use super::study::Study;
use super::{Cancelled, Watcher, check};
use backdrop::{Backdrop, Scenery};
use zones::Zone;

const INK: u32 = 0x120f14;
const PAPER: u32 = 0xfbf6e9;
const WHITE: u32 = 0xfffdf6;
const RED: u32 = 0xd9262e;
const YELLOW: u32 = 0xf9d71c;
const BLUE: u32 = 0x1f4fb0;
const SHEEN: u32 = 0x2b5fc4;
const DOT_BLUE: u32 = 0x2f66c9;

/// Paints the study.
pub(super) fn paint(
    study: &Study,
    seed: u32,
    watcher: &dyn Watcher,
) -> Result<RgbImage, Cancelled> {
    let scale = study.scale;
    // Small faces need a finer print.
    let largest = study.faces.iter().map(|f| f.unit).fold(0.0, f32::max) / scale;
    let size = if study.faces.is_empty() {
        0.85
    } else {
        (largest / 110.0).clamp(0.62, 1.0)
    };
    let pitch = if study.faces.is_empty() {
        0.95
    } else {
        mix(0.66, 1.0, smoothstep(40.0, 110.0, largest))
    };
    let tone = Tone {
        low: 0.05,
        high: 0.98,
        middle: 0.62,
        local: 0.25,
        reach: 60.0,
    };
    let photo = toned(&study.raw, tone, scale);
    check(watcher)?;
    let tensor = Tensor::new(&photo, 1.2 * scale * size, 3.0 * scale * size);
    check(watcher)?;
    let filled = tensor.filled(scale);
    drop(tensor);
    check(watcher)?;
    let axes = filled.axes();
    drop(filled);
    check(watcher)?;
    let headings = lines::headings(&axes);
    drop(axes);
    check(watcher)?;
    let flat = flattened(&photo, &headings, scale, watcher)?;
    let light = photo.map(|c| c[0]);
    let (width, height) = (photo.width, photo.height);
    drop(photo);
    let stage = canvas::painted(width, height, watcher, |x, y| flat.at(x, y))?;
    watcher.progress(0.25, Some(&stage));
    drop(stage);
    check(watcher)?;
    let hull = zones::hull(study, watcher)?;
    check(watcher)?;
    let zones = zones::zones(study, &flat, &hull, size, watcher)?;
    watcher.progress(0.45, None);
    check(watcher)?;
    let print = Print {
        study,
        zones: &zones,
        flat: &flat,
        headings: &headings,
        scale,
        size,
        pitch: 9.0 * scale * pitch,
        seed,
    };
    let scenery = Scenery::drawn(&zones, seed);
    let mut picture = print.filled(&hull, &scenery, watcher)?;
    watcher.progress(0.65, Some(&picture));
    check(watcher)?;
    let ink = print.ink(light, &hull, &scenery, watcher)?;
    watcher.progress(0.95, None);
    let [_, r, g, b] = INK.to_be_bytes();
    for (pixel, cover) in picture.pixels_mut().zip(ink.shares()) {
        if cover > 0.0 {
            for (c, black) in pixel.0.iter_mut().zip([r, g, b]) {
                *c = mix(f32::from(*c), f32::from(black), cover).round() as u8;
            }
        }
    }
    Ok(picture)
}

/// Weights of a bilateral by distance.
const NEAR: [f32; 5] = [1.0, 0.92, 0.73, 0.49, 0.28];

/// Two rounds of a bilateral filter along and across the flow, at half size.
fn flattened(
    photo: &Grid<Lab>,
    headings: &Grid<Unit>,
    scale: f32,
    watcher: &dyn Watcher,
) -> Result<Soft<Lab>, Cancelled> {
    let mut small = photo.halved();
    let flow = Grid::from_fn(small.width, small.height, |x, y| {
        headings.clamped(2 * x as isize, 2 * y as isize)
    });
    let step = scale.max(0.5);
    for _ in 0..2 {
        for across in [true, false] {
            check(watcher)?;
            let from = small.clone();
            small.fill_watched(watcher, |y, row| {
                for (x, c) in row.iter_mut().enumerate() {
                    let [ux, uy] = flow.at(x, y).vector();
                    let (dx, dy) = if across { (-uy, ux) } else { (ux, uy) };
                    let centre = from.at(x, y);
                    let (mut sum, mut total) = ([0.0; 3], 0.0);
                    for k in -4..=4_i32 {
                        let t = k as f32 * step;
                        let p = from.sample(x as f32 + t * dx, y as f32 + t * dy);
                        let d = difference(p, centre) / 0.07;
                        // A bell without the cost of an exponential.
                        let weight = NEAR[k.unsigned_abs() as usize] / (1.0 + 0.35 * d * d).powi(3);
                        total += weight;
                        for (s, v) in sum.iter_mut().zip(p) {
                            *s += weight * v;
                        }
                    }
                    *c = sum.map(|s| s / total);
                }
            })?;
        }
    }
    Ok(Soft::halved(small))
}

/// Everything the fills and lines of one print are made from.
struct Print<'a> {
    study: &'a Study,
    zones: &'a Grid<Zone>,
    flat: &'a Soft<Lab>,
    headings: &'a Grid<Unit>,
    scale: f32,
    /// How large the lines are, 0.62–1.
    size: f32,
    /// Distance between the dots of skin, pixels.
    pitch: f32,
    seed: u32,
}

impl Print<'_> {
    /// The colours under the ink.
    fn filled(
        &self,
        hull: &Grid<bool>,
        scenery: &Scenery,
        watcher: &dyn Watcher,
    ) -> Result<RgbImage, Cancelled> {
        let study = self.study;
        let (paper, white, red, yellow, blue) =
            (hex(PAPER), hex(WHITE), hex(RED), hex(YELLOW), hex(BLUE));
        let (ink, sheen, dot_blue) = (hex(INK), hex(SHEEN), hex(DOT_BLUE));
        let tone = study.skin_tone();
        let fair = zones::fairness(tone);
        let ground = mix_lab(hex(0xdd9a63), hex(0xfdf1e2), fair);
        let dots = mix_lab(hex(0xa3231f), hex(0xdd2b33), fair);
        let light = Grid::from_fn(self.zones.width, self.zones.height, |x, y| {
            self.flat.at(x, y)[0]
        });
        let soft = soften_from(&light, 3.0 * self.scale, 1.5);
        let skin_levels = self.levels(&soft, hull);
        check(watcher)?;
        let wide = soften(&light, 10.0 * self.scale * self.size);
        let mut rise = light;
        rise.fill_rows(|y, row| {
            for (x, l) in row.iter_mut().enumerate() {
                *l -= wide.at(x, y);
            }
        });
        let rise = lines::along(watcher, &rise, self.headings, 7.0 * self.scale)?;
        let skin = Screen { pitch: self.pitch };
        check(watcher)?;
        let back = Screen {
            pitch: 10.4 * self.scale,
        };
        canvas::painted(self.zones.width, self.zones.height, watcher, |x, y| {
            let (px, py) = (x as f32, y as f32);
            let skin_dot = || {
                skin.cover(px, py, |cx, cy| {
                    let l = soft.near(cx, cy);
                    if l > skin_levels.1 {
                        0.0
                    } else if l < skin_levels.0 {
                        0.46
                    } else {
                        0.32
                    }
                })
            };
            let grey_dot = |paper: Lab| {
                let cover = skin.cover(px, py, |cx, cy| {
                    let l = soft.near(cx, cy);
                    if l > 0.74 {
                        0.0
                    } else if l < 0.48 {
                        0.42
                    } else {
                        0.30
                    }
                });
                mix_lab(paper, dot_blue, cover)
            };
            let strand = |base: Lab, sign: f32, limit: f32, line: Lab| {
                let r = rise.at(x, y) * sign;
                mix_lab(base, line, smoothstep(limit - 0.0022, limit + 0.0022, r))
            };
            match self.zones.at(x, y) {
                Zone::Paper => paper,
                Zone::Grey => grey_dot(paper),
                Zone::Black => strand(ink, 1.0, 0.02, sheen),
                Zone::Red | Zone::Lips => red,
                Zone::Yellow => yellow,
                Zone::Blue => blue,
                Zone::Skin => mix_lab(ground, dots, skin_dot()),
                Zone::Teeth => white,
                Zone::BlackHair => strand(ink, 1.0, 0.014, sheen),
                Zone::WhiteHair => strand(grey_dot(white), -1.0, 0.02, ink),
                Zone::RedHair => strand(red, -1.0, 0.022, ink),
                Zone::YellowHair => strand(yellow, -1.0, 0.024, ink),
                Zone::Backdrop => match scenery.at(px, py).0 {
                    Backdrop::Yellow => yellow,
                    Backdrop::Red => red,
                    Backdrop::Blue => blue,
                    Backdrop::BlueDots => mix_lab(paper, dot_blue, back.cover(px, py, |_, _| 0.41)),
                    Backdrop::RedDots => mix_lab(paper, red, back.cover(px, py, |_, _| 0.34)),
                },
            }
        })
    }

    /// The lightness below which skin dots are large, and above which there are none.
    fn levels(&self, soft: &Soft<f32>, hull: &Grid<bool>) -> (f32, f32) {
        let mut lights = Vec::new();
        for y in 0..hull.height {
            for x in 0..hull.width {
                if hull.at(x, y) && self.zones.at(x, y) == Zone::Skin {
                    lights.push(soft.at(x, y));
                }
            }
        }
        if lights.is_empty() {
            return (0.4, 0.8);
        }
        (quantile(&mut lights, 0.22), quantile(&mut lights, 0.88))
    }
}
