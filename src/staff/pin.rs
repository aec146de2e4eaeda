//! The PIN: made at random, kept as a slow salted hash in a file that only its owner reads.
//!
//! A PIN has few digits; what keeps strangers out is [`super::tries`]. The slow hash (PBKDF2,
//! RFC 8018) is for whoever gets a copy of the file.

mod record;

use std::fmt;
use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use self::record::Record;
use super::settings::{Settings, is_guessable};
use crate::secret::{Entropy, Key, ct_eq};

/// The file in the data directory.
const FILE: &str = "staff.pin";
/// Digits of a PIN that is made here.
const DIGITS: usize = 6;

/// Why the PIN cannot be read or made. The texts are for operators.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// Others can read the file: close it, and make a new PIN.
    #[error(
        "{} can be read or written by others (mode {mode:04o}): run `chmod 600` on it, then \
         `easel staff pin` for a new PIN",
        path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is none of ours: make a new PIN.
    #[error("{} does not read: run `easel staff pin` for a new PIN", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The disk refused.
    #[error("cannot read or write {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the disk said.
        #[source]
        source: io::Error,
    },
}

/// The PIN of this booth, wherever it is kept.
pub struct Pins {
    kept: Kept,
    /// Makes [`Pins::mark`].
    key: Key,
}

enum Kept {
    /// Settings give it, and whoever reads those knows it.
    Given(String),
    File(PathBuf),
}

impl Pins {
    /// The PIN that settings give, or the one in `data`, made there if there is none. A PIN that
    /// was made is returned too, to be said once. One that does not read lets nobody in and is told
    /// in the log: visitors need no PIN, and [`renew`] mends it while the booth runs. Blocks on the
    /// disk, and on the first hash.
    ///
    /// # Errors
    /// [`PinError::Io`] if one was to be made.
    pub fn open(
        settings: &Settings,
        data: &Path,
        key: &Key,
        entropy: &Entropy,
    ) -> Result<(Self, Option<String>), PinError> {
        let key = key.derive("easel staff pin mark");
        if let Some(pin) = settings.pin.reveal() {
            let kept = Kept::Given(pin.to_owned());
            return Ok((Self { kept, key }, None));
        }
        let path = data.join(FILE);
        let fresh = match read(&path) {
            Ok(Some(_)) => None,
            Ok(None) => Some(renew(data, entropy)?),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "nobody gets to the staff's page");
                None
            }
        };
        let kept = Kept::File(path);
        Ok((Self { kept, key }, fresh))
    }

    /// Whether `typed` is the PIN as it is kept now. Blocks for as long as the hash takes.
    ///
    /// # Errors
    /// [`PinError`].
    pub fn is(&self, typed: &str) -> Result<bool, PinError> {
        match &self.kept {
            Kept::Given(pin) => Ok(ct_eq(pin.as_bytes(), typed.as_bytes())),
            Kept::File(path) => Ok(record(path)?.is_of(typed)),
        }
    }

    /// Names the PIN without telling it: another PIN has another mark. Blocks on the disk.
    ///
    /// # Errors
    /// [`PinError`].
    pub fn mark(&self) -> Result<String, PinError> {
        let named = match &self.kept {
            Kept::Given(pin) => self.key.sign(pin.as_bytes()),
            Kept::File(path) => self.key.sign(record(path)?.to_string().as_bytes()),
        };
        Ok(URL_SAFE_NO_PAD.encode(&named[..9]))
    }
}

impl fmt::Debug for Pins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kept {
            Kept::Given(_) => "Pins(given)",
            Kept::File(_) => "Pins(file)",
        })
    }
}

/// Whether a PIN is kept in `data`, and well. Blocks on the disk.
///
/// # Errors
/// [`PinError`].
pub fn is_kept(data: &Path) -> Result<bool, PinError> {
    Ok(read(&data.join(FILE))?.is_some())
}

/// Makes a new PIN, keeps its hash in `data` in place of the old one, and returns it. A booth
/// that runs over `data` asks for it from the next time on.
///
/// # Errors
/// [`PinError::Io`].
pub fn renew(data: &Path, entropy: &Entropy) -> Result<String, PinError> {
    let mut pin = entropy.digits(DIGITS);
    while is_guessable(&pin) {
        pin = entropy.digits(DIGITS);
    }
    let record = Record::of(&pin, entropy);
    let path = data.join(FILE);
    write(data, &path, &record).map_err(|source| PinError::Io { path, source })?;
    Ok(pin)
}

fn write(data: &Path, path: &Path, record: &Record) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".staff-")
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(data)?;
    writeln!(file, "{record}")?;
    // `sudo easel staff pin` must not lock the booth's own user out.
    let (owner, maker) = (fs::metadata(data)?, file.as_file().metadata()?);
    if owner.uid() != maker.uid() {
        fchown(file.as_file(), Some(owner.uid()), Some(owner.gid()))?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    fs::File::open(data)?.sync_all()
}

fn record(path: &Path) -> Result<Record, PinError> {
    read(path)?.ok_or_else(|| PinError::Damaged { path: path.into() })
}

fn read(path: &Path) -> Result<Option<Record>, PinError> {
    let io = |source| PinError::Io {
        path: path.into(),
        source,
    };
    let mode = match fs::metadata(path) {
        Ok(meta) => meta.permissions().mode() & 0o7777,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io(e)),
    };
    if mode & 0o077 != 0 {
        return Err(PinError::Exposed {
            path: path.into(),
            mode,
        });
    }
    let text = fs::read_to_string(path).map_err(io)?;
    let damaged = || PinError::Damaged { path: path.into() };
    text.trim_end().parse().map(Some).map_err(|()| damaged())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::settings::GivenPin;

    fn open(data: &Path) -> (Pins, Option<String>) {
        let entropy = Entropy::system();
        let key = Key::generate(&entropy);
        Pins::open(&Settings::default(), data, &key, &entropy).unwrap()
    }

    #[test]
    fn the_first_start_makes_one_and_later_ones_keep_it() {
        let data = tempfile::tempdir().unwrap();
        let (pins, fresh) = open(data.path());
        let pin = fresh.unwrap();
        assert_eq!(pin.len(), DIGITS);
        assert!(pins.is(&pin).unwrap() && !pins.is("").unwrap());
        let (pins, fresh) = open(data.path());
        assert_eq!(fresh, None);
        assert!(pins.is(&pin).unwrap());
        let file = fs::read_to_string(data.path().join(FILE)).unwrap();
        assert!(!file.contains(&pin), "{file}");
        let mode = fs::metadata(data.path().join(FILE)).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }

    #[test]
    fn a_new_one_counts_at_once_and_has_another_mark() {
        let data = tempfile::tempdir().unwrap();
        let (pins, old) = open(data.path());
        let mark = pins.mark().unwrap();
        assert_eq!(pins.mark().unwrap(), mark);
        let new = renew(data.path(), &Entropy::system()).unwrap();
        assert!(pins.is(&new).unwrap());
        assert_ne!(old.unwrap(), new);
        assert_ne!(pins.mark().unwrap(), mark);
    }

    #[test]
    fn settings_go_before_the_file() {
        let data = tempfile::tempdir().unwrap();
        let settings = Settings {
            pin: GivenPin::new("271828"),
            ..Settings::default()
        };
        let entropy = Entropy::seeded(1);
        let key = Key::generate(&entropy);
        let (pins, fresh) = Pins::open(&settings, data.path(), &key, &entropy).unwrap();
        assert_eq!(fresh, None);
        assert!(pins.is("271828").unwrap() && !pins.is("271829").unwrap());
        assert!(!data.path().join(FILE).exists());
    }

    #[test]
    fn one_that_is_spoiled_closes_the_staffs_page_until_there_is_a_new_one() {
        let data = tempfile::tempdir().unwrap();
        open(data.path());
        fs::write(data.path().join(FILE), "pbkdf2-sha").unwrap();
        let (pins, fresh) = open(data.path());
        assert_eq!(fresh, None, "none is made over what may be put back");
        assert!(matches!(pins.is("271828"), Err(PinError::Damaged { .. })));
        let new = renew(data.path(), &Entropy::system()).unwrap();
        assert!(pins.is(&new).unwrap());
    }

    #[test]
    fn a_file_that_others_can_read_or_that_is_none_is_refused() {
        let data = tempfile::tempdir().unwrap();
        let (pins, _) = open(data.path());
        let path = data.path().join(FILE);
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            pins.is("1"),
            Err(PinError::Exposed { mode: 0o640, .. })
        ));
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        for text in [
            "",
            "271828",
            "pbkdf2-sha256$0$AA$AA",
            "pbkdf2-sha256$1$AA$AA",
        ] {
            fs::write(&path, text).unwrap();
            assert!(
                matches!(pins.is("1"), Err(PinError::Damaged { .. })),
                "{text}"
            );
        }
    }
}
