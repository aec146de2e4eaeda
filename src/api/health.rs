//! Whether the booth lives, whether each part is ready, and figures for Prometheus.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use super::Api;
use crate::serve::Look;
use crate::staff::parts::{ClockPart, DiskPart, GeneratorPart, Mood};

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
}

async fn healthz() -> &'static str {
    "ok\n"
}

/// One part's state.
#[derive(Debug, Serialize)]
struct Part {
    name: String,
    ready: bool,
    says: String,
}

#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    parts: Vec<Part>,
}

/// Ready means that visitors can be served. What is told and does not close the booth: a printer
/// out of paper, a generator that is down (others step in), a network that is away, a clock that was
/// moved.
async fn readyz(State(api): State<Api>) -> Response {
    let store = api.visits.store();
    let record = match store.on_screen().await.and_then(|_| store.is_fit()) {
        Err(e) => Err(e.to_string()),
        Ok(()) => Ok("writes".to_owned()),
    };
    let pictures = api.blobs.check().map(|()| "writes".into()).map_err(text);
    let camera = api.camera.health().await.map_err(text);
    let mut parts = vec![
        part("record", record),
        part("pictures", pictures),
        part(&format!("camera {}", api.camera.name()), camera),
        disk(&api.staff.parts.disk()),
    ];
    let ready = parts.iter().all(|part| part.ready);
    parts.extend(api.staff.parts.generators().iter().map(generator));
    if let Some(printer) = &api.printer {
        let said = printer.health().await.map_err(text);
        parts.push(part(&format!("printer {}", printer.name()), said));
    }
    parts.push(address(&api.reach.look()));
    parts.push(clock(&api.staff.parts.clock()));
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(Readiness { ready, parts })).into_response()
}

fn disk(disk: &DiskPart) -> Part {
    let says = match disk.free_bytes {
        Some(free) => format!("{} MB free", free / 1_000_000),
        None => "cannot tell what is free".to_owned(),
    };
    Part {
        name: "disk".to_owned(),
        ready: disk.mood < Mood::Trouble,
        says,
    }
}

fn generator(generator: &GeneratorPart) -> Part {
    let report = &generator.report;
    Part {
        name: format!("generator {}", report.id),
        ready: generator.mood < Mood::Trouble,
        says: format!("{}: {}", report.state.as_str(), report.says),
    }
}

fn address(look: &Look) -> Part {
    let ready = look.state.is_reachable();
    Part {
        name: "address".to_owned(),
        ready,
        says: if ready {
            look.base.clone()
        } else {
            "no phone can reach this machine".to_owned()
        },
    }
}

fn clock(clock: &ClockPart) -> Part {
    let says = match clock.drift_s {
        0 => format!("shows {:.0}", clock.wall),
        s if s > 0 => format!(
            "shows {:.0}, {s} s ahead of the time that has passed",
            clock.wall
        ),
        s => format!(
            "shows {:.0}, {} s behind the time that has passed",
            clock.wall, -s
        ),
    };
    Part {
        name: "clock".to_owned(),
        ready: clock.mood < Mood::Watch,
        says,
    }
}

async fn metrics(State(api): State<Api>) -> Response {
    metrics::gauge!("easel_listeners").set(api.feed.listeners() as f64);
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, api.metrics.render()).into_response()
}

fn part(name: &str, said: Result<String, String>) -> Part {
    let (ready, says) = match said {
        Ok(says) => (true, says),
        Err(says) => (false, says),
    };
    Part {
        name: name.to_owned(),
        ready,
        says,
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_not_ready() {
        for (mood, free_bytes, ready) in [
            (Mood::Watch, Some(900_000_000), true),
            (Mood::Trouble, Some(90_000_000), false),
            (Mood::Trouble, None, false),
        ] {
            assert_eq!(disk(&DiskPart { mood, free_bytes }).ready, ready);
        }
    }
}
