//! Folding events into the state.

use uuid::Uuid;

use super::event::{Event, Recorded};
use super::state::{Consent, Painting, PaintingState, Print, PrintState, Session};

/// An event that does not fit the state it is folded into: the log is damaged.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("event {seq} ({name}) does not fit the session's state: {why}")]
pub struct Misfit {
    /// The event's number.
    pub seq: u64,
    /// The event's name.
    pub name: &'static str,
    /// What was missing.
    pub why: &'static str,
}

/// Folds a whole log.
///
/// # Errors
/// [`Misfit`] at the first event that does not fit.
pub fn fold<'a>(
    id: Uuid,
    log: impl IntoIterator<Item = &'a Recorded>,
) -> Result<Option<Session>, Misfit> {
    log.into_iter()
        .try_fold(None, |state, event| apply(id, state, event).map(Some))
}

/// Folds one event into the state (`None` before `session.opened`).
///
/// # Errors
/// [`Misfit`] if the event speaks of something the state does not have, or is out of order.
pub fn apply(id: Uuid, state: Option<Session>, recorded: &Recorded) -> Result<Session, Misfit> {
    let misfit = |why| Misfit {
        seq: recorded.seq,
        name: recorded.event.name(),
        why,
    };
    let Some(mut session) = state else {
        let Event::Opened {
            activity,
            locale,
            expires_at,
            claim,
        } = &recorded.event
        else {
            return Err(misfit("the session is not opened"));
        };
        return (recorded.seq == 1)
            .then(|| Session {
                id,
                seq: 1,
                activity: activity.clone(),
                locale: locale.clone(),
                opened_at: recorded.at,
                expires_at: *expires_at,
                claim: claim.clone(),
                on_screen: true,
                consent: None,
                captures: Vec::new(),
                paintings: Vec::new(),
                tickets: Vec::new(),
                prints: Vec::new(),
                phones: 0,
                ended_at: None,
                erased_at: None,
            })
            .ok_or_else(|| misfit("the first event must be number 1"));
    };
    if recorded.seq != session.seq + 1 {
        return Err(misfit("its number does not follow"));
    }
    session.seq = recorded.seq;
    change(&mut session, recorded).map_err(misfit)?;
    Ok(session)
}

fn change(session: &mut Session, recorded: &Recorded) -> Result<(), &'static str> {
    let at = recorded.at;
    match recorded.event.clone() {
        Event::Opened { .. } => return Err("it is opened already"),
        Event::ConsentGiven {
            painting,
            wall,
            offsite,
        } => {
            session.consent = Some(Consent {
                painting,
                wall,
                offsite,
                at,
            });
        }
        Event::LocaleChosen { locale } => session.locale = locale,
        Event::CaptureTaken { capture } => session.captures.push(*capture),
        Event::PaintingsAsked { paintings } => {
            session
                .paintings
                .extend(paintings.into_iter().map(|asked| Painting {
                    asked,
                    asked_at: at,
                    attempts: 0,
                    state: PaintingState::Queued,
                    settled_at: None,
                    retried: false,
                }));
        }
        Event::PaintingStarted {
            painting,
            attempt,
            by,
            ..
        } => {
            let painting = painting_mut(session, painting)?;
            painting.attempts = attempt;
            painting.state = PaintingState::Painting { by };
        }
        Event::PaintingDone {
            painting,
            by,
            picture,
            thumb,
            ..
        } => {
            let painting = painting_mut(session, painting)?;
            painting.state = PaintingState::Done {
                by,
                picture: *picture,
                thumb: *thumb,
            };
            painting.settled_at = Some(at);
        }
        Event::PaintingFailed { painting, code, .. } => {
            let painting = painting_mut(session, painting)?;
            painting.state = PaintingState::Failed { code };
            painting.settled_at = Some(at);
        }
        Event::PaintingCancelled { painting, .. } => {
            let painting = painting_mut(session, painting)?;
            painting.state = PaintingState::Cancelled;
            painting.settled_at = Some(at);
        }
        Event::PaintingRetried { painting, .. } => {
            let painting = painting_mut(session, painting)?;
            painting.state = PaintingState::Queued;
            painting.attempts = 0;
            painting.settled_at = None;
            painting.retried = true;
        }
        Event::TicketReady { ticket } => session.tickets.push(*ticket),
        Event::PrintQueued {
            print,
            ticket,
            copies,
            key,
        } => {
            session.prints.push(Print {
                id: print,
                ticket,
                copies,
                key,
                state: PrintState::Queued,
            });
        }
        Event::PrintDone { print, .. } => print_mut(session, print)?.state = PrintState::Done,
        Event::PrintFailed { print, code } => {
            print_mut(session, print)?.state = PrintState::Failed { code };
        }
        Event::PhoneJoined { phones } => session.phones = phones,
        Event::HandedOver {} => session.on_screen = false,
        Event::Ended {} => {
            session.on_screen = false;
            session.ended_at = Some(at);
        }
        Event::Erased {} => {
            session.on_screen = false;
            session.erased_at = Some(at);
        }
    }
    Ok(())
}

fn painting_mut(session: &mut Session, id: Uuid) -> Result<&mut Painting, &'static str> {
    session
        .paintings
        .iter_mut()
        .find(|p| p.asked.id == id)
        .ok_or("there is no such painting")
}

fn print_mut(session: &mut Session, id: Uuid) -> Result<&mut Print, &'static str> {
    session
        .prints
        .iter_mut()
        .find(|p| p.id == id)
        .ok_or("there is no such print")
}
