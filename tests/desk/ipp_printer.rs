//! `ippeveprinter`: an IPP Everywhere printer with a counted stack of paper, and faults to order.
//!
//! It wants a D-Bus to announce itself on; it gets one of its own, and announces nothing.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use ipp::model::{DelimiterTag, Operation};
use ipp::value::IppValue;
use tempfile::TempDir;
use tokio::process::Command;
use tokio_util::task::AbortOnDropHandle;

use super::asked::{ask, cancel, empty_job};
use super::{Port, Running, listens, until};

/// What can go wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Jam,
    RibbonOut,
    CoverOpen,
    /// It gives the job up in the middle of it.
    Abort,
}

impl Fault {
    fn word(self) -> &'static str {
        match self {
            Self::Jam => "media-jam-error",
            Self::RibbonOut => "marker-supply-empty-error",
            Self::CoverOpen => "cover-open-error",
            Self::Abort => "abort",
        }
    }
}

/// What it prints with.
const ENGINE: &str = include_str!("../stand-ins/engine");

/// An IPP Everywhere printer.
#[derive(Debug)]
pub(crate) struct IppPrinter {
    dir: TempDir,
    port: Port,
    _bus: Running,
    printer: Option<Running>,
}

impl IppPrinter {
    /// Switches one on, with so much paper.
    pub(crate) async fn with_paper(sheets: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["spool", "keys"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        let engine = dir.path().join("engine");
        fs::write(&engine, ENGINE).unwrap();
        make_executable(&engine);
        for file in ["fault", "tray", "wishes"] {
            fs::write(dir.path().join(file), "").unwrap();
        }
        let bus = dir.path().join("bus");
        let mut command = Command::new("dbus-daemon");
        let address = format!("--address=unix:path={}", bus.display());
        command.args(["--session", "--nofork", &address]);
        let bus_program = Running::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
        // It is there a moment before it listens.
        until("the bus", async || UnixStream::connect(&bus).is_ok()).await;
        let mut this = Self {
            dir,
            port: Port::free(),
            _bus: bus_program,
            printer: None,
        };
        this.lay_in(sheets);
        this.switch_on().await;
        this
    }

    pub(crate) fn uri(&self) -> String {
        format!("ipp://127.0.0.1:{}/ipp/print", self.port)
    }

    /// The same by TLS, with a certificate of its own making.
    pub(crate) fn secure_uri(&self) -> String {
        format!("ipps://127.0.0.1:{}/ipp/print", self.port)
    }

    /// Has it make its certificate now: asked by two at once for the first time, it makes two.
    pub(crate) async fn makes_its_certificate(&self) {
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_danger_accept_invalid_certs(true)
            .build()
            .unwrap();
        let page = client.get(format!("https://127.0.0.1:{}/", self.port));
        page.send().await.unwrap();
    }

    /// It is another one now, or was reset: it makes itself another certificate.
    pub(crate) fn forgets_its_certificate(&self) {
        fs::remove_dir_all(self.dir.path().join("keys")).unwrap();
        fs::create_dir(self.dir.path().join("keys")).unwrap();
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.number
    }

    /// Whether it has no job, by its own word.
    pub(crate) async fn is_idle(&self) -> bool {
        let operation = Operation::GetPrinterAttributes;
        let Some(said) = ask(&self.uri(), operation, Vec::new()).await else {
            return false;
        };
        let printer = said.first_of(DelimiterTag::PrinterAttributes);
        let queued = printer.and_then(|printer| printer.get("queued-job-count"));
        queued.is_some_and(|queued| *queued.value() == IppValue::Integer(0))
    }

    /// It gives up jobs whose document does not come, as printers must (RFC 8011, 4.2.4). This one
    /// says that it does after a minute, and never does: a job that a queue's program leaves empty,
    /// because it was ended in between, would be in the way for good.
    pub(crate) fn gives_up_empty_jobs(&self) -> AbortOnDropHandle<()> {
        const EVERY: Duration = Duration::from_millis(500);
        const LOOKS: u32 = 10;
        let uri = self.uri();
        AbortOnDropHandle::new(tokio::spawn(async move {
            let (mut last, mut looks) = (None, 0);
            loop {
                tokio::time::sleep(EVERY).await;
                let empty = empty_job(&uri).await;
                looks = if empty == last { looks + 1 } else { 0 };
                if let Some(job) = empty.clone().filter(|_| looks >= LOOKS) {
                    cancel(&uri, job).await;
                }
                last = empty;
            }
        }))
    }

    pub(crate) async fn switch_on(&mut self) {
        let dir = self.dir.path();
        let mut command = Command::new("/usr/sbin/ippeveprinter");
        command
            .env(
                "DBUS_SYSTEM_BUS_ADDRESS",
                format!("unix:path={}", dir.join("bus").display()),
            )
            .args(["-p", &self.port.to_string(), "-n", "localhost", "-r", "off"])
            .args([
                "-s",
                "4,4",
                "-f",
                "application/pdf,image/jpeg,image/pwg-raster",
            ])
            .arg("-d")
            .arg(dir.join("spool"))
            .arg("-K")
            .arg(dir.join("keys"))
            .arg("-c")
            .arg(dir.join("engine"))
            .arg("Desk")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.printer = Some(listens(&mut command, &self.port).await);
    }

    /// Pulls its plug, in the middle of whatever it does. It forgets its jobs.
    pub(crate) fn switch_off(&mut self) {
        self.printer = None;
    }

    pub(crate) fn lay_in(&self, sheets: u32) {
        self.write("paper", &format!("{sheets}\n"));
    }

    pub(crate) fn breaks(&self, fault: Fault) {
        self.write("fault", fault.word());
    }

    pub(crate) fn is_mended(&self) {
        self.write("fault", "");
    }

    /// It tells its paper in sheets from the next sheet on.
    pub(crate) fn counts_its_sheets(&self) {
        self.write("counts", "");
    }

    /// The sheets that came out, first to last, by the names of their jobs.
    pub(crate) fn tray(&self) -> Vec<String> {
        self.lines("tray")
    }

    /// How each sheet was wished to be.
    pub(crate) fn wishes(&self) -> Vec<String> {
        self.lines("wishes")
    }

    fn lines(&self, file: &str) -> Vec<String> {
        let text = fs::read_to_string(self.dir.path().join(file)).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// At once, so that the engine never reads half of it.
    fn write(&self, file: &str, text: &str) {
        let (path, beside) = (self.dir.path().join(file), self.dir.path().join("beside"));
        fs::write(&beside, text).unwrap();
        fs::rename(beside, path).unwrap();
    }
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
