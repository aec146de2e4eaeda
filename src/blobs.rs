//! Pictures on disk, through the object_store crate: a folder now, S3 later.
//!
//! The only place that knows where a picture lies. A folder for each session, in it a file for
//! each blob, so that erasing a visitor is removing one folder.

mod key;
mod pictures;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt, path};
use uuid::Uuid;

pub use key::{BlobKey, Format};

use crate::disk;

/// What half-written files and half-removed folders are called. A start removes them.
const PARTIAL: &str = "tmp";

/// Why there is no such blob, or why it was not taken.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is none (any more).
    #[error("there is no such blob")]
    Missing,
    /// An earlier write could not be made durable, so no promise can be given: restart.
    #[error("the disk failed to keep an earlier write; nothing more is taken until a restart")]
    Poisoned,
    /// The disk could not make this write or removal durable. From here on all is [`Self::Poisoned`].
    #[error("the disk did not confirm the write")]
    NotDurable(#[source] io::Error),
    /// There is no room on the disk for it, beside what is kept for erasing.
    #[error("the disk is full")]
    Full,
    /// What lies there is not what was kept: a part of it is missing, or something is beside it.
    #[error("the picture is damaged")]
    Damaged,
    /// The disk refused before anything was written: read-only, gone.
    #[error("the picture folder cannot be used")]
    Disk(#[source] io::Error),
    /// The same, as the object store tells it.
    #[error("the picture store cannot be used")]
    Store(#[source] object_store::Error),
}

/// The pictures of all sessions. Clones are the same store.
///
/// What [`Blobs::put`] has accepted survives a power cut. object_store's local adapter does not
/// fsync unless asked, and when asked reports a failed fsync like any other failure; but after a
/// failed fsync the kernel may have dropped the data and still answer the next one with success.
/// So the syncing is done here, and the first failure poisons the store for this run.
#[derive(Debug, Clone)]
pub struct Blobs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    store: LocalFileSystem,
    poisoned: AtomicBool,
    /// Gives each write its own partial file, also two of the same key at the same moment.
    writes: AtomicU64,
    /// Held while a folder appears or goes, so that nobody relies on one not yet on disk.
    folders: Mutex<HashMap<Uuid, Writers>>,
    fsync: Fsync,
}

/// The puts under way into a session's folder.
#[derive(Debug, Default)]
struct Writers {
    count: usize,
    /// Somebody removed the folder meanwhile: what they put is not wanted.
    removed: bool,
}

/// fsync(2) of that file or folder, by whatever tests put in its place.
type Fsync = fn(&Opened) -> io::Result<()>;

/// A file or folder opened for syncing before it is changed, so that running out of handles is
/// known before anything has happened, and is not taken for a broken disk.
#[derive(Debug)]
struct Opened {
    path: PathBuf,
    file: File,
}

impl Blobs {
    /// Opens the store in `dir`, making it (readable by its owner only) if need be, and removes
    /// what an earlier run was writing when it died. Blocks on the disk.
    ///
    /// # Errors
    /// [`BlobError::Disk`] or [`BlobError::Store`] if the folder cannot be made, listed or written.
    pub fn open(dir: &Path) -> Result<Self, BlobError> {
        Self::open_with(dir, fsync)
    }

    /// A store whose every fsync fails.
    #[cfg(test)]
    pub(crate) fn open_on_a_broken_disk(dir: &Path) -> Result<Self, BlobError> {
        Self::open_with(dir, |_| Err(io::Error::other("I/O error")))
    }

    fn open_with(dir: &Path, sync_with: Fsync) -> Result<Self, BlobError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(dir).map_err(BlobError::Disk)?;
        remove_partial(dir).map_err(BlobError::Disk)?;
        // A run that was killed may have made folders and not lived to sync them.
        let absolute = fs::canonicalize(dir).map_err(BlobError::Disk)?;
        for dir in absolute.ancestors().take(2) {
            File::open(dir)
                .and_then(|dir| dir.sync_all())
                .map_err(BlobError::Disk)?;
        }
        let store = LocalFileSystem::new_with_prefix(dir).map_err(BlobError::Store)?;
        Ok(Self(Arc::new(Inner {
            dir: dir.to_owned(),
            store,
            poisoned: AtomicBool::new(false),
            writes: AtomicU64::new(0),
            folders: Mutex::default(),
            fsync: sync_with,
        })))
    }

    /// Keeps `bytes` under `key`, replacing what was there. On disk, file and folder, when this
    /// returns; whole or not at all if the power goes meanwhile.
    ///
    /// # Errors
    /// [`BlobError::NotDurable`] once and [`BlobError::Poisoned`] from then on, `Full`, `Disk` and
    /// `Store` if nothing was written, `Missing` if the session was removed at the same moment.
    pub async fn put(&self, key: &BlobKey, bytes: Bytes) -> Result<(), BlobError> {
        self.check()?;
        let session = key.session();
        let size = bytes.len() as u64;
        self.blocking(move |inner| inner.begin_write(session, size))
            .await?;
        let turn = self.0.writes.fetch_add(1, Ordering::Relaxed);
        let partial = format!("{key}.{turn}.{PARTIAL}");
        let beside = path::Path::from(partial.as_str());
        let written = self.0.store.put(&beside, bytes.into()).await;
        let key = key.clone();
        self.blocking(move |inner| {
            let published = written
                .map_err(missing)
                .and_then(|_| inner.publish(&partial, &key));
            inner.end_write(session, &partial, published)
        })
        .await
        .map_err(full)
    }

    /// The bytes under `key`.
    ///
    /// # Errors
    /// [`BlobError::Missing`], or `Store` if the disk fails.
    pub async fn get(&self, key: &BlobKey) -> Result<Bytes, BlobError> {
        let found = self.0.store.get(&location(key)).await.map_err(missing)?;
        found.bytes().await.map_err(missing)
    }

    /// Looks whether there is a blob under `key`, without reading it.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn find(&self, key: &BlobKey) -> Result<(), BlobError> {
        let found = self.0.store.head(&location(key)).await;
        found.map(|_| ()).map_err(missing)
    }

    /// Removes one blob, for good when this returns. Removing nothing is fine.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub async fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        let session = key.session();
        let folder = self.blocking(move |inner| open_to_sync(inner.folder(session)));
        let folder = match folder.await {
            Ok(folder) => folder,
            Err(BlobError::Missing) => return Ok(()),
            Err(e) => return Err(e),
        };
        match self.0.store.delete(&location(key)).await {
            Ok(()) => {}
            Err(object_store::Error::NotFound { .. }) => return Ok(()),
            Err(e) => return Err(BlobError::Store(e)),
        }
        self.blocking(move |inner| {
            inner.sync(&folder)?;
            inner.remove_if_empty(session)
        })
        .await
    }

    /// Removes a picture with all its renditions.
    ///
    /// # Errors
    /// As [`Self::list`] and [`Self::put`].
    pub async fn delete_picture(&self, session: Uuid, picture: Uuid) -> Result<(), BlobError> {
        for key in self.list(session).await? {
            if key.picture() == picture {
                self.delete(&key).await?;
            }
        }
        Ok(())
    }

    /// Removes all blobs of a session, half-written ones too, for good when this returns, and
    /// says how many there were. A put of the same session at the same moment fails; one that begins
    /// later makes the folder anew: whoever puts removes the picture where its visit is gone.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub async fn delete_prefix(&self, session: Uuid) -> Result<usize, BlobError> {
        self.blocking(move |inner| inner.remove_folder(session))
            .await
    }

    /// The blobs of one session, in no order.
    ///
    /// # Errors
    /// `Store` if the folder cannot be listed.
    pub async fn list(&self, session: Uuid) -> Result<Vec<BlobKey>, BlobError> {
        let prefix = path::Path::from(session.to_string());
        self.0
            .store
            .list(Some(&prefix))
            .try_filter_map(|found| async move { Ok(BlobKey::parse(found.location.as_ref())) })
            .try_collect()
            .await
            .map_err(BlobError::Store)
    }

    /// The sessions that have a folder, for finding those the records no longer know.
    ///
    /// # Errors
    /// `Store` if the folder cannot be listed.
    pub async fn sessions(&self) -> Result<Vec<Uuid>, BlobError> {
        let found = self.0.store.list_with_delimiter(None).await;
        let folders = found.map_err(BlobError::Store)?.common_prefixes;
        let uuid = |folder: path::Path| Uuid::try_parse(folder.as_ref()).ok();
        Ok(folders.into_iter().filter_map(uuid).collect())
    }

    /// Whether the store still takes anything, for health checks.
    ///
    /// # Errors
    /// [`BlobError::Poisoned`] if not.
    pub fn check(&self) -> Result<(), BlobError> {
        if self.0.poisoned.load(Ordering::Acquire) {
            return Err(BlobError::Poisoned);
        }
        Ok(())
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, BlobError> + Send + 'static,
    ) -> Result<T, BlobError> {
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .unwrap_or_else(|e| Err(BlobError::Disk(io::Error::other(e))))
    }
}

impl Inner {
    fn folder(&self, session: Uuid) -> PathBuf {
        self.dir.join(session.to_string())
    }

    /// Makes the session's folder for a put of `size` bytes, which [`Inner::end_write`] must follow.
    fn begin_write(&self, session: Uuid, size: u64) -> Result<(), BlobError> {
        let free = disk::free_bytes(&self.dir).map_err(BlobError::Disk)?;
        // The record must be able to say what is kept, and that it is erased.
        if free < size + disk::KEPT {
            return Err(BlobError::Full);
        }
        let mut folders = self.folders();
        let dir = open_to_sync(self.dir.clone())?;
        match DirBuilder::new().mode(0o700).create(self.folder(session)) {
            Ok(()) => self.sync(&dir)?,
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(BlobError::Disk(e)),
        }
        folders.entry(session).or_default().count += 1;
        Ok(())
    }

    /// Leaves nothing of a put that failed, nor of one whose session was removed meanwhile.
    fn end_write(
        &self,
        session: Uuid,
        partial: &str,
        published: Result<(), BlobError>,
    ) -> Result<(), BlobError> {
        let mut folders = self.folders();
        let mut removed = false;
        if let Entry::Occupied(mut writers) = folders.entry(session) {
            writers.get_mut().count -= 1;
            removed = writers.get().removed;
            if writers.get().count == 0 {
                writers.remove();
            }
        }
        if removed {
            self.remove_in_turn(session)?;
            return Err(BlobError::Missing);
        }
        if published.is_err() {
            // Best effort: the same disk has just said no.
            let _ = fs::remove_file(self.dir.join(partial));
            let _ = self.remove_if_empty_in_turn(&folders, session);
        }
        published
    }

    fn folders(&self) -> MutexGuard<'_, HashMap<Uuid, Writers>> {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the session's folder if nothing is in it, nor about to be.
    fn remove_if_empty(&self, session: Uuid) -> Result<(), BlobError> {
        self.remove_if_empty_in_turn(&self.folders(), session)
    }

    fn remove_if_empty_in_turn(
        &self,
        folders: &HashMap<Uuid, Writers>,
        session: Uuid,
    ) -> Result<(), BlobError> {
        if folders.contains_key(&session) {
            return Ok(());
        }
        let dir = open_to_sync(self.dir.clone())?;
        match fs::remove_dir(self.folder(session)) {
            Ok(()) => self.sync(&dir),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => {
                Ok(())
            }
            Err(e) => Err(BlobError::Disk(e)),
        }
    }

    fn publish(&self, partial: &str, key: &BlobKey) -> Result<(), BlobError> {
        let path = self.dir.join(key.to_string());
        let partial = self.dir.join(partial);
        let folder = open_to_sync(self.folder(key.session()))?;
        self.sync(&open_to_sync(partial.clone())?)?;
        // Another put may have been poisoned since; then this one cannot be promised either.
        if self.poisoned.load(Ordering::Acquire) {
            return Err(BlobError::Poisoned);
        }
        fs::rename(partial, path).map_err(|e| match e.kind() {
            ErrorKind::NotFound => BlobError::Missing,
            _ => BlobError::Disk(e),
        })?;
        self.sync(&folder)
    }

    fn remove_folder(&self, session: Uuid) -> Result<usize, BlobError> {
        let mut folders = self.folders();
        if let Some(writers) = folders.get_mut(&session) {
            writers.removed = true;
        }
        self.remove_in_turn(session)
    }

    fn remove_in_turn(&self, session: Uuid) -> Result<usize, BlobError> {
        let folder = self.folder(session);
        let count = match fs::read_dir(&folder) {
            Ok(files) => files.count(),
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(0),
            Err(e) => return Err(BlobError::Disk(e)),
        };
        let dir = open_to_sync(self.dir.clone())?;
        // Out of the way of whoever is writing there: what comes into a folder that is being removed
        // would keep it.
        let leaving = folder.with_extension(PARTIAL);
        let moved = fs::remove_dir_all(&leaving)
            .or_else(|e| match e.kind() {
                ErrorKind::NotFound => Ok(()),
                _ => Err(e),
            })
            .and_then(|()| fs::rename(folder, &leaving))
            .and_then(|()| fs::remove_dir_all(leaving));
        moved.map_err(BlobError::Disk)?;
        self.sync(&dir)?;
        Ok(count)
    }

    fn sync(&self, opened: &Opened) -> Result<(), BlobError> {
        (self.fsync)(opened).map_err(|e| {
            let path = opened.path.display();
            tracing::error!(%path, error = &e as &dyn std::error::Error, "a write did not reach the disk");
            self.poisoned.store(true, Ordering::Release);
            BlobError::NotDurable(e)
        })
    }
}

fn location(key: &BlobKey) -> path::Path {
    path::Path::from(key.to_string())
}

fn missing(e: object_store::Error) -> BlobError {
    match e {
        object_store::Error::NotFound { .. } => BlobError::Missing,
        e => BlobError::Store(e),
    }
}

/// The same error, but for one that says that there is no room.
fn full(error: BlobError) -> BlobError {
    match error {
        BlobError::Disk(_) | BlobError::Store(_) if disk::is_full(&error) => BlobError::Full,
        error => error,
    }
}

/// For a file that is to be synced it does not matter that it is opened for reading.
fn open_to_sync(path: PathBuf) -> Result<Opened, BlobError> {
    match File::open(&path) {
        Ok(file) => Ok(Opened { path, file }),
        // The session was erased meanwhile.
        Err(e) if e.kind() == ErrorKind::NotFound => Err(BlobError::Missing),
        Err(e) => Err(BlobError::Disk(e)),
    }
}

fn fsync(opened: &Opened) -> io::Result<()> {
    opened.file.sync_all()
}

/// Removes `*.tmp`, and object_store's own staging files, which are called `<name>#<number>`.
fn remove_partial(dir: &Path) -> io::Result<()> {
    for session in fs::read_dir(dir)? {
        let session = session?;
        if !session.file_type()?.is_dir() {
            continue;
        }
        if is_partial(&session.path()) {
            fs::remove_dir_all(session.path())?;
            continue;
        }
        for file in fs::read_dir(session.path())? {
            let path = file?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.contains('#') || is_partial(&path) {
                fs::remove_file(&path)?;
            }
        }
    }
    Ok(())
}

fn is_partial(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == PARTIAL)
}

#[cfg(test)]
mod tests;
