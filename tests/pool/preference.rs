//! Preference is preference: who is asked where several could paint, as long as they are in time.

use std::time::Duration;

use easel::pool::foreman::Rules;

use crate::world::{Machine, Trouble, World, embedded, machine, rules};

const S: fn(f64) -> Duration = Duration::from_secs_f64;

/// One server of one seat and one model, and the embedded painter as settings list it beside it.
fn beside_the_embedded() -> Rules {
    let mut rules = rules(1, 1, true);
    rules.servers[0].models = vec![Some(0); 4];
    rules.servers[1].listed = true;
    rules
}

/// One visitor; how many of the four each server painted, and how long the last took.
fn one_visit(rules: Rules, machines: Vec<Machine>) -> (Vec<usize>, Duration) {
    let mut world = World::new(rules, machines, 3);
    world.visit(Duration::ZERO, &[0, 1, 2, 3]);
    world.run(S(600.0));
    let mut by = vec![0; world.machines.len()];
    for fate in world.fates.values() {
        assert!(fate.done, "{fate:?}");
        by[fate.by.unwrap()] += 1;
    }
    let took = world.fates.values().map(|f| f.settled.unwrap() - f.asked);
    (by, took.max().unwrap())
}

#[test]
fn a_server_that_is_in_time_paints_all_beside_a_listed_embedded_painter() {
    let (by, took) = one_visit(beside_the_embedded(), vec![machine(5.0, 0.0), embedded()]);
    assert_eq!(by, [4, 0]);
    assert!(took <= S(21.0), "{took:?}");
}

#[test]
fn with_a_deadline_it_cannot_keep_the_embedded_painter_paints_just_what_is_late() {
    let mut rules = beside_the_embedded();
    for style in &mut rules.styles {
        style.give_up = S(18.0);
    }
    let (by, took) = one_visit(rules, vec![machine(5.0, 0.0), embedded()]);
    assert_eq!(
        by,
        [3, 1],
        "three are done by fifteen seconds, and no fourth by eighteen"
    );
    assert!(took <= S(18.0), "{took:?}");
}

#[test]
fn a_billed_overflow_is_asked_only_when_the_deadline_asks() {
    let overflow = |give_up: f64| {
        let mut rules = rules(2, 1, false);
        rules.servers[0].models = vec![Some(0); 4];
        (rules.servers[1].billed, rules.servers[1].models) = (true, vec![None; 4]);
        for style in &mut rules.styles {
            style.give_up = S(give_up);
        }
        let mut cloud = machine(4.0, 0.0);
        cloud.billed = true;
        one_visit(rules, vec![machine(5.0, 0.0), cloud])
    };
    assert_eq!(overflow(90.0).0, [4, 0]);
    let (by, took) = overflow(22.0);
    assert!(by[1] >= 1 && by[0] >= 1, "{by:?}");
    assert!(took <= S(22.0), "{took:?}");
}

#[test]
fn a_style_that_prefers_the_embedded_painter_gets_it() {
    let mut rules = beside_the_embedded();
    let line = ["stand-in", "gpu-0"].map(str::to_owned).to_vec();
    for style in &mut rules.styles {
        style.generators = Some(line.clone());
    }
    let (by, _) = one_visit(rules, vec![machine(5.0, 0.0), embedded()]);
    assert_eq!(by, [0, 4]);
}

#[test]
fn equal_servers_share_the_work() {
    let mut rules = rules(2, 1, true);
    rules.servers[2].listed = true;
    let (by, _) = one_visit(
        rules,
        vec![machine(5.0, 0.0), machine(5.0, 0.0), embedded()],
    );
    assert_eq!(by, [2, 2, 0]);
}

#[test]
fn a_failure_is_repeated_at_a_server_before_another_kind_is_paid() {
    use easel::pool::foreman::Fault;

    use crate::policy::{begun, foreman, wanted};
    use crate::world::{BEGIN, failed};

    let mut rules = rules(2, 1, false);
    rules.servers[1].billed = true;
    let mut foreman = foreman(rules, &[wanted(1, 1, 0)]);
    let mut asked = Vec::new();
    let mut now = BEGIN;
    for _ in 0..3 {
        let (no, server, _) = begun(&mut foreman, now)[0];
        asked.push(server);
        foreman.ended(no, failed(Fault::Transient("no".to_owned())), now, 0.5);
        now += S(10.0);
    }
    assert_eq!(asked, [0, 0, 1]);
}

#[test]
fn a_worker_that_dies_at_its_first_painting_costs_a_visit_at_most_thirty_seconds() {
    let mut dead = machine(5.0, 0.0).always(Trouble::Zombie);
    dead.tells = true;
    for listed in [false, true] {
        let mut rules = rules(1, 1, true);
        rules.servers[1].listed = listed;
        let (by, took) = one_visit(rules, vec![dead.clone(), embedded()]);
        assert_eq!(by, [0, 4]);
        assert!(took <= S(30.0), "{took:?}");
    }
}

#[test]
fn a_server_that_loads_and_shows_signs_of_life_is_waited_for() {
    let mut slow = machine(5.0, 0.0);
    (slow.cold, slow.tells) = (S(45.0), true);
    let mut rules = beside_the_embedded();
    rules.servers[0].models = vec![Some(0); 4];
    for style in &mut rules.styles {
        style.give_up = S(180.0);
    }
    // A machine loads each style anew; all the same nobody gives it up.
    let (by, _) = one_visit(rules, vec![slow, embedded()]);
    assert!(by[0] >= 2, "{by:?}");
}

#[test]
fn a_slow_stand_in_begins_as_early_as_it_was_measured_to_need() {
    let mut rules = rules(1, 4, true);
    for style in &mut rules.styles {
        // Nothing but the deadline ends what hangs.
        style.timeout = style.give_up;
    }
    let hangs = machine(5.0, 0.0).always(Trouble::Zombie);
    let mut world = World::new(rules, vec![hangs, machine(12.0, 0.0)], 3);
    for style in 0..4 {
        world.foreman.remember(1, style, S(12.0));
    }
    world.visit(Duration::ZERO, &[0, 1, 2, 3]);
    world.run(S(600.0));
    for fate in world.fates.values() {
        let took = fate.settled.unwrap() - fate.asked;
        assert!(fate.done && took <= S(90.0), "{took:?}");
    }
}
