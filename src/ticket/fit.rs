//! A line of text → the largest size at which it fits its slot, or a shortened line.

use std::fmt::Write as _;

use unicode_segmentation::UnicodeSegmentation as _;

use super::fonts::Fonts;
use super::typeset::{Line, Manner, Reach};

/// Grapheme clusters that are measured at most. No slot of a ticket holds more.
const MOST_CLUSTERS: usize = 160;
/// Room for ink that leans over its advance, in em: the last letter of an italic line.
const OVERHANG: f32 = 0.05;
/// The smallest share of the last size to which a line of high letters shrinks: what still does
/// not fit then is for the template to clip.
const LEAST: f32 = 0.6;

/// A slot for one line of text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot<'a> {
    /// In the template's units.
    pub(super) width: f32,
    /// Font sizes to try, largest first; at the last one the text is shortened.
    pub(super) sizes: &'a [f32],
    pub(super) manner: Manner<'a>,
    /// Set before the text and never shortened.
    pub(super) prefix: &'a str,
    /// Set after the text and never shortened.
    pub(super) suffix: &'a str,
    /// Where ink may be, if not everywhere.
    pub(super) room: Option<Room>,
}

/// How far a slot goes from its baseline, in the template's units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) above: f32,
    pub(super) below: f32,
}

/// Where a line stands in its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// Starts at x.
    Start,
    /// Is centred on x.
    Middle,
    /// Ends at x.
    End,
}

/// A line that fits.
#[derive(Debug)]
pub(super) struct Fitted {
    line: Line,
    size: f32,
    /// How far the baseline goes up from where the template has it, so that ink stays in its room.
    lift: f32,
}

impl Slot<'_> {
    /// Fits `text`; an ellipsis between grapheme clusters stands for what has no room.
    pub(super) fn fit(&self, text: &str, fonts: &Fonts) -> Fitted {
        let Self { prefix, suffix, .. } = self;
        let set = |text: &str| Line::set(&format!("{prefix}{text}{suffix}"), &self.manner, fonts);
        let fits = |line: &Line, size: f32| line.width(size) + OVERHANG * size <= self.width;
        let clusters: Vec<&str> = text.graphemes(true).take(MOST_CLUSTERS + 1).collect();
        let smallest = self.sizes.last().copied().unwrap_or(16.0);
        if clusters.len() <= MOST_CLUSTERS {
            let whole = set(text);
            let mut sizes = self.sizes.iter().copied();
            let roomy = sizes.find(|&size| fits(&whole, size) && self.holds(&whole, size));
            if let Some(size) = roomy.or(fits(&whole, smallest).then_some(smallest)) {
                return self.settle(whole, size);
            }
        }
        let start = |count: usize| {
            let start: String = clusters[..count].concat();
            set(&format!("{}…", start.trim_end()))
        };
        // Widths grow with length, near enough for a search by halves; only lengths that were seen
        // to fit are taken.
        let (mut fitting, mut too_long) = (0, clusters.len().min(MOST_CLUSTERS));
        while fitting + 1 < too_long {
            let middle = fitting.midpoint(too_long);
            if fits(&start(middle), smallest) {
                fitting = middle;
            } else {
                too_long = middle;
            }
        }
        self.settle(start(fitting), smallest)
    }

    /// Whether the slot is high enough for the line at that size.
    fn holds(&self, line: &Line, size: f32) -> bool {
        size <= self.highest(line)
    }

    /// The largest size at which the line's ink is as high as the slot.
    fn highest(&self, line: &Line) -> f32 {
        let Reach { up, down } = line.reach();
        match self.room {
            Some(room) if up + down > 0.0 => (room.above + room.below) / (up + down),
            _ => f32::INFINITY,
        }
    }

    /// The line at `size`, or smaller if it is too high; moved up or down into its room.
    fn settle(&self, line: Line, size: f32) -> Fitted {
        let size = size.min(self.highest(&line).max(size * LEAST));
        let Reach { up, down } = line.reach();
        let lift = self.room.map_or(0.0, |room| {
            let needed = down * size - room.below;
            needed.max((room.above - up * size).min(0.0))
        });
        Fitted { line, size, lift }
    }
}

impl Fitted {
    /// The line as a `<text>` element, its baseline at `y`.
    pub(super) fn to_svg(
        &self,
        [x, y]: [f32; 2],
        anchor: Anchor,
        spacing: f32,
        fonts: &Fonts,
    ) -> String {
        let (size, y) = (self.size, y - self.lift);
        let width = self.line.width(size);
        let mut x = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            // Spacing follows the last letter too; ink should end at x.
            Anchor::End => x - width + spacing,
        };
        let mut svg =
            format!(r#"<text xml:space="preserve" font-size="{size}" letter-spacing="{spacing}">"#);
        for piece in &self.line.pieces {
            let face = fonts.face(piece.face);
            let style = if face.italic { "italic" } else { "normal" };
            // Writing to a String cannot fail.
            let _ = write!(
                svg,
                r#"<tspan x="{x:.2}" y="{y:.2}" font-family="{}" font-weight="{}" font-style="{style}">{}</tspan>"#,
                escape(&face.family),
                face.weight,
                escape(&piece.text),
            );
            x += self.line.advance(piece, size);
        }
        svg.push_str("</text>");
        svg
    }
}

/// Escapes `text` for XML content and attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
