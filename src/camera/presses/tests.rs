use proptest::prelude::*;

use super::*;

const WITHIN: Duration = Duration::from_secs(15);
const PATIENCE: Patience = Patience {
    within: WITHIN,
    late: Duration::from_secs(15),
    hold: Duration::from_secs(2),
    quiet: Duration::from_secs(3),
};

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn at(begun: Duration) -> Arrival {
    Arrival {
        begun,
        is_twin: false,
    }
}

#[test]
fn a_late_picture_is_nobodys_however_often_it_comes() {
    let mut presses = Presses::new(PATIENCE);
    assert_eq!(presses.press(s(0)), Press::Release);
    presses.give_up(true, s(15));
    assert!(!presses.is_clean(s(16)));
    // The next visitor is counted down to, and presses.
    presses.arm(s(17));
    assert_eq!(presses.press(s(22)), Press::Drain { until: s(30) });
    assert!(!presses.arrived("the first", at(s(23)), s(23)));
    // It may come twice; and the one that came may have been of a hand.
    assert!(!presses.arrived("the first", at(s(29)), s(29)));
    assert_eq!(presses.press(s(30)), Press::Drain { until: s(32) });
    assert_eq!(presses.press(s(32)), Press::Release);
    assert!(presses.arrived("the second", at(s(33)), s(33)));
    assert_eq!(presses.take(s(33)), Some("the second"));
}

#[test]
fn a_press_that_is_given_up_early_owes_its_picture_as_long_as_any_other() {
    let mut presses = Presses::new(PATIENCE);
    presses.press(s(0));
    presses.give_up(true, s(1));
    assert_eq!(presses.press(s(7)), Press::Drain { until: s(30) });
    assert!(!presses.arrived("the first", at(s(20)), s(20)));
}

#[test]
fn a_hand_pressed_shutter_in_the_countdown_is_the_shot_and_before_it_is_nobodys() {
    let mut presses = Presses::new(PATIENCE);
    assert!(!presses.arrived("by hand", at(s(1)), s(1)));
    presses.arm(s(4));
    assert!(
        !presses.arrived("begun before", at(s(2)), s(4)),
        "its file was there already"
    );
    assert!(presses.arrived("by hand", at(s(7)), s(7)));
    assert!(!presses.arrived("again", at(s(8)), s(8)));
    assert_eq!(presses.take(s(8)), None, "nobody has pressed yet");
    assert_eq!(presses.press(s(9)), Press::Taken);
    assert_eq!(presses.take(s(9)), Some("by hand"));
    assert_eq!(presses.take(s(9)), None, "once");
}

#[test]
fn a_countdown_that_is_broken_off_leaves_nothing_to_the_next_one() {
    let mut presses = Presses::new(PATIENCE);
    presses.arm(s(0));
    assert!(presses.arrived("by hand", at(s(1)), s(1)));
    presses.disarm();
    presses.arm(s(6));
    assert_eq!(presses.press(s(11)), Press::Release);
    assert_eq!(presses.take(s(11)), None);
    // And one that nobody breaks off runs out.
    let mut presses = Presses::new(PATIENCE);
    presses.arm(s(0));
    assert!(presses.arrived("by hand", at(s(1)), s(1)));
    assert_eq!(presses.press(ARMED_FOR), Press::Release);
    assert_eq!(presses.take(ARMED_FOR), None);
}

#[test]
fn after_a_debt_that_only_time_has_paid_the_last_of_two_pictures_is_the_shot() {
    let mut presses = Presses::new(PATIENCE);
    presses.press(s(0));
    presses.give_up(true, s(15));
    assert_eq!(presses.press(s(31)), Press::Release);
    assert!(presses.arrived("later than anybody waits", at(s(32)), s(32)));
    assert_eq!(presses.take(s(33)), None, "it is held");
    assert!(presses.arrived("the second", at(s(33)), s(33)));
    assert_eq!(presses.take(s(33)), Some("the second"));
    // The doubt is gone with it.
    assert_eq!(presses.press(s(40)), Press::Release);
    presses.arrived("the third", at(s(41)), s(41));
    assert_eq!(presses.take(s(41)), Some("the third"));
}

#[test]
fn a_picture_alone_after_a_doubt_is_the_shot_once_no_other_comes() {
    for completes in [false, true] {
        let mut presses = Presses::new(PATIENCE);
        presses.press(s(0));
        presses.give_up(true, s(15));
        presses.is_drained(s(16));
        assert_eq!(presses.press(s(16)), Press::Release);
        presses.arrived("the second", at(s(17)), s(17));
        assert_eq!(presses.sure_at(), Some(s(19)));
        if completes {
            presses.complete(s(18));
            assert_eq!(presses.take(s(18)), Some("the second"));
        } else {
            assert_eq!(presses.take(s(19)), Some("the second"));
        }
    }
}

#[test]
fn a_picture_that_has_been_here_already_gives_way_to_another_one() {
    let mut presses = Presses::new(PATIENCE);
    let twin = |begun| Arrival {
        begun,
        is_twin: true,
    };
    assert_eq!(presses.press(s(0)), Press::Release);
    assert!(presses.arrived("again", twin(s(1)), s(1)));
    assert_eq!(presses.take(s(1)), None, "it is held");
    assert!(presses.arrived("the shot", at(s(2)), s(2)));
    assert_eq!(presses.take(s(2)), Some("the shot"));
    // A camera that stands in for one has only one picture.
    assert_eq!(presses.press(s(10)), Press::Release);
    assert!(presses.arrived("the same", twin(s(11)), s(11)));
    assert_eq!(presses.take(s(13)), Some("the same"));
}

/// What may happen at a booth, one thing after another.
#[derive(Debug, Clone, Copy)]
enum Turn {
    Pass(u64),
    NextVisitor,
    Arm,
    BreakOff,
    /// Somebody presses the camera's own shutter; the picture arrives so much later.
    Hand(u64),
    /// The booth's press: its picture arrives so much later, if at all, and once more after that.
    Press {
        after: Option<u64>,
        again: Option<u64>,
        /// The caller gives up, and another visitor steps up.
        leaves: Option<u64>,
    },
    /// The driver has asked the camera for all that it holds.
    Drain,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let press = (
        proptest::option::weighted(0.85, 0..LATEST),
        proptest::option::weighted(0.2, 0..3_000_u64),
        proptest::option::weighted(0.2, 0..15_000_u64),
    )
        .prop_map(|(after, again, leaves)| Turn::Press {
            after,
            again,
            leaves,
        });
    let turn = prop_oneof![
        2 => (0..20_000_u64).prop_map(Turn::Pass),
        3 => Just(Turn::NextVisitor),
        3 => Just(Turn::Arm),
        1 => Just(Turn::BreakOff),
        1 => (0..STEPS_UP_WITHIN).prop_map(Turn::Hand),
        4 => press,
        1 => Just(Turn::Drain),
    ];
    proptest::collection::vec(turn, 1..40)
}

/// After that no picture of a press comes: [`WITHIN`] and [`Patience::late`].
const LATEST: u64 = 30_000;

/// Between two visitors there is a consent to give: at least this long. A picture of a hand-pressed
/// shutter, or the second of one press, is here sooner.
const STEPS_UP_WITHIN: u64 = 3_000;

/// A picture on its way from the camera.
#[derive(Debug, Clone, Copy)]
struct Flight {
    arrives: Duration,
    of: u32,
}

/// A booth whose camera and visitors do what the test says.
struct World {
    now: Duration,
    visitor: u32,
    flights: Vec<Flight>,
    presses: Presses<u32>,
}

impl World {
    /// Time passes, and pictures arrive in their order.
    fn pass(&mut self, to: Duration) {
        while let Some(next) = self.flights.iter().map(|f| f.arrives).min()
            && next <= to
        {
            let at = self.flights.iter().position(|f| f.arrives == next).unwrap();
            let flight = self.flights.swap_remove(at);
            self.now = next;
            let arrival = Arrival {
                begun: next,
                is_twin: false,
            };
            self.presses.arrived(flight.of, arrival, next);
        }
        self.now = to;
    }

    fn takes_off(&mut self, after: Duration) {
        self.flights.push(Flight {
            arrives: self.now + after,
            of: self.visitor,
        });
    }

    fn next_visitor(&mut self) {
        self.presses.disarm();
        self.pass(self.now + Duration::from_millis(STEPS_UP_WITHIN));
        self.visitor += 1;
        self.pass(self.now + Duration::from_millis(STEPS_UP_WITHIN));
    }

    /// As a driver does it: drain, release, wait, give up. Answers whose picture it gave.
    fn press(&mut self, flights: [Option<u64>; 2], leaves: Option<u64>) -> Option<u32> {
        let mut wait = s(0);
        loop {
            match self.presses.press(self.now) {
                Press::Drain { until } => {
                    let next = self.flights.iter().map(|f| f.arrives).min();
                    self.pass(next.map_or(until, |next| next.min(until)).max(self.now));
                }
                Press::Taken => break,
                Press::Release => {
                    // As late as patience has it, and no later. A camera hands out in order: one
                    // that is about to hand out a hand's picture is not late with the next.
                    let most = if self.flights.is_empty() {
                        LATEST
                    } else {
                        STEPS_UP_WITHIN
                    };
                    for flight in flights.into_iter().flatten() {
                        wait += Duration::from_millis(flight);
                        self.takes_off(wait.min(Duration::from_millis(most)));
                    }
                    break;
                }
            }
        }
        let over = self.now + leaves.map_or(WITHIN, Duration::from_millis);
        loop {
            if let Some(owner) = self.presses.take(self.now) {
                return Some(owner);
            }
            if self.now >= over {
                self.presses.give_up(true, self.now);
                return None;
            }
            let arrives = self.flights.iter().map(|f| f.arrives).min();
            let next = arrives.into_iter().chain(self.presses.sure_at());
            let next = next.filter(|at| *at > self.now).min();
            self.pass(next.map_or(over, |next| next.min(over)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_interleaving_gives_anybody_anothers_picture(turns in turns()) {
        let mut world = World {
            now: s(0),
            visitor: 0,
            flights: Vec::new(),
            presses: Presses::new(PATIENCE),
        };
        for turn in turns {
            match turn {
                Turn::Pass(ms) => world.pass(world.now + Duration::from_millis(ms)),
                Turn::NextVisitor => world.next_visitor(),
                Turn::Arm => world.presses.arm(world.now),
                Turn::BreakOff => world.presses.disarm(),
                Turn::Hand(after) => world.takes_off(Duration::from_millis(after)),
                Turn::Press { after, again, leaves } => {
                    let again = after.and(again);
                    let owner = world.press([after, again], leaves);
                    prop_assert!(owner.is_none_or(|owner| owner == world.visitor));
                    if leaves.is_some() {
                        world.next_visitor();
                    }
                }
                // Whatever the camera holds comes out, and is nobody's.
                Turn::Drain if !world.presses.is_awaited(world.now) => {
                    for flight in std::mem::take(&mut world.flights) {
                        world.presses.arrived(flight.of, at(world.now), world.now);
                    }
                    world.presses.is_drained(world.now);
                }
                Turn::Drain => {}
            }
        }
        // However it went, the next visitor gets a picture in the end, and their own.
        world.pass(world.now + s(200));
        world.next_visitor();
        world.presses.arm(world.now);
        let owner = world.press([Some(1_000), None], None);
        prop_assert_eq!(owner, Some(world.visitor));
    }
}
