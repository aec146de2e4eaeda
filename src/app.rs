//! The wired parts of one booth.
