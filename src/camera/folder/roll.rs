//! The files of a folder and its sub folders, told apart by when they began.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use rustix::fs::{Access, access};

use super::what;
use crate::camera::whole::is_whole;
use crate::camera::{Trouble, photos};

/// Tethering programs sort by day and by camera, not deeper.
const DEPTH: u32 = 4;
/// A folder with more is somebody's archive: looking through it several times a second is no use.
const MOST: usize = 20_000;
/// A file of which no more has come for so long is left half.
const HALF_FOR: Duration = Duration::from_secs(10);

/// What is known of the folder. Clones know the same.
#[derive(Debug, Clone)]
pub(super) struct Roll {
    dir: PathBuf,
    files: Arc<Mutex<Option<HashMap<Key, Seen>>>>,
}

/// The same file, whatever it is called: a program may write `a.part` and name it `a.jpg` at last.
type Key = (u64, u64, Option<SystemTime>);

/// What a file looks like from outside.
type Shape = (u64, Option<SystemTime>);

#[derive(Debug, Clone)]
struct Seen {
    path: PathBuf,
    shape: Shape,
    /// When the first of it was seen; `None`: it was there before the booth looked.
    begun: Option<Duration>,
    /// Since when it is as it is.
    rests: Duration,
    /// It has been offered, or told of: nothing more is done with it.
    is_done: bool,
}

/// What a file is by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A picture as imaging takes it.
    Picture,
    /// A photo that it does not.
    Foreign,
}

/// A file of the event that has not changed since the look before.
#[derive(Debug, Clone)]
pub(super) struct AtRest {
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
    pub(super) begun: Duration,
    /// No more of it has come for so long that it is taken for what it is, half or not.
    pub(super) is_over: bool,
    key: Key,
}

impl Roll {
    pub(super) fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            files: Arc::default(),
        }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whatever the next look finds was there before.
    pub(super) fn forget(&self) {
        *self.lock() = None;
    }

    /// Looks, and answers which files of the event are at rest, the newest last. Blocks.
    pub(super) fn look(&self, now: Duration) -> io::Result<Vec<AtRest>> {
        let found = list(&self.dir)?;
        let mut files = self.lock();
        let before = files.take();
        let is_first = before.is_none();
        let mut before = before.unwrap_or_default();
        let mut after = HashMap::with_capacity(found.len());
        let mut at_rest = Vec::new();
        for (key, path, shape) in found {
            let seen = match before.remove(&key) {
                Some(mut seen) if seen.shape == shape => {
                    seen.path = path;
                    seen
                }
                // It is being written: one of before begins anew with that.
                Some(seen) => Seen {
                    path,
                    shape,
                    begun: seen.begun.filter(|_| !seen.is_done).or(Some(now)),
                    rests: now,
                    is_done: false,
                },
                None => Seen {
                    path,
                    shape,
                    begun: (!is_first).then_some(now),
                    rests: now,
                    is_done: is_first,
                },
            };
            if let (Some(begun), Some(kind)) = (seen.begun, kind(&seen.path))
                && !seen.is_done
                && seen.rests < now
            {
                at_rest.push(AtRest {
                    path: seen.path.clone(),
                    kind,
                    begun,
                    is_over: now.saturating_sub(seen.rests) >= HALF_FOR,
                    key,
                });
            }
            after.insert(key, seen);
        }
        *files = Some(after);
        // The newest by name, should there be several: RAW programs write a small one first.
        at_rest.sort_by(|a, b| (a.begun, &a.path).cmp(&(b.begun, &b.path)));
        Ok(at_rest)
    }

    /// Nothing more is done with this file unless it changes.
    pub(super) fn is_done(&self, file: &AtRest) {
        if let Some(seen) = self.lock().as_mut().and_then(|all| all.get_mut(&file.key)) {
            seen.is_done = true;
        }
    }

    /// What would keep the next photo from being read, or removed if it is not kept: the newest
    /// one tells. Blocks.
    pub(super) fn trouble(&self, keep: bool) -> Option<Trouble> {
        let newest = {
            let files = self.lock();
            let photos = files.iter().flatten().map(|(_, seen)| seen);
            let photos = photos.filter(|seen| kind(&seen.path).is_some());
            photos.max_by_key(|seen| seen.shape.1)?.path.clone()
        };
        match File::open(&newest) {
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => {
                return Some(self.not_ours("read", &newest, &e));
            }
            _ => {}
        }
        let dir = newest.parent().unwrap_or(&self.dir);
        if keep {
            return None;
        }
        match removable(dir, &newest) {
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => {
                Some(self.not_ours("remove", &newest, &e))
            }
            _ => None,
        }
    }

    /// What a file says of the folder that the booth may not read or remove.
    pub(super) fn not_ours(&self, deed: &'static str, path: &Path, e: &io::Error) -> Trouble {
        Trouble::NotOurs {
            what: what(&self.dir),
            deed,
            reason: format!("{}: {e}", path.display()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashMap<Key, Seen>>> {
        // A panic in the middle of a look leaves `None`: all that is there is the owner's then.
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A photo of the event, if it is whole. Blocks.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    Ok(photos::read(path)?.filter(|photo| is_whole(photo)))
}

/// The first bytes of a file, by which it is told what it is.
pub(super) fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(32).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether files may be removed from `dir`: a right on the folder, and in a sticky one on the file.
fn removable(dir: &Path, file: &Path) -> io::Result<()> {
    access(dir, Access::WRITE_OK | Access::EXEC_OK)?;
    let (dir, file) = (fs::metadata(dir)?, fs::symlink_metadata(file)?);
    if may_remove(
        dir.mode(),
        dir.uid(),
        file.uid(),
        rustix::process::geteuid().as_raw(),
    ) {
        Ok(())
    } else {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

/// The sticky bit (POSIX `S_ISVTX`): only the owner of a file, of its folder, and root remove it.
fn may_remove(dir_mode: u32, dir_owner: u32, owner: u32, we: u32) -> bool {
    const STICKY: u32 = 0o1000;
    dir_mode & STICKY == 0 || we == 0 || we == owner || we == dir_owner
}

/// Whether photos may be removed from the folder itself. Blocks.
pub(super) fn may_be_emptied(dir: &Path) -> io::Result<()> {
    Ok(access(dir, Access::WRITE_OK | Access::EXEC_OK)?)
}

fn kind(path: &Path) -> Option<Kind> {
    if photos::is_picture(path) {
        Some(Kind::Picture)
    } else if photos::is_foreign(path) {
        Some(Kind::Foreign)
    } else {
        None
    }
}

fn list(dir: &Path) -> io::Result<Vec<(Key, PathBuf, Shape)>> {
    let mut found = Vec::new();
    list_into(&mut found, dir, DEPTH)?;
    Ok(found)
}

fn list_into(found: &mut Vec<(Key, PathBuf, Shape)>, dir: &Path, depth: u32) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        // What vanishes between the two calls was not meant to stay. Links are not followed.
        let Ok(meta) = entry.metadata() else {
            continue;
        };
        if found.len() >= MOST {
            let many = format!("more than {MOST} files are in it");
            return Err(io::Error::other(many));
        }
        if meta.is_dir() && depth > 0 {
            match list_into(found, &entry.path(), depth - 1) {
                // Another user's trash, say; or it vanished.
                Err(e) if e.raw_os_error().is_some() => {}
                listed => listed?,
            }
        } else if meta.is_file() {
            found.push((key(&meta), entry.path(), (meta.len(), meta.modified().ok())));
        }
    }
    Ok(())
}

fn key(meta: &Metadata) -> Key {
    // A number may be given again at once; with the time of its birth it is another.
    (meta.dev(), meta.ino(), meta.created().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Duration = Duration::from_secs(1);

    fn paths(found: &[AtRest]) -> Vec<String> {
        let name = |file: &AtRest| {
            file.path
                .file_name()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        };
        found.iter().map(name).collect()
    }

    #[test]
    fn files_are_told_apart_by_when_they_began() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("a.jpg"), "the owner's").unwrap();
        let roll = Roll::new(dir.path());
        assert!(roll.look(LOOK).unwrap().is_empty());
        assert!(roll.look(2 * LOOK).unwrap().is_empty());
        // In a sub folder, under another name at first.
        fs::create_dir(at("day")).unwrap();
        fs::write(at("day/b.part"), "b").unwrap();
        assert!(roll.look(3 * LOOK).unwrap().is_empty());
        fs::rename(at("day/b.part"), at("day/b.jpg")).unwrap();
        let found = roll.look(4 * LOOK).unwrap();
        assert_eq!(paths(&found), ["b.jpg"]);
        assert_eq!(found[0].begun, 3 * LOOK, "its first name counts");
        roll.is_done(&found[0]);
        assert!(roll.look(5 * LOOK).unwrap().is_empty());
        // One that is written over begins anew.
        fs::write(at("a.jpg"), "a new one").unwrap();
        assert!(roll.look(6 * LOOK).unwrap().is_empty());
        let found = roll.look(7 * LOOK).unwrap();
        assert_eq!(paths(&found), ["a.jpg"]);
        assert_eq!(found[0].begun, 6 * LOOK);
    }

    #[test]
    fn a_sticky_folder_keeps_what_is_anothers() {
        assert!(may_remove(0o777, 0, 1000, 999));
        assert!(!may_remove(0o1777, 0, 1000, 999));
        assert!(may_remove(0o1777, 0, 999, 999));
        assert!(may_remove(0o1777, 999, 1000, 999));
        assert!(may_remove(0o1777, 0, 1000, 0));
    }
}
