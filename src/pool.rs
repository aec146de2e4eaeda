//! All generators together: takes paintings from the queue, and sees each to its end.
//!
//! The [`foreman`] decides, as a pure function of what he was told; everything else in here are his
//! ears and hands. Each style has its own queue, attempts and patience, so that one that fails or
//! hangs never spoils the others, and the embedded painter steps in where no server is in time.
//!
//! | file | its job |
//! |---|---|
//! | [`foreman`] | decides: who paints what next, what follows when it goes wrong |
//! | [`board`] | the foreman behind a lock |
//! | [`run`] | the loop: tells him what happened, carries out what he says |
//! | [`intake`] | from the queue and the record to the board |
//! | [`attempt`], [`hang`], [`blame`] | one attempt, to a painting on the wall or a failure |
//! | [`care`], [`rouse`], [`warm`], [`hooks`], [`hours`] | looks at servers, wakes them, has them load their models, lets them rest |
//! | [`ledger`], [`account`] | what may still be coming; what was done and what it cost |
//! | [`journal`] | what the journal says of the evening |
//! | [`tell`], [`report`] | how the pool is, in plain words |

mod account;
mod attempt;
mod blame;
pub mod board;
mod care;
mod chores;
pub mod foreman;
mod hang;
pub mod hooks;
pub mod hours;
mod intake;
mod journal;
mod ledger;
pub mod report;
mod rouse;
mod run;
pub mod settings;
mod tell;
mod warm;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::generator::Generator;
use crate::imaging;
use crate::queue::{Lease, Queue};
use crate::room::Feed;
use crate::secret::Entropy;
use crate::store::day_of;
use crate::visits::Visits;

pub use board::Board;
pub use care::TestError;
pub use foreman::{Rules, StyleRules};
pub use settings::{ServerSettings, Settings};

use account::Account;
use foreman::AttemptNo;
use intake::InHand;
use ledger::Ledger;

/// What the pool works with.
#[derive(Debug)]
pub struct Parts {
    /// Where results are reported.
    pub visits: Visits,
    /// Where work comes from.
    pub queue: Arc<dyn Queue>,
    /// Where pictures lie.
    pub blobs: Blobs,
    /// Who hears of progress.
    pub feed: Feed,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and jitter.
    pub entropy: Entropy,
    /// How large renditions are.
    pub sizes: imaging::Settings,
    /// What a generator's answer may weigh.
    pub limits: imaging::Limits,
    /// How long a painting is kept.
    pub keep: Duration,
    /// Who decides.
    pub board: Board,
}

/// The pool. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    servers: Vec<Member>,
    settings: Settings,
    wake: Notify,
    /// Claimed paintings, by id.
    in_hand: Mutex<HashMap<Uuid, InHand>>,
    /// Paintings that are to go back to the queue once the record can be written.
    owed: Mutex<Vec<Lease>>,
    /// Attempts under way, so that they can be stopped.
    running: Mutex<HashMap<AttemptNo, CancellationToken>>,
    account: Account,
    ledger: Ledger,
    counts: Mutex<Vec<tell::Counts>>,
    /// What the journal was last told of each server.
    told: Mutex<Vec<journal::Told>>,
}

/// A server of the pool.
#[derive(Debug)]
struct Member {
    generator: Arc<dyn Generator>,
    settings: ServerSettings,
}

impl Member {
    /// Whether its work outlives this process.
    fn is_remote(&self) -> bool {
        self.generator.card().kind.traits().remote
    }
}

impl Pool {
    /// A pool of these generators, which are those of the board's rules, in the same order.
    pub fn new(parts: Parts, generators: Vec<Arc<dyn Generator>>, settings: Settings) -> Self {
        let member = |generator: Arc<dyn Generator>| Member {
            settings: settings.of(&generator.card().id),
            generator,
        };
        let store = parts.visits.store();
        let (account, ledger) = (Account::new(store.clone()), Ledger::new(store.clone()));
        let styles = parts.board.with(|foreman, _| foreman.rules().styles.len());
        let servers = generators.len();
        Self(Arc::new(Inner {
            servers: generators.into_iter().map(member).collect(),
            settings,
            wake: Notify::new(),
            in_hand: Mutex::default(),
            owed: Mutex::default(),
            running: Mutex::default(),
            account,
            ledger,
            counts: Mutex::new(vec![tell::Counts::default(); styles]),
            told: Mutex::new(vec![journal::Told::default(); servers]),
            parts,
        }))
    }

    /// Chance, from 0 to 1.
    fn chance(&self) -> f64 {
        (self.0.parts.entropy.u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// What the clock on the wall shows: for servers' hours.
    fn wall(&self) -> jiff::Zoned {
        let zone = jiff::tz::TimeZone::system();
        self.0.parts.clock.wall().to_zoned(zone)
    }

    /// The account's day.
    fn day(&self) -> jiff::civil::Date {
        day_of(self.0.parts.clock.wall())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
