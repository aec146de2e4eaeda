//! One folder in use, until it is lost.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::BoxFuture;
use tokio::task::JoinHandle;

use super::awaited::{Awaited, Released, trigger};
use super::roll::{self, AtRest, Kind, Roll};
use super::{FolderSettings, what};
use crate::camera::keeper::{Counter, Session};
use crate::camera::presses::Press;
use crate::camera::{CameraError, Trouble, photos};
use crate::clock::Clock;

/// Between two looks while somebody waits, and else. A file that has not changed from one to the
/// next, and that has its end, is whole.
const LOOK: Duration = Duration::from_millis(150);
const LOOK_IDLE: Duration = Duration::from_secs(1);
/// How long a look may take: on a share that hangs, one does not end.
const SILENCE: Duration = Duration::from_secs(5);
/// After a RAW file so long a JPEG of the same shot is waited for.
const BESIDE: Duration = Duration::from_secs(3);
/// A folder whose last photo could not be used is tried again after this.
const TRIED_AGAIN: Duration = Duration::from_secs(30);

/// A folder that could be looked into.
#[derive(Debug)]
pub(super) struct FolderSession {
    settings: Arc<FolderSettings>,
    roll: Roll,
    /// The look that is under way.
    looking: Option<JoinHandle<io::Result<Looked>>>,
    awaited: Option<Awaited>,
    clock: Arc<dyn Clock>,
}

/// What a look saw.
#[derive(Debug)]
pub(super) struct Looked {
    at_rest: Vec<AtRest>,
    trouble: Option<Trouble>,
}

impl FolderSession {
    pub(super) fn new(settings: Arc<FolderSettings>, roll: Roll, clock: Arc<dyn Clock>) -> Self {
        Self {
            settings,
            roll,
            looking: None,
            awaited: None,
            clock,
        }
    }

    /// Looks once.
    pub(super) async fn look(&mut self) -> Result<Looked, Trouble> {
        let (roll, keep, now) = (
            self.roll.clone(),
            self.settings.keep,
            self.clock.monotonic(),
        );
        let look = move || {
            let at_rest = roll.look(now)?;
            if !keep {
                roll::may_be_emptied(roll.dir())?;
            }
            let trouble = roll.trouble(keep);
            Ok(Looked { at_rest, trouble })
        };
        let looking = self
            .looking
            .get_or_insert_with(|| tokio::task::spawn_blocking(look));
        let late = self.clock.sleep(SILENCE);
        let looked = tokio::select! {
            biased;
            looked = looking => looked,
            () = late => return Err(self.silent()),
        };
        self.looking = None;
        let looked = looked.unwrap_or_else(|e| Err(io::Error::other(e)));
        looked.map_err(|e| self.unusable(&e))
    }

    fn unusable(&self, e: &io::Error) -> Trouble {
        let dir = self.roll.dir();
        let reason = if e.kind() == io::ErrorKind::PermissionDenied && dir.is_dir() {
            format!(
                "photos cannot be removed from it: {e}; on an installed booth it belongs below \
                 /srv/easel"
            )
        } else {
            e.to_string()
        };
        Trouble::Unusable {
            what: what(dir),
            reason,
        }
    }

    fn silent(&self) -> Trouble {
        Trouble::Silent {
            what: what(self.roll.dir()),
            within: SILENCE,
        }
    }

    fn says(&self) -> String {
        format!("photos from {}", self.roll.dir().display())
    }

    async fn step(&mut self, counter: &mut Counter) -> Result<(), Trouble> {
        let looked = self.look().await?;
        self.sort(looked.at_rest, counter).await;
        self.settle(counter);
        self.tell(looked.trouble, counter);
        self.release(counter);
        let is_busy = self.awaited.is_some() || counter.window.is_awaited();
        let rest = if is_busy { LOOK } else { LOOK_IDLE };
        let rest = self.clock.sleep(rest);
        let window = Arc::clone(&counter.window);
        match &mut self.awaited {
            None => tokio::select! {
                biased;
                wish = counter.wish() => self.awaited = Some(Awaited { wish, released: None }),
                () = window.armed() => {}
                () = rest => {}
            },
            Some(awaited) => {
                let over = awaited.over();
                tokio::select! {
                    biased;
                    over = over => {
                        // What came at the last moment is looked at once more.
                        let looked = self.look().await?;
                        self.sort(looked.at_rest, counter).await;
                        self.settle(counter);
                        self.end(over, counter);
                    }
                    () = window.armed() => {}
                    () = rest => {}
                }
            }
        }
        Ok(())
    }

    /// Gives each file to whoever waits, or throws it away.
    async fn sort(&mut self, files: Vec<AtRest>, counter: &Counter) {
        for file in files {
            match file.kind {
                Kind::Picture => self.offer(file, counter).await,
                Kind::Foreign => self.refuse(&file, counter).await,
            }
        }
    }

    async fn offer(&mut self, file: AtRest, counter: &Counter) {
        let path = file.path.clone();
        let read = crate::camera::blocking(move || roll::read(&path)).await;
        match read {
            Ok(Some(photo)) => {
                // Whoever may not remove a photo must not take it: visitors are promised that it goes.
                if self.remove(&file, counter).await {
                    counter.window.arrived(Bytes::from(photo), file.begun);
                }
            }
            Ok(None) if file.is_over => {
                let is_awaited = self.is_awaited_since(file.begun);
                if let Some(format) = is_awaited.then(|| format_of(&file.path)).flatten() {
                    self.foreign(format);
                }
                self.remove(&file, counter).await;
            }
            // Half, or moved away since; another look may tell.
            Ok(None) | Err(_) => {}
        }
    }

    /// A photo that imaging does not take.
    async fn refuse(&mut self, file: &AtRest, counter: &Counter) {
        let format = photos::ending(&file.path);
        if self.is_awaited_since(file.begun) {
            self.foreign(format);
        }
        self.remove(file, counter).await;
    }

    fn is_awaited_since(&self, begun: Duration) -> bool {
        let within = self.settings.arrives_within;
        let since = self.clock.monotonic().saturating_sub(within);
        self.is_released() && begun >= since
    }

    fn is_released(&self) -> bool {
        let released = self.awaited.as_ref().and_then(|a| a.released.as_ref());
        released.is_some()
    }

    fn foreign(&mut self, format: String) {
        let now = self.clock.monotonic();
        let released = self.awaited.as_mut().and_then(|a| a.released.as_mut());
        if let Some(released) = released {
            released.foreign.get_or_insert((now, format));
        }
    }

    /// Removes it, unless settings keep it. Answers whether that is so now.
    async fn remove(&mut self, file: &AtRest, counter: &Counter) -> bool {
        self.roll.is_done(file);
        if self.settings.keep {
            return true;
        }
        let path: PathBuf = file.path.clone();
        match crate::camera::blocking(move || fs::remove_file(&path)).await {
            Ok(()) => true,
            Err(e) if e.kind() == io::ErrorKind::NotFound => false,
            Err(e) => {
                let trouble = self.roll.not_ours("remove", &file.path, &e);
                self.refuse_who_waits(&trouble, counter);
                counter.board.doubts(&trouble);
                false
            }
        }
    }

    /// Answers whoever waits, if that is decided.
    fn settle(&mut self, counter: &Counter) {
        let Some(awaited) = self.awaited.as_mut() else {
            return;
        };
        if awaited.wish.is_given_up() {
            let is_released = awaited.released.is_some();
            counter.window.give_up(is_released);
            self.awaited = None;
        } else if let Some(photo) = counter.window.take() {
            if let Some(awaited) = self.awaited.take() {
                awaited.wish.answer(Ok(photo));
            }
            counter.board.is_proven();
        } else if let Some(released) = &awaited.released
            && let Some((at, format)) = released.foreign.clone()
            && self.clock.monotonic().saturating_sub(at) >= BESIDE
        {
            let what = what(self.roll.dir());
            let trouble = Trouble::NoJpeg { what, format };
            let reason = trouble.to_string();
            counter.board.doubts(&trouble);
            self.end(Err(CameraError::NoPicture { reason }), counter);
        }
    }

    /// How the folder is.
    fn tell(&mut self, trouble: Option<Trouble>, counter: &Counter) {
        match (trouble, counter.board.doubt()) {
            (Some(trouble), _) => {
                self.refuse_who_waits(&trouble, counter);
                counter.board.is_in(&trouble);
            }
            (None, Some((_, since))) if since >= TRIED_AGAIN => counter.board.is_proven(),
            (None, _) if self.is_released() => counter.board.is_busy(),
            // Nobody is counted down to meanwhile.
            (None, _) if counter.window.is_owed() => counter.board.is_in(&Trouble::Silent {
                what: what(self.roll.dir()),
                within: self.settings.arrives_within,
            }),
            (None, _) => counter.board.is_ready(&self.says()),
        }
    }

    fn refuse_who_waits(&mut self, trouble: &Trouble, counter: &Counter) {
        if let Some(awaited) = self.awaited.take() {
            counter.window.give_up(awaited.released.is_some());
            awaited.wish.answer(Err(trouble.clone().into()));
        }
    }

    /// Has the shutter released for whoever waits, as soon as nothing of before may come.
    fn release(&mut self, counter: &Counter) {
        let Some(awaited) = self.awaited.as_mut().filter(|a| a.released.is_none()) else {
            return;
        };
        let press = counter.window.press();
        let trigger: BoxFuture<'static, _> = match press {
            Press::Drain { .. } => return,
            Press::Taken => Box::pin(std::future::ready(Ok(()))),
            Press::Release => {
                Box::pin(trigger(Arc::clone(&self.settings), Arc::clone(&self.clock)))
            }
        };
        awaited.released = Some(Released {
            late: self.clock.sleep(self.settings.arrives_within),
            trigger,
            foreign: None,
        });
        counter.board.is_busy();
    }

    fn end(&mut self, over: Result<(), CameraError>, counter: &Counter) {
        let Some(awaited) = self.awaited.take() else {
            return;
        };
        if let Some(photo) = counter.window.take_last() {
            return awaited.wish.answer(Ok(photo));
        }
        let error = over.err().unwrap_or(CameraError::TimedOut {
            after: self.settings.arrives_within,
        });
        // What a trigger says that it has not done does not come.
        let owes = !matches!(
            error,
            CameraError::NoPicture { .. } | CameraError::Unusable(_)
        );
        counter.window.give_up(owes);
        awaited.wish.answer(Err(error));
    }
}

#[async_trait]
impl Session for FolderSession {
    async fn serve(mut self, counter: &mut Counter) -> Trouble {
        loop {
            if let Err(trouble) = self.step(counter).await {
                // Whoever waits is told with all the others.
                if let Some(awaited) = self.awaited.take() {
                    counter.window.give_up(awaited.released.is_some());
                    counter.put_back(awaited.wish);
                }
                return trouble;
            }
        }
    }
}

/// What a file is in truth that is called like a picture, and is none.
fn format_of(path: &std::path::Path) -> Option<String> {
    let head = roll::head(path).ok()?;
    photos::foreign(&head).map(str::to_owned)
}
