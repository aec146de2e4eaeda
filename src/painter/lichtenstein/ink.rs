//! The black line.

use super::super::blur::blur;
use super::super::chance::noise;
use super::super::distance;
use super::super::grid::{Grid, Lab, smoothstep};
use super::super::lines;
use super::super::regions::drop_islands;
use super::super::{Cancelled, Watcher, check};
use super::Print;
use super::backdrop::Scenery;
use super::zones::Zone;

impl Print<'_> {
    /// Coverage of the black line, 0–1.
    pub(super) fn ink(
        &self,
        photo: &Grid<Lab>,
        hull: &Grid<bool>,
        scenery: &Scenery,
        watcher: &dyn Watcher,
    ) -> Result<Grid<f32>, Cancelled> {
        let (scale, size) = (self.scale, self.size);
        let study = self.study;
        let light = photo.map(|c| c[0]);
        let k = scale * size;
        let fine = lines::flow_dog(watcher, &light, self.headings, 1.25 * k, 5.0 * k, 0.99)?;
        check(watcher)?;
        let local = blur(&fine.map(f32::abs), 35.0 * k);
        check(watcher)?;
        let mean = blur(&light, 16.0 * k);
        let deep = lines::along(
            watcher,
            &light.zip(&mean, |l, m| l - m),
            self.headings,
            3.0 * k,
        )?;
        check(watcher)?;
        let half = light.halved();
        let flow_half = Grid::from_fn(half.width, half.height, |x, y| {
            self.headings.clamped(2 * x as isize, 2 * y as isize)
        });
        let coarse = lines::flow_dog(watcher, &half, &flow_half, 1.5 * k, 4.0 * k, 0.99)?
            .doubled(light.width, light.height);
        check(watcher)?;

        let border = self.borders();
        check(watcher)?;
        let outline = self.outline();
        check(watcher)?;
        let drawn = Grid::watched(light.width, light.height, watcher, |x, y| {
            let (px, py) = (x as f32 / k, y as f32 / k);
            let swell = noise(px / 55.0, py / 55.0, self.seed ^ 0x1ce);
            let d = fine.at(x, y);
            let zone = self.zones.at(x, y);
            let mut ink = 0.0_f32;
            if zone == Zone::Backdrop {
                let parting = scenery.at(x as f32, y as f32).1;
                ink = ((1.1 + 0.9 * swell) * k + 0.5 - parting).clamp(0.0, 1.0);
            } else {
                if hull.at(x, y) {
                    let near = study
                        .faces
                        .iter()
                        .map(|f| f.outline(x as f32, y as f32))
                        .fold(9.0, f32::min);
                    let normal = d / (1.6 * local.at(x, y) + 0.0035);
                    let central = 1.0 - smoothstep(0.85, 1.1, near);
                    ink = ink.max((1.0 - smoothstep(-1.25, -0.65, normal)) * central);
                    ink = ink.max(1.0 - smoothstep(-0.135, -0.09, deep.at(x, y)));
                } else if zone != Zone::BlackHair && zone != Zone::Black {
                    ink = ink.max(1.0 - smoothstep(-0.018, -0.006, d));
                    ink = ink.max(1.0 - smoothstep(-0.034, -0.014, coarse.at(x, y)));
                }
            }
            let half_width = ((0.8 + 1.1 * swell) * k).max(0.45);
            ink = ink.max((half_width + 0.5 - border.at(x, y)).clamp(0.0, 1.0));
            let heavy = ((2.2 + 2.4 * swell) * k).max(0.8);
            ink.max((heavy + 0.5 - outline.at(x, y)).clamp(0.0, 1.0))
        })?;
        check(watcher)?;
        let mut solid = drawn.map(|i| i > 0.5);
        let smallest = (90.0 * k * k) as usize;
        drop_islands(&mut solid, |ink| if ink { smallest } else { smallest / 6 });
        check(watcher)?;
        let cleaned = drawn.zip(&solid, |i, s| if s { i.max(0.75) } else { i.min(0.25) });
        let smooth = blur(&cleaned, 1.1 * k);
        Ok(smooth.map(|i| smoothstep(0.36, 0.60, i)))
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
