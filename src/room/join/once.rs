//! One-time codes: a phone that is in a room takes it along into another browser.
//!
//! Browsers inside apps cannot save a picture, and what they know the phone's own browser does not.
//! The room token must not go into an address, which apps, histories and logs keep; a code that is
//! worth one join within minutes may. Codes are kept in memory only: after a restart the phone asks
//! for another one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use uuid::Uuid;

use super::JoinCode;
use crate::clock::Clock;

/// As long as somebody needs who has to find the menu of an app.
const LIVES: Duration = Duration::from_secs(600);
/// Codes of one room that are worth something at once; the oldest gives way.
const PER_ROOM: usize = 4;

/// The one-time codes of all rooms.
#[derive(Debug)]
pub struct OneTimeCodes {
    clock: Arc<dyn Clock>,
    /// By the code's hash.
    codes: Mutex<HashMap<String, Issued>>,
}

#[derive(Debug)]
struct Issued {
    room: Uuid,
    /// On the monotonic clock.
    until: Duration,
    used: Used,
}

#[derive(Debug, PartialEq, Eq)]
enum Used {
    Not,
    /// To join, under this `Idempotency-Key`.
    Under(Option<String>),
}

impl OneTimeCodes {
    /// None so far.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            codes: Mutex::default(),
        }
    }

    /// Lets `code` open `room`; for how long. A code that was issued before stays as it is: used, if
    /// it was, and worth something no longer than at first.
    pub fn issue(&self, room: Uuid, code: &JoinCode) -> Duration {
        let now = self.clock.monotonic();
        let hash = code.hash();
        let mut codes = self.codes();
        codes.retain(|_, issued| now < issued.until);
        if let Some(issued) = codes.get(&hash) {
            return issued.until - now;
        }
        let mut others: Vec<_> = codes
            .iter()
            .filter(|(_, issued)| issued.room == room)
            .map(|(hash, issued)| (issued.until, hash.clone()))
            .collect();
        others.sort_unstable();
        for (_, oldest) in others.iter().rev().skip(PER_ROOM - 1) {
            codes.remove(oldest);
        }
        let issued = Issued {
            room,
            until: now + LIVES,
            used: Used::Not,
        };
        codes.insert(hash, issued);
        LIVES
    }

    /// The room that `code` opens. Once; the request that has opened it, known by its `key`, may
    /// come again for an answer that was lost.
    pub fn redeem(&self, code: &JoinCode, key: Option<&str>) -> Option<Uuid> {
        let now = self.clock.monotonic();
        let mut codes = self.codes();
        let issued = codes.get_mut(&code.hash()).filter(|i| now < i.until)?;
        let this = Used::Under(key.map(str::to_owned));
        let again = key.is_some() && issued.used == this;
        if issued.used != Used::Not && !again {
            return None;
        }
        issued.used = this;
        Some(issued.room)
    }

    /// Forgets a room that is over.
    pub fn forget(&self, room: Uuid) {
        self.codes().retain(|_, issued| issued.room != room);
    }

    fn codes(&self) -> MutexGuard<'_, HashMap<String, Issued>> {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::secret::Entropy;

    const ROOM: Uuid = Uuid::from_u128(1);

    fn codes() -> (ManualClock, OneTimeCodes, Entropy) {
        let clock = ManualClock::default();
        let codes = OneTimeCodes::new(Arc::new(clock.clone()));
        (clock, codes, Entropy::seeded(1))
    }

    fn issue(codes: &OneTimeCodes, room: Uuid, entropy: &Entropy) -> (JoinCode, Duration) {
        let code = JoinCode::random(entropy);
        let lives = codes.issue(room, &code);
        (code, lives)
    }

    #[test]
    fn a_code_opens_its_room_once() {
        let (_, codes, entropy) = codes();
        let (code, _) = issue(&codes, ROOM, &entropy);
        assert_eq!(codes.redeem(&code, None), Some(ROOM));
        assert_eq!(codes.redeem(&code, None), None);
        assert_eq!(codes.redeem(&code, Some("k")), None);
    }

    #[test]
    fn the_request_that_has_opened_it_may_come_again_and_no_other() {
        let (_, codes, entropy) = codes();
        let (code, _) = issue(&codes, ROOM, &entropy);
        for _ in 0..3 {
            assert_eq!(codes.redeem(&code, Some("k")), Some(ROOM));
        }
        assert_eq!(codes.redeem(&code, Some("another")), None);
        assert_eq!(codes.redeem(&code, None), None);
    }

    #[test]
    fn a_code_is_worth_something_for_minutes() {
        let (clock, codes, entropy) = codes();
        let (code, lives) = issue(&codes, ROOM, &entropy);
        let (other, _) = issue(&codes, ROOM, &entropy);
        clock.advance(lives - Duration::from_secs(1));
        assert_eq!(codes.redeem(&code, Some("k")), Some(ROOM));
        clock.advance(Duration::from_secs(1));
        assert_eq!(codes.redeem(&code, Some("k")), None);
        assert_eq!(codes.redeem(&other, None), None);
    }

    #[test]
    fn a_room_has_a_few_at_once_and_none_when_it_is_over() {
        let (clock, codes, entropy) = codes();
        let theirs = issue(&codes, Uuid::from_u128(2), &entropy).0;
        let mine: Vec<_> = (0..PER_ROOM + 2)
            .map(|_| {
                clock.advance(Duration::from_secs(1));
                issue(&codes, ROOM, &entropy).0
            })
            .collect();
        assert_eq!(codes.codes().len(), PER_ROOM + 1);
        assert_eq!(codes.redeem(&mine[1], None), None);
        assert_eq!(codes.redeem(&mine[2], None), Some(ROOM));
        codes.forget(ROOM);
        assert_eq!(codes.redeem(&mine[3], None), None);
        assert_eq!(codes.redeem(&theirs, None), Some(Uuid::from_u128(2)));
    }

    #[test]
    fn a_code_that_is_issued_again_is_neither_renewed_nor_unused() {
        let (clock, codes, entropy) = codes();
        let (code, lives) = issue(&codes, ROOM, &entropy);
        clock.advance(lives / 2);
        assert_eq!(codes.issue(ROOM, &code), lives / 2);
        assert_eq!(codes.redeem(&code, None), Some(ROOM));
        codes.issue(ROOM, &code);
        assert_eq!(codes.redeem(&code, None), None);
    }

    #[test]
    fn what_was_never_issued_opens_nothing() {
        let (_, codes, entropy) = codes();
        assert_eq!(codes.redeem(&JoinCode::random(&entropy), Some("k")), None);
    }
}
