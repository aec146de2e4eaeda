//! Bodies that nobody wants to the end are listened to all the same.
//!
//! A phone that is refused while it still sends its photo (no consent yet, too large, the booth is
//! busy) must hear the refusal. If we hung up with bytes unread, its side of the connection would
//! be reset and most clients would tell of a broken network instead (RFC 9112 §9.6).

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::runtime::Handle;

use super::patience::InHand;

/// How much is listened to in vain: twice the photo we take by default. More is hung up on.
const MOST: u64 = 128 * 1024 * 1024;

/// A request's body that, dropped before its end, is read on and thrown away.
pub(super) struct LingeringBody<B: Body<Data = Bytes> + Send + Unpin + 'static> {
    /// `None` once it has ended.
    body: Option<B>,
    /// The peer waits to be asked for its body (`Expect: 100-continue`): unless somebody has asked,
    /// there is nothing to read.
    waits_for_us: bool,
    in_hand: Arc<InHand>,
}

impl<B: Body<Data = Bytes> + Send + Unpin + 'static> LingeringBody<B> {
    pub(super) fn new(body: B, asks_first: bool, in_hand: Arc<InHand>) -> Self {
        Self {
            body: Some(body),
            waits_for_us: asks_first,
            in_hand,
        }
    }
}

impl<B: Body<Data = Bytes> + Send + Unpin + 'static> Body for LingeringBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.get_mut();
        this.waits_for_us = false;
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            this.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<B: Body<Data = Bytes> + Send + Unpin + 'static> Drop for LingeringBody<B> {
    fn drop(&mut self) {
        let unread = self.body.take().filter(|body| !body.is_end_stream());
        let Some(mut body) = unread.filter(|_| !self.waits_for_us) else {
            return;
        };
        let in_hand = Arc::clone(&self.in_hand);
        // Without a runtime there is no connection any more either.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            let mut left = MOST;
            while let Some(Ok(frame)) = body.frame().await {
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                let Some(still) = left.checked_sub(length) else {
                    break;
                };
                left = still;
            }
            drop(in_hand);
        });
    }
}
