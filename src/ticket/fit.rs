//! Text → the largest size at which it fits its slot, or a shortened text.

use std::fmt::Write as _;
use std::sync::Arc;

use unicode_segmentation::UnicodeSegmentation as _;

use super::fonts::{DEFAULT_FAMILY, Fonts};

/// The size text is measured at; widths scale with it.
const MEASURED_AT: f32 = 100.0;
/// Grapheme clusters that are measured at most. No slot of a ticket holds more.
const MOST_CLUSTERS: usize = 160;
/// Left over in every slot: hinting and rounding differ a little between renderers.
const MARGIN: f32 = 1.0;

/// A slot for one line of text.
#[derive(Clone, Debug)]
pub(super) struct Slot<'a> {
    /// In the template's units.
    pub(super) width: f32,
    /// Font sizes to try, largest first; at the last one the text is shortened.
    pub(super) sizes: &'a [f32],
    /// Font family.
    pub(super) family: &'a str,
    /// Font weight, 100 to 900.
    pub(super) weight: u16,
    /// Whether the italic is set.
    pub(super) italic: bool,
    /// Extra space after each letter, in the template's units.
    pub(super) spacing: f32,
    /// Set before the text and never shortened.
    pub(super) prefix: &'a str,
    /// Set after the text and never shortened.
    pub(super) suffix: &'a str,
}

impl Default for Slot<'_> {
    fn default() -> Self {
        Self {
            width: 0.0,
            sizes: &[],
            family: DEFAULT_FAMILY,
            weight: 400,
            italic: false,
            spacing: 0.0,
            prefix: "",
            suffix: "",
        }
    }
}

/// A line that fits.
#[derive(Debug, PartialEq)]
pub(super) struct Fitted {
    /// Prefix, text (perhaps shortened by an ellipsis) and suffix.
    pub(super) text: String,
    /// The font size.
    pub(super) size: f32,
    /// How wide it comes out, in the template's units.
    pub(super) width: f32,
}

/// Fits `text` into `slot`; an ellipsis between grapheme clusters stands for what has no room.
pub(super) fn fit(text: &str, slot: &Slot<'_>, fonts: &Arc<Fonts>) -> Fitted {
    let smallest = slot.sizes.last().copied().unwrap_or(16.0);
    let room = slot.width - MARGIN;
    let measured = |text: &str| Measured::new(text, slot, fonts);
    let clusters: Vec<&str> = text.graphemes(true).take(MOST_CLUSTERS + 1).collect();
    if clusters.len() <= MOST_CLUSTERS {
        let whole = measured(text);
        for &size in slot.sizes {
            if whole.width(size) <= room {
                return whole.fitted(size);
            }
        }
    }
    // The longest start that fits: widths grow with length, near enough for a search by halves;
    // the loop below makes sure of the last step.
    let shortened = |count: usize| {
        let start: String = clusters[..count].concat();
        measured(&format!("{}…", start.trim_end()))
    };
    let (mut fits, mut too_long) = (0, clusters.len().min(MOST_CLUSTERS));
    while fits + 1 < too_long {
        let middle = fits.midpoint(too_long);
        if shortened(middle).width(smallest) <= room {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    shortened(fits).fitted(smallest)
}

/// A text with its prefix and suffix, and its width at [`MEASURED_AT`].
struct Measured {
    text: String,
    /// Without spacing.
    plain: f32,
    spacing: f32,
}

impl Measured {
    fn new(text: &str, slot: &Slot<'_>, fonts: &Arc<Fonts>) -> Self {
        let text = format!("{}{text}{}", slot.prefix, slot.suffix);
        let letters = text.graphemes(true).count();
        Self {
            plain: plain_width(&text, slot, fonts),
            spacing: slot.spacing * f32::from(u16::try_from(letters).unwrap_or(u16::MAX)),
            text,
        }
    }

    fn width(&self, size: f32) -> f32 {
        self.plain * size / MEASURED_AT + self.spacing
    }

    fn fitted(self, size: f32) -> Fitted {
        Fitted {
            size,
            width: self.width(size),
            text: self.text,
        }
    }
}

/// The width of advances and ink together, at [`MEASURED_AT`], by usvg's own layout: what measures
/// is what draws.
fn plain_width(text: &str, slot: &Slot<'_>, fonts: &Arc<Fonts>) -> f32 {
    let mut svg = String::from(r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">"#);
    let style = if slot.italic { "italic" } else { "normal" };
    // Writing to a String cannot fail.
    let _ = write!(
        svg,
        r#"<text font-size="{MEASURED_AT}" font-family="{}" font-weight="{}" font-style="{style}">{}</text></svg>"#,
        escape(slot.family),
        slot.weight,
        escape(text),
    );
    let Ok(tree) = usvg::Tree::from_str(&svg, &fonts.options()) else {
        return 0.0;
    };
    let ink = tree.root().abs_stroke_bounding_box();
    let advance = tree.root().abs_bounding_box();
    ink.right().max(advance.right()) - ink.left().min(advance.left()).min(0.0)
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
