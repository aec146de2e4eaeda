//! From what a generator says to what follows from it.

use super::foreman::{End, Fault};
use crate::blobs::BlobError;
use crate::generator::{GeneratorError, Remedy};
use crate::session::FailureCode;
use crate::store::StoreError;

/// What is known of an attempt that did not come to a painting.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Circumstances {
    /// Whether it was asked to stop.
    pub(super) stopped: bool,
    /// Whether the server had taken it on.
    pub(super) midway: bool,
    /// Whether it costs money.
    pub(super) billed: bool,
}

/// Why there is nothing to report as done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Generator(#[from] GeneratorError),
    #[error("the photo or the painting could not be kept")]
    Blobs(#[from] BlobError),
    #[error("the record could not be written")]
    Store(#[from] StoreError),
    #[error("what was to be waited for is no longer there")]
    Gone,
    #[error("nobody waits for it any more")]
    Unwanted,
    #[error("the booth stops")]
    Leaving,
}

/// How an attempt with that trouble ended.
pub(super) fn end(trouble: &Trouble, circumstances: Circumstances) -> End {
    match trouble {
        Trouble::Unwanted | Trouble::Leaving => End::Stopped,
        Trouble::Generator(GeneratorError::Cancelled) if circumstances.stopped => End::Stopped,
        Trouble::Generator(GeneratorError::MaybeStillComing(_))
            if circumstances.stopped && !circumstances.billed =>
        {
            End::Stopped
        }
        Trouble::Generator(error) => End::Failed {
            fault: fault(error, circumstances),
            code: error.code(),
        },
        Trouble::Gone => End::Failed {
            fault: Fault::Gone,
            code: FailureCode::GeneratorFailed,
        },
        Trouble::Blobs(_) | Trouble::Store(_) => End::Failed {
            fault: Fault::Ours(trouble.to_string()),
            code: FailureCode::Internal,
        },
    }
}

/// What follows from that error.
pub(super) fn fault(error: &GeneratorError, circumstances: Circumstances) -> Fault {
    let says = error.to_string();
    match error {
        GeneratorError::Busy { retry_after, .. } => Fault::Busy {
            says,
            retry_after: *retry_after,
        },
        GeneratorError::Unreachable(_) => Fault::Unreachable {
            says,
            midway: circumstances.midway,
        },
        GeneratorError::TimedOut(_) => Fault::TimedOut(says),
        // Nobody asked it to: whatever cancelled it, the painting is still wanted.
        GeneratorError::Cancelled => Fault::Transient(says),
        error => match error.remedy() {
            Remedy::GiveUp => Fault::Job(says),
            Remedy::Elsewhere => Fault::Unfit(says),
            Remedy::Again => Fault::Transient(says),
            Remedy::Smaller => Fault::Memory(says),
            Remedy::Restart => Fault::Restart(says),
            Remedy::Look if circumstances.billed => Fault::Unsure(says),
            // Painting it twice costs nothing but time, which waiting would cost too.
            Remedy::Look => Fault::Transient(says),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Circumstances = Circumstances {
        stopped: false,
        midway: false,
        billed: false,
    };

    #[test]
    fn what_may_still_come_is_waited_for_only_where_it_costs_money() {
        let lost = || GeneratorError::MaybeStillComing("the line broke".to_owned());
        let billed = Circumstances {
            billed: true,
            ..HERE
        };
        assert!(matches!(fault(&lost(), billed), Fault::Unsure(_)));
        assert!(matches!(fault(&lost(), HERE), Fault::Transient(_)));
    }

    #[test]
    fn a_stop_is_a_stop_only_if_it_was_asked_for() {
        let cancelled = Trouble::from(GeneratorError::Cancelled);
        let asked = Circumstances {
            stopped: true,
            ..HERE
        };
        assert_eq!(end(&cancelled, asked), End::Stopped);
        let unconfirmed = Trouble::from(GeneratorError::MaybeStillComing("no answer".to_owned()));
        assert_eq!(end(&unconfirmed, asked), End::Stopped);
        let billed = Circumstances {
            billed: true,
            ..asked
        };
        assert!(matches!(
            end(&unconfirmed, billed),
            End::Failed {
                fault: Fault::Unsure(_),
                ..
            }
        ));
        assert!(matches!(
            end(&cancelled, HERE),
            End::Failed {
                fault: Fault::Transient(_),
                ..
            }
        ));
    }
}
