//! What is read, how, and what the ledger says about it.

use std::io::Write as _;

use super::folder::House;
use super::{HEADINGS, alerts, export, house, said, syslog};

#[test]
fn every_encoding_says_the_same() {
    let export = export();
    let utf16 = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(0xfeff)
            .chain(export.encode_utf16())
            .flat_map(unit)
            .collect()
    };
    let plain = said(&house().run(&["scan", "ehr.csv"]));
    let house = House::new()
        .with("cp932.csv", encoding_rs::SHIFT_JIS.encode(&export).0)
        .with("euc.csv", encoding_rs::EUC_JP.encode(&export).0)
        .with("le.csv", utf16(u16::to_le_bytes))
        .with("be.csv", utf16(u16::to_be_bytes))
        .with("bom.csv", format!("\u{feff}{export}"));
    for file in ["cp932.csv", "euc.csv", "le.csv", "be.csv", "bom.csv"] {
        let ran = house.run(&["scan", file]);
        assert_eq!(ran.status, 0, "{file}: {}", ran.err);
        assert_eq!(said(&ran), plain, "{file}");
    }
    let told = house.run(&["scan", "cp932.csv", "--encoding", "euc-jp"]);
    assert_ne!(told.status, 0, "what is told is believed: {}", told.err);
}

#[test]
fn an_empty_file_is_said_to_be_empty() {
    let ran = House::new()
        .with("empty.csv", "")
        .run(&["scan", "empty.csv"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""));
    assert!(
        ran.err
            .contains("empty: empty.csv: there was nothing to examine"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("--format"), "{}", ran.err);
}

#[test]
fn a_file_may_end_in_the_middle_of_a_record() {
    let export = export();
    let cut = &export.as_bytes()[..export.len() - 30];
    let ran = House::new()
        .with("ehr.csv", cut)
        .run(&["scan", "ehr.csv", "--ledger", "l.json"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(alerts(&ran).len(), 2);
}

#[test]
fn a_huge_line_is_a_reject_and_the_rest_is_read() {
    let mut export = export();
    export.push_str(&"a".repeat(5 << 20));
    export.push_str("\r\n2026-11-16 11:00:00,n9,別,pc5,10.20.1.5,印刷,p1,成功\r\n");
    let house = House::new().with("ehr.csv", export);
    let ran = house.run(&["scan", "ehr.csv", "--ledger", "l.json"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let ledger: serde_json::Value = serde_json::from_str(&house.text("l.json")).expect("JSON");
    let input = &ledger["inputs"][0];
    assert_eq!(
        (&input["accepted"], &input["rejected"]),
        (&22.into(), &1.into())
    );
    assert!(
        ran.err
            .contains("rejected 1: the record is longer than 4 MiB (ehr.csv:23)"),
        "{}",
        ran.err
    );
}

#[test]
fn members_of_an_archive_are_read_by_name() {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in [("a/ehr.csv", export()), ("b.log", syslog())] {
        archive
            .start_file(name, options)
            .expect("memory is writable");
        archive
            .write_all(text.as_bytes())
            .expect("memory is writable");
    }
    let bytes = archive.finish().expect("memory is writable").into_inner();
    let house = House::new().with("all.zip", bytes);
    let ran = house.run(&["scan", "all.zip"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.err.contains("all.zip!a/ehr.csv") && ran.err.contains("all.zip!b.log"),
        "{}",
        ran.err
    );
    assert_eq!(alerts(&ran)[0]["evidence"][0]["path"], "all.zip!a/ehr.csv");
}

#[test]
fn a_year_that_is_not_printed_is_explained_once() {
    let house = House::new()
        .with("rtx-20251120.log", syslog())
        .with("plain.log", syslog());
    let note = |words: &[&str]| -> String {
        let ran = house.run(&[&["scan"], words].concat());
        let notes: Vec<&str> = ran.err.lines().filter(|l| l.contains("year")).collect();
        assert_eq!(notes.len(), 1, "{}", ran.err);
        notes[0].trim().to_owned()
    };
    let by_name = "times without a year: by the date in the file's name (2025-11-20)";
    assert_eq!(note(&["rtx-20251120.log"]), by_name);
    assert_eq!(
        note(&["plain.log", "--year", "2024"]),
        "times without a year: all of 2024, as told"
    );
    assert!(
        note(&["plain.log"]).starts_with("times without a year: by the file's modification time (")
    );
    let with_year = House::new().with(
        "a.log",
        format!("2026-11-16T02:03:04+09:00 {}", &syslog()[16..]),
    );
    assert!(!with_year.run(&["scan", "a.log"]).err.contains("year"));
    let ran = house.run(&["parse", "plain.log", "--year", "2024", "-q"]);
    assert!(ran.out.contains("2024-11-16T02:03:04"), "{}", ran.out);
}

#[test]
fn the_zone_told_is_the_zone_of_unmarked_times() {
    let house = house();
    let first = |words: &[&str]| -> String {
        let ran = house.run(&[&["parse", "ehr.csv", "-q"], words].concat());
        let line = ran.out.lines().next().expect("an event").to_owned();
        let event: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        event["@timestamp"].as_str().expect("a text").to_owned()
    };
    assert_eq!(first(&[]), "2026-11-16T02:00:07+09:00");
    assert_eq!(first(&["--timezone", "Etc/UTC"]), "2026-11-16T02:00:07Z");
}

#[test]
fn a_pipe_without_years_is_read_as_of_now() {
    let words = ["parse", "-", "-q", "--now", "2020-12-01"];
    let ran = House::new().run_with(&words, syslog().as_bytes());
    assert!(ran.out.contains("2020-11-16T02:03:04"), "{}", ran.out);
}

#[test]
fn the_ledger_has_three_depths_and_a_file() {
    let house = house().with(
        "bad.csv",
        format!("{HEADINGS}\r\n32:99,n1,a,pc,1.2.3.4,x,p,\r\n"),
    );
    let text = |words: &[&str]| {
        house
            .run(&[&["scan", "ehr.csv", "bad.csv"], words].concat())
            .err
    };
    let (usual, quiet, full) = (text(&[]), text(&["-q"]), text(&["-v"]));
    assert!(
        usual.contains("records 22 = accepted 21 + rejected 0 + blank 0 + headings 1"),
        "{usual}"
    );
    assert!(
        !usual.contains("columns:") && full.contains("columns: 日時 → @timestamp"),
        "{full}"
    );
    let wrong = quiet.lines().find(|line| !line.starts_with("assumed: "));
    assert!(
        wrong.is_some_and(|line| line.starts_with("warning: bad.csv")),
        "{quiet}"
    );
    assert!(quiet.len() < usual.len() && usual.len() < full.len());
    text(&["--ledger", "ledger.json"]);
    let ledger: serde_json::Value = serde_json::from_str(&house.text("ledger.json")).expect("JSON");
    for input in ledger["inputs"].as_array().expect("a list") {
        let number = |key: &str| input[key].as_u64().expect(key);
        let sum = number("accepted") + number("rejected") + number("blanks") + number("headings");
        assert_eq!(number("records"), sum);
    }
}

#[test]
fn the_section_syslog_names_who_reports() {
    let house = House::new()
        .with("fw.log", "2026-11-16T02:03:04+09:00 su: a message\n")
        .with(
            "yomawari.yaml",
            "sources: [{ name: fw, paths: [fw.log], format: syslog, syslog: { host: fw01 } }]\n",
        );
    assert_eq!(house.run(&["scan"]).status, 0);
}

/// A copy is as young as the moment it was made; what its records print is older than that.
#[test]
fn a_copied_log_keeps_the_years_its_records_tell() {
    let inspect = |day: &str, began: &str| {
        format!(
            "{day} 18:54:52 192.0.2.1  [INSPECT] LAN2[out][101098] TCP 192.0.2.73:54791 > \
             203.0.113.13:443 ({began} 18:52:57)\n"
        )
    };
    let lines = inspect("Dec 30", "2022/12/30") + "Jan  2 08:00:00 192.0.2.1  x\n";
    let house = House::new().with("rtx.log", &lines);
    let ran = house.run(&[
        "parse",
        "rtx.log",
        "--timezone",
        "Asia/Tokyo",
        "--lang",
        "en",
    ]);
    let times: Vec<&str> = ran.out.lines().map(|line| &line[15..25]).collect();
    assert_eq!(times, ["2022-12-30", "2023-01-02"], "{}", ran.out);
    assert!(
        ran.err
            .contains("times without a year: by the dates that records tell"),
        "{}",
        ran.err
    );
    // What the user says goes first.
    let told = house.run(&["parse", "rtx.log", "--year", "2020"]).out;
    assert!(told.starts_with("{\"@timestamp\":\"2020-12-30"), "{told}");
}
