//! What the pool says of itself: for the staff page and whoever wants to know how the evening goes.
//!
//! States are codes for pages and a sentence for people; times are seconds, money is in the
//! operator's currency, and nothing in here belongs to a visitor but the ids of their paintings.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The pool as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PoolReport {
    /// When this was said.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Paintings that wait for a server, or for their next attempt.
    pub waiting: u32,
    /// Paintings that a server is at.
    pub painting: u32,
    /// How long the one that has waited longest has waited since it was asked for, in seconds.
    pub longest_wait_s: u64,
    /// Seconds until a visit that asked now for every style would be done, at best and at worst.
    pub eta_s: [u64; 2],
    /// Whether the embedded painter steps in where no server is in time.
    pub stand_in: bool,
    /// Every server, in the order of settings; the stand-in last.
    pub servers: Vec<ServerReport>,
    /// Every style, in the order of settings.
    pub styles: Vec<StyleReport>,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ServerReport {
    /// Its name in settings; `stand-in` is the embedded painter that settings do not list.
    pub id: String,
    /// What it is (`embedded`, `comfyui`).
    pub kind: String,
    /// In one word, for colours and filters.
    pub state: ServerState,
    /// In plain English: why it is in that state, and what it says of itself.
    pub says: String,
    /// What keeps it from painting, or kept it last, in a word that pages translate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// Seconds until it is looked at again, while it is left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again_in_s: Option<u64>,
    /// What it said itself, of itself or of its trouble, in whatever language it speaks; may be
    /// empty.
    pub own_words: String,
    /// Since when it is in that state.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Whether staff took it out of service: it finishes what it is at and begins nothing.
    pub draining: bool,
    /// Whether each attempt there costs money.
    pub billed: bool,
    /// How many paintings it works on at once.
    pub slots: u32,
    /// What it is at.
    pub at_work: Vec<AtWork>,
    /// The styles it paints.
    pub styles: Vec<String>,
    /// The styles it should paint and cannot, and what it said.
    pub unfit: Vec<Unfit>,
    /// How long it takes, by style, as measured.
    pub times: Vec<PaceReport>,
    /// What went wrong there last, if anything did.
    pub last_error: Option<ErrorReport>,
    /// What it did today (by the clock on the wall).
    pub today: Tally,
    /// What it did since the record began.
    pub ever: Tally,
}

/// How a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServerState {
    /// It paints, or would at once.
    Ready,
    /// It is being switched on, or loads its models.
    Waking,
    /// It rests; the next visitor wakes it.
    Resting,
    /// Outside its opening hours, or its money for today is spent.
    Closed,
    /// Back after trouble: one painting at a time until one has gone well.
    OnTrial,
    /// In trouble, and left alone until it is looked at again.
    Down,
}

impl ServerState {
    /// The word in JSON and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Waking => "waking",
            Self::Resting => "resting",
            Self::Closed => "closed",
            Self::OnTrial => "on_trial",
            Self::Down => "down",
        }
    }
}

/// What keeps a server from painting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GeneratorCause)]
pub enum Cause {
    /// It is not there, or was suddenly gone.
    Unreachable,
    /// It has too much to do.
    Busy,
    /// It was not done in time.
    TimedOut,
    /// It went on for strangely long without a sign of life.
    Stalled,
    /// It has to be started anew.
    NeedsRestart,
    /// Its paintings failed for no reason that tells more.
    Failing,
    /// It was looked at, and was not well.
    Unwell,
    /// Its memory was too small for a painting.
    OutOfMemory,
    /// It could not be switched on.
    NotWoken,
    /// It could not be switched off, and costs what it costs.
    NotRested,
    /// It is not its hour.
    OutOfHours,
    /// Its money for today is spent.
    Spent,
}

impl Cause {
    /// The word in JSON and in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Busy => "busy",
            Self::TimedOut => "timed_out",
            Self::Stalled => "stalled",
            Self::NeedsRestart => "needs_restart",
            Self::Failing => "failing",
            Self::Unwell => "unwell",
            Self::OutOfMemory => "out_of_memory",
            Self::NotWoken => "not_woken",
            Self::NotRested => "not_rested",
            Self::OutOfHours => "out_of_hours",
            Self::Spent => "spent",
        }
    }

    /// Whether somebody may want to see to it: hours are kept on purpose.
    pub fn is_trouble(self) -> bool {
        self != Self::OutOfHours
    }
}

/// An attempt that runs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AtWork {
    /// The painting.
    pub painting: Uuid,
    /// In whose manner.
    pub style: String,
    /// Why this attempt was begun.
    pub why: Why,
    /// For how long it has run, in seconds.
    pub for_s: u64,
    /// How far it is, 0 to 1.
    pub share: f32,
}

/// Why an attempt is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It is the painting's turn.
    Turn,
    /// An earlier attempt failed.
    Again,
    /// An earlier one takes strangely long, and this server was idle.
    Hedge,
    /// No server is in time.
    StandIn,
    /// An attempt of an earlier run may still be coming: it is waited for.
    Resume,
}

impl Why {
    /// The word in JSON and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Turn => "turn",
            Self::Again => "again",
            Self::Hedge => "hedge",
            Self::StandIn => "stand_in",
            Self::Resume => "resume",
        }
    }
}

/// A style that a server cannot paint, although settings say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unfit {
    /// The style.
    pub style: String,
    /// What is missing.
    pub says: String,
}

/// How long one server takes for one style.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PaceReport {
    /// The style.
    pub style: String,
    /// Seconds with the model loaded.
    pub warm_s: Option<f64>,
    /// Seconds where it had to be loaded first.
    pub cold_s: Option<f64>,
    /// Nineteen of twenty took no longer than this many seconds.
    pub p95_s: Option<f64>,
    /// How many were measured in this run.
    pub measured: u32,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorReport {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// At which style; `None` if it was not painting.
    pub style: Option<String>,
    /// What it said.
    pub says: String,
}

/// What was done and what it cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
pub struct Tally {
    /// Attempts begun.
    pub attempts: u64,
    /// Paintings that hang.
    pub done: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Attempts that were stopped: no longer wanted, or another was faster.
    pub stopped: u64,
    /// Seconds spent painting, all slots added.
    pub busy_s: f64,
    /// Seconds it was switched on, for servers that are switched.
    pub awake_s: f64,
    /// Money: by painting and by the hour.
    pub spent: f64,
}

/// One style.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct StyleReport {
    /// Its id.
    pub id: String,
    /// Paintings that wait.
    pub waiting: u32,
    /// Paintings under way.
    pub painting: u32,
    /// Attempts begun in this run.
    pub attempts: u64,
    /// Paintings hung in this run.
    pub done: u64,
    /// Attempts failed in this run.
    pub failed_attempts: u64,
    /// Paintings given up in this run.
    pub given_up: u64,
    /// Of those that hang, how many the stand-in painted.
    pub by_stand_in: u64,
}
