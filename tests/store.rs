//! Night after night with a store: nothing doubles, nothing is lost, windows reach over midnight.

mod house;

use std::collections::BTreeMap;
use std::io::Write as _;

use house::House;
use yomawari::store::{Filter, State, Store};

const HEADING: &str = "日時,利用者ID,端末名,IPアドレス,操作,患者ID,結果\n";

/// Failed logins of one terminal at these times.
fn failures(times: &[&str]) -> String {
    let rows = times
        .iter()
        .map(|time| format!("{time},n1023,PC1,10.20.1.5,ログイン,,失敗\n"));
    HEADING.to_owned() + &rows.collect::<String>()
}

/// Chart views in the night of the 17th.
fn night_views() -> String {
    let rows = ["02:14:07", "02:20:00", "02:31:40"];
    let rows = rows.map(|t| format!("2026/11/17 {t},n1023,PC1,10.20.1.5,カルテ参照,0012,成功\n"));
    HEADING.to_owned() + &rows.concat()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).expect("memory takes it");
    packed.finish().expect("memory takes it")
}

/// Like [`night_views`] on days of November; the account opens as many charts as the day tells.
fn days(days: std::ops::RangeInclusive<u32>) -> String {
    let row = |day: u32, n: u32| {
        format!("2026/11/{day} 02:{n:02}:07,n1023,PC1,10.20.1.5,カルテ参照,p{n},成功\n")
    };
    let rows = days.flat_map(|day| (0..day).map(move |n| row(day, n)));
    HEADING.to_owned() + &rows.collect::<String>()
}

/// The live alerts of one clean pass over some text.
fn clean(text: &str) -> BTreeMap<String, u64> {
    let house = House::empty();
    house.write("all.csv", text.as_bytes());
    scan(&house, &["all.csv"]);
    live(&house, "y.db")
}

/// Scans like [`scan`], with something on stdin; gives what was said.
fn said(house: &House, words: &[&str], stdin: &str) -> String {
    let scan = ["scan", "--store", "y.db", "--timezone", "Asia/Tokyo"];
    let ran = house.run_with(&[&scan, words].concat(), stdin.as_bytes());
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran.err
}

/// A house with a calendar and a register of declarations that holds nothing yet.
fn with_declarations() -> House {
    House::with(&[
        (
            "yomawari.yaml",
            b"version: 1\ncalendar: calendar.yaml\nregisters: { declarations: d.csv }\n",
        ),
        (
            "calendar.yaml",
            "version: 1\ncalendars: { all: { hours: [平日 08:30-18:00] } }\ndefault: all\n"
                .as_bytes(),
        ),
        ("d.csv", b"kind,from,to,who\n"),
    ])
}

const OVERTIME: &[u8] = b"kind,from,to,who\n\
    overtime,2026-11-17 00:00,2026-11-17 06:00,n1023\n";

/// Scans with the store `y.db`; gives the ids and revisions of the alerts printed.
fn scan(house: &House, paths: &[&str]) -> Vec<(String, u64)> {
    let ran = house.run(
        &[
            &["scan", "--store", "y.db", "--timezone", "Asia/Tokyo"],
            paths,
        ]
        .concat(),
    );
    assert_eq!(ran.status, 0, "{}", ran.err);
    let text = String::from_utf8(ran.out).expect("UTF-8");
    let alerts = text.lines().map(|line| {
        let alert: serde_json::Value = serde_json::from_str(line).expect("a JSON line");
        let id = alert["id"].as_str().expect("an id").to_owned();
        (id, alert["revision"].as_u64().expect("a revision"))
    });
    alerts.collect()
}

/// The live alerts of a store: number of events by id.
fn live(house: &House, name: &str) -> BTreeMap<String, u64> {
    let store = Store::look(&house.path().join(name)).expect("a store");
    let filter = Filter {
        states: vec![State::Open, State::Closed],
        ..Filter::default()
    };
    let kept = store.alerts(&filter).expect("a list");
    kept.into_iter()
        .map(|k| (k.alert.id, k.alert.count))
        .collect()
}

#[test]
fn the_same_records_again_add_nothing_under_any_name() {
    let house = House::empty();
    house.write("a.csv", night_views().as_bytes());
    let first = scan(&house, &["a.csv"]);
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(scan(&house, &["a.csv"]), []);
    house.write("renamed.csv", night_views().as_bytes());
    assert_eq!(scan(&house, &["renamed.csv"]), []);
    house.write("packed.csv.gz", &gzip(&night_views()));
    assert_eq!(scan(&house, &["packed.csv.gz", "a.csv"]), []);
    assert_eq!(live(&house, "y.db").len(), 1);
}

#[test]
fn a_window_reaches_over_two_nights() {
    let house = House::empty();
    let evening = [
        "2026/11/16 23:59:30",
        "2026/11/16 23:59:40",
        "2026/11/16 23:59:50",
    ];
    let morning = ["2026/11/17 00:00:05", "2026/11/17 00:00:10"];
    house.write("16.csv", failures(&evening).as_bytes());
    house.write("17.csv", failures(&morning).as_bytes());
    assert_eq!(scan(&house, &["16.csv"]), []);
    let found = scan(&house, &["17.csv"]);
    assert_eq!(found.len(), 1, "{found:?}");
    let more = ["2026/11/17 00:00:12"];
    house.write("late.csv", failures(&more).as_bytes());
    let again = scan(&house, &["late.csv"]);
    assert_eq!(again, [(found[0].0.clone(), 1)], "the alert grew");
    let other = House::empty();
    let all: Vec<&str> = evening
        .iter()
        .chain(&morning)
        .chain(&more)
        .copied()
        .collect();
    other.write("all.csv", failures(&all).as_bytes());
    scan(&other, &["all.csv"]);
    assert_eq!(live(&house, "y.db"), live(&other, "y.db"));
}

#[test]
fn a_duty_entered_later_takes_the_alert_back() {
    let house = with_declarations();
    house.write("a.csv", night_views().as_bytes());
    let found = scan(&house, &["a.csv"]);
    assert_eq!(found.len(), 1, "{found:?}");
    house.write("d.csv", OVERTIME);
    assert_eq!(scan(&house, &["a.csv"]), []);
    assert_eq!(live(&house, "y.db").len(), 0);
    let store = Store::look(&house.path().join("y.db")).expect("a store");
    let back = &store.find(&found[0].0).expect("a list")[0];
    assert_eq!(back.state, State::Retracted);
}

#[test]
fn what_is_gone_takes_nothing_back() {
    let house = House::empty();
    house.write("a.csv", night_views().as_bytes());
    assert_eq!(scan(&house, &["a.csv"]).len(), 1);
    std::fs::remove_file(house.path().join("a.csv")).expect("it goes");
    house.write("b.csv", failures(&["2026/11/18 09:00:00"]).as_bytes());
    assert_eq!(scan(&house, &["b.csv"]), []);
    assert_eq!(live(&house, "y.db").len(), 1);
}

#[test]
fn a_part_of_the_time_takes_nothing_back() {
    let house = House::empty();
    house.write("a.csv", night_views().as_bytes());
    assert_eq!(scan(&house, &["a.csv"]).len(), 1);
    assert_eq!(scan(&house, &["a.csv", "--since", "2026-11-18"]), []);
    assert_eq!(live(&house, "y.db").len(), 1);
}

#[test]
fn runs_are_chained_and_a_held_store_is_said() {
    let house = House::empty();
    house.write("a.csv", night_views().as_bytes());
    scan(&house, &["a.csv"]);
    scan(&house, &["a.csv"]);
    let path = house.path().join("y.db");
    let store = Store::look(&path).expect("a store");
    let runs = store.runs().expect("runs");
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[0].entry.alerts, (1, 0, 0));
    assert_eq!(runs[0].entry.inputs[0].records, (4, 3, 0));
    assert_eq!(runs[0].entry.inputs[0].sha256.len(), 64);
    assert_eq!(runs[1].previous, runs[0].digest);
    let held = Store::open(&path).expect("nobody holds it");
    let ran = house.run(&["scan", "--store", "y.db", "a.csv"]);
    assert_eq!(ran.status, 4);
    assert!(ran.err.contains("y.db"), "{}", ran.err);
    drop(held);
}

#[test]
fn an_export_that_is_overwritten_every_night_adds_up() {
    let house = House::empty();
    for last in 9..14u32 {
        house.write("ehr.csv", days(last - 6..=last).as_bytes());
        scan(&house, &["ehr.csv"]);
    }
    assert_eq!(live(&house, "y.db"), clean(&days(3..=13)));
}

#[test]
fn a_window_reaches_into_a_file_that_was_deleted() {
    let house = House::empty();
    let evening = ["23:59:30", "23:59:40", "23:59:50"].map(|t| format!("2026/11/16 {t}"));
    let morning = ["00:00:05", "00:00:10"].map(|t| format!("2026/11/17 {t}"));
    let of = |times: &[String]| failures(&times.iter().map(String::as_str).collect::<Vec<_>>());
    house.write("16.csv", of(&evening).as_bytes());
    assert_eq!(scan(&house, &["16.csv"]), []);
    std::fs::remove_file(house.path().join("16.csv")).expect("it goes");
    house.write("17.csv", of(&morning).as_bytes());
    let found = scan(&house, &["17.csv"]);
    assert_eq!(found.len(), 1, "{found:?}");
    let all = of(&[&evening[..], &morning].concat());
    assert_eq!(live(&house, "y.db"), clean(&all));
    let store = Store::look(&house.path().join("y.db")).expect("a store");
    let alert = store.find(&found[0].0).expect("a list").remove(0).alert;
    let first = &alert.evidence[0];
    assert_eq!((&*first.path, first.line), ("16.csv", 2));
    assert!(first.text.starts_with("2026/11/16 23:59:30"), "{first:?}");
    assert_eq!(first.sha256.len(), 64);
}

#[test]
fn a_pipe_is_remembered() {
    let house = House::empty();
    let first = failures(&[
        "2026/11/16 23:59:30",
        "2026/11/16 23:59:40",
        "2026/11/16 23:59:50",
    ]);
    said(&house, &["-"], &first);
    let second = failures(&["2026/11/17 00:00:05", "2026/11/17 00:00:10"]);
    house.write("17.csv", second.as_bytes());
    let err = said(&house, &["17.csv"], "");
    assert!(
        err.contains("inputs of earlier runs remembered: 1"),
        "{err}"
    );
    let all = first + second.strip_prefix(HEADING).expect("a heading");
    assert_eq!(live(&house, "y.db"), clean(&all));
}

#[test]
fn a_file_that_is_gone_keeps_what_the_old_plan_found() {
    let house = with_declarations();
    house.write("a.csv", night_views().as_bytes());
    house.write("late.csv", failures(&["2026/11/16 23:59:50"; 3]).as_bytes());
    assert_eq!(scan(&house, &["a.csv", "late.csv"]).len(), 1);
    for gone in ["a.csv", "late.csv"] {
        std::fs::remove_file(house.path().join(gone)).expect("it goes");
    }
    house.write("d.csv", OVERTIME);
    house.write("b.csv", failures(&["2026/11/17 00:00:05"; 2]).as_bytes());
    let err = said(&house, &["b.csv"], "");
    assert!(err.contains("2 inputs of earlier runs are gone"), "{err}");
    // Failed logins do not hang on declarations: their facts stand, and the window closes.
    let rules: Vec<String> = {
        let store = Store::look(&house.path().join("y.db")).expect("a store");
        let kept = store.alerts(&Filter::default()).expect("a list");
        let open = kept.into_iter().filter(|k| k.state == State::Open);
        open.map(|k| k.alert.rule.name).collect()
    };
    assert!(rules.iter().any(|r| r == "failed-login-burst"), "{rules:?}");
    assert!(rules.iter().any(|r| r == "off-hours-access"), "{rules:?}");
}

#[test]
fn a_file_is_not_read_again_without_need() {
    let house = with_declarations();
    house.write("a.csv", night_views().as_bytes());
    house.write("b.csv", failures(&["2026/11/17 12:00:05"]).as_bytes());
    said(&house, &["a.csv"], "");
    let err = said(&house, &["b.csv"], "");
    assert!(
        err.contains("remembered: 1") && !err.contains("read again"),
        "{err}"
    );
    house.write("d.csv", OVERTIME);
    let err = said(&house, &["b.csv"], "");
    assert!(
        err.contains("read again: 1") && !err.contains("remembered"),
        "{err}"
    );
    assert_eq!(live(&house, "y.db").len(), 0);
    let err = said(&house, &["b.csv"], "");
    assert!(
        err.contains("remembered: 1") && !err.contains("read again"),
        "{err}"
    );
}

#[test]
fn logs_that_are_rotated_packed_joined_and_recoded_add_nothing() {
    let house = House::empty();
    let (old, new) = (days(10..=11), days(12..=13));
    let rows = new.strip_prefix(HEADING).expect("a heading");
    house.write("a.log", old.as_bytes());
    scan(&house, &["a.log"]);
    std::fs::rename(house.path().join("a.log"), house.path().join("a.log.1")).expect("it moves");
    house.write("a.log", new.as_bytes());
    scan(&house, &["a.log", "a.log.1"]);
    let expected = clean(&(old.clone() + rows));
    assert_eq!(live(&house, "y.db"), expected);
    house.write("a.log.2.gz", &gzip(&old));
    std::fs::remove_file(house.path().join("a.log.1")).expect("it goes");
    assert_eq!(scan(&house, &["a.log.2.gz", "a.log"]), []);
    house.write("joined.csv", (old.clone() + rows).as_bytes());
    assert_eq!(scan(&house, &["joined.csv"]), []);
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(&new);
    house.write("cp932.csv", &cp932);
    assert_eq!(scan(&house, &["cp932.csv"]), []);
    assert_eq!(live(&house, "y.db"), expected);
}

#[test]
fn the_same_file_is_kept_once_whatever_it_is_called() {
    let house = House::empty();
    house.write("a.csv", days(10..=12).as_bytes());
    scan(&house, &["a.csv"]);
    house.write("a.csv", days(10..=13).as_bytes());
    scan(&house, &["a.csv"]);
    std::fs::rename(house.path().join("a.csv"), house.path().join("b.csv")).expect("it moves");
    scan(&house, &["b.csv"]);
    let store = Store::look(&house.path().join("y.db")).expect("a store");
    let inputs = store.inputs().expect("inputs");
    assert_eq!(inputs.len(), 1);
    assert_eq!(inputs[0].1.name, "b.csv");
}
