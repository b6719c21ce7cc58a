//! What goes wrong on the way, and how the program ends then.

use super::folder::House;
use super::{alerts, export, gzip, house, rows};

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_done() {
    let house = house();
    let ran = house.run(&["scan", "ehr.csv", "nowhere.csv", "none/*.csv"]);
    assert_eq!(ran.status, 3);
    assert_eq!(alerts(&ran).len(), 2);
    assert!(ran.err.contains("nowhere.csv"), "{}", ran.err);
    let packed = gzip(export().repeat(50).as_bytes());
    house.put("cut.csv.gz", &packed[..packed.len() / 2]);
    let ran = house.run(&["scan", "cut.csv.gz"]);
    assert_eq!(ran.status, 3);
    assert!(!ran.out.is_empty(), "what was readable counts");
    assert!(
        ran.err.contains("not read whole: cut.csv.gz"),
        "{}",
        ran.err
    );
}

#[test]
fn a_wrong_format_is_named_and_the_right_one_suggested() {
    let house = house();
    for format in ["syslog", "fhir", "jsonl"] {
        let ran = house.run(&["scan", "ehr.csv", "--format", format]);
        assert_eq!((ran.status, ran.out.as_str()), (3, ""), "{format}");
        let warning = format!(
            "warning: ehr.csv: more than half of the records were rejected; the format is probably \
             not {format} (as told; the content looks like csv)"
        );
        assert!(ran.err.contains(&warning), "{}", ran.err);
    }
    let ran = House::new()
        .with("notes.txt", "a\nb\nc\n")
        .run(&["scan", "notes.txt"]);
    assert_eq!(ran.status, 3);
    assert!(
        ran.err.contains("tried: fhir, jsonl, syslog, csv"),
        "{}",
        ran.err
    );
}

#[test]
fn a_source_that_is_expected_and_missing_is_not_examined() {
    let house = house().with(
        "yomawari.yaml",
        "sources:\n  - { name: ehr, paths: [ehr.csv], expect: nightly }\n  \
         - { name: router, paths: ['rtx/*.log'], expect: hourly }\n",
    );
    let ran = house.run(&["scan"]);
    assert_eq!(ran.status, 3);
    assert!(
        ran.err
            .contains("source router is expected, but gave no event"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("source ehr is expected"), "{}", ran.err);
    assert_eq!(alerts(&ran)[0]["evidence"][0]["source"], "ehr");
}

#[test]
fn what_cannot_be_written_fails_with_its_name() {
    let house = house();
    for words in [
        &["scan", "ehr.csv", "-o", "none/out.csv"][..],
        &["scan", "ehr.csv", "--ledger", "none/out.csv"],
        &["parse", "ehr.csv", "-o", "none/out.csv"],
    ] {
        let ran = house.run(words);
        assert_eq!(ran.status, 4, "{words:?}");
        assert!(ran.err.contains("none/out.csv: "), "{words:?}: {}", ran.err);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let ran = house().run(&[
        "scan",
        "ehr.csv",
        "-o",
        "/dev/full",
        "--output-format",
        "csv",
    ]);
    assert_eq!(ran.status, 4, "{}", ran.err);
    assert!(
        ran.err
            .contains("the alerts could not be written: /dev/full: "),
        "{}",
        ran.err
    );
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_seen_enough_ends_the_run_quietly() {
    let house = House::new().with("ehr.csv", format!("{}{}", export(), rows(40_000)));
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_yomawari"))
        .args(["parse", "ehr.csv", "-q", "--timezone", "Asia/Tokyo"])
        .current_dir(house.at(""))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(0));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!err.contains("pipe") && !err.contains("error"), "{err}");
}
