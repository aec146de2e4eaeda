//! Are the listeners' ports free, or does the booth answer there?

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::{Check, Verdict};

/// How long this machine may take to answer itself.
const ANSWERED_WITHIN: Duration = Duration::from_secs(3);

/// Checks one listener's address.
#[derive(Debug, Clone)]
pub struct PortCheck {
    listener: &'static str,
    address: SocketAddr,
    is_ours: bool,
}

impl PortCheck {
    /// Checks that `address` is free for the listener of this name.
    #[must_use]
    pub fn free(listener: &'static str, address: SocketAddr) -> Self {
        Self {
            listener,
            address,
            is_ours: false,
        }
    }

    /// Checks that the booth's own listener of this name takes connections at `address`.
    #[must_use]
    pub fn ours(listener: &'static str, address: SocketAddr) -> Self {
        Self {
            is_ours: true,
            ..Self::free(listener, address)
        }
    }

    async fn connect(&self) -> Verdict {
        let at = self.address;
        match timeout(ANSWERED_WITHIN, TcpStream::connect(from_here(at))).await {
            Ok(Ok(_)) => Verdict::fine(format!("the booth listens at {at}")),
            Ok(Err(error)) => Verdict::wrong(format!("the booth does not answer at {at}: {error}")),
            Err(_) => Verdict::wrong(format!("the booth does not answer at {at}")),
        }
    }

    async fn bind(&self) -> Verdict {
        let at = self.address;
        let error = match TcpListener::bind(at).await {
            Ok(_) if at.port() == 0 => {
                return Verdict::fine(format!("{} with any free port", at.ip()));
            }
            Ok(_) => return Verdict::fine(format!("{at} is free")),
            Err(error) => error,
        };
        match error.kind() {
            ErrorKind::AddrInUse if self.is_a_booths().await => Verdict::wrong(format!(
                "{at} is taken by another booth, which runs over other data: stop it, or set \
                 listen.{} to another port",
                self.listener
            )),
            ErrorKind::AddrInUse => Verdict::wrong(format!(
                "{at} is taken by another program: stop it, or set listen.{} to another port",
                self.listener
            )),
            ErrorKind::PermissionDenied => {
                Verdict::wrong(format!("{at} needs more rights than we have"))
            }
            ErrorKind::AddrNotAvailable => {
                Verdict::wrong(format!("{at}: this machine has no such address"))
            }
            _ => Verdict::wrong(format!("{at}: {error}")),
        }
    }

    /// Whether what answers there speaks as this listener of a booth does.
    async fn is_a_booths(&self) -> bool {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ANSWERED_WITHIN)
            .build();
        let Ok(http) = http else { return false };
        let url = format!("http://{}/api/openapi.json", from_here(self.address));
        match http.head(url).send().await {
            Ok(answer) => answer.status().is_success(),
            Err(_) => false,
        }
    }
}

/// Where this machine reaches itself, of a listener that takes whatever comes.
pub(crate) fn from_here(at: SocketAddr) -> SocketAddr {
    let ip = match at.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, at.port())
}

#[async_trait]
impl Check for PortCheck {
    fn name(&self) -> String {
        format!("{} port", self.listener)
    }

    async fn look(&self) -> Verdict {
        if self.is_ours {
            self.connect().await
        } else {
            self.bind().await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_wrong_and_a_freed_one_is_fine() {
        let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = holder.local_addr().unwrap();
        let (free, ours) = (PortCheck::free("kiosk", at), PortCheck::ours("kiosk", at));
        // Whoever takes it and says nothing is no booth.
        let (verdict, ()) = tokio::join!(free.look(), async {
            drop(holder.accept().await);
        });
        assert!(
            !verdict.ok && verdict.words.contains("is taken by another program"),
            "{verdict:?}"
        );
        assert!(ours.look().await.ok);
        drop(holder);
        assert!(free.look().await.ok);
        let silent = ours.look().await;
        assert!(
            !silent.ok && silent.words.contains("does not answer"),
            "{silent:?}"
        );
        let elsewhere = PortCheck::free("public", "203.0.113.1:0".parse().unwrap());
        assert!(!elsewhere.look().await.ok);
    }

    #[test]
    fn a_listener_for_all_addresses_is_reached_from_here() {
        for (at, reached) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("127.0.0.2:80", "127.0.0.2:80"),
        ] {
            assert_eq!(from_here(at.parse().unwrap()), reached.parse().unwrap());
        }
    }
}
