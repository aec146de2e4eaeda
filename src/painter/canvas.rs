//! The canvas: colour and paint height, painted in bands, lit at the end.

use image::RgbImage;
use rayon::prelude::*;

use super::blur::blur;
use super::grid::{Grid, Lab, mix_lab};
use super::mask::Mask;
use super::oklab;
use super::stroke::{self, Band, Strokes, Touch};
use super::{Cancelled, Watcher, check};

/// Rows a band: small enough that a cancelled painting stops soon, large enough to amortise clipping.
const BAND_ROWS: usize = 48;
/// How many strokes are laid between two looks at the watcher.
const STROKES_PER_LOOK: usize = 64;

/// A painting in progress.
pub(super) struct Canvas {
    /// Colour of the surface.
    pub(super) colour: Grid<Lab>,
    /// Height of the paint, about 0–1.3.
    pub(super) height: Grid<f32>,
    /// Work size / 768.
    pub(super) scale: f32,
}

/// How the finished surface is lit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lamp {
    /// How steep the relief looks.
    pub(super) relief: f32,
    /// Strength of the gloss.
    pub(super) gloss: f32,
}

impl Canvas {
    /// A canvas with a ground and no paint on it.
    pub(super) fn new(ground: Grid<Lab>, scale: f32) -> Self {
        let height = Grid::filled(ground.width, ground.height, 0.0);
        Self {
            colour: ground,
            height,
            scale,
        }
    }

    /// Lays strokes in their order. Bands replay all strokes clipped to themselves, so the result
    /// is the same for any number of threads.
    pub(super) fn lay(
        &mut self,
        strokes: &Strokes,
        touch: &Touch,
        watcher: &dyn Watcher,
    ) -> Result<(), Cancelled> {
        let width = self.colour.width;
        let scale = self.scale;
        let rows: Vec<(f32, f32)> = strokes.list.iter().map(|s| strokes.rows(s)).collect();
        let done = self
            .colour
            .data
            .par_chunks_mut(width * BAND_ROWS)
            .zip(self.height.data.par_chunks_mut(width * BAND_ROWS))
            .enumerate()
            .map_init(Vec::new, |scratch, (index, (colour, height))| {
                let top = index * BAND_ROWS;
                let (first, last) = (top as f32, (top + colour.len() / width) as f32);
                let mut band = Band {
                    top,
                    width,
                    colour,
                    height,
                };
                let mut laid = 0;
                for (stroke, (above, below)) in strokes.list.iter().zip(&rows) {
                    if *below < first || *above > last {
                        continue;
                    }
                    if laid % STROKES_PER_LOOK == 0 && watcher.is_cancelled() {
                        return false;
                    }
                    laid += 1;
                    let line = strokes.line(stroke);
                    stroke::lay((stroke, line), touch, scale, &mut band, scratch);
                }
                true
            })
            .reduce(|| true, |a, b| a && b);
        if done { Ok(()) } else { Err(Cancelled) }
    }

    /// Covers the surface with lines of a colour, their paint `thickness` high.
    pub(super) fn draw(&mut self, lines: &Mask, paint: Lab, thickness: f32) {
        self.colour.fill_rows(|y, row| {
            for (x, c) in row.iter_mut().enumerate() {
                *c = mix_lab(*c, paint, lines.at(x, y));
            }
        });
        self.height.fill_rows(|y, row| {
            for (x, h) in row.iter_mut().enumerate() {
                *h += thickness * lines.at(x, y);
            }
        });
    }

    /// The surface lit from the upper left.
    pub(super) fn lit(&self, lamp: Lamp) -> RgbImage {
        let relief = blur(&self.height, 0.6 * self.scale.max(0.5));
        let (azimuth, elevation) = (-2.3_f32, 0.69_f32);
        let light = [
            azimuth.cos() * elevation.cos(),
            azimuth.sin() * elevation.cos(),
            elevation.sin(),
        ];
        let half = {
            let h = [light[0], light[1], light[2] + 1.0];
            let n = (h[0] * h[0] + h[1] * h[1] + h[2] * h[2]).sqrt();
            h.map(|v| v / n)
        };
        render(&self.colour, |x, y, rgb| {
            let (x, y) = (x as isize, y as isize);
            let dx = 0.5 * (relief.clamped(x + 1, y) - relief.clamped(x - 1, y)) * lamp.relief;
            let dy = 0.5 * (relief.clamped(x, y + 1) - relief.clamped(x, y - 1)) * lamp.relief;
            let inverse = 1.0 / (dx * dx + dy * dy + 1.0).sqrt();
            let normal = [-dx * inverse, -dy * inverse, inverse];
            let dot = |v: [f32; 3]| normal[0] * v[0] + normal[1] * v[1] + normal[2] * v[2];
            let shade = (dot(light) / light[2]).clamp(0.35, 1.7);
            // (n·h)^24, as a product; a flat surface gets none of it.
            let gleam = |c: f32| {
                let c8 = (c * c) * (c * c) * (c * c) * (c * c);
                c8 * c8 * c8
            };
            let gloss = lamp.gloss * (gleam(dot(half).max(0.0)) - gleam(half[2])).max(0.0);
            rgb.map(|c| c.max(0.0) * shade + gloss)
        })
    }
}

/// Bytes of a colour grid, each pixel's linear light passed through `finish`.
fn render(
    colour: &Grid<Lab>,
    finish: impl Fn(usize, usize, [f32; 3]) -> [f32; 3] + Sync,
) -> RgbImage {
    rendered(colour.width, colour.height, |x, y| {
        finish(x, y, oklab::to_linear(colour.at(x, y)))
    })
}

/// Bytes of a colour grid as it is.
pub(super) fn plain(colour: &Grid<Lab>) -> RgbImage {
    render(colour, |_, _, rgb| rgb)
}

/// Bytes of colours computed pixel by pixel; each row asks first whether it is still wanted.
pub(super) fn painted(
    width: usize,
    height: usize,
    watcher: &dyn Watcher,
    colour: impl Fn(usize, usize) -> Lab + Sync,
) -> Result<RgbImage, Cancelled> {
    let picture = rendered(width, height, |x, y| {
        if x % 256 == 0 && watcher.is_cancelled() {
            return [0.0; 3];
        }
        oklab::to_linear(colour(x, y))
    });
    check(watcher)?;
    Ok(picture)
}

/// Bytes of linear light computed pixel by pixel.
fn rendered(
    width: usize,
    height: usize,
    linear: impl Fn(usize, usize) -> [f32; 3] + Sync,
) -> RgbImage {
    let mut bytes = vec![0_u8; width * height * 3];
    bytes
        .par_chunks_mut(width * 3)
        .enumerate()
        .for_each(|(y, row)| {
            for (x, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
                *pixel = oklab::encode(linear(x, y));
            }
        });
    RgbImage::from_raw(width as u32, height as u32, bytes).expect("three bytes a pixel were made")
}
