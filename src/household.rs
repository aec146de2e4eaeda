//! Who asks, and who counts as one on a network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who asks, as far as it can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Caller {
    /// By the kiosk's own listener: the screen, and whoever stands before it.
    Booth,
    /// By the public listener, from this [`household`]. This machine's own address is one like any
    /// other there: what passes requests on to the booth has it.
    Network(IpAddr),
}

impl Caller {
    /// What is counted for it where nothing else matters.
    #[must_use]
    pub fn address(self) -> IpAddr {
        match self {
            Self::Booth => IpAddr::V4(Ipv4Addr::LOCALHOST),
            Self::Network(address) => address,
        }
    }
}

/// What counts as one address: IPv4 as it is, also when mapped into IPv6; of IPv6 the /64, which
/// one machine has all to itself. All of 127.0.0.0/8 is this machine.
#[must_use]
pub fn household(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(v4) if v4.is_loopback() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(v6) if !v6.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ones_own_is_one_address() {
        let one = |text: &str| household(text.parse().unwrap()).to_string();
        assert_eq!(one("10.0.0.1"), "10.0.0.1");
        assert_eq!(one("::ffff:10.0.0.1"), "10.0.0.1");
        assert_eq!(one("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(one("::1"), "::1");
        assert_eq!(one("127.9.8.7"), "127.0.0.1");
    }
}
