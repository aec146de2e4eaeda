//! The colour of every facet.

use super::super::chance::{hash, unit};
use super::super::flow::{Axes, Unit, axis};
use super::super::grid::{Grid, Lab, mix_lab, smoothstep};
use super::super::hair::HairKind;
use super::super::{Cancelled, Watcher};
use super::Scene;
use super::schemes::{self, Hue, Ramps};

impl Scene<'_> {
    /// Flat colours of all facets and the direction of the brush in each.
    pub(super) fn coloured(
        &self,
        tones: &Grid<f32>,
        watcher: &dyn Watcher,
    ) -> Result<(Grid<Lab>, Axes), Cancelled> {
        let ramps = Ramps::new();
        let packed = Grid::watched(tones.width, tones.height, watcher, |x, y| {
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
            (colour, Unit::of(go))
        })?;
        Ok((packed.map(|p| p.0), packed.map(|p| p.1)))
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
        let of = |hues: &[Hue], n: u32| hues[(pick(n) * (hues.len() as f32 - 0.001)) as usize];
        let hue = match pick(1) {
            // Things get all the paints: greys would be most of a street or a workshop.
            p if self.heads.is_empty() => match p {
                p if p < 0.35 && own != Hue::Grey => own,
                p if p < 0.60 => of(&self.scheme.clothes[..2], 6),
                p if p < 0.80 => of(&self.scheme.walls, 6),
                _ => of(&self.scheme.near, 6),
            },
            p if p < 0.30 => own,
            p if p < 0.85 => self.scheme.clothes[((p - 0.30) / 0.55 * 2.999) as usize],
            _ => of(&self.scheme.walls, 6),
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
        let (w, h) = (self.light.width as f32, self.light.height as f32);
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
        } else if place.plane == 0 {
            // A brow in the shadow of a fringe would be a brown scrap in it.
            1.00 + 0.68 * tone
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
        let kind = self.study.hair_kind(x, y);
        let (light, dark) =
            schemes::hair(kind.unwrap_or(HairKind::Black), self.seed.is_multiple_of(2));
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
}
