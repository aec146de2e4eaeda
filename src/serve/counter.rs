//! How many connections there are, in all and by address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::household::household;

/// Counts connections and admits no more than allowed.
#[derive(Debug, Clone)]
pub(super) struct Counter {
    // A std lock: held for a map look-up, never across an await.
    seats: Arc<Mutex<Seats>>,
    total: usize,
    per_address: usize,
}

#[derive(Debug, Default)]
struct Seats {
    taken: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One admitted connection; dropping it frees the seat.
#[derive(Debug)]
pub(super) struct Seat {
    counter: Counter,
    address: IpAddr,
}

impl Counter {
    pub(super) fn new(total: usize, per_address: usize) -> Self {
        Self {
            seats: Arc::default(),
            total,
            per_address,
        }
    }

    /// A seat for a connection from `ip`, if there is one.
    pub(super) fn admit(&self, ip: IpAddr) -> Option<Seat> {
        let address = household(ip);
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = seats.by_address.get(&address).copied().unwrap_or(0);
        // Who has many leaves as many free: some addresses together never have all.
        let share = self.per_address.min(self.total.saturating_sub(seats.taken));
        let too_many_of_them = theirs >= share && !address.is_loopback();
        if seats.taken >= self.total || too_many_of_them {
            return None;
        }
        seats.taken += 1;
        seats.by_address.insert(address, theirs + 1);
        Some(Seat {
            counter: self.clone(),
            address,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self
            .counter
            .seats
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        seats.taken -= 1;
        if let Some(n) = seats.by_address.get_mut(&self.address) {
            *n -= 1;
            if *n == 0 {
                seats.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_leaves_room_for_others_and_dropped_seats_are_free_again() {
        let counter = Counter::new(9, 4);
        let theirs: Vec<_> = (0..9)
            .map_while(|_| counter.admit(ip("10.0.0.1")))
            .collect();
        assert_eq!(theirs.len(), 4);
        let other = counter.admit(ip("10.0.0.2"));
        assert!(other.is_some());
        drop(theirs);
        assert!(counter.admit(ip("10.0.0.1")).is_some());
        drop(other);
        let seats = counter.seats.lock().unwrap();
        assert_eq!((seats.taken, seats.by_address.len()), (0, 0));
    }

    #[test]
    fn a_few_addresses_do_not_hold_all_seats() {
        let counter = Counter::new(4_096, 1_536);
        let mut held = Vec::new();
        for n in 1..=8 {
            let them = format!("10.0.0.{n}");
            let theirs = std::iter::from_fn(|| counter.admit(ip(&them)));
            held.extend(theirs);
        }
        // A phone has up to seven.
        let phone = || counter.admit(ip("10.0.1.1"));
        let seats: Vec<_> = std::iter::from_fn(phone).take(7).collect();
        assert_eq!(seats.len(), 7, "{} of 4,096 are held", held.len());
    }

    #[test]
    fn loopback_is_only_bound_by_the_total() {
        let counter = Counter::new(6, 4);
        let ours: Vec<_> = (0..9)
            .map_while(|_| counter.admit(ip("127.0.0.1")))
            .collect();
        assert_eq!(ours.len(), 6);
        assert!(counter.admit(ip("10.0.0.1")).is_none());
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let counter = Counter::new(9, 1);
        let _seat = counter.admit(ip("2001:db8::1"));
        assert!(counter.admit(ip("2001:db8::ffff:1")).is_none());
        assert!(counter.admit(ip("2001:db8:0:1::1")).is_some());
        let _mapped = counter.admit(ip("::ffff:10.0.0.1"));
        assert!(counter.admit(ip("10.0.0.1")).is_none());
    }
}
