//! The kiosk's own routes: what the screen shows, opening a visit, handing it over.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::guard::{self, Named, id, load, room_on_disk};
use super::once::{Key, Posted, Seq};
use super::{Api, Problem};
use crate::camera::CameraState;
use crate::jobs::housekeeping::ABANDONED_AFTER;
use crate::printer::{Condition, Says};
use crate::room::join::ClaimCode;
use crate::room::token::Role;
use crate::room::view::SnapshotView;
use crate::session::{Command, Session};
use crate::staff::pause::{self, Pause};
use crate::store::{Outcome, Scope};
use crate::ticket;
use crate::visits::NewVisit;

/// A word in the booth's two languages.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LocalWord {
    ko: String,
    en: String,
}

/// A style on offer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StyleView {
    id: String,
    name: LocalWord,
}

/// What the kiosk page must know of the camera.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CameraView {
    driver: &'static str,
    /// The page takes the photo itself and uploads it.
    in_browser: bool,
    /// There is a live view at `/api/v1/camera/live`.
    live: bool,
    /// Clockwise degrees by which the page turns what its own camera sees; 0 where the daemon has
    /// the camera, and turns its pictures itself.
    turn: u16,
    /// A kiosk without a camera may use a sample photo.
    sample_fallback: bool,
    /// How it is; `GET /camera` says the same, for who asks often.
    state: CameraState,
}

/// What the kiosk page must know of the printer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PrinterView {
    driver: &'static str,
    prints: bool,
    max_copies: u32,
    /// How it is, in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Condition>,
    /// What a visitor who waits for a sheet should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<Says>,
}

/// The network phones are offered before the ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WifiView {
    ssid: String,
    qr_svg: String,
}

/// The booth.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BoothView {
    name: String,
    event: String,
    activity: String,
    locales: Vec<String>,
    idle_warn_ms: u64,
    idle_reset_ms: u64,
    styles: Vec<StyleView>,
    camera: CameraView,
    printer: PrinterView,
    offsite: bool,
    public_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    wifi: Option<WifiView>,
}

/// How phones join the visit on the screen.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JoinView {
    code: String,
    url: String,
    qr_svg: String,
    claim: String,
    /// Whether phones can get there; if not, the screen shows no code.
    reachable: bool,
}

/// What the screen shows now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Screen {
    booth: BoothView,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<SnapshotView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    join: Option<JoinView>,
    /// The booth takes no new visitors now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pause: Option<Pause>,
}

/// What the screen shows now; a reload lands here.
#[utoipa::path(get, path = "/kiosk", tag = "kiosk",
    responses((status = 200, body = Screen)))]
pub(super) async fn screen(State(api): State<Api>) -> Result<Json<Screen>, Problem> {
    let mut screen = Screen {
        booth: booth(&api)?,
        session: None,
        token: None,
        join: None,
        pause: pause::now(api.visits.store(), &*api.clock).await?,
    };
    if let Some(shown) = api.visits.store().on_screen().await?.first()
        && let Some(session) = guard::readable(&api, *shown).await?
        // One that ran out while the booth was off is not shown again, erased or not yet.
        && api.clock.now() < session.expires_at
    {
        screen.session = Some(api.feed.snapshot(&session).await);
        screen.token = Some(kiosk_token(&api, &session));
        screen.join = Some(join_view(&api, &session)?);
    }
    Ok(Json(screen))
}

/// What a visit begins with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    activity: Option<String>,
    locale: Option<String>,
}

/// A visit has begun.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Opened {
    session: SnapshotView,
    token: String,
    join: JoinView,
}

/// Begin a visit; it becomes the screen's.
#[utoipa::path(post, path = "/sessions", tag = "kiosk", request_body = Wish,
    responses((status = 201, body = Opened), (status = "4XX", body = Problem),
        (status = 503, body = Problem)))]
pub(super) async fn open(
    State(api): State<Api>,
    posted: Posted<Wish>,
) -> Result<(StatusCode, Seq, Json<Opened>), Problem> {
    let request = posted.request(Scope::Kiosk);
    let wish = posted.wish;
    let before = api.visits.before(request.as_ref()).await?;
    if let Some((seq, Some(begun))) = before.map(|b| (b.seq, b.session)) {
        let opened = opened(&api, &load(&api, begun).await?).await?;
        return Ok((StatusCode::CREATED, Seq(seq), Json(opened)));
    }
    let activity = wish.activity.unwrap_or_else(|| api.rules.activity.clone());
    if activity != api.rules.activity {
        return Err(Problem::invalid(format!(
            "This booth offers {}.",
            api.rules.activity
        )));
    }
    let locale = wish.locale.unwrap_or_else(|| api.rules.locales[0].clone());
    known_locale(&api, &locale)?;
    if let Some(pause) = pause::now(api.visits.store(), &*api.clock).await? {
        return Err(Problem::paused(back_in(&api, &pause)));
    }
    room_on_disk(&api)?;
    let now = api.clock.now();
    let id = api.entropy.uuid_v7(now);
    let done = api
        .visits
        .open(NewVisit {
            id,
            code_hash: api.join_code(id).hash(),
            activity,
            locale,
            claim: ClaimCode::generate(&api.entropy).reveal().to_owned(),
            expires_at: now + api.rules.keep,
            most_open: api.rules.open_sessions.into(),
            still_since: now - ABANDONED_AFTER,
            request,
        })
        .await?;
    let opened = opened(&api, &done.session).await?;
    Ok((StatusCode::CREATED, Seq(done.seq), Json(opened)))
}

async fn opened(api: &Api, session: &Session) -> Result<Opened, Problem> {
    Ok(Opened {
        session: api.feed.snapshot(session).await,
        token: kiosk_token(api, session),
        join: join_view(api, session)?,
    })
}

fn back_in(api: &Api, pause: &Pause) -> Option<std::time::Duration> {
    let left = pause.until?.duration_since(api.clock.wall());
    left.try_into().ok()
}

/// Free the screen; the visit lives on in its room.
#[utoipa::path(post, path = "/sessions/{id}/handover", tag = "kiosk",
    params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn hand_over(
    State(api): State<Api>,
    Named(session): Named<String>,
    key: Key,
) -> Result<(StatusCode, Seq), Problem> {
    let (session, request) = (id(&session, "session")?, key.request(Scope::Kiosk, b""));
    let done = api
        .visits
        .run_once(request.as_ref(), session, Command::HandOver, |_| {
            Outcome::Done
        })
        .await?;
    Ok((StatusCode::NO_CONTENT, Seq(done.seq)))
}

/// Whether the booth speaks it.
pub(super) fn known_locale(api: &Api, locale: &str) -> Result<(), Problem> {
    if api.rules.locales.iter().any(|known| known == locale) {
        return Ok(());
    }
    Err(Problem::invalid(format!(
        "This booth speaks {}.",
        api.rules.locales.join(", ")
    )))
}

fn kiosk_token(api: &Api, session: &Session) -> String {
    api.tokens
        .issue(session.id, Role::Kiosk, "kiosk", session.expires_at)
}

fn join_view(api: &Api, session: &Session) -> Result<JoinView, Problem> {
    let look = api.reach.look();
    let url = api.join_url(&look.base, session.id);
    Ok(JoinView {
        code: api.join_code(session.id).reveal(),
        qr_svg: ticket::qr_svg(&url)?,
        url,
        claim: session.claim.clone(),
        reachable: look.state.is_reachable(),
    })
}

pub(super) fn style_views(api: &Api) -> Vec<StyleView> {
    let view = |style: &super::StyleName| StyleView {
        id: style.id.clone(),
        name: LocalWord {
            ko: style.ko.clone(),
            en: style.en.clone(),
        },
    };
    api.rules.styles.iter().map(view).collect()
}

fn booth(api: &Api) -> Result<BoothView, Problem> {
    let rules = &api.rules;
    let wifi = rules.wifi.as_ref().map(|(ssid, code)| {
        ticket::qr_svg(code).map(|qr_svg| WifiView {
            ssid: ssid.clone(),
            qr_svg,
        })
    });
    let printer = api.printer.as_ref().map(|printer| printer.state());
    Ok(BoothView {
        name: rules.name.clone(),
        event: rules.event.clone(),
        activity: rules.activity.clone(),
        locales: rules.locales.clone(),
        idle_warn_ms: millis(rules.idle_warn),
        idle_reset_ms: millis(rules.idle_reset),
        styles: style_views(api),
        camera: CameraView {
            driver: api.camera.name(),
            in_browser: api.camera.name() == "browser",
            live: api.camera.live().is_some(),
            turn: if api.camera.name() == "browser" {
                rules.camera_turn.degrees()
            } else {
                0
            },
            sample_fallback: api.samples.is_some(),
            state: api.camera.state(),
        },
        printer: PrinterView {
            driver: api.printer.as_ref().map_or("none", |p| p.name()),
            prints: api.printer.is_some(),
            max_copies: rules.max_copies,
            state: printer.as_ref().map(|state| state.condition),
            says: printer.map(|state| state.visitors),
        },
        offsite: rules.offsite,
        public_url: api.reach.base(),
        wifi: wifi.transpose()?,
    })
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
