//! Guessing a room's four digits, made slow and then impossible.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use uuid::Uuid;

use super::ClaimCode;
use crate::clock::Clock;

const FREE_CLAIMS: u32 = 5;
const MAX_CLAIMS: u32 = 50;
const MAX_WAIT: Duration = Duration::from_secs(3_600);

/// Why a claim was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimRefusal {
    /// The digits are wrong.
    #[error("these are not the digits of this room")]
    Wrong,
    /// Too many were wrong: this one was not looked at.
    #[error("too many wrong digits for this room")]
    Wait {
        /// When the next claim will be looked at.
        retry_after: Duration,
    },
    /// No further claim is taken for this room until the booth restarts: ask staff.
    #[error("too many wrong digits for this room; it takes no more phones")]
    Locked,
}

/// Counts wrong claims by room: five are free, then each one doubles the wait from 1 s to an hour,
/// and after fifty the room is locked.
///
/// Fifty of ten thousand codes is one chance in two hundred, and takes a day and a half. Only who
/// knows a room's join code gets here, so there are at most as many entries as rooms
/// that somebody guessed at since the start.
#[derive(Debug)]
pub struct ClaimTries {
    clock: Arc<dyn Clock>,
    rooms: Mutex<HashMap<Uuid, Wrong>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Wrong {
    count: u32,
    wait_until: Duration,
}

impl ClaimTries {
    /// Nothing wrong so far.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            rooms: Mutex::default(),
        }
    }

    /// Compares what was `typed` with the room's code, and counts it if wrong, in one step: tries
    /// at the same moment cannot slip through together. A right one clears the room's record.
    ///
    /// # Errors
    /// [`ClaimRefusal`]; all but `Wrong` without having looked at `typed`.
    pub fn claim(&self, room: Uuid, code: &ClaimCode, typed: &str) -> Result<(), ClaimRefusal> {
        let now = self.clock.monotonic();
        let mut rooms = self.rooms();
        let wrong = rooms.get(&room).copied().unwrap_or_default();
        if wrong.count >= MAX_CLAIMS {
            return Err(ClaimRefusal::Locked);
        }
        if now < wrong.wait_until {
            let retry_after = wrong.wait_until - now;
            return Err(ClaimRefusal::Wait { retry_after });
        }
        if code.matches(typed) {
            rooms.remove(&room);
            return Ok(());
        }
        let count = wrong.count + 1;
        let wait_until = now + wait_after(count);
        rooms.insert(room, Wrong { count, wait_until });
        Err(ClaimRefusal::Wrong)
    }

    /// Forgets a room that is over.
    pub fn forget(&self, room: Uuid) {
        self.rooms().remove(&room);
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<Uuid, Wrong>> {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait_after(wrong: u32) -> Duration {
    match wrong.checked_sub(FREE_CLAIMS) {
        None => Duration::ZERO,
        Some(doublings) => Duration::from_secs(1 << doublings.min(12)).min(MAX_WAIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn claims() -> (ManualClock, ClaimTries, ClaimCode) {
        let clock = ManualClock::default();
        let tries = ClaimTries::new(Arc::new(clock.clone()));
        (clock, tries, ClaimCode::parse("1234").unwrap())
    }

    #[test]
    fn five_slips_are_forgiven() {
        let (_, tries, code) = claims();
        for _ in 0..4 {
            assert_eq!(
                tries.claim(Uuid::nil(), &code, "0000"),
                Err(ClaimRefusal::Wrong)
            );
        }
        assert_eq!(tries.claim(Uuid::nil(), &code, "1234"), Ok(()));
        // And forgotten.
        for _ in 0..5 {
            assert_eq!(
                tries.claim(Uuid::nil(), &code, "0000"),
                Err(ClaimRefusal::Wrong)
            );
        }
        let wait = ClaimRefusal::Wait {
            retry_after: Duration::from_secs(1),
        };
        assert_eq!(tries.claim(Uuid::nil(), &code, "1234"), Err(wait));
        assert_eq!(
            tries.claim(Uuid::max(), &code, "1234"),
            Ok(()),
            "another room"
        );
    }

    #[test]
    fn guessing_takes_a_day_and_ends() {
        let (clock, tries, code) = claims();
        let (mut looked_at, mut waits) = (0, Vec::new());
        loop {
            match tries.claim(Uuid::nil(), &code, "0000") {
                Err(ClaimRefusal::Wrong) => looked_at += 1,
                Err(ClaimRefusal::Wait { retry_after }) => {
                    waits.push(retry_after.as_secs());
                    clock.advance(retry_after);
                }
                Err(ClaimRefusal::Locked) => break,
                Ok(()) => unreachable!("0000 is not 1234"),
            }
        }
        assert_eq!(looked_at, 50);
        assert_eq!(
            waits[..14],
            [
                1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600
            ]
        );
        assert!(clock.monotonic() > Duration::from_secs(24 * 3_600));
        clock.advance(Duration::from_secs(1_000_000));
        assert_eq!(
            tries.claim(Uuid::nil(), &code, "1234"),
            Err(ClaimRefusal::Locked)
        );
        tries.forget(Uuid::nil());
        assert_eq!(tries.claim(Uuid::nil(), &code, "1234"), Ok(()));
    }

    #[test]
    fn tries_while_waiting_neither_count_nor_lengthen() {
        let (clock, tries, code) = claims();
        for _ in 0..5 {
            let _ = tries.claim(Uuid::nil(), &code, "0000");
        }
        for _ in 0..1_000 {
            assert_ne!(
                tries.claim(Uuid::nil(), &code, "0000"),
                Err(ClaimRefusal::Wrong)
            );
        }
        clock.advance(Duration::from_secs(1));
        assert_eq!(tries.claim(Uuid::nil(), &code, "1234"), Ok(()));
    }
}
