//! The foreman asked directly: one rule a test.

use std::time::Duration;

use easel::pool::foreman::{
    AttemptNo, End, Fault, Foreman, Look, Moment, Order, Rules, Spread, Unsure, Wanted, Woken,
};
use easel::pool::report::{Cause, Why};
use uuid::Uuid;

use crate::world::{BEGIN, failed, rules};

pub(crate) const S: fn(f64) -> Duration = Duration::from_secs_f64;

pub(crate) fn wanted(n: u128, visit: u128, style: usize) -> Wanted {
    Wanted {
        painting: Uuid::from_u128(n),
        visit: Uuid::from_u128(visit),
        capture: Uuid::from_u128(visit),
        style,
        asked: BEGIN,
        offsite: true,
        failed: 0,
        unsure: None,
    }
}

/// A foreman with these paintings on his board.
pub(crate) fn foreman(rules: Rules, board: &[Wanted]) -> Foreman {
    let mut foreman = Foreman::new(rules, BEGIN);
    for wanted in board {
        foreman.take_in(wanted.clone(), BEGIN);
    }
    foreman
}

/// What he has begun: attempt, server, why.
pub(crate) fn begun(foreman: &mut Foreman, now: Moment) -> Vec<(AttemptNo, usize, Why)> {
    let orders = foreman.decide(now, 0.5).into_iter();
    let begun = orders.filter_map(|order| match order {
        Order::Paint {
            attempt,
            server,
            why,
            ..
        } => Some((attempt, server, why)),
        _ => None,
    });
    begun.collect()
}

fn broke() -> End {
    let (says, midway) = ("gone".to_owned(), true);
    failed(Fault::Unreachable { says, midway })
}

#[test]
fn each_attempt_goes_to_another_server() {
    let mut foreman = foreman(rules(3, 1, false), &[wanted(1, 1, 0)]);
    let (mut servers, mut now) = (Vec::new(), BEGIN);
    for _ in 0..3 {
        let (no, server, _) = begun(&mut foreman, now)[0];
        servers.push(server);
        foreman.ended(no, failed(Fault::Transient("no".to_owned())), now, 0.5);
        now += S(10.0);
    }
    servers.sort_unstable();
    assert_eq!(servers, [0, 1, 2]);
    let orders = foreman.decide(now, 0.5);
    assert!(
        orders.iter().any(|o| matches!(o, Order::GiveUp { .. })),
        "three are enough"
    );
}

#[test]
fn a_painting_that_breaks_two_servers_is_sent_to_no_third() {
    let mut foreman = foreman(rules(4, 1, true), &[wanted(1, 1, 0)]);
    let mut now = BEGIN;
    for _ in 0..2 {
        let (no, ..) = begun(&mut foreman, now)[0];
        foreman.ended(no, broke(), now, 0.5);
        now += S(2.0);
    }
    let next = begun(&mut foreman, now);
    assert_eq!(next.len(), 1);
    assert_eq!((next[0].1, next[0].2), (4, Why::StandIn));
}

#[test]
fn what_takes_strangely_long_is_repeated_once_where_nothing_else_is_to_do() {
    let mut foreman = foreman(rules(3, 1, false), &[wanted(1, 1, 0)]);
    assert_eq!(begun(&mut foreman, BEGIN).len(), 1);
    assert_eq!(begun(&mut foreman, BEGIN + S(20.0)), []);
    // Nobody knows how long it takes: half of the attempt's minute is long.
    let hedge = begun(&mut foreman, BEGIN + S(31.0));
    assert_eq!(hedge.iter().map(|h| h.2).collect::<Vec<_>>(), [Why::Hedge]);
    assert_eq!(begun(&mut foreman, BEGIN + S(40.0)), [], "once");
    foreman.ended(hedge[0].0, End::Done, BEGIN + S(41.0), 0.5);
    let stop = [Order::Stop { attempt: 1 }];
    assert_eq!(
        foreman.decide(BEGIN + S(41.0), 0.5),
        stop,
        "the slower one is stopped"
    );
}

#[test]
fn what_the_stand_in_takes_makes_no_server_slow() {
    let mut foreman = foreman(rules(2, 1, true), &[wanted(1, 1, 0)]);
    // It was measured when the booth started; no server was yet.
    foreman.remember(2, 0, S(0.5));
    assert_eq!(begun(&mut foreman, BEGIN).len(), 1);
    assert_eq!(begun(&mut foreman, BEGIN + S(20.0)), []);
}

/// The attempts that he has stopped.
fn stopped(foreman: &mut Foreman, now: Moment) -> Vec<AttemptNo> {
    let orders = foreman.decide(now, 0.5).into_iter();
    let stopped = orders.filter_map(|order| match order {
        Order::Stop { attempt } => Some(attempt),
        _ => None,
    });
    stopped.collect()
}

#[test]
fn nobody_is_called_stuck_before_it_is_known_how_long_it_takes() {
    let warm = Some(S(6.0));
    for remembered in [None, warm] {
        let mut foreman = foreman(rules(1, 1, false), &[wanted(1, 1, 0)]);
        if let Some(warm) = remembered {
            foreman.remember(0, 0, warm);
        }
        // Its model has yet to be loaded, and nobody has seen how long that takes.
        let (no, ..) = begun(&mut foreman, BEGIN)[0];
        foreman.heard(no, 0.1, BEGIN + S(2.0));
        assert_eq!(stopped(&mut foreman, BEGIN + S(59.0)), [0; 0]);
        foreman.ended(no, End::Done, BEGIN + S(59.0), 0.5);
        // Warm, and twice the known pace without a sign of life.
        foreman.remember(0, 0, S(10.0));
        foreman.take_in(wanted(2, 2, 0), BEGIN + S(60.0));
        let (no, ..) = begun(&mut foreman, BEGIN + S(60.0))[0];
        foreman.heard(no, 0.1, BEGIN + S(61.0));
        assert_eq!(stopped(&mut foreman, BEGIN + S(80.0)), [0; 0]);
        assert_eq!(stopped(&mut foreman, BEGIN + S(82.0)), [no]);
    }
}

#[test]
fn nothing_that_costs_money_is_a_hedge_or_has_one() {
    for (first, second) in [(true, false), (false, true)] {
        let mut rules = rules(2, 1, false);
        rules.servers[0].billed = first;
        rules.servers[1].billed = second;
        // In the style's own order, so that it begins at the first.
        rules.styles[0].generators = Some(vec!["gpu-0".to_owned(), "gpu-1".to_owned()]);
        let mut foreman = foreman(rules, &[wanted(1, 1, 0)]);
        assert_eq!(begun(&mut foreman, BEGIN)[0].1, 0);
        assert_eq!(begun(&mut foreman, BEGIN + S(55.0)), []);
    }
}

#[test]
fn what_may_still_come_is_asked_for_where_it_was_sent() {
    let mut rules = rules(2, 1, false);
    rules.servers[1].billed = true;
    let unsure = Some(Unsure {
        server: 1,
        asked: 0,
    });
    let mut foreman = foreman(
        rules,
        &[Wanted {
            unsure,
            ..wanted(1, 1, 0)
        }],
    );
    let (no, server, why) = begun(&mut foreman, BEGIN)[0];
    assert_eq!((server, why), (1, Why::Resume));
    foreman.ended(no, failed(Fault::Gone), BEGIN + S(1.0), 0.5);
    let (_, _, why) = begun(&mut foreman, BEGIN + S(1.0))[0];
    assert_eq!(why, Why::Turn, "it is known now that nothing is coming");
}

#[test]
fn one_after_the_other_where_settings_say_so() {
    let board = [wanted(1, 1, 0), wanted(2, 1, 1), wanted(3, 2, 0)];
    let mut sequential = rules(4, 1, false);
    sequential.spread = Spread::Sequential;
    assert_eq!(
        begun(&mut foreman(sequential, &board), BEGIN).len(),
        2,
        "one for each visit"
    );
    assert_eq!(
        begun(&mut foreman(rules(4, 1, false), &board), BEGIN).len(),
        3
    );
}

#[test]
fn who_is_being_switched_on_keeps_no_painting_from_one_that_is_there() {
    let mut rules = rules(2, 1, true);
    rules.servers[1].switched = true;
    let mut foreman = foreman(rules, &[wanted(1, 1, 0)]);
    let (no, server, _) = begun(&mut foreman, BEGIN)[0];
    foreman.ended(no, failed(Fault::Transient("no".to_owned())), BEGIN, 0.5);
    let again = begun(&mut foreman, BEGIN + S(2.0));
    assert_eq!(again.iter().map(|b| b.1).collect::<Vec<_>>(), [server]);
}

#[test]
fn what_is_stopped_or_settled_tells_nothing_more() {
    let mut foreman = foreman(rules(2, 1, false), &[wanted(1, 1, 0)]);
    let (first, ..) = begun(&mut foreman, BEGIN)[0];
    let (hedge, ..) = begun(&mut foreman, BEGIN + S(31.0))[0];
    let now = BEGIN + S(32.0);
    assert!(foreman.heard(first, 0.4, now));
    foreman.ended(hedge, End::Done, now, 0.5);
    assert!(!foreman.heard(first, 0.5, now), "its painting hangs");
}

#[test]
fn a_style_s_own_order_is_kept_and_money_comes_last() {
    let mut named = rules(3, 1, false);
    named.styles[0].generators = Some(vec!["gpu-2".to_owned(), "gpu-0".to_owned()]);
    assert_eq!(
        begun(&mut foreman(named, &[wanted(1, 1, 0)]), BEGIN)[0].1,
        2
    );
    let mut billed = rules(2, 1, false);
    billed.servers[0].billed = true;
    assert_eq!(
        begun(&mut foreman(billed, &[wanted(1, 1, 0)]), BEGIN)[0].1,
        1
    );
}

#[test]
fn a_server_that_is_closed_or_out_of_service_begins_nothing() {
    let mut foreman = foreman(rules(3, 1, false), &[wanted(1, 1, 0), wanted(2, 1, 1)]);
    let reason = "it is used 10:00-18:00".to_owned();
    foreman.set_closed(0, Some((Cause::OutOfHours, reason)));
    foreman.drain(1);
    let begun = begun(&mut foreman, BEGIN);
    assert_eq!(begun.iter().map(|b| b.1).collect::<Vec<_>>(), [2]);
}

#[test]
fn whose_model_is_loaded_is_asked_first() {
    let mut foreman = foreman(rules(2, 1, false), &[]);
    let (warm, faults) = (vec![0], Vec::new());
    foreman.woken(1, Woken::There { warm, faults }, BEGIN, 0.5);
    foreman.take_in(wanted(1, 1, 0), BEGIN);
    assert_eq!(begun(&mut foreman, BEGIN)[0].1, 1);
}

#[test]
fn out_of_service_the_stand_in_keeps_nobody_waiting_for_ever() {
    let mut foreman = foreman(rules(1, 1, true), &[wanted(1, 1, 0)]);
    foreman.drain(0);
    foreman.drain(1);
    assert_eq!(begun(&mut foreman, BEGIN + S(60.0)), []);
    let orders = foreman.decide(BEGIN + S(90.0), 0.5);
    assert!(orders.iter().any(|o| matches!(o, Order::GiveUp { .. })));
}

/// The servers that he has looked at.
fn looked_at(foreman: &mut Foreman, now: Moment) -> Vec<usize> {
    let orders = foreman.decide(now, 0.5).into_iter();
    let looks = orders.filter_map(|order| match order {
        Order::Look { server, .. } => Some(server),
        _ => None,
    });
    looks.collect()
}

#[test]
fn a_server_is_looked_at_when_the_booth_starts_and_seldom_while_nobody_comes() {
    // Nothing was ever looked at or used, whatever the time.
    let start = Duration::ZERO;
    let mut foreman = Foreman::new(rules(2, 1, true), start);
    assert_eq!(looked_at(&mut foreman, start), [0, 1]);
    for server in [0, 1] {
        foreman.looked(server, Ok(Look::default()), start, 0.5);
    }
    assert_eq!(looked_at(&mut foreman, start + S(59.0)), [0; 0]);
    assert_eq!(looked_at(&mut foreman, start + S(61.0)), [0, 1]);
}

#[test]
fn a_seat_is_free_as_soon_as_its_server_is_done_unless_the_answer_has_a_price() {
    for (billed, next) in [(false, 1), (true, 0)] {
        let mut rules = rules(1, 1, false);
        rules.servers[0].billed = billed;
        let mut foreman = foreman(rules, &[wanted(1, 1, 0), wanted(2, 1, 1)]);
        let first = begun(&mut foreman, BEGIN);
        assert_eq!(first.len(), 1, "one seat");
        foreman.finished(first[0].0, BEGIN + S(5.0));
        let second = begun(&mut foreman, BEGIN + S(5.0));
        assert_eq!(second.len(), next, "the first is not on the wall yet");
        foreman.ended(first[0].0, End::Done, BEGIN + S(6.0), 0.5);
        let third = begun(&mut foreman, BEGIN + S(6.0));
        assert_eq!(second.len() + third.len(), 1, "one painting for one seat");
    }
}
