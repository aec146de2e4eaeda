//! What the pool relies on, whatever paints.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use easel::clock::ManualClock;
use easel::generator::embedded::Embedded;
use easel::generator::faulty::{self, Fault, Faulty};
use easel::generator::{
    Brief, Card, Generator, GeneratorError, Kind, Painted, Progress, Remedy, Repertoire,
};
use easel::imaging;
use easel::secret::Entropy;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Whether the same attempt may go better next time at the same generator.
pub(crate) fn is_worth_a_retry(e: &GeneratorError) -> bool {
    !matches!(e.remedy(), Remedy::GiveUp | Remedy::Elsewhere)
}

/// A brief of its own: each is another attempt. The attempts are of 1970: whatever was sent of them
/// cannot come any more.
pub(crate) fn brief(style: &str, seed: u32) -> Brief {
    let photo = image::RgbImage::from_fn(96, 96, |x, y| {
        image::Rgb([(x * 2) as u8, (y * 2) as u8, 128])
    });
    let jpeg = imaging::encode_jpeg(&photo, 90).unwrap();
    Brief {
        attempt: Entropy::system().uuid_v7(Timestamp::UNIX_EPOCH),
        capture: Uuid::from_u128(7),
        style: style.into(),
        seed,
        input: jpeg.clone(),
        screen: jpeg,
        smaller: false,
    }
}

pub(crate) async fn paint(
    generator: &dyn Generator,
    brief: &Brief,
) -> Result<image::RgbImage, GeneratorError> {
    let (progress, _news) = watch::channel(Progress::default());
    match generator
        .paint(brief, &progress, &CancellationToken::new())
        .await?
    {
        Painted::Pixels(pixels) => Ok(pixels),
        Painted::File(bytes) => {
            imaging::decode(&bytes, &imaging::Limits::default()).map_err(GeneratorError::Rubbish)
        }
    }
}

/// What an adapter cannot do because its protocol has no way of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Able {
    /// The same seed is the same painting.
    pub(crate) repeats: bool,
    /// It shows what it paints while it paints.
    pub(crate) previews: bool,
}

pub(crate) const ALL: Able = Able {
    repeats: true,
    previews: true,
};

pub(crate) async fn keeps_the_contract(generator: &dyn Generator, kind: Kind, able: Able) {
    let card = generator.card();
    assert_eq!(card.kind, kind);
    assert!(!card.id.is_empty());
    assert!(card.slots >= 1);

    // What it says it paints, it paints; what it does not, it refuses for good.
    let styles = ["lichtenstein", "picasso", "renoir", "van-gogh"];
    for style in styles {
        assert!(generator.paints(&style.into()));
        let painting = paint(generator, &brief(style, 1)).await.unwrap();
        assert_eq!(painting.width(), painting.height());
    }
    assert!(!generator.paints(&"strange".into()));
    let strange = paint(generator, &brief("strange", 1)).await.unwrap_err();
    assert!(!is_worth_a_retry(&strange), "{strange}");
    let broken = Brief {
        screen: Bytes::from_static(b"no"),
        input: Bytes::from_static(b"no"),
        capture: Uuid::from_u128(8),
        ..brief("renoir", 1)
    };
    let broken = paint(generator, &broken).await.unwrap_err();
    assert!(matches!(broken, GeneratorError::Refused(_)), "{broken}");

    // How it is, it tells in words, with the styles it paints.
    let health = generator.health().await.unwrap();
    assert!(!health.words.is_empty());
    let mut healthy: Vec<_> = health
        .styles
        .iter()
        .map(easel::session::StyleId::as_str)
        .collect();
    healthy.sort_unstable();
    assert_eq!(healthy, styles);
    assert_eq!(health.lacks, []);

    // The same seed is the same painting, another seed another.
    if able.repeats {
        let one = paint(generator, &brief("van-gogh", 1)).await.unwrap();
        assert_eq!(one, paint(generator, &brief("van-gogh", 1)).await.unwrap());
        assert_ne!(one, paint(generator, &brief("van-gogh", 2)).await.unwrap());
    }

    // It tells how far it is, and ends at the end.
    let (progress, news) = watch::channel(Progress::default());
    let never = CancellationToken::new();
    generator
        .paint(&brief("renoir", 1), &progress, &never)
        .await
        .unwrap();
    assert!(news.borrow().share > 0.9, "{:?}", news.borrow().share);
    if able.previews {
        let preview = news.borrow().preview.clone().expect("a preview");
        imaging::decode(&preview, &imaging::Limits::default()).unwrap();
    }

    // What was never sent is not waited for, and told to stop, it stops.
    let stop = CancellationToken::new();
    let never_sent = brief("renoir", 1);
    let unheard = generator.resume(&never_sent, None, &progress, &stop).await;
    assert!(matches!(unheard, Ok(None)), "{unheard:?}");
    stop.cancel();
    let stopped = generator.paint(&brief("renoir", 1), &progress, &stop).await;
    assert!(
        matches!(stopped, Err(GeneratorError::Cancelled)),
        "{stopped:?}"
    );

    // A grey square that nobody waits for is painted too: it has a model loaded.
    let blank = Brief::blank(brief("renoir", 1).attempt, "renoir".into(), 96).unwrap();
    paint(generator, &blank).await.unwrap();
}

fn embedded() -> Embedded {
    Embedded::new(Card {
        slots: 2,
        size_px: 64,
        ..Card::new("here", Kind::Embedded)
    })
}

fn faulty(fault: Fault, faults: Option<u32>) -> Faulty {
    let card = Card {
        size_px: 64,
        ..Card::new("bad", Kind::Faulty)
    };
    let settings = faulty::Settings {
        fault,
        faults,
        delay: Duration::ZERO,
    };
    Faulty::new(card, settings, Arc::new(ManualClock::default()))
}

#[tokio::test]
async fn embedded_keeps_the_contract() {
    keeps_the_contract(&embedded(), Kind::Embedded, ALL).await;
}

/// Paints the embedded styles only: what it says, and what is behind it does.
#[tokio::test]
async fn faulty_keeps_it_too_once_its_faults_are_spent() {
    let styles = ["picasso", "renoir", "van-gogh", "lichtenstein"];
    let card = Card {
        styles: Repertoire::new(styles.map(str::to_owned).to_vec()),
        size_px: 64,
        ..Card::new("bad", Kind::Faulty)
    };
    let spent = faulty::Settings {
        faults: Some(0),
        ..faulty::Settings::default()
    };
    let spent = Faulty::new(card, spent, Arc::new(ManualClock::default()));
    keeps_the_contract(&spent, Kind::Faulty, ALL).await;
}

#[tokio::test]
async fn faults_are_what_they_are_called() {
    let brief = brief("renoir", 1);
    let failed = paint(&faulty(Fault::Fail, None), &brief).await.unwrap_err();
    assert!(matches!(failed, GeneratorError::Failed(_)) && is_worth_a_retry(&failed));
    let rubbish = paint(&faulty(Fault::Rubbish, None), &brief)
        .await
        .unwrap_err();
    assert!(matches!(rubbish, GeneratorError::Rubbish(_)), "{rubbish}");
    paint(&faulty(Fault::Slow, None), &brief).await.unwrap();

    let twice = faulty(Fault::Fail, Some(2));
    assert!(paint(&twice, &brief).await.is_err());
    assert!(paint(&twice, &brief).await.is_err());
    assert!(paint(&twice, &brief).await.is_ok());

    // One that hangs answers only when it is told to stop.
    let (progress, _news) = watch::channel(Progress::default());
    let stop = CancellationToken::new();
    let hanging = faulty(Fault::Hang, None);
    let mut hangs = Box::pin(hanging.paint(&brief, &progress, &stop));
    assert!(futures::poll!(&mut hangs).is_pending());
    stop.cancel();
    assert!(matches!(hangs.await, Err(GeneratorError::Cancelled)));
}
