//! `[[style]]`: a manner of painting.

use serde::{Deserialize, Serialize};

use super::complaint::{Quoted, Validator};
use crate::units::Span;

/// One `[[style]]`. Styles in a file replace the default four.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StyleSettings {
    /// The name in addresses and records: lower case letters, digits and hyphens.
    pub id: String,
    /// The name visitors read. May be left out for the styles we know.
    pub name: LocalName,
    /// The generators that may paint it, by preference; left out: every one that serves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generators: Option<Vec<String>>,
    /// What image models are told to paint; left out: our own words for the styles we know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// What they are told to leave out, where they can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative_prompt: Option<String>,
    /// How many attempts a painting gets.
    pub attempts: u32,
    /// How long one attempt may take.
    pub timeout: Span,
    /// How long a painting may take in all, waiting included, before another way is found.
    pub give_up: Span,
}

/// A name in each language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LocalName {
    /// Korean; if left out, the English one.
    pub ko: String,
    /// English; if left out, the id.
    pub en: String,
}

/// The styles the embedded painters know: id, Korean name, English name.
pub const KNOWN_STYLES: [(&str, &str, &str); 4] = [
    ("picasso", "파블로 피카소", "Pablo Picasso"),
    ("renoir", "피에르오귀스트 르누아르", "Pierre-Auguste Renoir"),
    ("van-gogh", "빈센트 반 고흐", "Vincent van Gogh"),
    ("lichtenstein", "로이 리히텐슈타인", "Roy Lichtenstein"),
];

impl Default for StyleSettings {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: LocalName::default(),
            generators: None,
            prompt: None,
            negative_prompt: None,
            attempts: 3,
            // A visitor waits half a minute gladly, a minute patiently, and then walks off.
            timeout: Span::secs(60),
            give_up: Span::secs(90),
        }
    }
}

impl StyleSettings {
    /// The four styles we know.
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        let known = KNOWN_STYLES.iter().map(|(id, ..)| Self {
            id: (*id).to_owned(),
            ..Self::default()
        });
        known.map(Self::named).collect()
    }

    /// With the names that were left out filled in.
    pub(super) fn named(mut self) -> Self {
        let known = KNOWN_STYLES.iter().find(|(id, ..)| *id == self.id);
        let (ko, en) = known.map_or(("", self.id.as_str()), |(_, ko, en)| (ko, en));
        if self.name.en.is_empty() {
            self.name.en = en.to_owned();
        }
        if self.name.ko.is_empty() {
            self.name.ko = if ko.is_empty() {
                self.name.en.clone()
            } else {
                ko.to_owned()
            };
        }
        self
    }

    pub(super) fn validate(&self, at: &str, v: &mut Validator<'_>) {
        v.id(&format!("{at}.id"), &self.id);
        v.text(&format!("{at}.name.ko"), &self.name.ko, 0, 60);
        v.text(&format!("{at}.name.en"), &self.name.en, 0, 60);
        for (name, words) in [
            ("prompt", &self.prompt),
            ("negative_prompt", &self.negative_prompt),
        ] {
            let words = words.as_deref().unwrap_or("-");
            let ok = (1..=4_000).contains(&words.chars().count());
            let allowed = "must have 1 to 4000 characters, or be left out";
            v.check(ok, &format!("{at}.{name}"), &Quoted(words), allowed);
        }
        v.range(&format!("{at}.attempts"), self.attempts, 1, 10);
        v.range(
            &format!("{at}.timeout"),
            self.timeout,
            Span::millis(50),
            Span::secs(600),
        );
        v.range(
            &format!("{at}.give_up"),
            self.give_up,
            Span::millis(50),
            Span::secs(1800),
        );
        if let Some(generators) = &self.generators {
            let allowed = "must name at least one generator, or be left out";
            v.check(
                !generators.is_empty(),
                &format!("{at}.generators"),
                &"[]",
                allowed,
            );
        }
    }
}

/// Complains about ids that stand twice.
pub(super) fn unique<'a>(list: &str, ids: impl Iterator<Item = &'a str>, v: &mut Validator<'_>) {
    let mut seen = Vec::new();
    for (i, id) in ids.enumerate() {
        v.check(
            !seen.contains(&id),
            &format!("{list}[{i}].id"),
            &Quoted(id),
            "must be used only once",
        );
        seen.push(id);
    }
}
