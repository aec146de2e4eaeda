//! What a generator is: its kind, what the house may assume of that kind, and what that kind alone
//! is told.
//!
//! A new kind is a module with its [`Traits`] and its settings, and one more variant here.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::card::Card;
use super::{Generator, comfyui, embedded, faulty, openai, runpod, sdwebui};
use crate::clock::Clock;
use crate::imaging::mark::DigitalSource;
use crate::secret::Entropy;

/// What a generator is. The word in settings and JSON is [`Traits::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The painters in this program.
    Embedded,
    /// A ComfyUI server.
    Comfyui,
    /// Stable Diffusion WebUI: AUTOMATIC1111's, or Forge.
    Sdwebui,
    /// A ComfyUI worker at RunPod, or at whatever speaks its serverless protocol.
    Runpod,
    /// OpenAI's image edits, or whatever speaks its protocol.
    Openai,
    /// The embedded painters, misbehaving to order: for rehearsals and tests.
    Faulty,
}

/// What the house may assume of a kind of generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traits {
    /// The word in settings, JSON and the `by` of its paintings.
    pub name: &'static str,
    /// Whether it is reached over the network: its work outlives this process.
    pub remote: bool,
    /// Whether it usually stands somewhere else, so that photos leave the house.
    pub offsite: bool,
    /// Whether each attempt costs money, even where settings name no price.
    pub billed: bool,
    /// Whether it is always there and never loads a model: it steps in where no other is in time.
    pub stands_in: bool,
    /// How its paintings came to be, as files say it.
    pub source: DigitalSource,
    /// The keys of `[[generator]]` that mean something to this kind alone.
    pub keys: &'static [&'static str],
}

/// The keys that every kind reached over the network has.
const REMOTE_KEYS: [&str; 6] = ["url", "cost", "key", "key_file", "headers", "query"];

impl Kind {
    /// Every kind, in the order in which settings name them.
    pub const ALL: [Self; 6] = [
        Self::Embedded,
        Self::Comfyui,
        Self::Sdwebui,
        Self::Runpod,
        Self::Openai,
        Self::Faulty,
    ];

    /// What the house may assume of it.
    #[must_use]
    pub fn traits(self) -> &'static Traits {
        match self {
            Self::Embedded => &embedded::TRAITS,
            Self::Comfyui => &comfyui::TRAITS,
            Self::Sdwebui => &sdwebui::TRAITS,
            Self::Runpod => &runpod::TRAITS,
            Self::Openai => &openai::TRAITS,
            Self::Faulty => &faulty::TRAITS,
        }
    }

    /// The kind of that name: of the `by` of a painting, say, which an older version may have
    /// written.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.traits().name == name)
    }

    /// Whether a key of `[[generator]]` means something to it.
    #[must_use]
    pub fn takes(self, key: &str) -> bool {
        let traits = self.traits();
        traits.keys.contains(&key) || (traits.remote && REMOTE_KEYS.contains(&key))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.traits().name)
    }
}

/// How a painting by a generator of the kind of that name came to be. A name that nobody knows any
/// more was a server's.
#[must_use]
pub fn digital_source(by: &str) -> DigitalSource {
    Kind::named(by).map_or_else(DigitalSource::default, |kind| kind.traits().source)
}

/// A kind, with what that kind alone is told.
#[derive(Debug, Clone)]
pub enum Setup {
    /// Nothing.
    Embedded,
    /// A ComfyUI server's.
    Comfyui(comfyui::Settings),
    /// A WebUI's.
    Sdwebui(sdwebui::Settings),
    /// A serverless endpoint's.
    Runpod(runpod::Settings),
    /// An image service's.
    Openai(openai::Settings),
    /// A misbehaving one's.
    Faulty(faulty::Settings),
}

impl Setup {
    /// Builds the generator.
    #[must_use]
    pub fn build(self, card: Card, clock: Arc<dyn Clock>, entropy: Entropy) -> Arc<dyn Generator> {
        match self {
            Self::Embedded => Arc::new(embedded::Embedded::new(card)),
            Self::Comfyui(settings) => {
                Arc::new(comfyui::ComfyUi::new(card, settings, clock, entropy))
            }
            Self::Sdwebui(settings) => Arc::new(sdwebui::SdWebui::new(card, settings, clock)),
            Self::Runpod(settings) => Arc::new(runpod::Runpod::new(card, settings, clock)),
            Self::Openai(settings) => Arc::new(openai::OpenAi::new(card, settings)),
            Self::Faulty(settings) => Arc::new(faulty::Faulty::new(card, settings, clock)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_json_and_paintings_use_one_word_for_a_kind() {
        for kind in Kind::ALL {
            let name = kind.traits().name;
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
            assert_eq!(Kind::named(name), Some(kind));
        }
        assert_eq!(Kind::named("replicate"), None);
        assert_eq!(
            digital_source("replicate"),
            DigitalSource::TrainedAlgorithmicMedia
        );
    }

    #[test]
    fn what_is_always_there_is_neither_remote_nor_billed() {
        for traits in Kind::ALL.map(Kind::traits) {
            assert!(
                !traits.stands_in || (!traits.remote && !traits.billed),
                "{traits:?}"
            );
            assert!(traits.remote || !traits.offsite, "{traits:?}");
        }
    }
}
