//! `[[generator]]`: what paints.

mod address;
mod cross;
mod recipes;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use toml::Table;

use super::{KNOWN_STYLES, Kind, faulty};
use crate::secret::Secret;
use crate::settings::Faults;
use crate::units::Span;

pub use address::ServerUrl;
pub use cross::validate_together;

/// One `[[generator]]`. Generators in a file replace the default one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GeneratorSettings {
    /// The name in the log and on the staff page.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// How many paintings it works on at a time.
    pub slots: usize,
    /// The styles it serves; `"*"` stands for all it can.
    pub styles: Vec<String>,
    /// What a painting costs, in whatever currency you reckon. A generator that costs something is
    /// asked when no free one can paint, and never twice for what may still come. Servers only.
    pub cost: f64,
    /// Where the server is. Servers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<ServerUrl>,
    /// The key it wants, sent as `Authorization: Bearer …`. Servers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Secret>,
    /// The file that holds the key. Servers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// More headers to send to it. Servers only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Secret>,
    /// What to put behind each of its addresses: `token=…`. Servers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<Secret>,
    /// Other hosts that its pictures may be fetched from. `runpod` and `openai` only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub picture_hosts: Vec<String>,
    /// The workflow to fill in and send: a file that ends in `.json`, or the name of a built-in
    /// one; `{style}` stands for the style's id. `comfyui` and `runpod` only; left out: `{style}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// Other workflows for single styles. `comfyui` and `runpod` only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub workflows: BTreeMap<String, String>,
    /// The model to paint with. `openai` and `sdwebui` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// More to send with each painting, as the server calls it. `openai` and `sdwebui` only.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub options: Table,
    /// Whether to have the photo described first, for `{caption}` in prompts. `sdwebui` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<bool>,
    /// The longest side in pixels: of an embedded painting (left out: 768), or of the photo that a
    /// server is sent (left out: 1024).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_px: Option<u32>,
    /// How long a running painting may show no sign of life. `comfyui` only; left out: 90 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall: Option<Span>,
    /// The same for a style's first painting, when its model is loaded. `comfyui` only; left out: 7 min.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_stall: Option<Span>,
    /// How long one answer may take. `openai` and `sdwebui` only; left out: 3 min.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Span>,
    /// How long a painting may wait for a worker. `runpod` only; left out: 45 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<Span>,
    /// How attempts misbehave. `faulty` only; left out: they fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<faulty::Fault>,
    /// How many attempts misbehave before it paints well. `faulty` only; left out: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults: Option<u32>,
    /// How long an attempt takes before it misbehaves or paints. `faulty` only; left out: no time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<Span>,
}

impl Default for GeneratorSettings {
    fn default() -> Self {
        Self {
            id: String::new(),
            kind: Kind::Embedded,
            slots: 1,
            styles: vec!["*".to_owned()],
            cost: 0.0,
            url: None,
            key: None,
            key_file: None,
            headers: BTreeMap::new(),
            query: None,
            picture_hosts: Vec::new(),
            workflow: None,
            workflows: BTreeMap::new(),
            model: None,
            options: Table::new(),
            caption: None,
            size_px: None,
            stall: None,
            first_stall: None,
            answer: None,
            queue: None,
            fault: None,
            faults: None,
            delay: None,
        }
    }
}

impl GeneratorSettings {
    /// The embedded painters, two at a time.
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        vec![Self {
            id: "embedded".to_owned(),
            slots: 2,
            ..Self::default()
        }]
    }

    /// The longest side of an embedded painting, or of the photo that a server is sent, in pixels.
    #[must_use]
    pub fn painting_px(&self) -> u32 {
        // 768 fills the phone's width and the ticket's frame at 300 dpi; image models of today are
        // made for a megapixel.
        let usual = if self.kind.traits().remote {
            1_024
        } else {
            768
        };
        self.size_px.unwrap_or(usual)
    }

    /// Whether it may be asked for `style`.
    #[must_use]
    pub fn serves(&self, style: &str) -> bool {
        let able = self.kind.traits().remote || KNOWN_STYLES.iter().any(|(id, ..)| *id == style);
        able && self.styles.iter().any(|s| s == "*" || s == style)
    }

    /// Looks itself over.
    pub fn validate(&self, faults: &mut Faults) {
        faults.id("id", &self.id);
        faults.range("slots", self.slots, 1..=64);
        let allowed = "must name at least one style, or \"*\"";
        faults.check(!self.styles.is_empty(), "styles", allowed);
        self.validate_kind(faults);
        if let Some(px) = self.size_px {
            faults.range("size_px", px, 128..=2_048);
        }
        faults.range("cost", self.cost, 0.0..=1_000_000.0);
        let seconds = Span::secs;
        for (key, span, low, high) in [
            ("stall", self.stall, 1, 1_800),
            ("first_stall", self.first_stall, 1, 3_600),
            ("answer", self.answer, 1, 1_800),
            ("queue", self.queue, 1, 1_800),
            ("delay", self.delay, 0, 600),
        ] {
            if let Some(span) = span {
                faults.range(key, span, seconds(low)..=seconds(high));
            }
        }
        self.validate_server(faults);
    }

    /// Finds keys that mean nothing to this kind, unless the kind itself was not understood.
    fn validate_kind(&self, faults: &mut Faults) {
        if !faults.is_sound("kind") {
            return;
        }
        for (key, given) in [
            ("url", self.url.is_some()),
            ("cost", self.cost != 0.0),
            ("key", self.key.is_some()),
            ("key_file", self.key_file.is_some()),
            ("headers", !self.headers.is_empty()),
            ("query", self.query.is_some()),
            ("picture_hosts", !self.picture_hosts.is_empty()),
            ("workflow", self.workflow.is_some()),
            ("workflows", !self.workflows.is_empty()),
            ("model", self.model.is_some()),
            ("options", !self.options.is_empty()),
            ("caption", self.caption.is_some()),
            ("stall", self.stall.is_some()),
            ("first_stall", self.first_stall.is_some()),
            ("answer", self.answer.is_some()),
            ("queue", self.queue.is_some()),
            ("fault", self.fault.is_some()),
            ("faults", self.faults.is_some()),
            ("delay", self.delay.is_some()),
        ] {
            let kinds = Kind::ALL.into_iter().filter(|kind| kind.takes(key));
            let kinds: Vec<_> = kinds.map(|kind| kind.traits().name).collect();
            let allowed = format!("is a key for kind [{}] only", kinds.join(", "));
            faults.check(!given || self.kind.takes(key), key, allowed);
        }
    }
}
