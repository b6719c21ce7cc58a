//! Log text and words of people that mean harm reach no terminal and no spreadsheet.

use super::folder::House;
use super::keeper::{MORNING, id_of, keep, on_store, scan};

#[test]
fn nothing_acts_in_any_form() {
    let evil = "\u{1b}[2J\u{202e}\u{9b}31m";
    let house = House::new();
    let mut rows = "日時,利用者ID,操作,患者ID,端末名\n".to_owned();
    for i in 0..3 {
        rows += &format!("2026-11-16 02:0{i}:07,=n7{evil},カルテ参照,p{i},{evil}\n");
    }
    rows += &format!("{evil}\n");
    house.put("ehr.csv", rows);
    keep(&house, MORNING, &scan(&house, "ehr.csv"));
    let id = id_of(&house, "off-hours-access");
    let close = [
        "alerts",
        "close",
        &id,
        "--as",
        "explained",
        "--by",
        evil,
        "--note",
        evil,
    ];
    let mut told = on_store(&house, &close).out;
    for words in [
        &["alerts", "list", "--all"][..],
        &["alerts", "list", "--all", "--output-format", "table"],
        &["alerts", "list", "--all", "--output-format", "csv"],
        &["alerts", "show", &id],
        &["alerts", "show", &id, "--output-format", "json"],
        &["alerts", "verify", &id],
        &["alerts", "verify", &id, "--output-format", "json"],
        &["alerts", "show", evil],
        &["alerts", "list", "--rule", evil],
        &[
            "alerts",
            "close",
            &id,
            "--as",
            "explained",
            "--by",
            &format!("=n7{evil}"),
        ],
        &["runs", "list"],
        &["runs", "list", "--output-format", "json"],
        &["runs", "verify"],
    ] {
        let ran = on_store(&house, words);
        assert!(ran.status <= 2, "{words:?}: {}", ran.err);
        told += &(ran.out + &ran.err);
    }
    let acts = |c: char| matches!(c, '\u{1b}' | '\u{9b}' | '\u{202e}' | '\u{7}');
    assert!(!told.contains(acts), "{told:?}");
}
