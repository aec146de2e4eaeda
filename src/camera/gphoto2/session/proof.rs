//! Whether the next photo would be worth anything: battery, the format that is set, and the last
//! photo that was not.

use std::time::Duration;

use super::super::words;
use super::{Gphoto2Session, lost, not_answered};
use crate::camera::keeper::Counter;
use crate::camera::{Trouble, blocking, look};

/// What cameras call the setting that chooses between JPEG and others.
const FORMATS: [&str; 2] = ["imageformat", "imagequality"];
/// A camera whose last photo was worthless, and that does not tell how it is set, takes one that is
/// thrown away, so often: only that shows that it was mended.
const PROOF: Duration = Duration::from_secs(20);

impl Gphoto2Session {
    /// Says how the camera is, as far as that is known.
    pub(super) fn is_well(&self, counter: &Counter) {
        counter.board.has_battery(self.battery);
        counter.board.is_ready(&self.model);
    }

    /// Asks for what would make the next photo worthless.
    pub(super) async fn examine(&mut self, counter: &Counter) -> Result<(), Trouble> {
        self.is_asked_anew = false;
        self.ask_battery().await?;
        match self.ask_format().await? {
            Some(format) if words::is_no_jpeg(&format) => {
                let what = self.model.clone();
                counter.board.doubts(&Trouble::NoJpeg { what, format });
            }
            Some(_) if matches!(counter.board.doubt(), Some((Trouble::NoJpeg { .. }, _))) => {
                counter.board.is_proven();
            }
            _ => {}
        }
        self.is_well(counter);
        Ok(())
    }

    /// Whether a photo has to be taken to know how the camera is.
    pub(super) fn needs_proof(&self, counter: &Counter) -> bool {
        let doubt = counter.board.doubt();
        let is_told = self.format.is_some_and(|name| !name.is_empty());
        doubt.is_some_and(|(trouble, since)| {
            let tells = is_told && matches!(trouble, Trouble::NoJpeg { .. });
            !tells && since.min(self.clock.monotonic() - self.proven) >= PROOF
        })
    }

    /// Takes a photo that nobody sees.
    pub(super) async fn prove(&mut self, counter: &mut Counter) -> Result<(), Trouble> {
        self.proven = self.clock.monotonic();
        if counter.window.is_awaited() {
            return Ok(());
        }
        if let Ok(photo) = self.shoot(counter, None).await {
            let what = self.model.clone();
            match blocking(move || Ok(look::flaw(&photo, &what))).await {
                Ok(Some(trouble)) => counter.board.doubts(&trouble),
                _ => counter.board.is_proven(),
            }
        }
        counter.window.give_up(true);
        self.finish_the_shot().await?;
        self.drain(counter).await?;
        self.is_well(counter);
        Ok(())
    }

    /// What the camera is set to, in its own words.
    async fn ask_format(&mut self) -> Result<Option<String>, Trouble> {
        for name in FORMATS {
            if self.format.is_some_and(|known| known != name) {
                continue;
            }
            let command = format!("get-config {name}");
            let asked = self.shell.ask(&command, self.answer_within).await;
            let heard = asked.map_err(|mute| not_answered(&self.model, mute))?;
            let (out, err) = (heard.out(), heard.err());
            let fault = words::fault(&out, &err);
            if let Some(fault) = fault.filter(words::Fault::is_lost) {
                return Err(lost(&self.model, &fault.text));
            }
            if let Some(format) = words::current(&out) {
                self.format = Some(name);
                return Ok(Some(format.to_owned()));
            }
        }
        // It has no such setting, as far as we know the names; it is not asked again.
        self.format = self.format.or(Some(""));
        Ok(None)
    }
}
