//! A simulated server: how long it takes, and its spells of trouble.

use std::time::Duration;

use easel::pool::foreman::{End, Fault};
use easel::pool::report::Why;

use super::{Chance, failed};

/// What a server has for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Refuses connections; what it is at breaks off.
    Dead,
    /// Paints nothing more, and says that all is well.
    Zombie,
    /// Answers nothing at all, and does not stop either.
    Frozen,
    /// Fails every other painting halfway.
    Flaky,
    /// Answers with no picture.
    Rubbish,
    /// Takes five times as long.
    Slow,
    /// Runs out of memory.
    Memory,
    /// Fails everything until it is restarted.
    Broken,
    /// Has too much to do.
    Busy,
    /// Lacks a model for all but the first style.
    Unfit,
    /// Takes work on, and then the connection breaks: it is still painting.
    Cut,
}

impl Trouble {
    pub(crate) const ALL: [Self; 11] = [
        Self::Dead,
        Self::Zombie,
        Self::Frozen,
        Self::Flaky,
        Self::Rubbish,
        Self::Slow,
        Self::Memory,
        Self::Broken,
        Self::Busy,
        Self::Unfit,
        Self::Cut,
    ];
}

/// From when until when it has what, counted from the world's beginning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spell {
    pub(crate) from: Duration,
    pub(crate) until: Duration,
    pub(crate) trouble: Trouble,
}

#[derive(Debug, Clone)]
pub(crate) struct Machine {
    mean: f64,
    spread: f64,
    pub(crate) cold: Duration,
    pub(crate) wakes_in: Duration,
    /// Whether it tells how far it is.
    pub(crate) tells: bool,
    pub(crate) billed: bool,
    pub(crate) spells: Vec<Spell>,
    loaded: [bool; 4],
    restarted: bool,
}

/// A machine that takes `mean` seconds, give or take `spread` of it.
pub(crate) fn machine(mean: f64, spread: f64) -> Machine {
    Machine {
        mean,
        spread,
        cold: Duration::ZERO,
        wakes_in: Duration::from_secs(10),
        tells: false,
        billed: false,
        spells: Vec::new(),
        loaded: [false; 4],
        restarted: false,
    }
}

impl Machine {
    /// With this trouble from the beginning to the end.
    pub(crate) fn always(mut self, trouble: Trouble) -> Self {
        let (from, until) = (Duration::ZERO, Duration::MAX);
        self.spells.push(Spell {
            from,
            until,
            trouble,
        });
        self
    }

    fn trouble(&self, at: Duration) -> Option<Trouble> {
        let has = |s: &&Spell| s.from <= at && at < s.until;
        let broken = |s: &&Spell| s.trouble != Trouble::Broken || !self.restarted;
        self.spells
            .iter()
            .filter(has)
            .find(broken)
            .map(|s| s.trouble)
    }

    /// The first trouble that breaks off what runs between two moments.
    fn breaks_off(&self, from: Duration, until: Duration) -> Option<(Duration, Trouble)> {
        let breaks = |s: &&Spell| {
            matches!(s.trouble, Trouble::Dead | Trouble::Zombie | Trouble::Frozen)
                && from < s.from
                && s.from < until
        };
        let first = self.spells.iter().filter(breaks).min_by_key(|s| s.from)?;
        Some((first.from, first.trouble))
    }

    /// How and when an attempt ends that begins at `at`; nothing for one that never does.
    pub(crate) fn begin(
        &mut self,
        style: usize,
        at: Duration,
        why: Why,
        chance: &mut Chance,
    ) -> Option<(Duration, End)> {
        let mut takes = self.mean * (1.0 + self.spread * (2.0 * chance.unit() - 1.0));
        if !self.loaded[style] {
            takes += self.cold.as_secs_f64();
        }
        let trouble = self.trouble(at);
        if trouble == Some(Trouble::Slow) {
            takes *= 5.0;
        }
        let takes = Duration::from_secs_f64(takes);
        let soon = Duration::from_millis(50);
        let says = || "simulated".to_owned();
        if why == Why::Resume {
            return Some(match trouble {
                Some(Trouble::Cut | Trouble::Dead | Trouble::Frozen) => {
                    (soon, failed(Fault::Unsure(says())))
                }
                _ if chance.unit() < 0.5 => (takes / 2, End::Done),
                _ => (soon, failed(Fault::Gone)),
            });
        }
        let end = match trouble {
            None | Some(Trouble::Slow) => {
                self.loaded[style] = true;
                (takes, End::Done)
            }
            Some(Trouble::Zombie | Trouble::Frozen) => return None,
            Some(Trouble::Dead) => {
                let midway = false;
                (
                    soon,
                    failed(Fault::Unreachable {
                        says: says(),
                        midway,
                    }),
                )
            }
            Some(Trouble::Flaky) if chance.unit() < 0.5 => (takes, End::Done),
            Some(Trouble::Flaky) => (takes / 2, failed(Fault::Transient(says()))),
            Some(Trouble::Rubbish) => (takes, failed(Fault::Transient(says()))),
            Some(Trouble::Memory) => (takes / 2, failed(Fault::Memory(says()))),
            Some(Trouble::Broken) => (soon, failed(Fault::Restart(says()))),
            Some(Trouble::Busy) => {
                let retry_after = None;
                (
                    soon,
                    failed(Fault::Busy {
                        says: says(),
                        retry_after,
                    }),
                )
            }
            Some(Trouble::Unfit) if style == 0 => (takes, End::Done),
            Some(Trouble::Unfit) => (soon, failed(Fault::Unfit(says()))),
            Some(Trouble::Cut) if self.billed => (takes / 3, failed(Fault::Unsure(says()))),
            Some(Trouble::Cut) => (takes / 3, failed(Fault::Transient(says()))),
        };
        match self.breaks_off(at, at + end.0) {
            Some((when, Trouble::Dead)) => {
                self.loaded = [false; 4];
                let midway = true;
                Some((
                    when - at,
                    failed(Fault::Unreachable {
                        says: says(),
                        midway,
                    }),
                ))
            }
            Some(_) => None,
            None => Some(end),
        }
    }

    /// What a look shows: whether it painted, or what is wrong.
    pub(crate) fn look(&self, at: Duration, canary: bool) -> Result<bool, String> {
        match self.trouble(at) {
            Some(Trouble::Dead | Trouble::Frozen) => Err("it does not answer".to_owned()),
            Some(Trouble::Zombie | Trouble::Broken) if canary => {
                Err("it does not paint".to_owned())
            }
            _ => Ok(canary),
        }
    }

    /// Whether what it has begun goes on.
    pub(crate) fn is_alive(&self, at: Duration) -> bool {
        !matches!(self.trouble(at), Some(Trouble::Zombie | Trouble::Frozen))
    }

    /// Whether it does not even stop when told to.
    pub(crate) fn is_stubborn(&self, at: Duration) -> bool {
        self.trouble(at) == Some(Trouble::Frozen)
    }

    pub(crate) fn restart(&mut self) {
        self.restarted = true;
        self.cools();
    }

    pub(crate) fn cools(&mut self) {
        self.loaded = [false; 4];
    }
}
