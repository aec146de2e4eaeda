//! One suite for each seam, passed by every adapter behind it; and printers with all that can happen
//! to paper.
//!
//! A new adapter is one more `#[tokio::test]` that builds it and calls the suite. Adapters of
//! real hardware join in when an environment variable names the device.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod camera;
#[path = "../desk/mod.rs"]
mod desk;
mod generator;
mod paper;
mod printer;
mod queue;
mod spool;
