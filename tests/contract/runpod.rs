//! The serverless adapter against a simulated endpoint: above all, that nothing is paid for twice.

use std::sync::Arc;
use std::time::Duration;

use easel::clock::{Clock, ManualClock, SystemClock};
use easel::generator::runpod::Runpod;
use easel::generator::wire::{Address, Patience};
use easel::generator::{Brief, Generator, GeneratorError, Kind, Progress, Receipt, Remedy};
use easel::secret::Entropy;
use reqwest::header::AUTHORIZATION;
use serde_json::json;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::comfyui::{address, ample_patience, card, settings, short_patience};
use crate::generator::{ALL, Able, brief, keeps_the_contract, paint};
use crate::simulated::host::nobody;
use crate::simulated::runpod::{Fate, SimulatedRunpod};
use crate::simulated::{Mischief, Trap};

fn client_with(address: Address, patience: Patience) -> Runpod {
    let clock = Arc::new(SystemClock::new(None));
    let settings = settings(address, patience, "{style}");
    Runpod::new(card(0.0), settings, clock)
}

fn client_at(address: Address) -> Runpod {
    client_with(address, ample_patience())
}

pub(crate) fn client(url: &str) -> Runpod {
    client_at(address(url))
}

/// For what is noticed only by waiting.
fn hasty(url: &str) -> Runpod {
    client_with(address(url), short_patience())
}

/// An attempt of now: its id says when it was made.
fn brief_of_now() -> Brief {
    Brief {
        attempt: Entropy::system().uuid_v7(SystemClock::new(None).now()),
        ..brief("renoir", 1)
    }
}

#[tokio::test]
async fn runpod_keeps_the_contract() {
    let server = SimulatedRunpod::start().await;
    let client = client(&server.url());
    assert!(client.card().billed());
    keeps_the_contract(
        &client,
        Kind::Runpod,
        Able {
            previews: false,
            ..ALL
        },
    )
    .await;
}

#[tokio::test]
async fn fates_are_sorted() {
    let trap = Trap::open().await;
    let ends = |status, more| Fate::Ends(status, more);
    for (fate, remedy) in [
        (
            ends(
                "FAILED",
                json!({"error": "torch.OutOfMemoryError: Allocation on device"}),
            ),
            Remedy::Smaller,
        ),
        (
            ends(
                "FAILED",
                json!({"error": "Workflow validation failed: unet_name: 'x' not in list"}),
            ),
            Remedy::Elsewhere,
        ),
        (
            ends("FAILED", json!({"error": "worker exited"})),
            Remedy::Again,
        ),
        (ends("TIMED_OUT", json!({})), Remedy::Again),
        (ends("CANCELLED", json!({})), Remedy::Again),
        (
            ends(
                "COMPLETED",
                json!({"output": {"images": [{"type": "base64", "data": "AAAA"}]}}),
            ),
            Remedy::Again,
        ),
        (
            ends("COMPLETED", json!({"output": {"errors": ["no picture"]}})),
            Remedy::Again,
        ),
        (ends("COMPLETED", json!({})), Remedy::Again),
        (Fate::Forgotten, Remedy::Again),
        (Fate::LiesAt(trap.url()), Remedy::Elsewhere),
    ] {
        let server = SimulatedRunpod::start().await;
        server.fates([fate.clone()]);
        let e = paint(&client(&server.url()), &brief("renoir", 1))
            .await
            .unwrap_err();
        assert_eq!(e.remedy(), remedy, "{fate:?}: {e}");
        assert_eq!(server.billed(), 1);
    }
    trap.is_untouched();
}

#[tokio::test]
async fn a_job_that_no_worker_takes_is_cancelled() {
    let server = SimulatedRunpod::start().await;
    server.fates([Fate::Waits]);
    let patience = Patience {
        queue: short_patience().queue,
        ..ample_patience()
    };
    let client = client_with(address(&server.url()), patience);
    let e = paint(&client, &brief("renoir", 1)).await.unwrap_err();
    assert!(matches!(e, GeneratorError::Busy { .. }), "{e}");
    assert_eq!(server.cancelled().len(), 1);
}

#[tokio::test]
async fn who_is_told_to_come_back_later_is_told_when() {
    let server = SimulatedRunpod::start().await;
    server
        .host
        .misbehaves_at("/v2/easel/run", Mischief::Says(429));
    let e = paint(&client(&server.url()), &brief("renoir", 1))
        .await
        .unwrap_err();
    assert!(matches!(e, GeneratorError::Busy { .. }), "{e}");
    let e = paint(&client(&nobody().await), &brief("renoir", 1))
        .await
        .unwrap_err();
    assert!(matches!(e, GeneratorError::Unreachable(_)), "{e}");
}

#[tokio::test]
async fn a_job_is_picked_up_by_its_receipt_and_paid_once() {
    let server = SimulatedRunpod::start().await;
    server.fates([Fate::Runs]);
    let brief = brief_of_now();
    let (progress, news) = watch::channel(Progress::default());
    let stop = CancellationToken::new();
    {
        let before = client(&server.url());
        let painting = before.paint(&brief, &progress, &stop);
        tokio::select! {
            _ = painting => panic!("it runs for ever"),
            () = server.host.hears("/v2/easel/status", 1) => {}
        }
    }
    let receipt = news.borrow().receipt.clone().expect("a receipt");
    server.gets_on();
    let after = client(&server.url());
    let painted = after
        .resume(&brief, Some(&receipt), &progress, &stop)
        .await
        .unwrap();
    assert!(painted.is_some());
    assert_eq!(server.billed(), 1);

    // A job that is forgotten is not waited for.
    let forgotten = Receipt("job-77-e1".to_owned());
    let none = after
        .resume(&brief, Some(&forgotten), &progress, &stop)
        .await
        .unwrap();
    assert!(none.is_none());
}

/// The job was taken on and its name was lost with the line.
#[tokio::test]
async fn a_job_without_a_receipt_may_come_until_its_time_is_over() {
    for way in [
        Mischief::Silent,
        Mischief::HalfOpen,
        Mischief::Html,
        Mischief::Breaks,
        Mischief::Says(500),
    ] {
        let server = SimulatedRunpod::start().await;
        server.host.misbehaves_at("/v2/easel/run", way.clone());
        let e = paint(&hasty(&server.url()), &brief("renoir", 1))
            .await
            .unwrap_err();
        assert_eq!(e.remedy(), Remedy::Look, "{way:?}: {e}");
    }
    let clock = ManualClock::default();
    let brief = Brief {
        attempt: Entropy::seeded(1).uuid_v7(clock.now()),
        ..brief("renoir", 1)
    };
    let url = nobody().await;
    let client = Runpod::new(
        card(0.0),
        settings(address(&url), short_patience(), "{style}"),
        Arc::new(clock.clone()),
    );
    let (progress, _news) = watch::channel(Progress::default());
    let stop = CancellationToken::new();
    let e = client
        .resume(&brief, None, &progress, &stop)
        .await
        .unwrap_err();
    assert_eq!(e.remedy(), Remedy::Look, "{e}");
    clock.advance(Duration::from_secs(60));
    assert!(
        client
            .resume(&brief, None, &progress, &stop)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn while_it_cannot_be_asked_it_may_still_come() {
    for way in [
        Mischief::Silent,
        Mischief::Says(502),
        Mischief::Html,
        Mischief::Endless,
    ] {
        let server = SimulatedRunpod::start().await;
        server.host.misbehaves_at("/v2/easel/status", way.clone());
        let e = paint(&hasty(&server.url()), &brief("renoir", 1))
            .await
            .unwrap_err();
        assert_eq!(e.remedy(), Remedy::Look, "{way:?}: {e}");
        assert_eq!(server.billed(), 1);
    }
}

#[tokio::test]
async fn cancelling_cancels_the_job() {
    let server = SimulatedRunpod::start().await;
    server.fates([Fate::Runs]);
    let mut address = address(&server.url());
    address
        .headers
        .insert(AUTHORIZATION, "Bearer k1".parse().unwrap());
    let client = client_at(address);
    let (progress, _news) = watch::channel(Progress::default());
    let stop = CancellationToken::new();
    let brief = brief("renoir", 1);
    let painting = client.paint(&brief, &progress, &stop);
    let cancelling = async {
        server.host.hears("/v2/easel/status", 1).await;
        stop.cancel();
    };
    let (painted, ()) = tokio::join!(painting, cancelling);
    assert!(matches!(painted, Err(GeneratorError::Cancelled)));
    assert_eq!(server.cancelled(), ["job-0-e1"]);
    assert!(
        server
            .host
            .heard_at("/")
            .iter()
            .all(|h| h.headers[AUTHORIZATION] == "Bearer k1")
    );
}

#[tokio::test]
async fn a_picture_that_cannot_be_fetched_now_may_be_later() {
    let server = SimulatedRunpod::start().await;
    server.fates([Fate::LiesAt(nobody().await)]);
    let mut address = address(&server.url());
    address.picture_hosts = vec!["127.0.0.1".to_owned()];
    let e = paint(&client_at(address), &brief("renoir", 1))
        .await
        .unwrap_err();
    assert_eq!(e.remedy(), Remedy::Look, "{e}");
}

/// It may be painting, and billing, all the same.
#[tokio::test]
async fn a_cancellation_that_nobody_confirms_is_told_as_such() {
    let server = SimulatedRunpod::start().await;
    server.fates([Fate::Runs]);
    let cancel = "/v2/easel/cancel";
    server.host.misbehaves_at(cancel, Mischief::Says(502));
    let client = client(&server.url());
    let (progress, _news) = watch::channel(Progress::default());
    let stop = CancellationToken::new();
    let brief = brief("renoir", 1);
    let cancelling = async {
        server.host.hears("/v2/easel/status", 1).await;
        stop.cancel();
    };
    let painting = client.paint(&brief, &progress, &stop);
    let (painted, ()) = tokio::join!(painting, cancelling);
    assert_eq!(painted.unwrap_err().remedy(), Remedy::Look);
}

#[tokio::test]
async fn the_work_has_an_end_of_its_own() {
    let server = SimulatedRunpod::start().await;
    paint(&client(&server.url()), &brief("renoir", 1))
        .await
        .unwrap();
    let policy = server.requests()[0]["policy"].clone();
    assert_eq!(policy, json!({"executionTimeout": 420_000, "ttl": 465_000}));
}
