//! Is the booth ready? For `easel doctor`, which asks from outside the booth's own sandbox.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use super::guard::bearer;
use super::once::{Key, for_staff};
use super::{Api, Problem};
use crate::doctor::Report;
use crate::store::Scope;

/// Most runs are over by then.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Look at every part from where its work is done. Takes the proof that lies in the booth's data
/// folder, which no page can read; one run at a time. A photo is taken only while nobody is at the
/// booth, shown to nobody and kept nowhere.
#[utoipa::path(post, path = "/doctor", tag = "kiosk",
    responses((status = 200, body = Report), (status = 401, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn examine(
    State(api): State<Api>,
    headers: HeaderMap,
    key: Key,
) -> Result<Response, Problem> {
    let shown = bearer(&headers).ok_or_else(Problem::token_invalid)?;
    if !api.doctor.admits(shown) {
        return Err(Problem::token_invalid());
    }
    let work = async {
        let report = api.doctor.examine().await;
        let report = report.ok_or_else(|| Problem::busy(ASK_AGAIN))?;
        Ok(Json(report).into_response())
    };
    for_staff(&api, key.request(Scope::Kiosk, b""), None, work).await
}
