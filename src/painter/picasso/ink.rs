//! The drawn lines: contours, planes, facets, and the photo's own.

use super::super::blur::{blur, soften};
use super::super::chance::{hash, unit};
use super::super::flow::Tensor;
use super::super::grid::{Grid, smoothstep};
use super::super::mask::Mask;
use super::super::polygon::Polygon;
use super::super::{Cancelled, Watcher, check, lines, pen};
use super::planes::Head;
use super::shape::Shape;
use super::{Scene, features};

impl Scene<'_> {
    /// All lines but those of the drawn features; `edges` are outlines of tones to draw.
    pub(super) fn ink(&self, edges: &[Polygon], watcher: &dyn Watcher) -> Result<Mask, Cancelled> {
        let study = self.study;
        let scale = study.scale;
        let (width, height) = (self.light.width, self.light.height);
        let photo = self.photo_lines(watcher)?;
        let mut ink = Grid::watched(width, height, watcher, |x, y| {
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
        })?;
        check(watcher)?;
        if !edges.is_empty() {
            let mut tones = Grid::filled(width, height, 0.0);
            self.outline(&mut tones, edges, 1.3, watcher)?;
            ink.fill_rows(|y, row| {
                for (x, ink) in row.iter_mut().enumerate() {
                    *ink = ink.max(tones.at(x, y) * self.subject.cover.at(x, y));
                }
            });
        }
        self.outline(&mut ink, &self.subject.outlines, 2.7, watcher)?;
        self.outline(&mut ink, &self.skin.outlines, 2.1, watcher)?;
        self.outline(&mut ink, &self.hair.outlines, 1.9, watcher)?;
        Ok(Mask::new(&ink))
    }

    /// Draws outlines but for what runs along the border of the picture; `half` the line's width,
    /// pixels at 768.
    fn outline(
        &self,
        ink: &mut Grid<f32>,
        polygons: &[Polygon],
        half: f32,
        watcher: &dyn Watcher,
    ) -> Result<(), Cancelled> {
        let half = half * self.study.scale;
        let (right, bottom) = (ink.width as f32 - 2.0, ink.height as f32 - 2.0);
        let on_border = |p: [f32; 2]| p[0] <= 1.0 || p[1] <= 1.0 || p[0] >= right || p[1] >= bottom;
        for polygon in polygons {
            check(watcher)?;
            for (i, a) in polygon.iter().enumerate() {
                let b = polygon[(i + 1) % polygon.len()];
                if on_border(*a) && on_border(b) {
                    continue;
                }
                let swell = 0.8 + 0.4 * unit(hash(self.seed ^ (i as u32).wrapping_mul(0x9e37)));
                pen::line(ink, &[*a, b], half, half * swell);
            }
        }
        Ok(())
    }

    /// The photo's own dark lines, made angular.
    fn photo_lines(&self, watcher: &dyn Watcher) -> Result<Mask, Cancelled> {
        let scale = self.study.scale;
        let light = &self.light;
        let tensor = Tensor::new(light, 1.4 * scale, 3.5 * scale);
        check(watcher)?;
        let filled = tensor.filled(scale);
        drop(tensor);
        check(watcher)?;
        let headings = lines::headings(&filled.axes());
        drop(filled);
        check(watcher)?;
        let fine = lines::flow_dog(watcher, light, &headings, 1.4 * scale, 5.0 * scale, 0.99)?;
        check(watcher)?;
        let local = soften(&fine.map(f32::abs), 35.0 * scale);
        check(watcher)?;
        let mean = soften(light, 15.0 * scale);
        check(watcher)?;
        let field = Grid::watched(light.width, light.height, watcher, |x, y| {
            let front = self.subject.cover.at(x, y) * (1.0 - 0.8 * self.hair.cover.at(x, y));
            let skin = self.skin.cover.at(x, y);
            let normal = fine.at(x, y) / (1.6 * local.at(x, y) + 0.006);
            let line = smoothstep(-0.75, -1.15, normal);
            let deep = smoothstep(-0.08, -0.12, light.at(x, y) - mean.at(x, y)) * skin;
            let clear = self
                .head(x, y)
                .map_or(0.0, |h| features::cleared(h, x as f32, y as f32));
            line.max(deep) * front * (1.0 - clear)
        })?;
        let field = blur(&field, 0.8 * scale);
        check(watcher)?;
        let shape = Shape::new(&field, 1.6, 55.0, scale, watcher)?;
        Ok(shape.cover)
    }
}
