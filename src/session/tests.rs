//! Tries to break the decider: any commands in any order.

use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const SESSION: Uuid = Uuid::from_u128(1);
const STYLES: [&str; 3] = ["picasso", "renoir", "van-gogh"];
const KEEP: Duration = Duration::from_secs(72 * 3600);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn picture(id: u128) -> PictureRef {
    PictureRef {
        id: Uuid::from_u128(id),
        key: format!("{SESSION}/{}.jpg", Uuid::from_u128(id)),
        width: 10,
        height: 10,
        bytes: 1000,
        content_type: "image/jpeg".to_owned(),
        expires_at: at(0) + KEEP,
    }
}

fn capture(id: u128) -> Box<Capture> {
    Box::new(Capture {
        id: Uuid::from_u128(id),
        source: CaptureSource::Upload,
        taken_at: at(0),
        original: String::new(),
        input: picture(id),
        screen: picture(id),
        thumb: picture(id),
    })
}

fn asked(id: u128, capture: u128, style: &str, seed: u32) -> Asked {
    Asked {
        id: Uuid::from_u128(id),
        capture: Uuid::from_u128(capture),
        style: style.into(),
        seed,
    }
}

fn ticket(id: u128, painting: u128) -> Box<Ticket> {
    let file = || picture(id);
    Box::new(Ticket {
        id: Uuid::from_u128(id),
        painting: Uuid::from_u128(painting),
        number: 1,
        name: None,
        message: None,
        made_at: at(0),
        files: TicketFiles {
            phone: file(),
            print: file(),
            pdf: file(),
            sheet: file(),
        },
    })
}

fn open() -> Command {
    Command::Open {
        activity: "painter".into(),
        locale: "ko".into(),
        expires_at: at(0) + KEEP,
        claim: "1234".into(),
    }
}

const CONSENT: Command = Command::Consent {
    painting: true,
    wall: false,
    offsite: false,
};

/// A visit under test: commands in, the log beside it.
#[derive(Debug, Default)]
struct Visit {
    state: Option<Session>,
    log: Vec<Recorded>,
}

impl Visit {
    fn do_at(&mut self, seconds: i64, command: Command) -> Result<Vec<Event>, Refusal> {
        let events = decide(self.state.as_ref(), command, at(seconds))?;
        for event in &events {
            let seq = self.state.as_ref().map_or(0, |s| s.seq) + 1;
            let recorded = Recorded {
                seq,
                at: at(seconds),
                event: event.clone(),
            };
            let state = self.state.take();
            self.state =
                Some(apply(SESSION, state, &recorded).expect("apply takes what decide says"));
            self.log.push(recorded);
        }
        Ok(events)
    }

    fn all(commands: impl IntoIterator<Item = Command>) -> Self {
        let mut visit = Self::default();
        for command in commands {
            visit.do_at(1, command).expect("a step of the way there");
        }
        visit
    }

    /// Photographed, and asked to be painted in one style as painting 100.
    fn asked() -> Self {
        Self::all([
            open(),
            CONSENT,
            Command::TakeCapture {
                capture: capture(10),
            },
            Command::AskPaintings {
                paintings: vec![asked(100, 10, "renoir", 7)],
                any_seed: false,
            },
        ])
    }

    fn painted() -> Self {
        let mut visit = Self::asked();
        visit.do_at(2, finish(100)).unwrap();
        visit
    }

    fn stage(&self) -> Stage {
        self.state.as_ref().expect("it is open").stage()
    }
}

fn finish(painting: u128) -> Command {
    Command::FinishPainting {
        painting: Uuid::from_u128(painting),
        by: "embedded".into(),
        server: "embedded".to_owned(),
        picture: Box::new(picture(painting + 1000)),
        thumb: Box::new(picture(painting + 1000)),
    }
}

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().map(Event::name).collect()
}

#[test]
fn stages_follow_the_visit() {
    let mut visit = Visit::all([open()]);
    assert_eq!(visit.stage(), Stage::Consent);
    visit.do_at(1, CONSENT).unwrap();
    assert_eq!(visit.stage(), Stage::Capture);
    visit
        .do_at(
            2,
            Command::TakeCapture {
                capture: capture(10),
            },
        )
        .unwrap();
    assert_eq!(visit.stage(), Stage::Painting);
    assert_eq!(Visit::asked().stage(), Stage::Painting);
    let mut visit = Visit::painted();
    assert_eq!(visit.stage(), Stage::Choose);
    visit
        .do_at(
            9,
            Command::AddTicket {
                ticket: ticket(200, 100),
            },
        )
        .unwrap();
    assert_eq!(visit.stage(), Stage::Ticket);
    visit.do_at(10, Command::End).unwrap();
    assert_eq!(visit.stage(), Stage::Ended);
}

#[test]
fn no_photo_before_consent() {
    let mut visit = Visit::all([open()]);
    let early = visit.do_at(
        1,
        Command::TakeCapture {
            capture: capture(10),
        },
    );
    assert_eq!(early, Err(Refusal::ConsentRequired));
    let no = Command::Consent {
        painting: false,
        wall: true,
        offsite: true,
    };
    assert_eq!(visit.do_at(1, no), Err(Refusal::ConsentRequired));
}

#[test]
fn nobody_changes_their_mind_for_ever() {
    let mut visit = Visit::all([open()]);
    let mut locales = ["ko", "en"].into_iter().cycle();
    let mut change = || Command::ChooseLocale {
        locale: locales.next().expect("it goes round").to_owned(),
    };
    let changes = (0..1000).take_while(|_| visit.do_at(1, change()).is_ok());
    assert!(changes.count() <= MAX_EVENTS as usize);
    let yes = Command::Consent {
        painting: true,
        wall: false,
        offsite: false,
    };
    assert_eq!(visit.do_at(1, yes), Err(Refusal::TooMany("changes")));
    // They are still let out.
    visit.do_at(2, Command::End).unwrap();
    visit.do_at(3, Command::Erase).unwrap();
}

#[test]
fn a_retake_cancels_what_was_painted_of_the_first() {
    let mut visit = Visit::painted();
    let events = visit
        .do_at(
            5,
            Command::TakeCapture {
                capture: capture(11),
            },
        )
        .unwrap();
    assert_eq!(names(&events), ["painting.cancelled", "capture.taken"]);
    let old = Command::AskPaintings {
        paintings: vec![asked(101, 10, "renoir", 8)],
        any_seed: false,
    };
    assert!(matches!(visit.do_at(6, old), Err(Refusal::WrongState(_))));
}

#[test]
fn a_painting_on_a_ticket_survives_the_retake() {
    let mut visit = Visit::painted();
    visit
        .do_at(
            4,
            Command::AddTicket {
                ticket: ticket(200, 100),
            },
        )
        .unwrap();
    let events = visit
        .do_at(
            5,
            Command::TakeCapture {
                capture: capture(11),
            },
        )
        .unwrap();
    assert_eq!(names(&events), ["capture.taken"]);
}

#[test]
fn the_same_seed_is_painted_once_and_another_again() {
    let mut visit = Visit::asked();
    let ask = |id, seed, any_seed| Command::AskPaintings {
        paintings: vec![asked(id, 10, "renoir", seed)],
        any_seed,
    };
    assert_eq!(visit.do_at(2, ask(101, 7, false)).unwrap(), []);
    assert_eq!(
        visit.do_at(2, ask(102, 99, true)).unwrap(),
        [],
        "it is under way"
    );
    assert_eq!(
        names(&visit.do_at(2, ask(103, 8, false)).unwrap()),
        ["paintings.asked"]
    );
    visit.do_at(3, finish(100)).unwrap();
    visit.do_at(3, finish(103)).unwrap();
    assert_eq!(
        visit.do_at(4, ask(104, 99, true)).unwrap(),
        [],
        "it is there"
    );
    assert_eq!(
        names(&visit.do_at(4, ask(105, 9, false)).unwrap()),
        ["paintings.asked"]
    );
}

#[test]
fn a_failed_painting_is_not_asked_for_anew_without_a_seed() {
    let mut visit = Visit::asked();
    let painting = Uuid::from_u128(100);
    let code = FailureCode::TimedOut;
    visit
        .do_at(2, Command::FailPainting { painting, code })
        .unwrap();
    let ask = |id, any_seed| Command::AskPaintings {
        paintings: vec![asked(id, 10, "renoir", 7)],
        any_seed,
    };
    assert_eq!(visit.do_at(3, ask(101, true)).unwrap(), []);
    let anew = visit.do_at(3, ask(102, false)).unwrap();
    assert_eq!(names(&anew), ["paintings.asked"]);
}

#[test]
fn the_same_words_of_the_same_painting_are_one_ticket() {
    let mut visit = Visit::painted();
    let add = |id, name: &str| {
        let mut ticket = ticket(id, 100);
        ticket.name = Some(name.to_owned());
        Command::AddTicket { ticket }
    };
    assert_eq!(
        names(&visit.do_at(4, add(200, "Ada")).unwrap()),
        ["ticket.ready"]
    );
    assert_eq!(visit.do_at(5, add(201, "Ada")).unwrap(), []);
    assert_eq!(
        names(&visit.do_at(5, add(202, "Bo")).unwrap()),
        ["ticket.ready"]
    );
}

#[test]
fn nothing_is_painted_twice_into_a_visit() {
    let mut visit = Visit::painted();
    assert!(matches!(
        visit.do_at(3, finish(100)),
        Err(Refusal::WrongState(_))
    ));
    let late = Command::FailPainting {
        painting: Uuid::from_u128(100),
        code: FailureCode::TimedOut,
    };
    assert!(matches!(visit.do_at(3, late), Err(Refusal::WrongState(_))));
}

#[test]
fn only_a_failed_painting_is_tried_again() {
    let mut visit = Visit::asked();
    let id = Uuid::from_u128(100);
    let retry = Command::RetryPainting { painting: id };
    assert!(matches!(
        visit.do_at(2, retry.clone()),
        Err(Refusal::WrongState(_))
    ));
    visit
        .do_at(
            2,
            Command::FailPainting {
                painting: id,
                code: FailureCode::TimedOut,
            },
        )
        .unwrap();
    assert_eq!(
        names(&visit.do_at(3, retry.clone()).unwrap()),
        ["painting.retried"]
    );
    assert_eq!(visit.do_at(3, retry).unwrap(), [], "it is so already");
    assert_eq!(visit.stage(), Stage::Painting);
}

#[test]
fn nothing_is_painted_from_a_photo_that_is_gone() {
    let mut photo = capture(10);
    photo.input.expires_at = at(60);
    let paintings = vec![asked(100, 10, "renoir", 7)];
    let any_seed = false;
    let mut visit = Visit::all([
        open(),
        CONSENT,
        Command::TakeCapture { capture: photo },
        Command::AskPaintings {
            paintings,
            any_seed,
        },
    ]);
    let painting = Uuid::from_u128(100);
    let code = FailureCode::TimedOut;
    let fail = Command::FailPainting { painting, code };
    visit.do_at(2, fail).unwrap();
    let retry = Command::RetryPainting { painting };
    assert!(visit.do_at(59, retry.clone()).is_ok());
    let fail = Command::FailPainting { painting, code };
    visit.do_at(59, fail).unwrap();
    let refused = visit.do_at(60, retry);
    assert!(
        matches!(refused, Err(Refusal::WrongState(_))),
        "{refused:?}"
    );
}

#[test]
fn a_key_orders_once() {
    let mut visit = Visit::painted();
    visit
        .do_at(
            4,
            Command::AddTicket {
                ticket: ticket(200, 100),
            },
        )
        .unwrap();
    let order = |print: u128, copies, key: &str| Command::OrderPrint {
        print: Uuid::from_u128(print),
        ticket: Uuid::from_u128(200),
        copies,
        key: key.into(),
        most_sheets: Some(5),
    };
    assert_eq!(
        names(&visit.do_at(5, order(300, 2, "a")).unwrap()),
        ["print.queued"]
    );
    assert_eq!(visit.do_at(5, order(301, 2, "a")).unwrap(), []);
    assert!(matches!(
        visit.do_at(5, order(302, 3, "a")),
        Err(Refusal::Invalid(_))
    ));
    assert!(matches!(
        visit.do_at(5, order(303, 0, "b")),
        Err(Refusal::Invalid(_))
    ));
    assert!(matches!(
        visit.do_at(5, order(304, 4, "c")),
        Err(Refusal::TooMany(_))
    ));
    assert_eq!(
        names(&visit.do_at(5, order(305, 3, "d")).unwrap()),
        ["print.queued"]
    );
}

#[test]
fn the_first_phone_joins_by_the_qr_later_ones_need_the_claim() {
    let mut visit = Visit::all([open()]);
    let join = |claim: Option<&str>| Command::JoinPhone {
        claim: claim.map(str::to_owned),
    };
    assert_eq!(
        visit.do_at(1, join(None)).unwrap(),
        [Event::PhoneJoined { phones: 1 }]
    );
    assert_eq!(visit.do_at(2, join(None)), Err(Refusal::ClaimRequired));
    assert_eq!(visit.do_at(2, join(Some("4321"))), Err(Refusal::ClaimWrong));
    assert_eq!(
        visit.do_at(2, join(Some("1234"))).unwrap(),
        [Event::PhoneJoined { phones: 2 }]
    );
}

#[test]
fn what_is_over_grants_nothing_but_reports_still_arrive() {
    let mut visit = Visit::painted();
    visit
        .do_at(
            4,
            Command::AddTicket {
                ticket: ticket(200, 100),
            },
        )
        .unwrap();
    let print = Uuid::from_u128(300);
    let order = Command::OrderPrint {
        print,
        ticket: Uuid::from_u128(200),
        copies: 1,
        key: "a".into(),
        most_sheets: Some(5),
    };
    visit.do_at(5, order).unwrap();
    visit.do_at(6, Command::End).unwrap();
    assert_eq!(visit.do_at(7, CONSENT), Err(Refusal::Ended));
    // Staff may still print what is kept; the visitor may not.
    let again = |print: u128, most_sheets| Command::OrderPrint {
        print: Uuid::from_u128(print),
        ticket: Uuid::from_u128(200),
        copies: 1,
        key: print.to_string(),
        most_sheets,
    };
    assert_eq!(visit.do_at(7, again(301, Some(5))), Err(Refusal::Ended));
    assert_eq!(
        names(&visit.do_at(7, again(302, None)).unwrap()),
        ["print.queued"]
    );
    assert_eq!(
        names(&visit.do_at(8, Command::FinishPrint { print }).unwrap()),
        ["print.done"]
    );
    visit.do_at(9, Command::Erase).unwrap();
    assert_eq!(visit.do_at(9, CONSENT), Err(Refusal::Erased));
    assert_eq!(visit.do_at(9, Command::Erase).unwrap(), []);
}

#[test]
fn an_expired_visit_grants_nothing() {
    let mut visit = Visit::painted();
    let late = 72 * 3600;
    let wish = Command::AddTicket {
        ticket: ticket(200, 100),
    };
    assert_eq!(visit.do_at(late, wish), Err(Refusal::Expired));
}

fn any_command() -> impl Strategy<Value = Command> {
    // Few ids, so that commands meet each other's things.
    let (capture_id, painting_id) = (10_u128..13, 100_u128..110);
    let uuid = |ids: std::ops::Range<u128>| ids.prop_map(Uuid::from_u128);
    let code = prop_oneof![
        Just(FailureCode::TimedOut),
        Just(FailureCode::GeneratorRubbish)
    ];
    let asks = (
        painting_id.clone(),
        capture_id.clone(),
        0..3_usize,
        0..3_u32,
    )
        .prop_map(|(id, capture, style, seed)| asked(id, capture, STYLES[style], seed));
    let claim = prop_oneof![Just(None), Just(Some("1234")), Just(Some("0000"))];
    prop_oneof![
        Just(open()),
        (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(painting, wall, offsite)| {
            Command::Consent {
                painting,
                wall,
                offsite,
            }
        }),
        Just(CONSENT),
        prop_oneof![Just("ko"), Just("en")].prop_map(|l| Command::ChooseLocale {
            locale: l.to_owned()
        }),
        capture_id.prop_map(|id| Command::TakeCapture {
            capture: capture(id)
        }),
        (prop::collection::vec(asks, 0..4), any::<bool>()).prop_map(|(paintings, any_seed)| {
            Command::AskPaintings {
                paintings,
                any_seed,
            }
        }),
        uuid(100..110).prop_map(|painting| Command::StartPainting {
            painting,
            by: "embedded".into()
        }),
        painting_id.clone().prop_map(finish),
        (uuid(100..110), code.clone())
            .prop_map(|(painting, code)| Command::FailPainting { painting, code }),
        uuid(100..110).prop_map(|painting| Command::RetryPainting { painting }),
        (200_u128..203, painting_id).prop_map(|(id, painting)| Command::AddTicket {
            ticket: ticket(id, painting)
        }),
        (uuid(300..303), uuid(200..203), 0..5_u32, 0..3_u32).prop_map(
            |(print, ticket, copies, key)| Command::OrderPrint {
                print,
                ticket,
                copies,
                key: key.to_string(),
                most_sheets: Some(9),
            }
        ),
        uuid(300..303).prop_map(|print| Command::FinishPrint { print }),
        (uuid(300..303), code).prop_map(|(print, code)| Command::FailPrint { print, code }),
        claim.prop_map(|c| Command::JoinPhone {
            claim: c.map(str::to_owned)
        }),
        Just(Command::HandOver),
        prop_oneof![9 => Just(Command::HandOver), 1 => Just(Command::End)],
        prop_oneof![19 => Just(Command::HandOver), 1 => Just(Command::Erase)],
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Never a panic, never an event that `apply` refuses, a refusal changes nothing, replay gives
    /// the same state, and what is settled stays so unless it is asked for again.
    #[test]
    fn any_order_of_any_commands_holds(
        commands in prop::collection::vec((0_i64..600, any_command()), 1..80),
    ) {
        let mut visit = Visit::default();
        let mut now = 0;
        for (later, command) in commands {
            now += later;
            let before = visit.state.clone();
            if visit.do_at(now, command).is_err() {
                prop_assert_eq!(&before, &visit.state);
            }
            if let Some(state) = &visit.state {
                prop_assert!(state.sheets_ordered() <= 9);
                prop_assert!(state.captures.len() <= MAX_CAPTURES);
                prop_assert_eq!(state.seq, visit.log.len() as u64);
            }
        }
        let text = serde_json::to_string(&visit.log).unwrap();
        let log: Vec<Recorded> = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&log, &visit.log);
        prop_assert_eq!(fold(SESSION, &log).unwrap(), visit.state);
        let done = |id: &Uuid| log.iter().filter(|r| {
            matches!(&r.event, Event::PaintingDone { painting, .. } if painting == id)
        }).count();
        for id in 100..110 {
            prop_assert!(done(&Uuid::from_u128(id)) <= 1);
        }
    }
}

#[test]
fn a_damaged_log_is_told_not_folded() {
    let log = Visit::painted().log;
    let gap: Vec<_> = log.iter().filter(|r| r.seq != 2).cloned().collect();
    assert_eq!(
        fold(SESSION, &gap).unwrap_err().why,
        "its number does not follow"
    );
    assert_eq!(
        fold(SESSION, &log[1..]).unwrap_err().why,
        "the session is not opened"
    );
}
