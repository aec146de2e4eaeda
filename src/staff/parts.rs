//! How every part of the booth is, for one page.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use image::RgbImage;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::camera::{self, Camera, CameraState};
use crate::clock::Clock;
use crate::generator::{self, Brief, Generator, GeneratorError, Progress};
use crate::imaging::{self, Developed, Limits};
use crate::printer::{self, Printer, PrinterState, RollWarning};
use crate::session::StyleId;

/// Below this, somebody should make room: a visit leaves some 10 MB behind.
const LITTLE_ROOM: u64 = 2_000_000_000;
/// Below this, visitors' photos may soon be refused.
const NO_ROOM: u64 = 200_000_000;
/// A wall clock that is off by more than this prints a wrong time.
const DRIFT_S: u64 = 30;

/// How long a painting may take that is only tried.
const TEST_PATIENCE: Duration = Duration::from_secs(120);

/// A painting that was only tried.
#[derive(Debug)]
pub struct Painted {
    /// It, in sRGB, 8 bits a channel.
    pub pixels: RgbImage,
    /// In whose manner.
    pub style: StyleId,
    /// How long it took.
    pub took: Duration,
}

/// Why nothing was painted for a try. The texts are for operators.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// There is no such generator.
    #[error("there is no such generator")]
    Unknown,
    /// It does not paint in that style.
    #[error("it does not paint in this style")]
    Style,
    /// There was nothing to paint from.
    #[error("the sample photo could not be read: {0}")]
    Photo(String),
    /// It failed.
    #[error(transparent)]
    Generator(#[from] GeneratorError),
}

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CameraPart {
    /// The driver's word.
    pub driver: String,
    /// How it is, at a glance.
    pub mood: Mood,
    /// How it is.
    #[serde(flatten)]
    pub state: CameraState,
}

/// A generator.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GeneratorPart {
    /// Its name in settings.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// How it is, at a glance.
    pub mood: Mood,
    /// Its state in a word that pages translate.
    pub state: String,
    /// What it says, in English; may be empty.
    pub says: String,
    /// Whether staff took it out of service: it finishes what it is at and begins nothing.
    pub draining: bool,
    /// How many paintings it works on at once.
    pub slots: u32,
    /// How many it is at.
    pub at_work: u32,
    /// The styles it paints.
    pub styles: Vec<String>,
}

/// The printer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PrinterPart {
    /// How it is, at a glance.
    pub mood: Mood,
    /// How it is.
    #[serde(flatten)]
    pub state: PrinterState,
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
    #[must_use]
    pub fn camera(&self) -> CameraPart {
        let state = self.camera.state();
        let mood = match state.condition {
            camera::Condition::Ready | camera::Condition::Busy => Mood::Well,
            camera::Condition::Asleep | camera::Condition::Recovering => Mood::Watch,
            camera::Condition::Gone => Mood::Trouble,
        };
        CameraPart {
            driver: self.camera.name().to_owned(),
            mood,
            state,
        }
    }

    /// How each generator is.
    #[must_use]
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
                at_work: 0,
                draining: false,
                slots: u32::try_from(g.slots()).unwrap_or(u32::MAX),
                styles: styles(&**g),
            })
            .collect()
    }

    /// How the printer is, if there is one.
    #[must_use]
    pub fn printer(&self) -> Option<PrinterPart> {
        let state = self.printer.as_ref()?.state();
        let condition = match state.condition {
            printer::Condition::Ready | printer::Condition::Printing => Mood::Well,
            printer::Condition::Needs | printer::Condition::Gone => Mood::Trouble,
        };
        let doubtful = if state.doubtful.is_empty() {
            Mood::Well
        } else {
            Mood::Watch
        };
        let paper = match state.roll.and_then(|roll| roll.warning) {
            None => Mood::Well,
            Some(RollWarning::Low | RollWarning::Last) => Mood::Watch,
        };
        Some(PrinterPart {
            mood: condition.max(doubtful).max(paper),
            state,
        })
    }

    /// Has that generator paint `photo`, outside the line; in the first style that it paints, if
    /// none is named.
    ///
    /// # Errors
    /// [`TestError`].
    pub async fn test(
        &self,
        generator: &str,
        style: Option<StyleId>,
        photo: Developed,
    ) -> Result<Painted, TestError> {
        let generator = self.generators.iter().find(|g| g.id() == generator);
        let generator = generator.ok_or(TestError::Unknown)?;
        let wanted = |known: &&StyleId| style.as_ref().is_none_or(|style| style == *known);
        let mut styles = self.styles.iter().filter(wanted);
        let style = styles.find(|style| generator.paints(style));
        let style = style.ok_or(TestError::Style)?.clone();
        let brief = Brief {
            capture: Uuid::nil(),
            style: style.clone(),
            seed: 1,
            input: photo.input.bytes,
            screen: photo.screen.bytes,
        };
        let (progress, _) = watch::channel(Progress::default());
        let cancel = CancellationToken::new();
        let _stop = cancel.clone().drop_guard();
        let began = self.clock.monotonic();
        let painted = tokio::select! {
            painted = generator.paint(&brief, &progress, &cancel) => painted?,
            () = self.clock.sleep(TEST_PATIENCE) => {
                return Err(GeneratorError::TimedOut(TEST_PATIENCE).into());
            }
        };
        let took = self.clock.monotonic().saturating_sub(began);
        let pixels = match painted {
            generator::Painted::Pixels(pixels) => pixels,
            generator::Painted::File(file) => {
                let decode = move || imaging::decode(&file, &Limits::default());
                let decoded = tokio::task::spawn_blocking(decode).await;
                let broke = |_| GeneratorError::Failed("its answer broke the decoder".to_owned());
                decoded.map_err(broke)?.map_err(GeneratorError::Rubbish)?
            }
        };
        Ok(Painted {
            pixels,
            style,
            took,
        })
    }

    /// How the disk is. Blocks for as long as a file system takes to say how full it is.
    #[must_use]
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
    #[must_use]
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
}
