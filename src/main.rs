//! The `easel` program.
use easel::settings::load;
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    #[allow(clippy::disallowed_methods)]
    let l = load(None, std::env::vars())?;
    let stop = tokio_util::sync::CancellationToken::new();
    let s2 = stop.clone();
    tokio::spawn(async move {
        let _ = tokio::signal::ctrl_c().await;
        s2.cancel();
    });
    easel::cli::run::run(l.settings, stop, || {}, || {}).await
}
