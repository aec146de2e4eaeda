//! The booth through its doors: what visitors, phones and the screen can do over plain HTTP, and
//! what becomes of it when a part fails or the power goes.
//!
//! Each test opens booths of its own ([`house`]) on free ports over a folder of its own. Nothing
//! waits for luck: tests listen to the visit's own events, and a time limit is only there to end
//! a test that would wait for ever.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../desk/mod.rs"]
mod desk;
mod house;
#[path = "../stand-ins/jump_clock.rs"]
mod jump_clock;

mod bounds;
mod cameras;
mod commands;
mod crash;
mod crowd;
mod date;
mod doctor;
mod erase;
mod events;
mod faults;
mod full_disk;
mod health;
mod installed;
mod log;
mod network;
mod operator;

mod paintings;
mod printing;
mod prints;
mod refusals;
mod retention;
mod rooms;
mod screen;
mod settings;
mod sockets;
mod staff;
#[path = "../stand-ins/camera.rs"]
mod stand_in;
mod stored;
mod upgrade;
mod visit;
