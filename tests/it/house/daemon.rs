//! The real program in a process of its own, for tests that kill it.

use std::fs::File;
use std::path::Path;
use std::process::{ExitStatus, Output, Stdio};

use rustix::process::{Pid, Signal};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::{Door, Visitor, in_time};

/// How its first line begins.
const KIOSK: &str = "listening kiosk ";

/// A running `easel run`. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Daemon {
    pub(crate) kiosk: Door,
    pub(crate) public: Door,
    child: Child,
    // Kept open: a daemon that cannot write its output may stop.
    output: Lines<BufReader<ChildStdout>>,
}

impl Daemon {
    /// Starts it over `data` with settings from the environment, such as
    /// `("GENERATOR__0__SIZE_PX", "128")`.
    pub(crate) async fn starts(data: &Path, settings: &[(&str, &str)]) -> Self {
        Self::starts_with(data, settings, &["run"]).await
    }

    /// The same, with other arguments.
    pub(crate) async fn starts_with(
        data: &Path,
        settings: &[(&str, &str)],
        arguments: &[&str],
    ) -> Self {
        Self::from(command(data, settings, arguments)).await
    }

    /// The same as [`Daemon::starts`], with its log in a file.
    pub(crate) async fn starts_logging(data: &Path, settings: &[(&str, &str)], log: &Path) -> Self {
        let mut command = command(data, settings, &["run"]);
        command.stderr(File::create(log).unwrap());
        Self::from(command).await
    }

    /// Starts it with what it may refuse to run with; if it did, what it said.
    pub(crate) async fn tries(data: &Path, settings: &[(&str, &str)]) -> Result<Self, Output> {
        let mut command = command(data, settings, &["run"]);
        command.stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = in_time("a line or the end", output.next_line()).await;
        match first.unwrap() {
            Some(line) => {
                // It may say much, and nobody reads it.
                let stderr = child.stderr.take().unwrap();
                tokio::spawn(async move {
                    tokio::io::copy(&mut BufReader::new(stderr), &mut tokio::io::sink()).await
                });
                let kiosk = after(&line, KIOSK);
                Ok(Self::at(kiosk, child, output).await)
            }
            None => {
                let ended = in_time("its end", child.wait_with_output()).await;
                Err(ended.unwrap())
            }
        }
    }

    /// The same as [`Daemon::starts`], in a mount namespace of its own in which nothing can be
    /// written to `shut`, though everybody else may write there.
    pub(crate) async fn starts_shut_out_of(
        data: &Path,
        settings: &[(&str, &str)],
        shut: &Path,
    ) -> Self {
        let own = command(data, settings, &["run"]);
        let mut unshared = Command::new("unshare");
        if !rustix::process::geteuid().is_root() {
            unshared.args(["--user", "--map-root-user"]);
        }
        unshared
            .args(["--mount", "--propagation", "private", "sh", "-c"])
            .arg("mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && exec \"$@\"")
            .arg(shut)
            .arg(own.as_std().get_program())
            .args(own.as_std().get_args())
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        for (key, value) in own.as_std().get_envs() {
            unshared.env(key, value.unwrap_or_default());
        }
        Self::from(unshared).await
    }

    /// The same as [`Daemon::starts_with`], with more of its environment, which is no setting.
    pub(crate) async fn starts_under(
        data: &Path,
        environment: &[(&str, &Path)],
        arguments: &[&str],
    ) -> Self {
        let mut command = command(data, &[], arguments);
        command.envs(environment.iter().copied());
        Self::from(command).await
    }

    /// The same as [`Daemon::asked`], with more of its environment, which is no setting.
    pub(crate) async fn asked_under(
        data: &Path,
        environment: &[(&str, &Path)],
        arguments: &[&str],
    ) -> Output {
        let mut command = command(data, &[], arguments);
        let output = command.envs(environment.iter().copied()).output();
        in_time("its end", output).await.unwrap()
    }

    /// Started by that command, which ends with the daemon, and on free ports.
    pub(crate) async fn started_by(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).kill_on_drop(true);
        Self::from(command).await
    }

    /// It is told to end by somebody else.
    pub(crate) async fn ends(&mut self) -> ExitStatus {
        in_time("its end", self.child.wait()).await.unwrap()
    }

    async fn from(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let kiosk = address(&mut output, KIOSK).await;
        Self::at(kiosk, child, output).await
    }

    async fn at(kiosk: String, child: Child, mut output: Lines<BufReader<ChildStdout>>) -> Self {
        let public = address(&mut output, "listening public ").await;
        Self {
            kiosk: Door::at(kiosk),
            public: Door::at(public),
            child,
            output,
        }
    }

    /// Starts it with what it cannot run with, or what does not take long; what it said when it
    /// ended.
    pub(crate) async fn asked(
        data: &Path,
        settings: &[(&str, &str)],
        arguments: &[&str],
    ) -> Output {
        let output = command(data, settings, arguments).output();
        in_time("its end", output).await.unwrap()
    }

    /// Someone touches the screen.
    pub(crate) async fn visitor(&self) -> Visitor {
        Visitor::arrives(&self.kiosk, &self.public).await
    }

    /// The next line of its output, after the addresses.
    pub(crate) async fn says(&mut self) -> String {
        let line = in_time("a line", self.output.next_line()).await.unwrap();
        line.expect("it goes on running")
    }

    /// `kill -9`: it gets no chance to put anything in order.
    pub(crate) async fn loses_power(mut self) {
        self.child.kill().await.unwrap();
    }

    /// `SIGTERM`: it ends by itself.
    pub(crate) async fn is_told_to_stop(&mut self) -> ExitStatus {
        self.hears(Signal::TERM);
        in_time("its end", self.child.wait()).await.unwrap()
    }

    /// Sends it a signal.
    pub(crate) fn hears(&self, signal: Signal) {
        let pid = self.child.id().unwrap().try_into().unwrap();
        let pid = Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }
}

fn command(data: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_easel"));
    command
        .args(arguments)
        .env_clear()
        .env("EASEL__BOOTH__DATA_DIR", data)
        .env("EASEL__LISTEN__KIOSK", "127.0.0.1:0")
        .env("EASEL__LISTEN__PUBLIC", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    for (key, value) in settings {
        command.env(format!("EASEL__{key}"), value);
    }
    command
}

async fn address(output: &mut Lines<BufReader<ChildStdout>>, said: &str) -> String {
    let line = in_time(said, output.next_line()).await.unwrap();
    let line = line.unwrap_or_else(|| panic!("the daemon ended before {said:?}"));
    after(&line, said)
}

fn after(line: &str, said: &str) -> String {
    let address = line.strip_prefix(said);
    address
        .unwrap_or_else(|| panic!("{line:?} is not {said:?}"))
        .to_owned()
}
