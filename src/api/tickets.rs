//! Making tickets.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use bytes::Bytes;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::guard::{InRoom, id, kept, load, or_delete};
use super::once::{Posted, Seq};
use super::{Api, Problem};
use crate::blobs::{BlobError, BlobKey, Format};
use crate::generator::{Kind, digital_source};
use crate::room::view::TicketView;
use crate::session::{Command, Painting, PaintingState, Session, Ticket, TicketFiles, ticketable};
use crate::store::{Outcome, Request};
use crate::ticket::{self, By, Paper, Pictures, Rendered, Words};
use crate::visits::Done;

/// Longest name or message that is taken, in characters; the ticket shortens what it cannot show.
const MAX_WORDS: usize = 20_000;
/// And what carries them, in bytes: ten thousand characters of any script fit, escapes and all.
const WORDS_BYTES: usize = 256 * 1024;

/// What to make a ticket of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// The painting on it.
    painting: String,
    /// The visitor's name, in any script.
    name: Option<String>,
    /// A line of the visitor's.
    message: Option<String>,
}

/// A ticket was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Made {
    ticket: TicketView,
}

/// Make a ticket.
#[utoipa::path(post, path = "/sessions/{id}/tickets", tag = "tickets", security(("room" = [])),
    params(("id" = String, Path,)), request_body = Wish,
    responses((status = 201, body = Made), (status = "4XX", body = Problem),
        (status = 503, body = Problem)))]
pub(super) async fn make(
    State(api): State<Api>,
    room: InRoom,
    posted: Posted<Wish, WORDS_BYTES>,
) -> Result<(StatusCode, Seq, Json<Made>), Problem> {
    let request = posted.request(room.scope());
    let wish = posted.wish;
    let (name, message) = (words(wish.name, "name")?, words(wish.message, "message")?);
    let painting = id(&wish.painting, "painting")?;
    let done = make_of(
        &api,
        request.as_ref(),
        room.session,
        painting,
        name,
        message,
    )
    .await?;
    let id = done.outcome.made().ok_or_else(Problem::key_reused)?;
    let ticket = done.session.ticket(id).ok_or_else(Problem::gone)?;
    let ticket = api
        .feed
        .with_view(|view| view.ticket(&done.session, ticket));
    Ok((StatusCode::CREATED, Seq(done.seq), Json(Made { ticket })))
}

/// Makes a ticket of that painting, or finds the one that has the same words; its id is what the
/// command made.
pub(super) async fn make_of(
    api: &Api,
    request: Option<&Request>,
    session: Uuid,
    painting: Uuid,
    name: Option<String>,
    message: Option<String>,
) -> Result<Done, Problem> {
    // One at a time in a room: the same one, asked for twice at once, has one number.
    let _turn = api.visits.turn(format!("tickets {session}")).await;
    let session = load(api, session).await?;
    if let Some(before) = api.visits.before(request).await? {
        return Ok(Done::again(before, session));
    }
    let now = api.clock.now();
    let there = session.ticket_of(painting, name.as_deref(), message.as_deref(), now);
    if let Some(ticket) = there {
        let made = Outcome::Made(vec![ticket.id]);
        let command = Command::AddTicket {
            ticket: Box::new(ticket.clone()),
        };
        let noted = api
            .visits
            .run_once(request, session.id, command, |_| made)
            .await;
        return Ok(noted?);
    }
    let painting = ticketable(&session, painting, now)?;
    let pictures = pictures(api, &session, painting).await?;
    // A number that no ticket gets would be missing from the evening's.
    let place = api.darkroom.admit()?;
    let number = api.visits.next_ticket_number().await?;
    let words = label(
        api,
        &session,
        painting,
        number,
        name.clone(),
        message.clone(),
    );
    let press = Arc::clone(&api.press);
    let rendered = place.run(move || press.render(&words, &pictures)).await??;
    let now = api.clock.now();
    let files = api.entropy.uuid_v7(now);
    let written = keep(api, session.id, files, rendered).await;
    let ticket = Ticket {
        id: api.entropy.uuid_v7(now),
        painting: painting.asked.id,
        number,
        name,
        message,
        made_at: now,
        files: kept(api, session.id, files, written).await?,
    };
    let id = ticket.id;
    let command = Command::AddTicket {
        ticket: Box::new(ticket),
    };
    or_delete(api, request, session.id, files, (id, command)).await
}

fn words(typed: Option<String>, what: &str) -> Result<Option<String>, Problem> {
    let typed = typed.map(|t| t.trim().to_owned());
    let typed = typed.filter(|t| ticket::is_visible(t));
    match typed {
        Some(t) if t.chars().count() > MAX_WORDS => Err(Problem::invalid(format!(
            "The {what} has more than {MAX_WORDS} characters."
        ))),
        typed => Ok(typed),
    }
}

/// The painting, and the small photo, which may have expired before it.
async fn pictures(api: &Api, session: &Session, painting: &Painting) -> Result<Pictures, Problem> {
    let PaintingState::Done { picture, thumb, .. } = &painting.state else {
        unreachable!("only finished paintings are ticketable")
    };
    let capture = session.capture(painting.asked.capture);
    let photo = match capture {
        Some(capture) => api.blobs.fetch(&capture.thumb).await,
        None => Err(BlobError::Missing),
    };
    let photo = match photo {
        Err(BlobError::Missing) => api.blobs.fetch(thumb).await?,
        photo => photo?,
    };
    Ok(Pictures {
        painting: api.blobs.fetch(picture).await?,
        photo,
    })
}

fn label(
    api: &Api,
    session: &Session,
    painting: &Painting,
    number: u32,
    name: Option<String>,
    message: Option<String>,
) -> Words {
    let style = painting.asked.style.as_str();
    let known = api.rules.styles.iter().find(|s| s.id == style);
    let style_name = known
        .map_or(style, |s| s.in_locale(&session.locale))
        .to_owned();
    let kind = match &painting.state {
        PaintingState::Done { by, .. } => by.as_str(),
        _ => "",
    };
    let zone = TimeZone::system();
    // Paper says what a clock on the wall says, not the steady time that deadlines keep.
    let ahead = api.clock.drift();
    Words {
        booth: api.rules.name.clone(),
        event: api.rules.event.clone(),
        locale: session.locale.clone(),
        style_id: style.to_owned(),
        style_name,
        number,
        claim: session.claim.clone(),
        join_url: api.join_url(&api.reach.lasting_base(), session.id),
        name,
        message,
        made_at: api.clock.wall().to_zoned(zone.clone()),
        expires_at: (session.expires_at + ahead).to_zoned(zone),
        by: match Kind::named(kind) {
            Some(Kind::Embedded) => By::Embedded,
            _ => By::Server,
        },
        ai: digital_source(kind),
    }
}

async fn keep(
    api: &Api,
    session: Uuid,
    files: Uuid,
    rendered: Rendered,
) -> Result<TicketFiles, BlobError> {
    let now = api.clock.now();
    let expires_at = now + api.rules.keep_tickets;
    let key = BlobKey::new(session, files, Format::Pdf);
    let put =
        |key: BlobKey, bytes: Bytes, size: (u32, u32)| api.blobs.keep(key, bytes, size, expires_at);
    let (phone, print) = (rendered.phone, rendered.print);
    let printed = match print.paper {
        Paper::Sheet | Paper::Strips => Format::Jpeg,
        Paper::Receipt => Format::Png,
    };
    let sheet = async {
        match rendered.sheet {
            Some(sheet) => put(key.variant("sheet", Format::Pdf), sheet, PAGE_PT)
                .await
                .map(Some),
            None => Ok(None),
        }
    };
    // All are waited for, also when one fails: none may land later.
    let (phone, print, pdf, sheet) = tokio::join!(
        put(
            key.variant("phone", Format::Jpeg),
            phone.bytes,
            (phone.width, phone.height)
        ),
        put(
            key.variant("print", printed),
            print.bytes,
            (print.width, print.height)
        ),
        put(key.clone(), rendered.pdf, PAGE_PT),
        sheet,
    );
    let print = print?;
    Ok(TicketFiles {
        phone: phone?,
        // Thermal paper has no page of its own.
        sheet: sheet?.unwrap_or_else(|| print.clone()),
        print,
        pdf: pdf?,
    })
}

/// 4×6 in, in PDF points.
const PAGE_PT: (u32, u32) = (288, 432);
