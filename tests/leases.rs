//! Guards that use of the records system meets the leases of the router: who held the address at
//! that time, whether anybody did, and in which department the device stands; in one pass, in two
//! nights, whatever the order of files and lines.

mod house;

use std::collections::BTreeSet;

use house::{House, json, lines_of};
use serde_json::Value;
use yomawari::store::{Filter, State, Store};

const CONFIG: &str = "\
version: 1
site: { timezone: Asia/Tokyo, language: en }
registers: { devices: devices.csv, networks: { clinical: 10.20.0.0/16 } }
";

/// The register knows hardware addresses, and one fixed address.
const DEVICES: &str = "\
mac,ip,name,department
00-1D-73-10-20-31,,PC1,外来
00-1D-73-10-20-32,,PC2,病棟
00-1D-73-10-20-40,10.20.1.200,SRV,医事
";

/// PC1 renews its lease day by day; a device nobody knows comes twice, PC2 takes its address.
const ROUTER: [&str; 11] = [
    "Nov 12 08:00:00 rtx1220 [DHCPD] LAN1(port1) Allocates 10.20.1.15: 00:1d:73:10:20:31",
    "Nov 13 08:00:00 rtx1220 [DHCPD] LAN1(port1) Extends 10.20.1.15: 00:1d:73:10:20:31",
    "Nov 14 08:00:00 rtx1220 [DHCPD] LAN1(port1) Extends 10.20.1.15: 00:1d:73:10:20:31",
    "Nov 15 08:00:00 rtx1220 [DHCPD] LAN1(port1) Extends 10.20.1.15: 00:1d:73:10:20:31",
    "Nov 16 08:00:00 rtx1220 [DHCPD] LAN1(port1) Extends 10.20.1.15: 00:1d:73:10:20:31",
    "Nov 16 10:00:00 rtx1220 [DHCPD] LAN1(port1) Allocates 10.20.1.77: 60:45:cb:0a:0b:0c",
    "Nov 16 11:00:00 rtx1220 [DHCPD] LAN1(port1) Releases 10.20.1.77: 60:45:cb:0a:0b:0c",
    "Nov 16 12:00:00 rtx1220 [DHCPD] LAN1(port1) Allocates 10.20.1.77: 60:45:cb:0a:0b:0c",
    "Nov 16 12:05:00 rtx1220 [DHCPD] LAN1(port1) Allocates 10.20.1.77: 00:1d:73:10:20:32",
    "Nov 16 13:30:00 rtx1220 LAN1 Rejected at IN(100) filter: TCP 10.20.1.66:5000 > 10.20.0.5:445",
    "Nov 17 08:00:00 rtx1220 [DHCPD] LAN1(port1) Extends 10.20.1.15: 00:1d:73:10:20:31",
];

const HEADING: &str = "日時,利用者ID,IPアドレス,操作,患者ID,結果";

const EHR: [&str; 9] = [
    // While the unknown device holds the address; after it gave it back.
    "2026/11/16 10:30:00,n1,10.20.1.77,カルテ参照,0001,成功",
    "2026/11/16 11:30:00,n1,10.20.1.77,カルテ参照,0002,成功",
    // Two devices may hold it.
    "2026/11/16 12:06:00,n1,10.20.1.77,カルテ参照,0003,成功",
    // Nothing ever showed the address; a filter showed it; the register states it.
    "2026/11/16 13:00:00,n2,10.20.1.55,カルテ参照,0004,成功",
    "2026/11/16 13:40:00,n2,10.20.1.66,カルテ参照,0005,成功",
    "2026/11/16 13:50:00,n2,10.20.1.200,カルテ参照,0006,成功",
    // Two devices in two departments, told by their leases alone.
    "2026/11/16 14:00:00,n3,10.20.1.15,カルテ参照,0007,成功",
    "2026/11/16 14:01:00,n3,10.20.1.77,カルテ参照,0008,成功",
    // No lease is recorded behind this one.
    "2026/11/17 09:00:00,n4,10.20.1.56,カルテ参照,0009,成功",
];

/// Rule, key, count, beginning and end.
const EXPECTED: [&str; 5] = [
    "one-account-two-departments n3 4 16T08:00:00 16T14:01:00",
    "records-from-unregistered-lease 10.20.1.77 2 16T10:00:00 16T10:30:00",
    "records-from-unregistered-lease 10.20.1.77 3 16T12:00:00 16T12:06:00",
    "records-without-presence 10.20.1.55 1 16T13:00:00 16T13:00:00",
    "records-without-presence 10.20.1.77 1 16T11:30:00 16T11:30:00",
];

const RULES: [&str; 3] = [
    "one-account-two-departments",
    "records-from-unregistered-lease",
    "records-without-presence",
];

fn house() -> House {
    House::with(&[
        ("yomawari.yaml", CONFIG.as_bytes()),
        ("devices.csv", DEVICES.as_bytes()),
    ])
}

fn write(house: &House, name: &str, lines: &[&str]) {
    let heading = name.ends_with(".csv").then_some(HEADING);
    let lines: Vec<&str> = heading.into_iter().chain(lines.iter().copied()).collect();
    house.write(name, (lines.join("\n") + "\n").as_bytes());
}

/// The rules of leases alone, and the files.
fn asked<'a>(files: &[&'a str]) -> Vec<&'a str> {
    let rules = RULES.iter().flat_map(|rule| ["--rule", rule]);
    rules
        .chain(["--year", "2026"])
        .chain(files.iter().copied())
        .collect()
}

fn shown(alerts: &[Value]) -> Vec<String> {
    let short = |line: String| line.replace("2026-11-", "").replace("+09:00", "");
    lines_of(alerts).into_iter().map(short).collect()
}

#[test]
fn leases_tell_who_was_at_an_address() {
    let house = house();
    write(&house, "router.log", &ROUTER);
    write(&house, "ehr.csv", &EHR);
    let alerts = house.scan(&asked(&["router.log", "ehr.csv"]));
    assert_eq!(shown(&alerts), EXPECTED);
    let of = |start: &str| {
        let found = alerts.iter().find(|a| {
            a["start"].as_str().is_some_and(|told| told.contains(start))
                && a["rule"]["name"] == "records-from-unregistered-lease"
        });
        found.expect("it was there above")
    };
    let lease = |alert: &Value| {
        let reasons = alert["reasons"].as_array().expect("a list").clone();
        let found = reasons.into_iter().find(|r| r["field"] == "lease");
        found.expect("the lease is a reason")["value"].clone()
    };
    assert_eq!(lease(of("16T10:00")), "certain");
    assert_eq!(lease(of("16T12:00")), "ambiguous");
    let said = of("16T12:00")["summary"]["en"].as_str().expect("a text");
    assert!(
        said.contains("ambiguous, 2 devices may have held"),
        "{said}"
    );
    assert!(said.contains("60-45-CB-0A-0B-0C"), "{said}");
    let said = of("16T12:00")["summary"]["ja"].as_str().expect("a text");
    assert!(said.contains("あいまい：2台"), "{said}");
}

#[test]
fn the_order_of_lines_and_files_changes_nothing() {
    let straight = house();
    write(&straight, "router.log", &ROUTER);
    write(&straight, "ehr.csv", &EHR);
    let expected = straight.scan(&asked(&["router.log", "ehr.csv"]));
    let turned = house();
    let back = |lines: &[&'static str]| lines.iter().rev().copied().collect::<Vec<_>>();
    write(&turned, "a.csv", &back(&EHR[4..]));
    write(&turned, "b.csv", &back(&EHR[..4]));
    write(&turned, "router-2.log", &back(&ROUTER[3..]));
    write(&turned, "router-1.log", &back(&ROUTER[..3]));
    let files = ["a.csv", "router-2.log", "b.csv", "router-1.log"];
    for threads in ["1", "2"] {
        let found = turned.scan(&asked(&[&["--threads", threads], &files[..]].concat()));
        let ids = |alerts: &[Value]| {
            let id = |a: &Value| (a["id"].to_string(), a["summary"].to_string());
            alerts.iter().map(id).collect::<BTreeSet<_>>()
        };
        assert_eq!(shown(&found), shown(&expected));
        assert_eq!(ids(&found), ids(&expected));
    }
}

/// The live alerts of a store.
fn live(house: &House) -> BTreeSet<String> {
    let store = Store::look(&house.path().join("y.db")).expect("a store");
    let filter = Filter {
        states: vec![State::Open],
        ..Filter::default()
    };
    let kept = store.alerts(&filter).expect("a list").into_iter();
    let is_ours = |name: &str| RULES.contains(&name);
    let ours = kept.filter(|k| is_ours(&k.alert.rule.name));
    ours.map(|k| {
        let a = k.alert;
        let texts: Vec<_> = a.evidence.iter().map(|e| &e.text).collect();
        format!(
            "{} {} {} {} {} {:?} {:?} {texts:?}",
            a.rule.name, a.id, a.count, a.start, a.end, a.key, a.summary
        )
    })
    .collect()
}

#[test]
fn two_nights_leave_what_one_pass_leaves() {
    let once = house();
    write(&once, "router.log", &ROUTER);
    write(&once, "ehr.csv", &EHR);
    once.scan(&asked(&["--store", "y.db", "router.log", "ehr.csv"]));
    let expected = live(&once);
    assert_eq!(expected.len(), EXPECTED.len());
    // The first night knows of no second holder yet, and the lease log comes a night late.
    for (router, ehr) in [(8, 3), (4, 7), (11, 4), (0, 9)] {
        let nights = house();
        write(&nights, "ehr-1.csv", &EHR[..ehr]);
        write(&nights, "router-1.log", &ROUTER[..router]);
        let mut first = vec!["ehr-1.csv"];
        first.extend((router > 0).then_some("router-1.log"));
        nights.scan(&asked(&[&["--store", "y.db"], first.as_slice()].concat()));
        write(&nights, "ehr-2.csv", &EHR[ehr..]);
        write(&nights, "router-2.log", &ROUTER[router..]);
        let mut second = vec![];
        second.extend((ehr < EHR.len()).then_some("ehr-2.csv"));
        second.extend((router < ROUTER.len()).then_some("router-2.log"));
        nights.scan(&asked(&[&["--store", "y.db"], second.as_slice()].concat()));
        assert_eq!(live(&nights), expected, "{router} and {ehr} lines first");
    }
}

#[test]
fn the_ledger_tells_what_could_not_be_judged() {
    let house = house();
    write(&house, "ehr.csv", &EHR);
    write(&house, "router.log", &ROUTER[4..]);
    let files = asked(&["--ledger", "ledger.json", "ehr.csv", "router.log"]);
    let alerts = house.scan(&files);
    assert!(
        !shown(&alerts)
            .iter()
            .any(|line| line.starts_with("records-without"))
    );
    let ledger = json(&house.path().join("ledger.json"));
    let rules = ledger["rules"].as_array().expect("a list");
    let told = rules
        .iter()
        .find(|r| r["name"] == "records-without-presence");
    let told = told.expect("every rule stands in the ledger");
    // 10.20.1.15, .55, .56, .66 and .77 are asked; the fixed address is not.
    let expected = serde_json::json!({ "keys": 5, "learning": 5 });
    assert_eq!(told["history"], expected, "{told}");
    house.write("yomawari.yaml", b"version: 1\n");
    house.scan(&files);
    let ledger = json(&house.path().join("ledger.json"));
    let rules = ledger["rules"].as_array().expect("a list");
    for rule in RULES {
        let told = rules
            .iter()
            .find(|r| r["name"] == rule)
            .expect("it is there");
        let silent = told["silent"]["en"].as_str().unwrap_or_default();
        assert!(silent.contains("a register of devices"), "{rule}: {silent}");
    }
}
