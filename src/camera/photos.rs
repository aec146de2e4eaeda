//! Files that may be photos.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// No camera makes larger JPEGs, and memory is short.
pub(super) const MAX_BYTES: u64 = 64 << 20;

/// Whether it is called like a JPEG.
pub(super) fn is_jpeg(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    extension.eq_ignore_ascii_case("jpg") || extension.eq_ignore_ascii_case("jpeg")
}

/// Whether it is called like a picture that imaging takes.
pub(super) fn is_picture(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    is_jpeg(path) || extension.eq_ignore_ascii_case("png") || extension.eq_ignore_ascii_case("webp")
}

/// What else cameras make of a shot.
const FOREIGN: [&str; 24] = [
    "heic", "heif", "hif", "avif", "dng", "cr2", "cr3", "crw", "nef", "nrw", "arw", "sr2", "srf",
    "raf", "orf", "rw2", "pef", "srw", "x3f", "iiq", "3fr", "raw", "tif", "tiff",
];

/// Whether it is called like a photo that imaging does not take.
pub(super) fn is_foreign(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    FOREIGN
        .iter()
        .any(|name| extension.eq_ignore_ascii_case(name))
}

/// What kind of file its name says it is: `NEF`.
pub(super) fn ending(path: &Path) -> String {
    let extension = path.extension().unwrap_or_default();
    extension.to_string_lossy().to_ascii_uppercase()
}

/// What a file is by its first bytes, where it is a photo that imaging does not take: phones call
/// their HEIC files `.jpg` when they are sent.
pub(super) fn foreign(head: &[u8]) -> Option<&'static str> {
    if head.get(4..8) == Some(b"ftyp") {
        Some("HEIF")
    } else if head.starts_with(b"II*\0") || head.starts_with(b"MM\0*") {
        Some("RAW")
    } else {
        None
    }
}

/// All of it; `None` if it is larger than [`MAX_BYTES`].
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= MAX_BYTES).then_some(bytes))
}
