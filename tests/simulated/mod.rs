//! Simulated servers: true listeners that speak the real protocols, and misbehave to order.
//!
//! Any test binary may take them in with
//! `#[path = "../simulated/mod.rs"] mod simulated;`.

#![allow(
    dead_code,
    unused_imports,
    reason = "each test binary uses a part of it"
)]

pub(crate) mod comfyui;
pub(crate) mod host;
pub(crate) mod openai;
pub(crate) mod picture;
pub(crate) mod replay;
pub(crate) mod runpod;
pub(crate) mod sdwebui;

pub(crate) use comfyui::{Fault, SimulatedComfyUi};
pub(crate) use host::{Heard, Host, Mischief, Trap};
