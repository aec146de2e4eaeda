//! Bodies, watched: a request's must not come too slowly, an answer's end frees the connection.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use super::ServeLimits;
use super::patience::InHand;

/// A request's body came too slowly; the answer is 408, and the connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request's body came too slowly")]
pub struct BodyTooSlow;

/// A request's body that ends in [`BodyTooSlow`] when it pauses, drips or goes on for ever.
///
/// Only the time counts during which somebody waits for a piece: what a handler does between two
/// pieces is not the peer's fault.
pub(super) struct TimedBody<B> {
    body: B,
    pause: Duration,
    rate: u64,
    total: Duration,
    received: u64,
    waited: Duration,
    waiting_since: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

impl<B> TimedBody<B> {
    pub(super) fn new(body: B, limits: &ServeLimits) -> Self {
        Self {
            body,
            pause: limits.body_pause,
            rate: limits.body_rate.max(1),
            total: limits.body,
            received: 0,
            waited: Duration::ZERO,
            waiting_since: None,
            timer: Box::pin(sleep(limits.body_pause)),
        }
    }

    /// How long the next piece may take: no long pause, no less than the rate, not past the end.
    fn patience(&self) -> Duration {
        let paced = self.pause + Duration::from_secs(self.received / self.rate);
        paced
            .min(self.total)
            .saturating_sub(self.waited)
            .min(self.pause)
    }
}

impl<B> http_body::Body for TimedBody<B>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: Into<axum::BoxError>,
{
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            this.waited += this
                .waiting_since
                .take()
                .map_or(Duration::ZERO, |since| since.elapsed());
            if let Some(Ok(frame)) = &frame {
                this.received += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            return Poll::Ready(frame.map(|result| result.map_err(Into::into)));
        }
        if this.waiting_since.is_none() {
            let now = Instant::now();
            this.waiting_since = Some(now);
            let patience = this.patience();
            this.timer.as_mut().reset(now + patience);
        }
        this.timer
            .as_mut()
            .poll(cx)
            .map(|()| Some(Err(BodyTooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body that holds its request in hand until it is sent or dropped.
pub(super) struct HeldBody {
    body: Body,
    _in_hand: Arc<InHand>,
}

impl HeldBody {
    pub(super) fn new(body: Body, in_hand: Arc<InHand>) -> Self {
        Self {
            body,
            _in_hand: in_hand,
        }
    }
}

impl http_body::Body for HeldBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
