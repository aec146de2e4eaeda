//! Who is in front of what: the probability that a pixel is background.
//!
//! A small colour segmentation without learned weights: colours of the border against colours of
//! the heads and bodies below the found faces, smoothed by a random walker that stops at edges.

use super::blur::blur;
use super::face::Face;
use super::grid::{Grid, Lab, quantile, smoothstep};

/// Longer side of the grid the segmentation is done on.
const SIDE: f32 = 132.0;
/// Rounds of relearning the colours.
const ROUNDS: usize = 4;
/// Places with at most this prior are subject whatever their colour.
const CORE: f32 = 0.05;
/// Colour clusters a side.
const CLUSTERS: usize = 8;

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
    let soft = blur(raw, 0.45 / k.min(1.0)).resized(w, h);
    let feature = soft.map(|c| [0.8 * c[0], 2.2 * c[1], 2.2 * c[2]]);
    let skin = blur(skin, 0.45 / k.min(1.0)).resized(w, h);
    let to_work = 1.0 / k;
    let prior = Grid::from_fn(w, h, |x, y| {
        let p = prior(x, y, w, h, to_work, faces);
        // Without colour dark hair before a dark wall has only its place to tell it.
        if monochrome && p < 0.5 { 0.35 * p } else { p }
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
            let (p, q) = (colour.at(x, y), prior.at(x, y));
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

/// Background probability before any colour is looked at.
fn prior(x: usize, y: usize, w: usize, h: usize, to_work: f32, faces: &[Face]) -> f32 {
    let (fx, fy) = ((x as f32 + 0.5) / w as f32, (y as f32 + 0.5) / h as f32);
    if faces.is_empty() {
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
    faces
        .iter()
        .map(|face| {
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
            if inner {
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

/// A mixture of colours learned by k-means.
struct Colours {
    clusters: Vec<([f32; 3], f32, f32)>,
}

impl Colours {
    fn learn(feature: &Grid<[f32; 3]>, weight: &Grid<f32>) -> Self {
        let chosen: Vec<[f32; 3]> = feature
            .data
            .iter()
            .zip(&weight.data)
            .filter(|(_, w)| **w > 0.5)
            .map(|(f, _)| *f)
            .collect();
        if chosen.is_empty() {
            return Self {
                clusters: Vec::new(),
            };
        }
        let squared = |a: [f32; 3], b: [f32; 3]| (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f32>();
        let mut centres = vec![chosen[0]];
        let mut nearest: Vec<f32> = chosen.iter().map(|f| squared(*f, centres[0])).collect();
        while centres.len() < CLUSTERS {
            let far = (0..chosen.len())
                .max_by(|a, b| nearest[*a].total_cmp(&nearest[*b]))
                .unwrap_or(0);
            centres.push(chosen[far]);
            for (n, f) in nearest.iter_mut().zip(&chosen) {
                *n = n.min(squared(*f, chosen[far]));
            }
        }
        let mut sums = vec![([0.0_f32; 3], 0.0_f32, 0.0_f32); CLUSTERS];
        for _ in 0..8 {
            sums.fill(([0.0; 3], 0.0, 0.0));
            for f in &chosen {
                let (index, d) = (0..CLUSTERS)
                    .map(|i| (i, squared(*f, centres[i])))
                    .min_by(|a, b| a.1.total_cmp(&b.1))
                    .expect("there are clusters");
                for (sum, value) in sums[index].0.iter_mut().zip(f) {
                    *sum += value;
                }
                sums[index].1 += d;
                sums[index].2 += 1.0;
            }
            for (centre, (sum, _, n)) in centres.iter_mut().zip(&sums) {
                if *n > 0.0 {
                    *centre = sum.map(|s| s / n);
                }
            }
        }
        let total = chosen.len() as f32;
        let clusters = centres
            .into_iter()
            .zip(sums)
            .filter(|(_, (_, _, n))| *n > 0.0)
            .map(|(centre, (_, spread, n))| {
                (centre, (spread / (3.0 * n)).clamp(5e-4, 4e-3), n / total)
            })
            .collect();
        Self { clusters }
    }

    /// Distance to the nearest cluster.
    fn nearest(&self, f: [f32; 3]) -> f32 {
        let squared = |c: &[f32; 3]| (0..3).map(|i| (f[i] - c[i]).powi(2)).sum::<f32>();
        self.clusters
            .iter()
            .map(|(c, ..)| squared(c))
            .fold(f32::MAX, f32::min)
            .sqrt()
    }

    fn density(&self, f: [f32; 3]) -> f32 {
        self.clusters
            .iter()
            .map(|(centre, variance, share)| {
                let d: f32 = (0..3).map(|i| (f[i] - centre[i]).powi(2)).sum();
                share * (-d / (2.0 * variance)).exp() / variance.powf(1.5)
            })
            .sum()
    }
}

/// Shortest way from the seeds, where only changes of colour count as distance.
fn geodesic(feature: &Grid<[f32; 3]>, seeds: &Grid<f32>) -> Grid<f32> {
    let (w, h) = (feature.width, feature.height);
    let mut far: Grid<f32> = seeds.map(|s| if s > 0.5 { 0.0 } else { 1e3 });
    let cost = |a: usize, b: usize| {
        let (f, g) = (feature.data[a], feature.data[b]);
        let d = (0..3).map(|i| (f[i] - g[i]).powi(2)).sum::<f32>().sqrt();
        (d - 0.012).max(0.0) + 0.0006
    };
    for _ in 0..3 {
        for forward in [true, false] {
            for n in 0..w * h {
                let i = if forward { n } else { w * h - 1 - n };
                let (x, y) = (i % w, i / w);
                let horizontal = if forward {
                    (x > 0).then(|| i - 1)
                } else {
                    (x + 1 < w).then_some(i + 1)
                };
                let vertical = if forward {
                    (y > 0).then(|| i - w)
                } else {
                    (y + 1 < h).then_some(i + w)
                };
                for j in [horizontal, vertical].into_iter().flatten() {
                    far.data[i] = far.data[i].min(far.data[j] + cost(i, j));
                }
            }
        }
    }
    far
}

/// Random walker: agrees with the posterior where that is sure, flows along even colour elsewhere.
fn walk(feature: &Grid<[f32; 3]>, posterior: &Grid<f32>, sweeps: usize) -> Grid<f32> {
    let (w, h) = (feature.width, feature.height);
    let squared = |a: usize, b: usize| {
        let (f, g) = (feature.data[a], feature.data[b]);
        (0..3).map(|i| (f[i] - g[i]).powi(2)).sum::<f32>()
    };
    let mut mean = 0.0;
    for y in 0..h - 1 {
        for x in 0..w - 1 {
            mean += squared(y * w + x, y * w + x + 1) + squared(y * w + x, (y + 1) * w + x);
        }
    }
    mean = (mean / (2 * (w - 1) * (h - 1)) as f32).max(1e-6);
    let link = |a: usize, b: usize| 0.02 + (-1.2 * squared(a, b) / (2.0 * mean)).exp();
    let right = Grid::from_fn(w, h, |x, y| {
        if x + 1 < w {
            link(y * w + x, y * w + x + 1)
        } else {
            0.0
        }
    });
    let down = Grid::from_fn(w, h, |x, y| {
        if y + 1 < h {
            link(y * w + x, (y + 1) * w + x)
        } else {
            0.0
        }
    });
    let mut out = posterior.clone();
    for _ in 0..sweeps {
        for y in 0..h {
            for x in 0..w {
                let i = y * w + x;
                let u = posterior.data[i];
                let hold = 0.02 + 0.5 * (u - 0.5).abs();
                let (mut sum, mut total) = (hold * u, hold);
                let mut add = |weight: f32, j: usize| {
                    sum += weight * out.data[j];
                    total += weight;
                };
                if x > 0 {
                    add(right.data[i - 1], i - 1);
                }
                if x + 1 < w {
                    add(right.data[i], i + 1);
                }
                if y > 0 {
                    add(down.data[i - w], i - w);
                }
                if y + 1 < h {
                    add(down.data[i], i + w);
                }
                out.data[i] += 1.6 * (sum / total - out.data[i]);
            }
        }
    }
    out.map(|v| v.clamp(0.0, 1.0))
}

/// Background must touch the seeds or clearly have its colour; foreground must touch the core or be large.
fn keep_connected(
    mask: &mut Grid<f32>,
    colour: &Grid<f32>,
    seeds: &Grid<f32>,
    core: &Grid<f32>,
    pockets: bool,
) {
    let (w, h) = (mask.width, mask.height);
    let mut seen = vec![false; w * h];
    for start in 0..w * h {
        if seen[start] {
            continue;
        }
        let back = mask.data[start] > 0.5;
        let (mut part, mut next) = (vec![start], 0);
        seen[start] = true;
        while next < part.len() {
            let i = part[next];
            next += 1;
            let (x, y) = (i % w, i / w);
            let around = [
                (x > 0).then(|| i - 1),
                (x + 1 < w).then_some(i + 1),
                (y > 0).then(|| i - w),
                (y + 1 < h).then_some(i + w),
            ];
            for j in around.into_iter().flatten() {
                if !seen[j] && (mask.data[j] > 0.5) == back {
                    seen[j] = true;
                    part.push(j);
                }
            }
        }
        let anchor = if back { seeds } else { core };
        let anchored = part.iter().any(|i| anchor.data[*i] > 0.5);
        let large = part.len() * 33 > w * h;
        let mean = part.iter().map(|i| colour.data[*i]).sum::<f32>() / part.len() as f32;
        let matching = pockets && back && mean > 0.75 && part.len() * 1500 > w * h;
        if !anchored && !large && !matching {
            for i in part {
                mask.data[i] = if back { 0.15 } else { 0.85 };
            }
        }
    }
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

/// Brings the mask to work size along the picture's own edges (guided filter, He et al. 2010).
fn refined(raw: &Grid<Lab>, mask: &Grid<f32>) -> Grid<f32> {
    let guide = raw.map(|c| c[0] + 0.8 * c[2]);
    let mut out = mask.resized(raw.width, raw.height);
    let sigma = raw.width.min(raw.height) as f32 / 768.0 * 4.0;
    for _ in 0..2 {
        let joint = guide.zip(&out, |i, p| [i, p, i * i, i * p]);
        let means = blur(&joint, sigma);
        let line = means.map(|[i, p, ii, ip]| {
            let slope = (ip - i * p) / (ii - i * i + 4e-4);
            [slope, p - slope * i]
        });
        let line = blur(&line, sigma);
        out = line.zip(&guide, |[slope, offset], i| {
            (slope * i + offset).clamp(0.0, 1.0)
        });
    }
    out.map(|p| smoothstep(0.15, 0.85, p))
}
