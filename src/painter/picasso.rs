//! In the manner of Pablo Picasso's portraits about 1937: front and profile in one head, a warm and
//! a cool half, huge almond eyes, angular shapes, bold contours, striped hair and walls.

mod colour;
mod facets;
mod features;
mod ink;
mod planes;
mod schemes;
mod shape;

use image::RgbImage;

use super::blur::blur;
use super::canvas::{self, Canvas, Lamp};
use super::chance::{hash, unit};
use super::grid::{Grid, mix_lab, quantile, smoothstep};
use super::layer::{self, Layer, Motif};
use super::light::{Tone, toned_light};
use super::oklab::hex;
use super::polygon::Polygon;
use super::stroke::Touch;
use super::study::Study;
use super::{Cancelled, Watcher, check};
use facets::Facets;
use planes::{Head, nearest_heads};
use schemes::{SCHEMES, Scheme};
use shape::Shape;

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
    let (tones, edges) = scene.tones(watcher)?;
    check(watcher)?;
    let (flat, axes) = scene.coloured(&tones, watcher)?;
    watcher.progress(0.30, Some(&canvas::plain(&flat)));
    check(watcher)?;

    drop(tones);
    let mut canvas = Canvas::new(flat.clone(), scale);
    let motif = Motif {
        target: &flat,
        axes: &axes,
        recolour: &|_, _, c| c,
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
    canvas.colour.fill_watched(watcher, |y, row| {
        for (stroke, flat) in row.iter_mut().zip(flat.row(y)) {
            *stroke = mix_lab(*flat, *stroke, 0.55);
        }
    })?;
    drop((flat, axes));
    watcher.progress(0.6, Some(&canvas::plain(&canvas.colour)));

    let ink = scene.ink(&edges, watcher)?;
    check(watcher)?;
    let black = hex(INK);
    canvas.draw(&ink, black, 0.35);
    drop(ink);
    watcher.progress(0.85, Some(&canvas::plain(&canvas.colour)));
    check(watcher)?;
    // The front face last.
    for head in scene.heads.iter().rev() {
        features::draw(&mut canvas, head);
        check(watcher)?;
    }
    Ok(canvas.lit(LAMP))
}

/// The photo with its planes shifted, and the shapes it is made of.
struct Scene<'a> {
    study: &'a Study,
    seed: u32,
    scheme: Scheme,
    heads: Vec<Head>,
    nearest: Grid<u8>,
    /// Lightness of the photo, planes shifted.
    light: Grid<f32>,
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
        let nearest = nearest_heads(&heads, width, height, watcher)?;
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
        let photo = toned_light(&study.raw, tone, scale);
        check(watcher)?;
        let doubt = smoothstep(0.2, 0.5, study.trust);
        // Lightness, front, skin and hair.
        let moved = Grid::watched(width, height, watcher, |x, y| {
            let [sx, sy] = source(x, y);
            [
                photo.sample(sx, sy),
                1.0 - study.background.sample(sx, sy) * doubt,
                study.skin.sample(sx, sy),
                study.hair.sample(sx, sy),
            ]
        })?;
        drop(photo);
        check(watcher)?;
        let subject = Shape::new(
            &blur(&moved.map(|m| m[1]), 5.0 * scale),
            6.0,
            900.0,
            scale,
            watcher,
        )?;
        check(watcher)?;
        let unit_px = heads.first().map_or(70.0 * scale, |h| h.face.unit);
        let closed = blur(&moved.map(|m| m[2]), 0.07 * unit_px);
        let skin = Grid::from_fn(width, height, |x, y| {
            let near = heads
                .iter()
                .map(|h| h.face.outline(x as f32, y as f32))
                .fold(9.0, f32::min);
            let inside = if near < 0.92 { 0.8 } else { 0.0 };
            closed.at(x, y).max(inside)
                * smoothstep(0.7, 0.4, moved.at(x, y)[3] * smoothstep(0.5, 0.8, near))
        });
        check(watcher)?;
        let skin = Shape::new(&skin, 5.0, 500.0, scale, watcher)?;
        let hair = Shape::new(
            &blur(&moved.map(|m| m[3]), 3.0 * scale),
            5.0,
            700.0,
            scale,
            watcher,
        )?;
        Ok(Self {
            study,
            seed,
            scheme: SCHEMES[(seed % 4) as usize],
            heads,
            nearest,
            light: moved.map(|m| m[0]),
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

    /// Lightness as angular shapes, 0 dark – 4 light, and which of their outlines are drawn: a
    /// picture of things is made of them, a face of its features.
    fn tones(&self, watcher: &dyn Watcher) -> Result<(Grid<f32>, Vec<Polygon>), Cancelled> {
        let scale = self.study.scale;
        let things = self.heads.is_empty();
        let (soften, tolerance, smallest) = if things {
            (4.0, 5.0, 420.0)
        } else {
            (2.2, 3.2, 140.0)
        };
        let light = blur(&self.light, soften * scale);
        let limits = |skin: bool, shares: [f32; 4]| {
            let mut lights: Vec<f32> = light
                .data
                .iter()
                .zip(self.skin.cover.shares())
                .zip(self.subject.cover.shares())
                .filter(|((_, s), f)| (*s > 0.5) == skin && *f > 0.5)
                .map(|((l, _), _)| *l)
                .collect();
            shares.map(|s| quantile(&mut lights, s))
        };
        let face = limits(true, [0.07, 0.26, 0.58, 0.86]);
        let rest = limits(false, [0.22, 0.45, 0.68, 0.90]);
        let mut tones = Grid::filled(light.width, light.height, 0.0);
        let mut edges = Vec::new();
        for level in 0..4 {
            check(watcher)?;
            let above = Grid::from_fn(light.width, light.height, |x, y| {
                let skin = self.skin.cover.at(x, y) > 0.5;
                0.5 + light.at(x, y) - if skin { face[level] } else { rest[level] }
            });
            let shape = Shape::new(&above, tolerance, smallest, scale, watcher)?;
            tones.fill_rows(|y, row| {
                for (x, tone) in row.iter_mut().enumerate() {
                    *tone += shape.cover.at(x, y);
                }
            });
            if things && level % 2 == 0 {
                edges.extend(shape.outlines);
            }
        }
        Ok((tones, edges))
    }
}
