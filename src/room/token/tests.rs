//! Attempts to open a room that is not one's own.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::*;
use crate::clock::ManualClock;

const ROOM: Uuid = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001);

struct Bench {
    clock: ManualClock,
    key: Key,
    tokens: Tokens,
}

impl Bench {
    fn new() -> Self {
        let clock = ManualClock::default();
        let entropy = Entropy::seeded(1);
        let key = Key::generate(&entropy);
        let tokens = Tokens::new(&key, Arc::new(clock.clone()), entropy);
        Self { clock, key, tokens }
    }

    fn in_an_hour(&self) -> Timestamp {
        self.clock.now() + SignedDuration::from_hours(1)
    }

    fn good(&self) -> String {
        self.tokens
            .issue(ROOM, Role::Visitor, "phone-1", self.in_an_hour())
    }

    fn claims(&self) -> Value {
        let now = self.clock.now().as_second();
        json!({"iss": "easel", "aud": "room", "sub": "phone-1", "room": ROOM, "role": "visitor",
               "iat": now, "exp": now + 3600, "jti": Uuid::nil()})
    }

    /// The header that we write.
    fn header(&self) -> Header {
        jsonwebtoken::decode_header(self.good()).unwrap()
    }

    /// Signs with the true key: as if someone had found a way to have us sign their words.
    fn sign(&self, header: &Header, claims: &Value) -> String {
        let key = self.key.derive(KIND.purpose);
        jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(key.expose())).unwrap()
    }

    #[track_caller]
    fn refuse(&self, token: &str) {
        let verdict = self.tokens.verify(token);
        assert!(
            matches!(verdict, Err(TokenError::Invalid(_))),
            "{verdict:?} for {token}"
        );
    }
}

fn base64(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

#[test]
fn a_token_says_what_was_put_in() {
    let bench = Bench::new();
    let claims = bench.tokens.verify(&bench.good()).unwrap();
    assert_eq!((claims.room, claims.role), (ROOM, Role::Visitor));
    assert_eq!(claims.sub, "phone-1");
    assert_eq!(claims.expires_at(), bench.in_an_hour());
    assert_eq!(claims.iat, bench.clock.now().as_second());
    // The hand-made claims of the tests below are good but for what each of them changes.
    assert!(
        bench
            .tokens
            .verify(&bench.sign(&bench.header(), &bench.claims()))
            .is_ok()
    );
    assert!(bench.good().len() < 2_048 / 4, "{}", bench.good().len());
}

#[test]
fn it_ends_on_the_second() {
    let bench = Bench::new();
    let token = bench.good();
    bench.clock.advance(Duration::from_millis(3_599_999));
    assert!(bench.tokens.verify(&token).is_ok());
    bench.clock.advance(Duration::from_millis(1));
    assert!(matches!(
        bench.tokens.verify(&token),
        Err(TokenError::Expired)
    ));
}

#[test]
fn a_wall_clock_that_jumps_back_revives_nothing() {
    let bench = Bench::new();
    let token = bench.good();
    bench.clock.advance(Duration::from_secs(3_600));
    bench.clock.jump_wall(SignedDuration::from_hours(-24));
    assert!(matches!(
        bench.tokens.verify(&token),
        Err(TokenError::Expired)
    ));
}

#[test]
fn a_token_from_the_future_waits() {
    let bench = Bench::new();
    let mut claims = bench.claims();
    claims["iat"] = json!(bench.clock.now().as_second() + 1);
    let token = bench.sign(&bench.header(), &claims);
    assert!(matches!(
        bench.tokens.verify(&token),
        Err(TokenError::NotYet)
    ));
    bench.clock.advance(Duration::from_secs(1));
    assert!(bench.tokens.verify(&token).is_ok());
}

#[test]
fn no_character_can_be_changed() {
    let bench = Bench::new();
    let token = bench.good();
    for at in 0..token.len() {
        for other in ["A", "B", "_", ".", "=", ""] {
            if token[at..=at] != *other {
                bench.refuse(&format!("{}{other}{}", &token[..at], &token[at + 1..]));
            }
        }
    }
}

#[test]
fn unsigned_tokens_are_refused() {
    let bench = Bench::new();
    let token = bench.good();
    let body = token.split('.').nth(1).unwrap();
    let kid = bench.header().kid.clone().unwrap();
    for alg in ["none", "None", "NONE", ""] {
        let header = base64(&json!({"alg": alg, "typ": KIND.typ, "kid": kid}).to_string());
        bench.refuse(&format!("{header}.{body}."));
        bench.refuse(&format!("{header}.{body}"));
    }
    let (message, _) = token.rsplit_once('.').unwrap();
    bench.refuse(&format!("{message}."));
    bench.refuse(message);
}

#[test]
fn other_algorithms_are_refused_even_with_the_true_key() {
    let bench = Bench::new();
    for alg in [Algorithm::HS384, Algorithm::HS512] {
        let header = Header {
            alg,
            ..bench.header()
        };
        bench.refuse(&bench.sign(&header, &bench.claims()));
    }
    // Key confusion: an HMAC under a header that names a public-key algorithm.
    let token = bench.good();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let body = message.split('.').nth(1).unwrap();
    for alg in ["RS256", "PS256", "ES256", "EdDSA", "hs256", "HS2560"] {
        let header = json!({"alg": alg, "typ": KIND.typ, "kid": bench.header().kid});
        bench.refuse(&format!(
            "{}.{body}.{signature}",
            base64(&header.to_string())
        ));
    }
}

#[test]
fn any_other_header_is_refused() {
    let bench = Bench::new();
    let ours = bench.header();
    let mut extended = ours.clone();
    extended.extras.insert("x", 1);
    let others = [
        Header {
            typ: None,
            ..ours.clone()
        },
        Header {
            typ: Some("JWT".to_owned()),
            ..ours.clone()
        },
        Header {
            kid: None,
            ..ours.clone()
        },
        Header {
            kid: Some("another".to_owned()),
            ..ours.clone()
        },
        Header {
            cty: Some("JWT".to_owned()),
            ..ours.clone()
        },
        Header {
            crit: Some(vec!["exp".to_owned()]),
            ..ours.clone()
        },
        Header {
            jku: Some("https://example.com/keys".to_owned()),
            ..ours.clone()
        },
        extended,
    ];
    for header in others {
        bench.refuse(&bench.sign(&header, &bench.claims()));
    }
}

#[test]
fn another_installation_is_refused() {
    let bench = Bench::new();
    let theirs = Tokens::new(
        &Key::generate(&Entropy::seeded(2)),
        Arc::new(bench.clock.clone()),
        Entropy::seeded(2),
    );
    bench.refuse(&theirs.issue(ROOM, Role::Staff, "x", bench.in_an_hour()));
    // Even if they name our key.
    let forger = Key::generate(&Entropy::seeded(2)).derive(KIND.purpose);
    let forger = EncodingKey::from_secret(forger.expose());
    let forged = jsonwebtoken::encode(&bench.header(), &bench.claims(), &forger);
    bench.refuse(&forged.unwrap());
    // And the installation's own key signs tokens only through its derived key.
    let root = EncodingKey::from_secret(bench.key.expose());
    let forged = jsonwebtoken::encode(&bench.header(), &bench.claims(), &root);
    bench.refuse(&forged.unwrap());
}

#[test]
fn each_claim_must_be_there_and_as_we_write_it() {
    let bench = Bench::new();
    for claim in ["iss", "aud", "sub", "room", "role", "iat", "exp", "jti"] {
        let mut claims = bench.claims();
        claims.as_object_mut().unwrap().remove(claim);
        bench.refuse(&bench.sign(&bench.header(), &claims));
        claims[claim] = Value::Null;
        bench.refuse(&bench.sign(&bench.header(), &claims));
    }
    let changes = [
        ("iss", json!("weasel")),
        ("aud", json!("staff")),
        ("aud", json!(["room", "staff"])),
        ("role", json!("admin")),
        ("role", json!("Staff")),
        ("room", json!("*")),
        ("exp", json!("never")),
        ("exp", json!(1e300)),
        ("exp", json!(4_000_000_000.5)),
        ("iat", json!("0")),
        ("nbf", json!(0)),
        ("scope", json!("all")),
    ];
    for (claim, value) in changes {
        let mut claims = bench.claims();
        claims[claim] = value;
        bench.refuse(&bench.sign(&bench.header(), &claims));
    }
    let mut claims = bench.claims();
    claims["exp"] = json!(-1);
    // Negative times are no JWT dates for the library; ours would call it expired. Both refuse.
    let verdict = bench.tokens.verify(&bench.sign(&bench.header(), &claims));
    assert!(verdict.is_err());
}

#[test]
fn rubbish_is_refused() {
    let bench = Bench::new();
    let long = bench.good() + &"A".repeat(2_048);
    for rubbish in [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "ключ.ключ.ключ",
        " ",
        "\0.\0.\0",
        &long,
    ] {
        bench.refuse(rubbish);
    }
    bench.refuse(&format!(" {}", bench.good()));
    bench.refuse(&format!("{}\n", bench.good()));
    bench.refuse(&format!("Bearer {}", bench.good()));
}

#[test]
fn no_two_tokens_are_alike_and_debug_tells_no_key() {
    let bench = Bench::new();
    assert_ne!(bench.good(), bench.good());
    let said = format!("{:?}", bench.tokens);
    assert!(said.contains("easel-room+jwt"), "{said}");
    let key = bench.key.derive(KIND.purpose);
    for secret in [
        format!("{:?}", key.expose()),
        URL_SAFE_NO_PAD.encode(key.expose()),
    ] {
        assert!(!said.contains(&secret), "{said}");
    }
}

#[test]
fn a_token_that_lives_longer_than_any_the_booth_issues_is_none() {
    let bench = Bench::new();
    let now = bench.clock.now().as_second();
    let mut claims = bench.claims();
    claims["exp"] = json!(now + LONGEST.as_secs());
    bench
        .tokens
        .verify(&bench.sign(&bench.header(), &claims))
        .unwrap();
    claims["exp"] = json!(now + LONGEST.as_secs() + 1);
    bench.refuse(&bench.sign(&bench.header(), &claims));
    claims["iat"] = json!(now - LONGEST.as_secs());
    claims["exp"] = json!(now + 60);
    bench.refuse(&bench.sign(&bench.header(), &claims));
}
