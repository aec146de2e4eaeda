//! The few segments of a JPEG's head that matter for its look: orientation, colour profile, ink polarity, depth.
//!
//! Sources: ITU-T T.81 annex B (segments), CIPA DC-008 (Exif in APP1), ICC.1:2022 annex B.4 (profiles in APP2),
//! Adobe Technical Note 5116 (APP14).

use image::metadata::Orientation;

use super::super::orient::orientation;
use super::METADATA_BYTES;

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;

/// What the segments before the first scan say.
pub(super) struct Markers {
    /// How the camera was held; upright if the file does not say.
    pub(super) orientation: Orientation,
    /// The whole ICC profile, if all its parts are there.
    pub(super) icc: Option<Vec<u8>>,
    /// An Adobe segment is there, and so CMYK is stored inverted.
    pub(super) is_adobe: bool,
    /// More than 8 bits a sample.
    pub(super) has_deep_samples: bool,
}

impl Markers {
    /// Reads as far as the structure makes sense; judging the rest is left to the decoder.
    pub(super) fn read(jpeg: &[u8]) -> Self {
        let mut exif = None;
        let mut profile = ProfileParts::default();
        let mut markers = Self {
            orientation: Orientation::NoTransforms,
            icc: None,
            is_adobe: false,
            has_deep_samples: false,
        };
        for (marker, body) in (Segments { rest: jpeg }) {
            match marker {
                APP1 => exif = exif.or(body.strip_prefix(b"Exif\0\0")),
                APP2 => profile.add(body),
                APP14 => markers.is_adobe |= body.starts_with(b"Adobe"),
                _ if is_frame_header(marker) => {
                    markers.has_deep_samples = body.first().is_some_and(|&bits| bits > 8);
                }
                _ => {}
            }
        }
        markers.orientation = exif.map_or(Orientation::NoTransforms, orientation);
        markers.icc = profile.assemble();
        markers
    }
}

/// SOF0 to SOF15, without the three codes in that range that mean something else (DHT, JPG, DAC).
fn is_frame_header(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC)
}

/// The parts of an ICC profile: a segment holds at most 64 kB, so large ones come numbered from 1.
#[derive(Default)]
struct ProfileParts<'a> {
    parts: Vec<(u8, &'a [u8])>,
    count: u8,
}

impl<'a> ProfileParts<'a> {
    fn add(&mut self, body: &'a [u8]) {
        if let Some([number, count, part @ ..]) = body.strip_prefix(b"ICC_PROFILE\0") {
            self.count = *count;
            self.parts.push((*number, part));
        }
    }

    fn assemble(mut self) -> Option<Vec<u8>> {
        self.parts.sort_by_key(|(number, _)| *number);
        let is_whole = self.count > 0
            && self
                .parts
                .iter()
                .map(|(number, _)| *number)
                .eq(1..=self.count);
        let bytes: usize = self.parts.iter().map(|(_, part)| part.len()).sum();
        (is_whole && bytes <= METADATA_BYTES).then(|| {
            self.parts
                .iter()
                .flat_map(|(_, part)| part.iter().copied())
                .collect()
        })
    }
}

/// The segments up to the first scan, as marker and body.
struct Segments<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Segments<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (&marker, after) = match self.rest {
                // Any number of FF may pad a marker.
                [0xFF, 0xFF, ..] => {
                    self.rest = &self.rest[1..];
                    continue;
                }
                [0xFF, marker, after @ ..] => (marker, after),
                _ => return None,
            };
            match marker {
                SOI => self.rest = after,
                EOI | SOS => return None,
                _ => {
                    let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
                    let body = after.get(2..length)?;
                    self.rest = &after[length..];
                    return Some((marker, body));
                }
            }
        }
    }
}
