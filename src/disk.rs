//! Room on the disk: how much there is, and some that is kept for erasing.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

/// What is kept for erasing, in bytes. An erasure writes some pages of the record and of its log, a
/// few hundred kilobytes; SQLite may have to write the log's older pages before them.
pub const KEPT: u64 = 16_000_000;
/// With less than this free, in bytes, nothing is kept: what was given back is wanted elsewhere.
const ROOMY: u64 = 4 * KEPT;

/// What this process may still write to the file system of `dir`, in bytes.
///
/// # Errors
/// What the system says.
pub fn free_bytes(dir: &Path) -> io::Result<u64> {
    let stat = statvfs(dir)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Whether the file system, or somebody's share of it, is full.
pub fn is_full(error: &(dyn Error + 'static)) -> bool {
    let mut source = Some(error);
    while let Some(error) = source {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|e| matches!(e.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
        {
            return true;
        }
        source = error.source();
    }
    false
}

/// A file of [`KEPT`] bytes that stands for the room an erasure needs: a visitor may want a face gone
/// while the disk has not a byte left.
#[derive(Debug)]
pub struct Reserve(PathBuf);

impl Reserve {
    /// The reserve in the folder `dir`; [`Reserve::keep`] makes it.
    #[must_use]
    pub fn within(dir: &Path) -> Self {
        Self(dir.join("reserve"))
    }

    /// Gives the room back to the disk. `false`: none was kept.
    pub fn release(&self) -> bool {
        let released = fs::remove_file(&self.0).is_ok();
        if released {
            tracing::warn!("the disk is full: what was kept for erasing is given back to it");
        }
        released
    }

    /// Keeps room, if the disk has some to spare. Blocks on the disk.
    ///
    /// # Errors
    /// What the system says; then none is kept.
    pub fn keep(&self) -> io::Result<()> {
        let dir = self.0.parent().unwrap_or(Path::new("."));
        if self.0.exists() || free_bytes(dir)? < ROOMY {
            return Ok(());
        }
        let file = File::create(&self.0)?;
        let kept = fallocate(&file, FallocateFlags::empty(), 0, KEPT);
        // Half a reserve would be taken for a whole one.
        kept.inspect_err(|_| drop(fs::remove_file(&self.0)))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_given_back_once() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = Reserve::within(folder.path());
        assert!(!reserve.release());
        reserve.keep().unwrap();
        let file = folder.path().join("reserve");
        assert_eq!(fs::metadata(&file).unwrap().len(), KEPT);
        reserve.keep().unwrap();
        assert!(reserve.release() && !reserve.release());
        assert!(!file.exists());
    }

    #[test]
    fn a_full_disk_is_known_however_deep_it_is_said() {
        let full = io::Error::from(ErrorKind::StorageFull);
        let wrapped = anyhow::Error::new(full).context("a picture was not kept");
        assert!(is_full(wrapped.as_ref()));
        assert!(!is_full(&io::Error::from(ErrorKind::PermissionDenied)));
    }
}
