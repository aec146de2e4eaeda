//! What is kept of a PIN: a slow salted hash.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use aws_lc_rs::pbkdf2;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::secret::Entropy;

/// What OWASP's password storage cheat sheet asks for with HMAC-SHA-256 (2023): some 0.2 s here.
const ROUNDS: NonZeroU32 = NonZeroU32::new(600_000).expect("it is not zero");
const SCHEME: &str = "pbkdf2-sha256";

/// What the file says: `pbkdf2-sha256$<rounds>$<salt>$<hash>`, in base64url.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    rounds: NonZeroU32,
    salt: [u8; 16],
    hash: [u8; 32],
}

impl Record {
    pub(super) fn of(pin: &str, entropy: &Entropy) -> Self {
        let (salt, mut hash) = (entropy.bytes(), [0; 32]);
        let pbkdf2 = pbkdf2::PBKDF2_HMAC_SHA256;
        pbkdf2::derive(pbkdf2, ROUNDS, &salt, pin.as_bytes(), &mut hash);
        Self {
            rounds: ROUNDS,
            salt,
            hash,
        }
    }

    pub(super) fn is_of(&self, typed: &str) -> bool {
        let pbkdf2 = pbkdf2::PBKDF2_HMAC_SHA256;
        pbkdf2::verify(
            pbkdf2,
            self.rounds,
            &self.salt,
            typed.as_bytes(),
            &self.hash,
        )
        .is_ok()
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [salt, hash] = [&self.salt[..], &self.hash[..]].map(|b| URL_SAFE_NO_PAD.encode(b));
        write!(f, "{SCHEME}${}${salt}${hash}", self.rounds)
    }
}

impl FromStr for Record {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let parts: Vec<&str> = text.split('$').collect();
        let [SCHEME, rounds, salt, hash] = parts[..] else {
            return Err(());
        };
        let bits = |text| URL_SAFE_NO_PAD.decode(text).map_err(|_| ());
        Ok(Self {
            rounds: rounds.parse().map_err(|_| ())?,
            salt: bits(salt)?.try_into().map_err(|_| ())?,
            hash: bits(hash)?.try_into().map_err(|_| ())?,
        })
    }
}
