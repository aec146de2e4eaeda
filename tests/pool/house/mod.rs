//! A pool in a house of its own: true queue, record, pictures and feed; generators that do as they
//! are told; a clock that stands still while anybody has anything to do.

mod clock;
mod fake;

use std::sync::Arc;
use std::time::Duration;

use easel::blobs::{BlobKey, Blobs, Format};
use easel::clock::{Clock, SystemClock};
use easel::generator::{Generator, Kind};
use easel::imaging;
use easel::pool::{Board, Parts, Pool, Rules, Settings, StyleRules};
use easel::queue::{Queue, SqliteQueue};
use easel::room::Feed;
use easel::room::link::Links;
use easel::room::view::LineView;
use easel::secret::{Entropy, Key};
use easel::session::{Asked, Capture, CaptureSource, Command, PaintingState, PictureRef, Session};
use easel::store::Store;
use easel::visits::{NewVisit, Visits};
use tempfile::TempDir;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) use clock::StepClock;
pub(crate) use fake::{Act, Fake, fake};

pub(crate) const STYLES: [&str; 4] = ["picasso", "renoir", "van-gogh", "lichtenstein"];

/// By the house's clock: what has not happened by then does not happen.
const HOUR: Duration = Duration::from_secs(3_600);
/// The last resort, where that clock stands still.
const FOR_EVER: Duration = Duration::from_secs(600);

/// What a house is made of.
pub(crate) struct Plan {
    pub(crate) data: Arc<TempDir>,
    pub(crate) servers: Vec<Arc<Fake>>,
    /// Servers that are no fakes, after those that are.
    pub(crate) others: Vec<Arc<dyn Generator>>,
    pub(crate) stand_in: Option<Arc<Fake>>,
    /// Whether settings list it beside the servers.
    pub(crate) lists_stand_in: bool,
    pub(crate) settings: Settings,
    pub(crate) styles: Vec<StyleRules>,
    clock: Arc<dyn Clock>,
    /// It lives by a clock that steps, alone.
    steps: bool,
    /// Held from the first opening on.
    turn: Option<SemaphorePermit<'static>>,
}

/// One house whose clock steps is open at a time: in it no time passes while any other has something
/// to do.
static TURN: Semaphore = Semaphore::const_new(1);

/// A pool that runs.
pub(crate) struct House {
    pub(crate) pool: Pool,
    pub(crate) visits: Visits,
    pub(crate) clock: Arc<dyn Clock>,
    blobs: Blobs,
    entropy: Entropy,
    stop: CancellationToken,
    running: Option<JoinHandle<()>>,
    plan: Option<Plan>,
}

/// A house with these servers, and a stand-in.
pub(crate) fn a_house(servers: impl IntoIterator<Item = Fake>) -> Plan {
    let style = |id: &str| StyleRules {
        id: id.into(),
        generators: None,
        attempts: 3,
        timeout: Duration::from_secs(60),
        give_up: Duration::from_secs(90),
    };
    Plan {
        data: Arc::new(tempfile::tempdir().unwrap()),
        servers: servers.into_iter().map(Arc::new).collect(),
        others: Vec::new(),
        stand_in: Some(Arc::new(
            fake("stand-in", [], Act::Paint(0.5)).of(Kind::Embedded),
        )),
        lists_stand_in: false,
        settings: Settings::default(),
        styles: STYLES.map(style).to_vec(),
        clock: Arc::new(StepClock::new()),
        steps: true,
        turn: None,
    }
}

impl Plan {
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// By true time, beside others: it waits for true servers.
    #[allow(dead_code, reason = "the pool's own tests have no true servers")]
    pub(crate) fn in_true_time(mut self) -> Self {
        self.clock = Arc::new(SystemClock::new(None));
        self.steps = false;
        self
    }

    /// Opens it over its data, as a daemon that starts does.
    pub(crate) async fn open(mut self) -> House {
        if self.steps && self.turn.is_none() {
            self.turn = Some(TURN.acquire().await.unwrap());
        }
        let clock = Arc::clone(&self.clock);
        let clock_ = || Arc::clone(&clock);
        let entropy = Entropy::system();
        let store = Store::open(&self.data.path().join("easel.db"))
            .await
            .unwrap();
        let blobs = Blobs::open(&self.data.path().join("pictures")).unwrap();
        let queue: Arc<dyn Queue> = Arc::new(SqliteQueue::new(store.clone(), clock_()));
        queue.reclaim().await.unwrap();
        let mut generators: Vec<Arc<dyn Generator>> = Vec::new();
        for server in &self.servers {
            server.live_by(clock_());
            generators.push(Arc::clone(server) as Arc<dyn Generator>);
        }
        generators.extend(self.others.iter().cloned());
        let listed = generators.len();
        if let Some(stand_in) = &self.stand_in {
            stand_in.live_by(clock_());
            generators.push(Arc::clone(stand_in) as Arc<dyn Generator>);
        }
        let stand_in = self.stand_in.as_ref().map(|_| listed);
        let listed = listed + usize::from(self.lists_stand_in);
        let rules: Rules = self
            .settings
            .rules(self.styles.clone(), &generators, stand_in, listed);
        let board = Board::new(rules, clock_());
        let links = Links::new(&Key::generate(&entropy));
        let line = Box::new(
            |_: &Session| -> futures::future::BoxFuture<'static, LineView> {
                Box::pin(std::future::ready(LineView::default()))
            },
        );
        let visits = Visits::new(store.clone(), clock_());
        let parts = Parts {
            visits: visits.clone(),
            queue,
            blobs: blobs.clone(),
            feed: Feed::new(store, links, clock_(), line),
            clock: clock_(),
            entropy: entropy.clone(),
            sizes: imaging::Settings::default(),
            limits: imaging::Limits::default(),
            keep: Duration::from_secs(3600),
            board,
        };
        let pool = Pool::new(parts, generators, self.settings.clone());
        let stop = CancellationToken::new();
        let beats = Arc::new(Notify::new());
        let running = tokio::spawn({
            let (pool, stop, beats) = (pool.clone(), stop.clone(), Arc::clone(&beats));
            async move { pool.run(stop, || beats.notify_one()).await }
        });
        // Before its first beat it hears of no visitor.
        tokio::time::timeout(FOR_EVER, beats.notified())
            .await
            .expect("the pool runs");
        House {
            pool,
            visits,
            clock,
            blobs,
            entropy,
            stop,
            running: Some(running),
            plan: Some(self),
        }
    }
}

impl House {
    /// A visitor is photographed and asks for every style; returns the visit.
    pub(crate) async fn visit(&self) -> Uuid {
        self.visit_that_agrees_to(true).await
    }

    pub(crate) async fn visit_that_agrees_to(&self, offsite: bool) -> Uuid {
        let id = self.touch().await;
        let consent = Command::Consent {
            painting: true,
            wall: false,
            offsite,
        };
        self.visits.run(id, consent).await.unwrap();
        let capture = Box::new(self.photo(id).await);
        let shown = capture.id;
        self.visits
            .run(id, Command::TakeCapture { capture })
            .await
            .unwrap();
        let asked = STYLES.map(|style| Asked {
            id: self.id(),
            capture: shown,
            style: style.into(),
            seed: 1,
        });
        let paintings = asked.to_vec();
        let ask = Command::AskPaintings {
            paintings,
            any_seed: false,
        };
        self.visits.run(id, ask).await.unwrap();
        id
    }

    /// Someone touches the screen.
    pub(crate) async fn touch(&self) -> Uuid {
        let now = self.clock.now();
        let id = self.id();
        let visit = NewVisit {
            id,
            code_hash: id.to_string(),
            activity: "painter".to_owned(),
            locale: "en".to_owned(),
            claim: "1234".to_owned(),
            expires_at: now + jiff::SignedDuration::from_hours(24),
            most_open: 1000,
            still_since: now,
            request: None,
        };
        self.visits.open(visit).await.unwrap().session.id
    }

    /// Waits until every painting of that visit is settled.
    pub(crate) async fn settled(&self, visit: Uuid) -> Session {
        let mut commits = self.visits.store().commits();
        let waits = async {
            loop {
                let session = self.session(visit).await;
                if !session.has_unsettled_paintings() {
                    return session;
                }
                let _ = commits.recv().await;
            }
        };
        self.in_time("the last painting", waits).await
    }

    pub(crate) async fn session(&self, visit: Uuid) -> Session {
        self.visits.store().load(visit).await.unwrap().unwrap()
    }

    /// Waits until the visit's log or the pool says so.
    pub(crate) async fn until(&self, what: &str, mut so: impl AsyncFnMut() -> bool) {
        let waits = async {
            while !so().await {
                self.clock.sleep(Duration::from_millis(100)).await;
            }
        };
        self.in_time(what, waits).await;
    }

    /// Awaits `what`, or fails when it has not come in an hour of the house's time, or when that
    /// time stands still.
    async fn in_time<T>(&self, what: &str, waits: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            came = waits => came,
            () = self.clock.sleep(HOUR) => panic!("{what} did not come in an hour"),
            () = tokio::time::sleep(FOR_EVER) => panic!("{what} never came"),
        }
    }

    /// Stops it; the plan opens it again over the same data.
    pub(crate) async fn close(mut self) -> Plan {
        self.stop.cancel();
        self.running.take().unwrap().await.unwrap();
        self.visits.store().close().await;
        self.plan.take().unwrap()
    }

    /// The power goes: nothing more is done or written down.
    pub(crate) async fn loses_power(mut self) -> Plan {
        let running = self.running.take().unwrap();
        running.abort();
        let _ = running.await;
        self.visits.store().close().await;
        self.plan.take().unwrap()
    }

    pub(crate) fn server(&self, i: usize) -> &Fake {
        &self.plan.as_ref().unwrap().servers[i]
    }

    fn id(&self) -> Uuid {
        self.entropy.uuid_v7(self.clock.now())
    }

    async fn photo(&self, session: Uuid) -> Capture {
        let pixels = image::RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8, y as u8, 9]));
        let jpeg = imaging::encode_jpeg(&pixels, 90).unwrap();
        let picture = self.id();
        let key = BlobKey::new(session, picture, Format::Jpeg);
        self.blobs.put(&key, jpeg.clone()).await.unwrap();
        let file = PictureRef {
            id: picture,
            key: key.to_string(),
            width: 64,
            height: 64,
            bytes: jpeg.len() as u64,
            content_type: "image/jpeg".to_owned(),
            expires_at: self.clock.now() + jiff::SignedDuration::from_hours(1),
        };
        Capture {
            id: self.id(),
            source: CaptureSource::Upload,
            taken_at: self.clock.now(),
            original: key.to_string(),
            input: file.clone(),
            screen: file.clone(),
            thumb: file,
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// By whom the paintings were painted; all of them must hang.
pub(crate) fn painters(session: &Session) -> Vec<String> {
    let by = session.paintings.iter().map(|p| match &p.state {
        PaintingState::Done { by, .. } => by.clone(),
        state => panic!("{} is {state:?}", p.asked.style),
    });
    by.collect()
}
