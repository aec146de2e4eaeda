//! App: the wired parts of one booth.

mod booth;
mod build;
mod examine;
mod lock;
mod log;
mod run;
mod settings;

pub use booth::{Activity, Booth, Locale};
pub(crate) use examine::{Bench, name_of};
pub(crate) use lock::{Contact, Holder, holder};
pub use log::{LogFormat, LogSettings};
pub use settings::Settings;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;
use socketioxide::layer::SocketIoLayer;
use socketioxide::{ParserConfig, SocketIo};
use tokio::net::TcpListener;

use crate::api::{self, Answers, Api, Uploads};
use crate::blobs::Blobs;
use crate::clock::{Clock, SystemClock};
use crate::doctor::{Doctor, PortCheck, Proof, Seats};
use crate::imaging::Darkroom;
use crate::jobs::expire::Doubt;
use crate::pool::{self, Board, Pool};
use crate::printer::{self, Printer};
use crate::queue::{Queue, SqliteQueue};
use crate::room::join::{ClaimTries, OneTimeCodes, TriesLimiter};
use crate::room::link::Links;
use crate::room::socket::{self, Hall};
use crate::room::token::Tokens;
use crate::room::{Feed, view::LineView};
use crate::secret::{Entropy, Key};
use crate::serve::{HostPolicy, Reach, guard};
use crate::staff::{self, Staff, rehearsal::Rehearsals};
use crate::store::Store;
use crate::ticket::{self, Press};
use crate::visits::Visits;
use crate::{camera, room};

use lock::Lock;

/// Where Socket.IO is; its library's own default.
const SOCKET_PATH: &str = "/socket.io";
/// A socket's client says hello and then only listens: no message of its is longer, in bytes.
const SOCKET_MESSAGE: usize = 16 * 1024;
/// How many events a phone may fall behind before it is cut off and comes back for the rest.
const SOCKET_BUFFER: usize = 128;

/// The installation's key, in the data directory.
pub(crate) const KEY_FILE: &str = "key";
/// The record, in the data directory.
pub(crate) const RECORD_FILE: &str = "easel.db";

/// What a booth takes from outside, so that tests can bring their own.
#[derive(Debug, Clone)]
pub struct Outside {
    /// Chance.
    pub entropy: Entropy,
    /// Time; `None` is the machine's.
    pub clock: Option<Arc<dyn Clock>>,
    /// Where figures are gathered.
    pub metrics: PrometheusHandle,
}

/// A booth, ready to run: its port is bound and its record is open.
#[derive(Debug)]
pub struct App {
    settings: Settings,
    visits: Visits,
    queue: Arc<dyn Queue>,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    feed: Feed,
    pool: Pool,
    printer: Option<Arc<dyn Printer>>,
    rehearsals: Rehearsals,
    fresh_pin: Option<String>,
    doubt: Doubt,
    io: SocketIo,
    kiosk: (TcpListener, Router),
    public: (TcpListener, Router),
    /// Held until the booth is gone: two daemons over one record would be two truths.
    _lock: Lock,
}

impl App {
    /// Opens everything a booth needs, in the order in which things may fail.
    ///
    /// # Errors
    /// What could not be opened, in the operator's words.
    pub async fn open(settings: Settings, outside: Outside) -> anyhow::Result<Self> {
        let data = data_dir(&settings)?;
        let mut lock = Lock::take(&data)?;
        let kiosk = bind(settings.listen.kiosk, "listen.kiosk").await?;
        let public = bind(settings.listen.public, "listen.public").await?;
        let public_at = public.local_addr()?;
        let reach = Reach::kept(&settings.listen, public_at, &data);
        if !reach.look().state.is_reachable() {
            tracing::warn!("no phone can reach this machine: it is on no network yet");
        }
        let key = Key::load_or_create(&data.join(KEY_FILE), &outside.entropy)?;
        let record = data.join(RECORD_FILE);
        let store = Store::open(&record)
            .await
            .with_context(|| record.display().to_string())?;
        let blobs = Blobs::open(&data.join("pictures")).context("opening the pictures")?;
        let mark = store.mark().await?;
        let clock = outside
            .clock
            .unwrap_or_else(|| Arc::new(SystemClock::new(mark)));
        let doubt = Doubt::at_start(mark, &*clock);

        let queue: Arc<dyn Queue> = Arc::new(SqliteQueue::new(store.clone(), Arc::clone(&clock)));
        let again = queue.reclaim().await?;
        if again > 0 {
            tracing::info!(jobs = again, "going on with what was in hand");
        }
        let visits = Visits::new(store.clone(), Arc::clone(&clock));
        sweep_strays(&store, &blobs).await?;

        let painters = build::painters(&settings, &clock)?;
        let generators = painters.generators.clone();
        let offsite = painters.rules.servers.iter().any(|s| s.offsite);
        let board = Board::new(painters.rules, Arc::clone(&clock));
        let links = Links::new(&key);
        let line = line_of(board.clone());
        let feed = Feed::new(store.clone(), links.clone(), Arc::clone(&clock), line);
        let sizes = settings.imaging.clone();
        let limits = build::picture_limits(&settings);
        let pool = Pool::new(
            pool::Parts {
                visits: visits.clone(),
                queue: Arc::clone(&queue),
                blobs: blobs.clone(),
                feed: feed.clone(),
                clock: Arc::clone(&clock),
                entropy: outside.entropy.clone(),
                sizes: sizes.clone(),
                limits,
                keep: settings.retention.paintings.0,
                board,
            },
            painters.generators,
            settings.pool.clone(),
        );

        let tokens = Arc::new(Tokens::new(
            &key,
            Arc::clone(&clock),
            outside.entropy.clone(),
        ));
        let hall = Hall {
            feed: feed.clone(),
            tokens: Arc::clone(&tokens),
            store: store.clone(),
            clock: Arc::clone(&clock),
        };
        let (layer, io) = SocketIo::builder()
            .with_state(hall)
            .max_payload(SOCKET_MESSAGE as u64)
            .ws_max_message_size(SOCKET_MESSAGE)
            .ws_max_frame_size(SOCKET_MESSAGE)
            // Nor does it send pictures.
            .with_parser(
                ParserConfig::common()
                    .max_incoming_binaries(0)
                    .max_incoming_binary_buf_size(0),
            )
            .max_buffer_size(SOCKET_BUFFER)
            .connect_timeout(Duration::from_secs(10))
            .build_layer();
        socket::open(&io);

        let means = printer::Means {
            data_dir: data.clone(),
            store: store.clone(),
            clock: Arc::clone(&clock),
            halved: settings.ticket.paper() == ticket::Paper::Strips,
        };
        let printer = printer::open(&settings.printer, means).context("opening the printer")?;
        let rules = build::rules(&settings, offsite);
        let camera = camera::open(&settings.camera, Arc::clone(&clock));
        let (door, fresh_pin) = staff::Door::open(
            &settings.staff,
            &data,
            &store,
            &key,
            Arc::clone(&clock),
            &outside.entropy,
        )
        .await?;
        let press = Arc::new(Press::new(&settings.ticket)?);
        let sitter = camera::Sitter::default();
        let kiosk_at = kiosk.local_addr()?;
        let bench = Bench {
            clock: Arc::clone(&clock),
            camera: Arc::clone(&camera),
            seats: Some(Seats {
                store: store.clone(),
                sitter: sitter.clone(),
            }),
            generators,
            printer: printer.clone(),
            press: Some(Arc::clone(&press)),
            reach: reach.clone(),
            kiosk: PortCheck::ours("kiosk", kiosk_at),
            public: PortCheck::ours("public", public_at),
            listener: public_at,
        };
        let proof = Proof::generate(&outside.entropy);
        lock.tell(&Contact {
            kiosk: kiosk_at,
            proof: proof.clone(),
        })?;
        let doctor = Doctor::new(bench.checks(&settings), proof, name_of(&settings));
        let rehearsals = Rehearsals::default();
        let staff = Staff {
            door,
            parts: staff::parts::Parts {
                camera: Arc::clone(&camera),
                printer: printer.clone(),
                pool: pool.clone(),
                data,
                clock: Arc::clone(&clock),
            },
            rehearsals: rehearsals.clone(),
            public: settings.staff.public,
        };
        let api = Api::new(api::Parts {
            tries: TriesLimiter::new(rules.join_tries_per_minute, Arc::clone(&clock)),
            claims: ClaimTries::new(Arc::clone(&clock)),
            one_time_codes: OneTimeCodes::new(Arc::clone(&clock)),
            rules,
            reach: reach.clone(),
            visits: visits.clone(),
            feed: feed.clone(),
            key,
            tokens,
            links,
            blobs: blobs.clone(),
            uploads: Uploads::to(sizes.running + sizes.waiting),
            answers: Answers::default(),
            darkroom: Darkroom::new(sizes, limits),
            press,
            camera,
            sitter,
            samples: camera::fallback(&settings.camera, Arc::clone(&clock)),
            printer: printer.clone(),
            staff,
            doctor,
            clock: Arc::clone(&clock),
            entropy: outside.entropy,
            metrics: outside.metrics,
        });
        let kiosk_policy = HostPolicy::Kiosk {
            port: kiosk.local_addr()?.port(),
        };
        let public_policy = HostPolicy::Public {
            // Without one any address of this machine is its own.
            public_url: settings
                .listen
                .public_base()
                .and_then(|url| url.parse().ok()),
        };
        let kiosk_router = finish(api.kiosk_router(), &layer, &clock, kiosk_policy);
        let public_router = finish(api.public_router(), &layer, &clock, public_policy);
        Ok(Self {
            settings,
            visits,
            queue,
            blobs,
            clock,
            feed,
            pool,
            printer,
            rehearsals,
            fresh_pin,
            doubt,
            io,
            kiosk: (kiosk, kiosk_router),
            public: (public, public_router),
            _lock: lock,
        })
    }

    /// Where the kiosk listener is bound.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn kiosk_address(&self) -> std::io::Result<SocketAddr> {
        self.kiosk.0.local_addr()
    }

    /// The staff's PIN, if this start has made it: to be said once, and nowhere else.
    #[must_use]
    pub fn fresh_pin(&self) -> Option<&str> {
        self.fresh_pin.as_deref()
    }

    /// Where the public listener is bound.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn public_address(&self) -> std::io::Result<SocketAddr> {
        self.public.0.local_addr()
    }

    /// The public listener's address as phones on the same network reach it.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn public_base(&self) -> std::io::Result<String> {
        Ok(Reach::bound(self.public_address()?).base())
    }
}

/// Puts on what both routers wear: the socket and its doorstep, traces, and the guard outermost.
fn finish(
    router: Router,
    socket: &SocketIoLayer,
    clock: &Arc<dyn Clock>,
    policy: HostPolicy,
) -> Router {
    let router = api::require_upgrade(router.layer(socket.clone()), SOCKET_PATH);
    let router = api::count_handshakes(router, SOCKET_PATH, clock);
    guard(api::observe(api::tell_relays(router)), policy)
}

async fn bind(address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("{key}: cannot listen on {address}"))
}

/// Makes the data directory, readable by the booth's own user alone.
fn data_dir(settings: &Settings) -> anyhow::Result<PathBuf> {
    use std::os::unix::fs::DirBuilderExt;
    let dir = &settings.booth.data_dir;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .with_context(|| format!("booth.data_dir: cannot make {}", dir.display()))?;
    Ok(dir.clone())
}

/// Deletes pictures whose visit is gone: what was on its way in when it was erased, or when the
/// power went.
async fn sweep_strays(store: &Store, blobs: &Blobs) -> anyhow::Result<()> {
    for session in blobs.sessions().await? {
        let gone = match store.row(session).await {
            // Nobody knows what is to become of it; it goes when it is three days late.
            Err(e) if e.is_damage() => false,
            row => row?.is_none_or(|row| row.erased_at.is_some()),
        };
        if gone {
            blobs.delete_prefix(session).await?;
        }
    }
    Ok(())
}

fn line_of(board: Board) -> Box<room::feed::LineOf> {
    Box::new(move |session| {
        let place = board.place(session);
        let line = LineView {
            ahead: place.ahead,
            eta_s: place.eta_s,
        };
        Box::pin(std::future::ready(line))
    })
}
