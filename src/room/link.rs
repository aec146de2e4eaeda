//! Links to pictures that need no token: signed, and over after an hour or two.
//!
//! As a presigned S3 URL would be: whoever has the link has that one picture for that time, and
//! nothing else. A link is stable for a whole hour, so that browsers cache what it shows.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;

use crate::secret::{Key, ct_eq};

const HOUR: i64 = 3_600;
/// 128 bits: forging one link takes 2^127 tries on average, each of them a request.
const SIGNATURE_LEN: usize = 16;

/// Why a link shows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It was ours: ask the snapshot for a fresh one.
    #[error("the link has expired")]
    Expired,
    /// It was never ours, or was changed.
    #[error("the link is not one of ours")]
    Forged,
}

/// Signs and verifies the links of one installation.
#[derive(Debug, Clone)]
pub struct Links {
    key: Key,
}

impl Links {
    /// `key` is the installation's; links are signed with a key derived from it.
    #[must_use]
    pub fn new(key: &Key) -> Self {
        let key = key.derive("easel media link 1");
        Self { key }
    }

    /// The path and query under which the blob `key` is shown for at least one hour from `now`
    /// and at most two: `/media/<key>?e=<seconds since the epoch>&s=<signature>`.
    ///
    /// `key` stands in the URL as it is; those of [`crate::blobs::BlobKey`] need no escapes.
    #[must_use]
    pub fn sign(&self, key: &str, now: Timestamp) -> String {
        let e = (now.as_second().div_euclid(HOUR) + 2) * HOUR;
        let s = URL_SAFE_NO_PAD.encode(self.signature(key, e));
        format!("/media/{key}?e={e}&s={s}")
    }

    /// Whether `key` may be shown to someone who brings `e` and `s`.
    ///
    /// # Errors
    /// [`LinkError`]; what is forged is never called expired.
    pub fn verify(&self, key: &str, e: i64, s: &str, now: Timestamp) -> Result<(), LinkError> {
        let mut given = [0; SIGNATURE_LEN];
        let n = URL_SAFE_NO_PAD.decode_slice(s, &mut given);
        if n != Ok(SIGNATURE_LEN) || !ct_eq(&given, &self.signature(key, e)) {
            return Err(LinkError::Forged);
        }
        if now.as_second() >= e {
            return Err(LinkError::Expired);
        }
        Ok(())
    }

    fn signature(&self, key: &str, e: i64) -> [u8; SIGNATURE_LEN] {
        // A number holds no line break: no other pair of time and key reads the same.
        let mac = self.key.sign(format!("{e}\n{key}").as_bytes());
        let mut out = [0; SIGNATURE_LEN];
        out.copy_from_slice(&mac[..SIGNATURE_LEN]);
        out
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::secret::Entropy;

    const KEY: &str =
        "01980000-0000-7000-8000-000000000001/01980000-0000-7000-8000-000000000002-thumb.jpg";

    fn links() -> Links {
        Links::new(&Key::generate(&Entropy::seeded(1)))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn parts(url: &str) -> (&str, i64, &str) {
        let (key, query) = url
            .strip_prefix("/media/")
            .unwrap()
            .split_once('?')
            .unwrap();
        let (e, s) = query.split_once('&').unwrap();
        let e = e.strip_prefix("e=").unwrap().parse().unwrap();
        (key, e, s.strip_prefix("s=").unwrap())
    }

    proptest! {
        #[test]
        fn a_link_holds_for_one_to_two_hours(now in 0_i64..100_000_000_000) {
            let links = links();
            let url = links.sign(KEY, at(now));
            let (key, e, s) = parts(&url);
            let check = |then| links.verify(key, e, s, at(then));
            prop_assert_eq!(check(now), Ok(()));
            prop_assert_eq!(check(now + HOUR), Ok(()));
            prop_assert_eq!(check(e - 1), Ok(()));
            prop_assert_eq!(check(e), Err(LinkError::Expired));
            prop_assert_eq!(check(now + 2 * HOUR), Err(LinkError::Expired));
        }
    }

    #[test]
    fn a_link_is_stable_for_the_hour() {
        let links = links();
        let noon = at(1_795_262_400);
        let later = noon + SignedDuration::from_secs(HOUR - 1);
        assert_eq!(links.sign(KEY, noon), links.sign(KEY, later));
        assert_ne!(
            links.sign(KEY, noon),
            links.sign(KEY, later + SignedDuration::from_secs(1))
        );
    }

    #[test]
    fn nothing_in_it_can_be_changed() {
        let links = links();
        let now = at(1_795_262_400);
        let url = links.sign(KEY, now);
        let (key, e, s) = parts(&url);
        let forged = Err(LinkError::Forged);
        assert_eq!(links.verify(key, e + HOUR, s, now), forged);
        assert_eq!(links.verify(key, e - HOUR, s, now), forged);
        assert_eq!(links.verify(key, -e, s, now), forged);
        assert_eq!(links.verify(&key.replace("-thumb", ""), e, s, now), forged);
        assert_eq!(
            links.verify(&key.replace("0002", "0003"), e, s, now),
            forged
        );
        for at in 0..s.len() {
            let other = if &s[at..=at] == "A" { "B" } else { "A" };
            let changed = format!("{}{other}{}", &s[..at], &s[at + 1..]);
            assert_eq!(links.verify(key, e, &changed, now), forged, "{changed}");
        }
        for s in [
            "",
            "A",
            &s[1..],
            &format!("{s}A"),
            &format!("{s}=="),
            "ключ",
        ] {
            assert_eq!(links.verify(key, e, s, now), forged, "{s}");
        }
        // An old forgery is a forgery: it tells nothing about what once was.
        assert_eq!(links.verify(key, 0, s, now), forged);
    }

    #[test]
    fn digits_cannot_move_between_time_and_key() {
        let links = links();
        let (url_of_1, now) = (links.sign("1/x.jpg", at(0)), at(0));
        let (_, e, s) = parts(&url_of_1);
        assert_eq!(links.verify("1/x.jpg", e, s, now), Ok(()));
        assert_eq!(
            links.verify("/x.jpg", e * 10 + 1, s, now),
            Err(LinkError::Forged)
        );
    }

    #[test]
    fn links_of_another_installation_or_of_the_bare_key_are_forged() {
        let root = Key::generate(&Entropy::seeded(2));
        let now = at(1_795_262_400);
        for theirs in [
            Links::new(&root),
            Links {
                key: Key::generate(&Entropy::seeded(1)),
            },
        ] {
            let url = theirs.sign(KEY, now);
            let (key, e, s) = parts(&url);
            assert_eq!(links().verify(key, e, s, now), Err(LinkError::Forged));
        }
    }
}
