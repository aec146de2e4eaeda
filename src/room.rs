//! Who may hear a session, and how they hear it.

pub mod feed;
pub mod join;
pub mod link;
pub mod news;
pub mod socket;
pub mod token;
pub mod view;

pub use feed::{Feed, Heard};
