//! The reports that read the logs again: maintenance against its work plan alone, and who opened a
//! chart; both in every form.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use serde_json::Value;

use super::folder::{House, Ran, holds};
use super::hostile::{HOSTILE, is_text_alone};
use super::maintenance::{EHR, scan, unscanned};
use super::{hospital::NOW, links};

/// What the week before lacks: another door, no outcome, a hostile account, zeros that count, and
/// what may be a password.
const MORE: &str = "\
日時,利用者ID,部署,IPアドレス,操作,患者ID,結果
2026/11/14 09:00:00,nurse,,10.20.1.2,印刷,00000012,
2026/11/14 09:10:00,=cmd(),,10.20.1.2,カルテ参照,00000012,失敗
2026/11/14 09:20:00,n1,病棟,10.20.1.1,カルテ参照,12,成功
2026/11/14 10:00:00,hunter2secret,,203.0.113.9,ログイン,,失敗
";
const MAINTENANCE: [&str; 2] = ["report", "maintenance"];
const PATIENT: [&str; 3] = ["report", "patient", "00000012"];

pub fn house() -> House {
    let house = unscanned().with("ehr-2.csv", MORE);
    scan(&house, &[]);
    house
}

fn run(house: &House, question: &[&str], words: &[&str]) -> Ran {
    let ran = house.run(&[question, &["-q", "--now", NOW], words].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran
}

fn json(house: &House, question: &[&str], words: &[&str]) -> Value {
    let ran = run(
        house,
        question,
        &[&["--output-format", "json"], words].concat(),
    );
    serde_json::from_str(&ran.out).expect("one JSON object")
}

/// The values of some keys of each object of a list.
fn rows(list: &Value, keys: &[&str]) -> Vec<String> {
    let list = list.as_array().expect("a list").iter();
    let text = |of: &Value| of.as_str().map_or_else(|| of.to_string(), str::to_owned);
    let row = |one: &Value| keys.iter().map(|key| text(&one[*key])).collect::<Vec<_>>();
    list.map(|one| row(one).join("|")).collect()
}

#[test]
fn maintenance_is_held_against_its_plan_both_ways() {
    let house = house();
    let told = json(&house, &MAINTENANCE, &[]);
    let keys = ["start", "end", "account", "plan"];
    let found = rows(&told["sessions"], &keys);
    assert_eq!(
        found,
        [
            "2026-11-12T10:04:00+09:00|2026-11-12T10:04:00+09:00||作業計画.csv:2:39",
            "2026-11-12T10:05:00+09:00|2026-11-12T12:20:00+09:00|vendor1|作業計画.csv:2:39",
            "2026-11-13T22:00:00+09:00|2026-11-13T22:00:00+09:00|vendor2|null",
            "2026-11-14T01:00:00+09:00|2026-11-14T01:00:00+09:00||null",
            "2026-11-14T10:00:00+09:00|2026-11-14T10:00:00+09:00|hu…(13)|null",
            "2026-11-15T23:45:00+09:00|2026-11-16T00:10:00+09:00|vendor2|作業計画.csv:4:34",
        ]
    );
    let codes = told["sessions"].as_array().expect("sessions").iter();
    let codes: Vec<String> = codes
        .map(|session| rows(&session["findings"], &["code"]).join(" "))
        .collect();
    assert_eq!(
        codes,
        [
            "",
            "overrun patients-opened",
            "no-plan patients-opened",
            "no-plan",
            "no-plan",
            "other-system patients-opened"
        ]
    );
    assert_eq!(
        told["sessions"][1]["patients"],
        serde_json::json!({ "00000012": 2, "00000013": 1 })
    );
    assert_eq!(
        rows(&told["plans"], &["state", "person"]),
        ["done|", "nothing-in-logs|", "done|", "not-covered|"]
    );
    let named = json(&house, &MAINTENANCE, &["--plan", "作業計画.csv", "--names"]);
    assert_eq!(rows(&named["plans"], &["person"])[1], "保守次郎");
    assert_eq!(rows(&named["sessions"], &keys), found);
}

#[test]
fn maintenance_reads_well_in_both_languages() {
    let house = house();
    let english = run(&house, &MAINTENANCE, &[]).out;
    for said in [
        "plan: 4 rows; done 2, nothing in the logs 1, not covered by the logs 1",
        "sessions: 6; as planned 1, to be asked about 5",
        "went on 20 min after the planned time",
        "00000012 (2), 00000013 (1)",
        "no row of the plan covers it",
    ] {
        assert!(english.contains(said), "{said}\n{english}");
    }
    let japanese = run(&house, &MAINTENANCE, &["--lang", "ja"]).out;
    for said in [
        "作業計画 4件：実施 2、実施の記録なし 1、記録の範囲外 1",
        "計画の終了を20分過ぎています",
        "患者2人の記録に触れています",
        "該当する作業計画がありません",
    ] {
        assert!(japanese.contains(said), "{said}\n{japanese}");
    }
}

#[test]
fn a_period_is_told_and_every_record_goes_into_a_spreadsheet() {
    let house = house();
    let day = ["--from", "2026-11-13", "--to", "2026-11-13"];
    let told = json(&house, &MAINTENANCE, &day);
    assert_eq!(rows(&told["sessions"], &["account"]), ["vendor2"]);
    run(&house, &MAINTENANCE, &["-o", "m.csv"]);
    let csv = house.text("m.csv");
    assert!(csv.starts_with('\u{feff}'));
    let lines = csv.lines().count();
    assert_eq!(
        lines,
        1 + 11 + 2,
        "headings, records, rows without a session\n{csv}"
    );
    let page = run(
        &house,
        &MAINTENANCE,
        &[&day[..], &["--output-format", "html"]].concat(),
    )
    .out;
    assert!(page.contains("2026-11-13 00:00 to 2026-11-13 23:59"));
    assert!(page.contains("vendor2") && !page.contains("00000012"));
}

#[test]
fn a_plan_with_mistakes_or_none_stops_it() {
    let house = house();
    house.put(
        "bad.csv",
        "vendor,account,from,to\nA,v,soon,2026-11-12\nB,,2026-11-12,2026-11-12\n",
    );
    let ran = house.run(&["report", "maintenance", "--plan", "bad.csv"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("bad.csv:2:5"), "{}", ran.err);
    assert!(ran.err.contains("bad.csv:3"), "{}", ran.err);
    let ran = house.run(&["report", "maintenance", "--plan", "none.csv"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("none.csv"), "{}", ran.err);
    house.put(
        "yomawari.yaml",
        "version: 1\nsources: [{ name: ehr, paths: ['ehr*.csv'] }]\n",
    );
    let ran = house.run(&["report", "maintenance"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("there is no work plan"), "{}", ran.err);
}

#[test]
fn who_opened_a_chart_is_told_from_all_logs() {
    let house = house();
    let keys = [
        "time",
        "account",
        "person",
        "department",
        "terminal",
        "action",
        "outcome",
        "place",
    ];
    let patient = ["report", "patient", "0000001２"];
    let told = json(&house, &patient, &["--names"]);
    assert_eq!(told["patient"], "00000012");
    let found = rows(&told["records"], &keys);
    assert_eq!(
        found,
        [
            "2026-11-12T09:00:00+09:00|n1|看護花子|病棟|10.20.1.1|chart-view|success|ehr.csv:3",
            "2026-11-12T10:10:00+09:00|vendor1|||203.0.113.9|chart-view|success|ehr.csv:5",
            "2026-11-12T10:10:00+09:00|vendor1|||203.0.113.9|chart-view|success|ehr.csv:6",
            "2026-11-14T09:00:00+09:00|nurse|看護花子|病棟|10.20.1.2|print|unknown|ehr-2.csv:2",
            "2026-11-14T09:10:00+09:00|=cmd()|||10.20.1.2|chart-view|failure|ehr-2.csv:3",
        ]
    );
    let ids = json(&house, &patient, &[]);
    let nameless: Vec<String> = found
        .iter()
        .map(|row| row.replace("看護花子", ""))
        .collect();
    assert_eq!(
        rows(&ids["records"], &keys),
        nameless,
        "names only where asked for"
    );
    assert_eq!(ids["accounts"].as_array().expect("accounts").len(), 4);
    assert_eq!(
        rows(&ids["sources"], &["source", "events", "naming_patients"]),
        ["ehr|15|10", "router|4|0"]
    );
    let other = json(&house, &["report", "patient", "12"], &[]);
    assert_eq!(
        rows(&other["records"], &["place"]),
        ["ehr-2.csv:4"],
        "zeros count"
    );
    let none = json(
        &house,
        &["report", "patient", "99"],
        &["--from", "2026-11-14"],
    );
    assert_eq!(none["records"], serde_json::json!([]));
    assert_eq!(none["covered"]["from"], "2026-11-14T01:00:00+09:00");
}

#[test]
fn what_two_exports_tell_counts_once() {
    let house = house();
    let told = || {
        let told = json(&house, &PATIENT, &[]);
        rows(&told["records"], &["time", "account", "action"])
    };
    let before = told();
    house.put("ehr-again.csv", EHR);
    let more = "2026/11/16 21:00:00,n1,pc1,10.20.1.1,印刷,00000012,成功\n";
    house.put("ehr-more.csv", format!("{EHR}{more}"));
    let mut expected = before;
    expected.push("2026-11-16T21:00:00+09:00|n1|print".to_owned());
    assert_eq!(told(), expected);
}

#[test]
fn asking_about_a_patient_is_written_down_where_a_store_is_named() {
    let house = house();
    let ran = run(&house, &PATIENT, &[]);
    assert!(ran.out.contains("5 records of 4 accounts"), "{}", ran.out);
    let runs = house.run(&["runs", "list", "--output-format", "json"]).out;
    let last = runs.lines().last().expect("a run");
    assert!(
        last.contains("report patient") && last.contains("00000012"),
        "{last}"
    );
    let page = run(&house, &PATIENT, &["--output-format", "html"]).out;
    let runs = house.run(&["runs", "list", "--output-format", "json"]).out;
    let last: Value = serde_json::from_str(runs.lines().last().expect("a run")).expect("a run");
    let digest = last["digest"].as_str().expect("a digest");
    assert!(
        page.contains(digest),
        "the page names the entry under which it was asked for"
    );
    let ran = house.run(&["report", "patient", "1", "--store", "none.db"]);
    assert_eq!(ran.status, 2, "a store that is not there: {}", ran.err);
    let ran = house.run(&["report", "patient", " "]);
    assert_eq!(ran.status, 2, "{}", ran.err);
}

#[test]
fn names_are_told_only_where_it_can_be_written_down() {
    let house = house();
    run(&house, &MAINTENANCE, &["--names"]);
    let runs = house.run(&["runs", "list", "--output-format", "json"]).out;
    assert!(
        runs.lines()
            .last()
            .expect("a run")
            .contains("report maintenance")
    );
    let without = "version: 1\nsources: [{ name: ehr, paths: ['ehr*.csv'] }]\n";
    house.put("yomawari.yaml", without);
    for words in [
        &PATIENT[..],
        &["report", "maintenance", "--plan", "作業計画.csv"],
    ] {
        let ran = house.run(&[words, &["--names"]].concat());
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains("there is no store"), "{}", ran.err);
        let ran = house.run(&[words, &["--mask"]].concat());
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains("name a file with --key"), "{}", ran.err);
        let ran = house.run(&[words, &["--mask", "--key", "k"]].concat());
        assert_eq!(ran.status, 0, "{}", ran.err);
    }
}

#[test]
fn pseudonyms_stand_in_the_place_of_persons_in_every_form() {
    let house = house();
    for question in [&PATIENT[..], &MAINTENANCE] {
        for form in ["table", "json", "csv", "html", "md"] {
            let told = run(&house, question, &["--mask", "--output-format", form]).out;
            for word in [
                "vendor1",
                "00000012",
                "00000013",
                "保守太郎",
                "株式会社",
                "定期点検",
                "看護花子",
                "病棟",
                "hunter",
                "nurse",
            ] {
                assert!(!told.contains(word), "{form}: {word}\n{told}");
            }
            assert!(told.contains("S-") && told.contains("P-"), "{form}");
        }
    }
    // The same pseudonym as the weekly page, which `reveal` turns back.
    let told = json(&house, &PATIENT, &["--mask"]);
    let vendor = told["records"][1]["account"].as_str().expect("a pseudonym");
    let ran = house.run(&["reveal", vendor, "--key", "y.db.key"]);
    assert_eq!(ran.out, format!("{vendor} vendor1\n"), "{}", ran.err);
}

/// What hangs on the moment and the version, in words.
fn steady(text: &str) -> String {
    let mut out = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let is_digest = |word: &&str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let digests = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(is_digest);
    for digest in digests {
        out = out.replace(digest, "DIGEST");
    }
    out
}

#[test]
fn both_answers_read_well() {
    for lang in ["ja", "en"] {
        for (name, question) in [("patient", &PATIENT[..]), ("maintenance", &MAINTENANCE)] {
            let house = house();
            let words = ["--lang", lang, "--names", "--output-format", "md"];
            let told = steady(&run(&house, question, &words).out);
            holds(&format!("extract-{name}-{lang}"), &told);
        }
    }
}

#[test]
fn a_page_needs_nothing_beside_it_and_its_links_lead_somewhere() {
    let house = house();
    for question in [&PATIENT[..], &MAINTENANCE, &["report", "patient", "none"]] {
        for words in [
            &["--lang", "ja"][..],
            &["--lang", "en", "--names"],
            &["--mask"],
        ] {
            let page = run(
                &house,
                question,
                &[words, &["--output-format", "html"]].concat(),
            )
            .out;
            assert!(links::lead_somewhere(&page) >= 5);
            links::is_closed(&page);
            assert!(!page.contains("漏えい") && !page.to_lowercase().contains("leak"));
            assert!(page.contains("class=\"sign\""));
        }
    }
}

#[test]
fn a_workbook_has_real_dates_and_a_sheet_a_section() {
    let house = house();
    for (question, dates, sheets) in [
        (
            &PATIENT[..],
            "3 記録",
            ["1 結論", "2 ID", "3 記録", "4 調べた記録"].as_slice(),
        ),
        (
            &MAINTENANCE,
            "4 患者",
            &[
                "1 結論",
                "2 接続・操作",
                "3 作業計画",
                "4 患者",
                "5 調べた記録",
            ],
        ),
    ] {
        run(&house, question, &["-o", "w.xlsx", "--lang", "ja"]);
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(house.bytes("w.xlsx"))).expect("a workbook");
        assert_eq!(book.sheet_names(), sheets);
        let sheet = book.worksheet_range(dates).expect("a sheet");
        let is_date = |cell: &(usize, usize, &Data)| matches!(cell.2, Data::DateTime(_));
        assert!(sheet.used_cells().filter(is_date).count() >= 5);
    }
}

#[test]
fn the_form_follows_the_ending_and_the_word() {
    let house = house();
    for (name, begin) in [
        ("a.html", "<!DOCTYPE html>"),
        ("a.htm", "<!DOCTYPE html>"),
        ("a.md", "# Who opened this chart"),
        ("a.json", "{"),
        ("a.csv", "\u{feff}"),
        ("a.txt", "Patient 00000012"),
        ("a.XLSX", "PK"),
    ] {
        let ran = run(&house, &PATIENT, &["-o", name]);
        assert_eq!(ran.out, "");
        assert!(house.bytes(name).starts_with(begin.as_bytes()), "{name}");
    }
    for (words, said) in [
        (["-o", "a.docx"], "tells no form"),
        (["-o", "a.pdf"], "a PDF is not made here"),
        (["-o", "ehr.csv"], "would be overwritten"),
    ] {
        for question in [&PATIENT[..], &MAINTENANCE] {
            let ran = house.run(&[question, &words].concat());
            assert_eq!(ran.status, 2);
            assert!(ran.err.contains(said), "{}", ran.err);
        }
    }
    let words = ["-o", "y.db", "--output-format", "html"];
    let ran = house.run(&[&PATIENT[..], &words].concat());
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("is the store"), "{}", ran.err);
}

/// A house in whose records and plan every field is hostile.
pub fn hostile() -> House {
    let cell = |word: &str| format!("\"{}\"", word.replace('"', "\"\""));
    let mut plan = "事業者,作業者,アカウント,接続元,対象システム,開始,終了,作業内容\n".to_owned();
    let mut ehr = "日時,利用者ID,利用者名,部署,端末名,操作,患者ID,結果\n".to_owned();
    for (at, word) in HOSTILE
        .iter()
        .chain([&"長".repeat(10_000).as_str()])
        .enumerate()
    {
        let w = cell(word);
        plan.push_str(&format!(
            "{w},{w},\"x{at},{}\",,{w},2026/11/13 1{at}:00,2026/11/13 1{at}:30,{w}\n",
            word.replace(['"', ','], "")
        ));
        for (user, patient) in [(w.as_str(), "p1"), (&w, &w), ("x0", &w)] {
            ehr.push_str(&format!(
                "2026/11/14 1{at}:00:00,{user},{w},{w},{w},{w},{patient},{w}\n"
            ));
        }
    }
    let site = serde_json::to_string(&HOSTILE.concat()).expect("a text");
    let config = format!(
        "version: 1\nsite: {{ name: {site}, timezone: Asia/Tokyo }}\n\
         sources: [{{ name: ehr, paths: ['ehr*.csv'], format: csv }}]\nstore: y.db\nmaintenance: {{ plan: plan.csv }}\n"
    );
    let house = House::new()
        .with("yomawari.yaml", config)
        .with("ehr<b>.csv", ehr)
        .with("plan.csv", plan);
    scan(&house, &[]);
    house
}

#[test]
fn hostile_words_are_text_in_every_form() {
    let house = hostile();
    let mut questions: Vec<Vec<&str>> = vec![MAINTENANCE.to_vec(), vec!["report", "patient", "p1"]];
    questions.extend(
        HOSTILE
            .iter()
            .step_by(3)
            .map(|word| vec!["report", "patient", word]),
    );
    for question in &questions {
        for words in [&[][..], &["--names", "--lang", "ja"]] {
            let told = |form: &str| {
                run(
                    &house,
                    question,
                    &[words, &["--output-format", form]].concat(),
                )
                .out
            };
            is_text_alone(&told("html"));
            let text = told("md");
            assert!(
                !text.contains("<script") && !text.contains("<img") && !text.contains("](http")
            );
            for form in ["md", "table", "json", "csv"] {
                let out = told(form);
                let acts = |c: char| c.is_control() && !matches!(c, '\n' | '\r');
                assert!(
                    !out.contains(acts) && !out.contains(['\u{202e}', '\u{2066}']),
                    "{form}"
                );
            }
            let csv = told("csv");
            let mut reader =
                csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
            for row in reader.records() {
                let row = row.expect("a row");
                let acts = row
                    .iter()
                    .find(|cell| cell.starts_with(['=', '+', '-', '@']));
                assert_eq!(acts, None);
            }
            run(&house, question, &[words, &["-o", "w.xlsx"]].concat());
            let mut book: Xlsx<_> =
                Xlsx::new(Cursor::new(house.bytes("w.xlsx"))).expect("a workbook");
            for name in book.sheet_names() {
                let formulas = book.worksheet_formula(&name).expect("a sheet");
                assert_eq!(formulas.used_cells().count(), 0, "{name}");
            }
        }
    }
    let page = run(
        &house,
        &["report", "patient", "p1"],
        &["--output-format", "html"],
    )
    .out;
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "it is there, as text"
    );
}

#[test]
fn a_page_stays_small_whatever_was_found() {
    let mut ehr = "日時,利用者ID,部署,端末名,操作,患者ID,結果\n".to_owned();
    for at in 0..12_000 {
        let (hour, minute, second) = (at / 3_600, at / 60 % 60, at % 60);
        ehr.push_str(&format!(
            "2026/11/14 {hour:02}:{minute:02}:{second:02},user{at},外来,pc{at},カルテ参照,p1,成功\n"
        ));
    }
    let house = House::new().with("ehr.csv", ehr);
    let question = ["report", "patient", "p1", "ehr.csv"];
    let page = run(&house, &question, &["--output-format", "html"]).out;
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert!(page.contains("and 10,000 more"));
    assert!(page.contains("12,000 records of 12,000 accounts"));
    run(&house, &question, &["-o", "w.xlsx"]);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(house.bytes("w.xlsx"))).expect("a workbook");
    let sheet = book.worksheet_range("3 Records").expect("a sheet");
    assert!(
        sheet.height() >= 12_000,
        "a workbook holds them all: {}",
        sheet.height()
    );
}
