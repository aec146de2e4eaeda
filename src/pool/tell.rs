//! How the pool is: for the staff page and for Prometheus.

use std::collections::HashMap;
use std::time::Duration;

use super::board::timestamp;
use super::foreman::{Breaker, Foreman, Moment, Presence};
use super::journal::SILENT;
use super::report::{
    AtWork, Cause, ErrorReport, PaceReport, PoolReport, ServerReport, ServerState, StyleReport,
    Unfit,
};
use super::{Pool, lock};

/// What was done for a style in this run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) attempts: u64,
    pub(super) done: u64,
    pub(super) failed: u64,
    pub(super) given_up: u64,
    pub(super) by_stand_in: u64,
}

impl Pool {
    /// The pool as it stands.
    pub fn report(&self) -> PoolReport {
        let counts = lock(&self.0.counts).clone();
        self.0.parts.board.with(|foreman, now| {
            let waiting = waiting(foreman);
            let waits = foreman
                .jobs()
                .map(|job| now.saturating_sub(job.wanted.asked));
            let rules = foreman.rules();
            let everything: Vec<_> = (0..rules.styles.len())
                .map(|style| (uuid::Uuid::from_u128(style as u128), style))
                .collect();
            PoolReport {
                at: timestamp(now),
                waiting: waiting.values().sum(),
                painting: at_work(foreman),
                longest_wait_s: waits.max().unwrap_or_default().as_secs(),
                eta_s: foreman.place(uuid::Uuid::nil(), &everything, now).eta_s,
                stand_in: rules.stand_in.is_some(),
                servers: (0..self.0.servers.len())
                    .map(|server| self.server_report(foreman, server, now))
                    .collect(),
                styles: rules
                    .styles
                    .iter()
                    .zip(&counts)
                    .enumerate()
                    .map(|(i, (style, counts))| StyleReport {
                        id: style.id.to_string(),
                        waiting: waiting.get(&i).copied().unwrap_or_default(),
                        painting: small(foreman.attempts().filter(|(_, a)| a.style == i).count()),
                        attempts: counts.attempts,
                        done: counts.done,
                        failed_attempts: counts.failed,
                        given_up: counts.given_up,
                        by_stand_in: counts.by_stand_in,
                    })
                    .collect(),
            }
        })
    }

    fn server_report(&self, foreman: &Foreman, server: usize, now: Moment) -> ServerReport {
        let generator = &self.0.servers[server].generator;
        let (rules, s) = (&foreman.rules().servers[server], &foreman.servers()[server]);
        let style = |style: usize| foreman.rules().styles[style].id.to_string();
        let painted = |i: &usize| rules.paints[*i];
        let (today, ever) = self.0.account.of(self.day(), &generator.card().id);
        let at_work = foreman.attempts().filter(|(_, a)| a.server == server);
        let times = s
            .paces
            .iter()
            .enumerate()
            .filter(|(_, p)| p.expected(true).is_some());
        let seconds = |d: Option<std::time::Duration>| d.map(|d| d.as_secs_f64());
        ServerReport {
            id: generator.card().id.clone(),
            kind: generator.card().kind.to_string(),
            state: s.state(),
            says: says(foreman, server, now),
            cause: cause(foreman, server, now),
            again_in_s: match s.health.breaker() {
                Breaker::Open { until } => Some(until.saturating_sub(now).as_secs()),
                Breaker::Closed | Breaker::Probing | Breaker::OnTrial => None,
            },
            own_words: s.health.says().to_owned(),
            since: timestamp(s.health.since()),
            draining: s.drained,
            billed: rules.billed,
            slots: small(rules.slots),
            at_work: at_work
                .map(|(_, a)| AtWork {
                    painting: a.painting,
                    style: style(a.style),
                    why: a.why,
                    for_s: a.elapsed(now).as_secs(),
                    share: a.share,
                })
                .collect(),
            styles: (0..rules.paints.len()).filter(painted).map(style).collect(),
            unfit: s
                .health
                .unfit(now)
                .map(|(i, says)| Unfit {
                    style: style(i),
                    says: says.to_owned(),
                })
                .collect(),
            times: times
                .map(|(i, pace)| PaceReport {
                    style: style(i),
                    warm_s: seconds(pace.warm()),
                    cold_s: seconds(pace.cold()),
                    p95_s: seconds(pace.p95(false)),
                    measured: pace.measured(),
                })
                .collect(),
            last_error: s.trouble.as_ref().map(|(at, at_style, says)| ErrorReport {
                at: timestamp(*at),
                style: at_style.map(style),
                says: says.clone(),
            }),
            today,
            ever,
        }
    }

    /// Shows the pool's figures to Prometheus.
    pub(super) fn show(&self) {
        const STATES: [ServerState; 6] = [
            ServerState::Ready,
            ServerState::Waking,
            ServerState::Resting,
            ServerState::Closed,
            ServerState::OnTrial,
            ServerState::Down,
        ];
        self.0.parts.board.with(|foreman, now| {
            for (style, waiting) in all_waiting(foreman) {
                metrics::gauge!("easel_pool_waiting", "style" => style).set(f64::from(waiting));
            }
            let waits = foreman.jobs().map(|job| now.saturating_sub(job.wanted.asked));
            let longest = waits.max().unwrap_or_default();
            metrics::gauge!("easel_pool_longest_wait_seconds").set(longest.as_secs_f64());
            for (rules, s) in foreman.rules().servers.iter().zip(foreman.servers()) {
                let is = s.state();
                for state in STATES {
                    let set = if state == is { 1.0 } else { 0.0 };
                    metrics::gauge!("easel_server_state", "server" => rules.id.clone(), "state" => state.as_str()).set(set);
                }
                metrics::gauge!("easel_server_busy", "server" => rules.id.clone()).set(s.busy() as f64);
            }
        });
        for member in &self.0.servers {
            let (today, _) = self.0.account.of(self.day(), &member.generator.card().id);
            let id = member.generator.card().id.clone();
            metrics::gauge!("easel_server_spent_today", "server" => id).set(today.spent);
        }
    }

    pub(super) fn count_style(&self, style: usize, count: impl FnOnce(&mut Counts)) {
        if let Some(counts) = lock(&self.0.counts).get_mut(style) {
            count(counts);
        }
    }

    pub(super) fn style_name(&self, style: usize) -> String {
        let board = &self.0.parts.board;
        board.with(|foreman, _| foreman.rules().styles[style].id.to_string())
    }
}

/// What keeps it from painting, in a word.
pub(super) fn cause(foreman: &Foreman, server: usize, now: Moment) -> Option<Cause> {
    let s = &foreman.servers()[server];
    if let Some((cause, _)) = &s.closed {
        return Some(*cause);
    }
    if let Some((cause, _)) = &s.hook {
        return Some(*cause);
    }
    if s.funds == Some(0) {
        return Some(Cause::Spent);
    }
    let silent = silence(foreman, server, now).map(|_| Cause::Stalled);
    s.health.cause().or(silent)
}

/// How long the server is silent that tells of its work, if that is strange.
fn silence(foreman: &Foreman, server: usize, now: Moment) -> Option<Duration> {
    let here = foreman.attempts().filter(|(_, a)| a.server == server);
    let silent = here.filter_map(|(_, a)| a.silent(now)).min();
    silent.filter(|silent| *silent >= SILENT)
}

/// In plain words: why it is in its state, and what it said last.
pub(super) fn says(foreman: &Foreman, server: usize, now: Moment) -> String {
    let (rules, s) = (&foreman.rules().servers[server], &foreman.servers()[server]);
    let said = s.health.says();
    let own = if said.is_empty() {
        String::new()
    } else {
        format!(": {said}")
    };
    if s.drained {
        return "taken out of service by staff; it finishes what it is at".to_owned();
    }
    if let Some((_, reason)) = &s.closed {
        return format!("closed: {reason}");
    }
    match (s.state(), s.health.breaker()) {
        (ServerState::Resting, _) => match (s.presence, &s.hook) {
            (Presence::Resting, _) => "being switched off".to_owned(),
            (Presence::Restless { .. }, Some((_, trouble))) => {
                format!("could not be switched off, and is tried again: {trouble}")
            }
            (_, Some((_, trouble))) => format!("off; it could not be switched on: {trouble}"),
            _ => "off, until the next visitor comes".to_owned(),
        },
        (ServerState::Waking, _) if s.presence == Presence::Waking => {
            "being switched on".to_owned()
        }
        (ServerState::Waking, _) => format!("loads its models{own}"),
        (ServerState::OnTrial, _) => format!("on trial: one painting at a time{own}"),
        (ServerState::Down, Breaker::Open { until }) => {
            let seconds = until.saturating_sub(now).as_secs();
            format!("left alone for {seconds} s more{own}")
        }
        (ServerState::Down, _) => format!("being looked at{own}"),
        _ if silence(foreman, server, now).is_some() => {
            let silent = silence(foreman, server, now).unwrap_or_default();
            format!("has shown no sign of life for {} s", silent.as_secs())
        }
        _ if s.funds == Some(0) => "its money for today is spent".to_owned(),
        _ if s.health.cause().is_some() => {
            let trouble = s.trouble.as_ref().map(|(_, _, says)| says.as_str());
            format!(
                "paints, but something went wrong last: {}",
                trouble.unwrap_or(said)
            )
        }
        _ if !rules.listed => format!("steps in where no server is in time{own}"),
        _ => format!("well{own}"),
    }
}

/// Paintings nobody is at, by style.
fn waiting(foreman: &Foreman) -> HashMap<usize, u32> {
    let mut waiting = HashMap::new();
    for job in foreman.jobs() {
        let mut attempts = foreman.attempts();
        if !attempts.any(|(_, a)| a.painting == job.wanted.painting) {
            *waiting.entry(job.wanted.style).or_default() += 1;
        }
    }
    waiting
}

fn all_waiting(foreman: &Foreman) -> Vec<(String, u32)> {
    let waiting = waiting(foreman);
    let styles = foreman.rules().styles.iter().enumerate();
    styles
        .map(|(i, s)| {
            (
                s.id.to_string(),
                waiting.get(&i).copied().unwrap_or_default(),
            )
        })
        .collect()
}

/// Paintings that somebody is at.
fn at_work(foreman: &Foreman) -> u32 {
    let mut paintings: Vec<_> = foreman.attempts().map(|(_, a)| a.painting).collect();
    paintings.sort_unstable();
    paintings.dedup();
    small(paintings.len())
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
