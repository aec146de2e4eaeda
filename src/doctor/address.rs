//! Can visitors' phones get here?

use std::net::SocketAddr;

use async_trait::async_trait;

use super::{Check, Verdict};
use crate::serve::{AddressState, Look, Reach};

/// Checks the address that QR codes say.
#[derive(Debug)]
pub struct AddressCheck {
    reach: Reach,
    listener: SocketAddr,
}

impl AddressCheck {
    /// Checks what `reach` says of the listener at this address.
    #[must_use]
    pub fn new(reach: Reach, listener: SocketAddr) -> Self {
        Self { reach, listener }
    }
}

#[async_trait]
impl Check for AddressCheck {
    fn name(&self) -> String {
        "address".to_owned()
    }

    async fn look(&self) -> Verdict {
        verdict(&self.reach.look(), self.listener)
    }
}

fn verdict(look: &Look, listener: SocketAddr) -> Verdict {
    let at = said(look, listener);
    match look.state {
        AddressState::Reachable => Verdict::fine(at),
        AddressState::ThisMachineOnly => Verdict::fine(format!(
            "{at}: listen.public is bound to this machine alone; behind a front door set \
             listen.public_url to its name"
        )),
        AddressState::NoCarrier => {
            Verdict::fine(format!("{at}, where nothing is plugged in or joined yet"))
        }
        AddressState::SelfAssigned => Verdict::fine(format!(
            "{at}, which the machine gave itself: nothing on that network hands out addresses"
        )),
        AddressState::VirtualOnly => Verdict::fine(format!(
            "{at}, a tunnel, a modem or containers: phones may not get there"
        )),
        AddressState::NoNetwork => Verdict::wrong(
            "no phone can reach this machine: it is on no network, and QR codes would say its \
             loopback address; bring up its Wi-Fi or cable, or set listen.public_url",
        ),
        AddressState::Ipv6Only => Verdict::wrong(format!(
            "no phone can reach this machine: it has IPv6 addresses only; set listen.public = \
             \"[::]:{}\"",
            listener.port()
        )),
        AddressState::AddressGone => Verdict::wrong(format!(
            "no phone can reach this machine: it has no address {} (listen.public) now",
            listener.ip()
        )),
    }
}

/// The address and its interface, what else there is to choose, and whether staff's choice is away.
fn said(look: &Look, listener: SocketAddr) -> String {
    let Some(chosen) = &look.chosen else {
        return look.base.clone();
    };
    // Any free port is not a port yet.
    let base = match listener.port() {
        0 => look.base.trim_end_matches(":0"),
        _ => &look.base,
    };
    let others = look.candidates.iter().filter(|one| *one != chosen);
    let others: Vec<_> = others
        .map(|one| format!("{} on {}", one.address, one.interface))
        .collect();
    let mut said = format!("{base} on {}", chosen.interface);
    if !others.is_empty() {
        said += &format!("; staff may choose {}", others.join(", "));
    }
    if look.pin_is_missing() {
        let pin = look.pinned.as_ref().map(|pin| pin.interface.as_str());
        said += &format!("; {}, which staff chose, is away", pin.unwrap_or_default());
    }
    said
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::serve::Listen;

    fn check(public: &str, public_url: &str) -> AddressCheck {
        let listen = Listen {
            public: public.parse().unwrap(),
            public_url: public_url.to_owned(),
            ..Listen::default()
        };
        let reach = Reach::kept(&listen, listen.public, Path::new("/nowhere"));
        AddressCheck::new(reach, listen.public)
    }

    #[tokio::test]
    async fn settings_are_taken_at_their_word_while_the_address_is_there() {
        let named = check("0.0.0.0:8081", "https://booth.example/").look().await;
        assert_eq!(named, Verdict::fine("https://booth.example"));
        let desk = check("127.0.0.1:8081", "").look().await;
        assert!(
            desk.ok && desk.words.contains("listen.public_url"),
            "{desk:?}"
        );
        let gone = check("203.0.113.7:8081", "").look().await;
        assert!(!gone.ok && gone.words.contains("203.0.113.7"), "{gone:?}");
    }

    #[test]
    fn where_no_phone_gets_it_says_what_to_do() {
        let look = |state| Look {
            base: "http://127.0.0.1:8081".to_owned(),
            state,
            chosen: None,
            candidates: Vec::new(),
            pinned: None,
        };
        let listener = "0.0.0.0:8081".parse().unwrap();
        for (state, words) in [
            (AddressState::NoNetwork, "no network"),
            (AddressState::Ipv6Only, "\"[::]:8081\""),
        ] {
            let verdict = verdict(&look(state), listener);
            assert!(!verdict.ok && verdict.words.contains(words), "{verdict:?}");
        }
    }
}
