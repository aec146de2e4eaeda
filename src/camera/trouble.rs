//! What is wrong with a camera, named by what the operator can do about it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Condition;

/// At so many percent a camera takes no photo any more.
const BATTERY_EMPTY: u8 = 1;

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
    /// Set it to JPEG.
    #[error("{what} saves no JPEG but {format}: set its quality to JPEG")]
    NoJpeg {
        /// The camera, or its folder.
        what: String,
        /// What it saves, in its own words.
        format: String,
    },
    /// Empty or change the card.
    #[error("the card of {what} is full: empty it or put in another one")]
    CardFull {
        /// The camera.
        what: String,
    },
    /// Charge or change the battery.
    #[error("the battery of {what} is at {percent} %: change it, or use mains power")]
    Battery {
        /// The camera.
        what: String,
        /// How full it is.
        percent: u8,
    },
    /// Take off the cap, open the shutter, switch on the light.
    #[error("{what} sees only black: is its lens covered?")]
    Dark {
        /// The camera.
        what: String,
    },
    /// Open it anew, or use another one.
    #[error("the picture of {what} stands still: plug it in anew")]
    Frozen {
        /// The camera.
        what: String,
    },
    /// Choose another format, cable or camera.
    #[error("{what} gives no picture that can be used: {reason}")]
    BadPicture {
        /// The camera.
        what: String,
        /// What is said about its last one.
        reason: String,
    },
    /// Choose a larger size.
    #[error("the pictures of {what} are too small: {width} × {height}")]
    TooSmall {
        /// The camera.
        what: String,
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// Give the booth's user the right to them.
    #[error("{what} holds files that the booth may not {deed}: {reason}")]
    NotOurs {
        /// The folder.
        what: String,
        /// `read` or `remove`.
        deed: &'static str,
        /// Which file, and what the system says.
        reason: String,
    },
    /// Allow the page to use it.
    #[error("{what} may not be used by the kiosk page: allow it in the browser")]
    Refused {
        /// The camera.
        what: String,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    /// It saves no JPEG.
    NoJpeg,
    /// Its card is full.
    CardFull,
    /// Its battery is almost empty.
    Battery,
    /// It sees only black.
    Dark,
    /// Its picture stands still.
    Frozen,
    /// Its pictures do not decode.
    BadPicture,
    /// Its pictures are too small.
    TooSmall,
    /// Its files are another user's.
    NotOurs,
    /// The browser does not let the page use it.
    Refused,
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
            Self::NoJpeg { .. } => TroubleKind::NoJpeg,
            Self::CardFull { .. } => TroubleKind::CardFull,
            Self::Battery { .. } => TroubleKind::Battery,
            Self::Dark { .. } => TroubleKind::Dark,
            Self::Frozen { .. } => TroubleKind::Frozen,
            Self::BadPicture { .. } => TroubleKind::BadPicture,
            Self::TooSmall { .. } => TroubleKind::TooSmall,
            Self::NotOurs { .. } => TroubleKind::NotOurs,
            Self::Refused { .. } => TroubleKind::Refused,
            Self::Unusable { .. } => TroubleKind::Unusable,
        }
    }

    /// Whether nothing is known of the camera any more.
    pub(super) fn is_away(&self) -> bool {
        matches!(
            self,
            Self::NotInstalled { .. }
                | Self::NotFound { .. }
                | Self::Forbidden { .. }
                | Self::Held { .. }
                | Self::Asleep { .. }
                | Self::Unusable { .. }
        )
    }

    /// What this makes of the camera.
    #[must_use]
    pub fn condition(&self) -> Condition {
        match self {
            Self::Asleep { .. } => Condition::Asleep,
            Self::Silent { .. } | Self::Lost { .. } => Condition::Recovering,
            // It still takes photos, and staff hear of it.
            Self::Battery { percent, .. } if *percent > BATTERY_EMPTY => Condition::Ready,
            Self::NotInstalled { .. }
            | Self::NotFound { .. }
            | Self::Forbidden { .. }
            | Self::Held { .. }
            | Self::NoJpeg { .. }
            | Self::CardFull { .. }
            | Self::Battery { .. }
            | Self::Dark { .. }
            | Self::Frozen { .. }
            | Self::BadPicture { .. }
            | Self::TooSmall { .. }
            | Self::NotOurs { .. }
            | Self::Refused { .. }
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
