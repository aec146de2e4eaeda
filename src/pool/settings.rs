//! `[pool]`: how paintings are spread over the generators, and how each server is kept.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::foreman::{Rules, ServerRules, Spread, StyleRules};
use super::hooks::Hook;
use super::hours::Hours;
use crate::generator::{Generator, Kind};
use crate::settings::Faults;
use crate::units::Span;

/// `[pool]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How the paintings of one visit are spread over the servers.
    pub spread: Spread,
    /// Whether the embedded painter steps in where no generator is in time, listed or not.
    pub stand_in: bool,
    /// How long a painting waits for servers that are all down before it does.
    pub patience: Span,
    /// Whether an idle server repeats what takes strangely long at another.
    pub hedge: bool,
    /// Whether servers are woken, and load their models, when a visitor touches the screen.
    pub warm: bool,
    /// After how long without visitors servers go to rest.
    pub rest_after: Span,
    /// `[[pool.server]]`: how single servers are kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub server: Vec<ServerSettings>,
}

/// One `[[pool.server]]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSettings {
    /// The id of the `[[generator]]` it speaks of.
    pub id: String,
    /// What switches it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Hook>,
    /// What switches it off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<Hook>,
    /// What restarts it when it is stuck; left out: `stop`, then `start`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart: Option<Hook>,
    /// How long it may take from `start` until it answers; left out: 5 minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_within: Option<Span>,
    /// When it may be used, by the clock on the wall; left out: always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// What it costs for each hour that it is switched on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_hour: Option<f64>,
    /// What it may cost on one day; then it is closed until the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<f64>,
    /// Whether it stands somewhere else, so that only photos of visitors who agreed go there; left
    /// out: as its kind does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offsite: Option<bool>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            spread: Spread::default(),
            stand_in: true,
            patience: Span::secs(20),
            hedge: true,
            warm: true,
            rest_after: Span::secs(300),
            server: Vec::new(),
        }
    }
}

impl Settings {
    /// Looks itself over. `generators` are the ids that settings list, if they are known.
    pub fn validate(&self, generators: Option<&[&str]>, faults: &mut Faults) {
        let (day, second) = (Span::hours(24), Span::secs(1));
        faults.range("patience", self.patience, Span::secs(0)..=day);
        faults.range("rest_after", self.rest_after, second..=day);
        let mut seen = HashSet::new();
        for (i, server) in self.server.iter().enumerate() {
            faults.within(&format!("server[{i}]"), |faults| {
                let known = generators.is_none_or(|ids| ids.contains(&&*server.id));
                faults.check(known, "id", "must be the id of a [[generator]]");
                faults.check(seen.insert(&server.id), "id", "must be used only once");
                server.validate(faults);
            });
        }
    }

    /// What is said of that server.
    pub(super) fn of(&self, id: &str) -> ServerSettings {
        let named = self.server.iter().find(|s| s.id == id);
        named.cloned().unwrap_or_default()
    }

    /// Whether photos leave the house for that generator.
    #[must_use]
    pub fn is_offsite(&self, id: &str, kind: Kind) -> bool {
        self.of(id).offsite.unwrap_or(kind.traits().offsite)
    }

    /// What the foreman goes by. `generators` are all there are, `stand_in` is one of them;
    /// those from `listed` on are not in the settings.
    #[must_use]
    pub fn rules(
        &self,
        styles: Vec<StyleRules>,
        generators: &[Arc<dyn Generator>],
        stand_in: Option<usize>,
        listed: usize,
    ) -> Rules {
        let server = |(i, generator): (usize, &Arc<dyn Generator>)| {
            let card = generator.card();
            ServerRules {
                id: card.id.clone(),
                slots: card.slots,
                paints: styles.iter().map(|s| generator.paints(&s.id)).collect(),
                least: card.least,
                billed: card.billed(),
                models: models(&styles, &**generator),
                offsite: self.is_offsite(&card.id, card.kind),
                embedded: card.kind.traits().stands_in,
                listed: i < listed,
                switched: self.of(&card.id).start.is_some(),
            }
        };
        Rules {
            servers: generators.iter().enumerate().map(server).collect(),
            styles,
            stand_in,
            spread: self.spread,
            hedge: self.hedge,
            patience: self.patience.0,
            rest_after: self.rest_after.0,
        }
    }
}

impl ServerSettings {
    fn validate(&self, faults: &mut Faults) {
        for (key, hook) in [
            ("start", &self.start),
            ("stop", &self.stop),
            ("restart", &self.restart),
        ] {
            let allowed = "must be http(s)://host/…, or a program and its arguments";
            faults.check(hook.as_ref().is_none_or(Hook::is_sound), key, allowed);
        }
        let pair = self.stop.is_none() || self.start.is_some();
        let allowed = "needs a start: it would never be switched on again";
        faults.check(pair, "stop", allowed);
        if let Some(within) = self.start_within {
            faults.range("start_within", within, Span::secs(1)..=Span::hours(2));
        }
        for (key, money) in [("per_hour", self.per_hour), ("per_day", self.per_day)] {
            let fits = money.is_none_or(|m| m.is_finite() && m >= 0.0);
            faults.check(fits, key, "must be 0 or more");
        }
    }
}

/// Which styles of a generator share a model, by its place among their models.
fn models(styles: &[StyleRules], generator: &dyn Generator) -> Vec<Option<usize>> {
    let mut names: Vec<String> = Vec::new();
    let number = |style: &StyleRules| {
        let name = generator.model(&style.id)?;
        Some(names.iter().position(|n| *n == name).unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        }))
    };
    styles.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_table_is_the_default_and_is_fine() {
        let settings: Settings = toml::from_str("").unwrap();
        assert_eq!(settings, Settings::default());
        let none: [String; 0] = [];
        assert_eq!(Faults::keys(|f| settings.validate(Some(&[]), f)), none);
    }

    #[test]
    fn every_complaint_is_made_at_once() {
        let text = "rest_after = \"0s\"\n[[server]]\nid = \"gpu\"\nstop = [\"off\"]\nper_hour = -1.0\n\
                    [[server]]\nid = \"gone\"\nstart = \"ftp://x\"\nstart_within = \"3h\"";
        let settings: Settings = toml::from_str(text).unwrap();
        let keys = Faults::keys(|f| settings.validate(Some(&["gpu"]), f));
        let expected = [
            "rest_after",
            "server[0].stop",
            "server[0].per_hour",
            "server[1].id",
            "server[1].start",
            "server[1].start_within",
        ];
        assert_eq!(keys, expected);
    }

    #[test]
    fn a_server_is_offsite_as_its_kind_is_unless_settings_say_otherwise() {
        let text = "[[server]]\nid = \"near\"\noffsite = false";
        let settings: Settings = toml::from_str(text).unwrap();
        assert!(settings.is_offsite("far", Kind::Runpod));
        assert!(!settings.is_offsite("near", Kind::Runpod));
        assert!(!settings.is_offsite("gpu", Kind::Comfyui));
    }
}
