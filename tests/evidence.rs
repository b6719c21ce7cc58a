//! Guards that every alert can be checked by hand: each record it names lies at its line, offset
//! and length in the decompressed original and has its digest, and each reason names the line of
//! the file that made it true.

mod house;

use std::fs;
use std::io::Write as _;

use house::House;
use serde_json::Value;
use sha2::{Digest, Sha256};

const CONFIG: &str = "\
version: 1
site: { name: 夜, timezone: Asia/Tokyo, language: ja }
calendar: calendar.yaml
registers: { devices: devices.csv, networks: { clinical: [10.20.0.0/16] } }
";

const CALENDAR: &str = "\
version: 1
timezone: Asia/Tokyo
holidays: JP
calendars:
  clinic:
    hours:
      - 平日 08:30-18:00
      - 祝 休診
default: clinic
";

fn house() -> House {
    House::with(&[
        ("yomawari.yaml", CONFIG.as_bytes()),
        ("calendar.yaml", CALENDAR.as_bytes()),
        (
            "devices.csv",
            b"ip,name,mac\n10.20.1.1,PC1,00-1D-73-10-20-31\n",
        ),
    ])
}

const TABLE: &str = "\
日時,利用者ID,利用者名,IPアドレス,操作,患者ID,結果,備考\r\n\
2026/11/16 02:00:00,n1,看護　花子,10.20.1.1,カルテ参照,1,成功,\"二行の\r\n備考、①\"\r\n\
\r\n\
2026/11/16 02:00:01,n1,髙橋　春香,10.20.1.1,カルテ参照,2,成功,\r\n\
2026/11/16 02:00:01,n1,髙橋　春香,10.20.1.1,カルテ参照,2,成功,\r\n\
2026/11/16 02:00:02,n2,,10.20.1.9,カルテ参照,3,成功,最後の行";

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().expect("text")
}

fn number(value: &Value, key: &str) -> usize {
    value[key].as_u64().expect("a number") as usize
}

/// Holds every record of every alert against the bytes of its file; gives the number of records.
fn check(alerts: &[Value], bytes_of: &dyn Fn(&str) -> Vec<u8>) -> usize {
    let mut records = 0;
    for alert in alerts {
        let evidence = alert["evidence"].as_array().expect("a list");
        assert_eq!(number(alert, "evidence_total"), evidence.len(), "{alert}");
        for record in evidence {
            let bytes = bytes_of(text(record, "path"));
            let (offset, length) = (number(record, "offset"), number(record, "length"));
            let slice = &bytes[offset..offset + length];
            let digest = Sha256::digest(slice);
            let digest: String = digest.iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(text(record, "sha256"), digest, "{record}");
            let before = &bytes[..offset];
            let breaks = before.iter().filter(|b| **b == b'\n').count();
            assert_eq!(number(record, "line"), breaks + 1, "{record}");
            let starts = before.is_empty() || before.ends_with(b"\n") || before.ends_with(b"\n\0");
            assert!(
                starts || bytes.starts_with(b"{"),
                "a record begins its line: {record}"
            );
            assert!(!slice.ends_with(b"\n"), "without its line end: {record}");
            records += 1;
        }
    }
    records
}

const SCAN: &[&str] = &["--evidence", "all", "--year", "2026"];

#[test]
fn records_lie_where_they_are_said_to_in_every_encoding() {
    let house = house();
    let cp932 = encoding_rs::SHIFT_JIS.encode(TABLE).0.into_owned();
    let units = std::iter::once(0xfeff).chain(TABLE.encode_utf16());
    let utf16: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xef\xbb\xbf", TABLE.as_bytes()].concat();
    for (name, bytes) in [
        ("utf8.csv", TABLE.as_bytes().to_vec()),
        ("bom.csv", marked),
        ("cp932.csv", cp932),
        ("utf16.csv", utf16),
    ] {
        house.write(name, &bytes);
        let alerts = house.scan(&[&[name], SCAN].concat());
        // Three records of n1 and one of n2 at night, and the device of n2.
        assert_eq!(check(&alerts, &|_| bytes.clone()), 5, "{name}");
        let texts: Vec<&str> = alerts[0]["evidence"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|e| text(e, "text"))
            .collect();
        let lines = [
            "2026/11/16 02:00:00,n1,看護　花子,10.20.1.1,カルテ参照,1,成功,\"二行の\r\n備考、①\"",
            "2026/11/16 02:00:01,n1,髙橋　春香,10.20.1.1,カルテ参照,2,成功,",
            "2026/11/16 02:00:01,n1,髙橋　春香,10.20.1.1,カルテ参照,2,成功,",
        ];
        assert_eq!(texts, lines, "{name}");
    }
}

#[test]
fn positions_in_a_compressed_file_or_a_pipe_are_those_of_what_it_holds() {
    let house = house();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(TABLE.as_bytes()).expect("memory");
    let packed = encoder.finish().expect("memory");
    house.write("ehr.csv.gz", &packed);
    let alerts = house.scan(&[&["ehr.csv.gz"], SCAN].concat());
    assert_eq!(check(&alerts, &|_| TABLE.as_bytes().to_vec()), 5);
    let ran = house.run_with(&[&["scan", "-"], SCAN].concat(), TABLE.as_bytes());
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(check(&ran.lines(), &|_| TABLE.as_bytes().to_vec()), 5);
}

#[test]
fn the_records_of_the_samples_lie_where_they_are_said_to() {
    let house = house();
    for entry in ["csv", "fhir", "jsonl", "syslog"] {
        let folder = std::path::Path::new("sample-logs").join(entry);
        for file in fs::read_dir(folder).expect("a folder of samples") {
            let path = file.expect("an entry is readable").path();
            let bytes = fs::read(&path).expect("a sample is readable");
            house.write(&path.display().to_string(), &bytes);
        }
    }
    let alerts = house.scan(&[&["sample-logs"], SCAN].concat());
    let read = |path: &str| fs::read(house.path().join(path)).expect("the evidence names a file");
    assert!(check(&alerts, &read) > 50, "the samples give alerts");
}

#[test]
fn a_repeated_message_is_shown_where_it_stands() {
    let house = house();
    let log = "Nov 16 10:00:00 rtx1220 SSHD login failed, 10.20.1.1\n\
               Nov 16 10:00:30 rtx1220 last message repeated 9 times\n";
    house.write("router.log", log.as_bytes());
    let alerts = house.scan(&[&["router.log"], SCAN].concat());
    let burst: Vec<&Value> = alerts
        .iter()
        .filter(|a| a["rule"]["name"] == "failed-login-burst")
        .collect();
    assert_eq!(burst.len(), 1);
    assert_eq!(number(burst[0], "count"), 10);
    check(&alerts, &|_| log.as_bytes().to_vec());
}

#[test]
fn reasons_name_the_line_that_made_the_alert_true() {
    let house = house();
    house.write("ehr.csv", TABLE.as_bytes());
    let alerts = house.scan(&[&["ehr.csv"], SCAN].concat());
    let reason = |rule: &str, field: &str| -> (String, String) {
        let alert = alerts.iter().find(|a| a["rule"]["name"] == rule);
        let reasons = alert.expect("the rule speaks")["reasons"].as_array();
        let all = reasons.expect("a list");
        let found = all.iter().find(|r| r["field"] == field);
        let found = found.expect("the field is a reason");
        (
            text(found, "value").to_owned(),
            text(found, "at").to_owned(),
        )
    };
    assert_eq!(
        reason("off-hours-access", "calendar.verdict"),
        ("closed".to_owned(), "calendar.yaml:7".to_owned())
    );
    let (value, _) = reason("unknown-device", "device.known");
    assert_eq!(value, "false");
}

/// A rule of the house's own about a restricted patient and an account of a vendor.
const OWN_RULE: &str = "\
title: A vendor at a restricted chart
id: 0d6a6f2e-3f0b-4a8c-9a51-5b8f0f4c2d11
name: vendor-restricted
status: test
level: high
logsource: { category: ehr }
detection:
  it: { user.kind: vendor, patient.restricted: 'true' }
  condition: it
";

#[test]
fn reasons_name_the_rows_of_accounts_and_patients() {
    let house = house();
    let registers = "registers: { accounts: accounts.csv, patients: patients.csv }\n";
    let config = CONFIG.lines().filter(|l| !l.starts_with("registers"));
    let config: String = config.map(|l| format!("{l}\n")).collect();
    house.write("yomawari.yaml", (config + registers).as_bytes());
    house.write("accounts.csv", b"id,kind\nn1,person\nv9,vendor\n");
    house.write("patients.csv", b"id,restricted\n1,no\n2,yes\n");
    house.write("own.yml", OWN_RULE.as_bytes());
    // The second of two patients is the restricted one.
    let log = concat!(
        r#"{"@timestamp":"2026-11-16T10:00:00+09:00","event.action":"print","user.id":"V9","patient.id":["1","2"],"service.name":"ehr","event.dataset":"ehr.audit"}"#,
        "\n",
        r#"{"@timestamp":"2026-11-16T10:00:01+09:00","event.action":"print","user.id":"v9","patient.id":["1"],"service.name":"ehr","event.dataset":"ehr.audit"}"#,
        "\n",
        r#"{"@timestamp":"2026-11-16T10:00:02+09:00","event.action":"print","user.id":"n1","patient.id":["2"],"service.name":"ehr","event.dataset":"ehr.audit"}"#,
        "\n",
    );
    house.write("a.ndjson", log.as_bytes());
    let alerts = house.scan(&["a.ndjson", "--rules", "own.yml", "--no-default-rules"]);
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    let reasons = alerts[0]["reasons"].as_array().expect("a list");
    let told = |field: &str| {
        let found = reasons.iter().find(|r| r["field"] == field);
        let found = found.expect("the field is a reason");
        (text(found, "because"), text(found, "at"))
    };
    assert_eq!(told("user.kind"), ("v9", "accounts.csv:3"));
    assert_eq!(told("patient.restricted"), ("2", "patients.csv:3"));
}

#[test]
fn of_many_records_the_first_and_the_last_are_shown() {
    let house = house();
    let mut table = String::from("日時,利用者ID,操作,患者ID\n");
    for second in 0..50 {
        table += &format!("2026/11/16 02:00:{second:02},n1,カルテ参照,1\n");
    }
    house.write("ehr.csv", table.as_bytes());
    let alerts = house.scan(&["ehr.csv", "--evidence", "4"]);
    let evidence = alerts[0]["evidence"].as_array().expect("a list");
    let lines: Vec<usize> = evidence.iter().map(|e| number(e, "line")).collect();
    assert!(lines.len() < 10, "bounded: {lines:?}");
    assert_eq!((lines[0], lines[lines.len() - 1]), (2, 51));
    assert_eq!(number(&alerts[0], "evidence_total"), 50);
}
