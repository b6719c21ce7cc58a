//! Night after night: an event is counted once, however its files are cut, named and packed.

use std::fmt::Write as _;
use std::io::Write as _;

use super::house::House;
use super::page::{all, number, rows};

const CONFIG: &str = "\
version: 1
site: { name: さくら総合病院, timezone: Asia/Tokyo, language: ja }
sources:
  - { name: ehr, paths: ['in/'], timezone: Asia/Tokyo, expect: nightly }
calendar:
  calendars: { clinic: { hours: [平日 08:30-18:00] } }
  default: clinic
";
const HEADING: &str = "日時,利用者ID,端末名,IPアドレス,操作,患者ID,結果\n";

/// The rows of a day, between hours, every seven minutes; some of them several times.
fn day(day: u32, hours: std::ops::Range<u32>) -> String {
    let mut text = String::new();
    for minute in (hours.start * 60..hours.end * 60).step_by(7) {
        let (hour, minute) = (minute / 60, minute % 60);
        let user = 1 + (day + hour + minute) % 5;
        let action = ["カルテ参照", "ログイン", "印刷"][(minute as usize + hour as usize) % 3];
        let outcome = if minute % 11 == 0 { "失敗" } else { "成功" };
        let times = 1 + usize::from(minute % 10 == 0);
        for _ in 0..times {
            writeln!(
                text,
                "2026/11/{day} {hour:02}:{minute:02}:05,n{user},PC{user},10.20.1.{user},{action},00{hour},{outcome}"
            )
            .expect("a text takes it");
        }
    }
    text
}

fn with_heading(parts: &[String]) -> Vec<u8> {
    (HEADING.to_owned() + &parts.concat()).into_bytes()
}

fn house() -> House {
    House::with(&[("yomawari.yaml", CONFIG.as_bytes())])
}

fn scan(house: &House) {
    let ran = house.run(&["scan", "--store", "y.db", "--no-progress"]);
    assert!(ran.status == 0, "{} {}", ran.status, ran.err);
}

fn views(house: &House) -> Vec<String> {
    all(&house.path().join("y.db"))
}

/// The views after one scan of these files.
fn of(files: &[(&str, Vec<u8>)]) -> Vec<String> {
    let house = house();
    for (name, bytes) in files {
        house.write(name, bytes);
    }
    scan(&house);
    views(&house)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).expect("memory takes it");
    packed.finish().expect("memory takes it")
}

#[test]
fn renamed_packed_and_written_in_another_encoding_it_counts_once() {
    let night = with_heading(&[day(16, 0..24), day(17, 0..12)]);
    let expected = of(&[("in/a.csv", night.clone())]);
    assert!(!expected.is_empty());
    let house = house();
    house.write("in/a.csv", &night);
    scan(&house);
    assert_eq!(views(&house), expected);
    scan(&house);
    assert_eq!(views(&house), expected, "read again");
    std::fs::rename(house.path().join("in/a.csv"), house.path().join("in/b.csv")).expect("moved");
    scan(&house);
    assert_eq!(views(&house), expected, "renamed");
    std::fs::remove_file(house.path().join("in/b.csv")).expect("removed");
    house.write("in/c.csv.gz", &gzip(&night));
    scan(&house);
    assert_eq!(views(&house), expected, "packed");
    let text = String::from_utf8(night).expect("UTF-8");
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(&text);
    house.write("in/d.csv", &cp932);
    scan(&house);
    assert_eq!(views(&house), expected, "in another encoding");
    let store = house.path().join("y.db");
    assert_eq!(number(&store, "SELECT count(*) FROM count_inputs"), 1);
    assert_eq!(number(&store, "SELECT count(*) FROM settings"), 1);
    assert_eq!(
        number(
            &store,
            "SELECT max(rows) FROM registers WHERE kind = 'calendar'"
        ),
        1
    );
}

#[test]
fn windows_that_move_on_count_each_hour_once() {
    let days: Vec<String> = (10..18).map(|number| day(number, 0..24)).collect();
    let expected = of(&[("in/all.csv", with_heading(&days))]);
    let house = house();
    house.write("in/ehr.csv", &with_heading(&days[..6]));
    scan(&house);
    house.write("in/ehr.csv", &with_heading(&days[1..7]));
    scan(&house);
    house.write("in/other.csv", &with_heading(&days[2..]));
    scan(&house);
    assert_eq!(views(&house), expected);
    let store = house.path().join("y.db");
    let twice = "SELECT sum(duplicates) FROM days WHERE day = 20770";
    assert!(number(&store, twice) > 0, "told by two files");
    house.write("in/all.csv", &with_heading(&days));
    scan(&house);
    assert_eq!(views(&house), expected, "and all of it once more");
}

#[test]
fn a_log_that_grows_or_is_cut_within_an_hour_loses_nothing() {
    let whole = day(16, 0..14);
    let rows: Vec<&str> = whole.split_inclusive('\n').collect();
    let expected = of(&[("in/a.csv", with_heading(&[whole.clone()]))]);
    let cut = rows
        .iter()
        .position(|row| row.contains(" 10:3"))
        .expect("a row");
    let (before, after) = (rows[..cut].concat(), rows[cut..].concat());
    let house = house();
    house.write("in/a.csv", &with_heading(&[before.clone()]));
    scan(&house);
    house.write("in/a.csv", &with_heading(&[whole.clone()]));
    scan(&house);
    assert_eq!(views(&house), expected, "it grew");
    let store = house.path().join("y.db");
    assert_eq!(number(&store, "SELECT sum(duplicates) FROM days"), 0);
    let parts = of(&[
        ("in/a.csv", with_heading(&[before])),
        ("in/b.csv", with_heading(&[after])),
    ]);
    assert_eq!(parts, expected, "it was rotated");
}

#[test]
fn two_machines_of_one_source_are_added_up() {
    let whole = day(16, 8..12);
    let rows: Vec<&str> = whole.split_inclusive('\n').collect();
    let (mut one, mut other) = (String::new(), String::new());
    for row in &rows {
        match row.contains("PC1") || row.contains("PC2") {
            true => one.push_str(row),
            false => other.push_str(row),
        }
    }
    let parts = of(&[
        ("in/a.csv", with_heading(&[one])),
        ("in/b.csv", with_heading(&[other])),
    ]);
    assert_eq!(parts, of(&[("in/a.csv", with_heading(&[whole]))]));
}

#[test]
fn an_hour_that_nobody_can_tell_apart_is_marked() {
    let whole = day(16, 10..11);
    let rows: Vec<&str> = whole.split_inclusive('\n').collect();
    let third = rows.len() / 3;
    let house = house();
    house.write("in/a.csv", &with_heading(&[rows[..2 * third].concat()]));
    house.write("in/b.csv", &with_heading(&[rows[third..].concat()]));
    scan(&house);
    let store = house.path().join("y.db");
    let left = rows.len() - 2 * third;
    let longer = rows.len() - third;
    let expected = format!("ehr|{}|{}", 20_773 * 24 + 10, (2 * third).min(longer));
    assert_eq!(self::rows(&store, "SELECT * FROM ambiguous"), [expected]);
    assert_eq!(
        number(&store, "SELECT sum(records) FROM hours"),
        (2 * third).max(longer) as i64,
        "{left} rows stand in one file alone"
    );
}

#[test]
fn a_roster_that_is_filed_later_explains() {
    let night = with_heading(&[day(16, 0..6)]);
    let house = house();
    house.write("in/a.csv", &night);
    scan(&house);
    let store = house.path().join("y.db");
    let explained = "SELECT coalesce(sum(records), 0) FROM hours WHERE explained = 'declaration'";
    assert_eq!(number(&store, explained), 0);
    let config = format!("{CONFIG}registers: {{ declarations: d.csv }}\n");
    house.write("yomawari.yaml", config.as_bytes());
    house.write(
        "d.csv",
        b"kind,from,to,who,where\novertime,2026-11-16,2026-11-16,n1,\n",
    );
    scan(&house);
    let of_n1 = "SELECT sum(records) FROM users WHERE user = 'n1' AND verdict = 'closed'";
    assert!(number(&store, of_n1) > 0);
    assert_eq!(number(&store, explained), number(&store, of_n1));
    let seen = rows(
        &store,
        "SELECT kind, run, rows FROM registers ORDER BY kind, run",
    );
    assert_eq!(seen, ["calendar|1|1", "declarations|2|1", &seen[2]]);
    let document = rows(&store, "SELECT document FROM settings")[0].clone();
    let document: serde_json::Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["sources"][0]["expect"], "nightly");
    assert_eq!(document["hours"]["opens"][0], "08:30-18:00");
}

#[test]
fn what_was_typed_at_failed_logins_alone_is_not_kept() {
    let rows = "2026/11/16 10:00:00,secret-pass,PC1,10.20.1.1,ログイン,,失敗\n\
                2026/11/16 10:01:00,n1,PC1,10.20.1.1,ログイン,,失敗\n\
                2026/11/16 10:02:00,n1,PC1,10.20.1.1,ログイン,,成功\n";
    let told = of(&[("in/a.csv", with_heading(&[rows.to_owned()]))]);
    assert!(told.iter().all(|line| !line.contains("secret")), "{told:?}");
    let users: Vec<&String> = told
        .iter()
        .filter(|line| line.starts_with("users"))
        .collect();
    assert_eq!(
        users,
        [
            "users|ehr|20773|*||open||failure|1",
            "users|ehr|20773|n1||open||failure|1",
            "users|ehr|20773|n1||open||success|1"
        ]
    );
}
