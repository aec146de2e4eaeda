//! How many photos may be on their way in: each may take its whole size in memory, for minutes. A phone's
//! keeps its place until it is developed, which may take some ten times as much.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::room::token::Role;

/// Places of the darkroom that photos from phones leave free: the kiosk's photos and tickets find one.
const KEPT_FREE: usize = 4;
/// Photos of one room: the one that is looked at, and the one that is taken instead.
const OF_A_ROOM: usize = 2;
/// Photos from the kiosk, which never waits for phones.
const FROM_THE_KIOSK: usize = 2;

/// The places for photos on their way in.
#[derive(Debug, Clone)]
pub struct Uploads {
    /// For photos from phones, of all rooms together.
    from_phones: usize,
    taken: Arc<Mutex<Taken>>,
}

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
    /// As many as a darkroom of so many `places` can develop.
    pub fn to(places: usize) -> Self {
        Self {
            from_phones: places.saturating_sub(KEPT_FREE).max(1),
            taken: Arc::default(),
        }
    }

    /// A place for a photo of `room`, if there is one left for it.
    pub(super) fn admit(&self, room: Uuid, role: Role) -> Option<Place> {
        let mut taken = self.lock();
        let whose = (role != Role::Kiosk).then_some(room);
        match whose {
            None if taken.by_kiosk >= FROM_THE_KIOSK => return None,
            None => taken.by_kiosk += 1,
            Some(room) => {
                let all: usize = taken.by_phones.values().sum();
                let theirs = taken.by_phones.entry(room).or_default();
                if all >= self.from_phones || *theirs >= OF_A_ROOM {
                    return None;
                }
                *theirs += 1;
            }
        }
        drop(taken);
        let uploads = self.clone();
        Some(Place { uploads, whose })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Every change under this lock is whole, so a panic elsewhere leaves nothing half done.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.uploads.lock();
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
        let uploads = Uploads::to(26);
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
        let uploads = Uploads::to(26);
        let held: Vec<_> = (0..9)
            .filter_map(|n| uploads.admit(Uuid::from_u128(n), Role::Visitor))
            .collect();
        assert!(uploads.admit(Uuid::nil(), Role::Kiosk).is_some());
        drop(held);
        let taken = uploads.lock();
        assert_eq!((taken.by_phones.len(), taken.by_kiosk), (0, 0));
    }
}
