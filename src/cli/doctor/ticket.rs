//! Can tickets be made?

use async_trait::async_trait;

use super::{Check, Verdict};
use crate::ticket::{Press, Settings};

/// Fills the templates that the settings name with sample words, as the booth does at its start.
#[derive(Debug)]
pub struct TicketCheck(pub Settings);

#[async_trait]
impl Check for TicketCheck {
    fn name(&self) -> String {
        "ticket".to_owned()
    }

    async fn look(&self) -> Verdict {
        let settings = self.0.clone();
        let pressed = tokio::task::spawn_blocking(move || Press::new(&settings)).await;
        let templates: Vec<&str> = self.0.templates().map(|(_, id)| id).collect();
        match pressed {
            Ok(Ok(_)) => Verdict::fine(format!("{} can be filled", templates.join(" and "))),
            Ok(Err(error)) => Verdict::wrong(format!("{:#}", anyhow::Error::from(error))),
            Err(error) => Verdict::wrong(format!("the check itself failed: {error}")),
        }
    }
}
