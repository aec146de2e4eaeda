//! Which events follow from a command.

use jiff::Timestamp;
use uuid::Uuid;

use super::command::Command;
use super::event::Event;
use super::refusal::Refusal;
use super::state::{Asked, Painting, PaintingState, PrintState, Session};
use super::{MAX_CAPTURES, MAX_EVENTS, MAX_PAINTINGS, MAX_PHONES, MAX_TICKETS};

/// The events that follow from `command` at `now`; an empty list means "already so".
///
/// # Errors
/// A [`Refusal`]; then nothing has happened.
pub fn decide(
    state: Option<&Session>,
    command: Command,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let Some(session) = state else {
        return match command {
            Command::Open {
                activity,
                locale,
                expires_at,
                claim,
            } => Ok(vec![Event::Opened {
                activity,
                locale,
                expires_at,
                claim,
            }]),
            _ => Err(Refusal::NotFound("session")),
        };
    };
    if session.erased_at.is_some() {
        return match command {
            Command::Erase => Ok(Vec::new()),
            _ => Err(Refusal::Erased),
        };
    }
    match command {
        Command::Open { .. } => Err(Refusal::WrongState("it is open already")),
        Command::Erase => Ok(vec![Event::Erased {}]),
        Command::End => Ok(end(session)),
        // The screen goes on to the next visitor whatever has become of this one.
        Command::HandOver if session.on_screen => Ok(vec![Event::HandedOver {}]),
        Command::HandOver => Ok(Vec::new()),
        // What generators and printers report may come after the visit's end.
        Command::FinishPrint { print } => finish_print(session, print),
        Command::FailPrint { print, code } => {
            open_print(session, print)?;
            Ok(vec![Event::PrintFailed { print, code }])
        }
        Command::StartPainting { painting, by } => {
            let p = wanted(session, painting)?;
            let (style, attempt) = (p.asked.style.clone(), p.attempts + 1);
            Ok(vec![Event::PaintingStarted {
                painting,
                style,
                attempt,
                by,
            }])
        }
        Command::FinishPainting {
            painting,
            by,
            server,
            picture,
            thumb,
        } => {
            let style = wanted(session, painting)?.asked.style.clone();
            Ok(vec![Event::PaintingDone {
                painting,
                style,
                by,
                server,
                picture,
                thumb,
            }])
        }
        Command::FailPainting { painting, code } => {
            let p = wanted(session, painting)?;
            let (style, attempts) = (p.asked.style.clone(), p.attempts);
            Ok(vec![Event::PaintingFailed {
                painting,
                style,
                code,
                attempts,
            }])
        }
        Command::OrderPrint {
            most_sheets: None,
            print,
            ticket,
            copies,
            key,
        } => {
            kept(session, now)?;
            printable(session, ticket, now)?;
            order(session, print, ticket, copies, key, u32::MAX)
        }
        command => visitor(session, command, now),
    }
}

/// What people ask for, which an ended or expired visit no longer grants.
fn visitor(session: &Session, command: Command, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    open(session, now)?;
    match command {
        Command::Consent {
            painting,
            wall,
            offsite,
        } => consent(session, painting, wall, offsite),
        Command::ChooseLocale { locale } if locale == session.locale => Ok(Vec::new()),
        Command::ChooseLocale { locale } => {
            patient(session)?;
            Ok(vec![Event::LocaleChosen { locale }])
        }
        Command::TakeCapture { capture } => {
            photographable(session, now)?;
            let mut events = cancel(session, |p| !has_ticket(session, p));
            events.push(Event::CaptureTaken { capture });
            Ok(events)
        }
        Command::AskPaintings {
            paintings,
            any_seed,
        } => ask(session, paintings, any_seed, now),
        Command::RetryPainting { painting } => retry(session, painting, now),
        Command::AddTicket { ticket } => {
            let (name, message) = (ticket.name.as_deref(), ticket.message.as_deref());
            if session
                .ticket_of(ticket.painting, name, message, now)
                .is_some()
            {
                return Ok(Vec::new());
            }
            ticketable(session, ticket.painting, now)?;
            Ok(vec![Event::TicketReady { ticket }])
        }
        Command::OrderPrint {
            print,
            ticket,
            copies,
            key,
            most_sheets,
        } => {
            let most = most_sheets.unwrap_or(u32::MAX);
            printable(session, ticket, now)?;
            order(session, print, ticket, copies, key, most)
        }
        Command::JoinPhone { claim } => join(session, claim.as_deref()),
        _ => unreachable!("decide() has answered all other commands"),
    }
}

/// Whether a photo may be taken at `now`: asked before anything of a face is read, and again when
/// it is there.
///
/// # Errors
/// The [`Refusal`] that [`Command::TakeCapture`] would meet.
pub fn photographable(session: &Session, now: Timestamp) -> Result<(), Refusal> {
    open(session, now)?;
    agreed(session)?;
    if session.captures.len() >= MAX_CAPTURES {
        return Err(Refusal::TooMany("photos"));
    }
    Ok(())
}

/// The painting, if a ticket may be made of it at `now`: asked before the work of making one, and
/// again when it is done.
///
/// # Errors
/// The [`Refusal`] that [`Command::AddTicket`] would meet.
pub fn ticketable(session: &Session, painting: Uuid, now: Timestamp) -> Result<&Painting, Refusal> {
    open(session, now)?;
    let painting = session
        .painting(painting)
        .ok_or(Refusal::NotFound("painting"))?;
    let PaintingState::Done { picture, .. } = &painting.state else {
        return Err(Refusal::WrongState("the painting is not finished"));
    };
    if now >= picture.expires_at {
        return Err(Refusal::WrongState("the painting has been deleted"));
    }
    if session.tickets.len() >= MAX_TICKETS {
        return Err(Refusal::TooMany("tickets"));
    }
    Ok(painting)
}

/// Whether anything of the visit is still kept.
fn kept(session: &Session, now: Timestamp) -> Result<(), Refusal> {
    if now >= session.expires_at {
        return Err(Refusal::Expired);
    }
    Ok(())
}

/// Whether people may still ask for something.
fn open(session: &Session, now: Timestamp) -> Result<(), Refusal> {
    kept(session, now)?;
    if session.ended_at.is_some() {
        return Err(Refusal::Ended);
    }
    Ok(())
}

/// Whether there may be more of what nothing else bounds.
fn patient(session: &Session) -> Result<(), Refusal> {
    if session.seq >= MAX_EVENTS {
        return Err(Refusal::TooMany("changes"));
    }
    Ok(())
}

fn agreed(session: &Session) -> Result<(), Refusal> {
    session.consent.map(|_| ()).ok_or(Refusal::ConsentRequired)
}

fn consent(
    session: &Session,
    painting: bool,
    wall: bool,
    offsite: bool,
) -> Result<Vec<Event>, Refusal> {
    if !painting {
        return Err(Refusal::ConsentRequired);
    }
    match session.consent {
        Some(c) if c.wall == wall && c.offsite == offsite => Ok(Vec::new()),
        Some(_) if !session.captures.is_empty() => Err(Refusal::WrongState(
            "the photo was taken under the first answer",
        )),
        _ => {
            patient(session)?;
            Ok(vec![Event::ConsentGiven {
                painting,
                wall,
                offsite,
            }])
        }
    }
}

fn ask(
    session: &Session,
    paintings: Vec<Asked>,
    any_seed: bool,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    agreed(session)?;
    let Some(current) = session.current_capture() else {
        return Err(Refusal::WrongState("there is no photo yet"));
    };
    if now >= current.input.expires_at {
        return Err(Refusal::WrongState("the photo has been deleted"));
    }
    if paintings.is_empty() {
        return Err(Refusal::Invalid("name at least one style"));
    }
    for (i, p) in paintings.iter().enumerate() {
        if session.capture(p.capture).is_none() {
            return Err(Refusal::NotFound("capture"));
        }
        if p.capture != current.id {
            return Err(Refusal::WrongState("that photo was taken again"));
        }
        let twin = |q: &Asked| q.id == p.id || q.style == p.style;
        if paintings[..i].iter().any(twin) || session.painting(p.id).is_some() {
            return Err(Refusal::Invalid("each style may be named once"));
        }
    }
    let new: Vec<Asked> = paintings
        .into_iter()
        .filter(|p| session.answering(p, any_seed).is_none())
        .collect();
    if session.paintings.len() + new.len() > MAX_PAINTINGS {
        return Err(Refusal::TooMany("paintings"));
    }
    if new.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![Event::PaintingsAsked { paintings: new }])
}

/// Whether the ticket is there to be printed: tickets may be kept for less long than their visit.
fn printable(session: &Session, ticket: Uuid, now: Timestamp) -> Result<(), Refusal> {
    let ticket = session.ticket(ticket).ok_or(Refusal::NotFound("ticket"))?;
    if now >= ticket.files.print.expires_at {
        return Err(Refusal::WrongState("the ticket has been deleted"));
    }
    Ok(())
}

fn retry(session: &Session, painting: Uuid, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let p = session
        .painting(painting)
        .ok_or(Refusal::NotFound("painting"))?;
    if !matches!(p.state, PaintingState::Failed { .. }) {
        if p.retried && !p.is_settled() {
            return Ok(Vec::new());
        }
        let why = "only a failed painting can be tried again";
        return Err(Refusal::WrongState(why));
    }
    let photo = session.capture(p.asked.capture);
    if photo.is_none_or(|photo| now >= photo.input.expires_at) {
        return Err(Refusal::WrongState("the photo has been deleted"));
    }
    patient(session)?;
    Ok(vec![Event::PaintingRetried {
        painting,
        style: p.asked.style.clone(),
    }])
}

fn order(
    session: &Session,
    print: Uuid,
    ticket: Uuid,
    copies: u32,
    key: String,
    most_sheets: u32,
) -> Result<Vec<Event>, Refusal> {
    if let Some(known) = session.prints.iter().find(|p| p.key == key) {
        return if known.ticket == ticket && known.copies == copies {
            Ok(Vec::new())
        } else {
            Err(Refusal::Invalid(
                "this Idempotency-Key was used for another order",
            ))
        };
    }
    if copies == 0 {
        return Err(Refusal::Invalid("order at least one copy"));
    }
    if session.print(print).is_some() {
        return Err(Refusal::Invalid("this print id is taken"));
    }
    if session.sheets_ordered().saturating_add(copies) > most_sheets {
        return Err(Refusal::TooMany("sheets"));
    }
    Ok(vec![Event::PrintQueued {
        print,
        ticket,
        copies,
        key,
    }])
}

fn join(session: &Session, claim: Option<&str>) -> Result<Vec<Event>, Refusal> {
    match claim {
        None if session.phones > 0 => return Err(Refusal::ClaimRequired),
        Some(claim) if claim != session.claim => return Err(Refusal::ClaimWrong),
        _ => {}
    }
    if session.phones >= MAX_PHONES {
        return Err(Refusal::TooMany("phones"));
    }
    Ok(vec![Event::PhoneJoined {
        phones: session.phones + 1,
    }])
}

fn end(session: &Session) -> Vec<Event> {
    if session.ended_at.is_some() {
        return Vec::new();
    }
    let mut events = cancel(session, |p| !p.is_settled());
    events.push(Event::Ended {});
    events
}

fn cancel(session: &Session, unwanted: impl Fn(&Painting) -> bool) -> Vec<Event> {
    session
        .paintings
        .iter()
        .filter(|p| p.state != PaintingState::Cancelled && unwanted(p))
        .map(|p| Event::PaintingCancelled {
            painting: p.asked.id,
            style: p.asked.style.clone(),
        })
        .collect()
}

fn has_ticket(session: &Session, painting: &Painting) -> bool {
    session
        .tickets
        .iter()
        .any(|t| t.painting == painting.asked.id)
}

/// A painting that still waits for its picture.
fn wanted(session: &Session, id: Uuid) -> Result<&Painting, Refusal> {
    let painting = session.painting(id).ok_or(Refusal::NotFound("painting"))?;
    if painting.is_settled() {
        return Err(Refusal::WrongState("this painting is settled"));
    }
    Ok(painting)
}

fn open_print(session: &Session, id: Uuid) -> Result<u32, Refusal> {
    let print = session.print(id).ok_or(Refusal::NotFound("print"))?;
    if print.state != PrintState::Queued {
        return Err(Refusal::WrongState("this print is settled"));
    }
    Ok(print.copies)
}

fn finish_print(session: &Session, print: Uuid) -> Result<Vec<Event>, Refusal> {
    let copies = open_print(session, print)?;
    Ok(vec![Event::PrintDone { print, copies }])
}
