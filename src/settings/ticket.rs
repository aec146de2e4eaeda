//! `[ticket]`: the keepsake.

use serde::{Deserialize, Serialize};

use super::complaint::Validator;

/// `[ticket]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TicketSettings {
    /// The template's name.
    pub template: String,
    /// The formats that are made of each ticket.
    pub formats: Vec<TicketFormat>,
}

/// What a ticket is made as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketFormat {
    /// A picture for the visitor's phone.
    #[serde(rename = "phone")]
    Phone,
    /// 4 × 6 inches at 300 dpi, for the printer.
    #[serde(rename = "4x6")]
    FourBySix,
}

impl Default for TicketSettings {
    fn default() -> Self {
        Self {
            template: "museum".to_owned(),
            formats: vec![TicketFormat::Phone, TicketFormat::FourBySix],
        }
    }
}

impl TicketSettings {
    pub(super) fn validate(&self, v: &mut Validator<'_>) {
        v.id("ticket.template", &self.template);
        let allowed = "must name at least one of phone, 4x6";
        v.check(!self.formats.is_empty(), "ticket.formats", &"[]", allowed);
    }
}
