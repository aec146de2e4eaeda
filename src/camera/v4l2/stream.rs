//! A running ffmpeg that writes one JPEG after another, each with its length before it.
//!
//! Source: ffmpeg's mpjpeg muxer (libavformat/mpjpeg.c): `--ffmpeg`, `Content-type: image/jpeg`,
//! `Content-length: N`, an empty line, N bytes, an empty line. With the length there is no
//! guessing where a frame ends, and no frame is half.

use std::process::Stdio;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::AsyncReadExt;
use tokio::process::{ChildStderr, ChildStdout, Command};

use crate::camera::leash::{Failed, Leash};

/// No camera makes larger frames, and memory is short.
const MAX_FRAME: usize = 32 << 20;
const MAX_HEAD: usize = 1 << 10;
/// Of what ffmpeg complains about, the end matters.
const MAX_SAID: usize = 16 << 10;

/// Frames, for as long as ffmpeg runs. Dropping it kills ffmpeg.
#[derive(Debug)]
pub(super) struct Stream {
    _leash: Leash,
    output: ChildStdout,
    errors: Option<ChildStderr>,
    read: BytesMut,
    said: Vec<u8>,
}

impl Stream {
    pub(super) fn start(command: &mut Command) -> Result<Self, Failed> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut leash = Leash::start(command)?;
        let output = leash.child.stdout.take();
        Ok(Self {
            output: output.expect("it was asked for three lines above"),
            errors: leash.child.stderr.take(),
            _leash: leash,
            read: BytesMut::new(),
            said: Vec::new(),
        })
    }

    /// The next frame, or what ffmpeg has said before it ended. Cancellation safe.
    pub(super) async fn next(&mut self) -> Result<Bytes, String> {
        loop {
            match take_frame(&mut self.read) {
                Ok(Some(frame)) => return Ok(frame),
                Ok(None) => {}
                Err(NoFrame) => return Err("ffmpeg writes something else than frames".to_owned()),
            }
            tokio::select! {
                read = self.output.read_buf(&mut self.read) => {
                    if !matches!(read, Ok(1..)) {
                        return Err(self.last_words().await);
                    }
                }
                () = hear(&mut self.errors, &mut self.said) => {}
            }
        }
    }

    async fn last_words(&mut self) -> String {
        while self.errors.is_some() {
            hear(&mut self.errors, &mut self.said).await;
        }
        String::from_utf8_lossy(&self.said).into_owned()
    }
}

/// Reads on; once nothing more can come there is nothing to listen to.
async fn hear(errors: &mut Option<ChildStderr>, said: &mut Vec<u8>) {
    let Some(pipe) = errors else {
        return std::future::pending().await;
    };
    if !matches!(pipe.read_buf(said).await, Ok(1..)) {
        *errors = None;
    }
    if said.len() > MAX_SAID {
        said.drain(..said.len() - MAX_SAID / 2);
    }
}

/// What was read is no frame.
#[derive(Debug, PartialEq, Eq)]
struct NoFrame;

/// Takes the first frame off `read` if it is all there.
fn take_frame(read: &mut BytesMut) -> Result<Option<Bytes>, NoFrame> {
    let Some(head) = read.windows(4).position(|four| four == b"\r\n\r\n") else {
        return if read.len() > MAX_HEAD {
            Err(NoFrame)
        } else {
            Ok(None)
        };
    };
    // Between two frames stands a line break, which comes before the next head.
    let lines = std::str::from_utf8(&read[..head]).map_err(|_| NoFrame)?;
    let length = lines.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    });
    let length = length.filter(|n| *n <= MAX_FRAME).ok_or(NoFrame)?;
    let begin = head + 4;
    if read.len() < begin + length {
        read.reserve(begin + length - read.len());
        return Ok(None);
    }
    read.advance(begin);
    Ok(Some(read.split_to(length).freeze()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(frame: &str) -> String {
        let length = frame.len();
        format!(
            "--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: {length}\r\n\r\n{frame}\r\n"
        )
    }

    #[test]
    fn frames_come_whole_however_they_are_cut() {
        let all = part("one") + &part("\r\n\r\n") + &part("");
        for cut in 1..all.len() {
            let mut read = BytesMut::new();
            let mut frames = Vec::new();
            for piece in all.as_bytes().chunks(cut) {
                read.extend_from_slice(piece);
                while let Some(frame) = take_frame(&mut read).unwrap() {
                    frames.push(frame);
                }
            }
            assert_eq!(frames, ["one", "\r\n\r\n", ""], "cut every {cut} bytes");
        }
    }

    #[test]
    fn what_is_no_frame_is_not_read_for_ever() {
        let read = |text: &str| take_frame(&mut BytesMut::from(text.as_bytes()));
        assert_eq!(read(&"x".repeat(MAX_HEAD + 1)), Err(NoFrame));
        assert_eq!(read("--ffmpeg\r\n\r\n"), Err(NoFrame));
        assert_eq!(read("Content-length: 999999999\r\n\r\n"), Err(NoFrame));
        assert_eq!(read("Content-length: -1\r\n\r\n"), Err(NoFrame));
        assert_eq!(read("--ffmpeg\r\nContent-le"), Ok(None));
    }
}
