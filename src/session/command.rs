//! What can be asked of a session.

use jiff::Timestamp;
use uuid::Uuid;

use super::state::{Asked, Capture, FailureCode, PictureRef, Ticket};

/// A wish. Everything that depends on chance, time or files is already inside.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields repeat the words of session::state")]
pub enum Command {
    /// Begin the visit.
    Open {
        activity: String,
        locale: String,
        expires_at: Timestamp,
        claim: String,
    },
    /// Agree. Saying it again with other answers replaces them until a photo is taken.
    Consent {
        painting: bool,
        wall: bool,
        offsite: bool,
    },
    /// Speak another language.
    ChooseLocale { locale: String },
    /// Take a photo in; a second one is the retake and cancels the first one's paintings.
    TakeCapture { capture: Box<Capture> },
    /// Ask for paintings. `any_seed` says that none was named: a style that was asked for is then
    /// not asked for twice, whatever seed this command drew for it.
    AskPaintings {
        paintings: Vec<Asked>,
        any_seed: bool,
    },
    /// A generator begins.
    StartPainting { painting: Uuid, by: String },
    /// A generator is done.
    FinishPainting {
        painting: Uuid,
        by: String,
        server: String,
        picture: Box<PictureRef>,
        thumb: Box<PictureRef>,
    },
    /// All attempts are used up.
    FailPainting { painting: Uuid, code: FailureCode },
    /// Try a failed one once more; one that was tried again since is so already.
    RetryPainting { painting: Uuid },
    /// A ticket has been rendered. One of the same painting with the same words is there already.
    AddTicket { ticket: Box<Ticket> },
    /// Order sheets. `most_sheets` bounds the whole visit; staff order without a bound, and of a
    /// visit that has ended too.
    OrderPrint {
        print: Uuid,
        ticket: Uuid,
        copies: u32,
        key: String,
        most_sheets: Option<u32>,
    },
    /// All sheets are on paper.
    FinishPrint { print: Uuid },
    /// The printer gave up.
    FailPrint { print: Uuid, code: FailureCode },
    /// A phone wants in; all but the first need the claim code.
    JoinPhone { claim: Option<String> },
    /// Free the screen.
    HandOver,
    /// End the visit.
    End,
    /// Erase everything of it.
    Erase,
}
