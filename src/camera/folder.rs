//! Photos that another program drops into a folder, each only once it is whole.
//!
//! What lies there when the booth begins to look is its owner's: never handed out, never removed.
//! What begins to arrive later is of the booth's event: the photo of whoever waits for it, or
//! nobody's, and removed either way (unless settings keep it).

mod awaited;
mod roll;
mod session;
mod settings;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Trouble;
use super::care::Care;
use super::keeper::{Device, Kept};
use super::presses::Patience;
use crate::clock::Clock;

pub use settings::FolderSettings;

use roll::Roll;
use session::FolderSession;

const NAME: &str = "folder";
/// However soon a photo should be there, it may be later by this.
const LATE_AT_LEAST: Duration = Duration::from_secs(5);
/// RAW programs write a small picture first, and some write one twice.
const HOLD: Duration = Duration::from_millis(1500);
const QUIET: Duration = Duration::from_secs(3);

/// A folder in which photos arrive, looked at from now on. Needs a runtime around it.
pub(super) fn keep(settings: FolderSettings, care: Care, clock: Arc<dyn Clock>) -> Kept {
    let patience = Patience {
        within: settings.arrives_within,
        late: settings.arrives_within.max(LATE_AT_LEAST),
        hold: HOLD,
        quiet: QUIET,
    };
    // Settings that use this driver without a folder are refused.
    let dir = settings.dir.clone().unwrap_or_default();
    let device = Tether {
        roll: Roll::new(&dir),
        settings: Arc::new(settings),
        clock: Arc::clone(&clock),
    };
    let kept = Kept::new(NAME, device, patience, care, clock);
    kept.without_live_view()
}

/// The folder at the end of another program's cable.
#[derive(Debug)]
struct Tether {
    settings: Arc<FolderSettings>,
    roll: Roll,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Device for Tether {
    type Session = FolderSession;

    async fn open(&mut self) -> Result<FolderSession, Trouble> {
        self.roll.forget();
        let mut session = FolderSession::new(
            Arc::clone(&self.settings),
            self.roll.clone(),
            Arc::clone(&self.clock),
        );
        session.look().await?;
        Ok(session)
    }
}

fn what(dir: &Path) -> String {
    format!("the folder {}", dir.display())
}
