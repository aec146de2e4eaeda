//! The accept loop: how long and how much a stranger may talk to us.
