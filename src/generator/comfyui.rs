//! A ComfyUI server: graphs in, pictures out.
//!
//! Each attempt has its own prompt id (the attempt's), its own socket and its own file name, so
//! that nothing of another attempt is ever taken for it. The socket only tells of progress; that a
//! painting is done, failed or lost is read from history and queue, which are looked at all the
//! while. What was sent can therefore be found again by its id, after a broken connection as well
//! as after a restart of ours.
//!
//! Photos and paintings lie in the server's temp folder, which it wipes when it starts; there is
//! no call that deletes a file.

mod ability;
mod built_in;
mod client;
mod outcome;
mod server;
mod socket;
mod trouble;
mod watch;
mod workflow;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use self::client::Posted;
use self::server::Server;
use self::socket::Socket;
use self::watch::Watch;
use super::leash::Leash;
use super::server::{Offer, Recipe, taken_on};
use super::wire::WireError;
use super::{
    Brief, Card, Generator, GeneratorError, Health, Kind, Painted, ProgressSender, Receipt, Traits,
};
use crate::clock::Clock;
use crate::imaging::mark::DigitalSource;
use crate::secret::Entropy;
use crate::session::StyleId;

pub use built_in::{built_in, load};
pub use workflow::{Bindings, Workflow, WorkflowError};

/// Looks for a prompt whose posting went wrong.
const LOOKS: u32 = 3;

/// A neighbour that tells of every node.
pub(super) const TRAITS: Traits = Traits {
    name: "comfyui",
    remote: true,
    offsite: false,
    billed: false,
    stands_in: false,
    source: DigitalSource::TrainedAlgorithmicMedia,
    keys: &["workflow", "workflows", "stall", "first_stall"],
};

/// What it is told: nothing beyond what any server is.
pub type Settings = super::server::Settings;

/// A ComfyUI server.
#[derive(Debug)]
pub struct ComfyUi {
    offer: Offer,
    server: Arc<Server>,
}

impl ComfyUi {
    /// Every recipe needs its workflow; a style whose recipe has none is not painted.
    pub fn new(card: Card, settings: Settings, clock: Arc<dyn Clock>, entropy: Entropy) -> Self {
        let Settings {
            recipes,
            address,
            patience,
        } = settings;
        let offer = Offer::new(Kind::Comfyui, card, recipes);
        let billed = offer.card().billed();
        Self {
            server: Arc::new(Server::new(address, patience, clock, entropy, billed)),
            offer,
        }
    }

    fn recipe(&self, style: &StyleId) -> Result<(&Recipe, &Arc<Workflow>), GeneratorError> {
        self.offer.graph(style)
    }

    /// Sends the photo and the graph, and sees the prompt to its end.
    async fn work(
        &self,
        brief: &Brief,
        photo: Bytes,
        progress: &ProgressSender,
        leash: &Leash,
    ) -> Result<Painted, GeneratorError> {
        let (recipe, workflow) = self.recipe(&brief.style)?;
        let wire = &self.server.wire;
        let prompt = brief.attempt.to_string();
        let ear = self.server.new_id();
        let socket = match Socket::open(wire, &ear).await {
            Ok(socket) => Some(socket),
            Err(why) => {
                tracing::debug!(
                    generator.id = self.offer.card().id,
                    why,
                    "no socket, so no progress"
                );
                // A server that is not there shall not cost the time that a photo may take; one that
                // only cannot say what is in its queue may well paint.
                match client::queue(wire).await {
                    Err(e @ (WireError::Unreachable(_) | WireError::TimedOut(_))) => {
                        return Err(e.into());
                    }
                    _ => None,
                }
            }
        };
        self.server.sweep().await;
        let image = client::upload(wire, &format!("{prompt}.jpg"), photo).await?;
        let graph = workflow.bind(&Bindings {
            image: &image,
            seed: brief.seed,
            prompt: &recipe.prompt,
            negative: &recipe.negative,
            smaller: brief.smaller,
            prefix: &format!("booth/{prompt}"),
            keep: false,
        });
        leash.sent(&prompt);
        match client::post(wire, &graph, &prompt, &ear).await {
            Posted::Taken(number) => self.server.taken(number),
            Posted::Refused(e) => return Err(e),
            Posted::Unsure(e) => self.look_for(&prompt, e.into()).await?,
        }
        taken_on(progress, &prompt);
        self.see_through(brief, workflow, &prompt, socket, progress)
            .await
    }

    /// Waits for a prompt that the server has, and fetches the painting.
    async fn see_through(
        &self,
        brief: &Brief,
        workflow: &Arc<Workflow>,
        prompt: &str,
        socket: Option<Socket>,
        progress: &ProgressSender,
    ) -> Result<Painted, GeneratorError> {
        let watch = Watch::new(&self.server, workflow, prompt, progress, socket);
        let budget = self.server.budget(&brief.style);
        let file = match watch.until_done(budget).await {
            Ok(file) => file,
            Err(e) => {
                if matches!(e, GeneratorError::OutOfMemory(_)) {
                    // Best effort: it may be too busy failing to answer.
                    let _ = client::free(&self.server.wire).await;
                }
                return Err(e);
            }
        };
        self.server.has_painted(&brief.style);
        let bytes = client::view(&self.server, &file).await?;
        let gone = || GeneratorError::Failed("the painting is gone from the server".to_owned());
        self.offer
            .painted(brief, bytes.ok_or_else(gone)?, progress)
            .await
    }

    /// What became of a prompt whose posting had no clear answer: fine if the server has it.
    async fn look_for(&self, prompt: &str, e: GeneratorError) -> Result<(), GeneratorError> {
        let mut answered = false;
        for _ in 0..LOOKS {
            match self.server.has(prompt).await {
                Ok(true) => return Ok(()),
                // It answers, and has it not: what was sent has come to nothing.
                Ok(false) if answered => return Err(e),
                Ok(false) => answered = true,
                Err(_) => {}
            }
            self.server
                .clock
                .sleep(self.server.wire.patience.poll)
                .await;
        }
        Err(self.server.lost_sight(e))
    }
}

#[async_trait]
impl Generator for ComfyUi {
    fn card(&self) -> &Card {
        self.offer.card()
    }

    fn paints(&self, style: &StyleId) -> bool {
        self.recipe(style).is_ok()
    }

    async fn paint(
        &self,
        brief: &Brief,
        progress: &ProgressSender,
        cancel: &CancellationToken,
    ) -> Result<Painted, GeneratorError> {
        self.recipe(&brief.style)?;
        let leash = Leash::new(self.server.clone(), cancel);
        let work = async {
            let photo = self.offer.photo(brief).await?;
            self.work(brief, photo, progress, &leash).await
        };
        leash.hold(work).await
    }

    async fn resume(
        &self,
        brief: &Brief,
        receipt: Option<&Receipt>,
        progress: &ProgressSender,
        cancel: &CancellationToken,
    ) -> Result<Option<Painted>, GeneratorError> {
        let (_, workflow) = self.recipe(&brief.style)?;
        let prompt = receipt.map_or_else(|| brief.attempt.to_string(), |r| r.0.clone());
        let leash = Leash::new(self.server.clone(), cancel);
        leash.sent(&prompt);
        let work = async {
            let has = self.server.has(&prompt).await;
            if !has.map_err(|e| self.server.lost_sight(e))? {
                return Ok(None);
            }
            taken_on(progress, &prompt);
            let seen = self.see_through(brief, workflow, &prompt, None, progress);
            seen.await.map(Some)
        };
        leash.hold(work).await
    }

    fn model(&self, style: &StyleId) -> Option<String> {
        self.recipe(style).ok()?.1.models()
    }

    async fn health(&self) -> Result<Health, GeneratorError> {
        let most = self.server.wire.patience.control * 4;
        tokio::select! {
            health = ability::health(&self.server, &self.offer) => health,
            () = self.server.clock.sleep(most) => Err(GeneratorError::TimedOut(most)),
        }
    }
}
