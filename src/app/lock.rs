//! One daemon over one data directory, and where it is found.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Seek as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::doctor::Proof;

/// Whoever only looks whether a booth runs holds the lock for some microseconds.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// Held for as long as the booth runs; the kernel lets go of it when the process dies.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

/// What the lock's holder says of itself to whoever may read the data directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contact {
    /// Where its kiosk listener is bound.
    pub(crate) kiosk: SocketAddr,
    /// What it takes from who asks how it is.
    pub(crate) proof: Proof,
}

/// Who runs over a data directory.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Nobody.
    Nobody,
    /// A booth that does not listen yet, or one of an older version.
    Silent,
    /// A booth.
    Booth(Contact),
}

impl Lock {
    pub(super) fn take(data: &Path) -> anyhow::Result<Self> {
        let path = data.join("lock");
        let cannot = |what| format!("cannot {what} {}", path.display());
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .with_context(|| cannot("open"))?;
        for left in (0..TRIES).rev() {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if left > 0 => sleep(BETWEEN_TRIES),
                Err(TryLockError::WouldBlock) => {
                    bail!("another easel already runs on {}", data.display())
                }
                Err(TryLockError::Error(e)) => {
                    return Err(e).context("cannot lock the data directory");
                }
            }
        }
        // What an earlier run said of itself is true no more, and what this one says is nobody else's.
        let emptied = file
            .set_permissions(Permissions::from_mode(0o600))
            .and_then(|()| file.set_len(0));
        emptied.with_context(|| cannot("write"))?;
        Ok(Self { file, path })
    }

    /// Says where this booth is found.
    pub(super) fn tell(&mut self, contact: &Contact) -> anyhow::Result<()> {
        let text = serde_json::to_string(contact).expect("a contact is plain data");
        let told = self
            .file
            .rewind()
            .and_then(|()| self.file.write_all(text.as_bytes()));
        told.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Who runs over `data`; changes nothing.
///
/// # Errors
/// What keeps us from looking.
pub(crate) fn holder(data: &Path) -> io::Result<Holder> {
    let mut file = match File::open(data.join("lock")) {
        Ok(file) => file,
        // There is no data yet, or no place for it.
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Holder::Nobody);
        }
        Err(e) => return Err(e),
    };
    match file.try_lock_shared() {
        Ok(()) => return Ok(Holder::Nobody),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(e)) => return Err(e),
    }
    let mut said = String::new();
    file.read_to_string(&mut said)?;
    let contact = serde_json::from_str(&said);
    Ok(contact.map_or(Holder::Silent, Holder::Booth))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Entropy;

    #[test]
    fn who_holds_it_is_found_by_who_may_read_it_and_forgotten_after() {
        let data = tempfile::tempdir().unwrap();
        let data = data.path();
        assert_eq!(holder(data).unwrap(), Holder::Nobody);
        let mut lock = Lock::take(data).unwrap();
        assert_eq!(holder(data).unwrap(), Holder::Silent);
        let contact = Contact {
            kiosk: "127.0.0.1:8080".parse().unwrap(),
            proof: Proof::generate(&Entropy::seeded(1)),
        };
        lock.tell(&contact).unwrap();
        assert_eq!(holder(data).unwrap(), Holder::Booth(contact));
        let mode = std::fs::metadata(data.join("lock")).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
        assert!(Lock::take(data).is_err(), "one at a time");
        drop(lock);
        assert_eq!(holder(data).unwrap(), Holder::Nobody);
        let _next = Lock::take(data).unwrap();
        assert_eq!(holder(data).unwrap(), Holder::Silent, "what it says is old");
    }
}
