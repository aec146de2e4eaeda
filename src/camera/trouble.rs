//! What is wrong with a camera, named by what the operator can do about it.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::Condition;

/// What keeps a camera from being used. The texts are for operators: what is wrong, then what to
/// do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Install it, or correct the settings.
    #[error("the program {program} is not installed: apt install {package}")]
    NotInstalled {
        /// As the settings name it.
        program: String,
        /// Where Debian has it.
        package: &'static str,
    },
    /// Plug it in, switch it on.
    #[error("no camera is found{place}: plug it in and switch it on")]
    NotFound {
        /// Where it was looked for, beginning with a space; may be empty.
        place: String,
    },
    /// Give the booth's user the right.
    #[error(
        "no permission to use {what}: add the booth's user to the group {group}, and start again"
    )]
    Forbidden {
        /// The camera or its device.
        what: String,
        /// Who may use such devices on Debian.
        group: &'static str,
    },
    /// Stop the other program.
    #[error("another program has {what}: stop it ({hint})")]
    Held {
        /// The camera or its device.
        what: String,
        /// Which programs that mostly are, and how they are kept away.
        hint: &'static str,
    },
    /// Wake it up.
    #[error(
        "{what} is connected and does not answer: press its shutter button half-way, or switch it off and on"
    )]
    Asleep {
        /// The camera.
        what: String,
    },
    /// It stopped answering in the middle of something; the booth opens it anew.
    #[error("{what} did not answer within {} s", within.as_secs_f32())]
    Silent {
        /// The camera.
        what: String,
        /// How long it was given.
        within: Duration,
    },
    /// It was there a moment ago; the booth looks for it.
    #[error("the connection to {what} is lost{}", said(why))]
    Lost {
        /// The camera.
        what: String,
        /// The last that its program said; may be empty.
        why: String,
    },
    /// Correct what the reason names.
    #[error("{what} cannot be used: {reason}")]
    Unusable {
        /// The camera, its program or its folder.
        what: String,
        /// What is said about it.
        reason: String,
    },
}

/// What kind of trouble it is, in a word that pages translate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CameraTrouble)]
pub enum TroubleKind {
    /// A program is not installed.
    NotInstalled,
    /// No camera is there.
    NotFound,
    /// The booth's user may not use it.
    Forbidden,
    /// Another program has it.
    Held,
    /// It is connected and does not answer.
    Asleep,
    /// It stopped answering in the middle of something.
    Silent,
    /// It was there a moment ago.
    Lost,
    /// It cannot be used, for a reason of its own.
    Unusable,
}

impl Trouble {
    /// In a word.
    #[must_use]
    pub fn kind(&self) -> TroubleKind {
        match self {
            Self::NotInstalled { .. } => TroubleKind::NotInstalled,
            Self::NotFound { .. } => TroubleKind::NotFound,
            Self::Forbidden { .. } => TroubleKind::Forbidden,
            Self::Held { .. } => TroubleKind::Held,
            Self::Asleep { .. } => TroubleKind::Asleep,
            Self::Silent { .. } => TroubleKind::Silent,
            Self::Lost { .. } => TroubleKind::Lost,
            Self::Unusable { .. } => TroubleKind::Unusable,
        }
    }

    /// What this makes of the camera.
    #[must_use]
    pub fn condition(&self) -> Condition {
        match self {
            Self::Asleep { .. } => Condition::Asleep,
            Self::Silent { .. } | Self::Lost { .. } => Condition::Recovering,
            Self::NotInstalled { .. }
            | Self::NotFound { .. }
            | Self::Forbidden { .. }
            | Self::Held { .. }
            | Self::Unusable { .. } => Condition::Gone,
        }
    }
}

fn said(why: &str) -> String {
    if why.is_empty() {
        String::new()
    } else {
        format!(" ({why})")
    }
}
