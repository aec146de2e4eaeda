//! Where the kiosk's page is, told to the unit that shows it.
//!
//! systemd/easel-kiosk.service reads the file as its environment, so that the browser follows
//! `listen.kiosk` and may not go anywhere else.

use std::fs::Permissions;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The file in the runtime folder.
const FILE: &str = "kiosk.env";

/// The folder that systemd made for the daemon (`RuntimeDirectory=`), if it did.
pub(super) fn folder(env: &[(String, String)]) -> Option<PathBuf> {
    let set = env.iter().find(|(name, _)| name == "RUNTIME_DIRECTORY");
    // The first of several, as systemd separates them.
    let first = set?.1.split(':').next()?;
    (!first.is_empty()).then(|| PathBuf::from(first))
}

/// Writes the page's address, whole or not at all. Everybody may read it.
///
/// # Errors
/// If the folder cannot be written to.
pub(super) fn tell(folder: &Path, kiosk: SocketAddr) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(file, "EASEL_KIOSK=http://{kiosk}")?;
    file.as_file()
        .set_permissions(Permissions::from_mode(0o644))?;
    file.persist(folder.join(FILE))?;
    Ok(())
}
