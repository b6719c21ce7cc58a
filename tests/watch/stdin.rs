//! From stdin: slowly, in bursts, cut anywhere.

use std::thread;
use std::time::Duration;

use super::folder::House;
use super::logs::{self, Random};
use super::program::{NOW, Running, scanned};

/// The logs that come with the program.
const SAMPLES: [&str; 8] = [
    "csv/ordinary.csv",
    "csv/mhlw.csv",
    "csv/wareki-cp932.csv",
    "fhir/ordinary.ndjson",
    "fhir/bundle-r5.json",
    "jsonl/ordinary.ndjson",
    "syslog/rtx1220.log",
    "syslog/openwrt.log",
];

fn sample(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs");
    std::fs::read(path.join(name)).expect(name)
}

/// Feeds bytes in pieces of random length, with a pause now and then.
fn feed(running: &mut Running, bytes: &[u8], seed: u64, longest: u64) {
    let mut random = Random(seed);
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = (1 + random.below(longest) as usize).min(rest.len());
        running.say(&rest[..length]);
        rest = &rest[length..];
        if random.below(40) == 0 {
            thread::sleep(Duration::from_millis(1 + random.below(30)));
        }
    }
}

#[test]
fn an_alert_comes_before_stdin_is_closed() {
    let house = House::new();
    let mut running = Running::start(&house, &[]);
    for second in 0..5 {
        running.say(logs::failure(second * 7, "n1", "203.0.113.9").as_bytes());
    }
    let alert = running.wait_for_alert("failed-login-burst", "203.0.113.9");
    assert_eq!(alert["count"], 5);
    assert_eq!(alert["evidence"][0]["path"], "-");
    // Half a line says nothing yet; the other half ends it.
    let line = logs::failure(60, "n2", "203.0.113.8");
    let (one, other) = line.split_at(40);
    running.say(one.as_bytes());
    thread::sleep(Duration::from_millis(300));
    running.say(other.as_bytes());
    let ended = running.end().well();
    assert!(
        ended.err.contains("records 6 = accepted 6"),
        "{}",
        ended.err
    );
}

#[test]
fn samples_cut_anywhere_are_judged_as_a_scan_judges_them() {
    for (number, name) in SAMPLES.into_iter().enumerate() {
        let house = House::new();
        let bytes = sample(name);
        let expected = scanned(&house, &["-"], &bytes);
        let mut running = Running::start(&house, &["-q"]);
        feed(&mut running, &bytes, number as u64, 300);
        assert_eq!(running.end().well().standing(), expected, "{name}");
    }
}

#[test]
fn random_logins_cut_anywhere_are_judged_as_a_scan_judges_them() {
    for seed in 1..=4 {
        let house = House::new();
        let text = logs::logins(seed, 1_500).concat();
        let expected = scanned(&house, &["-"], text.as_bytes());
        assert!(expected.len() > 3, "{expected:?}");
        let mut running = Running::start(&house, &["-q"]);
        feed(&mut running, text.as_bytes(), seed, 4_000);
        assert_eq!(running.end().well().standing(), expected, "seed {seed}");
    }
}

#[test]
fn a_burst_is_taken_whole_however_fast_it_comes() {
    let house = House::new();
    let text = logs::logins(11, 60_000).concat();
    let mut running = Running::start(&house, &["-q", "--ledger", "ledger.json"]);
    running.say(text.as_bytes());
    running.end().well();
    let ledger: serde_json::Value =
        serde_json::from_str(&house.text("ledger.json")).expect("a document");
    assert_eq!(ledger["inputs"][0]["accepted"], 60_000);
}

#[test]
fn a_late_record_is_counted_and_revises_its_alert() {
    let house = House::new().with("yomawari.yaml", "version: 1\nlateness: 1m\n");
    let mut running = Running::start(&house, &["--ledger", "ledger.json"]);
    let mut text = String::new();
    for second in 0..5 {
        text += &logs::failure(600 + second * 5, "n1", "203.0.113.9");
    }
    running.say(text.as_bytes());
    let first = running.wait_for_alert("failed-login-burst", "203.0.113.9");
    let later = logs::success(900, "n5", "203.0.113.7");
    // Ten seconds before the first one: the alert begins with another record.
    let late = logs::failure(590, "n1", "203.0.113.9");
    running.say(format!("{later}{late}").as_bytes());
    let id = first["id"].clone();
    let revised = running.wait_for("successor", |line| {
        let supersedes = line["supersedes"].as_array();
        supersedes.is_some_and(|ids| ids.contains(&id))
    });
    assert_eq!(revised["count"], 6);
    let ended = running.end().well();
    let all = format!("{text}{later}{late}");
    assert_eq!(ended.standing(), scanned(&house, &["-"], all.as_bytes()));
    assert!(
        ended.err.contains("later than their source waits: 1"),
        "{}",
        ended.err
    );
    let ledger: serde_json::Value =
        serde_json::from_str(&house.text("ledger.json")).expect("a document");
    assert_eq!(ledger["inputs"][0]["late"], 1);
}

#[test]
fn packed_bytes_are_unpacked_and_nothing_is_well_too() {
    let house = House::new();
    assert!(Running::start(&house, &[]).end().well().heard.is_empty());
    let text = logs::logins(3, 400).concat();
    let mut packed = Vec::new();
    let mut gzip = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, text.as_bytes()).expect("memory");
    gzip.finish().expect("memory");
    let expected = scanned(&house, &["-"], text.as_bytes());
    let mut running = Running::start(&house, &["-q"]);
    running.say(&packed);
    assert_eq!(running.end().well().standing(), expected);
}

#[test]
fn times_without_a_year_are_of_the_year_in_which_they_come() {
    let house = House::new();
    let words = ["--now", "2026-11-16T09:00:00", "--ledger", "ledger.json"];
    let mut running = Running::start_at(&house, &words);
    running.say(logs::yearless_burst("Nov 16", "09:00:00", "203.0.113.1").as_bytes());
    running.wait_for_alert("failed-login-burst", "203.0.113.1");
    // By the clock of the beginning this is more than a day ahead, and so of the year before.
    std::thread::sleep(std::time::Duration::from_millis(2500));
    running.say(logs::yearless_burst("Nov 17", "09:00:01", "203.0.113.2").as_bytes());
    let alert = running.wait_for_alert("failed-login-burst", "203.0.113.2");
    assert_eq!(alert["start"], "2026-11-17T09:00:01+09:00");
    running.end().well();
    let ledger: serde_json::Value =
        serde_json::from_str(&house.text("ledger.json")).expect("a document");
    let input = &ledger["inputs"][0];
    assert_eq!(input["first"], "2026-11-16T09:00:00+09:00");
    assert!(input["late"].is_null(), "{input}");
}

#[test]
fn an_old_log_through_a_pipe_keeps_the_year_it_tells() {
    let house = House::new();
    let mut running = Running::start_at(&house, &["--now", "2026-11-16T09:00:00"]);
    let dated = "2023-06-07T08:00:00+09:00 gw01 app: begins\n";
    running.say(dated.as_bytes());
    running.say(logs::yearless_burst("Jun  8", "09:00:00", "203.0.113.1").as_bytes());
    let alert = running.wait_for_alert("failed-login-burst", "203.0.113.1");
    assert_eq!(alert["start"], "2023-06-08T09:00:00+09:00");
    std::thread::sleep(std::time::Duration::from_millis(2500));
    running.say(logs::yearless_burst("Jun  9", "09:00:01", "203.0.113.2").as_bytes());
    let alert = running.wait_for_alert("failed-login-burst", "203.0.113.2");
    assert_eq!(alert["start"], "2023-06-09T09:00:01+09:00");
    running.end().well();
}

#[test]
fn silence_is_told_by_the_clock_on_the_wall() {
    let rule = "title: Quiet\nid: 7d8f5c0e-58c5-4b5c-9c39-0f3a4f6e9b11\nname: quiet\nlevel: high\n\
                logsource: {category: authentication}\n\
                detection: {all: {event.action: login}, condition: all}\n\
                yomawari:\n  observe: {silence: {of: [observer.name], longer_than: 2s}}\n";
    let house = House::new()
        .with("quiet.yml", rule)
        .with("yomawari.yaml", "version: 1\nlateness: 2s\n");
    // The told clock stands at the last record, so that the source keeps step with it.
    let words = ["--rules", "quiet.yml", "--now", "2026-11-16T09:00:10"];
    let mut running = Running::start_at(&house, &words);
    for second in 4..10 {
        running.say(logs::success(second, "n1", "203.0.113.9").as_bytes());
    }
    let alert = running.wait_for_alert("quiet", "karte01");
    assert!(alert["summary"]["en"].as_str().is_some());
    let stands = running.end().well().standing();
    assert!(
        stands.iter().any(|line| line.contains("quiet")),
        "{stands:?}"
    );
}

#[test]
fn a_signal_ends_it_in_order_and_forms_for_files_are_refused() {
    let house = House::new();
    for name in ["TERM", "INT"] {
        let mut running = Running::start(&house, &[]);
        for second in 0..5 {
            running.say(logs::failure(second, "n1", "203.0.113.9").as_bytes());
        }
        running.wait_for_alert("failed-login-burst", "203.0.113.9");
        let ended = running.signal(name);
        assert_eq!(ended.status.code(), Some(0), "{name}: {}", ended.err);
        assert!(ended.err.contains("examined: inputs 1"), "{}", ended.err);
    }
    let ran = house.run(&["watch", "-o", "alerts.csv", NOW[0], NOW[1]]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("not csv or xlsx"), "{}", ran.err);
}
