//! The designed planes of a head: front view and profile in one.

use super::super::face::Face;
use super::super::grid::Grid;
use super::super::study::Study;
use super::super::{Cancelled, Watcher};

/// The profile: `v` against its place across, in eye distances, towards the far half.
const PROFILE: [(f32, f32); 17] = [
    (-3.0, -0.10),
    (-1.3, 0.02),
    (-0.55, 0.10),
    (-0.12, -0.03),
    (0.30, 0.14),
    (0.66, 0.40),
    (0.80, 0.16),
    (0.92, 0.14),
    (1.0, 0.24),
    (1.1, 0.08),
    (1.2, 0.20),
    (1.34, 0.04),
    (1.5, 0.16),
    (1.7, 0.20),
    (1.9, 0.06),
    (2.3, 0.02),
    (4.0, -0.10),
];

/// Per plane (near brow, eye, cheek, jaw; far the same): shift in eye distances, size, turn.
const SHIFTS: [(f32, f32, f32, f32); 8] = [
    (0.02, 0.04, 1.03, -0.02),
    (0.0, 0.05, 1.16, -0.05),
    (-0.03, 0.02, 1.05, 0.03),
    (0.05, -0.02, 1.06, 0.05),
    (-0.03, -0.06, 1.04, 0.03),
    (0.03, -0.13, 1.22, 0.09),
    (0.05, -0.06, 1.06, -0.03),
    (-0.05, 0.05, 1.05, -0.04),
];

/// A face and which half of it is the far one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) face: Face,
    /// +1: the right half in the picture is far; −1: the left.
    pub(super) side: f32,
}

/// Where a pixel lies in a head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// 0–3 near brow, eye, cheek, jaw; 4–7 the far half.
    pub(super) plane: usize,
    /// Distance from the profile line towards the far half, eye distances.
    pub(super) beyond: f32,
    /// Distance to the nearest plane border other than the profile, eye distances.
    pub(super) border: f32,
    /// Face coordinates.
    pub(super) own: [f32; 2],
}

impl Head {
    /// The half whose cheek is darker is the far one.
    pub(super) fn new(study: &Study, face: Face) -> Self {
        let cheek = |side: f32| {
            let mut sum = 0.0;
            for i in 0..25 {
                let [x, y] = face.pixel(
                    side * (0.45 + 0.08 * (i % 5) as f32),
                    0.35 + 0.1 * (i / 5) as f32,
                );
                sum += study.raw.near(x, y)[0];
            }
            sum
        };
        Self {
            face,
            side: if cheek(1.0) <= cheek(-1.0) { 1.0 } else { -1.0 },
        }
    }

    /// The profile at a height of the face, towards the far half.
    pub(super) fn profile(v: f32) -> f32 {
        let v = v.clamp(PROFILE[0].0, PROFILE[16].0);
        let i = PROFILE.windows(2).position(|p| v <= p[1].0).unwrap_or(15);
        let ((v0, x0), (v1, x1)) = (PROFILE[i], PROFILE[i + 1]);
        x0 + (x1 - x0) * (v - v0) / (v1 - v0)
    }

    /// The place of a pixel.
    pub(super) fn place(&self, x: f32, y: f32) -> Place {
        let own = self.face.own(x, y);
        let [u, v] = own;
        let across = u * self.side;
        let beyond = across - Self::profile(v);
        let borders = if beyond > 0.0 {
            [
                -0.42 - 0.16 * across,
                0.52 - 0.20 * across,
                1.28 - 0.25 * across,
            ]
        } else {
            [
                -0.36 + 0.22 * across,
                0.62 + 0.35 * across,
                1.20 + 0.30 * across,
            ]
        };
        let band = borders.iter().filter(|b| v > **b).count();
        let border = borders.iter().map(|b| (v - b).abs()).fold(9.0, f32::min);
        Place {
            plane: band + if beyond > 0.0 { 4 } else { 0 },
            beyond,
            border,
            own,
        }
    }

    /// Where the photo of a pixel is taken from, so that the planes are shifted against each other.
    pub(super) fn source(&self, x: f32, y: f32) -> [f32; 2] {
        let place = self.place(x, y);
        let [u, v] = place.own;
        let weight = (-((u / 1.9).powi(4) + ((v - 0.3) / 2.3).powi(4))).exp();
        if weight < 0.01 {
            return [x, y];
        }
        let (du, dv, size, turn) = SHIFTS[place.plane];
        let centre = [
            if place.plane < 4 { -0.45 } else { 0.5 } * self.side,
            [-0.8, 0.05, 0.85, 1.6][place.plane % 4],
        ];
        let (s, c) = (turn * self.side).sin_cos();
        let (pu, pv) = (
            (u - centre[0] - du * self.side) / size,
            (v - centre[1] - dv) / size,
        );
        let from = [centre[0] + pu * c + pv * s, centre[1] - pu * s + pv * c];
        self.face
            .pixel(u + (from[0] - u) * weight, v + (from[1] - v) * weight)
    }
}

/// Index of the head nearest to each pixel.
pub(super) fn nearest_heads(
    heads: &[Head],
    width: usize,
    height: usize,
    watcher: &dyn Watcher,
) -> Result<Grid<u8>, Cancelled> {
    Grid::watched(width, height, watcher, |x, y| {
        heads
            .iter()
            .enumerate()
            .min_by(|a, b| {
                let far = |h: &Head| h.face.outline(x as f32, y as f32);
                far(a.1).total_cmp(&far(b.1))
            })
            .map_or(0, |(i, _)| i as u8)
    })
}
