//! The paints: ramps from dark to light, and which of them meet in one painting.

use super::super::grid::{Lab, mix_lab};
use super::super::hair::HairKind;
use super::super::oklab::{chroma, hex, hue};

/// Names of the ramps, in the order of [`RAMPS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hue {
    Yellow,
    Ochre,
    Cream,
    Rose,
    Red,
    Orange,
    Sienna,
    Green,
    Teal,
    Blue,
    Lilac,
    Grey,
    Ink,
}

const RAMPS: [[u32; 5]; 13] = [
    [0x4a3508, 0xa87a10, 0xe3b418, 0xf6d93f, 0xfdf3b4],
    [0x3f2412, 0x8c5426, 0xcd8f4c, 0xeec58a, 0xfbeccd],
    [0x4a3a2a, 0xa58a68, 0xdcc29a, 0xf3e3c2, 0xfdf7e6],
    [0x45101a, 0xa02c35, 0xd9635a, 0xf0a894, 0xfbe0d2],
    [0x360a0c, 0x7f161b, 0xc4262b, 0xe5605a, 0xf6b8a8],
    [0x4d1c08, 0xa8460f, 0xe57f20, 0xf5b254, 0xfce2b0],
    [0x2c150b, 0x5a2c16, 0x8d4a24, 0xb9743f, 0xe2b184],
    [0x0f2f22, 0x2c6b45, 0x62a157, 0xa9cb6b, 0xe3efb9],
    [0x08282e, 0x17606a, 0x3b9a9b, 0x8fcabd, 0xdef0e2],
    [0x0d1e40, 0x204c93, 0x4b86c2, 0x98c3e0, 0xe2f0f6],
    [0x2a1a40, 0x5d3f80, 0x9577b6, 0xc8b0dc, 0xefe6f6],
    [0x17181c, 0x4b4f57, 0x8b9098, 0xc9cccb, 0xf6f4ec],
    [0x0b0b10, 0x16171f, 0x262a38, 0x3a4258, 0x6b7690],
];

/// All ramps as colours.
pub(super) struct Ramps([[Lab; 5]; 13]);

impl Ramps {
    /// Converts the table once.
    pub(super) fn new() -> Self {
        Self(RAMPS.map(|ramp| ramp.map(hex)))
    }

    /// A colour of a ramp; `level` 0 dark – 4 light.
    #[inline]
    pub(super) fn at(&self, hue: Hue, level: f32) -> Lab {
        let level = level.clamp(0.0, 4.0);
        let base = (level as usize).min(3);
        let ramp = &self.0[hue as usize];
        mix_lab(ramp[base], ramp[base + 1], level - base as f32)
    }
}

/// Which ramps meet: brow, eye, cheek and jaw of the near half, of the far half, and the walls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scheme {
    pub(super) near: [Hue; 4],
    pub(super) far: [Hue; 4],
    pub(super) walls: [Hue; 3],
    pub(super) clothes: [Hue; 3],
}

/// Dora, Weeping, Reader, Dream.
pub(super) const SCHEMES: [Scheme; 4] = [
    Scheme {
        near: [Hue::Ochre, Hue::Cream, Hue::Ochre, Hue::Rose],
        far: [Hue::Lilac, Hue::Green, Hue::Green, Hue::Lilac],
        walls: [Hue::Red, Hue::Orange, Hue::Ochre],
        clothes: [Hue::Blue, Hue::Teal, Hue::Grey],
    },
    Scheme {
        near: [Hue::Yellow, Hue::Cream, Hue::Yellow, Hue::Ochre],
        far: [Hue::Green, Hue::Lilac, Hue::Green, Hue::Lilac],
        walls: [Hue::Orange, Hue::Ochre, Hue::Sienna],
        clothes: [Hue::Red, Hue::Blue, Hue::Grey],
    },
    Scheme {
        near: [Hue::Cream, Hue::Rose, Hue::Cream, Hue::Ochre],
        far: [Hue::Blue, Hue::Lilac, Hue::Blue, Hue::Teal],
        walls: [Hue::Green, Hue::Teal, Hue::Ochre],
        clothes: [Hue::Red, Hue::Orange, Hue::Grey],
    },
    Scheme {
        near: [Hue::Cream, Hue::Yellow, Hue::Ochre, Hue::Cream],
        far: [Hue::Teal, Hue::Blue, Hue::Teal, Hue::Blue],
        walls: [Hue::Rose, Hue::Lilac, Hue::Red],
        clothes: [Hue::Green, Hue::Yellow, Hue::Grey],
    },
];

/// The two ramps hair is striped with.
pub(super) fn hair(kind: HairKind, cool: bool) -> (Hue, Hue) {
    match kind {
        HairKind::Black => (if cool { Hue::Blue } else { Hue::Lilac }, Hue::Ink),
        HairKind::Yellow => (Hue::Yellow, Hue::Ochre),
        HairKind::Red => (Hue::Red, Hue::Sienna),
        HairKind::White => (Hue::Grey, Hue::Blue),
    }
}

/// The ramp nearest to a colour of the photo.
pub(super) fn nearest(c: Lab) -> Hue {
    if chroma(c) < 0.035 {
        return if c[0] < 0.32 { Hue::Ink } else { Hue::Grey };
    }
    match hue(c) {
        h if h < 20.0 => Hue::Rose,
        h if h < 38.0 => Hue::Red,
        h if h < 64.0 => Hue::Orange,
        h if h < 82.0 => Hue::Ochre,
        h if h < 112.0 => Hue::Yellow,
        h if h < 165.0 => Hue::Green,
        h if h < 220.0 => Hue::Teal,
        h if h < 285.0 => Hue::Blue,
        h if h < 335.0 => Hue::Lilac,
        _ => Hue::Rose,
    }
}
