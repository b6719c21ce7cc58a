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
    let house = House::empty();
    house.write("a.csv", night_views().as_bytes());
    house.write(
        "yomawari.yaml",
        b"version: 1\ncalendar: calendar.yaml\nregisters: { declarations: d.csv }\n",
    );
    house.write(
        "calendar.yaml",
        "version: 1\ncalendars: { all: { hours: [平日 08:30-18:00] } }\ndefault: all\n".as_bytes(),
    );
    house.write("d.csv", b"kind,from,to,who\n");
    let found = scan(&house, &["a.csv"]);
    assert_eq!(found.len(), 1, "{found:?}");
    house.write(
        "d.csv",
        b"kind,from,to,who\novertime,2026-11-17 00:00,2026-11-17 06:00,n1023\n",
    );
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
