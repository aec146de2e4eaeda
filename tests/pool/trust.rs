//! Whom the foreman trusts with a painting, and what visitors are told when he trusts nobody.

use easel::pool::foreman::{
    AttemptNo, Breaker, End, Fault, Foreman, Ill, Look, Moment, Order, Unsure, Wanted,
};
use easel::pool::report::{Cause, Why};
use uuid::Uuid;

use crate::policy::{S, begun, foreman, wanted};
use crate::world::{BEGIN, failed, rules};

fn gone() -> End {
    let (says, midway) = ("gone".to_owned(), true);
    failed(Fault::Unreachable { says, midway })
}

fn opens_at(foreman: &Foreman) -> Moment {
    match foreman.servers()[0].health.breaker() {
        Breaker::Open { until } => until,
        breaker => panic!("{breaker:?}"),
    }
}

/// As [`begun`] at the beginning, when every server is looked at; all are well.
fn begins(foreman: &mut Foreman) -> Vec<(AttemptNo, usize, Why)> {
    let begun = begun(foreman, BEGIN);
    foreman.looked(0, Ok(Look::default()), BEGIN, 0.5);
    begun
}

/// A server that was found wanting by this end, and well when it was looked at: on trial.
fn on_trial(foreman: &mut Foreman, end: End) -> Moment {
    let (no, ..) = begins(foreman)[0];
    foreman.ended(no, end, BEGIN, 0.5);
    let now = opens_at(foreman);
    foreman.decide(now, 0.5);
    foreman.looked(0, Ok(Look::default()), now, 0.5);
    assert_eq!(foreman.servers()[0].health.breaker(), Breaker::OnTrial);
    now
}

#[test]
fn what_a_deed_has_shown_no_word_unsays() {
    let mut foreman = foreman(rules(1, 1, true), &[wanted(1, 1, 0)]);
    let (no, ..) = begins(&mut foreman)[0];
    let truncated = "its model is truncated".to_owned();
    foreman.ended(no, failed(Fault::Unfit(truncated)), BEGIN, 0.5);
    let lacks = |lacks: &[usize]| Look {
        able: (0..4).filter(|style| !lacks.contains(style)).collect(),
        lacks: lacks
            .iter()
            .map(|s| (*s, "no such node".to_owned()))
            .collect(),
        ..Look::default()
    };
    let mut unfit = |look, now: Moment| {
        foreman.looked(0, Ok(look), now, 0.5);
        let unfit = foreman.servers()[0].health.unfit(now);
        unfit.map(|(style, _)| style).collect::<Vec<_>>()
    };
    assert_eq!(unfit(lacks(&[]), BEGIN + S(15.0)), [0]);
    assert_eq!(unfit(lacks(&[1]), BEGIN + S(30.0)), [0, 1]);
    let back = unfit(lacks(&[]), BEGIN + S(45.0));
    assert_eq!(back, [0], "what it has said itself it may take back");
    let later = unfit(lacks(&[]), BEGIN + S(601.0));
    assert_eq!(later, [0; 0], "someone may have mended it");
}

#[test]
fn attempts_that_fail_together_are_one_failure() {
    let board: Vec<Wanted> = (0..4)
        .map(|style| wanted(style as u128, 1, style))
        .collect();
    let mut foreman = foreman(rules(1, 4, true), &board);
    for (no, ..) in begins(&mut foreman) {
        foreman.ended(no, gone(), BEGIN, 0.5);
    }
    assert_eq!(opens_at(&foreman), BEGIN + S(4.0));
    foreman.decide(BEGIN + S(4.0), 0.5);
    let ill = Ill {
        cause: Cause::Unreachable,
        says: "still gone".to_owned(),
        stuck: false,
        speechless: false,
    };
    foreman.looked(0, Err(ill), BEGIN + S(4.0), 0.5);
    assert_eq!(opens_at(&foreman), BEGIN + S(12.0), "it did not help");
}

#[test]
fn who_wants_to_be_asked_again_at_once_is_not() {
    let mut foreman = foreman(rules(1, 1, true), &[wanted(1, 1, 0)]);
    let (no, ..) = begins(&mut foreman)[0];
    let busy = Fault::Busy {
        says: "429".to_owned(),
        retry_after: Some(S(0.0)),
    };
    foreman.ended(no, failed(busy), BEGIN, 0.5);
    assert!(opens_at(&foreman) >= BEGIN + S(4.0));
}

/// A painting that was sent to the only server, which bills, and may still come.
fn lost(n: u128) -> Wanted {
    let (server, asked) = (0, 0);
    Wanted {
        unsure: Some(Unsure { server, asked }),
        ..wanted(n, n, 0)
    }
}

#[test]
fn a_job_whose_name_is_lost_takes_its_server_from_nobody() {
    let mut rules = rules(1, 2, true);
    rules.servers[0].billed = true;
    let mut foreman = foreman(rules, &[lost(1)]);
    let mut now = BEGIN;
    for _ in 0..4 {
        let (no, _, why) = begun(&mut foreman, now)[0];
        assert_eq!(why, Why::Resume);
        let unsure = Fault::Unsure("it did not tell the job's name".to_owned());
        foreman.ended(no, failed(unsure), now, 0.5);
        now += S(10.0);
    }
    assert_eq!(foreman.servers()[0].health.breaker(), Breaker::Closed);
}

#[test]
fn asking_for_what_was_sent_takes_no_trial_seat() {
    let mut rules = rules(1, 2, true);
    rules.servers[0].billed = true;
    let mut foreman = foreman(rules, &[wanted(1, 1, 0)]);
    let now = on_trial(&mut foreman, gone());
    foreman.take_in(lost(2), now);
    foreman.take_in(wanted(3, 3, 0), now);
    let mut why: Vec<Why> = begun(&mut foreman, now).iter().map(|b| b.2).collect();
    why.sort_by_key(|why| why.as_str());
    assert_eq!(why, [Why::Again, Why::Resume]);
}

#[test]
fn who_says_that_it_must_be_restarted_is() {
    let mut foreman = foreman(rules(1, 1, true), &[]);
    foreman.decide(BEGIN, 0.5);
    let ill = Ill {
        cause: Cause::NeedsRestart,
        says: "its queue has not moved for 421 s".to_owned(),
        stuck: false,
        speechless: false,
    };
    foreman.looked(0, Err(ill), BEGIN, 0.5);
    let orders = foreman.decide(BEGIN + S(5.0), 0.5);
    let restart = |order: &Order| matches!(order, Order::Look { restart: true, .. });
    assert!(orders.iter().any(restart), "{orders:?}");
}

#[test]
fn who_leaves_two_samples_in_a_row_unpainted_is_restarted() {
    let mut foreman = foreman(rules(1, 1, true), &[wanted(1, 1, 0)]);
    let (no, ..) = begins(&mut foreman)[0];
    let stalled = Fault::Stalled("no life".to_owned());
    foreman.ended(no, failed(stalled), BEGIN, 0.5);
    let ill = Ill {
        cause: Cause::Stalled,
        says: "it does not paint".to_owned(),
        stuck: true,
        speechless: false,
    };
    let mut restarts = Vec::new();
    for _ in 0..3 {
        let now = opens_at(&foreman);
        let looks = foreman.decide(now, 0.5).into_iter();
        restarts.extend(looks.filter_map(|order| match order {
            Order::Look { restart, .. } => Some(restart),
            _ => None,
        }));
        foreman.looked(0, Err(ill.clone()), now, 0.5);
    }
    assert_eq!(restarts, [false, false, true]);
}

/// What someone is told who asks now for a painting in the first style.
fn told(foreman: &Foreman, now: Moment) -> [u64; 2] {
    let own = [(Uuid::from_u128(99), 0)];
    foreman.place(Uuid::from_u128(9), &own, now).eta_s
}

#[test]
fn visitors_are_told_the_truth_when_the_only_server_is_not_to_be_had() {
    let new = || foreman(rules(1, 1, true), &[]);
    let mut closed = new();
    closed.set_closed(
        0,
        Some((Cause::OutOfHours, "it is used 10:00-18:00".to_owned())),
    );
    let [low, high] = told(&closed, BEGIN);
    assert!(
        low < 5 && high < 15,
        "the stand-in begins at once: {low} to {high} s"
    );

    let mut down = foreman(rules(1, 1, true), &[wanted(1, 1, 0)]);
    let (no, ..) = begins(&mut down)[0];
    down.ended(no, gone(), BEGIN, 0.5);
    down.forget(Uuid::from_u128(1), BEGIN);
    let [low, high] = told(&down, BEGIN);
    assert!(
        (16..30).contains(&low) && (20..40).contains(&high),
        "the stand-in begins after 20 s: {low} to {high} s"
    );

    let mut trial = foreman(rules(1, 1, true), &[wanted(1, 1, 0)]);
    trial.remember(0, 0, S(6.0));
    let now = on_trial(&mut trial, gone());
    trial.forget(Uuid::from_u128(1), now);
    let [low, high] = told(&trial, now);
    assert!(
        low < 10 && high < 40,
        "it paints as ever: {low} to {high} s"
    );
}

fn away() -> Ill {
    Ill {
        cause: Cause::Unreachable,
        says: "connection refused".to_owned(),
        stuck: false,
        speechless: false,
    }
}

#[test]
fn who_is_away_is_asked_every_few_seconds_and_said_to_be_back_as_soon_as_he_answers() {
    let mut foreman = foreman(rules(1, 1, true), &[wanted(1, 1, 0)]);
    let (no, ..) = begins(&mut foreman)[0];
    foreman.ended(no, gone(), BEGIN, 1.0);
    let mut now = BEGIN;
    for _ in 0..10 {
        let next = opens_at(&foreman);
        assert!(next - now <= S(10.0), "{:?}", next - now);
        now = next;
        foreman.decide(now, 1.0);
        foreman.looked(0, Err(away()), now, 1.0);
    }
    let cause = |foreman: &Foreman| foreman.servers()[0].health.cause();
    assert_eq!(cause(&foreman), Some(Cause::Unreachable));
    now = opens_at(&foreman);
    foreman.decide(now, 1.0);
    foreman.looked(0, Ok(Look::default()), now, 1.0);
    assert_eq!(foreman.servers()[0].health.breaker(), Breaker::OnTrial);
    assert_eq!(cause(&foreman), None);
}

#[test]
fn what_paintings_have_shown_of_a_server_no_good_look_takes_back() {
    let mut foreman = foreman(rules(1, 1, true), &[wanted(1, 1, 0)]);
    on_trial(&mut foreman, gone());
    let cause = foreman.servers()[0].health.cause();
    assert_eq!(cause, Some(Cause::Unreachable), "it says that it is well");
}

/// The samples that are ordered, by server.
fn samples(foreman: &mut Foreman, now: Moment) -> Vec<usize> {
    let orders = foreman.decide(now, 0.5).into_iter();
    let samples = orders.filter_map(|order| match order {
        Order::Look {
            server,
            canary: Some(_),
            ..
        } => Some(server),
        _ => None,
    });
    samples.collect()
}

#[test]
fn who_is_on_trial_while_nobody_waits_paints_a_sample_and_is_trusted_again() {
    let mut foreman = foreman(rules(1, 1, true), &[wanted(1, 1, 0)]);
    let now = on_trial(&mut foreman, gone());
    assert_eq!(
        samples(&mut foreman, now + S(1.0)),
        [0; 0],
        "somebody waits"
    );
    foreman.forget(Uuid::from_u128(1), now + S(1.0));
    let mut now = now + S(1.0);
    let attempts: Vec<AttemptNo> = foreman.attempts().map(|(no, _)| no).collect();
    for no in attempts {
        foreman.ended(no, End::Stopped, now, 0.5);
    }
    assert_eq!(samples(&mut foreman, now + S(1.0)), [0; 0]);
    now += S(6.0);
    assert_eq!(samples(&mut foreman, now), [0]);
    let painted = Look {
        painted: true,
        ..Look::default()
    };
    foreman.looked(0, Ok(painted), now + S(3.0), 0.5);
    let health = &foreman.servers()[0].health;
    assert_eq!((health.breaker(), health.cause()), (Breaker::Closed, None));
}

#[test]
fn a_server_that_bills_paints_no_sample() {
    let mut rules = rules(1, 1, true);
    rules.servers[0].billed = true;
    let mut foreman = foreman(rules, &[wanted(1, 1, 0)]);
    let now = on_trial(&mut foreman, gone());
    foreman.forget(Uuid::from_u128(1), now);
    assert_eq!(samples(&mut foreman, now + S(30.0)), [0; 0]);
}

#[test]
fn a_status_route_that_is_broken_rules_out_nobody_who_paints() {
    let mut foreman = foreman(rules(1, 1, true), &[wanted(1, 1, 0)]);
    let (no, ..) = begins(&mut foreman)[0];
    foreman.ended(no, End::Done, BEGIN, 0.5);
    let speechless = Ill {
        cause: Cause::Unwell,
        says: "500 Internal Server Error".to_owned(),
        speechless: true,
        ..away()
    };
    let now = BEGIN + S(15.0);
    foreman.looked(0, Err(speechless), now, 0.5);
    let health = &foreman.servers()[0].health;
    let told = (health.breaker(), health.cause());
    assert_eq!(
        told,
        (Breaker::Closed, Some(Cause::Unwell)),
        "staff are told"
    );
    foreman.take_in(wanted(2, 2, 0), now);
    assert_eq!(begun(&mut foreman, now)[0].1, 0);
    foreman.looked(0, Ok(Look::default()), now + S(15.0), 0.5);
    assert_eq!(foreman.servers()[0].health.cause(), None);
}
