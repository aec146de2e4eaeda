//! Random bits, keys, and how they are kept out of logs.

pub mod jwt;
mod key;
pub(crate) mod mask;
mod text;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::{constant_time, digest, hmac, rand};
use jiff::Timestamp;
use uuid::Uuid;

pub use key::{Key, KeyError};
pub use text::Secret;

/// Where random bits come from. Clones share the source.
///
/// There is no global randomness in this house: who needs bits is handed an `Entropy`, and a test
/// hands over one that repeats itself.
#[derive(Clone)]
pub struct Entropy(Source);

#[derive(Clone)]
enum Source {
    System,
    Seeded(Arc<Seeded>),
}

struct Seeded {
    key: hmac::Key,
    drawn: AtomicU64,
}

impl Entropy {
    /// The operating system's generator, fit for keys.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// The same bits for the same seed, for tests and nothing else.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Seeded {
            key: hmac::Key::new(hmac::HMAC_SHA256, &seed.to_be_bytes()),
            drawn: AtomicU64::new(0),
        })))
    }

    /// Fills `out` with random bytes.
    ///
    /// # Panics
    /// If the kernel has no random source at all: nothing here could be kept secret then.
    pub fn fill(&self, out: &mut [u8]) {
        match &self.0 {
            Source::System => rand::fill(out).expect("the kernel gives random bytes"),
            Source::Seeded(seeded) => {
                for chunk in out.chunks_mut(digest::SHA256_OUTPUT_LEN) {
                    let turn = seeded.drawn.fetch_add(1, Ordering::Relaxed);
                    let block = hmac::sign(&seeded.key, &turn.to_be_bytes());
                    chunk.copy_from_slice(&block.as_ref()[..chunk.len()]);
                }
            }
        }
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }

    /// A random number, as seeds for painters are.
    #[must_use]
    pub fn u64(&self) -> u64 {
        u64::from_be_bytes(self.bytes())
    }

    /// A UUIDv7 (RFC 9562) that carries `now` to the millisecond. Ids of different milliseconds
    /// sort by time; within one they sort by chance.
    #[must_use]
    pub fn uuid_v7(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    /// `n` decimal digits, each as likely as any other.
    #[must_use]
    pub fn digits(&self, n: usize) -> String {
        let mut out = String::with_capacity(n);
        while out.len() < n {
            let [byte] = self.bytes();
            // 250 is the largest multiple of ten in a byte: what is above would favour 0 to 5.
            if byte < 250 {
                out.push(char::from(b'0' + byte % 10));
            }
        }
        out
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::System => "Entropy(system)",
            Source::Seeded(_) => "Entropy(seeded)",
        })
    }
}

/// Whether two byte strings are equal, in a time that tells nothing about where they differ.
/// Their lengths are no secret.
#[must_use]
pub fn ct_eq(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// SHA-256 (FIPS 180-4).
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_two_seeds_differ() {
        let draw = |seed| Entropy::seeded(seed).bytes::<100>();
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn clones_share_one_stream() {
        let one = Entropy::seeded(1);
        let two = one.clone();
        assert_ne!(one.bytes::<16>(), two.bytes::<16>());
    }

    #[test]
    fn the_system_source_does_not_repeat() {
        let entropy = Entropy::system();
        assert_ne!(entropy.bytes::<32>(), entropy.bytes::<32>());
        assert_ne!(entropy.bytes::<32>(), [0; 32]);
    }

    #[test]
    fn ids_carry_their_time() {
        let now = Timestamp::from_millisecond(1_795_262_400_123).unwrap();
        let id = Entropy::seeded(1).uuid_v7(now);
        assert_eq!(id.get_version_num(), 7);
        let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos), (1_795_262_400, 123_000_000));
        assert!(id < Entropy::seeded(2).uuid_v7(now + jiff::SignedDuration::from_millis(1)));
    }

    #[test]
    fn digits_are_spread_evenly() {
        let digits = Entropy::seeded(3).digits(20_000);
        assert_eq!(digits.len(), 20_000);
        for digit in '0'..='9' {
            let count = digits.chars().filter(|&c| c == digit).count();
            // 2,000 expected, standard deviation 42; biased bytes would give 0 to 5 about 2,031
            // and the plain mistake `byte % 8` none of 8 and 9.
            assert!((1_800..2_200).contains(&count), "{digit}: {count}");
        }
    }

    #[test]
    fn equal_means_all_of_it() {
        assert!(ct_eq(b"same", b"same"));
        assert!(!ct_eq(b"same", b"sane"));
        assert!(!ct_eq(b"same", b"same."));
    }

    #[test]
    fn sha256_is_the_standard_one() {
        // FIPS 180-4, example "abc".
        assert_eq!(sha256(b"abc")[..4], [0xba, 0x78, 0x16, 0xbf]);
    }
}
