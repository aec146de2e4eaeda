//! What stands on a booth's desk, or something that behaves like it: a printer by IPP, a queue of
//! CUPS, a receipt printer, and a cable that breaks when it is told to.
//!
//! All of it runs on loopback, in folders of its own; dropping a thing switches it off.

#![allow(
    dead_code,
    unused_imports,
    reason = "each test program uses its own part of the desk"
)]

mod asked;
mod cable;
mod cups;
mod ipp_printer;
mod lax_printer;
mod receipts;
mod unshared;

use std::fmt;
use std::net::{TcpListener, UdpSocket};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::process::{Child, Command};

pub(crate) use asked::{jobs_at, misses_a_job};
pub(crate) use cable::{Break, Cable};
pub(crate) use cups::Cups;
pub(crate) use ipp_printer::{Fault, IppPrinter};
pub(crate) use lax_printer::{LaxPrinter, Manner};
pub(crate) use receipts::Receipts;
pub(crate) use unshared::is_unshared;

/// The last resort: no test depends on it, it only ends one that would wait for ever.
const FOR_EVER: Duration = Duration::from_secs(120);

/// Waits until `so` holds of something that tells no events.
#[track_caller]
pub(crate) fn until<F: AsyncFnMut() -> bool>(what: &str, so: F) -> impl Future<Output = ()> {
    until_or(what, so, async || String::new())
}

/// The same; if it never does, the failure says what `tell` finds.
#[track_caller]
pub(crate) fn until_or<F, T>(what: &str, mut so: F, tell: T) -> impl Future<Output = ()>
where
    F: AsyncFnMut() -> bool,
    T: AsyncFnOnce() -> String,
{
    let (what, at) = (what.to_owned(), std::panic::Location::caller());
    async move {
        let waiting = async {
            while !so().await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(FOR_EVER, waiting).await.is_err() {
            panic!("{at}: {what} never came\n{}", tell().await);
        }
    }
}

/// Linux gives callers ports from 32768 on: what is to listen again at the same port after a while
/// listens below, where no call can have taken it meanwhile.
const PORTS: std::ops::Range<u16> = 12_000..32_000;

/// A port of one thing on the desk, for as long as this value lives, whether or not the thing
/// listens just then: the UDP port of the same number marks it as taken for all test programs of
/// this machine.
#[derive(Debug)]
struct Port {
    number: u16,
    _mark: UdpSocket,
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}

impl Port {
    fn free() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Programs that run at the same time begin at other places.
        let begin = std::process::id().wrapping_mul(97);
        let width = u32::from(PORTS.end - PORTS.start);
        let mut tries = 0..width;
        let found = tries.find_map(|_| {
            let next = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(begin) % width;
            let number = PORTS.start + u16::try_from(next).unwrap();
            let mark = UdpSocket::bind(("127.0.0.1", number)).ok()?;
            let listens = TcpListener::bind(("127.0.0.1", number));
            listens.is_ok().then_some(Self {
                number,
                _mark: mark,
            })
        });
        found.expect("a free port")
    }
}

/// Starts a program that listens at that port, once whatever listened there before has died: what
/// is killed may live on for a moment.
async fn listens(command: &mut Command, port: &Port) -> Running {
    let port = port.number;
    until("the port", async || {
        TcpListener::bind(("127.0.0.1", port)).is_ok()
    })
    .await;
    let mut program = Running::start(command);
    until("the program", async || {
        let ended = program.0.try_wait().unwrap();
        assert!(ended.is_none(), "{command:?}: {ended:?}");
        answers(port).await
    })
    .await;
    program
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

    /// Asks it to end, and waits until it has.
    async fn ends(&mut self) {
        let id = self.0.id().and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        }
        let _ = self.0.wait().await;
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
