//! The shapes of what rooms are told, as JSON has them.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::printer::{Condition, Says};
use crate::session::{CaptureSource, FailureCode, Stage};

/// A picture to fetch.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Picture)]
pub struct PictureView {
    /// Its id.
    pub id: Uuid,
    /// Signed path and query, good for at least an hour.
    pub url: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Size of the file.
    pub bytes: u64,
    /// Media type.
    pub content_type: String,
}

/// A photo.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Capture)]
pub struct CaptureView {
    /// The upright input that generators get.
    #[serde(flatten)]
    pub picture: PictureView,
    /// Where it came from.
    #[schema(value_type = String, example = "upload")]
    pub source: CaptureSource,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub taken_at: Timestamp,
    /// Whether it is the one that counts.
    pub current: bool,
    /// Small.
    pub thumb: PictureView,
    /// Large.
    pub screen: PictureView,
}

/// Why something failed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Failure)]
pub struct FailureView {
    /// A stable word that pages translate.
    #[schema(value_type = String, example = "timed_out")]
    pub code: FailureCode,
    /// One plain English sentence.
    pub message: &'static str,
}

/// A painting.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Painting)]
pub struct PaintingView {
    /// Its id.
    pub id: Uuid,
    /// The capture it shows.
    pub capture: Uuid,
    /// In whose manner.
    pub style: String,
    /// Its seed.
    pub seed: u32,
    /// `queued`, `painting`, `done`, `failed` or `cancelled`.
    pub state: &'static str,
    /// Attempts begun.
    pub attempts: u32,
    /// How far, 0 to 1.
    pub share: f32,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Timestamp,
    /// When it was done, failed or cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub settled_at: Option<Timestamp>,
    /// The kind of generator that paints or painted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<FailureView>,
    /// The picture, once done: the fields of a `Picture` but its id.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PaintedView>,
}

/// The picture of a finished painting.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Painted)]
pub struct PaintedView {
    /// Signed path and query.
    pub url: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Size of the file.
    pub bytes: u64,
    /// Media type.
    pub content_type: String,
    /// Small.
    pub thumb: PictureView,
}

/// The files of a ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TicketFormats)]
pub struct FormatsView {
    /// The keepsake for the phone.
    pub phone: PictureView,
    /// 4×6 in at 300 dpi.
    pub print: PictureView,
    /// PDF.
    pub pdf: PictureView,
}

/// A ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Ticket)]
pub struct TicketView {
    /// Its id.
    pub id: Uuid,
    /// The painting on it.
    pub painting: Uuid,
    /// Its running number.
    pub number: u32,
    /// Four digits that let further phones in.
    pub claim: String,
    /// The visitor's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The visitor's line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub made_at: Timestamp,
    /// Its files.
    pub formats: FormatsView,
}

/// A print order.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Print)]
pub struct PrintView {
    /// Its id.
    pub id: Uuid,
    /// The ticket.
    pub ticket: Uuid,
    /// Sheets ordered.
    pub copies: u32,
    /// Sheets of it that are out.
    pub sheets_done: u32,
    /// `queued`, `done` or `failed`.
    pub state: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<FailureView>,
    /// Why this order waits longer than others, in plain words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits: Option<Says>,
}

/// How the printer is, for those who wait for a sheet.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PrinterHint)]
pub struct PrinterView {
    /// In a word.
    pub state: Condition,
    /// In plain words.
    pub says: Says,
    /// Whether sheets wait for somebody: a refill, a hand, a cable.
    pub keeps_waiting: bool,
}

/// What the visitor agreed to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Consent)]
pub struct ConsentView {
    /// To be painted.
    pub painting: bool,
    /// To be shown on the wall.
    pub wall: bool,
    /// To a generator off site.
    pub offsite: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// The visitor's place in the line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Line)]
pub struct LineView {
    /// Paintings that come before this visit's first waiting one.
    pub ahead: u64,
    /// Seconds until this visit's paintings are done: at best, at worst.
    pub eta_s: [u64; 2],
}

/// A visit as it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Snapshot)]
pub struct SnapshotView {
    /// Its id.
    pub id: Uuid,
    /// What the booth offers in it.
    pub activity: String,
    /// `consent`, `capture`, `painting`, `choose`, `ticket` or `ended`.
    #[schema(value_type = String, example = "painting")]
    pub state: Stage,
    /// Whether the kiosk shows it.
    pub on_screen: bool,
    /// The number of the last event.
    pub seq: u64,
    /// The booth's time.
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
    /// The visitor's language.
    pub locale: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Timestamp,
    /// When everything of it is deleted.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// What was agreed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentView>,
    /// How many phones have joined.
    pub phones: u32,
    /// Photos, the last being the current one.
    pub captures: Vec<CaptureView>,
    /// Paintings, oldest first.
    pub paintings: Vec<PaintingView>,
    /// Tickets, oldest first.
    pub tickets: Vec<TicketView>,
    /// Print orders, oldest first.
    pub prints: Vec<PrintView>,
    /// How the printer is, if the booth has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printer: Option<PrinterView>,
    /// The place in the line.
    pub line: LineView,
}
