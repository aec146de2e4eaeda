//! Somebody who runs the booth.

use reqwest::Method;
use serde_json::{Value, json};

use super::door::Ask;
use super::{Answer, Door, PIN, text, until};

/// Whoever has typed the PIN.
#[derive(Debug, Clone)]
pub(crate) struct Staff {
    door: Door,
    pub(crate) token: String,
}

impl Staff {
    /// Types a PIN at that door.
    pub(crate) async fn knocks(door: &Door, pin: &str) -> Answer {
        let typed = json!({ "pin": pin });
        door.post("/api/v1/staff/enter").json(&typed).answer().await
    }

    /// Types the right PIN.
    pub(crate) async fn enters(door: &Door) -> Self {
        Self::enters_with(door, PIN).await
    }

    /// Types that PIN, which is the right one.
    pub(crate) async fn enters_with(door: &Door, pin: &str) -> Self {
        let shift = Self::knocks(door, pin).await.granted(200);
        Self {
            door: door.clone(),
            token: text(&shift["token"]).to_owned(),
        }
    }

    /// The same staff at the door of a booth that has started again.
    pub(crate) fn comes_back_to(self, door: &Door) -> Self {
        let door = door.clone();
        Self { door, ..self }
    }

    /// A request to what lies below `/staff`.
    pub(crate) fn ask(&self, method: Method, below: &str) -> Ask {
        let path = format!("/api/v1/staff{below}");
        self.door.ask(method, &path).bearing(&self.token)
    }

    pub(crate) fn post(&self, below: &str) -> Ask {
        self.ask(Method::POST, below)
    }

    /// The one look.
    pub(crate) async fn looks(&self) -> Value {
        let look = self.ask(Method::GET, "/overview").answer().await;
        look.granted(200)
    }

    /// Looks again and again until `so` holds of what is seen; returns that.
    pub(crate) async fn looks_until(&self, what: &str, so: impl Fn(&Value) -> bool) -> Value {
        let mut seen = Value::Null;
        until(what, async || {
            seen = self.looks().await;
            so(&seen)
        })
        .await;
        seen
    }
}
