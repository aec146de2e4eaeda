//! How long this visitor waits: the board played forward with what servers really take.

use std::time::Duration;

use uuid::Uuid;

use super::power::Presence;
use super::{Attempt, Foreman, Moment};

/// How much of the usual time things take when they go well.
const AT_BEST: f64 = 0.8;

/// Where a visit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// How many paintings of others come before its first.
    pub ahead: u64,
    /// Seconds until its last painting hangs, at best and at worst.
    pub eta_s: [u64; 2],
}

/// A seat at a server, and when it is free.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat {
    pub(super) server: usize,
    pub(super) free: Duration,
}

/// A painting in the line: of the board, or about to be put there.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    painting: Option<Uuid>,
    style: usize,
    own: bool,
    left: Duration,
}

impl Foreman {
    /// Where `visit` stands that waits for `own` (painting and style).
    ///
    /// At best everything takes a fifth less than it usually does. At worst it takes what nineteen of twenty
    /// stay below, and one more painting comes between; but never longer than until the stand-in
    /// has stepped in. Where no server is to be had, the stand-in's own time counts, from when it
    /// no longer waits for them; one that is being switched on is there at once at best, and in
    /// time for nothing at worst.
    pub fn place(&self, visit: Uuid, own: &[(Uuid, usize)], now: Moment) -> Place {
        if own.is_empty() {
            return Place::default();
        }
        let line = self.line(visit, own, now);
        let first = line.iter().position(|w| w.own);
        let ahead = first.map_or(line.len(), |first| first) as u64;
        let best = self.play(&line, own, false, now).mul_f64(AT_BEST);
        let worst = self.play(&line, own, true, now);
        let latest = self.latest(own, now);
        let worst = latest.map_or(worst, |latest| worst.min(latest)).max(best);
        Place {
            ahead,
            eta_s: [best.as_secs(), worst.as_secs_f64().ceil() as u64],
        }
    }

    /// What waits, in turn: the board, then what is not on it yet.
    fn line(&self, visit: Uuid, own: &[(Uuid, usize)], now: Moment) -> Vec<Waiting> {
        let is_own = |painting: &Uuid| own.iter().any(|(id, _)| id == painting);
        let waiting = |painting: &Uuid| self.at(*painting).next().is_none();
        let on_board = self
            .in_turn(now)
            .into_iter()
            .filter(waiting)
            .map(|painting| {
                let job = &self.jobs[&painting];
                Waiting {
                    painting: Some(painting),
                    style: job.wanted.style,
                    own: is_own(&painting) || job.wanted.visit == visit,
                    left: job.deadline.saturating_sub(now),
                }
            });
        let new = own.iter().filter(|(id, _)| !self.jobs.contains_key(id));
        let new = new.map(|&(_, style)| Waiting {
            painting: None,
            style,
            own: true,
            left: self.rules.styles[style].give_up,
        });
        on_board.chain(new).collect()
    }

    /// Plays the line out on the seats there are; returns when the last of `own` is done.
    fn play(&self, line: &[Waiting], own: &[(Uuid, usize)], worst: bool, now: Moment) -> Duration {
        let mut seats = self.seats(worst, now);
        let mine = |a: &&Attempt| own.iter().any(|(id, _)| *id == a.painting);
        let running = self
            .attempts
            .values()
            .filter(|a| a.stopping.is_none())
            .filter(mine);
        let mut last = running
            .map(|a| self.remaining(a, worst, now))
            .max()
            .unwrap_or_default();
        let between = usize::from(worst);
        let extra = line.iter().find(|w| w.own).copied().into_iter();
        let extra = extra
            .map(|w| Waiting {
                own: false,
                painting: None,
                ..w
            })
            .take(between);
        for waiting in extra.chain(line.iter().copied()) {
            let done = self.seat(&mut seats, &waiting, worst, now);
            if waiting.own {
                last = last.max(done.unwrap_or(waiting.left).min(waiting.left));
            }
        }
        last
    }

    /// Puts one on the seat where it is done first.
    fn seat(&self, seats: &mut [Seat], w: &Waiting, worst: bool, now: Moment) -> Option<Duration> {
        let takes = |server: usize| {
            let usual = self.takes(server, w.style, now);
            let cold = self.is_cold(server, w.style, now);
            let p95 = || self.servers[server].paces[w.style].p95(cold);
            if worst {
                p95().unwrap_or(usual * 2)
            } else {
                usual
            }
        };
        let (painters, from) = self.painters(w, now);
        let done = |seat: &Seat| seat.free.max(from) + takes(seat.server);
        let seats = seats.iter_mut().filter(|s| painters.contains(&s.server));
        let seat = seats.min_by_key(|seat| done(seat))?;
        seat.free = done(seat);
        Some(seat.free)
    }

    /// Who may paint it, and from when on: the servers that are to be had; where there are none,
    /// the stand-in, once it no longer waits for them ([`Self::step_in`]).
    fn painters(&self, w: &Waiting, now: Moment) -> (Vec<usize>, Duration) {
        let job = w.painting.and_then(|painting| self.jobs.get(&painting));
        let hopeless = job.is_some_and(|job| job.hopeless);
        let able = |server: &usize| {
            let could = match job {
                Some(job) => self.could(*server, job, now),
                None => self.could_paint(*server, w.style, now),
            };
            could && !hopeless && self.servers[*server].is_in_service()
        };
        let able: Vec<usize> = (0..self.servers.len()).filter(able).collect();
        if able
            .iter()
            .any(|server| self.servers[*server].is_to_be_had())
        {
            return (able, Duration::ZERO);
        }
        let asked = job.map_or(now, |job| job.wanted.asked);
        let from = match able.is_empty() {
            true => Duration::ZERO,
            false => (asked + self.rules.patience).saturating_sub(now),
        };
        let stand_in = self.rules.stand_in_for(w.style);
        (stand_in.into_iter().collect(), from)
    }

    pub(super) fn seats(&self, worst: bool, now: Moment) -> Vec<Seat> {
        let mut seats = Vec::new();
        for (server, s) in self.servers.iter().enumerate() {
            let there = match s.presence {
                Presence::Awake => s.is_in_service(),
                Presence::Waking => s.is_in_service() && !worst,
                Presence::Asleep { .. } | Presence::Resting | Presence::Restless { .. } => false,
            };
            let slots = s.health.most(self.rules.servers[server].slots);
            let at_it = self
                .attempts
                .values()
                .filter(|a| a.server == server && a.is_seated());
            let mut busy: Vec<Duration> = at_it.map(|a| self.remaining(a, worst, now)).collect();
            busy.sort_unstable();
            busy.resize(slots.max(busy.len()), Duration::ZERO);
            let free = busy.into_iter().map(|free| Seat { server, free });
            seats.extend(free.take(if there { slots } else { 0 }));
        }
        seats
    }

    /// How much longer an attempt takes. What has taken longer than such attempts do may well
    /// take as long again.
    fn remaining(&self, attempt: &Attempt, worst: bool, now: Moment) -> Duration {
        let elapsed = attempt.elapsed(now);
        let pace = &self.servers[attempt.server].paces[attempt.style];
        let usual = pace.expected(attempt.cold);
        let usual = usual.unwrap_or_else(|| self.takes(attempt.server, attempt.style, now));
        let limit = pace.p95(attempt.cold).unwrap_or(usual * 2);
        match (worst, elapsed < limit) {
            (false, _) => usual.saturating_sub(elapsed),
            (true, true) => limit - elapsed,
            (true, false) => elapsed,
        }
    }

    /// When the last of `own` hangs whatever servers do: its deadline, where a stand-in keeps it.
    fn latest(&self, own: &[(Uuid, usize)], now: Moment) -> Option<Duration> {
        let one = |&(painting, style): &(Uuid, usize)| {
            self.rules.stand_in_for(style)?;
            Some(match self.jobs.get(&painting) {
                Some(job) => job.deadline.saturating_sub(now),
                None => self.rules.styles[style].give_up,
            })
        };
        let all: Option<Vec<Duration>> = own.iter().map(one).collect();
        all?.into_iter().max()
    }
}
