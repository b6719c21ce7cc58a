//! Guards the reading of whole tables: the fast path against a slow literal twin, the sample
//! tables, and what becomes of rows that are not ordinary.

use std::path::PathBuf;

use bumpalo::Bump;
use proptest::prelude::*;

use super::*;
use crate::event::{Event, Field, Instant, Reason, Reject, Zone};
use crate::format::{Parsed, words};
use crate::yaml;

const ORDINARY: &str =
    "日時,利用者ID,利用者名,職種,部署,端末名,IPアドレス,MACアドレス,操作,患者ID,機能,結果";

fn parser(head: &str, config: &str) -> (Option<Box<dyn Parser>>, Complaints) {
    let mut complaints = Complaints::new();
    let nodes = yaml::read("t.yaml", config, &mut complaints);
    let zone = Zone::tokyo();
    let settings = Settings {
        zone,
        reference: Instant {
            nanos: 0,
            offset: 0,
            trusted: true,
            ambiguous: false,
        },
        year: None,
        section: nodes.first(),
    };
    let parser = Csv.parser(head, &settings, &mut complaints);
    (parser, complaints)
}

/// Every record of a table: its events, each as `field=value` lines, or what became of it.
fn read_all(text: &str, config: &str) -> Vec<Result<Vec<String>, String>> {
    let (parser, complaints) = parser(text, config);
    let shown: Vec<_> = complaints
        .sorted()
        .iter()
        .map(|p| p.message.en.clone())
        .collect();
    let parser = parser.unwrap_or_else(|| panic!("no parser: {shown:?}"));
    split::head_records(text, usize::MAX)
        .into_iter()
        .map(|record| read_one(parser.as_ref(), record))
        .collect()
}

fn read_one(parser: &dyn Parser, record: &str) -> Result<Vec<String>, String> {
    let arena = Bump::new();
    let mut event = Event::new(&arena);
    event.begin(record);
    let mut events = Vec::new();
    let allowed = parser.fields();
    let outcome = parser.parse(record, &mut event, &mut |e| {
        for field in e.present().iter() {
            assert!(allowed.contains(field), "{} is not announced", field.name());
        }
        events.push(show(e));
    });
    match outcome {
        Ok(Parsed::Events) => Ok(events),
        Ok(other) => Err(format!("{other:?}")),
        Err(Reject { reason, column }) => Err(format!("{}:{column}", reason.code())),
    }
}

fn show(event: &Event<'_>) -> String {
    let time = event.time().expect("every event has a time");
    let mut out = vec![time.rfc3339() + if time.trusted { "" } else { " untrusted" }];
    for field in event.present().iter() {
        out.push(format!(
            "{}={}",
            field.name(),
            event.get(field).unwrap_or_default()
        ));
    }
    let extras = event
        .extras()
        .iter()
        .map(|(name, value)| format!("{name}~{value}"));
    out.extend(extras);
    out.join("\n")
}

fn one(head: &str, row: &str, config: &str) -> String {
    let all = read_all(&format!("{head}\n{row}\n"), config);
    all.last()
        .cloned()
        .expect("a row")
        .map_or_else(|e| e, |events| events.join("\n--\n"))
}

fn has(text: &str, line: &str) -> bool {
    text.lines().any(|l| l == line)
}

#[test]
fn an_ordinary_row() {
    let row = "2026/11/16 08:31:05,n1023,看護　花子,看護師,３階病棟,W3-PC07,10.20.3.41,a4:c3:61:2a:40:77,カルテ参照,00123456,経過表,成功";
    let event = one(ORDINARY, row, "");
    for line in [
        "2026-11-16T08:31:05+09:00",
        "event.action=chart-view",
        "event.outcome=success",
        "event.category=database",
        "event.code=カルテ参照",
        "user.id=n1023",
        "user.name=n1023",
        "user.full_name=看護　花子",
        "user.role=看護師",
        "user.department=３階病棟",
        "host.name=W3-PC07",
        "source.ip=10.20.3.41",
        "source.mac=A4-C3-61-2A-40-77",
        "patient.id=00123456",
        "ehr.function=経過表",
        "event.dataset=ehr.csv",
        "service.name=ehr",
    ] {
        assert!(has(&event, line), "{line} in\n{event}");
    }
}

#[test]
fn words_and_values_the_guide_tells_apart() {
    let head = "日時,利用者ID,操作,IPアドレス,success";
    for (cells, line) in [
        ("強制ログアウト,10.0.0.1,1", "event.action=force-unlock"),
        ("強制ログアウト,10.0.0.1,1", "event.outcome=success"),
        ("ログイン,10.0.0.1,0", "event.outcome=failure"),
        ("ログイン,10.0.0.1,2", "success~2"),
        ("ログイン,010.000.000.001,1", "source.ip=10.0.0.1"),
    ] {
        let event = one(head, &format!("2026/11/16 8:31,n1,{cells}"), "");
        assert!(has(&event, line), "{line} in\n{event}");
    }
    for none in ["0.0.0.0", "::"] {
        let event = one(head, &format!("2026/11/16 8:31,n1,ログイン,{none},1"), "");
        assert!(!event.contains("source.ip"), "{event}");
    }
}

#[test]
fn rows_that_are_not_ordinary() {
    let head = "日時,利用者ID,端末名,操作,患者ID,結果,病室";
    let cut = |row| one(head, row, "");
    assert_eq!(cut(""), format!("{}", "Blank"));
    assert_eq!(cut(" ,,,　,,,"), "Blank");
    assert_eq!(cut(head), "Heading");
    assert_eq!(
        cut("[日時],利用者ＩＤ,端末名,操作,患者ID,結果,病室"),
        "Heading"
    );
    assert_eq!(cut("# 出力 2026/11/16"), "Heading");
    assert_eq!(cut("2026/11/16 08:31:05"), "too-few-columns:20");
    assert_eq!(cut("合計"), "too-few-columns:7");
    assert_eq!(cut("合計,12,,,,,"), "bad-time:1");
    assert_eq!(cut(",n1,,,,,"), "no-time:1");
    assert_eq!(cut("2026/11/16 08:31:05,-,,ログイン,,,"), "no-user:0");
    assert_eq!(cut("\"2026/11/16 08:31:05,n1"), "malformed-csv:1");
    let event = cut("2026/11/16 24:15,=\"001\",,,'00123,保留,301,余り,,終");
    for line in [
        "2026-11-17T00:15:00+09:00",
        "user.id=001",
        "patient.id=00123",
        "結果~保留",
        "病室~301",
        "column8~余り",
        "column10~終",
    ] {
        assert!(has(&event, line), "{line} in\n{event}");
    }
    assert!(!event.contains("event.outcome") && !event.contains("event.action"));
    assert!(has(
        &cut("2026/11/16 8:31,,PC1,ログイン失敗,,,"),
        "event.outcome=failure"
    ));
    assert!(cut("2026/11/16,n1,,ログイン,,,").contains("+09:00 untrusted"));
    let quoted = cut("\"2026/11/16 8:31\",\"n\"\"1\",\"PC,1\",\"ログ\nイン\",,,");
    assert!(
        has(&quoted, "user.id=n\"1") && has(&quoted, "host.name=PC,1"),
        "{quoted}"
    );
}

#[test]
fn layouts_are_recognized() {
    let mhlw = one(
        "ユーザーID,氏名,時刻,カテゴリ,操作情報",
        "n@h,看護,2026/5/16 8:30:20,管理メニュー,起動",
        "",
    );
    assert!(
        has(&mhlw, "event.action=app-start") && has(&mhlw, "ehr.function=管理メニュー"),
        "{mhlw}"
    );
    let wareki = one(
        "時刻;日付;利用者名;操作",
        "25:02;R08/11/16;HOSP\\n1;ログオフ",
        "",
    );
    for line in [
        "2026-11-17T01:02:00+09:00",
        "user.full_name=HOSP\\n1",
        "user.name=n1",
        "user.domain=HOSP",
        "event.action=logout",
    ] {
        assert!(has(&wareki, line), "{line} in\n{wareki}");
    }
    let session = one(
        "職員番号\tログイン日時\tログアウト日時",
        "n1\t2026/11/16 8:30\t2026/11/16 17:00",
        "",
    );
    let (login, logout) = session.split_once("\n--\n").expect("two events");
    assert!(has(login, "event.action=login") && login.starts_with("2026-11-16T08:30:00"));
    assert!(has(logout, "event.action=logout") && logout.starts_with("2026-11-16T17:00:00"));
    assert!(has(login, "event.end=2026-11-16T17:00:00+09:00"));
    for end in ["", "\t", "\t-", "\t使用中"] {
        let row = format!("n1\t2026/11/16 23:00{end}");
        let open = one("職員番号\tログイン日時\tログアウト日時", &row, "");
        assert!(
            has(&open, "event.action=login") && !open.contains("--"),
            "{open}"
        );
    }
    let evening = one(
        "日付,ログイン時刻,ログアウト時刻,利用者ID",
        "R08/11/16,22:00,6:15,n1",
        "",
    );
    let (login, logout) = evening.split_once("\n--\n").expect("two events");
    assert!(login.starts_with("2026-11-16T22:00:00+09:00"), "{login}");
    assert!(has(login, "event.action=login"), "{login}");
    assert!(logout.starts_with("2026-11-17T06:15:00+09:00"), "{logout}");
    let late = one(
        "日付,開始時刻,終了時刻,利用者ID",
        "2026/11/16,8:30,24:15,n1",
        "",
    );
    assert!(has(&late, "event.end=2026-11-17T00:15:00+09:00"), "{late}");
    // A date column that tells the time itself needs no other.
    let whole = one("日付,開始時刻,利用者ID", "2026/11/16 8:30,9:00,n1", "");
    assert!(whole.starts_with("2026-11-16T08:30:00+09:00"), "{whole}");
    let wide = (0..60)
        .map(|n| format!("h{n}"))
        .collect::<Vec<_>>()
        .join(",");
    let cells = (0..60)
        .map(|n| format!("c{n}"))
        .collect::<Vec<_>>()
        .join(",");
    let columns = "columns: { \"@timestamp\": h59, user.id: 1 }";
    let wide = one(
        &format!("{wide},x"),
        &format!("{cells},x").replace("c59", "20261116083105"),
        columns,
    );
    assert!(has(&wide, "user.id=c0") && has(&wide, "h58~c58"), "{wide}");
}

#[test]
fn the_config_goes_first() {
    let config = "columns:\n  \"@timestamp\": [1, 2]\n  user.id: 3\n  event.action: 4\n  event.outcome: 5\nvalues:\n  event.action: { '1': login, 'Ｘ': print }\n  event.outcome: { '9': failure }\ntwo_digit_year: western\n";
    let all = read_all("08:31:05,26/04/06,n1,1,9\n24:15,26/04/06,n1,x,0\n", config);
    let first = all[0].as_ref().expect("an event")[0].clone();
    assert!(
        has(&first, "2026-04-06T08:31:05+09:00") && has(&first, "event.outcome=failure"),
        "{first}"
    );
    let second = all[1].as_ref().expect("an event")[0].clone();
    assert!(
        has(&second, "event.action=print") && has(&second, "2026-04-07T00:15:00+09:00"),
        "{second}"
    );
    let named = one(
        "いつ,だれ,なに",
        "2026/4/6 8:31,n1,見た",
        "columns: { \"@timestamp\": いつ, user.id: だれ, event.action: なに }\nvalues: { event.action: { 見た: chart-view } }",
    );
    assert!(has(&named, "event.action=chart-view"), "{named}");
    assert_eq!(
        one("日時,職員番号", "2026/4/6 24:15,n1", "hours_over_24: false"),
        "hour-over-24:1"
    );
    let mdy = one("date,user id", "4/6/2026 8:31:05 AM,n1", "date_order: mdy");
    assert!(has(&mdy, "2026-04-06T08:31:05+09:00"), "{mdy}");
}

#[test]
fn a_general_word_hangs_on_its_function_and_the_config_does_not() {
    let head = "日時,職員番号,機能,操作";
    let act = |row: &str, config| one(head, &format!("2026/4/6 8:31,n1,{row}"), config);
    assert!(has(
        &act("権限管理,変更", ""),
        "event.action=privilege-change"
    ));
    assert!(has(&act("会計,変更", ""), "event.action=chart-edit"));
    assert!(has(&act("入力メニュー,終了", ""), "event.action=app-stop"));
    assert!(has(&act("カルテ参照,実行", ""), "event.action=chart-view"));
    let config = "values: { event.action: { 変更: chart-edit } }";
    assert!(has(
        &act("権限管理,変更", config),
        "event.action=chart-edit"
    ));
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let config = "colums: {}\ncolumns: { user.ids: 1, \"@timestamp\": 日寺 }\nvalues: { event.action: { a: logins } }\ndelimiter: abc\nheading: 5\nskip_lines: -1\ndate_order: xyz\n";
    let (_, complaints) = parser("日時,職員番号\n", config);
    let found = complaints.sorted();
    let lines: Vec<u32> = found
        .iter()
        .map(|p| p.place.as_ref().map_or(0, |p| p.line))
        .collect();
    assert_eq!(lines, [1, 2, 2, 3, 4, 5, 6, 7]);
    let help = |n: usize| {
        found[n]
            .help
            .as_ref()
            .map(|t| t.en.clone())
            .unwrap_or_default()
    };
    assert!(
        help(0).contains("columns") && help(1).contains("user.id") && help(3).contains("login")
    );
    assert!(parser("a,b\n1,2\n", "").1.has_errors());
}

#[test]
fn tables_are_claimed_and_other_text_is_not() {
    assert!(Csv.claims(&format!("{ORDINARY}\n")).is_some());
    assert!(
        Csv.claims("\u{feff}\"[名称]\"\t\"[発生日時]\"\t\"[ユーザー名]\"\n")
            .is_some()
    );
    for text in [
        "",
        "Nov 16 08:31:05 rtx1220 login, user=admin\n",
        "{\"time\":\"x\",\"user\":\"y\"}\n",
        "日時\n",
    ] {
        assert!(Csv.claims(text).is_none(), "{text}");
    }
    let name = |head: &str| parser(head, "").0.expect("a parser").source_name();
    assert_eq!(name("日時,利用者ID\n"), name("［日時］,利用者ＩＤ\r\nx"));
    assert_ne!(name("日時,利用者ID\n"), name("日時,職員番号\n"));
    assert!(name("日時,利用者ID\n").starts_with("csv:") && name("日時,利用者ID\n").len() == 12);
}

/// A row of the ordinary table by the `csv` crate and the plainest code.
fn twin(record: &str) -> Option<Vec<(Field, String)>> {
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(record.as_bytes());
    let row = reader.records().next()?.ok()?;
    let cell = |n: usize| row.get(n).and_then(words::clean).map(str::to_owned);
    let arena = Bump::new();
    let id = |n: usize| cell(n).map(|c| words::identifier(arena.alloc_str(&c), &arena).to_owned());
    let texts = [
        (Field::UserFullName, cell(2)),
        (Field::UserRole, cell(3)),
        (Field::UserDepartment, cell(4)),
        (Field::HostName, id(5)),
        (Field::PatientId, id(9)),
        (Field::EhrFunction, cell(10)),
        (Field::EventCode, cell(8)),
        (
            Field::SourceIp,
            id(6).map(|ip| words::split_address(&ip).0.into_owned()),
        ),
        (
            Field::SourceMac,
            id(7).map(|m| {
                words::mac(&m).map_or(m.clone(), |s| String::from_utf8_lossy(&s).into_owned())
            }),
        ),
        (
            Field::UserId,
            id(1).map(|u| words::split_account(&u).1.to_owned()),
        ),
    ];
    Some(
        texts
            .into_iter()
            .filter_map(|(f, v)| Some((f, v?)))
            .collect(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_fast_path_equals_the_literal_twin(
        cells in prop::collection::vec("[ -~]{0,10}|[ぁ-んァ-ン一-龥　Ａ-Ｚ０-９ｱ-ﾝ]{0,6}|[0-9.:]{0,17}|-|NULL|\"([a-z,]|\"\"){0,6}\"|a4c3612a4077|10\\.0\\.0\\.1", 11..13),
    ) {
        let record = format!("2026/11/16 08:31:05,{}", cells.join(","));
        let (parser, _) = parser(&format!("{ORDINARY}\n"), "");
        let parser = parser.expect("a parser");
        let arena = Bump::new();
        let mut event = Event::new(&arena);
        event.begin(&record);
        let mut got = None;
        let outcome = parser.parse(&record, &mut event, &mut |e| {
            let all = e.present().iter().filter_map(|f| Some((f, e.get(f)?.to_owned())));
            got = Some(all.collect::<Vec<_>>());
        });
        if matches!(outcome, Err(Reject { reason: Reason::MalformedCsv | Reason::NoUser, .. })) {
            return Ok(());
        }
        prop_assert_eq!(outcome, Ok(Parsed::Events));
        let got = got.expect("an event");
        for (field, value) in twin(&record).expect("a row") {
            let mine = got.iter().find(|(f, _)| *f == field).map(|(_, v)| v.clone());
            prop_assert_eq!(mine, Some(value), "{}", field.name());
        }
    }

    #[test]
    fn cells_equal_those_of_the_csv_crate(record in "([a-z\u{3042}]|,|\"|\"\"|,\"|\",){0,40}") {
        let arena = Bump::new();
        let text = arena.alloc_str(&record);
        if let Ok(cells) = split::cells(text, b',', &arena) {
            let mut reader = ::csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(record.as_bytes());
            if let Some(Ok(row)) = reader.records().next() {
                prop_assert_eq!(cells.from(0).collect::<Vec<_>>(), row.iter().collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn any_table_is_read_or_told(head in "(日時|利用者ID|操作|[,\t;\"\n]|.){0,30}", rows in ".{0,60}", record in "(?s).{0,60}") {
        let text = format!("{head}\n{rows}");
        let _ = Csv.claims(&text);
        for head in [text.clone(), format!("{ORDINARY}\n{text}")] {
            if let Some(parser) = parser(&head, "").0 {
                let _ = read_one(parser.as_ref(), &record);
                let _ = read_one(parser.as_ref(), &rows);
            }
        }
    }
}

fn samples() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("YOMAWARI_SAMPLES")?);
    let folder = folder.join("ehr/synthetic");
    folder.join("expected.ndjson").exists().then_some(folder)
}

fn decoded(folder: &std::path::Path, file: &str) -> String {
    let bytes = std::fs::read(folder.join(file)).expect("a sample");
    let encoding = match file {
        f if f.contains("cp932") => encoding_rs::SHIFT_JIS,
        f if f.contains("eucjp") => encoding_rs::EUC_JP,
        f if f.contains("utf16le") => encoding_rs::UTF_16LE,
        _ => encoding_rs::UTF_8,
    };
    encoding.decode(&bytes).0.into_owned()
}

/// The words of the field guide's vocabulary in ours.
fn ours(word: &str) -> &str {
    match word {
        "patient_view" => "chart-view",
        "record_create" | "record_update" | "record_delete" => "chart-edit",
        "session_lock" => "lock",
        "patient_close" => "app-stop",
        "break_glass_start" => "break-glass",
        "copy_to_media" => "export",
        "app_start" => "app-start",
        "device_attached" => "device-attached",
        other => other,
    }
}

#[test]
fn the_field_guide_s_tables_are_read_as_it_says() {
    let Some(folder) = samples() else {
        println!("skipped: no samples beside the project");
        return;
    };
    let digits = "columns: { \"@timestamp\": 1, host.name: 2, user.id: 3, event.action: 4, patient.id: 5, event.outcome: 7 }\nvalues: { event.action: { '1': login, '2': chart-view, '3': print }, event.outcome: { '0': success, '9': failure } }";
    let ccas = "columns: { \"@timestamp\": [5, 4], host.name: 1, user.name: 2, event.action: 6 }\nvalues: { event.action: { 接続: device-attached } }\ntwo_digit_year: western";
    let tables = [
        ("ehr-ja-wide.cp932.csv", ""),
        ("ehr-ja-mhlw-layout.utf8.csv", ""),
        ("ehr-ja-session.utf16le.tsv", ""),
        ("ehr-ja-noheader.eucjp.csv", digits),
        ("epic-access-log-extract.csv", ""),
        ("pc-itdm2-layout.cp932.csv", ""),
        ("pc-ccas-layout-noheader.cp932.csv", ccas),
        (
            "pc-desktopkeeper-layout.cp932.csv",
            "columns: { event.outcome: 区分, host.name: 名称 }",
        ),
        (
            "openemr-log-table.csv",
            "values: { event.outcome: { '1': success, '0': failure } }",
        ),
    ];
    let expected = std::fs::read_to_string(folder.join("expected.ndjson")).expect("a sample");
    for (file, config) in tables {
        let wanted: Vec<serde_json::Value> = expected
            .lines()
            .map(|l| serde_json::from_str::<serde_json::Value>(l).expect("JSON"))
            .filter(|v| v["file"] == file)
            .collect();
        let all = read_all(&decoded(&folder, file), config);
        let events: Vec<String> = all.into_iter().filter_map(Result::ok).flatten().collect();
        assert_eq!(events.len(), wanted.len(), "{file}: {events:#?}");
        for (event, wanted) in events.iter().zip(&wanted) {
            let wanted = wanted["event"].as_object().expect("an object");
            for (name, value) in wanted {
                let value = value.as_str().unwrap_or_default();
                let fits = match name.as_str() {
                    "@timestamp" => event.starts_with(value),
                    "event.outcome" if value == "unknown" => !event.contains("event.outcome="),
                    "event.action" => has(event, &format!("event.action={}", ours(value))),
                    "user.id" | "user.name" | "user.full_name" | "user.domain" | "patient.id"
                    | "host.name" | "user.department" | "ehr.function" | "event.code" => {
                        has(event, &format!("{name}={value}"))
                    }
                    _ => true,
                };
                assert!(fits, "{file}: {name}={value} in\n{event}");
            }
        }
    }
}

fn sample(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sample-logs/csv");
    decoded(&folder, name)
}

#[test]
fn the_sample_logs_are_read_whole() {
    for (name, rows, events) in [
        ("ordinary.csv", 74, 74),
        ("mhlw.csv", 24, 24),
        ("wareki-cp932.csv", 13, 13),
        ("sessions.tsv", 4, 7),
    ] {
        let all = read_all(&sample(name), "");
        assert_eq!(all[0], Err("Heading".to_owned()), "{name}");
        let read: Vec<_> = all.iter().filter_map(|r| r.as_ref().ok()).collect();
        assert_eq!(read.len(), rows, "{name}: {all:#?}");
        assert_eq!(
            read.iter().map(|e| e.len()).sum::<usize>(),
            events,
            "{name}"
        );
        let acts = read.iter().all(|e| e[0].contains("event.action="));
        assert!(acts, "{name}: every word is known");
    }
    let ordinary = read_all(&sample("ordinary.csv"), "");
    let failures = ordinary.iter().flatten().flatten();
    let failures = failures.filter(|e| e.contains("event.outcome=failure"));
    assert_eq!(failures.count(), 6);
}

#[test]
fn every_nasty_row_is_accounted_for() {
    let all = read_all(&sample("nasty.csv"), "");
    let told: Vec<String> = all
        .iter()
        .map(|row| match row {
            Ok(events) => events[0].lines().next().unwrap_or_default().to_owned(),
            Err(why) => why.clone(),
        })
        .collect();
    let expected = [
        "Heading",
        "Heading",
        "Blank",
        "Heading",
        "2026-11-16T08:30:00+09:00",
        "2026-11-17T00:15:00+09:00",
        "2026-11-16T09:05:00+09:00",
        "2026-11-16T09:06:00+09:00",
        "2026-11-16T09:07:00+09:00",
        "too-few-columns:17",
        "2026-11-16T00:00:00+09:00 untrusted",
        "bad-time:1",
        "no-user:0",
        "2026-11-16T09:11:00+09:00",
        "Blank",
        "Heading",
        "2026-11-17T09:12:00+09:00",
        "2026-11-17T09:13:00+09:00",
        "bad-time:1",
    ];
    assert_eq!(told, expected);
}
