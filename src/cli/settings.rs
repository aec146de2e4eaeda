//! `easel settings`: what is in force, and where it came from.

use std::io::{self, Write};
use std::process::ExitCode;

use super::{SettingsArgs, load_settings};

/// Prints the effective settings on standard output, and what may not be meant on standard error.
pub(super) fn show(args: &SettingsArgs, env: &[(String, String)]) -> anyhow::Result<ExitCode> {
    let loaded = load_settings(&args.config, None, env)?;
    for warning in &loaded.warnings {
        writeln!(io::stderr(), "easel: {warning}")?;
    }
    let shown = if args.json {
        format!("{:#}\n", loaded.to_json())
    } else {
        loaded.to_toml()
    };
    io::stdout().write_all(shown.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
