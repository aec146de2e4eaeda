//! Leases, attempts, backoff, dead letters.
