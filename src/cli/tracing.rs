//! The log: on standard error, as `[log]` says. Standard output is for `listening …` lines.

use std::io::{self, IsTerminal};

use tracing::{Metadata, level_filters::LevelFilter};
use tracing_subscriber::filter::{FilterExt, Targets, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::app::{LogFormat, LogSettings};

/// Starts the log for the rest of the process.
pub(super) fn start(log: &LogSettings) -> anyhow::Result<()> {
    let filter = log.level.parse::<Targets>()?.and(filter_fn(is_discreet));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = match log.format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let log = tracing_subscriber::registry().with(lines.with_filter(filter));
    log.try_init()?;
    Ok(())
}

/// Our own lines name no visitor, token or link. Below `info` other crates write down what they
/// are given (messages of sockets, headers, values bound to SQL), and no level asks for that.
fn is_discreet(line: &Metadata<'_>) -> bool {
    let ours = line.target().split("::").next() == Some(env!("CARGO_CRATE_NAME"));
    ours || *line.level() <= LevelFilter::INFO
}
