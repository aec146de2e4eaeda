//! What is written down of an attempt at a server while it is there, so that it is never sent
//! twice and can be fetched after a crash.

use super::Scene;
use crate::generator::Receipt;
use crate::pool::foreman::{End, Fault};
use crate::pool::ledger::OpenAttempt;
use crate::pool::report::Why;
use crate::pool::{Pool, lock};
use crate::store::StoreError;

impl Pool {
    /// Notes what is about to be sent off, so that it is never sent twice.
    pub(super) async fn write_down(&self, scene: &Scene<'_>) -> Result<(), StoreError> {
        if scene.call.why == Why::Resume {
            return Ok(());
        }
        let open = OpenAttempt {
            id: scene.brief.attempt,
            server: self.0.servers[scene.call.server]
                .generator
                .card()
                .id
                .clone(),
            receipt: None,
        };
        let (session, painting) = (scene.held.session, scene.call.painting);
        let now = self.0.parts.clock.now();
        self.0.ledger.begin(session, painting, &open, now).await?;
        if let Some(held) = lock(&self.0.in_hand).get_mut(&painting) {
            held.open = Some(open);
        }
        Ok(())
    }

    pub(super) async fn note_receipt(&self, scene: &Scene<'_>, receipt: &Receipt) {
        if !self.0.servers[scene.call.server].is_remote() {
            return;
        }
        if let Some(held) = lock(&self.0.in_hand).get_mut(&scene.call.painting)
            && let Some(open) = held
                .open
                .as_mut()
                .filter(|open| open.id == scene.brief.attempt)
        {
            open.receipt = Some(receipt.clone());
        }
        if let Err(e) = self.0.ledger.receipt(scene.brief.attempt, receipt).await {
            // The attempt's own id is written down: that finds it where servers let us choose.
            let error = &e as &dyn std::error::Error;
            tracing::warn!(painting.id = %scene.call.painting, error, "a receipt is not written down");
        }
    }

    /// Forgets what is no longer coming.
    pub(super) async fn strike_out(&self, scene: &Scene<'_>, ended: &End) {
        if matches!(
            ended,
            End::Failed {
                fault: Fault::Unsure(_),
                ..
            }
        ) {
            return;
        }
        if let Err(e) = self.0.ledger.end(scene.brief.attempt).await {
            let error = &e as &dyn std::error::Error;
            tracing::warn!(painting.id = %scene.call.painting, error, "an ended attempt stays written down");
        }
    }
}
