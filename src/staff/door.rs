//! The staff's door: a PIN is exchanged for a short-lived token.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::pin::{PinError, Pins};
use super::settings::Settings;
use super::token::{Claims, Pass, StaffTokens};
use super::tries::PinTries;
use crate::clock::Clock;
use crate::household::Caller;
use crate::secret::{Entropy, Key};

/// Longest PIN that is looked at.
const MAX_PIN: usize = 32;

/// Why the door stays shut.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// That is not the PIN.
    #[error("that is not the PIN")]
    Wrong {
        /// How long the next try must wait; zero: it need not.
        wait: Duration,
    },
    /// There were too many wrong ones: try again then.
    #[error("too many wrong PINs")]
    Wait {
        /// When the next try is looked at.
        retry_after: Duration,
    },
    /// There is no token that is still good: the PIN must be typed (again).
    #[error("the PIN must be typed again")]
    Over,
    /// The PIN could not be read.
    #[error(transparent)]
    Pin(#[from] PinError),
}

/// Lets staff in.
#[derive(Debug)]
pub struct Door {
    pins: Arc<Pins>,
    tries: PinTries,
    tokens: StaffTokens,
    /// One PIN is looked at at a time: guesses at the same moment count one after the other, and
    /// take one core at most.
    one_by_one: Mutex<()>,
}

impl Door {
    /// The door of the booth whose things are in `data`. A PIN that had to be made is returned
    /// too, to be said once. Blocks on the disk.
    ///
    /// # Errors
    /// [`PinError`].
    pub fn open(
        settings: &Settings,
        data: &Path,
        key: &Key,
        clock: Arc<dyn Clock>,
        entropy: &Entropy,
    ) -> Result<(Self, Option<String>), PinError> {
        let (pins, fresh) = Pins::open(settings, data, key, entropy)?;
        let door = Self {
            pins: Arc::new(pins),
            tries: PinTries::new(Arc::clone(&clock)),
            tokens: StaffTokens::new(key, clock, entropy.clone()),
            one_by_one: Mutex::default(),
        };
        Ok((door, fresh))
    }

    /// Exchanges the PIN for a token.
    ///
    /// # Errors
    /// [`DoorError`].
    pub async fn enter(&self, typed: String, from: Caller) -> Result<Pass, DoorError> {
        let _turn = self.one_by_one.lock().await;
        let wait = self.tries.wait(from);
        if !wait.is_zero() {
            return Err(DoorError::Wait { retry_after: wait });
        }
        let right = typed.len() <= MAX_PIN && self.ask(move |pins| pins.is(&typed)).await?;
        if !right {
            let wait = self.tries.failed(from);
            tracing::warn!(wait_s = wait.as_secs(), "a wrong staff PIN was typed");
            return Err(DoorError::Wrong { wait });
        }
        self.tries.succeeded(from);
        Ok(self.tokens.issue(&self.ask(Pins::mark).await?))
    }

    /// What a token says that is still good: in its time, and of the PIN as it is kept now. A new
    /// PIN may be made by another process, so the file is read each time.
    ///
    /// # Errors
    /// [`DoorError::Over`], [`DoorError::Pin`].
    pub async fn admit(&self, token: &str) -> Result<Claims, DoorError> {
        let claims = self.tokens.verify(token).map_err(|_| DoorError::Over)?;
        if self.ask(Pins::mark).await? == claims.pin {
            Ok(claims)
        } else {
            Err(DoorError::Over)
        }
    }

    /// A newer token for the bearer of one that was [admitted](Door::admit).
    ///
    /// # Errors
    /// [`DoorError::Over`].
    pub fn renew(&self, claims: &Claims) -> Result<Pass, DoorError> {
        self.tokens.renew(claims).ok_or(DoorError::Over)
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Pins) -> Result<T, PinError> + Send + 'static,
    ) -> Result<T, PinError> {
        let pins = Arc::clone(&self.pins);
        tokio::task::spawn_blocking(move || question(&pins))
            .await
            .expect("reading a PIN does not panic")
    }
}
