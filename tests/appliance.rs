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

/// The values of a key in a unit, in their order.
fn values(unit: &str, key: &str) -> Vec<String> {
    let text = fs::read_to_string(in_repository("systemd").join(unit)).unwrap();
    let values = text.lines().filter_map(|line| line.split_once('='));
    values
        .filter(|(name, _)| *name == key)
        .map(|(_, value)| value.to_owned())
        .collect()
}

#[test]
fn the_kiosks_compositor_may_use_the_folder_that_its_session_gives_it() {
    // pam_systemd sets XDG_RUNTIME_DIR to /run/user/UID, which these values of ProtectHome hide;
    // strict would leave it, but this unit's profile lies in /run.
    assert_eq!(values("easel-kiosk.service", "PAMName"), ["login"]);
    assert!(values("easel-kiosk.service", "ProtectHome").is_empty());
    let hidden = values("easel-kiosk.service", "InaccessiblePaths");
    assert_eq!(hidden, ["-/home -/root"]);
}

#[test]
fn the_daemon_may_write_to_the_folders_that_the_settings_propose() {
    let may = values("easel.service", "ReadWritePaths");
    assert_eq!(may, ["-/srv/easel"]);
    let example = fs::read_to_string(in_repository("config/example.toml")).unwrap();
    let proposed = example
        .lines()
        .filter_map(|line| line.split_once("dir = \"/"))
        .filter_map(|(_, rest)| rest.split('"').next());
    let proposed: Vec<_> = proposed.collect();
    assert!(!proposed.is_empty());
    for dir in proposed {
        assert!(dir.starts_with("srv/easel/"), "/{dir}");
    }
}

#[test]
fn cameras_are_the_daemons_after_all_rules_that_tell_what_a_camera_is() {
    // libgphoto2's rules set the group of what they call a camera; uaccess comes after both.
    let rules = fs::read_dir(in_repository("systemd")).unwrap();
    let names = rules.map(|file| file.unwrap().file_name().into_string().unwrap());
    let rules: Vec<_> = names.filter(|name| name.ends_with(".rules")).collect();
    assert_eq!(rules.len(), 1);
    for name in rules {
        let place = "60-libgphoto2-6.rules"..="70-uaccess.rules";
        assert!(place.contains(&&*name), "{name}");
    }
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
        "lib/udev/rules.d/61-easel.rules",
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

/// What a maintainer script does, with every program that it calls replaced by one that says so.
fn told(package: &Package, script: &str, arguments: &[&str], enabled: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    for program in [
        "systemctl",
        "udevadm",
        "systemd-sysusers",
        "install",
        "chgrp",
        "chmod",
        "rm",
    ] {
        let path = dir.path().join(program);
        let text = format!(
            "#!/bin/sh\necho {program} \"$@\" >> {}\n\
             case \"$*\" in *is-enabled*) case \"{enabled}\" in *${{3%.service}}*) ;; *) exit 1;; esac;; esac\n",
            log.display()
        );
        fs::write(&path, text).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&path, mode).unwrap();
    }
    let text = fs::read_to_string(package.root.join("DEBIAN").join(script)).unwrap();
    // As on a machine that systemd runs, and that has no settings file.
    let text = text
        .replace("/run/systemd/system", "/")
        .replace("/etc/easel/easel.toml", "/nowhere");
    content(
        Command::new("/bin/sh")
            .env("PATH", dir.path())
            .args(["-c", &text, script])
            .args(arguments),
    );
    fs::read_to_string(log).unwrap_or_default()
}

#[test]
fn what_was_enabled_is_started_again_by_every_kind_of_installation() {
    let package = package();
    let first = told(&package, "postinst", &["configure", ""], "easel,");
    assert!(
        first.contains("systemctl enable easel.service\n"),
        "{first}"
    );
    assert!(
        first.contains("systemctl restart easel.service\n"),
        "{first}"
    );
    assert!(first.contains("udevadm trigger --action=add"), "{first}");
    assert!(
        !first.contains("nowhere"),
        "there is no settings file: {first}"
    );

    // A removal disables nothing; dpkg tells the next installation the version of before.
    let removed = told(&package, "prerm", &["remove"], "easel,");
    assert_eq!(
        removed,
        "systemctl stop easel-kiosk.service easel.service\n"
    );
    assert_eq!(told(&package, "prerm", &["upgrade", "0.2"], "easel,"), "");
    let again = told(
        &package,
        "postinst",
        &["configure", "0.1"],
        "easel,easel-kiosk",
    );
    assert!(!again.contains(" enable "), "{again}");
    for unit in ["easel", "easel-kiosk"] {
        let restart = format!("systemctl restart {unit}.service\n");
        assert!(again.contains(&restart), "{again}");
    }
    let disabled = told(&package, "postinst", &["configure", "0.1"], "none");
    assert!(!disabled.contains("systemctl restart"), "{disabled}");

    let purged = told(&package, "postrm", &["purge"], "");
    for gone in [
        "/var/lib/easel",
        "wants/easel.service",
        "wants/easel-kiosk.service",
    ] {
        assert!(purged.contains(gone), "{purged}");
    }
}
