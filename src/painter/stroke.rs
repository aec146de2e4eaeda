//! Brush strokes: their shape, and how one is laid on the canvas.

use super::bristle;
use super::grid::{Lab, mix_lab, smoothstep};

/// How the paint of a layer goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touch {
    /// Opacity 0–1.
    pub(super) alpha: f32,
    /// `None`: a hard edge; `Some(p)`: the outer share `p` of the radius fades.
    pub(super) feather: Option<f32>,
    /// How much the ends narrow, 0–1.
    pub(super) taper: f32,
    /// How dry the ends run, 0–1.
    pub(super) dry: f32,
    /// Depth of the bristle marks in colour, 0–1.
    pub(super) bristle: f32,
    /// Depth of the bristle marks in height, 0–1.
    pub(super) comb: f32,
    /// Thickness of the paint.
    pub(super) height: f32,
}

/// One stroke: a line, a half-width and two colours that streak.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stroke {
    /// Where its points begin in [`Strokes::points`].
    pub(super) first: u32,
    /// Number of points, at least two.
    pub(super) count: u32,
    /// Half-width, pixels.
    pub(super) radius: f32,
    /// The two colours mixed by the streaks.
    pub(super) colours: [Lab; 2],
    /// Chooses the part of the bristle tile.
    pub(super) seed: u32,
    /// Strokes are laid from the smallest to the largest.
    pub(super) order: f32,
}

/// Strokes in the order in which they are laid, their points in one heap: most strokes are short.
#[derive(Clone, Debug, Default)]
pub(super) struct Strokes {
    /// The strokes.
    pub(super) list: Vec<Stroke>,
    /// The points of all lines.
    pub(super) points: Vec<[f32; 2]>,
}

impl Strokes {
    /// The points of one stroke.
    pub(super) fn line(&self, stroke: &Stroke) -> &[[f32; 2]] {
        &self.points[stroke.first as usize..(stroke.first + stroke.count) as usize]
    }

    /// Adds a stroke with its line.
    pub(super) fn push(&mut self, stroke: Stroke, line: &[[f32; 2]]) {
        self.list.push(Stroke {
            first: self.points.len() as u32,
            count: line.len() as u32,
            ..stroke
        });
        self.points.extend_from_slice(line);
    }

    /// Adds all of another's strokes after these.
    pub(super) fn append(&mut self, other: &Self) {
        let shift = self.points.len() as u32;
        self.list.extend(other.list.iter().map(|s| Stroke {
            first: s.first + shift,
            ..*s
        }));
        self.points.extend_from_slice(&other.points);
    }

    /// First and last row that a stroke can touch.
    pub(super) fn rows(&self, stroke: &Stroke) -> (f32, f32) {
        let (mut top, mut bottom) = (f32::MAX, f32::MIN);
        for p in self.line(stroke) {
            top = top.min(p[1]);
            bottom = bottom.max(p[1]);
        }
        (top - stroke.radius - 1.0, bottom + stroke.radius + 1.0)
    }
}

/// What a stroke is laid on: some full rows of colour and of paint height.
pub(super) struct Band<'a> {
    /// First row of the band in the picture.
    pub(super) top: usize,
    /// Pixels a row.
    pub(super) width: usize,
    /// Colours, row order.
    pub(super) colour: &'a mut [Lab],
    /// Paint height, row order.
    pub(super) height: &'a mut [f32],
}

/// Nearest point of the line for one pixel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near {
    squared: f32,
    along: f32,
    across: f32,
}

const FAR: Near = Near {
    squared: f32::MAX,
    along: 0.0,
    across: 0.0,
};

/// Lays one stroke on a band. `scratch` is reused between calls; `scale` is work size / 768.
///
/// The distance to the whole line is found first and painted once, so that the joints of the line
/// do not show.
pub(super) fn lay(
    (stroke, points): (&Stroke, &[[f32; 2]]),
    touch: &Touch,
    scale: f32,
    band: &mut Band<'_>,
    scratch: &mut Vec<Near>,
) {
    let reach = stroke.radius + 1.0;
    let rows = band.colour.len() / band.width;
    let (mut left, mut right, mut top, mut bottom) = (f32::MAX, f32::MIN, f32::MAX, f32::MIN);
    for p in points {
        left = left.min(p[0]);
        right = right.max(p[0]);
        top = top.min(p[1]);
        bottom = bottom.max(p[1]);
    }
    let offset = band.top as f32;
    let x0 = (left - reach).floor().max(0.0) as usize;
    let x1 = ((right + reach).ceil() + 1.0).clamp(0.0, band.width as f32) as usize;
    let y0 = (top - reach - offset).floor().max(0.0) as usize;
    let y1 = ((bottom + reach - offset).ceil() + 1.0).clamp(0.0, rows as f32) as usize;
    if x0 >= x1 || y0 >= y1 {
        return;
    }
    let (box_w, box_h) = (x1 - x0, y1 - y0);
    scratch.clear();
    scratch.resize(box_w * box_h, FAR);

    let mut travelled = 0.0;
    for pair in points.windows(2) {
        let ([ax, ay], [bx, by]) = (pair[0], pair[1]);
        let (dx, dy) = (bx - ax, by - ay);
        let length = (dx * dx + dy * dy).sqrt().max(1e-4);
        let (ux, uy) = (dx / length, dy / length);
        let sx0 = ((ax.min(bx) - reach).floor().max(x0 as f32) as usize).min(x1);
        let sx1 = (((ax.max(bx) + reach).ceil() + 1.0).max(x0 as f32) as usize).min(x1);
        let sy0 = ((ay.min(by) - reach - offset).floor().max(y0 as f32) as usize).min(y1);
        let sy1 = (((ay.max(by) + reach - offset).ceil() + 1.0).max(y0 as f32) as usize).min(y1);
        for y in sy0..sy1 {
            let py = (y + band.top) as f32 - ay;
            let row = &mut scratch[(y - y0) * box_w..(y - y0 + 1) * box_w];
            for (near, x) in row[sx0 - x0..sx1.max(sx0) - x0].iter_mut().zip(sx0..) {
                let px = x as f32 - ax;
                let t = (px * ux + py * uy).clamp(0.0, length);
                let (ex, ey) = (px - t * ux, py - t * uy);
                let squared = ex * ex + ey * ey;
                if squared < near.squared {
                    *near = Near {
                        squared,
                        along: travelled + t,
                        across: px * -uy + py * ux,
                    };
                }
            }
        }
        travelled += length;
    }

    let tile = bristle::tile();
    let total = travelled.max(1e-3);
    let tile_scale = 1.0 / scale.max(0.2);
    let (shift_u, shift_v) = (
        (stroke.seed & 255) as f32,
        ((stroke.seed >> 8) & 255) as f32,
    );
    let limit = reach * reach;
    for y in 0..box_h {
        let line = (y + y0) * band.width + x0;
        let near_row = &scratch[y * box_w..(y + 1) * box_w];
        let colour_row = &mut band.colour[line..line + box_w];
        let height_row = &mut band.height[line..line + box_w];
        for ((near, canvas), relief) in near_row.iter().zip(colour_row).zip(height_row) {
            if near.squared >= limit {
                continue;
            }
            let along = near.along / total;
            let end = along.min(1.0 - along);
            let narrowing = (3.2 * end).min(1.0).sqrt();
            let radius = stroke.radius * (1.0 - touch.taper + touch.taper * narrowing);
            let distance = near.squared.sqrt();
            let mut cover = match touch.feather {
                None => (radius - distance + 0.5).clamp(0.0, 1.0),
                Some(share) => 1.0 - smoothstep(1.0 - share, 1.05, distance / radius.max(0.3)),
            };
            if cover <= 0.0 {
                continue;
            }
            let [hairs, streak] = bristle::at(
                tile,
                near.along * 0.6 * tile_scale + shift_u,
                near.across * tile_scale + shift_v + 256.0,
            );
            let edge = (2.0 * along - 1.0).abs();
            let dryness = touch.dry * edge * edge * 1.3;
            if hairs < dryness {
                cover *= (1.0 - 4.0 * (dryness - hairs)).max(0.0);
            }
            let amount = touch.alpha * cover * (1.0 - 0.25 * touch.bristle * (1.0 - hairs));
            *canvas = mix_lab(
                *canvas,
                mix_lab(stroke.colours[0], stroke.colours[1], streak),
                amount,
            );
            let ridge = 0.55 + 0.45 * (distance / radius.max(0.3)).min(1.0);
            let thick = touch.height
                * (ridge * (1.0 - touch.comb).max(0.0) + 1.3 * touch.comb * hairs)
                * (0.75 + 0.5 * (1.2 * along).min(1.0));
            *relief += (thick - *relief) * 0.9 * touch.alpha * cover;
        }
    }
}
