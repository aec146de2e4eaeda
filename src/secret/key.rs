//! The installation's key: made once, kept in one file that only its owner reads.

use std::fmt;
use std::fs::{File, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::{hkdf, hmac};

use super::{Entropy, ct_eq};

const LEN: usize = 32;

/// 256 secret bits. `Debug` shows none of them, and there is no `Display`.
#[derive(Clone)]
pub struct Key([u8; LEN]);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Others can read the file: close it, and think about who already has.
    #[error(
        "the key file {} can be read or written by others (mode {mode:04o}): run `chmod 600` on it; \
         if someone may have copied it, delete it instead, a new one is made and all links end",
        path.display()
    )]
    Exposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not a key of ours: put the right one back, or delete it for a new one.
    #[error(
        "the key file {} is not {LEN} bytes long: restore it from a backup, or delete it, \
         a new one is made and all links end",
        path.display()
    )]
    Damaged {
        /// The key file.
        path: PathBuf,
    },
    /// The disk refused.
    #[error("cannot read or make the key file {}", path.display())]
    Io {
        /// The key file.
        path: PathBuf,
        /// What the disk said.
        source: io::Error,
    },
}

impl Key {
    /// A fresh key.
    #[must_use]
    pub fn generate(entropy: &Entropy) -> Self {
        Self(entropy.bytes())
    }

    /// Reads the key at `path`, or makes one there with mode 0600.
    ///
    /// The file appears whole or not at all and is on disk before this returns. Of two processes
    /// that make it at the same moment one wins, and both get the winner's key.
    ///
    /// # Errors
    /// [`KeyError`], whose text tells an operator what to do.
    pub fn load_or_create(path: &Path, entropy: &Entropy) -> Result<Self, KeyError> {
        if let Some(key) = Self::load(path)? {
            return Ok(key);
        }
        let key = Self::generate(entropy);
        match key.create_at(path) {
            Ok(()) => Ok(key),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {
                Self::load(path)?.ok_or_else(|| KeyError::Damaged { path: path.into() })
            }
            Err(source) => Err(KeyError::Io {
                path: path.into(),
                source,
            }),
        }
    }

    /// Reads the key at `path`; `None` if there is none yet.
    ///
    /// # Errors
    /// [`KeyError`], whose text tells an operator what to do.
    pub fn load(path: &Path) -> Result<Option<Self>, KeyError> {
        let io = |source| KeyError::Io {
            path: path.into(),
            source,
        };
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(io(e)),
        };
        // Of the open file, not of the path: nobody can swap it in between.
        let metadata = file.metadata().map_err(io)?;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed {
                path: path.into(),
                mode,
            });
        }
        if metadata.len() != LEN as u64 {
            return Err(KeyError::Damaged { path: path.into() });
        }
        let mut bits = [0; LEN];
        file.read_exact(&mut bits).map_err(io)?;
        Ok(Some(Self(bits)))
    }

    /// A key for one purpose, from which neither this one nor any other purpose's can be found
    /// (HKDF-SHA-256, RFC 5869; this key is uniform, so it needs no salt).
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Self {
        let mut out = [0; LEN];
        hkdf::Salt::none(hkdf::HKDF_SHA256)
            .extract(&self.0)
            .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut out))
            .expect("32 bytes are within what HKDF-SHA-256 can give");
        Self(out)
    }

    /// HMAC-SHA-256 (RFC 2104) of `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 32] {
        let mut out = [0; 32];
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        out.copy_from_slice(hmac::sign(&key, message).as_ref());
        out
    }

    /// The bare bits, for libraries that sign with them. Never log, never store.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    fn create_at(&self, path: &Path) -> io::Result<()> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        // Written under another name (made with O_EXCL), then linked into place: had we opened
        // `path` itself with O_EXCL, a power cut could leave half a key there for good.
        let mut file = tempfile::Builder::new()
            .prefix(".key-")
            .permissions(Permissions::from_mode(0o600))
            .tempfile_in(folder)?;
        file.write_all(&self.0)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path).map_err(|e| e.error)?;
        File::open(folder)?.sync_all()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        ct_eq(&self.0, &other.0)
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(••••)")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_key_is_made_once_and_found_again() {
        let folder = folder();
        let path = folder.path().join("booth.key");
        let entropy = Entropy::system();
        let made = Key::load_or_create(&path, &entropy).unwrap();
        assert_eq!(Key::load_or_create(&path, &entropy).unwrap(), made);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
            0o600
        );
        // Nothing but the key is left in the folder.
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn racing_starts_agree_on_one_key() {
        let folder = folder();
        let path = folder.path().join("booth.key");
        let keys: Vec<Key> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| Key::load_or_create(&path, &Entropy::system()).unwrap()))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_with_advice() {
        let folder = folder();
        let path = folder.path().join("booth.key");
        let entropy = Entropy::system();
        Key::load_or_create(&path, &entropy).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o602] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let refusal = Key::load_or_create(&path, &entropy)
                .unwrap_err()
                .to_string();
            assert!(refusal.contains("chmod 600"), "{refusal}");
            assert!(refusal.contains(&format!("{mode:04o}")), "{refusal}");
        }
    }

    #[test]
    fn a_cut_off_key_is_refused_and_not_replaced() {
        let folder = folder();
        let path = folder.path().join("booth.key");
        fs::write(&path, [1; 31]).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let refusal = Key::load_or_create(&path, &Entropy::system()).unwrap_err();
        assert!(matches!(refusal, KeyError::Damaged { .. }));
        assert_eq!(fs::read(&path).unwrap(), [1; 31]);
    }

    #[test]
    fn a_missing_folder_is_said() {
        let folder = folder();
        let path = folder.path().join("nowhere/booth.key");
        let refusal = Key::load_or_create(&path, &Entropy::system()).unwrap_err();
        assert!(matches!(refusal, KeyError::Io { .. }));
    }

    #[test]
    fn nothing_of_the_key_is_printed() {
        let key = Key([0xab; LEN]);
        assert_eq!(format!("{key:?}"), "Key(••••)");
    }

    #[test]
    fn derived_keys_differ_by_purpose_and_repeat() {
        let key = Key::generate(&Entropy::seeded(1));
        assert_eq!(key.derive("a"), key.derive("a"));
        assert_ne!(key.derive("a"), key.derive("b"));
        assert_ne!(key.derive("a"), key);
    }

    #[test]
    fn signatures_are_the_standard_ones() {
        // RFC 4231, test case 2, has a shorter key; HMAC pads with zeros, so ours may be padded.
        let mut bits = [0; LEN];
        bits[..4].copy_from_slice(b"Jefe");
        let mac = Key(bits).sign(b"what do ya want for nothing?");
        assert_eq!(mac[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    }
}
