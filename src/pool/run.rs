//! The loop: tells the foreman what happened, and carries out what he says.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::attempt::Call;
use super::foreman::Order;
use super::{Pool, lock};
use crate::store::Commit;

/// How long to rest after the queue itself could not be read.
const TROUBLE: Duration = Duration::from_secs(2);
/// How often the queue is looked into though nobody said that there is something.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How many paintings are claimed before the foreman is asked what to do with them.
const AT_ONCE: usize = 8;
/// How often books are written and hours looked at.
const CHORES_EVERY: Duration = Duration::from_secs(5);

impl Pool {
    /// Paints until `stop`; then gives what is unfinished back to the queue and returns.
    /// `beat` is called each turn: the loop that matters is alive.
    pub async fn run(&self, stop: CancellationToken, beat: impl Fn() + Send) {
        let parts = &self.0.parts;
        let mut commits = parts.visits.store().commits();
        let tasks = TaskTracker::new();
        self.recall().await;
        for (server, member) in self.0.servers.iter().enumerate() {
            if member.settings.start.is_some() {
                let (pool, stop) = (self.clone(), stop.clone());
                tasks.spawn(async move { pool.find(server, &stop).await });
            }
        }
        let measuring = (self.clone(), stop.clone());
        tasks.spawn(async move { measuring.0.measure(&measuring.1).await });
        let (mut look, mut looked, mut chores) = (true, Duration::ZERO, Duration::ZERO);
        while !stop.is_cancelled() {
            beat();
            let now = parts.clock.monotonic();
            if chores <= now {
                self.chores(now.saturating_sub(chores.saturating_sub(CHORES_EVERY)))
                    .await;
                chores = now + CHORES_EVERY;
            }
            let mut rest = None;
            if look || looked + LOOK_EVERY <= now {
                looked = now;
                match self.take_in(AT_ONCE).await {
                    Ok(more) => look = more,
                    Err(e) => {
                        let error = &e as &dyn std::error::Error;
                        tracing::error!(error, "the queue did not answer");
                        (look, rest) = (true, Some(TROUBLE));
                    }
                }
            }
            let chance = self.chance();
            let (orders, idle) = parts.board.with(|foreman, now| {
                let orders = foreman.decide(now, chance);
                (orders, foreman.rest(now))
            });
            self.journalize().await;
            for order in orders {
                self.carry_out(order, &tasks, &stop);
            }
            self.show();
            if look && rest.is_none() {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.0.wake.notified() => {}
                () = parts.clock.sleep(rest.unwrap_or(idle)) => {}
                commit = commits.recv() => look |= self.hear_all(commit, &mut commits),
            }
        }
        tasks.close();
        tasks.wait().await;
        self.hand_back().await;
        self.write_books().await;
    }

    fn hear_all(
        &self,
        first: Result<Arc<Commit>, RecvError>,
        commits: &mut Receiver<Arc<Commit>>,
    ) -> bool {
        let mut look = match first {
            Ok(commit) => self.hear(&commit),
            // Too much was said at once: what was missed comes out when it is reported.
            Err(_) => true,
        };
        loop {
            match commits.try_recv() {
                Ok(commit) => look |= self.hear(&commit),
                Err(TryRecvError::Lagged(_)) => look = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return look,
            }
        }
    }

    fn carry_out(&self, order: Order, tasks: &TaskTracker, stop: &CancellationToken) {
        let (pool, stop) = (self.clone(), stop.clone());
        match order {
            Order::Paint {
                attempt,
                painting,
                style,
                server,
                why,
                smaller,
            } => {
                let cancel = CancellationToken::new();
                lock(&self.0.running).insert(attempt, cancel.clone());
                let call = Call {
                    no: attempt,
                    painting,
                    style,
                    server,
                    why,
                    smaller,
                };
                tasks.spawn(async move {
                    pool.attempt(&call, &cancel, &stop).await;
                    lock(&pool.0.running).remove(&call.no);
                    pool.0.wake.notify_one();
                });
            }
            Order::Stop { attempt } => {
                if let Some(cancel) = lock(&self.0.running).get(&attempt) {
                    cancel.cancel();
                }
            }
            Order::GiveUp {
                painting,
                style,
                code,
                says,
            } => {
                tracing::warn!(painting.id = %painting, says, "a painting is given up");
                self.count_style(style, |counts| counts.given_up += 1);
                tasks.spawn(async move {
                    if let Err(e) = pool.give_up(painting, code, &says).await {
                        let error = &e as &dyn std::error::Error;
                        tracing::error!(painting.id = %painting, error, "a failure could not be reported");
                    }
                });
            }
            Order::Look {
                server,
                canary,
                restart,
            } => {
                tasks.spawn(async move { pool.look(server, canary, restart, &stop).await });
            }
            Order::Wake { server } => {
                tasks.spawn(async move { pool.rouse(server, &stop).await });
            }
            Order::Rest { server } => {
                tasks.spawn(async move { pool.lay_down(server, &stop).await });
            }
        }
    }
}
