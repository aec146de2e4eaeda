//! Whether a server can be trusted with a painting: a circuit breaker, and what it is unfit for.
//!
//! Closed, it takes what it has slots for. Some failures in a row, or one that says it all, open
//! it: nothing is sent there for a while that doubles each time. Then it is looked at; if that goes
//! well it is on trial, one painting at a time, and one that succeeds closes the breaker. Pattern:
//! M. Nygard, *Release It!*, 2nd ed., "Circuit Breaker".

use std::time::Duration;

use super::{Fault, Ill, Moment};
use crate::pool::report::Cause;

/// How many failures in a row open the breaker.
const TOO_MANY: u32 = 3;
/// How long it is left alone the first time, and at most.
const FIRST_REST: Duration = Duration::from_secs(4);
const LONGEST_REST: Duration = Duration::from_secs(60);
/// And at most one that was not there when it was looked at: asking costs nothing, and staff want
/// to know when it is back.
const LONGEST_AWAY: Duration = Duration::from_secs(8);
/// How long a style that a server could not paint is not sent there: an operator may have
/// installed the model meanwhile.
const UNFIT_FOR: Duration = Duration::from_secs(600);
/// How often it may run out of memory over a style before it counts as unfit for it.
const OUT_OF_MEMORY: u32 = 2;

/// How many samples in a row a server may leave unpainted before it is restarted. The first may
/// have waited for a model to be loaded, which a restart would only begin anew.
const STUCK: u32 = 2;

/// The breaker's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaker {
    /// All is well.
    Closed,
    /// Left alone until then.
    Open {
        /// When it is looked at again.
        until: Moment,
    },
    /// Being looked at.
    Probing,
    /// One painting at a time.
    OnTrial,
}

/// How something is known of a server, and how much looking it takes before it is trusted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// It answers and says that it is well.
    Word,
    /// It paints: whoever stalls may still say that all is well.
    Deed,
}

/// A style that a server is unfit for.
#[derive(Debug, Clone)]
struct Unfit {
    until: Moment,
    says: String,
    /// How it came out: what it has said itself, it may take back.
    by: Proof,
}

/// A server's health.
#[derive(Debug, Clone)]
pub struct Health {
    breaker: Breaker,
    failures: u32,
    opened: u32,
    proof: Proof,
    restart: bool,
    /// Samples in a row that it took on and did not paint in time.
    stuck: u32,
    unfit: Vec<Option<Unfit>>,
    out_of_memory: Vec<u32>,
    says: String,
    cause: Option<Cause>,
    /// Whether a look has shown that cause, so that a better look takes it back.
    was_seen: bool,
    since: Moment,
}

impl Health {
    /// Well, as far as is known.
    pub(super) fn new(styles: usize, now: Moment) -> Self {
        Self {
            breaker: Breaker::Closed,
            failures: 0,
            opened: 0,
            proof: Proof::Word,
            restart: false,
            stuck: 0,
            unfit: vec![None; styles],
            out_of_memory: vec![0; styles],
            says: String::new(),
            cause: None,
            was_seen: false,
            since: now,
        }
    }

    /// The breaker's state.
    pub fn breaker(&self) -> Breaker {
        self.breaker
    }

    /// Since when.
    pub fn since(&self) -> Moment {
        self.since
    }

    /// What it said last, of itself or of its trouble.
    pub fn says(&self) -> &str {
        &self.says
    }

    /// What keeps it from being trusted, or what went wrong last and nothing has gone well since.
    pub fn cause(&self) -> Option<Cause> {
        self.cause
    }

    /// What it takes to be trusted again.
    pub(super) fn proof(&self) -> Proof {
        self.proof
    }

    /// How many paintings it may be at, given its slots.
    pub(super) fn most(&self, slots: usize) -> usize {
        match self.breaker {
            Breaker::Closed => slots,
            Breaker::OnTrial => 1,
            Breaker::Open { .. } | Breaker::Probing => 0,
        }
    }

    /// Whether it is fit for a style.
    pub(super) fn is_fit(&self, style: usize, now: Moment) -> bool {
        self.unfit[style]
            .as_ref()
            .is_none_or(|unfit| unfit.until <= now)
    }

    /// What it is unfit for, and why.
    pub fn unfit(&self, now: Moment) -> impl Iterator<Item = (usize, &str)> {
        let unfit = self.unfit.iter().enumerate();
        unfit.filter_map(move |(style, unfit)| {
            let unfit = unfit.as_ref().filter(|unfit| unfit.until > now)?;
            Some((style, unfit.says.as_str()))
        })
    }

    /// A painting succeeded.
    pub(super) fn succeeded(&mut self, style: usize, now: Moment) {
        self.out_of_memory[style] = 0;
        self.unfit[style] = None;
        self.close(now);
    }

    /// An attempt failed. `chance`, 0 to 1, spreads the rest by a quarter.
    pub(super) fn failed(&mut self, fault: &Fault, style: usize, now: Moment, chance: f64) {
        if let Some(cause) = cause(fault) {
            (self.cause, self.was_seen) = (Some(cause), false);
        }
        match fault {
            Fault::Job(_) | Fault::Ours(_) | Fault::Gone => {}
            Fault::Unfit(says) => self.set_unfit(style, says.clone(), Proof::Deed, now),
            Fault::Memory(says) => {
                self.out_of_memory[style] += 1;
                if self.out_of_memory[style] >= OUT_OF_MEMORY {
                    self.out_of_memory[style] = 0;
                    self.set_unfit(style, says.clone(), Proof::Deed, now);
                }
            }
            Fault::Busy { says, retry_after } => {
                // "At once" would be again and again, many times a second.
                let rest = retry_after.unwrap_or_default();
                let rest = rest.clamp(FIRST_REST, LONGEST_REST);
                self.open(Proof::Word, says, now, rest);
            }
            Fault::Unreachable { says, .. } => {
                self.trip(Proof::Word, says, now, chance, LONGEST_REST);
            }
            Fault::Stalled(says) => self.trip(Proof::Deed, says, now, chance, LONGEST_REST),
            Fault::Restart(says) => {
                self.restart = true;
                self.trip(Proof::Deed, says, now, chance, LONGEST_REST);
            }
            Fault::TimedOut(says) | Fault::Transient(says) | Fault::Unsure(says) => {
                self.failures += 1;
                says.clone_into(&mut self.says);
                let proof = match fault {
                    Fault::TimedOut(_) => Proof::Deed,
                    _ => Proof::Word,
                };
                if self.failures >= TOO_MANY || self.breaker == Breaker::OnTrial {
                    self.trip(proof, says, now, chance, LONGEST_REST);
                }
            }
        }
    }

    /// Whether it is time to look at it; it is then being looked at.
    pub(super) fn begin_probe(&mut self, now: Moment) -> bool {
        let due = matches!(self.breaker, Breaker::Open { until } if until <= now);
        if due {
            self.breaker = Breaker::Probing;
        }
        due
    }

    /// Whether it must be restarted before it is looked at; asked once.
    pub(super) fn take_restart(&mut self) -> bool {
        std::mem::take(&mut self.restart)
    }

    /// It was looked at and is well; `painted`: it showed so by painting.
    pub(super) fn is_well(&mut self, says: &str, painted: bool, now: Moment) {
        says.clone_into(&mut self.says);
        if self.was_seen {
            (self.cause, self.was_seen) = (None, false);
        }
        match self.breaker {
            Breaker::Probing | Breaker::OnTrial if painted => self.close(now),
            Breaker::Probing => self.turn(Breaker::OnTrial, now),
            _ => {}
        }
    }

    /// It was looked at and is not well.
    pub(super) fn is_ill(&mut self, ill: &Ill, now: Moment, chance: f64) {
        (self.cause, self.was_seen) = (Some(ill.cause), !ill.stuck);
        self.stuck = if ill.stuck { self.stuck + 1 } else { 0 };
        if ill.cause == Cause::NeedsRestart || self.stuck >= STUCK {
            self.restart = true;
            self.stuck = 0;
        }
        let proof = if ill.stuck { Proof::Deed } else { self.proof };
        // A broken status route says nothing of the painting: as long as paintings go well, they
        // are believed.
        let paints = self.breaker == Breaker::Closed && ill.speechless;
        if paints {
            ill.says.clone_into(&mut self.says);
        } else {
            let longest = match ill.cause {
                Cause::Unreachable => LONGEST_AWAY,
                _ => LONGEST_REST,
            };
            self.trip(proof, &ill.says, now, chance, longest);
        }
    }

    /// It says itself what it can and cannot paint. What its paintings have shown, its words do not
    /// undo: it may have the model and fail to load it.
    pub(super) fn set_lacks(&mut self, able: &[usize], lacks: &[(usize, String)], now: Moment) {
        for &style in able {
            self.unfit[style].take_if(|unfit| unfit.by == Proof::Word);
        }
        for (style, says) in lacks {
            self.set_unfit(*style, says.clone(), Proof::Word, now);
        }
    }

    /// Staff say that it is well: all is forgotten.
    pub(super) fn pardon(&mut self, now: Moment) {
        self.unfit.fill(None);
        self.out_of_memory.fill(0);
        self.restart = false;
        self.stuck = 0;
        if self.breaker != Breaker::Closed {
            self.proof = Proof::Word;
            self.opened = 0;
            self.turn(Breaker::Open { until: now }, now);
        }
    }

    fn set_unfit(&mut self, style: usize, says: String, by: Proof, now: Moment) {
        let until = now + UNFIT_FOR;
        self.unfit[style] = Some(Unfit { until, says, by });
    }

    /// Opens for a time that doubles with each time it did not help. Attempts that fail while it is
    /// open began before: they are of the same failure.
    fn trip(&mut self, proof: Proof, says: &str, now: Moment, chance: f64, longest: Duration) {
        if !matches!(self.breaker, Breaker::Open { .. }) {
            self.opened = self.opened.saturating_add(1);
        }
        let doubled = FIRST_REST
            .saturating_mul(1 << self.opened.saturating_sub(1).min(8))
            .min(longest);
        self.open(proof, says, now, doubled.mul_f64(0.75 + 0.5 * chance));
    }

    fn open(&mut self, proof: Proof, says: &str, now: Moment, rest: Duration) {
        let (mut proof, mut until) = (proof, now + rest);
        if let Breaker::Open { until: already } = self.breaker {
            (proof, until) = (proof.max(self.proof), until.max(already));
        }
        self.failures = 0;
        self.proof = proof;
        says.clone_into(&mut self.says);
        self.turn(Breaker::Open { until }, now);
    }

    fn close(&mut self, now: Moment) {
        self.failures = 0;
        self.opened = 0;
        self.proof = Proof::Word;
        self.restart = false;
        self.stuck = 0;
        (self.cause, self.was_seen) = (None, false);
        self.turn(Breaker::Closed, now);
    }

    fn turn(&mut self, to: Breaker, now: Moment) {
        let was_down = matches!(self.breaker, Breaker::Open { .. } | Breaker::Probing);
        let is_down = matches!(to, Breaker::Open { .. } | Breaker::Probing);
        if self.breaker != to && !(was_down && is_down) {
            self.since = now;
        }
        self.breaker = to;
    }
}

/// The word for a fault of the server's own.
fn cause(fault: &Fault) -> Option<Cause> {
    Some(match fault {
        Fault::Unreachable { .. } => Cause::Unreachable,
        Fault::Busy { .. } => Cause::Busy,
        Fault::TimedOut(_) => Cause::TimedOut,
        Fault::Stalled(_) => Cause::Stalled,
        Fault::Restart(_) => Cause::NeedsRestart,
        Fault::Transient(_) | Fault::Unsure(_) => Cause::Failing,
        Fault::Memory(_) => Cause::OutOfMemory,
        // Of the painting, of one style, or of ours.
        Fault::Job(_) | Fault::Unfit(_) | Fault::Ours(_) | Fault::Gone => {
            return None;
        }
    })
}
