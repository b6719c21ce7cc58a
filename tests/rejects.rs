//! Guards that a source of which far more than usual could not be read is an alert whose records
//! can be held against their file: in one pass as in nights beside a store, whatever the threads.

mod house;

use std::fmt::Write as _;

use house::{House, lines_of};
use serde_json::Value;

const CONFIG: &str = "version: 1\nsite: { timezone: Asia/Tokyo, language: en }\ncalendar: calendar.yaml\n\
                      sources: [{ name: ehr, paths: ['*.csv'], format: csv }]\n";
const CALENDAR: &str =
    "version: 1\ncalendars: { all: { hours: [平日 08:30-18:00] } }\ndefault: all\n";
const RULE: [&str; 2] = ["--rule", "more-rejects-than-usual"];
const DAYS: [u32; 6] = [9, 10, 11, 12, 13, 16];

/// A day's export of a hundred records and so many that tell no time anybody can read.
fn export(day: u32, broken: u32) -> String {
    let mut text = String::from("日時,利用者ID,IPアドレス,操作,患者ID,結果\n");
    for row in 0..100 {
        let (hour, minute) = (9 + row / 60, row % 60);
        writeln!(
            text,
            "2026/11/{day} {hour:02}:{minute:02}:00,n{},10.20.1.5,カルテ参照,{row:06},成功",
            row % 7
        )
        .expect("a text can be written");
        if row < broken {
            writeln!(
                text,
                "2026/11/{day} 99:{row:02}:00,n1,10.20.1.5,カルテ参照,1,成功"
            )
            .expect("a text can be written");
        }
    }
    text
}

/// A house with five days of exports with `usual` broken records each, and one with `broken`.
fn house(usual: u32, broken: u32) -> House {
    let house = House::with(&[
        ("yomawari.yaml", CONFIG.as_bytes()),
        ("calendar.yaml", CALENDAR.as_bytes()),
    ]);
    for day in DAYS {
        let broken = if day == 16 { broken } else { usual };
        house.write(&name(day), export(day, broken).as_bytes());
    }
    house
}

fn name(day: u32) -> String {
    format!("d{day:02}.csv")
}

fn found(house: &House, more: &[&str]) -> Vec<Value> {
    let names = DAYS.map(name);
    let paths: Vec<&str> = names.iter().map(String::as_str).collect();
    house.scan(&[&paths, &RULE[..], more].concat())
}

#[test]
fn a_day_with_far_more_rejects_is_one_alert_that_names_them() {
    let house = house(0, 30);
    let alerts = found(&house, &[]);
    assert_eq!(
        lines_of(&alerts),
        ["more-rejects-than-usual ehr 30 2026-11-16T10:39:00+09:00 2026-11-16T10:39:00+09:00"]
    );
    let said = alerts[0]["summary"]["en"].as_str().expect("a sentence");
    assert!(
        said.ends_with("Source ehr: records that could not be read: 30, usually 0 (5 comparable days); the first: the time is not readable"),
        "{said}"
    );
    let evidence = alerts[0]["evidence"].as_array().expect("a list");
    assert_eq!(evidence.len(), 5, "those that are shown");
    let text = export(16, 30);
    let lines: Vec<&str> = text.lines().collect();
    for record in evidence {
        let line = record["line"].as_u64().expect("a line") as usize;
        assert_eq!(record["text"].as_str(), lines.get(line - 1).copied());
    }
    for threads in ["1", "3"] {
        assert_eq!(found(&house, &["--threads", threads]), alerts);
    }
}

#[test]
fn few_and_usual_rejects_stay_silent() {
    assert_eq!(found(&house(0, 19), &[]), Vec::<Value>::new());
    assert_eq!(found(&house(20, 37), &[]), Vec::<Value>::new());
    assert_eq!(found(&house(0, 0), &[]), Vec::<Value>::new());
}

#[test]
fn rejects_are_no_events_of_the_ledger() {
    let house = house(0, 30);
    let all = ["--ledger", "ledger.json", "d16.csv"];
    assert_eq!(house.run(&[&["scan"], &all[..]].concat()).status, 0);
    let ledger = house::json(&house.path().join("ledger.json"));
    let input = &ledger["inputs"][0];
    let told = ["records", "accepted", "events"].map(|key| input[key].as_u64());
    assert_eq!(told, [Some(131), Some(100), Some(100)], "{input}");
}

#[test]
fn nights_beside_a_store_tell_what_one_pass_does() {
    let house = house(0, 30);
    let expected = found(&house, &[]);
    let mut told = Vec::new();
    for day in DAYS {
        let name = name(day);
        told.extend(house.scan(&[&[name.as_str(), "--store", "s.db"], &RULE[..]].concat()));
        // What was read is not needed any more, but where it is evidence.
        if day != 16 {
            std::fs::remove_file(house.path().join(&name)).expect("it is there");
        }
    }
    assert_eq!(lines_of(&told), lines_of(&expected));
    assert_eq!(told[0]["id"], expected[0]["id"]);
    let id = told[0]["id"].as_str().expect("an id");
    let verified = house.run(&["alerts", "verify", id, "--store", "s.db"]);
    assert_eq!(verified.status, 0, "{}", verified.err);
    let shown = house.run(&["alerts", "show", id, "--store", "s.db"]);
    assert_eq!(shown.status, 0, "{}", shown.err);
    let again = house.scan(&[&["d16.csv", "--store", "s.db"], &RULE[..]].concat());
    assert_eq!(again, Vec::<Value>::new(), "nothing doubles");
}
