//! Which of this machine's addresses phones are sent to.

use std::cmp::Reverse;
use std::net::IpAddr;

use serde::Serialize;
use utoipa::ToSchema;

use super::interfaces::{Address, Routes};
use super::pin::Pin;

/// An address that phones may be sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AddressCandidate)]
pub struct Candidate {
    /// The interface's name.
    pub interface: String,
    /// Its address.
    #[schema(value_type = String)]
    pub address: IpAddr,
    #[serde(skip)]
    pub(super) standing: Standing,
}

/// How likely a phone gets to it; the first is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// A private IPv4 address (RFC 1918) of a Wi-Fi or an Ethernet.
    Private,
    /// Another IPv4 address there.
    Public,
    /// An IPv6 address there that is good beyond the link.
    Ipv6,
    /// One of these where the link is down.
    NoCarrier,
    /// Self-assigned (RFC 3927): whoever else is on this network has no address either.
    SelfAssigned,
    /// Of a tunnel, a modem, containers.
    Virtual,
    /// The same, loose at its other end.
    VirtualNoCarrier,
}

/// The addresses phones may be sent to, the best first. A browser cannot go to an IPv6 link-local
/// address: it has no way to say by which interface (RFC 6874, which none has adopted). Containers'
/// networks are left out while no container is there: a booth without a network but with Docker
/// would send visitors to `docker0`.
pub(super) fn rank(seen: &[Address], with_ipv6: bool, routes: &Routes) -> Vec<Candidate> {
    let usable = seen
        .iter()
        .filter(|one| is_usable(one.ip, with_ipv6) && !is_deserted(one));
    let mut ranked: Vec<_> = usable
        .map(|one| {
            let candidate = Candidate {
                interface: one.interface.clone(),
                address: one.ip,
                standing: standing(one),
            };
            (order(&candidate, routes), candidate)
        })
        .collect();
    ranked.sort_by(|(a, one), (b, other)| {
        let names = || (&one.interface, one.address).cmp(&(&other.interface, other.address));
        a.cmp(b).then_with(names)
    });
    ranked.into_iter().map(|(_, candidate)| candidate).collect()
}

/// The address that staff have chosen, or another one of its interface (the network may have
/// given it a new one), or else the best.
pub(super) fn choose<'a>(ranked: &'a [Candidate], pin: Option<&Pin>) -> Option<&'a Candidate> {
    let exact = pin.and_then(|pin| ranked.iter().find(|one| pin.is(one)));
    let kin = || {
        let pin = pin?;
        ranked.iter().find(|one| one.interface == pin.interface)
    };
    exact.or_else(kin).or(ranked.first())
}

/// Among equals: a Wi-Fi without a gateway while another interface has one is this booth's own
/// access point, and visitors' phones are on it; else the way out of here leads by the network that
/// phones are likely on; and where none leads out, phones are on a Wi-Fi rather than on a cable.
fn order(one: &Candidate, routes: &Routes) -> (Standing, [Reverse<bool>; 3]) {
    let gateways = &routes.with_gateway;
    let wifi = is_wifi(&one.interface);
    let access_point = wifi && !gateways.is_empty() && !gateways.contains(&one.interface);
    let leaves = routes.leaving.contains(&one.address);
    (one.standing, [access_point, leaves, wifi].map(Reverse))
}

fn is_usable(ip: IpAddr, with_ipv6: bool) -> bool {
    match ip {
        IpAddr::V4(v4) => !v4.is_loopback() && !v4.is_unspecified() && !v4.is_multicast(),
        IpAddr::V6(v6) => {
            let beyond_the_link = !v6.is_loopback() && !v6.is_unicast_link_local();
            with_ipv6 && beyond_the_link && !v6.is_unspecified() && !v6.is_multicast()
        }
    }
}

/// Whether it is a network inside this machine, or a tunnel, with nobody at the other end.
fn is_deserted(one: &Address) -> bool {
    // The other end of these may be anything, also an access point.
    let pair = ["veth", "tap"]
        .iter()
        .any(|name| one.interface.starts_with(name));
    let inside = one.point_to_point || is_virtual(&one.interface);
    inside && !pair && !one.carrier
}

fn standing(one: &Address) -> Standing {
    let away = one.point_to_point || one.loopback || is_virtual(&one.interface);
    match one.ip {
        _ if away && one.carrier => Standing::Virtual,
        _ if away => Standing::VirtualNoCarrier,
        IpAddr::V4(v4) if v4.is_link_local() => Standing::SelfAssigned,
        _ if !one.carrier => Standing::NoCarrier,
        IpAddr::V4(v4) if v4.is_private() => Standing::Private,
        IpAddr::V4(_) => Standing::Public,
        IpAddr::V6(_) => Standing::Ipv6,
    }
}

/// By the names that the kernel, systemd (`man systemd.net-naming-scheme`) and the programs
/// themselves give: sysfs would say more, but not in a container or a network namespace, which see
/// another machine's there.
fn is_virtual(name: &str) -> bool {
    const PREFIXES: [&str; 24] = [
        // containers and virtual machines
        "docker",
        "podman",
        "cni",
        "flannel",
        "cali",
        "lxc",
        "lxdbr",
        "incusbr",
        "virbr",
        "vnet",
        "veth",
        "vmnet",
        "vboxnet",
        "kube", // tunnels
        "tun",
        "tap",
        "wg",
        "tailscale",
        "zt",
        "utun",
        "ipsec",
        "gre", // modems
        "wwan",
        "ppp",
    ];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || is_docker_network(name)
}

/// `br-` and twelve hex digits; a bridge that somebody named by hand may well have an access point
/// in it.
fn is_docker_network(name: &str) -> bool {
    let id = name.strip_prefix("br-").unwrap_or_default();
    id.len() == 12 && id.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_wifi(name: &str) -> bool {
    name.starts_with("wl")
        || name
            .strip_prefix("ap")
            .is_some_and(|n| n.parse::<u8>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(interface: &str, ip: &str) -> Address {
        Address {
            interface: interface.to_owned(),
            ip: ip.parse().unwrap(),
            carrier: true,
            point_to_point: interface.starts_with("tun"),
            loopback: interface == "lo",
        }
    }

    fn routes(leaving: &[&str], with_gateway: &[&str]) -> Routes {
        Routes {
            leaving: leaving.iter().map(|ip| ip.parse().unwrap()).collect(),
            with_gateway: with_gateway.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    fn ranked(seen: &[Address], routes: &Routes) -> Vec<String> {
        let ranked = rank(seen, true, routes);
        ranked.iter().map(|one| one.address.to_string()).collect()
    }

    #[test]
    fn the_right_kind_comes_first() {
        let mut unplugged = at("enp3s0", "192.168.9.9");
        unplugged.carrier = false;
        let mut idle = at("docker0", "172.17.0.1");
        idle.carrier = false;
        let mut loose = at("veth7", "172.19.0.1");
        loose.carrier = false;
        let seen = [
            idle,
            loose,
            at("lo", "127.0.0.1"),
            at("lo", "::1"),
            at("br-0123456789ab", "172.18.0.1"),
            at("tun0", "10.8.0.2"),
            at("eth1", "169.254.7.7"),
            unplugged,
            at("eth0", "fe80::1"),
            at("eth0", "fd00::7"),
            at("eth2", "100.64.0.9"),
            at("wlan0", "10.42.0.1"),
        ];
        let order = [
            "10.42.0.1",
            "100.64.0.9",
            "fd00::7",
            "192.168.9.9",
            "169.254.7.7",
            "172.18.0.1",
            "10.8.0.2",
            "172.19.0.1",
        ];
        assert_eq!(ranked(&seen, &Routes::none()), order);
        // Whatever stands alone is the best there is.
        for alone in order {
            let seen = seen.iter().filter(|one| one.ip.to_string() == alone);
            assert_eq!(
                ranked(&seen.cloned().collect::<Vec<_>>(), &Routes::none()),
                [alone]
            );
        }
        assert_eq!(
            ranked(
                &[at("lo", "127.0.0.1"), at("eth0", "fe80::1")],
                &Routes::none()
            ),
            [""; 0]
        );
    }

    #[test]
    fn the_way_out_decides_among_equals_but_for_an_access_point_of_our_own() {
        let two = [at("eth0", "192.168.0.7"), at("eth1", "192.168.1.7")];
        let out = routes(&["192.168.1.7"], &["eth1"]);
        assert_eq!(ranked(&two, &out), ["192.168.1.7", "192.168.0.7"]);
        // A VPN that takes all traffic does not take visitors' phones.
        let vpn = [at("eth0", "192.168.0.7"), at("tun0", "10.8.0.2")];
        let out = routes(&["10.8.0.2"], &["tun0", "eth0"]);
        assert_eq!(ranked(&vpn, &out), ["192.168.0.7", "10.8.0.2"]);

        let hotspot = [at("eth0", "192.168.0.7"), at("wlan0", "10.42.0.1")];
        let out = routes(&["192.168.0.7"], &["eth0"]);
        assert_eq!(ranked(&hotspot, &out), ["10.42.0.1", "192.168.0.7"]);
        assert_eq!(
            ranked(&hotspot, &Routes::none()),
            ["10.42.0.1", "192.168.0.7"]
        );
        // Both on the venue's network: both have its gateway.
        let out = routes(&["192.168.0.7"], &["eth0", "wlan0"]);
        assert_eq!(ranked(&hotspot, &out), ["192.168.0.7", "10.42.0.1"]);
    }

    #[test]
    fn an_ipv4_listener_is_not_called_by_ipv6() {
        let seen = [at("eth0", "fd00::7")];
        assert!(rank(&seen, false, &Routes::none()).is_empty());
        assert_eq!(rank(&seen, true, &Routes::none()).len(), 1);
    }

    #[test]
    fn what_staff_chose_wins_while_it_is_there() {
        let all = rank(
            &[
                at("eth0", "192.168.0.7"),
                at("wlan0", "10.42.0.1"),
                at("wlan0", "10.42.0.2"),
            ],
            false,
            &routes(&["192.168.0.7"], &["eth0", "wlan0"]),
        );
        let pin = |interface: &str, address: &str| Pin {
            interface: interface.to_owned(),
            address: address.parse().unwrap(),
        };
        let chosen = |pin: &Pin| choose(&all, Some(pin)).unwrap().address.to_string();
        assert_eq!(
            choose(&all, None).unwrap().address.to_string(),
            "192.168.0.7"
        );
        assert_eq!(chosen(&pin("wlan0", "10.42.0.2")), "10.42.0.2");
        // It was given another address.
        assert_eq!(chosen(&pin("wlan0", "10.42.0.9")), "10.42.0.1");
        // It is away.
        assert_eq!(chosen(&pin("wlan1", "10.42.0.1")), "192.168.0.7");
        assert_eq!(choose(&[], Some(&pin("wlan0", "10.42.0.1"))), None);
    }
}
