//! Runs commands: decide, append events and work, in one transaction.
