//! The foreman: which server paints what, when, and what follows when it goes wrong.
//!
//! Pure policy over plain state. It is told what happens (a painting waits, an attempt ended, a
//! server was looked at) and [`Foreman::decide`] says what to do about it; time and chance are
//! arguments. The daemon ([`super::run`]) and the simulation in `tests/pool` drive the same one.
//!
//! | file | its question |
//! |---|---|
//! | [`rules`] | what do settings say? |
//! | [`fair`] | whose turn is it? |
//! | [`choose`] | which server for this painting? |
//! | [`after`] | what follows when an attempt ends? |
//! | [`forbidden`] | what do providers' rules forbid? |
//! | [`watch`] | which attempt has taken too long, and which is worth a second one elsewhere? |
//! | [`notes`] | what should the journal say of it? |
//! | [`late`] | when must the stand-in step in, and when is a painting given up? |
//! | [`power`] | which server is woken, which rests? |
//! | [`tend`] | which server is looked at? |
//! | [`health`] | can a server be trusted? |
//! | [`pace`] | how long does it take? |
//! | [`line`] | how long will this visitor wait? |

mod after;
mod choose;
mod fair;
mod forbidden;
pub mod health;
mod late;
pub mod line;
mod notes;
pub mod pace;
mod power;
pub mod rules;
mod tend;
mod watch;
mod work;

use std::collections::BTreeMap;
use std::time::Duration;

use uuid::Uuid;

use super::report::Why;
use crate::session::FailureCode;

pub use after::{End, Fault};
pub use health::{Breaker, Proof};
pub use notes::Note;
pub use power::{Presence, Woken};
pub use rules::{Rules, ServerRules, Spread, StyleRules};
pub use tend::{Ill, Look, Server};
pub use watch::{LOADING, STOPPING};
pub use work::{Attempt, Job, Unsure, Wanted};

/// A moment by the booth's steady clock, as time since 1970.
pub type Moment = Duration;

/// An attempt's number; counts up for as long as the foreman lives.
pub type AttemptNo = u64;

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Begin an attempt. Answer with [`Foreman::ended`].
    Paint {
        /// Its number.
        attempt: AttemptNo,
        /// What to paint.
        painting: Uuid,
        /// In which style, by its place in the rules.
        style: usize,
        /// Where.
        server: usize,
        /// Why.
        why: Why,
        /// Whether to paint smaller: that server ran out of memory over it.
        smaller: bool,
    },
    /// Stop an attempt, and answer with [`Foreman::ended`] once it has stopped.
    Stop {
        /// Its number.
        attempt: AttemptNo,
    },
    /// Report a painting as failed; it is off the board.
    GiveUp {
        /// Which.
        painting: Uuid,
        /// Its style, by its place in the rules.
        style: usize,
        /// Why, in a word for the visitor.
        code: FailureCode,
        /// Why, for the log.
        says: String,
    },
    /// See how a server is. Answer with [`Foreman::looked`].
    Look {
        /// Which.
        server: usize,
        /// By asking, or by having it paint a sample of this style.
        canary: Option<usize>,
        /// Whether to restart it first.
        restart: bool,
    },
    /// Switch a server on if it is switched, and have it load its models. Answer with
    /// [`Foreman::woken`].
    Wake {
        /// Which.
        server: usize,
    },
    /// Switch a server off. Answer with [`Foreman::rested`].
    Rest {
        /// Which.
        server: usize,
    },
}

/// The policy and all that it knows.
#[derive(Debug, Clone)]
pub struct Foreman {
    rules: Rules,
    servers: Vec<Server>,
    jobs: BTreeMap<Uuid, Job>,
    attempts: BTreeMap<AttemptNo, Attempt>,
    next: AttemptNo,
    /// When a visitor was last seen, or work was last there.
    visited: Option<Moment>,
    /// What earlier calls have caused.
    outbox: Vec<Order>,
    /// What the journal has not been told yet.
    notes: Vec<Note>,
    /// What providers' rules forbid.
    forbidden: forbidden::Forbidden,
    /// The deadlines of the paintings that nobody may be expected to paint in time, in order.
    doubtful: Vec<Moment>,
}

impl Foreman {
    /// A foreman who has seen nothing yet.
    pub fn new(rules: Rules, now: Moment) -> Self {
        let servers = rules.servers.iter();
        Self {
            servers: servers
                .map(|server| Server::new(server, rules.styles.len(), now))
                .collect(),
            rules,
            jobs: BTreeMap::new(),
            attempts: BTreeMap::new(),
            next: 1,
            visited: None,
            outbox: Vec::new(),
            notes: Vec::new(),
            forbidden: forbidden::Forbidden::default(),
            doubtful: Vec::new(),
        }
    }

    /// A painting is to be painted. Telling it again changes nothing.
    pub fn take_in(&mut self, wanted: Wanted, now: Moment) {
        let style = &self.rules.styles[wanted.style];
        self.visited = Some(now);
        let forbidden = self.forbidden.holds(&wanted);
        self.jobs.entry(wanted.painting).or_insert_with(|| {
            let job = Job::new(wanted, style, now);
            if forbidden { job.forbidden() } else { job }
        });
    }

    /// A painting is no longer wanted: what is at it is stopped.
    pub fn forget(&mut self, painting: Uuid, now: Moment) {
        self.let_go(painting);
        self.stop_all_at(painting, now);
    }

    /// An attempt told how far it is, or gave any other sign of life. Whether it is the furthest of
    /// those at its painting: the one to show.
    pub fn heard(&mut self, attempt: AttemptNo, share: f32, now: Moment) -> bool {
        let Some(told) = self.attempts.get_mut(&attempt) else {
            return false;
        };
        // Of what is stopped or hangs already nobody wants to hear.
        if told.stopping.is_some() || !self.jobs.contains_key(&told.painting) {
            return false;
        }
        (told.heard, told.share) = (Some(now), share);
        let painting = told.painting;
        self.at(painting).all(|other| other.share <= share)
    }

    /// The server of an attempt tells of it: its silence means something from now on.
    pub fn tells(&mut self, attempt: AttemptNo, telling: bool) {
        if let Some(told) = self.attempts.get_mut(&attempt) {
            told.telling = telling;
        }
    }

    /// The server of an attempt is done with it: its seat is free, unless it has to be shown first
    /// that the painting is one, or its price is not booked yet.
    pub fn finished(&mut self, attempt: AttemptNo, now: Moment) {
        let Some(told) = self.attempts.get_mut(&attempt) else {
            return;
        };
        let server = &mut self.servers[told.server];
        let proven = server.health.breaker() == Breaker::Closed;
        let by_turn = !matches!(told.why, Why::Resume | Why::StandIn);
        let free = !self.rules.servers[told.server].billed;
        if proven && by_turn && free && told.finished.is_none() && told.stopping.is_none() {
            told.finished = Some(now);
            server.leave(told.why);
        }
    }

    /// All that is to be done now. `chance`, 0 to 1, spreads waits.
    pub fn decide(&mut self, now: Moment, chance: f64) -> Vec<Order> {
        if !self.jobs.is_empty() {
            self.visited = Some(now);
        }
        self.tend(now);
        self.watch(now, chance);
        self.doubt(now);
        let turn = self.in_turn(now);
        self.hand_out(&turn, now);
        self.step_in(&turn, now);
        self.give_up(now);
        self.hedge(now);
        std::mem::take(&mut self.outbox)
    }

    /// How long until [`Self::decide`] may have something to say although nothing was told.
    pub fn rest(&self, now: Moment) -> Duration {
        const WHILE_BUSY: Duration = Duration::from_secs(1);
        const IDLE: Duration = Duration::from_secs(2);
        if self.jobs.is_empty() && self.attempts.is_empty() {
            return IDLE;
        }
        let jobs = self.jobs.values();
        let jobs = jobs.flat_map(|job| [job.not_before, self.late_from(job), job.deadline]);
        let attempts = self.attempts.values().map(|attempt| attempt.until);
        let due = jobs.chain(attempts).filter(|at| *at > now).min();
        due.map_or(WHILE_BUSY, |at| (at - now).min(WHILE_BUSY))
    }

    /// What settings say.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// How the servers are, in the order of the rules.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// What is to be painted.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.values()
    }

    /// What is being painted.
    pub fn attempts(&self) -> impl Iterator<Item = (AttemptNo, &Attempt)> {
        self.attempts.iter().map(|(no, attempt)| (*no, attempt))
    }

    /// Whether a painting is still to be painted.
    pub fn wants(&self, painting: Uuid) -> bool {
        self.jobs.contains_key(&painting)
    }

    /// Begins an attempt.
    fn begin(&mut self, painting: Uuid, server: usize, why: Why, now: Moment) {
        let job = &self.jobs[&painting];
        let (style, smaller) = (job.wanted.style, job.out_of_memory.contains(&server));
        let cold = self.is_cold(server, style, now);
        let attempt = Attempt {
            painting,
            visit: job.wanted.visit,
            server,
            style,
            why,
            cold,
            began: now,
            until: now + self.rules.timeout(server, style),
            heard: None,
            telling: false,
            finished: None,
            share: 0.0,
            stopping: None,
        };
        let no = self.next;
        self.next += 1;
        self.attempts.insert(no, attempt);
        self.servers[server].enter(why);
        if self.rules.is_stand_in(server, style, why) {
            self.note_stand_in(painting, server, style, now);
        }
        if !matches!(why, Why::Resume | Why::StandIn)
            && let Some(job) = self.jobs.get_mut(&painting)
        {
            job.wanted.unsure = None;
        }
        self.outbox.push(Order::Paint {
            attempt: no,
            painting,
            style,
            server,
            why,
            smaller,
        });
    }

    /// Asks an attempt to stop; its seat is free once it has.
    fn stop(&mut self, no: AttemptNo, now: Moment) {
        if let Some(attempt) = self.attempts.get_mut(&no)
            && attempt.stopping.is_none()
        {
            attempt.stopping = Some(now);
            self.outbox.push(Order::Stop { attempt: no });
        }
    }

    fn stop_all_at(&mut self, painting: Uuid, now: Moment) {
        let at_it = self.attempts.iter().filter(|(_, a)| a.painting == painting);
        let at_it: Vec<AttemptNo> = at_it.map(|(no, _)| *no).collect();
        for no in at_it {
            self.stop(no, now);
        }
    }

    /// The attempts at a painting that have not been asked to stop.
    fn at(&self, painting: Uuid) -> impl Iterator<Item = &Attempt> {
        let running = move |a: &&Attempt| a.painting == painting && a.stopping.is_none();
        self.attempts.values().filter(running)
    }
}
