//! A stream that gives up on a peer who neither speaks nor listens.
//!
//! hyper knows one timer, from when it starts to wait for a request to the end of the header. A
//! resting browser deserves longer than a header that drips; so we keep time ourselves, below
//! hyper, where both look like what they are.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::allowance::{Allowance, Rate};

/// How long a peer may keep us waiting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waits {
    pub(super) header: Duration,
    pub(super) keep_alive: Duration,
    pub(super) write_pause: Duration,
    /// What the peer may send after an upgrade.
    pub(super) chatter: Rate,
}

/// What the connection is about, shared by the stream and the requests it carries.
#[derive(Debug, Default)]
pub(super) struct Talk {
    begun: AtomicUsize,
    ended: AtomicUsize,
    upgraded: AtomicBool,
    /// hyper does not read again by itself when a request ends if its last read found nothing;
    /// without this the wait for the next request would not begin.
    reader: AtomicWaker,
}

/// A request from the end of its header to the end of its answer. Meanwhile silence is fine.
#[derive(Debug)]
pub(super) struct InHand(Arc<Talk>);

impl Talk {
    pub(super) fn begin(self: &Arc<Self>) -> InHand {
        self.begun.fetch_add(1, Ordering::Relaxed);
        InHand(Arc::clone(self))
    }

    fn is_upgraded(&self) -> bool {
        self.upgraded.load(Ordering::Relaxed)
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::Relaxed)
    }

    fn may_be_silent(&self) -> bool {
        self.is_upgraded() || self.ended.load(Ordering::Relaxed) < self.begun()
    }
}

impl InHand {
    /// The connection speaks another protocol from now on, with its own idea of silence.
    pub(super) fn upgrade(&self) {
        self.0.upgraded.store(true, Ordering::Relaxed);
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
        self.0.reader.wake();
    }
}

/// What we wait for the peer to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    /// Nothing: a request is in hand, or the connection was upgraded.
    No,
    /// The end of a header, or the first byte of the first one.
    Header,
    /// The first byte of another request.
    Next,
}

/// A stream that fails with [`io::ErrorKind::TimedOut`] when the peer keeps us waiting too long.
pub(super) struct Patience<S, T> {
    stream: S,
    talk: Arc<Talk>,
    waits: Waits,
    waiting: Waiting,
    /// How many requests had begun when we last looked; one may begin and end between two looks.
    begun: usize,
    reading: Pin<Box<Sleep>>,
    /// Made when the peer's buffer is full for the first time; most connections never see that.
    writing: Option<Pin<Box<Sleep>>>,
    write_blocked: bool,
    /// What is left to the peer since the upgrade.
    chatter: Option<Allowance>,
    /// Dropped with the stream, whoever holds it by then.
    _tag: T,
}

impl<S, T> Patience<S, T> {
    /// Whether the peer, which was upgraded, may have sent so many bytes more.
    fn may_send(&mut self, bytes: usize) -> bool {
        let rate = self.waits.chatter;
        let allowance = self.chatter.get_or_insert_with(|| Allowance::new(rate));
        allowance.take(bytes)
    }

    pub(super) fn new(stream: S, talk: Arc<Talk>, waits: Waits, tag: T) -> Self {
        Self {
            stream,
            talk,
            reading: Box::pin(sleep(waits.header)),
            waits,
            waiting: Waiting::Header,
            begun: 0,
            writing: None,
            write_blocked: false,
            chatter: None,
            _tag: tag,
        }
    }

    fn wait_for(&mut self, waiting: Waiting) {
        if self.waiting != waiting {
            self.waiting = waiting;
            let wait = match waiting {
                Waiting::No => return,
                Waiting::Header => self.waits.header,
                Waiting::Next => self.waits.keep_alive,
            };
            self.reading.as_mut().reset(Instant::now() + wait);
        }
    }

    /// Passes a write on; a pending one starts the clock, any other stops it.
    fn watch_write<R>(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if result.is_ready() {
            self.write_blocked = false;
            return result;
        }
        let pause = self.waits.write_pause;
        let timer = self.writing.get_or_insert_with(|| Box::pin(sleep(pause)));
        if !self.write_blocked {
            self.write_blocked = true;
            timer.as_mut().reset(Instant::now() + pause);
        }
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin, T: Unpin> AsyncRead for Patience<S, T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let begun = this.talk.begun();
        if this.talk.may_be_silent() {
            this.wait_for(Waiting::No);
        } else if this.waiting == Waiting::No || this.begun != begun {
            this.wait_for(Waiting::Next);
        }
        this.begun = begun;
        let before = buf.filled().len();
        if let Poll::Ready(result) = Pin::new(&mut this.stream).poll_read(cx, buf) {
            let read = buf.filled().len() - before;
            if this.talk.is_upgraded() && !this.may_send(read) {
                tracing::debug!("a socket said more than it may, and is cut");
                return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
            }
            if this.waiting == Waiting::Next && buf.filled().len() > before {
                this.wait_for(Waiting::Header);
            }
            return Poll::Ready(result);
        }
        this.talk.reader.register(cx.waker());
        if this.waiting == Waiting::No {
            return Poll::Pending;
        }
        ready!(this.reading.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin, T: Unpin> AsyncWrite for Patience<S, T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.watch_write(cx, result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.watch_write(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
