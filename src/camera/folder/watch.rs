//! How the folder is, looked at beside those who ask: on a share that hangs, a look does not end.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::fs::{Access, access};

use crate::camera::Trouble;
use crate::clock::Clock;

/// How old an answer may be.
const FRESH: Duration = Duration::from_secs(2);
/// How long a look may take.
const SILENCE: Duration = Duration::from_secs(5);

/// What was seen of a folder.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    dir: PathBuf,
    keep: bool,
    clock: Arc<dyn Clock>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    found: Option<Result<String, Trouble>>,
    at: Duration,
    /// Since when a look is under way.
    asked: Option<Duration>,
}

impl Watch {
    pub(super) fn new(dir: &Path, keep: bool, clock: Arc<dyn Clock>) -> Self {
        Self {
            dir: dir.to_owned(),
            keep,
            clock,
            seen: Arc::default(),
        }
    }

    /// What was seen last, `None` before the first look. Has it looked at again if that is old;
    /// never waits.
    pub(super) fn last(&self) -> Option<Result<String, Trouble>> {
        let now = self.clock.monotonic();
        let mut seen = self.lock();
        match seen.asked {
            Some(asked) if now.saturating_sub(asked) > SILENCE => Some(Err(self.silent())),
            Some(_) => seen.found.clone(),
            None => {
                if seen.found.is_none() || now.saturating_sub(seen.at) >= FRESH {
                    seen.asked = Some(now);
                    let this = self.clone();
                    tokio::task::spawn_blocking(move || this.look());
                }
                seen.found.clone()
            }
        }
    }

    /// Looks now, for as long as that takes.
    ///
    /// # Errors
    /// What is wrong with the folder.
    pub(super) async fn now(&self) -> Result<String, Trouble> {
        let this = self.clone();
        let found = tokio::task::spawn_blocking(move || this.look()).await;
        found.unwrap_or_else(|e| Err(self.unusable(e.to_string())))
    }

    /// Looks now, and does not wait for ever.
    ///
    /// # Errors
    /// What is wrong with the folder, or that it did not answer.
    pub(super) async fn soon(&self) -> Result<String, Trouble> {
        tokio::select! {
            found = self.now() => found,
            () = self.clock.sleep(SILENCE) => Err(self.silent()),
        }
    }

    /// Blocks.
    fn look(&self) -> Result<String, Trouble> {
        let found = self.find();
        *self.lock() = Seen {
            found: Some(found.clone()),
            at: self.clock.monotonic(),
            asked: None,
        };
        found
    }

    fn find(&self) -> Result<String, Trouble> {
        fs::read_dir(&self.dir).map_err(|e| self.unusable(e.to_string()))?;
        if !self.keep {
            // Whoever may not remove a photo must not take it: visitors are promised that it goes.
            access(&self.dir, Access::WRITE_OK | Access::EXEC_OK).map_err(|e| {
                let why = std::io::Error::from(e);
                self.unusable(format!(
                    "photos cannot be removed from it: {why}; on an installed booth it belongs \
                     below /srv/easel"
                ))
            })?;
        }
        Ok(format!("photos from {}", self.dir.display()))
    }

    fn what(&self) -> String {
        format!("the folder {}", self.dir.display())
    }

    fn unusable(&self, reason: String) -> Trouble {
        let what = self.what();
        Trouble::Unusable { what, reason }
    }

    fn silent(&self) -> Trouble {
        Trouble::Silent {
            what: self.what(),
            within: SILENCE,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn whoever_asks_does_not_wait_for_a_folder_that_hangs() {
        // One thread for what blocks, and somebody sits on it: as on a share that is away.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .max_blocking_threads(1)
            .build()
            .unwrap();
        let _inside = runtime.enter();
        let (comes_back, hangs) = mpsc::channel::<()>();
        let share = runtime.spawn_blocking(move || hangs.recv());
        let (dir, clock) = (tempfile::tempdir().unwrap(), ManualClock::default());
        let watch = Watch::new(dir.path(), false, Arc::new(clock.clone()));
        assert_eq!(watch.last(), None);
        clock.advance(SILENCE);
        assert_eq!(watch.last(), None, "it is still waited for");
        clock.advance(FRESH);
        assert!(matches!(watch.last(), Some(Err(Trouble::Silent { .. }))));
        let silent = runtime.block_on(async {
            let soon = watch.soon();
            let late = async {
                clock.until_asleep(1).await;
                clock.advance(SILENCE);
            };
            tokio::join!(soon, late).0
        });
        assert!(matches!(silent, Err(Trouble::Silent { .. })));
        comes_back.send(()).unwrap();
        runtime.block_on(share).unwrap().unwrap();
        assert!(runtime.block_on(watch.now()).is_ok());
        assert!(matches!(watch.last(), Some(Ok(_))));
    }
}
