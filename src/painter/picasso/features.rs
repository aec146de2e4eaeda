//! Eyes, brows, nose and mouth, drawn anew: huge almond eyes at different heights.

use super::super::canvas::Canvas;
use super::super::grid::{Grid, Lab, mix_lab};
use super::super::oklab::hex;
use super::super::pen;
use super::planes::Head;

/// Where the photo's own lines must not show through, 0–1.
pub(super) fn cleared(head: &Head, x: f32, y: f32) -> f32 {
    let [u, v] = head.face.own(x, y);
    let across = u * head.side;
    let eye =
        |cu: f32, cv: f32, w: f32, h: f32| 1.0 - (((across - cu) / w).hypot((v - cv) / h)).min(1.0);
    // Drawn spectacles replace those of the photo.
    let wide = if head.face.glasses.is_some() {
        1.3
    } else {
        1.0
    };
    let eyes =
        eye(-0.5, 0.03, 0.52 * wide, 0.42 * wide).max(eye(0.53, -0.1, 0.56 * wide, 0.48 * wide));
    let mouth = 1.0 - ((across / 0.66).hypot((v - head.face.mouth) / 0.34)).min(1.0);
    (3.0 * eyes.max(mouth)).min(1.0)
}

/// An almond eye, in eye distances.
struct Eye {
    centre: (f32, f32),
    half: (f32, f32),
    tilt: f32,
    iris: u32,
    lashes: bool,
}

const NEAR_EYE: Eye = Eye {
    centre: (-0.5, 0.06),
    half: (0.30, 0.15),
    tilt: 0.05,
    iris: 0x2f7d5b,
    lashes: false,
};
const FAR_EYE: Eye = Eye {
    centre: (0.53, -0.08),
    half: (0.33, 0.19),
    tilt: -0.12,
    iris: 0xa8432c,
    lashes: true,
};

/// The corners of a rim: outwards and down, as shares of its half-sizes; the pointed outer corner
/// first, the inner one for the bridge fourth.
const RIM: [(f32, f32); 8] = [
    (1.12, -0.92),
    (0.45, -0.86),
    (-0.50, -0.92),
    (-0.95, -0.45),
    (-0.88, 0.42),
    (-0.35, 1.0),
    (0.42, 0.96),
    (0.92, 0.35),
];

/// A drawing surface: colours below, ink above.
struct Sheet<'a> {
    colour: &'a mut Grid<Lab>,
    ink: Grid<f32>,
    head: &'a Head,
    line: f32,
}

/// Draws the features of one head on the canvas.
pub(super) fn draw(canvas: &mut Canvas, head: &Head) {
    let unit = head.face.unit / canvas.scale;
    let line = canvas.scale * (unit / 110.0 + 0.15).min(1.0);
    let ink = Grid::filled(canvas.colour.width, canvas.colour.height, 0.0);
    let mut sheet = Sheet {
        colour: &mut canvas.colour,
        ink,
        head,
        line,
    };
    sheet.eye(&NEAR_EYE);
    sheet.eye(&FAR_EYE);
    let up = if head.face.glasses.is_some() {
        sheet.glasses();
        0.10
    } else {
        0.0
    };
    sheet.brow(-0.5, -0.34 - up, 0.36, 0.05);
    sheet.brow(0.53, -0.46 - up, 0.38, -0.10);
    sheet.nostril();
    sheet.mouth();
    let black = hex(super::INK);
    let Sheet { ink, .. } = sheet;
    for ((c, h), i) in canvas
        .colour
        .data
        .iter_mut()
        .zip(&mut canvas.height.data)
        .zip(&ink.data)
    {
        if *i > 0.0 {
            *c = mix_lab(*c, black, *i);
            *h += 0.35 * i;
        }
    }
}

impl Sheet<'_> {
    /// A point: across towards the far half, down the face.
    fn at(&self, across: f32, v: f32) -> [f32; 2] {
        self.head.face.pixel(across * self.head.side, v)
    }

    fn eye(&mut self, eye: &Eye) {
        let Eye {
            centre: (cu, cv),
            half: (w, h),
            tilt,
            iris,
            lashes,
        } = *eye;
        let unit = self.head.face.unit;
        let point = |sheet: &Self, t: f32, y: f32| sheet.at(cu + w * t, cv + y + tilt * t);
        let lid = |sheet: &Self, sign: f32| -> Vec<[f32; 2]> {
            (0..=12)
                .map(|i| {
                    let t = i as f32 / 6.0 - 1.0;
                    point(sheet, t, sign * h * (1.0 - t * t).max(0.0).powf(0.75))
                })
                .collect()
        };
        let (upper, lower) = (lid(self, -1.0), lid(self, 0.85));
        let almond: Vec<[f32; 2]> = upper
            .iter()
            .copied()
            .chain(lower.iter().rev().copied())
            .collect();
        pen::shape(self.colour, &almond, hex(0xf8f4ea));
        let centre = self.at(cu - 0.02, cv - 0.01);
        let r = 0.8 * h * unit;
        pen::shape(self.colour, &pen::disc(centre, r), hex(iris));
        pen::shape(self.colour, &pen::disc(centre, 0.52 * r), hex(super::INK));
        pen::shape(
            self.colour,
            &pen::disc([centre[0] - 0.28 * r, centre[1] - 0.32 * r], 0.2 * r),
            hex(0xffffff),
        );
        let width = self.line;
        pen::line(
            &mut self.ink,
            &pen::disc_outline(centre, r),
            0.8 * width,
            0.8 * width,
        );
        pen::swelling(&mut self.ink, &upper, 3.1 * width);
        pen::swelling(&mut self.ink, &lower, 1.9 * width);
        if lashes {
            for i in 0..5 {
                let t = -0.7 + 0.35 * i as f32;
                let root = point(self, t, -h * (1.0 - t * t).max(0.0).powf(0.75));
                let tip = point(
                    self,
                    1.25 * t,
                    -h * (1.0 - t * t).max(0.0).powf(0.75) - 0.15,
                );
                pen::line(&mut self.ink, &[root, tip], 1.5 * width, 0.6 * width);
            }
        }
    }

    fn brow(&mut self, cu: f32, cv: f32, w: f32, tilt: f32) {
        let points: Vec<[f32; 2]> = (0..=8)
            .map(|i| {
                let t = i as f32 / 4.0 - 1.0;
                self.at(cu + w * t, cv + tilt * t - 0.09 * (1.0 - t * t))
            })
            .collect();
        let inner_first = if cu < 0.0 {
            points.iter().rev().copied().collect()
        } else {
            points
        };
        pen::line(
            &mut self.ink,
            &inner_first,
            4.4 * self.line,
            1.2 * self.line,
        );
    }

    /// Angular rims, displaced like the eyes they frame.
    fn glasses(&mut self) {
        let width = 2.6 * self.line;
        let rims = [&NEAR_EYE, &FAR_EYE].map(|eye| {
            let outward = eye.centre.0.signum();
            RIM.map(|(out, down)| {
                let across = outward * out * 1.36 * eye.half.0;
                let tall = down * (0.13 + 1.2 * eye.half.1) + eye.tilt * across / eye.half.0;
                self.at(eye.centre.0 + across, eye.centre.1 + tall)
            })
        });
        for rim in &rims {
            let closed: Vec<[f32; 2]> = rim.iter().chain(&rim[..1]).copied().collect();
            pen::line(&mut self.ink, &closed, width, width);
        }
        // From inner corner to inner corner, and from the outer ones towards the ears.
        pen::line(&mut self.ink, &[rims[0][3], rims[1][3]], width, width);
        for (rim, eye) in rims.iter().zip([&NEAR_EYE, &FAR_EYE]) {
            let outward = eye.centre.0.signum();
            let ear = self.at(outward * 1.22, eye.centre.1 - 0.16);
            pen::line(&mut self.ink, &[rim[0], ear], width, 0.7 * width);
        }
    }

    fn nostril(&mut self) {
        let comma = [
            self.at(0.02, 0.72),
            self.at(0.10, 0.66),
            self.at(0.17, 0.72),
            self.at(0.13, 0.78),
        ];
        pen::line(&mut self.ink, &comma, 1.2 * self.line, 2.4 * self.line);
        let wing = [
            self.at(-0.20, 0.56),
            self.at(-0.27, 0.68),
            self.at(-0.18, 0.78),
            self.at(-0.06, 0.76),
        ];
        pen::line(&mut self.ink, &wing, 1.0 * self.line, 2.2 * self.line);
    }

    fn mouth(&mut self) {
        let face = &self.head.face;
        let open = face.smile;
        let v = face.mouth.clamp(0.98, 1.25);
        let (w, up, gap) = (0.37 + 0.15 * open, 0.03 + 0.09 * open, 0.13 * open);
        // The halves do not quite meet: one is seen from the front, one from the side.
        let step = |t: f32| if t < 0.0 { 0.03 } else { -0.03 };
        let curve = |sheet: &Self, f: &dyn Fn(f32) -> f32| -> Vec<[f32; 2]> {
            (0..=14)
                .map(|i| {
                    let t = i as f32 / 7.0 - 1.0;
                    sheet.at(0.05 + w * t, v + step(t) - up * t * t + f(t))
                })
                .collect()
        };
        let bow = |t: f32| (1.0 - t * t).max(0.0);
        let top = curve(self, &|t| {
            -0.11 * bow(t) * (1.0 - 0.55 * (-(t / 0.16).powi(2)).exp()) - 0.3 * gap * bow(t)
        });
        let upper = curve(self, &|t| -0.35 * gap * bow(t));
        let lower = curve(self, &|t| 0.75 * gap * bow(t));
        let bottom = curve(self, &|t| 0.75 * gap * bow(t) + 0.13 * bow(t));
        let between = |a: &[[f32; 2]], b: &[[f32; 2]]| -> Vec<[f32; 2]> {
            a.iter().copied().chain(b.iter().rev().copied()).collect()
        };
        pen::shape(self.colour, &between(&top, &upper), hex(0xa33a2c));
        pen::shape(self.colour, &between(&lower, &bottom), hex(0xc9604a));
        let width = self.line;
        if open > 0.2 {
            pen::shape(self.colour, &between(&upper, &lower), hex(0xfbf7ec));
            for i in 1..8 {
                let t = i as f32 / 4.0 - 1.0;
                let from = self.at(0.05 + w * t, v + step(t) - up * t * t - 0.35 * gap * bow(t));
                let to = self.at(0.05 + w * t, v + step(t) - up * t * t + 0.75 * gap * bow(t));
                pen::line(&mut self.ink, &[from, to], 0.9 * width, 0.9 * width);
            }
            pen::swelling(&mut self.ink, &lower, 1.7 * width);
        }
        pen::swelling(&mut self.ink, &upper, 2.5 * width);
        pen::swelling(&mut self.ink, &top, 1.7 * width);
        pen::swelling(&mut self.ink, &bottom, 2.1 * width);
    }
}
