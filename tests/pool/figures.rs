//! Figures to reach: makespans, waits, and how honest the foretold times are.

use std::time::Duration;

use crate::world::{Chance, Machine, Trouble, World, embedded, machine, rules};

const S: fn(f64) -> Duration = Duration::from_secs_f64;
const PAINTING_S: f64 = 8.0;

/// 20 paintings of five visitors, asked for at once, on four servers of one seat; no stand-in and
/// all the time in the world, so that only the servers count. Returns the makespan in seconds.
fn twenty_on_four(last: impl Fn(Machine) -> Machine) -> f64 {
    let mut rules = rules(4, 1, false);
    for style in &mut rules.styles {
        style.give_up = S(3_000.0);
    }
    let good = || machine(PAINTING_S, 0.0);
    let machines = vec![good(), good(), good(), last(good())];
    let mut world = World::new(rules, machines, 7);
    for _ in 0..5 {
        world.visit(Duration::ZERO, &[0, 1, 2, 3]);
    }
    world.run(S(3_600.0));
    assert_eq!(world.fates.len(), 20);
    assert!(
        world.fates.values().all(|fate| fate.done),
        "all are painted"
    );
    let asked = world.fates.values().map(|f| f.asked).min().unwrap();
    let last = world
        .fates
        .values()
        .filter_map(|f| f.settled)
        .max()
        .unwrap();
    (last - asked).as_secs_f64()
}

#[test]
fn twenty_paintings_on_four_equal_servers_take_what_they_must() {
    let ideal = 20.0 / 4.0 * PAINTING_S;
    let took = twenty_on_four(|m| m);
    println!(
        "20 on 4 equal: {took:.1} s, {:.3} × the ideal of {ideal} s",
        took / ideal
    );
    assert!(took <= 1.05 * ideal, "{took}");
}

#[test]
fn one_server_in_trouble_costs_little() {
    // The rest paints 20 in seven rounds of three; 20/3 is the ideal one could only dream of.
    let ideal = 20.0 / 3.0 * PAINTING_S;
    for trouble in Trouble::ALL {
        let took = twenty_on_four(|m| m.always(trouble));
        let over = took / ideal;
        println!("20 on 4, one {trouble:?}: {took:.1} s, {over:.3} × the ideal of the rest");
        assert!(over <= 1.5, "{trouble:?}: {took}");
    }
}

#[test]
fn one_server_that_dies_in_the_middle_costs_little() {
    for (trouble, at) in [
        (Trouble::Dead, 12.0),
        (Trouble::Zombie, 12.0),
        (Trouble::Frozen, 20.0),
    ] {
        let ideal = 20.0 / 3.0 * PAINTING_S;
        let took = twenty_on_four(|mut m| {
            m.spells.push(crate::world::Spell {
                from: S(at + 5.0),
                until: Duration::MAX,
                trouble,
            });
            m
        });
        println!(
            "20 on 4, one {trouble:?} after {at} s: {took:.1} s, {:.3} × ideal",
            took / ideal
        );
        assert!(took <= 1.5 * ideal, "{trouble:?}: {took}");
    }
}

#[test]
fn what_is_foretold_comes_true() {
    let (mut within, mut late, mut all) = (0, 0, 0);
    for seed in 0..16 {
        let n = 3;
        let mut machines = vec![machine(6.0, 0.3); n];
        machines.push(embedded());
        let mut world = World::new(rules(n, 1, true), machines, seed);
        let mut chance = Chance::new(seed ^ 0xABCD);
        let mut at = 0.0;
        for _ in 0..60 {
            at += 25.0 * chance.unit();
            world.visit(S(at), &[0, 1, 2, 3]);
        }
        world.run(S(7_200.0));
        let mut visits = std::collections::BTreeMap::new();
        for fate in world.fates.values() {
            let took = (fate.settled.unwrap() - fate.asked).as_secs_f64();
            let longest: &mut (f64, [u64; 2]) =
                visits.entry(fate.visit).or_insert((0.0, fate.told));
            longest.0 = longest.0.max(took);
        }
        for (took, [low, high]) in visits.values() {
            all += 1;
            within += u32::from(*took + 1.0 >= *low as f64 && *took <= *high as f64 + 1.0);
            late += u32::from(*took > *high as f64 + 1.0);
        }
    }
    let share = f64::from(within) / f64::from(all);
    let later = f64::from(late) / f64::from(all);
    println!("foretold: {all} visits, {share:.3} within the range, {later:.3} later than its end");
    assert!(share >= 0.8, "{share}");
    assert!(later <= 0.1, "{later}");
}

#[test]
fn a_crowd_before_dead_servers_is_served_by_the_stand_in() {
    let mut machines: Vec<Machine> = (0..4)
        .map(|_| machine(8.0, 0.1).always(Trouble::Dead))
        .collect();
    machines.push(embedded());
    let mut world = World::new(rules(4, 1, true), machines, 3);
    for _ in 0..20 {
        world.visit(Duration::ZERO, &[0, 1, 2, 3]);
    }
    world.run(S(600.0));
    let longest = world
        .fates
        .values()
        .map(|f| f.settled.unwrap() - f.asked)
        .max()
        .unwrap();
    println!(
        "80 paintings, every server dead: the last hangs after {:.1} s",
        longest.as_secs_f64()
    );
    assert!(world.fates.values().all(|f| f.done && f.by == Some(4)));
    assert!(longest < S(90.0), "{longest:?}");
}
