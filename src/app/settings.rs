//! All settings of a booth: one section a room.

use serde::{Deserialize, Serialize};

use super::{Booth, LogSettings};
use crate::generator::{self, GeneratorSettings, StyleSettings};
use crate::jobs::Retention;
use crate::serve::{Limits, Listen, Wifi};
use crate::settings::{Faults, Sections};
use crate::ticket::Paper;
use crate::{camera, imaging, pool, printer, staff, ticket};

/// All settings of a booth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What visitors see, and where the booth keeps its things.
    pub booth: Booth,
    /// Where the booth answers.
    pub listen: Listen,
    /// The network that phones are offered.
    pub wifi: Wifi,
    /// What photographs.
    pub camera: camera::Settings,
    /// The keepsake.
    pub ticket: ticket::Settings,
    /// What prints.
    pub printer: printer::Settings,
    /// Sizes and qualities of pictures.
    pub imaging: imaging::Settings,
    /// How much strangers may ask.
    pub limits: Limits,
    /// How long things are kept.
    pub retention: Retention,
    /// Who runs the booth.
    pub staff: staff::Settings,
    /// What the daemon says on standard error.
    pub log: LogSettings,
    /// The manners of painting, in the order in which visitors see them.
    pub style: Vec<StyleSettings>,
    /// What paints.
    pub generator: Vec<GeneratorSettings>,
    /// How paintings are spread over what paints, and how servers are kept.
    pub pool: pool::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            booth: Booth::default(),
            listen: Listen::default(),
            wifi: Wifi::default(),
            camera: camera::Settings::default(),
            ticket: ticket::Settings::default(),
            printer: printer::Settings::default(),
            imaging: imaging::Settings::default(),
            limits: Limits::default(),
            retention: Retention::default(),
            staff: staff::Settings::default(),
            log: LogSettings::default(),
            style: StyleSettings::defaults(),
            generator: GeneratorSettings::defaults(),
            pool: pool::Settings::default(),
        }
    }
}

impl Sections for Settings {
    const NEEDED: &'static [(&'static str, &'static [&'static str])] =
        &[("style", &["id"]), ("generator", &["id", "kind"])];

    fn is_secret(path: &str) -> bool {
        let mut names = path.rsplit('.');
        let name = names.next().unwrap_or_default();
        let within = names.next().unwrap_or_default();
        let of_a_server = matches!(name, "key" | "query" | "headers") || within == "headers";
        (path.starts_with("generator") && of_a_server)
            || matches!(path, "wifi.password" | "staff.pin")
    }

    fn complete(mut self) -> Self {
        let styles = self.style.into_iter();
        self.style = styles.map(StyleSettings::named).collect();
        self
    }

    fn validate(&self, faults: &mut Faults) {
        faults.within("booth", |faults| self.booth.validate(faults));
        faults.within("listen", |faults| self.listen.validate(faults));
        faults.within("wifi", |faults| self.wifi.validate(faults));
        faults.within("camera", |faults| self.camera.validate(faults));
        faults.within("ticket", |faults| self.ticket.validate(faults));
        faults.within("printer", |faults| self.printer.validate(faults));
        faults.within("imaging", |faults| self.imaging.validate(faults));
        faults.within("limits", |faults| self.limits.validate(faults));
        faults.within("retention", |faults| self.retention.validate(faults));
        faults.within("staff", |faults| self.staff.validate(faults));
        faults.within("log", |faults| self.log.validate(faults));
        for (i, style) in self.style.iter().enumerate() {
            faults.within(&format!("style[{i}]"), |faults| style.validate(faults));
        }
        for (i, generator) in self.generator.iter().enumerate() {
            let at = format!("generator[{i}]");
            faults.within(&at, |faults| generator.validate(faults));
        }
        self.validate_together(faults);
    }
}

impl Settings {
    /// Finds what does not go together: what follows from a fault elsewhere is left out.
    fn validate_together(&self, faults: &mut Faults) {
        let allowed = "must have at least one [[style]]";
        faults.check(!self.style.is_empty(), "style", allowed);
        let allowed = "must have at least one [[generator]]";
        faults.check(!self.generator.is_empty(), "generator", allowed);
        self.validate_paper(faults);
        generator::validate_together(&self.style, &self.generator, faults);
        let ids: Vec<&str> = self.generator.iter().map(|g| &*g.id).collect();
        let known = faults.are_sound_in_each("generator", ids.len(), &["id"]);
        let ids = known.then_some(&ids[..]);
        faults.within("pool", |faults| self.pool.validate(ids, faults));
    }

    /// Finds a printer that cannot take the tickets' paper.
    fn validate_paper(&self, faults: &mut Faults) {
        let receipts = self.ticket.paper() == Paper::Receipt;
        let fits = match self.printer.driver {
            printer::Driver::Escpos => receipts,
            printer::Driver::Ipp => !receipts,
            printer::Driver::Folder | printer::Driver::None => true,
        };
        let allowed =
            "must name \"80mm\" for the printer driver \"escpos\", and for no other printer";
        faults.check(fits, "ticket.formats", allowed);
    }
}

#[cfg(test)]
mod tests;
