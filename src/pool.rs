//! Which generator paints next.
