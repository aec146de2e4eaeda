//! Socket.IO: namespace `/room`. A phone hears its own room and says nothing.

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::BoxStream;
use serde::Deserialize;
use socketioxide::SocketIo;
use socketioxide::extract::{Extension, SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;
use tokio_util::sync::CancellationToken;

use super::feed::{Feed, Heard};
use super::token::{Claims, Tokens};
use crate::clock::Clock;
use crate::store::Store;

/// What the handlers need.
#[derive(Debug, Clone)]
pub struct Hall {
    /// What is told.
    pub feed: Feed,
    /// Who may hear it.
    pub tokens: Arc<Tokens>,
    /// Whether the session still is.
    pub store: Store,
    /// When tokens run out.
    pub clock: Arc<dyn Clock>,
}

/// What a client sends as `auth`.
#[derive(Debug, Deserialize)]
struct Auth {
    token: String,
    #[serde(default)]
    after: Option<u64>,
}

/// Where to begin, for the connect handler.
#[derive(Debug, Clone, Copy)]
struct After(Option<u64>);

/// A refusal at the door: the client gets it as `connect_error.message`, and as its `data`.
#[derive(Debug)]
struct Refused(&'static str);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// Opens the namespace on `io`, whose state holds a [`Hall`].
pub fn open(io: &SocketIo) {
    io.ns("/room", connected.with(authenticate));
}

async fn authenticate(
    socket: SocketRef,
    TryData(auth): TryData<Auth>,
    State(hall): State<Hall>,
) -> Result<(), Refused> {
    let auth = auth.map_err(|_| Refused("token_invalid"))?;
    let claims = hall
        .tokens
        .verify(&auth.token)
        .map_err(|_| Refused("token_invalid"))?;
    match hall.store.row(claims.room).await {
        Ok(Some(row)) if row.erased_at.is_none() => {}
        Ok(Some(_)) => return Err(Refused("erased")),
        Ok(None) => return Err(Refused("token_invalid")),
        Err(_) => return Err(Refused("internal")),
    }
    socket.extensions.insert(claims);
    socket.extensions.insert(After(auth.after));
    Ok(())
}

async fn connected(
    socket: SocketRef,
    State(hall): State<Hall>,
    Extension(claims): Extension<Claims>,
    Extension(After(after)): Extension<After>,
) {
    let gone = CancellationToken::new();
    let left = gone.clone();
    socket.on_disconnect(move || async move { left.cancel() });
    if !socket.connected() {
        return;
    }
    let Ok(Some(heard)) = hall.feed.follow(claims.room, after, true).await else {
        return leave(&socket);
    };
    let left = hall.clock.now().duration_until(claims.expires_at());
    let expired = hall.clock.sleep(left.try_into().unwrap_or_default());
    tokio::spawn(async move {
        tokio::select! {
            () = tell(&socket, heard) => leave(&socket),
            () = expired => leave(&socket),
            // Else a phone that goes would be listened for until its token runs out.
            () = gone.cancelled() => {}
        }
    });
}

/// Passes on what is heard until the session is over or the phone too slow.
async fn tell(socket: &SocketRef, mut heard: BoxStream<'static, Heard>) {
    while let Some(next) = heard.next().await {
        let told = match next {
            Heard::Snapshot(snapshot) => socket.emit("snapshot", &snapshot),
            Heard::News(news) => socket.emit("event", &*news),
        };
        if told.is_err() {
            // Its buffer is full or it is gone: it comes back with its last number.
            return;
        }
    }
}

fn leave(socket: &SocketRef) {
    let _ = socket.clone().disconnect();
}
