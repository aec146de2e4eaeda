//! A visitor: one visit as the screen, or a phone, goes through it.

use serde_json::{Value, json};

use super::door::Ask;
use super::{Answer, Door, Ear, until};

/// Whoever holds a token of one room.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// The door the visitor stands at: the kiosk's, or the public one for a phone.
    pub(crate) door: Door,
    public: Door,
    /// The session.
    pub(crate) id: String,
    pub(crate) token: String,
    /// The join code of the QR, and the four digits.
    pub(crate) code: String,
    pub(crate) claim: String,
}

/// The text at `value`, which must be one.
#[track_caller]
pub(crate) fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
}

/// The newest painting of that style.
#[track_caller]
pub(crate) fn by_style<'a>(snapshot: &'a Value, style: &str) -> &'a Value {
    let paintings = snapshot["paintings"].as_array().unwrap();
    let newest = paintings.iter().rev().find(|p| p["style"] == style);
    newest.unwrap_or_else(|| panic!("no {style} in {snapshot}"))
}

impl Visitor {
    /// Touches the screen.
    pub(crate) async fn arrives(kiosk: &Door, public: &Door) -> Self {
        let wish = json!({ "locale": "en" });
        let answer = kiosk.post("/api/v1/sessions").json(&wish).answer().await;
        let opened = answer.granted(201);
        Self {
            door: kiosk.clone(),
            public: public.clone(),
            id: text(&opened["session"]["id"]).to_owned(),
            token: text(&opened["token"]).to_owned(),
            code: text(&opened["join"]["code"]).to_owned(),
            claim: text(&opened["join"]["claim"]).to_owned(),
        }
    }

    /// A visitor of whom `{id, token, code, claim}` were written down.
    pub(crate) fn known(by: &Value, kiosk: &Door, public: &Door) -> Self {
        let word = |name: &str| text(&by[name]).to_owned();
        Self {
            door: kiosk.clone(),
            public: public.clone(),
            id: word("id"),
            token: word("token"),
            code: word("code"),
            claim: word("claim"),
        }
    }

    /// The same visitor at the doors of a booth that has started again.
    pub(crate) fn comes_back_to(&mut self, kiosk: &Door, public: &Door) {
        (self.door, self.public) = (kiosk.clone(), public.clone());
    }

    /// A phone reads the QR, and types the digits if it is told to.
    pub(crate) async fn joins_by_phone(&self, claim: Option<&str>) -> Answer {
        let knock = match claim {
            Some(claim) => json!({ "code": self.code, "claim": claim }),
            None => json!({ "code": self.code }),
        };
        self.public.post("/api/v1/join").json(&knock).answer().await
    }

    /// The visitor's own phone, the first to join.
    pub(crate) async fn phone(&self) -> Self {
        let joined = self.joins_by_phone(None).await.granted(200);
        assert_eq!(joined["room"], self.id);
        assert_eq!(joined["role"], "visitor");
        Self {
            door: self.public.clone(),
            token: text(&joined["token"]).to_owned(),
            ..self.clone()
        }
    }

    /// A request with the visitor's token to what lies below the session.
    pub(crate) fn post(&self, below: &str) -> Ask {
        let path = format!("/api/v1/sessions/{}{below}", self.id);
        self.door.post(&path).bearing(&self.token)
    }

    pub(crate) fn get(&self, below: &str) -> Ask {
        let path = format!("/api/v1/sessions/{}{below}", self.id);
        self.door.get(&path).bearing(&self.token)
    }

    /// The visit as it stands.
    pub(crate) async fn snapshot(&self) -> Value {
        self.get("").answer().await.granted(200)
    }

    /// Agrees to be painted.
    pub(crate) async fn agrees(&self) {
        let said = json!({ "painting": true });
        self.post("/consent")
            .json(&said)
            .answer()
            .await
            .granted(204);
    }

    /// Hands over a photo.
    pub(crate) async fn photographs(&self, photo: Vec<u8>) -> Answer {
        self.post("/captures")
            .bytes("image/jpeg", photo)
            .answer()
            .await
    }

    /// Agrees, hands over a photo and has it painted in every style; returns the capture.
    pub(crate) async fn sits(&self, photo: Vec<u8>) -> Value {
        self.agrees().await;
        let capture = self.photographs(photo).await.granted(201)["capture"].clone();
        self.wants(&capture, json!({})).await.granted(202);
        capture
    }

    /// Asks for paintings of `capture`; `also` may name styles and a seed.
    pub(crate) async fn wants(&self, capture: &Value, mut also: Value) -> Answer {
        also["capture"] = capture["id"].clone();
        self.post("/paintings").json(&also).answer().await
    }

    /// Waits until every painting is settled; returns the snapshot then.
    pub(crate) async fn waits(&self) -> Value {
        let mut ear = self.listens(None).await;
        loop {
            let snapshot = self.snapshot().await;
            let open = |p: &Value| matches!(text(&p["state"]), "queued" | "painting");
            if !snapshot["paintings"].as_array().unwrap().iter().any(open) {
                return snapshot;
            }
            ear.until(|heard| {
                matches!(
                    heard.name(),
                    "painting.done" | "painting.failed" | "painting.cancelled"
                )
            })
            .await;
        }
    }

    /// Waits until painters are at work on so many of its paintings; a painting that is started may
    /// not have reached its painter yet.
    pub(crate) async fn is_painted(&self, n: usize) {
        until("painters at work", async || {
            let snapshot = self.snapshot().await;
            let paintings = snapshot["paintings"].as_array().unwrap().iter();
            let shares = paintings.map(|painting| painting["share"].as_f64().unwrap());
            shares.filter(|share| *share > 0.0).count() == n
        })
        .await;
    }

    /// Follows the visit's events, after the one of that number if any.
    pub(crate) async fn listens(&self, after: Option<u64>) -> Ear {
        let mut ask = self.get("/events");
        if let Some(after) = after {
            ask = ask.header("last-event-id", &after.to_string());
        }
        Ear::to(ask.response().await)
    }

    /// Has a ticket made of a painting.
    pub(crate) async fn takes_a_ticket(&self, painting: &Value, name: &str) -> Value {
        let wish = json!({ "painting": painting["id"], "name": name });
        let answer = self.post("/tickets").json(&wish).answer().await;
        answer.granted(201)["ticket"].clone()
    }

    /// Orders sheets.
    pub(crate) async fn orders(&self, ticket: &Value, copies: u32, key: &str) -> Answer {
        let wish = json!({ "ticket": ticket["id"], "copies": copies });
        self.post("/prints")
            .header("idempotency-key", key)
            .json(&wish)
            .answer()
            .await
    }

    /// Waits until that order is on paper.
    pub(crate) async fn waits_for_print(&self, print: &Value) {
        let mut ear = self.listens(None).await;
        let done = |name: &str| name == "print.done";
        ear.until(|heard| done(heard.name()) && heard.data()["print"] == print["id"])
            .await;
    }

    /// Fetches a picture by its link, without any token.
    pub(crate) async fn looks_at(&self, picture: &Value) -> Answer {
        self.door.get(text(&picture["url"])).answer().await
    }

    /// Erases the visit.
    pub(crate) async fn erases(&self) {
        let path = format!("/api/v1/sessions/{}", self.id);
        let ask = self.door.ask(reqwest::Method::DELETE, &path);
        ask.bearing(&self.token).answer().await.granted(204);
    }
}
