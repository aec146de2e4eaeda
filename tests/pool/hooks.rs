//! Webhooks: what they are sent, and to whom alone.

use std::process::Command;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::post;
use easel::pool::hooks::{Ask, Hook, HookError};

use crate::simulated::{Host, Trap};

#[tokio::test]
async fn a_webhook_goes_to_its_own_address_alone() {
    let trap = Trap::open().await;
    let elsewhere = trap.url();
    let sent_on = move || async move {
        (
            StatusCode::TEMPORARY_REDIRECT,
            [(header::LOCATION, elsewhere)],
        )
    };
    let router = Router::new()
        .route("/on", post(|| async { StatusCode::NO_CONTENT }))
        .route("/moved", post(sent_on));
    let host = Host::open(router).await;
    let hook = |path: &str| Hook::Post(format!("{}{path}?key=secret", host.url()));
    hook("/on").run("gpu", Ask::Start).await.unwrap();
    let e = hook("/moved").run("gpu", Ask::Start).await.unwrap_err();
    assert!(matches!(e, HookError::No(..)), "{e}");
    assert!(!e.to_string().contains("secret"), "{e}");
    for heard in host.heard_at("/") {
        assert!(!heard.headers.contains_key(header::REFERER), "{heard:?}");
    }
    trap.is_untouched();
}

/// The test above, in a process whose environment names a proxy for everything.
#[tokio::test]
async fn a_webhook_goes_through_no_proxy() {
    let trap = Trap::open().await;
    let proxy = trap.url();
    let alone = tokio::task::spawn_blocking(move || {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["hooks::a_webhook_goes_to_its_own_address_alone", "--exact"]);
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            child.env(name, &proxy);
        }
        child.output().unwrap()
    });
    let alone = alone.await.unwrap();
    let said = String::from_utf8_lossy(&alone.stdout);
    assert!(
        alone.status.success() && said.contains("1 passed"),
        "{said}"
    );
    trap.is_untouched();
}
