//! A simulated booth: visitors come, servers paint and misbehave, the true foreman decides.
//!
//! Time is a number that jumps from event to event. Whatever depends on chance is drawn from a
//! seed, so that what went wrong once goes wrong again.

mod booth;
mod chance;
mod server;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use easel::pool::foreman::{
    AttemptNo, End, Fault, Foreman, Ill, Look, Moment, Order, Rules, Wanted, Woken,
};
use easel::pool::report::{Cause, Why};
use easel::session::FailureCode;
use uuid::Uuid;

pub(crate) use booth::{Mix, embedded, rules};
pub(crate) use chance::Chance;
pub(crate) use server::{Machine, Spell, Trouble, machine};

/// When the world begins, by its steady clock.
pub(crate) const BEGIN: Moment = Duration::from_secs(1_000_000);

#[derive(Debug, Clone, PartialEq)]
enum Event {
    Comes { visit: Uuid },
    Asks { visit: Uuid, styles: Vec<usize> },
    Leaves { visit: Uuid },
    Ends { attempt: AttemptNo, end: End },
    Tells { attempt: AttemptNo },
    Looked { server: usize, canary: bool },
    Woken { server: usize },
    Rested { server: usize },
    Tick,
}

/// What became of a painting.
#[derive(Debug, Clone)]
pub(crate) struct Fate {
    pub(crate) visit: Uuid,
    pub(crate) asked: Moment,
    pub(crate) settled: Option<Moment>,
    pub(crate) done: bool,
    pub(crate) by: Option<usize>,
    /// What the visitor was told when they asked, in seconds.
    pub(crate) told: [u64; 2],
    /// Attempts begun, and those of them that used none up.
    pub(crate) begun: u32,
    pub(crate) free: u32,
    pub(crate) stood_in: u32,
    pub(crate) hedged: u32,
    pub(crate) left: bool,
}

/// An attempt as the server sees it.
#[derive(Debug, Clone)]
struct Running {
    painting: Uuid,
    server: usize,
    why: Why,
}

/// The booth and its visitors.
pub(crate) struct World {
    pub(crate) foreman: Foreman,
    pub(crate) machines: Vec<Machine>,
    pub(crate) fates: BTreeMap<Uuid, Fate>,
    pub(crate) now: Moment,
    pub(crate) orders: Vec<(Moment, Order)>,
    chance: Chance,
    events: BTreeMap<(Moment, u64), Event>,
    serial: u64,
    running: HashMap<AttemptNo, Running>,
    /// Billed work that a server may still answer, by painting.
    in_flight: HashMap<Uuid, u32>,
    next_tick: Moment,
}

impl World {
    pub(crate) fn new(rules: Rules, machines: Vec<Machine>, seed: u64) -> Self {
        assert_eq!(rules.servers.len(), machines.len());
        Self {
            foreman: Foreman::new(rules, BEGIN),
            machines,
            fates: BTreeMap::new(),
            now: BEGIN,
            orders: Vec::new(),
            chance: Chance::new(seed),
            events: BTreeMap::new(),
            serial: 0,
            running: HashMap::new(),
            in_flight: HashMap::new(),
            next_tick: Moment::MAX,
        }
    }

    /// A visitor touches the screen at `at` and asks for these styles five seconds later.
    pub(crate) fn visit(&mut self, at: Duration, styles: &[usize]) -> Uuid {
        let visit = Uuid::from_u128(u128::from(self.chance.next()) << 64 | 1);
        let asks = Event::Asks {
            visit,
            styles: styles.to_vec(),
        };
        self.at(BEGIN + at, Event::Comes { visit });
        self.at(BEGIN + at + Duration::from_secs(5), asks);
        visit
    }

    /// The visitor erases everything at `at`.
    pub(crate) fn erases(&mut self, visit: Uuid, at: Duration) {
        self.at(BEGIN + at, Event::Leaves { visit });
    }

    /// Goes on until nothing is left to do, or for `most`.
    pub(crate) fn run(&mut self, most: Duration) {
        let end = BEGIN + most;
        loop {
            let Some((&(at, _), _)) = self.events.first_key_value() else {
                return;
            };
            if at > end || self.is_quiet() {
                return;
            }
            let ((at, _), event) = self.events.pop_first().unwrap();
            self.now = at;
            if event == Event::Tick {
                self.next_tick = Moment::MAX;
            }
            self.happens(event);
            self.decide();
        }
    }

    fn is_quiet(&self) -> bool {
        let coming = |e: &Event| matches!(e, Event::Comes { .. } | Event::Asks { .. });
        self.running.is_empty()
            && self.foreman.jobs().next().is_none()
            && !self.events.values().any(coming)
    }

    fn at(&mut self, at: Moment, event: Event) {
        self.serial += 1;
        self.events.insert((at, self.serial), event);
    }

    fn happens(&mut self, event: Event) {
        let now = self.now;
        match event {
            Event::Comes { .. } => self.foreman.visitor_came(now),
            Event::Asks { visit, styles } => self.asks(visit, &styles),
            Event::Leaves { visit } => {
                let jobs = self.foreman.jobs().filter(|job| job.wanted.visit == visit);
                let theirs: Vec<Uuid> = jobs.map(|job| job.wanted.painting).collect();
                for painting in theirs {
                    self.foreman.forget(painting, now);
                }
                let theirs = self.fates.values_mut().filter(|f| f.visit == visit);
                for fate in theirs.filter(|f| f.settled.is_none()) {
                    (fate.left, fate.settled) = (true, Some(now));
                }
            }
            Event::Ends { attempt, end } => self.ends(attempt, end),
            Event::Tells { attempt } => {
                if let Some(running) = self.running.get(&attempt) {
                    if self.machines[running.server].is_alive(now - BEGIN) {
                        self.foreman.heard(attempt, 0.5, now);
                    }
                    self.at(now + Duration::from_secs(1), Event::Tells { attempt });
                }
            }
            Event::Looked { server, canary } => {
                let chance = self.chance.unit();
                let looked = self.machines[server].look(now - BEGIN, canary);
                let look = looked.map(|painted| Look {
                    painted,
                    ..Look::default()
                });
                let look = look.map_err(|says| Ill {
                    cause: Cause::Unwell,
                    says,
                    stuck: false,
                    speechless: false,
                });
                self.foreman.looked(server, look, now, chance);
            }
            Event::Woken { server } => {
                let (warm, faults) = (self.foreman.to_load(server, now), Vec::new());
                let chance = self.chance.unit();
                let woken = Woken::There { warm, faults };
                self.foreman.woken(server, woken, now, chance);
            }
            Event::Rested { server } => self.foreman.rested(server, Ok(()), now),
            Event::Tick => {}
        }
    }

    fn asks(&mut self, visit: Uuid, styles: &[usize]) {
        let own: Vec<(Uuid, usize)> = styles
            .iter()
            .map(|style| {
                (
                    Uuid::from_u128(u128::from(self.chance.next()) << 64 | 2),
                    *style,
                )
            })
            .collect();
        let told = self.foreman.place(visit, &own, self.now).eta_s;
        for (painting, style) in own {
            let (asked, now) = (self.now, self.now);
            let fate = Fate {
                visit,
                asked,
                settled: None,
                done: false,
                by: None,
                told,
                begun: 0,
                free: 0,
                stood_in: 0,
                hedged: 0,
                left: false,
            };
            self.fates.insert(painting, fate);
            let (offsite, failed, unsure) = (true, 0, None);
            let wanted = Wanted {
                painting,
                visit,
                capture: visit,
                style,
                asked,
                offsite,
                failed,
                unsure,
            };
            self.foreman.take_in(wanted, now);
        }
    }

    fn decide(&mut self) {
        let chance = self.chance.unit();
        for order in self.foreman.decide(self.now, chance) {
            self.orders.push((self.now, order.clone()));
            self.carry_out(&order);
        }
        let tick = self.now + self.foreman.rest(self.now);
        if tick < self.next_tick {
            self.next_tick = tick;
            self.at(tick, Event::Tick);
        }
        self.no_seat_is_taken_twice();
    }

    fn carry_out(&mut self, order: &Order) {
        let now = self.now;
        match *order {
            Order::Paint {
                attempt,
                painting,
                server,
                why,
                ..
            } => {
                self.begins(attempt, painting, server, why);
            }
            Order::Stop { attempt } => {
                let Some(running) = self.running.get(&attempt) else {
                    return;
                };
                if !self.machines[running.server].is_stubborn(now - BEGIN) {
                    let (at, end) = (now + Duration::from_millis(100), End::Stopped);
                    self.at(at, Event::Ends { attempt, end });
                }
            }
            Order::GiveUp { painting, .. } => {
                let fate = self.fates.get_mut(&painting).unwrap();
                assert_eq!(fate.settled, None, "settled twice");
                fate.settled = Some(now);
            }
            Order::Look {
                server,
                canary,
                restart,
            } => {
                if restart {
                    self.machines[server].restart();
                }
                let takes = if canary.is_some() { 8 } else { 1 };
                let canary = canary.is_some();
                self.at(
                    now + Duration::from_secs(takes),
                    Event::Looked { server, canary },
                );
            }
            Order::Wake { server } => {
                let takes = self.machines[server].wakes_in;
                self.at(now + takes, Event::Woken { server });
            }
            Order::Rest { server } => {
                self.machines[server].cools();
                self.at(now + Duration::from_secs(1), Event::Rested { server });
            }
        }
    }

    fn begins(&mut self, attempt: AttemptNo, painting: Uuid, server: usize, why: Why) {
        let fate = self.fates.get_mut(&painting).unwrap();
        assert!(
            fate.settled.is_none(),
            "nothing begins at a settled painting"
        );
        match why {
            Why::StandIn => fate.stood_in += 1,
            Why::Hedge => fate.hedged += 1,
            Why::Turn | Why::Again => fate.begun += 1,
            Why::Resume => {}
        }
        let rules = &self.foreman.rules().servers[server];
        if rules.billed && why != Why::Resume {
            let flying = self.in_flight.entry(painting).or_default();
            assert_eq!(
                *flying, 0,
                "a billed attempt is repeated while its answer may come"
            );
            *flying += 1;
        }
        let tells = self.machines[server].tells;
        self.running.insert(
            attempt,
            Running {
                painting,
                server,
                why,
            },
        );
        let style = self.foreman.jobs().find(|j| j.wanted.painting == painting);
        let style = style.unwrap().wanted.style;
        let machine = &mut self.machines[server];
        let ends = machine.begin(style, self.now - BEGIN, why, &mut self.chance);
        if let Some((takes, end)) = ends {
            self.at(self.now + takes, Event::Ends { attempt, end });
        }
        if tells {
            self.foreman.tells(attempt, true);
            self.at(self.now + Duration::from_secs(1), Event::Tells { attempt });
        }
    }

    fn ends(&mut self, attempt: AttemptNo, end: End) {
        let Some(running) = self.running.remove(&attempt) else {
            return;
        };
        let painting = running.painting;
        let may_come = matches!(
            &end,
            End::Failed {
                fault: Fault::Unsure(_),
                ..
            }
        );
        if self.foreman.rules().servers[running.server].billed && !may_come {
            self.in_flight.remove(&painting);
        }
        let fate = self.fates.get_mut(&painting).unwrap();
        if end == End::Done && fate.settled.is_some() {
            // The record refuses it: another was first, or nobody wants it.
            assert!(!self.foreman.wants(painting));
        } else if end == End::Done {
            (fate.settled, fate.done, fate.by) = (Some(self.now), true, Some(running.server));
        }
        if let End::Failed { fault, .. } = &end
            && !matches!(running.why, Why::StandIn | Why::Hedge | Why::Resume)
            && matches!(
                fault,
                Fault::Unreachable { midway: false, .. }
                    | Fault::Busy { .. }
                    | Fault::Unfit(_)
                    | Fault::Unsure(_)
            )
        {
            fate.free += 1;
        }
        self.foreman
            .ended(attempt, end, self.now, self.chance.unit());
    }

    fn no_seat_is_taken_twice(&self) {
        let mut busy = vec![0; self.machines.len()];
        for (_, attempt) in self.foreman.attempts() {
            busy[attempt.server] += 1;
        }
        for (server, busy) in busy.into_iter().enumerate() {
            assert!(busy <= self.foreman.rules().servers[server].slots);
        }
    }
}

/// A failure of that kind.
pub(crate) fn failed(fault: Fault) -> End {
    let code = FailureCode::GeneratorFailed;
    End::Failed { fault, code }
}
