//! What follows when an attempt ends: for its painting, and for its server.

use std::time::Duration;

use super::work::{Job, Numbered, Unsure};
use super::{AttemptNo, Foreman, Moment, ServerRules};
use crate::pool::report::Why;
use crate::session::FailureCode;

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The painting hangs.
    Done,
    /// It was stopped, and did not come to anything.
    Stopped,
    /// It failed.
    Failed {
        /// What went wrong.
        fault: Fault,
        /// The word for the visitor.
        code: FailureCode,
    },
}

/// What went wrong, by what follows from it. Each says so in the words of whoever noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The painting itself: no server is asked any more, only the embedded painter.
    Job(String),
    /// The server lacks something for this style: others may have it.
    Unfit(String),
    /// It went wrong for no reason that tells more.
    Transient(String),
    /// The server has too much to do.
    Busy {
        /// What it said.
        says: String,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The server is not there, or was suddenly gone.
    Unreachable {
        /// What was seen.
        says: String,
        /// Whether it was there when the attempt began.
        midway: bool,
    },
    /// It was not done in the time that one attempt has.
    TimedOut(String),
    /// It has taken strangely long without a sign of life: the server may only look alive.
    Stalled(String),
    /// The server's memory is too small.
    Memory(String),
    /// The server has to be started anew.
    Restart(String),
    /// Nobody knows whether it is still coming.
    Unsure(String),
    /// Our own disk or record.
    Ours(String),
    /// What was to be waited for is not there: it may be painted anew.
    Gone,
}

/// How many servers may break over a painting before it is taken to be the cause.
const POISON: usize = 2;
/// The first wait after a failure, and the longest.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(8);

impl Fault {
    /// What was said.
    pub fn says(&self) -> &str {
        match self {
            Self::Job(says)
            | Self::Unfit(says)
            | Self::Transient(says)
            | Self::Busy { says, .. }
            | Self::Unreachable { says, .. }
            | Self::TimedOut(says)
            | Self::Stalled(says)
            | Self::Memory(says)
            | Self::Restart(says)
            | Self::Unsure(says)
            | Self::Ours(says) => says,
            Self::Gone => "it is no longer there",
        }
    }

    /// Whether it uses up one of the painting's attempts. A server that could not even begin does
    /// not: it is left alone for a while, so this cannot go on for ever.
    fn counts(&self) -> bool {
        !matches!(
            self,
            Self::Unfit(_)
                | Self::Busy { .. }
                | Self::Unreachable { midway: false, .. }
                | Self::Unsure(_)
                | Self::Gone
        )
    }

    /// Whether the server broke while at it.
    fn kills(&self) -> bool {
        matches!(
            self,
            Self::Stalled(_) | Self::Restart(_) | Self::Unreachable { midway: true, .. }
        )
    }
}

impl Foreman {
    /// An attempt has ended. `chance`, 0 to 1, spreads waits. Returns what it was, unless it was
    /// given up for lost before.
    pub fn ended(&mut self, no: AttemptNo, end: End, now: Moment, chance: f64) -> Option<Numbered> {
        let attempt = self.attempts.remove(&no)?;
        let server = &mut self.servers[attempt.server];
        if attempt.is_seated() {
            server.leave(attempt.why);
        }
        server.used = now;
        match end {
            End::Done => self.done(&attempt, now),
            End::Stopped if attempt.stopping.is_some() => {
                // Where it would cost money, its server has confirmed it ([`Fault::Unsure`] if not):
                // nothing is coming from there any more.
                if let Some(job) = self.jobs.get_mut(&attempt.painting) {
                    job.wanted.unsure = None;
                }
            }
            End::Stopped => {}
            // The reason was given when it was asked to stop; what it says now is about stopping.
            End::Failed { fault, .. } if attempt.stopping.is_some() => {
                if !matches!(fault, Fault::Unsure(_))
                    && let Some(job) = self.jobs.get_mut(&attempt.painting)
                {
                    job.wanted.unsure = None;
                }
            }
            End::Failed { fault, code } => self.failed(&attempt, &fault, code, now, chance),
        }
        Some((no, attempt))
    }

    fn done(&mut self, attempt: &super::Attempt, now: Moment) {
        let server = &mut self.servers[attempt.server];
        server.health.succeeded(attempt.style, now);
        server.warm[attempt.style] = Some(now);
        if attempt.why != Why::Resume {
            let took = attempt.elapsed(attempt.finished.unwrap_or(now));
            server.paces[attempt.style].note(took, attempt.cold);
        }
        if attempt.why == Why::Resume
            && let Some(job) = self.jobs.get_mut(&attempt.painting)
        {
            job.wanted.unsure = None;
        }
        self.let_go(attempt.painting);
        self.stop_all_at(attempt.painting, now);
    }

    /// Books a failure: at its server, and at its painting.
    pub(super) fn failed(
        &mut self,
        attempt: &super::Attempt,
        fault: &Fault,
        code: FailureCode,
        now: Moment,
        chance: f64,
    ) {
        let server = &mut self.servers[attempt.server];
        // That nobody knows what became of a lost job says nothing of what the server does now.
        let asked_in_vain = attempt.why == Why::Resume && matches!(fault, Fault::Unsure(_));
        if !self.rules.servers[attempt.server].embedded && !asked_in_vain {
            server.health.failed(fault, attempt.style, now, chance);
        }
        let forbidden = code == FailureCode::Moderated;
        if forbidden || !matches!(fault, Fault::Job(_) | Fault::Ours(_) | Fault::Gone) {
            server.trouble = Some((now, Some(attempt.style), fault.says().to_owned()));
        }
        if let Fault::Restart(_) | Fault::Unreachable { .. } = fault {
            server.warm.fill(None);
        }
        let most = self.rules.styles[attempt.style].attempts;
        let rules = &self.rules.servers[attempt.server];
        if let Some(job) = self.jobs.get_mut(&attempt.painting) {
            if forbidden {
                self.forbidden.note(&job.wanted);
            }
            job.note(attempt, fault, code, rules);
            if job.failed >= most || job.killed.len() >= POISON {
                job.hopeless = true;
            }
            let waits = matches!(fault, Fault::Unsure(_)) || fault.counts();
            if waits && attempt.why != Why::StandIn {
                job.not_before = now + backoff(job.times_in_vain(), chance);
            }
        }
    }
}

impl Job {
    fn note(
        &mut self,
        attempt: &super::Attempt,
        fault: &Fault,
        code: FailureCode,
        rules: &ServerRules,
    ) {
        self.trouble = Some((code, fault.says().to_owned()));
        let server = attempt.server;
        if attempt.why == Why::StandIn {
            self.stood_in += 1;
            self.refused |= matches!(fault, Fault::Job(_));
            return;
        }
        match fault {
            Fault::Job(_) if rules.embedded => self.refused = true,
            // The embedded painter keeps no provider's rules, and reads the photo itself.
            Fault::Job(_) => (self.here_only, self.wanted.unsure) = (true, None),
            Fault::Unsure(_) => {
                let asked = self.wanted.unsure.map_or(0, |unsure| unsure.asked + 1);
                self.wanted.unsure = Some(Unsure { server, asked });
                return;
            }
            // Its server was asked to stop, and may yet answer.
            Fault::TimedOut(_) | Fault::Stalled(_) if rules.billed => {
                self.wanted.unsure = Some(Unsure { server, asked: 0 });
            }
            _ => self.wanted.unsure = None,
        }
        if fault.counts() {
            self.failed += 1;
            self.tried.push(server);
        }
        if fault.kills() && !self.killed.contains(&server) {
            self.killed.push(server);
        }
        if matches!(fault, Fault::Memory(_)) && !self.out_of_memory.contains(&server) {
            self.out_of_memory.push(server);
        }
    }

    fn times_in_vain(&self) -> u32 {
        self.failed + self.wanted.unsure.map_or(0, |unsure| unsure.asked + 1)
    }
}

/// How long to wait after the `n`th failure: doubles from half a second to eight; `chance` spreads
/// it by a quarter, so that many that failed together do not come back together.
fn backoff(n: u32, chance: f64) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1 << n.saturating_sub(1).min(10));
    doubled
        .min(LONGEST_WAIT)
        .mul_f64(0.75 + 0.5 * chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_are_spread() {
        let even: Vec<Duration> = (1..=6).map(|n| backoff(n, 0.5)).collect();
        let ms = |n| Duration::from_millis(n);
        let doubled = [500, 1_000, 2_000, 4_000, 8_000, 8_000].map(ms);
        assert_eq!(even, doubled);
        assert_eq!(backoff(1, 0.0), ms(375));
        assert_eq!(backoff(u32::MAX, 1.0), ms(10_000));
    }
}
