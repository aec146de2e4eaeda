//! What an attempt adds to the account, the report and Prometheus.

use std::time::Duration;

use super::Call;
use crate::pool::Pool;
use crate::pool::foreman::End;
use crate::pool::report::{Tally, Why};

impl Pool {
    /// Counts an attempt, which was `paid` for if its server bills: for the account, the report
    /// and Prometheus.
    pub(super) fn book(&self, call: &Call, ended: &End, took: Duration, paid: bool) {
        let member = &self.0.servers[call.server];
        let (id, kind) = (member.generator.id(), member.generator.kind());
        let style = self.0.parts.board.with(|foreman, _| {
            let attempt = foreman.attempts().find(|(no, _)| *no == call.no);
            attempt.map(|(_, attempt)| attempt.style)
        });
        let Some(style) = style else { return };
        let name = self.style_name(style);
        let outcome = match ended {
            End::Done => "done",
            End::Stopped => "stopped",
            End::Failed { .. } => "failed",
        };
        let cost = if paid { member.generator.cost() } else { 0.0 };
        self.0
            .account
            .count(self.wall().date(), id, &name, |tally: &mut Tally| {
                tally.attempts += 1;
                tally.busy_s += took.as_secs_f64();
                tally.spent += cost;
                match ended {
                    End::Done => tally.done += 1,
                    End::Stopped => tally.stopped += 1,
                    End::Failed { .. } => tally.failed += 1,
                }
            });
        self.count_style(style, |counts| {
            counts.attempts += 1;
            match ended {
                End::Done if call.why == Why::StandIn => {
                    (counts.done, counts.by_stand_in) = (counts.done + 1, counts.by_stand_in + 1);
                }
                End::Done => counts.done += 1,
                End::Stopped => {}
                End::Failed { .. } => counts.failed += 1,
            }
        });
        let (server, why) = (id.to_owned(), call.why.as_str());
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
