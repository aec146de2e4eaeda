//! Can the booth keep what it promises to keep?

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::{Check, Verdict};
use crate::disk;
use crate::staff::parts::LITTLE_ROOM;
use crate::units::ByteSize;

/// Room for a long evening.
const ENOUGH: ByteSize = ByteSize(LITTLE_ROOM);

/// Checks that a directory can be made or written, synced, and filled for an evening.
#[derive(Debug, Clone)]
pub struct DiskCheck {
    name: &'static str,
    dir: PathBuf,
    room: ByteSize,
}

impl DiskCheck {
    /// Checks `dir`, where much is kept; it need not exist yet.
    #[must_use]
    pub fn new(name: &'static str, dir: PathBuf) -> Self {
        Self {
            name,
            dir,
            room: ENOUGH,
        }
    }

    /// Checks `dir`, where little is kept.
    #[must_use]
    pub fn small(name: &'static str, dir: PathBuf) -> Self {
        Self {
            room: ByteSize(0),
            ..Self::new(name, dir)
        }
    }
}

#[async_trait]
impl Check for DiskCheck {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    async fn look(&self) -> Verdict {
        let (dir, room) = (self.dir.clone(), self.room);
        let looked = tokio::task::spawn_blocking(move || look(&dir, room)).await;
        looked.unwrap_or_else(|error| Verdict::wrong(format!("the check itself failed: {error}")))
    }
}

fn look(dir: &Path, room: ByteSize) -> Verdict {
    let shown = dir.display();
    // What is not there yet is made by the booth, as the booth's own user.
    let Some(there) = dir.ancestors().map(or_here).find(|path| path.exists()) else {
        return Verdict::wrong(format!("{shown}: there is no such place"));
    };
    if let Err(error) = write_and_sync(there) {
        return Verdict::wrong(format!("{shown}: {} {error}", there.display()));
    }
    let state = if there == dir {
        "writable, syncs"
    } else {
        "can be made"
    };
    match free(there) {
        Ok(free) if free < room => Verdict::wrong(format!(
            "{shown}: only {} free, {room} wanted",
            rounded(free)
        )),
        Ok(free) => Verdict::fine(format!("{shown}: {state}, {} free", rounded(free))),
        Err(error) => Verdict::wrong(format!("{shown}: cannot tell the free space: {error}")),
    }
}

/// The last ancestor of a relative path is empty and means the working directory.
fn or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    }
}

/// The steps of keeping a picture: a file, its bytes and its name made safe. Leaves nothing behind.
fn write_and_sync(dir: &Path) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::with_prefix_in(".doctor-", dir)
        .map_err(explain("is not writable"))?;
    file.write_all(&[0; 4096])
        .map_err(explain("is not writable"))?;
    file.as_file()
        .sync_all()
        .map_err(explain("does not sync"))?;
    File::open(dir)?
        .sync_all()
        .map_err(explain("does not sync"))
}

fn explain(what: &'static str) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{what}: {error}"))
}

fn free(dir: &Path) -> io::Result<ByteSize> {
    disk::free_bytes(dir).map(ByteSize)
}

/// In whole gigabytes once there are ten of them, else in megabytes.
fn rounded(size: ByteSize) -> ByteSize {
    let megabytes = size.0 / 1_000_000;
    ByteSize::mb(if megabytes >= 10_000 {
        megabytes / 1_000 * 1_000
    } else {
        megabytes
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn nothing_is_left_behind_and_nothing_is_made() {
        let scratch = tempfile::tempdir().unwrap();
        write_and_sync(scratch.path()).unwrap();
        let there = look(scratch.path(), ENOUGH);
        let not_yet = look(&scratch.path().join("a/b"), ENOUGH);
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
        assert!(
            there.words.contains(": writable, syncs, ") || there.words.contains("only"),
            "{there:?}"
        );
        assert!(
            not_yet.words.contains("a/b: can be made, ") || there.words.contains("only"),
            "{not_yet:?}"
        );
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let scratch = tempfile::tempdir().unwrap();
        let dir = scratch.path().join("data");
        fs::write(&dir, "").unwrap();
        let verdict = look(&dir.join("prints"), ENOUGH);
        assert!(
            !verdict.ok && verdict.words.contains("data is not writable: "),
            "{verdict:?}"
        );
    }
}
