//! The segments of a JPEG, found as libjpeg finds them: bytes that belong to none are stepped over.
//!
//! Source: ITU-T T.81, annex B.

pub(super) const SOF0: u8 = 0xC0;
pub(super) const SOF1: u8 = 0xC1;
pub(super) const SOF2: u8 = 0xC2;
pub(super) const DHT: u8 = 0xC4;
pub(super) const RST0: u8 = 0xD0;
pub(super) const RST7: u8 = 0xD7;
pub(super) const SOI: u8 = 0xD8;
pub(super) const EOI: u8 = 0xD9;
pub(super) const SOS: u8 = 0xDA;
pub(super) const DQT: u8 = 0xDB;
pub(super) const DRI: u8 = 0xDD;
pub(super) const APP0: u8 = 0xE0;
pub(super) const APP1: u8 = 0xE1;
pub(super) const APP2: u8 = 0xE2;
pub(super) const APP14: u8 = 0xEE;
const APP15: u8 = 0xEF;
const TEM: u8 = 0x01;
const COM: u8 = 0xFE;

/// SOF0 to SOF15, without the three codes in that range that mean something else (DHT, JPG, DAC).
pub(super) fn is_frame_header(marker: u8) -> bool {
    matches!(marker, SOF0..=0xCF) && !matches!(marker, DHT | 0xC8 | 0xCC)
}

/// Whether the frame's process is progressive, by whichever code.
pub(super) fn is_progressive(frame_header: u8) -> bool {
    matches!(frame_header, SOF2 | 0xC6 | 0xCA | 0xCE)
}

/// A marker, and what its segment holds; nothing if the marker stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    pub(super) marker: u8,
    pub(super) body: &'a [u8],
}

/// Steps from segment to segment. After a scan's header [`Segments::rest`] is its data, which the
/// next step passes over up to the next marker that is no restart.
#[derive(Debug, Clone)]
pub(super) struct Segments<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Segments<'a> {
    pub(super) fn of(jpeg: &'a [u8]) -> Self {
        Self { rest: jpeg }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (marker, after) = next_marker(self.rest)?;
        self.rest = after;
        if stands_alone(marker) {
            return Some(Segment { marker, body: &[] });
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
        let body = match length {
            // No length of a segment is below its own two bytes; one that nobody needs is passed over.
            0 | 1 if is_skippable(marker) => &[],
            _ => after.get(2..length)?,
        };
        self.rest = &after[2 + body.len()..];
        Some(Segment { marker, body })
    }
}

/// The next marker and what follows it. `FF 00` is a byte of a scan, and any number of `FF` may pad a marker.
pub(super) fn next_marker(mut rest: &[u8]) -> Option<(u8, &[u8])> {
    loop {
        let at = rest.iter().position(|&byte| byte == 0xFF)?;
        rest = &rest[at + 1..];
        match rest {
            [0x00 | 0xFF, ..] => {}
            [marker, after @ ..] => return Some((*marker, after)),
            [] => return None,
        }
    }
}

fn stands_alone(marker: u8) -> bool {
    matches!(marker, TEM | RST0..=EOI)
}

fn is_skippable(marker: u8) -> bool {
    matches!(marker, APP0..=APP15 | COM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stray_bytes_belong_to_no_segment() {
        let file = [
            &[0xFF, SOI, 7, 0xFF, 0, 9, 0xFF, 0xFF, APP0, 0, 4, 1, 2, 5][..],
            &[0xFF, APP1, 0, 0, 0xFF, EOI],
        ]
        .concat();
        let found: Vec<_> = Segments::of(&file).map(|s| (s.marker, s.body)).collect();
        let expected: [(u8, &[u8]); 4] = [(SOI, &[]), (APP0, &[1, 2]), (APP1, &[]), (EOI, &[])];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_segment_that_is_cut_is_none() {
        assert_eq!(Segments::of(&[0xFF, DQT, 0, 9, 1, 2]).next(), None);
        assert_eq!(Segments::of(&[0xFF, DQT, 0, 1, 1, 2]).next(), None);
        assert_eq!(Segments::of(&[0xFF, DQT, 0]).next(), None);
        assert_eq!(Segments::of(&[0xFF]).next(), None);
    }
}
