//! Defaults → file → environment; composes the struct each room owns.
