//! Mixtures of colours, learned by k-means.

use super::super::grid::Grid;

/// Colour clusters a side.
const CLUSTERS: usize = 8;

/// A mixture of colours learned by k-means.
pub(super) struct Colours {
    clusters: Vec<([f32; 3], f32, f32)>,
}

impl Colours {
    pub(super) fn learn(feature: &Grid<[f32; 3]>, weight: &Grid<f32>) -> Self {
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
    pub(super) fn nearest(&self, f: [f32; 3]) -> f32 {
        let squared = |c: &[f32; 3]| (0..3).map(|i| (f[i] - c[i]).powi(2)).sum::<f32>();
        self.clusters
            .iter()
            .map(|(c, ..)| squared(c))
            .fold(f32::MAX, f32::min)
            .sqrt()
    }

    pub(super) fn density(&self, f: [f32; 3]) -> f32 {
        self.clusters
            .iter()
            .map(|(centre, variance, share)| {
                let d: f32 = (0..3).map(|i| (f[i] - centre[i]).powi(2)).sum();
                share * (-d / (2.0 * variance)).exp() / variance.powf(1.5)
            })
            .sum()
    }
}
