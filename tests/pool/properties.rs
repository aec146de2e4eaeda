//! Whatever the servers, their troubles and the visitors: what must hold, holds.

use std::time::Duration;

use proptest::prelude::*;

use crate::world::{Chance, Machine, Mix, Trouble, World, embedded, machine, rules};

const S: fn(f64) -> Duration = Duration::from_secs_f64;
const HOURS: f64 = 1.0;

/// An evening at a booth drawn from that seed.
fn an_evening(seed: u64) -> World {
    let mut chance = Chance::new(seed);
    let Mix { rules, machines } = Mix::draw(&mut chance, HOURS);
    let mut world = World::new(rules, machines, seed ^ 0x5EED);
    let mut at = 0.0;
    while at < HOURS * 3600.0 {
        // One in ten brings friends: up to five at once.
        let group = if chance.unit() < 0.1 {
            1 + chance.below(5)
        } else {
            1
        };
        for _ in 0..group {
            let styles: Vec<usize> = (0..4).filter(|_| chance.unit() < 0.9).collect();
            let visit = world.visit(S(at), &styles);
            if chance.unit() < 0.05 {
                world.erases(visit, S(at + 5.0 + 40.0 * chance.unit()));
            }
        }
        at += 20.0 + 40.0 * chance.unit();
    }
    world.run(S(HOURS * 3600.0 + 600.0));
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn every_painting_hangs_in_time_whatever_servers_do(seed in any::<u64>()) {
        let world = an_evening(seed);
        let rules = world.foreman.rules();
        for (painting, fate) in &world.fates {
            let settled = fate.settled;
            prop_assert!(settled.is_some(), "{painting} is stuck: {fate:?}");
            let took = settled.unwrap() - fate.asked;
            prop_assert!(took <= S(90.0), "{painting} took {took:?}: {fate:?}");
            prop_assert!(fate.done || fate.left, "{painting} was given up: {fate:?}");
            let most = rules.styles[0].attempts;
            // A failure that counts is one attempt; the hedge and the stand-in have their own.
            prop_assert!(fate.begun - fate.free <= most, "{painting}: {fate:?}");
            prop_assert!(fate.hedged <= 1 && fate.stood_in <= 2, "{painting}: {fate:?}");
        }
        prop_assert_eq!(world.foreman.jobs().count(), 0);
        prop_assert_eq!(world.foreman.attempts().count(), 0);
    }
}

#[test]
fn nobody_is_passed_over_for_ever() {
    // One visitor wants a dozen paintings; as long as they wait, others who want one each keep the
    // only server busy nearly to its limit.
    let mut rules = rules(1, 1, false);
    for style in &mut rules.styles {
        style.give_up = S(36_000.0);
    }
    let mut world = World::new(rules, vec![machine(8.0, 0.0)], 5);
    let many = world.visit(Duration::ZERO, &[0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
    for i in 0..400 {
        world.visit(S(8.2 * f64::from(i)), &[0]);
    }
    world.run(S(36_000.0));
    let waits = |mine: bool| {
        let theirs = world
            .fates
            .values()
            .filter(move |f| (f.visit == many) == mine);
        theirs.map(|f| (f.settled.unwrap() - f.asked).as_secs_f64())
    };
    let longest = waits(true).fold(0.0, f64::max);
    let others = waits(false).fold(0.0, f64::max);
    println!("twelve against a stream of ones: {longest:.0} s, the others at most {others:.0} s");
    // (12 − 1) × 10 s behind whoever came within that time, then their own twelve: bounded.
    assert!(longest <= 110.0 * 2.0 + 12.0 * 8.0 + 8.0, "{longest}");
}

#[test]
fn whoever_is_nearest_to_done_goes_first() {
    let mut world = World::new(rules(1, 1, true), vec![machine(4.0, 0.0), embedded()], 5);
    let four = world.visit(S(0.0), &[0, 1, 2, 3]);
    let one = world.visit(S(1.0), &[0]);
    world.run(S(600.0));
    let last = |visit| {
        let theirs = world.fates.values().filter(|f| f.visit == visit);
        theirs.filter_map(|f| f.settled).max().unwrap()
    };
    assert!(last(one) < last(four));
}

#[test]
fn no_server_idles_while_work_waits_that_it_could_do() {
    let machines: Vec<Machine> = (0..3).map(|i| machine(5.0 + f64::from(i), 0.4)).collect();
    let mut world = World::new(rules(3, 2, false), machines, 11);
    for i in 0..30 {
        world.visit(S(f64::from(i)), &[0, 1, 2, 3]);
    }
    world.run(S(60.0));
    // Sixty seconds in, the line is long: every seat is taken.
    assert!(world.foreman.jobs().count() > 6);
    assert_eq!(world.foreman.attempts().count(), 6);
}

#[test]
fn a_zombie_is_found_out_and_trusted_again_when_it_paints() {
    let (from, until) = (S(100.0), S(400.0));
    let mut zombie = machine(5.0, 0.1);
    zombie.spells.push(crate::world::Spell {
        from,
        until,
        trouble: Trouble::Zombie,
    });
    let mut world = World::new(rules(1, 1, true), vec![zombie, embedded()], 2);
    for i in 0..60 {
        world.visit(S(20.0 * f64::from(i)), &[0]);
    }
    world.run(S(2_000.0));
    let by_server = |from: f64, until: f64| {
        let during = world.fates.values().filter(|f| {
            let asked = (f.asked - crate::world::BEGIN).as_secs_f64();
            (from..until).contains(&asked)
        });
        let (server, all) =
            during.fold((0, 0), |(s, n), f| (s + u32::from(f.by == Some(0)), n + 1));
        (server, all)
    };
    let (server, all) = by_server(0.0, 90.0);
    assert_eq!(server, all, "well at first");
    let (server, _) = by_server(110.0, 390.0);
    assert_eq!(server, 0, "the stand-in paints meanwhile");
    let (server, all) = by_server(500.0, 1_300.0);
    assert_eq!(server, all, "well again");
}
