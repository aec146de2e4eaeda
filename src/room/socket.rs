//! Socket.IO: namespace `/room`. A phone hears its own room and says nothing.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use socketioxide::extract::{Extension, SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::{SendError, SocketError, SocketIo};
use tokio_util::sync::CancellationToken;

use super::feed::{Feed, Heard};
use super::token::{Claims, Tokens};
use crate::clock::Clock;
use crate::store::Store;

/// How long a phone has for making room in its buffer, and how often that is looked at.
const BREATH: Duration = Duration::from_millis(20);
const BREATHS: u32 = 500;

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

/// A refusal at the door. The client gets the code as the message of its `connect_error`: the
/// library sends nothing else with it.
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
        // Nothing has been said yet: there is room for this.
        let _ = socket.disconnect();
        return;
    };
    let left = hall.clock.now().duration_until(claims.expires_at());
    let expired = hall.clock.sleep(left.try_into().unwrap_or_default());
    tokio::spawn(async move {
        let mouth = Mouth {
            socket,
            clock: hall.clock,
        };
        let told = async {
            tokio::select! {
                () = mouth.tell(heard) => {}
                () = expired => {}
            }
            mouth.leave().await;
        };
        tokio::select! {
            () = told => {}
            // Else a phone that goes would be listened for until its token runs out.
            () = gone.cancelled() => {}
        }
    });
}

/// What speaks to one phone. Its buffer holds [`crate::app`]'s few events: whoever is told many at
/// once, because they missed them, is told as fast as they take them.
struct Mouth {
    socket: SocketRef,
    clock: Arc<dyn Clock>,
}

impl Mouth {
    /// Passes on what is heard until the session is over or the phone too slow.
    async fn tell(&self, mut heard: BoxStream<'static, Heard>) {
        while let Some(next) = heard.next().await {
            let told = match next {
                Heard::Snapshot(snapshot) => self.say("snapshot", &*snapshot).await,
                Heard::News(news) => self.say("event", news.json()).await,
            };
            if told.is_none() {
                // It comes back with its last number.
                return;
            }
        }
    }

    /// `None`: the phone did not take it in time, or is gone.
    async fn say<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Option<()> {
        for _ in 0..BREATHS {
            match self.socket.emit(event, data) {
                Ok(()) => return Some(()),
                Err(SendError::Socket(SocketError::InternalChannelFull)) => self.breathe().await,
                Err(_) => return None,
            }
        }
        None
    }

    /// Asks the phone to go, which needs room in its buffer too: without it nothing would be closed,
    /// and a phone that hears no more would believe that nothing happens.
    async fn leave(&self) {
        while let Err(SocketError::InternalChannelFull) = self.socket.clone().disconnect() {
            self.breathe().await;
        }
    }

    async fn breathe(&self) {
        self.clock.sleep(BREATH).await;
    }
}
