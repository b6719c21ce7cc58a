//! Guards every kind of correlation through the program: what it finds in a log, its key, count
//! and times, its words, its own tests, and how its mistakes are told.

mod house;

use house::{House, lines_of};
use serde_json::{Value, json};

const KINDS: &str = include_str!("data/correlations/kinds.yml");

/// A house with the rules and a log of these events: clock, and what else each tells.
fn house(events: &[(&str, Value)]) -> House {
    let mut log = String::new();
    for (clock, told) in events {
        let mut event = json!({ "@timestamp": format!("2026-11-16T{clock}+09:00") });
        let all = event.as_object_mut().expect("an object");
        all.extend(told.as_object().expect("an object").clone());
        log.push_str(&format!("{event}\n"));
    }
    House::with(&[
        ("kinds.yml", KINDS.as_bytes()),
        ("log.ndjson", log.as_bytes()),
    ])
}

fn login(outcome: &str, user: &str) -> Value {
    json!({ "event.action": "login", "event.outcome": outcome, "user.id": user, "source.ip": "10.20.1.15" })
}

fn logout(user: &str) -> Value {
    json!({ "event.action": "logout", "user.id": user })
}

fn export(rows: Value, by: &str, patient: &str) -> Value {
    json!({ "event.action": "export", "user.id": "n9", "export.rows": rows, "export.by": by, "patient.id": patient, "source.ip": "10.20.1.16" })
}

/// The alerts of one rule.
fn of(house: &House, rule: &str) -> Vec<Value> {
    let scan = ["--no-default-rules", "--rules", "kinds.yml", "log.ndjson"];
    let mut alerts = house.scan(&scan);
    alerts.retain(|alert| alert["rule"]["name"] == rule);
    alerts
}

fn said(alert: &Value) -> &str {
    let text = alert["summary"]["en"].as_str().expect("a sentence");
    text.split_once(": ").expect("a time comes first").1
}

#[test]
fn an_accepted_login_after_a_burst() {
    let events = [
        ("09:00:00", login("failure", "n1")),
        ("09:00:10", login("failure", "n1")),
        ("09:00:20", login("failure", "n1")),
        ("09:05:20", login("success", "n1")),
        ("09:10:00", login("failure", "n2")),
        ("09:10:10", login("failure", "n2")),
        ("09:10:20", login("success", "n2")),
    ];
    let house = house(&events);
    let alerts = of(&house, "t-entered-after-burst");
    assert_eq!(
        lines_of(&alerts),
        ["t-entered-after-burst n1 4 2026-11-16T09:00:00+09:00 2026-11-16T09:05:20+09:00"]
    );
    assert_eq!(
        said(&alerts[0]),
        "Account n1: accepted after refusals: 4; terminals: 1"
    );
    assert_eq!(alerts[0]["evidence"].as_array().map(Vec::len), Some(4));
    assert!(of(&house, "t-burst").is_empty(), "it does not generate");
}

#[test]
fn what_an_inner_alert_did_not_group_by_comes_from_its_events() {
    let at = |user: &str, terminal: &str| {
        let mut event = login("failure", user);
        event["source.ip"] = json!(terminal);
        event
    };
    let house = house(&[
        ("09:00:00", at("n1", "10.20.1.15")),
        ("09:00:10", at("n2", "10.20.1.15")),
        ("09:00:20", at("n3", "10.20.1.15")),
        ("09:30:00", at("n4", "10.20.1.16")),
        ("09:30:10", at("n2", "10.20.1.16")),
        ("09:30:20", at("n5", "10.20.1.16")),
        ("09:30:30", at("n3", "10.20.1.16")),
    ]);
    // n3 came to the second terminal only after that burst was complete.
    let alerts = of(&house, "t-two-bursts");
    assert_eq!(
        lines_of(&alerts),
        ["t-two-bursts n2 7 2026-11-16T09:00:00+09:00 2026-11-16T09:30:30+09:00"]
    );
    assert_eq!(alerts[0]["key"], json!({ "user.account": "n2" }));
}

#[test]
fn sums_means_medians_and_percentiles() {
    let rows = [
        json!(100),
        json!("301.5"),
        json!(300.5),
        json!("n/a"),
        json!(900),
    ];
    let clocks = ["09:00:00", "09:10:00", "09:20:00", "09:30:00", "09:40:00"];
    let events: Vec<(&str, Value)> = clocks
        .into_iter()
        .zip(rows)
        .map(|(clock, rows)| (clock, export(rows, "n9", "1")))
        .collect();
    let house = house(&events);
    let line = |rule: &str, key: &str, count: u32, from: &str, to: &str| {
        format!("{rule} {key}{count} 2026-11-16T{from}+09:00 2026-11-16T{to}+09:00")
    };
    let sums = of(&house, "t-rows");
    assert_eq!(
        lines_of(&sums),
        [line("t-rows", "n9 ", 4, "09:00:00", "09:40:00")]
    );
    assert_eq!(said(&sums[0]), "rows: 1602");
    let means = of(&house, "t-mean");
    assert_eq!(
        lines_of(&means),
        [line("t-mean", " ", 4, "09:00:00", "09:40:00")]
    );
    assert_eq!(said(&means[0]), "rows on average: 400.5");
    // The middle of 100, 300.5, 301.5 and 900.
    assert_eq!(
        lines_of(&of(&house, "t-median")),
        [line("t-median", " ", 4, "09:00:00", "09:40:00")]
    );
    // Three quarters on between 301.5 and 900 are 451.125.
    assert!(of(&house, "t-percentile").is_empty());
}

#[test]
fn combinations_of_values_and_aliases() {
    let house = house(&[
        ("09:00:00", login("success", "n7")),
        ("09:01:00", export(json!(700), "n7", "1")),
        ("09:02:00", export(json!(1), "n7", "2")),
        ("09:03:00", export(json!(1), "n7", "2")),
    ]);
    assert!(of(&house, "t-combinations").is_empty());
    assert_eq!(
        lines_of(&of(&house, "t-alias")),
        ["t-alias n7 4 2026-11-16T09:00:00+09:00 2026-11-16T09:03:00+09:00"]
    );
    assert_eq!(of(&house, "t-alias")[0]["key"], json!({ "who": "n7" }));
}

#[test]
fn what_does_not_follow_and_some_of_several() {
    let house = house(&[
        ("09:00:00", login("success", "n1")),
        ("09:10:00", logout("n1")),
        ("09:00:00", login("success", "n2")),
        ("09:10:01", logout("n2")),
        ("10:00:00", login("failure", "n3")),
        ("10:00:30", logout("n3")),
        ("10:00:00", login("failure", "n4")),
        ("10:00:31", logout("n4")),
    ]);
    assert_eq!(
        lines_of(&of(&house, "t-no-logout")),
        ["t-no-logout n2 1 2026-11-16T09:00:00+09:00 2026-11-16T09:00:00+09:00"]
    );
    assert_eq!(
        lines_of(&of(&house, "t-two-of-three")),
        ["t-two-of-three n3 2 2026-11-16T10:00:00+09:00 2026-11-16T10:00:30+09:00"]
    );
}

#[test]
fn the_order_of_lines_does_not_matter() {
    let mut events = vec![
        ("09:00:00", login("failure", "n1")),
        ("09:00:00", login("failure", "n1")),
        ("09:00:00", login("success", "n1")),
        ("09:00:00", login("failure", "n1")),
        ("09:00:00", export(json!(600), "n1", "1")),
        ("09:00:01", export(json!(600), "n1", "2")),
        ("09:00:01", logout("n1")),
    ];
    let all = |house: &House| -> Vec<String> {
        let scan = ["--no-default-rules", "--rules", "kinds.yml", "log.ndjson"];
        let keep = |alert: Value| format!("{} {}", alert["id"], house::line_of(&alert));
        house.scan(&scan).into_iter().map(keep).collect()
    };
    let first = all(&house(&events));
    assert!(
        first
            .iter()
            .any(|line| line.contains("t-entered-after-burst"))
    );
    for turn in 1..events.len() {
        events.rotate_left(turn);
        assert_eq!(all(&house(&events)), first);
    }
}

#[test]
fn tests_inside_rules_and_words() {
    let house = house(&[]);
    let ran = house.run(&["rules", "test", "--no-default-rules", "kinds.yml"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(String::from_utf8_lossy(&ran.out).contains("passed: 2, failed: 0"));
    let show = |rule: &str| {
        let ran = house.run(&["rules", "show", rule, "--rules", "kinds.yml"]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        String::from_utf8_lossy(&ran.out).into_owned()
    };
    let shown = show("t-entered-after-burst");
    let words = "correlation: Looks for t-burst, then t-accepted per user.account within 5 min\n";
    assert!(shown.contains(words), "{shown}");
    let shown = show("t-alias");
    let words = "alias: who = user.account (t-accepted), export.by (t-export)\n";
    assert!(shown.contains(words), "{shown}");
    assert!(show("t-burst").contains("note: reports nothing on its own"));
    let ran = house.run(&[
        "rules",
        "list",
        "--no-default-rules",
        "--rules",
        "kinds.yml",
    ]);
    assert!(String::from_utf8_lossy(&ran.out).contains("t-percentile"));
}

#[test]
fn a_threshold_is_set_in_the_config() {
    let house = house(&[("09:00:00", export(json!(700), "n9", "1"))]);
    assert!(of(&house, "t-rows").is_empty());
    house.write(
        "yomawari.yaml",
        b"version: 1\nrules: { paths: [kinds.yml], set: { t-rows: { threshold: 700 } } }\n",
    );
    let alerts = house.scan(&["--no-default-rules", "log.ndjson"]);
    assert!(alerts.iter().any(|a| a["rule"]["name"] == "t-rows"));
}

#[test]
fn mistakes_are_told_all_at_once() {
    let house = House::empty();
    house.write(
        "ring.yml",
        b"title: a\nname: a\ncorrelation: { type: temporal, rules: [b], timespan: 1h }\n---\n\
          title: b\nname: b\ncorrelation: { type: temporal, rules: [a], timespan: 1h }\n---\n\
          title: c\nname: c\ncorrelation: { type: temporal, timespan: 1h, condition: not a }\n",
    );
    let ran = house.run(&["rules", "check", "--no-default-rules", "ring.yml"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    for part in [
        "ring.yml:1:1: error: a counts correlations that come back to themselves",
        "ring.yml:5:1: error: b counts correlations that come back to themselves",
        "condition: would hold when nothing happens",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
}
