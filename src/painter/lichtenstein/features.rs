//! Features drawn from memory: of faces too small or too soft for the print to show their own, and
//! where a photo shows no eye or mouth to speak of. And spectacles, of which a photo shows half.

use super::super::face::{Face, Glasses};
use super::super::grid::Grid;
use super::super::pen;
use super::super::study::Study;
use super::zones::Zone;

/// Faces whose eyes are less than this apart are drawn from memory, pixels at 768.
const SMALL: f32 = 58.0;
/// Less ink than this in an eye's or a mouth's place and there is none to be seen.
const BLIND: f32 = 0.05;

/// Is this face too small or too soft to show its own features?
pub(super) fn from_memory(face: &Face, scale: f32) -> bool {
    face.vague || face.unit < SMALL * scale
}

/// The zone of a place (face coordinates) in a face drawn from memory.
pub(super) fn zone(face: &Face, u: f32, v: f32) -> Zone {
    let eye = |cu: f32| ((u - cu) / 0.25).hypot((v - 0.02) / 0.11);
    if eye(-0.5).min(eye(0.5)) < 1.0 {
        return Zone::Teeth;
    }
    let mouth = Mouth::of(face);
    let t = u / mouth.half;
    if t.abs() >= 1.0 {
        return Zone::Skin;
    }
    if (mouth.upper(t)..mouth.lower(t)).contains(&v) && mouth.open > 0.2 {
        Zone::Teeth
    } else if (mouth.top(t)..mouth.bottom(t)).contains(&v) {
        Zone::Lips
    } else {
        Zone::Skin
    }
}

/// The lines of all faces drawn from memory, those that others lack in `ink`, and spectacles.
pub(super) fn lines(study: &Study, ink: &Grid<f32>) -> Grid<f32> {
    let mut drawn = Grid::filled(ink.width, ink.height, 0.0);
    for face in &study.faces {
        let whole = from_memory(face, study.scale);
        let mut hand = Hand {
            ink: &mut drawn,
            face,
        };
        for side in [-1.0, 1.0] {
            // From the brow to below the eye: a found eye may lie a little beside the true one.
            if whole || cover(ink, face, [0.5 * side, -0.12], [0.28, 0.28]) < 0.4 * BLIND {
                hand.eye(side);
            }
            if whole {
                hand.brow(side);
            }
        }
        if whole {
            hand.nose();
        }
        if whole || cover(ink, face, [0.0, face.mouth], [0.36, 0.16]) < 0.6 * BLIND {
            hand.mouth(whole);
        }
        if let Some(glasses) = &face.glasses {
            hand.glasses(glasses);
        }
    }
    drawn
}

/// Mean ink in a box of a face: its middle and half-sizes in face coordinates.
fn cover(ink: &Grid<f32>, face: &Face, middle: [f32; 2], half: [f32; 2]) -> f32 {
    const SIDE: i32 = 8;
    let mut sum = 0.0;
    for j in -SIDE..=SIDE {
        for i in -SIDE..=SIDE {
            let at = |k: i32, c: usize| middle[c] + half[c] * k as f32 / SIDE as f32;
            let [x, y] = face.pixel(at(i, 0), at(j, 1));
            sum += ink.near(x, y);
        }
    }
    sum / ((2 * SIDE + 1) * (2 * SIDE + 1)) as f32
}

/// The lips: heights of their lines at `t`, −1 to 1 from corner to corner.
struct Mouth {
    row: f32,
    half: f32,
    open: f32,
}

impl Mouth {
    fn of(face: &Face) -> Self {
        Self {
            row: face.mouth.clamp(0.95, 1.3),
            half: 0.30 + 0.12 * face.smile,
            open: face.smile,
        }
    }

    fn bow(t: f32) -> f32 {
        (1.0 - t * t).max(0.0)
    }

    fn middle(&self, t: f32) -> f32 {
        self.row - (0.02 + 0.07 * self.open) * t * t
    }

    fn upper(&self, t: f32) -> f32 {
        self.middle(t) - 0.03 * self.open * Self::bow(t)
    }

    fn lower(&self, t: f32) -> f32 {
        self.middle(t) + 0.10 * self.open * Self::bow(t)
    }

    fn top(&self, t: f32) -> f32 {
        let notch = 1.0 - 0.5 * (-(t / 0.2).powi(2)).exp();
        self.upper(t) - 0.08 * notch * Self::bow(t)
    }

    fn bottom(&self, t: f32) -> f32 {
        self.lower(t) + 0.11 * Self::bow(t)
    }
}

/// Draws on one face, in its coordinates.
struct Hand<'a> {
    ink: &'a mut Grid<f32>,
    face: &'a Face,
}

impl Hand<'_> {
    /// A line thickest in its middle; half-width in eye distances.
    fn swelling(&mut self, points: impl Iterator<Item = [f32; 2]>, half: f32) {
        let points: Vec<[f32; 2]> = points.map(|[u, v]| self.face.pixel(u, v)).collect();
        pen::swelling(self.ink, &points, (half * self.face.unit).max(0.6));
    }

    fn eye(&mut self, side: f32) {
        let along = |i: i32| i as f32 / 5.0;
        // The upper lid reaches out beyond the eye.
        let lid = (-5..=6).map(along).map(|t| {
            let height = 0.125 * (1.0 - t * t).max(-0.3);
            [side * (0.5 + 0.26 * t), 0.03 - height]
        });
        self.swelling(lid, 0.036);
        let under = (-3..=4)
            .map(along)
            .map(|t| [side * (0.5 + 0.22 * t), 0.02 + 0.10 * (1.0 - t * t)]);
        self.swelling(under, 0.014);
        let centre = self.face.pixel(side * 0.5, 0.0);
        let r = 0.052 * self.face.unit;
        let ring: Vec<[f32; 2]> = pen::disc_outline(centre, 0.5 * r);
        pen::line(self.ink, &ring, 0.55 * r + 0.3, 0.55 * r + 0.3);
    }

    fn brow(&mut self, side: f32) {
        let points = (-4..=4).map(|i| {
            let t = i as f32 / 4.0;
            [side * (0.5 + 0.29 * t), -0.27 - 0.07 * (1.0 - t * t)]
        });
        self.swelling(points, 0.042);
    }

    fn glasses(&mut self, glasses: &Glasses) {
        for side in [-1.0, 1.0] {
            self.swelling(glasses.rim(side, 36).into_iter(), 0.016);
            self.swelling(glasses.sidepiece(side).into_iter(), 0.016);
        }
        self.swelling(glasses.bridge().into_iter(), 0.016);
    }

    fn nose(&mut self) {
        let points = [[0.07, 0.34], [0.15, 0.60], [0.05, 0.68], [-0.06, 0.66]];
        self.swelling(points.into_iter(), 0.020);
    }

    fn mouth(&mut self, lips: bool) {
        let mouth = Mouth::of(self.face);
        let line = |f: &dyn Fn(f32) -> f32| -> Vec<[f32; 2]> {
            (-6..=6)
                .map(|i| i as f32 / 6.0)
                .map(|t| [mouth.half * t, f(t)])
                .collect()
        };
        self.swelling(line(&|t| mouth.upper(t)).into_iter(), 0.030);
        if mouth.open > 0.2 {
            self.swelling(line(&|t| mouth.lower(t)).into_iter(), 0.018);
        }
        if lips {
            self.swelling(line(&|t| mouth.top(t)).into_iter(), 0.014);
        }
        let below = (-3..=3).map(|i| {
            let t = i as f32 / 6.0;
            [mouth.half * t, mouth.bottom(t) + 0.015]
        });
        self.swelling(below, 0.022);
    }
}
