//! Does a generator do its work?

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Check, Verdict, WORK};
use crate::camera::{Camera, Sample, SampleSettings};
use crate::clock::Clock;
use crate::generator::{Brief, Generator, GeneratorError, Painted, Progress};
use crate::imaging::{self, Limits};
use crate::secret::Entropy;
use crate::session::StyleId;

/// Asks a generator how it is, and has it paint a sample portrait.
#[derive(Debug)]
pub struct GeneratorCheck {
    /// The generator.
    pub generator: Arc<dyn Generator>,
    /// The styles the booth offers; the first that it paints is tried.
    pub styles: Vec<StyleId>,
    /// Whether to have it paint: a server may have to load a model for minutes, or send a bill.
    pub paints: bool,
    /// Measures how long it took.
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl Check for GeneratorCheck {
    fn name(&self) -> String {
        format!("generator {}", self.generator.card().id)
    }

    fn patience(&self) -> Duration {
        WORK
    }

    async fn look(&self) -> Verdict {
        let Some(style) = self
            .styles
            .iter()
            .find(|style| self.generator.paints(style))
        else {
            return Verdict::wrong("paints none of the booth's styles");
        };
        let health = match self.generator.health().await {
            Ok(health) => health,
            Err(error @ GeneratorError::Unreachable(_)) => {
                let advice = "is it switched on, and is its url in the settings right?";
                return Verdict::wrong(format!("{error}: {advice}"));
            }
            Err(error) => return Verdict::wrong(error.to_string()),
        };
        if let Some((style, lack)) = health.lacks.first() {
            return Verdict::wrong(format!("{}: {style}: {lack}", health.words));
        }
        if !self.paints {
            return Verdict::fine(health.words);
        }
        let began = self.clock.monotonic();
        match self.paint(style.clone()).await {
            Ok((width, height)) => {
                let took = (self.clock.monotonic() - began).as_secs_f64();
                Verdict::fine(format!(
                    "painted {width}×{height} as {} in {took:.1} s",
                    style.as_str()
                ))
            }
            Err(error) => Verdict::wrong(format!("{}: {error:#}", style.as_str())),
        }
    }
}

impl GeneratorCheck {
    /// Paints the first sample and says how large the painting is, in pixels.
    async fn paint(&self, style: StyleId) -> anyhow::Result<(u32, u32)> {
        let samples = Sample::new(&SampleSettings::default(), Arc::clone(&self.clock));
        let photo = samples.still().await?;
        let develop =
            move || imaging::develop(&photo, &Limits::default(), &imaging::Settings::default());
        let developed = tokio::task::spawn_blocking(develop).await??;
        let brief = Brief {
            attempt: Entropy::system().uuid_v7(self.clock.now()),
            capture: Uuid::nil(),
            style,
            seed: 1,
            input: developed.input.bytes,
            screen: developed.screen.bytes,
            smaller: false,
        };
        let (progress, _) = watch::channel(Progress::default());
        let painted = self
            .generator
            .paint(&brief, &progress, &CancellationToken::new())
            .await?;
        let pixels = match painted {
            Painted::Pixels(pixels) => pixels,
            Painted::File(file) => {
                tokio::task::spawn_blocking(move || imaging::decode(&file, &Limits::default()))
                    .await??
            }
        };
        Ok(pixels.dimensions())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::generator::embedded::Embedded;
    use crate::generator::faulty::{self, Fault, Faulty};
    use crate::generator::{Card, Kind};

    fn check(faulty: bool, styles: &[&str]) -> GeneratorCheck {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new(None));
        let card = Card {
            size_px: 128,
            ..Card::new("small", Kind::Embedded)
        };
        let rubbish = faulty::Settings {
            fault: Fault::Rubbish,
            ..faulty::Settings::default()
        };
        let generator: Arc<dyn Generator> = match faulty {
            true => Arc::new(Faulty::new(card, rubbish, Arc::clone(&clock))),
            false => Arc::new(Embedded::new(card)),
        };
        GeneratorCheck {
            generator,
            styles: styles.iter().map(|s| (*s).into()).collect(),
            paints: true,
            clock,
        }
    }

    #[tokio::test]
    async fn a_generator_shows_that_it_paints() {
        let verdict = check(false, &["dali", "picasso"]).look().await;
        assert!(
            verdict.ok && verdict.words.contains("as picasso"),
            "{verdict:?}"
        );
    }

    #[tokio::test]
    async fn rubbish_and_strange_styles_are_wrong() {
        let verdict = check(true, &["picasso"]).look().await;
        assert!(
            !verdict.ok && verdict.words.starts_with("picasso: "),
            "{verdict:?}"
        );
        let verdict = check(false, &["dali"]).look().await;
        assert_eq!(verdict, Verdict::wrong("paints none of the booth's styles"));
    }
}
