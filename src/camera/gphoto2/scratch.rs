//! Where gphoto2 puts photos for the moment until they are read.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use rustix::fs::{FlockOperation, flock};
use tempfile::TempDir;

/// Memory that looks like a folder on every Linux: no face is written to a disk, and none outlives
/// a power cut.
const MEMORY: &str = "/dev/shm";
const PREFIX: &str = "easel-camera-";
/// No camera makes larger JPEGs, and memory is short.
const MAX_BYTES: u64 = 64 << 20;

/// A folder that goes with its owner. What an owner without time to clean up has left, the next
/// one removes: a folder that nobody has locked belongs to nobody.
#[derive(Debug)]
pub(super) struct Scratch {
    dir: TempDir,
    _lock: File,
}

impl Scratch {
    pub(super) fn new() -> io::Result<Self> {
        let place = Some(Path::new(MEMORY)).filter(|memory| memory.is_dir());
        let place = place.map_or_else(std::env::temp_dir, Path::to_owned);
        sweep(&place);
        loop {
            let dir = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&place)?;
            // Somebody may sweep it up before it is locked.
            let lock = match File::open(dir.path()) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                lock => lock?,
            };
            flock(&lock, FlockOperation::LockExclusive)?;
            if dir.path().exists() {
                return Ok(Self { dir, _lock: lock });
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Takes the file `name` out, whole. `None` while it is not there.
    pub(super) fn take(&self, name: &str) -> io::Result<Option<Bytes>> {
        // The program's word is no reason to read elsewhere.
        let Some(name) = Path::new(name).file_name() else {
            return Ok(None);
        };
        let path = self.path().join(name);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e),
        };
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        fs::remove_file(&path)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(Some(bytes.into()))
    }

    /// Removes all photos.
    pub(super) fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.path())? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

fn sweep(place: &Path) {
    let Ok(entries) = fs::read_dir(place) else {
        return;
    };
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with(PREFIX)
    };
    let ours = entries.flatten().map(|entry| entry.path());
    for dir in ours.filter(is_ours) {
        let lock = File::open(&dir);
        let is_nobodys = |lock: File| flock(lock, FlockOperation::NonBlockingLockExclusive).is_ok();
        if lock.is_ok_and(is_nobodys) {
            // Another user's folder stays; it is theirs to sweep.
            let _ = fs::remove_dir_all(&dir);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_are_taken_out_and_removed_and_nothing_else_is() {
        let scratch = Scratch::new().unwrap();
        fs::create_dir(scratch.path().join(".gphoto")).unwrap();
        fs::write(scratch.path().join("a.jpg"), "a").unwrap();
        fs::write(scratch.path().join("b.jpg"), "b").unwrap();
        assert_eq!(scratch.take("a.jpg").unwrap().unwrap(), "a");
        assert_eq!(scratch.take("a.jpg").unwrap(), None);
        assert_eq!(scratch.take("../../etc/hostname").unwrap(), None);
        scratch.clear().unwrap();
        assert_eq!(scratch.take("b.jpg").unwrap(), None);
        assert!(scratch.path().join(".gphoto").exists());
    }

    #[test]
    fn what_a_power_cut_left_is_swept_up_and_what_is_in_use_stays() {
        let used = Scratch::new().unwrap();
        let left = Scratch::new().unwrap();
        let Scratch { dir, _lock: lock } = left;
        let left = dir.keep();
        fs::write(left.join("face.jpg"), "face").unwrap();
        drop(lock);
        let next = Scratch::new().unwrap();
        assert!(!left.exists());
        assert!(used.path().exists() && next.path().exists());
    }
}
