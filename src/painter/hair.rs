//! Hair: what it looks like on each head, and where it is.

use super::blur::{blur, soften};
use super::face::Face;
use super::grid::{Grid, Lab, quantile, smoothstep};
use super::oklab::{chroma, hue};

/// What hair a person has, as far as a palette cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HairKind {
    Black,
    White,
    Red,
    Yellow,
}

/// Probability of hair, 0–1, and the kind of hair of each face.
pub(super) fn hair(
    raw: &Grid<Lab>,
    background: &Grid<f32>,
    skin: &Grid<f32>,
    faces: &[Face],
    monochrome: bool,
) -> (Grid<f32>, Vec<HairKind>) {
    // Without colour the silhouette is only a guess.
    let tightest = if monochrome { 1.0 } else { 1.2 };
    let mut mask = Grid::filled(raw.width, raw.height, 0.0);
    let mut kinds = Vec::new();
    for face in faces {
        let mut seeds: Vec<Lab> = Vec::new();
        for i in -20..=20 {
            for j in 0..=26 {
                let (u, v) = (i as f32 * 0.08, -1.75 + j as f32 * 0.06);
                let ring = (u / 1.22).hypot((v - 0.5) / 1.55);
                let [x, y] = face.pixel(u, v);
                let inside = x >= 0.0 && y >= 0.0 && x < raw.width as f32 && y < raw.height as f32;
                if inside
                    && (0.9..1.15).contains(&ring)
                    && v < -0.25
                    && background.near(x, y) < 0.3
                    && skin.near(x, y) < 0.3
                {
                    seeds.push(raw.near(x, y));
                }
            }
        }
        if seeds.len() < 30 {
            kinds.push(HairKind::Black);
            continue;
        }
        let channel = |c: usize, share: f32| {
            quantile(&mut seeds.iter().map(|s| s[c]).collect::<Vec<_>>(), share)
        };
        let middle = [channel(0, 0.5), channel(1, 0.5), channel(2, 0.5)];
        let spread = [0, 1, 2].map(|c| (channel(c, 0.72) - channel(c, 0.28)) * 0.7);
        let width = [
            spread[0].max(0.05),
            spread[1].max(0.012),
            spread[2].max(0.012),
        ];
        kinds.push(kind(channel(0, 0.38), middle));
        let add = Grid::from_fn(raw.width, raw.height, |x, y| {
            let [u, v] = face.own(x as f32, y as f32);
            let reach = (u / 2.1).hypot((v - 0.4) / 2.6) * if monochrome { 1.28 } else { 1.0 };
            if reach > 1.0 || (v > 1.0 && u.abs() < 0.75) {
                return 0.0;
            }
            let c = raw.at(x, y);
            let d: f32 = (0..3)
                .map(|i| ((c[i] - middle[i]) / width[i]).powi(2))
                .sum();
            let like = (-0.5 * (d - 7.0).max(0.0) / 4.0).exp();
            let cap = 1.0 - smoothstep(0.3, 0.7, v);
            let near_head = 1.0
                - smoothstep(
                    tightest,
                    tightest + 0.25,
                    (u / 1.35).hypot((v - 0.3) / 1.65),
                );
            let akin = (-0.5 * (d - 14.0).max(0.0) / 8.0).exp();
            let like = like.max(0.9 * cap * akin * near_head);
            let inner = smoothstep(0.72, 0.88, face.outline(x as f32, y as f32));
            like * inner
                * (1.0 - smoothstep(0.4, 0.7, background.at(x, y)))
                * (1.0 - smoothstep(0.25, 0.6, skin.at(x, y)))
        });
        mask = mask.zip(&from_cap(&add, face), f32::max);
    }
    (blur(&mask, 1.2), kinds)
}

/// Only what hangs together with the hair on top of the head: dark collars are not hair.
fn from_cap(hair: &Grid<f32>, face: &Face) -> Grid<f32> {
    let step = (face.unit / 14.0).max(1.0);
    let (w, h) = (
        (hair.width as f32 / step).ceil() as usize,
        (hair.height as f32 / step).ceil() as usize,
    );
    let small = soften(hair, 0.45 * step).resized((hair.width, hair.height), w, h);
    let mut reached = Grid::filled(w, h, false);
    let mut open: Vec<(usize, usize)> = Vec::new();
    for y in 0..h {
        for x in 0..w {
            let [u, v] = face.own((x as f32 + 0.5) * step, (y as f32 + 0.5) * step);
            if v < -0.15 && u.abs() < 1.5 && v > -2.2 && small.at(x, y) > 0.55 {
                reached.data[y * w + x] = true;
                open.push((x, y));
            }
        }
    }
    while let Some((x, y)) = open.pop() {
        for (dx, dy) in [(1_isize, 0_isize), (-1, 0), (0, 1), (0, -1)] {
            let (nx, ny) = (x as isize + dx, y as isize + dy);
            if nx < 0 || ny < 0 || nx >= w as isize || ny >= h as isize {
                continue;
            }
            let i = ny as usize * w + nx as usize;
            if !reached.data[i] && small.data[i] > 0.6 {
                reached.data[i] = true;
                open.push((nx as usize, ny as usize));
            }
        }
    }
    let soft =
        blur(&reached.map(|r| if r { 1.0_f32 } else { 0.0 }), 0.8).resized(hair.width, hair.height);
    hair.zip(&soft, |h, s| h * smoothstep(0.1, 0.4, s))
}

fn kind(dark: f32, middle: Lab) -> HairKind {
    if dark < 0.40 {
        HairKind::Black
    } else if chroma(middle) < 0.028 {
        HairKind::White
    } else if hue(middle) < 50.0 && middle[0] < 0.52 {
        HairKind::Red
    } else {
        HairKind::Yellow
    }
}
