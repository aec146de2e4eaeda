//! Whose turn is it: the visitor nearest to done, and nobody for ever last.
//!
//! Serving whoever has the least left to come finishes most visits soonest (shortest remaining
//! work first), but alone it could pass over one with many paintings for as long as others come.
//! So each [`AGING`] of waiting counts like one painting less. That bounds how long anyone is
//! passed over: a visit with `n` paintings to come goes before every visit that begins more than
//! `(n − 1) × AGING` after it.

use std::collections::HashMap;
use std::time::Duration;

use uuid::Uuid;

use super::{Foreman, Moment};

/// How much waiting weighs as much as one painting to come.
const AGING: Duration = Duration::from_secs(10);

/// What a visit has to come.
#[derive(Debug, Clone, Copy)]
struct Visit {
    left: u32,
    since: Moment,
}

impl Foreman {
    /// The paintings on the board, in the order in which they get their turn: those whose time is
    /// running out, then by visit.
    pub(super) fn in_turn(&self, now: Moment) -> Vec<Uuid> {
        let visits = self.visits();
        let rank = |visit: &Visit| {
            let waited = now.saturating_sub(visit.since).as_secs_f64() / AGING.as_secs_f64();
            f64::from(visit.left) - waited
        };
        let mut turn: Vec<_> = self
            .jobs
            .values()
            .map(|job| {
                let hurry = if self.is_late(job, now) {
                    job.deadline
                } else {
                    Moment::MAX
                };
                let wanted = &job.wanted;
                (
                    hurry,
                    rank(&visits[&wanted.visit]),
                    wanted.asked,
                    wanted.painting,
                )
            })
            .collect();
        turn.sort_by(|a, b| {
            let fair = a.1.total_cmp(&b.1);
            a.0.cmp(&b.0)
                .then(fair)
                .then(a.2.cmp(&b.2))
                .then(a.3.cmp(&b.3))
        });
        turn.into_iter().map(|(.., painting)| painting).collect()
    }

    fn visits(&self) -> HashMap<Uuid, Visit> {
        let mut visits = HashMap::new();
        for job in self.jobs.values() {
            let since = job.wanted.asked;
            let visit = visits
                .entry(job.wanted.visit)
                .or_insert(Visit { left: 0, since });
            visit.left += 1;
            visit.since = visit.since.min(since);
        }
        visits
    }
}
