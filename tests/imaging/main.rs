//! Pictures from outside, through the public door of `easel::imaging`, as real encoded files.
//!
//! Files that Rust cannot write (lossy and animated WebP, interlaced PNG) lie in `tests/pictures`; all
//! of them show the same four quadrants as [`quadrants::upright`].

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod colour;
mod damage;
mod darkroom;
mod files;
mod harmful;
mod harmless;
mod jpegs;
mod large;
mod media;
mod orientation;
mod privacy;
mod quadrants;
mod refusals;
mod renditions;
