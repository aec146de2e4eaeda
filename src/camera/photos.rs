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

/// All of it; `None` if it is larger than [`MAX_BYTES`].
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= MAX_BYTES).then_some(bytes))
}
