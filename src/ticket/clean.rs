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

/// Characters that only join or vary their neighbours: not worth a word when a font lacks them.
fn is_joiner(character: char) -> bool {
    matches!(character,
        '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e01ef}')
}
