//! Photos that another program drops into a folder, each only once it is whole.

mod settings;
mod watch;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::process::Command;
use tokio::sync::Mutex;

use super::leash::{self, last_line};
use super::whole::is_whole;
use super::{Camera, CameraError, CameraState, Condition, LiveView, blocking, photos};
use crate::clock::Clock;

use watch::Watch;

pub use settings::FolderSettings;

/// Between two looks. A file that has not changed from one to the next, and whose JPEG has its
/// end, is whole.
const LOOK: Duration = Duration::from_millis(150);

/// A folder in which photos arrive.
///
/// A photo counts if it arrives, or is finished, after it was asked for: what lies there already
/// is of somebody else. While one photo is awaited the camera is busy.
#[derive(Debug)]
pub struct Folder {
    settings: FolderSettings,
    clock: Arc<dyn Clock>,
    watch: Watch,
    turn: Mutex<()>,
}

/// What a file looks like from outside.
type Shape = (u64, Option<SystemTime>);

impl Folder {
    /// Looks at nothing yet.
    #[must_use]
    pub fn new(settings: FolderSettings, clock: Arc<dyn Clock>) -> Self {
        let dir = settings.dir.as_deref().unwrap_or(Path::new(""));
        let watch = Watch::new(dir, settings.keep, Arc::clone(&clock));
        Self {
            settings,
            clock,
            watch,
            turn: Mutex::new(()),
        }
    }

    fn dir(&self) -> &Path {
        // Settings that use this driver without a folder are refused.
        self.settings.dir.as_deref().unwrap_or(Path::new(""))
    }

    /// Waits for a whole photo that is not as it was `before`.
    async fn arrival(&self, before: &HashMap<PathBuf, Shape>) -> Result<Bytes, CameraError> {
        let mut last = before.clone();
        loop {
            self.clock.sleep(LOOK).await;
            let now = self.shapes().await?;
            let is_new = |path: &PathBuf, shape: &Shape| before.get(path) != Some(shape);
            let at_rest = now
                .iter()
                .filter(|(path, shape)| is_new(path, shape) && last.get(*path) == Some(shape));
            // The newest by name, should there be several: RAW programs write a small one first.
            let mut at_rest: Vec<_> = at_rest.map(|(path, _)| path.clone()).collect();
            at_rest.sort_unstable();
            while let Some(path) = at_rest.pop() {
                if let Some(photo) = self.take(path).await? {
                    return Ok(photo);
                }
            }
            last = now;
        }
    }

    async fn shapes(&self) -> Result<HashMap<PathBuf, Shape>, CameraError> {
        let dir = self.dir().to_owned();
        let shapes = blocking(move || shapes(&dir)).await;
        shapes.map_err(|e| CameraError::Disconnected(Some(e)))
    }

    /// The photo, if it is whole; then it is the booth's and the folder has it no longer.
    async fn take(&self, path: PathBuf) -> Result<Option<Bytes>, CameraError> {
        let keep = self.settings.keep;
        let taken = blocking(move || {
            let photo = photos::read(&path)?.filter(|photo| is_whole(photo));
            if photo.is_some()
                && !keep
                && let Err(e) = fs::remove_file(&path)
            {
                tracing::warn!(file = %path.display(), error = %e, "a photo stays in its folder");
            }
            Ok(photo)
        });
        match taken.await {
            Ok(photo) => Ok(photo.map(Bytes::from)),
            // It may have been moved away since; another may come.
            Err(_) => Ok(None),
        }
    }

    async fn trigger(&self) -> Result<(), CameraError> {
        let Some((program, arguments)) = self.settings.trigger.split_first() else {
            return Ok(());
        };
        let within = self.settings.arrives_within;
        let mut command = Command::new(program);
        let said = leash::run(command.args(arguments), &self.clock, within).await;
        let said = said.map_err(|failed| failed.of(program, "the settings' trigger", within))?;
        if said.is_fine {
            return Ok(());
        }
        let reason = format!("{program} failed: {}", last_line(&said.err));
        Err(CameraError::NoPicture { reason })
    }
}

#[async_trait]
impl Camera for Folder {
    fn name(&self) -> &'static str {
        "folder"
    }

    async fn still(&self) -> Result<Bytes, CameraError> {
        let _turn = self.turn.try_lock().map_err(|_| CameraError::Busy)?;
        let after = self.settings.arrives_within;
        let late = self.clock.sleep(after);
        let photo = async {
            let before = self.shapes().await?;
            self.watch.now().await?;
            let (photo, ()) = tokio::try_join!(self.arrival(&before), async {
                self.trigger().await?;
                Ok(())
            })?;
            Ok(photo)
        };
        tokio::select! {
            photo = photo => photo,
            () = late => Err(CameraError::TimedOut { after }),
        }
    }

    /// What another program sees, only that program can show.
    fn live(&self) -> Option<LiveView> {
        None
    }

    fn state(&self) -> CameraState {
        let is_busy = self.turn.try_lock().is_err();
        match self.watch.last() {
            Some(Err(trouble)) => CameraState::in_trouble(&trouble),
            Some(Ok(says)) if is_busy => CameraState::always(Condition::Busy, says),
            None if is_busy => CameraState::always(Condition::Busy, "being opened"),
            Some(Ok(says)) => CameraState::always(Condition::Ready, says),
            None => CameraState::always(Condition::Recovering, "being opened"),
        }
    }

    async fn health(&self) -> Result<String, CameraError> {
        Ok(self.watch.soon().await?)
    }
}

fn shapes(dir: &Path) -> io::Result<HashMap<PathBuf, Shape>> {
    let mut shapes = HashMap::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        // What vanishes between the two calls was not meant to stay.
        if photos::is_jpeg(&path)
            && let Ok(meta) = entry.metadata()
            && meta.is_file()
        {
            shapes.insert(path, (meta.len(), meta.modified().ok()));
        }
    }
    Ok(shapes)
}
