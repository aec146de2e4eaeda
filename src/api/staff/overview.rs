//! The one look that tells whether the evening goes well.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::kiosk::{StyleView, style_views};
use super::super::{Api, Problem};
use super::OnDuty;
use super::address::{self, AddressPart};
use super::figures::today;
use super::sheets::{self, SheetRow};
use super::visits::{self, VisitRow, Visits};
use crate::staff::figures::Day;
use crate::staff::parts::{CameraPart, ClockPart, DiskPart, GeneratorPart, PrinterPart};
use crate::staff::pause::{self, Pause};
use crate::staff::rehearsal::Report;
use crate::store::Backlog;

/// What waits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StaffLine)]
pub(crate) struct LineRow {
    /// Paintings that wait for a generator.
    waiting: u64,
    /// Paintings that a generator is at.
    painting: u64,
    /// How long the oldest of them has waited, in seconds.
    oldest_s: u64,
    /// Orders at the printer.
    prints: u64,
    /// The first of them, in the order in which they are printed.
    sheets: Vec<SheetRow>,
    /// Seconds that a visit which asked now would wait, at best and at worst.
    eta_s: [u64; 2],
}

/// The booth, at a glance.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Overview {
    /// The booth's name.
    name: String,
    /// The event.
    event: String,
    /// Languages, the first being the visitors' first.
    locales: Vec<String>,
    /// The styles on offer, in order.
    styles: Vec<StyleView>,
    /// Sheets in one order.
    max_copies: u32,
    /// Where phones are sent.
    public_url: String,
    camera: CameraPart,
    generators: Vec<GeneratorPart>,
    /// Left out: the booth has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    printer: Option<PrinterPart>,
    /// How phones reach the booth.
    address: AddressPart,
    disk: DiskPart,
    clock: ClockPart,
    line: LineRow,
    /// The pause that is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pause: Option<Pause>,
    /// The last rehearsal.
    #[serde(skip_serializing_if = "Option::is_none")]
    rehearsal: Option<Report>,
    /// The last visits, the newest first.
    visits: Vec<VisitRow>,
    /// After which visit the list goes on; left out where these are all that are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    visits_next: Option<Uuid>,
    today: Day,
}

/// The booth, at a glance.
#[utoipa::path(get, path = "/overview", operation_id = "staff_overview", tag = "staff", security(("staff" = [])),
    responses((status = 200, body = Overview), (status = "4XX", body = Problem)))]
pub(super) async fn look(State(api): State<Api>, _: OnDuty) -> Result<Json<Overview>, Problem> {
    let (store, parts, rules) = (api.visits.store(), &api.staff.parts, &api.rules);
    let paint = store.backlog("paint:").await?;
    let print = store.backlog(crate::visits::PRINT).await?;
    let Visits { visits, next } = visits::newest(&api).await?;
    Ok(Json(Overview {
        name: rules.name.clone(),
        event: rules.event.clone(),
        locales: rules.locales.clone(),
        styles: style_views(&api),
        max_copies: rules.max_copies,
        public_url: api.reach.base(),
        camera: parts.camera(),
        generators: parts.generators(),
        printer: parts.printer(),
        address: address::now(&api),
        disk: parts.disk(),
        clock: parts.clock(),
        line: LineRow {
            eta_s: parts.pool.report().eta_s,
            sheets: sheets::waiting(&api).await?,
            ..line(api.clock.now(), &paint, &print)
        },
        pause: pause::now(store, &*api.clock).await?,
        rehearsal: api.staff.rehearsals.last(),
        visits,
        visits_next: next,
        today: today(&api).await?,
    }))
}

fn line(now: Timestamp, paint: &Backlog, print: &Backlog) -> LineRow {
    let oldest = paint.oldest.map(|at| now.duration_since(at).as_secs());
    LineRow {
        waiting: paint.waiting,
        painting: paint.running,
        oldest_s: oldest.and_then(|s| u64::try_from(s).ok()).unwrap_or(0),
        prints: print.waiting + print.running,
        sheets: Vec::new(),
        eta_s: [0, 0],
    }
}
