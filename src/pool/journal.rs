//! What the journal says of the evening: what is wrong with which server and when it is over, which
//! attempts were abandoned, and where the stand-in had to paint.

use super::foreman::{Foreman, Moment, Note, Server};
use super::report::{Cause, ServerState};
use super::{Pool, lock, tell};

/// A server that tells of its work and is silent for so long is said to be, long before it is given
/// up.
pub(super) const SILENT: std::time::Duration = std::time::Duration::from_secs(8);

/// What the journal was last told of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    state: Option<ServerState>,
    trouble: Option<Cause>,
    unfit: usize,
}

impl Told {
    /// Whether it was on trial before, and nothing is wrong with it now.
    fn is_proven_after(&self, old: &Self) -> bool {
        old.state == Some(ServerState::OnTrial)
            && self.state == Some(ServerState::Ready)
            && (self.trouble, self.unfit) == (None, 0)
    }
}

impl Pool {
    /// Tells the journal what it has not been told.
    pub(super) async fn journalize(&self) {
        let (notes, now_told) = self.0.parts.board.with(|foreman, now| {
            let servers = 0..foreman.servers().len();
            let told = servers.map(|s| {
                let says = tell::says(foreman, s, now);
                (told(foreman, s, now), says)
            });
            let told: Vec<_> = told.collect();
            (foreman.take_notes(), told)
        });
        for (server, (new, says)) in now_told.into_iter().enumerate() {
            let old = {
                let mut told = lock(&self.0.told);
                std::mem::replace(&mut told[server], new.clone())
            };
            self.tell_change(server, &old, &new, &says);
        }
        for note in notes {
            self.tell_note(&note);
            if let Note::Lost { server, style, .. } = note {
                self.book_lost(server, style).await;
            }
        }
    }

    fn tell_change(&self, server: usize, old: &Told, new: &Told, says: &str) {
        let id = self.id(server);
        let state = new.state.map_or("", ServerState::as_str);
        if old.trouble != new.trouble || new.unfit > old.unfit {
            match (new.trouble, new.unfit) {
                (None, 0) if new.state == Some(ServerState::OnTrial) => {
                    tracing::info!(generator.id = id, state, says, "a generator answers again");
                }
                (None, 0) if old.state.is_some() => {
                    tracing::info!(generator.id = id, state, says, "a generator is well again");
                }
                (None, 0) => {}
                (cause, _) => {
                    let cause = cause.map_or("unfit", Cause::as_str);
                    tracing::warn!(
                        generator.id = id,
                        state,
                        cause,
                        says,
                        "a generator is in trouble"
                    );
                }
            }
        } else if new.is_proven_after(old) {
            tracing::info!(generator.id = id, state, says, "a generator is well again");
        } else if old.state.is_some() && old.state != new.state {
            tracing::info!(
                generator.id = id,
                state,
                says,
                "a generator has changed its state"
            );
        }
    }

    fn tell_note(&self, note: &Note) {
        match note {
            Note::Abandoned {
                painting,
                server,
                says,
                ..
            } => {
                let id = self.id(*server);
                tracing::warn!(painting.id = %painting, generator.id = id, says, "an attempt is abandoned");
            }
            Note::StoodIn {
                painting,
                server,
                style,
                says,
            } => {
                let (id, style) = (self.id(*server), self.style_name(*style));
                tracing::warn!(painting.id = %painting, generator.id = id, style, says, "the stand-in paints");
            }
            Note::Lost {
                painting, server, ..
            } => {
                let id = self.id(*server);
                tracing::warn!(painting.id = %painting, generator.id = id, "an answer is lost; it is booked at its price");
            }
        }
    }
}

/// What there is to tell of a server now.
fn told(foreman: &Foreman, server: usize, now: Moment) -> Told {
    let s: &Server = &foreman.servers()[server];
    Told {
        state: Some(s.state()),
        trouble: tell::cause(foreman, server, now).filter(|cause| cause.is_trouble()),
        unfit: s.health.unfit(now).count(),
    }
}
