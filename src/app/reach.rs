//! The address under which phones on the same network reach this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// `http://<address>:<port>`: the bound address, or this machine's LAN address if bound to all.
pub(super) fn base_url(bound: SocketAddr) -> String {
    let ip = if bound.ip().is_unspecified() {
        lan_address().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
    } else {
        bound.ip()
    };
    format!("http://{}", SocketAddr::new(ip, bound.port()))
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

    #[test]
    fn a_bound_address_is_told_as_it_is() {
        assert_eq!(
            base_url("127.0.0.1:8081".parse().unwrap()),
            "http://127.0.0.1:8081"
        );
        assert_eq!(base_url("[::1]:8081".parse().unwrap()), "http://[::1]:8081");
    }

    #[test]
    fn all_addresses_become_one() {
        let url = base_url("0.0.0.0:8081".parse().unwrap());
        assert!(url.ends_with(":8081") && !url.contains("0.0.0.0"), "{url}");
    }
}
