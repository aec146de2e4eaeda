//! Other programs, held so that none outlives its use.

use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

use super::Trouble;
use crate::clock::Clock;

/// Of what a program says, this much is enough.
const MAX_SAID: u64 = 256 << 10;

/// A running program in a process group of its own. Dropping it kills the whole group, so that
/// what a shell script has started goes with it.
#[derive(Debug)]
pub(super) struct Leash {
    pub(super) child: Child,
    is_held: bool,
}

/// Why a program did not run to its end.
#[derive(Debug)]
pub(super) enum Failed {
    /// There is no such program.
    NotInstalled,
    /// It took too long, and is dead now.
    Silent,
    /// It could not be started.
    NotStarted(io::Error),
}

/// What a program that has ended said.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) is_fine: bool,
    pub(super) out: String,
    pub(super) err: String,
}

impl Leash {
    /// Starts `command`. Its pipes are as the caller has set them.
    pub(super) fn start(command: &mut Command) -> Result<Self, Failed> {
        let child = command.process_group(0).spawn().map_err(|e| {
            if e.kind() == io::ErrorKind::NotFound {
                Failed::NotInstalled
            } else {
                Failed::NotStarted(e)
            }
        })?;
        Ok(Self {
            child,
            is_held: true,
        })
    }

    /// Lets it end by itself.
    pub(super) fn let_go(&mut self) {
        self.is_held = false;
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        // The number is the group's for as long as we have not asked how its first process ended.
        let number = self.child.id().and_then(|id| id.try_into().ok());
        if let Some(group) = number.and_then(Pid::from_raw)
            && self.is_held
        {
            // It may have ended this moment; then there is nothing to kill.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Runs `command` to its end, within so much time. Cancellation kills it.
pub(super) async fn run(
    command: &mut Command,
    clock: &Arc<dyn Clock>,
    within: Duration,
) -> Result<Said, Failed> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut leash = Leash::start(command)?;
    let (out, err) = (leash.child.stdout.take(), leash.child.stderr.take());
    let talk = async { tokio::join!(all_of(out), all_of(err)) };
    let (out, err) = tokio::select! {
        said = talk => said,
        () = clock.sleep(within) => return Err(Failed::Silent),
    };
    let ended = tokio::select! {
        ended = leash.child.wait() => ended.map_err(Failed::NotStarted)?,
        () = clock.sleep(within) => return Err(Failed::Silent),
    };
    Ok(Said {
        is_fine: ended.success(),
        out,
        err,
    })
}

impl Failed {
    /// In the operator's words; `package` is where Debian has the program.
    pub(super) fn of(self, program: &str, package: &'static str, within: Duration) -> Trouble {
        let program = program.to_owned();
        match self {
            Self::NotInstalled => Trouble::NotInstalled { program, package },
            Self::Silent => Trouble::Silent {
                what: program,
                within,
            },
            Self::NotStarted(e) => Trouble::Unusable {
                what: program,
                reason: e.to_string(),
            },
        }
    }
}

/// The last line that says something, or nothing.
pub(super) fn last_line(said: &str) -> &str {
    let mut lines = said.lines().map(str::trim);
    lines.rfind(|line| !line.is_empty()).unwrap_or_default()
}

async fn all_of(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let mut said = Vec::new();
    if let Some(pipe) = pipe {
        // What was read before a fault is all there is to know.
        let _ = pipe.take(MAX_SAID).read_to_end(&mut said).await;
    }
    String::from_utf8_lossy(&said).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{ManualClock, SystemClock};

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script);
        command
    }

    #[tokio::test]
    async fn what_it_said_and_how_it_ended() {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new(None));
        let within = Duration::from_secs(60);
        let said = run(&mut sh("echo out; echo err >&2; exit 3"), &clock, within).await;
        let said = said.unwrap();
        assert_eq!(
            (said.out.as_str(), said.err.as_str(), said.is_fine),
            ("out\n", "err\n", false)
        );
        let missing = run(&mut Command::new("no-such-program-here"), &clock, within).await;
        assert!(matches!(missing, Err(Failed::NotInstalled)), "{missing:?}");
    }

    #[tokio::test]
    async fn one_that_hangs_is_killed_with_all_it_has_started() {
        let clock = ManualClock::default();
        let (theirs, mut ours) = tokio::net::unix::pipe::pipe().unwrap();
        let mut command = sh("sleep 1000 & sleep 1000");
        command.stdin(Stdio::null());
        // The pipe is inherited by the sleeps too: it ends when the last of them is gone.
        let theirs = theirs.into_blocking_fd().unwrap();
        command.stderr(Stdio::null()).stdout(theirs);
        let leash = Leash::start(&mut command).unwrap();
        drop(command);
        drop(leash);
        let mut nothing = Vec::new();
        assert_eq!(ours.read_to_end(&mut nothing).await.unwrap(), 0);

        let within = Duration::from_secs(5);
        let by_it: Arc<dyn Clock> = Arc::new(clock.clone());
        let mut command = sh("sleep 1000");
        let hung = run(&mut command, &by_it, within);
        let (hung, ()) = tokio::join!(hung, async {
            clock.until_asleep(1).await;
            clock.advance(within);
        });
        assert!(matches!(hung, Err(Failed::Silent)), "{hung:?}");
    }
}
