//! A camera that is mounted on its side.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;

use super::{Camera, CameraError, CameraState, Cue, LiveView};
use crate::imaging::{self, Limits, SourceFormat, Turn, sniff, turn_jpeg};

/// As good as a camera's own.
const QUALITY: u8 = 95;

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

    fn hear(&self, cue: Cue) {
        self.camera.hear(cue);
    }
}

async fn turned(photo: Bytes, turn: Turn) -> Result<Bytes, String> {
    let work = tokio::task::spawn_blocking(move || match sniff(&photo) {
        Some(SourceFormat::Png | SourceFormat::WebP) => turn_other(&photo, turn),
        _ => turn_jpeg(&photo, turn).map_err(|e| e.to_string()),
    });
    let turned = work.await.map_err(|e| e.to_string())?;
    turned.map_err(|e| format!("the photo cannot be turned: {e}"))
}

/// A tethering program's PNG or WebP becomes a JPEG: it is seldom, and there is nothing to gain by
/// its own format.
fn turn_other(photo: &Bytes, turn: Turn) -> Result<Bytes, String> {
    let picture = imaging::decode(photo, &Limits::default()).map_err(|e| e.to_string())?;
    let picture = match turn {
        Turn::Not => picture,
        Turn::Right => image::imageops::rotate90(&picture),
        Turn::Over => image::imageops::rotate180(&picture),
        Turn::Left => image::imageops::rotate270(&picture),
    };
    imaging::encode_jpeg(&picture, QUALITY).map_err(|e| e.to_string())
}
