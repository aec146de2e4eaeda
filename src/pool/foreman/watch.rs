//! Which attempt has taken too long, and which is worth a second one elsewhere.

use std::time::Duration;

use uuid::Uuid;

use super::{Attempt, AttemptNo, Fault, Foreman, Moment, Note};
use crate::pool::report::Why;
use crate::session::FailureCode;

/// An attempt without any sign of life is not called stalled before this.
const SHORTEST_STALL: Duration = Duration::from_secs(15);
/// Nor, if its server never tells how far it is, before this many times what nineteen of twenty
/// take.
const STRANGELY_LONG: u32 = 4;
/// How long a server that tells of its work may show no sign of life while it is not known how long
/// it takes: it may be loading a model.
pub const LOADING: Duration = Duration::from_secs(20);
/// How long a server may take to stop an attempt before its seat counts as free all the same.
pub const STOPPING: Duration = Duration::from_secs(10);

impl Foreman {
    /// Ends what has run out of time or shows no life, and forgets what will not even stop.
    pub(super) fn watch(&mut self, now: Moment, chance: f64) {
        let gone = |a: &Attempt| a.stopping.is_some_and(|since| now >= since + STOPPING);
        for (_, attempt) in self.attempts.extract_if(.., |_, a| gone(a)) {
            if attempt.is_seated() {
                self.servers[attempt.server].leave(attempt.why);
            }
        }
        let running = self.attempts.iter().filter(|(_, a)| a.stopping.is_none());
        let troubled: Vec<(AttemptNo, Attempt, Fault)> = running
            .filter_map(|(no, a)| Some((*no, a.clone(), self.trouble_with(a, now)?)))
            .collect();
        for (no, attempt, fault) in troubled {
            self.notes.push(Note::Abandoned {
                attempt: no,
                painting: attempt.painting,
                server: attempt.server,
                says: fault.says().to_owned(),
            });
            self.stop(no, now);
            self.failed(&attempt, &fault, FailureCode::TimedOut, now, chance);
        }
    }

    fn trouble_with(&self, attempt: &Attempt, now: Moment) -> Option<Fault> {
        if now >= attempt.until {
            let timeout = attempt.until.saturating_sub(attempt.began).as_secs_f64();
            return Some(Fault::TimedOut(format!(
                "it was not done within {timeout} s"
            )));
        }
        // Our own cores may be slow when much is to do, but they do not sleep.
        if self.rules.servers[attempt.server].embedded || attempt.finished.is_some() {
            return None;
        }
        let pace = &self.servers[attempt.server].paces[attempt.style];
        // How long loading a model takes, no warm painting tells.
        let known = !attempt.cold || pace.cold().is_some();
        let p95 = pace.p95(attempt.cold).filter(|_| known);
        let silent = now.saturating_sub(attempt.heard.unwrap_or(attempt.began));
        let patience = match (p95, attempt.telling) {
            (Some(p95), telling) if telling || attempt.heard.is_some() => p95,
            (Some(p95), _) => p95 * STRANGELY_LONG,
            // A server that tells of its work shows signs of life while it loads, or is not
            // believed to load.
            (None, true) => LOADING,
            // Where nothing is known, nothing is strange: the attempt has its whole time.
            (None, false) => return None,
        };
        let least = self.rules.servers[attempt.server].least;
        let patience = patience.max(SHORTEST_STALL).max(least);
        (silent >= patience).then(|| {
            let silent = silent.as_secs_f64();
            Fault::Stalled(format!("it has shown no life for {silent:.0} s"))
        })
    }

    /// Repeats what takes strangely long at servers that have nothing else to do. Only ever one
    /// more attempt, and none that costs money or repeats one that did.
    pub(super) fn hedge(&mut self, now: Moment) {
        if !self.rules.hedge {
            return;
        }
        let mut slow: Vec<(Moment, Uuid)> = self
            .attempts
            .iter()
            .filter(|(no, attempt)| self.is_worth_a_hedge(**no, attempt, now))
            .map(|(_, attempt)| (attempt.began, attempt.painting))
            .collect();
        slow.sort_unstable();
        for (_, painting) in slow {
            if let Some(server) = self.hedge_at(painting, now) {
                let job = self.jobs.get_mut(&painting).expect("it is on the board");
                job.hedged = true;
                self.begin(painting, server, Why::Hedge, now);
            }
        }
    }

    fn is_worth_a_hedge(&self, no: AttemptNo, attempt: &Attempt, now: Moment) -> bool {
        let Some(job) = self.jobs.get(&attempt.painting) else {
            return false;
        };
        let alone = self
            .attempts
            .iter()
            .all(|(other, a)| *other == no || a.painting != attempt.painting);
        let by_turn = !matches!(attempt.why, Why::StandIn | Why::Resume);
        attempt.stopping.is_none()
            && alone
            && by_turn
            && !job.hedged
            && !self.rules.servers[attempt.server].billed
            && attempt.elapsed(now) > self.usual_limit(attempt)
    }

    /// What nineteen of twenty such attempts take no longer than; where nobody knows, half of the
    /// time an attempt has.
    fn usual_limit(&self, attempt: &Attempt) -> Duration {
        let p95 = |server: usize| self.servers[server].paces[attempt.style].p95(attempt.cold);
        // What our own cores take tells nothing of a server.
        let embedded = |server: &usize| self.rules.servers[*server].embedded;
        let alike = |server: &usize| embedded(server) == embedded(&attempt.server);
        let alike = (0..self.servers.len()).filter(alike);
        let elsewhere = || alike.filter_map(p95).max();
        let half = self.rules.styles[attempt.style].timeout / 2;
        p95(attempt.server).or_else(elsewhere).unwrap_or(half)
    }

    /// An idle server for a second attempt: none that would paint worse, none that bills.
    fn hedge_at(&self, painting: Uuid, now: Moment) -> Option<usize> {
        let job = &self.jobs[&painting];
        let style = job.wanted.style;
        let first = self.at(painting).next()?.server;
        let good = |server: &usize| {
            *server != first
                && self.servers[*server].has_seat()
                && self.is_hopeful(*server, job, now)
                && !self.rules.servers[*server].billed
                && job.failures_at(*server) == 0
                && self.rules.rank(*server, style) <= self.rules.rank(first, style)
        };
        let good = (0..self.servers.len()).filter(good);
        good.min_by_key(|&server| (self.takes(server, style, now), server))
    }
}
