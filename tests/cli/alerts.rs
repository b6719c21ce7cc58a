//! Which alerts are given, and in which form.

use super::folder::House;
use super::{alerts, export, gzip, house, said};

#[test]
fn an_empty_folder_and_a_file_are_enough() {
    let ran = house().run(&["scan", "ehr.csv"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let names: Vec<_> = alerts(&ran)
        .iter()
        .map(|a| a["rule"]["name"].clone())
        .collect();
    assert_eq!(names, ["off-hours-access", "failed-login-burst"]);
    // The first lines say what was assumed.
    let assumed: Vec<&str> = ran
        .err
        .lines()
        .take_while(|l| l.starts_with("assumed: "))
        .collect();
    assert_eq!(
        assumed,
        [
            "assumed: business hours are not set: Monday to Friday 8:30-18:00 is assumed, national \
             holidays closed",
            "assumed: no time zone is set: Asia/Tokyo, the system's, is assumed",
        ]
    );
    let japanese = house().run(&["scan", "ehr.csv", "--lang", "ja"]);
    assert!(
        japanese
            .err
            .starts_with("仮定: 営業時間が未設定です。月〜金8:30〜18:00"),
        "{}",
        japanese.err
    );
    assert_eq!(
        japanese.out, ran.out,
        "the language of the ledger is not the alerts'"
    );
}

#[test]
fn an_alert_has_its_keys_in_order() {
    let ran = house().run(&["scan", "ehr.csv", "--rule", "failed-login-burst"]);
    let alert = &alerts(&ran)[0];
    let keys: Vec<&str> = alert
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    let design = [
        "id",
        "rule",
        "start",
        "end",
        "count",
        "key",
        "summary",
        "reasons",
        "evidence",
        "evidence_total",
        "clauses",
        "revision",
    ];
    assert_eq!(keys, design);
    assert_eq!(alert["start"], "2026-11-16T10:00:00+09:00");
    assert_eq!(alert["count"], 9);
    assert_eq!(alert["evidence"][0]["line"], 14);
}

#[test]
fn evidence_is_so_many_from_each_end() {
    let lines = |words: &[&str]| -> Vec<u64> {
        let ran =
            house().run(&[&["scan", "ehr.csv", "--rule", "off-hours-access"], words].concat());
        let alert = alerts(&ran).remove(0);
        assert_eq!(alert["evidence_total"], 12);
        let evidence = alert["evidence"].as_array().expect("a list").clone();
        evidence
            .iter()
            .map(|e| e["line"].as_u64().expect("a number"))
            .collect()
    };
    assert_eq!(lines(&[]), [2, 3, 4, 5, 6, 9, 10, 11, 12, 13]);
    assert_eq!(lines(&["--evidence", "1"]), [2, 13]);
    assert_eq!(lines(&["--evidence", "9"]), (2..=13).collect::<Vec<u64>>());
    assert_eq!(
        lines(&["--evidence", "all"]),
        (2..=13).collect::<Vec<u64>>()
    );
}

#[test]
fn the_ending_chooses_the_form_unless_the_flag_does() {
    let house = house();
    let write = |words: &[&str]| {
        let ran = house.run(&[&["scan", "ehr.csv", "-q"], words].concat());
        assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{}", ran.err);
    };
    write(&["-o", "a.csv"]);
    let csv = house.text("a.csv");
    assert!(csv.starts_with("\u{feff}alert id,level,rule,"), "{csv}");
    assert_eq!(csv.matches("\r\n").count(), 3);
    assert_eq!(csv.matches('\n').count(), 3);
    write(&["-o", "a.xlsx"]);
    assert!(house.bytes("a.xlsx").starts_with(b"PK"));
    write(&["-o", "a.ndjson"]);
    assert_eq!(house.text("a.ndjson"), house.run(&["scan", "ehr.csv"]).out);
    write(&["-o", "a.txt", "--output-format", "csv"]);
    assert_eq!(house.text("a.txt"), csv);
    write(&["-o", "table", "--output-format", "table", "--lang", "ja"]);
    assert!(
        house.text("table").contains("時間外"),
        "{}",
        house.text("table")
    );
}

#[test]
fn what_is_not_wanted_is_left_out() {
    let house = house();
    let count = |words: &[&str]| {
        let ran = house.run(&[&["scan", "ehr.csv"], words].concat());
        assert_eq!(ran.status, 0, "{}", ran.err);
        alerts(&ran).len()
    };
    assert_eq!(count(&["--level", "medium"]), 1);
    assert_eq!(count(&["--level", "高"]), 0);
    assert_eq!(count(&["--rule", "off-hours-access"]), 1);
    assert_eq!(count(&["--since", "2026-11-16T09:00"]), 1);
    assert_eq!(count(&["--until", "2026-11-16T02:00"]), 0);
    assert_eq!(count(&["--until", "2026-11-16"]), 2, "a day is included");
    assert_eq!(count(&["--since", "2026-11-17"]), 0);
}

#[test]
fn the_answer_does_not_depend_on_threads_memory_or_packing() {
    let house = house().with("ehr.csv.gz", gzip(export().as_bytes()));
    let plain = said(&house.run(&["scan", "ehr.csv", "--threads", "1"]));
    assert_eq!(plain.len(), 2);
    let others: [&[&str]; 4] = [
        &["scan", "ehr.csv", "--threads", "5", "--memory", "16M"],
        &["scan", "ehr.csv.gz"],
        &["scan", "*.gz"],
        &["scan", "-"],
    ];
    for words in others {
        let ran = house.run_with(words, export().as_bytes());
        assert_eq!(said(&ran), plain, "{words:?}: {}", ran.err);
    }
}

#[test]
fn an_alert_reaches_the_level_to_fail_on() {
    let house = house();
    assert_eq!(
        house
            .run(&["scan", "ehr.csv", "--fail-on", "medium"])
            .status,
        1
    );
    assert_eq!(
        house.run(&["scan", "ehr.csv", "--fail-on", "high"]).status,
        0
    );
    let missing = house.run(&["scan", "ehr.csv", "nowhere.csv", "--fail-on", "medium"]);
    assert_eq!(missing.status, 3, "what was not examined goes before");
}

#[test]
fn hostile_text_reaches_no_terminal() {
    let evil = "n7\u{1b}]0;owned\u{7}\u{202e}".to_owned() + &"x".repeat(1 << 20);
    let house = House::new().with("ehr.csv", export().replace("n7", &evil));
    for format in ["table", "csv"] {
        let ran = house.run(&["scan", "ehr.csv", "--output-format", format]);
        let steers = |c: char| (c.is_control() && !"\r\n".contains(c)) || c == '\u{202e}';
        assert!(
            !ran.out.contains(steers) && !ran.err.contains(steers),
            "{format}"
        );
        assert!(ran.out.len() < 20_000, "{format}: {} bytes", ran.out.len());
    }
    let ran = house.run(&["scan", "ehr.csv", "--rule", "off-hours-access"]);
    let alert = &alerts(&ran)[0];
    assert!(
        alert["summary"]["en"]
            .as_str()
            .is_some_and(|s| s.len() < 500)
    );
}
