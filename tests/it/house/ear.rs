//! An ear at a visit's events (server-sent events, HTML Living Standard §9.2).

use std::collections::VecDeque;

use serde_json::Value;

use super::in_time;

/// One event as it was heard.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    /// `id:`, which live-only news does not have.
    pub(crate) id: Option<u64>,
    /// `{seq, at, type, data}`.
    pub(crate) news: Value,
}

impl Heard {
    /// Its name (`painting.done`).
    pub(crate) fn name(&self) -> &str {
        self.news["type"].as_str().unwrap()
    }

    /// What its name promises.
    pub(crate) fn data(&self) -> &Value {
        &self.news["data"]
    }
}

/// Hears one visit until dropped.
#[derive(Debug)]
pub(crate) struct Ear {
    response: reqwest::Response,
    unread: Vec<u8>,
    heard: VecDeque<Heard>,
}

impl Ear {
    /// Listens to an answered stream.
    #[track_caller]
    pub(crate) fn to(response: reqwest::Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            response,
            unread: Vec::new(),
            heard: VecDeque::new(),
        }
    }

    /// The next event; `None` when the stream is over.
    pub(crate) async fn next(&mut self) -> Option<Heard> {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return Some(heard);
            }
            let piece = in_time("an event", self.response.chunk()).await;
            self.unread.extend(piece.unwrap()?);
            self.read();
        }
    }

    /// All events up to and with the first for which `enough` holds.
    pub(crate) async fn until(&mut self, mut enough: impl FnMut(&Heard) -> bool) -> Vec<Heard> {
        let mut all = Vec::new();
        loop {
            let heard = self.next().await.expect("the stream ended too early");
            let last = enough(&heard);
            all.push(heard);
            if last {
                return all;
            }
        }
    }

    /// The next event of that name.
    pub(crate) async fn hears(&mut self, name: &str) -> Heard {
        self.until(|heard| heard.name() == name)
            .await
            .pop()
            .unwrap()
    }

    /// Takes whole events off what was received.
    fn read(&mut self) {
        while let Some(end) = self.unread.windows(2).position(|pair| pair == b"\n\n") {
            let event: Vec<u8> = self.unread.drain(..end + 2).collect();
            let event = String::from_utf8(event).unwrap();
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
            // A line that begins with a colon keeps the connection alive and says nothing.
            if let Some(data) = field("data:") {
                self.heard.push_back(Heard {
                    id: field("id:").map(|id| id.trim().parse().unwrap()),
                    news: serde_json::from_str(data).unwrap(),
                });
            }
        }
    }
}
