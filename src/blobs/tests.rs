use std::cell::Cell;
use std::os::unix::fs::PermissionsExt;

use super::*;

const SESSION: Uuid = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_000a);
const OTHER: Uuid = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_000b);

fn key(session: Uuid, n: u128) -> BlobKey {
    BlobKey::new(session, Uuid::from_u128(n), Format::Jpeg)
}

fn open() -> (tempfile::TempDir, Blobs) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&folder.path().join("a/b")).unwrap();
    (folder, blobs)
}

#[tokio::test]
async fn what_is_put_is_there_after_a_restart() {
    let (folder, blobs) = open();
    let picture = Bytes::from(vec![7; 100_000]);
    blobs.put(&key(SESSION, 1), picture.clone()).await.unwrap();
    drop(blobs);
    let blobs = Blobs::open(&folder.path().join("a/b")).unwrap();
    assert_eq!(blobs.get(&key(SESSION, 1)).await.unwrap(), picture);
    assert!(matches!(
        blobs.get(&key(SESSION, 2)).await,
        Err(BlobError::Missing)
    ));
    assert!(matches!(
        blobs.get(&key(OTHER, 1)).await,
        Err(BlobError::Missing)
    ));
}

#[tokio::test]
async fn a_second_put_replaces_the_first() {
    let (_folder, blobs) = open();
    blobs
        .put(&key(SESSION, 1), Bytes::from("long words"))
        .await
        .unwrap();
    blobs
        .put(&key(SESSION, 1), Bytes::from("short"))
        .await
        .unwrap();
    assert_eq!(blobs.get(&key(SESSION, 1)).await.unwrap(), "short");
    assert_eq!(blobs.list(SESSION).await.unwrap(), [key(SESSION, 1)]);
}

#[tokio::test]
async fn erasing_a_session_leaves_nothing_of_it_and_all_of_the_others() {
    let (folder, blobs) = open();
    for n in 0..5 {
        blobs.put(&key(SESSION, n), Bytes::from("x")).await.unwrap();
    }
    blobs.put(&key(OTHER, 1), Bytes::from("y")).await.unwrap();
    fs::write(folder.path().join(format!("a/b/{SESSION}/half.tmp")), "x").unwrap();

    assert_eq!(blobs.delete_prefix(SESSION).await.unwrap(), 6);
    assert_eq!(blobs.list(SESSION).await.unwrap(), []);
    assert!(!folder.path().join(format!("a/b/{SESSION}")).exists());
    assert_eq!(blobs.sessions().await.unwrap(), [OTHER]);
    assert_eq!(blobs.get(&key(OTHER, 1)).await.unwrap(), "y");
    assert_eq!(
        blobs.delete_prefix(SESSION).await.unwrap(),
        0,
        "twice is fine"
    );
    // The session may come back to life in a test or a restored backup.
    blobs.put(&key(SESSION, 1), Bytes::from("z")).await.unwrap();
}

#[tokio::test]
async fn one_blob_can_go_alone() {
    let (_folder, blobs) = open();
    for n in 0..2 {
        blobs.put(&key(SESSION, n), Bytes::from("x")).await.unwrap();
    }
    blobs.delete(&key(SESSION, 0)).await.unwrap();
    blobs.delete(&key(SESSION, 0)).await.unwrap();
    blobs.delete(&key(OTHER, 0)).await.unwrap();
    assert_eq!(blobs.list(SESSION).await.unwrap(), [key(SESSION, 1)]);
}

#[tokio::test]
async fn half_written_files_are_never_seen_and_gone_after_a_start() {
    let (folder, blobs) = open();
    let session = folder.path().join(format!("a/b/{SESSION}"));
    blobs
        .put(&key(SESSION, 1), Bytes::from("whole"))
        .await
        .unwrap();
    for name in [
        format!("{}.jpg.tmp", Uuid::nil()),
        format!("{}.jpg.tmp#3", Uuid::nil()),
    ] {
        fs::write(session.join(name), "ha").unwrap();
    }
    assert_eq!(blobs.list(SESSION).await.unwrap(), [key(SESSION, 1)]);

    let blobs = Blobs::open(&folder.path().join("a/b")).unwrap();
    assert_eq!(fs::read_dir(session).unwrap().count(), 1);
    assert_eq!(blobs.get(&key(SESSION, 1)).await.unwrap(), "whole");
}

#[tokio::test]
async fn nobody_else_on_the_machine_sees_the_pictures() {
    let (folder, blobs) = open();
    blobs.put(&key(SESSION, 1), Bytes::from("x")).await.unwrap();
    for dir in ["a/b".to_owned(), format!("a/b/{SESSION}")] {
        let mode = fs::metadata(folder.path().join(dir))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0);
    }
}

#[tokio::test]
async fn many_writers_of_one_session_all_succeed() {
    let (_folder, blobs) = open();
    let writers = (0..32).map(|n| {
        let blobs = blobs.clone();
        async move { blobs.put(&key(SESSION, n), Bytes::from("x")).await }
    });
    futures::future::try_join_all(writers).await.unwrap();
    assert_eq!(blobs.list(SESSION).await.unwrap().len(), 32);

    let one = key(SESSION, 1);
    let rivals = (0..32).map(|_| blobs.put(&one, Bytes::from("y")));
    futures::future::try_join_all(rivals).await.unwrap();
    assert_eq!(blobs.get(&one).await.unwrap(), "y");
    assert_eq!(blobs.delete_prefix(SESSION).await.unwrap(), 32);
}

/// A disk that fails some fsyncs: those of files, or those of folders.
fn fails_files(opened: &Opened) -> io::Result<()> {
    if opened.path.is_dir() {
        fsync(opened)
    } else {
        Err(io::Error::other("I/O error"))
    }
}

fn fails_folders(opened: &Opened) -> io::Result<()> {
    if opened.path.is_dir() {
        Err(io::Error::other("I/O error"))
    } else {
        fsync(opened)
    }
}

#[tokio::test]
async fn after_a_failed_fsync_nothing_more_is_promised() {
    for broken in [fails_files as Fsync, fails_folders] {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open_with(folder.path(), broken).unwrap();
        let key = key(SESSION, 1);
        let put = || blobs.put(&key, Bytes::from("x"));
        assert!(matches!(put().await, Err(BlobError::NotDurable(_))));
        assert!(matches!(put().await, Err(BlobError::Poisoned)));
        assert!(matches!(blobs.check(), Err(BlobError::Poisoned)));
        assert!(matches!(blobs.get(&key).await, Err(BlobError::Missing)));
    }
}

thread_local! {
    static SYNCED: Cell<u32> = const { Cell::new(0) };
}

#[test]
fn file_and_folder_are_both_synced_and_in_that_order() {
    // The blocking pool has several threads; the inner steps are called on this one instead.
    fn watched(opened: &Opened) -> io::Result<()> {
        let turn = SYNCED.get();
        SYNCED.set(turn + 1);
        let name = opened.path.to_string_lossy().into_owned();
        match turn {
            0 => assert!(
                !name.contains(&SESSION.to_string()),
                "the root, for the new folder"
            ),
            1 => assert!(
                name.ends_with(".jpg.0.tmp"),
                "the bytes, before they have their name"
            ),
            2 => assert!(name.ends_with(&SESSION.to_string()), "the name"),
            _ => unreachable!("three are enough"),
        }
        fsync(opened)
    }
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open_with(folder.path(), watched).unwrap();
    blobs.0.begin_write(SESSION, 1).unwrap();
    let key = key(SESSION, 1);
    let partial = format!("{key}.0.tmp");
    fs::write(folder.path().join(&partial), "x").unwrap();
    blobs.0.publish(&partial, &key).unwrap();
    assert_eq!(SYNCED.get(), 3);
}

/// Someone erases the session between the writing of a blob and its fsync.
fn erased_meanwhile(opened: &Opened) -> io::Result<()> {
    let path = &opened.path;
    if path.extension().is_some_and(|e| e == PARTIAL) {
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
    fsync(opened)
}

#[tokio::test]
async fn an_erasure_in_the_middle_of_a_put_is_no_fault_of_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open_with(dir.path(), erased_meanwhile).unwrap();
    let key = BlobKey::new(Uuid::from_u128(1), Uuid::from_u128(2), Format::Jpeg);
    let put = blobs.put(&key, Bytes::from_static(b"face")).await;
    assert!(matches!(put, Err(BlobError::Missing)), "{put:?}");
    blobs.check().unwrap();
    assert_eq!(blobs.list(Uuid::from_u128(1)).await.unwrap(), []);
}

/// What cannot be opened was not written either: nothing is lost, and the next one may do.
#[tokio::test]
async fn a_folder_that_cannot_be_opened_is_no_failed_fsync() {
    let (folder, blobs) = open();
    // A link to itself: not even root opens it.
    let session = folder.path().join(format!("a/b/{SESSION}"));
    std::os::unix::fs::symlink(&session, &session).unwrap();
    let publish = blobs.0.publish("half.tmp", &key(SESSION, 1));
    assert!(matches!(publish, Err(BlobError::Disk(_))), "{publish:?}");
    let delete = blobs.delete(&key(SESSION, 1)).await;
    assert!(matches!(delete, Err(BlobError::Disk(_))), "{delete:?}");
    blobs.check().unwrap();
    blobs.put(&key(OTHER, 1), Bytes::from("x")).await.unwrap();
}

#[tokio::test]
async fn whatever_a_put_meets_no_folder_stays_behind() {
    let (folder, blobs) = open();
    let theirs = folder.path().join(format!("a/b/{SESSION}"));
    for n in 0..200 {
        let key = key(SESSION, n);
        let (put, removed) = tokio::join!(
            blobs.put(&key, Bytes::from(vec![7; 10_000])),
            blobs.delete_prefix(SESSION),
        );
        removed.unwrap();
        match put {
            // It was whole before the folder went, or began after it.
            Ok(()) => blobs.delete_picture(SESSION, key.picture()).await.unwrap(),
            Err(BlobError::Missing) => {}
            Err(e) => panic!("{e}"),
        }
        assert!(!theirs.exists(), "round {n}");
    }
}

#[tokio::test]
async fn the_last_picture_takes_the_folder_along() {
    let (folder, blobs) = open();
    let theirs = folder.path().join(format!("a/b/{SESSION}"));
    for n in 1..=2 {
        blobs.put(&key(SESSION, n), Bytes::from("x")).await.unwrap();
    }
    blobs.delete(&key(SESSION, 1)).await.unwrap();
    assert!(theirs.exists());
    blobs.delete(&key(SESSION, 2)).await.unwrap();
    assert!(!theirs.exists());
}

#[tokio::test]
async fn a_picture_that_was_cut_is_not_fetched() {
    let (folder, blobs) = open();
    let (picture, expires_at) = (Bytes::from(vec![7; 1_000]), jiff::Timestamp::MAX);
    let kept = blobs.keep(key(SESSION, 1), picture.clone(), (1, 1), expires_at);
    let kept = kept.await.unwrap();
    assert_eq!(blobs.fetch(&kept).await.unwrap(), picture);
    let file = folder.path().join("a/b").join(&kept.key);
    for bytes in [vec![7; 999], vec![7; 1_001], Vec::new()] {
        fs::write(&file, bytes).unwrap();
        let fetched = blobs.fetch(&kept).await;
        assert!(matches!(fetched, Err(BlobError::Damaged)), "{fetched:?}");
    }
}
