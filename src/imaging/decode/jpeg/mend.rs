//! A damaged JPEG → the same picture without the damage, if no block of it was lost.
//!
//! Cameras and programs leave bytes where none belong (between segments, before a restart or the end),
//! drop the end, or write headers that no decoder needs. Decoders warn of that in the same breath as of
//! lost blocks, so their warnings cannot tell. Here the blocks are counted: each must be there, and what
//! follows the last must be stray. Then the picture is written anew without what is stray, and the
//! decoder has nothing left to warn of.

use super::super::{Limits, Refusal};
use super::MAX_SCANS;
use super::blocks::{Blocks, Known};
use super::entropy::{Interval, after_restart, are_stray};
use super::frame::{Frame, Scan};
use super::segments::{
    APP0, APP14, DHT, DQT, DRI, EOI, RST0, RST7, SOF0, SOF1, SOF2, SOI, SOS, Segment, Segments,
    is_frame_header, next_marker,
};
use super::tables::Tables;

/// The picture as it would be without stray bytes and with its end; `None` if blocks of it are lost.
///
/// Takes up to three times the file's length in memory, and for a progressive picture 8 bytes a block.
///
/// # Errors
/// [`Refusal::TooLarge`], [`Refusal::TooSmall`].
pub(in crate::imaging::decode) fn mend(
    jpeg: &[u8],
    limits: &Limits,
) -> Result<Option<Vec<u8>>, Refusal> {
    let mut segments = Segments::of(jpeg);
    if segments.next().is_none_or(|first| first.marker != SOI) {
        return Ok(None);
    }
    let mut headers = Segments::of(jpeg).filter(|segment| is_frame_header(segment.marker));
    let mut mended = Mended {
        component_count: headers
            .next()
            .map_or(0, |frame| frame.body.get(5).copied().unwrap_or(0)),
        ..Mended::default()
    };
    let mut has_end = false;
    while !has_end && !mended.is_complete() {
        let Some(segment) = segments.next() else {
            break;
        };
        has_end = segment.marker == EOI;
        if let Some(frame) = frame_of(segment) {
            limits.admit(frame.width, frame.height)?;
        }
        let Some(rest) = mended.add(segment, segments.rest) else {
            return Ok(None);
        };
        segments.rest = rest;
    }
    Ok(mended.finish(has_end))
}

/// A bare JFIF header, version 1.01: some files state versions that decoders warn of.
const JFIF: [u8; 14] = *b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0";

/// The frame, if the segment is its header and its process one whose blocks are stepped through here.
fn frame_of(segment: Segment<'_>) -> Option<Frame> {
    let is_progressive = match segment.marker {
        SOF0 | SOF1 => false,
        SOF2 => true,
        _ => return None,
    };
    Frame::read(segment.body, is_progressive)
}

/// The bit that each coefficient of a component is exact to so far.
type Exact = [Option<u8>; 64];

#[derive(Default)]
struct Mended {
    bytes: Vec<u8>,
    /// The frame's, which comes after the segments that it explains.
    component_count: u8,
    process: Process,
    tables: Tables,
    restart_every: u32,
    scans: u32,
}

#[derive(Default)]
enum Process {
    /// The frame header is still to come.
    #[default]
    Unknown,
    /// Huffman codes, sequential or progressive.
    Huffman {
        frame: Frame,
        known: Known,
        /// As the frame has its components.
        exact: Vec<Exact>,
    },
    /// Arithmetic coding, or lossless: the decoder alone judges the data.
    Other,
}

impl Mended {
    /// Takes one segment over. What remains after it; `None` if the picture is beyond mending.
    fn add<'a>(&mut self, segment: Segment<'_>, rest: &'a [u8]) -> Option<&'a [u8]> {
        let Segment { marker, body } = segment;
        match marker {
            // A restart before any scan or behind the last interval, and the end: not copied.
            0x01 | RST0..=RST7 | EOI => return Some(rest),
            ..SOF0 | SOI => return None,
            DHT => self.tables.read_codes(body)?,
            DQT => self.tables.read_steps(body)?,
            DRI => self.restart_every = u16::from_be_bytes(*body.first_chunk()?).into(),
            _ if is_frame_header(marker) => self.begin(segment)?,
            _ => {}
        }
        match (marker, body) {
            (APP0, [b'J', b'F', b'I', b'F', 0, ..]) if body.len() >= JFIF.len() => {
                self.write(APP0, &JFIF);
            }
            (
                APP14,
                [
                    b'A',
                    b'd',
                    b'o',
                    b'b',
                    b'e',
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    transform,
                    ..,
                ],
            ) => {
                let mut known = body.to_vec();
                known[11] = self.known_transform(*transform);
                self.write(APP14, &known);
            }
            _ => self.write(marker, body),
        }
        match marker {
            SOS => self.scan(body, rest),
            _ => Some(rest),
        }
    }

    fn write(&mut self, marker: u8, body: &[u8]) {
        let length = (body.len() + 2) as u16;
        self.bytes.extend([0xFF, marker]);
        self.bytes.extend(length.to_be_bytes());
        self.bytes.extend_from_slice(body);
    }

    /// What decoders take a colour transform for that they do not know: YCbCr, or YCCK.
    fn known_transform(&self, stated: u8) -> u8 {
        match (self.component_count, stated) {
            (3, 0 | 1) | (4, 0 | 2) => stated,
            (3, _) => 1,
            _ => 2,
        }
    }

    fn begin(&mut self, header: Segment<'_>) -> Option<()> {
        let Process::Unknown = self.process else {
            return None;
        };
        self.process = match header.marker {
            SOF0 | SOF1 | SOF2 => {
                let frame = frame_of(header)?;
                Process::Huffman {
                    known: Known::nothing(&frame),
                    exact: vec![[None; 64]; frame.components.len()],
                    frame,
                }
            }
            _ => Process::Other,
        };
        Some(())
    }

    /// Copies the data behind a scan header, as far as it is the scan's. What remains after it.
    fn scan<'a>(&mut self, header: &[u8], rest: &'a [u8]) -> Option<&'a [u8]> {
        self.scans += 1;
        if self.scans > MAX_SCANS {
            return None;
        }
        match &mut self.process {
            Process::Unknown => None,
            Process::Other => {
                let (data, rest) = rest.split_at(data_length(rest));
                self.bytes.extend_from_slice(data);
                Some(rest)
            }
            Process::Huffman {
                frame,
                known,
                exact,
            } => {
                let scan = Scan::read(header, frame)?;
                note(&scan, exact)?;
                let tables = self.tables.of(&scan, frame)?;
                let mut blocks = Blocks::new(frame, &scan, &tables, known);
                copy_scan(&mut blocks, self.restart_every, rest, &mut self.bytes)
            }
        }
    }

    /// Whether whatever follows can only be stray.
    fn is_complete(&self) -> bool {
        match &self.process {
            Process::Huffman { exact, .. } => exact.iter().flatten().all(|&bit| bit == Some(0)),
            Process::Unknown | Process::Other => false,
        }
    }

    fn finish(self, has_end: bool) -> Option<Vec<u8>> {
        let is_whole = self.is_complete()
            || has_end
                && match &self.process {
                    Process::Unknown => false,
                    // Without its finest scans a progressive picture is soft, but all there.
                    Process::Huffman { exact, .. } => exact.iter().all(|exact| exact[0].is_some()),
                    Process::Other => self.scans > 0,
                };
        is_whole.then(|| [&[0xFF, SOI], &self.bytes[..], &[0xFF, EOI]].concat())
    }
}

/// Notes how exact coefficients are after `scan`; `None` if it refines what is not there.
fn note(scan: &Scan, exact: &mut [Exact]) -> Option<()> {
    for &(component, ..) in &scan.components {
        for exact in &mut exact[component][scan.band.clone()] {
            if scan.high > 0 && *exact != Some(scan.high) {
                return None;
            }
            *exact = Some(scan.low);
        }
    }
    Some(())
}

/// Copies a scan's data interval by interval, each as far as its blocks go; what remains after it.
fn copy_scan<'a>(
    blocks: &mut Blocks<'_>,
    restart_every: u32,
    mut rest: &'a [u8],
    to: &mut Vec<u8>,
) -> Option<&'a [u8]> {
    let (across, down) = blocks.mcus();
    let total = across * down;
    let most = if restart_every == 0 {
        total
    } else {
        restart_every
    };
    let (mut first, mut restarts, mut endings) = (0, 0, Vec::new());
    while first < total {
        if first > 0 {
            rest = after_restart(rest)?;
            to.extend([0xFF, RST0 + restarts % 8]);
            restarts = (restarts + 1) % 8;
        }
        let count = most.min(total - first);
        let (interval, after) = Interval::read(rest);
        let mut bits = interval.bits();
        blocks.pass(first, count, &mut bits)?;
        let ending = interval.ending(bits.read())?;
        if ending.has_more() && blocks.go_on(&interval, bits.clone()) {
            return None;
        }
        endings.push(ending);
        interval.write(bits.read(), to);
        first += count;
        rest = after;
    }
    are_stray(&endings).then_some(rest)
}

/// How far a scan's data reaches: to the next marker that is no restart.
fn data_length(data: &[u8]) -> usize {
    let mut rest = data;
    while let Some((marker, after)) = next_marker(rest) {
        if !matches!(marker, RST0..=RST7) {
            return data.len() - after.len() - 2;
        }
        rest = after;
    }
    data.len()
}
