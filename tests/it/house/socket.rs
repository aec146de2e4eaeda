//! A phone at the room's socket: Socket.IO 5 over Engine.IO 4, spoken by hand, so that it may also
//! say what no client would.

use std::collections::VecDeque;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{Door, Visitor, in_time, text};

/// The packet that opens a visitor's room.
fn hello(visitor: &Visitor, after: Option<u64>) -> String {
    let auth = json!({ "token": visitor.token, "after": after });
    format!("40/room,{auth}")
}

/// The name and the data of an event's packet.
fn event(packet: &str) -> Option<(String, Value)> {
    let said: Value = serde_json::from_str(packet.strip_prefix("42/room,")?).unwrap();
    Some((text(&said[0]).to_owned(), said[1].clone()))
}

/// A phone that is connected by WebSocket.
#[derive(Debug)]
pub(crate) struct WebSocket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl WebSocket {
    /// A phone in the visitor's room.
    pub(crate) async fn joins(visitor: &Visitor, after: Option<u64>) -> Self {
        let authority = visitor.door.authority();
        let url = format!("ws://{authority}/socket.io/?EIO=4&transport=websocket");
        let mut socket = Self(connect_async(url).await.unwrap().0);
        socket.says(hello(visitor, after)).await;
        socket
    }

    /// Why the room stays shut (Socket.IO's `CONNECT_ERROR`).
    pub(crate) async fn is_refused(&mut self) -> Value {
        loop {
            let packet = in_time("a refusal", self.0.next()).await;
            let packet = packet.expect("it is told before it is cut").unwrap();
            if let Message::Text(packet) = packet
                && let Some(why) = packet.as_str().strip_prefix("44/room,")
            {
                return serde_json::from_str(why).unwrap();
            }
        }
    }

    /// Sends a text packet.
    pub(crate) async fn says(&mut self, packet: String) {
        self.sends(Message::text(packet)).await;
    }

    /// Sends a binary packet.
    pub(crate) async fn says_bytes(&mut self, bytes: Vec<u8>) {
        self.sends(Message::binary(Bytes::from(bytes))).await;
    }

    /// A server that refuses a message may have closed the connection before all of the message is
    /// written: whether a send fails depends on who is quicker. [`Self::hears`] tells for certain.
    async fn sends(&mut self, message: Message) {
        let _ = self.0.send(message).await;
    }

    /// The next event of the room; `None` once the connection is closed.
    pub(crate) async fn hears(&mut self) -> Option<(String, Value)> {
        loop {
            match in_time("a packet", self.0.next()).await {
                Some(Ok(Message::Text(packet))) if packet.as_str() == "2" => {
                    self.says("3".to_owned()).await;
                }
                Some(Ok(Message::Text(packet))) => {
                    if let Some(event) = event(&packet) {
                        return Some(event);
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }
}

/// A phone whose network lets no WebSocket through.
#[derive(Debug)]
pub(crate) struct Polling {
    door: Door,
    path: String,
    heard: VecDeque<(String, Value)>,
}

impl Polling {
    /// A phone in the visitor's room.
    pub(crate) async fn joins(visitor: &Visitor, after: Option<u64>) -> Self {
        let path = "/socket.io/?EIO=4&transport=polling";
        let open = visitor.door.get(path).answer().await.text();
        let open: Value = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
        let path = format!("{path}&sid={}", text(&open["sid"]));
        let door = visitor.door.clone();
        let said = door.post(&path).bytes("text/plain", hello(visitor, after));
        assert_eq!(said.answer().await.status, 200);
        let heard = VecDeque::new();
        Self { door, path, heard }
    }

    /// The session's id, as Engine.IO gave it.
    pub(crate) fn sid(&self) -> &str {
        self.path.rsplit("sid=").next().unwrap()
    }

    /// The next event of the room.
    pub(crate) async fn hears(&mut self) -> (String, Value) {
        loop {
            if let Some(event) = self.heard.pop_front() {
                return event;
            }
            let packets = in_time("a packet", self.door.get(&self.path).answer()).await;
            // Engine.IO 4 parts the packets of one answer by the record separator.
            self.heard
                .extend(packets.text().split('\x1e').filter_map(event));
        }
    }
}
