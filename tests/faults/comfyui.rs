//! The pool with the true ComfyUI adapter, before two simulated servers: one well, one with each of
//! the failures that real ones were seen to have.

use std::sync::Arc;
use std::time::Duration;

use easel::clock::SystemClock;
use easel::generator::comfyui::{ComfyUi, load};
use easel::generator::server::{Recipe, Recipes, Settings};
use easel::generator::wire::{Address, Patience};
use easel::generator::{Card, Generator, Kind, words};
use easel::secret::Entropy;
use easel::session::Event;
use futures::StreamExt;
use futures::stream;
use reqwest::header::HeaderMap;

use crate::house::{STYLES, a_house, painters};
use crate::simulated::host::{frozen, nobody};
use crate::simulated::{Fault, SimulatedComfyUi};

const MS: Duration = Duration::from_millis(1);

/// The adapter has a clock of its own, which is in no hurry: its times are short instead.
fn adapter(id: &str, url: &str) -> Arc<dyn Generator> {
    let recipe = |style: &str| Recipe {
        prompt: words::prompt(style).unwrap().to_owned(),
        negative: String::new(),
        workflow: Some(Arc::new(load(style).unwrap())),
    };
    let recipes: Recipes = STYLES.iter().map(|s| ((*s).into(), recipe(s))).collect();
    let card = Card {
        size_px: 96,
        ..Card::new(id, Kind::Comfyui)
    };
    let address = Address {
        base: url.parse().unwrap(),
        headers: HeaderMap::new(),
        query: None,
        picture_hosts: Vec::new(),
    };
    let patience = Patience {
        control: 400 * MS,
        transfer: 800 * MS,
        poll: 50 * MS,
        stall: 600 * MS,
        first: 600 * MS,
        answer: 800 * MS,
        queue: 300 * MS,
    };
    let clock = Arc::new(SystemClock::new(None));
    let entropy = Entropy::system();
    let settings = Settings {
        recipes,
        address,
        patience,
    };
    Arc::new(ComfyUi::new(card, settings, clock, entropy))
}

/// Two visitors before the bad server and a good one: each painting hangs, once.
async fn row(name: &str, bad: &str, good: &SimulatedComfyUi) {
    let mut plan = a_house([]).in_true_time();
    // Its servers and its adapters live by the machine's clock.
    plan.others = vec![adapter("bad", bad), adapter("good", &good.url())];
    let house = plan.open().await;
    let visits = [house.visit().await, house.visit().await];
    let mut by = Vec::new();
    for visit in visits {
        let session = house.settled(visit).await;
        by.extend(painters(&session));
        let log = house.visits.store().events_after(visit, 0).await.unwrap();
        let done = log
            .iter()
            .filter(|r| matches!(r.event, Event::PaintingDone { .. }));
        assert_eq!(done.count(), STYLES.len(), "{name}: once each");
    }
    let servers = by.iter().filter(|by| *by == "comfyui").count();
    println!("ComfyUI: {name:<40} {servers} of {} by a server", by.len());
    assert!(servers > 0, "{name}: the good one paints");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_visit_ends_well_whatever_one_comfyui_does() {
    let oom = Fault::Raises("KSampler", "torch.OutOfMemoryError", "Allocation on device");
    let cuda = Fault::Raises(
        "KSampler",
        "RuntimeError",
        "CUDA error: an illegal memory access",
    );
    let model = Fault::Raises("UNETLoader", "SafetensorError", "header too large");
    let faults = [
        ("well", Fault::None),
        ("zombie: its worker is dead", Fault::WorkerDies),
        ("lost from queue and history", Fault::Lost),
        ("its socket drops", Fault::SocketDrops),
        ("the post is never answered", Fault::PostUnanswered),
        ("history lags", Fault::HistoryLags(3)),
        ("everything told twice", Fault::ToldTwice),
        ("out of memory", oom),
        ("CUDA context broken", cuda),
        ("model truncated", model),
        ("the file is gone", Fault::FileGone),
        ("the file is cut", Fault::Truncated),
        (
            "the file is a page",
            Fault::Answers(b"<html>502</html>".to_vec()),
        ),
    ];
    let rows = faults.map(|(name, fault)| async move {
        let (bad, good) = (
            SimulatedComfyUi::start().await,
            SimulatedComfyUi::start().await,
        );
        bad.always(fault);
        row(name, &bad.url(), &good).await;
    });
    stream::iter(rows).buffered(4).collect::<Vec<()>>().await;
    let good = SimulatedComfyUi::start().await;
    let (_held, ice) = frozen().await;
    row("frozen (SIGSTOP)", &ice, &good).await;
    row("nobody there", &nobody().await, &good).await;
}
