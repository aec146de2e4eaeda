//! What is on a photo, in words: asked once for each photo, and not at all for a while where nobody
//! answers.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::json;
use uuid::Uuid;

use super::Desk;
use crate::generator::wire::plain;

/// So many photos' captions are kept: the styles of one photo share one.
const KEPT: usize = 8;
/// A caption is worth no longer wait than so many short questions.
const QUESTIONS: u32 = 2;
/// A server that did not describe a photo is not asked again before this.
const MUTE_FOR: Duration = Duration::from_secs(300);

/// Captions by photo. A photo that could not be described has an empty one.
#[derive(Debug, Default)]
pub(super) struct Captions(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    captions: VecDeque<(Uuid, String)>,
    /// Until when nobody is asked, by the monotonic clock.
    mute_until: Duration,
}

impl Captions {
    /// What is on the photo of that capture; nothing, if it cannot be described.
    pub(super) async fn of(&self, desk: &Desk, capture: Uuid, photo: &Bytes) -> String {
        let now = desk.clock.monotonic();
        {
            let known = self.lock();
            let found = known.captions.iter().find(|(of, _)| *of == capture);
            if let Some((_, caption)) = found {
                return caption.clone();
            }
            if now < known.mute_until {
                return String::new();
            }
        }
        let caption = describe(desk, photo).await;
        let mut known = self.lock();
        if caption.is_none() {
            known.mute_until = desk.clock.monotonic() + MUTE_FOR;
        }
        if known.captions.len() == KEPT {
            known.captions.pop_front();
        }
        let caption = caption.unwrap_or_default();
        known.captions.push_back((capture, caption.clone()));
        caption
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks; `None` if nobody answers in time. A photo it cannot describe is described by nothing.
async fn describe(desk: &Desk, photo: &Bytes) -> Option<String> {
    let body = json!({ "image": STANDARD.encode(photo), "model": "clip" });
    let request = desk.wire.post("/sdapi/v1/interrogate").json(&body);
    let time = desk.wire.patience.control * QUESTIONS;
    let said = desk.wire.json(request, time).await.ok()?;
    let caption = said.get("caption")?.as_str()?;
    // It fails with a success that ends so.
    let failed = caption.trim_end().ends_with("<error>");
    Some(if failed {
        String::new()
    } else {
        plain(caption)
    })
}
