//! What the operator types.
pub mod run;
