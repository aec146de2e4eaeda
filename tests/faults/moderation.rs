//! Every adapter before a service whose rules forbid the photo: the visit has four paintings all the
//! same, and nothing is sent twice.

use easel::generator::Kind;
use easel::session::Session;
use serde_json::json;

use crate::adapters::plan;
use crate::adapters::stand::{Stand, Trouble};
use crate::house::{STYLES, painters};
use crate::journal;
use crate::simulated::Fault;
use crate::simulated::runpod::Fate;
use crate::simulated::sdwebui::Order;

/// How services of that kind say it.
fn refusal(kind: Kind) -> Trouble {
    match kind {
        Kind::Comfyui => Trouble::Comfy(Fault::Raises("ApiNode", "Exception", "Content Moderated")),
        Kind::Sdwebui => {
            Trouble::Webui(Order::Says(500, json!({"error": "NSFW content detected"})))
        }
        Kind::Runpod => {
            let said = json!({"error": "content_policy_violation"});
            Trouble::Job(Fate::Ends("FAILED", said))
        }
        _ => {
            let said = json!({"error": {"code": "moderation_blocked", "message": "no"}});
            Trouble::Service(400, said)
        }
    }
}

fn attempts(session: &Session) -> Vec<u32> {
    session.paintings.iter().map(|p| p.attempts).collect()
}

async fn row(kind: Kind) {
    let name = format!("strict-{kind}");
    let stand = Stand::open(kind).await;
    stand.has(&refusal(kind));
    let house = plan(&stand, &name).open().await;
    let visit = house.visit().await;
    let session = house.settled(visit).await;
    assert_eq!(painters(&session), ["embedded"; 4], "{name}");
    assert_eq!(attempts(&session), [2; 4], "{name}: there once, then here");
    for painting in &session.paintings {
        let id = painting.asked.id.to_string();
        let line = ["the stand-in paints", &id, "rules forbid"];
        assert_eq!(journal::lines_with(&line), 1, "{name}");
    }
    let booked = async || house.pool.report().servers[0].ever.attempts == STYLES.len() as u64;
    house.until("four attempts in the books", booked).await;
    let report = house.pool.report().servers.swap_remove(0);
    let says = report.last_error.expect("staff are told").says;
    assert!(says.contains("rules forbid"), "{name}: {says}");
    assert!(
        report.unfit.is_empty() && report.cause.is_none(),
        "{name}: it is well"
    );
    assert!(report.ever.spent == 0.0, "{name}: nothing was painted");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_rules_of_a_service_forbid_is_painted_here() {
    journal::listen();
    for kind in [Kind::Comfyui, Kind::Sdwebui, Kind::Runpod, Kind::Openai] {
        row(kind).await;
    }
}
