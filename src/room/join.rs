//! How a phone gets into a room: the QR's join code, and the four digits that later phones need.

mod claims;
mod once;
mod tries;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use uuid::Uuid;

use crate::secret::{Entropy, Key, ct_eq, sha256};

pub use claims::{ClaimRefusal, ClaimTries};
pub use once::OneTimeCodes;
pub use tries::{TooManyTries, TriesLimiter};

const CODE_LEN: usize = 12;
const CLAIM_LEN: usize = 4;

/// 96 random bits, 16 base64url characters (RFC 4648 §5) in a QR's URL fragment.
///
/// Known to whoever saw the QR and stored nowhere: the booth keeps its [`JoinCode::hash`].
/// `Debug` hides it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinCode([u8; CODE_LEN]);

impl JoinCode {
    /// The code of a room, made again from the installation's key whenever the kiosk or a ticket
    /// must show it: so it need not be stored, and a copy of the record opens nothing.
    #[must_use]
    pub fn of_room(key: &Key, room: Uuid) -> Self {
        Self::signed(&key.derive("easel join code 1"), room.as_bytes())
    }

    /// The one-time code that answers a request for `room`, the same whenever the request is sent
    /// again under its `Idempotency-Key`.
    #[must_use]
    pub fn of_request(key: &Key, room: Uuid, request: &str) -> Self {
        let message = [room.as_bytes(), request.as_bytes()].concat();
        Self::signed(&key.derive("easel one-time code 1"), &message)
    }

    /// A fresh code.
    #[must_use]
    pub fn random(entropy: &Entropy) -> Self {
        Self(entropy.bytes())
    }

    fn signed(key: &Key, message: &[u8]) -> Self {
        let mut bits = [0; CODE_LEN];
        bits.copy_from_slice(&key.sign(message)[..CODE_LEN]);
        Self(bits)
    }

    /// Reads what a phone sent. What has not the form of a code is as unknown as a wrong one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bits = [0; CODE_LEN];
        let n = URL_SAFE_NO_PAD.decode_slice(text, &mut bits).ok()?;
        (n == CODE_LEN).then_some(Self(bits))
    }

    /// SHA-256 of the code as base64url, to store and to look up by. 96 random bits need no salt.
    #[must_use]
    pub fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(sha256(&self.0))
    }

    /// The text for the QR. Never log it.
    #[must_use]
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl fmt::Debug for JoinCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JoinCode(••••)")
    }
}

/// Four digits on screen and ticket that prove one stood at the booth.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimCode(String);

impl ClaimCode {
    /// A fresh code.
    #[must_use]
    pub fn generate(entropy: &Entropy) -> Self {
        Self(entropy.digits(CLAIM_LEN))
    }

    /// Reads a stored code: exactly four ASCII digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let good = text.len() == CLAIM_LEN && text.bytes().all(|b| b.is_ascii_digit());
        good.then(|| Self(text.to_owned()))
    }

    /// The digits, for screen, ticket and store.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether a visitor typed this code. Blanks around it are forgiven. Count wrong ones:
    /// ask through [`ClaimTries::claim`].
    #[must_use]
    pub fn matches(&self, typed: &str) -> bool {
        ct_eq(self.0.as_bytes(), typed.trim().as_bytes())
    }
}

impl fmt::Debug for ClaimCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimCode(••••)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_goes_through_the_qr_unchanged() {
        let key = Key::generate(&Entropy::seeded(1));
        for room in 0..200 {
            let code = JoinCode::of_room(&key, Uuid::from_u128(room));
            let text = code.reveal();
            assert_eq!(text.len(), 16);
            assert!(
                text.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            );
            assert_eq!(JoinCode::parse(&text), Some(code));
        }
    }

    #[test]
    fn each_room_has_its_code_and_always_the_same() {
        let entropy = Entropy::seeded(1);
        let (key, other) = (Key::generate(&entropy), Key::generate(&entropy));
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(JoinCode::of_room(&key, a) == JoinCode::of_room(&key, a));
        assert!(JoinCode::of_room(&key, a) != JoinCode::of_room(&key, b));
        assert!(JoinCode::of_room(&key, a) != JoinCode::of_room(&other, a));
    }

    #[test]
    fn what_is_no_code_is_unknown() {
        for text in [
            "",
            "AAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAA=",
            "AAAAAAAAAAAAAAA+",
            "AAAAAAAA AAAAAAA",
            "ÄÄÄÄÄÄÄÄ",
        ] {
            assert_eq!(JoinCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn different_codes_have_different_hashes_and_none_is_shown() {
        let entropy = Entropy::seeded(1);
        let key = Key::generate(&entropy);
        let [a, b] = [1, 2].map(|n| JoinCode::of_room(&key, Uuid::from_u128(n)));
        assert_ne!(a.hash(), b.hash());
        assert_eq!(a.hash(), a.clone().hash());
        assert_eq!(format!("{a:?}"), "JoinCode(••••)");
        assert_eq!(
            format!("{:?}", ClaimCode::generate(&entropy)),
            "ClaimCode(••••)"
        );
    }

    #[test]
    fn claims_are_four_digits() {
        let entropy = Entropy::seeded(1);
        for _ in 0..100 {
            let claim = ClaimCode::generate(&entropy);
            assert_eq!(ClaimCode::parse(claim.reveal()), Some(claim));
        }
        for text in ["", "123", "12345", "12a4", "१२३४", "-123"] {
            assert_eq!(ClaimCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_typed_claim_is_compared_whole() {
        let claim = ClaimCode::parse("0042").unwrap();
        assert!(claim.matches("0042"));
        assert!(claim.matches(" 0042\n"));
        for typed in ["", "42", "0043", "00420", "004"] {
            assert!(!claim.matches(typed), "{typed}");
        }
    }
}
