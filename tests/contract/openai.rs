//! The image-edits adapter against a simulated service.

use std::time::Duration;

use easel::generator::openai::{OpenAi, Settings};
use easel::generator::wire::{Address, Patience};
use easel::generator::{Generator, GeneratorError, Kind, Remedy};
use serde_json::{Map, Value, json};

use crate::comfyui::{address, ample_patience, card, settings, short_patience};
use crate::generator::{Able, brief, is_worth_a_retry, keeps_the_contract, paint};
use crate::simulated::host::nobody;
use crate::simulated::openai::SimulatedOpenAi;
use crate::simulated::{Mischief, Trap};

fn client_with(address: Address, model: &str, options: Map<String, Value>) -> OpenAi {
    told(address, ample_patience(), model, options)
}

fn told(address: Address, patience: Patience, model: &str, options: Map<String, Value>) -> OpenAi {
    let told = Settings {
        server: settings(address, patience, "{style}"),
        model: model.to_owned(),
        options,
    };
    OpenAi::new(card(0.04), told)
}

/// For what is noticed only by waiting.
fn hasty(url: &str) -> OpenAi {
    told(address(url), short_patience(), "painter-1", Map::new())
}

pub(crate) fn client(url: &str) -> OpenAi {
    client_with(address(url), "painter-1", Map::new())
}

#[tokio::test]
async fn openai_keeps_the_contract() {
    let server = SimulatedOpenAi::start().await;
    let able = Able {
        repeats: false,
        previews: false,
    };
    let client = client(&server.url());
    keeps_the_contract(&client, Kind::Openai, able).await;
    let card = client.card();
    assert!(card.billed() && card.least >= Duration::from_secs(180));
}

#[tokio::test]
async fn the_form_says_what_settings_say() {
    let server = SimulatedOpenAi::start().await;
    let Value::Object(options) = json!({"quality": "high", "input_fidelity": "high", "n": 1})
    else {
        panic!()
    };
    paint(
        &client_with(address(&server.url()), "painter-1", options),
        &brief("renoir", 1),
    )
    .await
    .unwrap();
    let form = &server.forms()[0];
    let field = |name: &str| {
        form.iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    };
    assert_eq!(field("model"), Some("painter-1"));
    assert_eq!(field("quality"), Some("high"));
    assert_eq!(field("n"), Some("1"));
    assert_eq!(field("size"), Some("1024x1024"));
    assert!(field("prompt").unwrap().contains("Renoir"));
    let strange = client_with(address(&server.url()), "strange", Map::new());
    assert_eq!(
        strange.health().await.unwrap().lacks[0].1,
        "has no model \"strange\""
    );
}

#[tokio::test]
async fn refusals_are_sorted() {
    let trap = Trap::open().await;
    let error = |code: &str, kind: &str, message: &str| json!({"error": {"code": code, "type": kind, "message": message, "param": null}});
    for (status, said, remedy) in [
        (
            400,
            error(
                "moderation_blocked",
                "image_generation_user_error",
                "Your request was rejected by the safety system.",
            ),
            Remedy::GiveUp,
        ),
        (
            400,
            error("content_policy_violation", "", ""),
            Remedy::GiveUp,
        ),
        (
            400,
            error(
                "unknown_parameter",
                "invalid_request_error",
                "Unknown parameter: 'size'.",
            ),
            Remedy::Elsewhere,
        ),
        (
            401,
            error("invalid_api_key", "", "Incorrect API key"),
            Remedy::Elsewhere,
        ),
        (
            404,
            error("model_not_found", "", "The model does not exist"),
            Remedy::Elsewhere,
        ),
        (
            429,
            error("rate_limit_exceeded", "", "Rate limit"),
            Remedy::Again,
        ),
        (
            429,
            error("insufficient_quota", "", "You exceeded your quota"),
            Remedy::Elsewhere,
        ),
        (
            500,
            error("", "server_error", "The server had an error"),
            Remedy::Again,
        ),
        (200, json!({"data": []}), Remedy::Again),
        (200, json!({"data": [{"b64_json": "AAAA"}]}), Remedy::Again),
        (
            200,
            json!({"data": [{"url": trap.url()}]}),
            Remedy::Elsewhere,
        ),
    ] {
        let server = SimulatedOpenAi::start().await;
        server.says([(status, said.clone())]);
        let e = paint(&client(&server.url()), &brief("renoir", 1))
            .await
            .unwrap_err();
        assert_eq!(e.remedy(), remedy, "{status} {said}: {e}");
        assert_eq!(server.forms().len(), 1, "asked twice");
    }
    trap.is_untouched();
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
        let server = SimulatedOpenAi::start().await;
        server.host.misbehaves_at("/v1/images/edits", way.clone());
        let e = paint(&hasty(&server.url()), &brief("renoir", 1))
            .await
            .unwrap_err();
        assert!(is_worth_a_retry(&e), "{way:?}: {e}");
    });
    futures::future::join_all(runs).await;
    trap.is_untouched();
    let e = paint(&client(&nobody().await), &brief("renoir", 1))
        .await
        .unwrap_err();
    assert!(matches!(e, GeneratorError::Unreachable(_)), "{e}");
}

/// A picture at another host is fetched if settings name the host, without what is for the server.
#[tokio::test]
async fn a_picture_may_lie_elsewhere_if_settings_say_so() {
    let server = SimulatedOpenAi::start().await;
    let picture = crate::simulated::picture::png(&crate::simulated::picture::sketch(96, 96));
    let router =
        axum::Router::new().route("/a.png", axum::routing::get(move || async move { picture }));
    let shelf = crate::simulated::Host::open(router).await;
    let url = format!("http://localhost:{}/a.png", shelf.address().port());
    server.says([(200, json!({"data": [{"url": url}]}))]);
    let mut address = address(&server.url());
    address.picture_hosts = vec!["localhost".to_owned()];
    address
        .headers
        .insert("authorization", "Bearer k1".parse().unwrap());
    address.query = Some("token=t1".to_owned());
    paint(
        &client_with(address, "painter-1", Map::new()),
        &brief("renoir", 1),
    )
    .await
    .unwrap();
    let heard = &shelf.heard_at("/")[0];
    assert!(
        !heard.headers.contains_key("authorization") && heard.path == "/a.png",
        "{heard:?}"
    );
}
