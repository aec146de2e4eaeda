//! What a visitor typed → one line that can be set.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::fonts::Fonts;

/// More is never shown, whatever the slot: a bound on the work before anything is measured.
const MOST_CHARACTERS: usize = 400;
/// Marks on one letter. Vietnamese, Hebrew and Thai need up to three; "zalgo" has dozens.
const MOST_MARKS: usize = 3;
/// Characters that [`Line::left_out`] lists at most.
const MOST_LEFT_OUT: usize = 40;

/// A line that the bundled fonts can draw.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Composed (NFC), without control characters, white space collapsed; perhaps empty.
    pub(super) text: String,
    /// What no bundled font can draw, each character once.
    pub(super) left_out: String,
}

/// Cleans `raw`: one line, no controls, no stacks of marks, nothing that would come out as a box.
pub(super) fn line(raw: &str, fonts: &Fonts) -> Line {
    let mut line = Line::default();
    let mut marks = 0;
    let mut space = false;
    for character in raw.chars().take(MOST_CHARACTERS).nfc() {
        if character.is_whitespace() || character == '\u{200b}' {
            space = !line.text.is_empty();
            continue;
        }
        if is_silent(character) {
            continue;
        }
        marks = if is_combining_mark(character) {
            marks + 1
        } else {
            0
        };
        if marks > MOST_MARKS {
            continue;
        }
        if !fonts.can_draw(character) {
            line.leave_out(character);
            continue;
        }
        if std::mem::take(&mut space) {
            line.text.push(' ');
        }
        line.text.push(character);
    }
    if raw.chars().nth(MOST_CHARACTERS).is_some() {
        line.text.push('…');
    }
    line
}

/// Whether anything of `text` is to be seen: neither white space nor what only joins its neighbours or
/// leaves a gap.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    let shows = |character: char| {
        !character.is_whitespace()
            && !is_silent(character)
            && !is_joiner(character)
            && !is_blank(character)
            && !is_combining_mark(character)
    };
    text.nfc().any(shows)
}

impl Line {
    fn leave_out(&mut self, character: char) {
        let is_new = !self.left_out.contains(character);
        if is_new && !is_joiner(character) && self.left_out.chars().count() < MOST_LEFT_OUT {
            self.left_out.push(character);
        }
    }
}

/// Characters that are dropped without a word: controls, overrides of the writing direction, which
/// could turn the rest of a label around, and code points that are no characters.
fn is_silent(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}'
            | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)
}

/// Letters that are empty: the fillers of Hangul, the braille pattern without a dot.
fn is_blank(character: char) -> bool {
    matches!(
        character,
        '\u{200b}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}' | '\u{034f}'
    )
}

/// Characters that only join or vary their neighbours: not worth a word when a font lacks them.
fn is_joiner(character: char) -> bool {
    matches!(character,
        '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_something_that_is_seen() {
        for seen in ["Jan", " 지우 ", "é", "👩‍🎨", "\u{202e}Anna", "١", "."] {
            assert!(is_visible(seen), "{seen:?}");
        }
        for unseen in [
            "",
            " ",
            "\u{a0}\u{2003}",
            "\u{200b}\u{200d}",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{ffa0}",
            "\u{2800}",
            "\u{feff}",
            "\u{2060}",
            "\u{202e}",
            "\u{fe0f}",
            "\u{301}",
            "\u{e0020}",
            "\u{1}",
        ] {
            assert!(!is_visible(unseen), "{unseen:?}");
        }
    }
}
