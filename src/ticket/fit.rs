//! A line of text → the largest size at which it fits its slot, or a shortened line.

use std::fmt::Write as _;

use unicode_segmentation::UnicodeSegmentation as _;

use super::fonts::Fonts;
use super::typeset::{Line, Manner};

/// Grapheme clusters that are measured at most. No slot of a ticket holds more.
const MOST_CLUSTERS: usize = 160;
/// Room for ink that leans over its advance, in em: the last letter of an italic line.
const OVERHANG: f32 = 0.05;

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
            if let Some(&size) = self.sizes.iter().find(|&&size| fits(&whole, size)) {
                return Fitted { line: whole, size };
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
        Fitted {
            line: start(fitting),
            size: smallest,
        }
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
        let size = self.size;
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
                r#"<tspan x="{x:.2}" y="{y}" font-family="{}" font-weight="{}" font-style="{style}">{}</tspan>"#,
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
