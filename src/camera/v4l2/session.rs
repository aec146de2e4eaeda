//! One webcam in use, until it is lost.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::Source;
use super::formats;
use super::fresh::Flow;
use super::stream::Stream;
use crate::camera::frames::Frames;
use crate::camera::keeper::{Counter, Session, Wish};
use crate::camera::leash::last_line;
use crate::camera::{Trouble, blocking, look};
use crate::clock::Clock;
use crate::imaging::{self, Limits};

/// A camera that starts may think for a while, one that runs may not.
const FIRST_FRAME_WITHIN: Duration = Duration::from_secs(8);
const FRAME_WITHIN: Duration = Duration::from_secs(4);
/// A camera that has just started is still finding its exposure: its first frames are dark.
const SETTLES_WITHIN: Duration = Duration::from_millis(700);
/// Frames flow this long after the last look; then the camera rests, its lamp off.
const LINGER: Duration = Duration::from_secs(20);
/// So often a resting camera is looked for.
const CHECK: Duration = Duration::from_secs(2);
/// Wider frames are made smaller for the live view: what they cost to show buys nothing.
const WIDEST_LIVE: usize = 1920;
const LIVE_PX: u32 = 1280;
const LIVE_QUALITY: u8 = 75;
/// So often a frame is looked at, whether anything is to be seen in it.
const LOOK: Duration = Duration::from_secs(2);

/// A camera that has given at least one frame.
#[derive(Debug)]
pub(super) struct V4l2Session {
    source: Source,
    /// `None` while it rests.
    running: Option<Running>,
    /// Who waits, and since when.
    wish: Option<(Wish, Duration)>,
    /// When a frame was last looked at.
    looked: Option<Duration>,
    /// What the look saw, while nobody has read it.
    seen: Option<JoinHandle<Option<Trouble>>>,
    /// One frame is made smaller at a time; those that come meanwhile are not shown.
    shrinking: Arc<Semaphore>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
struct Running {
    stream: Stream,
    /// When its first frame came.
    began: Option<Duration>,
    /// When the last one came, or when it was started.
    heard: Duration,
    flow: Flow,
    /// When a frame was last wanted.
    wanted: Duration,
}

impl V4l2Session {
    /// Starts the camera and waits for a frame: before that nobody can say that it works.
    pub(super) async fn open(source: Source, clock: Arc<dyn Clock>) -> Result<Self, Trouble> {
        let mut session = Self {
            source,
            running: None,
            wish: None,
            looked: None,
            seen: None,
            shrinking: Arc::new(Semaphore::new(1)),
            clock,
        };
        let mut running = session.start()?;
        let late = session.clock.sleep(FIRST_FRAME_WITHIN);
        tokio::select! {
            frame = running.stream.next() => match frame {
                Ok(_) => running.heard_a_frame(&*session.clock),
                Err(said) => return Err(formats::trouble(&session.source.path, &said)),
            },
            () = late => return Err(session.silent(FIRST_FRAME_WITHIN)),
        }
        session.running = Some(running);
        Ok(session)
    }

    fn start(&self) -> Result<Running, Trouble> {
        let program = &self.source.program;
        let stream = Stream::start(&mut self.source.command())
            .map_err(|failed| failed.of(program, "ffmpeg", FIRST_FRAME_WITHIN))?;
        let now = self.clock.monotonic();
        Ok(Running {
            stream,
            began: None,
            heard: now,
            flow: Flow::from(now),
            wanted: now,
        })
    }

    async fn step(&mut self, counter: &mut Counter) -> Result<(), Trouble> {
        let Some(mut running) = self.running.take() else {
            return self.rest(counter).await;
        };
        let within = match running.began {
            Some(_) => FRAME_WITHIN,
            None => FIRST_FRAME_WITHIN,
        };
        if let Some(frame) = running.stream.next().now_or_never() {
            let frame = frame.map_err(|said| self.lost(&said))?;
            running.heard_a_frame(&*self.clock);
            self.hand_out(&frame, &mut running, counter).await;
            // One that never has to be waited for leaves no other time to hear of a wish.
            if self.wish.is_none()
                && let Some(wish) = counter.wish().now_or_never()
            {
                self.begin(wish, counter);
            }
        } else {
            let now = self.clock.monotonic();
            let late = self
                .clock
                .sleep((running.heard + within).saturating_sub(now));
            tokio::select! {
                biased;
                wish = counter.wish(), if self.wish.is_none() => self.begin(wish, counter),
                frame = running.stream.next() => {
                    let frame = frame.map_err(|said| self.lost(&said))?;
                    running.heard_a_frame(&*self.clock);
                    self.hand_out(&frame, &mut running, counter).await;
                }
                () = late => return Err(self.silent(within)),
            }
        }
        let wanted_for = running.heard.saturating_sub(running.wanted);
        if wanted_for < LINGER {
            self.running = Some(running);
        } else {
            counter.frames.forget();
        }
        Ok(())
    }

    /// The camera is off until somebody wants something of it.
    async fn rest(&mut self, counter: &mut Counter) -> Result<(), Trouble> {
        let frames = Arc::clone(&counter.frames);
        tokio::select! {
            biased;
            wish = counter.wish() => self.begin(wish, counter),
            () = frames.watched() => {}
            () = self.clock.sleep(CHECK) => {
                let path = self.source.path.clone();
                return match blocking(move || path.metadata()).await {
                    Ok(_) => Ok(()),
                    Err(e) => Err(self.lost(&e.to_string())),
                };
            }
        }
        self.running = Some(self.start()?);
        Ok(())
    }

    fn begin(&mut self, wish: Wish, counter: &Counter) {
        counter.board.is_busy();
        // A webcam has no shutter for a hand: what counts is the press itself.
        counter.window.disarm();
        counter.window.press();
        self.wish = Some((wish, counter.window.now()));
    }

    async fn hand_out(&mut self, frame: &Bytes, running: &mut Running, counter: &Counter) {
        let now = running.heard;
        let is_settled = running
            .began
            .is_some_and(|began| now - began >= SETTLES_WITHIN);
        let pressed = self.wish.as_ref().map(|(_, pressed)| *pressed);
        if is_settled && pressed.is_some_and(|pressed| running.flow.is_after(pressed)) {
            self.grant(frame, counter);
        }
        let is_watched = counter.frames.is_watched();
        // One in doubt is looked at until it can be used again.
        if is_watched || self.wish.is_some() || counter.board.doubt().is_some() {
            running.wanted = now;
        }
        if is_watched {
            self.show(frame, &counter.frames);
        }
        self.examine(frame, is_settled, counter).await;
    }

    /// Gives the frame to whoever waits, if they still do.
    fn grant(&mut self, frame: &Bytes, counter: &Counter) {
        let Some((wish, _)) = self.wish.take() else {
            return;
        };
        counter.window.arrived(frame.clone(), counter.window.now());
        match counter.window.take() {
            Some(photo) if !wish.is_given_up() => wish.answer(Ok(photo)),
            _ => counter.window.give_up(false),
        }
        counter.board.is_ready(&self.source.says());
    }

    /// Whether anything is to be seen: a lens may be covered, a cable loose, another format set.
    async fn examine(&mut self, frame: &Bytes, is_settled: bool, counter: &Counter) {
        if let Some(seen) = self.seen.take_if(|seen| seen.is_finished()) {
            match seen.await {
                Ok(Some(trouble)) => counter.board.doubts(&trouble),
                Ok(None) => counter.board.is_proven(),
                // A decoder that panics has said nothing of the camera.
                Err(_) => {}
            }
        }
        let now = self.clock.monotonic();
        let is_due = self.looked.is_none_or(|looked| now - looked >= LOOK);
        if is_settled && is_due && self.seen.is_none() {
            self.looked = Some(now);
            let (frame, what) = (frame.clone(), self.source.name.clone());
            let look = move || look::flaw(&frame, &what);
            self.seen = Some(tokio::task::spawn_blocking(look));
        }
    }

    fn show(&self, frame: &Bytes, frames: &Arc<Frames>) {
        let is_wide = turbojpeg::read_header(frame).is_ok_and(|head| head.width > WIDEST_LIVE);
        if !is_wide {
            frames.show(frame.clone());
            return;
        }
        let Ok(turn) = Arc::clone(&self.shrinking).try_acquire_owned() else {
            return;
        };
        let (frame, frames) = (frame.clone(), Arc::clone(frames));
        tokio::task::spawn_blocking(move || {
            if let Some(smaller) = shrink(&frame) {
                frames.show(smaller);
            }
            drop(turn);
        });
    }

    fn silent(&self, within: Duration) -> Trouble {
        Trouble::Silent {
            what: self.source.name.clone(),
            within,
        }
    }

    fn lost(&self, said: &str) -> Trouble {
        Trouble::Lost {
            what: self.source.name.clone(),
            why: last_line(said).to_owned(),
        }
    }
}

impl Running {
    fn heard_a_frame(&mut self, clock: &dyn Clock) {
        self.heard = clock.monotonic();
        if self.began.is_some() {
            self.flow.read(self.heard);
        } else {
            self.flow = Flow::from(self.heard);
        }
        self.began.get_or_insert(self.heard);
    }
}

#[async_trait]
impl Session for V4l2Session {
    async fn serve(mut self, counter: &mut Counter) -> Trouble {
        counter.board.is_ready(&self.source.says());
        loop {
            if let Err(trouble) = self.step(counter).await {
                // Whoever waits is told with all the others.
                if let Some((wish, _)) = self.wish.take() {
                    counter.window.give_up(false);
                    counter.put_back(wish);
                }
                return trouble;
            }
        }
    }
}

/// Smaller, for the screen only. A frame that does not decode is left out.
fn shrink(frame: &[u8]) -> Option<Bytes> {
    let smaller = imaging::decode_within(frame, &Limits::default(), LIVE_PX).ok()?;
    imaging::encode_jpeg(&smaller, LIVE_QUALITY).ok()
}
