//! What an installed booth is made of: its units, and the Debian package that brings them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const UNITS: [&str; 2] = ["easel.service", "easel-kiosk.service"];
/// `systemd-analyze security` counts in tenths.
const MOST_EXPOSURE: u32 = 15;

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs it; all it said, if it was content.
#[track_caller]
fn content(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

/// The units with programs that are on this machine: what is verified is everything else.
fn units_in(dir: &Path) -> Vec<PathBuf> {
    let here = |unit: &str| {
        let text = fs::read_to_string(in_repository("systemd").join(unit)).unwrap();
        let text = text
            .replace("/usr/bin/easel", env!("CARGO_BIN_EXE_easel"))
            .replace("/usr/bin/cage", "/bin/true");
        let path = dir.join(unit);
        fs::write(&path, text).unwrap();
        path
    };
    UNITS.map(here).to_vec()
}

#[test]
fn systemd_understands_every_line_of_the_units() {
    let dir = tempfile::tempdir().unwrap();
    let units = units_in(dir.path());
    let said = content(
        Command::new("systemd-analyze")
            .args(["verify", "--man=no"])
            .args(units),
    );
    // Unknown keys are only warnings.
    assert!(!said.contains(".service:"), "{said}");
}

#[test]
fn the_daemon_is_exposed_no_more_than_a_public_service_must_be() {
    let threshold = format!("--threshold={MOST_EXPOSURE}");
    let unit = in_repository("systemd/easel.service");
    content(
        Command::new("systemd-analyze")
            .args(["security", "--offline=true", &threshold])
            .arg(unit),
    );
}

/// A package of the binary under test.
struct Package {
    _dir: tempfile::TempDir,
    file: PathBuf,
    /// Unpacked, control files in `DEBIAN`.
    root: PathBuf,
}

fn package() -> Package {
    let dir = tempfile::tempdir().unwrap();
    let (file, root) = (dir.path().join("easel.deb"), dir.path().join("root"));
    let mut build = Command::new(in_repository("scripts/deb"));
    build
        .env("DEB_COMPRESSION", "none")
        .arg(env!("CARGO_BIN_EXE_easel"))
        .arg(&file);
    content(&mut build);
    content(
        Command::new("dpkg-deb")
            .arg("--raw-extract")
            .arg(&file)
            .arg(&root),
    );
    Package {
        _dir: dir,
        file,
        root,
    }
}

#[test]
fn the_package_brings_all_a_booth_needs() {
    let package = package();
    for path in [
        "usr/bin/easel",
        "lib/systemd/system/easel.service",
        "lib/systemd/system/easel-kiosk.service",
        "usr/lib/sysusers.d/easel.conf",
        "usr/lib/tmpfiles.d/easel.conf",
        "lib/udev/rules.d/60-easel.rules",
        "usr/share/easel/templates/tickets/museum/ticket.svg",
        "usr/share/doc/easel/README.md",
    ] {
        assert!(package.root.join(path).is_file(), "{path}");
    }
    for script in ["postinst", "prerm", "postrm"] {
        let path = package.root.join("DEBIAN").join(script);
        content(Command::new("sh").arg("-n").arg(path));
    }

    // An upgrade asks before it touches these, and keeps what the operator wrote.
    let kept = fs::read_to_string(package.root.join("DEBIAN/conffiles")).unwrap();
    assert!(kept.lines().any(|line| line == "/etc/easel/easel.toml"));

    let listing = content(
        Command::new("dpkg-deb")
            .arg("--contents")
            .arg(&package.file),
    );
    let modes = |path: &str| {
        listing
            .lines()
            .find(|l| l.ends_with(path))
            .unwrap()
            .to_owned()
    };
    assert!(
        modes(" ./").starts_with("drwxr-xr-x root/root"),
        "it would change /"
    );
    assert!(
        modes("easel.toml").starts_with("-rw-r----- root/root"),
        "it may hold passwords"
    );
}

#[test]
fn the_packaged_settings_hold_together_and_are_those_of_an_installed_booth() {
    let package = package();
    let settings = package.root.join("etc/easel/easel.toml");
    let mut show = Command::new(env!("CARGO_BIN_EXE_easel"));
    let shown = content(
        show.env_clear()
            .args(["settings", "--config"])
            .arg(settings),
    );
    assert!(shown.contains(r#"data_dir = "/var/lib/easel""#), "{shown}");
    assert!(shown.contains("sample_fallback = false"), "{shown}");
}
