//! Easel: an on-site AI photobooth appliance.
//!
//! One daemon drives the screen, the camera, the painters, the printer and the visitors' phones.
//! This page is the map of the house, from the roof to the ground. Imports point down this list
//! only: a room owns its settings and its errors, and never imports a room above it.
//!
//! | room | its one job |
//! |---|---|
//! | [`cli`] | what the operator types: `run`, `paint`, `ticket`, `doctor`, `settings` |
//! | [`app`] | the wired parts of one booth; composes the settings that each room owns |
//! | [`lifecycle`] | signals, systemd notify and watchdog, the two-stage stop |
//! | [`api`] | HTTP routes and problem details; the only place that knows status codes |
//! | [`doctor`] | is the booth ready for visitors: what is checked, from where its work is done |
//! | [`serve`] | the accept loop: how long and how much a stranger may talk to us |
//! | [`staff`] | who runs the booth: the PIN, the parts' states, pause, figures, rehearsal |
//! | [`room`] | who may hear a session, and how they hear it |
//! | [`jobs`] | durable work, one verb a file |
//! | [`pool`] | which generator paints next |
//! | [`visits`] | runs commands: decide, append events and work, in one transaction |
//! | [`ticket`] | painting + words → ticket |
//! | [`generator`] | what paints, behind one trait |
//! | [`painter`] | the embedded painters: pixels in, pixels out |
//! | [`camera`] | what photographs, behind one trait |
//! | [`printer`] | what prints, behind one trait |
//! | [`imaging`] | untrusted bytes → a safe, upright, small picture |
//! | [`queue`] | leases, attempts, backoff, dead letters |
//! | [`store`] | SQLite: sessions, events, rows |
//! | [`blobs`] | pictures on disk |
//! | [`session`] | the visit itself: a pure function, no I/O |
//! | [`settings`] | defaults → file → environment: layers, and all that is wrong with them |
//! | [`disk`] | room on the disk, and what of it is kept for erasing |
//! | [`secret`] | random bits, keys, and how they are kept out of logs |
//! | [`clock`] | the only place that asks for the time |
//! | [`household`] | who asks, and who counts as one on a network |
//! | [`units`] | spans of time and sizes in bytes, as people write them |

pub mod api;
pub mod app;
pub mod blobs;
pub mod camera;
pub mod cli;
pub mod clock;
pub mod disk;
pub mod doctor;
pub mod generator;
pub mod household;
pub mod imaging;
pub mod jobs;
pub mod lifecycle;
pub mod painter;
pub mod pool;
pub mod printer;
pub mod queue;
pub mod room;
pub mod secret;
pub mod serve;
pub mod session;
pub mod settings;
pub mod staff;
pub mod store;
pub mod ticket;
pub mod units;
pub mod visits;
