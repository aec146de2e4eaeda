//! Who is in front of what: the probability that a pixel is background.
//!
//! A small colour segmentation without learned weights: colours of the border against colours of
//! the heads and bodies below the found faces, smoothed by a random walker that stops at edges.

mod colours;
mod spread;

use super::blur::{Soft, blur, soften};
use super::face::Face;
use super::grid::{Grid, Lab, quantile, smoothstep};
use super::regions::drop_islands;
use colours::Colours;
use spread::{geodesic, keep_connected, walk};

/// Longer side of the grid the segmentation is done on.
const SIDE: f32 = 132.0;
/// Rounds of relearning the colours.
const ROUNDS: usize = 4;
/// Places with at most this prior are subject whatever their colour.
const CORE: f32 = 0.05;
/// Background and how far to believe it.
pub(super) struct Separation {
    /// Probability of background, 0–1, at work size.
    pub(super) background: Grid<f32>,
    /// 0: ignore the mask; 1: its outline lies on real edges.
    pub(super) trust: f32,
}

/// Separates the subject from its background.
pub(super) fn separate(
    raw: &Grid<Lab>,
    skin: &Grid<f32>,
    faces: &[Face],
    monochrome: bool,
) -> Separation {
    let k = SIDE / raw.width.max(raw.height) as f32;
    let (w, h) = (
        ((raw.width as f32 * k) as usize).max(8),
        ((raw.height as f32 * k) as usize).max(8),
    );
    let soft = soften(raw, 0.45 / k.min(1.0)).resized((raw.width, raw.height), w, h);
    let feature = soft.map(|c| [0.8 * c[0], 2.2 * c[1], 2.2 * c[2]]);
    let skin = soften(skin, 0.45 / k.min(1.0)).resized((raw.width, raw.height), w, h);
    let to_work = 1.0 / k;
    let heads: Vec<(&Face, bool)> = faces
        .iter()
        // Without colour nothing tells a bare head from hair.
        .map(|f| (f, monochrome || has_hair(f, &skin, k)))
        .collect();
    // Where the hair of a grey sitter may be.
    let crown = Grid::from_fn(w, h, |x, y| {
        let (px, py) = ((x as f32 + 0.5) * to_work, (y as f32 + 0.5) * to_work);
        monochrome
            && heads.iter().any(|(face, hair)| {
                let [u, v] = face.own(px, py);
                *hair && v < 0.6 && (u / 1.7).hypot((v - 0.1) / 2.4) < 1.0
            })
    });
    let prior = Grid::from_fn(w, h, |x, y| {
        let p = prior(x, y, w, h, to_work, &heads);
        if !monochrome {
            return p;
        }
        // Without colour dark hair before a dark wall has little but its place to tell it.
        let p = if crown.at(x, y) { p.min(0.3) } else { p };
        if p < 0.5 { 0.35 * p } else { p }
    });

    let mut weight_fore = prior.map(|p| if p <= CORE { 1.0 } else { 0.0 });
    let mut weight_back = seeds(&feature, &prior, &Colours::learn(&feature, &weight_fore));
    let seeds = weight_back.clone();
    let core = weight_fore.clone();
    let mut mask = prior.clone();
    for round in 0..ROUNDS {
        let back = Colours::learn(&feature, &weight_back);
        let fore = Colours::learn(&feature, &weight_fore);
        let far = geodesic(&feature, &seeds);
        let mut at_seeds: Vec<f32> = feature
            .data
            .iter()
            .zip(&seeds.data)
            .filter(|(_, s)| **s > 0.5)
            .map(|(f, _)| back.density(*f))
            .collect();
        let outlier = 0.02 * quantile(&mut at_seeds, 0.5) + 38.0;
        let colour = Grid::from_fn(w, h, |x, y| {
            let f = feature.at(x, y);
            let geo = (-(far.at(x, y) / 0.05).powi(2)).exp() * (1.0 - skin.at(x, y));
            let pb = back.density(f) + outlier * geo;
            let pf = fore.density(f) + outlier * (1.0 - geo);
            pb / (pb + pf)
        });
        let posterior = Grid::from_fn(w, h, |x, y| {
            let q = prior.at(x, y);
            let p = if crown.at(x, y) {
                faint(colour.at(x, y))
            } else {
                colour.at(x, y)
            };
            let both = p * q;
            let u = both / (both + (1.0 - p) * (1.0 - q));
            if core.at(x, y) > 0.5 { u.min(0.03) } else { u }
        });
        // The early rounds only choose what to learn from.
        let sweeps = if round + 1 < ROUNDS { 16 } else { 50 };
        mask = walk(&feature, &posterior, sweeps);
        let pockets = !faces.is_empty();
        keep_connected(&mut mask, &colour, &seeds, &core, pockets);
        weight_back = mask.zip(&prior, |m, q| if m > 0.75 && q > 0.3 { 1.0 } else { 0.0 });
        weight_fore = mask.zip(&prior, |m, q| if m < 0.25 && q < 0.6 { 1.0 } else { 0.0 });
    }
    let trust = trust(&soft, &mask, &core, faces);
    Separation {
        background: refined(raw, &mask),
        trust,
    }
}

/// A probability of which little is to be believed: its odds to the power of 0.3.
fn faint(p: f32) -> f32 {
    let odds = (p / (1.0 - p).max(1e-4)).powf(0.3);
    odds / (1.0 + odds)
}

/// Certain background: the top of the picture, and its sides but for what looks like the subject (a
/// sleeve may reach the side of the frame, hardly its top).
fn seeds(feature: &Grid<[f32; 3]>, prior: &Grid<f32>, core: &Colours) -> Grid<f32> {
    let rows = (feature.height / 12).max(2);
    let top = Grid::from_fn(feature.width, feature.height, |x, y| {
        if y < rows && prior.at(x, y) > 0.9 {
            1.0
        } else {
            0.0
        }
    });
    let colours = Colours::learn(feature, &top);
    Grid::from_fn(feature.width, feature.height, |x, y| {
        let f = feature.at(x, y);
        let sleeve = core.nearest(f) < 0.12 && colours.nearest(f) > core.nearest(f);
        if prior.at(x, y) > 0.9 && (y < rows || !sleeve) {
            1.0
        } else {
            0.0
        }
    })
}

/// Is there something other than skin where this head ends above: hair or a hat? `k` is the size of
/// the mask for a pixel.
fn has_hair(face: &Face, skin: &Grid<f32>, k: f32) -> bool {
    let bare = (-8..=8)
        .filter(|i| {
            let (s, c) = (*i as f32 * 0.09).sin_cos();
            let [x, y] = face.pixel(1.22 * 1.02 * s, 0.5 - 1.55 * 1.02 * c);
            skin.near(x * k, y * k) > 0.4
        })
        .count();
    bare < 8
}

/// Background probability before any colour is looked at; heads with whether they have hair.
fn prior(x: usize, y: usize, w: usize, h: usize, to_work: f32, heads: &[(&Face, bool)]) -> f32 {
    let (fx, fy) = ((x as f32 + 0.5) / w as f32, (y as f32 + 0.5) / h as f32);
    if heads.is_empty() {
        let central = smoothstep(0.14, 0.50, (fx - 0.5).hypot(0.78 * (fy - 0.5))).clamp(0.06, 0.94);
        let bottom =
            1.0 - 0.6 * smoothstep(0.75, 1.0, fy) * (1.0 - smoothstep(0.2, 0.45, (fx - 0.5).abs()));
        let edge = fy < 0.05 || (!(0.04..=0.96).contains(&fx) && fy < 0.5);
        let middle = ((fx - 0.5) / 0.14).hypot((fy - 0.5) / 0.18) < 1.0;
        return if edge {
            0.95
        } else if middle {
            0.05
        } else {
            central * bottom
        };
    }
    let (px, py) = ((x as f32 + 0.5) * to_work, (y as f32 + 0.5) * to_work);
    heads
        .iter()
        .map(|(face, hair)| {
            let [u, v] = face.own(px, py);
            let head = (u / 1.75).hypot((v - 0.1) / 2.25);
            // Shoulders widen below the chin.
            let half = 0.9 + 2.6 * smoothstep(1.7, 3.2, v);
            let body = if v > 1.6 {
                (u.abs() / half).max(0.0)
            } else {
                f32::MAX
            };
            let soft = smoothstep(0.72, 1.55, head.min(body));
            let crown = (u / 1.35).hypot((v - 0.3) / 1.75) < 1.0;
            let inner = (u / 1.0).hypot((v - 0.55) / 1.35) < 1.0 || (v > 2.4 && u.abs() < 0.7);
            // Before a wall of its colour only its place can tell hair.
            let under_hair = *hair && v < 0.0 && (u / 1.2).hypot((v - 0.3) / 1.72) < 1.0;
            if inner || under_hair {
                0.03
            } else if crown {
                0.10
            } else if v > 1.4 {
                // Beside the body nothing is certain background.
                0.22 + 0.60 * soft
            } else {
                0.22 + 0.74 * soft
            }
        })
        .fold(1.0, f32::min)
}

/// Does the outline lie on edges stronger than those inside the background?
fn trust(soft: &Grid<Lab>, mask: &Grid<f32>, core: &Grid<f32>, faces: &[Face]) -> f32 {
    let (w, h) = (mask.width, mask.height);
    let (mut outline, mut inside, mut subject) = (Vec::new(), Vec::new(), 0);
    for y in 1..h - 1 {
        for x in 1..w - 1 {
            let step = |dx: isize, dy: isize| {
                let a = soft.clamped(x as isize + dx, y as isize + dy);
                let b = soft.clamped(x as isize - dx, y as isize - dy);
                super::oklab::difference(a, b)
            };
            let strength = step(1, 0).hypot(step(0, 1));
            let m = mask.at(x, y) > 0.5;
            subject += usize::from(!m);
            let crossing = m != (mask.at(x + 1, y) > 0.5) || m != (mask.at(x, y + 1) > 0.5);
            if crossing {
                outline.push(strength);
            } else if m {
                inside.push(strength);
            }
        }
    }
    let share = subject as f32 / ((w - 2) * (h - 2)) as f32;
    if !(0.08..=0.93).contains(&share) || outline.is_empty() {
        return 0.0;
    }
    let contrast = quantile(&mut outline, 0.45) / (quantile(&mut inside, 0.8) + 0.008);
    let (mut covered, mut total) = (0.0, 1e-3);
    for (m, c) in mask.data.iter().zip(&core.data) {
        if *c > 0.5 {
            total += 1.0;
            covered += f32::from(u8::from(*m < 0.5));
        }
    }
    let trust =
        ((contrast - 0.8) / 1.6).clamp(0.0, 1.0) * ((covered / total - 0.5) / 0.3).clamp(0.0, 1.0);
    smoothstep(
        0.08,
        0.25,
        if faces.is_empty() { 0.5 * trust } else { trust },
    )
}

/// Brings the mask to work size along the picture's own edges: a guided filter (He et al. 2010),
/// its lines fitted at half size (He and Sun 2015).
fn refined(raw: &Grid<Lab>, mask: &Grid<f32>) -> Grid<f32> {
    let guide = |c: Lab| c[0] + 0.8 * c[2];
    let half = raw.halved().map(guide);
    let sigma = raw.width.min(raw.height) as f32 / 768.0 * 2.0;
    let lines = |out: &Grid<f32>| {
        let joint = half.zip(out, |i, p| [i, p, i * i, i * p]);
        let line = blur(&joint, sigma).map(|[i, p, ii, ip]| {
            let slope = (ip - i * p) / (ii - i * i + 4e-4);
            [slope, p - slope * i]
        });
        blur(&line, sigma)
    };
    let on = |[slope, offset]: [f32; 2], i: f32| (slope * i + offset).clamp(0.0, 1.0);
    let once = lines(&mask.resized(half.width, half.height)).zip(&half, on);
    let twice = Soft::halved(lines(&once));
    let mut out = Grid::from_fn(raw.width, raw.height, |x, y| {
        let p = on(twice.at(x, y), guide(raw.at(x, y)));
        smoothstep(0.15, 0.85, p)
    });
    // Strong edges behind the sitter come out as slivers of subject.
    let mut back = out.map(|p| p > 0.5);
    let smallest = raw.width * raw.height / 150;
    drop_islands(&mut back, |back| if back { 0 } else { smallest });
    out.fill_rows(|y, row| {
        for (p, back) in row.iter_mut().zip(back.row(y)) {
            if *back && *p <= 0.5 {
                *p = 1.0;
            }
        }
    });
    out
}
