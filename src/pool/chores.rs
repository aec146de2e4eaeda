//! What is done every few seconds, and the books that a run leaves to the next one.

use std::time::Duration;

use super::Pool;
use super::foreman::Presence;
use super::report::{Cause, Tally};
use crate::session::StyleId;

impl Pool {
    /// What is done every few seconds: hours, money, books, leases. `since` is how long ago it was
    /// done last.
    pub(super) async fn chores(&self, since: Duration) {
        let (wall, day) = (self.wall(), self.day());
        for (server, member) in self.0.servers.iter().enumerate() {
            let (id, settings) = (&member.generator.card().id, &member.settings);
            let awake = self.0.parts.board.with(|foreman, _| {
                !matches!(foreman.servers()[server].presence, Presence::Asleep { .. })
            });
            if awake && (settings.per_hour.is_some() || settings.start.is_some()) {
                let awake = Tally {
                    awake_s: since.as_secs_f64(),
                    spent: settings.per_hour.unwrap_or_default() * since.as_secs_f64() / 3600.0,
                    ..Tally::default()
                };
                self.0.account.count(day, id, "", &awake);
            }
            let shut = settings.hours.as_ref().filter(|h| !h.contain(wall.time()));
            let shut = shut.map(|hours| (Cause::OutOfHours, format!("it is used {hours}")));
            self.set_funds(server);
            let spent = self.0.account.of(day, id).0.spent;
            let broke = settings.per_day.filter(|most| spent >= *most);
            let broke = broke.map(|most| (Cause::Spent, format!("its {most} for today are spent")));
            let closed = shut.or(broke);
            self.0
                .parts
                .board
                .with(|foreman, _| foreman.set_closed(server, closed));
        }
        self.write_books().await;
        self.give_back_owed().await;
        if let Err(e) = self.renew().await {
            tracing::error!(
                error = &e as &dyn std::error::Error,
                "leases could not be prolonged"
            );
        }
    }

    /// Says for how many more paintings the money of a server lasts today.
    pub(super) fn set_funds(&self, server: usize) {
        let member = &self.0.servers[server];
        let card = member.generator.card();
        let left = member.settings.per_day.map(|most| {
            let spent = self.0.account.of(self.day(), &card.id).0.spent;
            // A rounding error must not cost the last painting.
            let left = (most - spent + 1e-6).max(0.0);
            match card.cost > 0.0 {
                true => (left / card.cost) as u64,
                false if left > 1e-6 => u64::MAX,
                false => 0,
            }
        });
        let board = &self.0.parts.board;
        board.with(|foreman, _| foreman.set_funds(server, left));
    }

    /// Writes down what was done and spent.
    pub(super) async fn write_books(&self) {
        if let Err(e) = self.0.account.write().await {
            tracing::error!(
                error = &e as &dyn std::error::Error,
                "the account could not be written"
            );
        }
    }

    /// Reads what earlier runs have learned and spent.
    pub(super) async fn recall(&self) {
        let paces = match self.0.account.open().await {
            Ok(paces) => paces,
            Err(e) => {
                tracing::error!(
                    error = &e as &dyn std::error::Error,
                    "the account could not be read"
                );
                return;
            }
        };
        self.0.parts.board.with(|foreman, _| {
            for ((id, style), pace) in paces {
                let server = foreman.rules().servers.iter().position(|s| s.id == id);
                let style = foreman.rules().style(&StyleId(style));
                if let (Some(server), Some(style)) = (server, style) {
                    foreman.remember(server, style, pace);
                }
            }
        });
    }
}
