//! The chunks of a PNG: whether its pixels are sound where a checksum of theirs is not.

use std::io::{self, Read};

use flate2::read::ZlibDecoder;

/// Whether all image data inflates to its end and has the Adler-32 sum that it states, whatever the
/// chunks' own sums say. At most `most` bytes are inflated.
pub(super) fn is_data_sound(png: &[u8], most: u64) -> bool {
    let data = ImageData {
        chunks: chunks(png),
        body: &[],
    };
    let inflated = io::copy(&mut ZlibDecoder::new(data).take(most + 1), &mut io::sink());
    inflated.is_ok_and(|bytes| bytes <= most)
}

/// Whether the last chunk is there.
pub(super) fn has_end(png: &[u8]) -> bool {
    chunks(png).any(|(name, _)| name == b"IEND")
}

fn chunks(png: &[u8]) -> Chunks<'_> {
    Chunks {
        rest: png.get(8..).unwrap_or_default(),
    }
}

/// The bodies of all IDAT chunks, one after the other.
struct ImageData<'a> {
    chunks: Chunks<'a>,
    body: &'a [u8],
}

impl Read for ImageData<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.body.is_empty() {
            match self.chunks.next() {
                Some((b"IDAT", body)) => self.body = body,
                Some(_) => {}
                None => return Ok(0),
            }
        }
        self.body.read(to)
    }
}

/// Name and body of each chunk that is whole.
struct Chunks<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Chunks<'a> {
    type Item = (&'a [u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (length, rest) = self.rest.split_first_chunk()?;
        let (name, rest) = rest.split_first_chunk()?;
        let (body, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        self.rest = rest.get(4..).unwrap_or_default();
        Some((name, body))
    }
}
