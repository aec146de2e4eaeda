//! Who is switched on, and who is switched off again.

use easel::pool::foreman::{Fault, Foreman, Ill, Moment, Order, Presence, Woken};
use easel::pool::report::Cause;

use crate::policy::S;
use crate::world::{BEGIN, rules};

/// A foreman with one server that hooks switch.
fn switched() -> Foreman {
    let mut rules = rules(1, 1, true);
    rules.servers[0].switched = true;
    Foreman::new(rules, BEGIN)
}

/// What he orders of its switch: `wake`, `rest`.
fn orders(foreman: &mut Foreman, now: Moment) -> Vec<&'static str> {
    let orders = foreman.decide(now, 0.5).into_iter();
    let switch = orders.filter_map(|order| match order {
        Order::Wake { .. } => Some("wake"),
        Order::Rest { .. } => Some("rest"),
        _ => None,
    });
    switch.collect()
}

fn there() -> Woken {
    let (warm, faults) = (vec![0, 1, 2, 3], Vec::new());
    Woken::There { warm, faults }
}

/// It is switched on for a visitor, and when nobody has come for a while, off again; returns when
/// that was ordered.
fn goes_to_rest(foreman: &mut Foreman) -> Moment {
    foreman.visitor_came(BEGIN);
    assert_eq!(orders(foreman, BEGIN), ["wake"]);
    foreman.woken(0, there(), BEGIN, 0.5);
    let now = BEGIN + S(301.0);
    assert_eq!(orders(foreman, now), ["rest"]);
    now
}

#[test]
fn who_could_not_be_switched_off_is_switched_off_again() {
    let mut foreman = switched();
    let now = goes_to_rest(&mut foreman);
    foreman.rested(0, Err("the stop hook said no".to_owned()), now);
    assert_ne!(
        foreman.servers()[0].presence,
        Presence::Asleep { until: now },
        "it still costs money"
    );
    assert_eq!(orders(&mut foreman, now + S(29.0)), [""; 0]);
    assert_eq!(orders(&mut foreman, now + S(31.0)), ["rest"]);
    foreman.rested(0, Ok(()), now + S(32.0));
    assert_eq!(orders(&mut foreman, now + S(90.0)), [""; 0]);
}

#[test]
fn nobody_is_switched_on_while_he_is_being_switched_off() {
    for stopped in [Ok(()), Err("no answer".to_owned())] {
        let mut foreman = switched();
        let now = goes_to_rest(&mut foreman);
        foreman.visitor_came(now + S(5.0));
        assert_eq!(orders(&mut foreman, now + S(5.0)), [""; 0]);
        foreman.rested(0, stopped, now + S(30.0));
        assert_eq!(orders(&mut foreman, now + S(30.0)), ["wake"]);
    }
}

#[test]
fn who_was_switched_on_and_does_not_answer_is_switched_off_in_its_time() {
    let mut foreman = switched();
    foreman.visitor_came(BEGIN);
    assert_eq!(orders(&mut foreman, BEGIN), ["wake"]);
    let ill = Ill {
        cause: Cause::Unreachable,
        says: "it did not answer within 5 min of its start".to_owned(),
        stuck: false,
        speechless: false,
    };
    foreman.woken(0, Woken::Unwell(ill), BEGIN + S(290.0), 0.5);
    assert_eq!(foreman.servers()[0].presence, Presence::Awake);
    let looks = foreman.decide(BEGIN + S(295.0), 0.5);
    let look = |order: &Order| matches!(order, Order::Look { server: 0, .. });
    assert!(looks.iter().any(look), "it may be on its way: {looks:?}");
    assert_eq!(orders(&mut foreman, BEGIN + S(301.0)), ["rest"]);
}

#[test]
fn a_style_that_does_not_load_is_not_loaded_again_for_each_visitor() {
    let mut foreman = Foreman::new(rules(1, 1, true), BEGIN);
    foreman.visitor_came(BEGIN);
    assert_eq!(orders(&mut foreman, BEGIN), ["wake"]);
    let lacks = Fault::Unfit("its model is missing".to_owned());
    let (warm, faults) = (vec![0, 2, 3], vec![(1, lacks)]);
    foreman.woken(0, Woken::There { warm, faults }, BEGIN + S(20.0), 0.5);
    let unfit: Vec<usize> = foreman.servers()[0]
        .health
        .unfit(BEGIN + S(20.0))
        .map(|(style, _)| style)
        .collect();
    assert_eq!(unfit, [1]);
    foreman.visitor_came(BEGIN + S(60.0));
    assert_eq!(orders(&mut foreman, BEGIN + S(60.0)), [""; 0]);
}

#[test]
fn nobody_is_switched_off_while_he_loads_models() {
    let mut foreman = switched();
    foreman.visitor_came(BEGIN);
    assert_eq!(orders(&mut foreman, BEGIN), ["wake"]);
    let (warm, faults) = (Vec::new(), Vec::new());
    foreman.woken(0, Woken::There { warm, faults }, BEGIN, 0.5);
    foreman.visitor_came(BEGIN + S(10.0));
    assert_eq!(orders(&mut foreman, BEGIN + S(10.0)), ["wake"]);
    let now = BEGIN + S(400.0);
    assert_eq!(orders(&mut foreman, now), [""; 0]);
    foreman.woken(0, there(), now, 0.5);
    assert_eq!(orders(&mut foreman, now), ["rest"]);
}

mod warming {
    //! What is loaded before visitors wait for it.

    use easel::pool::report::ServerState;

    use crate::house::{Act, Fake, a_house, fake, painters};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_painting_loads_a_model_for_all_its_styles() {
        let gpu = Fake {
            model: Some("flux"),
            ..fake("gpu", [], Act::Paint(2.0))
        };
        let house = a_house([gpu]).open().await;
        house.touch().await;
        let warmed = || house.server(0).warmed.lock().unwrap().len();
        house.until("a warm-up", async || warmed() > 0).await;
        let ready = async || house.pool.report().servers[0].state == ServerState::Ready;
        house.until("readiness", ready).await;
        assert_eq!(warmed(), 1);
        house.close().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_warm_up_gives_way_to_a_visitor() {
        let house = a_house([fake("gpu", [], Act::Paint(4.0))]).open().await;
        let visit = house.visit().await;
        assert_eq!(painters(&house.settled(visit).await), ["comfyui"; 4]);
        let warmed = house.server(0).warmed.lock().unwrap().len();
        assert!(
            warmed <= 1,
            "{warmed} styles were loaded against the visitor's own"
        );
        house.close().await;
    }
}
