//! A CUPS of our own: one queue with the real driver of a dye-sublimation printer, into a file.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::Command;

use super::{Port, Running, listens};

/// A scheduler with its folders.
#[derive(Debug)]
pub(crate) struct Cups {
    dir: TempDir,
    port: Port,
    scheduler: Option<Running>,
}

impl Cups {
    /// Starts one, as root or as whoever runs the tests.
    pub(crate) async fn on() -> Self {
        Self::with("").await
    }

    /// One that keeps no finished jobs.
    pub(crate) async fn forgetful() -> Self {
        Self::configured("PreserveJobHistory No\n", "").await
    }

    /// One as Debian brings it: only an administrator may start a stopped queue.
    pub(crate) async fn guarded() -> Self {
        Self::with("<Limit Resume-Printer>\nAuthType Default\nRequire user @SYSTEM\n</Limit>\n")
            .await
    }

    async fn with(limits: &str) -> Self {
        Self::configured("", limits).await
    }

    async fn configured(more: &str, limits: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = rustix::process::geteuid().is_root();
        // cupsd refuses to write to files for root, and to run filters as root.
        let (user, group) = if root {
            ("lp".to_owned(), "lp".to_owned())
        } else {
            (whoami(), own_group())
        };
        let place = |name: &str| dir.path().join(name).display().to_string();
        let port = Port::free();
        let files = format!(
            "ServerRoot {}\nRequestRoot {}\nTempDir {}\nCacheDir {}\nStateDir {}\n\
             AccessLog {}\nErrorLog {}\nPageLog {}\nPrintcap\nFileDevice Yes\n\
             User {user}\nGroup {group}\n",
            place("root"),
            place("run"),
            place("tmp"),
            place("cache"),
            place("state"),
            place("access_log"),
            place("error_log"),
            place("page_log"),
        );
        let scheduler = format!(
            "Listen 127.0.0.1:{port}\nBrowsing Off\nWebInterface No\nDefaultAuthType Basic\n\
             LogLevel warn\n{more}ErrorPolicy retry-current-job\nJobRetryInterval 1\n\
             DirtyCleanInterval 0\n\
             <Location />\nOrder allow,deny\nAllow localhost\n</Location>\n\
             <Policy default>\nJobPrivateAccess all\nJobPrivateValues none\n\
             SubscriptionPrivateAccess all\nSubscriptionPrivateValues none\n{limits}\
             <Limit All>\nOrder deny,allow\n</Limit>\n</Policy>\n"
        );
        for folder in ["root", "run", "tmp", "cache", "state", "out"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        fs::write(dir.path().join("cups-files.conf"), files).unwrap();
        fs::write(dir.path().join("cupsd.conf"), scheduler).unwrap();
        // Its backends and filters walk through the folder as another user.
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        if root {
            give_away(dir.path(), &user).await;
        }
        let mut this = Self {
            dir,
            port,
            scheduler: None,
        };
        this.starts_up().await;
        this
    }

    /// Starts the scheduler, again if it ran before.
    pub(crate) async fn starts_up(&mut self) {
        let mut command = Command::new("/usr/sbin/cupsd");
        command
            .arg("-f")
            .arg("-c")
            .arg(self.dir.path().join("cupsd.conf"))
            .arg("-s")
            .arg(self.dir.path().join("cups-files.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.scheduler = Some(listens(&mut command, &self.port).await);
    }

    /// Ends the scheduler in the middle of whatever it does, in the way of a service that is
    /// restarted: it ends its backends before, and begins none of what they did again.
    pub(crate) async fn is_restarted(&mut self) {
        if let Some(mut scheduler) = self.scheduler.take() {
            scheduler.ends().await;
        }
        self.starts_up().await;
    }

    /// Kills the scheduler in the middle of whatever it does: it has noted what it was told, and its
    /// backends go on by themselves.
    pub(crate) fn is_killed(&mut self) {
        self.scheduler = None;
    }

    /// What it has noted of its jobs by now.
    pub(crate) fn notes(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files = fs::read_dir(self.dir.path().join("run")).unwrap().flatten();
        let notes = files.filter(|file| file.file_name().as_encoded_bytes().starts_with(b"c"));
        notes
            .map(|file| (file.path(), fs::read(file.path()).unwrap()))
            .collect()
    }

    /// Kills the scheduler, which has noted nothing since these notes: it writes them after it has
    /// done what they tell of, half a minute later by default.
    pub(crate) async fn is_killed_with(&mut self, notes: &[(PathBuf, Vec<u8>)]) {
        if let Some(mut scheduler) = self.scheduler.take() {
            scheduler.kill();
            let _ = scheduler.0.wait().await;
        }
        for (path, _) in self.notes() {
            fs::remove_file(path).unwrap();
        }
        for (path, text) in notes {
            fs::write(path, text).unwrap();
        }
        // A summary of the notes, which it does without.
        let _ = fs::remove_file(self.dir.path().join("cache/job.cache"));
    }

    /// Whether none of its programs is at work for that device, one that outlived a scheduler
    /// included: they are called by the device's address.
    pub(crate) fn has_let_go_of(device: &str) -> bool {
        let programs = fs::read_dir("/proc").unwrap().flatten();
        let mut called =
            programs.filter_map(|program| fs::read(program.path().join("cmdline")).ok());
        !called.any(|name| name.starts_with(device.as_bytes()))
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.number
    }

    /// Adds a queue for a DNP DS-RX1 that prints into [`Self::out`].
    pub(crate) async fn add_dnp(&self, queue: &str) -> String {
        let device = format!("file://{}", self.out(queue).display());
        self.add(queue, &device, "gutenprint.5.3://dnp-dsrx1/expert")
            .await
    }

    /// Adds a queue that hands on what it is given.
    pub(crate) async fn add_raw(&self, queue: &str, device: &str) -> String {
        self.add(queue, device, "raw").await
    }

    /// Adds a queue that hands on to an IPP Everywhere printer.
    pub(crate) async fn add_everywhere(&self, queue: &str, device: &str) -> String {
        self.add(queue, device, "everywhere").await
    }

    async fn add(&self, queue: &str, device: &str, model: &str) -> String {
        self.tool("lpadmin", &["-p", queue, "-E", "-v", device, "-m", model])
            .await;
        format!("ipp://127.0.0.1:{}/printers/{queue}", self.port)
    }

    /// Stops a queue as a fault does, with words of its own.
    pub(crate) async fn stops(&self, queue: &str, why: &str) {
        self.tool("cupsdisable", &["-r", why, queue]).await;
    }

    /// Changes an option of the queue.
    pub(crate) async fn set(&self, queue: &str, option: &str) {
        self.tool("lpadmin", &["-p", queue, "-o", option]).await;
    }

    /// Starts it again, as an administrator does.
    pub(crate) async fn starts(&self, queue: &str) {
        self.tool("cupsenable", &[queue]).await;
    }

    /// Where the queue's printer would be.
    pub(crate) fn out(&self, queue: &str) -> PathBuf {
        self.dir.path().join("out").join(queue)
    }

    /// The driver's commands in what the printer was sent: `CNTRL QTY 000000080000002` and so on.
    pub(crate) fn commands(&self, queue: &str) -> Vec<String> {
        let bytes = fs::read(self.out(queue)).unwrap_or_default();
        let mut commands = Vec::new();
        let mut rest = bytes.as_slice();
        // `ESC P`, a word of 6 letters, one of 16, the length of what follows in 8 digits.
        while let Some(at) = rest.windows(2).position(|window| window == b"\x1bP") {
            let Some(head) = rest.get(at + 2..at + 32) else {
                break;
            };
            let text = String::from_utf8_lossy(head).into_owned();
            let length: usize = text[22..].trim().parse().unwrap_or(0);
            let small = length <= 64;
            let argument = rest.get(at + 32..at + 32 + length).filter(|_| small);
            let argument = String::from_utf8_lossy(argument.unwrap_or_default());
            let (word, what) = (text[..6].trim(), text[6..22].trim());
            commands.push(format!("{word} {what} {argument}").trim().to_owned());
            rest = rest.get(at + 32 + length..).unwrap_or_default();
        }
        commands
    }

    /// Whether its spool holds these bytes: documents, and what it notes of jobs.
    pub(crate) fn keeps(&self, bytes: &[u8]) -> bool {
        fs::read_dir(self.dir.path().join("run"))
            .unwrap()
            .any(|file| {
                let content = fs::read(file.unwrap().path()).unwrap_or_default();
                content.windows(bytes.len()).any(|window| window == bytes)
            })
    }

    /// How often it was asked for that operation.
    pub(crate) fn asked_for(&self, operation: &str) -> usize {
        let log = fs::read_to_string(self.dir.path().join("access_log")).unwrap();
        log.lines().filter(|line| line.contains(operation)).count()
    }

    async fn tool(&self, program: &str, arguments: &[&str]) {
        let server = format!("127.0.0.1:{}", self.port);
        let done = Command::new(format!("/usr/sbin/{program}"))
            // Where it finds what makes it an administrator here.
            .env("CUPS_STATEDIR", self.dir.path().join("state"))
            .args(["-h", &server])
            .args(arguments)
            .output()
            .await
            .unwrap_or_else(|e| panic!("{program}: {e}"));
        assert!(done.status.success(), "{program}: {done:?}");
    }
}

async fn give_away(dir: &Path, user: &str) {
    let mut command = Command::new("chown");
    let done = command
        .arg("-R")
        .arg(format!("{user}:{user}"))
        .arg(dir)
        .status()
        .await;
    assert!(done.unwrap().success());
}

fn whoami() -> String {
    id("-un")
}

fn own_group() -> String {
    id("-gn")
}

fn id(what: &str) -> String {
    let said = std::process::Command::new("id").arg(what).output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}
