//! This machine's interfaces, their addresses, and which of them lead away from here.

use std::collections::HashSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;

/// One address of one interface that is up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) interface: String,
    pub(super) ip: IpAddr,
    /// The link is there: a cable, or an access point's radio.
    pub(super) carrier: bool,
    /// There is one machine at the other end, as of a tunnel.
    pub(super) point_to_point: bool,
    pub(super) loopback: bool,
}

/// All addresses of all interfaces that are up. An IPv6 address that the kernel will not use any
/// more, or not yet, is left out, and so is one that it made up to hide behind: it changes daily.
pub(super) fn addresses() -> Vec<Address> {
    let Ok(all) = getifaddrs() else {
        return Vec::new();
    };
    let passing = passing_ipv6(&fs::read_to_string("/proc/self/net/if_inet6").unwrap_or_default());
    let is_lasting = |ip: &IpAddr| !matches!(ip, IpAddr::V6(v6) if passing.contains(v6));
    all.filter(|one| one.flags.contains(InterfaceFlags::IFF_UP))
        .filter_map(|one| {
            let stored = one.address?;
            let v4 = stored.as_sockaddr_in().map(|at| IpAddr::V4(at.ip()));
            let v6 = stored.as_sockaddr_in6().map(|at| IpAddr::V6(at.ip()));
            Some(Address {
                ip: v4.or(v6).filter(is_lasting)?,
                carrier: one.flags.contains(InterfaceFlags::IFF_RUNNING),
                point_to_point: one.flags.contains(InterfaceFlags::IFF_POINTOPOINT),
                loopback: one.flags.contains(InterfaceFlags::IFF_LOOPBACK),
                interface: one.interface_name,
            })
        })
        .collect()
}

/// The addresses in `/proc/self/net/if_inet6` (`address index prefix scope flags name`, numbers in hex)
/// that are temporary (RFC 8981), deprecated, tentative or found to be taken.
fn passing_ipv6(table: &str) -> HashSet<Ipv6Addr> {
    // IFA_F_TEMPORARY, IFA_F_DADFAILED, IFA_F_DEPRECATED, IFA_F_TENTATIVE of linux/if_addr.h.
    const PASSING: u32 = 0x01 | 0x08 | 0x20 | 0x40;
    let row = |line: &str| {
        let mut columns = line.split_whitespace();
        let address = u128::from_str_radix(columns.next()?, 16).ok()?;
        let flags = u32::from_str_radix(columns.nth(3)?, 16).ok()?;
        (flags & PASSING != 0).then(|| Ipv6Addr::from_bits(address))
    };
    table.lines().filter_map(row).collect()
}

/// Where the ways out of here begin.
#[derive(Debug, Clone, Default)]
pub(super) struct Routes {
    /// The addresses that the default routes send from.
    pub(super) leaving: Vec<IpAddr>,
    /// Interfaces with a default route for IPv4.
    pub(super) with_gateway: HashSet<String>,
}

impl Routes {
    /// As the kernel has them now. Connecting a datagram socket asks the routing table and sends
    /// nothing; 192.0.2.1 (RFC 5737) and 2001:db8::1 (RFC 3849) are for documentation and nobody's.
    pub(super) fn now() -> Self {
        let v4 = source_towards(
            Ipv4Addr::UNSPECIFIED.into(),
            Ipv4Addr::new(192, 0, 2, 1).into(),
        );
        let documentation = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
        let v6 = source_towards(Ipv6Addr::UNSPECIFIED.into(), documentation.into());
        Self {
            leaving: [v4, v6].into_iter().flatten().collect(),
            with_gateway: gateways(&fs::read_to_string("/proc/self/net/route").unwrap_or_default()),
        }
    }

    /// No way leads out of here.
    pub(super) fn none() -> Self {
        Self::default()
    }
}

fn source_towards(from: IpAddr, to: IpAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind(SocketAddr::new(from, 0)).ok()?;
    socket.connect(SocketAddr::new(to, 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified()).then_some(ip)
}

/// The interfaces in `/proc/self/net/route` (`name destination gateway …`, addresses in hex) that a
/// default route goes by.
fn gateways(table: &str) -> HashSet<String> {
    let row = |line: &str| {
        let mut columns = line.split_whitespace();
        let name = columns.next()?;
        (columns.next()? == "00000000").then(|| name.to_owned())
    };
    table.lines().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_seen_as_such() {
        let seen = addresses();
        let ours = seen.iter().find(|one| one.ip.is_loopback());
        assert!(ours.is_none_or(|one| one.loopback), "{seen:?}");
    }

    #[test]
    fn addresses_that_pass_are_told_from_those_that_stay() {
        let table = "\
00000000000000000000000000000001 01 80 10 80       lo
fd000000000000000000000000000007 02 40 00 80     eth0
fd00000000000000a1b2c3d4e5f60718 02 40 00 01     eth0
fd000000000000000000000000000008 02 40 00 20     eth0
fe80000000000000000000000000000a 02 40 20 c0     eth0
not a row
";
        let passing = passing_ipv6(table);
        let has = |text: &str| passing.contains(&text.parse().unwrap());
        assert!(has("fd00::a1b2:c3d4:e5f6:718") && has("fd00::8") && has("fe80::a"));
        assert!(!has("fd00::7") && !has("::1"));
    }

    #[test]
    fn default_routes_name_their_interfaces() {
        let table = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask
eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000
wlan0\t002A0A0A\t00000000\t0001\t0\t0\t600\t00FFFFFF
";
        assert_eq!(gateways(table), HashSet::from(["eth0".to_owned()]));
    }
}
