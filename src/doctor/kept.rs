//! Can the booth go on with what it has kept: its record, its key, the staff's PIN?
//!
//! All three are only read: a booth may be running, and what is missing is made at its start.

use std::path::PathBuf;

use async_trait::async_trait;

use super::{Check, Verdict};
use crate::secret::Key;
use crate::staff::{self, pin};
use crate::store::{Found, StoreError, examine};

/// Checks that the record in this file reads from end to end.
#[derive(Debug)]
pub struct RecordCheck(pub PathBuf);

/// Checks that the key in this file is whole and nobody else's to read.
#[derive(Debug)]
pub struct KeyCheck(pub PathBuf);

/// Checks the same of the staff's PIN.
#[derive(Debug)]
pub struct PinCheck {
    data: PathBuf,
    given: bool,
}

impl PinCheck {
    /// Checks the PIN kept in `data`, unless `settings` give one.
    #[must_use]
    pub fn new(data: PathBuf, settings: &staff::Settings) -> Self {
        let given = settings.pin.reveal().is_some();
        Self { data, given }
    }
}

const NOT_YET: &str = "made at the first start";

#[async_trait]
impl Check for RecordCheck {
    fn name(&self) -> String {
        "record".to_owned()
    }

    async fn look(&self) -> Verdict {
        let shown = self.0.display();
        match examine(&self.0).await {
            Ok(Found::Nothing) => Verdict::fine(NOT_YET),
            Ok(Found::Sound) => Verdict::fine(format!("{shown}: whole")),
            Err(error @ StoreError::TooNew { .. }) => {
                Verdict::wrong(format!("{shown}: {error}: install the newer one again"))
            }
            Err(error) => Verdict::wrong(format!("{shown}: {:#}", anyhow::Error::from(error))),
        }
    }
}

#[async_trait]
impl Check for KeyCheck {
    fn name(&self) -> String {
        "key".to_owned()
    }

    async fn look(&self) -> Verdict {
        judge(Key::load(&self.0).map(|key| key.is_some()))
    }
}

#[async_trait]
impl Check for PinCheck {
    fn name(&self) -> String {
        "staff PIN".to_owned()
    }

    async fn look(&self) -> Verdict {
        if self.given {
            return Verdict::fine("given in the settings");
        }
        judge(pin::is_kept(&self.data))
    }
}

fn judge<E: std::error::Error + Send + Sync + 'static>(kept: Result<bool, E>) -> Verdict {
    match kept {
        Ok(true) => Verdict::fine("whole, and for the booth alone"),
        Ok(false) => Verdict::fine(NOT_YET),
        Err(error) => Verdict::wrong(format!("{:#}", anyhow::Error::from(error))),
    }
}
