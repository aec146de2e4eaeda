//! One attempt: from a claimed job to a painting on the wall, another try, or a failure.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use image::RgbImage;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::choose::{StyleRules, Verdict, after_failure};
use super::{Parts, Pool, lock};
use crate::blobs::{BlobError, BlobKey, Format};
use crate::generator::{Brief, Generator, GeneratorError, Painted, Progress};
use crate::imaging::{self, Refusal};
use crate::queue::Job;
use crate::session::{Asked, Capture, Command, FailureCode, PictureRef};
use crate::visits::{Settle, VisitError};

/// Quality of the stored painting: tickets are printed from it.
const PAINTING_QUALITY: u8 = 93;
/// News of progress goes out at most this often.
const NEWS_EVERY: Duration = Duration::from_millis(250);
/// A job claimed this often without any outcome takes the daemon down with it.
const POISONOUS_CLAIMS: i64 = 12;

/// A painting ready to be reported.
struct Hung {
    picture: PictureRef,
    thumb: PictureRef,
}

/// Why there is nothing to report as done.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Generator(#[from] GeneratorError),
    #[error("the photo or the painting could not be kept")]
    Blobs(#[from] BlobError),
}

impl Pool {
    /// Sees one attempt to its end; whatever happens, the job is given back or reported.
    pub(super) async fn attempt(
        &self,
        job: &Job,
        rules: &StyleRules,
        chosen: usize,
        cancel: &CancellationToken,
    ) {
        let generator = Arc::clone(&self.0.generators[chosen].generator);
        if let Err(e) = self
            .try_attempt(job, rules, chosen, &generator, cancel)
            .await
        {
            match e {
                // Cancelled, retaken or erased meanwhile: nobody waits for it.
                VisitError::Refused(_) | VisitError::LeaseLost => {
                    let _ = self.0.parts.visits.drop_job(job.lease).await;
                }
                e => tracing::error!(
                    painting.id = %job.subject,
                    error = &e as &dyn std::error::Error,
                    "a painting could not be reported; its lease will run out"
                ),
            }
        }
    }

    async fn try_attempt(
        &self,
        job: &Job,
        rules: &StyleRules,
        chosen: usize,
        generator: &Arc<dyn Generator>,
        cancel: &CancellationToken,
    ) -> Result<(), VisitError> {
        let parts = &self.0.parts;
        let by = generator.kind().to_owned();
        let start = Command::StartPainting {
            painting: job.subject,
            by: by.clone(),
        };
        let state = parts.visits.run(job.session, start).await?;
        let painting = state
            .painting(job.subject)
            .expect("it has just been started");
        let capture = state
            .capture(painting.asked.capture)
            .expect("it was painted from there");
        if job.lease.number > POISONOUS_CLAIMS {
            return self
                .give_up(job, FailureCode::Internal, "claimed again and again")
                .await;
        }

        let began = parts.clock.monotonic();
        let spent = parts.clock.now().duration_since(job.first_claimed_at);
        let spent = Duration::try_from(spent).unwrap_or_default();
        let patience = rules.timeout.min(rules.give_up.saturating_sub(spent));
        let result = self
            .paint(&painting.asked, capture, generator, patience, cancel)
            .await;
        let took = parts.clock.monotonic().saturating_sub(began);

        match result {
            Ok(hung) => {
                parts.times.note(&rules.id, took);
                parts.feed.settled(job.subject);
                lock(&self.0.tried).remove(&job.subject);
                metrics::histogram!("easel_painting_seconds", "style" => rules.id.to_string(), "by" => by.clone())
                    .record(took.as_secs_f64());
                let picture = hung.picture.id;
                let finish = Command::FinishPainting {
                    painting: job.subject,
                    by,
                    picture: Box::new(hung.picture),
                    thumb: Box::new(hung.thumb),
                };
                let reported = parts
                    .visits
                    .report(job.session, finish, Settle::Done(job.lease))
                    .await;
                if let Err(VisitError::Refused(_) | VisitError::LeaseLost) = reported {
                    // Cancelled or erased in the last moment: it must not stay behind.
                    let _ = parts.blobs.delete_picture(job.session, picture).await;
                }
                reported.map(|_| ())
            }
            Err(Trouble::Generator(GeneratorError::Cancelled)) if cancel.is_cancelled() => {
                // Stopping gives it back untouched; a cancelled painting has no job any more.
                parts.queue.release(job.lease).await?;
                Ok(())
            }
            Err(trouble) => {
                tracing::warn!(
                    painting.id = %job.subject,
                    generator.id = generator.id(),
                    style = %rules.id,
                    error = &trouble as &dyn std::error::Error,
                    "an attempt failed"
                );
                metrics::counter!("easel_attempts_failed_total", "style" => rules.id.to_string(), "generator" => generator.id().to_owned())
                    .increment(1);
                lock(&self.0.tried)
                    .entry(job.subject)
                    .or_default()
                    .push(chosen);
                self.after(job, rules, &trouble, spent + took).await
            }
        }
    }

    async fn after(
        &self,
        job: &Job,
        rules: &StyleRules,
        trouble: &Trouble,
        spent: Duration,
    ) -> Result<(), VisitError> {
        let (code, hopeful) = match trouble {
            Trouble::Generator(e) => (e.code(), e.is_worth_a_retry()),
            Trouble::Blobs(_) => (FailureCode::Internal, true),
        };
        let jitter = (self.0.parts.entropy.u64() >> 11) as f64 / (1_u64 << 53) as f64;
        match after_failure(rules, job.attempts + 1, spent, jitter) {
            Verdict::Retry(wait) if hopeful => {
                self.0
                    .parts
                    .queue
                    .retry(job.lease, wait, &trouble.to_string())
                    .await?;
                Ok(())
            }
            _ => self.give_up(job, code, &trouble.to_string()).await,
        }
    }

    async fn give_up(&self, job: &Job, code: FailureCode, why: &str) -> Result<(), VisitError> {
        self.0.parts.feed.settled(job.subject);
        lock(&self.0.tried).remove(&job.subject);
        let fail = Command::FailPainting {
            painting: job.subject,
            code,
        };
        self.0
            .parts
            .visits
            .report(job.session, fail, Settle::Buried(job.lease, why))
            .await?;
        Ok(())
    }

    async fn paint(
        &self,
        asked: &Asked,
        capture: &Capture,
        generator: &Arc<dyn Generator>,
        patience: Duration,
        cancel: &CancellationToken,
    ) -> Result<Hung, Trouble> {
        let parts = &self.0.parts;
        let brief = Brief {
            attempt: parts.entropy.uuid_v7(parts.clock.now()),
            capture: capture.id,
            style: asked.style.clone(),
            seed: asked.seed,
            input: parts.fetch(&capture.input).await?,
            screen: parts.fetch(&capture.screen).await?,
            smaller: false,
        };
        let session = self.session_of(capture);
        let (progress, news) = watch::channel(Progress::default());
        // Dropped with this future: a generator that is given up on must not go on.
        let cancel = cancel.child_token();
        let _stop = cancel.clone().drop_guard();
        let painted = {
            let work = AssertUnwindSafe(generator.paint(&brief, &progress, &cancel)).catch_unwind();
            tokio::select! {
                painted = work => painted.unwrap_or_else(|_| {
                    Err(GeneratorError::Failed("it broke while painting".to_owned()))
                })?,
                () = self.pass_on(news, session, asked) => unreachable!("the sender lives on"),
                () = parts.clock.sleep(patience) => {
                    return Err(GeneratorError::TimedOut(patience).into());
                }
                () = cancel.cancelled() => return Err(GeneratorError::Cancelled.into()),
            }
        };
        parts.hang(session, painted).await
    }

    async fn pass_on(
        &self,
        mut news: watch::Receiver<Progress>,
        session: uuid::Uuid,
        asked: &Asked,
    ) {
        let parts = &self.0.parts;
        while news.changed().await.is_ok() {
            let newest = news.borrow_and_update().clone();
            parts
                .feed
                .progress(session, asked.id, &asked.style, &newest);
            parts.clock.sleep(NEWS_EVERY).await;
        }
        std::future::pending::<()>().await;
    }

    fn session_of(&self, capture: &Capture) -> uuid::Uuid {
        BlobKey::parse(&capture.input.key)
            .expect("keys in the log are ours")
            .session()
    }
}

impl Parts {
    async fn fetch(&self, picture: &PictureRef) -> Result<Bytes, BlobError> {
        let key = BlobKey::parse(&picture.key).ok_or(BlobError::Missing)?;
        self.blobs.get(&key).await
    }

    /// Looks at what a generator sent, and keeps it with its thumbnail.
    async fn hang(&self, session: uuid::Uuid, painted: Painted) -> Result<Hung, Trouble> {
        let (limits, sizes) = (self.limits, self.sizes.clone());
        let (picture, thumb) =
            tokio::task::spawn_blocking(move || look_at(painted, &limits, &sizes))
                .await
                .map_err(|_| GeneratorError::Failed("its answer broke the decoder".to_owned()))??;
        let now = self.clock.now();
        let key = BlobKey::new(session, self.entropy.uuid_v7(now), Format::Jpeg);
        let keep = |key: BlobKey, encoded: imaging::Encoded| async move {
            let bytes = encoded.bytes.len() as u64;
            self.blobs.put(&key, encoded.bytes).await?;
            Ok::<_, BlobError>(PictureRef {
                id: key.picture(),
                key: key.to_string(),
                width: encoded.width,
                height: encoded.height,
                bytes,
                content_type: key.format().content_type().to_owned(),
                expires_at: now + self.keep,
            })
        };
        let thumb = keep(key.variant("thumb", Format::Jpeg), thumb).await?;
        let picture = keep(key, picture).await?;
        Ok(Hung { picture, thumb })
    }
}

fn look_at(
    painted: Painted,
    limits: &imaging::Limits,
    sizes: &imaging::Settings,
) -> Result<(imaging::Encoded, imaging::Encoded), GeneratorError> {
    let pixels = match painted {
        Painted::Pixels(pixels) => pixels,
        Painted::File(bytes) => imaging::decode(&bytes, limits).map_err(GeneratorError::Rubbish)?,
    };
    let encode = |picture: &RgbImage, quality| {
        imaging::encode_jpeg(picture, quality)
            .map(|bytes| imaging::Encoded {
                bytes,
                width: picture.width(),
                height: picture.height(),
            })
            .map_err(|e| GeneratorError::Rubbish(Refusal::from(e)))
    };
    let thumb = imaging::fit(&pixels, sizes.thumb_px);
    Ok((
        encode(&pixels, PAINTING_QUALITY)?,
        encode(&thumb, sizes.thumb_quality)?,
    ))
}
