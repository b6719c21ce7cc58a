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
    // The records are looked up where the latest export has them.
    let store = Store::look(&house.path().join("y.db")).expect("a store");
    let kept = store.alerts(&Filter::default()).expect("a list");
    let alert = kept
        .into_iter()
        .map(|k| k.alert)
        .find(|a| a.start / 86_400_000_000_000 == 20_768);
    let alert = alert.expect("an alert of the 11th");
    let verify = ["alerts", "verify", &alert.id, "--store", "y.db"];
    let verified = house.run(&verify);
    assert_eq!(verified.status, 0, "{}", verified.err);
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

/// Duplicates and ambiguous records of the inputs of a scan.
fn duplicates(house: &House, words: &[&str]) -> Vec<(u64, u64)> {
    let scan = [
        "scan",
        "--timezone",
        "Asia/Tokyo",
        "--ledger",
        "ledger.json",
    ];
    let ran = house.run(&[&scan, words].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    let ledger = house::json(&house.path().join("ledger.json"));
    let inputs = ledger["inputs"].as_array().expect("a list").iter();
    let of = |input: &serde_json::Value, name: &str| input[name].as_u64().expect("a number");
    inputs
        .map(|i| (of(i, "duplicates"), of(i, "ambiguous_at_seam")))
        .collect()
}

#[test]
fn records_told_twice_are_counted() {
    let house = House::empty();
    house.write("a.csv", days(10..=12).as_bytes());
    house.write("b.csv", days(11..=13).as_bytes());
    // Records of the 11th and the 12th stand in both.
    assert_eq!(duplicates(&house, &["a.csv", "b.csv"]), [(0, 0), (23, 0)]);
    assert_eq!(duplicates(&house, &["b.csv"]), [(0, 0)]);
    let store = ["--store", "y.db"];
    let on = |paths: &[&str]| duplicates(&house, &[&store, paths].concat());
    assert_eq!(on(&["a.csv"]), [(0, 0)]);
    assert_eq!(on(&["b.csv"]), [(23, 0)]);
    assert_eq!(on(&["b.csv"]), [(36, 0)], "the same file again");
    house.write("b.csv", days(11..=14).as_bytes());
    assert_eq!(on(&["b.csv"]), [(36, 0)], "it grew");
    house.write("c.csv.gz", &gzip(&days(10..=14)));
    std::fs::remove_file(house.path().join("a.csv")).expect("it goes");
    assert_eq!(on(&["c.csv.gz"]), [(60, 0)], "from the store alone");
    let ran = house.run(&[
        "scan",
        "--store",
        "y.db",
        "c.csv.gz",
        "--timezone",
        "Asia/Tokyo",
    ]);
    assert!(
        ran.err
            .contains("records that an earlier input told already: 60"),
        "{}",
        ran.err
    );
}

#[test]
fn a_log_that_grows_much_within_an_hour_is_counted_once() {
    let house = House::empty();
    let lines: String = (0..4_000)
        .map(|n: u32| {
            let (minute, second) = (n / 100, n / 2 % 60);
            format!(
                "2026-11-16T02:{minute:02}:{second:02}+09:00 karte01 sshd[1]: Accepted password for \
                 n{} from 203.0.113.{} port {n} ssh2\n",
                n % 7,
                n % 5
            )
        })
        .collect();
    let few: usize = lines.split_inclusive('\n').take(9).map(str::len).sum();
    for text in [&lines[..few], &lines] {
        house.write("auth.log", text.as_bytes());
        said(&house, &["auth.log"], "");
    }
    let store = rusqlite::Connection::open(house.path().join("y.db")).expect("a store");
    let sql = "SELECT sum(records) FROM hours";
    let records: i64 = store.query_row(sql, [], |row| row.get(0)).expect(sql);
    assert_eq!(records, 4_000);
}

#[test]
fn equal_records_of_one_input_are_no_duplicates() {
    let house = House::empty();
    house.write("a.csv", failures(&["2026/11/17 12:00:05"; 9]).as_bytes());
    assert_eq!(duplicates(&house, &["--store", "y.db", "a.csv"]), [(0, 0)]);
}

#[test]
fn what_cannot_be_told_at_a_cut_is_counted() {
    let house = House::empty();
    let (cut, after) = ("2026/11/17 12:00:05", "2026/11/17 12:00:09");
    house.write(
        "a.csv",
        failures(&["2026/11/17 12:00:01", cut, cut]).as_bytes(),
    );
    house.write("b.csv", failures(&[cut, after]).as_bytes());
    assert_eq!(duplicates(&house, &["a.csv", "b.csv"]), [(0, 0), (0, 1)]);
}

/// The notes of the runs of a store, as JSON, those that are empty left out.
fn notes(house: &House) -> Vec<serde_json::Value> {
    let store = Store::look(&house.path().join("y.db")).expect("a store");
    let runs = store.runs().expect("runs").into_iter();
    let notes = runs
        .map(|run| run.entry.note)
        .filter(|note| !note.is_empty());
    notes
        .map(|note| serde_json::from_str(&note).expect("a note"))
        .collect()
}

#[test]
fn what_is_too_old_is_purged_and_the_run_record_says_so() {
    let house = House::empty();
    house.write("yomawari.yaml", b"version: 1\nkeep: 60d\n");
    let at = |day: &str| -> Vec<String> {
        let words = [
            "scan",
            "--store",
            "y.db",
            "--timezone",
            "Asia/Tokyo",
            "--now",
        ];
        words
            .iter()
            .map(|w| (*w).to_owned())
            .chain([format!("{day}T06:00:00+09:00")])
            .collect()
    };
    let scan_at = |day: &str, path: &str| {
        let words = at(day);
        let words: Vec<&str> = words.iter().map(String::as_str).chain([path]).collect();
        let ran = house.run(&words);
        assert_eq!(ran.status, 0, "{}", ran.err);
    };
    house.write("old.csv", night_views().replace("n1023", "n1").as_bytes());
    house.write("open.csv", night_views().replace("n1023", "n2").as_bytes());
    scan_at("2026-11-18", "old.csv");
    scan_at("2026-11-19", "open.csv");
    let ids: Vec<String> = live(&house, "y.db").into_keys().collect();
    assert_eq!(ids.len(), 2);
    let closed = ids
        .iter()
        .find(|id| {
            let store = Store::look(&house.path().join("y.db")).expect("a store");
            let kept = store.alert(id).expect("an answer").expect("an alert");
            kept.alert.key[0].1.as_deref() == Some("n1")
        })
        .expect("the alert of n1");
    let close = [
        "alerts",
        "close",
        closed,
        "--as",
        "explained",
        "--by",
        "k.sato",
    ];
    assert_eq!(
        house
            .run(&[&close[..], &["--store", "y.db"]].concat())
            .status,
        0
    );
    let later = |month: u32| night_views().replace("2026/11/17", &format!("2027/{month:02}/05"));
    house.write("january.csv", later(1).as_bytes());
    scan_at("2027-01-06", "january.csv");
    scan_at("2027-01-07", "january.csv");
    // Facts are older than forty days, but nothing is older than sixty.
    let purged = &notes(&house).pop().expect("a note")["purged"];
    assert_eq!(
        (&purged["facts_of_inputs"], &purged["alerts"]),
        (&2.into(), &0.into())
    );
    assert!(live(&house, "y.db").contains_key(closed));
    house.write("february.csv", later(2).as_bytes());
    scan_at("2027-02-06", "february.csv");
    let purged = &notes(&house).pop().expect("a note")["purged"];
    assert_eq!(
        (&purged["alerts"], &purged["inputs"], &purged["ledgers"]),
        (&1.into(), &2.into(), &2.into())
    );
    let left = live(&house, "y.db");
    assert!(!left.contains_key(closed), "what was closed goes");
    assert!(
        ids.iter().any(|id| left.contains_key(id)),
        "what is open stays"
    );
    assert_eq!(left.len(), 3);
    // What is forgotten takes nothing back, however often it is asked.
    house.write("more.csv", later(2).replace("n1023", "n3").as_bytes());
    scan_at("2027-02-07", "more.csv");
    assert_eq!(live(&house, "y.db").len(), 4);
    let verified = house.run(&["runs", "verify", "--store", "y.db"]);
    assert_ne!(verified.status, 1, "nothing was altered: {}", verified.err);
}
