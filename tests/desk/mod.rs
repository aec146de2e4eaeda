//! What stands on a booth's desk, or something that behaves like it: a printer by IPP, a queue of
//! CUPS, a receipt printer, and a cable that breaks when it is told to.
//!
//! All of it runs on loopback, in folders of its own; dropping a thing switches it off.

#![allow(
    dead_code,
    unused_imports,
    reason = "each test program uses its own part of the desk"
)]

mod cable;
mod cups;
mod ipp_printer;
mod lax_printer;
mod receipts;

use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

pub(crate) use cable::{Break, Cable};
pub(crate) use cups::Cups;
pub(crate) use ipp_printer::{Fault, IppPrinter};
pub(crate) use lax_printer::{LaxPrinter, Manner};
pub(crate) use receipts::Receipts;

/// The last resort: no test depends on it, it only ends one that would wait for ever.
const FOR_EVER: Duration = Duration::from_secs(120);

/// Waits until `so` holds of something that tells no events.
#[track_caller]
pub(crate) fn until<F: AsyncFnMut() -> bool>(what: &str, mut so: F) -> impl Future<Output = ()> {
    let (what, at) = (what.to_owned(), std::panic::Location::caller());
    async move {
        let waiting = async {
            while !so().await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(FOR_EVER, waiting).await.is_err() {
            panic!("{at}: {what} never came");
        }
    }
}

/// A port that nobody listens at now.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

async fn answers(port: u16) -> bool {
    tokio::net::TcpStream::connect(("127.0.0.1", port))
        .await
        .is_ok()
}

/// A program with all it starts, which ends with it.
#[derive(Debug)]
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|e| panic!("{command:?}: {e}"));
        Self(child)
    }

    /// Pulls its plug.
    fn kill(&mut self) {
        let group = self.0.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = group.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}
