//! Which server for this painting: able, trusted, free; one that has not failed it; preferred; soon
//! done.

use std::time::Duration;

use uuid::Uuid;

use super::health::Breaker;
use super::line::Seat;
use super::power::Presence;
use super::tend::Server;
use super::work::Job;
use super::{Foreman, Moment, Spread};
use crate::pool::report::Why;

/// What a painting takes where nothing was measured: an image model on an ordinary GPU.
pub(super) const UNMEASURED: Duration = Duration::from_secs(8);
/// The same for the embedded painter, on a small machine.
const UNMEASURED_EMBEDDED: Duration = Duration::from_secs(2);

/// So many failures at one server are enough to ask another kind.
const TRIES: usize = 2;

/// Whether it has failed too often, its kind's place in the style's preference, its failures.
type Preference = (bool, usize, usize);

impl Foreman {
    /// Gives waiting paintings to free servers, in turn, until nothing more fits.
    pub(super) fn hand_out(&mut self, turn: &[Uuid], now: Moment) {
        let mut seats = self.seats(false, now);
        for &painting in turn {
            if !self.servers.iter().any(Server::may_be_asked) {
                return;
            }
            let job = &self.jobs[&painting];
            if !self.may_begin(job, now) {
                continue;
            }
            if let Some((server, why)) = self.choose(job, &mut seats, now) {
                self.begin(painting, server, why, now);
            }
        }
    }

    /// Whether a server may be asked for it now.
    fn may_begin(&self, job: &Job, now: Moment) -> bool {
        // It is for the stand-in, which is asked as such.
        let stands_in = job.here_only && self.rules.stand_in_for(job.wanted.style).is_some();
        if stands_in || job.hopeless || job.refused || job.not_before > now {
            return false;
        }
        let visit = job.wanted.visit;
        let held_back = |other: &super::Attempt| {
            other.stopping.is_none()
                && (other.painting == job.wanted.painting
                    || (self.rules.spread == Spread::Sequential && other.visit == visit))
        };
        !self.attempts.values().any(held_back)
    }

    /// Where it begins now, if it does; `seats` are those that those before it have left.
    fn choose(&self, job: &Job, seats: &mut [Seat], now: Moment) -> Option<(usize, Why)> {
        if let Some(unsure) = job.wanted.unsure {
            // Nothing else is sent anywhere before it is known what became of that one; unless it
            // costs nothing, and whoever could tell is not there.
            let billed = self.rules.servers[unsure.server].billed;
            if billed || self.is_hopeful(unsure.server, job, now) {
                let asked = self.servers[unsure.server].may_be_asked();
                return asked.then_some((unsure.server, Why::Resume));
            }
        }
        let style = job.wanted.style;
        let allowed = self.allowed(job, seats, now);
        let done = |seat: &Seat| seat.free + self.takes(seat.server, style, now);
        let free = allowed.iter().copied();
        let free = free.filter(|server| self.servers[*server].has_seat());
        let latest = self.late_from(job).saturating_sub(now);
        let best = free.min_by_key(|&server| {
            let trial = self.servers[server].health.breaker() == Breaker::OnTrial;
            let takes = self.takes(server, style, now);
            let late = takes > latest;
            (late, self.rules.rank(server, style), trial, takes, server)
        });
        // It takes its place there; or, where nobody is free, where it will be done first.
        let seats = seats.iter_mut().filter(|seat| match best {
            Some(server) => seat.server == server,
            None => allowed.contains(&seat.server),
        });
        if let Some(seat) = seats.min_by_key(|seat| (done(seat), seat.server)) {
            seat.free = done(seat);
        }
        let why = match job.tried.is_empty() {
            true => Why::Turn,
            false => Why::Again,
        };
        Some((best?, why))
    }

    /// The servers to ask for it: those that are preferred, as long as they are in time; the next
    /// ones only if these are not. Another server each time, where there is another of its kind:
    /// one that is busy is waited for, one that is being switched on is not.
    fn allowed(&self, job: &Job, seats: &[Seat], now: Moment) -> Vec<usize> {
        let style = job.wanted.style;
        let able = (0..self.servers.len()).filter(|s| self.is_hopeful(*s, job, now));
        let awake = able.filter(|s| self.servers[*s].presence == Presence::Awake);
        let mut line: Vec<_> = awake.map(|s| (self.preference(s, job), s)).collect();
        line.sort_unstable();
        let latest = self.late_from(job).saturating_sub(now);
        let mut allowed = Vec::new();
        for same in line.chunk_by(|a, b| a.0 == b.0) {
            let stands_in = |at: &(Preference, usize)| self.rules.stand_in == Some(at.1);
            if !allowed.is_empty() && same.iter().all(stands_in) {
                // It steps in by itself for what is late.
                continue;
            }
            allowed.extend(same.iter().map(|(_, server)| *server));
            let there = seats.iter().filter(|seat| allowed.contains(&seat.server));
            let done = there
                .map(|seat| seat.free + self.takes(seat.server, style, now))
                .min();
            if done.is_some_and(|done| done <= latest) {
                break;
            }
        }
        allowed
    }

    /// How much a server is preferred for a painting; less is better. A kind of server that has
    /// failed it twice comes after all others.
    fn preference(&self, server: usize, job: &Job) -> Preference {
        let failures = job.failures_at(server);
        let tier = self.rules.tier(server, job.wanted.style);
        (failures >= TRIES, tier, failures)
    }

    /// Whether that server may be expected to paint it by its turn, now or once it has a seat.
    pub(super) fn is_hopeful(&self, server: usize, job: &Job, now: Moment) -> bool {
        self.could(server, job, now) && self.servers[server].is_to_be_had()
    }

    /// Whether that server would paint it by its turn if it were well.
    pub(super) fn is_able(&self, server: usize, job: &Job, now: Moment) -> bool {
        self.could(server, job, now) && self.servers[server].is_in_service()
    }

    /// Whether that server would paint it if it were well, open and in service.
    pub(super) fn could(&self, server: usize, job: &Job, now: Moment) -> bool {
        let rules = &self.rules.servers[server];
        (job.wanted.offsite || !rules.offsite)
            && (rules.embedded || !job.here_only)
            && self.could_paint(server, job.wanted.style, now)
    }

    /// The same of a painting of that style that nobody has asked for yet.
    pub(super) fn could_paint(&self, server: usize, style: usize, now: Moment) -> bool {
        self.rules.serves(server, style) && self.servers[server].health.is_fit(style, now)
    }

    /// What that server takes for that style, as far as is known; twice that where the model must
    /// be loaded first and nobody has seen how long that takes.
    pub(super) fn takes(&self, server: usize, style: usize, now: Moment) -> Duration {
        let cold = self.is_cold(server, style, now);
        let known = self.servers[server].paces[style].expected(cold);
        known.unwrap_or_else(|| self.usually(server, style) * if cold { 2 } else { 1 })
    }

    /// What that style takes, guessed from that server's other styles, or from other servers.
    fn usually(&self, server: usize, style: usize) -> Duration {
        let own = self.servers[server].paces.iter();
        let own = mean(own.filter_map(|pace| pace.expected(false)));
        let embedded = self.rules.servers[server].embedded;
        let alike = |s: &usize| self.rules.servers[*s].embedded == embedded;
        let others = (0..self.servers.len()).filter(alike);
        let others = || mean(others.filter_map(|s| self.servers[s].paces[style].expected(false)));
        let unmeasured = if embedded {
            UNMEASURED_EMBEDDED
        } else {
            UNMEASURED
        };
        own.or_else(others).unwrap_or(unmeasured)
    }
}

fn mean(times: impl Iterator<Item = Duration>) -> Option<Duration> {
    let (sum, n) = times.fold((Duration::ZERO, 0), |(sum, n), t| (sum + t, n + 1));
    sum.checked_div(n)
}
