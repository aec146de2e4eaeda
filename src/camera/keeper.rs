//! Keeps one camera: opens it, lets it serve, and opens it again when it is lost.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::task::AbortOnDropHandle;

use super::board::Board;
use super::care::Care;
use super::frames::Frames;
use super::presses::Patience;
use super::window::Window;
use super::{Camera, CameraError, CameraState, Cue, LiveView, Trouble};
use crate::clock::Clock;

/// A session that has lasted this long shows that the camera is well again.
const STEADY: Duration = Duration::from_secs(20);

/// One whose photo is being taken, and one more.
const WAITING: usize = 2;

/// A camera that may be there or not.
#[async_trait]
pub(super) trait Device: Send + 'static {
    type Session: Session;

    /// Opens it, within a time of its own.
    async fn open(&mut self) -> Result<Self::Session, Trouble>;
}

/// A camera that is there.
#[async_trait]
pub(super) trait Session: Send {
    /// Takes photos and shows frames until the camera is lost, and says how it was. Does not wait
    /// for anything without an end of its own; may be dropped at any time.
    async fn serve(self, counter: &mut Counter) -> Trouble;
}

/// What the daemon holds of a kept camera. Dropping it lets the camera go.
#[derive(Debug)]
pub(super) struct Kept {
    driver: &'static str,
    wishes: mpsc::UnboundedSender<Wish>,
    /// How many may wait for a photo. Who gives up leaves room for another.
    room: Semaphore,
    frames: Arc<Frames>,
    board: Arc<Board>,
    window: Arc<Window>,
    _keeper: AbortOnDropHandle<()>,
}

/// Where a camera meets those who want something of it.
#[derive(Debug)]
pub(super) struct Counter {
    wishes: mpsc::UnboundedReceiver<Wish>,
    waiting: Option<Wish>,
    /// Who waits goes on waiting over the next loss of the camera: it is opened anew for them.
    pub(super) keeps_waiting: bool,
    pub(super) frames: Arc<Frames>,
    pub(super) board: Arc<Board>,
    pub(super) window: Arc<Window>,
}

/// Somebody waits for a photo.
#[derive(Debug)]
pub(super) struct Wish(oneshot::Sender<Result<Bytes, CameraError>>);

impl Kept {
    /// Keeps `device` from now on, in a task of its own. Needs a runtime around it.
    pub(super) fn new(
        driver: &'static str,
        device: impl Device,
        patience: Patience,
        care: Care,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (wishes, received) = mpsc::unbounded_channel();
        let frames = Arc::new(Frames::default());
        let window = Arc::new(Window::new(patience, Arc::clone(&clock)));
        let board = Arc::new(Board::new(driver, clock));
        let counter = Counter {
            wishes: received,
            waiting: None,
            keeps_waiting: false,
            frames: Arc::clone(&frames),
            board: Arc::clone(&board),
            window: Arc::clone(&window),
        };
        let keeper = tokio::spawn(keep(device, counter, care));
        Self {
            driver,
            wishes,
            room: Semaphore::new(WAITING),
            frames,
            board,
            window,
            _keeper: AbortOnDropHandle::new(keeper),
        }
    }
}

impl Kept {
    /// Of a camera that never shows what it sees.
    pub(super) fn without_live_view(self) -> Self {
        self.frames.close();
        self
    }
}

#[async_trait]
impl Camera for Kept {
    fn name(&self) -> &'static str {
        self.driver
    }

    /// One photo; who comes while two wait is told that the camera is busy.
    async fn still(&self) -> Result<Bytes, CameraError> {
        let _place = self.room.try_acquire().map_err(|_| CameraError::Busy)?;
        let gone = || CameraError::Disconnected(None);
        let (reply, answer) = oneshot::channel();
        self.wishes.send(Wish(reply)).map_err(|_| gone())?;
        // The keeper answers every wish, unless it is gone itself.
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// `None` if settings say so, or once the camera has said that it cannot.
    fn live(&self) -> Option<LiveView> {
        self.frames.look()
    }

    fn state(&self) -> CameraState {
        self.board.state()
    }

    async fn health(&self) -> Result<String, CameraError> {
        self.board.health().await
    }

    fn hear(&self, cue: Cue) {
        match cue {
            Cue::Countdown => self.window.arm(),
            Cue::CountdownOver => self.window.disarm(),
            Cue::GoodPhoto => self.board.is_proven(),
            Cue::BadPhoto(trouble) => self.board.doubts(&trouble),
        }
    }
}

impl Counter {
    /// The next who wants a photo and still waits for it. Cancellation safe.
    pub(super) async fn wish(&mut self) -> Wish {
        loop {
            let wish = match self.waiting.take() {
                Some(wish) => Some(wish),
                None => self.wishes.recv().await,
            };
            match wish {
                Some(wish) if wish.0.is_closed() => {}
                Some(wish) => return wish,
                // Nobody holds the camera any more; the keeper is about to be stopped.
                None => std::future::pending().await,
            }
        }
    }

    /// Puts a wish back, to be the next.
    pub(super) fn put_back(&mut self, wish: Wish) {
        self.waiting = Some(wish);
    }

    /// Tells everybody who comes that there is no photo.
    async fn refuse_all(&mut self, trouble: &Trouble) -> Infallible {
        loop {
            self.wish().await.answer(Err(trouble.clone().into()));
        }
    }

    /// Tells everybody who waits that there is no photo.
    fn refuse(&mut self, trouble: &Trouble) {
        let all = self.waiting.take().into_iter();
        for wish in all.chain(std::iter::from_fn(|| self.wishes.try_recv().ok())) {
            wish.answer(Err(trouble.clone().into()));
        }
    }
}

impl Wish {
    /// Whether nobody waits for it any more.
    pub(super) fn is_given_up(&self) -> bool {
        self.0.is_closed()
    }

    /// Waits until nobody waits for it any more. Cancellation safe.
    pub(super) async fn given_up(&mut self) {
        self.0.closed().await;
    }

    /// Gives the photo to who waits for it, if anybody still does.
    pub(super) fn answer(self, photo: Result<Bytes, CameraError>) {
        let _ = self.0.send(photo);
    }
}

async fn keep(mut device: impl Device, mut counter: Counter, mut care: Care) {
    loop {
        let trouble = match device.open().await {
            Ok(session) => {
                let opened = care.clock.monotonic();
                let trouble = session.serve(&mut counter).await;
                if care.clock.monotonic() - opened >= STEADY {
                    care.is_well();
                }
                trouble
            }
            Err(trouble) => trouble,
        };
        counter.board.is_in(&trouble);
        if std::mem::take(&mut counter.keeps_waiting) {
            care.failed().await;
        } else {
            counter.refuse(&trouble);
            tokio::select! {
                () = care.failed() => {}
                never = counter.refuse_all(&trouble) => match never {},
            }
        }
        // Whoever wants a photo now is worth looking again at once.
        tokio::select! {
            wish = counter.wish() => counter.put_back(wish),
            () = care.pause() => {}
        }
    }
}
