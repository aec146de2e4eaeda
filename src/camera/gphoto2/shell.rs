//! One talk with `gphoto2 --shell`: the program keeps the camera open between two commands, which
//! is what makes the shutter quick.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::io::Errno;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};

use super::words;
use crate::camera::leash::{Failed, Leash};
use crate::clock::Clock;

/// Of one answer, this much is kept; the end is what matters.
const MAX_HEARD: usize = 64 << 10;

/// A running gphoto2. Dropped while nothing is asked, it is let go by the end of its input, and
/// closes the camera properly; dropped in the middle of an answer, it is killed.
#[derive(Debug)]
pub(super) struct Shell {
    leash: Leash,
    input: ChildStdin,
    output: ChildStdout,
    errors: ChildStderr,
    heard: Heard,
    clock: Arc<dyn Clock>,
}

/// What was said since the last command.
#[derive(Debug, Default)]
pub(super) struct Heard {
    out: Vec<u8>,
    err: Vec<u8>,
    has_errors_ended: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Mute {
    /// The program has ended; this is what it said last.
    Ended { out: String, err: String },
    /// It did not answer in time.
    Silent { within: Duration },
}

impl Heard {
    pub(super) fn out(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.out)
    }

    pub(super) fn err(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.err)
    }

    /// The program waits for a command.
    pub(super) fn is_at_rest(&self) -> bool {
        words::is_prompt(&self.out())
    }

    /// Reads the errors that lie in their pipe. Those of a command were written before the prompt
    /// that ends it; what is left there when the prompt has been read would count as the next
    /// command's.
    fn read_what_is_there(&mut self, errors: &ChildStderr) {
        let mut bytes = [0; 4096];
        loop {
            // Without the runtime, which may not have heard of them yet; the pipe does not block.
            match rustix::io::read(errors, &mut bytes) {
                Ok(n @ 1..) => self.err.extend_from_slice(&bytes[..n]),
                Err(Errno::INTR) => {}
                // Nothing is there now, or nothing comes any more: whoever waits next learns which.
                Ok(_) | Err(_) => return,
            }
        }
    }

    fn forget_the_start(&mut self) {
        for said in [&mut self.out, &mut self.err] {
            if said.len() > MAX_HEARD {
                said.drain(..said.len() - MAX_HEARD / 2);
            }
        }
    }
}

impl Shell {
    /// Starts the program; it has said nothing yet.
    pub(super) fn start(command: &mut Command, clock: Arc<dyn Clock>) -> Result<Self, Failed> {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut leash = Leash::start(command)?;
        let pipes = "it was asked for three lines above";
        Ok(Self {
            input: leash.child.stdin.take().expect(pipes),
            output: leash.child.stdout.take().expect(pipes),
            errors: leash.child.stderr.take().expect(pipes),
            leash,
            heard: Heard::default(),
            clock,
        })
    }

    /// Gives a command; it may not hold a line break.
    pub(super) async fn say(&mut self, command: &str, within: Duration) -> Result<(), Mute> {
        self.heard = Heard {
            has_errors_ended: self.heard.has_errors_ended,
            ..Heard::default()
        };
        let line = format!("{command}\n");
        let late = self.clock.sleep(within);
        let written = tokio::select! {
            written = self.input.write_all(line.as_bytes()) => written,
            () = late => return Err(Mute::Silent { within }),
        };
        match written {
            Ok(()) => Ok(()),
            Err(_) => Err(self.ended()),
        }
    }

    /// Gives a command and waits until the program is ready for the next one.
    pub(super) async fn ask(&mut self, command: &str, within: Duration) -> Result<&Heard, Mute> {
        self.say(command, within).await?;
        self.hear(within, |heard| heard.is_at_rest().then_some(()))
            .await?;
        Ok(&self.heard)
    }

    /// Listens until `so` finds what it looks for in all that was said since the last command.
    pub(super) async fn hear<T>(
        &mut self,
        within: Duration,
        mut so: impl FnMut(&Heard) -> Option<T> + Send,
    ) -> Result<T, Mute> {
        let mut late = self.clock.sleep(within);
        let heard = &mut self.heard;
        loop {
            if heard.is_at_rest() {
                heard.read_what_is_there(&self.errors);
            }
            if let Some(found) = so(heard) {
                return Ok(found);
            }
            tokio::select! {
                read = self.output.read_buf(&mut heard.out) => {
                    if !matches!(read, Ok(1..)) {
                        break;
                    }
                }
                read = self.errors.read_buf(&mut heard.err), if !heard.has_errors_ended => {
                    heard.has_errors_ended = !matches!(read, Ok(1..));
                }
                () = &mut late => return Err(Mute::Silent { within }),
            }
            heard.forget_the_start();
        }
        // Its last words are worth waiting for.
        while !heard.has_errors_ended {
            tokio::select! {
                read = self.errors.read_buf(&mut heard.err) => {
                    heard.has_errors_ended = !matches!(read, Ok(1..));
                }
                () = &mut late => break,
            }
        }
        Err(self.ended())
    }

    pub(super) fn heard(&self) -> &Heard {
        &self.heard
    }

    fn ended(&self) -> Mute {
        Mute::Ended {
            out: self.heard.out().into_owned(),
            err: self.heard.err().into_owned(),
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        if self.heard.is_at_rest() {
            self.leash.let_go();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[tokio::test]
    async fn errors_count_as_those_of_the_command_that_made_them() {
        let says = "printf 'gphoto2: {/} /> '; while read -r command; do
            [ \"$command\" = fails ] && echo 'no such thing' >&2; printf 'gphoto2: {/} /> '; done";
        let mut command = Command::new("sh");
        command.args(["-c", says]);
        let clock = Arc::new(SystemClock::new(None));
        let within = Duration::from_secs(60);
        let mut shell = Shell::start(&mut command, clock).unwrap();
        let greeted = shell.hear(within, |heard| heard.is_at_rest().then_some(()));
        greeted.await.unwrap();
        for _ in 0..200 {
            let heard = shell.ask("fails", within).await.unwrap();
            assert_eq!(heard.err(), "no such thing\n");
            let heard = shell.ask("works", within).await.unwrap();
            assert_eq!(heard.err(), "");
        }
    }
}
