//! A fresh Debian 12 in a folder, for a package to be installed on.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// What programs find there, and nothing of this machine's.
const ENVIRONMENT: [(&str, &str); 2] = [
    ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
    ("LC_ALL", "C.UTF-8"),
];

/// A Debian of its own: another root, this machine's network and processes, no systemd.
pub(super) struct Machine {
    // Ended before its folder goes: it holds what is mounted there.
    keeper: Child,
    dir: tempfile::TempDir,
}

impl Machine {
    /// As debootstrap makes it. What README presupposes is on it: systemd, and `acl`, which it would
    /// fetch from a network otherwise.
    pub(super) fn fresh() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "a Debian to install the package on is made by root only (chroot, mount)"
        );
        let dir = tempfile::tempdir().unwrap();
        let mut made = Command::new("debootstrap");
        made.args(["--variant=minbase", "--include=systemd,acl", "bookworm"])
            .arg(dir.path())
            .args(mirror());
        content(&mut made);
        // Everybody may enter, as on a machine that is not in a folder.
        fs::set_permissions(dir.path(), mode(0o755)).unwrap();
        let mut keeper = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c"])
            .arg("mount -t proc proc \"$0/proc\" && echo mounted && exec cat >/dev/null")
            .arg(dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let output = keeper.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut said).unwrap();
        assert_eq!(said, "mounted\n", "unshare --mount, as root");
        Self { keeper, dir }
    }

    /// A path on it, as seen from here.
    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path.trim_start_matches('/'))
    }

    /// The text of a file on it.
    #[track_caller]
    pub(super) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap()
    }

    /// A command that its root types. Who asks something there gets no answer.
    pub(super) fn command(&self, script: &str) -> Command {
        let mut command = Command::new("nsenter");
        command
            .arg(format!("--mount=/proc/{}/ns/mnt", self.keeper.id()))
            .arg("chroot")
            .arg(self.dir.path())
            .args(["sh", "-ec", script])
            .env_clear()
            .envs(ENVIRONMENT)
            .stdin(Stdio::null());
        command
    }

    /// Its root types that, and all goes well; what was said.
    #[track_caller]
    pub(super) fn does(&self, script: &str) -> String {
        content(&mut self.command(script))
    }

    /// The same, typed by a user of it.
    #[track_caller]
    pub(super) fn does_as(&self, user: &str, script: &str) -> String {
        let mut command = self.command(r#"exec runuser -u "$0" -- sh -ec "$1""#);
        content(command.arg(user).arg(script))
    }

    /// Whose a file is, and who may do what with it: `root:easel 640`.
    #[track_caller]
    pub(super) fn owner(&self, path: &str) -> String {
        let found = self.does(&format!("stat -c '%U:%G %a' {path}"));
        found.trim().to_owned()
    }

    /// Every file and folder on it but for what dpkg, apt and the log keep of everything.
    pub(super) fn files(&self) -> BTreeSet<PathBuf> {
        let mut all = BTreeSet::new();
        collect(self.dir.path(), self.dir.path(), &mut all);
        all
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Its input ends, and so does what is mounted.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Runs it; all it said, if it was content.
#[track_caller]
pub(super) fn content(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let said = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
    assert!(status.success(), "{command:?}: {status}: {said}");
    said
}

pub(super) fn mode(mode: u32) -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(mode)
}

/// Where this machine has its own Debian from, if it says so.
fn mirror() -> Option<String> {
    let mut ask = Command::new("apt-get");
    ask.args([
        "indextargets",
        "--format",
        "$(REPO_URI)",
        "Codename: bookworm",
    ]);
    let said = String::from_utf8(ask.output().ok()?.stdout).ok()?;
    said.lines().next().map(str::to_owned)
}

fn collect(root: &Path, dir: &Path, all: &mut BTreeSet<PathBuf>) {
    const NOT_THE_PACKAGES: [&str; 7] = [
        "proc",
        "dev",
        "tmp",
        "var/lib/dpkg",
        "var/lib/apt",
        "var/cache",
        "var/log",
    ];
    let device = fs::symlink_metadata(root).unwrap().dev();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let below = path.strip_prefix(root).unwrap().to_owned();
        let metadata = fs::symlink_metadata(&path).unwrap();
        if NOT_THE_PACKAGES.iter().any(|not| below == Path::new(not)) || metadata.dev() != device {
            continue;
        }
        if metadata.is_dir() {
            collect(root, &path, all);
        }
        all.insert(below);
    }
}
