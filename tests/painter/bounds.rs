//! What the painters' specification asks of a painting, in figures.
//!
//! Each was measured on the supplied portraits and on portraits never tuned on; the bounds leave room
//! for what differs from sitter to sitter.

/// The bounds of all objective checks. Of two values the first is the least, the second the most.
pub(crate) struct Bounds {
    /// Correlation of lightness with the photo over head and shoulders: Picasso, Renoir, van Gogh,
    /// Lichtenstein.
    pub(crate) subject: [f32; 4],
    /// The same over the face.
    pub(crate) face: [f32; 4],
    /// Share of Renoir's pixels with L under 0.25, at most.
    pub(crate) renoir_black: f32,
    /// L of Renoir's darkest hundredth, at least.
    pub(crate) renoir_darkest: Option<f32>,
    /// Share of Lichtenstein's pixels with L under 0.25.
    pub(crate) lichtenstein_black: (f32, f32),
    /// The same of Picasso's.
    pub(crate) picasso_black: (f32, f32),
    /// Share of Lichtenstein's pixels within 0.06 of one of his inks, at least.
    pub(crate) inks: f32,
    /// The same of the others, at most.
    pub(crate) inks_of_others: f32,
    /// Coherence of the strokes' directions in van Gogh's and Renoir's backgrounds, at least.
    pub(crate) coherence: f32,
    /// Share of van Gogh's background with b under −0.03, at least.
    pub(crate) blue: f32,
    /// Mean |L − blurred L| of van Gogh, at least, and of Renoir, at most.
    pub(crate) texture: (f32, f32),
    /// Power of the dots along their lattice: times the median of the ring, times that at 20°, at least.
    pub(crate) dots: (f32, f32),
    /// Difference of the hues of the two halves of Picasso's faces, at least.
    pub(crate) split: f32,
    /// The same of the others, at most.
    pub(crate) split_of_others: Option<f32>,
    /// How much lighter or darker than the photo a face may be.
    pub(crate) lift: f32,
    /// How much the lifts of the darkest and of the lightest third of the sitters may differ.
    pub(crate) lifts_apart: Option<f32>,
    /// Mean colour difference of van Gogh from Renoir, and of every other pair, at least.
    pub(crate) apart: (f32, f32),
    /// Share of the photo's strongest edges in the head that lie under Lichtenstein's ink, at least.
    pub(crate) contours: f32,
}

/// For the supplied portraits: they were tuned on, so this guards what was reached.
pub(crate) const GOLD: Bounds = Bounds {
    subject: [0.45, 0.95, 0.93, 0.75],
    face: [0.20, 0.85, 0.85, 0.55],
    renoir_black: 0.002,
    renoir_darkest: Some(0.35),
    lichtenstein_black: (0.10, 0.35),
    picasso_black: (0.06, 0.20),
    inks: 0.80,
    inks_of_others: 0.55,
    coherence: 0.62,
    blue: 0.25,
    texture: (0.030, 0.025),
    dots: (50.0, 10.0),
    split: 0.035,
    split_of_others: Some(0.04),
    lift: 0.08,
    lifts_apart: Some(0.04),
    apart: (0.06, 0.14),
    contours: 0.6,
};

/// For any portrait.
pub(crate) const ANY: Bounds = Bounds {
    subject: [0.40, 0.93, 0.90, 0.35],
    face: [0.15, 0.70, 0.75, 0.10],
    renoir_black: 0.002,
    renoir_darkest: None,
    lichtenstein_black: (0.06, 0.45),
    picasso_black: (0.05, 0.25),
    inks: 0.75,
    inks_of_others: 0.60,
    coherence: 0.60,
    blue: 0.20,
    texture: (0.030, 0.025),
    dots: (50.0, 10.0),
    split: 0.03,
    split_of_others: None,
    lift: 0.10,
    lifts_apart: None,
    apart: (0.06, 0.14),
    contours: 0.5,
};
