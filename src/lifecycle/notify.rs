//! systemd's notify protocol: one datagram a message (sd_notify(3)).
//!
//! The socket is an argument, not read from the process environment in passing, so that a test can
//! hand over its own.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::time::Duration;

/// Tells systemd how the daemon is; says nothing to anyone where there is no systemd.
#[derive(Debug, Clone, Default)]
pub struct Notifier {
    socket: Option<Arc<UnixDatagram>>,
    watchdog: Option<Duration>,
}

impl Notifier {
    /// From systemd's variables among `env`: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`.
    ///
    /// # Errors
    /// If there is a socket that we cannot reach. systemd would wait for our "ready" in vain.
    pub fn from_env(env: impl Iterator<Item = (String, String)>) -> io::Result<Self> {
        let ours =
            |(name, _): &(String, String)| name == "NOTIFY_SOCKET" || name.starts_with("WATCHDOG_");
        let env: HashMap<String, String> = env.filter(ours).collect();
        let socket = env
            .get("NOTIFY_SOCKET")
            .map(|path| connect(path.as_ref()))
            .transpose()?;
        let usec = env.get("WATCHDOG_USEC").and_then(|text| text.parse().ok());
        let for_us = env
            .get("WATCHDOG_PID")
            .is_none_or(|pid| *pid == std::process::id().to_string());
        let watchdog = usec
            .filter(|usec| for_us && *usec > 0 && socket.is_some())
            .map(Duration::from_micros);
        Ok(Self {
            socket: socket.map(Arc::new),
            watchdog,
        })
    }

    /// After how long a silence systemd kills us, if at all.
    #[must_use]
    pub fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    /// The listeners answer.
    pub fn ready(&self) {
        self.say("READY=1");
    }

    /// The stop has begun.
    pub fn stopping(&self) {
        self.say("STOPPING=1");
    }

    /// One line for `systemctl status`.
    pub fn status(&self, line: &str) {
        self.say(&format!("STATUS={}", line.replace('\n', " ")));
    }

    pub(super) fn alive(&self) {
        self.say("WATCHDOG=1");
    }

    fn say(&self, message: &str) {
        let Some(socket) = &self.socket else { return };
        if let Err(error) = socket.send(message.as_bytes()) {
            tracing::warn!(%error, message, "systemd did not take a message");
        }
    }
}

fn connect(path: &OsStr) -> io::Result<UnixDatagram> {
    let address = match path.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(path)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.connect_addr(&address)?;
    // A full queue must not stop the loop that reports.
    socket.set_nonblocking(true)?;
    Ok(socket)
}
