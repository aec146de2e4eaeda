//! Can the booth keep what it promises to keep?

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::{Check, Verdict};
use crate::settings::ByteSize;

/// A visit leaves some 10 MB behind; this is room for a long evening.
const ENOUGH: ByteSize = ByteSize::mb(2_000);

/// Checks that the data directory can be made, written, synced and filled for an evening.
#[derive(Debug, Clone)]
pub struct DiskCheck {
    dir: PathBuf,
}

impl DiskCheck {
    /// Checks `dir`, the data directory.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }
}

#[async_trait]
impl Check for DiskCheck {
    fn name(&self) -> String {
        "data disk".to_owned()
    }

    async fn look(&self) -> Verdict {
        let dir = self.dir.clone();
        let looked = tokio::task::spawn_blocking(move || look(&dir)).await;
        looked.unwrap_or_else(|error| Verdict::wrong(format!("the check itself failed: {error}")))
    }
}

fn look(dir: &Path) -> Verdict {
    let shown = dir.display();
    if let Err(error) = write_and_sync(dir) {
        return Verdict::wrong(format!("{shown}: {error}"));
    }
    match free(dir) {
        Ok(free) if free < ENOUGH => Verdict::wrong(format!(
            "{shown}: only {} free, {ENOUGH} wanted",
            megabytes(free)
        )),
        Ok(free) => Verdict::fine(format!(
            "{shown}: writable, syncs, {} free",
            megabytes(free)
        )),
        Err(error) => Verdict::wrong(format!("{shown}: cannot tell the free space: {error}")),
    }
}

/// The steps of keeping a picture: a file, its bytes and its name made safe.
fn write_and_sync(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir).map_err(explain("cannot be made"))?;
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
    let stat = rustix::fs::statvfs(dir)?;
    Ok(ByteSize(stat.f_bavail.saturating_mul(stat.f_frsize)))
}

fn megabytes(size: ByteSize) -> ByteSize {
    ByteSize::mb(size.0 / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_directory_is_made_and_left_empty() {
        let scratch = tempfile::tempdir().unwrap();
        let dir = scratch.path().join("a/b");
        write_and_sync(&dir).unwrap();
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 0);
        assert!(free(&dir).unwrap() > ByteSize(0));
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let scratch = tempfile::tempdir().unwrap();
        let dir = scratch.path().join("data");
        fs::write(&dir, "").unwrap();
        let verdict = look(&dir);
        assert!(
            !verdict.ok && verdict.words.contains("data: cannot be made: "),
            "{verdict:?}"
        );
    }
}
