//! Why there is no painting, sorted by what the asker can do about it.

use std::time::Duration;

use crate::imaging::Refusal;
use crate::session::FailureCode;

/// Why there is no painting.
#[derive(Debug, thiserror::Error)]
pub enum GeneratorError {
    /// It said no or broke; another attempt may do, elsewhere if there is an elsewhere.
    #[error("the generator failed: {0}")]
    Failed(String),
    /// It has too much to do.
    #[error("the generator has too much to do: {words}")]
    Busy {
        /// What it said.
        words: String,
        /// When it is worth asking again, if it said so.
        retry_after: Option<Duration>,
    },
    /// It is not there: refused, unknown, or silent.
    #[error("the generator cannot be reached: {0}")]
    Unreachable(String),
    /// Its answer was no picture.
    #[error("the generator's answer is not a picture")]
    Rubbish(#[source] Refusal),
    /// Its answer is a picture and no painting of the photo, in words.
    #[error("the generator's answer is not a painting: {0}")]
    NoPainting(&'static str),
    /// It took the work on, and the answer is lost: nothing can be picked up again.
    #[error("the generator's answer is lost: {0}")]
    Lost(String),
    /// It did not answer in time.
    #[error("the generator did not answer within {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    /// The painting is no longer wanted.
    #[error("the painting was cancelled")]
    Cancelled,
    /// It will never paint this as it is now: it knows no such style, or lacks a node or a model.
    #[error("the generator cannot paint this: {0}")]
    Unfit(String),
    /// It will not paint this: the photo does not decode, or a house rule forbids it.
    #[error("this is not painted: {0}")]
    Refused(String),
    /// The provider's rules forbid it: it is sent to no server again.
    #[error("the provider's rules forbid this: {0}")]
    Moderated(String),
    /// Its memory was too small, even after what it held was freed.
    #[error("the generator ran out of memory: {0}")]
    OutOfMemory(String),
    /// It cannot paint before it is started anew, though it may still answer.
    #[error("the generator must be restarted: {0}")]
    NeedsRestart(String),
    /// The work was sent, and it is not known whether it was taken on: it may still be painted,
    /// and billed.
    #[error("the generator may still be painting this: {0}")]
    MaybeStillComing(String),
}

/// What to do about a [`GeneratorError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Ask no server again: only the embedded painter may do, if anybody still waits.
    GiveUp,
    /// Try elsewhere, and remember that this generator does not paint this style.
    Elsewhere,
    /// Try again, elsewhere first.
    Again,
    /// Try again with [`super::Brief::smaller`], or elsewhere. The second time the generator is
    /// not fit for this style.
    Smaller,
    /// Try elsewhere, and have this generator restarted before it is asked again.
    Restart,
    /// Ask by [`super::Generator::resume`] what became of it before it is sent anywhere that bills.
    Look,
}

impl GeneratorError {
    /// The word that goes to the visitor.
    pub fn code(&self) -> FailureCode {
        match self {
            Self::Rubbish(_) | Self::NoPainting(_) => FailureCode::GeneratorRubbish,
            Self::TimedOut(_) | Self::MaybeStillComing(_) => FailureCode::TimedOut,
            Self::Unfit(_) => FailureCode::NoGenerator,
            Self::Moderated(_) => FailureCode::Moderated,
            _ => FailureCode::GeneratorFailed,
        }
    }

    /// Whether a service that bills will bill it although there is no painting: it answered, or may
    /// have worked for an answer that nobody will ever fetch.
    pub fn is_billed(&self) -> bool {
        match self {
            Self::Rubbish(_) | Self::NoPainting(_) | Self::Lost(_) | Self::TimedOut(_) => true,
            Self::Failed(_)
            | Self::Busy { .. }
            | Self::Unreachable(_)
            | Self::Cancelled
            | Self::Unfit(_)
            | Self::Refused(_)
            | Self::Moderated(_)
            | Self::OutOfMemory(_)
            | Self::NeedsRestart(_)
            | Self::MaybeStillComing(_) => false,
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Cancelled | Self::Refused(_) | Self::Moderated(_) => Remedy::GiveUp,
            Self::Unfit(_) => Remedy::Elsewhere,
            Self::Failed(_)
            | Self::Busy { .. }
            | Self::Unreachable(_)
            | Self::Rubbish(_)
            | Self::NoPainting(_)
            | Self::Lost(_)
            | Self::TimedOut(_) => Remedy::Again,
            Self::OutOfMemory(_) => Remedy::Smaller,
            Self::NeedsRestart(_) => Remedy::Restart,
            Self::MaybeStillComing(_) => Remedy::Look,
        }
    }
}
