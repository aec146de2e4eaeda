//! The ComfyUI adapter against a simulated server: the contract, what goes wrong in a day, what is
//! left behind; and not a word to strangers.

mod faults;
mod left_behind;

use std::sync::Arc;
use std::time::Duration;

use easel::clock::SystemClock;
use easel::generator::comfyui::{ComfyUi, load};
use easel::generator::server::{Recipe, Recipes, Settings};
use easel::generator::wire::{Address, Patience};
use easel::generator::{Card, GeneratorError, Kind, words};
use easel::secret::Entropy;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::json;

use crate::generator::{ALL, Able, brief, keeps_the_contract, paint};
use crate::simulated::{Fault, SimulatedComfyUi};

const MS: Duration = Duration::from_millis(1);

/// Long enough for a busy machine, short enough for a test.
/// With time for slow machines, where no fault is to be waited out: only the pause between two
/// looks is short.
pub(crate) fn ample_patience() -> Patience {
    Patience {
        poll: 50 * MS,
        ..Patience::default()
    }
}

/// For faults that are noticed only by waiting. A machine that is busy may call any other answer
/// late, so nothing that is to succeed is asked for with it.
pub(crate) fn short_patience() -> Patience {
    Patience {
        control: 400 * MS,
        transfer: 800 * MS,
        poll: 50 * MS,
        stall: 600 * MS,
        first: 600 * MS,
        answer: 800 * MS,
        queue: 300 * MS,
    }
}

pub(crate) fn address(url: &str) -> Address {
    Address {
        base: url.parse().unwrap(),
        headers: HeaderMap::new(),
        query: None,
        picture_hosts: Vec::new(),
    }
}

pub(crate) fn card(cost: f64) -> Card {
    Card {
        cost,
        size_px: 96,
        ..Card::new("gpu", Kind::Comfyui)
    }
}

/// All four styles, by the built-in workflow of that name.
pub(crate) fn settings(address: Address, patience: Patience, workflow: &str) -> Settings {
    Settings {
        recipes: recipes(workflow),
        address,
        patience,
    }
}

/// All four styles by words, and by the workflow of that name.
pub(crate) fn recipes(workflow: &str) -> Recipes {
    let styles = ["picasso", "renoir", "van-gogh", "lichtenstein"];
    let recipe = |style: &str| Recipe {
        prompt: words::prompt(style).unwrap().to_owned(),
        negative: String::new(),
        workflow: Some(Arc::new(load(&workflow.replace("{style}", style)).unwrap())),
    };
    styles
        .iter()
        .map(|style| ((*style).into(), recipe(style)))
        .collect()
}

fn client_with(address: Address, cost: f64, patience: Patience, workflow: &str) -> ComfyUi {
    ComfyUi::new(
        card(cost),
        settings(address, patience, workflow),
        Arc::new(SystemClock::new(None)),
        Entropy::system(),
    )
}

pub(crate) fn client(url: &str) -> ComfyUi {
    client_with(address(url), 0.0, short_patience(), "{style}")
}

fn patient(url: &str) -> ComfyUi {
    client_with(address(url), 0.0, ample_patience(), "{style}")
}

async fn fails(server: &SimulatedComfyUi, fault: Fault) -> GeneratorError {
    fails_at(&patient(&server.url()), server, fault).await
}

async fn fails_at(client: &ComfyUi, server: &SimulatedComfyUi, fault: Fault) -> GeneratorError {
    server.orders([fault]);
    paint(client, &brief("renoir", 1)).await.unwrap_err()
}

#[tokio::test]
async fn comfyui_keeps_the_contract() {
    let server = SimulatedComfyUi::start().await;
    keeps_the_contract(&patient(&server.url()), Kind::Comfyui, ALL).await;
    // Photos and paintings alike lie where they are wiped.
    assert!(
        server.files().iter().all(|f| f.starts_with("temp/")),
        "{:?}",
        server.files()
    );
}

/// A true server joins in when it is named: `EASEL_TEST_COMFYUI=http://127.0.0.1:8188`.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test that needs a server asks for it"
)]
async fn a_true_comfyui_keeps_the_contract() {
    let Ok(url) = std::env::var("EASEL_TEST_COMFYUI") else {
        return;
    };
    // A stock server shows no previews of graphs that do not sample.
    let able = Able {
        previews: false,
        ..ALL
    };
    keeps_the_contract(&patient(&url), Kind::Comfyui, able).await;
}

#[tokio::test]
async fn keys_go_to_the_server_alone_and_to_its_socket_too() {
    let server = SimulatedComfyUi::start().await;
    let mut address = address(&server.url());
    address
        .headers
        .insert(AUTHORIZATION, "Bearer k1".parse().unwrap());
    address.query = Some("token=t1".to_owned());
    let client = client_with(address, 0.0, Patience::default(), "{style}");
    paint(&client, &brief("renoir", 1)).await.unwrap();
    let heard = server.host.heard_at("/");
    assert!(heard.iter().any(|h| h.path.starts_with("/ws?")));
    for request in heard {
        assert_eq!(
            request.headers[AUTHORIZATION], "Bearer k1",
            "{}",
            request.path
        );
        assert!(request.path.contains("token=t1"), "{}", request.path);
        assert!(!request.headers.contains_key("origin"), "{}", request.path);
    }
}

#[tokio::test]
async fn each_attempt_has_names_of_its_own() {
    let server = SimulatedComfyUi::start().await;
    let client = patient(&server.url());
    paint(&client, &brief("renoir", 1)).await.unwrap();
    paint(&client, &brief("renoir", 1)).await.unwrap();
    let sockets = server.host.heard_at("/ws");
    assert_ne!(sockets[0].path, sockets[1].path);
    let photos: Vec<_> = server
        .files()
        .into_iter()
        .filter(|f| f.starts_with("temp/booth/"))
        .collect();
    assert_eq!(photos.len(), 2, "{photos:?}");
}

#[tokio::test]
async fn the_photo_is_square_and_smaller_when_told_so() {
    let server = SimulatedComfyUi::start().await;
    let wide = crate::simulated::picture::sketch(192, 128);
    let mut brief = brief("renoir", 1);
    brief.input = easel::imaging::encode_jpeg(&wide, 90).unwrap();
    let client = patient(&server.url());
    assert_eq!(paint(&client, &brief).await.unwrap().dimensions(), (96, 96));
    brief.smaller = true;
    brief.attempt = crate::generator::brief("renoir", 1).attempt;
    assert_eq!(paint(&client, &brief).await.unwrap().dimensions(), (72, 72));
}

#[tokio::test]
async fn a_refusal_in_an_unknown_shape_is_still_a_refusal() {
    let server = SimulatedComfyUi::start().await;
    for strange in [
        json!(null),
        json!([1]),
        json!({"error": "no"}),
        json!({"node_errors": {"1": 3}}),
    ] {
        let e = fails(&server, Fault::Refused(strange.clone())).await;
        assert!(matches!(e, GeneratorError::Unfit(_)), "{strange}: {e}");
    }
}
