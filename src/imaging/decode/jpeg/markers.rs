//! The few segments of a JPEG's head that matter for its look: orientation, colour profile, ink polarity, depth.
//!
//! Sources: ITU-T T.81 annex B (segments), CIPA DC-008 (Exif in APP1), ICC.1:2022 annex B.4 (profiles in APP2),
//! Adobe Technical Note 5116 (APP14).

use image::metadata::Orientation;

use super::super::super::orient::orientation;
use super::super::METADATA_BYTES;
use super::frame::Frame;
use super::segments::{
    APP1, APP2, APP14, EOI, SOS, Segment, Segments, is_frame_header, is_progressive,
};

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
    /// The frame, if its header makes sense.
    pub(super) frame: Option<Frame>,
    /// How many components the first scan has.
    first_scan: usize,
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
            frame: None,
            first_scan: 0,
        };
        for Segment { marker, body } in Segments::of(jpeg) {
            match marker {
                EOI => break,
                SOS => {
                    markers.first_scan = body.first().copied().unwrap_or_default().into();
                    break;
                }
                APP1 => exif = exif.or(body.strip_prefix(b"Exif\0\0")),
                APP2 => profile.add(body),
                APP14 => markers.is_adobe |= body.starts_with(b"Adobe"),
                _ if is_frame_header(marker) => {
                    markers.frame = Frame::read(body, is_progressive(marker));
                    markers.has_deep_samples = body.first().is_some_and(|&bits| bits > 8);
                }
                _ => {}
            }
        }
        markers.orientation = exif.map_or(Orientation::NoTransforms, orientation);
        markers.icc = profile.assemble();
        markers
    }

    /// What the decoder holds of a picture that comes in several scans, in bytes: 64 coefficients of 16 bits a block.
    pub(super) fn coefficient_bytes(&self, frame: &Frame) -> u64 {
        if frame.is_progressive || self.first_scan < frame.components.len() {
            frame.all_blocks() * 64 * 2
        } else {
            0
        }
    }
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
