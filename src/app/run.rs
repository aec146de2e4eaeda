//! A booth at work: everything that runs beside everything else, and how it stops.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::App;
use crate::clock::Clock;
use crate::jobs::{self, expire::Expire, housekeeping, print::Print};
use crate::serve::{ServeLimits, serve};
use crate::store::Store;

impl App {
    /// Runs the booth until `stop`, or until a part of it ends that must not. `beat` is called by
    /// the loop that matters.
    ///
    /// # Errors
    /// The part that broke.
    pub async fn run(
        self,
        stop: CancellationToken,
        beat: impl Fn() + Send + 'static,
    ) -> anyhow::Result<()> {
        let limits = ServeLimits {
            connections: self.settings.limits.connections,
            connections_per_address: self.settings.limits.connections_per_address,
            ..ServeLimits::default()
        };
        // Work goes on a little longer than talk: what a request has begun can be finished.
        let work = CancellationToken::new();
        let mut tasks = JoinSet::new();
        {
            let (feed, stop) = (self.feed.clone(), work.clone());
            tasks.spawn(async move { feed.run(stop).await });
        }
        {
            let (pool, stop) = (self.pool.clone(), work.clone());
            tasks.spawn(async move { pool.run(stop, beat).await });
        }
        self.spawn_jobs(&mut tasks, &work);
        if let Some(printer) = &self.printer {
            let (feed, state, stop) = (self.feed.clone(), printer.watch(), work.clone());
            tasks.spawn(async move { feed.follow_printer(state, stop).await });
        }
        let (visits, clock) = (self.visits.clone(), Arc::clone(&self.clock));
        tasks.spawn(housekeeping::run(visits, clock, work.clone()));

        let serving = async {
            let (kiosk, public) = (self.kiosk, self.public);
            tokio::try_join!(
                serve(kiosk.0, kiosk.1, limits.clone(), stop.clone()),
                serve(public.0, public.1, limits.clone(), stop.clone()),
                async {
                    stop.cancelled().await;
                    self.feed.close();
                    self.io.close().await;
                    Ok(())
                }
            )
        };
        let outcome = tokio::select! {
            served = serving => served.map(|_| ()).context("a listener broke"),
            ended = tasks.join_next() => Err(match ended {
                Some(Err(crash)) => anyhow::Error::new(crash).context("a part of the booth crashed"),
                _ => anyhow::anyhow!("a part of the booth ended by itself"),
            }),
            () = poisoned(self.visits.store(), &*self.clock) => {
                Err(anyhow::anyhow!("a write did not reach the disk; restarting to look at what is there"))
            }
        };
        self.rehearsals.close().await;
        work.cancel();
        while let Some(ended) = tasks.join_next().await {
            if let Err(crash) = ended {
                tracing::error!(
                    error = &crash as &dyn std::error::Error,
                    "a part crashed while stopping"
                );
            }
        }
        self.visits.store().close().await;
        outcome
    }

    fn spawn_jobs(&self, tasks: &mut JoinSet<()>, stop: &CancellationToken) {
        let mut hands: Vec<Box<dyn jobs::Hand>> = vec![Box::new(Expire {
            visits: self.visits.clone(),
            queue: Arc::clone(&self.queue),
            blobs: self.blobs.clone(),
            printer: self.printer.clone(),
            clock: Arc::clone(&self.clock),
            doubt: self.doubt,
        })];
        if let Some(printer) = &self.printer {
            hands.push(Box::new(Print {
                visits: self.visits.clone(),
                queue: Arc::clone(&self.queue),
                blobs: self.blobs.clone(),
                printer: Arc::clone(printer),
                clock: Arc::clone(&self.clock),
                give_up: self.settings.printer.give_up(),
            }));
        }
        for hand in hands {
            let (queue, visits) = (Arc::clone(&self.queue), self.visits.clone());
            let (clock, stop) = (Arc::clone(&self.clock), stop.clone());
            tasks.spawn(async move { jobs::run(&*hand, queue, visits, clock, stop).await });
        }
    }
}

/// Returns once the record has failed to reach the disk.
async fn poisoned(store: &Store, clock: &dyn Clock) {
    while !store.is_poisoned() {
        clock.sleep(Duration::from_secs(1)).await;
    }
}
