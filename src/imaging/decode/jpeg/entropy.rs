//! The entropy-coded data of a scan, interval by interval.
//!
//! Source: ITU-T T.81, B.1.1.5 (stuffing), F.1.2.3 (padding).

use super::huffman::Bits;
use super::segments::{RST0, RST7, SOF0, next_marker};

/// What stands between two markers, without its byte stuffing.
#[derive(Debug)]
pub(super) struct Interval {
    /// Ends with [`Bits::SPARE`] bytes that do not belong to it.
    bytes: Vec<u8>,
}

impl Interval {
    /// The interval at the front of `data`, and what follows it.
    pub(super) fn read(data: &[u8]) -> (Self, &[u8]) {
        let mut bytes = Vec::new();
        let mut rest = data;
        let is_at_marker = loop {
            let Some(at) = rest.iter().position(|&byte| byte == 0xFF) else {
                bytes.extend_from_slice(rest);
                rest = &[];
                break false;
            };
            bytes.extend_from_slice(&rest[..at]);
            rest = &rest[at..];
            let fill = rest.iter().take_while(|&&byte| byte == 0xFF).count();
            match rest.get(fill) {
                Some(0) => {
                    bytes.push(0xFF);
                    rest = &rest[fill + 1..];
                }
                Some(_) => break true,
                None => {
                    rest = &[];
                    break false;
                }
            }
        };
        if !is_at_marker {
            trim_zeros(&mut bytes);
        }
        bytes.extend([0; Bits::SPARE]);
        (Self { bytes }, rest)
    }

    pub(super) fn bits(&self) -> Bits<'_> {
        Bits::of(&self.bytes)
    }

    /// How it ends, if its blocks took this many bits; `None` if it does not have as many.
    pub(super) fn ending(&self, bits: usize) -> Option<Ending> {
        let length = self.bytes.len() - Bits::SPARE;
        let used = bits.div_ceil(8);
        if used > length {
            return None;
        }
        let padding = match (bits % 8, used.checked_sub(1)) {
            (0, _) | (_, None) => Padding::None,
            (begun, Some(last)) => {
                let mask = 0xFF >> begun;
                match self.bytes[last] & mask {
                    0 => Padding::Zeros,
                    bits if bits == mask => Padding::Ones,
                    _ => Padding::Other,
                }
            }
        };
        Some(Ending {
            padding,
            has_more: used < length,
        })
    }

    /// Writes the bytes that its blocks took, stuffed again.
    pub(super) fn write(&self, bits: usize, to: &mut Vec<u8>) {
        for &byte in &self.bytes[..bits.div_ceil(8)] {
            to.push(byte);
            if byte == 0xFF {
                to.push(0);
            }
        }
    }
}

/// Where nothing marks the end, zeros are space that was set aside and not written to. Blocks must not
/// be read from them: in the usual tables zeros are codes like others. One may be the last byte of all.
fn trim_zeros(bytes: &mut Vec<u8>) {
    let written = bytes.iter().rposition(|&byte| byte != 0);
    bytes.truncate(written.map_or(0, |last| last + 2).min(bytes.len()));
}

/// What follows an interval's last block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ending {
    padding: Padding,
    /// Whole bytes follow.
    has_more: bool,
}

impl Ending {
    pub(super) fn has_more(self) -> bool {
        self.has_more
    }

    /// As encoders leave it: nothing but the padding of the last byte follows.
    pub(super) fn is_exact(self) -> bool {
        !self.has_more && matches!(self.padding, Padding::None | Padding::Ones)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Padding {
    None,
    Ones,
    Zeros,
    Other,
}

/// Whether what follows the blocks of a scan is stray, and no block that slipped: encoders fill the last
/// byte with ones, and damaged data ends anywhere. Some fill it with zeros; those do so in every interval.
pub(super) fn are_stray(endings: &[Ending]) -> bool {
    let ends_with = |padding| {
        endings
            .iter()
            .any(|ending| !ending.has_more && ending.padding == padding)
    };
    let fills_with_zeros = ends_with(Padding::Zeros) && !ends_with(Padding::Ones);
    let usual = if fills_with_zeros {
        Padding::Zeros
    } else {
        Padding::Ones
    };
    endings
        .iter()
        .filter(|ending| ending.has_more)
        .all(|ending| ending.padding == Padding::None || ending.padding == usual)
}

/// What follows the next restart marker; `None` if another marker or nothing comes first.
pub(super) fn after_restart(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let (marker, after) = next_marker(rest)?;
        match marker {
            RST0..=RST7 => return Some(after),
            // No marker has such a code.
            ..SOF0 => rest = after,
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffing_goes_and_comes_again() {
        let data = [1, 0xFF, 0, 2, 0xFF, 0xFF, 0, 3, 0xFF, 0xFF, 0xD0, 9];
        let (interval, after) = Interval::read(&data);
        assert_eq!(after, [0xFF, 0xFF, 0xD0, 9]);
        let mut written = Vec::new();
        interval.write(5 * 8 - 3, &mut written);
        assert_eq!(written, [1, 0xFF, 0, 2, 0xFF, 0, 3]);
        assert_eq!(after_restart(after), Some(&[9][..]));
        assert_eq!(after_restart(&[7, 0xFF, 0xD9]), None);
    }

    #[test]
    fn an_interval_ends_no_later_than_its_bytes() {
        let (interval, _) = Interval::read(&[0b1011_1111, 0xFF, 0xD9]);
        assert_eq!(interval.ending(9), None);
        let ending = |bits| interval.ending(bits).unwrap();
        assert_eq!(
            (ending(2).padding, ending(2).has_more),
            (Padding::Ones, false)
        );
        assert_eq!(ending(1).padding, Padding::Other);
        assert_eq!(
            (ending(0).padding, ending(0).has_more),
            (Padding::None, true)
        );
    }

    #[test]
    fn zeros_before_the_end_of_the_file_were_never_written() {
        let (interval, after) = Interval::read(&[5, 6, 0, 0, 0, 0, 0]);
        assert!(after.is_empty());
        assert!(interval.ending(24).is_some());
        assert!(interval.ending(25).is_none());
    }

    #[test]
    fn what_follows_padding_is_stray_and_what_follows_other_bits_is_not() {
        let ending = |padding, has_more| Ending { padding, has_more };
        let (whole, more) = (false, true);
        assert!(are_stray(&[
            ending(Padding::Ones, more),
            ending(Padding::None, more)
        ]));
        assert!(!are_stray(&[ending(Padding::Other, more)]));
        assert!(
            are_stray(&[ending(Padding::Other, whole)]),
            "nothing follows"
        );
        assert!(!are_stray(&[ending(Padding::Zeros, more)]));
        assert!(are_stray(&[
            ending(Padding::Zeros, more),
            ending(Padding::Zeros, whole)
        ]));
    }
}
