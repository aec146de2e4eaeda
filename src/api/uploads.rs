//! How many photos may be on their way in: each may take its whole size in memory, for minutes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::room::token::Role;

/// Photos from phones, of all rooms together.
const FROM_PHONES: usize = 22;
/// Photos of one room: the one that is looked at, and the one that is taken instead.
const OF_A_ROOM: usize = 2;
/// Photos from the kiosk, which never waits for phones.
const FROM_THE_KIOSK: usize = 2;

/// The places for photos on their way in.
#[derive(Debug, Clone, Default)]
pub struct Uploads(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    by_phones: HashMap<Uuid, usize>,
    by_kiosk: usize,
}

/// One photo's place; free again once this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    uploads: Uploads,
    whose: Option<Uuid>,
}

impl Uploads {
    /// A place for a photo of `room`, if there is one left for it.
    pub(super) fn admit(&self, room: Uuid, role: Role) -> Option<Place> {
        let mut taken = self.taken();
        let whose = (role != Role::Kiosk).then_some(room);
        match whose {
            None if taken.by_kiosk >= FROM_THE_KIOSK => return None,
            None => taken.by_kiosk += 1,
            Some(room) => {
                let all: usize = taken.by_phones.values().sum();
                let theirs = taken.by_phones.entry(room).or_default();
                if all >= FROM_PHONES || *theirs >= OF_A_ROOM {
                    return None;
                }
                *theirs += 1;
            }
        }
        drop(taken);
        let uploads = self.clone();
        Some(Place { uploads, whose })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.uploads.taken();
        match self.whose {
            None => taken.by_kiosk -= 1,
            Some(room) => {
                if let Some(theirs) = taken.by_phones.get_mut(&room) {
                    *theirs -= 1;
                }
                taken.by_phones.retain(|_, theirs| *theirs > 0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_room_takes_the_places_of_others_and_the_kiosk_has_its_own() {
        let uploads = Uploads::default();
        let room = Uuid::from_u128;
        let mut held = Vec::new();
        for n in 0..11 {
            for _ in 0..OF_A_ROOM {
                held.push(uploads.admit(room(n), Role::Visitor).unwrap());
            }
            assert!(uploads.admit(room(n), Role::Visitor).is_none(), "{n}");
        }
        assert!(uploads.admit(room(99), Role::Visitor).is_none());
        let kiosk: Vec<_> = (0..3)
            .map_while(|_| uploads.admit(room(0), Role::Kiosk))
            .collect();
        assert_eq!(kiosk.len(), FROM_THE_KIOSK);
        held.pop();
        assert!(uploads.admit(room(99), Role::Visitor).is_some());
    }

    #[test]
    fn nothing_is_left_of_places_that_are_free_again() {
        let uploads = Uploads::default();
        let held: Vec<_> = (0..9)
            .filter_map(|n| uploads.admit(Uuid::from_u128(n), Role::Visitor))
            .collect();
        assert!(uploads.admit(Uuid::nil(), Role::Kiosk).is_some());
        drop(held);
        let taken = uploads.taken();
        assert_eq!((taken.by_phones.len(), taken.by_kiosk), (0, 0));
    }
}
