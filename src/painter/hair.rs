//! Hair: what it looks like on each head, and where it is.

use super::blur::{blur, soften};
use super::face::Face;
use super::grid::{Grid, Lab, quantile, smoothstep};
use super::oklab::{chroma, hue};
use super::regions::drop_islands;
use super::skin;

/// What hair a person has, as far as a palette cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HairKind {
    Black,
    White,
    Red,
    Yellow,
}

/// Where hair is, and whose.
pub(super) struct Hair {
    /// Probability of hair, 0–1.
    pub(super) mask: Grid<f32>,
    /// Index of the face that the hair of a pixel belongs to.
    pub(super) owner: Grid<u8>,
    /// The kind of hair of each face.
    pub(super) kinds: Vec<HairKind>,
}

/// The hair of all faces (at most 255).
pub(super) fn hair(
    raw: &Grid<Lab>,
    background: &Grid<f32>,
    skin: &Grid<f32>,
    faces: &[Face],
    monochrome: bool,
) -> Hair {
    // Probability, and how much it looks like the hair of its owner.
    let mut best = Grid::filled(raw.width, raw.height, [0.0_f32; 2]);
    // Where nobody's hair is found it would be that of the nearest.
    let mut owner = if faces.len() > 1 {
        Grid::from_fn(raw.width, raw.height, |x, y| {
            let far = |f: &Face| f.outline(x as f32, y as f32);
            let nearest =
                (0..faces.len()).min_by(|a, b| far(&faces[*a]).total_cmp(&far(&faces[*b])));
            nearest.unwrap_or(0) as u8
        })
    } else {
        Grid::filled(raw.width, raw.height, 0_u8)
    };
    let mut kinds = Vec::new();
    for (index, face) in faces.iter().enumerate() {
        let look = Look::of(&seeds(raw, background, skin, face));
        let found = if monochrome {
            Some(grey_hair(raw, background, skin, face))
        } else {
            look.as_ref().map(|look| {
                let mask = coloured_hair(raw, background, skin, face, look);
                (mask, kind(look, skin::tone(raw, face)))
            })
        };
        let Some((mask, kind)) = found else {
            kinds.push(HairKind::Black);
            continue;
        };
        kinds.push(kind);
        let mask = from_cap(&mask, face);
        for (i, m) in mask.data.iter().enumerate() {
            let far = look.as_ref().map_or(1.0, |look| look.far(raw.data[i]));
            let likeness = m / (1.0 + 0.2 * far);
            if likeness > best.data[i][1] {
                best.data[i][1] = likeness;
                owner.data[i] = index as u8;
            }
            best.data[i][0] = best.data[i][0].max(*m);
        }
    }
    let mut mask = best.map(|b| b[0]);
    let largest = faces.iter().map(|f| f.unit).fold(0.0, f32::max);
    close_holes(&mut mask, (0.35 * largest).powi(2) as usize);
    // Thin lines that run out of the hair are shadows beside it.
    let broad = soften(&mask, 0.07 * largest);
    mask.fill_rows(|y, row| {
        for (x, h) in row.iter_mut().enumerate() {
            *h *= smoothstep(0.3, 0.5, broad.at(x, y));
        }
    });
    Hair {
        mask: blur(&mask, 1.2),
        owner,
        kinds,
    }
}

/// What looks like a sitter's hair near the head.
fn coloured_hair(
    raw: &Grid<Lab>,
    background: &Grid<f32>,
    skin: &Grid<f32>,
    face: &Face,
    look: &Look,
) -> Grid<f32> {
    Grid::from_fn(raw.width, raw.height, |x, y| {
        let [u, v] = face.own(x as f32, y as f32);
        let reach = (u / 2.1).hypot((v - 0.4) / 2.6);
        if reach > 1.0 || (v > 1.0 && u.abs() < 0.75) {
            return 0.0;
        }
        let d = look.far(raw.at(x, y));
        let like = (-0.5 * (d - 7.0).max(0.0) / 4.0).exp();
        let cap = 1.0 - smoothstep(0.3, 0.7, v);
        let near_head = 1.0 - smoothstep(1.2, 1.45, (u / 1.35).hypot((v - 0.3) / 1.65));
        let akin = (-0.5 * (d - 12.0).max(0.0) / 4.0).exp();
        let like = like.max(0.9 * cap * akin * near_head);
        let inner = smoothstep(0.72, 0.88, face.outline(x as f32, y as f32));
        like * inner
            * (1.0 - smoothstep(0.4, 0.7, background.at(x, y)))
            * (1.0 - smoothstep(0.25, 0.6, skin.at(x, y)))
    })
}

/// Without colour: what is round the head, no background, and unlike the skin in its lightness.
fn grey_hair(
    raw: &Grid<Lab>,
    background: &Grid<f32>,
    flesh: &Grid<f32>,
    face: &Face,
) -> (Grid<f32>, HairKind) {
    let tone = skin::tone(raw, face)[0];
    let mask = Grid::from_fn(raw.width, raw.height, |x, y| {
        let [u, v] = face.own(x as f32, y as f32);
        let head = 1.0 - smoothstep(0.95, 1.05, (u / 2.1).hypot((v + 0.1) / 2.2));
        let beside = smoothstep(0.72, 0.88, face.outline(x as f32, y as f32));
        let other = smoothstep(0.05, 0.11, (raw.at(x, y)[0] - tone).abs());
        head * beside
            * other
            * (1.0 - smoothstep(0.4, 0.6, background.at(x, y)))
            * (1.0 - smoothstep(0.4, 0.8, flesh.at(x, y)))
    });
    let mut lights: Vec<f32> = mask
        .data
        .iter()
        .zip(&raw.data)
        .filter(|(m, _)| **m > 0.5)
        .map(|(_, c)| c[0])
        .collect();
    let white = !lights.is_empty() && quantile(&mut lights, 0.5) > tone.max(0.5);
    let kind = if white {
        HairKind::White
    } else {
        HairKind::Black
    };
    (mask, kind)
}

/// Gleams and partings inside the hair are hair as well: holes of fewer than `smallest` pixels.
fn close_holes(hair: &mut Grid<f32>, smallest: usize) {
    let mut solid = hair.map(|h| h > 0.5);
    drop_islands(&mut solid, |is_hair| if is_hair { 0 } else { smallest });
    hair.fill_rows(|y, row| {
        for (h, is_hair) in row.iter_mut().zip(solid.row(y)) {
            if *is_hair && *h <= 0.5 {
                *h = 1.0;
            }
        }
    });
}

/// Colours round the upper half of a face, neither skin nor background. What lies above the brow is
/// hair, or else nothing here is; beside the temples a wall or a collar may stand where short hair
/// ends, and only what looks like the hair above is taken.
fn seeds(raw: &Grid<Lab>, background: &Grid<f32>, skin: &Grid<f32>, face: &Face) -> Vec<Lab> {
    let (mut above, mut beside): (Vec<Lab>, Vec<Lab>) = (Vec::new(), Vec::new());
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
                let place = if v < -0.6 { &mut above } else { &mut beside };
                place.push(raw.near(x, y));
            }
        }
    }
    if above.len() >= 30 {
        if let Some(look) = Look::of(&above) {
            above.extend(beside.iter().filter(|c| look.far(**c) < 9.0));
        }
    } else {
        above.append(&mut beside);
    }
    above
}

/// What somebody's hair looks like.
struct Look {
    middle: Lab,
    /// How much each channel varies.
    width: [f32; 3],
    /// L of its darker strands.
    dark: f32,
}

impl Look {
    /// Of some samples; `None` if they are too few to tell.
    fn of(samples: &[Lab]) -> Option<Self> {
        if samples.len() < 30 {
            return None;
        }
        let channel = |c: usize, share: f32| {
            quantile(&mut samples.iter().map(|s| s[c]).collect::<Vec<_>>(), share)
        };
        let spread = |c: usize| (channel(c, 0.72) - channel(c, 0.28)) * 0.7;
        Some(Self {
            middle: [channel(0, 0.5), channel(1, 0.5), channel(2, 0.5)],
            width: [
                spread(0).clamp(0.05, 0.09),
                spread(1).clamp(0.012, 0.03),
                spread(2).clamp(0.012, 0.03),
            ],
            dark: channel(0, 0.38),
        })
    }

    /// How far a colour is from the middle, in squared widths. Shade is near: hair has depths.
    fn far(&self, c: Lab) -> f32 {
        let d = [0, 1, 2].map(|i| (c[i] - self.middle[i]) / self.width[i]);
        let light = if d[0] < 0.0 { 0.5 * d[0] } else { d[0] };
        light * light + d[1] * d[1] + d[2] * d[2]
    }
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

/// Saturation (chroma over L) under which hair is black, grey or white: 0.01–0.054 on the samples in
/// light and shade, brown and blond 0.10 and more.
const GREY: f32 = 0.065;
/// L of the skin that hair is compared with, at least: dark skin says nothing of the hair beside it.
const COMPARED: f32 = 0.65;

/// The kind of a look beside skin of a tone. Hair is as dark as it is beside the skin, in any light:
/// strands half as light as the skin are dark hair, 0.65 are blond.
fn kind(look: &Look, tone: Lab) -> HairKind {
    let skin = tone[0].max(COMPARED);
    let (depth, middle) = (look.dark / skin, look.middle[0] / skin);
    let grey = chroma(look.middle) < GREY * look.middle[0];
    match depth {
        ..0.53 => HairKind::Black,
        ..0.65 if grey => HairKind::Black,
        _ if grey => HairKind::White,
        ..0.60 => HairKind::Red,
        _ if hue(look.middle) < 50.0 && middle < 0.75 => HairKind::Red,
        _ => HairKind::Yellow,
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::super::study::Study;
    use super::*;

    /// The kinds of hair of everybody in a sample photo with `share` of its light.
    fn kinds(name: &str, share: f32, size_px: u32) -> Vec<HairKind> {
        let path = format!(
            "{}/tests/golden/painter/inputs/{name}.jpg",
            env!("CARGO_MANIFEST_DIR")
        );
        let photo = image::open(&path)
            .unwrap_or_else(|e| panic!("{path}: {e}"))
            .to_rgb8();
        let lit = |c: u8| {
            let light = (f32::from(c) / 255.0).powf(2.2) * share;
            (255.0 * light.powf(1.0 / 2.2)).round().min(255.0) as u8
        };
        let photo = RgbImage::from_fn(photo.width(), photo.height(), |x, y| {
            Rgb(photo.get_pixel(x, y).0.map(lit))
        });
        Study::new(&photo, size_px).hair_kinds
    }

    #[test]
    fn hair_is_of_one_kind_at_every_size_and_in_every_light() {
        use HairKind::{Black, White, Yellow};
        for (name, kind) in [
            ("bluford", White),
            ("collins", Yellow),
            ("epps", Black),
            ("hopper", Black),
            ("jemison", Black),
            ("johnson-mono", Black),
            ("lindgren", Black),
            ("ride", Black),
        ] {
            for (share, size) in [
                (1.0, 256),
                (1.0, 512),
                (1.0, 768),
                (1.0, 1024),
                (0.5, 256),
                (0.8, 512),
                (1.2, 256),
                (1.5, 512),
            ] {
                let found = kinds(name, share, size);
                assert_eq!(found, [kind], "{name}, {share} of the light, {size} px");
            }
        }
    }

    fn look(dark: f32, middle: Lab) -> Look {
        Look {
            middle,
            width: [0.05, 0.012, 0.012],
            dark,
        }
    }

    #[test]
    fn hair_is_judged_beside_the_skin() {
        let kind_of = |dark, middle, skin| kind(&look(dark, middle), [skin, 0.06, 0.06]);
        // Dark brown hair in strong light, and the same in half of it.
        assert_eq!(kind_of(0.44, [0.48, 0.01, 0.02], 0.86), HairKind::Black);
        assert_eq!(kind_of(0.35, [0.38, 0.01, 0.02], 0.68), HairKind::Black);
        // Black hair beside dark skin is as dark as any.
        assert_eq!(kind_of(0.30, [0.33, 0.01, 0.01], 0.42), HairKind::Black);
        assert_eq!(kind_of(0.30, [0.33, 0.03, 0.03], 0.42), HairKind::Black);
        // Chestnut, copper, blond, silver.
        assert_eq!(kind_of(0.45, [0.50, 0.03, 0.05], 0.80), HairKind::Red);
        assert_eq!(kind_of(0.50, [0.56, 0.09, 0.07], 0.80), HairKind::Red);
        assert_eq!(kind_of(0.60, [0.68, 0.02, 0.08], 0.82), HairKind::Yellow);
        assert_eq!(kind_of(0.60, [0.68, 0.00, 0.01], 0.70), HairKind::White);
    }
}
