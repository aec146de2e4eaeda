//! What the camera has to tell by itself: pictures of hand-pressed shutters, and of presses that
//! nobody waits for any more.
//!
//! Source: `wait-event-and-download` of gphoto2's shell (`action_camera_wait_event` in
//! `gphoto2/actions.c`): it fetches each file that the camera says it has added, deletes it from
//! the camera, and never touches those that were there before the program opened it.

use std::sync::Arc;
use std::time::Duration;

use super::super::words;
use super::{Gphoto2Session, lost, not_answered, whole};
use crate::camera::keeper::Counter;
use crate::camera::{Trouble, blocking};

const ASK: &str = "wait-event-and-download 100ms";
/// A camera is quiet once it has told of no file so many times in a row. The first answer after
/// a shot that was cut off may come before its picture is written.
const QUIET: u32 = 3;
/// No camera holds more pictures that nobody fetched.
const ROUNDS: u32 = 100;

impl Gphoto2Session {
    /// Fetches what the camera tells of, and gives it to whoever is counted down to: it was exposed
    /// after the last time the camera was asked.
    pub(super) async fn fetch_events(&mut self, counter: &Counter) -> Result<(), Trouble> {
        let begun = self.emptied;
        self.fetch(counter, begun).await.map(drop)
    }

    /// Fetches what the camera tells of, and throws it away.
    pub(super) async fn discard_events(&mut self, counter: &Counter) -> Result<(), Trouble> {
        while self.fetch(counter, Duration::ZERO).await? > 0 {}
        self.is_drained(counter);
        Ok(())
    }

    /// Asks until the camera is quiet; what it gives is nobody's.
    pub(super) async fn drain(&mut self, counter: &Counter) -> Result<(), Trouble> {
        let mut quiet = 0;
        for _ in 0..ROUNDS {
            if quiet == QUIET || !self.tells_events {
                break;
            }
            let files = self.fetch(counter, Duration::ZERO).await?;
            quiet = if files == 0 { quiet + 1 } else { 0 };
        }
        self.is_drained(counter);
        Ok(())
    }

    fn is_drained(&mut self, counter: &Counter) {
        counter.window.is_drained();
        // What comes from now on is of now.
        self.emptied = self.clock.monotonic();
    }

    /// How many files came.
    async fn fetch(&mut self, counter: &Counter, begun: Duration) -> Result<usize, Trouble> {
        if !self.tells_events {
            return Ok(0);
        }
        let asked = self.shell.ask(ASK, self.still_within).await;
        let heard = asked.map_err(|mute| not_answered(&self.model, mute))?;
        let (out, err) = (heard.out(), heard.err());
        let fault = words::fault(&out, &err);
        let saved: Vec<String> = words::saved(&out).map(str::to_owned).collect();
        let is_changed = words::has_changed_a_setting(&out);
        if let Some(fault) = fault {
            if fault.is_lost() {
                return Err(lost(&self.model, &fault.text));
            }
            if fault.is_unsupported() || fault.is_no_command() {
                tracing::info!(model = self.model, "the camera does not tell of its files");
                self.tells_events = false;
            }
        }
        self.emptied = self.clock.monotonic();
        self.is_asked_anew |= is_changed;
        for name in saved.iter().filter(|name| words::is_jpeg(name)) {
            let (scratch, name) = (Arc::clone(&self.scratch), name.clone());
            let photo = blocking(move || scratch.take(&name)).await.ok().flatten();
            let Some(photo) = photo else {
                continue;
            };
            if let Some(photo) = whole(photo).await {
                counter.window.arrived(photo, begun);
            }
        }
        if !saved.is_empty() {
            self.clear().await;
        }
        Ok(saved.len())
    }
}
