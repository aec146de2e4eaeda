//! The whole pool with true adapters before simulated servers, by the machine's clock: whatever goes
//! wrong there, every visit ends in time with four paintings, and staff and the journal are told.
//!
//! In a program of its own: the pool's other tests live by a clock that passes only while nothing
//! in their program has anything to do.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(
    clippy::print_stdout,
    reason = "figures are for reading: cargo test --test faults -- --nocapture"
)]

mod adapters;
mod comfyui;
#[allow(
    dead_code,
    unused_imports,
    reason = "a part of it is for the pool's other tests"
)]
#[path = "../pool/house/mod.rs"]
mod house;
#[path = "../pool/journal.rs"]
mod journal;
mod lag;
mod moderation;
#[path = "../simulated/mod.rs"]
mod simulated;
