//! What a session is made of.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The id of a manner of painting, as settings name it (`van-gogh`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StyleId(pub String);

impl StyleId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for StyleId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for StyleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A picture that lies in the blob store: where, and what a reader must know before fetching it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureRef {
    /// Its own id, stable for its life.
    pub id: Uuid,
    /// The blob's key, `<session>/<name>`.
    pub key: String,
    /// Width in pixels, as shown (upright).
    pub width: u32,
    /// Height in pixels, as shown (upright).
    pub height: u32,
    /// Size of the file.
    pub bytes: u64,
    /// Media type (`image/jpeg`, `application/pdf`).
    pub content_type: String,
    /// When the file is deleted.
    pub expires_at: Timestamp,
}

/// What the visitor has agreed to, before any picture is taken or kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// To be painted; without it there is no visit.
    pub painting: bool,
    /// To be shown on the wall.
    pub wall: bool,
    /// To a generator that is not on site.
    pub offsite: bool,
    /// When this was said.
    pub at: Timestamp,
}

/// Where a capture came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureSource {
    /// Bytes sent by the kiosk page or a phone.
    Upload,
    /// The booth's own camera.
    Camera,
    /// One of the sample photos, where there is no camera.
    Sample,
}

/// A photo as the visitor gave it, with its renditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// Its id.
    pub id: Uuid,
    /// Where it came from.
    pub source: CaptureSource,
    /// When it was taken in.
    pub taken_at: Timestamp,
    /// Key of the untouched original.
    pub original: String,
    /// What generators get.
    pub input: PictureRef,
    /// What screens and the embedded painters get.
    pub screen: PictureRef,
    /// What lists get.
    pub thumb: PictureRef,
}

impl Capture {
    fn pictures(&self) -> [&PictureRef; 3] {
        [&self.input, &self.screen, &self.thumb]
    }
}

/// One painting as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Its id.
    pub id: Uuid,
    /// The capture to paint.
    pub capture: Uuid,
    /// In whose manner.
    pub style: StyleId,
    /// Another seed gives another painting of the same face.
    pub seed: u32,
}

/// How a painting or a print fared, in a word that pages translate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// The generator said no, or broke.
    GeneratorFailed,
    /// The generator answered with something that is no picture.
    GeneratorRubbish,
    /// The generator did not answer in time.
    TimedOut,
    /// No generator of this booth paints this style.
    NoGenerator,
    /// The rules of the service that was asked forbid it.
    Moderated,
    /// The printer would not.
    PrinterFailed,
    /// Something broke on our side.
    Internal,
}

impl FailureCode {
    /// One plain sentence, in English; pages say it in the visitor's language by the code.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::GeneratorFailed => "The painter could not finish this picture.",
            Self::GeneratorRubbish => "The painter sent back something that is not a picture.",
            Self::TimedOut => "The painter took too long.",
            Self::NoGenerator => "No painter here knows this style.",
            Self::Moderated => "The image service does not allow this picture.",
            Self::PrinterFailed => "The printer could not print this sheet.",
            Self::Internal => "Something went wrong at the booth.",
        }
    }
}

/// Where a painting stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaintingState {
    /// Waiting for a generator.
    Queued,
    /// A generator is at it.
    Painting {
        /// The generator's kind.
        by: String,
    },
    /// On the wall.
    Done {
        /// The kind of the generator that painted it.
        by: String,
        /// The painting.
        picture: PictureRef,
        /// Its small version.
        thumb: PictureRef,
    },
    /// Given up after all attempts.
    Failed {
        /// Why.
        code: FailureCode,
    },
    /// No longer wanted.
    Cancelled,
}

/// capture × style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Painting {
    /// What was asked.
    pub asked: Asked,
    /// When.
    pub asked_at: Timestamp,
    /// How many attempts have begun.
    pub attempts: u32,
    /// Where it stands.
    pub state: PaintingState,
    /// When it reached `done`, `failed` or `cancelled`.
    pub settled_at: Option<Timestamp>,
    /// Whether it was tried again after it had failed.
    pub retried: bool,
}

impl Painting {
    fn pictures(&self) -> impl Iterator<Item = &PictureRef> {
        let hung = match &self.state {
            PaintingState::Done { picture, thumb, .. } => Some([picture, thumb]),
            _ => None,
        };
        hung.into_iter().flatten()
    }

    /// Whether nothing more will happen to it by itself.
    pub fn is_settled(&self) -> bool {
        !matches!(
            self.state,
            PaintingState::Queued | PaintingState::Painting { .. }
        )
    }
}

/// The files of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketFiles {
    /// The keepsake for the phone, without the key-bearing stub.
    pub phone: PictureRef,
    /// The raster for the printer, 4×6 in at 300 dpi.
    pub print: PictureRef,
    /// The visitor's PDF.
    pub pdf: PictureRef,
    /// The print sheet that goes to the printer.
    pub sheet: PictureRef,
}

impl TicketFiles {
    fn all(&self) -> [&PictureRef; 4] {
        [&self.phone, &self.print, &self.pdf, &self.sheet]
    }
}

/// The keepsake made from one painting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its id.
    pub id: Uuid,
    /// The painting on it.
    pub painting: Uuid,
    /// The running number printed on it.
    pub number: u32,
    /// The visitor's name, as typed.
    pub name: Option<String>,
    /// A line of the visitor's.
    pub message: Option<String>,
    /// When it was made.
    pub made_at: Timestamp,
    /// The rendered formats.
    pub files: TicketFiles,
}

/// Where a print stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintState {
    /// Waiting for the printer.
    Queued,
    /// On paper, all sheets.
    Done,
    /// Given up.
    Failed {
        /// Why.
        code: FailureCode,
    },
}

/// One order at the printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Print {
    /// Its id.
    pub id: Uuid,
    /// The ticket to print.
    pub ticket: Uuid,
    /// Sheets ordered.
    pub copies: u32,
    /// The client's `Idempotency-Key`.
    pub key: String,
    /// Where it stands.
    pub state: PrintState,
}

/// What the visit waits for: the name of the screen that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nothing agreed yet.
    Consent,
    /// Agreed; no photo yet.
    Capture,
    /// Photographed; some painting is not settled, or none is asked yet.
    Painting,
    /// All paintings settled; no ticket yet.
    Choose,
    /// A ticket is ready.
    Ticket,
    /// Over.
    Ended,
}

/// One visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// Number of the last event folded in.
    pub seq: u64,
    /// What the booth offers in it.
    pub activity: String,
    /// The visitor's language.
    pub locale: String,
    /// When it began.
    pub opened_at: Timestamp,
    /// When everything of it is deleted.
    pub expires_at: Timestamp,
    /// Four digits that let a second phone in.
    pub claim: String,
    /// Whether the kiosk shows it.
    pub on_screen: bool,
    /// What the visitor agreed to.
    pub consent: Option<Consent>,
    /// Photos, the last one being the current one.
    pub captures: Vec<Capture>,
    /// Paintings ever asked, oldest first.
    pub paintings: Vec<Painting>,
    /// Tickets made, oldest first.
    pub tickets: Vec<Ticket>,
    /// Print orders, oldest first.
    pub prints: Vec<Print>,
    /// How many phones have joined.
    pub phones: u32,
    /// When it was ended, if it was.
    pub ended_at: Option<Timestamp>,
    /// When it was erased, if it was.
    pub erased_at: Option<Timestamp>,
}

impl Session {
    /// The picture that is kept under `key`, if it is one of this visit's.
    pub fn picture(&self, key: &str) -> Option<&PictureRef> {
        let captured = self.captures.iter().flat_map(Capture::pictures);
        let painted = self.paintings.iter().flat_map(Painting::pictures);
        let printed = self.tickets.iter().flat_map(|ticket| ticket.files.all());
        captured
            .chain(painted)
            .chain(printed)
            .find(|picture| picture.key == key)
    }

    /// What the visit waits for.
    pub fn stage(&self) -> Stage {
        if self.ended_at.is_some() || self.erased_at.is_some() {
            Stage::Ended
        } else if self.consent.is_none() {
            Stage::Consent
        } else if self.captures.is_empty() {
            Stage::Capture
        } else if !self.tickets.is_empty() {
            Stage::Ticket
        } else if self.current_paintings().next().is_none() || self.has_unsettled_paintings() {
            Stage::Painting
        } else {
            Stage::Choose
        }
    }

    /// The photo that counts: the last one taken.
    pub fn current_capture(&self) -> Option<&Capture> {
        self.captures.last()
    }

    /// Paintings of the current capture.
    pub fn current_paintings(&self) -> impl Iterator<Item = &Painting> {
        let current = self.current_capture().map(|c| c.id);
        self.paintings
            .iter()
            .filter(move |p| Some(p.asked.capture) == current)
    }

    /// Whether some painting still waits or is being painted.
    pub fn has_unsettled_paintings(&self) -> bool {
        self.paintings.iter().any(|p| !p.is_settled())
    }

    /// The capture of that id.
    pub fn capture(&self, id: Uuid) -> Option<&Capture> {
        self.captures.iter().find(|c| c.id == id)
    }

    /// The painting of that id.
    pub fn painting(&self, id: Uuid) -> Option<&Painting> {
        self.paintings.iter().find(|p| p.asked.id == id)
    }

    /// The painting that already answers to `asked`: one of the same seed, or, when any seed will
    /// do, whichever is there, done or not. A failed one is tried again by
    /// [`Command::RetryPainting`](super::Command::RetryPainting), or by another seed.
    pub fn answering(&self, asked: &Asked, any_seed: bool) -> Option<&Painting> {
        self.paintings.iter().rev().find(|p| {
            let same_picture = p.asked.capture == asked.capture && p.asked.style == asked.style;
            let answers = match p.state {
                PaintingState::Cancelled => false,
                PaintingState::Failed { .. } => any_seed,
                _ => any_seed || p.asked.seed == asked.seed,
            };
            same_picture && answers
        })
    }

    /// The ticket of that id.
    pub fn ticket(&self, id: Uuid) -> Option<&Ticket> {
        self.tickets.iter().find(|t| t.id == id)
    }

    /// The ticket that was made of that painting with these words and is still kept at `now`.
    pub fn ticket_of(
        &self,
        painting: Uuid,
        name: Option<&str>,
        message: Option<&str>,
        now: Timestamp,
    ) -> Option<&Ticket> {
        self.tickets.iter().find(|t| {
            let words = (t.name.as_deref(), t.message.as_deref());
            t.painting == painting && words == (name, message) && now < t.files.phone.expires_at
        })
    }

    /// The print order of that id.
    pub fn print(&self, id: Uuid) -> Option<&Print> {
        self.prints.iter().find(|p| p.id == id)
    }

    /// Sheets ordered in this visit, whatever became of them, except failed ones.
    pub fn sheets_ordered(&self) -> u32 {
        self.prints
            .iter()
            .filter(|p| !matches!(p.state, PrintState::Failed { .. }))
            .map(|p| p.copies)
            .sum()
    }
}
