//! HTTP: routes, problem details, and the only place that knows status codes.
//!
//! Two routers for two listeners. The kiosk's has everything; the public one has what phones may
//! do, no kiosk route at all, and the staff's only where settings say so.

mod camera;
mod captures;
mod doctor;
mod doorstep;
mod events;
mod guard;
mod health;
mod join;
mod kiosk;
mod media;
mod observe;
mod once;
mod openapi;
mod pages;
mod paintings;
mod prints;
mod problem;
mod relay;
mod sessions;
mod shutter;
mod staff;
mod styles;
mod tickets;
mod uploads;
mod websocket;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use metrics_exporter_prometheus::PrometheusHandle;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::blobs::Blobs;
use crate::camera::{Camera, Sitter};
use crate::clock::Clock;
use crate::doctor::Doctor;
use crate::imaging::{Darkroom, Turn};
use crate::printer::Printer;
use crate::room::Feed;
use crate::room::join::{ClaimTries, JoinCode, OneTimeCodes, TriesLimiter};
use crate::room::link::Links;
use crate::room::token::Tokens;
use crate::secret::{Entropy, Key};
use crate::serve::Reach;
use crate::staff::Staff;
use crate::ticket::Press;
use crate::visits::Visits;

pub use doorstep::count_handshakes;
pub use observe::observe;
pub use once::Answers;
pub use openapi::document;
pub use problem::Problem;
pub use relay::tell_relays;
pub use uploads::Uploads;
pub use websocket::require_upgrade;

/// What settings say about visits.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The booth's name.
    pub name: String,
    /// The event it stands at.
    pub event: String,
    /// What it offers.
    pub activity: String,
    /// Languages, the first being the one it falls back to.
    pub locales: Vec<String>,
    /// After this long without a touch the kiosk asks whether anyone is there.
    pub idle_warn: Duration,
    /// After this long it goes back to the start.
    pub idle_reset: Duration,
    /// The styles on offer, in order.
    pub styles: Vec<StyleName>,
    /// How far the page turns what its own camera sees.
    pub camera_turn: Turn,
    /// Copies in one print order.
    pub max_copies: u32,
    /// Sheets in one visit.
    pub sheets_per_session: u32,
    /// Visits open at once.
    pub open_sessions: u32,
    /// Failed tries to join from one address in a minute.
    pub join_tries_per_minute: NonZeroU32,
    /// How long photos are kept.
    pub keep_captures: Duration,
    /// How long tickets are kept.
    pub keep_tickets: Duration,
    /// How long anything of a visit is kept.
    pub keep: Duration,
    /// The network phones are offered: its name, and what its QR code says.
    pub wifi: Option<(String, String)>,
    /// Whether some generator is not on site, so that its consent must be asked for.
    pub offsite: bool,
}

/// A style as visitors read it.
#[derive(Debug, Clone)]
pub struct StyleName {
    /// Its id.
    pub id: String,
    /// Korean.
    pub ko: String,
    /// English.
    pub en: String,
}

impl StyleName {
    /// In that language; English where it is not Korean.
    pub fn in_locale(&self, locale: &str) -> &str {
        if locale == "ko" { &self.ko } else { &self.en }
    }
}

/// What the routes work with.
#[derive(Debug)]
pub struct Parts {
    /// What settings say.
    pub rules: Rules,
    /// What QR codes say.
    pub reach: Reach,
    /// Where commands are carried out.
    pub visits: Visits,
    /// What rooms hear.
    pub feed: Feed,
    /// The installation's key.
    pub key: Key,
    /// Room tokens.
    pub tokens: Arc<Tokens>,
    /// Signed links.
    pub links: Links,
    /// Pictures.
    pub blobs: Blobs,
    /// Where picture work is done.
    pub darkroom: Darkroom,
    /// Where tickets are made.
    pub press: Arc<Press>,
    /// The booth's camera.
    pub camera: Arc<dyn Camera>,
    /// Whom it is counted down to.
    pub sitter: Sitter,
    /// Sample photos for a kiosk without a camera, if settings offer them.
    pub samples: Option<Arc<dyn Camera>>,
    /// The printer, if there is one.
    pub printer: Option<Arc<dyn Printer>>,
    /// What there is for staff.
    pub staff: Staff,
    /// Whether the booth is ready for visitors.
    pub doctor: Doctor,
    /// Failed tries to join, by address.
    pub tries: TriesLimiter,
    /// Wrong claims, by room.
    pub claims: ClaimTries,
    /// Codes that phones take into other browsers.
    pub one_time_codes: OneTimeCodes,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and seeds.
    pub entropy: Entropy,
    /// What `/metrics` says.
    pub metrics: PrometheusHandle,
    /// How many photos may be on their way in at once.
    pub uploads: Uploads,
    /// The last answers to staff, for who asks again.
    pub answers: Answers,
}

/// The routes' shared state.
#[derive(Debug, Clone)]
pub struct Api(Arc<Parts>);

impl std::ops::Deref for Api {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Api {
    /// Routes over these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Everything, for the kiosk's own listener.
    pub fn kiosk_router(&self) -> Router {
        let api = shared().merge(kiosk_only()).merge(staff::router());
        unstored(api)
            .merge(pages::staff())
            .merge(openapi::router())
            .merge(media::router())
            .merge(health::router())
            .merge(pages::kiosk())
            .fallback(problem::no_such_route)
            .method_not_allowed_fallback(problem::no_such_method)
            .with_state(self.clone())
    }

    /// What phones may do, for the public listener.
    pub fn public_router(&self) -> Router {
        let staff = self.staff.public;
        let api = shared();
        let api = if staff {
            api.merge(staff::router())
        } else {
            api
        };
        let router = if staff {
            unstored(api).merge(pages::staff())
        } else {
            unstored(api)
        };
        router
            .merge(openapi::router())
            .merge(media::router())
            .merge(pages::phone())
            .fallback(problem::no_such_route)
            .method_not_allowed_fallback(problem::no_such_method)
            .with_state(self.clone())
    }

    /// A room's join code.
    fn join_code(&self, room: uuid::Uuid) -> JoinCode {
        JoinCode::of_room(&self.key, room)
    }

    /// What a room's QR says, where the booth is at `base`: 45 characters at most on an IPv4
    /// network.
    fn join_url(&self, base: &str, room: uuid::Uuid) -> String {
        format!("{base}/#{}", self.join_code(room).reveal())
    }
}

/// The routes alone. What they answer is one visitor's or the staff's, tokens among it: no cache
/// may keep it.
fn unstored(api: OpenApiRouter<Api>) -> Router<Api> {
    let (router, _) = api.split_for_parts();
    router.route_layer(map_response(no_store))
}

async fn no_store(mut response: Response) -> Response {
    let cache = response.headers_mut().entry(header::CACHE_CONTROL);
    cache.or_insert(HeaderValue::from_static("no-store"));
    response
}

fn shared() -> OpenApiRouter<Api> {
    let api = OpenApiRouter::new()
        .routes(routes!(join::join))
        .routes(routes!(join::take_along))
        .routes(routes!(sessions::snapshot, sessions::erase))
        .routes(routes!(sessions::consent))
        .routes(routes!(sessions::locale))
        .routes(routes!(sessions::end))
        .routes(routes!(captures::take))
        .routes(routes!(paintings::ask))
        .routes(routes!(paintings::retry))
        .routes(routes!(tickets::make))
        .routes(routes!(prints::order))
        .routes(routes!(events::follow))
        .routes(routes!(styles::list));
    OpenApiRouter::with_openapi(openapi::head()).nest("/api/v1", api)
}

fn kiosk_only() -> OpenApiRouter<Api> {
    let api = OpenApiRouter::new()
        .routes(routes!(kiosk::screen))
        .routes(routes!(kiosk::open))
        .routes(routes!(kiosk::hand_over))
        .routes(routes!(doctor::examine))
        .routes(routes!(camera::state))
        .routes(routes!(camera::live))
        .routes(routes!(shutter::count_down, shutter::break_off))
        .routes(routes!(shutter::seen));
    OpenApiRouter::new().nest("/api/v1", api)
}
