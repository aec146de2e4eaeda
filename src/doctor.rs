//! Is this booth ready for visitors? What is checked, and how a run of checks goes.
//!
//! A booth that runs looks at itself, from where its work is done: its own user, its own sandbox, its
//! own camera ([`Doctor`]). Where none runs, `easel doctor` makes the same checks over parts of its own.

mod address;
mod camera;
mod clock;
mod disk;
mod generator;
mod kept;
mod ports;
mod printer;
mod ticket;

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::FutureExt;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use utoipa::ToSchema;

use crate::secret::{Entropy, ct_eq};

pub use address::AddressCheck;
pub use camera::{CameraCheck, PhotoCheck, Seats};
pub use clock::ClockCheck;
pub use disk::DiskCheck;
pub use generator::GeneratorCheck;
pub use kept::{KeyCheck, PinCheck, RecordCheck};
pub use ports::PortCheck;
pub(crate) use ports::from_here;
pub use printer::{Asked, PrinterCheck};
pub use ticket::TicketCheck;

/// Something that must be right before visitors come.
#[async_trait]
pub trait Check: Send + Sync {
    /// What is checked, in a word or two.
    fn name(&self) -> String;

    /// How long a look may take; one that takes longer has failed.
    fn patience(&self) -> Duration {
        PATIENCE
    }

    /// Looks, changing nothing that outlives the look.
    async fn look(&self) -> Verdict;
}

/// How a check went, in the operator's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether visitors may come as far as this is concerned.
    pub ok: bool,
    /// What was found, or what to do about it; one line.
    pub words: String,
}

/// What was checked, and how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// What was checked, in a word or two.
    pub name: String,
    /// Whether visitors may come as far as this is concerned.
    pub ok: bool,
    /// What was found, or what to do about it; one line, in English.
    pub words: String,
}

/// How long a check may take that does not say otherwise.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// What has to be done, and not only asked for: a photo, a painting.
const WORK: Duration = Duration::from_secs(60);
/// How long all checks together may take.
pub const ALTOGETHER: Duration = Duration::from_secs(180);

impl Verdict {
    /// All is well.
    pub fn fine(words: impl fmt::Display) -> Self {
        Self {
            ok: true,
            words: words.to_string(),
        }
    }

    /// Something is wrong.
    pub fn wrong(words: impl fmt::Display) -> Self {
        Self {
            ok: false,
            words: without_numbers(&words.to_string()),
        }
    }

    /// Of what it was found.
    #[must_use]
    pub fn of(self, name: impl Into<String>) -> Finding {
        Finding {
            name: name.into(),
            ok: self.ok,
            words: self.words,
        }
    }
}

/// The system's messages without their numbers, ` (os error 2)`, which tell an operator nothing.
fn without_numbers(words: &str) -> String {
    let mut parts = words.split(" (os error ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |said, rest| {
        said + rest.split_once(')').map_or("", |(_, rest)| rest)
    })
}

/// Runs the checks one after the other: together they might disturb one another. Ends within
/// [`ALTOGETHER`].
pub async fn run_all(checks: &[Box<dyn Check>]) -> Vec<Finding> {
    let end = Instant::now() + ALTOGETHER;
    let mut findings = Vec::new();
    for check in checks {
        let left = end.saturating_duration_since(Instant::now());
        let patience = check.patience().min(left);
        let caught = AssertUnwindSafe(check.look()).catch_unwind();
        let verdict = match timeout(patience, caught).await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(_)) => Verdict::wrong("broke down while it was looked at"),
            Err(_) => Verdict::wrong(format!("no answer within {} s", patience.as_secs())),
        };
        findings.push(verdict.of(check.name()));
    }
    findings
}

/// The checks of a booth that runs, one run at a time.
pub struct Doctor {
    checks: Vec<Box<dyn Check>>,
    turn: Mutex<()>,
    proof: Proof,
    settings: String,
}

/// What a booth that runs says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Diagnosis)]
pub struct Report {
    /// Each check, in order.
    pub checks: Vec<Finding>,
    /// Names the settings it runs with, without telling them: others have another name.
    pub settings: String,
}

impl Doctor {
    /// `settings`: the name of those that the booth runs with. Whoever shows `proof` may ask.
    #[must_use]
    pub fn new(checks: Vec<Box<dyn Check>>, proof: Proof, settings: String) -> Self {
        Self {
            checks,
            turn: Mutex::default(),
            proof,
            settings,
        }
    }

    /// Whether `shown` proves that its bearer may ask.
    #[must_use]
    pub fn admits(&self, shown: &str) -> bool {
        ct_eq(self.proof.0.as_bytes(), shown.as_bytes())
    }

    /// Looks at everything; `None` while somebody else asks.
    pub async fn examine(&self) -> Option<Report> {
        let _turn = self.turn.try_lock().ok()?;
        Some(Report {
            checks: run_all(&self.checks).await,
            settings: self.settings.clone(),
        })
    }
}

impl fmt::Debug for Doctor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.checks.iter().map(|check| check.name()).collect();
        f.debug_tuple("Doctor").field(&names).finish()
    }
}

/// A secret of one run of a booth, kept where only those can read it who may read the booth's data:
/// whoever shows it is one of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Proof(String);

impl Proof {
    /// Another one, that nobody knows.
    #[must_use]
    pub fn generate(entropy: &Entropy) -> Self {
        Self(URL_SAFE_NO_PAD.encode(entropy.bytes::<32>()))
    }

    /// The secret itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Stuck(Duration);

    #[async_trait]
    impl Check for Stuck {
        fn name(&self) -> String {
            "camera".to_owned()
        }

        fn patience(&self) -> Duration {
            self.0
        }

        async fn look(&self) -> Verdict {
            std::future::pending().await
        }
    }

    struct Well;

    #[async_trait]
    impl Check for Well {
        fn name(&self) -> String {
            "clock".to_owned()
        }

        async fn look(&self) -> Verdict {
            Verdict::fine("noon")
        }
    }

    #[test]
    fn numbers_of_errors_are_left_out() {
        let words = "a: No such file (os error 2): install it (os error 13)";
        let verdict = Verdict::wrong(words);
        assert_eq!(verdict.words, "a: No such file: install it");
    }

    #[tokio::test(start_paused = true)]
    async fn a_check_that_hangs_is_wrong_and_the_next_is_made() {
        let findings = run_all(&[Box::new(Stuck(PATIENCE)), Box::new(Well)]).await;
        assert_eq!(
            findings,
            [
                Verdict::wrong("no answer within 15 s").of("camera"),
                Verdict::fine("noon").of("clock"),
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn however_many_hang_it_ends() {
        let began = Instant::now();
        let stuck = || Box::new(Stuck(WORK)) as Box<dyn Check>;
        let findings = run_all(&[stuck(), stuck(), stuck(), stuck(), stuck()]).await;
        assert_eq!(began.elapsed(), ALTOGETHER);
        assert!(findings.iter().all(|finding| !finding.ok));
    }

    #[tokio::test(start_paused = true)]
    async fn one_asks_at_a_time_and_only_who_has_the_proof() {
        let proof = Proof::generate(&Entropy::seeded(1));
        let checks: Vec<Box<dyn Check>> = vec![Box::new(Stuck(PATIENCE))];
        let doctor = Doctor::new(checks, proof.clone(), String::new());
        assert!(doctor.admits(proof.reveal()));
        for other in ["", &proof.reveal()[1..], "x"] {
            assert!(!doctor.admits(other));
        }
        let (first, second) = tokio::join!(doctor.examine(), doctor.examine());
        assert_eq!((first.is_some(), second), (true, None));
        assert!(doctor.examine().await.is_some(), "and the next in its turn");
        // Who hangs up leaves the turn to the next.
        assert!(doctor.examine().now_or_never().is_none());
        assert!(doctor.examine().await.is_some());
    }
}
