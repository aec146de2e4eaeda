//! `[listen]`: where the booth answers, and what QR codes say.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::Uri;
use serde::{Deserialize, Serialize};

use crate::settings::Faults;

/// `[listen]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    /// The kiosk's and staff's own listener; loopback only, since it asks for no token. Port 0
    /// takes any free one.
    pub kiosk: SocketAddr,
    /// The listener for phones.
    pub public: SocketAddr,
    /// What QR codes say, as `http(s)://host[:port][/path]`; empty: this machine's LAN address.
    pub public_url: String,
    /// The addresses of what stands before the public listener, such as nginx. Only these are believed
    /// when they say in `X-Forwarded-For` for whom they ask; without one, all who come by them count
    /// as one when codes and PINs are guessed.
    pub front_door: Vec<IpAddr>,
}

impl Listen {
    /// [`Self::public_url`] without a closing slash, or `None` if it is to be found out.
    #[must_use]
    pub fn public_base(&self) -> Option<&str> {
        let url = self.public_url.trim_end_matches('/');
        (!url.is_empty()).then_some(url)
    }

    /// Looks itself over.
    pub fn validate(&self, faults: &mut Faults) {
        faults.check(
            self.kiosk.ip().is_loopback(),
            "kiosk",
            "must be a loopback address such as \"127.0.0.1:8080\": it opens sessions without a token",
        );
        // Of a kiosk's address that was not understood nothing follows.
        let apart = self.kiosk.port() == 0 || self.kiosk.port() != self.public.port();
        faults.check(
            apart || !faults.is_sound("kiosk"),
            "public",
            format!("must have another port than listen.kiosk ({})", self.kiosk),
        );
        let named = |ip: &IpAddr| !ip.is_unspecified() && !ip.is_multicast();
        let doors = &self.front_door;
        faults.check(
            doors.len() <= 16 && doors.iter().all(named),
            "front_door",
            "must be at most 16 addresses of machines, such as [\"127.0.0.1\"]",
        );
        faults.check(
            is_base_url(&self.public_url),
            "public_url",
            "must be empty or http(s)://host[:port], at most 200 characters: pages stand at the top of their host",
        );
    }
}

fn is_base_url(url: &str) -> bool {
    if url.is_empty() {
        return true;
    }
    // `Uri` drops a fragment without a word.
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    let host = uri
        .authority()
        .is_some_and(|a| !a.host().is_empty() && !a.as_str().contains('@'));
    let port = uri
        .authority()
        .is_none_or(|a| a.port_u16().is_some() || a.as_str() == a.host());
    let top = matches!(uri.path(), "" | "/");
    web && host && port && top && uri.query().is_none() && !url.contains('#') && url.len() <= 200
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            kiosk: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8081)),
            public_url: String::new(),
            front_door: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls() {
        for good in [
            "",
            "http://192.168.0.7:8081",
            "https://booth.example/",
            "http://[fe80::1]:80",
            "http://easel.local",
        ] {
            assert!(is_base_url(good), "{good:?}");
        }
        for bad in [
            "booth.example",
            "ftp://h",
            "http://",
            "http://u:p@h",
            "http://h/?q",
            "https://booth.example/easel",
            "http://h/a/",
            "http://h/#f",
            "http://h h",
            "/",
            "http://h:99999",
        ] {
            assert!(!is_base_url(bad), "{bad:?}");
        }
    }

    #[test]
    fn the_base_has_no_closing_slash() {
        let listen = Listen {
            public_url: "https://booth.example/".to_owned(),
            ..Listen::default()
        };
        assert_eq!(listen.public_base(), Some("https://booth.example"));
        assert_eq!(Listen::default().public_base(), None);
    }
}
