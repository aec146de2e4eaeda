//! A receipt printer behind a device file, as the kernel makes for USB (`/dev/usb/lp0`).
//!
//! It is written to and not asked: such printers say nothing of themselves, or nothing that all of
//! them say alike. A sheet counts once the kernel has taken all of it; one that was begun and cannot
//! be ended is left to staff.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rustix::fs::OFlags;
use tokio::sync::Mutex as Turn;

use super::seen::Seen;
use super::{encode, status};
use crate::clock::Clock;
use crate::printer::spooled::{
    Delivered, Device, Heard, Left, Look, Made, Memo, Progress, Undelivered, Woken,
};
use crate::printer::{Cause, Condition, Need, Page, PrinterError, Says, Trouble};

/// A printer that takes nothing for so long stands still.
const SLOW: Duration = Duration::from_secs(5);
/// And for so long will not go on with this ticket.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often a full printer is offered more.
const OFFER_EVERY: Duration = Duration::from_millis(100);

/// A receipt printer.
#[derive(Debug)]
pub(in crate::printer) struct DeviceFile {
    uri: String,
    path: PathBuf,
    clock: Arc<dyn Clock>,
    /// One ticket at a time.
    turn: Turn<()>,
    /// How it is while a ticket is under way.
    seen: Seen,
}

impl DeviceFile {
    /// The printer at `file:///dev/usb/lp0`.
    ///
    /// # Errors
    /// [`PrinterError::Disconnected`] if it is no such address.
    pub(in crate::printer) fn new(uri: &str, clock: Arc<dyn Clock>) -> Result<Self, PrinterError> {
        let path = uri
            .strip_prefix("file://")
            .filter(|path| path.starts_with('/'));
        let path = path.ok_or_else(|| {
            let said = format!("{uri} is no address of a device file");
            PrinterError::Disconnected(io::Error::other(said))
        })?;
        Ok(Self {
            uri: uri.to_owned(),
            path: path.into(),
            clock,
            turn: Turn::default(),
            seen: status::mute().into(),
        })
    }

    /// Never waits, neither for the device nor for its reader.
    fn open(&self) -> Result<File, PrinterError> {
        let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).unwrap_or_default();
        let mut options = OpenOptions::new();
        options.write(true).custom_flags(flags);
        options.open(&self.path).map_err(refusal)
    }

    /// Writes all of it as fast as the printer takes it. The error says whether any of it is there.
    async fn write(&self, mut file: &File, bytes: &[u8]) -> Result<(), Undelivered> {
        let (mut rest, mut waited) = (bytes, Duration::ZERO);
        while !rest.is_empty() {
            match file.write(rest) {
                Ok(n) if n > 0 => {
                    rest = &rest[n..];
                    waited = Duration::ZERO;
                    self.seen.remember(status::mute());
                }
                Ok(_) => return Err(undelivered(bytes, rest, gone())),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if e.kind() == ErrorKind::WouldBlock && waited < PATIENCE => {
                    if waited >= SLOW {
                        self.seen.remember(standing());
                    }
                    self.clock.sleep(OFFER_EVERY).await;
                    waited += OFFER_EVERY;
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    let late = PrinterError::TimedOut { after: PATIENCE };
                    return Err(undelivered(bytes, rest, late));
                }
                Err(e) => return Err(undelivered(bytes, rest, refusal(e))),
            }
        }
        Ok(())
    }
}

fn undelivered(bytes: &[u8], rest: &[u8], error: PrinterError) -> Undelivered {
    if bytes.len() == rest.len() {
        Undelivered::Nothing(error)
    } else {
        Undelivered::Unsure(error)
    }
}

fn gone() -> PrinterError {
    PrinterError::Disconnected(ErrorKind::WriteZero.into())
}

fn refusal(e: io::Error) -> PrinterError {
    match e.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => PrinterError::Unusable {
            trouble: Trouble::NotWritable,
            source: e,
        },
        ErrorKind::ResourceBusy => PrinterError::Busy,
        _ => PrinterError::Disconnected(e),
    }
}

fn standing() -> Look {
    Look {
        condition: Condition::Needs,
        needs: vec![Need::Attention],
        remark: Says::default(),
        held: true,
        ..status::mute()
    }
}

#[async_trait]
impl Device for DeviceFile {
    fn name(&self) -> &'static str {
        "escpos"
    }

    fn address(&self) -> &str {
        &self.uri
    }

    async fn look(&self) -> Result<Look, PrinterError> {
        if let Ok(_alone) = self.turn.try_lock() {
            self.open()?;
            return Ok(status::mute());
        }
        self.seen.while_printing().ok_or(PrinterError::Busy)
    }

    fn takes(&self, page: &Page) -> Result<(), String> {
        encode::check(page).map_err(|e| e.to_string())
    }

    async fn prepare(&self, _name: &str, _page: &Page) -> Result<Made, PrinterError> {
        Ok(Made {
            id: 0,
            started: None,
        })
    }

    async fn deliver(&self, _job: &Memo, page: &Page) -> Result<Delivered, Undelivered> {
        let commands = encode::commands(page).map_err(Undelivered::Nothing)?;
        let _alone = self.turn.lock().await;
        self.seen.remember(status::mute());
        let file = self.open().map_err(Undelivered::Nothing)?;
        self.write(&file, &commands.concat()).await?;
        Ok(Delivered::Printed)
    }

    async fn progress(&self, job: &Memo) -> Result<Heard, PrinterError> {
        let broken = Progress::Broken {
            cause: Cause::CutOff,
            reason: String::new(),
        };
        Ok(Heard::only(broken, Some(job)))
    }

    /// What it was sent, it prints.
    async fn erase(&self, _job: &Memo) -> Result<Left, PrinterError> {
        Ok(Left::Perhaps)
    }

    async fn wake(&self) -> Result<Woken, PrinterError> {
        Ok(Woken::Told)
    }
}
