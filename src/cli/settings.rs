//! `easel settings`: what is in force, and where it came from.

use std::io::{self, Write};
use std::process::ExitCode;

use super::{ConfigArgs, load_settings};

/// Prints the effective settings on standard output.
pub(super) fn show(args: &ConfigArgs, env: &[(String, String)]) -> anyhow::Result<ExitCode> {
    let loaded = load_settings(args, None, env)?;
    io::stdout().write_all(loaded.to_toml().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
