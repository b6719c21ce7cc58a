//! Guards the command line as its users meet it: what stands on stdout and stderr, in which form,
//! and how the program ends. One house in a temporary folder for each test.

mod house;

use std::io::Write as _;

use house::{House, Ran};

const HEADINGS: &str = "日時,利用者ID,利用者名,端末名,IPアドレス,操作,患者ID,結果";

/// An export in which account n7 opens charts at night and fails nine times to log in.
fn export() -> String {
    let mut rows = vec![HEADINGS.to_owned()];
    for i in 0..12 {
        rows.push(format!(
            "2026-11-16 02:{i:02}:07,n7,夜間花子,pc3,10.20.1.3,カルテ参照,p{i},成功"
        ));
    }
    for i in 0..9 {
        rows.push(format!(
            "2026-11-16 10:00:{i:02},n8,日中太郎,pc4,10.20.1.4,ログイン,,失敗"
        ));
    }
    rows.join("\r\n") + "\r\n"
}

fn house() -> House {
    House::new().with("ehr.csv", export())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).expect("memory is writable");
    out.finish().expect("memory is writable")
}

/// The alerts of stdout.
fn alerts(ran: &Ran) -> Vec<serde_json::Value> {
    let read = |line: &str| serde_json::from_str(line).expect("each line is an object");
    ran.out.lines().map(read).collect()
}

/// What the alerts say, without where it stands.
fn said(ran: &Ran) -> Vec<String> {
    alerts(ran)
        .iter()
        .map(|a| format!("{} {}", a["id"], a["summary"]["ja"]))
        .collect()
}

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

fn syslog() -> String {
    "Nov 16 02:03:04 rtx sshd[1]: Failed password for root from 203.0.113.9 port 22 ssh2\n"
        .to_owned()
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
fn the_section_syslog_names_who_reports() {
    let house = House::new()
        .with("fw.log", "2026-11-16T02:03:04+09:00 su: a message\n")
        .with(
            "yomawari.yaml",
            "sources: [{ name: fw, paths: [fw.log], format: syslog, syslog: { host: fw01 } }]\n",
        );
    assert_eq!(house.run(&["scan"]).status, 0);
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

fn rows(count: usize) -> String {
    let row = |i: usize| format!("2026-11-16 12:00:00,n1,a,pc1,10.0.0.1,印刷,p{i},成功\r\n");
    (0..count).map(row).collect()
}

#[test]
fn parse_shows_what_became_of_each_record() {
    let house = House::new().with(
        "a.csv",
        format!("{HEADINGS}\r\nx,n1,a,pc,1.2.3.4,印刷,p,\r\n{}", rows(1)),
    );
    let ran = house.run(&["parse", "a.csv", "--rejects", "--derived"]);
    let lines = alerts(&ran);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["log"]["file"]["line"], 2);
    assert_eq!(lines[1]["calendar"]["verdict"], "open");
    assert_eq!(house.run(&["parse", "a.csv"]).out.lines().count(), 1);
}

#[test]
fn formats_are_listed_and_detected() {
    let house = house();
    let list = house.run(&["formats", "list"]).out;
    let names: Vec<&str> = list
        .lines()
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    assert_eq!(names, ["fhir", "jsonl", "syslog", "csv"]);
    let detected = house.run(&["formats", "detect", "ehr.csv"]);
    assert!(
        detected
            .out
            .starts_with("ehr.csv: csv · utf-8 · none · line 1 is a heading: "),
        "{}",
        detected.out
    );
    assert_eq!(house.run(&["formats", "detect", "nowhere"]).status, 3);
}

#[test]
fn the_rules_hold_their_own_tests() {
    let house = House::new();
    let list = house.run(&["rules", "list"]);
    assert!(
        list.out.lines().any(|l| l.contains("off-hours-access")),
        "{}",
        list.out
    );
    assert_eq!(house.run(&["rules", "check"]).status, 0);
    let tested = house.run(&["rules", "test"]);
    assert_eq!(tested.status, 0, "{}{}", tested.out, tested.err);
    let shown = house.run(&["rules", "show", "off-hours-access", "--lang", "ja"]);
    assert!(shown.out.contains("時間外"), "{}", shown.out);
}

#[test]
fn the_calendar_answers() {
    let calendar = "version: 1\ntimezone: Asia/Tokyo\nholidays: JP\ncalendars:\n  clinic:\n    hours:\n      \
                    - 月〜金 08:30〜18:00\n      - 祝 休診\ndefault: clinic\n";
    let house = House::new()
        .with("yomawari.yaml", "calendar: calendar.yaml\n")
        .with("calendar.yaml", calendar);
    let words = ["calendar", "check", "--output-format", "json", "-"];
    let ran = house.run_with(
        &words,
        "2026-11-16T02:14\n2026-11-16T12:00:00+09:00\n".as_bytes(),
    );
    assert_eq!(ran.status, 0, "{}", ran.err);
    let expected = "{\"time\":\"2026-11-16T02:14:00+09:00\",\"verdict\":\"closed\",\"band\":\"late_night\",\
                    \"reason\":\"月〜金 08:30〜18:00\",\"at\":\"calendar.yaml:7\"}";
    assert_eq!(ran.out.lines().next(), Some(expected), "{}", ran.out);
    assert!(
        ran.out
            .lines()
            .nth(1)
            .is_some_and(|l| l.contains("\"verdict\":\"open\"")),
        "{}",
        ran.out
    );
    let holidays = house.run(&["calendar", "holidays", "--from", "2026"]).out;
    assert!(
        holidays.starts_with("date,name_ja,name_en\n2026-01-01,元日,New Year's Day\n"),
        "{holidays}"
    );
    assert_eq!(holidays.lines().count(), 19);
    let shown = house
        .run(&["calendar", "show", "--month", "2026-11", "--lang", "ja"])
        .out;
    assert!(
        shown.contains("勤労感謝の日") && shown.contains("休診"),
        "{shown}"
    );
}

#[test]
fn shells_and_manuals_are_served() {
    let house = House::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            house
                .run(&["completions", shell])
                .out
                .contains("output-format"),
            "{shell}"
        );
    }
    assert!(house.run(&["man"]).out.contains(".TH yomawari 1"));
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

#[test]
fn thresholds_of_the_house_do_not_fail_the_tests_of_the_rules() {
    let set = "rules: { set: { failed-login-burst: { threshold: 10 } } }\n";
    let house = house().with("yomawari.yaml", set);
    assert_eq!(house.run(&["rules", "test"]).status, 0);
    let ran = house.run(&["scan", "ehr.csv", "--rule", "failed-login-burst"]);
    assert_eq!(
        (ran.status, ran.out.as_str()),
        (0, ""),
        "nine failures are below ten"
    );
}

#[test]
fn the_readme_tells_the_truth() {
    let readme = include_str!("../README.md");
    let block = |n: usize| {
        let after = readme
            .split("```yaml\n")
            .nth(n)
            .expect("the README shows a config and a calendar");
        after.split("```").next().expect("a block ends")
    };
    let house = House::new()
        .with("yomawari.yaml", block(1).replace("/var/log/rtx", "rtx"))
        .with("calendar.yaml", block(2))
        .with(
            "devices.csv",
            "mac,ip,name\n00-11-22-33-44-55,10.20.1.1,PC1\n",
        )
        .with("staff.csv", "id,name\nn1,田中\n")
        .with("accounts.csv", "id,kind\nadm,admin\n")
        .with(
            "exports/ehr-1116.csv",
            "日時,利用者ID,端末名,操作,患者ID,結果\n2026-11-16 02:14,n1,PC1,カルテ参照,p,成功\n",
        )
        .with("rtx/a.log", syslog());
    let ran = house.run(&["scan"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let at_night = alerts(&ran)
        .into_iter()
        .find(|a| a["rule"]["name"] == "off-hours-access");
    assert_eq!(
        at_night.expect("an alert")["reasons"][0]["at"],
        "calendar.yaml:7"
    );
    // The first command of the README, with nothing but the logs of this repository.
    let logs = concat!(env!("CARGO_MANIFEST_DIR"), "/sample-logs");
    let ran = House::new().run(&["scan", logs]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(!ran.out.is_empty());
}
