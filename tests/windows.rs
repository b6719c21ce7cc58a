//! Guards the windows through the whole program: over random events every correlation gives the
//! alerts that a naive quadratic count gives, however the file is cut.

#[path = "house/library.rs"]
mod library;

mod house;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use house::House;
use library::{World, limits};
use proptest::prelude::*;
use serde_json::Value;

/// A login as the log tells it.
#[derive(Clone, Debug)]
struct Try {
    second: i64,
    terminal: u8,
    account: u8,
    failed: bool,
}

/// Rule, terminal, first and last second, number of events.
type Found = (String, String, i64, i64, u64);

/// Noon of a working day, so that nothing else speaks.
const NOON: i64 = 12 * 3_600;

fn tries() -> impl Strategy<Value = Vec<Try>> {
    // Steps of five seconds and of minutes meet the ends of both windows often.
    let second = prop_oneof![
        (0..20i64).prop_map(|n| n * 15),
        (0..25i64).prop_map(|n| n * 60),
        0..1_500i64,
    ];
    let one = (second, 0..3u8, 0..8u8, prop::bool::weighted(0.85));
    let one = one.prop_map(|(second, terminal, account, failed)| Try {
        second,
        terminal,
        account,
        failed,
    });
    // At one second the order of events hangs on their identity, which only the program knows.
    prop::collection::vec(one, 0..60).prop_map(|mut tries: Vec<Try>| {
        let mut seen = BTreeSet::new();
        tries.retain(|t| seen.insert((t.terminal, t.second)));
        tries
    })
}

/// The literal meaning: at every event the window of those before it, both ends inside, is looked
/// at anew. An alert begins with the window in which the condition becomes true and grows while
/// it stays true.
fn naive(tries: &[Try], rule: &str, span: i64, holds: &dyn Fn(&[&Try]) -> bool) -> Vec<Found> {
    let mut groups: BTreeMap<u8, BTreeMap<i64, &Try>> = BTreeMap::new();
    for one in tries.iter().filter(|t| t.failed) {
        let group = groups.entry(one.terminal).or_default();
        group.insert(one.second, one);
    }
    let mut found = Vec::new();
    for (terminal, group) in groups {
        let mut open: Option<Found> = None;
        for &last in group.keys() {
            let window: Vec<&Try> = group.range(last - span..=last).map(|(_, t)| *t).collect();
            if !holds(&window) {
                found.extend(open.take());
                continue;
            }
            let (first, count) = (window[0].second, window.len() as u64);
            let rule = rule.to_owned();
            let (_, _, _, end, events) =
                open.get_or_insert((rule, address(terminal), first, last, count - 1));
            (*end, *events) = (last, *events + 1);
        }
        found.extend(open);
    }
    found
}

fn address(terminal: u8) -> String {
    format!("10.20.1.{terminal}")
}

fn csv(tries: &[Try]) -> String {
    let mut text = String::from("日時,利用者ID,IPアドレス,操作,結果\n");
    for one in tries {
        let clock = NOON + one.second;
        let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
        let outcome = if one.failed { "失敗" } else { "成功" };
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "2026/11/16 {hour:02}:{minute:02}:{second:02},u{},{},ログイン,{outcome}",
            one.account,
            address(one.terminal)
        );
    }
    text
}

/// What the alerts say, in the same form.
fn told(alerts: &str) -> Vec<Found> {
    let second = |value: &Value| {
        let text = value.as_str().expect("a time");
        let clock: Vec<i64> = text[11..19]
            .split(':')
            .map(|n| n.parse().expect("a clock"))
            .collect();
        clock[0] * 3_600 + clock[1] * 60 + clock[2] - NOON
    };
    let one = |line: &str| {
        let alert: Value = serde_json::from_str(line).expect("JSON");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        (
            text(&alert["rule"]["name"]),
            text(&alert["key"]["source.terminal"]),
            second(&alert["start"]),
            second(&alert["end"]),
            alert["count"].as_u64().expect("a count"),
        )
    };
    // Further rules count failed logins too, by account.
    let by_terminal = |line: &&str| {
        ["failed-login-burst", "password-spray"]
            .iter()
            .any(|name| line.contains(&format!("\"name\":\"{name}\"")))
    };
    alerts.lines().filter(by_terminal).map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn failed_logins_are_found_as_a_naive_count_finds_them(tries in tries(), block in 1..600usize) {
        let house = House::empty();
        house.write("ehr.csv", csv(&tries).as_bytes());
        let path = house.path().join("ehr.csv");
        let ran = World::new().run(&[&path], Some("csv"), limits(2, block));
        let mut found = told(&ran.alerts);
        found.sort();
        let accounts = |window: &[&Try]| {
            let all: BTreeSet<u8> = window.iter().map(|t| t.account).collect();
            all.len() >= 5
        };
        let mut expected = naive(&tries, "failed-login-burst", 60, &|w| w.len() >= 5);
        expected.extend(naive(&tries, "password-spray", 600, &accounts));
        expected.sort();
        prop_assert_eq!(found, expected);
    }
}
