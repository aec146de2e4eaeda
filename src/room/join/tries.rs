//! Guessing join codes made slow: failed tries, by address.
//!
//! Only failures count. A whole class of visitors behind one Wi-Fi address gets in at once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::household::household;

const MINUTE: Duration = Duration::from_secs(60);
/// Some 100 kB. Beyond it the least guilty address is forgotten.
const MAX_ADDRESSES: usize = 2_048;

/// This address has failed too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many failed tries from this address")]
pub struct TooManyTries {
    /// When the next try will be looked at.
    pub retry_after: Duration,
}

/// Counts failed tries by address: so many a minute, in a burst or spread out.
///
/// A generic cell rate algorithm (ITU-T I.371): each failure costs `60 s / tries`, debts are paid
/// by waiting, and who owes a minute is refused. IPv6 addresses count by their /64, since whoever
/// has one has all of it.
#[derive(Debug)]
pub struct TriesLimiter {
    cost: Duration,
    clock: Arc<dyn Clock>,
    /// When (on the monotonic clock) each address will have paid.
    paid_at: Mutex<HashMap<IpAddr, Duration>>,
}

impl TriesLimiter {
    /// Allows `per_minute` failed tries a minute from one address.
    #[must_use]
    pub fn new(per_minute: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        Self {
            cost: MINUTE / per_minute.get(),
            clock,
            paid_at: Mutex::default(),
        }
    }

    /// Whether a try from `address` may be looked at. Costs nothing.
    ///
    /// # Errors
    /// [`TooManyTries`] if not.
    pub fn check(&self, address: IpAddr) -> Result<(), TooManyTries> {
        let now = self.clock.monotonic();
        let paid_at = self.paid_at().get(&household(address)).copied();
        let debt = paid_at.unwrap_or_default().saturating_sub(now);
        match (debt + self.cost).checked_sub(MINUTE) {
            None | Some(Duration::ZERO) => Ok(()),
            Some(retry_after) => Err(TooManyTries { retry_after }),
        }
    }

    /// Notes that a try from `address` failed.
    ///
    /// Tries checked at the same moment may overdraw; they owe up to two minutes then.
    pub fn failed(&self, address: IpAddr) {
        let now = self.clock.monotonic();
        let mut paid_at = self.paid_at();
        let address = household(address);
        if paid_at.len() >= MAX_ADDRESSES && !paid_at.contains_key(&address) {
            make_room(&mut paid_at, now);
        }
        let until = paid_at.entry(address).or_default();
        *until = ((*until).max(now) + self.cost).min(now + 2 * MINUTE);
    }

    fn paid_at(&self) -> MutexGuard<'_, HashMap<IpAddr, Duration>> {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        self.paid_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_room(paid_at: &mut HashMap<IpAddr, Duration>, now: Duration) {
    paid_at.retain(|_, until| *until > now);
    if paid_at.len() >= MAX_ADDRESSES {
        let least = paid_at.iter().min_by_key(|(_, until)| **until);
        if let Some(address) = least.map(|(address, _)| *address) {
            paid_at.remove(&address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn limiter(per_minute: u32) -> (ManualClock, TriesLimiter) {
        let clock = ManualClock::default();
        let per_minute = NonZeroU32::new(per_minute).unwrap();
        let limiter = TriesLimiter::new(per_minute, Arc::new(clock.clone()));
        (clock, limiter)
    }

    fn address(n: u8) -> IpAddr {
        IpAddr::from([192, 168, 0, n])
    }

    #[test]
    fn a_burst_is_allowed_then_one_each_two_seconds() {
        let (clock, limiter) = limiter(30);
        for _ in 0..30 {
            limiter.check(address(1)).unwrap();
            limiter.failed(address(1));
        }
        let refusal = limiter.check(address(1)).unwrap_err();
        assert_eq!(refusal.retry_after, Duration::from_secs(2));
        clock.advance(Duration::from_millis(1_999));
        assert!(limiter.check(address(1)).is_err());
        clock.advance(Duration::from_millis(1));
        limiter.check(address(1)).unwrap();
        limiter.failed(address(1));
        assert!(limiter.check(address(1)).is_err());
        // Others behind other addresses never notice.
        limiter.check(address(2)).unwrap();
    }

    #[test]
    fn successes_cost_nothing() {
        let (_, limiter) = limiter(1);
        for _ in 0..1_000 {
            limiter.check(address(1)).unwrap();
        }
    }

    #[test]
    fn a_minute_pays_for_everything_but_an_overdraft() {
        let (clock, limiter) = limiter(30);
        (0..1_000).for_each(|_| limiter.failed(address(1)));
        clock.advance(MINUTE);
        assert!(limiter.check(address(1)).is_err());
        clock.advance(MINUTE);
        limiter.check(address(1)).unwrap();
    }

    #[test]
    fn an_ipv6_network_is_one_address_and_a_mapped_one_is_ipv4() {
        let (_, limiter) = limiter(1);
        limiter.failed("2001:db8:1:2::1".parse().unwrap());
        assert!(
            limiter
                .check("2001:db8:1:2:ffff::9".parse().unwrap())
                .is_err()
        );
        limiter.check("2001:db8:1:3::1".parse().unwrap()).unwrap();
        limiter.failed("::ffff:192.168.0.7".parse().unwrap());
        assert!(limiter.check(address(7)).is_err());
        limiter.check(address(8)).unwrap();
    }

    #[test]
    fn memory_is_bounded_and_the_guilty_are_remembered() {
        let (_, limiter) = limiter(30);
        (0..30).for_each(|_| limiter.failed(address(1)));
        for n in 0..10_000_u32 {
            limiter.failed(IpAddr::from((0x0a00_0000 + n).to_be_bytes()));
        }
        assert!(limiter.paid_at().len() <= MAX_ADDRESSES);
        assert!(limiter.check(address(1)).is_err());
    }

    #[test]
    fn who_has_paid_is_forgotten_first() {
        let (clock, limiter) = limiter(30);
        for n in 0..u32::try_from(MAX_ADDRESSES).unwrap() {
            limiter.failed(IpAddr::from((0x0a00_0000 + n).to_be_bytes()));
        }
        clock.advance(MINUTE);
        limiter.failed(address(1));
        assert_eq!(limiter.paid_at().len(), 1);
    }
}
