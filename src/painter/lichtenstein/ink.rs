//! The black line.

use super::super::blur::{Soft, blur, soften};
use super::super::chance::noise;
use super::super::distance;
use super::super::grid::{Grid, smoothstep};
use super::super::lines;
use super::super::mask::Mask;
use super::super::regions::drop_islands;
use super::super::{Cancelled, Watcher, check};
use super::Print;
use super::backdrop::Scenery;
use super::features;
use super::zones::Zone;

impl Print<'_> {
    /// Coverage of the black line, from the lightness of the photo.
    pub(super) fn ink(
        &self,
        light: Grid<f32>,
        hull: &Grid<bool>,
        scenery: &Scenery,
        watcher: &dyn Watcher,
    ) -> Result<Mask, Cancelled> {
        let (scale, size) = (self.scale, self.size);
        let study = self.study;
        let k = scale * size;
        let fine = lines::flow_dog(watcher, &light, self.headings, 1.25 * k, 5.0 * k, 0.99)?;
        check(watcher)?;
        let local = soften(&fine.map(f32::abs), 35.0 * k);
        check(watcher)?;
        let half = light.halved();
        let flow_half = Grid::from_fn(half.width, half.height, |x, y| {
            self.headings.clamped(2 * x as isize, 2 * y as isize)
        });
        let coarse = lines::flow_dog(watcher, &half, &flow_half, 1.5 * k, 4.0 * k, 0.99)?;
        let coarse = Soft::halved(coarse);
        drop((half, flow_half));
        check(watcher)?;
        let mut deep = light;
        let mean = soften(&deep, 16.0 * k);
        deep.fill_rows(|y, row| {
            for (x, l) in row.iter_mut().enumerate() {
                *l -= mean.at(x, y);
            }
        });
        let deep = lines::along(watcher, &deep, self.headings, 3.0 * k)?;
        check(watcher)?;

        let border = self.borders();
        check(watcher)?;
        let outline = self.outline();
        check(watcher)?;
        let drawn = Grid::watched(deep.width, deep.height, watcher, |x, y| {
            let (px, py) = (x as f32 / k, y as f32 / k);
            let swell = noise(px / 55.0, py / 55.0, self.seed ^ 0x1ce);
            let d = fine.at(x, y);
            let zone = self.zones.at(x, y);
            let mut ink = 0.0_f32;
            // Some faces get their lines from memory.
            let mut own = false;
            if zone == Zone::Backdrop {
                let parting = scenery.at(x as f32, y as f32).1;
                ink = ((1.1 + 0.9 * swell) * k + 0.5 - parting).clamp(0.0, 1.0);
            } else {
                if hull.at(x, y) {
                    let face = study.nearest_face(x as f32, y as f32);
                    let near = face.map_or(9.0, |f| f.outline(x as f32, y as f32));
                    own = face.is_some_and(|f| near < 0.95 && features::from_memory(f, scale));
                    let normal = d / (1.6 * local.at(x, y) + 0.0035);
                    let central = 1.0 - smoothstep(0.85, 1.1, near);
                    if !own {
                        ink = (1.0 - smoothstep(-1.25, -0.65, normal)) * central;
                        ink = ink.max(1.0 - smoothstep(-0.135, -0.09, deep.at(x, y)));
                    }
                } else if zone != Zone::BlackHair && zone != Zone::Black {
                    ink = ink.max(1.0 - smoothstep(-0.018, -0.006, d));
                    ink = ink.max(1.0 - smoothstep(-0.034, -0.014, coarse.at(x, y)));
                }
            }
            let half_width = ((0.8 + 1.1 * swell) * k).max(0.45);
            if !own {
                ink = ink.max((half_width + 0.5 - border.at(x, y)).clamp(0.0, 1.0));
            }
            let heavy = ((2.2 + 2.4 * swell) * k).max(0.8);
            ink.max((heavy + 0.5 - outline.at(x, y)).clamp(0.0, 1.0))
        })?;
        drop((fine, local, coarse, deep, border, outline));
        check(watcher)?;
        let mut solid = drawn.map(|i| i > 0.5);
        let smallest = (90.0 * k * k) as usize;
        drop_islands(&mut solid, |ink| if ink { smallest } else { smallest / 6 });
        check(watcher)?;
        let cleaned = drawn.zip(&solid, |i, s| if s { i.max(0.75) } else { i.min(0.25) });
        drop((drawn, solid));
        let mut smooth = blur(&cleaned, 1.1 * k);
        drop(cleaned);
        smooth.fill_rows(|_, row| {
            for ink in row {
                *ink = smoothstep(0.36, 0.60, *ink);
            }
        });
        let drawn = features::lines(study, &smooth);
        Ok(Mask::from_fn(smooth.width, smooth.height, |x, y| {
            let own = if hull.at(x, y) { drawn.at(x, y) } else { 0.0 };
            smooth.at(x, y).max(own)
        }))
    }

    /// Distance to the nearest border between two flat areas.
    fn borders(&self) -> Grid<f32> {
        let zones = self.zones;
        let quiet = |zone: Zone| matches!(zone, Zone::Backdrop);
        let edge = Grid::from_fn(zones.width, zones.height, |x, y| {
            let here = zones.at(x, y);
            let other = |dx, dy| zones.clamped(x as isize + dx, y as isize + dy);
            let differs = |there: Zone| there != here && !quiet(here) && !quiet(there);
            differs(other(1, 0)) || differs(other(0, 1))
        });
        distance::to_marked(&edge)
    }

    /// Distance to the silhouette.
    fn outline(&self) -> Grid<f32> {
        let zones = self.zones;
        let edge = Grid::from_fn(zones.width, zones.height, |x, y| {
            let here = zones.at(x, y) == Zone::Backdrop;
            let other = |dx, dy| zones.clamped(x as isize + dx, y as isize + dy) == Zone::Backdrop;
            here != other(1, 0) || here != other(0, 1)
        });
        distance::to_marked(&edge)
    }
}
