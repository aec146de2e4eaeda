//! What staff do for one visit.

use easel::generator::StyleSettings;
use easel::generator::faulty::Fault;
use reqwest::Method;
use serde_json::json;

use super::a_ticket;
use crate::house::{Staff, a_booth, a_photo, faulty, pictures_in, sheets, text, until};

#[tokio::test]
async fn a_ticket_is_printed_again_beyond_the_visitors_own_bound() {
    let plan = a_booth().with(|s| s.printer.sheets_per_session = 4);
    let booth = plan.open().await;
    let (visitor, ticket) = a_ticket(&booth, "Ada").await;
    let print = visitor.orders(&ticket, 4, "a").await.granted(202)["print"].clone();
    visitor.waits_for_print(&print).await;
    visitor
        .orders(&ticket, 1, "b")
        .await
        .refused(409, "too_many");

    let staff = Staff::enters(&booth.kiosk).await;
    let seen = staff.looks().await;
    let row = &seen["visits"][0];
    assert_eq!(row["tickets"][0]["name"], "Ada");
    assert_eq!(row["tickets"][0]["number"], ticket["number"]);
    assert!(row["paintings"][0]["thumb"].is_string());
    let path = format!("/visits/{}/prints", visitor.id);
    let wish = json!({ "ticket": ticket["id"] });
    let order = async |key: &str| {
        let ask = staff.post(&path).header("idempotency-key", key);
        ask.json(&wish).answer().await.granted(202)["print"].clone()
    };
    let first = order("s").await;
    assert_eq!(order("s").await["id"], first["id"]);
    visitor.waits_for_print(&first).await;
    assert_eq!(sheets(&booth.data(), "").len(), 5);
    let keyless = staff.post(&path).json(&wish).answer().await;
    keyless.refused(400, "bad_request");
}

#[tokio::test]
async fn what_failed_is_painted_again_and_what_is_erased_is_gone() {
    let broken = faulty(Fault::Fail, &["*"]);
    let plan = a_booth().painted_by([easel::generator::GeneratorSettings {
        faults: Some(4),
        ..broken
    }]);
    let plan = plan.with(|s| {
        s.pool.stand_in = false;
        s.style
            .iter_mut()
            .for_each(|style: &mut StyleSettings| style.attempts = 1);
    });
    let booth = plan.open().await;
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(1)).await;
    visitor.waits().await;
    let staff = Staff::enters(&booth.kiosk).await;
    let seen = staff.looks().await;
    let failed = seen["visits"][0]["paintings"][0].clone();
    assert_eq!(failed["error"]["code"], "generator_failed");
    assert_eq!(seen["today"]["painting_failures"][0]["n"], 4);
    let retry = format!(
        "/visits/{}/paintings/{}/retry",
        visitor.id,
        text(&failed["id"])
    );
    staff.post(&retry).answer().await.granted(204);
    let done = staff
        .looks_until("the second try", |seen| {
            seen["visits"][0]["paintings"][0]["state"] == "done"
        })
        .await;
    assert_eq!(done["today"]["waits"]["n"], 1);
    staff
        .post(&retry)
        .answer()
        .await
        .refused(409, "wrong_state");

    let path = format!("/visits/{}", visitor.id);
    staff.ask(Method::DELETE, &path).answer().await.granted(204);
    assert_eq!(staff.looks().await["visits"], json!([]));
    until("the erasure", async || {
        pictures_in(&booth.data()).is_empty()
    })
    .await;
    let nobody = staff
        .ask(Method::DELETE, "/visits/not-an-id")
        .answer()
        .await;
    nobody.refused(404, "not_found");
}

#[tokio::test]
async fn a_visit_that_has_ended_is_printed_as_long_as_it_is_kept() {
    let booth = a_booth().open().await;
    let (visitor, ticket) = a_ticket(&booth, "Ada").await;
    visitor.post("/end").answer().await.granted(204);
    visitor
        .orders(&ticket, 1, "a")
        .await
        .refused(409, "wrong_state");

    let staff = Staff::enters(&booth.kiosk).await;
    let seen = staff.looks().await;
    assert_eq!(seen["visits"][0]["state"], "ended");
    let path = format!("/visits/{}/prints", visitor.id);
    let order = async |key: &str| {
        let ask = staff.post(&path).header("idempotency-key", key);
        let wish = json!({ "ticket": ticket["id"] });
        ask.json(&wish).answer().await
    };
    let print = order("a").await.granted(202)["print"].clone();
    until("the sheet", async || {
        sheets(&booth.data(), text(&print["id"])).len() == 1
    })
    .await;
    let gone = format!("/visits/{}", visitor.id);
    staff.ask(Method::DELETE, &gone).answer().await.granted(204);
    order("b").await.refused(410, "erased");
}
