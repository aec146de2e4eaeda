//! What an installed booth is made of: its units, and the Debian package that brings them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const UNITS: [&str; 2] = ["easel.service", "easel-kiosk.service"];
/// What each may be exposed at most; `systemd-analyze security` counts in tenths.
const MOST_EXPOSURE: [(&str, u32); 2] = [("easel.service", 15), ("easel-kiosk.service", 25)];

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
fn units_are_exposed_no_more_than_they_must_be() {
    for (unit, most) in MOST_EXPOSURE {
        let threshold = format!("--threshold={most}");
        content(
            Command::new("systemd-analyze")
                .args(["security", "--offline=true", &threshold])
                .arg(in_repository("systemd").join(unit)),
        );
    }
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
    // pam_systemd sets XDG_RUNTIME_DIR to /run/user/UID, which these values of ProtectHome hide.
    assert_eq!(values("easel-kiosk.service", "PAMName"), ["login"]);
    assert!(values("easel-kiosk.service", "ProtectHome").is_empty());
    let hidden = &values("easel-kiosk.service", "InaccessiblePaths")[0];
    assert!(hidden.starts_with("-/home -/root "), "{hidden}");
    assert_eq!(
        values("easel-kiosk.service", "ReadWritePaths"),
        ["-/run/user"]
    );
}

#[test]
fn what_bounds_the_kiosks_unit_by_its_group_bounds_its_sessions_too() {
    let prepared = values("easel-kiosk.service", "ExecStartPre");
    let slice = prepared.iter().find(|line| line.contains(".slice"));
    let slice = slice.unwrap().replace('"', "");
    for key in [
        "IPAddressDeny",
        "IPAddressAllow",
        "DevicePolicy",
        "DeviceAllow",
    ] {
        let bounds = values("easel-kiosk.service", key);
        assert!(!bounds.is_empty());
        for value in bounds {
            let bound = format!("{key}={value}");
            assert!(slice.contains(&bound), "{bound} is not in {slice}");
        }
    }
}

#[test]
fn the_kiosk_goes_where_the_daemon_says_and_its_browser_nowhere_else() {
    let environment = values("easel-kiosk.service", "EnvironmentFile");
    assert_eq!(environment, ["/run/easel/kiosk.env"]);
    assert_eq!(values("easel.service", "RuntimeDirectory"), ["easel"]);
    let start = &values("easel-kiosk.service", "ExecStart")[0];
    assert!(start.ends_with(" ${EASEL_KIOSK}/"), "{start}");

    // The policy as the unit makes it.
    let prepared = values("easel-kiosk.service", "ExecStartPre");
    let policy = prepared.iter().find(|line| line.contains("policies"));
    let script = policy.unwrap().strip_prefix("/bin/sh -c '").unwrap();
    let script = script.strip_suffix('\'').unwrap();
    let template = in_repository("packaging/chromium-policy.json");
    let script = script.replace(
        "/usr/share/easel/chromium-policy.json",
        template.to_str().unwrap(),
    );
    let dir = tempfile::tempdir().unwrap();
    content(
        Command::new("/bin/sh")
            .args(["-c", &script])
            .env("EASEL_KIOSK", "http://127.0.0.1:9000")
            .current_dir(dir.path()),
    );
    let policy = fs::read(dir.path().join("policies/easel.json")).unwrap();
    let policy: serde_json::Value = serde_json::from_slice(&policy).unwrap();
    assert_eq!(policy["URLBlocklist"], serde_json::json!(["*"]));
    for allowed in ["URLAllowlist", "VideoCaptureAllowedUrls"] {
        assert_eq!(
            policy[allowed],
            serde_json::json!(["http://127.0.0.1:9000"])
        );
    }
    let laid = values("easel-kiosk.service", "BindReadOnlyPaths");
    assert_eq!(
        laid,
        ["-/run/easel-kiosk/policies:/etc/chromium/policies/managed"]
    );
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
    packed("none")
}

fn packed(compression: &str) -> Package {
    let dir = tempfile::tempdir().unwrap();
    let (file, root) = (dir.path().join("easel.deb"), dir.path().join("root"));
    let mut build = Command::new(in_repository("scripts/deb"));
    build
        .env("DEB_COMPRESSION", compression)
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
        "usr/share/easel/chromium-policy.json",
        "usr/share/easel/easel.toml",
        "usr/share/doc/easel/README.md",
        "usr/share/doc/easel/changelog.gz",
        "usr/share/man/man1/easel.1.gz",
        "usr/share/man/man1/easel-doctor.1.gz",
        "usr/share/bash-completion/completions/easel",
    ] {
        assert!(package.root.join(path).is_file(), "{path}");
    }
    for script in ["preinst", "postinst", "prerm", "postrm"] {
        let path = package.root.join("DEBIAN").join(script);
        content(Command::new("sh").arg("-n").arg(path));
    }

    // Nothing that dpkg would ask about.
    assert!(!package.root.join("DEBIAN/conffiles").exists());
    assert!(!package.root.join("etc/easel").exists());

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
}

#[test]
fn lintian_finds_nothing_but_what_an_override_explains() {
    // Pressed, which it asks for.
    let package = packed("gzip");
    let mut lintian = Command::new("lintian");
    lintian
        .args(["--allow-root", "--fail-on", "error,warning"])
        .arg(&package.file);
    let said = content(&mut lintian);
    assert!(!said.contains("easel:"), "{said}");
    let overrides = in_repository("packaging/lintian-overrides");
    let overrides = fs::read_to_string(overrides).unwrap();
    let mut before = "";
    for line in overrides.lines() {
        assert!(
            line.starts_with("# ") || before.starts_with('#') || before.starts_with("easel: "),
            "no reason for {line}"
        );
        before = line;
    }
}

#[test]
fn whose_work_is_in_the_package_is_told_with_its_terms() {
    let package = package();
    let told = package.root.join("usr/share/doc/easel/copyright");
    let told = fs::read_to_string(told).unwrap();
    for (work, terms) in [
        ("crates/tokio-1.", "Permission is hereby granted"),
        ("crates/tikv-jemalloc-sys-", "Jason Evans"),
        ("crates/turbojpeg-sys-", "Independent JPEG Group"),
        ("assets/fonts/*", "SIL OPEN FONT LICENSE"),
        ("assets/models/*", "VIPL"),
        ("assets/portraits/*", "public domain"),
        ("kiosk-ui/dist/assets/*", "Svelte Contributors"),
    ] {
        let mut paragraphs = told.split("\nFiles: ");
        let paragraph = paragraphs.find(|text| text.contains(work));
        let paragraph = paragraph.unwrap_or_else(|| panic!("nothing of {work}"));
        assert!(paragraph.contains(terms), "{paragraph}");
    }
    // What only tests is not in it.
    assert!(!told.contains("crates/proptest-"));
}

#[test]
fn the_packaged_settings_hold_together_and_are_those_of_an_installed_booth() {
    let package = package();
    let settings = package.root.join("usr/share/easel/easel.toml");
    let mut show = Command::new(env!("CARGO_BIN_EXE_easel"));
    let shown = content(
        show.env_clear()
            .args(["settings", "--config"])
            .arg(settings),
    );
    assert!(shown.contains(r#"data_dir = "/var/lib/easel""#), "{shown}");
    assert!(shown.contains("sample_fallback = false"), "{shown}");
}

/// What a maintainer script does where systemd runs, with every program that it calls replaced by one
/// that says so.
fn told(package: &Package, script: &str, arguments: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    for program in [
        "systemctl",
        "deb-systemd-helper",
        "deb-systemd-invoke",
        "dpkg-maintscript-helper",
        "start-stop-daemon",
        "udevadm",
        "systemd-sysusers",
        "install",
        "chgrp",
        "chmod",
        "cat",
        "rm",
    ] {
        let path = dir.path().join(program);
        let text = format!("#!/bin/sh\necho {program} \"$@\" >> {}\n", log.display());
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
    let restart = "deb-systemd-invoke restart easel.service easel-kiosk.service\n";
    let first = told(&package, "postinst", &["configure", ""]);
    let enable = "deb-systemd-helper enable easel.service\n";
    assert!(first.contains(enable), "{first}");
    assert!(first.contains(restart), "{first}");
    assert!(first.contains("udevadm trigger --action=add"), "{first}");
    let make = "install -m 0640 -o root -g easel /usr/share/easel/easel.toml /nowhere\n";
    assert!(first.contains(make), "{first}");

    // A removal disables nothing; dpkg tells the next installation the version of before.
    let removed = told(&package, "prerm", &["remove"]);
    let stop = "deb-systemd-invoke stop easel-kiosk.service easel.service\n";
    assert!(removed.starts_with(stop), "{removed}");
    assert_eq!(told(&package, "prerm", &["upgrade", "0.2"]), "");
    let again = told(&package, "postinst", &["configure", "0.1"]);
    assert!(!again.contains(" enable "), "{again}");
    assert!(again.contains(restart), "{again}");
    // Who has deleted the settings file has all of them in the environment.
    assert!(!again.contains("nowhere"), "{again}");

    let purged = told(&package, "postrm", &["purge"]);
    for gone in [
        "rm -rf /var/lib/easel /etc/easel",
        "purge easel.service easel-kiosk.service",
    ] {
        assert!(purged.contains(gone), "{purged}");
    }
}
