//! The address under which phones reach this machine: what QR codes say.
//!
//! It is looked up anew each time it is asked for: a booth may start before its network does, and
//! may be given another address in mid-evening. A look is one netlink dump, some tens of
//! microseconds.

mod choice;
mod interfaces;
mod pin;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use utoipa::ToSchema;

pub use choice::Candidate;
pub use pin::Pin;

use super::Listen;
use choice::Standing;
use pin::PinFile;

/// How well phones reach the address that QR codes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AddressState {
    /// Phones on the booth's network reach it, or settings name it.
    Reachable,
    /// `listen.public` is bound to loopback and no `listen.public_url` is set: only what runs on
    /// this machine gets here, a front door for instance.
    ThisMachineOnly,
    /// The interface has no carrier: a cable is out, or nobody has joined yet.
    NoCarrier,
    /// The machine gave itself the address, because nobody else did (RFC 3927).
    SelfAssigned,
    /// Only a tunnel, a modem or a network of containers is there.
    VirtualOnly,
    /// This machine is on no network.
    NoNetwork,
    /// This machine has IPv6 addresses only, and `listen.public` is an IPv4 one.
    Ipv6Only,
    /// This machine no longer has the address that `listen.public` names.
    AddressGone,
}

impl AddressState {
    /// Whether a code with this address may be shown to visitors.
    #[must_use]
    pub fn is_reachable(self) -> bool {
        !matches!(self, Self::NoNetwork | Self::Ipv6Only | Self::AddressGone)
    }
}

/// The address as it is now, and what there is to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// `http(s)://host[:port]`, without a slash at the end. Loopback where there is nothing else.
    pub base: String,
    /// How well phones reach it.
    pub state: AddressState,
    /// The interface it belongs to, where one was chosen.
    pub chosen: Option<Candidate>,
    /// What staff may choose from, the best first; empty where settings leave no choice.
    pub candidates: Vec<Candidate>,
    /// What staff have chosen, there or not.
    pub pinned: Option<Pin>,
}

impl Look {
    /// Whether staff have chosen an interface that is not there now.
    #[must_use]
    pub fn pin_is_missing(&self) -> bool {
        let chosen = self.chosen.as_ref();
        self.pinned
            .as_ref()
            .is_some_and(|pin| chosen.is_none_or(|chosen| chosen.interface != pin.interface))
    }
}

/// Why staff cannot choose an address.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// Settings leave no choice.
    #[error("the settings say the address: listen.public_url or listen.public")]
    Settled,
    /// This machine has no such address on that interface.
    #[error("this machine has no such address now")]
    Unknown,
    /// The choice could not be kept.
    #[error("cannot keep the chosen address")]
    Io(#[from] io::Error),
}

/// What QR codes say.
#[derive(Debug, Clone)]
pub struct Reach(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    // Std locks: held for a clone, never across an await.
    pinned: Mutex<Option<Pin>>,
    last_reachable: Mutex<Option<String>>,
    file: Option<PinFile>,
}

#[derive(Debug)]
enum Source {
    /// As settings say it, without a slash at the end.
    Named(String),
    /// Where the public listener is bound.
    Bound(SocketAddr),
}

impl Reach {
    /// What settings say in `listen.public_url`; it wins over everything.
    #[must_use]
    pub fn named(url: impl Into<String>) -> Self {
        Self::new(Source::Named(url.into()), None, None)
    }

    /// By where the public listener is bound, without a choice of the staff's.
    #[must_use]
    pub fn bound(at: SocketAddr) -> Self {
        Self::new(Source::Bound(at), None, None)
    }

    /// By where the public listener is bound, and by what staff chose, kept in `data`. A choice
    /// that does not read is none: the booth starts, and chooses by itself.
    #[must_use]
    pub fn bound_and_kept(at: SocketAddr, data: &Path) -> Self {
        let file = PinFile::in_folder(data);
        let pinned = file.read();
        Self::new(Source::Bound(at), pinned, Some(file))
    }

    /// What `listen` says of the listener that is, or will be, bound at `at`: the name given there, or
    /// the address by itself and by what staff chose, kept in `data`.
    #[must_use]
    pub fn kept(listen: &Listen, at: SocketAddr, data: &Path) -> Self {
        match listen.public_base() {
            Some(url) => Self::named(url),
            None => Self::bound_and_kept(at, data),
        }
    }

    fn new(source: Source, pinned: Option<Pin>, file: Option<PinFile>) -> Self {
        Self(Arc::new(Inner {
            source,
            pinned: Mutex::new(pinned),
            last_reachable: Mutex::default(),
            file,
        }))
    }

    /// `http://<address>:<port>` as it is now, or what settings say.
    #[must_use]
    pub fn base(&self) -> String {
        self.look().base
    }

    /// What paper says, which outlasts a network that is away for a minute: the address as it is
    /// now, or else the last one under which phones did reach the booth.
    #[must_use]
    pub fn lasting_base(&self) -> String {
        let look = self.look();
        if look.state.is_reachable() {
            return look.base;
        }
        let last = self.0.last_reachable.lock();
        let last = last.unwrap_or_else(PoisonError::into_inner).clone();
        last.unwrap_or(look.base)
    }

    /// Looks at this machine's interfaces and chooses.
    #[must_use]
    pub fn look(&self) -> Look {
        let look = match &self.0.source {
            Source::Named(url) => settled(url.clone(), AddressState::Reachable),
            Source::Bound(at) if at.ip().is_unspecified() => self.choose(*at),
            Source::Bound(at) => settled(format!("http://{at}"), state_of_bound(at.ip())),
        };
        if look.state.is_reachable() {
            let mut last = self.last_reachable();
            if last.as_ref() != Some(&look.base) {
                *last = Some(look.base.clone());
            }
        }
        look
    }

    /// Keeps the staff's choice, over restarts too; `None` leaves it to the booth again. Blocks on
    /// the disk.
    ///
    /// # Errors
    /// [`PinError`].
    pub fn pin(&self, pin: Option<Pin>) -> Result<(), PinError> {
        let look = self.look();
        let free = matches!(&self.0.source, Source::Bound(at) if at.ip().is_unspecified());
        if !free {
            return Err(PinError::Settled);
        }
        if let Some(pin) = &pin
            && !look.candidates.iter().any(|one| pin.is(one))
        {
            return Err(PinError::Unknown);
        }
        // Kept first: what staff were told must survive a power cut.
        if let Some(file) = &self.0.file {
            file.write(pin.as_ref())?;
        }
        *self.pinned() = pin;
        Ok(())
    }

    fn choose(&self, at: SocketAddr) -> Look {
        let seen = interfaces::addresses();
        let candidates = choice::rank(&seen, at.is_ipv6(), &interfaces::Routes::now());
        let pinned = self.pinned().clone();
        let chosen = choice::choose(&candidates, pinned.as_ref()).cloned();
        let state = match &chosen {
            Some(one) => state_of(one.standing),
            None if at.is_ipv4()
                && !choice::rank(&seen, true, &interfaces::Routes::none()).is_empty() =>
            {
                AddressState::Ipv6Only
            }
            None => AddressState::NoNetwork,
        };
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let ip = chosen.as_ref().map_or(loopback, |one| one.address);
        Look {
            base: format!("http://{}", SocketAddr::new(ip, at.port())),
            state,
            chosen,
            candidates,
            pinned,
        }
    }

    fn pinned(&self) -> std::sync::MutexGuard<'_, Option<Pin>> {
        let pinned = self.0.pinned.lock();
        pinned.unwrap_or_else(PoisonError::into_inner)
    }

    fn last_reachable(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        let last = self.0.last_reachable.lock();
        last.unwrap_or_else(PoisonError::into_inner)
    }
}

fn settled(base: String, state: AddressState) -> Look {
    Look {
        base,
        state,
        chosen: None,
        candidates: Vec::new(),
        pinned: None,
    }
}

/// An address that `listen.public` names is taken at its word for as long as the machine has it.
fn state_of_bound(ip: IpAddr) -> AddressState {
    if ip.is_loopback() {
        return AddressState::ThisMachineOnly;
    }
    if interfaces::addresses().iter().any(|one| one.ip == ip) {
        AddressState::Reachable
    } else {
        AddressState::AddressGone
    }
}

fn state_of(standing: Standing) -> AddressState {
    match standing {
        Standing::Private | Standing::Public | Standing::Ipv6 => AddressState::Reachable,
        Standing::NoCarrier => AddressState::NoCarrier,
        Standing::SelfAssigned => AddressState::SelfAssigned,
        Standing::Virtual | Standing::VirtualNoCarrier => AddressState::VirtualOnly,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(address: &str) -> Reach {
        Reach::bound(address.parse().unwrap())
    }

    #[test]
    fn a_bound_address_is_told_as_it_is() {
        for (at, base) in [
            ("127.0.0.1:8081", "http://127.0.0.1:8081"),
            ("[::1]:8081", "http://[::1]:8081"),
        ] {
            let look = bound(at).look();
            assert_eq!(look.base, base);
            assert_eq!(look.state, AddressState::ThisMachineOnly);
            assert!(
                look.state.is_reachable(),
                "settings are taken at their word"
            );
        }
    }

    #[test]
    fn a_bound_address_that_this_machine_has_not_is_no_way_in() {
        let look = bound("203.0.113.7:8081").look();
        assert_eq!(look.base, "http://203.0.113.7:8081");
        assert_eq!(look.state, AddressState::AddressGone);
        assert!(!look.state.is_reachable());
    }

    #[test]
    fn all_addresses_become_one() {
        let url = bound("0.0.0.0:8081").base();
        assert!(url.ends_with(":8081") && !url.contains("0.0.0.0"), "{url}");
    }

    #[test]
    fn what_settings_name_leaves_no_choice() {
        let pin = Pin {
            interface: "wlan0".to_owned(),
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        let named = Reach::named("https://booth.example");
        assert_eq!(named.look().state, AddressState::Reachable);
        for settled in [named, bound("127.0.0.1:1")] {
            let refused = settled.pin(Some(pin.clone()));
            assert!(matches!(refused, Err(PinError::Settled)), "{refused:?}");
        }
        let refused = bound("0.0.0.0:1").pin(Some(pin));
        assert!(matches!(refused, Err(PinError::Unknown)), "{refused:?}");
    }
}
