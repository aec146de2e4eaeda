//! How every part of the booth is, for one page.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::camera::{self, Camera, CameraState};
use crate::clock::Clock;
use crate::disk;
use crate::pool::Pool;
use crate::pool::report::{Cause, ServerReport, ServerState};
use crate::printer::{self, Printer, PrinterState, RollWarning};

/// Below this, somebody should make room: a visit leaves some 10 MB behind.
pub const LITTLE_ROOM: u64 = 2_000_000_000;
/// Below this, visitors' photos may soon be refused.
const NO_ROOM: u64 = 200_000_000;
/// A wall clock that is off by more than this prints a wrong time.
pub const DRIFT_S: u64 = 30;

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

/// From here on somebody should charge the camera's battery, or change it.
const BATTERY_TO_CHARGE: u8 = 15;

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
    /// How it is, at a glance.
    pub mood: Mood,
    /// How it is.
    #[serde(flatten)]
    pub report: ServerReport,
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
    pub pool: Pool,
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
        let is_low = state
            .battery_percent
            .is_some_and(|n| n <= BATTERY_TO_CHARGE);
        let mood = match state.condition {
            camera::Condition::Ready | camera::Condition::Busy if state.trouble.is_some() => {
                Mood::Trouble
            }
            camera::Condition::Ready | camera::Condition::Busy if is_low => Mood::Watch,
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

    /// How each generator is, in the order of settings.
    #[must_use]
    pub fn generators(&self) -> Vec<GeneratorPart> {
        let servers = self.pool.report().servers;
        servers
            .into_iter()
            .map(|report| GeneratorPart {
                mood: mood(&report),
                report,
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
        let doubtful = if state.doubtful.is_empty() && state.strays.is_empty() {
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

    /// How the disk is. Blocks for as long as a file system takes to say how full it is.
    #[must_use]
    pub fn disk(&self) -> DiskPart {
        let free_bytes = disk::free_bytes(&self.data).ok();
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

fn mood(server: &ServerReport) -> Mood {
    match server.state {
        ServerState::Down => Mood::Trouble,
        ServerState::OnTrial => Mood::Watch,
        ServerState::Ready | ServerState::Waking | ServerState::Resting | ServerState::Closed => {
            // It costs what it costs, or it is not there when it is needed: somebody must see to it.
            let hook = matches!(server.cause, Some(Cause::NotWoken | Cause::NotRested));
            let well = server.cause.is_none_or(|cause| !cause.is_trouble());
            if hook {
                Mood::Trouble
            } else if well && server.unfit.is_empty() && !server.draining {
                Mood::Well
            } else {
                Mood::Watch
            }
        }
    }
}
