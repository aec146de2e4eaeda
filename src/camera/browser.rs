//! The kiosk page's own camera: the daemon never sees it, only the photo that the page uploads.

use async_trait::async_trait;
use bytes::Bytes;

use super::{Camera, CameraError, CameraState, Condition, LiveView};

const SAYS: &str = "the kiosk page's own";

/// Says that the page has the camera.
#[derive(Debug, Clone, Copy, Default)]
pub struct Browser;

#[async_trait]
impl Camera for Browser {
    fn name(&self) -> &'static str {
        "browser"
    }

    async fn still(&self) -> Result<Bytes, CameraError> {
        Err(CameraError::InBrowser)
    }

    fn live(&self) -> Option<LiveView> {
        None
    }

    /// Always ready: whether the page has a camera, only the page knows.
    fn state(&self) -> CameraState {
        CameraState::always(Condition::Ready, SAYS)
    }

    async fn health(&self) -> Result<String, CameraError> {
        Ok(SAYS.to_owned())
    }
}
