//! Signed notes of one kind: issued here, shown by their bearer, verified here.
//!
//! JWT (RFC 7519) signed with HS256 (RFC 7518) by a key that never leaves this machine. The
//! header is compared whole with the one header we write, before anything else is looked at:
//! other algorithms, keys, types and header extensions are refused without being understood.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Key;
use crate::clock::Clock;

/// The `iss` claim of every note.
pub const ISSUER: &str = "easel";
/// Ours have some 400 characters; what is far longer is not ours, and is not decoded to find out.
const MAX_LEN: usize = 2_048;

/// What tells notes of one kind from all others, so that none ever passes for another.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// What the signing key is derived from the installation's for.
    pub purpose: &'static str,
    /// The header's `typ`.
    pub typ: &'static str,
    /// The `aud` claim.
    pub audience: &'static str,
    /// The longest that one is ever issued for.
    pub longest: SignedDuration,
}

/// What a note says. A struct that refuses unknown fields and has `iss`, `aud` and `sub`, which
/// the library checks, and these times.
pub trait Claims: Serialize + DeserializeOwned {
    /// When it was issued, in whole seconds of the steady clock since the epoch.
    fn iat(&self) -> i64;
    /// From when on it is worth nothing, likewise.
    fn exp(&self) -> i64;
}

/// Why a note is worth nothing.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It was ours and its time is over: ask for another.
    #[error("the token has expired")]
    Expired,
    /// It was issued later than it is now, so this clock is behind: try again in a moment.
    #[error("the token was issued in the future")]
    NotYet,
    /// It is not ours, or was changed: discard it.
    #[error("the token is not one of ours")]
    Invalid(#[source] Option<jsonwebtoken::errors::Error>),
}

/// Signs and verifies the notes of one kind.
pub struct Mint {
    header: Header,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    longest: SignedDuration,
    clock: Arc<dyn Clock>,
}

impl Mint {
    /// `key` is the installation's; notes are signed with a key derived from it.
    #[must_use]
    pub fn new(kind: Kind, key: &Key, clock: Arc<dyn Clock>) -> Self {
        let key = key.derive(kind.purpose);
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(kind.typ.to_owned());
        header.kid = Some(URL_SAFE_NO_PAD.encode(&key.derive("kid").expose()[..6]));

        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[kind.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        validation.leeway = 0;
        // The library compares with the system's clock, which may jump and would revive tokens.
        // `verify` compares with the injected steady one instead.
        validation.validate_exp = false;
        validation.validate_nbf = false;

        Self {
            header,
            encoding: EncodingKey::from_secret(key.expose()),
            decoding: DecodingKey::from_secret(key.expose()),
            validation,
            longest: kind.longest,
            clock,
        }
    }

    /// Now, by the clock that notes are verified with.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The note that says `claims`.
    #[must_use]
    pub fn sign(&self, claims: &impl Claims) -> String {
        jsonwebtoken::encode(&self.header, claims, &self.encoding)
            .expect("plain claims are JSON, and the key and algorithm are both HMAC")
    }

    /// What `token` says, if it is ours, unchanged and in its time. No leeway: issuer and verifier
    /// are one machine with one clock. `nbf` is never issued, and unknown claims are refused, so
    /// there is none to check.
    ///
    /// # Errors
    /// [`TokenError`]; tell the bearer no more than "invalid".
    pub fn verify<C: Claims>(&self, token: &str) -> Result<C, TokenError> {
        let invalid = |e| TokenError::Invalid(Some(e));
        if token.len() > MAX_LEN {
            return Err(TokenError::Invalid(None));
        }
        let header = jsonwebtoken::decode_header(token).map_err(invalid)?;
        if header != self.header {
            return Err(TokenError::Invalid(None));
        }
        let claims: C = jsonwebtoken::decode(token, &self.decoding, &self.validation)
            .map_err(invalid)?
            .claims;
        let now = self.clock.now().as_second();
        if now >= claims.exp() {
            return Err(TokenError::Expired);
        }
        if claims.iat() > now {
            return Err(TokenError::NotYet);
        }
        // Signed with our key, but by no booth.
        if claims.exp() - claims.iat() > self.longest.as_secs() {
            return Err(TokenError::Invalid(None));
        }
        Ok(claims)
    }
}

impl fmt::Debug for Mint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mint")
            .field("typ", &self.header.typ)
            .field("kid", &self.header.kid)
            .finish_non_exhaustive()
    }
}
