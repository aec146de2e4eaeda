use axum::body::{Body, to_bytes};
use axum::routing::get;
use tower::ServiceExt;

use super::*;

async fn ask(policy: &HostPolicy, target: &str, headers: &[(&str, &str)]) -> Response {
    let router = Router::new().route("/", get(|| async { "hello" }));
    let request = headers
        .iter()
        .fold(Request::get(target), |r, (name, value)| {
            r.header(*name, *value)
        });
    guard(router, policy.clone())
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap()
}

fn public(url: &str) -> HostPolicy {
    HostPolicy::Public {
        public_url: url.parse().ok(),
    }
}

#[tokio::test]
async fn hosts() {
    let kiosk = HostPolicy::Kiosk { port: 8080 };
    let door = public("https://Booth.example");
    for (policy, host, status) in [
        (&kiosk, "localhost:8080", 200),
        (&kiosk, "LOCALHOST:8080", 200),
        (&kiosk, "127.0.0.1:8080", 200),
        (&kiosk, "[::1]:8080", 200),
        (&kiosk, "localhost:8081", 421),
        (&kiosk, "localhost", 421),
        (&kiosk, "192.168.0.7:8080", 421),
        (&kiosk, "evil.example:8080", 421),
        (&kiosk, "localhost.evil.example:8080", 421),
        (&kiosk, "user@localhost:8080", 421),
        (&kiosk, "", 421),
        (&door, "192.168.0.7:8081", 200),
        (&door, "[fe80::1]:8081", 200),
        (&door, "easel.local:8081", 200),
        (&door, "booth.example", 200),
        (&door, "booth.example.", 200),
        (&door, "evil.example", 421),
        (&door, "easel:8081", 200),
        (&door, "easel_upstream", 200),
        (&door, "", 421),
        (&public(""), "booth.example", 421),
    ] {
        let response = ask(policy, "/", &[("host", host)]).await;
        assert_eq!(response.status(), status, "{policy:?} {host}");
    }
    assert_eq!(ask(&kiosk, "/", &[]).await.status(), 421);
    assert_eq!(
        ask(
            &kiosk,
            "/",
            &[("host", "localhost:8080"), ("host", "evil.example")]
        )
        .await
        .status(),
        421
    );
    assert_eq!(
        ask(
            &kiosk,
            "http://evil.example/",
            &[("host", "localhost:8080")]
        )
        .await
        .status(),
        421
    );
}

#[tokio::test]
async fn origins() {
    let kiosk = HostPolicy::Kiosk { port: 8080 };
    let door = public("https://booth.example");
    for (policy, host, origin, status) in [
        (&kiosk, "localhost:8080", "http://localhost:8080", 200),
        (&kiosk, "localhost:8080", "http://127.0.0.1:8080", 403),
        (&kiosk, "localhost:8080", "http://localhost:5173", 403),
        (&kiosk, "localhost:8080", "http://evil.example", 403),
        (&kiosk, "localhost:8080", "null", 403),
        (&kiosk, "localhost:8080", "localhost:8080", 403),
        (&kiosk, "localhost:8080", "", 403),
        (&door, "192.168.0.7:8081", "http://192.168.0.7:8081", 200),
        (&door, "192.168.0.7", "http://192.168.0.7:80", 200),
        (&door, "booth.example", "https://booth.example", 200),
        (&door, "127.0.0.1:8081", "https://booth.example", 200),
        (&door, "127.0.0.1:8081", "http://booth.example", 403),
        // A front door on this network that rewrites Host, and one somewhere else.
        (&door, "127.0.0.1:8081", "http://192.168.0.7", 200),
        (&door, "127.0.0.1:8081", "http://easel.local:8000", 200),
        (&door, "127.0.0.1:8081", "http://[fd00::7]:8000", 200),
        (&door, "127.0.0.1:8081", "http://203.0.113.7", 403),
        (&door, "127.0.0.1:8081", "http://local.example", 403),
        (&door, "127.0.0.1:8081", "null", 403),
        (
            &door,
            "127.0.0.1:8081",
            "https://booth.example.evil.example",
            403,
        ),
    ] {
        let response = ask(policy, "/", &[("host", host), ("origin", origin)]).await;
        assert_eq!(response.status(), status, "{policy:?} {host} {origin}");
    }
}

#[tokio::test]
async fn a_browser_vouches_for_a_front_door_with_a_name_of_its_own() {
    let kiosk = HostPolicy::Kiosk { port: 8080 };
    for (policy, host, site, status) in [
        (&public(""), "127.0.0.1:8081", "same-origin", 200),
        (&public(""), "127.0.0.1:8081", "same-site", 403),
        (&public(""), "127.0.0.1:8081", "cross-site", 403),
        (&kiosk, "127.0.0.1:8080", "same-origin", 403),
    ] {
        let headers = [
            ("host", host),
            ("origin", "https://booth.example"),
            ("sec-fetch-site", site),
        ];
        let response = ask(policy, "/", &headers).await;
        assert_eq!(response.status(), status, "{policy:?} {site}");
    }
}

#[tokio::test]
async fn refusals_are_problems_and_every_answer_carries_the_headers() {
    let kiosk = HostPolicy::Kiosk { port: 8080 };
    let refused = ask(&kiosk, "/", &[("host", "evil.example")]).await;
    assert_eq!(
        refused.headers()["content-type"],
        "application/problem+json"
    );
    assert_eq!(refused.headers()["cache-control"], "no-store");
    let fine = ask(&kiosk, "/", &[("host", "localhost:8080")]).await;
    for response in [&refused, &fine] {
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(
            response.headers()["permissions-policy"],
            "camera=(self), microphone=(), geolocation=()"
        );
        assert!(response.headers().contains_key("content-security-policy"));
    }
    let body = to_bytes(refused.into_body(), 1024).await.unwrap();
    let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (problem["code"].as_str(), problem["status"].as_u64()),
        (Some("bad_host"), Some(421))
    );
    assert_eq!(problem["type"], "urn:easel:problem:bad_host");
}
