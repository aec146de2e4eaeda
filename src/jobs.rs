//! Durable work, one verb a file.
