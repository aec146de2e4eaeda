//! What a printer or a queue says of itself and of its jobs, asked past the booth.

use std::io::Cursor;

use ipp::attribute::{IppAttribute, IppAttributes};
use ipp::model::{DelimiterTag, IppVersion, Operation};
use ipp::parser::IppParser;
use ipp::request::IppRequestResponse;
use ipp::value::IppValue;

/// What tells how a job stands.
const OF_A_JOB: [&str; 6] = [
    "job-id",
    "job-name",
    "job-state",
    "job-state-reasons",
    "time-at-creation",
    "time-at-processing",
];

/// What it answers; `None`: nothing that could be read.
pub(super) async fn ask(
    uri: &str,
    operation: Operation,
    more: Vec<IppAttribute>,
) -> Option<IppAttributes> {
    let mut request = IppRequestResponse::new(IppVersion::v2_0(), operation, None).unwrap();
    let target = IppAttribute::with_name("printer-uri", IppValue::new_uri(uri).unwrap()).unwrap();
    for attribute in std::iter::once(target).chain(more) {
        let group = DelimiterTag::OperationAttributes;
        request.attributes_mut().add(group, attribute);
    }
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let asked = client
        .post(uri.replacen("ipp://", "http://", 1))
        .header("content-type", "application/ipp")
        .body(request.to_bytes());
    let body = asked.send().await.ok()?.bytes().await.ok()?;
    let (_, said, _) = IppParser::new(Cursor::new(body)).parse_parts().ok()?;
    Some(said)
}

/// Whether a queue of CUPS says that its printer has forgotten a job.
pub(crate) async fn misses_a_job(uri: &str) -> bool {
    let said = ask(uri, Operation::GetPrinterAttributes, Vec::new()).await;
    let said = said.expect("a queue answers");
    let queue = said.first_of(DelimiterTag::PrinterAttributes).unwrap();
    let reasons = queue.get("printer-state-reasons").unwrap().value();
    reasons.to_string().contains("cups-ipp-missing-job-history")
}

/// What it answers when it is asked for its jobs, for `which` of them.
async fn jobs(uri: &str, which: &str) -> Option<IppAttributes> {
    let word = |word| IppValue::new_keyword(word).unwrap();
    let wanted = IppValue::Array(OF_A_JOB.map(word).to_vec());
    let which = IppAttribute::with_name("which-jobs", word(which)).unwrap();
    let wanted = IppAttribute::with_name("requested-attributes", wanted).unwrap();
    ask(uri, Operation::GetJobs, vec![which, wanted]).await
}

/// The job that waits for its document there, if one does.
pub(super) async fn empty_job(uri: &str) -> Option<IppValue> {
    let incoming = IppValue::new_keyword("job-data-insufficient").unwrap();
    let said = jobs(uri, "not-completed").await?;
    let empty = said.groups_of(DelimiterTag::JobAttributes).find(|job| {
        let reasons = job.get("job-state-reasons").map(IppAttribute::value);
        reasons == Some(&incoming)
    });
    empty?.get("job-id").map(|id| id.value().clone())
}

/// Cancels it.
pub(super) async fn cancel(uri: &str, job: IppValue) {
    let job = IppAttribute::with_name("job-id", job).unwrap();
    ask(uri, Operation::CancelJob, vec![job]).await;
}

/// How all jobs stand that it knows of, a line each, for a test's failure.
pub(crate) async fn jobs_at(uri: &str) -> String {
    let Some(said) = jobs(uri, "all").await else {
        return format!("{uri} does not answer");
    };
    let mut told = format!("jobs at {uri}:");
    for job in said.groups_of(DelimiterTag::JobAttributes) {
        told.push('\n');
        for name in OF_A_JOB {
            let value = job.get(name).map(IppAttribute::value);
            told.push_str(&value.map_or(String::new(), |value| format!(" {name}={value}")));
        }
    }
    told
}
