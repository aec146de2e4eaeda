//! The ComfyUI adapter against a simulated server: the contract, then what goes wrong in a day,
//! each failure ending in its class, in time, and without a word to strangers.

use std::sync::Arc;
use std::time::Duration;

use easel::clock::SystemClock;
use easel::generator::card::{Card, Recipe, Recipes};
use easel::generator::comfyui::{ComfyUi, load};
use easel::generator::wire::{Address, Patience};
use easel::generator::{
    Generator, GeneratorError, Painted, Progress, Receipt, Remedy, Repertoire, words,
};
use easel::secret::Entropy;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::json;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::generator::{ALL, Able, brief, keeps_the_contract, paint};
use crate::simulated::host::{frozen, nobody};
use crate::simulated::{Fault, Mischief, SimulatedComfyUi, Trap};

const MS: Duration = Duration::from_millis(1);

/// Long enough for a busy machine, short enough for a test.
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
        id: "gpu".to_owned(),
        slots: 1,
        styles: Repertoire::new(vec!["*".to_owned()]),
        cost,
        size_px: 96,
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
        recipes(workflow),
        address,
        patience,
        Arc::new(SystemClock::new(None)),
        Entropy::system(),
    )
}

pub(crate) fn client(url: &str) -> ComfyUi {
    client_with(address(url), 0.0, short_patience(), "{style}")
}

/// With time for slow machines, where no fault is to be waited out.
fn patient(url: &str) -> ComfyUi {
    let patience = Patience {
        poll: 50 * MS,
        ..Patience::default()
    };
    client_with(address(url), 0.0, patience, "{style}")
}

async fn fails(server: &SimulatedComfyUi, fault: Fault) -> GeneratorError {
    server.orders([fault]);
    paint(&client(&server.url()), &brief("renoir", 1))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn comfyui_keeps_the_contract() {
    let server = SimulatedComfyUi::start().await;
    keeps_the_contract(&patient(&server.url()), "comfyui", ALL).await;
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
    keeps_the_contract(&patient(&url), "comfyui", able).await;
}

#[tokio::test]
async fn what_nodes_raise_is_sorted() {
    for (fault, remedy) in [
        (
            Fault::Raises("KSampler", "torch.OutOfMemoryError", "Allocation on device"),
            Remedy::Smaller,
        ),
        (
            Fault::Raises(
                "KSampler",
                "RuntimeError",
                "CUDA error: an illegal memory access",
            ),
            Remedy::Restart,
        ),
        (
            Fault::Raises(
                "LoadImage",
                "PIL.UnidentifiedImageError",
                "cannot identify image file",
            ),
            Remedy::GiveUp,
        ),
        (
            Fault::Raises("UNETLoader", "SafetensorError", "header too large"),
            Remedy::Elsewhere,
        ),
        (
            Fault::Raises("ImageBlur", "ZeroDivisionError", "division by zero"),
            Remedy::Again,
        ),
    ] {
        let server = SimulatedComfyUi::start().await;
        let e = fails(&server, fault.clone()).await;
        assert_eq!(e.remedy(), remedy, "{fault:?}: {e}");
        assert_eq!(
            server.freed(),
            u32::from(remedy == Remedy::Smaller),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn a_graph_that_does_not_fit_the_server_is_told_as_such() {
    let server = SimulatedComfyUi::start().await;
    let url = server.url();
    let klein = client_with(address(&url), 0.0, short_patience(), "flux2-klein");

    let e = paint(&klein, &brief("renoir", 1)).await.unwrap_err();
    assert!(
        matches!(&e, GeneratorError::Unfit(why) if why.contains("not in []")),
        "{e}"
    );
    let health = klein.health().await.unwrap();
    assert_eq!(health.styles, []);
    assert!(
        health.lacks[0].1.contains("has no \""),
        "{:?}",
        health.lacks
    );

    for model in [
        "flux-2-klein-4b-fp8.safetensors",
        "qwen_3_4b.safetensors",
        "flux2-vae.safetensors",
    ] {
        server.has_model(model);
    }
    // What a server has is asked anew when it shows something new, or after a minute.
    let klein = client_with(address(&url), 0.0, short_patience(), "flux2-klein");
    assert_eq!(klein.health().await.unwrap().lacks, []);
    paint(&klein, &brief("renoir", 1)).await.unwrap();

    server.lacks_node("Flux2Scheduler");
    let e = paint(&klein, &brief("renoir", 1)).await.unwrap_err();
    assert!(
        matches!(&e, GeneratorError::Unfit(why) if why.contains("Flux2Scheduler does not exist")),
        "{e}"
    );
    let fresh = client_with(address(&url), 0.0, short_patience(), "flux2-klein");
    assert_eq!(
        fresh.health().await.unwrap().lacks[0].1,
        "has no node Flux2Scheduler"
    );
}

#[tokio::test]
async fn moderation_is_final() {
    let server = SimulatedComfyUi::start().await;
    let e = fails(
        &server,
        Fault::Raises("ApiNode", "Exception", "rejected by the safety system"),
    )
    .await;
    assert!(matches!(e, GeneratorError::Refused(_)), "{e}");
}

#[tokio::test]
async fn pictures_are_checked() {
    for (fault, class) in [
        (Fault::Truncated, "rubbish"),
        (Fault::Answers(b"<html>".to_vec()), "rubbish"),
        (Fault::Answers(Vec::new()), "rubbish"),
        (Fault::Sized(16, 16), "rubbish"),
        (Fault::Sized(400, 40), "failed"),
        (Fault::FileGone, "failed"),
    ] {
        let server = SimulatedComfyUi::start().await;
        let e = fails(&server, fault.clone()).await;
        let found = match e {
            GeneratorError::Rubbish(_) => "rubbish",
            GeneratorError::Failed(_) => "failed",
            _ => "something else",
        };
        assert_eq!(found, class, "{fault:?}: {e}");
    }
    let server = SimulatedComfyUi::start().await;
    server.orders([Fault::Sized(120, 96)]);
    let painting = paint(&patient(&server.url()), &brief("renoir", 1))
        .await
        .unwrap();
    assert_eq!(
        painting.dimensions(),
        (96, 96),
        "what is nearly square is made square"
    );
}

#[tokio::test]
async fn a_painting_comes_through_whatever_the_socket_does() {
    for fault in [
        Fault::HistoryLags(4),
        Fault::ToldTwice,
        Fault::SocketDrops,
        Fault::PostUnanswered,
    ] {
        let server = SimulatedComfyUi::start().await;
        server.orders([fault.clone()]);
        let painted = paint(&client(&server.url()), &brief("renoir", 1)).await;
        assert!(painted.is_ok(), "{fault:?}: {painted:?}");
        assert_eq!(server.taken(), 1, "{fault:?} was posted again");
    }
    let server = SimulatedComfyUi::start().await;
    server.misbehaves_at("/ws", Mischief::Says(404));
    paint(&client(&server.url()), &brief("renoir", 1))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_lost_prompt_and_a_dead_worker_are_found_out() {
    let server = SimulatedComfyUi::start().await;
    let e = fails(&server, Fault::Lost).await;
    assert!(
        matches!(&e, GeneratorError::Failed(why) if why.contains("lost")),
        "{e}"
    );

    let e = fails(&server, Fault::WorkerDies).await;
    assert_eq!(e.remedy(), Remedy::Restart, "{e}");
    // Who comes after finds the same, and so does a look at its health.
    let after = client(&server.url());
    let e = paint(&after, &brief("renoir", 1)).await.unwrap_err();
    assert_eq!(e.remedy(), Remedy::Restart, "{e}");
    let e = after.health().await.unwrap_err();
    assert_eq!(e.remedy(), Remedy::Restart, "{e}");
}

/// Every address of the protocol, misbehaving in every way, ends in a failure that is worth
/// another attempt: in time, and with nobody else being asked.
#[tokio::test]
async fn whatever_the_line_does_it_ends() {
    let trap = Trap::open().await;
    let ways = [
        Mischief::Silent,
        Mischief::HalfOpen,
        Mischief::Drips,
        Mischief::Says(500),
        Mischief::Says(502),
        Mischief::Html,
        Mischief::Huge,
        Mischief::Endless,
        Mischief::SendsTo(trap.url()),
        Mischief::Breaks,
    ];
    let cases = ways.iter().flat_map(|way| {
        ["/queue", "/upload/image", "/prompt", "/history", "/view"].map(|at| (at, way.clone()))
    });
    let runs = cases.map(|(at, way)| async move {
        let server = SimulatedComfyUi::start().await;
        // The queue is asked at the end of a socket, and beside a painting that takes a moment.
        server.always(Fault::Slow(30 * MS));
        if at == "/queue" {
            server.misbehaves_at("/ws", Mischief::Says(500));
        }
        server.misbehaves_at(at, way.clone());
        let client = client(&server.url());
        let brief = brief("renoir", 1);
        let painted = tokio::time::timeout(Duration::from_secs(60), paint(&client, &brief));
        let e = painted
            .await
            .unwrap_or_else(|_| panic!("{way:?} at {at} never ended"));
        let e = e.err().unwrap_or_else(|| panic!("{way:?} at {at} painted"));
        assert!(e.is_worth_a_retry(), "{way:?} at {at}: {e}");
        assert_ne!(e.remedy(), Remedy::Restart, "{way:?} at {at}: {e}");
    });
    futures::future::join_all(runs).await;
    trap.is_untouched();
}

#[tokio::test]
async fn who_is_not_there_is_known_at_once() {
    let e = paint(&client(&nobody().await), &brief("renoir", 1))
        .await
        .unwrap_err();
    assert!(matches!(e, GeneratorError::Unreachable(_)), "{e}");
    let (_listener, url) = frozen().await;
    let e = paint(&client(&url), &brief("renoir", 1)).await.unwrap_err();
    assert!(matches!(e, GeneratorError::TimedOut(_)), "{e}");
    let e = client(&url).health().await.unwrap_err();
    assert!(matches!(e, GeneratorError::TimedOut(_)), "{e}");
}

#[tokio::test]
async fn a_server_killed_at_work_is_gone_and_one_that_is_back_has_lost_the_prompt() {
    let server = SimulatedComfyUi::start().await;
    server.orders([Fault::Slow(Duration::from_secs(60))]);
    let url = server.url();
    let painting = tokio::spawn(async move { paint(&client(&url), &brief("renoir", 1)).await });
    server.until(|s| s.queue().0.is_some()).await;
    server.kill().await;
    let e = painting.await.unwrap().unwrap_err();
    assert!(matches!(e, GeneratorError::Unreachable(_)), "{e}");

    // Back before anyone looked: up, and of nothing aware.
    let server = SimulatedComfyUi::start().await;
    server.orders([Fault::Slow(Duration::from_secs(60))]);
    let slow_to_look = Patience {
        poll: 700 * MS,
        ..Patience::default()
    };
    let client = client_with(address(&server.url()), 0.0, slow_to_look, "{style}");
    let painting = tokio::spawn(async move { paint(&client, &brief("renoir", 1)).await });
    server.until(|s| s.queue().0.is_some()).await;
    let again = SimulatedComfyUi::start_at(server.kill().await).await;
    let e = painting.await.unwrap().unwrap_err();
    assert!(
        matches!(
            &e,
            GeneratorError::Failed(_) | GeneratorError::Unreachable(_)
        ),
        "{e}"
    );
    assert_eq!(again.taken(), 0);
}

#[tokio::test]
async fn cancelling_stops_the_prompt_wherever_it_is_and_no_other() {
    for newer in [false, true] {
        let server = SimulatedComfyUi::start().await;
        if newer {
            server.is_newer();
        }
        server.always(Fault::Slow(Duration::from_secs(60)));
        let (first, second) = (brief("renoir", 1), brief("renoir", 2));
        let [stop_first, stop_second] = [CancellationToken::new(), CancellationToken::new()];
        let url = server.url();
        let begin = |brief: &easel::generator::Brief, stop: &CancellationToken| {
            let (brief, stop, client) = (brief.clone(), stop.clone(), patient(&url));
            tokio::spawn(async move {
                let (progress, _news) = watch::channel(Progress::default());
                client.paint(&brief, &progress, &stop).await.map(drop)
            })
        };
        let running = begin(&first, &stop_first);
        server.until(|s| s.queue().0.is_some()).await;
        let waiting = begin(&second, &stop_second);
        server.until(|s| s.queue().1.len() == 1).await;

        stop_second.cancel();
        assert!(matches!(
            waiting.await.unwrap(),
            Err(GeneratorError::Cancelled)
        ));
        assert_eq!(server.queue(), (Some(first.attempt.to_string()), vec![]));
        assert_eq!(
            server.interrupted(),
            None,
            "what runs was hit by a cancellation of what waits"
        );

        stop_first.cancel();
        assert!(matches!(
            running.await.unwrap(),
            Err(GeneratorError::Cancelled)
        ));
        server.until(|s| s.queue().0.is_none()).await;
        assert_eq!(server.interrupted(), Some(first.attempt.to_string()));
    }
}

#[tokio::test]
async fn who_gives_up_drops_and_cancels_and_the_server_hears_of_it() {
    let server = SimulatedComfyUi::start().await;
    server.orders([Fault::Slow(Duration::from_secs(60))]);
    let (client, brief) = (patient(&server.url()), brief("renoir", 1));
    let (progress, _news) = watch::channel(Progress::default());
    let stop = CancellationToken::new();
    {
        let painting = client.paint(&brief, &progress, &stop);
        tokio::select! {
            _ = painting => panic!("it takes a minute"),
            () = server.until(|s| s.queue().0.is_some()) => {}
        }
    }
    stop.cancel();
    server
        .until(|s| s.interrupted() == Some(brief.attempt.to_string()))
        .await;
}

/// A server that could not be told to stop is told when it is there again.
#[tokio::test]
async fn what_could_not_be_taken_back_is_taken_back_later() {
    let server = SimulatedComfyUi::start().await;
    server.always(Fault::Slow(Duration::from_secs(60)));
    let stranger = patient(&server.url());
    let theirs = tokio::spawn(async move { paint(&stranger, &brief("renoir", 1)).await });
    server.until(|s| s.queue().0.is_some()).await;

    let (client, ours) = (client(&server.url()), brief("renoir", 2));
    let (progress, _news) = watch::channel(Progress::default());
    let stop = CancellationToken::new();
    let cancelling = async {
        server.until(|s| s.queue().1.len() == 1).await;
        server.misbehaves_at("/queue", Mischief::Silent);
        stop.cancel();
    };
    let (painted, ()) = tokio::join!(client.paint(&ours, &progress, &stop), cancelling);
    assert!(matches!(painted, Err(GeneratorError::Cancelled)));
    assert_eq!(server.queue().1, [ours.attempt.to_string()]);
    server.host.behaves();
    client.health().await.unwrap();
    assert_eq!(server.queue().1, [""; 0]);
    theirs.abort();
}

#[tokio::test]
async fn what_was_left_at_the_server_is_picked_up_again() {
    let server = SimulatedComfyUi::start().await;
    server.orders([Fault::Slow(50 * MS)]);
    let brief = brief("renoir", 1);
    let (progress, news) = watch::channel(Progress::default());
    let stop = CancellationToken::new();
    {
        // A crash: nobody says goodbye.
        let before = patient(&server.url());
        let painting = before.paint(&brief, &progress, &stop);
        tokio::select! {
            _ = painting => panic!("it takes half a second"),
            () = server.until(|s| s.queue().0.is_some()) => {}
        }
    }
    let receipt = news.borrow().receipt.clone();
    assert!(receipt.is_none_or(|r| r == Receipt(brief.attempt.to_string())));
    let after = patient(&server.url());
    let painted = after.resume(&brief, None, &progress, &stop).await.unwrap();
    assert!(matches!(painted, Some(Painted::Pixels(_))));
    // Long done, it is still there for who asks.
    let again = after.resume(&brief, None, &progress, &stop).await.unwrap();
    assert!(again.is_some());
    assert_eq!(server.taken(), 1);
}

#[tokio::test]
async fn what_is_billed_and_may_still_come_is_told_as_such() {
    let server = SimulatedComfyUi::start().await;
    server.orders([Fault::PostUnanswered]);
    server.misbehaves_at("/queue", Mischief::Silent);
    let billed = client_with(address(&server.url()), 0.05, short_patience(), "{style}");
    assert!(billed.billed());
    let brief = brief("renoir", 1);
    let e = paint(&billed, &brief).await.unwrap_err();
    assert_eq!(e.remedy(), Remedy::Look, "{e}");
    let (progress, _news) = watch::channel(Progress::default());
    let stop = CancellationToken::new();
    let e = billed
        .resume(&brief, None, &progress, &stop)
        .await
        .unwrap_err();
    assert_eq!(e.remedy(), Remedy::Look, "{e}");
    server.host.behaves();
    assert!(
        billed
            .resume(&brief, None, &progress, &stop)
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(server.taken(), 1);
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
    let wide = image::RgbImage::new(192, 128);
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
