//! `easel doctor`: is this booth ready for visitors? A table in the operator's words.
//!
//! A booth that runs is asked itself; where none runs, the same checks are made from here.

mod booth;
mod user;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::{BAD_SETTINGS, DoctorArgs, load_settings};
use crate::app::{Bench, Contact, Holder, Settings, holder, name_of};
use crate::doctor::{Finding, Verdict, from_here, run_all};
use crate::settings::Loaded;

/// Where packages and administrators put the unit.
const UNITS: [&str; 3] = [
    "/etc/systemd/system/easel.service",
    "/usr/lib/systemd/system/easel.service",
    "/lib/systemd/system/easel.service",
];

/// Loads the settings, runs every check and prints the table.
pub(super) fn examine(args: DoctorArgs, env: &[(String, String)]) -> anyhow::Result<ExitCode> {
    let print: fn(&[Finding]) -> String = if args.json { json } else { table };
    let tell = |rows: &[Finding]| io::stdout().write_all(print(rows).as_bytes());
    let loaded = match load_settings(&args.config, args.data, env) {
        Ok(loaded) => loaded,
        Err(complaints) => {
            let wrong = |c| Verdict::wrong(c).of("settings");
            tell(&complaints.iter().map(wrong).collect::<Vec<_>>())?;
            return Ok(ExitCode::from(BAD_SETTINGS));
        }
    };
    let mut rows = vec![Verdict::fine(source(&loaded)).of("settings")];
    let warned = loaded.warnings.iter();
    rows.extend(warned.map(|words| Verdict::fine(words).of("environment")));
    let settings = &loaded.settings;
    match holder(&settings.booth.data_dir) {
        Ok(Holder::Booth(contact)) => rows.extend(of_the_booth(settings, &contact)?),
        Ok(Holder::Silent) => rows.push(silent(settings).of("booth")),
        Ok(Holder::Nobody) => match user::is_another(&settings.booth.data_dir) {
            Some(verdict) => rows = vec![verdict.of("user")],
            None => rows.extend(from_outside(settings)?),
        },
        Err(error) => rows.push(shut(settings, &error).of("booth")),
    }
    tell(&rows)?;
    Ok(if all_fine(&rows) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What the booth that runs says of itself.
fn of_the_booth(settings: &Settings, contact: &Contact) -> anyhow::Result<Vec<Finding>> {
    let address = format!("http://{}", from_here(contact.kiosk));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let report = match runtime.block_on(booth::asked(contact, &address)) {
        Ok(report) => report,
        Err(verdict) => return Ok(vec![verdict.of("booth")]),
    };
    let mut words = format!("runs at {address}, and says of itself what follows");
    if report.settings != name_of(settings) {
        words +=
            "; it was started with other settings than these: restart it, if they have changed";
    }
    let mut rows = vec![Verdict::fine(words).of("booth")];
    rows.extend(report.checks);
    Ok(rows)
}

/// What can be seen from here, where no booth runs.
fn from_outside(settings: &Settings) -> anyhow::Result<Vec<Finding>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // A camera that is looked for needs a runtime as soon as it is made.
    let checks = {
        let _inside = runtime.enter();
        Bench::alone(settings)?.checks(settings)
    };
    let mut words = "does not run: seen from here, not from where its work will be done".to_owned();
    if UNITS.iter().any(|unit| Path::new(unit).exists()) {
        words += "; systemctl start easel, and ask again";
    }
    let mut rows = vec![Verdict::fine(words).of("booth")];
    rows.extend(runtime.block_on(run_all(&checks)));
    // A check that gave no answer may still sit in a blocking thread.
    runtime.shutdown_background();
    Ok(rows)
}

fn silent(settings: &Settings) -> Verdict {
    Verdict::wrong(format!(
        "a booth runs over {} and does not say where: it is being started, or of an older version; \
         ask again in a moment, or start it anew",
        settings.booth.data_dir.display()
    ))
}

fn shut(settings: &Settings, error: &io::Error) -> Verdict {
    Verdict::wrong(format!(
        "{}: {error}: ask as root, or as the booth's own user",
        settings.booth.data_dir.display()
    ))
}

fn source(loaded: &Loaded<Settings>) -> String {
    let file = loaded.file.as_deref().map(Path::display);
    file.map_or_else(
        || "hold together; no file, the defaults".to_owned(),
        |file| format!("{file} holds together"),
    )
}

fn all_fine(rows: &[Finding]) -> bool {
    rows.iter().all(|row| row.ok)
}

/// The rows as JSON: `{"ready": false, "checks": [{"name": "camera", "ok": false, "words": "…"}]}`.
fn json(rows: &[Finding]) -> String {
    let told = json!({ "ready": all_fine(rows), "checks": rows });
    format!("{told:#}\n")
}

/// The rows as aligned lines, and a last line that says whether all is well.
fn table(rows: &[Finding]) -> String {
    let widths = rows.iter().map(|row| row.name.chars().count());
    let width = widths.max().unwrap_or(0);
    let lines = rows.iter().map(|row| {
        let mark = if row.ok { "ok" } else { "WRONG" };
        format!("{:width$}  {mark:5}  {}\n", row.name, row.words)
    });
    let wrong = rows.iter().filter(|row| !row.ok).count();
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

    #[test]
    fn a_table_is_aligned_and_says_at_last_whether_all_is_well() {
        let rows = [
            Verdict::wrong("no answer within 15 s").of("camera"),
            Verdict::fine("noon").of("clock"),
        ];
        assert_eq!(
            table(&rows),
            "camera  WRONG  no answer within 15 s\nclock   ok     noon\n\n1 to mend\n"
        );
        assert!(table(&rows[1..]).ends_with("\n\nready for visitors\n"));
        assert!(json(&rows).starts_with("{\n  \"checks\": [\n    {\n      \"name\": \"camera\""));
    }
}
