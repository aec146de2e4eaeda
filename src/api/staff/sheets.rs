//! Which sheets wait for the printer.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::guard::readable;
use super::super::{Api, Problem};
use crate::visits::PRINT;

/// How many the page names; more only wait longer.
const SHOWN: u32 = 6;

/// An order that the printer is at, or that waits for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitingSheet)]
pub(crate) struct SheetRow {
    /// The order.
    print: Uuid,
    /// The number on the ticket.
    ticket: u32,
    /// Sheets.
    copies: u32,
    /// Since when, by the clock on the wall.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

/// The first of them, in the order in which they are printed.
pub(super) async fn waiting(api: &Api) -> Result<Vec<SheetRow>, Problem> {
    let store = api.visits.store();
    let mut rows = Vec::new();
    for job in store.waiting(PRINT, SHOWN).await? {
        // Erased between the two looks: it is not there any more.
        let Some(session) = readable(api, job.session).await? else {
            continue;
        };
        if let Some(print) = session.print(job.subject)
            && let Some(ticket) = session.ticket(print.ticket)
        {
            rows.push(SheetRow {
                print: print.id,
                ticket: ticket.number,
                copies: print.copies,
                since: job.since + api.clock.drift(),
            });
        }
    }
    Ok(rows)
}
