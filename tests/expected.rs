//! Guards what `expect` promises: a source that is absent or silent for longer is an alert, is told
//! in the ledger, and ends the run with status 3; also night after night.

mod house;

use std::fmt::Write as _;

use house::{House, Ran, json};
use serde_json::Value;

/// Logins of a source, one every so many minutes of a day between two hours.
fn logins(day: &str, hours: std::ops::Range<u32>, every: u32) -> String {
    let mut text = String::new();
    for minutes in (hours.start * 60..hours.end * 60).step_by(every as usize) {
        let (hour, minute) = (minutes / 60, minutes % 60);
        let _ = writeln!(
            text,
            "{{\"@timestamp\":\"2026-{day}T{hour:02}:{minute:02}:00+09:00\",\"event.action\":\
             \"chart-view\",\"event.outcome\":\"success\",\"user.id\":\"nurse\",\"patient.id\":\"1\"}}"
        );
    }
    text
}

fn config(ehr: &str, router: &str) -> String {
    format!(
        "version: 1\nsite: {{ timezone: Asia/Tokyo, language: en }}\nsources:\n  \
         - {{ name: ehr, paths: ['ehr-*.jsonl']{ehr} }}\n  \
         - {{ name: router, paths: ['router-*.jsonl']{router} }}\nstore: night.db\n"
    )
}

const NIGHTLY: &str = ", expect: nightly";
const HOURLY: &str = ", expect: hourly";

fn scan(house: &House) -> Ran {
    house.run(&[
        "scan",
        "--rule",
        "expected-source-silent",
        "--output-format",
        "ndjson",
    ])
}

/// A house with this config and these files.
fn house(config: &str, files: &[(&str, String)]) -> House {
    let house = House::with(&[("yomawari.yaml", config.as_bytes())]);
    add(&house, files);
    house
}

fn add(house: &House, files: &[(&str, String)]) {
    for (name, text) in files {
        house.write(name, text.as_bytes());
    }
}

#[test]
fn a_source_that_falls_silent_is_an_alert_and_leaves_the_run_incomplete() {
    let house = house(
        &config(NIGHTLY, HOURLY),
        &[
            ("ehr-1.jsonl", logins("11-10", 0..24, 10)),
            ("router-1.jsonl", logins("11-10", 0..11, 10)),
        ],
    );
    let ran = house.run(&[
        "scan",
        "--rule",
        "expected-source-silent",
        "--output-format",
        "ndjson",
        "--ledger",
        "l.json",
    ]);
    assert_eq!(ran.status, 3, "{}", ran.err);
    let alerts = ran.lines();
    let [alert] = alerts.as_slice() else {
        panic!("{alerts:?}")
    };
    assert_eq!(alert["key"]["input.source"], "router");
    assert_eq!(
        alert["summary"]["en"],
        "Tue 11-10 10:50: The source router, which is expected to speak (hourly), gave no record \
         for 13 h, lasting to the end of the records"
    );
    assert_eq!(alert["evidence"][0]["line"], 66);
    let said = "source router is expected (hourly), but is silent at the end of the records";
    assert!(ran.err.contains(said), "{}", ran.err);
    let ledger: Value = json(&house.path().join("l.json"));
    assert_eq!(ledger["unheard"], serde_json::json!(["router"]));
}

#[test]
fn who_is_heard_of_as_expected_is_not_told() {
    let house = house(
        &config(NIGHTLY, HOURLY),
        &[
            ("ehr-1.jsonl", logins("11-10", 8..18, 10)),
            ("router-1.jsonl", logins("11-10", 0..24, 10)),
        ],
    );
    let ran = scan(&house);
    assert_eq!((ran.status, ran.lines().len()), (0, 0), "{}", ran.err);
}

#[test]
fn without_expect_the_rule_is_silent_and_says_why() {
    let house = house(
        &config("", ""),
        &[
            ("ehr-1.jsonl", logins("11-10", 8..10, 10)),
            ("router-1.jsonl", logins("11-10", 0..24, 10)),
        ],
    );
    let ran = scan(&house);
    assert_eq!((ran.status, ran.lines().len()), (0, 0), "{}", ran.err);
    let why = "needs a source with expect (sources: expect), which is not configured";
    assert!(ran.err.contains(why), "{}", ran.err);
}

#[test]
fn a_night_without_an_export_is_an_alert_until_the_export_comes() {
    let house = house(
        &config(NIGHTLY, ""),
        &[
            ("ehr-1.jsonl", logins("11-10", 8..18, 10)),
            ("router-1.jsonl", logins("11-10", 0..24, 10)),
        ],
    );
    assert_eq!(scan(&house).status, 0);
    add(&house, &[("router-2.jsonl", logins("11-11", 0..24, 10))]);
    let ran = scan(&house);
    assert_eq!(ran.status, 3, "{}", ran.err);
    let alerts = ran.lines();
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0]["key"]["input.source"], "ehr");
    assert_eq!(alerts[0]["evidence"][0]["path"], "ehr-1.jsonl");
    // The same night again, and a later one: the silence goes on under its id.
    add(&house, &[("router-3.jsonl", logins("11-12", 0..24, 10))]);
    let ran = scan(&house);
    assert_eq!(ran.lines()[0]["id"], alerts[0]["id"]);
    assert_eq!(ran.status, 3);
    let is_open = || {
        let ran = house.run(&["alerts", "list", "--open", "--output-format", "ndjson"]);
        let mut alerts = ran.lines().into_iter();
        alerts.any(|alert| alert["rule"]["name"] == "expected-source-silent")
    };
    assert!(is_open());
    // What was forgotten is fetched.
    add(
        &house,
        &[
            ("ehr-2.jsonl", logins("11-11", 8..18, 10)),
            ("ehr-3.jsonl", logins("11-12", 8..18, 10)),
        ],
    );
    let ran = scan(&house);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(!is_open());
}

#[test]
fn what_nobody_expects_any_more_is_not_missed() {
    let house = house(
        &config(NIGHTLY, HOURLY),
        &[
            ("ehr-1.jsonl", logins("11-10", 0..24, 10)),
            ("router-1.jsonl", logins("11-10", 0..24, 10)),
        ],
    );
    assert_eq!(scan(&house).status, 0);
    house.write("yomawari.yaml", config(NIGHTLY, "").as_bytes());
    add(&house, &[("ehr-2.jsonl", logins("11-11", 0..24, 10))]);
    let ran = scan(&house);
    assert_eq!((ran.status, ran.lines().len()), (0, 0), "{}", ran.err);
}
