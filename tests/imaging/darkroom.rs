//! The two bounds: so many running, so many waiting, then busy.

use std::sync::mpsc;
use std::time::Duration;

use bytes::Bytes;
use easel::imaging::{Darkroom, Limits, Refusal, Settings};
use futures::FutureExt;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::files;
use crate::quadrants::upright;

fn darkroom(running: usize, waiting: usize) -> Darkroom {
    Darkroom::new(
        Settings {
            running,
            waiting,
            ..Settings::default()
        },
        Limits::default(),
    )
}

/// Work in a place of its own.
async fn run<T: Send + 'static>(
    darkroom: &Darkroom,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    darkroom.admit()?.run(work).await
}

/// Work that has begun, and ends when [`Work::finish`] says so.
struct Work {
    task: JoinHandle<Result<(), Refusal>>,
    release: mpsc::Sender<()>,
}

impl Work {
    async fn begun(darkroom: &Darkroom) -> Self {
        let (began, has_begun) = oneshot::channel();
        let (release, released) = mpsc::channel();
        let darkroom = darkroom.clone();
        let task = tokio::spawn(async move {
            let work = move || {
                began.send(()).unwrap();
                released.recv().unwrap();
            };
            run(&darkroom, work).await
        });
        has_begun.await.unwrap();
        Self { task, release }
    }

    async fn finish(self) {
        self.release.send(()).unwrap();
        self.task.await.unwrap().unwrap();
    }
}

fn assert_busy<T>(answer: Result<T, Refusal>) {
    match answer {
        Err(refusal @ Refusal::Busy { retry_after }) => {
            assert!(
                retry_after >= Duration::from_secs(1),
                "Retry-After counts whole seconds"
            );
            assert_eq!(refusal.code(), "busy");
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("there was room"),
    }
}

#[tokio::test]
async fn over_both_bounds_the_answer_is_busy_at_once() {
    let darkroom = darkroom(2, 1);
    let first = Work::begun(&darkroom).await;
    let second = Work::begun(&darkroom).await;
    let mut third = Box::pin(run(&darkroom, || "third"));
    assert!(
        third.as_mut().now_or_never().is_none(),
        "it waits for a bench"
    );
    assert_busy(
        run(&darkroom, || ())
            .now_or_never()
            .expect("refused without waiting"),
    );
    assert_busy(
        darkroom
            .develop(Bytes::from_static(b"any"))
            .now_or_never()
            .expect("the same bounds"),
    );

    first.finish().await;
    assert_eq!(third.await.unwrap(), "third");
    second.finish().await;
    assert_eq!(run(&darkroom, || "again").await.unwrap(), "again");
}

#[tokio::test]
async fn a_waiter_that_gives_up_leaves_its_place_to_another() {
    let darkroom = darkroom(1, 1);
    let first = Work::begun(&darkroom).await;
    let mut second = Box::pin(run(&darkroom, || ()));
    assert!(second.as_mut().now_or_never().is_none());
    drop(second);
    let mut third = Box::pin(run(&darkroom, || "third"));
    assert!(
        third.as_mut().now_or_never().is_none(),
        "waiting, not refused"
    );
    first.finish().await;
    assert_eq!(third.await.unwrap(), "third");
}

#[tokio::test]
async fn work_whose_caller_hung_up_still_counts() {
    let darkroom = darkroom(1, 0);
    let (began, has_begun) = oneshot::channel();
    let (release, released) = mpsc::channel::<()>();
    let (left, has_left) = oneshot::channel();
    let mut abandoned = Box::pin(run(&darkroom, move || {
        began.send(()).unwrap();
        released.recv().unwrap();
        left.send(()).unwrap();
    }));
    assert!(abandoned.as_mut().now_or_never().is_none());
    has_begun.await.unwrap();
    drop(abandoned);
    assert_busy(run(&darkroom, || ()).await);
    release.send(()).unwrap();
    has_left.await.unwrap();
}

/// On a runtime of one thread everything would stand still if the work ran on it.
#[tokio::test(flavor = "current_thread")]
async fn work_runs_off_the_async_thread() {
    let darkroom = darkroom(1, 0);
    let here = std::thread::current().id();
    let there = run(&darkroom, || std::thread::current().id())
        .await
        .unwrap();
    assert_ne!(here, there);
    // This task goes on while the work stands still.
    Work::begun(&darkroom).await.finish().await;
}

#[tokio::test]
async fn a_panic_reaches_its_caller_and_frees_its_place() {
    let darkroom = darkroom(1, 0);
    let other = darkroom.clone();
    let broken =
        tokio::spawn(async move { run(&other, || panic!("a bug in a template")).await }).await;
    assert!(broken.unwrap_err().is_panic());
    assert_eq!(run(&darkroom, || 7).await.unwrap(), 7);
}

#[tokio::test]
async fn captures_are_developed_and_refused_as_outside() {
    let darkroom = darkroom(1, 0);
    let developed = darkroom
        .develop(files::jpeg(&upright()).into())
        .await
        .unwrap();
    assert_eq!((developed.screen.width, developed.screen.height), (120, 80));
    let refusal = darkroom
        .develop(Bytes::from_static(b"GIF89a"))
        .await
        .unwrap_err();
    assert_eq!(refusal.code(), "unsupported_media");
    assert_eq!(*darkroom.limits(), Limits::default());
}
