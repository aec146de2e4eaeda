//! The address under which phones reach this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// What QR codes say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// As settings say it, without a slash at the end.
    Named(String),
    /// Where the public listener is bound.
    Bound(SocketAddr),
}

impl Reach {
    /// `http://<address>:<port>`, or what settings say. Where the listener is bound to all
    /// addresses it is this machine's on its network, looked up anew each time: a booth may start
    /// before its network does, and may be given another address in mid-evening.
    #[must_use]
    pub fn base(&self) -> String {
        match self {
            Self::Named(url) => url.clone(),
            Self::Bound(bound) => format!("http://{}", SocketAddr::new(ip(*bound), bound.port())),
        }
    }

    /// Whether phones can get here at all: not while this machine is on no network.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            Self::Named(_) => true,
            Self::Bound(bound) => !bound.ip().is_unspecified() || lan_address().is_some(),
        }
    }
}

fn ip(bound: SocketAddr) -> IpAddr {
    if bound.ip().is_unspecified() {
        lan_address().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
    } else {
        bound.ip()
    }
}

/// The address of the interface that leads away from here. Connecting a datagram socket asks the
/// routing table and sends nothing; 192.0.2.1 is for documentation (RFC 5737) and nobody's.
fn lan_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified()).then_some(ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(address: &str) -> Reach {
        Reach::Bound(address.parse().unwrap())
    }

    #[test]
    fn a_bound_address_is_told_as_it_is() {
        assert_eq!(bound("127.0.0.1:8081").base(), "http://127.0.0.1:8081");
        assert_eq!(bound("[::1]:8081").base(), "http://[::1]:8081");
    }

    #[test]
    fn all_addresses_become_one() {
        let url = bound("0.0.0.0:8081").base();
        assert!(url.ends_with(":8081") && !url.contains("0.0.0.0"), "{url}");
    }
}
