//! The newest frame of a live view, for any number of viewers: nothing is queued.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use futures::stream;
use tokio::sync::{Notify, watch};

use super::LiveView;

/// One place for one frame. Who reads slowly finds a newer one there.
#[derive(Debug)]
pub(super) struct Frames {
    /// `None` once this camera has turned out to have no live view.
    newest: Mutex<Option<watch::Sender<Bytes>>>,
    looked: Notify,
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            newest: Mutex::new(Some(watch::Sender::default())),
            looked: Notify::new(),
        }
    }
}

impl Frames {
    /// Looks on: the first frame is one that is shown after this call, never an old one, which
    /// would be of the visitor before. Ends when the camera is closed for good.
    pub(super) fn look(&self) -> Option<LiveView> {
        let newest = self.with(|newest| newest.as_ref().map(watch::Sender::subscribe))?;
        self.looked.notify_one();
        Some(LiveView::new(stream::unfold(
            newest,
            |mut newest| async move {
                loop {
                    newest.changed().await.ok()?;
                    let frame = newest.borrow_and_update().clone();
                    if !frame.is_empty() {
                        return Some((frame, newest));
                    }
                }
            },
        )))
    }

    pub(super) fn show(&self, frame: Bytes) {
        self.with(|newest| {
            if let Some(newest) = newest {
                newest.send_replace(frame);
            }
        });
    }

    /// Lets the last frame go: nobody has looked for a while, and it shows somebody.
    pub(super) fn forget(&self) {
        self.show(Bytes::new());
    }

    /// How many look on now.
    pub(super) fn viewers(&self) -> usize {
        self.with(|newest| newest.as_ref().map_or(0, watch::Sender::receiver_count))
    }

    pub(super) fn is_watched(&self) -> bool {
        self.viewers() > 0
    }

    /// Waits until somebody looks on. Cancellation safe.
    pub(super) async fn watched(&self) {
        while !self.is_watched() {
            self.looked.notified().await;
        }
    }

    /// This camera cannot show what it sees: views end, and there are no new ones.
    pub(super) fn close(&self) {
        self.with(Option::take);
    }

    fn with<T>(&self, change: impl FnOnce(&mut Option<watch::Sender<Bytes>>) -> T) -> T {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        change(&mut self.newest.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, StreamExt};

    use super::*;

    #[tokio::test]
    async fn a_viewer_sees_what_is_newest_and_nothing_from_before_it_came() {
        let frames = Frames::default();
        frames.show("of another visitor".into());
        let mut view = frames.look().unwrap();
        assert!(view.next().now_or_never().is_none());
        frames.show("1".into());
        frames.show("2".into());
        assert_eq!(view.next().await.unwrap(), "2");
        frames.forget();
        assert!(view.next().now_or_never().is_none());
    }

    #[tokio::test]
    async fn viewers_are_counted_and_waited_for() {
        let frames = Frames::default();
        assert!(frames.watched().now_or_never().is_none());
        let view = frames.look().unwrap();
        frames.watched().await;
        drop(view);
        assert_eq!(frames.viewers(), 0);
        assert!(frames.watched().now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_camera_without_a_view_ends_it() {
        let frames = Frames::default();
        let mut view = frames.look().unwrap();
        frames.close();
        assert_eq!(view.next().await, None);
        assert!(frames.look().is_none());
    }
}
