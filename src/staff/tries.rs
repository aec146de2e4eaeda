//! Guessing the PIN made slow: wrong tries, by address and from everywhere together.
//!
//! A right PIN is never refused for ever: who waits as long as told is let in. Waits begin after
//! the third wrong try in a row and double up to a minute, so that all PINs of six digits take
//! a year and more for one caller: an address, or all that comes by the kiosk's own listener. By the
//! public listener all addresses together have some twenty wrong tries a minute; whoever stands at
//! the booth does not share that.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::household::Caller;
use crate::room::join::TriesLimiter;

/// Wrong tries in a row that cost nothing: a finger slips.
const FREE: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// After so long without a try a caller begins anew.
const FORGIVEN_AFTER: Duration = Duration::from_secs(15 * 60);
/// Wrong tries a minute by the public listener.
const TOGETHER: NonZeroU32 = NonZeroU32::new(20).expect("it is not zero");
/// Some 50 kB. Beyond it the least guilty caller is forgotten.
const MAX_CALLERS: usize = 1_024;
/// All strangers are one.
const EVERYWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Counts wrong PINs.
#[derive(Debug)]
pub(super) struct PinTries {
    clock: Arc<dyn Clock>,
    together: TriesLimiter,
    wrong: Mutex<HashMap<Caller, Wrong>>,
}

/// What a caller owes; times are on the monotonic clock.
#[derive(Debug, Clone, Copy, Default)]
struct Wrong {
    in_a_row: u32,
    free_at: Duration,
}

impl PinTries {
    /// Nobody has tried yet.
    #[must_use]
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            together: TriesLimiter::new(TOGETHER, Arc::clone(&clock)),
            clock,
            wrong: Mutex::default(),
        }
    }

    /// How long `caller`'s next try must wait; zero: it is looked at.
    #[must_use]
    pub(super) fn wait(&self, caller: Caller) -> Duration {
        let now = self.clock.monotonic();
        let own = self.wrong().get(&caller).copied();
        let own = own.unwrap_or_default().free_at.saturating_sub(now);
        if caller == Caller::Booth {
            return own;
        }
        let together = self.together.check(EVERYWHERE).err();
        own.max(together.map_or(Duration::ZERO, |e| e.retry_after))
    }

    /// Notes a wrong PIN; how long the next try must wait.
    pub(super) fn failed(&self, caller: Caller) -> Duration {
        let now = self.clock.monotonic();
        if caller != Caller::Booth {
            self.together.failed(EVERYWHERE);
        }
        let mut wrong = self.wrong();
        wrong.retain(|_, owed| now < owed.free_at + FORGIVEN_AFTER);
        if wrong.len() >= MAX_CALLERS && !wrong.contains_key(&caller) {
            let least = wrong.iter().min_by_key(|(_, owed)| owed.in_a_row);
            if let Some(least) = least.map(|(caller, _)| *caller) {
                wrong.remove(&least);
            }
        }
        let owed = wrong.entry(caller).or_default();
        owed.in_a_row = owed.in_a_row.saturating_add(1);
        let wait = match owed.in_a_row.checked_sub(FREE) {
            None => Duration::ZERO,
            Some(doubled) => (FIRST_WAIT * (1 << doubled.min(6))).min(LONGEST_WAIT),
        };
        owed.free_at = now + wait;
        wait
    }

    /// Notes the right PIN: `caller` begins anew.
    pub(super) fn succeeded(&self, caller: Caller) {
        self.wrong().remove(&caller);
    }

    fn wrong(&self) -> MutexGuard<'_, HashMap<Caller, Wrong>> {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn tries() -> (ManualClock, PinTries) {
        let clock = ManualClock::default();
        (clock.clone(), PinTries::new(Arc::new(clock)))
    }

    const HERE: Caller = Caller::Booth;

    fn there(n: u8) -> Caller {
        Caller::Network(IpAddr::from([192, 168, 0, n]))
    }

    #[test]
    fn a_finger_may_slip_then_waits_double_up_to_a_minute() {
        let (clock, tries) = tries();
        let waits: Vec<u64> = (0..10)
            .map(|_| {
                clock.advance(tries.wait(HERE));
                tries.failed(HERE).as_secs()
            })
            .collect();
        assert_eq!(waits, [0, 0, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn the_right_pin_after_the_wait_is_always_let_in() {
        let (clock, tries) = tries();
        (0..1_000).for_each(|_| {
            tries.failed(HERE);
        });
        assert_eq!(tries.wait(HERE), LONGEST_WAIT);
        clock.advance(LONGEST_WAIT);
        assert_eq!(tries.wait(HERE), Duration::ZERO);
        tries.succeeded(HERE);
        assert_eq!(tries.failed(HERE), Duration::ZERO);
    }

    #[test]
    fn many_addresses_together_are_slow_and_the_booth_itself_is_not() {
        let (clock, tries) = tries();
        for n in 0..20 {
            assert_eq!(tries.wait(there(n)), Duration::ZERO, "{n}");
            tries.failed(there(n));
        }
        assert_eq!(tries.wait(there(99)), Duration::from_secs(3));
        assert_eq!(tries.wait(HERE), Duration::ZERO);
        clock.advance(Duration::from_secs(3));
        assert_eq!(tries.wait(there(99)), Duration::ZERO);
    }

    #[test]
    fn what_comes_by_a_relay_on_this_machine_is_not_at_the_booth() {
        let (_, tries) = tries();
        let relay = Caller::Network(IpAddr::V4(Ipv4Addr::LOCALHOST));
        for _ in 0..30 {
            tries.failed(relay);
        }
        assert_eq!(tries.wait(relay), LONGEST_WAIT);
        assert!(!tries.wait(there(1)).is_zero(), "twenty a minute in all");
        assert_eq!(tries.wait(HERE), Duration::ZERO);
    }

    #[test]
    fn an_address_is_forgiven_after_a_while() {
        let (clock, tries) = tries();
        (0..5).for_each(|_| {
            tries.failed(there(1));
        });
        clock.advance(LONGEST_WAIT + FORGIVEN_AFTER);
        assert_eq!(tries.failed(there(1)), Duration::ZERO);
    }

    #[test]
    fn memory_is_bounded_and_the_guilty_are_remembered() {
        let (_, tries) = tries();
        (0..9).for_each(|_| {
            tries.failed(there(1));
        });
        for n in 0..3_000_u32 {
            tries.failed(Caller::Network(IpAddr::from(
                (0x0a00_0000 + n).to_be_bytes(),
            )));
        }
        assert!(tries.wrong().len() <= MAX_CALLERS);
        assert_eq!(tries.wrong().get(&there(1)).unwrap().in_a_row, 9);
    }
}
