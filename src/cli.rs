//! What the operator types: `run`, `paint`, `ticket`, `doctor`, `settings`.
