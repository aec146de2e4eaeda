//! What an attempt adds to the account, the report and Prometheus.

use std::time::Duration;

use super::Call;
use crate::pool::Pool;
use crate::pool::foreman::End;
use crate::pool::report::Tally;

impl Pool {
    /// Books what was sent, may have been painted, and will not be asked for any more.
    pub(in crate::pool) async fn book_lost(&self, server: usize, style: usize) {
        let card = self.0.servers[server].generator.card();
        let spent = Tally {
            spent: card.cost,
            ..Tally::default()
        };
        let name = self.style_name(style);
        self.0.account.count(self.day(), &card.id, &name, &spent);
        self.write_books().await;
        self.set_funds(server);
    }

    /// Counts an attempt, which was `paid` for if its server bills: for the account, the report
    /// and Prometheus.
    pub(super) async fn book(&self, call: &Call, ended: &End, took: Duration, paid: bool) {
        let member = &self.0.servers[call.server];
        let card = member.generator.card();
        let (id, kind) = (&card.id, card.kind.traits().name);
        let name = self.style_name(call.style);
        let outcome = match ended {
            End::Done => "done",
            End::Stopped => "stopped",
            End::Failed { .. } => "failed",
        };
        let tally = Tally {
            attempts: 1,
            done: u64::from(matches!(ended, End::Done)),
            failed: u64::from(matches!(ended, End::Failed { .. })),
            stopped: u64::from(matches!(ended, End::Stopped)),
            busy_s: took.as_secs_f64(),
            awake_s: 0.0,
            spent: if paid {
                member.generator.card().cost
            } else {
                0.0
            },
        };
        self.0.account.count(self.day(), id, &name, &tally);
        if tally.spent > 0.0 {
            // A kill must not give today's money twice; and nobody begins on money that is spent.
            self.write_books().await;
            self.set_funds(call.server);
        }
        let stands_in = self.0.parts.board.with(|foreman, _| {
            let rules = foreman.rules();
            rules.is_stand_in(call.server, call.style, call.why)
        });
        self.count_style(call.style, |counts| {
            counts.attempts += 1;
            match ended {
                End::Done if stands_in => {
                    (counts.done, counts.by_stand_in) = (counts.done + 1, counts.by_stand_in + 1);
                }
                End::Done => counts.done += 1,
                End::Stopped => {}
                End::Failed { .. } => counts.failed += 1,
            }
        });
        let (server, why) = (id.clone(), call.why.as_str());
        metrics::counter!("easel_attempts_total", "server" => server.clone(), "style" => name.clone(), "why" => why, "outcome" => outcome)
            .increment(1);
        match ended {
            End::Done => {
                metrics::histogram!("easel_painting_seconds", "style" => name, "by" => kind)
                    .record(took.as_secs_f64());
            }
            End::Failed { .. } => {
                metrics::counter!("easel_attempts_failed_total", "style" => name, "generator" => server)
                    .increment(1);
            }
            End::Stopped => {}
        }
    }
}
