//! What codes say as this machine's addresses come, change and go.
//!
//! Each test runs itself again in a network namespace of its own, where it is root and nothing is
//! there but a loopback that is down.

use easel::app::Settings;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::desk::is_unshared;
use crate::house::{Daemon, Door, Plan, Staff, TestBooth, a_booth, read_qr, text, until};

/// Whether this is the run of this module's test of that name in a network of its own.
async fn is_inside(test: &str) -> bool {
    is_unshared("--net", &format!("network::{test}")).await
}

/// `ip` with these words.
async fn ip(words: &str) {
    let ended = Command::new("ip").args(words.split(' ')).output().await;
    let ended = ended.expect("ip (iproute2) is there");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "ip {words}: {said}");
}

/// An interface of that name which is up, with a phone at its other end; no route leads anywhere.
async fn plug_in(name: &str, address: &str) {
    ip(&format!("link add {name} type veth peer name far-{name}")).await;
    for end in [name.to_owned(), format!("far-{name}")] {
        ip(&format!("link set {end} up")).await;
    }
    ip(&format!("addr add {address} dev {name}")).await;
}

fn open_to_phones(settings: &mut Settings) {
    settings.listen.public = "0.0.0.0:0".parse().unwrap();
}

fn a_booth_for_phones() -> Plan {
    a_booth().with(open_to_phones)
}

async fn join(booth: &TestBooth) -> Value {
    let screen = booth.kiosk.get("/api/v1/kiosk").answer().await.granted(200);
    screen["join"].clone()
}

fn port(booth: &TestBooth) -> &str {
    booth.public.authority().rsplit(':').next().unwrap()
}

/// Waits until the running visit's code says `host`, to the eye too; a carrier takes a moment.
async fn says(booth: &TestBooth, host: &str, code: &str) {
    let url = format!("http://{host}:{}/#{code}", port(booth));
    until(&url, async || {
        let join = join(booth).await;
        let so = join["url"] == url && join["reachable"] == true;
        so && read_qr(text(&join["qr_svg"])) == url
    })
    .await;
}

async fn says_nothing_to_phones(booth: &TestBooth) -> Value {
    until("no phone gets here", async || {
        join(booth).await["reachable"] == false
    })
    .await;
    join(booth).await
}

/// A phone that has scanned the code comes in by the address it says.
async fn a_phone_comes_in(booth: &TestBooth, host: &str, code: &str) -> u16 {
    let door = Door::at(format!("http://{host}:{}", port(booth)));
    let knock = door.post("/api/v1/join").json(&json!({ "code": code }));
    knock.answer().await.status.as_u16()
}

#[tokio::test]
async fn a_code_says_the_access_points_address_and_follows_it() {
    if !is_inside("a_code_says_the_access_points_address_and_follows_it").await {
        return;
    }
    ip("link set lo up").await;
    // Docker without a container, a link without a carrier, is no network either.
    ip("link add docker0 type veth peer name far-docker0").await;
    ip("addr add 172.17.0.1/16 dev docker0").await;
    ip("link set docker0 up").await;
    let booth = a_booth_for_phones().open().await;
    let visitor = booth.visitor().await;
    let staff = Staff::enters(&booth.kiosk).await;

    // It starts all the same, and the API says what there is.
    let alone = says_nothing_to_phones(&booth).await;
    let url = format!("http://127.0.0.1:{}/#{}", port(&booth), visitor.code);
    assert_eq!(alone["url"], url);
    let address = staff.looks().await["address"].clone();
    assert_eq!(address["state"], "no_network", "{address}");
    assert_eq!(address["mood"], "trouble", "{address}");
    let ready = booth.kiosk.get("/readyz").answer().await;
    let ready: Value = serde_json::from_slice(&ready.body).unwrap();
    assert_eq!(ready["ready"], true, "the booth is open: {ready}");
    let parts = ready["parts"].as_array().unwrap();
    let part = parts.iter().find(|part| part["name"] == "address").unwrap();
    assert_eq!(part["ready"], false, "{ready}");

    plug_in("wlan0", "10.42.0.1/24").await;
    says(&booth, "10.42.0.1", &visitor.code).await;
    assert_eq!(
        a_phone_comes_in(&booth, "10.42.0.1", &visitor.code).await,
        200
    );
    let address = staff.looks().await["address"].clone();
    assert_eq!(address["state"], "reachable", "{address}");
    assert_eq!(address["interface"], "wlan0", "{address}");

    // Another address, and the first one again.
    ip("addr del 10.42.0.1/24 dev wlan0").await;
    ip("addr add 192.168.77.1/24 dev wlan0").await;
    says(&booth, "192.168.77.1", &visitor.code).await;
    // Any later phone needs the four digits: it has come in as far as that.
    assert_eq!(
        a_phone_comes_in(&booth, "192.168.77.1", &visitor.code).await,
        403
    );
    ip("addr del 192.168.77.1/24 dev wlan0").await;
    says_nothing_to_phones(&booth).await;
    ip("addr add 10.42.0.1/24 dev wlan0").await;
    says(&booth, "10.42.0.1", &visitor.code).await;

    // The radio is switched off and on.
    ip("link set wlan0 down").await;
    says_nothing_to_phones(&booth).await;
    ip("link set wlan0 up").await;
    says(&booth, "10.42.0.1", &visitor.code).await;
}

#[tokio::test]
async fn staff_choose_the_address_and_it_is_kept() {
    if !is_inside("staff_choose_the_address_and_it_is_kept").await {
        return;
    }
    ip("link set lo up").await;
    plug_in("eth0", "192.168.0.7/24").await;
    plug_in("wlan0", "10.42.0.1/24").await;
    plug_in("docker0", "172.17.0.1/16").await;
    ip("route add default via 192.168.0.1").await;
    let booth = a_booth_for_phones().open().await;
    let visitor = booth.visitor().await;
    let staff = Staff::enters(&booth.kiosk).await;

    // A Wi-Fi that leads nowhere is an access point of the booth's own.
    says(&booth, "10.42.0.1", &visitor.code).await;
    let address = staff.looks().await["address"].clone();
    let candidates = json!([
        { "interface": "wlan0", "address": "10.42.0.1" },
        { "interface": "eth0", "address": "192.168.0.7" },
        { "interface": "docker0", "address": "172.17.0.1" },
    ]);
    assert_eq!(address["candidates"], candidates);

    let choose = async |staff: &Staff, interface: &str, address: &str| {
        let wish = json!({ "interface": interface, "address": address });
        staff
            .ask(Method::PUT, "/address")
            .json(&wish)
            .answer()
            .await
    };
    for nonsense in [
        ("eth0", "10.42.0.1"),
        ("eth9", "192.168.0.7"),
        ("lo", "127.0.0.1"),
    ] {
        let refused = choose(&staff, nonsense.0, nonsense.1).await;
        refused.refused(422, "invalid");
    }
    let chosen = choose(&staff, "eth0", "192.168.0.7").await.granted(200);
    assert_eq!(chosen["interface"], "eth0", "{chosen}");
    says(&booth, "192.168.0.7", &visitor.code).await;

    // Over a restart.
    let booth = booth.close().open().await;
    says(&booth, "192.168.0.7", &visitor.code).await;
    let staff = Staff::enters(&booth.kiosk).await;

    // Its interface is given another address, goes, and comes back.
    ip("addr del 192.168.0.7/24 dev eth0").await;
    ip("addr add 192.168.0.8/24 dev eth0").await;
    says(&booth, "192.168.0.8", &visitor.code).await;
    ip("link set eth0 down").await;
    says(&booth, "10.42.0.1", &visitor.code).await;
    let address = staff.looks().await["address"].clone();
    assert_eq!(address["pin_missing"], true, "{address}");
    assert_eq!(address["mood"], "watch", "{address}");
    ip("link set eth0 up").await;
    says(&booth, "192.168.0.8", &visitor.code).await;

    let left = staff.ask(Method::DELETE, "/address").answer().await;
    assert_eq!(left.granted(200).get("pinned"), None);
    says(&booth, "10.42.0.1", &visitor.code).await;
}

#[tokio::test]
async fn what_settings_say_is_no_choice_of_the_staffs() {
    let named = |settings: &mut Settings| {
        settings.listen.public_url = "https://booth.example/".to_owned();
    };
    let booth = a_booth().with(named).open().await;
    let visitor = booth.visitor().await;
    let join = join(&booth).await;
    let url = format!("https://booth.example/#{}", visitor.code);
    assert_eq!(
        (&join["url"], &join["reachable"]),
        (&json!(url), &json!(true))
    );
    let staff = Staff::enters(&booth.kiosk).await;
    let address = staff.looks().await["address"].clone();
    assert_eq!(address["url"], "https://booth.example");
    assert_eq!(address["candidates"], json!([]));
    let wish = json!({ "interface": "lo", "address": "127.0.0.1" });
    for ask in [
        staff.ask(Method::PUT, "/address").json(&wish),
        staff.ask(Method::DELETE, "/address"),
    ] {
        ask.answer().await.refused(422, "invalid");
    }
    for method in [Method::PUT, Method::DELETE] {
        let stranger = booth.kiosk.ask(method, "/api/v1/staff/address").json(&wish);
        stranger.answer().await.refused(401, "staff_required");
    }
}

#[tokio::test]
async fn doctor_fails_where_no_phone_gets_here() {
    if !is_inside("doctor_fails_where_no_phone_gets_here").await {
        return;
    }
    ip("link set lo up").await;
    let dir = tempfile::tempdir().unwrap();
    let examined = async |public: &str| {
        let settings = [("GENERATOR__0__SIZE_PX", "128"), ("LISTEN__PUBLIC", public)];
        let ended = Daemon::asked(dir.path(), &settings, &["doctor"]).await;
        let said = String::from_utf8(ended.stdout).unwrap();
        let line = said.lines().find(|line| line.starts_with("address"));
        (line.unwrap().to_owned(), ended.status.code())
    };
    let (line, code) = examined("0.0.0.0:0").await;
    assert!(
        line.contains("WRONG") && line.contains("no network"),
        "{line}"
    );
    assert_eq!(code, Some(1), "{line}");

    // Addresses of the other kind are named as what they are.
    plug_in("wlan0", "fd00::7/64").await;
    until("the address is settled", async || {
        let (line, _) = examined("[::]:0").await;
        line.contains(" ok ") && line.contains("http://[fd00::7] on wlan0")
    })
    .await;
    let (line, _) = examined("0.0.0.0:8081").await;
    assert!(
        line.contains("WRONG") && line.contains("[::]:8081"),
        "{line}"
    );

    ip("addr add 10.42.0.1/24 dev wlan0").await;
    let (line, _) = examined("0.0.0.0:8081").await;
    assert!(
        line.contains(" ok ") && line.contains("http://10.42.0.1:8081 on wlan0"),
        "{line}"
    );
}

#[tokio::test]
async fn phones_come_in_where_there_is_ipv6_alone() {
    if !is_inside("phones_come_in_where_there_is_ipv6_alone").await {
        return;
    }
    ip("link set lo up").await;
    plug_in("wlan0", "fd00::7/64").await;
    let both = |settings: &mut Settings| settings.listen.public = "[::]:0".parse().unwrap();
    let booth = a_booth().with(both).open().await;
    let visitor = booth.visitor().await;
    says(&booth, "[fd00::7]", &visitor.code).await;
    assert_eq!(
        a_phone_comes_in(&booth, "[fd00::7]", &visitor.code).await,
        200
    );
    // Whoever has IPv4 is on most networks.
    ip("addr add 10.42.0.1/24 dev wlan0").await;
    says(&booth, "10.42.0.1", &visitor.code).await;
    assert_eq!(
        a_phone_comes_in(&booth, "10.42.0.1", &visitor.code).await,
        403
    );
}
