//! WebSockets as ComfyUI has them: one for each client's id.

use std::collections::HashMap;
use std::sync::Mutex;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::Response;
use futures::{SinkExt, StreamExt};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

/// Who connects.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Client {
    #[serde(rename = "clientId")]
    id: String,
}

/// All open sockets.
#[derive(Debug, Default)]
pub(crate) struct Sockets(Mutex<HashMap<String, mpsc::UnboundedSender<Message>>>);

impl Sockets {
    /// Tells one client; one without a socket hears nothing.
    pub(crate) fn tell(&self, client: &str, message: Message) {
        if let Some(socket) = self.0.lock().unwrap().get(client) {
            let _ = socket.send(message);
        }
    }

    /// Drops one client's connection without a close frame, as a killed server's drops.
    pub(crate) fn drop_one(&self, client: &str) {
        self.0.lock().unwrap().remove(client);
    }

    /// Drops all.
    pub(crate) fn drop_all(&self) {
        self.0.lock().unwrap().clear();
    }

    /// Answers the handshake of RFC 6455, and hands the connection to a task.
    pub(crate) fn upgrade(&self, client: Client, mut request: Request) -> Response {
        let accept = derive_accept_key(request.headers()["sec-websocket-key"].as_bytes());
        let upgrading = hyper::upgrade::on(&mut request);
        let (sender, inbox) = mpsc::unbounded_channel();
        let status = json!({"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 0}}, "sid": client.id}});
        let _ = sender.send(Message::text(status.to_string()));
        self.0.lock().unwrap().insert(client.id, sender);
        tokio::spawn(async move {
            if let Ok(upgraded) = upgrading.await {
                let io = TokioIo::new(upgraded);
                speak(
                    WebSocketStream::from_raw_socket(io, Role::Server, None).await,
                    inbox,
                )
                .await;
            }
        });
        Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_ACCEPT, accept)
            .body(Body::empty())
            .unwrap()
    }
}

/// Passes messages on until one side is done.
async fn speak(
    mut socket: WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>,
    mut inbox: mpsc::UnboundedReceiver<Message>,
) {
    loop {
        tokio::select! {
            message = inbox.recv() => match message {
                Some(message) => if socket.send(message).await.is_err() { return },
                None => return,
            },
            heard = socket.next() => if !matches!(heard, Some(Ok(_))) { return },
        }
    }
}
