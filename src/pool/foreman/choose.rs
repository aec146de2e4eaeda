//! Which server for this painting: able, trusted, free; one that has not failed it; preferred; soon
//! done.

use std::time::Duration;

use uuid::Uuid;

use super::health::Breaker;
use super::power::Presence;
use super::tend::Server;
use super::work::Job;
use super::{Foreman, Moment, Spread};
use crate::pool::report::Why;

/// What a painting takes where nothing was measured: an image model on an ordinary GPU.
pub(super) const UNMEASURED: Duration = Duration::from_secs(8);
/// The same for the embedded painter, on a small machine.
const UNMEASURED_EMBEDDED: Duration = Duration::from_secs(2);

impl Foreman {
    /// Gives waiting paintings to free servers, in turn, until nothing more fits.
    pub(super) fn hand_out(&mut self, turn: &[Uuid], now: Moment) {
        for &painting in turn {
            if !self.servers.iter().any(Server::may_be_asked) {
                return;
            }
            let job = &self.jobs[&painting];
            if !self.may_begin(job, now) {
                continue;
            }
            if let Some((server, why)) = self.choose(job, now) {
                self.begin(painting, server, why, now);
            }
        }
    }

    /// Whether a server may be asked for it now.
    fn may_begin(&self, job: &Job, now: Moment) -> bool {
        if job.hopeless || job.refused || job.not_before > now {
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

    fn choose(&self, job: &Job, now: Moment) -> Option<(usize, Why)> {
        if let Some(unsure) = job.wanted.unsure {
            // Nothing else is sent anywhere before it is known what became of that one; unless it
            // costs nothing, and whoever could tell is not there.
            let billed = self.rules.servers[unsure.server].billed;
            if billed || self.is_hopeful(unsure.server, job, now) {
                let asked = self.servers[unsure.server].may_be_asked();
                return asked.then_some((unsure.server, Why::Resume));
            }
        }
        let able = |server: &usize| self.is_hopeful(*server, job, now);
        let able: Vec<usize> = (0..self.servers.len()).filter(able).collect();
        // Another server each time, where there is another: one that is busy is waited for, one that
        // is being switched on is not.
        let awake = able
            .iter()
            .filter(|s| self.servers[**s].presence == Presence::Awake);
        let least = awake.map(|s| job.failures_at(*s)).min()?;
        let free = able
            .into_iter()
            .filter(|s| job.failures_at(*s) == least && self.servers[*s].has_seat());
        let style = job.wanted.style;
        let server = free.min_by_key(|&server| {
            let trial = self.servers[server].health.breaker() == Breaker::OnTrial;
            let takes = self.takes(server, style, now);
            (self.rules.rank(server, style), trial, takes, server)
        })?;
        let why = if job.tried.is_empty() {
            Why::Turn
        } else {
            Why::Again
        };
        Some((server, why))
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
        (job.wanted.offsite || !self.rules.servers[server].offsite)
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
