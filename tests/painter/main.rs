//! The embedded painters, looked at from outside: golden pictures, objective checks, hostile
//! input, light from behind, hair, watching and cancelling.
#![expect(
    clippy::print_stdout,
    reason = "figures measured, for whoever runs with --nocapture"
)]

mod backlight;
mod bounds;
mod checks;
mod gallery;
mod golden;
mod measure;
mod memory;
mod previews;
mod properties;
mod watching;
