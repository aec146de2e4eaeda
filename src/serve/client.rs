//! Who really asks, when a front door on this machine passes a request on.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// The peer; or whom a peer on this machine says it speaks for, the last address of the last
/// `X-Forwarded-For`: that is the one the front door itself has added. Nobody else is believed.
pub(super) fn client(peer: SocketAddr, headers: &HeaderMap) -> SocketAddr {
    if !peer.ip().to_canonical().is_loopback() {
        return peer;
    }
    let said = headers.get_all("x-forwarded-for").iter().next_back();
    let said = said.and_then(|value| value.to_str().ok());
    let last = said.and_then(|list| list.rsplit(',').next());
    let ip = last.and_then(|text| text.trim().parse::<IpAddr>().ok());
    ip.map_or(peer, |ip| SocketAddr::new(ip, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(peer: &str, said: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in said {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        client(format!("{peer}:9").parse().unwrap(), &headers)
            .ip()
            .to_string()
    }

    #[test]
    fn a_front_door_on_this_machine_is_believed_and_nobody_else() {
        let door = "127.0.0.1";
        assert_eq!(asked(door, &[]), door);
        assert_eq!(asked(door, &["203.0.113.7"]), "203.0.113.7");
        // What the phone itself has sent stands before what the front door added.
        assert_eq!(asked(door, &["10.0.0.1, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(asked(door, &["10.0.0.1", "2001:db8::1"]), "2001:db8::1");
        assert_eq!(asked("[::1]", &["203.0.113.7"]), "203.0.113.7");
        for odd in ["", "unknown", "10.0.0.1,", "10.0.0.1:80"] {
            assert_eq!(asked(door, &[odd]), door, "{odd}");
        }
        assert_eq!(asked("192.0.2.9", &["203.0.113.7"]), "192.0.2.9");
    }
}
