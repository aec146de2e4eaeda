//! The staff's side: who gets in, what they see, and what their buttons do.

mod door;
mod figures;
mod find;
mod lock;
mod parts;
mod pause;
mod rehearsal;
mod visits;

use serde_json::Value;

use crate::house::{TestBooth, Visitor, a_photo};

async fn a_ticket(booth: &TestBooth, name: &str) -> (Visitor, Value) {
    let visitor = booth.visitor().await;
    visitor.sits(a_photo(1)).await;
    let snapshot = visitor.waits().await;
    let ticket = visitor
        .takes_a_ticket(&snapshot["paintings"][0], name)
        .await;
    (visitor, ticket)
}
