//! What neighbouring pixels tell each other.

use super::super::grid::Grid;

/// Shortest way from the seeds, where only changes of colour count as distance.
pub(super) fn geodesic(feature: &Grid<[f32; 3]>, seeds: &Grid<f32>) -> Grid<f32> {
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
pub(super) fn walk(feature: &Grid<[f32; 3]>, posterior: &Grid<f32>, sweeps: usize) -> Grid<f32> {
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
pub(super) fn keep_connected(
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
