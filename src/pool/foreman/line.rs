//! How long this visitor waits: the board played forward with what servers really take.

use std::time::Duration;

use uuid::Uuid;

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
struct Seat {
    server: usize,
    free: Duration,
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
    /// has stepped in.
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
        let job = w.painting.and_then(|painting| self.jobs.get(&painting));
        let takes = |seat: &Seat| {
            let pace = &self.servers[seat.server].paces[w.style];
            let usual = self.takes(seat.server, w.style, now);
            let cold = self.is_cold(seat.server, w.style, now);
            let takes = if worst {
                pace.p95(cold).unwrap_or(usual * 2)
            } else {
                usual
            };
            seat.free + takes
        };
        let serves = |seat: &&mut Seat| match job {
            Some(job) => self.is_hopeful(seat.server, job, now),
            None => self.rules.serves(seat.server, w.style),
        };
        let seat = seats
            .iter_mut()
            .filter(serves)
            .min_by_key(|seat| takes(seat))?;
        seat.free = takes(seat);
        Some(seat.free)
    }

    fn seats(&self, worst: bool, now: Moment) -> Vec<Seat> {
        let mut seats = Vec::new();
        for (server, s) in self.servers.iter().enumerate() {
            if !self.rules.servers[server].listed || !s.is_trusted() {
                continue;
            }
            let at_it = self.attempts.values().filter(|a| a.server == server);
            let busy: Vec<Duration> = at_it.map(|a| self.remaining(a, worst, now)).collect();
            let free = self.rules.servers[server].slots.saturating_sub(busy.len());
            let busy = busy.into_iter().map(|free| Seat { server, free });
            let idle = Seat {
                server,
                free: Duration::ZERO,
            };
            seats.extend(busy.chain(std::iter::repeat_n(idle, free)));
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
