//! Whether the record of the runs is whole, and every night was looked at.

use super::keeper::{DAY, MORNING, STORE, export, house, keep, lines, on_store, scan, text};

fn digests(house: &super::folder::House) -> Vec<String> {
    let ran = on_store(house, &["runs", "list", "--output-format", "json"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    lines(&ran).iter().map(|run| text(&run["digest"])).collect()
}

#[test]
fn a_run_is_a_line() {
    let house = house();
    let head = digests(&house).remove(0);
    let ran = on_store(&house, &["runs", "list"]);
    let row = ran.out.lines().nth(1).expect("a run");
    let row: Vec<&str> = row.split_whitespace().take(4).collect();
    assert_eq!(row, ["1", "2026-11-17", "06:00:00", "scan"]);
    assert!(ran.out.contains(&head[..16]), "{}", ran.out);
    assert!(ran.out.contains("1 inputs, 14 records"), "{}", ran.out);
    let ran = on_store(&house, &["runs", "list", "--lang", "ja"]);
    assert!(ran.out.starts_with("番号  開始"), "{}", ran.out);
}

#[test]
fn a_signed_head_leads_to_its_run() {
    let house = house();
    keep(&house, MORNING + DAY, &scan(&house, "ehr.csv"));
    let digests = digests(&house);
    let verify = |head: &str| on_store(&house, &["runs", "verify", "--head", head]);
    let ran = verify(&digests[0]);
    assert_eq!(ran.status, 0, "{}", ran.out);
    let told = "the head is that of run 1 (2026-11-17 06:00:00); runs after it: 1\n";
    assert!(ran.out.contains(told), "{}", ran.out);
    assert_eq!(verify(&digests[1][..16].to_uppercase()).status, 0);
    let ran = verify(&"ab".repeat(32));
    assert_eq!(ran.status, 1);
    assert!(
        ran.out.contains("the head is that of no run"),
        "{}",
        ran.out
    );
    for short in ["abc", "not hexadecimal", ""] {
        assert_eq!(verify(short).status, 2, "{short}");
    }
}

#[test]
fn missing_nights_are_listed() {
    let house = house();
    for day in [1, 4, 6] {
        keep(&house, MORNING + day * DAY, &scan(&house, "ehr.csv"));
    }
    let ran = on_store(&house, &["runs", "verify"]);
    assert_eq!(ran.status, 3, "{}", ran.out);
    let told = "days from 2026-11-17 to 2026-11-23 without a run: 3\n  2026-11-19 – 2026-11-20\n  \
                2026-11-22\n";
    assert!(ran.out.contains(told), "{}", ran.out);
    let json = lines(&on_store(
        &house,
        &["runs", "verify", "--output-format", "json"],
    ))
    .remove(0);
    assert_eq!(json["missing"].as_array().expect("a list").len(), 3);
    assert_eq!(json["whole"], true);
}

#[test]
fn inputs_that_changed_since_are_told_and_those_that_grew_are_not() {
    let house = house();
    let verify = || on_store(&house, &["runs", "verify"]);
    assert!(
        verify().out.contains("same: 1, grown: 0, changed: 0"),
        "{}",
        verify().out
    );
    house.put("ehr.csv", export() + "2026-11-17 10:00:00,n1,,,,印刷,,\r\n");
    let ran = verify();
    assert_eq!(ran.status, 0, "{}", ran.out);
    assert!(ran.out.contains("same: 0, grown: 1"), "{}", ran.out);
    house.put("ehr.csv", export().replace("n7", "n6"));
    let ran = verify();
    assert_eq!(ran.status, 1);
    assert!(
        ran.out.contains("  ehr.csv: changed since run 1\n"),
        "{}",
        ran.out
    );
    std::fs::remove_file(house.at("ehr.csv")).expect("it was there");
    assert_eq!(verify().status, 0);
}

#[test]
fn what_was_altered_shows() {
    let house = house();
    keep(&house, MORNING + DAY, &scan(&house, "ehr.csv"));
    let store = || rusqlite::Connection::open(house.at(STORE)).expect("a database");
    store()
        .execute("UPDATE alerts SET revision = 9", [])
        .expect("an update");
    let ran = on_store(&house, &["runs", "verify"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.out.contains("the alerts in the store are not those"),
        "{}",
        ran.out
    );
    store()
        .execute("UPDATE runs SET entry = 'gone' WHERE number = 1", [])
        .expect("an update");
    let ran = on_store(&house, &["runs", "verify"]);
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("entry 1 was altered"), "{}", ran.out);
    let ran = on_store(&house, &["runs", "list"]);
    assert_eq!(ran.status, 4);
    assert!(
        ran.err.contains("`yomawari runs verify` tells"),
        "{}",
        ran.err
    );
}
