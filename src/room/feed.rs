//! The feed: what happens in a session, told to everyone in its room, in order, none twice.
//!
//! [`Feed::run`] hears every commit and tells each room that has listeners, once. A listener
//! ([`Feed::follow`]) first takes its place, then reads the log, and so misses nothing in between;
//! one that falls behind reads the log again. The socket and the SSE stream are two mouths of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::stream::{self, BoxStream, StreamExt};
use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::link::Links;
use super::news::{News, tell};
use super::view::{self, LineView, SnapshotView, View};
use crate::clock::Clock;
use crate::generator::Progress;
use crate::printer::PrinterState;
use crate::session::{Recorded, Session, StyleId, apply, fold};
use crate::store::{Commit, Damage, Store, StoreError};

/// How much a listener may fall behind before it reads the log again.
const NEWS_KEPT: usize = 64;

/// The last event of any room.
const ERASED: &str = "session.erased";

/// Says how long a session's line is: the pool knows, which lives above this room.
pub type LineOf = dyn Fn(&Session) -> futures::future::BoxFuture<'static, LineView> + Send + Sync;

/// What a listener hears.
#[derive(Debug, Clone)]
pub enum Heard {
    /// The session as it stands, first of all.
    Snapshot(Box<SnapshotView>),
    /// One event, or one piece of live news.
    News(Arc<News>),
}

/// The feed of all sessions. Cheap to clone.
#[derive(Clone)]
pub struct Feed(Arc<Inner>);

struct Inner {
    store: Store,
    links: Links,
    clock: Arc<dyn Clock>,
    line: Box<LineOf>,
    rooms: Mutex<HashMap<Uuid, broadcast::Sender<Arc<News>>>>,
    /// How far running paintings are; the log does not keep it.
    live: Mutex<HashMap<Uuid, f32>>,
    /// How the printer is, if the booth has one; the log does not keep it either.
    printer: Mutex<Option<PrinterState>>,
    closing: CancellationToken,
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed")
            .field("rooms", &lock(&self.0.rooms).len())
            .finish_non_exhaustive()
    }
}

impl Feed {
    /// A feed of that record.
    pub fn new(store: Store, links: Links, clock: Arc<dyn Clock>, line: Box<LineOf>) -> Self {
        let (rooms, live, printer) = Default::default();
        let closing = CancellationToken::new();
        Self(Arc::new(Inner {
            store,
            links,
            clock,
            line,
            rooms,
            live,
            printer,
            closing,
        }))
    }

    /// How many phones and screens are listening.
    pub fn listeners(&self) -> usize {
        let rooms = lock(&self.0.rooms);
        rooms.values().map(broadcast::Sender::receiver_count).sum()
    }

    /// Ends what all listeners hear, so that a booth that stops does not wait for them: they come
    /// back to the next run for the rest.
    pub fn close(&self) {
        self.0.closing.cancel();
    }

    /// Tells rooms what has been committed, until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        let mut commits = self.0.store.commits();
        loop {
            let commit = tokio::select! {
                () = stop.cancelled() => return,
                commit = commits.recv() => commit,
            };
            match commit {
                Ok(commit) => self.tell_room(&commit).await,
                Err(RecvError::Lagged(missed)) => {
                    // Listeners cannot know what they missed: they come back and read the log.
                    tracing::warn!(missed, "the feed fell behind; all listeners start anew");
                    lock(&self.0.rooms).clear();
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// The session as it stands.
    pub async fn snapshot(&self, session: &Session) -> SnapshotView {
        let line = (self.0.line)(session).await;
        self.with_view(|view| view.snapshot(session, line))
    }

    /// Looks at things as a room may see them.
    pub fn with_view<T>(&self, look: impl FnOnce(&View<'_>) -> T) -> T {
        let share = |id| lock(&self.0.live).get(&id).copied().unwrap_or(0.0);
        let printer = lock(&self.0.printer).clone();
        look(&View {
            links: &self.0.links,
            now: self.0.clock.now(),
            share: &share,
            printer: printer.as_ref(),
        })
    }

    /// Tells all rooms how the printer is, and one room that its sheet is in doubt, until `stop`.
    /// Nobody remembers it: snapshots say it anew.
    pub async fn follow_printer(
        &self,
        mut state: watch::Receiver<PrinterState>,
        stop: CancellationToken,
    ) {
        loop {
            let now = state.borrow_and_update().clone();
            let before = lock(&self.0.printer).replace(now.clone());
            self.tell_of_printer(before.as_ref(), &now);
            tokio::select! {
                () = stop.cancelled() => return,
                changed = state.changed() => if changed.is_err() {
                    return stop.cancelled().await;
                },
            }
        }
    }

    fn tell_of_printer(&self, before: Option<&PrinterState>, now: &PrinterState) {
        let at = self.0.clock.now();
        let news = |name, data| Arc::new(News::new(None, at, name, data));
        if before.is_none_or(|before| before.visitors != now.visitors) {
            let said = news("printer.state", json!(view::printer(now)));
            for room in lock(&self.0.rooms).values() {
                let _ = room.send(Arc::clone(&said));
            }
        }
        for partly in &now.partly_done {
            let known = before.is_some_and(|before| before.partly_done.contains(partly));
            if let (false, Some(room)) = (known, lock(&self.0.rooms).get(&partly.session)) {
                let data = json!({
                    "print": partly.order,
                    "sheets_done": partly.sheets_done,
                    "copies": partly.sheets,
                });
                let _ = room.send(news("print.progress", data));
            }
        }
        for doubt in &now.doubtful {
            let known = before.is_some_and(|b| b.doubtful.iter().any(|d| d.order == doubt.order));
            if let (false, Some(room)) = (known, lock(&self.0.rooms).get(&doubt.session)) {
                let data = json!({ "print": doubt.order, "waits": PrinterState::in_doubt() });
                let _ = room.send(news("print.waiting", data));
            }
        }
    }

    /// Tells the room how far a painting is. Nobody remembers it.
    pub fn progress(&self, session: Uuid, painting: Uuid, style: &StyleId, news: &Progress) {
        lock(&self.0.live).insert(painting, news.share);
        let Some(room) = lock(&self.0.rooms).get(&session).cloned() else {
            return;
        };
        let mut data = json!({ "painting": painting, "style": style, "share": news.share });
        if let Some(preview) = &news.preview {
            data["preview"] = format!("data:image/jpeg;base64,{}", STANDARD.encode(preview)).into();
        }
        let at = self.0.clock.now();
        let _ = room.send(Arc::new(News::new(None, at, "painting.progress", data)));
    }

    /// Forgets how far a painting was: it is settled.
    pub fn settled(&self, painting: Uuid) {
        lock(&self.0.live).remove(&painting);
    }

    /// Follows a session: a snapshot if asked for, the events after number `after` (`None`: after
    /// the snapshot), then what happens. Ends when the session is erased.
    ///
    /// # Errors
    /// [`StoreError`] if its log does not read. `None` if there is no such session.
    pub async fn follow(
        &self,
        session: Uuid,
        after: Option<u64>,
        with_snapshot: bool,
    ) -> Result<Option<BoxStream<'static, Heard>>, StoreError> {
        let place = self.take_place(session);
        let log = self.0.store.events_after(session, 0).await?;
        let Some(state) = fold(session, &log).map_err(|e| damaged(session, e.into()))? else {
            return Ok(None);
        };
        let mut first = Vec::new();
        if with_snapshot {
            first.push(Heard::Snapshot(Box::new(self.snapshot(&state).await)));
        }
        if let Some(after) = after {
            first.extend(
                self.retell(session, &log, after)?
                    .into_iter()
                    .map(Heard::News),
            );
        }
        let follower = Follower {
            feed: self.clone(),
            session,
            place,
            last: state.seq,
            over: false,
        };
        let live = stream::unfold(follower, Follower::next)
            .flat_map(stream::iter)
            .take_until(self.0.closing.clone().cancelled_owned());
        Ok(Some(stream::iter(first).chain(live).boxed()))
    }

    fn take_place(&self, session: Uuid) -> broadcast::Receiver<Arc<News>> {
        let mut rooms = lock(&self.0.rooms);
        rooms.retain(|id, room| *id == session || room.receiver_count() > 0);
        rooms
            .entry(session)
            .or_insert_with(|| broadcast::channel(NEWS_KEPT).0)
            .subscribe()
    }

    async fn tell_room(&self, commit: &Commit) {
        let Some(room) = lock(&self.0.rooms).get(&commit.session).cloned() else {
            return;
        };
        match self.news_of(commit).await {
            Ok(all) => {
                for news in all {
                    let _ = room.send(news);
                }
            }
            Err(e) => {
                tracing::error!(error = &e as &dyn std::error::Error, "a room was not told");
                // Its listeners read the log for themselves, or leave and come back.
                lock(&self.0.rooms).remove(&commit.session);
            }
        }
    }

    async fn news_of(&self, commit: &Commit) -> Result<Vec<Arc<News>>, StoreError> {
        let first = commit.events.first().map_or(0, |e| e.seq);
        let mut log = self.0.store.events_after(commit.session, 0).await?;
        if log.is_empty() {
            // Erased: the log is gone, and what there is to tell needs no state.
            return Ok(commit
                .events
                .iter()
                .filter_map(|e| self.farewell(e))
                .collect());
        }
        log.truncate(
            usize::try_from(first)
                .unwrap_or(usize::MAX)
                .saturating_sub(1),
        );
        log.extend(commit.events.iter().cloned());
        self.retell(commit.session, &log, first.saturating_sub(1))
    }

    fn farewell(&self, recorded: &Recorded) -> Option<Arc<News>> {
        matches!(recorded.event, crate::session::Event::Erased {}).then(|| {
            let (seq, name) = (Some(recorded.seq), recorded.event.name());
            let data = json!({ "erased_at": recorded.at });
            Arc::new(News::new(seq, recorded.at, name, data))
        })
    }

    /// The events of `log` after number `after`, each with the state it led to.
    fn retell(
        &self,
        session: Uuid,
        log: &[Recorded],
        after: u64,
    ) -> Result<Vec<Arc<News>>, StoreError> {
        let mut state = None;
        let mut all = Vec::new();
        for recorded in log {
            let now =
                apply(session, state.take(), recorded).map_err(|e| damaged(session, e.into()))?;
            if recorded.seq > after {
                all.push(Arc::new(self.with_view(|view| tell(view, recorded, &now))));
            }
            state = Some(now);
        }
        Ok(all)
    }
}

struct Follower {
    feed: Feed,
    session: Uuid,
    place: broadcast::Receiver<Arc<News>>,
    last: u64,
    over: bool,
}

impl Follower {
    async fn next(mut self) -> Option<(Vec<Heard>, Self)> {
        if self.over {
            return None;
        }
        let news = match self.place.recv().await {
            // One that was missed is in the log, with all after it.
            Ok(news) if self.is_behind(&news) => self.catch_up().await?,
            Ok(news) => vec![news],
            Err(RecvError::Lagged(_) | RecvError::Closed) => self.catch_up().await?,
        };
        let mut heard = Vec::with_capacity(news.len());
        for one in news {
            match one.seq {
                Some(seq) if seq <= self.last => continue,
                Some(seq) => self.last = seq,
                None => {}
            }
            self.over |= one.name == ERASED;
            heard.push(Heard::News(one));
        }
        Some((heard, self))
    }

    /// Whether something is missing before `news`. The last word of an erased session stands alone:
    /// there is no log to read any more.
    fn is_behind(&self, news: &News) -> bool {
        news.name != ERASED && news.seq.is_some_and(|seq| seq > self.last + 1)
    }

    async fn catch_up(&mut self) -> Option<Vec<Arc<News>>> {
        self.place = self.feed.take_place(self.session);
        let log = self.feed.0.store.events_after(self.session, 0).await.ok()?;
        if log.is_empty() {
            return None;
        }
        self.feed.retell(self.session, &log, self.last).ok()
    }
}

fn damaged(session: Uuid, source: Damage) -> StoreError {
    StoreError::Damaged { session, source }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
