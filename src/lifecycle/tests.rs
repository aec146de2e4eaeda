use std::os::unix::net::UnixDatagram;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::UnboundedReceiverStream;

use super::*;

const GRACE: Duration = Duration::from_secs(20);

fn hand_signals() -> (mpsc::UnboundedSender<()>, UnboundedReceiverStream<()>) {
    let (send, receive) = mpsc::unbounded_channel();
    (send, UnboundedReceiverStream::new(receive))
}

fn lifecycle() -> Lifecycle {
    Lifecycle::new(GRACE, Notifier::default())
}

#[tokio::test(start_paused = true)]
async fn the_first_signal_lets_tasks_finish() {
    let (send, signals) = hand_signals();
    let mut life = lifecycle();
    let (stop, done) = (life.stop_token(), Arc::new(AtomicBool::new(false)));
    let finished = Arc::clone(&done);
    life.spawn("painter", async move {
        stop.cancelled().await;
        sleep(Duration::from_secs(15)).await;
        finished.store(true, Ordering::SeqCst);
        io::Result::Ok(())
    });
    send.send(()).unwrap();
    assert_eq!(life.run(signals).await, Ending::Finished);
    assert!(done.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn the_grace_and_a_second_signal_cut() {
    for (second, took) in [(false, GRACE), (true, Duration::ZERO)] {
        let (send, signals) = hand_signals();
        let mut life = lifecycle();
        life.spawn("stuck", std::future::pending::<io::Result<()>>());
        send.send(()).unwrap();
        if second {
            send.send(()).unwrap();
        }
        let began = Instant::now();
        assert_eq!(life.run(signals).await, Ending::Cut);
        assert_eq!(began.elapsed().as_secs(), took.as_secs());
    }
}

#[tokio::test(start_paused = true)]
async fn a_crashed_task_stops_the_others_politely_and_shows() {
    let (_send, signals) = hand_signals();
    let mut life = lifecycle();
    let stop = life.stop_token();
    life.spawn("polite", async move {
        stop.cancelled().await;
        io::Result::Ok(())
    });
    life.spawn("brief", async { io::Result::Ok(()) });
    life.spawn("broken", async { Err(io::Error::other("no disk")) });
    assert_eq!(life.run(signals).await, Ending::Crashed { task: "broken" });

    let (_send, signals) = hand_signals();
    let mut life = lifecycle();
    life.spawn("panicky", async {
        sleep(Duration::from_secs(1)).await;
        if true {
            panic!("on purpose");
        }
        io::Result::Ok(())
    });
    assert_eq!(life.run(signals).await, Ending::Crashed { task: "panicky" });
}

#[tokio::test(start_paused = true)]
async fn when_every_task_has_ended_there_is_nothing_to_wait_for() {
    let (_send, signals) = hand_signals();
    let mut life = lifecycle();
    life.spawn("brief", async { io::Result::Ok(()) });
    assert_eq!(life.run(signals).await, Ending::Finished);
    assert!(raise_file_limit().unwrap() >= 1024);
}

#[tokio::test(start_paused = true)]
async fn a_crash_while_stopping_shows_too() {
    let (send, signals) = hand_signals();
    let mut life = lifecycle();
    let stop = life.stop_token();
    life.spawn("printer", async move {
        stop.cancelled().await;
        Err(io::Error::other("out of paper"))
    });
    send.send(()).unwrap();
    assert_eq!(life.run(signals).await, Ending::Crashed { task: "printer" });
}

/// A stand-in for systemd: the socket it would name, and what it was told.
struct Systemd {
    _dir: tempfile::TempDir,
    socket: UnixDatagram,
    env: Vec<(String, String)>,
}

impl Systemd {
    fn new(watchdog_usec: &str, pid: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_nonblocking(true).unwrap();
        let env = [
            ("NOTIFY_SOCKET", path.to_str().unwrap()),
            ("WATCHDOG_USEC", watchdog_usec),
            ("WATCHDOG_PID", &pid.to_string()),
        ];
        let env = env.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec();
        Self {
            _dir: dir,
            socket,
            env,
        }
    }

    fn notifier(&self) -> Notifier {
        Notifier::from_env(self.env.clone().into_iter()).unwrap()
    }

    fn told(&self) -> Vec<String> {
        let mut buffer = [0; 256];
        let next = || {
            let n = self.socket.recv(&mut buffer).ok()?;
            Some(String::from_utf8_lossy(&buffer[..n]).into_owned())
        };
        std::iter::from_fn(next).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn systemd_hears_ready_status_and_stopping() {
    let systemd = Systemd::new("0", std::process::id());
    let (send, signals) = hand_signals();
    let life = Lifecycle::new(GRACE, systemd.notifier());
    life.notifier().status("two\nlines");
    send.send(()).unwrap();
    assert_eq!(life.run(signals).await, Ending::Finished);
    assert_eq!(
        systemd.told(),
        ["STATUS=two lines", "READY=1", "STOPPING=1"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_watchdog_is_fed_only_while_the_heart_beats() {
    let systemd = Systemd::new("30000000", std::process::id());
    let (send, signals) = hand_signals();
    let mut life = Lifecycle::new(GRACE, systemd.notifier());
    let heart = life.heartbeat();
    let stop = life.stop_token();
    life.spawn("booth", async move {
        stop.cancelled().await;
        io::Result::Ok(())
    });
    let running = tokio::spawn(life.run(signals));
    sleep(Duration::from_secs(1)).await;
    let mut told = systemd.told();
    told.sort();
    assert_eq!(told, ["READY=1", "WATCHDOG=1"]);
    for _ in 0..30 {
        heart.beat();
        sleep(BEAT_EVERY).await;
    }
    assert_eq!(systemd.told().len(), 6, "one feed each ten seconds");
    sleep(Duration::from_secs(300)).await;
    assert!(systemd.told().len() <= 1, "a dead loop must not look alive");
    heart.beat();
    sleep(Duration::from_secs(11)).await;
    assert_eq!(systemd.told(), ["WATCHDOG=1"]);
    send.send(()).unwrap();
    assert_eq!(
        running.await.unwrap(),
        Ending::Finished,
        "the feeder must not hold up the stop"
    );
}

#[test]
fn a_watchdog_for_another_process_is_not_ours_and_no_systemd_is_fine() {
    assert_eq!(Systemd::new("30000000", 1).notifier().watchdog(), None);
    assert_eq!(
        Systemd::new("soon", std::process::id())
            .notifier()
            .watchdog(),
        None
    );
    let alone = Notifier::from_env(std::iter::empty()).unwrap();
    alone.ready();
    assert_eq!(alone.watchdog(), None);
    let gone = [("NOTIFY_SOCKET".to_owned(), "/nowhere/notify".to_owned())];
    assert!(Notifier::from_env(gone.into_iter()).is_err());
}
