//! What a ticket can be printed on.

use super::{PRINT_HEIGHT, PRINT_WIDTH};

/// A kind of paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paper {
    /// A sheet of 4 × 6 in.
    #[default]
    Sheet,
    /// A sheet of 4 × 6 in that is cut into two strips of 2 × 6 in.
    Strips,
    /// A thermal roll of 80 mm, 72 mm of which are printed, cut off where the ticket ends.
    Receipt,
}

impl Paper {
    /// A strip's width in pixels: half a sheet.
    pub(super) const STRIP_WIDTH: u32 = PRINT_WIDTH / 2;
    /// Dots across a thermal head.
    pub(super) const DOTS: u32 = 576;
    /// How many rows a thermal ticket may have: from a stamp to half a metre of eight dots a
    /// millimetre.
    const ROWS: std::ops::RangeInclusive<u32> = 200..=4000;

    /// The paper of that name in the settings.
    pub(super) fn of(format: &str) -> Option<Self> {
        match format {
            "4x6" => Some(Self::Sheet),
            "2x6" => Some(Self::Strips),
            "80mm" => Some(Self::Receipt),
            _ => None,
        }
    }

    /// How wide a template for it is, in its units.
    pub(super) fn template_width(self) -> u32 {
        match self {
            Self::Sheet => PRINT_WIDTH,
            Self::Strips => Self::STRIP_WIDTH,
            Self::Receipt => Self::DOTS,
        }
    }

    /// Whether a template for it may be so high.
    pub(super) fn allows_height(self, height: u32) -> bool {
        match self {
            Self::Sheet | Self::Strips => height == PRINT_HEIGHT,
            Self::Receipt => Self::ROWS.contains(&height),
        }
    }

    /// The size of its templates, in words for their author.
    pub(super) fn describe(self) -> String {
        let width = self.template_width();
        match self {
            Self::Sheet | Self::Strips => format!("viewBox=\"0 0 {width} {PRINT_HEIGHT}\""),
            Self::Receipt => {
                let (least, most) = (Self::ROWS.start(), Self::ROWS.end());
                format!("viewBox=\"0 0 {width} H\" with a height H of {least} to {most}")
            }
        }
    }
}
