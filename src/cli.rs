//! What the operator types: `run`, `paint`, `ticket`, `doctor`, `settings`, `staff pin`; and what a
//! package asks of the program: `man`, `completions`.

mod arguments;
mod doctor;
mod manual;
mod paint;
mod picture;
mod run;
mod screen;
mod settings;
mod staff;
mod ticket;
mod tracing;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::app::Settings;
use crate::secret::KeyError;
use crate::settings::{Complaints, Loaded, load};
use crate::store::StoreError;

use arguments::BadArgument;
use tracing::start as start_log;

/// An on-site AI photobooth.
#[derive(Debug, Parser)]
#[command(name = "easel", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the booth
    Run(run::RunArgs),
    /// Paint one photo with the embedded painter, without the daemon
    Paint(paint::PaintArgs),
    /// Render one ticket, without the daemon
    Ticket(Box<ticket::TicketArgs>),
    /// Check settings, disk, clock, camera, generators and printer
    Doctor(DoctorArgs),
    /// Show the effective settings, passwords masked, each with its origin
    Settings(SettingsArgs),
    /// The staff's PIN
    Staff(staff::StaffArgs),
    /// Write the manual pages to a folder
    Man(manual::ManArgs),
    /// Print completions for a shell
    Completions(manual::CompletionsArgs),
}

/// Which settings file.
#[derive(Debug, Clone, Default, Args)]
pub struct ConfigArgs {
    /// The settings file [default: /etc/easel/easel.toml, if it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `easel doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The settings.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Where records and pictures live, over booth.data_dir
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Tell it as JSON
    #[arg(long)]
    pub json: bool,
}

/// `easel settings`.
#[derive(Debug, Args)]
pub struct SettingsArgs {
    /// The settings.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Tell them as JSON
    #[arg(long)]
    pub json: bool,
}

/// Exit codes: 0 fine, 2 bad arguments or settings, 3 what the booth has kept cannot be gone on with,
/// 1 anything else.
const BAD_SETTINGS: u8 = 2;
/// A restart would find the same: a person must see to it.
const BAD_DATA: u8 = 3;

/// Runs the command in `args` with the environment `env`; complaints go to standard error.
///
/// Both are arguments, so that nothing below asks the process for them.
pub fn main(args: impl IntoIterator<Item = OsString>, env: &[(String, String)]) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(asked_or_wrong) => {
            // Help and version are no errors; clap knows which is which, and its code for "wrong" is ours.
            let _ = asked_or_wrong.print();
            return if asked_or_wrong.use_stderr() {
                ExitCode::from(BAD_SETTINGS)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    match dispatch(cli.command, env) {
        Ok(code) => code,
        Err(error) => {
            let typed_wrong = error.is::<Complaints>() || error.is::<BadArgument>();
            let _ = writeln!(io::stderr(), "easel: {error:#}");
            if typed_wrong {
                ExitCode::from(BAD_SETTINGS)
            } else if is_about_what_is_kept(&error) {
                ExitCode::from(BAD_DATA)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

fn is_about_what_is_kept(error: &anyhow::Error) -> bool {
    let record = error.downcast_ref::<StoreError>();
    let key = error.downcast_ref::<KeyError>();
    record.is_some_and(StoreError::is_for_a_person)
        || matches!(
            key,
            Some(KeyError::Damaged { .. } | KeyError::Exposed { .. })
        )
}

fn dispatch(command: Command, env: &[(String, String)]) -> anyhow::Result<ExitCode> {
    match command {
        Command::Settings(args) => settings::show(&args, env),
        Command::Doctor(args) => doctor::examine(args, env),
        Command::Run(args) => run::run(args, env),
        Command::Staff(args) => staff::run(args, env),
        Command::Man(args) => manual::man(&args),
        Command::Completions(args) => Ok(manual::completions(&args)),
        Command::Paint(args) => paint::run(&args),
        Command::Ticket(args) => ticket::run(&args).map(|()| ExitCode::SUCCESS),
    }
}

/// The settings that a command shall use.
///
/// # Errors
/// All that is wrong with them.
pub fn load_settings(
    config: &ConfigArgs,
    data: Option<PathBuf>,
    env: &[(String, String)],
) -> Result<Loaded<Settings>, Complaints> {
    let mut loaded: Loaded<Settings> = load(config.config.as_deref(), env.iter().cloned())?;
    if let Some(dir) = data {
        loaded.settings.booth.data_dir = dir;
        loaded.given("booth.data_dir", "--data");
    }
    Ok(loaded)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_contracts_lines_parse() {
        for line in [
            "run",
            "run --config easel.toml --data data",
            "paint photo.jpg --style van-gogh",
            "paint photo.jpg --style picasso -o out.jpg --size 512 --seed 7",
            "ticket painting.jpg --style renoir --template museum --name 지우 -o out.pdf",
            "doctor --config easel.toml",
            "doctor --json",
            "settings --config easel.toml",
            "settings --json",
            "staff pin --config easel.toml --data data",
        ] {
            let words = std::iter::once("easel").chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{line}");
        }
        for line in [
            "",
            "sing",
            "paint photo.jpg",
            "ticket p.jpg --style renoir",
            "paint p.jpg --style a",
            "paint p.jpg --style renoir --size 9",
            "paint p.jpg --style renoir -o out.gif",
            "ticket p.jpg --style renoir -o out",
            "ticket p.jpg --style renoir --locale xx -o out.jpg",
            "run --port 1",
        ] {
            let words = std::iter::once("easel").chain(line.split(' ').filter(|w| !w.is_empty()));
            assert!(Cli::try_parse_from(words).is_err(), "{line}");
        }
    }
}
