//! `easel man`, `easel completions`: what a package installs beside the program.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::Cli;

/// `easel man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The folder, which must be there
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// `easel completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell that reads them
    pub shell: Shell,
}

/// Writes a page for the program and one for each of its commands, in roff.
pub(super) fn man(args: &ManArgs) -> anyhow::Result<ExitCode> {
    let written = clap_mangen::generate_to(Cli::command(), &args.dir);
    written.with_context(|| format!("writing manual pages to {}", args.dir.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints what makes that shell complete commands and options.
pub(super) fn completions(args: &CompletionsArgs) -> ExitCode {
    clap_complete::generate(args.shell, &mut Cli::command(), "easel", &mut io::stdout());
    ExitCode::SUCCESS
}
