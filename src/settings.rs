//! Defaults → file → environment; composes the struct each room owns.
//!
//! Each source is laid over the one before: tables key by key, lists as a whole (`layers`). [`load`]
//! finds everything that is wrong before anything is opened, and says it all at once. Nobody else
//! reads the settings file or the environment.

mod booth;
mod complaint;
mod environment;
mod file;
mod generator;
mod layers;
mod limits;
mod listen;
mod log;
mod mask;
mod origin;
mod path;
mod read;
mod retention;
mod secret;
mod show;
mod style;
mod wifi;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::{printer, ticket};

pub use booth::{Activity, Booth, Locale};
pub use complaint::{Complaint, Complaints};
pub use generator::{GeneratorKind, GeneratorSettings, ServerUrl};
pub use limits::Limits;
pub use listen::Listen;
pub use log::{LogFormat, LogSettings};
pub use origin::{Origin, Origins};
pub use retention::Retention;
pub use secret::Secret;
pub use style::{KNOWN_STYLES, LocalName, StyleSettings};
pub use wifi::Wifi;

use complaint::Validator;
use layers::{Layer, Layers};

/// The settings file of an installed booth, read when no other is named, if it exists.
pub const SYSTEM_FILE: &str = "/etc/easel/easel.toml";

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
    pub camera: crate::camera::Settings,
    /// The keepsake.
    pub ticket: crate::ticket::Settings,
    /// What prints.
    pub printer: crate::printer::Settings,
    /// Sizes and qualities of pictures.
    pub imaging: crate::imaging::Settings,
    /// How much strangers may ask.
    pub limits: Limits,
    /// How long things are kept.
    pub retention: Retention,
    /// Who runs the booth.
    pub staff: crate::staff::Settings,
    /// What the daemon says on standard error.
    pub log: LogSettings,
    /// The manners of painting, in the order in which visitors see them.
    pub style: Vec<StyleSettings>,
    /// What paints.
    pub generator: Vec<GeneratorSettings>,
    /// How paintings are spread over what paints, and how servers are kept.
    pub pool: crate::pool::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            booth: Booth::default(),
            listen: Listen::default(),
            wifi: Wifi::default(),
            camera: crate::camera::Settings::default(),
            ticket: crate::ticket::Settings::default(),
            printer: crate::printer::Settings::default(),
            imaging: crate::imaging::Settings::default(),
            limits: Limits::default(),
            retention: Retention::default(),
            staff: crate::staff::Settings::default(),
            log: LogSettings::default(),
            style: StyleSettings::defaults(),
            generator: GeneratorSettings::defaults(),
            pool: crate::pool::Settings::default(),
        }
    }
}

/// Settings that hold together, and where each came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// Where each value came from.
    pub origins: Origins,
    /// The file that was read, if one was.
    pub file: Option<PathBuf>,
}

/// Loads the settings: the defaults, `file` over them, the `EASEL__…` variables of `env` over both.
///
/// Without `file`, [`SYSTEM_FILE`] is read if there is one; a file that is named must be there. One
/// that is there and may not be read is an error: the defaults are not that booth's settings.
///
/// # Errors
/// All that is wrong, at once: unreadable or malformed files, unknown keys and variables, values
/// of the wrong type or out of range, and parts that do not go together.
pub fn load(
    file: Option<&Path>,
    env: impl Iterator<Item = (String, String)>,
) -> Result<Loaded, Complaints> {
    let file = file.or_else(|| if_there(Path::new(SYSTEM_FILE)));
    let mut complaints = Complaints::default();
    let text = file.map_or_else(String::new, |path| read_file(path, &mut complaints));
    let (settings, origins) = assemble(&text, file.unwrap_or(Path::new("")), env, &mut complaints);
    if !complaints.is_empty() {
        return Err(complaints);
    }
    Ok(Loaded {
        settings,
        origins,
        file: file.map(Path::to_owned),
    })
}

impl Loaded {
    /// With another data directory, as named on the command line.
    #[must_use]
    pub fn with_data_dir(mut self, dir: Option<PathBuf>) -> Self {
        if let Some(dir) = dir {
            self.settings.booth.data_dir = dir;
            self.origins
                .set("booth.data_dir".to_owned(), Origin::Argument("--data"));
        }
        self
    }

    /// The effective settings as TOML, each line with its origin, passwords masked.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let from = match &self.file {
            Some(path) => format!("# Defaults, {}, environment.\n", path.display()),
            None => format!(
                "# Defaults, environment. No settings file: none was named and {SYSTEM_FILE} is not there.\n"
            ),
        };
        from + "\n" + &show::settings(&as_tree(&self.settings), &self.origins)
    }
}

/// `path`, unless it is certain that nothing is there.
fn if_there(path: &Path) -> Option<&Path> {
    (!matches!(path.try_exists(), Ok(false))).then_some(path)
}

fn read_file(path: &Path, complaints: &mut Complaints) -> String {
    // Lossy, so that a stray byte is one complaint of the TOML parser, with its line.
    match std::fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            complaints.push(Complaint {
                key: format!("settings file {}", path.display()),
                value: None,
                origin: Origin::Default,
                allowed: format!("must be a file that can be read: {error}"),
                hint: None,
            });
            String::new()
        }
    }
}

/// All of [`load`] that needs no disk.
fn assemble(
    text: &str,
    file: &Path,
    env: impl Iterator<Item = (String, String)>,
    complaints: &mut Complaints,
) -> (Settings, Origins) {
    let defaults = as_tree(&Settings::default());
    let of_program = Layer::of_tree(&defaults, &Origins::default());
    let of_file = file::layer(text, file, &defaults, complaints);
    let below = Layers::over([of_program.clone(), of_file.clone()]);
    let variables = environment::variables(env);
    let variables = environment::placed(variables, &below, &defaults, complaints);
    let of_environment = environment::layer(&variables);
    let all = Layers::over([of_program, of_file, of_environment]);
    let (mut tree, origins) = all.into_tree();
    read::weed(&mut tree, &defaults, &origins, &variables, complaints);
    let mut validator = Validator {
        origins: &origins,
        complaints: std::mem::take(complaints),
    };
    require(&tree, "style", &["id"], &mut validator);
    require(&tree, "generator", &["id", "kind"], &mut validator);
    let mut settings =
        read::settings(&tree).unwrap_or_else(|_| unreachable!("the tree was weeded"));
    settings.style = settings
        .style
        .into_iter()
        .map(StyleSettings::named)
        .collect();
    settings.validate(&mut validator);
    *complaints = validator.complaints;
    complaints.sort();
    (settings, origins)
}

/// Complains about elements of `list` without the keys that have no default.
fn require(tree: &Table, list: &str, keys: &[&str], v: &mut Validator<'_>) {
    let elements = tree
        .get(list)
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    for (i, element) in elements.enumerate() {
        for key in keys {
            v.check(
                element.get(key).is_some(),
                &format!("{list}[{i}].{key}"),
                &"(left out)",
                "must be given",
            );
        }
    }
}

fn as_tree(settings: &Settings) -> Table {
    Table::try_from(settings).expect("settings are tables of plain values, which TOML can hold")
}

impl Settings {
    fn validate(&self, v: &mut Validator<'_>) {
        self.booth.validate(v);
        self.listen.validate(v);
        self.wifi.validate(v);
        v.room("camera", &self.camera, self.camera.validate());
        v.room("ticket", &self.ticket, self.ticket.validate());
        v.room("printer", &self.printer, self.printer.validate());
        v.room("imaging", &self.imaging, self.imaging.validate());
        self.limits.validate(v);
        self.retention.validate(v);
        v.room("staff", &self.staff, self.staff.validate());
        self.log.validate(v);
        for (i, style) in self.style.iter().enumerate() {
            style.validate(&format!("style[{i}]"), v);
        }
        for (i, generator) in self.generator.iter().enumerate() {
            generator.validate(&format!("generator[{i}]"), v);
        }
        let ids: Vec<&str> = self.generator.iter().map(|g| g.id.as_str()).collect();
        v.room("pool", &self.pool, self.pool.validate(&ids));
        self.validate_together(v);
    }

    fn validate_together(&self, v: &mut Validator<'_>) {
        v.check(
            !self.style.is_empty(),
            "style",
            &"[]",
            "must have at least one [[style]]",
        );
        v.check(
            !self.generator.is_empty(),
            "generator",
            &"[]",
            "must have at least one [[generator]]",
        );
        let receipts = self.ticket.paper() == ticket::Paper::Receipt;
        let fits = match self.printer.driver {
            printer::Driver::Escpos => receipts,
            printer::Driver::Ipp => !receipts,
            printer::Driver::Folder | printer::Driver::None => true,
        };
        let allowed =
            "must name \"80mm\" for the printer driver \"escpos\", and for no other printer";
        v.check(
            fits,
            "ticket.formats",
            &self.ticket.formats.join(", "),
            allowed,
        );
        style::unique("style", self.style.iter().map(|s| s.id.as_str()), v);
        style::unique("generator", self.generator.iter().map(|g| g.id.as_str()), v);
        // What does not hold together because a part is wrong is not worth a second line.
        if !v.complaints.touch("style") && !v.complaints.touch("generator") {
            generator::cross_check(&self.style, &self.generator, v);
        }
    }
}

#[cfg(test)]
mod tests;
