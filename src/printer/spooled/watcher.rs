//! Looks at the device again and again, so that its state is known before anybody asks.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::{Device, Parts, Woken};
use crate::printer::PrinterError;

/// How often. New paper must be noticed within ten seconds, with all that follows.
const EVERY: Duration = Duration::from_secs(2);
/// Two looks may come too early by a moment.
const _: () = assert!(EVERY.as_secs() * 3 < 10);

/// Watches until the printer is dropped.
pub(super) async fn run<D: Device>(parts: Weak<Parts<D>>) {
    while let Some(parts) = parts.upgrade() {
        if let Err(e) = turn(&parts).await {
            tracing::debug!(
                error = &e as &dyn std::error::Error,
                "the printer was not seen"
            );
        }
        parts.tell().await;
        let rest = parts.clock.sleep(EVERY);
        drop(parts);
        rest.await;
    }
}

async fn turn<D: Device>(parts: &Arc<Parts<D>>) -> Result<(), PrinterError> {
    let (_, before) = parts.journal.open().await?;
    let look = parts.look().await?;
    parts.erase_owed().await?;
    parts.follow_tests().await?;
    let (open, there) = parts.journal.open().await?;
    if look.stalled && open > 0 {
        let woken = parts.device.wake().await?;
        let barred = woken == Woken::Forbidden;
        if parts.barred.swap(barred, Ordering::Relaxed) != barred && barred {
            tracing::warn!("the printer's queue is stopped, and the booth may not start it again");
        }
    }
    // A job under way has taken paper that is not counted yet.
    if before == 0 && there == 0 {
        parts.journal.reconcile(look.levels).await?;
    }
    Ok(())
}
