//! With a store: what was said is kept, through crashes and restarts, once.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::folder::House;
use super::logs::{self, Random};
use super::program::{NOW, Running, told};

const STORE: [&str; 2] = ["--store", "y.db"];

/// The alerts that live in the store.
fn living(house: &House) -> Vec<String> {
    let list = ["alerts", "list", "--all", "--output-format", "ndjson", "-q"];
    let ran = house.run(&[&list[..], &STORE].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    let lines = ran.out.lines();
    let all: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    let lives = |alert: &&Value| alert["state"] == "open" || alert["state"] == "closed";
    told(all.iter().filter(lives))
}

/// What a scan into a store of its own keeps.
fn scanned_into_store(house: &House, paths: &[&str]) -> Vec<String> {
    let other = House::new();
    for path in paths {
        other.put(path, house.bytes(path));
    }
    let ran = other.run(&[&["scan", "-q"], paths, &STORE, &NOW].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    living(&other)
}

fn verified(house: &House) {
    // A watch that was killed at once has made none.
    if !house.has("y.db") {
        return;
    }
    let ran = house.run(&[&["runs", "verify"][..], &STORE].concat());
    assert!([0, 3].contains(&ran.status), "{}{}", ran.out, ran.err);
}

/// Entries of the run record, none where there is no store yet.
fn entries(house: &House) -> i64 {
    let store = rusqlite::Connection::open(house.at("y.db")).expect("a store");
    let count = store.query_row("SELECT count(*) FROM runs", [], |row| row.get(0));
    count.unwrap_or(0)
}

/// Waits until a run has entered that it began, and that it judged all that was there then.
fn wait_until_whole(house: &House, entries_before: i64) {
    let begun = std::time::Instant::now();
    while entries(house) < entries_before + 2 {
        assert!(
            begun.elapsed() < Duration::from_secs(150),
            "nothing was judged"
        );
        thread::sleep(Duration::from_millis(50));
    }
}

fn burst(from: u64, address: &str) -> String {
    let line = |second| logs::failure(from + second, "n1", address);
    (0..5).map(line).collect()
}

#[test]
fn what_is_said_is_kept_and_a_second_run_says_nothing_again() {
    let house = House::new().with("auth.log", logs::logins(5, 800).concat());
    let mut running = Running::start(&house, &["auth.log", "--store", "y.db"]);
    running.wait_for("alert", |_| true);
    verified(&house);
    let ended = running.signal("TERM").well();
    assert_eq!(ended.standing(), living(&house));
    assert_eq!(living(&house), scanned_into_store(&house, &["auth.log"]));
    verified(&house);
    let before = entries(&house);
    let again = Running::start(&house, &["auth.log", "--store", "y.db"]);
    wait_until_whole(&house, before);
    let again = again.signal("TERM").well();
    assert!(again.heard.is_empty(), "{:?}", again.heard);
    let ran = house.run(&[&["scan", "auth.log"], &STORE[..], &NOW].concat());
    assert!(ran.out.is_empty(), "{}", ran.out);
    verified(&house);
}

#[test]
fn records_that_a_watch_told_are_known_to_a_scan() {
    // The log is followed to a second with three records; the export begins in that second.
    let seam: String = (0..3)
        .map(|_| logs::failure(9, "n1", "203.0.113.9"))
        .collect();
    let before = logs::success(0, "n2", "203.0.113.7") + &seam;
    let after = seam + &logs::success(20, "n2", "203.0.113.7");
    let house = House::new().with("a.log", before);
    let running = Running::start(&house, &["a.log", "--store", "y.db"]);
    wait_until_whole(&house, 0);
    running.signal("TERM").well();
    let house = house.with("b.log", after);
    let words = [
        "scan",
        "b.log",
        "--ledger",
        "ledger.json",
        "--store",
        "y.db",
    ];
    let ran = house.run(&[&words[..], &NOW].concat());
    assert!(!ran.out.contains("failed-login-burst"), "{}", ran.out);
    let ledger: Value = serde_json::from_slice(&house.bytes("ledger.json")).expect("JSON");
    assert_eq!(ledger["inputs"][0]["duplicates"], 3, "{ledger:#}");
}

#[test]
fn what_came_through_a_pipe_is_known_to_the_next_run() {
    let house = House::new();
    let mut running = Running::start(&house, &STORE);
    let lines: Vec<String> = (0..5)
        .map(|s| logs::failure(s, "n1", "203.0.113.9"))
        .collect();
    running.say(lines[..3].concat().as_bytes());
    running.end().well();
    // The window reaches from one run into the next.
    let mut running = Running::start(&house, &STORE);
    running.say(lines[3..].concat().as_bytes());
    let alert = running.wait_for_alert("failed-login-burst", "203.0.113.9");
    assert_eq!(alert["count"], 5);
    running.end().well();
    let whole = house.with("all.log", lines.concat());
    assert_eq!(living(&whole), scanned_into_store(&whole, &["all.log"]));
    verified(&whole);
}

#[test]
fn what_came_through_a_pipe_is_known_to_the_next_scan() {
    let house = House::new();
    let mut running = Running::start(&house, &STORE);
    let lines: Vec<String> = (0..5)
        .map(|s| logs::failure(s, "n1", "203.0.113.9"))
        .collect();
    running.say(lines[..3].concat().as_bytes());
    running.end().well();
    let house = house.with("rest.log", lines[3..].concat());
    let ran = house.run(&[&["scan", "rest.log"], &STORE[..], &NOW].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    let alert: serde_json::Value = serde_json::from_str(&ran.out).expect("one alert");
    assert_eq!(
        (&alert["rule"]["name"], &alert["count"]),
        (&"failed-login-burst".into(), &5.into())
    );
}

#[test]
fn what_came_through_a_pipe_before_a_crash_is_known_to_the_next_run() {
    let house = House::new();
    let mut running = Running::start(&house, &STORE);
    let lines: Vec<String> = (0..5)
        .map(|s| logs::failure(s, "n1", "203.0.113.9"))
        .collect();
    running.say(lines[..3].concat().as_bytes());
    let kept = || -> u64 {
        let pieces = glob::glob(&house.at("y.db.spool/*/*.log").to_string_lossy());
        let pieces = pieces.expect("a pattern").flatten();
        pieces
            .map(|piece| piece.metadata().map_or(0, |m| m.len()))
            .sum()
    };
    while kept() < lines[..3].concat().len() as u64 {
        thread::sleep(Duration::from_millis(20));
    }
    running.signal("KILL");
    let mut running = Running::start(&house, &STORE);
    running.say(lines[3..].concat().as_bytes());
    let alert = running.wait_for_alert("failed-login-burst", "203.0.113.9");
    assert_eq!(alert["count"], 5);
    let ended = running.end().well();
    assert!(ended.err.contains("did not end by itself"), "{}", ended.err);
    verified(&house);
}

#[test]
fn a_store_that_is_held_and_one_that_cannot_be_written_are_told() {
    let house = House::new();
    let mut running = Running::start(&house, &STORE);
    running.say(burst(0, "203.0.113.9").as_bytes());
    running.wait_for_alert("failed-login-burst", "203.0.113.9");
    let ran = house.run(&[&["watch"], &STORE[..], &NOW].concat());
    assert_eq!(ran.status, 4);
    assert!(
        ran.err.contains("another run holds the store"),
        "{}",
        ran.err
    );
    running.end().well();
    let ran = house.run(&["watch", "--store", "nowhere/y.db"]);
    assert_eq!(ran.status, 4, "{}", ran.err);
    assert!(ran.out.is_empty());
}

#[test]
fn a_file_rotated_while_nobody_watched_is_read_to_its_end() {
    let house = House::new().with("auth.log", burst(0, "203.0.113.1"));
    let mut running = Running::start(&house, &["auth.log", "--store", "y.db"]);
    running.wait_for_alert("failed-login-burst", "203.0.113.1");
    running.signal("TERM").well();
    let mut old = OpenOptions::new();
    let old = old.append(true).open(house.at("auth.log"));
    let written = old.and_then(|mut f| f.write_all(burst(100, "203.0.113.2").as_bytes()));
    written.expect("the house is writable");
    fs::rename(house.at("auth.log"), house.at("auth.log.2")).expect("it is there");
    house.put("auth.log.1", burst(200, "203.0.113.3"));
    house.put("auth.log", burst(300, "203.0.113.4"));
    let mut running = Running::start(&house, &["auth.log", "--store", "y.db"]);
    for last in 2..=4 {
        running.wait_for_alert("failed-login-burst", &format!("203.0.113.{last}"));
    }
    running.signal("TERM").well();
    let all = ["auth.log.2", "auth.log.1", "auth.log"];
    assert_eq!(living(&house), scanned_into_store(&house, &all));
    verified(&house);
}

/// How many crashes are tried; more by the variable.
fn crashes() -> u64 {
    let told = std::env::var("YOMAWARI_CRASHES").ok();
    told.and_then(|count| count.parse().ok()).unwrap_or(12)
}

#[test]
fn killed_at_any_moment_nothing_is_lost_and_nothing_doubled() {
    let house = House::new();
    let lines = logs::logins(77, 1_200);
    let mut random = Random(crashes());
    let mut written = 0;
    house.put("auth.log", "");
    for round in 0..crashes() {
        let before = entries(&house);
        let running = Running::start(&house, &["auth.log", "--store", "y.db"]);
        let pieces = 1 + random.below(4);
        for _ in 0..pieces {
            let next = (written + random.below(60) as usize).min(lines.len());
            let mut file = OpenOptions::new();
            let file = file.append(true).open(house.at("auth.log"));
            let text = lines[written..next].concat();
            let put = file.and_then(|mut file| file.write_all(text.as_bytes()));
            put.expect("the house is writable");
            written = next;
            thread::sleep(Duration::from_millis(random.below(250)));
        }
        if round % 4 == 3 {
            // What nobody ever followed is not looked for after a rotation.
            wait_until_whole(&house, before);
            let before = format!("auth.log.{}", round / 4);
            fs::rename(house.at("auth.log"), house.at(&before)).expect("it is there");
            house.put("auth.log", "");
        }
        running.signal("KILL");
        verified(&house);
    }
    let before = entries(&house);
    let running = Running::start(&house, &["auth.log", "--store", "y.db"]);
    wait_until_whole(&house, before);
    let ended = running.signal("TERM").well();
    // On a slow computer none of them may have begun.
    let is_said = ended.err.contains("did not end by itself");
    assert_eq!(is_said, before > 0, "{}", ended.err);
    house.put("whole.log", lines[..written].concat());
    assert_eq!(living(&house), scanned_into_store(&house, &["whole.log"]));
    verified(&house);
}

#[test]
fn alerts_reach_a_sink_while_the_run_goes_on() {
    let sinks = "store: y.db\nsinks:\n  - { name: file, type: ndjson, path: out.ndjson }\n";
    let house = House::new().with("y.yaml", sinks);
    let mut running = Running::start(&house, &["-c", "y.yaml"]);
    running.say(burst(0, "203.0.113.9").as_bytes());
    let alert = running.wait_for_alert("failed-login-burst", "203.0.113.9");
    let id = alert["id"].as_str().expect("a text").to_owned();
    let brought = || fs::read_to_string(house.at("out.ndjson")).unwrap_or_default();
    let begun = std::time::Instant::now();
    while !brought().contains(&id) && begun.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_millis(20));
    }
    assert!(brought().contains(&id), "{}", brought());
    running.end().well();
    assert_eq!(brought().matches(&id).count(), 1, "{}", brought());
    let without = house.with("y.yaml", sinks.replace("store: y.db\n", ""));
    let ran = without.run(&["watch", "-c", "y.yaml", "--lang", "en"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert!(ran.err.contains("only with a store"), "{}", ran.err);
}
