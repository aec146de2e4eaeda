//! The ComfyUI adapter against what a real server said.

use std::io::Cursor;
use std::sync::Arc;

use easel::clock::SystemClock;
use easel::generator::comfyui::{ComfyUi, Workflow};
use easel::generator::server::{Recipe, Recipes, Settings};
use easel::generator::{Generator, GeneratorError, Painted, Progress, Remedy};
use easel::imaging;
use easel::secret::Entropy;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::comfyui::{address, ample_patience, card};
use crate::generator::brief;
use crate::simulated::Host;
use crate::simulated::replay::{Recording, replays};

struct Replayed {
    outcome: Result<Painted, GeneratorError>,
    progress: Progress,
    server: Host,
}

async fn replay(recording: &Recording) -> Replayed {
    let mut picture = Cursor::new(Vec::new());
    crate::simulated::picture::sketch(96, 96)
        .write_to(&mut picture, image::ImageFormat::Png)
        .unwrap();
    let server = replays(recording.clone(), picture.into_inner()).await;
    let workflow = Arc::new(Workflow::parse(&recording.titled()).unwrap());
    let recipe = Recipe {
        workflow: Some(workflow),
        ..Recipe::default()
    };
    let settings = Settings {
        recipes: Recipes::from([("renoir".into(), recipe)]),
        address: address(&server.url()),
        patience: ample_patience(),
    };
    let client = ComfyUi::new(
        card(0.0),
        settings,
        Arc::new(SystemClock::new(None)),
        Entropy::system(),
    );
    let (progress, news) = watch::channel(Progress::default());
    let outcome = client
        .paint(&brief("renoir", 1), &progress, &CancellationToken::new())
        .await;
    let progress = news.borrow().clone();
    Replayed {
        outcome,
        progress,
        server,
    }
}

#[tokio::test]
async fn a_good_prompt() {
    let replayed = replay(&Recording::of("good-prompt")[0]).await;
    replayed.outcome.unwrap();
    assert_eq!(replayed.progress.share, 1.0);
    let view = &replayed.server.heard_at("/view")[0].path;
    assert!(
        view.contains("filename=rec_00001_.png&subfolder=booth&type=output"),
        "{view}"
    );
}

#[tokio::test]
async fn history_that_lags_behind_the_success() {
    let replayed = replay(&Recording::of("history-asked-on-execution-success")[0]).await;
    replayed.outcome.unwrap();
    assert!(replayed.server.heard_at("/history").len() >= 2);
}

#[tokio::test]
async fn a_photo_that_is_none() {
    let e = replay(&Recording::of("execution-error")[0])
        .await
        .outcome
        .unwrap_err();
    assert_eq!(e.remedy(), Remedy::GiveUp, "{e}");
}

/// The graph of that recording loads no photo; what is said about it is what counts.
#[tokio::test]
async fn out_of_memory() {
    let mut recording = Recording::of("out-of-memory")[0].clone();
    recording.graph = Recording::of("good-prompt")[0].graph.clone();
    let replayed = replay(&recording).await;
    let e = replayed.outcome.unwrap_err();
    assert_eq!(e.remedy(), Remedy::Smaller, "{e}");
    assert_eq!(replayed.server.heard_at("/free").len(), 1);
}

#[tokio::test]
async fn an_interruption_by_someone_else() {
    let recording = &Recording::of("interrupt-while-running")[0];
    let e = replay(recording).await.outcome.unwrap_err();
    assert!(
        matches!(&e, GeneratorError::Failed(why) if why.contains("interrupted")),
        "{e}"
    );
}

#[tokio::test]
async fn previews_in_both_wrappings() {
    for recording in Recording::of("binary-previews") {
        let replayed = replay(&recording).await;
        let preview = replayed.progress.preview.expect("a preview");
        let limits = imaging::Limits {
            min_side: 8,
            ..imaging::Limits::default()
        };
        assert_eq!(
            imaging::decode(&preview, &limits).unwrap().dimensions(),
            (16, 16)
        );
    }
}

#[tokio::test]
async fn prompts_that_are_refused() {
    let mut refused = 0;
    let good = Recording::of("good-prompt")[0].graph.clone();
    for mut recording in Recording::of("invalid-prompts") {
        // Our own check finds what is wrong with the graph itself, so another one is sent.
        recording.graph = good.clone();
        if !recording.is_refused() {
            continue;
        }
        refused += 1;
        let e = replay(&recording).await.outcome.unwrap_err();
        assert!(
            matches!(e, GeneratorError::Unfit(_) | GeneratorError::Failed(_)),
            "{e}"
        );
        assert!(e.to_string().len() > 40, "says too little: {e}");
    }
    assert!(refused >= 10, "{refused}");
}
