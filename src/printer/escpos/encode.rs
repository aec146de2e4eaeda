//! A picture of one bit a dot → the commands that print it and cut it off.

use std::io::Cursor;

use bytes::Bytes;

use crate::printer::{Page, PrinterError};

/// Dots across the head of an 80 mm printer: 72 mm of 8 dots each.
const DOTS: u32 = 576;
/// Rows in one command, some 3 kB: small buffers hold little more, and between two of them the
/// printer can be asked how it is.
const BAND: usize = 48;
/// The longest ticket: half a metre.
const MOST_ROWS: u32 = 4000;

/// `ESC @`: forget what a job that was cut short had set. `GS a 0`: say nothing without being asked.
const RESET: &[u8] = b"\x1b@\x1da\x00";
/// `GS V 66 0`: feed to the cutter and cut, but for a strand in the middle.
const CUT: &[u8] = b"\x1dVB\x00";

/// The page's bits as ESC/POS.
///
/// # Errors
/// [`PrinterError::Refused`] if they are no PNG of one bit a dot that fits the head.
pub(in crate::printer) fn encode(page: &Page) -> Result<Bytes, PrinterError> {
    Ok(commands(page)?.concat().into())
}

/// Whether the page's bits look like such a picture, from their head alone.
///
/// # Errors
/// As [`encode`].
pub(super) fn check(page: &Page) -> Result<(), PrinterError> {
    open(page).map(|_| ())
}

/// The same as [`encode`], cut where the printer may be asked something in between.
///
/// # Errors
/// As [`encode`].
pub(super) fn commands(page: &Page) -> Result<Vec<Vec<u8>>, PrinterError> {
    let mut reader = open(page)?;
    let info = reader.info();
    let pitch = info.width as usize / 8;
    let mut rows = vec![0; pitch * info.height as usize];
    reader
        .next_frame(&mut rows)
        .map_err(|e| refused(e.to_string()))?;
    let mut commands = vec![RESET.to_vec()];
    for band in rows.chunks(pitch * BAND) {
        let mut command = b"\x1dv0\x00".to_vec();
        command.extend(little(pitch));
        command.extend(little(band.len() / pitch));
        let dots = command.len();
        // A dot is burnt where the bit is set; in a PNG a set bit is white.
        command.extend(band.iter().map(|byte| !byte));
        mute(&mut command[dots..]);
        commands.push(command);
    }
    commands.push(CUT.to_vec());
    Ok(commands)
}

/// Takes a dot away where dots would read as the beginning of `DLE EOT`, `DLE ENQ` or `DLE DC4`:
/// printers carry those out at once, even within a picture.
fn mute(dots: &mut [u8]) {
    for at in 1..dots.len() {
        if dots[at - 1] == 0x10 && matches!(dots[at], 0x04 | 0x05 | 0x14) {
            dots[at - 1] = 0;
        }
    }
}

fn refused(reason: String) -> PrinterError {
    PrinterError::Refused { reason }
}

fn open(page: &Page) -> Result<png::Reader<Cursor<&Bytes>>, PrinterError> {
    let reader = png::Decoder::new(Cursor::new(&page.bits))
        .read_info()
        .map_err(|e| refused(e.to_string()))?;
    let info = reader.info();
    let one_bit = info.color_type == png::ColorType::Grayscale
        && info.bit_depth == png::BitDepth::One
        && info.palette.is_none();
    if !one_bit || info.width > DOTS || info.width % 8 != 0 || info.height > MOST_ROWS {
        let (width, height) = (info.width, info.height);
        let reason = format!("{width} × {height} is no picture of one bit a dot for 80 mm paper");
        return Err(refused(reason));
    }
    Ok(reader)
}

fn little(n: usize) -> [u8; 2] {
    u16::try_from(n)
        .expect("bands and heads are small")
        .to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, depth: png::BitDepth, rows: &[u8]) -> Page {
        let mut bits = Vec::new();
        let mut encoder = png::Encoder::new(&mut bits, width, height);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(depth);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(rows).unwrap();
        writer.finish().unwrap();
        Page {
            bits: bits.into(),
            ..Page::default()
        }
    }

    #[test]
    fn black_dots_are_set_bits_in_bands() {
        let mut rows = vec![0xff; 2 * 50];
        rows[1] = 0xfe;
        rows[2 * 49] = 0x7f;
        let sent = encode(&png(16, 50, png::BitDepth::One, &rows)).unwrap();
        assert_eq!(sent[..13], *b"\x1b@\x1da\x00\x1dv0\x00\x02\x00\x30\x00");
        assert_eq!(sent[13..15], [0x00, 0x01]);
        let second = 13 + 2 * 48;
        assert_eq!(sent[second..second + 8], *b"\x1dv0\x00\x02\x00\x02\x00");
        assert_eq!(sent[second + 8..second + 12], [0, 0, 0x80, 0]);
        assert_eq!(sent[second + 12..], *b"\x1dVB\x00");
    }

    #[test]
    fn no_dots_read_as_a_command_that_is_carried_out_at_once() {
        let rows: Vec<u8> = [0x10, 0x04, 0x01, 0x10, 0x14, 0x10, 0x10, 0x05]
            .map(|byte: u8| !byte)
            .to_vec();
        let sent = commands(&png(64, 1, png::BitDepth::One, &rows)).unwrap();
        assert_eq!(sent[1][8..], [0, 0x04, 0x01, 0, 0x14, 0x10, 0, 0x05]);
    }

    #[test]
    fn what_does_not_fit_the_head_is_refused() {
        let grey = png(8, 1, png::BitDepth::Eight, &[7; 8]);
        let wide = png(584, 1, png::BitDepth::One, &[7; 73]);
        let torn = Page {
            bits: Bytes::from_static(b"\x89PNG\r\n\x1a\n"),
            ..Page::default()
        };
        for page in [grey, wide, torn, Page::default()] {
            let refusal = encode(&page).unwrap_err();
            assert!(matches!(refusal, PrinterError::Refused { .. }), "{refusal}");
        }
    }
}
