//! The staff's door: a PIN is exchanged for a short-lived token.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::pin::{PinError, Pins};
use super::settings::Settings;
use super::shifts::EndedShifts;
use super::token::{Claims, Pass, StaffTokens};
use super::tries::PinTries;
use crate::clock::Clock;
use crate::household::Caller;
use crate::secret::{Entropy, Key};
use crate::store::{Request, Store, StoreError};

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
    /// The end of a shift could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Lets staff in.
#[derive(Debug)]
pub struct Door {
    pins: Arc<Pins>,
    tries: PinTries,
    tokens: StaffTokens,
    ended: EndedShifts,
    /// One PIN is looked at at a time: guesses at the same moment count one after the other, and
    /// take one core at most.
    one_by_one: Mutex<()>,
}

impl Door {
    /// The door of the booth whose things are in `data` and `store`. A PIN that had to be made is
    /// returned too, to be said once. Blocks on the disk.
    ///
    /// # Errors
    /// [`DoorError::Pin`], [`DoorError::Store`].
    pub async fn open(
        settings: &Settings,
        data: &Path,
        store: &Store,
        key: &Key,
        clock: Arc<dyn Clock>,
        entropy: &Entropy,
    ) -> Result<(Self, Option<String>), DoorError> {
        let (pins, fresh) = Pins::open(settings, data, key, entropy)?;
        let door = Self {
            pins: Arc::new(pins),
            tries: PinTries::new(Arc::clone(&clock)),
            ended: EndedShifts::load(store.clone(), Arc::clone(&clock)).await?,
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

    /// What a token says that is ours and in its time, whether or not it is good for anything.
    ///
    /// # Errors
    /// [`DoorError::Over`].
    pub fn read(&self, token: &str) -> Result<Claims, DoorError> {
        self.tokens.verify(token).map_err(|_| DoorError::Over)
    }

    /// What a token says that is still good: in its time, of a shift that goes on, and of the PIN as
    /// it is kept now. A new PIN may be made by another process, so the file is read each time.
    ///
    /// # Errors
    /// [`DoorError::Over`], [`DoorError::Pin`].
    pub async fn admit(&self, token: &str) -> Result<Claims, DoorError> {
        let claims = self.read(token)?;
        if self.ended.has(claims.shift) {
            return Err(DoorError::Over);
        }
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
        let renewed = || self.tokens.renew(claims);
        let newer = self.ended.unless_ended(claims.shift, renewed).flatten();
        newer.ok_or(DoorError::Over)
    }

    /// Ends the shift of the bearer of a token that was [admitted](Door::admit): that token and all
    /// others of the same shift are worth nothing from now on, over a restart too. `request` is noted
    /// in the same transaction.
    ///
    /// # Errors
    /// [`DoorError::Store`]: then it has ended all the same, until this booth is restarted.
    pub async fn lock(&self, claims: &Claims, request: Option<&Request>) -> Result<(), DoorError> {
        Ok(self.ended.end(claims.shift, request).await?)
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
