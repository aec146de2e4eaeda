//! A camera that is mounted on its side.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;

use super::{Camera, CameraError, CameraState, LiveView};
use crate::imaging::{Turn, turn_jpeg};

/// Turns what another camera sees and takes.
#[derive(Debug)]
pub(super) struct Turned {
    camera: Arc<dyn Camera>,
    turn: Turn,
}

impl Turned {
    pub(super) fn new(camera: Arc<dyn Camera>, turn: Turn) -> Self {
        Self { camera, turn }
    }
}

#[async_trait]
impl Camera for Turned {
    fn name(&self) -> &'static str {
        self.camera.name()
    }

    async fn still(&self) -> Result<Bytes, CameraError> {
        let photo = self.camera.still().await?;
        let turned = turned(photo, self.turn).await;
        turned.map_err(|reason| CameraError::NoPicture { reason })
    }

    /// While a frame is turned, those that come meanwhile are not shown. One that cannot be turned
    /// is left out.
    fn live(&self) -> Option<LiveView> {
        let turn = self.turn;
        let frames = self.camera.live()?;
        let frames = frames.filter_map(move |frame| async move { turned(frame, turn).await.ok() });
        Some(LiveView::new(frames))
    }

    fn state(&self) -> CameraState {
        self.camera.state()
    }

    async fn health(&self) -> Result<String, CameraError> {
        self.camera.health().await
    }
}

async fn turned(jpeg: Bytes, turn: Turn) -> Result<Bytes, String> {
    let work = tokio::task::spawn_blocking(move || turn_jpeg(&jpeg, turn));
    let turned = work.await.map_err(|e| e.to_string())?;
    turned.map_err(|e| format!("the photo cannot be turned: {e}"))
}
