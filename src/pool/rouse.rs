//! Wakes servers, has them load their models, lets them rest and restarts them.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Pool;
use super::blame::{Circumstances, fault};
use super::care::ill;
use super::foreman::{Ill, Presence, Woken};
use super::hooks::{Ask, HookError};
use super::report::Cause;
use super::warm::Warmed;
use crate::generator::GeneratorError;

/// How long a server that is switched on may take to answer, unless settings say otherwise.
const START_WITHIN: Duration = Duration::from_secs(300);
/// How often it is asked meanwhile.
const ASK_EVERY: Duration = Duration::from_secs(2);

impl Pool {
    /// Switches a server on, if it is switched, and has it load its models.
    pub(super) async fn rouse(&self, server: usize, stop: &CancellationToken) {
        let woken = tokio::select! {
            woken = self.wake_up(server) => woken,
            () = stop.cancelled() => return,
        };
        let says = match &woken {
            Woken::There { faults, .. } => faults.first().map(|(_, fault)| fault.says()),
            Woken::Unwell(ill) => Some(ill.says.as_str()),
            Woken::Off(says) => Some(says.as_str()),
        };
        if let Some(says) = says {
            let id = self.id(server);
            tracing::warn!(
                generator.id = id,
                says,
                "a server could not be woken as it should"
            );
        }
        let (parts, chance) = (&self.0.parts, self.chance());
        parts
            .board
            .with(|foreman, now| foreman.woken(server, woken, now, chance));
        self.0.wake.notify_one();
    }

    async fn wake_up(&self, server: usize) -> Woken {
        let (member, parts) = (&self.0.servers[server], &self.0.parts);
        let off = |foreman: &mut super::foreman::Foreman, _| {
            foreman.servers()[server].presence == Presence::Waking
        };
        if let Some(start) = &member.settings.start
            && parts.board.with(off)
        {
            tracing::info!(generator.id = self.id(server), "switching a server on");
            if let Err(e) = start.run(self.id(server), Ask::Start).await {
                return Woken::Off(chain(&e));
            }
            if let Err(ill) = self.until_it_answers(server).await {
                return Woken::Unwell(ill);
            }
        }
        let styles = parts.board.with(|foreman, now| {
            let styles = foreman.to_load(server, now).into_iter();
            let named = styles.map(|style| (style, foreman.rules().styles[style].id.clone()));
            named.collect::<Vec<_>>()
        });
        let (mut warm, mut faults) = (Vec::new(), Vec::new());
        for (style, id) in styles {
            match self.warm(server, &id).await {
                Warmed::Loaded => warm.push(style),
                Warmed::GaveWay => break,
                Warmed::Silent(silent) => {
                    return Woken::Unwell(Ill {
                        cause: Cause::Stalled,
                        says: format!(
                            "it loads nothing: no sign of life for {} s",
                            silent.as_secs()
                        ),
                        stuck: true,
                        speechless: false,
                    });
                }
                // It would do so to the other styles as well.
                Warmed::Failed(
                    e @ (GeneratorError::Unreachable(_)
                    | GeneratorError::TimedOut(_)
                    | GeneratorError::NeedsRestart(_)),
                ) => return Woken::Unwell(ill(&e)),
                // One bad style spoils no other.
                Warmed::Failed(e) => faults.push((style, fault(&e, Circumstances::default()))),
            }
        }
        Woken::There { warm, faults }
    }

    /// Sees whether a switched server is on from an earlier run.
    pub(super) async fn find(&self, server: usize, stop: &CancellationToken) {
        let on = tokio::select! {
            asked = self.ask(server) => asked.is_ok(),
            () = stop.cancelled() => return,
        };
        if on {
            self.0
                .parts
                .board
                .with(|foreman, now| foreman.found_on(server, now));
            self.0.wake.notify_one();
        }
    }

    async fn until_it_answers(&self, server: usize) -> Result<(), Ill> {
        let clock = &self.0.parts.clock;
        let within = self.0.servers[server].settings.start_within;
        let within = within.map_or(START_WITHIN, |within| within.0);
        let answers = async {
            while self.ask(server).await.is_err() {
                clock.sleep(ASK_EVERY).await;
            }
        };
        tokio::select! {
            () = answers => Ok(()),
            () = clock.sleep(within) => Err(Ill {
                cause: Cause::Unreachable,
                says: format!("it did not answer within {within:?} of its start"),
                stuck: false,
                speechless: false,
            }),
        }
    }

    /// Switches a server off, and tells the foreman.
    pub(super) async fn lay_down(&self, server: usize, stop: &CancellationToken) {
        let rested = tokio::select! {
            rested = self.switch_off(server) => rested,
            () = stop.cancelled() => return,
        };
        if let Err(says) = &rested {
            let id = self.id(server);
            tracing::warn!(
                generator.id = id,
                says,
                "a server could not be switched off"
            );
        }
        let board = &self.0.parts.board;
        board.with(|foreman, now| foreman.rested(server, rested, now));
        self.0.wake.notify_one();
    }

    async fn switch_off(&self, server: usize) -> Result<(), String> {
        let Some(hook) = &self.0.servers[server].settings.stop else {
            return Ok(());
        };
        tracing::info!(generator.id = self.id(server), "switching a server off");
        let rested = hook.run(self.id(server), Ask::Stop).await;
        rested.map_err(|e| chain(&e))
    }

    /// Starts a server anew, if settings say how.
    pub(super) async fn restart(&self, server: usize) -> Result<(), HookError> {
        let settings = &self.0.servers[server].settings;
        let id = self.id(server);
        if let Some(hook) = &settings.restart {
            return hook.run(id, Ask::Restart).await;
        }
        for (hook, ask) in [(&settings.stop, Ask::Stop), (&settings.start, Ask::Start)] {
            if let Some(hook) = hook {
                hook.run(id, ask).await?;
            }
        }
        Ok(())
    }
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |e| e.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
