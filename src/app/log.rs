//! `[log]`: what the daemon says on standard error.

use serde::{Deserialize, Serialize};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

use crate::settings::Faults;

/// `[log]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// How much: `error`, `warn`, `info`, `debug`, `trace`, or directives such as
    /// `info,easel::pool=debug`. What other crates than ours say below `info` is never written.
    pub level: String,
    /// In which form.
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
            format: LogFormat::Text,
        }
    }
}

impl LogSettings {
    /// Looks itself over.
    pub fn validate(&self, faults: &mut Faults) {
        // Any word could be the name of a target: one word must be a level.
        let fine = if self.level.contains([',', '=']) {
            self.level.parse::<Targets>().is_ok()
        } else {
            self.level.parse::<LevelFilter>().is_ok()
        };
        let allowed = "must be error, warn, info, debug, trace, or directives such as \"info,easel::pool=debug\"";
        faults.check(fine, "level", allowed);
    }
}
