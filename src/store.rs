//! SQLite: sessions, events, rows.
