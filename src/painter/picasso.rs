//! In the manner of Pablo Picasso's portraits about 1937: front and profile in one head, a warm and
//! a cool half, huge almond eyes, angular shapes, bold contours, striped hair and walls.

mod facets;
mod features;
mod planes;
mod schemes;

use image::RgbImage;

use super::blur::blur;
use super::canvas::{self, Canvas, Lamp};
use super::chance::{hash, unit};
use super::flow::{self, axis};
use super::grid::{Grid, Lab, mix_lab, quantile, smoothstep};
use super::layer::{self, Layer, Motif};
use super::light::{Tone, toned};
use super::lines;
use super::oklab::hex;
use super::pen;
use super::polygon::{self, Polygon};
use super::stroke::Touch;
use super::study::Study;
use super::{Cancelled, Watcher, check};
use facets::Facets;
use planes::{Head, nearest_heads};
use schemes::{Hue, Ramps, SCHEMES, Scheme};

const INK: u32 = 0x15110f;
const LAMP: Lamp = Lamp {
    relief: 0.85,
    gloss: 0.12,
};

/// Paints the study.
pub(super) fn paint(
    study: &Study,
    seed: u32,
    watcher: &dyn Watcher,
) -> Result<RgbImage, Cancelled> {
    let scale = study.scale;
    let heads: Vec<Head> = study.faces.iter().map(|f| Head::new(study, *f)).collect();
    let scene = Scene::new(study, heads, seed, watcher)?;
    watcher.progress(0.10, None);
    check(watcher)?;
    let tones = scene.tones(watcher)?;
    check(watcher)?;
    let (flat, axes) = scene.coloured(&tones);
    watcher.progress(0.30, Some(&canvas::plain(&flat)));
    check(watcher)?;

    let mut canvas = Canvas::new(flat.clone(), scale);
    let motif = Motif {
        target: &flat,
        axes: &axes,
        palette: &[],
        palette_light: 0.2,
        lights_last: 0.0,
        seed,
        liveliness: &|_, _| 1.0,
    };
    let layer = Layer {
        radius: 5.5,
        spacing: 8.5,
        length: (18.0, 46.0),
        threshold: 0.0,
        jitter: (0.055, 0.014),
        tolerance: 0.055,
        soften: 0.6,
        sway: 0.06,
        palette: (0.0, 0.06),
        touch: Touch {
            alpha: 0.95,
            feather: None,
            taper: 0.35,
            dry: 0.35,
            bristle: 0.5,
            comb: 0.6,
            height: 1.0,
        },
    };
    layer::paint(&mut canvas, &motif, &layer, 1, |_, _| 1.0, watcher)?;
    // Pure strokes fray the facets.
    canvas.colour = canvas
        .colour
        .zip(&flat, |stroke, flat| mix_lab(flat, stroke, 0.55));
    watcher.progress(0.6, Some(&canvas::plain(&canvas.colour)));

    let ink = scene.ink(watcher)?;
    check(watcher)?;
    let black = hex(INK);
    canvas.colour = canvas.colour.zip(&ink, |c, i| mix_lab(c, black, i));
    canvas.height = canvas.height.zip(&ink, |h, i| h + 0.35 * i);
    watcher.progress(0.85, Some(&canvas::plain(&canvas.colour)));
    check(watcher)?;
    // The front face last.
    for head in scene.heads.iter().rev() {
        features::draw(&mut canvas, head);
        check(watcher)?;
    }
    Ok(canvas.lit(LAMP))
}

/// Masks as angular shapes: their coverage and their outlines.
struct Shape {
    cover: Grid<f32>,
    outlines: Vec<Polygon>,
}

impl Shape {
    fn new(mask: &Grid<f32>, tolerance: f32, smallest: f32, scale: f32) -> Self {
        let step = (2.0 * scale).round().max(1.0) as usize;
        let outlines: Vec<Polygon> = polygon::outlines(mask, 0.5, step)
            .iter()
            .filter(|p| polygon::area(p) > smallest * scale * scale)
            .map(|p| polygon::simplified(p, tolerance * scale))
            .collect();
        Self {
            cover: polygon::filled(mask.width, mask.height, &outlines),
            outlines,
        }
    }
}

/// The photo with its planes shifted, and the shapes it is made of.
struct Scene<'a> {
    study: &'a Study,
    seed: u32,
    scheme: Scheme,
    heads: Vec<Head>,
    nearest: Grid<u8>,
    /// The photo in print tones, planes shifted.
    moved: Grid<Lab>,
    subject: Shape,
    skin: Shape,
    hair: Shape,
    walls: Facets,
    clothes: Facets,
}

impl<'a> Scene<'a> {
    fn new(
        study: &'a Study,
        heads: Vec<Head>,
        seed: u32,
        watcher: &dyn Watcher,
    ) -> Result<Self, Cancelled> {
        let scale = study.scale;
        let (width, height) = (study.raw.width, study.raw.height);
        let (w, h) = (width as f32, height as f32);
        let nearest = nearest_heads(&heads, width, height);
        let cuts = if heads.is_empty() { 8 } else { 5 };
        let top = if heads.is_empty() { 0.1 } else { 0.62 };
        let clothes = Facets::new(seed, 0xc107, cuts, [0.1 * w, top * h, 0.9 * w, 0.95 * h]);
        let walls = Facets::new(seed, 0x3a11, 4, [0.05 * w, 0.05 * h, 0.95 * w, 0.7 * h]);
        let side = w.min(h);
        let source = |x: usize, y: usize| {
            let (px, py) = (x as f32, y as f32);
            match heads.get(usize::from(nearest.at(x, y))) {
                Some(head) => head.source(px, py),
                // Without a face the facets themselves shift what they show.
                None => {
                    let (id, _) = clothes.at(px, py);
                    let shift = |n: u32| (unit(hash(id ^ n)) - 0.5) * 0.055 * side;
                    [px + shift(1), py + shift(2)]
                }
            }
        };
        let tone = Tone {
            low: 0.08,
            high: 0.96,
            middle: 0.58,
            local: 0.3,
            reach: 40.0,
        };
        let photo = toned(&study.raw, tone, scale);
        check(watcher)?;
        let front = study
            .background
            .map(|b| 1.0 - b * smoothstep(0.2, 0.5, study.trust));
        let packed = Grid::from_fn(width, height, |x, y| {
            let c = photo.at(x, y);
            [
                c[0],
                c[1],
                c[2],
                front.at(x, y),
                study.skin.at(x, y),
                study.hair.at(x, y),
            ]
        });
        let moved = Grid::from_fn(width, height, |x, y| {
            let [sx, sy] = source(x, y);
            packed.sample(sx, sy)
        });
        check(watcher)?;
        let subject = Shape::new(&blur(&moved.map(|m| m[3]), 5.0 * scale), 6.0, 900.0, scale);
        check(watcher)?;
        let unit_px = heads.first().map_or(70.0 * scale, |h| h.face.unit);
        let closed = blur(&moved.map(|m| m[4]), 0.07 * unit_px);
        let skin = Grid::from_fn(width, height, |x, y| {
            let near = heads
                .iter()
                .map(|h| h.face.outline(x as f32, y as f32))
                .fold(9.0, f32::min);
            let inside = if near < 0.78 { 0.8 } else { 0.0 };
            closed.at(x, y).max(inside)
                * smoothstep(0.7, 0.4, moved.at(x, y)[5] * smoothstep(0.5, 0.8, near))
        });
        check(watcher)?;
        let skin = Shape::new(&skin, 5.0, 500.0, scale);
        let hair = Shape::new(&blur(&moved.map(|m| m[5]), 3.0 * scale), 5.0, 700.0, scale);
        Ok(Self {
            study,
            seed,
            scheme: SCHEMES[(seed % 4) as usize],
            heads,
            nearest,
            moved: moved.map(|m| [m[0], m[1], m[2]]),
            subject,
            skin,
            hair,
            walls,
            clothes,
        })
    }

    /// The head a pixel belongs to.
    fn head(&self, x: usize, y: usize) -> Option<&Head> {
        self.heads.get(usize::from(self.nearest.at(x, y)))
    }

    /// Lightness as angular shapes, 0 dark – 4 light.
    fn tones(&self, watcher: &dyn Watcher) -> Result<Grid<f32>, Cancelled> {
        let scale = self.study.scale;
        let light = blur(&self.moved.map(|c| c[0]), 2.2 * scale);
        let limits = |skin: bool, shares: [f32; 4]| {
            let mut lights: Vec<f32> = light
                .data
                .iter()
                .zip(&self.skin.cover.data)
                .zip(&self.subject.cover.data)
                .filter(|((_, s), f)| (**s > 0.5) == skin && **f > 0.5)
                .map(|((l, _), _)| *l)
                .collect();
            shares.map(|s| quantile(&mut lights, s))
        };
        let face = limits(true, [0.07, 0.26, 0.58, 0.86]);
        let rest = limits(false, [0.22, 0.45, 0.68, 0.90]);
        let mut tones = Grid::filled(light.width, light.height, 0.0);
        for level in 0..4 {
            check(watcher)?;
            let above = Grid::from_fn(light.width, light.height, |x, y| {
                let skin = self.skin.cover.at(x, y) > 0.5;
                0.5 + light.at(x, y) - if skin { face[level] } else { rest[level] }
            });
            let shape = Shape::new(&above, 3.2, 140.0, scale);
            tones = tones.zip(&shape.cover, |t, c| t + c.min(1.0));
        }
        Ok(tones)
    }

    /// Flat colours of all facets and the direction of the brush in each.
    fn coloured(&self, tones: &Grid<f32>) -> (Grid<Lab>, Grid<[f32; 2]>) {
        let ramps = Ramps::new();
        let packed = Grid::from_fn(tones.width, tones.height, |x, y| {
            let tone = tones.at(x, y);
            let (wall, wall_axis) = self.wall(&ramps, x, y);
            let (cloth, cloth_axis) = self.cloth(&ramps, x, y, tone);
            let (mut colour, mut go) = (wall, wall_axis);
            let mut over = |cover: f32, paint: Lab, direction: [f32; 2]| {
                colour = mix_lab(colour, paint, cover);
                if cover > 0.5 {
                    go = direction;
                }
            };
            over(self.subject.cover.at(x, y), cloth, cloth_axis);
            let skin = self.skin.cover.at(x, y);
            if skin > 0.0 {
                let (paint, direction) = self.flesh(&ramps, x, y, tone);
                over(skin, paint, direction);
            }
            let hair = self.hair.cover.at(x, y) * (1.0 - 0.999 * smoothstep(0.4, 0.6, skin));
            if hair > 0.0 {
                let (paint, direction) = self.strands(&ramps, x, y, tone);
                over(hair, paint, direction);
            }
            [colour[0], colour[1], colour[2], go[0], go[1]]
        });
        (
            packed.map(|p| [p[0], p[1], p[2]]),
            packed.map(|p| [p[3], p[4]]),
        )
    }

    fn wall(&self, ramps: &Ramps, x: usize, y: usize) -> (Lab, [f32; 2]) {
        let scale = self.study.scale;
        let (px, py) = (x as f32 / scale, y as f32 / scale);
        let (id, _) = self.walls.at(x as f32, y as f32);
        let pick = |n: u32| unit(hash(id ^ n));
        let hue = self.scheme.walls[(pick(1) * 2.999) as usize];
        let angle = pick(2) * std::f32::consts::PI;
        let (s, c) = angle.sin_cos();
        let slope = 0.5 * ((px * c + py * s) / 768.0);
        let mut level = 1.55 + 1.1 * pick(3) + slope * (2.0 * pick(4) - 1.0);
        if pick(5) < 0.36 {
            let stripe = ((py * c - px * s) / 26.0).rem_euclid(2.0);
            level -= 0.75 * smoothstep(0.0, 0.06, stripe) * (1.0 - smoothstep(1.0, 1.06, stripe));
        }
        (ramps.at(hue, level), axis(angle + 0.12))
    }

    fn cloth(&self, ramps: &Ramps, x: usize, y: usize, tone: f32) -> (Lab, [f32; 2]) {
        let (id, _) = self.clothes.at(x as f32, y as f32);
        let pick = |n: u32| unit(hash(id ^ n));
        let own = schemes::nearest(self.cloth_colour(id));
        let hue = match pick(1) {
            p if p < 0.30 => own,
            p if p < 0.85 => self.scheme.clothes[((p - 0.30) / 0.55 * 2.999) as usize],
            _ => self.scheme.walls[(pick(6) * 2.999) as usize],
        };
        let mut level = 0.35 + 0.80 * tone + 0.5 * (pick(2) - 0.5);
        if pick(7) < 0.24 {
            let (s, c) = (pick(8) * std::f32::consts::PI).sin_cos();
            let stripe =
                ((x as f32 * c + y as f32 * s) / (17.0 * self.study.scale)).rem_euclid(2.0);
            level -= 0.9 * smoothstep(0.0, 0.08, stripe) * (1.0 - smoothstep(1.0, 1.08, stripe));
        }
        (ramps.at(hue, level), axis(pick(3) * std::f32::consts::PI))
    }

    /// A colour of the photo for a facet, from a place the facet's name chooses.
    fn cloth_colour(&self, id: u32) -> Lab {
        let pick = |n: u32| unit(hash(id ^ n));
        let (w, h) = (self.moved.width as f32, self.moved.height as f32);
        let top = if self.heads.is_empty() { 0.25 } else { 0.8 };
        self.study.raw.near(
            (0.25 + 0.5 * pick(11)) * w,
            (top + (0.97 - top) * pick(12)) * h,
        )
    }

    fn flesh(&self, ramps: &Ramps, x: usize, y: usize, tone: f32) -> (Lab, [f32; 2]) {
        let Some(head) = self.head(x, y) else {
            return (ramps.at(Hue::Cream, tone), axis(0.6));
        };
        let place = head.place(x as f32, y as f32);
        let far = place.plane >= 4;
        let hue = if far {
            self.scheme.far[place.plane - 4]
        } else {
            self.scheme.near[place.plane]
        };
        // The far half lies in shade and keeps its full colour; the near half is lit.
        let mut level = if far {
            0.35 + 0.64 * tone
        } else {
            0.60 + 0.80 * tone
        };
        level -= 0.25 * place.beyond.clamp(-1.0, 1.0);
        if place.plane == 6 {
            // Hatching in the far cheek, over calmer tones.
            level = 0.6 * level + 0.75;
            let period = 8.5 * self.study.scale;
            let along = (0.75 * x as f32 + 0.66 * y as f32) / period;
            level -= 1.0 * smoothstep(0.50, 0.62, (along - along.floor() - 0.5).abs() * 2.0);
        }
        let angle = [0.5, -0.3, 0.9, 0.2, -0.7, 0.25, -0.95, -0.4][place.plane]
            + 0.4 * unit(hash(self.seed ^ place.plane as u32));
        (ramps.at(hue, level), axis(angle))
    }

    fn strands(&self, ramps: &Ramps, x: usize, y: usize, tone: f32) -> (Lab, [f32; 2]) {
        let Some(head) = self.head(x, y) else {
            return (ramps.at(Hue::Ink, tone), axis(0.0));
        };
        let kind = self
            .study
            .hair_kinds
            .get(usize::from(self.nearest.at(x, y)))
            .copied();
        let (light, dark) = schemes::hair(
            kind.unwrap_or(super::skin::HairKind::Black),
            self.seed.is_multiple_of(2),
        );
        let [u, v] = head.face.own(x as f32, y as f32);
        let scale = self.study.scale;
        let round = (v - 0.4).atan2(u);
        let away = head.face.unit * (u / 1.0).hypot((v - 0.5) / 1.25) / scale;
        let stripe = ((away + 7.0 * (5.0 * round).sin()) / 15.0).rem_euclid(2.0);
        let edge = smoothstep(0.0, 0.08, stripe) * (1.0 - smoothstep(1.0, 1.08, stripe));
        let paint = mix_lab(
            ramps.at(dark, 0.6 + 0.75 * tone),
            ramps.at(light, 1.0 + 0.55 * tone),
            edge,
        );
        (paint, axis(round + std::f32::consts::FRAC_PI_2))
    }

    /// All lines but those of the drawn features.
    fn ink(&self, watcher: &dyn Watcher) -> Result<Grid<f32>, Cancelled> {
        let study = self.study;
        let scale = study.scale;
        let (width, height) = (self.moved.width, self.moved.height);
        let photo = self.photo_lines(watcher)?;
        let mut ink = Grid::from_fn(width, height, |x, y| {
            let (px, py) = (x as f32, y as f32);
            let cover = |distance: f32, half: f32| (half * scale + 0.5 - distance).clamp(0.0, 1.0);
            let front = self.subject.cover.at(x, y);
            let skin = self.skin.cover.at(x, y);
            let hair = self.hair.cover.at(x, y);
            let mut ink = photo.at(x, y);
            let wall = cover(self.walls.at(px, py).1, 1.6) * smoothstep(0.6, 0.3, front);
            let cloth = cover(self.clothes.at(px, py).1, 1.6)
                * smoothstep(0.4, 0.7, front)
                * smoothstep(0.5, 0.2, skin.max(hair));
            ink = ink.max(wall).max(cloth);
            if let Some(head) = self.head(x, y)
                && skin > 0.3
            {
                let place = head.place(px, py);
                let unit = head.face.unit;
                let small = (unit / scale / 110.0 + 0.15).min(1.0);
                let [_, v] = place.own;
                let steep = (Head::profile(v + 0.02) - Head::profile(v - 0.02)) / 0.04;
                let profile = place.beyond.abs() * unit / (1.0 + steep * steep).sqrt();
                let taper = 1.0 - 0.5 * smoothstep(1.4, 2.6, v) - 0.4 * smoothstep(-0.6, -1.4, v);
                ink = ink.max(cover(profile, 3.0 * taper * small) * skin);
                let reach = smoothstep(2.3, 1.7, v);
                ink = ink.max(cover(place.border * unit * 0.97, 1.6 * small) * skin * reach);
            }
            ink
        });
        check(watcher)?;
        let mut outline = |shape: &Shape, half: f32| {
            for polygon in &shape.outlines {
                for i in 0..polygon.len() {
                    let (a, b) = (polygon[i], polygon[(i + 1) % polygon.len()]);
                    let on_border = |p: [f32; 2]| {
                        p[0] <= 1.0
                            || p[1] <= 1.0
                            || p[0] >= width as f32 - 2.0
                            || p[1] >= height as f32 - 2.0
                    };
                    if on_border(a) && on_border(b) {
                        continue;
                    }
                    let swell = 0.8 + 0.4 * unit(hash(self.seed ^ (i as u32).wrapping_mul(0x9e37)));
                    pen::line(&mut ink, &[a, b], half * scale, half * scale * swell);
                }
            }
        };
        outline(&self.subject, 2.7);
        check(watcher)?;
        outline(&self.skin, 2.1);
        outline(&self.hair, 1.9);
        Ok(ink)
    }

    /// The photo's own dark lines, made angular.
    fn photo_lines(&self, watcher: &dyn Watcher) -> Result<Grid<f32>, Cancelled> {
        let scale = self.study.scale;
        let light = self.moved.map(|c| c[0]);
        let tensor = flow::tensor(&self.moved, 1.4 * scale, 3.5 * scale);
        let headings = lines::headings(&flow::axes(&flow::filled(&tensor, scale)));
        check(watcher)?;
        let fine = lines::flow_dog(&light, &headings, 1.4 * scale, 5.0 * scale, 0.99);
        check(watcher)?;
        let local = blur(&fine.map(f32::abs), 35.0 * scale);
        check(watcher)?;
        let mean = blur(&light, 15.0 * scale);
        check(watcher)?;
        let field = Grid::from_fn(light.width, light.height, |x, y| {
            let front = self.subject.cover.at(x, y) * (1.0 - 0.8 * self.hair.cover.at(x, y));
            let skin = self.skin.cover.at(x, y);
            let normal = fine.at(x, y) / (1.6 * local.at(x, y) + 0.006);
            let line = smoothstep(-0.75, -1.15, normal);
            let deep = smoothstep(-0.08, -0.12, light.at(x, y) - mean.at(x, y)) * skin;
            let clear = self
                .head(x, y)
                .map_or(0.0, |h| features::cleared(h, x as f32, y as f32));
            line.max(deep) * front * (1.0 - clear)
        });
        let shape = Shape::new(&blur(&field, 0.8 * scale), 1.6, 55.0, scale);
        Ok(shape.cover)
    }
}
