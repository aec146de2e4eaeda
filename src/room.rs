//! Who may hear a session, and how they hear it.
