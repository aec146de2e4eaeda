//! A connection that is held to a print queue for no other reason than that it ends when the
//! queue's program does: nothing else tells that CUPS has been started anew.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::Mutex;

/// A local program accepts at once.
const CONNECT: Duration = Duration::from_secs(3);
/// CUPS ends a connection on which nothing was said for a quarter of an hour: it is replaced before.
const RENEWED_AFTER: Duration = Duration::from_secs(300);

/// Such a connection, once it is wanted.
#[derive(Debug, Default)]
pub(super) struct Line(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    line: Option<(TcpStream, Duration)>,
    breaks: u64,
}

impl Line {
    /// How often it broke: the same number twice, and the program ran all the while. `at` is where
    /// it listens, `now` the time of a clock that only counts.
    pub(super) async fn breaks(&self, at: Option<(String, u16)>, now: Duration) -> u64 {
        let mut held = self.0.lock().await;
        let is_young = |since: &Duration| now < *since + RENEWED_AFTER;
        match &held.line {
            Some((line, since)) if is_open(line) && is_young(since) => return held.breaks,
            _ => {}
        }
        let next = call(at).await;
        // Still open after the next one was: it is the same program that answered both.
        let went_on = held.line.as_ref().is_some_and(|(line, _)| is_open(line));
        if !went_on {
            // Not held is not known.
            held.breaks += 1;
        }
        if next.is_some() || !went_on {
            held.line = next.map(|line| (line, now));
        }
        held.breaks
    }
}

async fn call(at: Option<(String, u16)>) -> Option<TcpStream> {
    let (host, port) = at?;
    let called = TcpStream::connect((host.as_str(), port));
    tokio::time::timeout(CONNECT, called).await.ok()?.ok()
}

/// Nothing is ever said on it.
fn is_open(line: &TcpStream) -> bool {
    let heard = line.try_read(&mut [0; 16]);
    matches!(heard, Err(e) if e.kind() == ErrorKind::WouldBlock)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    const START: Duration = Duration::ZERO;

    async fn listener() -> (TcpListener, (String, u16)) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, ("127.0.0.1".to_owned(), port))
    }

    #[tokio::test]
    async fn the_end_of_the_other_side_is_counted_once() {
        let (listener, at) = listener().await;
        let line = Line::default();
        let before = line.breaks(Some(at.clone()), START).await;
        let (other, _) = listener.accept().await.unwrap();
        assert_eq!(line.breaks(Some(at.clone()), START).await, before);
        drop(other);
        let held = line.0.lock().await;
        held.line.as_ref().unwrap().0.readable().await.unwrap();
        drop(held);
        let after = line.breaks(Some(at.clone()), START).await;
        assert!(after > before);
        let (_other, _) = listener.accept().await.unwrap();
        assert_eq!(line.breaks(Some(at), START).await, after);
    }

    #[tokio::test]
    async fn an_old_one_is_replaced_without_a_break() {
        let (listener, at) = listener().await;
        let line = Line::default();
        let before = line.breaks(Some(at.clone()), START).await;
        let (mut old, _) = listener.accept().await.unwrap();
        let after = line.breaks(Some(at.clone()), RENEWED_AFTER).await;
        assert_eq!(after, before);
        let (_young, _) = listener.accept().await.unwrap();
        // The other side sees the old one end.
        let ended = tokio::io::AsyncReadExt::read(&mut old, &mut [0; 1]).await;
        assert_eq!(ended.unwrap(), 0);
        assert_eq!(line.breaks(Some(at), RENEWED_AFTER).await, before);
    }
}
