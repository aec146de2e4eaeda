//! `[[generator]]`: what paints.

use std::fmt;
use std::path::PathBuf;

use axum::http::Uri;
use serde::{Deserialize, Serialize};

use super::complaint::{Quoted, Validator};
use super::style::{KNOWN_STYLES, StyleSettings};
use super::units::Span;

/// One `[[generator]]`. Generators in a file replace the default one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GeneratorSettings {
    /// The name in the log and on the staff page.
    pub id: String,
    /// What it is.
    pub kind: GeneratorKind,
    /// How many paintings it works on at a time.
    pub slots: usize,
    /// The styles it serves; `"*"` stands for all it can.
    pub styles: Vec<String>,
    /// Where the server is. `comfyui` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<ServerUrl>,
    /// The workflow to fill in and send. `comfyui` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<PathBuf>,
    /// The longest side of a painting in pixels. `embedded` only; left out: 768.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_px: Option<u32>,
    /// How attempts misbehave. `faulty` only; left out: they fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<crate::generator::faulty::Fault>,
    /// How many attempts misbehave before it paints well. `faulty` only; left out: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults: Option<u32>,
    /// How long an attempt takes before it misbehaves or paints. `faulty` only; left out: no time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<Span>,
}

/// What a generator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GeneratorKind {
    /// The painters in this program.
    Embedded,
    /// A ComfyUI server. Not supported yet.
    Comfyui,
    /// The embedded painters, misbehaving to order: for rehearsals and tests.
    Faulty,
}

/// The address of a server. Printing it hides a password; [`Self::as_str`] does not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerUrl(String);

impl ServerUrl {
    /// The address as given, password and all.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_web(&self) -> bool {
        let uri = self.0.parse::<Uri>();
        uri.is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|h| !h.is_empty())
        })
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::show::mask_url(&self.0))
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Default for GeneratorSettings {
    fn default() -> Self {
        Self {
            id: String::new(),
            kind: GeneratorKind::Embedded,
            slots: 1,
            styles: vec!["*".to_owned()],
            url: None,
            workflow: None,
            size_px: None,
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

    /// The longest side of an embedded painting, in pixels.
    #[must_use]
    pub fn painting_px(&self) -> u32 {
        // Fills the phone's width and the ticket's frame at 300 dpi.
        self.size_px.unwrap_or(768)
    }

    /// Whether it may be asked for `style`.
    #[must_use]
    pub fn serves(&self, style: &str) -> bool {
        let paints_in_house = self.kind != GeneratorKind::Comfyui;
        let able = !paints_in_house || KNOWN_STYLES.iter().any(|(id, ..)| *id == style);
        able && self.styles.iter().any(|s| s == "*" || s == style)
    }

    pub(super) fn validate(&self, at: &str, v: &mut Validator<'_>) {
        use GeneratorKind::{Comfyui, Embedded, Faulty};
        v.id(&format!("{at}.id"), &self.id);
        v.range(&format!("{at}.slots"), self.slots, 1, 64);
        v.check(
            !self.styles.is_empty(),
            &format!("{at}.styles"),
            &"[]",
            "must name at least one style, or \"*\"",
        );
        let here = "is not supported yet (now: \"embedded\" or \"faulty\")";
        v.check(
            self.kind != Comfyui,
            &format!("{at}.kind"),
            &Quoted("comfyui"),
            here,
        );
        self.only_for(&[Comfyui], at, "url", self.url.is_some(), v);
        self.only_for(&[Comfyui], at, "workflow", self.workflow.is_some(), v);
        self.only_for(
            &[Embedded, Faulty],
            at,
            "size_px",
            self.size_px.is_some(),
            v,
        );
        self.only_for(&[Faulty], at, "fault", self.fault.is_some(), v);
        self.only_for(&[Faulty], at, "faults", self.faults.is_some(), v);
        self.only_for(&[Faulty], at, "delay", self.delay.is_some(), v);
        v.range(&format!("{at}.size_px"), self.painting_px(), 128, 2_048);
        v.range(
            &format!("{at}.delay"),
            self.delay.unwrap_or(Span::secs(0)),
            Span::secs(0),
            Span::secs(600),
        );
        if let Some(url) = &self.url {
            let allowed = "must be http(s)://host[:port][/path]";
            v.check(
                url.is_web(),
                &format!("{at}.url"),
                &Quoted(&url.to_string()),
                allowed,
            );
        }
    }

    fn only_for(
        &self,
        kinds: &[GeneratorKind],
        at: &str,
        name: &str,
        given: bool,
        v: &mut Validator<'_>,
    ) {
        let allowed = format!("is a key for kind {kinds:?} only").to_lowercase();
        v.check(
            !given || kinds.contains(&self.kind),
            &format!("{at}.{name}"),
            &"(given)",
            &allowed,
        );
    }
}

/// Complains where styles and generators do not go together.
pub(super) fn cross_check(
    styles: &[StyleSettings],
    generators: &[GeneratorSettings],
    v: &mut Validator<'_>,
) {
    for (i, generator) in generators.iter().enumerate() {
        for style in generator.styles.iter().filter(|s| *s != "*") {
            let known = styles.iter().any(|s| s.id == *style);
            let key = format!("generator[{i}].styles");
            v.check(
                known,
                &key,
                &Quoted(style),
                "must be \"*\" or the id of a [[style]]",
            );
            let in_house = generator.kind == GeneratorKind::Comfyui || generator.serves(style);
            let ids = KNOWN_STYLES.map(|(id, ..)| id).join(", ");
            v.check(
                in_house,
                &key,
                &Quoted(style),
                &format!("must be one the embedded painters know: {ids}"),
            );
        }
    }
    for (i, style) in styles.iter().enumerate() {
        let key = format!("style[{i}].generators");
        for id in style.generators.iter().flatten() {
            let named = generators.iter().find(|g| g.id == *id);
            v.check(
                named.is_some(),
                &key,
                &Quoted(id),
                "must be the id of a [[generator]]",
            );
            let serves = named.is_none_or(|g| g.serves(&style.id));
            v.check(
                serves,
                &key,
                &Quoted(id),
                &format!("must be a generator that serves \"{}\"", style.id),
            );
        }
        let served = style.generators.is_some() || generators.iter().any(|g| g.serves(&style.id));
        let allowed = "must be served by at least one [[generator]]";
        v.check(
            served,
            &format!("style[{i}].id"),
            &Quoted(&style.id),
            allowed,
        );
    }
}
