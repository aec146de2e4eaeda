//! Durable work: what is to be done, who is at it, and how often it was tried.
//!
//! A job is put into a queue in the same transaction as the events that caused it
//! ([`sqlite::enqueue`]), claimed with a lease, and finished in the same transaction as its result
//! ([`sqlite::settle`]). A worker whose lease has run out changes nothing any more. Times are the
//! booth's steady clock ([`crate::clock`]), which a jumping wall clock does not move.

pub mod sqlite;

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use crate::store::StoreError;

pub use sqlite::SqliteQueue;

/// A job that is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Which queue: one a style (`paint:renoir`), one a verb (`print`, `expire`).
    pub queue: String,
    /// The session it works for.
    pub session: Uuid,
    /// What it works on: a painting, a print, a picture, a session; the log says the rest. There
    /// is at most one job for a subject.
    pub subject: Uuid,
    /// When it may be claimed at the earliest; `None` is at once.
    pub not_before: Option<Timestamp>,
}

/// The right to work on a job, until it runs out or is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The job.
    pub job: i64,
    /// Which claim of it this is: 1 for the first.
    pub number: i64,
}

/// A claimed job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The right to work on it.
    pub lease: Lease,
    /// Where it waited.
    pub queue: String,
    /// The session it works for.
    pub session: Uuid,
    /// What it works on.
    pub subject: Uuid,
    /// How often it was given back by [`Queue::retry`], for whatever reason, or set aside.
    pub attempts: u32,
    /// When it was put into the queue.
    pub queued_at: Timestamp,
    /// When it was claimed for the first time.
    pub first_claimed_at: Timestamp,
}

/// Why the queue could not answer.
pub type QueueError = StoreError;

/// Where workers find what to do next.
#[async_trait]
pub trait Queue: Send + Sync + std::fmt::Debug {
    /// Claims the job that has waited longest in any of `queues`, for `lease` long. Jobs whose
    /// lease has run out count as waiting.
    async fn claim(&self, queues: &[String], lease: Duration) -> Result<Option<Job>, QueueError>;

    /// Prolongs a lease. `false`: it is lost, stop working.
    async fn renew(&self, lease: Lease, by: Duration) -> Result<bool, QueueError>;

    /// Gives a job back after a failed attempt; it waits `delay` before it can be claimed again.
    async fn retry(&self, lease: Lease, delay: Duration, error: &str) -> Result<bool, QueueError>;

    /// Gives a job back untouched, without counting an attempt (the worker is stopping).
    async fn release(&self, lease: Lease) -> Result<bool, QueueError>;

    /// When the next waiting job of `queues` can be claimed, if there is one.
    async fn next_at(&self, queues: &[String]) -> Result<Option<Timestamp>, QueueError>;

    /// The queues whose names begin so and in which something is still to be done, in the order of
    /// their names.
    async fn named(&self, prefix: &str) -> Result<Vec<String>, QueueError>;

    /// Takes back every lease: for the start, when nobody can be at work. Returns how many.
    async fn reclaim(&self) -> Result<u64, QueueError>;
}
