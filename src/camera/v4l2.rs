//! Webcams and capture cards, by the ffmpeg program.
//!
//! A child process rather than the v4l crate: that one needs libclang to build, which would weigh
//! on everybody's first build for one driver, and a driver of a webcam that hangs in the kernel
//! hangs a process that can be given up. ffmpeg hands a camera's JPEGs on untouched, reads a film
//! as well as a device, and says plainly what is wrong.

mod formats;
mod fresh;
mod session;
mod settings;
mod stream;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::process::Command;

use super::care::Care;
use super::keeper::{Device, Kept};
use super::leash;
use super::presses::Patience;
use super::{Trouble, blocking};
use crate::clock::Clock;

pub use settings::{FrameSize, V4l2Format, V4l2Settings};

use formats::Mode;
use session::V4l2Session;

const NAME: &str = "v4l2";
/// How long a device may take to say what it offers.
const LISTED_WITHIN: Duration = Duration::from_secs(8);

/// A webcam or a capture card, looked for from now on. Needs a runtime around it.
pub(super) fn keep(settings: V4l2Settings, care: Care, clock: Arc<dyn Clock>) -> Kept {
    let device = Eye {
        settings,
        clock: Arc::clone(&clock),
    };
    // Frames belong to their time, and none is owed.
    let patience = Patience {
        within: Duration::ZERO,
        late: Duration::ZERO,
        hold: Duration::ZERO,
        quiet: Duration::ZERO,
    };
    Kept::new(NAME, device, patience, care, clock)
}

/// The camera on its cable.
#[derive(Debug)]
struct Eye {
    settings: V4l2Settings,
    clock: Arc<dyn Clock>,
}

/// Where frames come from, and how they are asked for.
#[derive(Debug, Clone)]
struct Source {
    path: PathBuf,
    name: String,
    input: Input,
    program: String,
}

#[derive(Debug, Clone, Copy)]
enum Input {
    Device(Mode),
    Film,
}

#[async_trait]
impl Device for Eye {
    type Session = V4l2Session;

    async fn open(&mut self) -> Result<V4l2Session, Trouble> {
        let source = self.find().await?;
        V4l2Session::open(source, Arc::clone(&self.clock)).await
    }
}

impl Eye {
    async fn find(&self) -> Result<Source, Trouble> {
        if let Some(path) = &self.settings.device {
            return self.look_at(path).await;
        }
        let mut first = None;
        for path in blocking(|| Ok(devices())).await.unwrap_or_default() {
            match self.look_at(&path).await {
                Ok(source) => return Ok(source),
                Err(trouble) => first = first.or(Some(trouble)),
            }
        }
        Err(first.unwrap_or_else(|| Trouble::NotFound {
            place: " at /dev/video*".to_owned(),
        }))
    }

    /// What is at `path`, and how it is best read.
    async fn look_at(&self, path: &Path) -> Result<Source, Trouble> {
        let at = path.to_owned();
        let (is_film, name) = blocking(move || Ok((at.is_file(), name_of(&at))))
            .await
            .unwrap_or_default();
        let input = if is_film {
            Input::Film
        } else {
            Input::Device(self.mode_of(path).await?)
        };
        Ok(Source {
            path: path.to_owned(),
            name,
            input,
            program: self.settings.program.clone(),
        })
    }

    async fn mode_of(&self, path: &Path) -> Result<Mode, Trouble> {
        let program = &self.settings.program;
        let mut command = Command::new(program);
        command
            .args(["-hide_banner", "-nostdin", "-f", "v4l2"])
            .args(["-list_formats", "all", "-i"])
            .arg(path)
            .env("LC_ALL", "C");
        let said = leash::run(&mut command, &self.clock, LISTED_WITHIN).await;
        let said = said.map_err(|failed| failed.of(program, "ffmpeg", LISTED_WITHIN))?;
        // It ends with an error even when all went well: after the list there is nothing to do.
        formats::best(&said.err, &self.settings).ok_or_else(|| {
            if said.err.contains(" : ") {
                let what = path.display().to_string();
                let reason = "it has no MJPEG or YUYV of the size in the settings".to_owned();
                Trouble::Unusable { what, reason }
            } else {
                formats::trouble(path, &said.err)
            }
        })
    }
}

impl Source {
    /// ffmpeg, writing JPEGs at full size to its standard output.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["-hide_banner", "-loglevel", "error", "-nostdin"])
            .env("LC_ALL", "C");
        let encode = ["-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p"];
        match self.input {
            Input::Film => {
                // At its own pace, and again from the start.
                command
                    .args(["-re", "-stream_loop", "-1", "-i"])
                    .arg(&self.path);
                command.args(encode);
            }
            Input::Device(Mode { is_mjpeg, size }) => {
                let format = if is_mjpeg { "mjpeg" } else { "yuyv422" };
                command.args(["-fflags", "nobuffer", "-f", "v4l2", "-input_format", format]);
                if let Some(size) = size {
                    command.args(["-video_size", &String::from(size)]);
                }
                command.arg("-i").arg(&self.path);
                if is_mjpeg {
                    command.args(["-c:v", "copy"]);
                } else {
                    command.args(encode);
                }
            }
        }
        command.args(["-an", "-fps_mode", "passthrough", "-flush_packets", "1"]);
        command.args(["-f", "mpjpeg", "pipe:1"]);
        command
    }

    /// What the operator reads.
    fn says(&self) -> String {
        let name = &self.name;
        match self.input {
            Input::Film => format!("{name}, a film in place of a camera"),
            Input::Device(Mode { is_mjpeg, size }) => {
                let format = if is_mjpeg { "MJPEG" } else { "YUYV" };
                match size {
                    Some(FrameSize { width, height }) => {
                        format!("{name}, {width} × {height} {format}")
                    }
                    None => format!("{name}, {format}"),
                }
            }
        }
    }
}

/// The video devices of this machine, by number.
fn devices() -> Vec<PathBuf> {
    let number = |path: &PathBuf| -> Option<u32> {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix("video")?.parse().ok()
    };
    let all = fs::read_dir("/dev").into_iter().flatten().flatten();
    let mut found: Vec<_> = all
        .filter_map(|entry| Some((number(&entry.path())?, entry.path())))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, path)| path).collect()
}

/// What the kernel calls the device, or else its path.
fn name_of(path: &Path) -> String {
    let node = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let node = node.file_name().unwrap_or_default();
    let name = Path::new("/sys/class/video4linux").join(node).join("name");
    match fs::read_to_string(name) {
        Ok(name) if !name.trim().is_empty() => name.trim().to_owned(),
        _ => path.display().to_string(),
    }
}
