//! Problem details (RFC 9457): a status, a stable code, a sentence.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::blobs::BlobError;
use crate::camera::CameraError;
use crate::imaging;
use crate::session::Refusal;
use crate::staff::DoorError;
use crate::staff::pause::PauseError;
use crate::store::{Over, StoreError};
use crate::ticket::TicketError;
use crate::visits::VisitError;

/// Why a request was not granted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    #[serde(skip)]
    status: StatusCode,
    /// A URI reference for the kind of problem.
    #[serde(rename = "type", serialize_with = "urn")]
    #[schema(value_type = String)]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status as a number.
    #[serde(rename = "status")]
    number: u16,
    /// The stable word that clients act upon.
    code: &'static str,
    /// One plain English sentence.
    #[schema(value_type = String)]
    detail: Box<str>,
    /// What the sentence names, as stable words: `media` with `unsupported_media` (`heic`, `raw`, `video`, ...).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    params: Option<Box<Params>>,
    /// When the visit was erased, if that is the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    erased_at: Option<Timestamp>,
    #[serde(skip)]
    retry_after: Option<Duration>,
}

/// What a problem's sentence names, as stable words.
#[derive(Debug, Clone, Serialize)]
struct Params {
    /// What the refused file is.
    media: &'static str,
}

impl Problem {
    /// A problem of that status, code and sentence.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            kind: code,
            title: status.canonical_reason().unwrap_or("Problem"),
            number: status.as_u16(),
            code,
            detail: detail.into().into_boxed_str(),
            params: None,
            erased_at: None,
            retry_after: None,
        }
    }

    /// Its stable word.
    pub(super) fn code(&self) -> &'static str {
        self.code
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// Its one sentence.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    pub(super) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
    }

    pub(super) fn token_invalid() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "token_invalid",
            "A valid room token is needed.",
        )
    }

    pub(super) fn wrong_room() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "wrong_room",
            "This token opens another room.",
        )
    }

    pub(super) fn kiosk_only() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "kiosk_only",
            "Only the booth's own screen may do this.",
        )
    }

    /// The request's key stands for another command.
    pub(super) fn key_reused() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "key_reused",
            "This Idempotency-Key was used for another request.",
        )
    }

    pub(super) fn nothing_here() -> Self {
        let detail = "There is nothing at this address.";
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    pub(super) fn gone() -> Self {
        Self::new(StatusCode::GONE, "gone", "This picture is no longer kept.")
    }

    /// The link's time is over, the picture's is not.
    pub(super) fn link_expired() -> Self {
        let detail = "This link has run out; reload the page for a new one.";
        Self::new(StatusCode::GONE, "link_expired", detail)
    }

    pub(super) fn erased(at: Timestamp) -> Self {
        let mut problem = Self::new(StatusCode::GONE, "erased", "This visit was erased.");
        problem.erased_at = Some(at);
        problem
    }

    pub(super) fn expired() -> Self {
        Self::new(StatusCode::GONE, "expired", "This visit is no longer kept.")
    }

    /// A body that came too slowly; the connection is closed after it.
    pub(super) fn too_slow() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            "The body came too slowly; send it again.",
        )
    }

    pub(super) fn busy(after: Duration) -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "The booth has its hands full; try again in a moment.",
        );
        problem.retry_after = Some(after);
        problem
    }

    /// What was to be kept found no room. Nothing of it is kept, and it may be sent again.
    pub(super) fn disk_full() -> Self {
        tracing::warn!("a request failed: the disk is full");
        Self::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "disk_full",
            "The booth's disk is full; nothing more can be kept until staff make room.",
        )
    }

    pub(super) fn too_many(code: &'static str, after: Duration) -> Self {
        let detail = "There were too many tries; wait a moment.";
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, code, detail);
        problem.retry_after = Some(after);
        problem
    }

    /// Only staff may do this, and the bearer has no staff token that is still good.
    pub(super) fn staff_required() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "staff_required",
            "The staff's PIN is needed.",
        )
    }

    /// The booth takes no new visitors for a while.
    pub(super) fn paused(back_in: Option<Duration>) -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "paused",
            "The booth is having a rest.",
        );
        problem.retry_after = Some(back_in.unwrap_or(Duration::from_secs(60)));
        problem
    }

    /// Something broke on our side: the whole story goes to the log, one sentence to the client.
    pub(super) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong at the booth.",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, retry_after) = (self.status, self.retry_after);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(after) = retry_after {
            let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}

/// The kind of problem as a URI: its code, in a namespace of our own.
fn urn<S: serde::Serializer>(code: &&'static str, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&format_args!("urn:easel:problem:{code}"))
}

/// For every path that is none.
pub(super) async fn no_such_route() -> Problem {
    Problem::nothing_here()
}

/// For every path that is asked by a method it does not have.
pub(super) async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This address is not asked by this method.",
    )
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = match refusal {
            Refusal::ConsentRequired => (StatusCode::CONFLICT, "consent_required"),
            Refusal::WrongState(_) => (StatusCode::CONFLICT, "wrong_state"),
            Refusal::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            Refusal::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Refusal::TooMany(_) => (StatusCode::CONFLICT, "too_many"),
            Refusal::ClaimRequired => (StatusCode::FORBIDDEN, "claim_required"),
            Refusal::ClaimWrong => (StatusCode::FORBIDDEN, "claim_wrong"),
            Refusal::Ended => (StatusCode::CONFLICT, "wrong_state"),
            Refusal::Erased => (StatusCode::GONE, "erased"),
            Refusal::Expired => (StatusCode::GONE, "expired"),
        };
        Self::new(status, code, sentence(&refusal.to_string()))
    }
}

impl From<Over> for Problem {
    fn from(over: Over) -> Self {
        match over {
            Over::Erased(at) => Self::erased(at),
            Over::Expired => Self::expired(),
        }
    }
}

impl From<VisitError> for Problem {
    fn from(error: VisitError) -> Self {
        match error {
            VisitError::Refused(refusal) => refusal.into(),
            VisitError::TooManyOpen { .. } => Self::busy(Duration::from_secs(15)),
            VisitError::KeyReused => Self::key_reused(),
            VisitError::Store(error) => error.into(),
            VisitError::LeaseLost => Self::internal(&error),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full(_) => Self::disk_full(),
            error => Self::internal(&error),
        }
    }
}

impl From<BlobError> for Problem {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Missing => Self::gone(),
            BlobError::Full => Self::disk_full(),
            BlobError::Damaged => {
                tracing::error!("a picture on the disk is not what was kept");
                let detail = "This picture is damaged, and cannot be shown.";
                Self::new(StatusCode::GONE, "gone", detail)
            }
            error => Self::internal(&error),
        }
    }
}

impl From<TicketError> for Problem {
    fn from(error: TicketError) -> Self {
        Self::internal(&error)
    }
}

impl From<imaging::Refusal> for Problem {
    fn from(refusal: imaging::Refusal) -> Self {
        let status = match &refusal {
            imaging::Refusal::UnsupportedMedia { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            imaging::Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            imaging::Refusal::TooSmall { .. } | imaging::Refusal::BadImage { .. } => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            imaging::Refusal::Busy { retry_after } => return Self::busy(*retry_after),
        };
        let mut problem = Self::new(status, refusal.code(), sentence(&refusal.to_string()));
        if let imaging::Refusal::UnsupportedMedia { media } = refusal {
            let media = media.word();
            problem.params = Some(Box::new(Params { media }));
        }
        problem
    }
}

impl From<DoorError> for Problem {
    fn from(error: DoorError) -> Self {
        match error {
            DoorError::Wrong { wait } => {
                let detail = "That is not the PIN.";
                let mut problem = Self::new(StatusCode::FORBIDDEN, "pin_wrong", detail);
                problem.retry_after = (!wait.is_zero()).then_some(wait);
                problem
            }
            DoorError::Wait { retry_after } => Self::too_many("pin_wait", retry_after),
            DoorError::Over => Self::staff_required(),
            DoorError::Store(error) => error.into(),
            DoorError::Pin(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "the staff's PIN does not read");
                let detail = "The PIN that the booth keeps does not read: \
                              run `easel staff pin` on its machine for a new one.";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "pin_unreadable", detail)
            }
        }
    }
}

impl From<PauseError> for Problem {
    fn from(error: PauseError) -> Self {
        match error {
            PauseError::Store(error) => error.into(),
            error => Self::invalid(sentence(&error.to_string())),
        }
    }
}

impl From<CameraError> for Problem {
    fn from(error: CameraError) -> Self {
        let detail = sentence(&error.to_string());
        match error {
            CameraError::Busy => Self::busy(Duration::from_secs(1)),
            CameraError::InBrowser => Self::new(StatusCode::CONFLICT, "no_camera", detail),
            error => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the camera gave no photo"
                );
                // The camera is there, and the visitor may just press again.
                let code = match error {
                    CameraError::NoPicture { .. } => "no_picture",
                    _ => "camera_failed",
                };
                Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
            }
        }
    }
}

/// Errors are phrases; people read sentences.
pub(super) fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    let first = letters
        .next()
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
