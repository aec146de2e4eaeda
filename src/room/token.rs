//! Room tokens: a signed note that its bearer may hear one room, in one role, until a time.
//!
//! JWT (RFC 7519) signed with HS256 (RFC 7518) by a key that never leaves this machine. The
//! header is compared whole with the one header we write, before anything else is looked at:
//! other algorithms, keys, types and header extensions are refused without being understood.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Clock;
use crate::secret::{Entropy, Key};

const ISSUER: &str = "easel";
const AUDIENCE: &str = "room";
const TYPE: &str = "easel-room+jwt";
/// Ours have some 400 characters; what is far longer is not ours, and is not decoded to find out.
const MAX_LEN: usize = 2_048;

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

/// Why a token opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It was ours and its time is over: join again.
    #[error("the room token has expired")]
    Expired,
    /// It was issued later than it is now, so this clock is behind: try again in a moment.
    #[error("the room token was issued in the future")]
    NotYet,
    /// It is not ours, or was changed: discard it.
    #[error("the room token is not one of ours")]
    Invalid(#[source] Option<jsonwebtoken::errors::Error>),
}

/// Issues and verifies the room tokens of one installation.
pub struct Tokens {
    header: Header,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    clock: Arc<dyn Clock>,
    entropy: Entropy,
}

impl Tokens {
    /// `key` is the installation's; tokens are signed with a key derived from it.
    #[must_use]
    pub fn new(key: &Key, clock: Arc<dyn Clock>, entropy: Entropy) -> Self {
        let key = key.derive("easel room token 1");
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(URL_SAFE_NO_PAD.encode(&key.derive("kid").expose()[..6]));

        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        validation.leeway = 0;
        // The library compares with the system's clock, which may jump and would revive tokens.
        // `check_times` compares with the injected steady one instead.
        validation.validate_exp = false;
        validation.validate_nbf = false;

        Self {
            header,
            encoding: EncodingKey::from_secret(key.expose()),
            decoding: DecodingKey::from_secret(key.expose()),
            validation,
            clock,
            entropy,
        }
    }

    /// A token for `room` that is worth something until `expires_at`, cut to whole seconds.
    #[must_use]
    pub fn issue(&self, room: Uuid, role: Role, subject: &str, expires_at: Timestamp) -> String {
        let now = self.clock.now();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: subject.to_owned(),
            room,
            role,
            iat: now.as_second(),
            exp: expires_at.as_second(),
            jti: self.entropy.uuid_v7(now),
        };
        jsonwebtoken::encode(&self.header, &claims, &self.encoding)
            .expect("plain claims are JSON, and the key and algorithm are both HMAC")
    }

    /// What `token` says, if it is ours, unchanged and in its time.
    ///
    /// # Errors
    /// [`TokenError`]; tell the bearer no more than "invalid".
    pub fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        let invalid = |e| TokenError::Invalid(Some(e));
        if token.len() > MAX_LEN {
            return Err(TokenError::Invalid(None));
        }
        let header = jsonwebtoken::decode_header(token).map_err(invalid)?;
        if header != self.header {
            return Err(TokenError::Invalid(None));
        }
        let claims: Claims = jsonwebtoken::decode(token, &self.decoding, &self.validation)
            .map_err(invalid)?
            .claims;
        self.check_times(&claims)?;
        Ok(claims)
    }

    /// No leeway: issuer and verifier are one machine with one clock. `nbf` is never issued, and
    /// unknown claims are refused, so there is none to check.
    fn check_times(&self, claims: &Claims) -> Result<(), TokenError> {
        let now = self.clock.now();
        if now >= claims.expires_at() {
            return Err(TokenError::Expired);
        }
        if claims.iat > now.as_second() {
            return Err(TokenError::NotYet);
        }
        Ok(())
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("kid", &self.header.kid)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
