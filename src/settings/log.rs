//! `[log]`: what the daemon says on standard error.

use serde::{Deserialize, Serialize};
use tracing_subscriber::filter::Targets;

use super::complaint::{Quoted, Validator};

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
    pub(super) fn validate(&self, v: &mut Validator<'_>) {
        // Any word could be the name of a target: one word must be a level.
        let word = !self.level.contains([',', '=']);
        let level = self
            .level
            .parse::<tracing::level_filters::LevelFilter>()
            .is_ok();
        let fine = if word {
            level
        } else {
            self.level.parse::<Targets>().is_ok()
        };
        let allowed = "must be error, warn, info, debug, trace, or directives such as \"info,easel::pool=debug\"";
        v.check(fine, "log.level", &Quoted(&self.level), allowed);
    }
}
