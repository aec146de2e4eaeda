//! Halftone: a square lattice of discs turned by 45°, drawn with exact soft edges.

/// A screen of dots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Screen {
    /// Distance between neighbouring dots, pixels.
    pub(super) pitch: f32,
}

impl Screen {
    /// Ink coverage 0–1 of the pixel at `x, y`. `radius` tells the size of the dot centred at a
    /// place, as a share of the pitch: asked at the dot's centre, so that no dot is cut.
    #[inline]
    pub(super) fn cover(&self, x: f32, y: f32, radius: impl Fn(f32, f32) -> f32) -> f32 {
        const TURN: f32 = std::f32::consts::FRAC_1_SQRT_2;
        let (u, v) = ((x + y) * TURN / self.pitch, (y - x) * TURN / self.pitch);
        let (cu, cv) = (u.round(), v.round());
        let distance = (u - cu).hypot(v - cv);
        if distance > 0.7 {
            return 0.0;
        }
        let centre = ((cu - cv) * TURN * self.pitch, (cu + cv) * TURN * self.pitch);
        let r = radius(centre.0, centre.1);
        if r <= 0.0 {
            0.0
        } else {
            ((r - distance) * self.pitch + 0.5).clamp(0.0, 1.0)
        }
    }
}
