//! `[[style]]`: a manner of painting.

use serde::{Deserialize, Serialize};

use crate::settings::Faults;
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
    #[must_use]
    pub fn named(mut self) -> Self {
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

    /// Looks itself over.
    pub fn validate(&self, faults: &mut Faults) {
        faults.id("id", &self.id);
        faults.text("name.ko", &self.name.ko, 0..=60);
        faults.text("name.en", &self.name.en, 0..=60);
        for (key, words) in [
            ("prompt", &self.prompt),
            ("negative_prompt", &self.negative_prompt),
        ] {
            let fits = |words: &String| (1..=4_000).contains(&words.chars().count());
            let allowed = "must have 1 to 4000 characters, or be left out";
            faults.check(words.as_ref().is_none_or(fits), key, allowed);
        }
        faults.range("attempts", self.attempts, 1..=10);
        let least = Span::millis(50);
        faults.range("timeout", self.timeout, least..=Span::secs(600));
        faults.range("give_up", self.give_up, least..=Span::secs(1800));
        let names_none = self.generators.as_ref().is_some_and(Vec::is_empty);
        let allowed = "must name at least one generator, or be left out";
        faults.check(!names_none, "generators", allowed);
    }
}
