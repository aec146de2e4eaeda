//! How a camera is, in words for staff.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Trouble, TroubleKind};

/// How a camera is now. Cheap to ask for: nothing is looked at, this is what was last seen.
///
/// `condition` is the stable word that pages turn into the visitor's language; `says` is the
/// sentence for staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CameraState {
    /// Whether a photo can be taken.
    pub condition: Condition,
    /// Since when it is so; `None` if it was never otherwise.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What is wrong with it, in a word that pages translate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<TroubleKind>,
    /// What was found, or what to do about it: a plain phrase for staff, in English. Of a camera
    /// that is ready, what it calls itself.
    #[schema(example = "Nikon DSC D750")]
    pub says: String,
    /// Settings that were wished for, and that the camera does not take, by its own names of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refuses: Vec<String>,
    /// How full its battery is, 0 to 100, where the camera tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub battery_percent: Option<u8>,
}

/// Whether a photo can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CameraCondition)]
pub enum Condition {
    /// Yes, at once.
    Ready,
    /// In a moment: it is taking one.
    Busy,
    /// It is connected and does not answer: asleep, switched off half-way, or stuck focusing. The
    /// booth goes on trying; a hand on the camera helps.
    Asleep,
    /// No: it is not there, or cannot be used. The booth goes on looking for it.
    Gone,
    /// It is being opened, for the first time or again; mostly a matter of seconds.
    Recovering,
}

impl CameraState {
    /// In this condition as far back as anyone can say.
    #[must_use]
    pub fn always(condition: Condition, says: impl Into<String>) -> Self {
        Self {
            condition,
            since: None,
            trouble: None,
            says: says.into(),
            refuses: Vec::new(),
            battery_percent: None,
        }
    }

    /// In that trouble as far back as anyone can say.
    #[must_use]
    pub fn in_trouble(trouble: &Trouble) -> Self {
        Self {
            trouble: Some(trouble.kind()),
            ..Self::always(trouble.condition(), trouble.to_string())
        }
    }
}
