//! The visit itself: a pure function, no I/O.
