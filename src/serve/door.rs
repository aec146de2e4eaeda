//! Who really asks: by which door, and for whom a front door speaks.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::HeaderMap;

use crate::household::{Caller, household};

/// What a front door puts the caller's address into, behind what the caller has sent itself.
const FORWARDED: &str = "x-forwarded-for";

/// By which listener a connection has come.
#[derive(Debug, Clone)]
pub enum Door {
    /// The kiosk's own, which is bound to this machine.
    Kiosk,
    /// The one for phones.
    Public(Front),
}

/// What stands before the public listener.
#[derive(Debug, Clone)]
pub struct Front {
    /// The addresses that are believed: they say for whom they speak.
    doors: Arc<[IpAddr]>,
    /// One on this machine speaks for others and is not listed; that has been logged.
    warned: Arc<AtomicBool>,
}

impl Front {
    /// `listen.front_door`.
    #[must_use]
    pub fn of(doors: &[IpAddr]) -> Self {
        Self {
            doors: doors.iter().map(IpAddr::to_canonical).collect(),
            warned: Arc::default(),
        }
    }

    /// The peer; or, where the peer is a front door, the last address of its last
    /// `X-Forwarded-For`: the one that the front door has added itself. What stands before that is
    /// the word of whoever asked it, be it another front door.
    fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.doors.contains(&peer) {
            if peer.is_loopback() && headers.contains_key(FORWARDED) {
                self.warn();
            }
            return peer;
        }
        let said = headers.get_all(FORWARDED).iter().next_back();
        let said = said.and_then(|value| value.to_str().ok());
        let last = said.and_then(|list| list.rsplit(',').next());
        let ip = last.and_then(|text| text.trim().parse::<IpAddr>().ok());
        ip.map_or(peer, |ip| ip.to_canonical())
    }

    fn warn(&self) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "something on this machine passes requests on and says for whom, and is not \
                 believed: all who come by it count as one; name its address in listen.front_door \
                 if it sets X-Forwarded-For itself"
            );
        }
    }
}

impl Door {
    /// Who asks. Nothing that a request says makes anybody [`Caller::Booth`].
    pub(super) fn caller(&self, peer: SocketAddr, headers: &HeaderMap) -> Caller {
        match self {
            Self::Kiosk => Caller::Booth,
            Self::Public(front) => Caller::Network(household(front.caller(peer.ip(), headers))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(doors: &[&str], peer: &str, said: &[&str]) -> String {
        let doors: Vec<IpAddr> = doors.iter().map(|door| door.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for value in said {
            headers.append(FORWARDED, value.parse().unwrap());
        }
        let peer = format!("{peer}:9").parse().unwrap();
        match Door::Public(Front::of(&doors)).caller(peer, &headers) {
            Caller::Network(ip) => ip.to_string(),
            Caller::Booth => "the booth".to_owned(),
        }
    }

    #[test]
    fn nobody_is_believed_who_is_not_named() {
        let here = "127.0.0.1";
        for peer in [here, "[::ffff:127.0.0.1]", "127.9.9.9"] {
            assert_eq!(asked(&[], peer, &["203.0.113.7"]), here);
        }
        assert_eq!(asked(&[], "192.0.2.9", &["203.0.113.7"]), "192.0.2.9");
        assert_eq!(asked(&[here], "192.0.2.9", &["203.0.113.7"]), "192.0.2.9");
    }

    #[test]
    fn a_front_door_is_believed_in_what_it_has_added_itself() {
        let door = "127.0.0.1";
        let asked = |said: &[&str]| asked(&[door], door, said);
        assert_eq!(asked(&[]), door);
        assert_eq!(asked(&["203.0.113.7"]), "203.0.113.7");
        // What the phone itself has sent stands before what the front door added.
        assert_eq!(asked(&["198.51.100.1, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(asked(&["198.51.100.1", "2001:db8::1"]), "2001:db8::");
        // A relay before the front door, on the same machine: what its caller makes up is not taken.
        assert_eq!(asked(&["198.51.100.1, 127.0.0.1"]), door);
        for odd in ["", "unknown", "203.0.113.7,", "203.0.113.7:80"] {
            assert_eq!(asked(&[odd]), door, "{odd}");
        }
    }

    #[test]
    fn nobody_is_at_the_booth_by_their_own_word() {
        let door = "127.0.0.1";
        for made_up in ["127.0.0.1", "127.3.4.5", "::1", "::ffff:127.1.1.1"] {
            let said = asked(&[door], door, &[made_up]);
            assert!(["127.0.0.1", "::1"].contains(&said.as_str()), "{said}");
        }
        let peer = "127.0.0.1:9".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED, "203.0.113.7".parse().unwrap());
        assert_eq!(Door::Kiosk.caller(peer, &headers), Caller::Booth);
    }
}
