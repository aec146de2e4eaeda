//! DSLR and mirrorless cameras, by the gphoto2 program.
//!
//! A child process, because libgphoto2 can hang for ever in a driver: a process can be killed. One
//! that stays (`gphoto2 --shell`), because opening a camera takes a second and the shutter must
//! not. A photo is handed on the moment its file is there, though the program waits up to six
//! seconds more for other files of the same shot.

mod scratch;
mod session;
mod settings;
mod shell;
mod words;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::process::Command;

use super::Trouble;
use super::care::Care;
use super::keeper::{Device, Kept};
use super::leash;
use super::presses::Patience;
use crate::clock::Clock;

pub use settings::Gphoto2Settings;

use scratch::Scratch;
use session::Gphoto2Session;
use words::Found;

const NAME: &str = "gphoto2";

/// A camera that the gphoto2 program knows, looked for from now on. Needs a runtime around it.
pub(super) fn keep(settings: Gphoto2Settings, care: Care, clock: Arc<dyn Clock>) -> Kept {
    let device = Body {
        settings,
        clock: Arc::clone(&clock),
    };
    let patience = Patience {
        within: device.settings.still_within,
        late: device.settings.still_within,
        // Its shots end by themselves, and with them the doubt.
        hold: device.settings.still_within,
        quiet: device.settings.still_within,
    };
    Kept::new(NAME, device, patience, care, clock)
}

/// The camera on its cable.
#[derive(Debug)]
struct Body {
    settings: Gphoto2Settings,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Device for Body {
    type Session = Gphoto2Session;

    async fn open(&mut self) -> Result<Gphoto2Session, Trouble> {
        let scratch = Scratch::new().map_err(|e| Trouble::Unusable {
            what: "the folder for photos".to_owned(),
            reason: e.to_string(),
        })?;
        let found = match &self.settings.port {
            Some(port) => Found {
                model: format!("the camera at {port}"),
                port: port.clone(),
            },
            None => self.find(scratch.path()).await?,
        };
        let command = self.command(scratch.path());
        Gphoto2Session::open(command, &self.settings, found, scratch, &self.clock).await
    }
}

impl Body {
    /// The first camera on USB.
    async fn find(&self, home: &Path) -> Result<Found, Trouble> {
        let within = self.settings.answer_within;
        let mut command = self.command(home);
        let said = leash::run(command.arg("--auto-detect"), &self.clock, within).await;
        let said = said.map_err(|failed| failed.of(&self.settings.program, "gphoto2", within))?;
        let first = words::found(&said.out).into_iter().next();
        first.ok_or_else(|| Trouble::NotFound {
            place: " on USB".to_owned(),
        })
    }

    /// The program in a home of its own, because it remembers the last port there, and speaking the
    /// language we read.
    fn command(&self, home: &Path) -> Command {
        let mut command = Command::new(&self.settings.program);
        command
            .current_dir(home)
            .env("HOME", home)
            .env("LC_ALL", "C")
            .env("TERM", "dumb")
            .env_remove("LANGUAGE");
        command
    }
}
