//! Booths, visitors and ears for the tests.

mod booth;
mod daemon;
mod disk;
mod door;
mod ear;
mod photo;
mod qr;
mod raw;
mod socket;
mod staff;
mod visitor;

use std::time::Duration;

pub(crate) use booth::{PIN, Plan, TestBooth, a_booth, embedded, faulty};
pub(crate) use daemon::Daemon;
pub(crate) use disk::{
    SOURCE, files_holding, holds, jobs, log_of, notes, pictures_in, rows_of, sheets,
};
pub(crate) use door::{Answer, Ask, Door};
pub(crate) use ear::{Ear, Heard};
pub(crate) use photo::{a_face, a_photo, jpeg, png};
pub(crate) use qr::read_qr;
pub(crate) use raw::HalfUpload;
pub(crate) use socket::{Polling, WebSocket};
pub(crate) use staff::Staff;
pub(crate) use visitor::{Visitor, by_style, text};

/// The last resort: no test depends on it, it only ends one that would wait for ever.
const FOR_EVER: Duration = Duration::from_secs(120);

/// Awaits `what`, or fails when it never comes.
#[track_caller]
pub(crate) fn in_time<F: Future>(
    what: &str,
    future: F,
) -> impl Future<Output = F::Output> + use<F> {
    let (what, at) = (what.to_owned(), std::panic::Location::caller());
    async move {
        match tokio::time::timeout(FOR_EVER, future).await {
            Ok(output) => output,
            Err(_) => panic!("{at}: {what} never came"),
        }
    }
}

/// Waits until `so` holds of something that tells no events, such as a folder.
#[track_caller]
pub(crate) fn until<F: AsyncFnMut() -> bool>(what: &str, mut so: F) -> impl Future<Output = ()> {
    in_time(what, async move {
        while !so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
}
