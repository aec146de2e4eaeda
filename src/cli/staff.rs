//! `easel staff`: what staff need at the booth's own keyboard.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::{ConfigArgs, load_settings};
use crate::secret::Entropy;
use crate::staff::pin;

/// `easel staff`.
#[derive(Debug, Args)]
pub struct StaffArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: StaffCommand,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum StaffCommand {
    /// Make a new PIN for the staff page and say it; the old one is worth nothing from then on
    Pin(PinArgs),
}

/// `easel staff pin`.
#[derive(Debug, Args)]
pub struct PinArgs {
    /// The settings.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Where records and pictures live, over booth.data_dir
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// Does it.
pub(super) fn run(args: StaffArgs, env: &[(String, String)]) -> anyhow::Result<ExitCode> {
    let StaffCommand::Pin(args) = args.command;
    let settings = load_settings(&args.config, args.data, env)?.settings;
    if settings.staff.pin.reveal().is_some() {
        anyhow::bail!(
            "settings give the PIN (staff.pin): change it there, and start the booth anew"
        );
    }
    let data = &settings.booth.data_dir;
    if !data.is_dir() {
        anyhow::bail!(
            "{} is not there yet: the first `easel run` makes it, and a PIN",
            data.display()
        );
    }
    let pin = pin::renew(data, &Entropy::system()).context("keeping the new PIN")?;
    writeln!(io::stdout(), "{pin}")?;
    Ok(ExitCode::SUCCESS)
}
