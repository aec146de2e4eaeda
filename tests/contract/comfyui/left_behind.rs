//! What is given up, cancelled or left at a server, and what becomes of it there.

use std::time::Duration;

use easel::generator::wire::Patience;
use easel::generator::{Generator, GeneratorError, Painted, Progress, Receipt, Remedy};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{MS, address, ample_patience, client_with, patient, short_patience};
use crate::generator::{brief, paint};
use crate::simulated::{Fault, Mischief, SimulatedComfyUi};

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

    // Only the answer that never comes is waited out.
    let patience = Patience {
        control: 2_000 * MS,
        ..ample_patience()
    };
    let client = client_with(address(&server.url()), 0.0, patience, "{style}");
    let ours = brief("renoir", 2);
    let (progress, _news) = watch::channel(Progress::default());
    let stop = CancellationToken::new();
    let cancelling = async {
        server.until(|s| s.queue().1.len() == 1).await;
        server.misbehaves_at("/queue", Mischief::Silent);
        stop.cancel();
    };
    let (painted, ()) = tokio::join!(client.paint(&ours, &progress, &stop), cancelling);
    let e = painted.unwrap_err();
    assert_eq!(e.remedy(), Remedy::Look, "nobody has confirmed it: {e}");
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
    assert!(billed.card().billed());
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

/// What was taken on is paid for: if the line breaks over it, it is asked for again, not sent.
#[tokio::test]
async fn what_is_billed_and_out_of_sight_is_told_as_such() {
    for at in ["/history", "/view"] {
        let server = SimulatedComfyUi::start().await;
        server.misbehaves_at(at, Mischief::Says(502));
        let billed = client_with(address(&server.url()), 0.05, short_patience(), "{style}");
        let brief = brief("renoir", 1);
        let e = paint(&billed, &brief).await.unwrap_err();
        assert_eq!(e.remedy(), Remedy::Look, "{at}: {e}");
        server.host.behaves();
        let (progress, _news) = watch::channel(Progress::default());
        let stop = CancellationToken::new();
        let painted = billed.resume(&brief, None, &progress, &stop).await;
        assert!(painted.unwrap().is_some(), "{at}");
        assert_eq!(server.taken(), 1, "{at}");
    }
}
