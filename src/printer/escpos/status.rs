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
pub(super) fn is_at_once(byte: u8) -> bool {
    byte & 0x93 == 0x12
}

/// Whether this byte answers a `GS r`: bits 4 and 7 are not set.
pub(super) fn is_in_turn(byte: u8) -> bool {
    byte & 0x90 == 0
}

/// What was answered to each question; `None` if it was not answered or not asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) printer: u8,
    pub(super) paper: u8,
    pub(super) offline: Option<u8>,
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
            needs,
            remark: if near_end {
                words::near_end()
            } else {
                Says::default()
            },
            stalled: false,
            stops_for_good: false,
            levels: Levels::Unknown,
            most_copies: 1,
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
    fn answers_are_told_apart() {
        for byte in [0x12, 0x16, 0x1a, 0x1e, 0x32, 0x72, 0x7e] {
            assert!(is_at_once(byte) && !is_in_turn(byte), "{byte:#x}");
        }
        for byte in [0x00, 0x03, 0x0c, 0x0f] {
            assert!(is_in_turn(byte) && !is_at_once(byte), "{byte:#x}");
        }
    }
}
