//! Room tokens: a signed note that its bearer may hear one room, in one role, until a time.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Clock;
use crate::secret::jwt::{self, ISSUER, Kind, Mint, TokenError};
use crate::secret::{Entropy, Key};

const KIND: Kind = Kind {
    purpose: "easel room token 1",
    typ: "easel-room+jwt",
    audience: "room",
    longest: LONGEST,
};
/// As long as settings may have a ticket kept; a room is open as long as there is something in it.
const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What the bearer of a token may do in its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The screen that shows the session.
    Kiosk,
    /// A phone that joined.
    Visitor,
    /// Someone who runs the booth.
    Staff,
}

impl Role {
    /// The word used in JSON and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kiosk => "kiosk",
            Self::Visitor => "visitor",
            Self::Staff => "staff",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a valid token says. Times are whole seconds of the steady clock since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    iss: String,
    aud: String,
    /// Who bears it: the id of a phone or of the screen.
    pub sub: String,
    /// The one room (session) it opens.
    pub room: Uuid,
    /// What it opens the room for.
    pub role: Role,
    /// When it was issued.
    pub iat: i64,
    /// From when on it is worth nothing.
    pub exp: i64,
    /// The token's own id.
    pub jti: Uuid,
}

impl Claims {
    /// When the bearer must be shown out.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_second(self.exp).unwrap_or(Timestamp::MAX)
    }
}

impl jwt::Claims for Claims {
    fn iat(&self) -> i64 {
        self.iat
    }

    fn exp(&self) -> i64 {
        self.exp
    }
}

/// Issues and verifies the room tokens of one installation.
#[derive(Debug)]
pub struct Tokens {
    mint: Mint,
    entropy: Entropy,
}

impl Tokens {
    /// `key` is the installation's; tokens are signed with a key derived from it.
    #[must_use]
    pub fn new(key: &Key, clock: Arc<dyn Clock>, entropy: Entropy) -> Self {
        let mint = Mint::new(KIND, key, clock);
        Self { mint, entropy }
    }

    /// A token for `room` that is worth something until `expires_at`, cut to whole seconds.
    #[must_use]
    pub fn issue(&self, room: Uuid, role: Role, subject: &str, expires_at: Timestamp) -> String {
        let now = self.mint.now();
        self.mint.sign(&Claims {
            iss: ISSUER.to_owned(),
            aud: KIND.audience.to_owned(),
            sub: subject.to_owned(),
            room,
            role,
            iat: now.as_second(),
            exp: expires_at.as_second(),
            jti: self.entropy.uuid_v7(now),
        })
    }

    /// What `token` says, if it is ours, unchanged and in its time.
    ///
    /// # Errors
    /// [`TokenError`]; tell the bearer no more than "invalid".
    pub fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        self.mint.verify(token)
    }
}

#[cfg(test)]
mod tests;
