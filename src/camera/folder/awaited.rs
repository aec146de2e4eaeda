//! Somebody who waits for a photo in the folder, and the program that takes it.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::process::Command;

use super::FolderSettings;
use crate::camera::CameraError;
use crate::camera::keeper::Wish;
use crate::camera::leash::{self, Failed, last_line};
use crate::clock::Clock;

/// Somebody who waits.
pub(super) struct Awaited {
    pub(super) wish: Wish,
    /// `None` while the folder is drained.
    pub(super) released: Option<Released>,
}

/// The shutter has been released, by the booth or by a hand.
pub(super) struct Released {
    pub(super) late: BoxFuture<'static, ()>,
    pub(super) trigger: BoxFuture<'static, Result<(), CameraError>>,
    /// What came that is no picture, and when.
    pub(super) foreign: Option<(Duration, String)>,
}

impl std::fmt::Debug for Awaited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Awaited").finish_non_exhaustive()
    }
}

impl Awaited {
    /// Waits until there is nothing more to wait for, with or without an error. Cancellation safe.
    pub(super) async fn over(&mut self) -> Result<(), CameraError> {
        let Some(released) = &mut self.released else {
            self.wish.given_up().await;
            return Ok(());
        };
        loop {
            tokio::select! {
                done = &mut released.trigger => {
                    done?;
                    released.trigger = Box::pin(std::future::pending());
                }
                () = &mut released.late => return Ok(()),
                () = self.wish.given_up() => return Ok(()),
            }
        }
    }
}

/// Runs the program that takes a photo, if settings name one. One that does not end may have taken
/// it: then the photo is late, as it is when the program has ended.
pub(super) async fn trigger(
    settings: Arc<FolderSettings>,
    clock: Arc<dyn Clock>,
) -> Result<(), CameraError> {
    let Some((program, arguments)) = settings.trigger.split_first() else {
        return Ok(());
    };
    let within = settings.arrives_within;
    let mut command = Command::new(program);
    let said = match leash::run(command.args(arguments), &clock, within).await {
        Err(Failed::Silent) => return Err(CameraError::TimedOut { after: within }),
        said => said.map_err(|failed| failed.of(program, "the settings' trigger", within))?,
    };
    if said.is_fine {
        return Ok(());
    }
    let reason = format!("{program} failed: {}", last_line(&said.err));
    Err(CameraError::NoPicture { reason })
}
