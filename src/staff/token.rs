//! Staff tokens: a signed note that its bearer has typed the PIN a while ago.
//!
//! JWT (RFC 7519) as room tokens are, with a type, an audience and a key of its own, so that
//! neither ever passes for the other. It is short-lived and renewed by a page that is in use; it
//! names the PIN it was issued for: [`super::Door`] compares that whenever it is shown.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Clock;
use crate::secret::jwt::{self, ISSUER, Kind, Mint, TokenError};
use crate::secret::{Entropy, Key};

const KIND: Kind = Kind {
    purpose: "easel staff token 1",
    typ: "easel-staff+jwt",
    audience: "staff",
    longest: LIFE,
};
/// A page that nobody uses is worth nothing after this long.
pub(super) const LIFE: SignedDuration = SignedDuration::from_mins(10);
/// After so long the PIN is typed again.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);

/// What a valid staff token says. Times are whole seconds of the steady clock since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    iss: String,
    aud: String,
    sub: String,
    /// The shift: all tokens that one typed PIN led to have the same.
    pub shift: Uuid,
    /// When the PIN was typed.
    pub since: i64,
    /// The mark of that PIN.
    pub pin: String,
    /// When it was issued.
    pub iat: i64,
    /// From when on it is worth nothing.
    pub exp: i64,
    /// The token's own id.
    pub jti: Uuid,
}

impl jwt::Claims for Claims {
    fn iat(&self) -> i64 {
        self.iat
    }

    fn exp(&self) -> i64 {
        self.exp
    }
}

/// A token, and until when it is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// The token.
    pub token: String,
    /// When it ends, unless it is renewed.
    pub expires_at: Timestamp,
}

/// Issues and verifies the staff tokens of one installation.
#[derive(Debug)]
pub(super) struct StaffTokens {
    mint: Mint,
    entropy: Entropy,
}

impl StaffTokens {
    /// `key` is the installation's; tokens are signed with a key derived from it.
    #[must_use]
    pub(super) fn new(key: &Key, clock: Arc<dyn Clock>, entropy: Entropy) -> Self {
        let mint = Mint::new(KIND, key, clock);
        Self { mint, entropy }
    }

    /// A token for whoever has just typed the PIN of that mark.
    #[must_use]
    pub(super) fn issue(&self, mark: &str) -> Pass {
        let now = self.mint.now();
        self.sign(self.entropy.uuid_v7(now), now.as_second(), mark)
    }

    /// A newer token for the bearer of `claims`; `None` if the PIN was typed so long ago that it
    /// must be typed again.
    #[must_use]
    pub(super) fn renew(&self, claims: &Claims) -> Option<Pass> {
        let age = self.mint.now().as_second() - claims.since;
        (age < LONGEST.as_secs()).then(|| self.sign(claims.shift, claims.since, &claims.pin))
    }

    /// What `token` says, if it is ours, unchanged and in its time.
    ///
    /// # Errors
    /// [`TokenError`]; tell the bearer no more than "staff only".
    pub(super) fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        self.mint.verify(token)
    }

    fn sign(&self, shift: Uuid, since: i64, mark: &str) -> Pass {
        let now = self.mint.now();
        let last = Timestamp::from_second(since).unwrap_or(now) + LONGEST;
        let exp = (now + LIFE).min(last).as_second();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: KIND.audience.to_owned(),
            sub: "staff".to_owned(),
            shift,
            since,
            pin: mark.to_owned(),
            iat: now.as_second(),
            exp,
            jti: self.entropy.uuid_v7(now),
        };
        Pass {
            token: self.mint.sign(&claims),
            expires_at: Timestamp::from_second(exp).unwrap_or(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::room::token::{Role, Tokens};
    use std::time::Duration;

    fn desk(seed: u64) -> (ManualClock, StaffTokens, Tokens) {
        let clock = ManualClock::default();
        let key = Key::generate(&Entropy::seeded(seed));
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let entropy = Entropy::seeded(9);
        let staff = StaffTokens::new(&key, Arc::clone(&shared), entropy.clone());
        (clock, staff, Tokens::new(&key, shared, entropy))
    }

    #[test]
    fn a_token_lives_ten_minutes_and_is_renewed_for_twelve_hours() {
        let (clock, staff, _) = desk(1);
        let mut pass = staff.issue("a");
        for _ in 0..72 {
            let claims = staff.verify(&pass.token).unwrap();
            clock.advance(Duration::from_secs(600));
            assert!(matches!(
                staff.verify(&pass.token),
                Err(TokenError::Expired)
            ));
            match staff.renew(&claims) {
                Some(newer) => pass = newer,
                None => break,
            }
        }
        assert_eq!(clock.monotonic(), Duration::from_secs(12 * 3600));
    }

    #[test]
    fn a_renewed_token_names_the_shift_and_the_pin_that_was_typed() {
        let (_, staff, _) = desk(1);
        let claims = staff.verify(&staff.issue("a").token).unwrap();
        let newer = staff.renew(&claims).unwrap();
        let newer = staff.verify(&newer.token).unwrap();
        assert_eq!((newer.shift, newer.pin.as_str()), (claims.shift, "a"));
        let other = staff.verify(&staff.issue("a").token).unwrap();
        assert_ne!(other.shift, claims.shift);
    }

    #[test]
    fn room_tokens_and_staff_tokens_never_pass_for_each_other() {
        let (clock, staff, rooms) = desk(1);
        let later = clock.now() + SignedDuration::from_hours(1);
        let room = rooms.issue(Uuid::nil(), Role::Staff, "staff", later);
        assert!(staff.verify(&room).is_err());
        assert!(rooms.verify(&staff.issue("a").token).is_err());
    }

    #[test]
    fn what_is_changed_or_foreign_opens_nothing() {
        let (_, staff, _) = desk(1);
        let (_, other, _) = desk(2);
        let token = staff.issue("a").token;
        assert!(other.verify(&token).is_err());
        for i in (0..token.len()).step_by(7) {
            let mut changed = token.clone().into_bytes();
            changed[i] = if changed[i] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(changed == token || staff.verify(&changed).is_err(), "{i}");
        }
        for foreign in ["", ".", "a.b.c", &"x".repeat(3_000)] {
            assert!(staff.verify(foreign).is_err());
        }
    }
}
