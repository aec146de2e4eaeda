//! Skin: which pixels it is, learned from each found face.

use super::blur::blur;
use super::face::Face;
use super::grid::{Grid, Lab, quantile, smoothstep};
use super::oklab::{chroma, hue};
use super::regions::drop_islands;

/// Where a photo has less colour than this on average it is black and white.
const MONOCHROME: f32 = 0.012;

/// A face with more colour than this is no part of a black and white photo.
const COLOURED_FACE: f32 = 0.025;

/// Is the photo black and white (or toned)? Before a white wall only the faces tell: their tones.
pub(super) fn is_monochrome(raw: &Grid<Lab>, tones: &[Lab]) -> bool {
    if tones.iter().any(|t| chroma(*t) > COLOURED_FACE) {
        return false;
    }
    let (mut sum, mut count) = (0.0, 0.0);
    for c in raw.data.iter().step_by(13) {
        sum += chroma(*c);
        count += 1.0;
    }
    sum / count < MONOCHROME
}

/// Probability of skin, 0–1.
pub(super) fn skin(raw: &Grid<Lab>, faces: &[Face], monochrome: bool) -> Grid<f32> {
    if monochrome {
        // By place, and by the lightness of the face: hair and collars differ.
        let tones: Vec<f32> = faces.iter().map(|f| tone(raw, f)[0]).collect();
        let mask = Grid::from_fn(raw.width, raw.height, |x, y| {
            let l = raw.at(x, y)[0];
            let far = faces.iter().zip(&tones).map(|(face, tone)| {
                // Foreheads may be high.
                let [_, v] = face.own(x as f32, y as f32);
                let reach = if v < 0.0 { 0.88 } else { 1.0 };
                reach * face.outline(x as f32, y as f32) + 1.8 * ((l - tone).abs() - 0.12).max(0.0)
            });
            1.0 - smoothstep(0.95, 1.2, far.fold(9.0, f32::min))
        });
        return blur(&mask, 1.5);
    }
    if faces.is_empty() {
        // A cat or a table may have the colours of skin: without a face nothing is.
        return Grid::filled(raw.width, raw.height, 0.0);
    }
    let models: Vec<Complexion> = faces.iter().map(|f| Complexion::learn(raw, f)).collect();
    let mask = Grid::from_fn(raw.width, raw.height, |x, y| {
        let c = raw.at(x, y);
        let loose = plausible(c);
        faces
            .iter()
            .zip(&models)
            .map(|(face, model)| {
                let [u, v] = face.own(x as f32, y as f32);
                let reach = 1.0 - smoothstep(2.0, 5.5, (u / 1.1).hypot((v - 0.6) / 1.2));
                let inner = 1.0 - smoothstep(0.7, 1.0, face.outline(x as f32, y as f32));
                // Blond and brown hair has the hue of skin, but is darker.
                let rim = smoothstep(0.8, 1.0, face.outline(x as f32, y as f32))
                    * smoothstep(0.0, -0.4, v);
                let darker = 1.0 - rim * smoothstep(0.13, 0.23, model.light - c[0]);
                darker * model.likeness(c) * (loose + 0.7 * inner).min(1.0) * (0.25 + 0.75 * reach)
            })
            .fold(0.0, f32::max)
    });
    blur(&mask, 0.9)
}

/// Takes away flecks of skin that hang together with no face or limb: gleams on hair have its colours.
pub(super) fn drop_flecks(skin: &mut Grid<f32>, faces: &[Face]) {
    let unit = faces.iter().map(|f| f.unit).fold(0.0, f32::max);
    let smallest = (0.45 * unit).powi(2) as usize;
    let mut solid = skin.map(|s| s > 0.35);
    drop_islands(&mut solid, |is_skin| if is_skin { smallest } else { 0 });
    skin.fill_rows(|y, row| {
        for (s, is_skin) in row.iter_mut().zip(solid.row(y)) {
            if !is_skin {
                *s = s.min(0.1);
            }
        }
    });
}

/// Median colour of a face's cheeks, nose and forehead.
pub(super) fn tone(raw: &Grid<Lab>, face: &Face) -> Lab {
    let samples: Vec<Lab> = face_samples(raw, face).collect();
    [0, 1, 2].map(|c| quantile(&mut samples.iter().map(|s| s[c]).collect::<Vec<_>>(), 0.5))
}

/// Colours inside a face, without eyes, brows and mouth.
fn face_samples<'a>(raw: &'a Grid<Lab>, face: &'a Face) -> impl Iterator<Item = Lab> + 'a {
    (-22..=22).flat_map(move |i| {
        (-14..=34).filter_map(move |j| {
            let (u, v) = (i as f32 * 0.045, j as f32 * 0.045);
            let eyes = v.abs() < 0.3 && u.abs() < 0.85;
            let mouth = (v - face.mouth).abs() < 0.2 && u.abs() < 0.42;
            let [x, y] = face.pixel(u, v);
            (u.hypot((v - 0.45) / 1.1) < 1.0 && !eyes && !mouth).then(|| raw.near(x, y))
        })
    })
}

/// Could this be anybody's skin?
fn plausible(c: Lab) -> f32 {
    let (angle, strength) = (hue(c), chroma(c));
    smoothstep(8.0, 28.0, angle)
        * (1.0 - smoothstep(72.0, 92.0, angle))
        * smoothstep(0.015, 0.04, strength)
        * (1.0 - smoothstep(0.125, 0.165, strength))
        * smoothstep(0.18, 0.32, c[0])
        * (1.0 - smoothstep(0.94, 1.0, c[0]))
}

/// The skin of one person: mean and covariance of chromaticity, and its range of lightness.
struct Complexion {
    mean: [f32; 2],
    inverse: [f32; 3],
    dark: f32,
    light: f32,
}

fn chromaticity(c: Lab) -> [f32; 2] {
    [c[1] / (0.25 + c[0]), c[2] / (0.25 + c[0])]
}

impl Complexion {
    fn learn(raw: &Grid<Lab>, face: &Face) -> Self {
        let samples: Vec<(Lab, f32)> = face_samples(raw, face)
            .map(|c| (c, 0.05 + plausible(c)))
            .collect();
        let (mut mean, mut cov) = ([0.06, 0.05], [4e-3, 0.0, 4e-3]);
        for round in 0..5 {
            let inverse = inverted(cov);
            let (mut total, mut sum) = (1e-6, [0.0; 2]);
            let weight = |c: Lab, w: f32| {
                if round == 0 {
                    w
                } else {
                    w * (-0.5 * (squared(chromaticity(c), mean, inverse) - 1.0).max(0.0)).exp()
                }
            };
            for (c, w) in &samples {
                let (q, w) = (chromaticity(*c), weight(*c, *w));
                total += w;
                sum = [sum[0] + w * q[0], sum[1] + w * q[1]];
            }
            let centre = [sum[0] / total, sum[1] / total];
            let mut spread = [0.0; 3];
            for (c, w) in &samples {
                let (q, w) = (chromaticity(*c), weight(*c, *w));
                let d = [q[0] - centre[0], q[1] - centre[1]];
                spread = [
                    spread[0] + w * d[0] * d[0],
                    spread[1] + w * d[0] * d[1],
                    spread[2] + w * d[1] * d[1],
                ];
            }
            mean = centre;
            cov = [
                spread[0] / total + 6e-5,
                spread[1] / total,
                spread[2] / total + 6e-5,
            ];
        }
        let mut lights: Vec<f32> = samples.iter().map(|(c, _)| c[0]).collect();
        let (p05, p50) = (quantile(&mut lights, 0.08), quantile(&mut lights, 0.5));
        Self {
            mean,
            inverse: inverted(cov),
            light: p50,
            dark: (p05 - 0.5 * (p50 - p05)).max(0.08),
        }
    }

    fn likeness(&self, c: Lab) -> f32 {
        let m = squared(chromaticity(c), self.mean, self.inverse);
        (-0.5 * (m - 3.0).max(0.0) / 2.4).exp()
            * smoothstep(self.dark - 0.1, self.dark + 0.04, c[0])
    }
}

fn inverted([a, b, d]: [f32; 3]) -> [f32; 3] {
    let determinant = (a * d - b * b).max(1e-10);
    [d / determinant, -b / determinant, a / determinant]
}

fn squared(q: [f32; 2], mean: [f32; 2], [a, b, d]: [f32; 3]) -> f32 {
    let e = [q[0] - mean[0], q[1] - mean[1]];
    a * e[0] * e[0] + 2.0 * b * e[0] * e[1] + d * e[1] * e[1]
}
