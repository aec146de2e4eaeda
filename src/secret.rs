//! Random bits, keys, and how they are kept out of logs.
