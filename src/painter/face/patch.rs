//! A face looked at closely: its lightness at one size and upright.

use super::super::blur::blur;
use super::super::grid::{Grid, Lab};
use super::Face;

/// Samples an eye distance.
const FINE: f32 = 48.0;
/// How far the patch reaches from between the eyes, in eye distances: to each side, up, down.
const REACH: (f32, f32, f32) = (1.3, 0.9, 1.3);
/// Of the contrast about the eyes this much is fine in a clear photo (0.34–0.48 on the samples); one
/// enlarged from a thumbnail has half of it (0.08–0.24).
const CLEAR: f32 = 0.28;

/// Lightness in face coordinates.
pub(super) struct Patch(Grid<f32>);

impl Patch {
    /// The patch of a face, each sample the mean of its area in the picture.
    pub(super) fn new(raw: &Grid<Lab>, face: &Face) -> Self {
        let (side, up, down) = REACH;
        let (w, h) = ((2.0 * side * FINE) as usize, ((up + down) * FINE) as usize);
        Self(Grid::from_fn(w, h, |x, y| {
            let quarter = 0.25 / FINE;
            let (u, v) = (x as f32 / FINE - side, y as f32 / FINE - up);
            let at = |du: f32, dv: f32| {
                let [px, py] = face.pixel(u + du * quarter, v + dv * quarter);
                raw.sample(px, py)[0]
            };
            0.25 * (at(-1.0, -1.0) + at(1.0, -1.0) + at(-1.0, 1.0) + at(1.0, 1.0))
        }))
    }

    /// Lightness at a place of the face.
    pub(super) fn at(&self, u: f32, v: f32) -> f32 {
        let (side, up, _) = REACH;
        self.0.sample((u + side) * FINE, (v + up) * FINE)
    }

    /// Standard deviation about the eyes.
    pub(super) fn contrast(&self) -> f32 {
        let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
        self.each(|u, v, i| {
            if u.abs() < 1.0 && (v - 0.1).abs() < 0.6 {
                let l = self.0.data[i];
                sum += l;
                squares += l * l;
                count += 1.0;
            }
        });
        let mean = sum / count;
        (squares / count - mean * mean).max(0.0).sqrt()
    }

    /// Is the photo too soft to show the eyes?
    pub(super) fn is_vague(&self) -> bool {
        let (fine, coarse) = (blur(&self.0, 1.5), blur(&self.0, 8.0));
        let (mut small, mut large) = (0.0, 1e-6);
        self.each(|u, v, i| {
            if (u.abs() - 0.5).hypot(v) < 0.3 {
                let l = self.0.data[i];
                small += (l - fine.data[i]).abs();
                large += (l - coarse.data[i]).abs();
            }
        });
        small < CLEAR * large
    }

    /// Calls `f` for all samples with their place and index.
    fn each(&self, mut f: impl FnMut(f32, f32, usize)) {
        let (side, up, _) = REACH;
        for i in 0..self.0.data.len() {
            let (x, y) = (i % self.0.width, i / self.0.width);
            f(x as f32 / FINE - side, y as f32 / FINE - up, i);
        }
    }
}
