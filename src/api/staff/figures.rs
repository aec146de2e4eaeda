//! The days in numbers.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::{Api, Problem};
use super::OnDuty;
use crate::staff::figures::Day;
use crate::staff::sheet;
use crate::store::{Counts, day_of};

/// Days in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Days {
    /// Every day on which something was counted, the newest last.
    days: Vec<Day>,
}

/// The day that it is.
pub(super) async fn today(api: &Api) -> Result<Day, Problem> {
    let today = day_of(api.clock.wall());
    let counted = api.visits.store().figures(today).await?;
    let none = Counts::new();
    Ok(Day::new(today, counted.get(&today).unwrap_or(&none)))
}

async fn all(api: &Api) -> Result<Vec<Day>, Problem> {
    let counted = api.visits.store().figures(Date::MIN).await?;
    Ok(counted
        .iter()
        .map(|(day, counts)| Day::new(*day, counts))
        .collect())
}

/// Every day in numbers.
#[utoipa::path(get, path = "/figures", operation_id = "figures", tag = "staff", security(("staff" = [])),
    responses((status = 200, body = Days), (status = "4XX", body = Problem)))]
pub(super) async fn days(State(api): State<Api>, _: OnDuty) -> Result<Json<Days>, Problem> {
    Ok(Json(Days {
        days: all(&api).await?,
    }))
}

/// The same as a table for spreadsheet programs.
#[utoipa::path(get, path = "/figures.csv", operation_id = "figures_csv", tag = "staff", security(("staff" = [])),
    responses((status = 200, content_type = "text/csv", body = String),
        (status = "4XX", body = Problem)))]
pub(super) async fn sheet(State(api): State<Api>, _: OnDuty) -> Result<Response, Problem> {
    let mut days = all(&api).await?;
    if days.is_empty() {
        days.push(today(&api).await?);
    }
    let table = sheet::csv(&days).map_err(|e| Problem::internal(&e))?;
    let name = format!("easel-figures-{}.csv", day_of(api.clock.wall()));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, table).into_response())
}
