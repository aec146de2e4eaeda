//! Who may hear a session, and how they hear it.

pub mod join;
pub mod link;
pub mod token;
