//! The embedded painters: pixels in, pixels out.
