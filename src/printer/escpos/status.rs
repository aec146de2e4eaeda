//! What a receipt printer answers to `DLE EOT n`, at once and even when it is offline.

use crate::printer::spooled::{Levels, Look};
use crate::printer::{Condition, Need, Says, words};

/// `DLE EOT 1`: is it online?
pub(super) const PRINTER: [u8; 3] = [0x10, 0x04, 1];
/// `DLE EOT 2`: why is it offline?
pub(super) const OFFLINE: [u8; 3] = [0x10, 0x04, 2];
/// `DLE EOT 4`: is there paper?
pub(super) const PAPER: [u8; 3] = [0x10, 0x04, 4];
/// `GS r 1`: the paper again, but answered in turn, after all that was sent before is printed.
pub(super) const IN_TURN: [u8; 3] = [0x1d, b'r', 1];

/// Whether this byte answers a `DLE EOT`: bits 1 and 4 are set, 0 and 7 are not.
fn is_at_once(byte: u8) -> bool {
    byte & 0x93 == 0x12
}

/// Whether this byte answers a `GS r`: bits 4 and 7 are not set.
fn is_in_turn(byte: u8) -> bool {
    byte & 0x90 == 0
}

/// Sorts a printer's bytes: answers, and what it says by itself until it is told not to.
#[derive(Debug, Default)]
pub(super) struct Sorter {
    /// Bytes of an automatic status that are still to come.
    unasked: u8,
}

/// What a byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// The answer to a `DLE EOT`.
    AtOnce(u8),
    /// The answer to a `GS r`.
    InTurn,
    /// Nothing that was asked for.
    Noise,
}

impl Sorter {
    /// The next byte. An automatic status is four of them, of which the first has bit 4 set and
    /// bits 0, 1 and 7 not; its others look like answers in turn.
    pub(super) fn hear(&mut self, byte: u8) -> Heard {
        if self.unasked > 0 && byte & 0x90 == 0 {
            self.unasked -= 1;
            return Heard::Noise;
        }
        self.unasked = 0;
        if byte & 0x93 == 0x10 {
            self.unasked = 3;
            Heard::Noise
        } else if is_at_once(byte) {
            Heard::AtOnce(byte)
        } else if is_in_turn(byte) {
            Heard::InTurn
        } else {
            Heard::Noise
        }
    }
}

/// What was answered to each question; `None` if it was not answered or not asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) printer: u8,
    pub(super) paper: u8,
    pub(super) offline: Option<u8>,
}

/// How it is while it answers nothing in the middle of a ticket: it stands still, and what it needs
/// it has no room to say.
pub(super) fn silent() -> Look {
    let offline = Answers {
        printer: 0x1a,
        paper: 0x12,
        offline: None,
    };
    offline.look()
}

/// How one is that answers no question at all: it prints, and says nothing of it.
pub(super) fn mute() -> Look {
    let well = Answers {
        printer: 0x12,
        paper: 0x12,
        offline: None,
    };
    Look {
        remark: words::mute(),
        ..well.look()
    }
}

impl Answers {
    /// In a booth's words.
    pub(super) fn look(self) -> Look {
        let is = |byte: u8, bits: u8| byte & bits != 0;
        let why = self.offline.unwrap_or_default();
        let mut needs = Vec::new();
        if is(why, 0x04) {
            needs.push(Need::CoverClosed);
        }
        if is(self.paper, 0x60) || is(why, 0x20) {
            needs.push(Need::Paper);
        }
        if needs.is_empty() && is(self.printer, 0x08) {
            needs.push(Need::Attention);
        }
        let near_end = needs.is_empty() && is(self.paper, 0x0c);
        Look {
            condition: if needs.is_empty() {
                Condition::Ready
            } else {
                Condition::Needs
            },
            held: !needs.is_empty(),
            grave: !needs.is_empty(),
            needs,
            remark: if near_end {
                words::near_end()
            } else {
                Says::default()
            },
            stalled: false,
            idle: false,
            stops_for_good: false,
            levels: Levels::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(printer: u8, paper: u8, offline: Option<u8>) -> Vec<Need> {
        let answers = Answers {
            printer,
            paper,
            offline,
        };
        answers.look().needs
    }

    #[test]
    fn bits_become_words() {
        assert!(needs(0x12, 0x12, None).is_empty());
        assert_eq!(needs(0x1a, 0x7e, None), [Need::Paper]);
        assert_eq!(needs(0x1a, 0x12, Some(0x16)), [Need::CoverClosed]);
        assert_eq!(needs(0x1a, 0x12, Some(0x32)), [Need::Paper]);
        assert_eq!(needs(0x1a, 0x12, None), [Need::Attention]);
        let near = Answers {
            printer: 0x12,
            paper: 0x1e,
            offline: None,
        };
        assert_eq!(near.look().condition, Condition::Ready);
        assert_eq!(near.look().remark, words::near_end());
    }

    #[test]
    fn what_nobody_asked_for_is_no_answer() {
        let mut sorter = Sorter::default();
        // Out of paper, said by itself: drawer, offline, then the sensors.
        let heard = [0x18, 0x00, 0x0c, 0x00, 0x7e, 0x00, 0x91].map(|byte| sorter.hear(byte));
        let noise = Heard::Noise;
        let answers = [Heard::AtOnce(0x7e), Heard::InTurn, noise];
        assert_eq!(heard[..4], [noise; 4]);
        assert_eq!(heard[4..], answers);
    }

    #[test]
    fn answers_are_told_apart() {
        for byte in [0x12, 0x16, 0x1a, 0x1e, 0x32, 0x72, 0x7e] {
            assert!(is_at_once(byte) && !is_in_turn(byte), "{byte:#x}");
        }
        for byte in [0x00, 0x03, 0x0c, 0x0f] {
            assert!(is_in_turn(byte) && !is_at_once(byte), "{byte:#x}");
        }
    }
}
