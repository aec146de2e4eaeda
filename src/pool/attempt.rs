//! One attempt: from the foreman's word to a painting on the wall, or the reason why not.

mod book;
mod notes;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::blame::{Circumstances, Trouble, end};
use super::foreman::{AttemptNo, End, Fault, STOPPING};
use super::intake::InHand;
use super::report::Why;
use super::{Pool, lock};
use crate::generator::{Brief, Generator, GeneratorError, Painted, Progress, Receipt};
use crate::session::{Asked, Command, Session};
use crate::visits::{Settle, VisitError};

/// News of progress goes out at most this often.
const NEWS_EVERY: Duration = Duration::from_millis(250);

/// What the foreman asked for.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) no: AttemptNo,
    pub(super) painting: Uuid,
    /// Its place in the rules.
    pub(super) style: usize,
    pub(super) server: usize,
    pub(super) why: Why,
    pub(super) smaller: bool,
}

/// What an attempt needs to know while it runs.
struct Scene<'a> {
    call: &'a Call,
    held: InHand,
    asked: Asked,
    brief: Brief,
    receipt: Option<Receipt>,
    /// Whether its server has taken it on.
    midway: AtomicBool,
    /// Whether it is billed although there is no painting.
    billed: AtomicBool,
}

impl Pool {
    /// Sees one attempt to its end, and tells the foreman.
    pub(super) async fn attempt(
        &self,
        call: &Call,
        cancel: &CancellationToken,
        stop: &CancellationToken,
    ) {
        let began = self.0.parts.clock.monotonic();
        let (ended, paid) = match self.prepare(call, cancel).await {
            Ok(scene) => {
                let ended = self.see_through(&scene, cancel, stop).await;
                // Services that bill do so also for what they are told to drop; what may still come is
                // paid when it does.
                let wanted = self
                    .0
                    .parts
                    .board
                    .with(|foreman, _| foreman.wants(call.painting));
                let unsure = matches!(
                    ended,
                    End::Failed {
                        fault: Fault::Unsure(_),
                        ..
                    }
                );
                let dropped = ended == End::Stopped || (unsure && !wanted);
                let dropped = dropped && cancel.is_cancelled();
                let lost = scene.billed.load(Ordering::Relaxed);
                let paid = dropped || lost || ended == End::Done;
                (ended, paid)
            }
            Err(ended) => (ended, false),
        };
        let took = self.0.parts.clock.monotonic().saturating_sub(began);
        self.book(call, &ended, took, paid).await;
        let chance = self.chance();
        let parts = &self.0.parts;
        parts
            .board
            .with(|foreman, now| foreman.ended(call.no, ended, now, chance));
    }

    /// Notes that the attempt begins, and brings together what it needs.
    async fn prepare<'a>(
        &self,
        call: &'a Call,
        cancel: &CancellationToken,
    ) -> Result<Scene<'a>, End> {
        let held = lock(&self.0.in_hand).get(&call.painting).cloned();
        let Some(held) = held else {
            // Settled in this very moment; were it still on the board, it would be begun for ever.
            self.forget(call.painting);
            return Err(End::Stopped);
        };
        let failed = |trouble| Err(self.failed(call, &trouble, false, cancel));
        let state = match self.start(call, &held).await {
            Ok(state) => state,
            // Cancelled, retaken or erased meanwhile: nobody waits for it.
            Err(VisitError::Refused(_) | VisitError::LeaseLost) => {
                let _ = self.0.parts.visits.drop_job(held.lease).await;
                self.forget(call.painting);
                return Err(End::Stopped);
            }
            Err(e) => return failed(Trouble::Store(store(e))),
        };
        let scene = match self.scene(call, held, &state).await {
            Ok(scene) => scene,
            Err(trouble) => return failed(trouble),
        };
        if self.0.servers[call.server].is_remote()
            && let Err(e) = self.write_down(&scene).await
        {
            return failed(Trouble::Store(e));
        }
        Ok(scene)
    }

    /// Has it painted, and hangs it.
    async fn see_through(
        &self,
        scene: &Scene<'_>,
        cancel: &CancellationToken,
        stop: &CancellationToken,
    ) -> End {
        let call = scene.call;
        let member = &self.0.servers[call.server];
        let painted = self.paint(scene, &member.generator, cancel, stop).await;
        if let Err(Trouble::Leaving) = painted {
            return End::Stopped;
        }
        let hung = match painted {
            Ok(painted) => self.hang(&scene.held, call, painted).await,
            Err(trouble) => Err(trouble),
        };
        let ended = match hung {
            Ok(()) => End::Done,
            Err(trouble) => {
                let lost = match &trouble {
                    Trouble::Generator(e) => e.is_billed(),
                    // It was sent by an earlier attempt, and nobody can fetch it any more.
                    Trouble::Gone => call.why == Why::Resume,
                    _ => false,
                };
                scene.billed.store(lost, Ordering::Relaxed);
                let midway = scene.midway.load(Ordering::Relaxed);
                self.failed(call, &trouble, midway, cancel)
            }
        };
        if member.is_remote() {
            self.strike_out(scene, &ended).await;
        }
        ended
    }

    /// Reports the begin, and reads the visit.
    async fn start(&self, call: &Call, held: &InHand) -> Result<Session, VisitError> {
        let visits = &self.0.parts.visits;
        if call.why == Why::Resume {
            let state = visits.store().load(held.session).await?;
            return state.ok_or(VisitError::LeaseLost);
        }
        let by = self.0.servers[call.server]
            .generator
            .card()
            .kind
            .to_string();
        let painting = call.painting;
        let start = Command::StartPainting { painting, by };
        visits.run(held.session, start).await
    }

    async fn scene<'a>(
        &self,
        call: &'a Call,
        held: InHand,
        state: &Session,
    ) -> Result<Scene<'a>, Trouble> {
        let parts = &self.0.parts;
        let painting = state.painting(call.painting).ok_or(Trouble::Gone)?;
        let capture = state.capture(painting.asked.capture).ok_or(Trouble::Gone)?;
        let earlier = held.open.clone().filter(|_| call.why == Why::Resume);
        let new = || parts.entropy.uuid_v7(parts.clock.now());
        let brief = Brief {
            attempt: earlier.as_ref().map_or_else(new, |open| open.id),
            capture: capture.id,
            style: painting.asked.style.clone(),
            seed: painting.asked.seed,
            input: parts.blobs.fetch(&capture.input).await?,
            screen: parts.blobs.fetch(&capture.screen).await?,
            smaller: call.smaller,
        };
        Ok(Scene {
            call,
            held,
            asked: painting.asked.clone(),
            brief,
            receipt: earlier.and_then(|open| open.receipt),
            midway: AtomicBool::new(false),
            billed: AtomicBool::new(false),
        })
    }

    /// Has it painted, passing on news meanwhile. When the booth stops, work at a server is left
    /// there for the next run: its future is dropped, and its token is not cancelled.
    async fn paint(
        &self,
        scene: &Scene<'_>,
        generator: &Arc<dyn Generator>,
        cancel: &CancellationToken,
        stop: &CancellationToken,
    ) -> Result<Painted, Trouble> {
        let (progress, news) = watch::channel(Progress::default());
        let work = async {
            let (brief, receipt) = (&scene.brief, scene.receipt.as_ref());
            if scene.call.why != Why::Resume {
                return Ok(generator.paint(brief, &progress, cancel).await?);
            }
            let resumed = generator.resume(brief, receipt, &progress, cancel).await?;
            resumed.ok_or(Trouble::Gone)
        };
        let broke = || GeneratorError::Failed("it broke while painting".to_owned());
        let work = AssertUnwindSafe(work).catch_unwind();
        let gone = async {
            cancel.cancelled().await;
            self.0.parts.clock.sleep(STOPPING).await;
        };
        tokio::select! {
            painted = work => painted.unwrap_or_else(|_| Err(broke().into())),
            () = self.pass_on(news.clone(), scene) => unreachable!("the sender lives on"),
            () = self.make_room(news, scene.call) => unreachable!("the sender lives on"),
            () = gone => {
                let words = "it did not say that it has stopped".to_owned();
                Err(GeneratorError::MaybeStillComing(words).into())
            }
            () = stop.cancelled() => Err(Trouble::Leaving),
        }
    }

    async fn pass_on(&self, mut news: watch::Receiver<Progress>, scene: &Scene<'_>) {
        let (parts, call) = (&self.0.parts, scene.call);
        let mut receipt = scene.receipt.clone();
        let (mut signs, mut telling) = (0, false);
        while news.changed().await.is_ok() {
            let newest = news.borrow_and_update().clone();
            scene.midway.store(true, Ordering::Relaxed);
            if newest.receipt != receipt
                && let Some(new) = newest.receipt.clone()
            {
                self.note_receipt(scene, &new).await;
                receipt = Some(new);
            }
            if newest.telling != telling {
                telling = newest.telling;
                parts
                    .board
                    .with(|foreman, _| foreman.tells(call.no, telling));
            }
            // A receipt says that it was taken on, not that it is worked at.
            let share = newest.share;
            let sign = share > 0.0 || newest.preview.is_some() || newest.signs != signs;
            signs = newest.signs;
            let furthest = sign
                && parts
                    .board
                    .with(|foreman, now| foreman.heard(call.no, share, now));
            if furthest && (share > 0.0 || newest.preview.is_some()) {
                let (session, style) = (scene.held.session, &scene.asked.style);
                parts.feed.progress(session, call.painting, style, &newest);
            }
            parts.clock.sleep(NEWS_EVERY).await;
        }
        std::future::pending::<()>().await;
    }

    /// Frees the seat for the next as soon as the server is done: fetching, checking and keeping
    /// the painting are no work of its.
    async fn make_room(&self, mut news: watch::Receiver<Progress>, call: &Call) {
        if news.wait_for(|newest| newest.finished).await.is_ok() {
            let board = &self.0.parts.board;
            board.with(|foreman, now| foreman.finished(call.no, now));
            self.0.wake.notify_one();
        }
        std::future::pending::<()>().await;
    }

    fn failed(
        &self,
        call: &Call,
        trouble: &Trouble,
        midway: bool,
        cancel: &CancellationToken,
    ) -> End {
        let member = &self.0.servers[call.server];
        let circumstances = Circumstances {
            stopped: cancel.is_cancelled(),
            midway,
            billed: member.generator.card().billed(),
        };
        let ended = end(trouble, circumstances);
        if ended != End::Stopped {
            tracing::warn!(
                painting.id = %call.painting,
                generator.id = member.generator.card().id,
                why = call.why.as_str(),
                error = trouble as &dyn std::error::Error,
                "an attempt failed"
            );
        }
        ended
    }

    /// Keeps the painting and reports it; a visit gets it once, whoever else is at it.
    async fn hang(&self, held: &InHand, call: &Call, painted: Painted) -> Result<(), Trouble> {
        let parts = &self.0.parts;
        if !parts.board.with(|foreman, _| foreman.wants(call.painting)) {
            return Err(Trouble::Unwanted);
        }
        let source = self.0.servers[call.server]
            .generator
            .card()
            .kind
            .traits()
            .source;
        let hung = parts.hang(held.session, painted, source).await?;
        let picture = hung.picture.id;
        let finish = Command::FinishPainting {
            painting: call.painting,
            by: self.0.servers[call.server]
                .generator
                .card()
                .kind
                .to_string(),
            server: self.0.servers[call.server].generator.card().id.clone(),
            picture: Box::new(hung.picture),
            thumb: Box::new(hung.thumb),
        };
        let settle = Settle::Done(held.lease);
        match parts.visits.report(held.session, finish, settle).await {
            Ok(_) => {
                lock(&self.0.in_hand).remove(&call.painting);
                parts.feed.settled(call.painting);
                // Others may be at it, at servers: nobody waits for them any more.
                self.settle(call.painting).await;
                Ok(())
            }
            Err(VisitError::Refused(_) | VisitError::LeaseLost) => {
                // Cancelled, erased or painted by another in the last moment: it must not stay.
                let _ = parts.blobs.delete_picture(held.session, picture).await;
                Err(Trouble::Unwanted)
            }
            // Nobody knows whether it was noted: if it was, the picture must be there.
            Err(e) => Err(Trouble::Store(store(e))),
        }
    }
}

/// What is wrong with the record. Refusals have been dealt with before.
fn store(error: VisitError) -> crate::store::StoreError {
    match error {
        VisitError::Store(error) => error,
        _ => crate::store::StoreError::Poisoned,
    }
}
