//! Who counts as one on a network.

use std::net::{IpAddr, Ipv6Addr};

/// What counts as one address: IPv4 as it is, also when mapped into IPv6; of IPv6 the /64, which
/// one machine has all to itself. This machine is itself by either.
#[must_use]
pub fn household(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
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
    }
}
