//! Guards that a log that prints no year and is longer than one is read by the right years: in
//! `parse` as in `scan`, packed or plain, in blocks of any size, beside clocks that begin again.

#[path = "house/library.rs"]
mod library;

mod folder;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use chrono::{DateTime, Datelike as _, FixedOffset, TimeZone as _};
use folder::House;
use library::tasks;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use yomawari::pipeline::{self, Parsing, SourceSettings, Task, Watch};

type Day = DateTime<FixedOffset>;

fn tokyo(seconds: i64) -> Day {
    let zone = FixedOffset::east_opt(9 * 3600).expect("a zone");
    zone.timestamp_opt(seconds, 0).single().expect("a time")
}

/// A line as a router writes it.
fn line(at: &Day, text: &str) -> String {
    format!("{} rtx1 {text}\n", at.format("%b %e %H:%M:%S"))
}

/// Writes a log that was changed last at a time.
fn write(house: &House, name: &str, text: &[u8], changed: i64) {
    house.put(name, text);
    let at = UNIX_EPOCH + Duration::from_secs(changed.cast_unsigned());
    let file = File::options().append(true).open(house.at(name));
    let set = file.and_then(|file| file.set_modified(at));
    set.expect("the house is writable");
}

/// The time read of each line; 0 for a line that gives no event.
fn read(path: &Path, block: usize) -> Vec<i64> {
    let mut times = Vec::new();
    let tasks = tasks(&[path], Some("syslog")).into_iter().map(|task| {
        let source = SourceSettings {
            year: None,
            ..(*task.source).clone()
        };
        Task {
            source: Arc::new(source),
            ..task
        }
    });
    let watch = Watch::default();
    let parsed = pipeline::parse(tasks.collect(), block, &watch, &mut |at, parsing| {
        if let Parsing::Event(event) = parsing {
            times.resize(at.line as usize, 0);
            times[at.line as usize - 1] = event.time().map_or(0, |time| time.nanos / 1_000_000_000);
        }
        Ok(())
    });
    parsed.expect("nobody fails to listen");
    times
}

/// A log of some years: what happened when; `None` for a clock that began again.
fn history() -> impl Strategy<Value = Vec<(i64, Option<i64>)>> {
    let steps = proptest::collection::vec((0..40 * 86_400i64, 0..40u8), 30..120);
    (1_420_000_000..1_760_000_000i64, steps).prop_map(|(mut at, steps)| {
        let mut all: Vec<(i64, Option<i64>)> = Vec::new();
        for (step, kind) in steps {
            let (before, next) = (tokyo(at), tokyo(at + step));
            let turns = before.year() != next.year();
            if turns && (next.month(), next.day()) == (1, 1) {
                // Who writes on New Year's Day wrote on the day before.
                let eve = next.timestamp() - 86_400;
                all.push((eve.max(at), Some(eve.max(at))));
            } else if kind == 0 && !turns && (before.month(), before.day()) != (12, 31) {
                all.push((tokyo(at).with_ordinal(1).expect("a day").timestamp(), None));
            }
            at += step;
            all.push((at, Some(at)));
            // Receivers mix what reaches them within seconds.
            if kind == 1 {
                all.push((at - 40, Some(at - 40)));
            }
        }
        all
    })
}

#[test]
fn every_record_is_read_in_its_year() {
    let cases = (history(), 0..30 * 86_400i64, 64..4096usize);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(48));
    let all = runner.run(&cases, |(history, after, block)| {
        let house = House::new();
        let mut text = String::new();
        for (printed, _) in &history {
            text += &line(&tokyo(*printed), "PP[01] Disconnected");
        }
        let last = history.last().map_or(0, |(at, _)| *at);
        write(&house, "rtx.log", text.as_bytes(), last + 60 + after);
        let found = read(&house.at("rtx.log"), block);
        for (number, (_, at)) in history.iter().enumerate() {
            if let Some(at) = at {
                prop_assert_eq!(
                    tokyo(found[number]),
                    tokyo(*at),
                    "line {}\n{}",
                    number + 1,
                    text
                );
            }
        }
        Ok(())
    });
    all.unwrap_or_else(|error| panic!("{error}"));
}

/// A log of two and a half years with a line a day, and bursts of failed logins on given days.
fn long_log(bursts: &[(i32, u32, u32)]) -> (String, i64) {
    let mut text = String::new();
    let mut at = tokyo(1_717_200_000);
    let end = tokyo(1_795_000_000);
    while at < end {
        text += &line(&at, "PP[01] Disconnected");
        if bursts.contains(&(at.year(), at.month(), at.day())) {
            for _ in 0..5 {
                let said = "sshd[1]: Failed password for root from 203.0.113.5 port 22 ssh2";
                let _ = write!(text, "{}", line(&at, said));
            }
        }
        at += chrono::Duration::days(1);
    }
    (text, end.timestamp())
}

/// Where the bursts begin that a scan finds, with its ledger.
fn scan(house: &House, name: &str) -> (Vec<String>, serde_json::Value) {
    let words = [
        "scan",
        name,
        "--timezone",
        "Asia/Tokyo",
        "--ledger",
        "ledger.json",
    ];
    let form = ["--output-format", "ndjson", "-q", "--no-progress"];
    let ran = house.run(&[&words[..], &form[..]].concat());
    let alerts = ran.out.lines().map(|line| {
        let alert: serde_json::Value = serde_json::from_str(line).expect("a document");
        (alert["rule"]["name"] == "failed-login-burst").then(|| alert["start"].to_string())
    });
    let starts = alerts.flatten().collect();
    let ledger = serde_json::from_str(&house.text("ledger.json")).expect("a document");
    (starts, ledger)
}

#[test]
fn a_scan_judges_each_year_by_itself() {
    let bursts = [(2024, 7, 10), (2025, 7, 10), (2026, 7, 10)];
    let (text, changed) = long_log(&bursts);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).expect("memory");
    let packed = packed.finish().expect("memory");
    let house = House::new();
    write(&house, "rtx.log", text.as_bytes(), changed);
    write(&house, "rtx.log.gz", &packed, changed);
    // By the date in its name.
    write(
        &house,
        "rtx-20261118.log",
        text.as_bytes(),
        changed + 90_000_000,
    );
    for name in ["rtx.log", "rtx.log.gz", "rtx-20261118.log"] {
        let (starts, ledger) = scan(&house, name);
        let days: Vec<&str> = starts.iter().map(|start| &start[1..11]).collect();
        assert_eq!(days, ["2024-07-10", "2025-07-10", "2026-07-10"], "{name}");
        let input = &ledger["inputs"][0];
        assert_eq!(input["first"], "2024-06-01T09:00:00+09:00", "{name}");
        let notes = input["notes"].to_string();
        assert!(notes.contains("read as 3 years"), "{notes}");
        assert!(!notes.contains("step by more than"), "{notes}");
    }
}

#[test]
fn an_alert_is_explained_in_its_year() {
    // A Sunday, which is a Monday a year later.
    let (text, changed) = long_log(&[(2025, 2, 2)]);
    let rule = "title: Sunday\nid: 7d8f5c0e-58c5-4b5c-9c39-0f3a4f6e9b17\nname: sunday\nlevel: low\n\
                logsource: {category: authentication}\n\
                detection: {all: {event.action: login, calendar.verdict: closed}, condition: all}\n";
    let house = House::new().with("sunday.yml", rule);
    write(&house, "rtx.log", text.as_bytes(), changed);
    let rules = [
        "--no-default-rules",
        "--rules",
        "sunday.yml",
        "--store",
        "s.db",
    ];
    let form = ["--output-format", "ndjson", "-q", "--no-progress"];
    let ran = house.run(&[&["scan", "rtx.log"], &rules[..], &form[..]].concat());
    let first = ran.out.lines().next().expect("an alert");
    let alert: serde_json::Value = serde_json::from_str(first).expect("a document");
    assert_eq!(alert["start"], "2025-02-02T09:00:00+09:00");
    let id = alert["id"].as_str().expect("an id");
    let show = [
        "alerts",
        "show",
        id,
        "--store",
        "s.db",
        "--no-default-rules",
    ];
    let shown = house.run(&[&show[..], &["--rules", "sunday.yml"]].concat());
    assert!(shown.out.contains("sunday matches"), "{}", shown.out);
}

#[test]
fn what_comes_through_a_pipe_is_put_in_order_too() {
    let (text, _) = long_log(&[(2025, 7, 10)]);
    let house = House::new();
    let words = [
        "scan",
        "-",
        "--timezone",
        "Asia/Tokyo",
        "--now",
        "2026-11-18T12:00",
    ];
    let form = ["--output-format", "ndjson", "-q", "--no-progress"];
    let ran = house.run_with(&[&words[..], &form[..]].concat(), text.as_bytes());
    assert!(ran.out.contains("\"start\":\"2025-07-10T"), "{}", ran.out);
}

#[test]
fn a_clock_that_began_again_moves_nothing() {
    let (text, changed) = long_log(&[]);
    let from = text.len() - text.len() / 5;
    let from = from + text[from..].find('\n').map_or(0, |end| end + 1);
    let half_a_year = &text[from..];
    let begun = "Jan  1 00:00:13 rtx1 Restart by power-on\nJan  1 00:03:00 rtx1 PP[01] up\n";
    let text = format!("{half_a_year}{begun}{}", line(&tokyo(changed), "PP[01] up"));
    let house = House::new();
    write(&house, "rtx.log", text.as_bytes(), changed);
    let (_, ledger) = scan(&house, "rtx.log");
    let input = &ledger["inputs"][0];
    assert_eq!(input["first"], "2026-01-01T00:00:13+09:00");
    assert_eq!(input["notes"].as_array().map(Vec::len), Some(1), "{input}");
}

#[test]
fn a_year_that_is_told_is_believed() {
    let (text, changed) = long_log(&[]);
    let house = House::new();
    write(&house, "rtx.log", text.as_bytes(), changed);
    let words = [
        "scan",
        "rtx.log",
        "--year",
        "2026",
        "--ledger",
        "ledger.json",
    ];
    house.run(&[&words[..], &["-q", "--no-progress"]].concat());
    let ledger: serde_json::Value =
        serde_json::from_str(&house.text("ledger.json")).expect("a document");
    let first = ledger["inputs"][0]["first"].to_string();
    assert!(first.contains("2026-01-01"), "{first}");
    let _ = fs::remove_file(house.at("rtx.log"));
}
