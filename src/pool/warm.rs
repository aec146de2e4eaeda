//! Has servers load their models before visitors wait for them, and measures the stand-in.

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Pool;
use super::care::DEED;
use super::foreman::{LOADING, STOPPING};
use crate::generator::{Brief, GeneratorError, Progress};
use crate::session::StyleId;

/// How long loading one model may take, whatever signs of life it shows.
const LONGEST: Duration = Duration::from_secs(600);
/// How often a server that loads is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// What came of having a server load a model.
#[derive(Debug)]
pub(super) enum Warmed {
    /// It is loaded.
    Loaded,
    /// A visitor's painting came, and loads it.
    GaveWay,
    /// It shows no sign of life: whoever loads takes memory, at least.
    Silent(Duration),
    /// It failed.
    Failed(GeneratorError),
}

impl Pool {
    /// Has a server load what it needs for that style, by having it paint a grey square. Gives way
    /// to visitors.
    pub(super) async fn warm(&self, server: usize, style: &StyleId) -> Warmed {
        let parts = &self.0.parts;
        let generator = &self.0.servers[server].generator;
        let card = generator.card();
        if card.billed() {
            return Warmed::Loaded;
        }
        let attempt = parts.entropy.uuid_v7(parts.clock.now());
        let brief = match Brief::blank(attempt, style.clone(), card.size_px) {
            Ok(brief) => brief,
            Err(e) => return Warmed::Failed(e),
        };
        let (progress, news) = watch::channel(Progress::default());
        let cancel = CancellationToken::new();
        let _stop = cancel.clone().drop_guard();
        let mut painting = generator.paint(&brief, &progress, &cancel);
        let ended = tokio::select! {
            painted = &mut painting => return match painted {
                Ok(_) => Warmed::Loaded,
                Err(e) => Warmed::Failed(e),
            },
            ended = self.attend(server, news) => ended,
        };
        // What it tells its server to stop must not hit the visitor's painting that comes next.
        cancel.cancel();
        tokio::select! {
            _ = painting => {}
            () = parts.clock.sleep(STOPPING) => {}
        }
        ended
    }

    /// Watches a server that loads; returns why it need not go on.
    async fn attend(&self, server: usize, mut news: watch::Receiver<Progress>) -> Warmed {
        let (board, clock) = (&self.0.parts.board, &self.0.parts.clock);
        let began = clock.monotonic();
        let (mut sign, mut seen) = (began, (0, false));
        loop {
            clock.sleep(EVERY).await;
            if board.with(|foreman, _| foreman.servers()[server].busy() > 0) {
                return Warmed::GaveWay;
            }
            let now = clock.monotonic();
            let newest = news.borrow_and_update().clone();
            if (newest.signs, newest.telling) != seen {
                seen = (newest.signs, newest.telling);
                sign = now;
            }
            let silent = now.saturating_sub(sign);
            if newest.telling && !newest.finished && silent >= LOADING {
                return Warmed::Silent(silent);
            }
            if now.saturating_sub(began) >= LONGEST {
                return Warmed::Failed(GeneratorError::TimedOut(LONGEST));
            }
        }
    }

    /// Measures what the stand-in takes on this machine, where it stands in for servers and no
    /// earlier run has written it down: from that on, it knows when it must begin.
    pub(super) async fn measure(&self, stop: &CancellationToken) {
        let parts = &self.0.parts;
        let Some((server, style)) = parts.board.with(|foreman, _| {
            let server = foreman.rules().stand_in?;
            let paces = &foreman.servers()[server].paces;
            let paints = &foreman.rules().servers[server].paints;
            let known = paces.iter().any(|pace| pace.expected(false).is_some());
            let style = paints.iter().position(|paints| *paints)?;
            (!known).then_some((server, style))
        }) else {
            return;
        };
        if !self.0.servers.iter().any(super::Member::is_remote) {
            return;
        }
        let began = parts.clock.monotonic();
        let name = StyleId(self.style_name(style));
        let painted = tokio::select! {
            painted = self.sample(server, &name, DEED) => painted,
            () = stop.cancelled() => return,
        };
        let took = parts.clock.monotonic().saturating_sub(began);
        if let Err(e) = painted {
            let error = &e as &dyn std::error::Error;
            tracing::warn!(
                generator.id = self.id(server),
                error,
                "the stand-in does not paint"
            );
            return;
        }
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            generator.id = self.id(server),
            took_ms,
            "the stand-in was measured"
        );
        parts.board.with(|foreman, _| {
            for style in 0..foreman.rules().styles.len() {
                foreman.remember(server, style, took);
            }
        });
    }
}
