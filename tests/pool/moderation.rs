//! What a server refuses is asked of no server again: the embedded painter paints it, where settings
//! let it, and staff and the journal are told why.

use easel::generator::Kind;
use easel::pool::foreman::{Fault, Note, Unsure, Wanted};
use easel::pool::report::{PoolReport, Why};
use easel::session::{Asked, Command, FailureCode, PaintingState, Session};
use uuid::Uuid;

use crate::house::{Act, Fake, House, Plan, STYLES, a_house, fake, painters};
use crate::policy::{S, begun, foreman, wanted};
use crate::world::{BEGIN, failed, rules};

/// A service that refuses the first painting, and is asked before the other server.
fn beside_another(name: &str, refusal: Act) -> Plan {
    let strict: Fake = fake(name, [refusal], Act::Paint(2.0));
    a_house([strict, fake("good", [], Act::Paint(10.0))])
}

fn by_stand_in(report: &PoolReport) -> u64 {
    report.styles.iter().map(|style| style.by_stand_in).sum()
}

/// What was sent to servers, all in all.
fn sent(house: &House) -> usize {
    house.server(0).sent() + house.server(1).sent()
}

/// The style that the stand-in has painted.
fn stood_in(session: &Session) -> Asked {
    let theirs = session.paintings.iter();
    let embedded =
        |state: &PaintingState| matches!(state, PaintingState::Done { by, .. } if by == "embedded");
    let mut theirs = theirs.filter(|p| embedded(&p.state));
    theirs
        .next()
        .expect("the stand-in has painted")
        .asked
        .clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_rules_forbid_is_painted_by_the_stand_in_and_sent_to_no_server_again() {
    crate::journal::listen();
    let house = beside_another("strict", Act::Moderate).open().await;
    let visit = house.visit().await;
    let session = house.settled(visit).await;
    let mut by = painters(&session);
    by.sort_unstable();
    assert_eq!(by, ["comfyui", "comfyui", "comfyui", "embedded"]);
    assert_eq!(sent(&house), STYLES.len(), "each was sent once");
    let counted = async || by_stand_in(&house.pool.report()) == 1;
    house.until("a painting of the stand-in", counted).await;
    let said = house.pool.report().servers[0].last_error.clone();
    let says = said.expect("staff are told").says;
    assert!(says.contains("rules forbid"), "{says}");
    assert_eq!(house.pool.report().servers[0].cause, None, "it is well");
    let asked = stood_in(&session);
    let painting = session.paintings.iter().find(|p| p.asked == asked);
    let painting = painting.unwrap().asked.id.to_string();
    let line = ["the stand-in paints", &painting, "rules forbid"];
    assert_eq!(crate::journal::lines_with(&line), 1);

    // Painted again, by another seed.
    let again = Asked {
        id: Uuid::from_u128(7),
        seed: asked.seed + 1,
        ..asked
    };
    let ask = Command::AskPaintings {
        paintings: vec![again.clone()],
        any_seed: false,
    };
    house.visits.run(visit, ask).await.unwrap();
    let session = house.settled(visit).await;
    assert_eq!(painters(&session).last().unwrap(), "embedded");
    assert_eq!(sent(&house), STYLES.len(), "it is not sent again");
    // Another photo is another matter.
    let other = house.visit().await;
    assert_eq!(painters(&house.settled(other).await), ["comfyui"; 4]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_refuses_for_another_reason_is_painted_by_the_stand_in_too() {
    let house = beside_another("picky", Act::Refuse).open().await;
    let visit = house.visit().await;
    let mut by = painters(&house.settled(visit).await);
    by.sort_unstable();
    assert_eq!(by, ["comfyui", "comfyui", "comfyui", "embedded"]);
    assert_eq!(sent(&house), STYLES.len(), "each was sent once");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_stand_in_refuses_as_well_is_given_up_at_once() {
    let plan = beside_another("picky", Act::Refuse).with(|plan| {
        let refuses = fake("stand-in", [], Act::Refuse).of(Kind::Embedded);
        plan.stand_in = Some(refuses.into());
    });
    let house = plan.open().await;
    let visit = house.visit().await;
    let session = house.settled(visit).await;
    let failed = |p: &&easel::session::Painting| matches!(p.state, PaintingState::Failed { .. });
    assert_eq!(session.paintings.iter().filter(failed).count(), 1);
    assert_eq!(sent(&house), STYLES.len(), "each was sent once");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_stands_in_what_rules_forbid_fails_and_says_why() {
    let plan = beside_another("strict", Act::Moderate).with(|plan| plan.stand_in = None);
    let house = plan.open().await;
    let began = house.clock.monotonic();
    let visit = house.visit().await;
    let session = house.settled(visit).await;
    let codes: Vec<_> = session
        .paintings
        .iter()
        .filter_map(|p| match p.state {
            PaintingState::Failed { code, .. } => Some(code),
            _ => None,
        })
        .collect();
    assert_eq!(codes, [FailureCode::Moderated]);
    assert_eq!(sent(&house), STYLES.len(), "each was sent once");
    let took = house.clock.monotonic() - began;
    assert!(took < S(90.0), "its deadline was not waited for: {took:?}");
    house.close().await;
}

#[test]
fn an_embedded_painter_that_is_listed_and_no_stand_in_paints_what_a_server_refuses() {
    let mut rules = rules(2, 1, true);
    (rules.stand_in, rules.servers[2].listed) = (None, true);
    let mut foreman = foreman(rules, &[wanted(1, 1, 0)]);
    let (no, ..) = begun(&mut foreman, BEGIN)[0];
    foreman.ended(no, failed(Fault::Job("no".to_owned())), BEGIN, 0.5);
    let next = begun(&mut foreman, BEGIN + S(2.0));
    assert_eq!(next.iter().map(|b| b.1).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_refusal_that_was_asked_for_again_is_neither_waited_for_nor_booked() {
    let mut rules = rules(1, 1, true);
    rules.servers[0].billed = true;
    let unsure = Some(Unsure {
        server: 0,
        asked: 0,
    });
    let lost = Wanted {
        unsure,
        ..wanted(1, 1, 0)
    };
    let mut foreman = foreman(rules, &[lost]);
    let (no, _, why) = begun(&mut foreman, BEGIN)[0];
    assert_eq!(why, Why::Resume);
    foreman.ended(no, failed(Fault::Job("no".to_owned())), BEGIN, 0.5);
    let next = begun(&mut foreman, BEGIN + S(1.0));
    assert_eq!(next.iter().map(|b| b.2).collect::<Vec<_>>(), [Why::StandIn]);
    foreman.ended(
        next[0].0,
        easel::pool::foreman::End::Done,
        BEGIN + S(2.0),
        0.5,
    );
    let lost = |note: &Note| matches!(note, Note::Lost { .. });
    assert!(!foreman.take_notes().iter().any(lost), "it was answered");
}
