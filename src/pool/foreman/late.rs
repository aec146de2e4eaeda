//! When the stand-in must step in, and when a painting is given up.
//!
//! The embedded painter is always there, so every painting can hang by its deadline. It paints less
//! well than a model does, so it waits as long as it may; and it paints a few at a time, so it
//! begins early enough for all that will need it.

use std::collections::HashSet;
use std::time::Duration;

use uuid::Uuid;

use super::work::Job;
use super::{Foreman, Moment};
use crate::pool::report::Why;
use crate::session::FailureCode;

/// How long before the deadline the stand-in begins at the latest: a ninth of the whole time (ten
/// seconds of ninety), so that the machine may stutter and the painting still hangs in time.
const RESERVE: u32 = 9;
/// And, where the stand-in is slow, at the earliest: a third of it.
const MOST_RESERVE: u32 = 3;
/// How often the stand-in may fail one painting.
const STAND_IN_ATTEMPTS: u32 = 2;

impl Foreman {
    /// Whether a painting's time runs out.
    pub(super) fn is_late(&self, job: &Job, now: Moment) -> bool {
        now >= self.late_from(job)
    }

    /// From when on its time runs out.
    pub(super) fn late_from(&self, job: &Job) -> Moment {
        job.deadline.saturating_sub(self.reserve(job))
    }

    /// Sees which paintings nobody may be expected to paint in time.
    pub(super) fn doubt(&mut self, now: Moment) {
        let jobs = self.jobs.values();
        let doubtful = jobs.filter(|job| self.is_in_doubt(job, now));
        let mut doubtful: Vec<Moment> = doubtful.map(|job| job.deadline).collect();
        doubtful.sort_unstable();
        self.doubtful = doubtful;
    }

    /// How long before its deadline the stand-in begins it: what that takes, twice over, with all
    /// that it has to have done by then.
    fn reserve(&self, job: &Job) -> Duration {
        let style = job.wanted.style;
        let give_up = self.rules.styles[style].give_up;
        let needs = self.rules.stand_in_for(style).map(|server| {
            let with_it = self.doubtful.partition_point(|due| *due <= job.deadline);
            let rounds = with_it.max(1).div_ceil(self.rules.servers[server].slots);
            let rounds = u32::try_from(rounds).unwrap_or(u32::MAX);
            let once = self.stand_in_takes(server, style) * 2;
            once.saturating_mul(rounds)
        });
        let needs = needs.unwrap_or_default();
        needs.clamp(give_up / RESERVE, give_up / MOST_RESERVE)
    }

    fn stand_in_takes(&self, server: usize, style: usize) -> Duration {
        // Its slots share the cores: counted by what nineteen of twenty take.
        let p95 = self.servers[server].paces[style].p95(false);
        p95.unwrap_or(Duration::from_secs(2))
    }

    /// Lets the stand-in begin what no server will have done in time.
    pub(super) fn step_in(&mut self, turn: &[Uuid], now: Moment) {
        let Some(server) = self.rules.stand_in else {
            return;
        };
        if !self.servers[server].has_seat() {
            return;
        }
        let crowded = self.crowded_out(turn, server, now);
        for &painting in turn {
            if !self.servers[server].has_seat() {
                return;
            }
            let job = &self.jobs[&painting];
            if self.is_for_stand_in(job, server, now) || crowded.contains(&painting) {
                self.begin(painting, server, Why::StandIn, now);
            }
        }
    }

    fn is_for_stand_in(&self, job: &Job, server: usize, now: Moment) -> bool {
        if !self.can_stand_in(job, server) {
            return false;
        }
        if self.is_late(job, now) {
            return !self.is_nearly_done(job, now);
        }
        let idle = self.at(job.wanted.painting).next().is_none();
        let in_vain = job.hopeless || job.here_only || self.has_waited_in_vain(job, now);
        idle && job.wanted.unsure.is_none() && in_vain
    }

    /// Whether a server is at it that may be expected to be done in time, with enough to spare for
    /// the stand-in if it is not.
    fn is_nearly_done(&self, job: &Job, now: Moment) -> bool {
        let style = job.wanted.style;
        let least = self.rules.styles[style].give_up / RESERVE;
        let takes = self.rules.stand_in_for(style);
        let takes = takes.map_or(Duration::ZERO, |server| self.stand_in_takes(server, style));
        let latest = job.deadline.saturating_sub(least.max(takes * 3 / 2));
        self.at(job.wanted.painting).any(|attempt| {
            let server = &self.servers[attempt.server];
            let measured = server.paces.iter().any(|pace| pace.measured() > 0);
            let done = attempt.began + self.takes(attempt.server, style, now);
            measured && now < done && done <= latest
        })
    }

    fn can_stand_in(&self, job: &Job, server: usize) -> bool {
        let at_it = self.at(job.wanted.painting).any(|a| a.server == server);
        !at_it
            && !job.refused
            && job.stood_in < STAND_IN_ATTEMPTS
            && self.rules.stands_in(server, job.wanted.style)
    }

    /// Whether no server may be expected to paint it: for good, or for longer than is waited.
    fn has_waited_in_vain(&self, job: &Job, now: Moment) -> bool {
        let servers = || 0..self.servers.len();
        let someone = servers().any(|s| self.is_hopeful(s, job, now));
        let one_day = servers().any(|s| self.is_able(s, job, now));
        let waited = now.saturating_sub(job.wanted.asked);
        !someone && (!one_day || waited >= self.rules.patience)
    }

    /// Those that must begin at the stand-in now, so that all that need it are done in time:
    /// of the paintings due by some moment, as many as servers will not have done by then; the
    /// ones whose turn with the servers would come last.
    fn crowded_out(&self, turn: &[Uuid], server: usize, now: Moment) -> Vec<Uuid> {
        let mut open: Vec<&Job> = self
            .jobs
            .values()
            .filter(|job| self.can_stand_in(job, server) && self.is_in_doubt(job, now))
            .collect();
        open.sort_by_key(|job| job.deadline);
        let slots = self.rules.servers[server].slots;
        let rate = self.rate(now);
        let mut wanted = 0;
        for (i, job) in open.iter().enumerate() {
            let time = job.deadline.saturating_sub(now);
            let by_servers = (rate * time.as_secs_f64()).floor() as usize;
            let excess = (i + 1).saturating_sub(by_servers);
            let rounds = u32::try_from(excess.div_ceil(slots)).unwrap_or(u32::MAX);
            let takes = self
                .stand_in_takes(server, job.wanted.style)
                .saturating_mul(rounds);
            if excess > 0 && takes + self.reserve(job) >= time {
                wanted = excess.max(wanted);
            }
        }
        if wanted == 0 {
            return Vec::new();
        }
        let doubtful: HashSet<Uuid> = open.iter().map(|job| job.wanted.painting).collect();
        let last = turn.iter().rev().copied();
        let last = last.filter(|painting| doubtful.contains(painting));
        last.take(wanted.min(slots)).collect()
    }

    /// Whether it waits, or takes longer than such attempts do.
    fn is_in_doubt(&self, job: &Job, now: Moment) -> bool {
        self.at(job.wanted.painting).all(|attempt| {
            if attempt.finished.is_some() {
                return false;
            }
            let p95 = self.servers[attempt.server].paces[attempt.style].p95(attempt.cold);
            let long = p95.unwrap_or(self.rules.styles[attempt.style].timeout / 2);
            attempt.elapsed(now) > long
        })
    }

    /// Paintings a second that trusted servers (without the stand-in) get done.
    fn rate(&self, now: Moment) -> f64 {
        let styles = 0..self.rules.styles.len();
        let one = |server: usize| {
            let s = &self.servers[server];
            let rules = &self.rules.servers[server];
            if Some(server) == self.rules.stand_in || !rules.listed || !s.is_trusted() {
                return 0.0;
            }
            let takes = styles
                .clone()
                .filter(|style| self.rules.serves(server, *style));
            let slowest = takes.map(|style| self.takes(server, style, now)).max();
            let seconds = slowest.map_or(f64::INFINITY, |t| t.as_secs_f64().max(0.01));
            rules.slots as f64 / seconds
        };
        (0..self.servers.len()).map(one).sum()
    }

    /// Reports what nobody will paint.
    pub(super) fn give_up(&mut self, now: Moment) {
        let over: Vec<Uuid> = self
            .jobs
            .values()
            .filter(|job| self.is_over(job, now))
            .map(|job| job.wanted.painting)
            .collect();
        for painting in over {
            let Some(job) = self.let_go(painting) else {
                continue;
            };
            self.stop_all_at(painting, now);
            let nobody = || {
                (
                    FailureCode::TimedOut,
                    "nobody painted it in time".to_owned(),
                )
            };
            let style = job.wanted.style;
            let (code, says) = job.trouble.unwrap_or_else(nobody);
            self.outbox.push(super::Order::GiveUp {
                painting,
                style,
                code,
                says,
            });
        }
    }

    fn is_over(&self, job: &Job, now: Moment) -> bool {
        let stand_in = self.rules.stand_in_for(job.wanted.style);
        let in_service = |s: &usize| !self.servers[*s].drained && self.servers[*s].closed.is_none();
        let stand_in = stand_in.filter(|s| job.stood_in < STAND_IN_ATTEMPTS && in_service(s));
        if job.refused {
            return true;
        }
        if stand_in.is_some() {
            return false;
        }
        let idle = self.at(job.wanted.painting).next().is_none();
        let nobody = !(0..self.servers.len()).any(|s| self.could(s, job, now));
        now >= job.deadline || (idle && (job.hopeless || nobody) && job.wanted.unsure.is_none())
    }
}
