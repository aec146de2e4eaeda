//! Can tickets be made, and laid on paper?

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Zoned};

use super::{Check, Verdict};
use crate::camera::{Camera as _, Sample, SampleSettings};
use crate::clock::Clock;
use crate::imaging::{self, Limits, mark::DigitalSource};
use crate::ticket::{By, Pictures, Press, Rendered, Settings, Words};

/// Makes a ticket of a sample portrait in every form there is, as for a visitor, and keeps none.
#[derive(Debug)]
pub struct TicketCheck {
    /// The settings of tickets.
    pub settings: Settings,
    /// The booth's press, where one runs; `None`: one is made, as the booth does at its start.
    pub press: Option<Arc<Press>>,
    /// The booth's name.
    pub booth: String,
    /// The event's name.
    pub event: String,
    /// A style: its id, and its painter's name.
    pub style: (String, String),
    /// The language.
    pub locale: String,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl Check for TicketCheck {
    fn name(&self) -> String {
        "ticket".to_owned()
    }

    async fn look(&self) -> Verdict {
        match self.make().await {
            Ok(made) => {
                let templates: Vec<&str> = self.settings.templates().map(|(_, id)| id).collect();
                let (width, height) = (made.print.width, made.print.height);
                Verdict::fine(format!(
                    "{} can be filled, and printed at {width}×{height}",
                    templates.join(" and ")
                ))
            }
            Err(error) => Verdict::wrong(format!("{error:#}")),
        }
    }
}

impl TicketCheck {
    async fn make(&self) -> anyhow::Result<Rendered> {
        let samples = Sample::new(&SampleSettings::default(), Arc::clone(&self.clock));
        let (photo, words) = (samples.still().await?, self.words());
        let (press, settings) = (self.press.clone(), self.settings.clone());
        let make = move || {
            let press = match press {
                Some(press) => press,
                None => Arc::new(Press::new(&settings)?),
            };
            let picture = upright(&photo)?;
            let pictures = Pictures {
                painting: picture.clone(),
                photo: picture,
            };
            Ok(press.render(&words, &pictures)?)
        };
        tokio::task::spawn_blocking(make).await?
    }

    fn words(&self) -> Words {
        let made_at = Zoned::new(self.clock.wall(), TimeZone::system());
        Words {
            booth: self.booth.clone(),
            event: self.event.clone(),
            locale: self.locale.clone(),
            style_id: self.style.0.clone(),
            style_name: self.style.1.clone(),
            number: 1,
            claim: "0000".to_owned(),
            join_url: "http://192.168.0.20:8081/#0000000000000000".to_owned(),
            name: None,
            message: None,
            expires_at: made_at.saturating_add(SignedDuration::from_hours(72)),
            made_at,
            by: By::default(),
            ai: DigitalSource::default(),
        }
    }
}

/// A picture as tickets take it.
fn upright(photo: &Bytes) -> anyhow::Result<Bytes> {
    let settings = imaging::Settings::default();
    let developed = imaging::develop(photo, &Limits::default(), &settings)?;
    Ok(developed.input.bytes)
}
