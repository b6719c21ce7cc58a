//! Guards what rules observe over time, from logs to sentences: something new, more than usual,
//! silence and holes are told once each; the answer does not hang on files or threads; and what
//! there is too little history for is said in the ledger.

mod house;

use std::fmt::Write as _;

use house::{House, lines_of};
use serde_json::Value;

const CONFIG: &str = "\
version: 1
site: { name: さくら総合病院, timezone: Asia/Tokyo, language: ja }
registers: { networks: { clinical: [10.20.0.0/16] } }
calendar: { version: 1, timezone: Asia/Tokyo, holidays: JP, calendars: { clinic: { hours: ['平日 08:30-18:00'] } }, default: clinic }
";

/// The rules at hand; others may have something to say too.
const RULES: [&str; 7] = [
    "dormant-account-revived",
    "log-sequence-hole",
    "new-device",
    "new-network-for-account",
    "new-terminal-for-account",
    "reading-above-own-usual",
    "silent-source",
];

/// A login as JSON.
fn login(time: &str, account: &str, address: &str) -> String {
    format!(
        "{{\"@timestamp\":\"2026-{time}+09:00\",\"event.action\":\"login\",\"event.outcome\":\
         \"success\",\"user.id\":\"{account}\",\"source.ip\":\"{address}\"}}\n"
    )
}

/// A lease as JSON.
fn lease(time: &str, mac: &str) -> String {
    format!(
        "{{\"@timestamp\":\"2026-{time}+09:00\",\"event.action\":\"dhcp-lease\",\"client.mac\":\
         \"{mac}\",\"observer.name\":\"dhcp\"}}\n"
    )
}

/// A morning of charts as JSON.
fn charts(day: &str, account: &str, patients: u32) -> String {
    let mut text = String::new();
    for patient in 0..patients {
        let (minute, second) = (patient / 60, patient % 60);
        let _ = writeln!(
            text,
            "{{\"@timestamp\":\"2026-{day}T09:{minute:02}:{second:02}+09:00\",\"event.action\":\
             \"chart-view\",\"user.id\":\"{account}\",\"patient.id\":\"p{patient}\"}}"
        );
    }
    text
}

/// A line a switch writes, with its number.
fn numbered(day: u32, hour: u32, number: u32) -> String {
    format!(
        "<190>{number}: sw01: Oct {day} 2026 {hour:02}:00:00.000 JST: \
         %SYS-5-CONFIG_I: Configured from console by netadmin on vty0 (10.20.0.9)\n"
    )
}

/// October as JSON lines and the log of a switch, in order of time.
fn october() -> (String, String) {
    let mut events = String::new();
    events += &login("08-03T09:00:00", "old", "10.20.9.1");
    events += &login("10-05T08:00:00", "n1", "10.20.1.1");
    events += &lease("10-05T08:00:00", "00:1d:73:00:00:01");
    for day in [5, 6, 7, 8, 9, 13] {
        events += &charts(&format!("10-{day:02}"), "n2", 8);
    }
    events += &login("10-13T08:00:00", "n1", "10.20.1.2");
    events += &login("10-13T08:01:00", "n1", "10.20.1.2");
    events += &lease("10-13T08:00:00", "00:1d:73:00:00:02");
    events += &login("10-14T08:00:00", "n1", "203.0.113.9");
    events += &charts("10-14", "n2", 60);
    events += &login("10-15T08:00:00", "old", "10.20.9.1");
    let mut switch = String::new();
    for number in 0..96 {
        // The switch leaves out three numbers once, and is heard no more from the 13th on.
        let left_out = if number > 40 { 3 } else { 0 };
        switch += &numbered(9 + number / 24, number % 24, 100 + number + left_out);
    }
    (events, switch)
}

fn house(files: &[(&str, &str)]) -> House {
    let house = House::with(&[("yomawari.yaml", CONFIG.as_bytes())]);
    for (name, text) in files {
        house.write(name, text.as_bytes());
    }
    house
}

fn observed(house: &House, arguments: &[&str]) -> Vec<Value> {
    let mut alerts = house.scan(arguments);
    alerts.retain(|alert| RULES.contains(&alert["rule"]["name"].as_str().unwrap_or_default()));
    alerts
}

#[test]
fn each_is_told_once_in_plain_words() {
    let (events, switch) = october();
    let house = house(&[("events.ndjson", &events), ("switch.log", &switch)]);
    let alerts = observed(&house, &["events.ndjson", "switch.log"]);
    let mut said: Vec<(&str, &str, &str)> = alerts
        .iter()
        .map(|alert| {
            (
                alert["rule"]["name"].as_str().unwrap(),
                alert["summary"]["en"].as_str().unwrap(),
                alert["summary"]["ja"].as_str().unwrap(),
            )
        })
        .collect();
    said.sort_unstable();
    let shown = said
        .iter()
        .map(|(rule, en, ja)| format!("{rule}\n  {en}\n  {ja}\n"));
    insta::assert_snapshot!("observed", shown.collect::<String>());
}

#[test]
fn evidence_is_what_lies_around() {
    let (events, switch) = october();
    let house = house(&[("events.ndjson", &events), ("switch.log", &switch)]);
    let alerts = observed(&house, &["events.ndjson", "switch.log"]);
    let lines = |rule: &str| -> Vec<u64> {
        let alert = alerts.iter().find(|a| a["rule"]["name"] == rule).unwrap();
        let evidence = alert["evidence"].as_array().unwrap();
        evidence
            .iter()
            .map(|e| e["line"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(lines("log-sequence-hole"), [41, 42]);
    assert_eq!(lines("silent-source"), [96]);
}

#[test]
fn files_and_threads_do_not_matter() {
    let (events, switch) = october();
    let half = events.lines().count() / 2;
    let part = |from: usize, to: usize| -> String {
        let lines = events.lines().skip(from).take(to - from);
        lines.map(|line| format!("{line}\n")).collect()
    };
    let whole = house(&[("a.ndjson", &events), ("b.log", &switch)]);
    let (first, second) = (part(0, half), part(half, usize::MAX));
    let cut = house(&[
        ("1.ndjson", &second),
        ("2.ndjson", &first),
        ("0.log", &switch),
    ]);
    let told = |house: &House, arguments: &[&str]| {
        let alerts = observed(house, arguments);
        let ids = alerts.iter().map(|a| a["id"].as_str().unwrap().to_owned());
        let mut ids: Vec<String> = ids.collect();
        ids.sort();
        (lines_of(&alerts), ids)
    };
    let expected = told(&whole, &["a.ndjson", "b.log", "--threads", "1"]);
    assert!(expected.0.len() >= RULES.len(), "{:#?}", expected.0);
    let again = told(&cut, &["1.ndjson", "2.ndjson", "0.log", "--threads", "5"]);
    assert_eq!(again, expected);
}

#[test]
fn too_little_history_is_said() {
    let text = login("10-05T08:00:00", "n1", "10.20.1.1") + &charts("10-05", "n2", 8);
    let house = house(&[("events.ndjson", &text)]);
    let ran = house.run(&["scan", "events.ndjson"]);
    let line = ran.err.lines().find(|l| l.starts_with("still learning"));
    assert_eq!(
        line,
        Some(
            "still learning, for want of history: dormant-account-revived (1 of 1 keys), \
             more-rejects-than-usual (1 of 1 keys), new-network-for-account (1 of 1 keys), \
             new-terminal-for-account (1 of 1 keys), reading-above-own-usual (1 of 1 keys)"
        ),
        "{}",
        ran.err
    );
}

#[test]
fn a_rule_says_in_words_what_it_observes() {
    let house = House::empty();
    let ran = house.run(&["rules", "show", "silent-source"]);
    let text = String::from_utf8(ran.out).unwrap();
    let told = "observes: No record for more than 6 h of open hours, where records came for 3 d \
                before, per observer.name + event.dataset";
    assert!(text.contains(told), "{text}");
}

#[test]
fn a_period_ends_silences_too() {
    let (_, switch) = october();
    let house = house(&[("switch.log", &switch)]);
    let other = house.path().join("other.log");
    let later = numbered(20, 12, 7).replace("sw01", "sw02");
    std::fs::write(other, later).unwrap();
    let silent = |arguments: &[&str]| {
        let alerts = observed(&house, arguments);
        alerts
            .iter()
            .filter(|a| a["rule"]["name"] == "silent-source")
            .count()
    };
    let both = ["switch.log", "other.log"];
    assert_eq!(silent(&both), 1);
    let before = [&both[..], &["--until", "2026-10-13T09:00:00+09:00"]].concat();
    assert_eq!(silent(&before), 0, "nobody was silent until then");
}
