//! Why a command is not carried out.

/// Why a command has no events. Each names what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Ask for consent first.
    #[error("the visitor has not agreed to be painted yet")]
    ConsentRequired,
    /// Not now: the visit is at another point.
    #[error("this is not possible at this point of the visit: {0}")]
    WrongState(&'static str),
    /// There is no such thing, in this visit or in the booth.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// What was asked for makes no sense in itself.
    #[error("{0}")]
    Invalid(&'static str),
    /// Enough of it: a bound of the visit is reached.
    #[error("this visit has reached its bound: {0}")]
    TooMany(&'static str),
    /// A second phone must name the code.
    #[error("the code on the ticket is needed to join this visit")]
    ClaimRequired,
    /// That is not the code.
    #[error("that is not the code on the ticket")]
    ClaimWrong,
    /// The visit is over.
    #[error("this visit is over")]
    Ended,
    /// Everything of this visit was erased.
    #[error("this visit was erased")]
    Erased,
    /// The visit's pictures have reached the end of their keeping.
    #[error("this visit has expired")]
    Expired,
}
