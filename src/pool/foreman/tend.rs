//! The servers themselves: which is looked at, taken out of service, loaded with which models.

use std::time::Duration;

use super::health::{Breaker, Health, Proof};
use super::pace::Pace;
use super::power::Presence;
use super::rules::ServerRules;
use super::{Foreman, Moment, Order};
use crate::pool::report::{Cause, ServerState, Why};

/// How often an idle server is asked how it is, while there are visitors.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// And while there are none.
const LOOK_SELDOM: Duration = Duration::from_secs(60);

/// After how long without anything to do a server on trial paints a sample instead.
const PROVES_AFTER: Duration = Duration::from_secs(5);

/// A server as the foreman knows it.
#[derive(Debug, Clone)]
pub struct Server {
    /// Whether it can be trusted.
    pub health: Health,
    /// How long it takes, by style.
    pub paces: Vec<Pace>,
    /// Whether it is switched on.
    pub presence: Presence,
    /// Why it is not used today or at this hour, if it is not: in a word, and in a sentence.
    pub closed: Option<(Cause, String)>,
    /// Whether staff took it out of service.
    pub drained: bool,
    /// For how many more paintings its money for today lasts, those that it is at included; `None`
    /// where nothing bounds it.
    pub funds: Option<u64>,
    /// What its hooks did not do when they were last asked: in a word, and in a sentence.
    pub hook: Option<(Cause, String)>,
    /// What went wrong last: when, at which style, what it said.
    pub trouble: Option<(Moment, Option<usize>, String)>,
    /// How many attempts hold a seat.
    pub(super) busy: usize,
    /// How many of them only ask for what was sent before: no trial of what it does now.
    asking: usize,
    /// When each style was last painted there, or its model loaded.
    pub(super) warm: Vec<Option<Moment>>,
    /// When an attempt last ended there.
    pub(super) used: Moment,
    slots: usize,
    /// When it was last looked at; never: it is looked at at once.
    looked: Option<Moment>,
    looking: bool,
    /// Whether it is loading models; it may paint meanwhile.
    pub(super) warming: bool,
}

impl Server {
    pub(super) fn new(rules: &ServerRules, styles: usize, now: Moment) -> Self {
        Self {
            health: Health::new(styles, now),
            paces: vec![Pace::default(); styles],
            presence: match rules.switched {
                true => Presence::Asleep { until: now },
                false => Presence::Awake,
            },
            closed: None,
            drained: false,
            funds: None,
            hook: None,
            trouble: None,
            busy: 0,
            asking: 0,
            warm: vec![None; styles],
            used: now,
            slots: rules.slots,
            looked: None,
            looking: false,
            warming: false,
        }
    }

    /// How it is, in one word.
    pub fn state(&self) -> ServerState {
        if self.closed.is_some() {
            return ServerState::Closed;
        }
        match (self.presence, self.health.breaker()) {
            (Presence::Asleep { .. } | Presence::Resting | Presence::Restless { .. }, _) => {
                ServerState::Resting
            }
            (Presence::Waking, _) => ServerState::Waking,
            (_, Breaker::Closed) if self.warming => ServerState::Waking,
            (_, Breaker::Closed) => ServerState::Ready,
            (_, Breaker::OnTrial) => ServerState::OnTrial,
            (_, Breaker::Open { .. } | Breaker::Probing) => ServerState::Down,
        }
    }

    /// How many attempts hold a seat.
    pub fn busy(&self) -> usize {
        self.busy
    }

    /// Whether it is in service and may have as many attempts as it has seats.
    pub(super) fn is_trusted(&self) -> bool {
        self.presence == Presence::Awake
            && self.is_in_service()
            && self.health.breaker() == Breaker::Closed
    }

    /// Whether it is open and in service.
    pub(super) fn is_in_service(&self) -> bool {
        self.closed.is_none() && !self.drained
    }

    /// Whether something may be expected of it, now or once it has a seat.
    pub(super) fn is_to_be_had(&self) -> bool {
        self.is_in_service()
            && self.funds != Some(0)
            && matches!(self.presence, Presence::Awake | Presence::Waking)
            && !matches!(
                self.health.breaker(),
                Breaker::Open { .. } | Breaker::Probing
            )
    }

    /// Whether it may begin one more now.
    pub(super) fn has_seat(&self) -> bool {
        let most = self.health.most(self.slots);
        let paid = self.funds.is_none_or(|most| (self.busy as u64) < most);
        self.may_be_asked() && self.busy - self.asking < most && paid
    }

    /// Whether it may now be asked for what was sent there before.
    pub(super) fn may_be_asked(&self) -> bool {
        self.presence == Presence::Awake
            && self.is_in_service()
            && self.health.most(self.slots) > 0
            && self.busy < self.slots
    }

    /// An attempt takes a seat.
    pub(super) fn enter(&mut self, why: Why) {
        self.busy += 1;
        self.asking += usize::from(why == Why::Resume);
    }

    /// An attempt leaves its seat.
    pub(super) fn leave(&mut self, why: Why) {
        self.busy -= 1;
        self.asking -= usize::from(why == Why::Resume);
    }
}

impl Foreman {
    /// A server was looked at. `able` and `lacks` are what it says of its styles; `painted`:
    /// it painted a sample.
    pub fn looked(&mut self, server: usize, outcome: Result<Look, Ill>, now: Moment, chance: f64) {
        let s = &mut self.servers[server];
        (s.looking, s.looked) = (false, Some(now));
        match outcome {
            Ok(look) => {
                s.health.set_lacks(&look.able, &look.lacks, now);
                s.health.is_well(&look.says, look.painted, now);
            }
            Err(ill) => {
                s.warm.fill(None);
                s.health.is_ill(&ill, now, chance);
                s.trouble = Some((now, None, ill.says));
            }
        }
    }

    /// Opens a server, or closes it for this reason: its hours, its money for today.
    pub fn set_closed(&mut self, server: usize, reason: Option<(Cause, String)>) {
        self.servers[server].closed = reason;
    }

    /// Says for how many more paintings a server's money for today lasts, those that it is at
    /// included.
    pub fn set_funds(&mut self, server: usize, paintings: Option<u64>) {
        self.servers[server].funds = paintings;
    }

    /// Takes a server out of service: it finishes what it is at.
    pub fn drain(&mut self, server: usize) {
        self.servers[server].drained = true;
    }

    /// Takes a server into service again, whatever is held against it.
    pub fn resume(&mut self, server: usize, now: Moment) {
        let s = &mut self.servers[server];
        s.drained = false;
        s.health.pardon(now);
    }

    /// What an earlier run has learned.
    pub fn remember(&mut self, server: usize, style: usize, warm: Duration) {
        self.servers[server].paces[style] = Pace::remembered(warm);
    }

    /// Whether a model has to be loaded before that server paints that style.
    pub(super) fn is_cold(&self, server: usize, style: usize, now: Moment) -> bool {
        let rules = &self.rules.servers[server];
        let Some(model) = rules.models[style].filter(|_| !rules.embedded) else {
            return false;
        };
        let fresh = |at: Moment| now < at + self.rules.rest_after;
        let loads = rules.models.iter().zip(&self.servers[server].warm);
        let mut loads = loads.filter(|(its, _)| **its == Some(model));
        !loads.any(|(_, warm)| warm.is_some_and(fresh))
    }

    /// Wakes, rests, probes and looks.
    pub(super) fn tend(&mut self, now: Moment) {
        let busy = !self.jobs.is_empty();
        let seen = |at: Moment| now < at + self.rules.rest_after;
        let visitors = busy || self.visited.is_some_and(seen);
        for server in 0..self.servers.len() {
            if self.rules.servers[server].embedded {
                continue;
            }
            self.switch(server, visitors, now);
            self.look_after(server, visitors, now);
        }
    }

    fn look_after(&mut self, server: usize, visitors: bool, now: Moment) {
        let billed = self.rules.servers[server].billed;
        let nobody_waits = self.jobs.is_empty();
        let styles = 0..self.rules.styles.len();
        let mut serves = styles.filter(|style| self.rules.serves(server, *style));
        let s = &mut self.servers[server];
        // What it cannot paint shows nothing.
        let style = serves.find(|style| s.health.is_fit(*style, now));
        if s.looking || s.presence != Presence::Awake || s.closed.is_some() {
            return;
        }
        let every = if visitors { LOOK_EVERY } else { LOOK_SELDOM };
        let breaker = s.health.breaker();
        let idle = breaker == Breaker::Closed && s.busy == 0;
        // No visitor should have to be the one who tries it.
        let proves = breaker == Breaker::OnTrial && s.busy == 0 && nobody_waits && !billed;
        let every = if proves { PROVES_AFTER } else { every };
        let long_ago = |looked: Moment| now >= looked.max(s.used) + every;
        let due = s.looked.is_none_or(long_ago);
        let order = if s.health.begin_probe(now) {
            let by_deed = !billed
                && (s.health.proof() == Proof::Deed || s.health.cause() == Some(Cause::Unwell));
            let restart = s.health.take_restart();
            let canary = style.filter(|_| by_deed);
            Order::Look {
                server,
                canary,
                restart,
            }
        } else if (idle || proves) && due {
            let (canary, restart) = (style.filter(|_| proves), false);
            Order::Look {
                server,
                canary,
                restart,
            }
        } else {
            return;
        };
        s.looking = true;
        self.outbox.push(order);
    }
}

/// A server that was looked at and is not well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ill {
    /// In a word.
    pub cause: Cause,
    /// In a sentence.
    pub says: String,
    /// Whether it took a sample on and did not paint it in time.
    pub stuck: bool,
    /// Whether it answers and only could not say how it is: that says nothing of the painting.
    pub speechless: bool,
}

/// What a look at a server showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// What it says of itself.
    pub says: String,
    /// The styles it says it can paint, by their place in the rules.
    pub able: Vec<usize>,
    /// Those it says it cannot, and why.
    pub lacks: Vec<(usize, String)>,
    /// Whether it painted a sample.
    pub painted: bool,
}
