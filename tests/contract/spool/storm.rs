//! Daemon, printer and print queue are killed at random, and staff tell the truth: as many sheets come
//! out as were ordered, whatever died when, and what staff are shown is true all the while.

use std::sync::Mutex;
use std::time::Duration;

use easel::printer::{Cause, JobStatus, Order, Printer, Verdict};
use easel::secret::Entropy;

use super::bench::{Booth, of, turn};
use crate::desk::{Cups, IppPrinter, jobs_at, until_or};

/// What is asked for by hand.
fn by_hand(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is no setting, but this test's own word"
    )]
    let asked = std::env::var(name).ok();
    asked
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Daemon,
    Printer,
    Queue,
}

/// One order, with a kill in the middle of it.
async fn survives(kill: u32, dice: &Entropy, victim: Victim, by_queue: bool) {
    let byte = || u32::from(dice.uuid_v7(jiff::Timestamp::UNIX_EPOCH).as_bytes()[15]);
    let sheets = 1 + byte() % 3;
    let delay = Duration::from_millis(u64::from(byte()) * 8);
    let mut desk = IppPrinter::with_paper(20).await;
    let mut cups = match by_queue {
        true => Some(Cups::on().await),
        false => None,
    };
    let _time_out = by_queue.then(|| desk.gives_up_empty_jobs());
    let uri = match &cups {
        Some(cups) => cups.add_everywhere("desk", &desk.uri()).await,
        None => desk.uri(),
    };
    let uris = [desk.uri(), uri.clone()];
    let booth = Booth::by_ipp(uri);
    let mut printer = booth.printer().await;
    let order = booth.order(sheets);
    let what =
        format!("kill {kill}: {victim:?} after {delay:?}, {sheets} sheets, by a queue: {by_queue}");
    // The kill comes at that moment, wherever the order is then.
    let work = async {
        loop {
            turn(&*printer, &order).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let _: Result<(), _> = tokio::time::timeout(delay, work).await;
    match (victim, &mut cups) {
        (Victim::Queue, Some(cups)) => {
            cups.is_killed();
            cups.starts_up().await;
        }
        (Victim::Printer, _) => {
            desk.switch_off();
            desk.switch_on().await;
        }
        (Victim::Daemon | Victim::Queue, _) => {
            drop(printer);
            printer = booth.printer().await;
        }
    }
    let mut begun_twice = false;
    let last = Mutex::new(JobStatus::Unknown);
    let in_turn = async || {
        let status = turn(&*printer, &order).await;
        *last.lock().unwrap() = status.clone();
        // In this order: more may come out in between.
        let state = printer.state();
        let out = of(order.id, &desk.tray());
        for partly in &state.partly_done {
            assert!(
                partly.sheets_done as usize <= out,
                "{what}: {partly:?}, {out} are out"
            );
        }
        if matches!(status, JobStatus::Doubtful { .. }) {
            let code = tell_the_truth(&*printer, &desk, &order, &uris).await;
            begun_twice |= code == Some(Cause::BegunTwice);
        }
        matches!(status, JobStatus::Done { .. })
    };
    let all = async || {
        let status = last.lock().unwrap().clone();
        let state = printer.state();
        format!("{status:?}\n{state:?}\n{}", said(&desk, &uris).await)
    };
    until_or(&what, in_turn, all).await;
    // A queue that is killed when its printer has a sheet already begins it once more before anybody
    // can ask it: then one too many may be out, and staff have read that.
    let out = u32::try_from(of(order.id, &desk.tray())).unwrap();
    let most = sheets + u32::from(begun_twice);
    assert!((sheets..=most).contains(&out), "{what}: {out} are out");
    assert!(printer.state().doubtful.is_empty());
}

/// What the printer and its queue say of their jobs, and what is out.
async fn said(desk: &IppPrinter, uris: &[String]) -> String {
    let mut said = format!("{:?}", desk.tray());
    for uri in uris {
        said = format!("{said}\n{}", jobs_at(uri).await);
    }
    let alone = Cups::has_let_go_of(&desk.uri());
    format!("{said}\nno program is at work for the printer: {alone}")
}

/// Staff wait until nothing moves, and count. Why they were asked.
async fn tell_the_truth(
    printer: &dyn Printer,
    desk: &IppPrinter,
    order: &Order,
    uris: &[String],
) -> Option<Cause> {
    let uri = desk.uri();
    let is_still = async || Cups::has_let_go_of(&uri) && desk.is_idle().await;
    until_or("an idle printer", is_still, async || said(desk, uris).await).await;
    let found = u32::try_from(of(order.id, &desk.tray())).unwrap();
    let state = printer.state();
    let doubt = state.doubtful.iter().find(|doubt| doubt.order == order.id);
    let doubt = doubt?;
    assert!(doubt.sheets_done <= found, "{doubt:?}, {found} are out");
    let most = doubt.sheets + u32::from(doubt.code == Cause::BegunTwice);
    let verdict = match found {
        0 => Verdict::PrintAgain,
        _ => Verdict::CameOut,
    };
    printer
        .settle(order.id, verdict, Some(found.min(most)))
        .await
        .unwrap();
    Some(doubt.code)
}

#[tokio::test]
async fn sheets_are_orders_whatever_is_killed() {
    let dice = Entropy::system();
    let mut kinds = vec![
        (Victim::Queue, true),
        (Victim::Daemon, false),
        (Victim::Printer, false),
        (Victim::Daemon, true),
        (Victim::Printer, true),
    ];
    if by_hand("EASEL_TEST_VICTIM").as_deref() == Some("queue") {
        kinds.retain(|(victim, _)| *victim == Victim::Queue);
    }
    let kills = by_hand("EASEL_TEST_KILLS").and_then(|n| n.parse().ok());
    let kills = kills.unwrap_or(10);
    for (kill, (victim, by_queue)) in (1..=kills).zip(kinds.into_iter().cycle()) {
        survives(kill, &dice, victim, by_queue).await;
    }
}
