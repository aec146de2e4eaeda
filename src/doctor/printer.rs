//! Could a sheet be printed now?

use std::sync::Arc;

use async_trait::async_trait;

use super::{Check, DiskCheck, Verdict};
use crate::clock::Clock;
use crate::printer::{self, Printer, PrinterError, Probed};

/// Who asks the printer.
#[derive(Debug)]
pub enum Asked {
    /// A booth that runs: the printer takes one master only, and this is it.
    Open(Arc<dyn Printer>),
    /// Whoever does not open it: opening completes what an earlier run left unfinished, and a booth
    /// may be running.
    Aside {
        /// Which printer.
        settings: printer::Settings,
        /// Whether sheets are two strips to be cut apart.
        halved: bool,
        /// Time.
        clock: Arc<dyn Clock>,
    },
}

/// Whether sheets can be put where they go.
#[derive(Debug)]
pub struct PrinterCheck {
    /// The driver's word, as in the settings.
    pub driver: &'static str,
    /// The folder that stands for a printer, where one does.
    pub folder: Option<DiskCheck>,
    /// How it is asked.
    pub asked: Asked,
}

#[async_trait]
impl Check for PrinterCheck {
    fn name(&self) -> String {
        "printer".to_owned()
    }

    async fn look(&self) -> Verdict {
        if let Some(folder) = &self.folder {
            let found = folder.look().await;
            if !found.ok {
                return found;
            }
            return match &self.asked {
                // What its last order came to, and sheets that an earlier run left.
                Asked::Open(printer) => match printer.health().await {
                    Ok(_) => found,
                    Err(error) => self.failed(&error),
                },
                Asked::Aside { .. } => found,
            };
        }
        match &self.asked {
            Asked::Open(printer) => match printer.health().await {
                Ok(words) => Verdict::fine(format!("{}: {words}", self.driver)),
                Err(error) => self.failed(&error),
            },
            Asked::Aside {
                settings,
                halved,
                clock,
            } => match printer::probe(settings, *halved, Arc::clone(clock)).await {
                Ok(None) => Verdict::fine("none: tickets are for phones only"),
                Ok(Some(probed)) if probed.state.keeps_waiting() => {
                    Verdict::wrong(format!("{}: {}", self.driver, probed.state.staff.en))
                }
                Ok(Some(probed)) => Verdict::fine(format!("{}: {}", self.driver, well(&probed))),
                Err(error) => self.failed(&error),
            },
        }
    }
}

impl PrinterCheck {
    fn failed(&self, error: &PrinterError) -> Verdict {
        Verdict::wrong(format!("{}: {error}{}", self.driver, advice(error)))
    }
}

/// What is said of a printer that would print; and of a queue that one fault would stop.
fn well(probed: &Probed) -> String {
    let says = format!("{} {}", probed.state.staff.en, probed.address);
    if !probed.stops_for_good {
        return says;
    }
    let queue = probed.address.rsplit('/').next().unwrap_or_default();
    format!(
        "{says}; but the first fault stops this queue: \
         lpadmin -p {queue} -o printer-error-policy=retry-current-job lets it go on"
    )
}

/// What to do about it.
fn advice(error: &PrinterError) -> &'static str {
    match error {
        PrinterError::Disconnected(_) | PrinterError::TimedOut { .. } => {
            ": check its power, its cable, and the address in the settings"
        }
        PrinterError::Busy
        | PrinterError::OutOfPaper
        | PrinterError::DiskFull(_)
        | PrinterError::Unusable { .. }
        | PrinterError::Spool(_)
        | PrinterError::Refused { .. } => "",
    }
}
