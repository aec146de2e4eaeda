//! `easel run`: the booth.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use metrics_exporter_prometheus::PrometheusBuilder;

use super::{ConfigArgs, load_settings, screen, start_log};
use crate::app::{App, Outside, Settings};
use crate::lifecycle::{Ending, Lifecycle, Notifier, raise_file_limit, signals};
use crate::secret::Entropy;
use crate::settings::Complaints;

/// How long a stop may take: the requests in hand (ten seconds), and then the work in hand.
const GRACE: Duration = Duration::from_secs(30);

/// `easel run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The settings.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Where records and pictures live, over booth.data_dir
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// Runs the booth until it is told to stop.
pub(super) fn run(args: RunArgs, env: &[(String, String)]) -> anyhow::Result<ExitCode> {
    let notifier = Notifier::from_env(env.iter().cloned())?;
    let loaded = load_settings(&args.config, args.data, env)
        .inspect_err(|complaints| notifier.status(&status(complaints)))?;
    let settings = loaded.settings;
    start_log(&settings.log)?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    if let Err(error) = raise_file_limit() {
        tracing::warn!(%error, "cannot raise the limit of open files: many phones may be too many");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let ending = runtime
        .block_on(serve(settings, notifier.clone(), screen::folder(env)))
        .inspect_err(|error| notifier.status(&format!("not started: {error:#}")));
    // A painter that does not look up is not waited for: its job is taken up after the restart.
    runtime.shutdown_background();
    Ok(ending?.code())
}

/// What `systemctl status easel` shows of a booth that did not start: one line, with the first key.
fn status(complaints: &Complaints) -> String {
    let first = complaints.iter().next();
    let first = first.map(ToString::to_string).unwrap_or_default();
    let more = match complaints.len() {
        0 | 1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    format!("not started: {first}{more}; `easel settings` says all, then systemctl restart easel")
}

async fn serve(
    settings: Settings,
    notifier: Notifier,
    runtime_folder: Option<PathBuf>,
) -> anyhow::Result<Ending> {
    let signals = signals()?;
    let metrics = PrometheusBuilder::new().install_recorder()?;
    let outside = Outside {
        entropy: Entropy::system(),
        clock: None,
        metrics,
    };
    let app = App::open(settings, outside).await?;
    say_where(&app)?;
    let (kiosk, phones) = (app.kiosk_address()?, app.public_base()?);
    if let Some(folder) = &runtime_folder
        && let Err(error) = screen::tell(folder, kiosk)
    {
        tracing::error!(%error, "cannot tell the screen's unit where its page is");
    }
    let mut lifecycle = Lifecycle::new(GRACE, notifier);
    let at = format!("kiosk http://{kiosk}, phones {phones}");
    lifecycle.notifier().status(&at);
    let heart = lifecycle.heartbeat();
    let stop = lifecycle.stop_token();
    lifecycle.spawn("booth", app.run(stop, move || heart.beat()));
    Ok(lifecycle.run(signals).await)
}

/// The only lines on standard output: what starts the booth waits for them.
fn say_where(app: &App) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening kiosk http://{}", app.kiosk_address()?)?;
    writeln!(out, "listening public {}", app.public_base()?)?;
    if let Some(pin) = app.fresh_pin() {
        let page = app.kiosk_address()?;
        writeln!(out, "staff http://{page}/staff PIN {pin} (said this once)")?;
    }
    out.flush()
}
