//! A booth in this process: real sockets, real files, and the test's own clock where it matters.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use easel::app::{App, Outside, Settings};
use easel::clock::Clock;
use easel::generator::faulty::Fault;
use easel::generator::{GeneratorSettings, Kind};
use easel::secret::Entropy;
use easel::staff::GivenPin;
use metrics_exporter_prometheus::PrometheusBuilder;
use tempfile::TempDir;
use tokio::runtime::{self, Handle};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Door, Visitor, disk};

/// A booth that is not open yet.
#[derive(Debug)]
#[must_use]
pub(crate) struct Plan {
    settings: Settings,
    // Held, so that the folder is there for as long as the plan is.
    _data: TempDir,
    clock: Option<Arc<dyn Clock>>,
    blocking_threads: usize,
    leaves_work: bool,
}

/// The staff's PIN of every booth that is given none else.
pub(crate) const PIN: &str = "271828";

/// The usual booth, on free ports, painting small.
pub(crate) fn a_booth() -> Plan {
    let data = tempfile::tempdir().unwrap();
    let mut settings = Settings::default();
    settings.booth.data_dir = data.path().join("data");
    settings.listen.kiosk = "127.0.0.1:0".parse().unwrap();
    settings.listen.public = "127.0.0.1:0".parse().unwrap();
    settings.generator = vec![embedded(&["*"])];
    // A PIN that is made must be hashed slowly, and hundreds of booths are opened.
    settings.staff.pin = GivenPin::new(PIN);
    Plan {
        settings,
        _data: data,
        clock: None,
        blocking_threads: 64,
        leaves_work: false,
    }
}

/// An embedded painter of small pictures.
pub(crate) fn embedded(styles: &[&str]) -> GeneratorSettings {
    GeneratorSettings {
        id: format!("embedded-{}", styles.len()),
        slots: 2,
        styles: styles.iter().map(|&s| s.to_owned()).collect(),
        size_px: Some(128),
        ..GeneratorSettings::default()
    }
}

/// A painter that misbehaves.
pub(crate) fn faulty(fault: Fault, styles: &[&str]) -> GeneratorSettings {
    GeneratorSettings {
        id: "faulty".to_owned(),
        kind: Kind::Faulty,
        fault: Some(fault),
        ..embedded(styles)
    }
}

impl Plan {
    /// With other settings.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// With these painters and no others.
    pub(crate) fn painted_by(self, generators: impl Into<Vec<GeneratorSettings>>) -> Self {
        self.with(|settings| settings.generator = generators.into())
    }

    /// By that clock.
    pub(crate) fn by_the(mut self, clock: &(impl Clock + Clone + 'static)) -> Self {
        self.clock = Some(Arc::new(clock.clone()));
        self
    }

    /// By the clock of the machine, whatever was before.
    pub(crate) fn by_the_machines_clock(mut self) -> Self {
        self.clock = None;
        self
    }

    /// With so few threads for work that blocks.
    pub(crate) fn with_blocking_threads(mut self, n: usize) -> Self {
        self.blocking_threads = n;
        self
    }

    /// The test closes the booth while there is still work to do.
    pub(crate) fn leaving_work(mut self) -> Self {
        self.leaves_work = true;
        self
    }

    /// Opens it.
    pub(crate) async fn open(self) -> TestBooth {
        let (settings, clock) = (self.settings.clone(), self.clock.clone());
        let blocking_threads = self.blocking_threads;
        let stop = CancellationToken::new();
        let (opened, addresses) = oneshot::channel();
        let stopped = stop.clone();
        // A thread and a runtime of its own: a booth can be closed, and looked at afterwards,
        // from any test and from a drop.
        let thread = thread::spawn(move || {
            let runtime = runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .max_blocking_threads(blocking_threads)
                .enable_all()
                .build()
                .unwrap();
            let ended = runtime.block_on(run(settings, clock, stopped, opened));
            runtime.shutdown_timeout(Duration::from_secs(10));
            ended
        });
        let Ok((kiosk, public, handle)) = addresses.await else {
            panic!("the booth did not open: {:?}", thread.join());
        };
        TestBooth {
            kiosk: Door::at(kiosk),
            public: Door::at(public),
            handle,
            stop,
            thread: Some(thread),
            plan: Some(self),
        }
    }
}

type Ended = anyhow::Result<usize>;

async fn run(
    settings: Settings,
    clock: Option<Arc<dyn Clock>>,
    stop: CancellationToken,
    opened: oneshot::Sender<(String, String, Handle)>,
) -> Ended {
    let outside = Outside {
        entropy: Entropy::system(),
        clock,
        metrics: PrometheusBuilder::new().build_recorder().handle(),
    };
    let app = App::open(settings, outside).await?;
    let [kiosk, public] =
        [app.kiosk_address()?, app.public_address()?].map(|address| format!("http://{address}"));
    let _ = opened.send((kiosk, public, Handle::current()));
    app.run(stop, || {}).await?;
    // A database connection on its way back to its pool, and the like, may take a moment; on a busy
    // machine more than that.
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let _ = timeout(Duration::from_secs(60), async {
        while tasks() > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    Ok(tasks())
}

/// An open booth. Dropping it closes it, and fails if that does not go well or work is left over.
#[derive(Debug)]
pub(crate) struct TestBooth {
    pub(crate) kiosk: Door,
    pub(crate) public: Door,
    handle: Handle,
    stop: CancellationToken,
    thread: Option<JoinHandle<Ended>>,
    plan: Option<Plan>,
}

impl TestBooth {
    /// Someone touches the screen.
    pub(crate) async fn visitor(&self) -> Visitor {
        Visitor::arrives(&self.kiosk, &self.public).await
    }

    /// Where it keeps its things.
    pub(crate) fn data(&self) -> PathBuf {
        data_of(self.plan.as_ref().unwrap()).to_owned()
    }

    /// The runtime it runs on.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.handle
    }

    /// Closes it; the plan opens it again over the same data.
    pub(crate) fn close(mut self) -> Plan {
        self.stop_and_check();
        self.plan.take().unwrap()
    }

    fn stop_and_check(&mut self) {
        let Some(thread) = self.thread.take() else {
            return;
        };
        self.stop.cancel();
        let ended = thread.join();
        if thread::panicking() {
            return;
        }
        let tasks = ended
            .expect("the booth must not panic")
            .expect("the booth must not break");
        assert_eq!(tasks, 0, "tasks are left over");
        let plan = self.plan.as_ref().unwrap();
        if !plan.leaves_work {
            let left = jobs_of(data_of(plan).to_owned());
            assert!(left.is_empty(), "jobs are left over: {left:?}");
        }
    }
}

impl Drop for TestBooth {
    fn drop(&mut self) {
        self.stop_and_check();
    }
}

fn data_of(plan: &Plan) -> &Path {
    &plan.settings.booth.data_dir
}

/// Reads the jobs from within a drop, which may itself be within a runtime.
fn jobs_of(data: PathBuf) -> Vec<String> {
    let look = move || {
        let runtime = runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(disk::jobs(&data))
    };
    thread::spawn(look).join().unwrap()
}
