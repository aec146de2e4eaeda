//! One suite for each seam, passed by every adapter behind it; and printers with all that can happen
//! to paper.
//!
//! A new adapter is one more `#[tokio::test]` that builds it and calls the suite. Adapters of
//! real hardware join in when an environment variable names the device.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod camera;
mod camera_faces;
mod camera_mishaps;
mod comfyui;
mod comfyui_recorded;
#[path = "../desk/mod.rs"]
mod desk;
mod generator;
#[path = "../stand-ins/jump_clock.rs"]
mod jump_clock;
mod not_a_painting;
mod openai;
mod paper;
mod printer;
mod queue;
mod runpod;
mod sdwebui;
#[path = "../simulated/mod.rs"]
mod simulated;
mod spool;
#[path = "../stand-ins/camera.rs"]
mod stand_in;
