//! `easel run`: the booth.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use tokio_util::sync::CancellationToken;

use super::{RunArgs, load_settings, tracing::start as start_log};
use crate::app::{App, Outside};
use crate::lifecycle::{Lifecycle, Notifier, raise_file_limit, signals};
use crate::secret::Entropy;
use crate::settings::Settings;

/// How long a stop may take: the requests in hand (ten seconds), and then the work in hand.
const GRACE: Duration = Duration::from_secs(30);

/// Runs the booth until it is told to stop.
pub(super) fn start(args: RunArgs, env: &[(String, String)]) -> anyhow::Result<ExitCode> {
    let loaded = load_settings(&args.config, args.data, env)?;
    start_log(&loaded.settings.log)?;
    if let Err(error) = raise_file_limit() {
        tracing::warn!(%error, "cannot raise the limit of open files: many phones may be too many");
    }
    let notifier = Notifier::from_env(env.iter().cloned())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let ending = runtime.block_on(async {
        let signals = signals()?;
        let mut life = Lifecycle::new(GRACE, notifier.clone());
        let (heart, stop) = (life.heartbeat(), life.stop_token());
        let ready = move || notifier.ready();
        life.spawn(
            "booth",
            run(loaded.settings, stop, ready, move || heart.beat()),
        );
        anyhow::Ok(life.run(signals).await)
    })?;
    // What was cut may still sit in a blocking thread; it must not hold up the end.
    runtime.shutdown_background();
    Ok(ending.code())
}

/// Opens the booth, says where it listens, and runs it until `stop`. `ready` is called once it
/// serves, `beat` by the loop that matters.
async fn run(
    settings: Settings,
    stop: CancellationToken,
    ready: impl FnOnce(),
    beat: impl Fn() + Send + 'static,
) -> anyhow::Result<()> {
    let metrics = PrometheusBuilder::new().install_recorder()?;
    let outside = Outside {
        entropy: Entropy::system(),
        clock: None,
        metrics,
    };
    let app = App::open(settings, outside).await?;
    let mut out = std::io::stdout();
    writeln!(out, "listening kiosk http://{}", app.kiosk_address()?)?;
    writeln!(out, "listening public {}", app.public_base()?)?;
    out.flush()?;
    ready();
    app.run(stop, beat).await
}
