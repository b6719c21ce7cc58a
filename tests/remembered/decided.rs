//! What was decided about an alert, when the nights after it say something else.

use super::folder::House;
use super::keeper::{id_of, lines, on_store};

const HEADINGS: &str = "日時,利用者ID,利用者名,端末名,IPアドレス,操作,患者ID,結果\n";
const CALENDAR: &str =
    "version: 1\ncalendars: { all: { hours: [平日 08:30-17:15] } }\ndefault: all\n";
const CONFIG: &str = "version: 1\nsite: { timezone: Asia/Tokyo }\ncalendar: calendar.yaml\n";

/// Chart views of one account in the night of the 16th.
fn views() -> String {
    let row =
        |n| format!("2026-11-16 02:1{n}:07,n7,夜間〜花子,pc3,10.20.1.3,カルテ参照,p{n},成功\n");
    HEADINGS.to_owned() + &(0..4).map(row).collect::<String>()
}

/// A house whose only alert was closed.
fn closed() -> House {
    let house = House::new()
        .with("yomawari.yaml", CONFIG)
        .with("calendar.yaml", CALENDAR)
        .with("a.csv", views());
    assert_eq!(night(&house, "a.csv").len(), 1);
    let id = id_of(&house, "off-hours-access");
    let close = [
        "alerts",
        "close",
        &id,
        "--as",
        "explained",
        "--by",
        "k.sato",
    ];
    assert_eq!(on_store(&house, &close).status, 0);
    house
}

/// Scans a file with the store; gives rule, revision and what it supersedes of each alert printed.
fn night(house: &House, path: &str) -> Vec<String> {
    let ran = on_store(house, &["scan", path, "--output-format", "ndjson"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let told = |alert: &serde_json::Value| {
        let taken = alert["supersedes"].as_array().map_or(0, Vec::len);
        format!("{} r{} s{taken}", alert["rule"]["name"], alert["revision"])
    };
    lines(&ran).iter().map(told).collect()
}

/// The states of all alerts, by their beginning.
fn states(house: &House) -> Vec<String> {
    let ran = on_store(
        house,
        &["alerts", "list", "--all", "--output-format", "ndjson"],
    );
    let mut alerts = lines(&ran);
    alerts.sort_by_key(|alert| alert["start"].to_string());
    alerts
        .iter()
        .map(|alert| alert["state"].as_str().expect("a state").to_owned())
        .collect()
}

#[test]
fn other_hours_on_the_sign_open_nothing() {
    let house = closed();
    house.put("calendar.yaml", CALENDAR.replace("17:15", "17:00"));
    assert_eq!(night(&house, "a.csv"), ["\"off-hours-access\" r1 s0"]);
    assert_eq!(states(&house), ["closed"]);
    // Open that night, and closed again: the alert goes and comes with what was decided.
    house.put(
        "calendar.yaml",
        CALENDAR.replace("08:30-17:15", "00:00-24:00"),
    );
    night(&house, "a.csv");
    assert_eq!(states(&house), ["retracted"]);
    house.put("calendar.yaml", CALENDAR);
    night(&house, "a.csv");
    assert_eq!(states(&house), ["closed"]);
    house.put("b.csv", views().replace("02:1", "04:1"));
    night(&house, "b.csv");
    assert_eq!(states(&house), ["open"]);
}

#[test]
fn the_same_records_in_another_encoding_say_nothing_new() {
    let house = closed();
    // CP932 knows one of the two wave dashes, as every export from Windows shows.
    let dashed = views().replace('〜', "～");
    let (cp932, _, unknown) = encoding_rs::SHIFT_JIS.encode(&dashed);
    assert!(!unknown);
    house.put("b.csv", &cp932);
    std::fs::remove_file(house.at("a.csv")).expect("the house is writable");
    assert_eq!(night(&house, "b.csv"), [""; 0]);
    assert_eq!(states(&house), ["closed"]);
}

#[test]
fn two_alerts_that_late_records_join_are_one_and_the_other_resolves_to_it() {
    let failures = |minute: u32| {
        let row =
            |n| format!("2026-11-16 10:{minute:02}:{n:02},n8,昼,pc4,10.20.1.4,ログイン,,失敗\n");
        HEADINGS.to_owned() + &(0..60).step_by(6).map(row).collect::<String>()
    };
    let both = failures(0) + &failures(3)[HEADINGS.len()..];
    let house = House::new()
        .with("yomawari.yaml", CONFIG)
        .with("calendar.yaml", CALENDAR)
        .with("a.csv", both)
        .with("late.csv", failures(1) + &failures(2)[HEADINGS.len()..]);
    let burst = |told: Vec<String>| -> Vec<String> {
        told.into_iter()
            .filter(|line| line.contains("burst"))
            .collect()
    };
    let bursts = ["\"failed-login-burst\" r0 s0"; 2];
    assert_eq!(burst(night(&house, "a.csv")), bursts);
    assert_eq!(
        burst(night(&house, "late.csv")),
        ["\"failed-login-burst\" r1 s1"]
    );
    let list = ["alerts", "list", "--all", "--rule", "failed-login-burst"];
    let alerts = lines(&on_store(&house, &list));
    let second = alerts.iter().find(|alert| alert["state"] == "superseded");
    let id = second.expect("the second alert")["id"].to_string();
    let shown = on_store(&house, &["alerts", "show", id.trim_matches('"')]).out;
    assert!(shown.contains("lives on as"), "{shown}");
}
