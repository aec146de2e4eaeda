//! PNG row by row: any depth and colour type, shrunk while it is read; of a moving one the first picture.

mod chunks;
mod shrink;

use std::io::{Cursor, ErrorKind};

use png::{
    ColorType, DecodeOptions, Decoder, DecodingError, Limits as PngLimits, Reader, Transformations,
};

use self::chunks::is_data_sound;
use self::shrink::Shrink;
use super::super::colour::over_white;
use super::super::orient::orientation;
use super::{Inks, Limits, METADATA_BYTES, Raw, Refusal};

/// Most bytes of a pixel: four channels of 16 bits.
const PIXEL_BYTES: u64 = 8;

/// Gamma and chromaticities stated without a profile (`gAMA`, `cHRM`, `cICP`) are not applied.
///
/// A picture is whole once all its rows are there and sound: what is wrong behind them, or beside
/// them, is not seen by anybody. Of image data that a chunk's sum does not match, the sum over all of it decides.
pub(super) fn decode(
    bytes: &[u8],
    limits: &Limits,
    wanted_px: Option<u32>,
) -> Result<Raw, Refusal> {
    let decode = |part, sums| {
        Decoding {
            bytes,
            limits,
            wanted_px,
            part,
            sums,
        }
        .picture()
    };
    let refusal = match decode(Part::Shown, Sums::Checked) {
        Err(refusal @ Refusal::BadImage { .. }) => refusal,
        answer => return answer,
    };
    // Browsers show the still picture of an animation that makes no sense.
    let still = decode(Part::Still, Sums::Checked);
    if still.is_ok() {
        return still;
    }
    if !is_data_sound(bytes, most_data(bytes)) {
        return Err(refusal);
    }
    decode(Part::Still, Sums::PassedOver).map_err(|_| refusal)
}

/// Whether the file has its last chunk where its structure says.
pub(super) fn has_end(file: &[u8]) -> bool {
    chunks::has_end(file)
}

/// Most bytes that the image data of this file may inflate to: its header has been found within limits.
fn most_data(bytes: &[u8]) -> u64 {
    let side = |at: usize| {
        let side = bytes.get(at..).and_then(<[u8]>::first_chunk);
        side.map_or(0, |side| u64::from(u32::from_be_bytes(*side)))
    };
    let (width, height) = (side(16), side(20));
    // A byte for the filter of each row, and twice as many rows where they are interlaced.
    width * height * PIXEL_BYTES + height * 2
}

/// Which picture of an animation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The first frame. It may be the still picture, or come after it.
    Shown,
    /// What programs show that know of no animations.
    Still,
}

/// The chunks' check sums.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sums {
    Checked,
    PassedOver,
}

type Rows<'a> = Reader<Cursor<&'a [u8]>>;

struct Decoding<'a> {
    bytes: &'a [u8],
    limits: &'a Limits,
    wanted_px: Option<u32>,
    part: Part,
    sums: Sums,
}

impl<'a> Decoding<'a> {
    fn picture(&self) -> Result<Raw, Refusal> {
        let (mut reader, source) = self.reader()?;
        let info = reader.info();
        let is_shown_later = info.animation_control.is_some() && info.frame_control.is_none();
        if is_shown_later && self.part == Part::Shown {
            reader.next_frame_info()?;
        }
        let stored = reader.output_color_type().0;
        let inks = match stored {
            ColorType::Grayscale | ColorType::GrayscaleAlpha => Inks::Grey,
            ColorType::Rgb | ColorType::Rgba | ColorType::Indexed => Inks::Rgb,
        };
        let mut shrink = Shrink::new(inks, source, self.wanted_px);
        read_rows(&mut reader, stored, source, &mut shrink)?;
        // EXIF may come last. Nobody sees what else is wrong there.
        let _ = reader.finish();
        let info = reader.info();
        let (samples, size) = shrink.finish();
        Ok(Raw {
            samples,
            inks,
            size,
            source,
            icc: info.icc_profile.as_deref().map(<[u8]>::to_vec),
            orientation: orientation(info.exif_metadata.as_deref().unwrap_or_default()),
        })
    }

    /// Up to the first image data; and the picture's size, which is within limits.
    fn reader(&self) -> Result<(Rows<'a>, (u32, u32)), Refusal> {
        let mut options = DecodeOptions::default();
        options.set_ignore_text_chunk(true);
        options.set_ignore_crc(self.sums == Sums::PassedOver);
        let mut decoder = Decoder::new_with_options(Cursor::new(self.bytes), options);
        decoder.set_limits(PngLimits {
            bytes: METADATA_BYTES,
        });
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        let header = decoder.read_header_info()?;
        let source @ (width, height) = (header.width, header.height);
        self.limits.admit(width, height)?;
        let row = u64::from(width) * PIXEL_BYTES;
        let memory = Shrink::memory(source, self.wanted_px) + 4 * row;
        self.limits.admit_memory(memory, source)?;
        // The decoder counts its row buffer against the same bound.
        decoder.set_limits(PngLimits {
            bytes: METADATA_BYTES + row as usize,
        });
        Ok((decoder.read_info()?, source))
    }
}

fn read_rows(
    reader: &mut Rows<'_>,
    stored: ColorType,
    (width, height): (u32, u32),
    shrink: &mut Shrink,
) -> Result<(), DecodingError> {
    let info = reader.info();
    // Only a frame of an animation has one; it lies within the picture.
    let (left, top, width, height) = info.frame_control.map_or((0, 0, width, height), |f| {
        (f.x_offset, f.y_offset, f.width, f.height)
    });
    let passes: &[Pass] = if info.interlaced { &ADAM7 } else { &[WHOLE] };
    let mut opaque = Vec::new();
    for &(x, across, y, down) in passes {
        if x >= width {
            continue;
        }
        for y in (y..height).step_by(down as usize) {
            let Some(row) = reader.next_interlaced_row()? else {
                return Ok(());
            };
            opaque.clear();
            lay_over_white(row.data(), stored, &mut opaque);
            shrink.add((left + x, top + y), across, &opaque);
        }
    }
    // Reads on to the end of the image data, for its check sum; it may have been cut off.
    match reader.next_interlaced_row() {
        Err(DecodingError::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => Ok(()),
        answer => answer.map(|_| ()),
    }
}

/// Which pixels come in a pass: from `.0` on each `.1`th across, from `.2` on each `.3`th down.
type Pass = (u32, u32, u32, u32);
const WHOLE: Pass = (0, 1, 0, 1);
/// Source: PNG specification, third edition, 8.1.
const ADAM7: [Pass; 7] = [
    (0, 8, 0, 8),
    (4, 8, 0, 8),
    (0, 4, 4, 8),
    (2, 4, 0, 4),
    (0, 2, 2, 4),
    (1, 2, 0, 2),
    (0, 1, 1, 2),
];

fn lay_over_white(pixels: &[u8], stored: ColorType, opaque: &mut Vec<u8>) {
    match stored {
        ColorType::GrayscaleAlpha => {
            opaque.extend(
                pixels
                    .chunks_exact(2)
                    .map(|pixel| over_white(pixel[0], pixel[1])),
            );
        }
        ColorType::Rgba => opaque.extend(
            pixels
                .chunks_exact(4)
                .flat_map(|p| [p[0], p[1], p[2]].map(|sample| over_white(sample, p[3]))),
        ),
        ColorType::Grayscale | ColorType::Rgb | ColorType::Indexed => {
            opaque.extend_from_slice(pixels);
        }
    }
}
