//! One photo, from the shutter to its bytes.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::super::shell::{Heard, Mute};
use super::super::words;
use super::{Gphoto2Session, lost, not_answered};
use crate::camera::{CameraError, Trouble, blocking};

/// A saved file is named before it is in its place; the step between is a rename.
const IN_PLACE: Duration = Duration::from_secs(2);

/// No photo.
pub(super) struct Missed {
    pub(super) error: CameraError,
    /// What to open the camera anew for, if that may help.
    pub(super) lost: Option<Trouble>,
}

impl Gphoto2Session {
    /// Takes a photo, and gives it as soon as it is there.
    pub(super) async fn shoot(&mut self) -> Result<Bytes, Missed> {
        enum Shot {
            Saved(String),
            Failed,
        }
        let within = self.still_within;
        let model = self.model.clone();
        let mute = |mute| Missed::of(mute, &model);
        self.clear().await;
        let shutter = self.shell.say("capture-image-and-download", within);
        shutter.await.map_err(mute)?;
        let shot = |heard: &Heard| {
            if let Some(name) = words::saved(&heard.out()) {
                Some(Shot::Saved(name.to_owned()))
            } else if heard.is_at_rest() || words::has_failed_to_capture(&heard.err()) {
                Some(Shot::Failed)
            } else {
                None
            }
        };
        match self.shell.hear(within, shot).await.map_err(mute)? {
            Shot::Saved(name) => self.pick_up(name).await,
            Shot::Failed => Err(self.missed()),
        }
    }

    /// What the shell said when there was no photo.
    fn missed(&self) -> Missed {
        let heard = self.shell.heard();
        let Some(fault) = words::fault(&heard.out(), &heard.err()) else {
            let reason = "the camera saved no JPEG: set its quality to JPEG".to_owned();
            return Missed {
                error: CameraError::NoPicture { reason },
                lost: None,
            };
        };
        if fault.is_busy() && heard.is_at_rest() {
            return Missed {
                error: CameraError::Busy,
                lost: None,
            };
        }
        if fault.is_lost() {
            return Missed {
                error: CameraError::Disconnected(None),
                lost: Some(lost(&self.model, &fault.text)),
            };
        }
        // A body that found no focus often hangs half-way; opened anew, it forgets that.
        let reason = fault.no_picture();
        Missed {
            lost: Some(lost(&self.model, &reason)),
            error: CameraError::NoPicture { reason },
        }
    }

    async fn pick_up(&self, name: String) -> Result<Bytes, Missed> {
        let mut late = self.clock.sleep(IN_PLACE);
        loop {
            let (scratch, file) = (Arc::clone(&self.scratch), name.clone());
            match blocking(move || scratch.take(&file)).await {
                Ok(Some(photo)) if !photo.is_empty() => return Ok(photo),
                Ok(_) => {}
                Err(e) => return Err(self.unreadable(&e)),
            }
            tokio::select! {
                () = self.clock.sleep(Duration::from_millis(2)) => {}
                () = &mut late => return Err(self.unreadable(&io::ErrorKind::NotFound.into())),
            }
        }
    }

    fn unreadable(&self, e: &io::Error) -> Missed {
        let reason = format!("the file that gphoto2 saved cannot be read: {e}");
        Missed {
            lost: Some(lost(&self.model, &reason)),
            error: CameraError::NoPicture { reason },
        }
    }

    /// Waits until the program has done with the shot, and removes what it saved besides.
    pub(super) async fn finish_the_shot(&mut self) -> Result<(), Trouble> {
        let done = |heard: &Heard| heard.is_at_rest().then_some(());
        let done = self.shell.hear(self.still_within, done).await;
        self.clear().await;
        done.map_err(|mute| not_answered(&self.model, mute))
    }

    /// A folder that cannot be emptied shows when the next photo is read.
    async fn clear(&self) {
        let scratch = Arc::clone(&self.scratch);
        if let Err(e) = blocking(move || scratch.clear()).await {
            tracing::warn!(error = %e, "a photo could not be removed from memory");
        }
    }
}

impl Missed {
    fn of(mute: Mute, model: &str) -> Self {
        let error = match &mute {
            Mute::Ended { .. } => CameraError::Disconnected(None),
            Mute::Silent { within } => CameraError::TimedOut { after: *within },
        };
        Self {
            error,
            lost: Some(not_answered(model, mute)),
        }
    }
}
