//! What goes wrong in a day, each failure ending in its class and in time.

use std::time::Duration;

use easel::generator::wire::Patience;
use easel::generator::{Generator, GeneratorError, Remedy};

use super::{
    MS, address, ample_patience, client, client_with, fails, fails_at, patient, short_patience,
};
use crate::generator::{brief, is_worth_a_retry, paint};
use crate::simulated::host::{frozen, nobody};
use crate::simulated::{Fault, Mischief, SimulatedComfyUi, Trap};

/// Only what does not move is waited out.
fn quick_to_suspect() -> Patience {
    let Patience { stall, first, .. } = short_patience();
    Patience {
        stall,
        first,
        ..ample_patience()
    }
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
    let klein = client_with(address(&url), 0.0, ample_patience(), "flux2-klein");

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
    let klein = client_with(address(&url), 0.0, ample_patience(), "flux2-klein");
    assert_eq!(klein.health().await.unwrap().lacks, []);
    paint(&klein, &brief("renoir", 1)).await.unwrap();

    server.lacks_node("Flux2Scheduler");
    let e = paint(&klein, &brief("renoir", 1)).await.unwrap_err();
    assert!(
        matches!(&e, GeneratorError::Unfit(why) if why.contains("Flux2Scheduler does not exist")),
        "{e}"
    );
    let fresh = client_with(address(&url), 0.0, ample_patience(), "flux2-klein");
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
    assert!(matches!(e, GeneratorError::Moderated(_)), "{e}");
    assert_eq!(e.remedy(), Remedy::GiveUp);
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
        // Only the answer that never comes is waited out.
        let patience = match fault {
            Fault::PostUnanswered => Patience {
                transfer: 2_000 * MS,
                ..ample_patience()
            },
            _ => ample_patience(),
        };
        let client = client_with(address(&server.url()), 0.0, patience, "{style}");
        let painted = paint(&client, &brief("renoir", 1)).await;
        assert!(painted.is_ok(), "{fault:?}: {painted:?}");
        assert_eq!(server.taken(), 1, "{fault:?} was posted again");
    }
    let server = SimulatedComfyUi::start().await;
    server.misbehaves_at("/ws", Mischief::Says(404));
    paint(&patient(&server.url()), &brief("renoir", 1))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_lost_prompt_and_a_dead_worker_are_found_out() {
    let server = SimulatedComfyUi::start().await;
    let e = fails_at(&patient(&server.url()), &server, Fault::Lost).await;
    assert!(
        matches!(&e, GeneratorError::Failed(why) if why.contains("lost")),
        "{e}"
    );

    let impatient = || client_with(address(&server.url()), 0.0, quick_to_suspect(), "{style}");
    let e = fails_at(&impatient(), &server, Fault::WorkerDies).await;
    assert_eq!(e.remedy(), Remedy::Restart, "{e}");
    // Who comes after finds the same, and so does a look at its health.
    let after = impatient();
    let e = paint(&after, &brief("renoir", 1)).await.unwrap_err();
    assert_eq!(e.remedy(), Remedy::Restart, "{e}");
    let e = after.health().await.unwrap_err();
    assert_eq!(e.remedy(), Remedy::Restart, "{e}");
}

/// A processor's memory is the machine's: where no model is loaded it is another program that takes it.
#[tokio::test]
async fn memory_is_asked_for_only_where_a_model_is_loaded() {
    for (workflow, loads) in [("{style}", false), ("flux2-klein", true)] {
        let server = SimulatedComfyUi::start().await;
        ["flux-2-klein-4b-fp8", "qwen_3_4b", "flux2-vae"]
            .iter()
            .for_each(|model| server.has_model(&format!("{model}.safetensors")));
        let client = client_with(address(&server.url()), 0.0, quick_to_suspect(), workflow);
        let e = fails_at(&client, &server, Fault::WorkerDies).await;
        assert_eq!(e.remedy(), Remedy::Restart, "{workflow}: {e}");
        assert_eq!(server.stats() > 0, loads, "{workflow}");
    }
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
        // A painting that moves slowly on a busy machine is none that has stopped.
        let Patience { stall, first, .. } = ample_patience();
        let patience = Patience {
            stall,
            first,
            ..short_patience()
        };
        let client = client_with(address(&server.url()), 0.0, patience, "{style}");
        let brief = brief("renoir", 1);
        let painted = tokio::time::timeout(Duration::from_secs(60), paint(&client, &brief));
        let e = painted
            .await
            .unwrap_or_else(|_| panic!("{way:?} at {at} never ended"));
        // Who cannot say what is in its queue may well paint.
        let Some(e) = e.err() else {
            assert_eq!(at, "/queue", "{way:?} painted");
            return;
        };
        assert!(is_worth_a_retry(&e), "{way:?} at {at}: {e}");
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
    let painting = tokio::spawn(async move { paint(&patient(&url), &brief("renoir", 1)).await });
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

/// Routes that only tell of the server, and its socket, may all be broken: it paints.
#[tokio::test]
async fn a_server_that_cannot_say_how_it_is_paints() {
    for (at, way) in [
        ("/system_stats", Mischief::Says(500)),
        ("/queue", Mischief::Says(500)),
        ("/object_info", Mischief::Says(500)),
        ("/ws", Mischief::Says(404)),
    ] {
        let server = SimulatedComfyUi::start().await;
        server.misbehaves_at(at, way);
        let client = patient(&server.url());
        let health = client.health().await.unwrap();
        assert!(!health.words.is_empty(), "{at}");
        paint(&client, &brief("renoir", 1)).await.unwrap();
    }
}

#[tokio::test]
async fn it_tells_of_its_work_and_when_it_is_free() {
    let server = SimulatedComfyUi::start().await;
    let (progress, news) = tokio::sync::watch::channel(easel::generator::Progress::default());
    let stop = tokio_util::sync::CancellationToken::new();
    let client = patient(&server.url());
    let painted = client.paint(&brief("renoir", 1), &progress, &stop).await;
    assert!(painted.is_ok(), "{painted:?}");
    let last = news.borrow().clone();
    assert!(last.telling && last.finished && last.signs > 3, "{last:?}");
    // Without a socket silence means nothing.
    server.misbehaves_at("/ws", Mischief::Says(404));
    let (progress, news) = tokio::sync::watch::channel(easel::generator::Progress::default());
    let painted = client.paint(&brief("renoir", 2), &progress, &stop).await;
    assert!(painted.is_ok() && !news.borrow().telling, "{painted:?}");
}
