//! Guards that the whole program finds exactly what was planted: each case fires with its key,
//! count and times, and the case just beside it stays silent.

mod house;

use std::fmt::Write as _;

use house::{House, json, lines_of};

const CONFIG: &str = "\
version: 1
site: { name: さくら総合病院, timezone: Asia/Tokyo, language: ja }
sources:
  - name: ehr
    paths: ['ehr*.csv']
    format: csv
    timezone: Asia/Tokyo
    csv:
      columns:
        \"@timestamp\": 日時
        user.id: 利用者ID
        source.ip: IPアドレス
        source.mac: MACアドレス
        event.action: 操作
        patient.id: 患者ID
        event.outcome: 結果
      values:
        event.action: { ログイン: login, カルテ参照: chart-view, 患者検索: patient-search, 印刷: print }
        event.outcome: { 成功: success, 失敗: failure }
  - { name: fhir, paths: ['*.ndjson'], format: fhir, timezone: Asia/Tokyo }
  - { name: router, paths: ['*.log'], format: syslog, timezone: Asia/Tokyo }
calendar: calendar.yaml
registers:
  devices: devices.csv
  staff: staff.csv
  accounts: accounts.csv
  declarations: 届出.csv
  networks: { clinical: [10.20.0.0/16] }
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
rosters:
  - file: 勤務表.csv
    month: 2026-11
    codes: { 夜: 16:30-09:00, 日: 08:30-17:15, 休: none }
    margin: { before: 0m, after: 0m }
default: clinic
";

/// n1001 works the night of the 16th, until nine on the 17th; n1002 is off.
const ROSTER: &str = "\
氏名,職員番号,15,16,17,18
夜勤 花子,n1001,休,夜,休,日
日勤 葵,n1002,日,休,日,日
";

const STAFF: &str = "職員番号,氏名,部署,職種\n\
n1001,夜勤 花子,病棟,看護師\nn1002,日勤 葵,外来,看護師\nn1003,残業 健,外来,医師\n";

const ACCOUNTS: &str = "id,kind,owner\nn1001,person,n1001\nadmin,admin,n1001\nvendor,vendor,\n";

const DECLARATIONS: &str = "種別,開始,終了,対象者,承認者\n\
時間外,2026-11-16 18:00,2026-11-16 20:00,n1003,院長\n\
保守,2026-11-16 22:00,2026-11-16 23:00,vendor,院長\n";

const HEADINGS: &str = "日時,利用者ID,IPアドレス,MACアドレス,操作,患者ID,結果\n";

/// The register: hardware address with dashes, addresses without hardware, in CP932.
fn devices() -> Vec<u8> {
    let mut text = String::from("MACアドレス,IPアドレス,端末名,部署\n");
    text.push_str("A4-C3-61-2A-40-77,,病棟①端末,病棟\n,203.0.113.9,業者端末,\n");
    for last in 1..=60 {
        // Writing into a string cannot fail.
        let _ = writeln!(text, ",10.20.1.{last},端末{last},");
    }
    let (bytes, _, unmappable) = encoding_rs::SHIFT_JIS.encode(&text);
    assert!(!unmappable, "the register can be written in CP932");
    bytes.into_owned()
}

/// The three of the roster, and everybody who reads one chart.
fn staff() -> String {
    let readers: String = (0..60).map(|i| format!("r{i},,,\n")).collect();
    format!("{STAFF}{readers}")
}

fn house() -> House {
    House::with(&[
        ("yomawari.yaml", CONFIG.as_bytes()),
        ("calendar.yaml", CALENDAR.as_bytes()),
        ("勤務表.csv", ROSTER.as_bytes()),
        ("devices.csv", &devices()),
        ("staff.csv", staff().as_bytes()),
        ("accounts.csv", ACCOUNTS.as_bytes()),
        ("届出.csv", DECLARATIONS.as_bytes()),
    ])
}

/// The alerts over these files; standard error ends up in a failing test's output.
fn alerts(files: &[(&str, &str)]) -> Vec<String> {
    let house = house();
    let mut paths = vec!["--year", "2026"];
    for (name, text) in files {
        house.write(name, text.as_bytes());
        paths.push(name);
    }
    lines_of(&house.scan(&paths))
}

fn expect(files: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(alerts(files), expected);
}

/// Rows of a CSV: day and time, account, last byte of the address, act, patient, outcome.
fn csv(rows: &[(&str, &str, u32, &str, &str, &str)]) -> String {
    let mut text = String::from(HEADINGS);
    for (time, user, address, act, patient, outcome) in rows {
        let _ = writeln!(
            text,
            "2026/11/{time},{user},10.20.1.{address},,{act},{patient},{outcome}"
        );
    }
    text
}

/// Failed logins of one account at one terminal, on the 16th.
fn failures(address: u32, times: &[&str]) -> String {
    let times: Vec<String> = times.iter().map(|t| format!("16 {t}")).collect();
    let row = |t| (t, "n1002", address, "ログイン", "", "失敗");
    let rows: Vec<_> = times.iter().map(String::as_str).map(row).collect();
    csv(&rows)
}

/// Chart views of one account on the 16th, by their times.
fn views(account: &str, times: &[&str]) -> String {
    let row = |t| (t, account, 1, "カルテ参照", "00000429", "成功");
    let rows: Vec<_> = times.iter().copied().map(row).collect();
    csv(&rows)
}

/// A refused login as FHIR has it.
fn fhir_failure(time: &str, user: &str, address: &str) -> String {
    format!(
        r#"{{"resourceType":"AuditEvent","type":{{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110114"}},"subtype":[{{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110122"}}],"action":"E","recorded":"{time}","outcome":"4","agent":[{{"who":{{"reference":"Practitioner/{user}"}},"requestor":true,"network":{{"address":"{address}","type":"2"}}}}],"source":{{"observer":{{"display":"ehr"}}}}}}"#
    ) + "\n"
}

/// A chart read as FHIR has it.
fn fhir_view(time: &str, user: &str) -> String {
    format!(
        r#"{{"resourceType":"AuditEvent","type":{{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110110"}},"action":"R","recorded":"{time}","outcome":"0","agent":[{{"who":{{"reference":"Practitioner/{user}"}},"requestor":true,"network":{{"address":"10.20.1.1","type":"2"}}}}],"source":{{"observer":{{"display":"ehr"}}}},"entity":[{{"what":{{"reference":"Patient/00000429"}}}}]}}"#
    ) + "\n"
}

/// Seconds after midnight as a clock shows them.
fn clock(second: u32) -> String {
    format!(
        "{:02}:{:02}:{:02}",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

#[test]
fn four_failures_in_a_minute_stay_silent() {
    let text = failures(1, &["10:00:00", "10:00:20", "10:00:40", "10:01:00"]);
    expect(&[("ehr.csv", &text)], &[]);
}

#[test]
fn five_failures_in_sixty_one_seconds_stay_silent() {
    let text = failures(
        1,
        &["10:00:00", "10:00:15", "10:00:30", "10:00:45", "10:01:01"],
    );
    expect(&[("ehr.csv", &text)], &[]);
}

#[test]
fn five_failures_in_exactly_sixty_seconds_fire() {
    let text = failures(
        1,
        &["10:00:00", "10:00:15", "10:00:30", "10:00:45", "10:01:00"],
    );
    expect(
        &[("ehr.csv", &text)],
        &["failed-login-burst 10.20.1.1 5 2026-11-16T10:00:00+09:00 2026-11-16T10:01:00+09:00"],
    );
}

#[test]
fn a_successful_login_is_not_counted_with_failures() {
    let mut text = failures(1, &["10:00:00", "10:00:15", "10:00:30", "10:00:45"]);
    text.push_str("2026/11/16 10:00:50,n1002,10.20.1.1,,ログイン,,成功\n");
    expect(&[("ehr.csv", &text)], &[]);
}

#[test]
fn a_millisecond_more_than_a_minute_stays_silent() {
    let at = |last: &str| {
        let times = ["00.000", "15.5", "30", "45.250"];
        let mut text = String::new();
        for time in times {
            text += &fhir_failure(
                &format!("2026-11-16T10:00:{time}+09:00"),
                "n1002",
                "10.20.1.2",
            );
        }
        text + &fhir_failure(
            &format!("2026-11-16T10:01:{last}+09:00"),
            "n1002",
            "10.20.1.2",
        )
    };
    expect(&[("a.ndjson", &at("00.001"))], &[]);
    expect(
        &[("a.ndjson", &at("00.000"))],
        &["failed-login-burst 10.20.1.2 5 2026-11-16T10:00:00+09:00 2026-11-16T10:01:00+09:00"],
    );
}

#[test]
fn the_first_and_the_last_second_of_opening_hours() {
    let text = views(
        "n1002",
        &["16 08:29:59", "16 08:30:00", "16 17:59:59", "16 18:00:00"],
    );
    expect(
        &[("ehr.csv", &text)],
        &[
            "off-hours-access n1002 1 2026-11-16T08:29:59+09:00 2026-11-16T08:29:59+09:00",
            "off-hours-access n1002 1 2026-11-16T18:00:00+09:00 2026-11-16T18:00:00+09:00",
        ],
    );
}

#[test]
fn one_closed_stretch_is_one_alert_over_midnight() {
    let text = views("n1002", &["16 23:59:59", "17 00:00:00", "17 08:29:59"]);
    expect(
        &[("ehr.csv", &text)],
        &["off-hours-access n1002 3 2026-11-16T23:59:59+09:00 2026-11-17T08:29:59+09:00"],
    );
}

#[test]
fn one_night_is_one_alert_whatever_offset_the_logs_print() {
    let text = views("n1002", &["16 23:00:00"]);
    let fhir = fhir_view("2026-11-16T15:30:00Z", "n1002")
        + &fhir_view("2026-11-16T11:00:00-05:00", "n1002")
        + &fhir_view("2026-11-17T02:00:00+09:00", "n1002");
    expect(
        &[("ehr.csv", &text), ("a.ndjson", &fhir)],
        &["off-hours-access n1002 4 2026-11-16T23:00:00+09:00 2026-11-17T02:00:00+09:00"],
    );
}

#[test]
fn a_national_holiday_is_closed_at_noon() {
    let text = views("n1002", &["23 12:00:00", "24 12:00:00"]);
    expect(
        &[("ehr.csv", &text)],
        &["off-hours-access n1002 1 2026-11-23T12:00:00+09:00 2026-11-23T12:00:00+09:00"],
    );
}

#[test]
fn a_refused_access_at_night_is_none() {
    let text = csv(&[("16 02:00:00", "n1002", 1, "カルテ参照", "1", "失敗")]);
    expect(&[("ehr.csv", &text)], &[]);
}

#[test]
fn the_last_second_of_a_duty_is_explained_and_the_next_is_not() {
    // A night of the 20th, a Friday, ends on a Saturday: closed on both sides of nine o'clock.
    let house = house();
    let roster = "氏名,職員番号,19,20,21\n夜勤 花子,n1001,休,夜,休\n";
    house.write("勤務表.csv", roster.as_bytes());
    let text = views("n1001", &["20 18:30:00", "21 08:59:59", "21 09:00:00"]);
    house.write("ehr.csv", text.as_bytes());
    let alerts = house.scan(&["ehr.csv", "--ledger", "ledger.json"]);
    assert_eq!(
        lines_of(&alerts),
        ["off-hours-access n1001 1 2026-11-21T09:00:00+09:00 2026-11-21T09:00:00+09:00"]
    );
    assert_eq!(account_of(&house, "off-hours-access"), [3, 2, 1]);
}

/// Matches, explained and alerts of a rule in the ledger of the last run.
fn account_of(house: &House, rule: &str) -> [u64; 3] {
    let ledger = json(&house.path().join("ledger.json"));
    let rules = ledger["rules"].as_array().expect("rules are a list");
    let found = rules.iter().find(|r| r["name"] == rule);
    let rule = found.expect("every rule stands in the ledger");
    ["matches", "explained", "alerts"].map(|k| rule[k].as_u64().expect("a count"))
}

#[test]
fn a_declaration_explains_until_its_end() {
    let house = house();
    let mut text = views("n1003", &["16 18:00:00", "16 19:59:59", "16 20:00:00"]);
    text.push_str("2026/11/16 19:00:00,n1002,10.20.1.1,,カルテ参照,1,成功\n");
    house.write("ehr.csv", text.as_bytes());
    let alerts = house.scan(&["ehr.csv", "--ledger", "ledger.json"]);
    assert_eq!(
        lines_of(&alerts),
        [
            "off-hours-access n1002 1 2026-11-16T19:00:00+09:00 2026-11-16T19:00:00+09:00",
            "off-hours-access n1003 1 2026-11-16T20:00:00+09:00 2026-11-16T20:00:00+09:00",
        ]
    );
    assert_eq!(account_of(&house, "off-hours-access"), [4, 2, 2]);
}

#[test]
fn a_declaration_of_a_person_covers_the_accounts_that_person_owns() {
    let house = house();
    house.write("accounts.csv", "id,kind,owner\nz9,admin,n1003\n".as_bytes());
    house.write(
        "ehr.csv",
        views("z9", &["16 19:59:59", "16 20:00:00"]).as_bytes(),
    );
    assert_eq!(
        lines_of(&house.scan(&["ehr.csv"])),
        ["off-hours-access z9 1 2026-11-16T20:00:00+09:00 2026-11-16T20:00:00+09:00"]
    );
}

#[test]
fn a_hardware_address_is_known_however_it_is_written() {
    let mut text = String::from(HEADINGS);
    for (minute, mac) in [
        "A4-C3-61-2A-40-77",
        "a4:c3:61:2a:40:77",
        "a4c3.612a.4077",
        "A4C3612A4077",
        "Ａ４：Ｃ３：６１：２Ａ：４０：７７",
    ]
    .iter()
    .enumerate()
    {
        let _ = writeln!(
            text,
            "2026/11/16 10:0{minute}:00,n1001,,{mac},ログイン,,成功"
        );
    }
    expect(&[("ehr.csv", &text)], &[]);
}

#[test]
fn an_unknown_device_is_one_alert_a_day() {
    let lease = |day: u32, time: &str, mac: &str| {
        format!("Nov {day} {time} rtx1220 [DHCPD] LAN1(port1) Allocates 192.168.100.21: {mac}\n")
    };
    let text = lease(16, "09:00:00", "a4:c3:61:2a:40:77")
        + &lease(16, "10:00:01", "00:1d:73:99:99:99")
        + &lease(16, "14:00:00", "00:1d:73:99:99:99")
        + &lease(16, "23:59:59", "00:1d:73:99:99:99")
        + &lease(17, "00:00:00", "00:1d:73:99:99:99");
    expect(
        &[("router.log", &text)],
        &[
            "unknown-device 00-1D-73-99-99-99 1 2026-11-17T00:00:00+09:00 2026-11-17T00:00:00+09:00",
            "unknown-device 00-1D-73-99-99-99 3 2026-11-16T10:00:01+09:00 2026-11-16T23:59:59+09:00",
        ],
    );
}

#[test]
fn a_randomised_address_fires_and_says_so() {
    let house = house();
    let text =
        "Nov 16 10:00:00 rtx1220 [DHCPD] LAN1(port1) Allocates 192.168.100.78: da:a1:19:44:55:66\n";
    house.write("router.log", text.as_bytes());
    let alerts = house.scan(&["router.log", "--year", "2026"]);
    assert_eq!(
        lines_of(&alerts),
        ["unknown-device DA-A1-19-44-55-66 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00"]
    );
    let summary = |lang: &str| alerts[0]["summary"][lang].as_str().expect("a sentence");
    assert!(
        summary("en").contains("randomized address"),
        "{}",
        summary("en")
    );
    assert!(
        summary("ja").contains("乱数化されたアドレス"),
        "{}",
        summary("ja")
    );
}

#[test]
fn five_accounts_in_ten_minutes_are_a_spray_and_four_are_not() {
    let tries = |accounts: u32, step: u32| {
        let row = |i: u32| {
            let time = clock(36_000 + i * step);
            format!("2026/11/16 {time},x{i},10.20.1.5,,ログイン,,失敗\n")
        };
        HEADINGS.to_owned() + &(0..accounts).map(row).collect::<String>()
    };
    expect(
        &[("ehr.csv", &tries(5, 150))],
        &["password-spray 10.20.1.5 5 2026-11-16T10:00:00+09:00 2026-11-16T10:10:00+09:00"],
    );
    expect(&[("ehr.csv", &tries(4, 150))], &[]);
    expect(&[("ehr.csv", &tries(5, 151))], &[]);
}

#[test]
fn one_account_written_in_five_ways_is_no_spray() {
    let rows: Vec<_> = ["n1002", "N1002", "ｎ１００２", "Ｎ１００２", " n1002 "]
        .iter()
        .zip([
            "16 10:00:00",
            "16 10:02:00",
            "16 10:04:00",
            "16 10:06:00",
            "16 10:08:00",
        ])
        .map(|(user, time)| (time, *user, 5, "ログイン", "", "失敗"))
        .collect();
    expect(&[("ehr.csv", &csv(&rows))], &[]);
}

/// Charts of so many patients, evenly from ten o'clock, the last one at a given second.
fn spree(patients: u32, last: u32, step: u32) -> String {
    let row = |i: u32| {
        let second = 36_000 + if i + 1 == patients { last } else { i * 20 };
        let (time, patient) = (clock(second), i * step);
        format!("2026/11/16 {time},n1002,10.20.1.1,,カルテ参照,{patient:08},成功\n")
    };
    HEADINGS.to_owned() + &(0..patients).map(row).collect::<String>()
}

#[test]
fn a_hundred_and_fifty_charts_in_an_hour() {
    expect(
        &[("ehr.csv", &spree(150, 3_600, 7))],
        &["wide-chart-access n1002 150 2026-11-16T10:00:00+09:00 2026-11-16T11:00:00+09:00"],
    );
    expect(&[("ehr.csv", &spree(149, 3_600, 7))], &[]);
    expect(&[("ehr.csv", &spree(150, 3_601, 7))], &[]);
}

#[test]
fn ten_charts_in_the_order_of_their_numbers() {
    expect(
        &[("ehr.csv", &spree(10, 760, 1))],
        &["patient-numbers-in-order n1002 10 2026-11-16T10:00:00+09:00 2026-11-16T10:12:40+09:00"],
    );
    // The tenth is opened one second too late.
    expect(&[("ehr.csv", &spree(10, 761, 1))], &[]);
}

/// So many accounts on one chart; the last one at a given time of the next day.
fn readers(accounts: u32, last: &str) -> String {
    let row = |i: u32| {
        let time = match i + 1 == accounts {
            true => last.to_owned(),
            false => format!("16 {}", clock(36_000 + i * 600)),
        };
        format!("2026/11/{time},r{i},10.20.1.1,,カルテ参照,00000429,成功\n")
    };
    HEADINGS.to_owned() + &(0..accounts).map(row).collect::<String>()
}

#[test]
fn forty_readers_of_one_chart_in_a_day() {
    expect(
        &[("ehr.csv", &readers(40, "17 10:00:00"))],
        &["many-readers 00000429 40 2026-11-16T10:00:00+09:00 2026-11-17T10:00:00+09:00"],
    );
    expect(&[("ehr.csv", &readers(39, "17 10:00:00"))], &[]);
    expect(&[("ehr.csv", &readers(40, "17 10:00:01"))], &[]);
}

#[test]
fn an_admin_from_outside_and_at_night() {
    let login = |time: &str, address: &str, who: &str| {
        format!("Nov {time} rtx1220 Login succeeded for SSH: {address} {who}\n")
    };
    // The vendor's notebook is registered; its address belongs to no network of the house.
    expect(
        &[("router.log", &login("16 10:00:00", "203.0.113.9", "admin"))],
        &[
            "admin-login-from-outside admin+203.0.113.9+rtx1220 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
        ],
    );
    let night = login("16 17:59:59", "10.20.1.1", "admin")
        + &login("16 18:00:00", "10.20.1.1", "admin")
        + &login("16 22:00:00", "10.20.1.2", "vendor")
        + &login("16 22:59:59", "10.20.1.2", "vendor")
        + &login("16 23:00:00", "10.20.1.1", "admin");
    expect(
        &[("router.log", &night)],
        &[
            "off-hours-admin-login admin+rtx1220 2 2026-11-16T18:00:00+09:00 2026-11-16T23:00:00+09:00",
        ],
    );
}

#[test]
fn failures_of_one_terminal_on_two_systems_add_up() {
    let ehr = failures(7, &["10:00:00", "10:00:10", "10:00:20"]);
    let router = "Nov 16 10:00:30 rtx1220 SSHD login failed, 10.20.1.7\n\
                  Nov 16 10:00:40 rtx1220 SSHD login failed, 10.20.1.7\n";
    expect(
        &[("ehr.csv", &ehr), ("router.log", router)],
        &["failed-login-burst 10.20.1.7 5 2026-11-16T10:00:00+09:00 2026-11-16T10:00:40+09:00"],
    );
    let elsewhere = router.replace("10.20.1.7", "10.20.1.8");
    expect(&[("ehr.csv", &ehr), ("router.log", &elsewhere)], &[]);
}

#[test]
fn a_repeated_message_counts_as_often_as_it_says() {
    let folded = |count: u32| {
        let message = "Failed password for root from 10.20.1.9 port 50280 ssh2";
        format!(
            "Nov 16 10:00:00 srv sshd[7]: {message}\n\
             Nov 16 10:00:30 srv sshd[7]: message repeated {count} times: [ {message}]\n"
        )
    };
    expect(
        &[("a.log", &folded(4))],
        &["failed-login-burst 10.20.1.9 5 2026-11-16T10:00:00+09:00 2026-11-16T10:00:30+09:00"],
    );
    expect(&[("a.log", &folded(3))], &[]);
}

#[test]
fn a_message_repeated_by_reference_counts_as_often_as_it_says() {
    let repeated = |count: u32, between: &str| {
        format!(
            "Nov 16 10:00:00 rtx1220 SSHD login failed, 10.20.1.9\n{between}\
             Nov 16 10:00:30 rtx1220 last message repeated {count} times\n"
        )
    };
    let fires =
        ["failed-login-burst 10.20.1.9 5 2026-11-16T10:00:00+09:00 2026-11-16T10:00:30+09:00"];
    expect(&[("a.log", &repeated(4, ""))], &fires);
    expect(&[("a.log", &repeated(3, ""))], &[]);
    // What another machine reports in between is not the message that was repeated.
    let other = "Nov 16 10:00:10 other LAN1: link up\n";
    expect(&[("a.log", &repeated(4, other))], &fires);
}
