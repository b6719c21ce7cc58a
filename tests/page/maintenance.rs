//! Maintenance from afar on the weekly page: the logs of the week read once more and held against
//! the plan of the config, and what is said of logs that are not at hand any more.

use std::io::Cursor;

use calamine::{Reader as _, Xlsx};
use serde_json::{Value, json};

use super::folder::House;
use super::hostile::HOSTILE;

const CONFIG: &str = "\
version: 1
site: { name: さくら総合病院, timezone: Asia/Tokyo }
sources:
  - { name: ehr, paths: ['ehr*.csv'], timezone: Asia/Tokyo }
  - { name: router, paths: ['rtx-20261115.log'], format: syslog, timezone: Asia/Tokyo }
registers: { staff: staff.csv, accounts: accounts.csv }
store: y.db
maintenance: { plan: 作業計画.csv }
";
const STAFF: &str = "id,name,department\nn1,看護花子,病棟\n";
const ACCOUNTS: &str = "id,kind,owner\nvendor1,vendor,\nvendor2,vendor,\nnurse,person,n1\n";
pub const EHR: &str = "\
日時,利用者ID,端末名,IPアドレス,操作,患者ID,結果
2026/11/09 08:00:00,n1,pc1,10.20.1.1,ログイン,,成功
2026/11/12 09:00:00,n1,pc1,10.20.1.1,カルテ参照,00000012,成功
2026/11/12 10:05:00,vendor1,pc9,203.0.113.9,ログイン,,成功
2026/11/12 10:10:00,vendor1,pc9,203.0.113.9,カルテ参照,00000012,成功
2026/11/12 10:10:00,vendor1,pc9,203.0.113.9,カルテ参照,00000012,成功
2026/11/12 10:11:00,vendor1,pc9,203.0.113.9,カルテ参照,00000013,成功
2026/11/12 12:20:00,vendor1,pc9,203.0.113.9,ログアウト,,成功
2026/11/13 22:00:00,vendor2,pc9,203.0.113.77,印刷,00000099,成功
2026/11/15 23:45:00,vendor2,pc9,203.0.113.77,カルテ参照,00000098,成功
2026/11/16 00:10:00,vendor2,pc9,203.0.113.77,カルテ参照,00000097,成功
2026/11/16 20:00:00,n1,pc1,10.20.1.1,ログアウト,,成功
";
const ROUTER: &str = "\
<134>Nov  9 00:00:01 rtx1220 LAN2 Rejected at IN(2100) filter: TCP 203.0.113.9:4431 > 203.0.113.5:22
<134>Nov 12 10:04:00 rtx1220 [L2TP] TUNNEL[1] connected from 203.0.113.9
<134>Nov 14 01:00:00 rtx1220 [L2TP] TUNNEL[1] connected from 198.51.100.7
<134>Nov 15 23:00:00 rtx1220 LAN2 Rejected at IN(2100) filter: TCP 203.0.113.9:4431 > 203.0.113.5:22
";
const PLAN: &str = "\
事業者,作業者,アカウント,接続元,対象システム,開始,終了,作業内容
株式会社保守,保守太郎,vendor1,203.0.113.9,電子カルテ,2026/11/12 10:00,2026/11/12 12:00,定期点検
株式会社保守,保守次郎,vendor1,203.0.113.9,電子カルテ,2026/11/13 10:00,2026/11/13 12:00,部品交換
株式会社他社,,vendor2,203.0.113.77,ルータ,2026/11/15 23:00,2026/11/16 01:00,更新
株式会社他社,,vendor9,,,2026/12/1,2026/12/1,更新
";

/// A house whose config names a work plan, with a week of logs.
pub fn unscanned() -> House {
    let (plan, _, _) = encoding_rs::SHIFT_JIS.encode(PLAN);
    House::new()
        .with("yomawari.yaml", CONFIG)
        .with("staff.csv", STAFF)
        .with("accounts.csv", ACCOUNTS)
        .with("ehr.csv", EHR)
        .with("rtx-20261115.log", ROUTER)
        .with("作業計画.csv", &plan)
}

/// The same with its logs scanned.
pub fn house() -> House {
    let house = unscanned();
    scan(&house, &[]);
    house
}

pub fn scan(house: &House, words: &[&str]) {
    let ran = house.run(&[&["scan", "-q", "-o", "a.ndjson"], words].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
}

fn report(house: &House, words: &[&str]) -> String {
    let when = ["report", "--now", "2026-11-23T07:00", "--week", "2026-W46"];
    let ran = house.run(&[&when[..], words].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran.out
}

fn told(house: &House, words: &[&str]) -> Value {
    let out = report(house, &[&["--format", "json"], words].concat());
    let told: Value = serde_json::from_str(&out).expect("one document");
    told["maintenance"].clone()
}

fn texts(list: &Value, key: &str) -> Vec<String> {
    let rows = list["first"].as_array().expect("a list").iter();
    let word = |row: &Value| row[key].as_str().expect("a text").to_owned();
    rows.map(word).collect()
}

#[test]
fn sessions_rows_and_patients_are_those_of_a_count_by_hand() {
    let told = told(&house(), &[]);
    assert_eq!(told["inputs"], 2);
    let rows = json!({ "all": 3, "done": 2, "not_done": 1, "not_covered": 0 });
    assert_eq!(told["rows"], rows);
    let sessions = json!({ "all": 5, "as_planned": 1, "to_ask": 4 });
    assert_eq!(told["sessions"], sessions);
    let differences = json!([["no-plan", 2], ["overrun", 1], ["other-system", 1]]);
    assert_eq!(told["differences"], differences);
    assert_eq!(
        texts(&told["to_ask"], "account"),
        ["vendor1", "vendor2", "", "vendor2"]
    );
    // The work of Sunday night goes on into the week after, and is told whole.
    let night = &told["to_ask"]["first"][3];
    assert_eq!(night["span"][1], "2026-11-16T00:10:00+09:00");
    assert_eq!(
        night["plan"]
            .as_str()
            .map(|at| at.starts_with("作業計画.csv:4:")),
        Some(true),
        "{night}"
    );
    let not_done = texts(&told["not_done"], "words");
    assert_eq!(
        not_done,
        ["株式会社保守 部品交換"],
        "ids only: no name of a person"
    );
    let patients = told["patients"]["first"].as_array().expect("patients");
    let patients: Vec<(&str, u64)> = patients
        .iter()
        .map(|row| {
            (
                row["patient"].as_str().expect("an id"),
                row["records"].as_u64().expect("n"),
            )
        })
        .collect();
    let expected = [
        ("00000012", 2),
        ("00000013", 1),
        ("00000097", 1),
        ("00000098", 1),
        ("00000099", 1),
    ];
    assert_eq!(patients, expected);
    let openings = &told["openings"];
    assert_eq!(openings["total"], 6);
    assert_eq!(openings["first"][0]["place"], "ehr.csv:5");
    assert_eq!(told["not_examined"]["total"], 0);
    let names = report(&house(), &["--format", "json", "--names"]);
    assert!(names.contains("株式会社保守 保守次郎 部品交換"));
}

#[test]
fn every_form_tells_it_in_both_languages() {
    let house = house();
    for form in ["html", "md"] {
        let ja = report(&house, &["--format", form, "--lang", "ja"]);
        for part in [
            "作業計画3件と照合しました。計画：実施2件、実施の記録なし1件、記録が手元にない0件。接続・操作5件：計画どおり1件、確認が必要4件（計画なし2・時間超過1・計画外のシステム1）。患者5人の記録に触れています。",
            "計画の終了を20分過ぎています",
            "該当する作業計画がありません",
            "リモート保守（5章）：作業計画と合わない接続・操作4件、実施の記録がない計画1件。",
            "接続・操作5件（計画どおり1・確認が必要4）<br>計画3件（実施2・記録なし1）<br>記録に触れた患者5人、手元にないログ0本",
            "記録に触れた患者（患者ごとの件数）（5件）",
            "カルテ参照",
        ] {
            assert!(ja.contains(part), "{form}: {part}");
        }
        let en = report(&house, &["--format", form, "--lang", "en"]);
        for part in [
            "Plan: 2 done, 1 with nothing in the logs, 0 of a time whose logs are not at hand.",
            "went on 20 min after the planned time",
            "Planned, and nothing in the logs (1)",
        ] {
            assert!(en.contains(part), "{form}: {part}");
        }
    }
    report(&house, &["-o", "w.xlsx", "--lang", "ja"]);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(house.bytes("w.xlsx"))).expect("a workbook");
    let sheet = book.worksheet_range("5 リモート保守").expect("a sheet");
    let cells: Vec<String> = sheet.used_cells().map(|cell| cell.2.to_string()).collect();
    for part in ["00000012", "vendor2", "計画の終了を20分過ぎています"] {
        assert!(
            cells.iter().any(|cell| cell.contains(part)),
            "{part}: {cells:?}"
        );
    }
}

#[test]
fn persons_are_masked_here_too() {
    let page = report(&house(), &["--mask", "--lang", "ja"]);
    assert!(page.contains("確認が必要4件"));
    for word in [
        "vendor1",
        "vendor2",
        "00000012",
        "保守太郎",
        "保守次郎",
        "株式会社",
        "定期点検",
    ] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn what_two_exports_tell_counts_once() {
    let house = house();
    let before = told(&house, &[]);
    // The same night exported again under another name, a line more of it.
    let more = format!("{EHR}2026/11/16 21:00:00,n1,pc1,10.20.1.1,ログアウト,,成功\n");
    house.put("ehr-again.csv", &more);
    scan(&house, &[]);
    let after = told(&house, &[]);
    assert_eq!(after["inputs"], 3);
    assert_eq!(after["sessions"], before["sessions"]);
    assert_eq!(after["openings"]["total"], before["openings"]["total"]);
    assert_eq!(after["patients"], before["patients"]);
}

#[test]
fn a_log_that_was_rotated_or_grew_is_the_log_that_was_read() {
    let house = house();
    let before = told(&house, &[]);
    // Another name that the source's paths hold, and a line that no run has read yet.
    std::fs::remove_file(house.at("ehr.csv")).expect("it was there");
    let more = "2026/11/14 15:00:00,vendor1,pc9,203.0.113.9,カルテ参照,00000050,成功\n";
    house.put("ehr-1.csv", format!("{EHR}{more}"));
    let after = told(&house, &[]);
    assert_eq!(after["not_examined"]["total"], 0);
    assert_eq!(after["inputs"], before["inputs"]);
    assert_eq!(after["sessions"]["all"], 6);
    assert_eq!(after["openings"]["total"], 7);
}

#[test]
fn what_is_gone_or_changed_is_named_and_nothing_is_claimed_of_its_time() {
    let house = house();
    std::fs::remove_file(house.at("rtx-20261115.log")).expect("it was there");
    let gone = told(&house, &[]);
    assert_eq!(gone["inputs"], 1);
    assert_eq!(texts(&gone["not_examined"], "path"), ["rtx-20261115.log"]);
    assert_eq!(texts(&gone["not_examined"], "why"), ["gone"]);
    // Whether the work of Friday was done, only the router could have told.
    let rows = json!({ "all": 3, "done": 2, "not_done": 0, "not_covered": 1 });
    assert_eq!(gone["rows"], rows);
    let page = report(&house, &["--lang", "ja"]);
    for part in [
        "この章では調べられなかったログ（1件）",
        "ファイルがありません",
        "その時間の記録が手元にない計画（実施の有無は言えません）（1件）",
        "手元にないログ1本",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // The export was written anew: what lies there now is read, what lay there is named.
    let tail = EHR.lines().skip(8).collect::<Vec<_>>().join("\n");
    let heading = EHR.lines().next().expect("a heading");
    house.put("ehr.csv", format!("{heading}\n{tail}\n"));
    let changed = told(&house, &[]);
    assert_eq!(texts(&changed["not_examined"], "why"), ["gone", "changed"]);
    assert_eq!(changed["sessions"]["all"], 2);
    std::fs::remove_file(house.at("ehr.csv")).expect("it was there");
    let none = told(&house, &[]);
    assert_eq!(
        (&none["inputs"], &none["rows"]["not_covered"]),
        (&json!(0), &json!(3))
    );
    let page = report(&house, &["--lang", "ja"]);
    assert!(page.contains("この期間のログが手元にないため、照合できませんでした"));
    assert!(page.contains("作業計画は設定済み、この期間のログは手元になし"));
}

#[test]
fn logs_that_no_source_of_the_config_names_are_found_where_they_lay() {
    let house = house();
    house.put("elsewhere/rtx.txt", ROUTER);
    std::fs::remove_file(house.at("rtx-20261115.log")).expect("it was there");
    let format = ["elsewhere/rtx.txt", "--format", "syslog", "--year", "2026"];
    scan(&house, &format);
    let found = told(&house, &[]);
    assert_eq!(found["inputs"], 2);
    assert_eq!(
        found["sessions"],
        json!({ "all": 5, "as_planned": 1, "to_ask": 4 })
    );
    let piped = house.run_with(
        &[
            "scan", "-", "-q", "-o", "b.ndjson", "--format", "syslog", "--year", "2026",
        ],
        ROUTER.replace("10:04:00", "10:04:30").as_bytes(),
    );
    assert_eq!(piped.status, 0, "{}", piped.err);
    let found = told(&house, &[]);
    assert!(texts(&found["not_examined"], "why").contains(&"pipe".to_owned()));
}

#[test]
fn another_week_reads_nothing_of_this_one() {
    let house = house();
    let out = report(&house, &["--format", "json"]);
    assert!(out.contains("\"maintenance\":{"));
    let words = [
        "report",
        "--now",
        "2026-12-20",
        "--week",
        "2026-W49",
        "--format",
        "json",
    ];
    let ran = house.run(&words);
    let told: Value = serde_json::from_str(&ran.out).expect("one document");
    let told = &told["maintenance"];
    assert_eq!(
        told["inputs"], 0,
        "known files of other weeks are not read again"
    );
    assert_eq!(told["rows"]["not_covered"], 1);
    let without = CONFIG.replace("maintenance: { plan: 作業計画.csv }\n", "");
    house.put("yomawari.yaml", without);
    let page = report(&house, &["--lang", "ja"]);
    assert!(page.contains("作業計画が設定されていません（yomawari.yaml の maintenance）"));
}

#[test]
fn slips_in_config_and_plan_are_refused_where_they_stand() {
    let house = house();
    house.put(
        "作業計画.csv",
        "事業者,アカウント,開始,終了\nA,v,2026/11/12 10:00,2026/11/11 10:00\n",
    );
    let ran = house.run(&["report", "--week", "2026-W46"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert!(ran.err.contains("作業計画.csv:2"), "{}", ran.err);
    std::fs::remove_file(house.at("作業計画.csv")).expect("it was there");
    let ran = house.run(&["report", "--week", "2026-W46"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("yomawari.yaml:8"), "{}", ran.err);
    house.put("yomawari.yaml", CONFIG.replace("plan:", "plam:"));
    let ran = house.run(&["report", "--week", "2026-W46"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("write plan"), "{}", ran.err);
}

#[test]
fn hostile_words_of_plan_and_log_are_text() {
    let house = house();
    let cell = |word: &str| format!("\"{}\"", word.replace('"', "\"\""));
    let mut plan = "事業者,作業者,アカウント,接続元,対象システム,開始,終了,作業内容\n".to_owned();
    let mut ehr = EHR.to_owned();
    for (at, word) in HOSTILE.iter().enumerate() {
        let w = cell(word);
        plan.push_str(&format!(
            "{w},{w},x{at},,{w},2026/11/13 1{at}:00,2026/11/13 1{at}:30,{w}\n"
        ));
        ehr.push_str(&format!(
            "2026/11/14 1{at}:00:00,vendor1,{w},203.0.113.9,カルテ参照,{w},成功\n"
        ));
    }
    house.put("作業計画.csv", plan);
    house.put("ehr.csv", ehr);
    let page = report(&house, &["--names"]);
    for word in [
        "<script",
        "<img",
        "<svg onload",
        "</style></title>",
        "\u{202e}",
        "\u{1b}",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    let text = report(&house, &["--names", "--format", "md"]);
    assert!(!text.contains("<script") && !text.contains("](http"));
    let json = report(&house, &["--names", "--format", "json"]);
    assert!(
        json.trim_end()
            .chars()
            .all(|c| !c.is_control() && c != '\u{202e}')
    );
}
