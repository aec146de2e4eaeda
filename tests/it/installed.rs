//! README's steps, to the letter, on a fresh Debian 12: installed, set up, started without systemd, a
//! ticket, an upgrade over changed settings, removed and purged.

mod machine;
mod readme;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::house::{Daemon, Staff, a_photo, sheets, text};
use machine::{Machine, content, mode};

const SETTINGS: &str = "/etc/easel/easel.toml";
/// Where packages are put on the machine.
const PACKAGES: &str = "/root";

/// A package of the program under test; it is not pressed, to be quick.
fn package(machine: &Machine, version: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/deb");
    let path = format!("{PACKAGES}/easel_{version}.deb");
    let mut build = Command::new(script);
    build
        .env("DEB_COMPRESSION", "none")
        .env("DEB_VERSION", version)
        .arg(env!("CARGO_BIN_EXE_easel"))
        .arg(machine.at(&path));
    content(&mut build);
    path
}

/// Takes a package apart, has it changed, and puts it together again under another version.
fn altered(machine: &Machine, of: &str, version: &str, change: impl FnOnce(&Path)) -> String {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("root");
    let mut extract = Command::new("dpkg-deb");
    content(extract.arg("--raw-extract").arg(machine.at(of)).arg(&root));
    let control = root.join("DEBIAN/control");
    let lines = fs::read_to_string(&control).unwrap();
    let lines = lines
        .lines()
        .map(|line| match line.strip_prefix("Version: ") {
            Some(_) => format!("Version: {version}\n"),
            None => format!("{line}\n"),
        });
    fs::write(&control, lines.collect::<String>()).unwrap();
    change(&root);
    let path = format!("{PACKAGES}/easel_{version}.deb");
    let mut build = Command::new("dpkg-deb");
    build.args(["--build", "--root-owner-group", "-Znone"]);
    content(build.arg(&root).arg(machine.at(&path)));
    path
}

/// As up to 0.1.0: settings, and a policy for every Chromium, that dpkg asked about.
fn with_conffiles(root: &Path) {
    // Nobody runs it: it need not be as large.
    fs::write(root.join("usr/bin/easel"), "#!/bin/sh\n").unwrap();
    for (path, text) in [
        ("etc/easel/easel.toml", "# settings of 0.1.0\n"),
        ("etc/chromium/policies/managed/easel.json", "{}\n"),
    ] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, mode(0o644)).unwrap();
    }
    let both = "/etc/easel/easel.toml\n/etc/chromium/policies/managed/easel.json\n";
    fs::write(root.join("DEBIAN/conffiles"), both).unwrap();
    for script in ["preinst", "postrm"] {
        fs::remove_file(root.join("DEBIAN").join(script)).unwrap();
    }
}

/// A later version, whose settings have other defaults.
fn with_other_defaults(root: &Path) {
    let shipped = root.join("usr/share/easel/easel.toml");
    let text = fs::read_to_string(&shipped).unwrap();
    fs::write(shipped, text + "#[later]\n").unwrap();
}

/// `apt install ./easel.deb`, with nobody there to answer; what it said.
#[track_caller]
fn installs(machine: &Machine, package: &str) -> String {
    // Without what it recommends: cage and Chromium are 500 MB that no check here needs.
    machine.does(&format!(
        "apt install --yes --no-install-recommends .{package}"
    ))
}

#[track_caller]
fn writes(machine: &Machine, settings: &str) {
    // Into the file that is there, as an editor does.
    fs::write(machine.at(SETTINGS), settings).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn readme_to_the_letter() {
    let machine = Machine::fresh();
    // Who runs the tethering program.
    machine.does("useradd photo");
    let bare = machine.files();
    let this = package(&machine, "0.1.1");
    let old = altered(&machine, &this, "0.1.0", with_conffiles);
    let later = altered(&machine, &this, "0.1.2", with_other_defaults);

    over_a_version_with_conffiles(&machine, &old, &this);
    installed_for_the_first_time(&machine, &this);
    every_piece_of_settings_holds_together(&machine);
    let tethered = the_tethering_programs_folder(&machine);
    writes(&machine, &tethered);

    let mut command = machine.command("exec runuser -u easel -- easel run");
    command
        .env("EASEL__LISTEN__KIOSK", "127.0.0.1:0")
        .env("EASEL__LISTEN__PUBLIC", "127.0.0.1:0");
    let mut daemon = Daemon::started_by(command.into()).await;
    a_first_ticket(&machine, &mut daemon).await;

    installs(&machine, &later);
    assert_eq!(machine.text(SETTINGS), tethered);
    assert!(
        machine
            .text("/usr/share/easel/easel.toml")
            .ends_with("#[later]\n")
    );
    assert_eq!(daemon.kiosk.get("/healthz").answer().await.status, 200);

    // A removal stops it, and keeps what a later installation finds again.
    machine.does("apt remove --yes easel");
    assert!(
        daemon.ends().await.success(),
        "it finished what it had begun"
    );
    assert_eq!(machine.text(SETTINGS), tethered);
    assert!(machine.at("/var/lib/easel/easel.db").exists());
    machine.does("apt purge --yes easel");
    fs::remove_dir_all(machine.at("/srv/easel")).unwrap();
    let now = machine.files();
    let not_ours = |path: &&PathBuf| !path.starts_with("root");
    let left: Vec<_> = now.difference(&bare).filter(not_ours).collect();
    assert!(left.is_empty(), "a purge leaves {left:?}");
}

/// Nothing is asked, and what was changed is kept: the old settings were a conffile.
fn over_a_version_with_conffiles(machine: &Machine, old: &str, this: &str) {
    installs(machine, old);
    let changed = "[booth]\nevent = \"Changed\"\n";
    writes(machine, changed);
    let said = installs(machine, this);
    assert_eq!(machine.text(SETTINGS), changed);
    assert!(
        said.contains("settings and records are as they were"),
        "{said}"
    );
    assert!(
        !machine
            .at("/etc/chromium/policies/managed/easel.json")
            .exists()
    );
    machine.does("apt purge --yes easel");
    assert!(!machine.at("/etc/easel").exists());
}

fn installed_for_the_first_time(machine: &Machine, package: &str) {
    let said = installs(machine, package);
    for next in [
        SETTINGS,
        "http://127.0.0.1:8080",
        "PIN",
        "easel doctor",
        "README.md",
    ] {
        assert!(said.contains(next), "nothing of {next} in {said}");
    }
    assert_eq!(machine.owner(SETTINGS), "root:easel 640");
    assert_eq!(machine.owner("/etc/easel"), "root:easel 750");
    assert_eq!(machine.owner("/var/lib/easel"), "easel:easel 700");
    let starts = "/etc/systemd/system/multi-user.target.wants/easel.service";
    assert!(fs::symlink_metadata(machine.at(starts)).is_ok());
    let policies = fs::read_dir(machine.at("/etc/chromium/policies/managed")).unwrap();
    assert_eq!(policies.count(), 0, "other Chromiums are left alone");
}

fn every_piece_of_settings_holds_together(machine: &Machine) {
    let shipped = machine.text(SETTINGS);
    let pieces = readme::blocks();
    let pieces: Vec<_> = pieces.iter().filter(|b| b.is_settings()).collect();
    assert!(pieces.len() >= 2, "{pieces:?}");
    for piece in pieces {
        writes(machine, &readme::written(&shipped, piece));
        machine.does_as("easel", "easel settings");
    }
    writes(machine, &shipped);
}

/// What another user's program puts there, the daemon can read and remove. Settings with that folder.
fn the_tethering_programs_folder(machine: &Machine) -> String {
    machine.does(&readme::block_with("/srv/easel/tether", false).0);
    machine.does_as(
        "photo",
        "umask 022; cd /srv/easel/tether; echo 1 > 1.jpg; mkdir -p day/roll; echo 2 > day/roll/2.jpg",
    );
    machine.does_as(
        "easel",
        "cd /srv/easel/tether; cat 1.jpg day/roll/2.jpg; rm 1.jpg day/roll/2.jpg; rmdir -p day/roll",
    );
    let piece = readme::block_with("/srv/easel/tether", true);
    readme::written(&machine.text(SETTINGS), &piece)
}

/// The PIN that the first start says lets in; a visitor gets a sheet.
async fn a_first_ticket(machine: &Machine, daemon: &mut Daemon) {
    let said = daemon.says().await;
    let pin = said.split(" PIN ").nth(1).and_then(|s| s.split(' ').next());
    Staff::enters_with(&daemon.kiosk, pin.unwrap()).await;

    let visitor = daemon.visitor().await;
    visitor.sits(a_photo(1)).await;
    let painted = visitor.waits().await;
    let ticket = visitor
        .takes_a_ticket(&painted["paintings"][0], "Ada")
        .await;
    let ordered = visitor.orders(&ticket, 1, "first").await.granted(202);
    visitor.waits_for_print(&ordered["print"]).await;
    let data = machine.at("/var/lib/easel");
    assert_eq!(sheets(&data, text(&ordered["print"]["id"])).len(), 1);
}
