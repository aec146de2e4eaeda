//! Painting + words → ticket.
