//! The address that staff chose, kept over restarts.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::choice::Candidate;

/// The file in the data directory.
const FILE: &str = "address.json";

/// An interface, and which of its addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The interface's name.
    pub interface: String,
    /// The address it had when it was chosen.
    pub address: IpAddr,
}

impl Pin {
    pub(super) fn is(&self, one: &Candidate) -> bool {
        self.interface == one.interface && self.address == one.address
    }
}

/// Where the choice is kept.
#[derive(Debug)]
pub(super) struct PinFile {
    folder: PathBuf,
}

impl PinFile {
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// What is kept. One that does not read is said once and is none.
    pub(super) fn read(&self) -> Option<Pin> {
        let path = self.folder.join(FILE);
        let read = fs::read(&path).and_then(|text| Ok(serde_json::from_slice(&text)?));
        match read {
            Ok(pin) => Some(pin),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(%error, file = %path.display(), "the chosen address does not read");
                None
            }
        }
    }

    /// Keeps it, or keeps none. It is there whole or not at all, also after a power cut.
    pub(super) fn write(&self, pin: Option<&Pin>) -> io::Result<()> {
        let path = self.folder.join(FILE);
        match pin {
            Some(pin) => {
                let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
                file.write_all(&serde_json::to_vec(pin)?)?;
                file.as_file().sync_all()?;
                file.persist(&path)?;
            }
            None => match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            },
        }
        fs::File::open(&self.folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_kept_changed_and_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = PinFile::in_folder(folder.path());
        assert_eq!(file.read(), None);
        file.write(None).unwrap();
        for address in ["10.42.0.1", "fd00::7"] {
            let pin = Pin {
                interface: "wlan0".to_owned(),
                address: address.parse().unwrap(),
            };
            file.write(Some(&pin)).unwrap();
            assert_eq!(PinFile::in_folder(folder.path()).read(), Some(pin));
        }
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert_eq!(file.read(), None, "what does not read stops no booth");
        file.write(None).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
