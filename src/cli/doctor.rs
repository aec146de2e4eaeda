//! `easel doctor`: is this booth ready for visitors? A table in the operator's words.
//!
//! Each room brings its own [`Check`]; here they are only run and shown.

mod address;
mod clock;
mod disk;
mod kept;
mod parts;
mod ports;
mod ticket;
mod user;

use std::fmt;
use std::io::{self, Write};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use serde_json::json;
use tokio::time::timeout;

use super::{BAD_SETTINGS, DoctorArgs, load_settings};
use crate::app::{Settings, generators};
use crate::camera;
use crate::clock::{Clock, SystemClock};
use crate::settings::Loaded;

pub use address::AddressCheck;
pub use clock::ClockCheck;
pub use disk::DiskCheck;
pub use kept::{KeyCheck, PinCheck, RecordCheck};
pub use parts::{CameraCheck, GeneratorCheck, PrinterCheck};
pub use ports::PortCheck;
pub use ticket::TicketCheck;

/// Something that must be right before visitors come.
#[async_trait]
pub trait Check: Send + Sync {
    /// What is checked, in a word or two.
    fn name(&self) -> String;

    /// Looks, changing nothing that outlives the look. A check that takes longer than
    /// [`PATIENCE`] has failed.
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

/// How long a check may take.
pub const PATIENCE: Duration = Duration::from_secs(15);

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
}

/// The system's messages without their numbers, ` (os error 2)`, which tell an operator nothing.
fn without_numbers(words: &str) -> String {
    let mut parts = words.split(" (os error ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |said, rest| {
        said + rest.split_once(')').map_or("", |(_, rest)| rest)
    })
}

/// Loads the settings, runs every check and prints the table.
pub(super) fn examine(args: DoctorArgs, env: &[(String, String)]) -> anyhow::Result<ExitCode> {
    let print: fn(&[Row]) -> String = if args.json { json } else { table };
    let tell = |rows: &[Row]| io::stdout().write_all(print(rows).as_bytes());
    let loaded = match load_settings(&args.config, args.data, env) {
        Ok(loaded) => loaded,
        Err(complaints) => {
            let rows: Vec<_> = complaints
                .iter()
                .map(|c| ("settings".to_owned(), Verdict::wrong(c)))
                .collect();
            tell(&rows)?;
            return Ok(ExitCode::from(BAD_SETTINGS));
        }
    };
    if let Some(verdict) = user::is_another(&loaded.settings.booth.data_dir) {
        tell(&[("user".to_owned(), verdict)])?;
        return Ok(ExitCode::FAILURE);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut rows = vec![("settings".to_owned(), Verdict::fine(source(&loaded)))];
    let warned = loaded.warnings.iter();
    rows.extend(warned.map(|words| ("environment".to_owned(), Verdict::fine(words))));
    // A camera that is looked for needs a runtime as soon as it is made.
    let checks = {
        let _inside = runtime.enter();
        checks(&loaded.settings)?
    };
    rows.extend(runtime.block_on(run_all(&checks)));
    // A check that gave no answer may still sit in a blocking thread.
    runtime.shutdown_background();
    tell(&rows)?;
    Ok(if all_fine(&rows) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Everything that is checked, in the order of the table.
fn checks(settings: &Settings) -> anyhow::Result<Vec<Box<dyn Check>>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new(None));
    let data = &settings.booth.data_dir;
    let mut checks: Vec<Box<dyn Check>> = vec![
        Box::new(DiskCheck::new(data.clone())),
        Box::new(RecordCheck(data.clone())),
        Box::new(KeyCheck(data.clone())),
        Box::new(PinCheck::new(data.clone(), &settings.staff)),
        Box::new(ClockCheck),
        Box::new(PortCheck::new("kiosk", settings.listen.kiosk)),
        Box::new(PortCheck::new("public", settings.listen.public)),
        Box::new(AddressCheck::new(&settings.listen, data)),
        Box::new(CameraCheck(camera::open(
            &settings.camera,
            Arc::clone(&clock),
        ))),
    ];
    for (generator, g) in generators(settings, &clock)?
        .into_iter()
        .zip(&settings.generator)
    {
        let styles = settings.style.iter().map(|style| style.id.as_str().into());
        checks.push(Box::new(GeneratorCheck {
            generator,
            styles: styles.collect(),
            paints: !g.kind.traits().remote,
            clock: Arc::clone(&clock),
        }));
    }
    checks.push(Box::new(TicketCheck(settings.ticket.clone())));
    checks.push(Box::new(PrinterCheck::new(settings, clock)));
    Ok(checks)
}

fn source(loaded: &Loaded<Settings>) -> String {
    let file = loaded.file.as_deref().map(Path::display);
    file.map_or_else(
        || "hold together; no file, the defaults".to_owned(),
        |file| format!("{file} holds together"),
    )
}

/// Runs the checks one after the other: together they might disturb one another.
pub async fn run_all(checks: &[Box<dyn Check>]) -> Vec<Row> {
    let mut rows = Vec::new();
    for check in checks {
        let caught = AssertUnwindSafe(check.look()).catch_unwind();
        let verdict = timeout(PATIENCE, caught).await;
        let verdict = match verdict {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(_)) => Verdict::wrong("broke down while it was looked at"),
            Err(_) => Verdict::wrong(format!("no answer within {} s", PATIENCE.as_secs())),
        };
        rows.push((check.name(), verdict));
    }
    rows
}

/// What was checked, and how it went.
pub type Row = (String, Verdict);

fn all_fine(rows: &[Row]) -> bool {
    rows.iter().all(|(_, verdict)| verdict.ok)
}

/// The rows as JSON: `{"ready": false, "checks": [{"name": "camera", "ok": false, "words": "…"}]}`.
#[must_use]
pub fn json(rows: &[Row]) -> String {
    let check =
        |(name, verdict): &Row| json!({ "name": name, "ok": verdict.ok, "words": verdict.words });
    let checks: Vec<_> = rows.iter().map(check).collect();
    format!(
        "{:#}\n",
        json!({ "ready": all_fine(rows), "checks": checks })
    )
}

/// The rows as aligned lines, and a last line that says whether all is well.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let width = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0);
    let lines = rows.iter().map(|(name, verdict)| {
        let mark = if verdict.ok { "ok" } else { "WRONG" };
        format!("{name:width$}  {mark:5}  {}\n", verdict.words)
    });
    let wrong = rows.iter().filter(|(_, verdict)| !verdict.ok).count();
    let summary = if wrong == 0 {
        "ready for visitors".to_owned()
    } else {
        format!("{wrong} to mend")
    };
    lines.collect::<String>() + &format!("\n{summary}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Stuck;

    #[async_trait]
    impl Check for Stuck {
        fn name(&self) -> String {
            "camera".to_owned()
        }

        async fn look(&self) -> Verdict {
            std::future::pending().await
        }
    }

    #[test]
    fn numbers_of_errors_are_left_out() {
        let words = "a: No such file (os error 2): install it (os error 13)";
        let verdict = Verdict::wrong(words);
        assert_eq!(verdict.words, "a: No such file: install it");
    }

    #[tokio::test(start_paused = true)]
    async fn a_check_that_hangs_is_wrong_and_the_table_says_so() {
        let rows = run_all(&[Box::new(Stuck), Box::new(ClockCheck)]).await;
        let shown = table(&rows);
        assert!(
            shown.starts_with("camera  WRONG  no answer within 15 s\nclock   ok     "),
            "{shown}"
        );
        assert!(shown.ends_with("\n\n1 to mend\n"), "{shown}");
    }
}
