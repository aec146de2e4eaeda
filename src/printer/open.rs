//! The printer that the settings ask for.

use std::path::PathBuf;
use std::sync::Arc;

use super::escpos::{self, DeviceFile, Socket};
use super::ipp::{Ipp, Pages, Setup};
use super::spooled::{Device, Spooled};
use super::{Driver, Folder, IppSettings, Printer, PrinterError, PrinterState, Settings};
use crate::clock::Clock;
use crate::store::Store;

/// What a printer is made with.
#[derive(Debug, Clone)]
pub struct Means {
    /// The booth's data folder; the folder printer prints to `prints` in it unless the settings
    /// name another.
    pub data_dir: PathBuf,
    /// Where orders are noted before anything is done with them.
    pub store: Store,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Whether sheets are two strips to be cut apart.
    pub halved: bool,
}

/// The printer the settings ask for, or `None` if there is none. Blocks on the disk; call it on a
/// runtime, where the printer is watched from then on. A printer that does not answer is no error
/// here: it may yet be switched on.
///
/// # Errors
/// [`PrinterError`] if the folder cannot be used, an order cut short cannot be completed, or the
/// settings name no printer ([`Settings::validate`] says so before).
pub fn open(settings: &Settings, means: Means) -> Result<Option<Arc<dyn Printer>>, PrinterError> {
    let Means {
        data_dir,
        store,
        clock,
        halved,
    } = means;
    let roll = settings.roll_sheets;
    Ok(Some(match settings.driver {
        Driver::None => return Ok(None),
        Driver::Folder => {
            let default = || data_dir.join("prints");
            let dir = settings.folder.dir.clone().unwrap_or_else(default);
            let folder = Folder::open(&dir)?;
            match roll {
                Some(size) => Arc::new(folder.counting(store, size)),
                None => Arc::new(folder),
            }
        }
        Driver::Ipp => {
            let setup = Setup {
                pin: Some(data_dir.join(PIN)),
                clock: Arc::clone(&clock),
            };
            let device = photo_printer(settings, halved, setup)?;
            Arc::new(Spooled::new(device, store, clock, roll))
        }
        Driver::Escpos if settings.escpos.uri.starts_with("socket:") => {
            let device = Socket::new(&settings.escpos.uri, Arc::clone(&clock))?;
            Arc::new(Spooled::new(device, store, clock, roll))
        }
        Driver::Escpos if settings.escpos.uri.starts_with("file:") => {
            let device = DeviceFile::new(&settings.escpos.uri, Arc::clone(&clock))?;
            Arc::new(Spooled::new(device, store, clock, roll))
        }
        Driver::Escpos => {
            let setup = Setup {
                pin: Some(data_dir.join(PIN)),
                clock: Arc::clone(&clock),
            };
            let device = raw_queue(settings, setup)?;
            Arc::new(Spooled::new(device, store, clock, roll))
        }
    }))
}

/// In the data folder: the certificate of the printer.
const PIN: &str = "printer.pin";

fn photo_printer(settings: &Settings, halved: bool, setup: Setup) -> Result<Ipp, PrinterError> {
    Ipp::new("ipp", &settings.ipp, Pages::Photo { halved }, setup)
}

/// A receipt printer behind a queue that hands on what it is given.
fn raw_queue(settings: &Settings, setup: Setup) -> Result<Ipp, PrinterError> {
    let queue = IppSettings {
        uri: settings.escpos.uri.clone(),
        media: None,
    };
    Ipp::new("escpos", &queue, Pages::Raw(escpos::encode), setup)
}

/// A printer that was asked how it is.
#[derive(Debug)]
pub struct Probed {
    /// How it is.
    pub state: PrinterState,
    /// Where its jobs go.
    pub address: String,
    /// Its settings stop it at the first fault, until somebody tells it to go on.
    pub stops_for_good: bool,
}

/// Asks the printer of the settings how it is, without opening it: for a booth that may be
/// running. `halved`: sheets are two strips to be cut apart. `None` for a printer that cannot be asked: a folder, or none.
///
/// # Errors
/// [`PrinterError`] if it does not answer.
pub async fn probe(
    settings: &Settings,
    halved: bool,
    clock: Arc<dyn Clock>,
) -> Result<Option<Probed>, PrinterError> {
    Ok(Some(match settings.driver {
        Driver::None | Driver::Folder => return Ok(None),
        Driver::Escpos if settings.escpos.uri.starts_with("socket:") => {
            look_at(&Socket::new(&settings.escpos.uri, clock)?).await?
        }
        Driver::Escpos if settings.escpos.uri.starts_with("file:") => {
            look_at(&DeviceFile::new(&settings.escpos.uri, clock)?).await?
        }
        Driver::Escpos => look_at(&raw_queue(settings, Setup { pin: None, clock })?).await?,
        Driver::Ipp => {
            let setup = Setup { pin: None, clock };
            look_at(&photo_printer(settings, halved, setup)?).await?
        }
    }))
}

async fn look_at(device: &impl Device) -> Result<Probed, PrinterError> {
    let look = device.look().await?;
    Ok(Probed {
        state: PrinterState::new(device.name(), look.condition, look.needs, &look.remark),
        address: device.address().to_owned(),
        stops_for_good: look.stops_for_good,
    })
}
