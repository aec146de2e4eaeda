//! `easel run`: the booth.

use std::io::Write;

use metrics_exporter_prometheus::PrometheusBuilder;
use tokio_util::sync::CancellationToken;

use crate::app::{App, Outside};
use crate::secret::Entropy;
use crate::settings::Settings;

/// Opens the booth, says where it listens, and runs it until `stop`. `ready` is called once it
/// serves, `beat` by the loop that matters.
///
/// # Errors
/// What could not be opened, or broke.
pub async fn run(
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
