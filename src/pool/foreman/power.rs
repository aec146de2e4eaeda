//! Which server is woken, and which goes to rest.

use std::time::Duration;

use super::{Fault, Foreman, Ill, Moment, Order};
use crate::pool::report::Cause;

/// How long after it could not be switched on, or off, that is tried again.
const AGAIN: Duration = Duration::from_secs(30);

/// Whether a server is switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Off: the next visitor wakes it, not before this moment.
    Asleep {
        /// When it may be woken.
        until: Moment,
    },
    /// On its way.
    Waking,
    /// There.
    Awake,
    /// On its way off; nobody may wake it before that is done.
    Resting,
    /// It could not be switched off: the next visitor wakes it, and without one it is switched off
    /// again at this moment.
    Restless {
        /// When that is.
        again: Moment,
    },
}

/// What came of waking a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Woken {
    /// It is there. Styles by their place in the rules.
    There {
        /// Those whose models are loaded.
        warm: Vec<usize>,
        /// Those whose models it did not load, and why not.
        faults: Vec<(usize, Fault)>,
    },
    /// It should be there, and is not well.
    Unwell(Ill),
    /// It could not be switched on, and why not.
    Off(String),
}

impl Foreman {
    /// A visitor has come: paintings will be wanted soon.
    pub fn visitor_came(&mut self, now: Moment) {
        self.visited = Some(now);
        for server in 0..self.servers.len() {
            let s = &self.servers[server];
            let idle = !s.warming && s.busy == 0 && s.is_trusted();
            if idle && !self.to_load(server, now).is_empty() {
                self.servers[server].warming = true;
                self.outbox.push(Order::Wake { server });
            }
        }
    }

    /// The styles, by their place in the rules, whose models that server should load now.
    pub fn to_load(&self, server: usize, now: Moment) -> Vec<usize> {
        let cold = |style: &usize| {
            self.could_paint(server, *style, now) && self.is_cold(server, *style, now)
        };
        // One painting loads a model for all its styles.
        let models = &self.rules.servers[server].models;
        let mut styles: Vec<usize> = (0..self.rules.styles.len()).filter(cold).collect();
        let mut seen = Vec::new();
        styles.retain(|style| {
            let new = !seen.contains(&models[*style]);
            seen.push(models[*style]);
            new
        });
        styles
    }

    /// A server was woken, as [`Order::Wake`] wanted it. `chance`, 0 to 1, spreads waits.
    pub fn woken(&mut self, server: usize, woken: Woken, now: Moment, chance: f64) {
        let s = &mut self.servers[server];
        s.warming = false;
        match woken {
            Woken::There { warm, faults } => {
                s.presence = Presence::Awake;
                s.hook = None;
                s.used = now;
                for style in warm {
                    s.warm[style] = Some(now);
                }
                for (style, fault) in faults {
                    if let Fault::Unfit(_) | Fault::Memory(_) = fault {
                        s.health.failed(&fault, style, now, chance);
                    }
                    s.trouble = Some((now, Some(style), fault.says().to_owned()));
                }
            }
            // It costs what it costs: it is looked at until it is well, and rests in its time.
            Woken::Unwell(ill) => {
                s.presence = Presence::Awake;
                s.hook = None;
                s.warm.fill(None);
                s.health.is_ill(&ill, now, chance);
                s.trouble = Some((now, None, ill.says));
            }
            Woken::Off(says) => {
                s.hook = Some((Cause::NotWoken, says.clone()));
                s.trouble = Some((now, None, says));
                let until = now + AGAIN;
                s.presence = Presence::Asleep { until };
            }
        }
    }

    /// A server was switched off, as [`Order::Rest`] wanted it, or was not, and why.
    pub fn rested(&mut self, server: usize, outcome: Result<(), String>, now: Moment) {
        let s = &mut self.servers[server];
        s.hook = None;
        s.presence = match outcome {
            Ok(()) => Presence::Asleep { until: now },
            Err(says) => {
                s.hook = Some((Cause::NotRested, says.clone()));
                s.trouble = Some((now, None, says));
                let again = now + AGAIN;
                Presence::Restless { again }
            }
        };
    }

    /// A switched server turned out to be on, from an earlier run: it rests when its time comes.
    pub fn found_on(&mut self, server: usize, now: Moment) {
        let s = &mut self.servers[server];
        if let Presence::Asleep { .. } = s.presence {
            s.presence = Presence::Awake;
            self.visited.get_or_insert(now);
        }
    }

    /// Switches a server on or off if it is time.
    pub(super) fn switch(&mut self, server: usize, visitors: bool, now: Moment) {
        let switched = self.rules.servers[server].switched;
        let s = &mut self.servers[server];
        let wanted = visitors && s.is_in_service();
        let wake = match s.presence {
            Presence::Asleep { until } => wanted && until <= now,
            // Whether it is on nobody knows.
            Presence::Restless { .. } => wanted,
            Presence::Waking | Presence::Awake | Presence::Resting => false,
        };
        let rest = match s.presence {
            Presence::Awake => switched && s.busy == 0 && !s.warming && !wanted,
            Presence::Restless { again } => !wanted && again <= now,
            Presence::Asleep { .. } | Presence::Waking | Presence::Resting => false,
        };
        if wake {
            s.presence = Presence::Waking;
            self.outbox.push(Order::Wake { server });
        } else if rest {
            s.presence = Presence::Resting;
            s.warm.fill(None);
            self.outbox.push(Order::Rest { server });
        }
    }
}
