//! The WebUI adapter against a simulated server.

use std::sync::Arc;
use std::time::Duration;

use easel::clock::SystemClock;
use easel::generator::sdwebui::{Options, SdWebui, Settings};
use easel::generator::wire::Patience;
use easel::generator::{Generator, GeneratorError, Kind, Progress, Remedy};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::comfyui::{address, ample_patience, card, settings, short_patience};
use crate::generator::{ALL, brief, is_worth_a_retry, keeps_the_contract, paint};
use crate::simulated::host::nobody;
use crate::simulated::sdwebui::{Order, SimulatedSdWebui};
use crate::simulated::{Mischief, Trap};

fn client_with(url: &str, patience: Patience, options: Options) -> SdWebui {
    let server = settings(address(url), patience, "{style}");
    let clock = Arc::new(SystemClock::new(None));
    SdWebui::new(card(0.0), Settings { server, options }, clock)
}

fn client(url: &str, options: Options) -> SdWebui {
    client_with(url, ample_patience(), options)
}

/// For what is noticed only by waiting.
fn hasty(url: &str) -> SdWebui {
    client_with(url, short_patience(), Options::default())
}

pub(crate) fn plain(url: &str) -> SdWebui {
    client(url, Options::default())
}

/// One whose prompts hold a description of the photo.
fn captioning(server: &SimulatedSdWebui) -> SdWebui {
    let mut told = settings(address(&server.host.url()), ample_patience(), "{style}");
    for recipe in told.recipes.values_mut() {
        recipe.prompt = "{caption}, in oil".to_owned();
    }
    let options = Options {
        caption: true,
        ..Options::default()
    };
    let told = Settings {
        server: told,
        options,
    };
    SdWebui::new(card(0.0), told, Arc::new(SystemClock::new(None)))
}

#[tokio::test]
async fn sdwebui_keeps_the_contract() {
    let server = SimulatedSdWebui::start().await;
    keeps_the_contract(&plain(&server.host.url()), Kind::Sdwebui, ALL).await;
    for request in server.requests() {
        assert_eq!(request["save_images"], false);
    }
}

#[tokio::test]
async fn settings_go_into_the_request() {
    let server = SimulatedSdWebui::start().await;
    let mut told = settings(address(&server.host.url()), ample_patience(), "{style}");
    told.recipes.get_mut(&"renoir".into()).unwrap().prompt = "{caption}, in oil".to_owned();
    let Value::Object(more) = json!({"steps": 8, "sampler_name": "Euler a"}) else {
        panic!()
    };
    let options = Options {
        model: Some("painter".to_owned()),
        more,
        caption: true,
    };
    let clock = Arc::new(SystemClock::new(None));
    let told = Settings {
        server: told,
        options,
    };
    let client = SdWebui::new(card(0.0), told, clock);
    server.orders([Order::Slow(Duration::from_millis(10))]);
    paint(&client, &brief("renoir", 5)).await.unwrap();
    // A photo that cannot be described is painted without a description.
    let other = easel::generator::Brief {
        capture: uuid::Uuid::from_u128(9),
        ..brief("renoir", 6)
    };
    paint(&client, &other).await.unwrap();
    let sent = server.requests();
    assert_eq!(sent[0]["prompt"], "a woman in a hat, in oil");
    assert_eq!(sent[1]["prompt"], ", in oil");
    assert_eq!(
        (&sent[0]["steps"], &sent[0]["seed"]),
        (&json!(8), &json!(5))
    );
    assert_eq!(
        sent[0]["override_settings"]["sd_model_checkpoint"],
        "painter"
    );
    assert_eq!(client.health().await.unwrap().lacks, []);

    let options = Options {
        model: Some("strange".to_owned()),
        ..Options::default()
    };
    let health = self::client(&server.host.url(), options)
        .health()
        .await
        .unwrap();
    assert_eq!(health.lacks[0].1, "has no model \"strange\"");
}

#[tokio::test]
async fn failures_are_sorted() {
    let oom = json!({"error": "OutOfMemoryError", "detail": "", "errors": "CUDA out of memory. Tried to allocate 2 GiB"});
    for (order, remedy) in [
        (Order::Says(500, oom), Remedy::Smaller),
        (
            Order::Says(
                500,
                json!({"error": "RuntimeError", "errors": "CUDA error: illegal memory access"}),
            ),
            Remedy::Restart,
        ),
        (
            Order::Says(500, json!({"error": "ValueError"})),
            Remedy::Again,
        ),
        (
            Order::Says(404, json!({"detail": "Not Found"})),
            Remedy::Elsewhere,
        ),
        (
            Order::Says(422, json!({"detail": "bad sampler"})),
            Remedy::Elsewhere,
        ),
        (Order::Says(200, json!({"images": []})), Remedy::Again),
        (
            Order::Says(200, json!({"images": ["no base64!"]})),
            Remedy::Again,
        ),
        (Order::Answers(b"<html>".to_vec()), Remedy::Again),
    ] {
        let server = SimulatedSdWebui::start().await;
        server.orders([order.clone()]);
        let e = paint(&plain(&server.host.url()), &brief("renoir", 1))
            .await
            .unwrap_err();
        assert_eq!(e.remedy(), remedy, "{order:?}: {e}");
    }
    let e = paint(&plain(&nobody().await), &brief("renoir", 1))
        .await
        .unwrap_err();
    assert!(matches!(e, GeneratorError::Unreachable(_)), "{e}");
}

#[tokio::test]
async fn one_paints_at_a_time_and_an_interrupt_never_passes_for_a_painting() {
    let server = SimulatedSdWebui::start().await;
    server.orders([Order::Slow(Duration::from_secs(60))]);
    let client = Arc::new(plain(&server.host.url()));
    let stop = CancellationToken::new();
    let (first, second) = (Arc::clone(&client), Arc::clone(&client));
    let told = stop.clone();
    let first = tokio::spawn(async move {
        let (progress, _news) = watch::channel(Progress::default());
        first
            .paint(&brief("renoir", 1), &progress, &told)
            .await
            .map(drop)
    });
    server.host.hears("/sdapi/v1/img2img", 1).await;
    let second = tokio::spawn(async move { paint(&*second, &brief("renoir", 2)).await });
    server.host.hears("/internal/progress", 1).await;
    assert_eq!(server.requests().len(), 1, "the second waits for its turn");
    stop.cancel();
    assert!(matches!(
        first.await.unwrap(),
        Err(GeneratorError::Cancelled)
    ));
    assert_eq!(server.interrupts(), 1);
    second.await.unwrap().unwrap();
}

#[tokio::test]
async fn whatever_the_line_does_it_ends() {
    let trap = Trap::open().await;
    let ways = [
        Mischief::Silent,
        Mischief::HalfOpen,
        Mischief::Drips,
        Mischief::Says(502),
        Mischief::Html,
        Mischief::Huge,
        Mischief::Endless,
        Mischief::SendsTo(trap.url()),
        Mischief::Breaks,
    ];
    let runs = ways.map(|way| async move {
        let server = SimulatedSdWebui::start().await;
        server.host.misbehaves_at("/sdapi/v1/img2img", way.clone());
        let e = paint(&hasty(&server.host.url()), &brief("renoir", 1))
            .await
            .unwrap_err();
        assert!(is_worth_a_retry(&e), "{way:?}: {e}");
    });
    futures::future::join_all(runs).await;
    trap.is_untouched();
}

/// One photo is described once, and a server that never answers costs its paintings no time.
#[tokio::test]
async fn a_mute_interrogator_is_asked_once_and_not_waited_for() {
    let server = SimulatedSdWebui::start().await;
    server
        .host
        .misbehaves_at("/sdapi/v1/interrogate", Mischief::Silent);
    let client = captioning(&server);
    for style in ["renoir", "picasso", "van-gogh"] {
        paint(&client, &brief(style, 1)).await.unwrap();
    }
    let other = easel::generator::Brief {
        capture: uuid::Uuid::from_u128(9),
        ..brief("renoir", 1)
    };
    paint(&client, &other).await.unwrap();
    assert_eq!(server.host.heard_at("/sdapi/v1/interrogate").len(), 1);
}

#[tokio::test]
async fn the_styles_of_one_photo_share_its_description() {
    let server = SimulatedSdWebui::start().await;
    let client = captioning(&server);
    server.orders([
        Order::Slow(Duration::from_millis(10)),
        Order::Slow(Duration::from_millis(10)),
    ]);
    paint(&client, &brief("renoir", 1)).await.unwrap();
    paint(&client, &brief("picasso", 1)).await.unwrap();
    assert_eq!(server.host.heard_at("/sdapi/v1/interrogate").len(), 1);
    for request in server.requests() {
        assert_eq!(request["prompt"], "a woman in a hat, in oil");
    }
}
