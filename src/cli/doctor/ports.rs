//! Are the listeners' ports free?

use std::io::ErrorKind;
use std::net::SocketAddr;

use async_trait::async_trait;
use tokio::net::TcpListener;

use super::{Check, Verdict};

/// Checks that one listener's address can be bound.
#[derive(Debug, Clone)]
pub struct PortCheck {
    listener: &'static str,
    address: SocketAddr,
}

impl PortCheck {
    /// Checks `address` for the listener of this name.
    #[must_use]
    pub fn new(listener: &'static str, address: SocketAddr) -> Self {
        Self { listener, address }
    }
}

#[async_trait]
impl Check for PortCheck {
    fn name(&self) -> String {
        format!("{} port", self.listener)
    }

    async fn look(&self) -> Verdict {
        let at = self.address;
        match TcpListener::bind(at).await {
            Ok(_) if at.port() == 0 => Verdict::fine(format!("{} with any free port", at.ip())),
            Ok(_) => Verdict::fine(format!("{at} is free")),
            Err(error) => match error.kind() {
                ErrorKind::AddrInUse => {
                    Verdict::wrong(format!("{at} is taken: is a booth running already?"))
                }
                ErrorKind::PermissionDenied => {
                    Verdict::wrong(format!("{at} needs more rights than we have"))
                }
                ErrorKind::AddrNotAvailable => {
                    Verdict::wrong(format!("{at}: this machine has no such address"))
                }
                _ => Verdict::wrong(format!("{at}: {error}")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_wrong_and_a_freed_one_is_fine() {
        let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let check = PortCheck::new("kiosk", holder.local_addr().unwrap());
        let verdict = check.look().await;
        assert!(
            !verdict.ok && verdict.words.contains("is taken"),
            "{verdict:?}"
        );
        drop(holder);
        assert!(check.look().await.ok);
        assert!(
            !PortCheck::new("public", "203.0.113.1:0".parse().unwrap())
                .look()
                .await
                .ok
        );
    }
}
