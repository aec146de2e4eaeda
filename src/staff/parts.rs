//! How every part of the booth is, for one page.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::camera::Camera;
use crate::clock::Clock;
use crate::generator::Generator;
use crate::printer::Printer;
use crate::session::StyleId;

/// How long a part may take to say how it is.
const PATIENCE: Duration = Duration::from_secs(2);
/// Below this, somebody should make room: a visit leaves some 10 MB behind.
const LITTLE_ROOM: u64 = 2_000_000_000;
/// Below this, visitors' photos may soon be refused.
const NO_ROOM: u64 = 200_000_000;
/// A wall clock that is off by more than this prints a wrong time.
const DRIFT_S: u64 = 30;

/// How a part is, at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// It does its work.
    Well,
    /// It works, and somebody should look at it soon.
    Watch,
    /// It does not work.
    Trouble,
}

/// The camera.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CameraPart {
    /// The driver's word.
    pub driver: String,
    /// How it is.
    pub mood: Mood,
    /// What it says, in English.
    pub says: String,
}

/// A generator.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GeneratorPart {
    /// Its name in settings.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// How it is.
    pub mood: Mood,
    /// Its state in a word.
    pub state: String,
    /// What it says, in English.
    pub says: String,
    /// Whether staff took it out of service.
    pub draining: bool,
    /// How many paintings it works on at once.
    pub slots: u32,
    /// The styles it paints.
    pub styles: Vec<String>,
}

/// The disk.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DiskPart {
    /// How it is.
    pub mood: Mood,
    /// What is free, in bytes; left out if that cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_bytes: Option<u64>,
}

/// The clock.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ClockPart {
    /// How it is.
    pub mood: Mood,
    /// What a clock on the wall of this machine shows.
    #[schema(value_type = String, format = DateTime)]
    pub wall: Timestamp,
    /// How far that is ahead of the booth's steady time, in seconds.
    pub drift_s: i64,
    /// The machine's time zone.
    pub zone: String,
}

/// What is asked how it is.
#[derive(Debug)]
pub struct Parts {
    /// The camera.
    pub camera: Arc<dyn Camera>,
    /// The printer, if there is one.
    pub printer: Option<Arc<dyn Printer>>,
    /// What paints.
    pub generators: Vec<Arc<dyn Generator>>,
    /// The styles on offer.
    pub styles: Vec<StyleId>,
    /// Where the booth keeps its things.
    pub data: PathBuf,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl Parts {
    /// How the camera is.
    pub async fn camera(&self) -> CameraPart {
        let (mood, says) = match self.patiently(self.camera.health()).await {
            Some(Ok(says)) => (Mood::Well, says),
            Some(Err(error)) => (Mood::Trouble, error.to_string()),
            None => (Mood::Trouble, "it does not answer".to_owned()),
        };
        CameraPart {
            driver: self.camera.name().to_owned(),
            mood,
            says,
        }
    }

    /// How each generator is.
    pub fn generators(&self) -> Vec<GeneratorPart> {
        let styles = |g: &dyn Generator| {
            let painted = self.styles.iter().filter(|style| g.paints(style));
            painted.map(ToString::to_string).collect()
        };
        self.generators
            .iter()
            .map(|g| GeneratorPart {
                id: g.id().to_owned(),
                kind: g.kind().to_owned(),
                mood: Mood::Well,
                state: "ready".to_owned(),
                says: String::new(),
                draining: false,
                slots: u32::try_from(g.slots()).unwrap_or(u32::MAX),
                styles: styles(&**g),
            })
            .collect()
    }

    /// How the disk is. Blocks for as long as a file system takes to say how full it is.
    pub fn disk(&self) -> DiskPart {
        let stat = rustix::fs::statvfs(&self.data);
        let free_bytes = stat
            .ok()
            .map(|stat| stat.f_bavail.saturating_mul(stat.f_frsize));
        let mood = match free_bytes {
            Some(free) if free >= LITTLE_ROOM => Mood::Well,
            Some(free) if free >= NO_ROOM => Mood::Watch,
            _ => Mood::Trouble,
        };
        DiskPart { mood, free_bytes }
    }

    /// How the clock is.
    pub fn clock(&self) -> ClockPart {
        let drift_s = self.clock.drift().as_secs();
        let right = drift_s.unsigned_abs() <= DRIFT_S;
        let zone = TimeZone::system();
        ClockPart {
            mood: if right { Mood::Well } else { Mood::Watch },
            wall: self.clock.wall(),
            drift_s,
            zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        }
    }

    async fn patiently<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            answer = answer => Some(answer),
            () = self.clock.sleep(PATIENCE) => None,
        }
    }
}
