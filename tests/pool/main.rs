//! The pool, tried: its policy in a simulated booth where hours pass in milliseconds, and the whole
//! pool (true queue, record and pictures) against generators that fail in every way we know.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(
    clippy::print_stdout,
    reason = "figures are for reading: cargo test --test pool -- --nocapture"
)]

mod figures;
mod hooks;
mod house;
mod journal;
mod matrix;
mod moderation;
mod money;
mod policy;
mod power;
mod preference;
mod properties;
#[path = "../simulated/mod.rs"]
mod simulated;
mod staff;
mod trust;
mod world;
