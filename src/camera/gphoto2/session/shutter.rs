//! One photo, from the shutter to its bytes.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::super::shell::{Heard, Mute};
use super::super::words;
use super::{Gphoto2Session, lost, not_answered, whole};
use crate::camera::keeper::{Counter, Wish};
use crate::camera::presses::Press;
use crate::camera::{CameraError, Trouble, blocking, photos};

/// No photo.
pub(super) struct Missed {
    error: CameraError,
    /// What keeps the next photo from being one, too.
    doubt: Option<Trouble>,
    /// What to open the camera anew for, if that may help.
    lost: Option<Trouble>,
    /// The camera may have exposed one all the same.
    owes: bool,
}

impl Gphoto2Session {
    /// Takes the photo that somebody waits for.
    pub(super) async fn grant(
        &mut self,
        mut wish: Wish,
        counter: &mut Counter,
    ) -> Result<(), Trouble> {
        counter.board.is_busy();
        if let Err(trouble) = self.make_clean(counter).await {
            counter.put_back(wish);
            counter.keeps_waiting = true;
            return Err(trouble);
        }
        if wish.is_given_up() {
            counter.window.give_up(false);
            return Ok(());
        }
        match self.shoot(counter, Some(&mut wish)).await {
            Ok(photo) => {
                wish.answer(Ok(photo));
                counter.board.is_proven();
                self.finish_the_shot().await?;
                self.discard_events(counter).await?;
            }
            Err(missed) => {
                counter.window.give_up(missed.owes);
                wish.answer(Err(missed.error));
                self.recover(missed.doubt, missed.lost, counter).await?;
            }
        }
        self.is_well(counter);
        Ok(())
    }

    /// After a shot without a photo: waits for what may still come of it, and throws it away.
    async fn recover(
        &mut self,
        doubt: Option<Trouble>,
        lost: Option<Trouble>,
        counter: &mut Counter,
    ) -> Result<(), Trouble> {
        if let Some(doubt) = doubt {
            counter.board.doubts(&doubt);
        }
        let is_silent = matches!(lost, Some(Trouble::Silent { .. }));
        if let Some(trouble) = lost
            && !is_silent
        {
            return Err(trouble);
        }
        if is_silent {
            counter.board.is_in(&self.silent());
            // Whoever comes meanwhile waits for a camera that is clean.
            counter.keeps_waiting = true;
        }
        self.finish_the_shot().await?;
        self.drain(counter).await?;
        counter.keeps_waiting = false;
        Ok(())
    }

    /// Nothing is left of presses before. An armed camera has been emptied at the countdown's start.
    async fn make_clean(&mut self, counter: &mut Counter) -> Result<(), Trouble> {
        if !counter.window.is_clean() {
            self.drain(counter).await?;
        } else if !counter.window.is_awaited() {
            self.discard_events(counter).await?;
        }
        Ok(())
    }

    /// Releases the shutter, unless a hand has done so, and gives the photo as soon as it is sure.
    /// `None` for the wish: nobody waits, and the photo is only a proof.
    pub(super) async fn shoot(
        &mut self,
        counter: &Counter,
        wish: Option<&mut Wish>,
    ) -> Result<Bytes, Missed> {
        let model = self.model.clone();
        self.clear().await;
        let released = match counter.window.press() {
            Press::Taken => return counter.window.take_last().ok_or_else(|| self.missed()),
            // Quiet has been waited for; what is left is a moment's.
            Press::Drain { until } => {
                let moment = until.saturating_sub(self.clock.monotonic());
                self.clock.sleep(moment).await;
                counter.window.is_drained();
                counter.window.press();
                self.clock.monotonic()
            }
            Press::Release => self.clock.monotonic(),
        };
        let within = self.still_within;
        let until = released + within;
        let said = self.shell.say("capture-image-and-download", within).await;
        said.map_err(|mute| Missed::of(mute, &model))?;
        let given_up = async {
            match wish {
                Some(wish) => wish.given_up().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            photo = self.files_of_the_shot(counter, until) => photo,
            () = given_up => Err(Missed {
                error: CameraError::Busy,
                doubt: None,
                lost: Some(self.silent()),
                owes: true,
            }),
        }
    }

    /// Offers each file that the program saves to whoever waits, until one is the photo.
    async fn files_of_the_shot(
        &mut self,
        counter: &Counter,
        until: Duration,
    ) -> Result<Bytes, Missed> {
        enum Shot {
            Saved(String),
            Over,
        }
        let model = self.model.clone();
        let mut met = 0;
        loop {
            let left = until.saturating_sub(self.clock.monotonic());
            let next = |heard: &Heard| {
                if let Some(name) = words::saved(&heard.out()).nth(met) {
                    return Some(Shot::Saved(name.to_owned()));
                }
                let is_over = heard.is_at_rest() || words::has_failed_to_capture(&heard.err());
                is_over.then_some(Shot::Over)
            };
            let shot = match self.shell.hear(left, next).await {
                Ok(shot) => shot,
                Err(Mute::Silent { .. }) => {
                    let within = self.still_within;
                    return Err(Missed::of(Mute::Silent { within }, &model));
                }
                Err(mute) => return Err(Missed::of(mute, &model)),
            };
            let Shot::Saved(name) = shot else {
                return counter.window.take_last().ok_or_else(|| self.missed());
            };
            met += 1;
            if !words::is_jpeg(&name) {
                continue;
            }
            let photo = self.pick_up(name).await?;
            if let Some(photo) = whole(photo).await {
                counter.window.arrived(photo, self.clock.monotonic());
            }
            if let Some(photo) = counter.window.take() {
                return Ok(photo);
            }
        }
    }

    /// What the shell said when there was no photo.
    fn missed(&self) -> Missed {
        let heard = self.shell.heard();
        let Some(fault) = words::fault(&heard.out(), &heard.err()) else {
            return self.no_jpeg(words::saved(&heard.out()).last());
        };
        if fault.is_busy() && heard.is_at_rest() {
            return Missed {
                error: CameraError::Busy,
                doubt: None,
                lost: None,
                owes: true,
            };
        }
        if fault.is_lost() {
            return Missed {
                error: CameraError::Disconnected(None),
                doubt: None,
                lost: Some(lost(&self.model, &fault.text)),
                owes: true,
            };
        }
        // A body that found no focus often hangs half-way; opened anew, it forgets that.
        let reason = fault.no_picture();
        let what = self.model.clone();
        Missed {
            lost: Some(lost(&self.model, &reason)),
            doubt: fault.is_card_full().then_some(Trouble::CardFull { what }),
            error: CameraError::NoPicture { reason },
            owes: !fault.is_no_focus(),
        }
    }

    /// The program has ended the shot, and `saved` is the last file of it, if there is any.
    fn no_jpeg(&self, saved: Option<&str>) -> Missed {
        let is_half = saved.is_some_and(words::is_jpeg);
        let reason = if is_half {
            "the file that the camera gave is not whole"
        } else {
            "the camera saved no JPEG: set its quality to JPEG"
        };
        let format = saved
            .filter(|_| !is_half)
            .map(|name| photos::ending(Path::new(name)));
        Missed {
            error: CameraError::NoPicture {
                reason: reason.to_owned(),
            },
            doubt: format.map(|format| Trouble::NoJpeg {
                what: self.model.clone(),
                format,
            }),
            lost: None,
            owes: saved.is_none(),
        }
    }

    /// Reads a saved file. It is named before it is in its place; the step between is a rename, which
    /// is given as long as any other answer of the program.
    async fn pick_up(&self, name: String) -> Result<Bytes, Missed> {
        let mut late = self.clock.sleep(self.answer_within);
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
            doubt: None,
            error: CameraError::NoPicture { reason },
            owes: true,
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
    pub(super) async fn clear(&self) {
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
            doubt: None,
            lost: Some(not_answered(model, mute)),
            owes: true,
        }
    }
}
