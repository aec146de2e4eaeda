//! One opened camera, until it is lost.

mod events;
mod proof;
mod shutter;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::process::Command;

use super::Gphoto2Settings;
use super::scratch::Scratch;
use super::shell::{Heard, Mute, Shell};
use super::words::{self, Found};
use crate::camera::keeper::{Counter, Session};
use crate::camera::leash::last_line;
use crate::camera::whole::is_whole;
use crate::camera::{Trouble, blocking};
use crate::clock::Clock;

/// 25 frames a second at most.
const FRAME: Duration = Duration::from_millis(40);
/// So often a camera is asked how it is: it stays awake, and one that was unplugged is missed.
const CHECK: Duration = Duration::from_secs(10);
/// So often it is asked for pictures of hand-pressed shutters: in a countdown, and else.
const EVENTS_AWAITED: Duration = Duration::from_millis(300);
const EVENTS: Duration = Duration::from_secs(2);
/// The mirror stays up this long after the last look: a page that is loaded anew looks again.
const LINGER: Duration = Duration::from_secs(5);
const PREVIEW: &str = "capture_preview.jpg";
/// Frames that may fail in a row, as they do while a camera changes its mode.
const MISSED_FRAMES: u32 = 5;

/// A camera in use.
#[derive(Debug)]
pub(super) struct Gphoto2Session {
    shell: Shell,
    scratch: Arc<Scratch>,
    model: String,
    /// Settings that it does not take.
    refuses: Vec<String>,
    battery: Option<u8>,
    still_within: Duration,
    answer_within: Duration,
    shows_live: bool,
    missed_frames: u32,
    /// When the last frame was taken, if the viewfinder is still up from it.
    looked: Option<Duration>,
    checked: Duration,
    /// It can be asked for the pictures it has taken by itself.
    tells_events: bool,
    /// When it was last asked for them.
    emptied: Duration,
    /// It has said that a setting was changed.
    is_asked_anew: bool,
    /// The name of the setting for the format, once it is known; empty if there is none.
    format: Option<&'static str>,
    /// When a photo was last taken only to see whether it can be.
    proven: Duration,
    clock: Arc<dyn Clock>,
}

impl Gphoto2Session {
    /// Opens the camera and sets it up as the settings say.
    pub(super) async fn open(
        mut command: Command,
        settings: &Gphoto2Settings,
        found: Found,
        scratch: Scratch,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Trouble> {
        let within = settings.answer_within;
        command.args(["--port", &found.port, "--force-overwrite", "--shell"]);
        let shell = Shell::start(&mut command, Arc::clone(clock))
            .map_err(|failed| failed.of(&settings.program, "gphoto2", within))?;
        let mut session = Self {
            shell,
            scratch: Arc::new(scratch),
            refuses: Vec::new(),
            model: found.model,
            battery: None,
            still_within: settings.still_within,
            answer_within: within,
            shows_live: settings.live,
            missed_frames: 0,
            looked: None,
            checked: clock.monotonic(),
            tells_events: true,
            emptied: clock.monotonic(),
            is_asked_anew: false,
            format: None,
            proven: clock.monotonic(),
            clock: Arc::clone(clock),
        };
        let greeted = |heard: &Heard| heard.is_at_rest().then_some(());
        let greeting = session.shell.hear(within, greeted).await;
        greeting.map_err(|mute| session.not_opened(mute))?;
        // The first question is what opens the camera.
        session.ask_battery().await?;
        session.set_up(settings).await?;
        Ok(session)
    }

    /// Asks for the battery. A camera that has none, or does not tell, is fine.
    async fn ask_battery(&mut self) -> Result<(), Trouble> {
        let asked = self
            .shell
            .ask("get-config batterylevel", self.answer_within);
        let (battery, fault) = match asked.await {
            Ok(heard) => {
                let (out, err) = (heard.out(), heard.err());
                (words::battery(&out), words::fault(&out, &err))
            }
            Err(mute) => return Err(self.not_opened(mute)),
        };
        self.checked = self.clock.monotonic();
        match fault {
            Some(fault) if !fault.is_unknown_setting() && !fault.is_busy() => {
                Err(fault.trouble(&self.model))
            }
            _ => {
                self.battery = battery.or(self.battery);
                Ok(())
            }
        }
    }

    /// Sets what the settings want set; what the camera refuses is told and left.
    async fn set_up(&mut self, settings: &Gphoto2Settings) -> Result<(), Trouble> {
        for (name, value) in &settings.config {
            let command = format!("set-config {name}={value}");
            let asked = self.shell.ask(&command, self.answer_within).await;
            let heard = asked.map_err(|mute| not_answered(&self.model, mute))?;
            if let Some(fault) = words::fault(&heard.out(), &heard.err()) {
                tracing::warn!(
                    name,
                    value,
                    says = fault.text,
                    "the camera refuses a setting"
                );
                self.refuses.push(name.clone());
            }
        }
        Ok(())
    }

    fn not_opened(&self, mute: Mute) -> Trouble {
        match mute {
            Mute::Ended { out, err } => match words::fault(&out, &err) {
                Some(fault) => fault.trouble(&self.model),
                None => lost(&self.model, &err),
            },
            Mute::Silent { .. } => Trouble::Asleep {
                what: self.model.clone(),
            },
        }
    }

    /// One of: a photo, a frame, the mirror down, a look at what has come and at how it is.
    async fn step(&mut self, counter: &mut Counter) -> Result<(), Trouble> {
        let is_watched = self.shows_live && counter.frames.is_watched();
        let now = self.clock.monotonic();
        let events = self.next_events(counter);
        if events <= now {
            self.fetch_events(counter).await?;
        }
        if self.is_asked_anew || now >= self.checked + CHECK {
            return self.check(counter).await;
        }
        let shown = match self.looked {
            Some(looked) if is_watched => looked + FRAME,
            Some(looked) => looked + LINGER,
            None if is_watched => now,
            None => self.checked + CHECK,
        };
        let rest = shown.min(self.next_events(counter)).saturating_sub(now);
        let frames = Arc::clone(&counter.frames);
        let window = Arc::clone(&counter.window);
        tokio::select! {
            biased;
            wish = counter.wish() => return self.grant(wish, counter).await,
            () = window.armed() => return self.begin_countdown(counter).await,
            () = self.clock.sleep(rest) => {}
            () = frames.watched(), if self.shows_live && !is_watched => return Ok(()),
        }
        if self.clock.monotonic() < shown {
            Ok(())
        } else if is_watched {
            self.show(counter).await
        } else if self.looked.take().is_some() {
            counter.frames.forget();
            self.lower_the_mirror().await
        } else {
            Ok(())
        }
    }

    /// What the camera has taken until now is of nobody who is counted down to.
    async fn begin_countdown(&mut self, counter: &Counter) -> Result<(), Trouble> {
        if counter.window.is_clean() {
            self.discard_events(counter).await
        } else {
            self.drain(counter).await
        }
    }

    async fn check(&mut self, counter: &mut Counter) -> Result<(), Trouble> {
        let examined = self.examine(counter).await;
        examined.map_err(|trouble| match trouble {
            Trouble::NotFound { .. } | Trouble::Asleep { .. } => lost(&self.model, ""),
            other => other,
        })?;
        if self.needs_proof(counter) {
            self.prove(counter).await?;
        }
        Ok(())
    }

    fn next_events(&self, counter: &Counter) -> Duration {
        let every = match counter.window.is_awaited() {
            _ if !self.tells_events => return Duration::MAX,
            true => EVENTS_AWAITED,
            false => EVENTS,
        };
        self.emptied + every
    }

    fn silent(&self) -> Trouble {
        Trouble::Silent {
            what: self.model.clone(),
            within: self.still_within,
        }
    }

    async fn show(&mut self, counter: &Counter) -> Result<(), Trouble> {
        self.looked = Some(self.clock.monotonic());
        let asked = self.shell.ask("capture-preview", self.answer_within).await;
        let heard = asked.map_err(|mute| not_answered(&self.model, mute))?;
        let Some(fault) = words::fault(&heard.out(), &heard.err()) else {
            self.missed_frames = 0;
            let scratch = Arc::clone(&self.scratch);
            let frame = blocking(move || scratch.take(PREVIEW)).await;
            if let Ok(Some(frame)) = frame {
                counter.frames.show(frame);
            }
            return Ok(());
        };
        if fault.is_unsupported() {
            tracing::info!(model = self.model, "the camera has no live view");
            self.shows_live = false;
            self.looked = None;
            counter.frames.close();
            return Ok(());
        }
        self.missed_frames += 1;
        if self.missed_frames > MISSED_FRAMES {
            return Err(lost(&self.model, &fault.text));
        }
        Ok(())
    }

    /// A sensor that nobody looks through stays cool. Cameras without a mirror refuse; that is fine.
    async fn lower_the_mirror(&mut self) -> Result<(), Trouble> {
        let asked = self
            .shell
            .ask("set-config viewfinder=0", self.answer_within);
        let asked = asked.await.map(drop);
        asked.map_err(|mute| not_answered(&self.model, mute))
    }
}

#[async_trait]
impl Session for Gphoto2Session {
    async fn serve(mut self, counter: &mut Counter) -> Trouble {
        // Of before it was opened: a shot that was cut off, or a booth that was.
        if let Err(trouble) = self.drain(counter).await {
            counter.keeps_waiting = true;
            return trouble;
        }
        if let Err(trouble) = self.examine(counter).await {
            return trouble;
        }
        counter.board.refuses(&self.refuses);
        if !self.shows_live {
            counter.frames.close();
        }
        loop {
            if let Err(trouble) = self.step(counter).await {
                return trouble;
            }
        }
    }
}

fn not_answered(model: &str, mute: Mute) -> Trouble {
    match mute {
        Mute::Ended { err, .. } => lost(model, &err),
        Mute::Silent { within } => Trouble::Silent {
            what: model.to_owned(),
            within,
        },
    }
}

fn lost(model: &str, said: &str) -> Trouble {
    Trouble::Lost {
        what: model.to_owned(),
        why: last_line(said).to_owned(),
    }
}

/// The photo, if it is all there.
async fn whole(photo: Bytes) -> Option<Bytes> {
    let look = move || Ok(is_whole(&photo).then_some(photo));
    blocking(look).await.ok().flatten()
}
