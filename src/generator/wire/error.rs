//! What goes wrong between us and a server, and what it means for a painting.

use std::time::Duration;

use reqwest::StatusCode;

use crate::generator::GeneratorError;
use crate::imaging::{Measure, Refusal};

/// What went wrong on the way.
#[derive(Debug, thiserror::Error)]
pub(in crate::generator) enum WireError {
    /// Nobody is there: nothing was sent.
    #[error("{0}")]
    Unreachable(String),
    /// The connection broke when something may have been sent.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// No whole answer within this time, though something may have been sent.
    #[error("no answer within {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    /// It sends us on.
    #[error("it sends us on to {0}, which settings do not name")]
    SentOn(String),
    /// It answered with a status that is no success.
    #[error("it answered {status}: {text}")]
    Said {
        status: StatusCode,
        text: String,
        retry_after: Option<Duration>,
    },
    /// Its answer is not JSON.
    #[error("it answered with something that is not JSON: {0}")]
    NotJson(String),
    /// Its answer has no end that we would wait for.
    #[error("its answer is longer than {limit} bytes")]
    TooLong { limit: usize },
}

impl WireError {
    /// Whether the server may have taken on what was sent.
    pub(in crate::generator) fn may_have_arrived(&self) -> bool {
        match self {
            Self::Broken(_) | Self::TimedOut(_) | Self::NotJson(_) | Self::TooLong { .. } => true,
            Self::Said { status, .. } => status.is_server_error(),
            Self::Unreachable(_) | Self::SentOn(_) => false,
        }
    }
}

impl WireError {
    /// Whether it says nothing of what was asked for: the same question may do a little later.
    pub(in crate::generator) fn is_of_the_line(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Broken(_) | Self::TimedOut(_) => true,
            Self::Said { status, .. } => {
                status.is_server_error() || matches!(status.as_u16(), 408 | 429)
            }
            Self::SentOn(_) | Self::NotJson(_) | Self::TooLong { .. } => false,
        }
    }

    /// The same, where a picture was asked for.
    pub(in crate::generator) fn about_a_picture(self) -> GeneratorError {
        match self {
            Self::TooLong { limit } => GeneratorError::Rubbish(Refusal::TooLarge {
                measure: Measure::Bytes,
                found: limit as u64 + 1,
                limit: limit as u64,
            }),
            e => e.into(),
        }
    }
}

impl From<WireError> for GeneratorError {
    fn from(e: WireError) -> Self {
        match e {
            WireError::Unreachable(words) => Self::Unreachable(words),
            WireError::TimedOut(after) => Self::TimedOut(after),
            WireError::Said {
                status,
                ref text,
                retry_after,
            } => match status.as_u16() {
                401 | 403 => Self::Unfit(format!("it does not let us in ({status})")),
                404 | 405 => Self::Unfit(format!("it is not the kind of server it should be: {e}")),
                408 | 429 | 503 => Self::Busy {
                    words: format!("{status} {text}").trim_end().to_owned(),
                    retry_after,
                },
                _ => Self::Failed(e.to_string()),
            },
            e => Self::Failed(e.to_string()),
        }
    }
}
