//! Untrusted bytes → a safe, upright, small picture.
