//! A booth at work: everything that runs beside everything else, and how it stops.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::App;
use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::jobs::{self, expire::Expire, housekeeping, print::Print};
use crate::serve::{Door, Front, ServeLimits, serve};
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

        let door = Door::Public(Front::of(&self.settings.listen.front_door));
        let serving = async {
            let (kiosk, public) = (self.kiosk, self.public);
            tokio::try_join!(
                serve(kiosk.0, Door::Kiosk, kiosk.1, limits.clone(), stop.clone()),
                serve(public.0, door, public.1, limits.clone(), stop.clone()),
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
            () = poisoned(self.visits.store(), &self.blobs, &*self.clock) => {
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

/// Returns once the record or a picture has failed to reach the disk.
async fn poisoned(store: &Store, blobs: &Blobs, clock: &dyn Clock) {
    while !store.is_poisoned() && blobs.check().is_ok() {
        clock.sleep(Duration::from_secs(1)).await;
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::blobs::{BlobKey, Format};
    use crate::clock::SystemClock;

    #[tokio::test]
    async fn a_picture_that_does_not_reach_the_disk_ends_the_run_as_a_row_does() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("easel.db")).await.unwrap();
        let blobs = Blobs::open_on_a_broken_disk(folder.path()).unwrap();
        let clock = SystemClock::new(None);
        let watch = poisoned(&store, &blobs, &clock);
        tokio::pin!(watch);
        assert!(futures::poll!(&mut watch).is_pending());
        let key = BlobKey::new(Uuid::from_u128(1), Uuid::from_u128(2), Format::Jpeg);
        blobs.put(&key, vec![7_u8].into()).await.unwrap_err();
        let for_ever = Duration::from_secs(30);
        tokio::time::timeout(for_ever, watch).await.unwrap();
    }
}
