//! Guards the reports that read the logs again: maintenance against its work plan, and who opened
//! a chart, as a user gets them.

mod house;

use house::House;
use serde_json::Value;
use yomawari::store::Store;

const CONFIG: &str = "\
version: 1
site: { name: さくら総合病院, timezone: Asia/Tokyo, language: ja }
sources:
  - { name: ehr, paths: ['ehr.csv'], timezone: Asia/Tokyo }
  - { name: router, paths: ['rtx-20261114.log'], format: syslog, timezone: Asia/Tokyo }
registers:
  staff: staff.csv
  accounts: accounts.csv
";
const STAFF: &str = "id,name,department\nn1,看護花子,病棟\n";
const ACCOUNTS: &str = "id,kind,owner\nvendor1,vendor,\nvendor2,vendor,\nnurse,person,n1\n";
const EHR: &str = "\
日時,利用者ID,端末名,IPアドレス,操作,患者ID,結果
2026/11/12 09:00:00,n1,pc1,10.20.1.1,カルテ参照,00000012,成功
2026/11/12 10:05:00,vendor1,pc9,203.0.113.9,ログイン,,成功
2026/11/12 10:10:00,vendor1,pc9,203.0.113.9,カルテ参照,00000012,成功
2026/11/12 10:11:00,vendor1,pc9,203.0.113.9,カルテ参照,00000013,成功
2026/11/12 10:12:00,vendor1,pc9,203.0.113.9,カルテ参照,00000012,成功
2026/11/12 12:20:00,vendor1,pc9,203.0.113.9,ログアウト,,成功
2026/11/13 22:00:00,vendor2,pc9,203.0.113.77,印刷,12,成功
2026/11/14 09:00:00,nurse,pc2,10.20.1.2,印刷,00000012,
2026/11/14 09:10:00,=cmd(),pc2,10.20.1.2,カルテ参照,00000012,失敗
2026/11/14 20:00:00,n1,pc1,10.20.1.1,ログアウト,,成功
";
const ROUTER: &str = "\
<134>Nov 12 00:00:01 rtx1220 LAN2 Rejected at IN(2100) filter: TCP 203.0.113.9:4431 > 203.0.113.5:22
<134>Nov 12 10:04:00 rtx1220 [L2TP] TUNNEL[1] connected from 203.0.113.9
<134>Nov 14 01:00:00 rtx1220 [L2TP] TUNNEL[1] connected from 198.51.100.7
<134>Nov 14 23:00:00 rtx1220 LAN2 Rejected at IN(2100) filter: TCP 203.0.113.9:4431 > 203.0.113.5:22
";
const PLAN: &str = "\
事業者,作業者,アカウント,接続元,対象システム,開始,終了,作業内容
株式会社保守,保守太郎,vendor1,203.0.113.9,電子カルテ,2026/11/12 10:00,2026/11/12 12:00,定期点検
株式会社保守,保守次郎,vendor1,203.0.113.9,電子カルテ,2026/11/13 10:00,2026/11/13 12:00,部品交換
株式会社他社,,vendor9,,,2026/12/1,2026/12/1,更新
";

fn house() -> House {
    let (plan, _, _) = encoding_rs::SHIFT_JIS.encode(PLAN);
    House::with(&[
        ("yomawari.yaml", CONFIG.as_bytes()),
        ("staff.csv", STAFF.as_bytes()),
        ("accounts.csv", ACCOUNTS.as_bytes()),
        ("ehr.csv", EHR.as_bytes()),
        ("rtx-20261114.log", ROUTER.as_bytes()),
        ("plan.csv", &plan),
    ])
}

fn json(house: &House, words: &[&str]) -> Value {
    let ran = house.run(&[words, &["--output-format", "json"]].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    serde_json::from_slice(&ran.out).expect("one JSON object")
}

#[test]
fn maintenance_is_held_against_its_plan_both_ways() {
    let told = json(&house(), &["report", "maintenance", "--plan", "plan.csv"]);
    let sessions = told["sessions"].as_array().expect("sessions");
    let lines: Vec<String> = sessions
        .iter()
        .map(|session| {
            let findings = session["findings"].as_array().expect("findings");
            let codes: Vec<&str> = findings.iter().filter_map(|f| f["code"].as_str()).collect();
            let text = |key: &str| session[key].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {} {} {} {}",
                text("start"),
                text("end"),
                text("account"),
                text("plan"),
                codes.join(" ")
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "2026-11-12T10:04:00+09:00 2026-11-12T10:04:00+09:00  plan.csv:2:39 ",
            "2026-11-12T10:05:00+09:00 2026-11-12T12:20:00+09:00 vendor1 plan.csv:2:39 overrun patients-opened",
            "2026-11-13T22:00:00+09:00 2026-11-13T22:00:00+09:00 vendor2 - no-plan patients-opened",
            "2026-11-14T01:00:00+09:00 2026-11-14T01:00:00+09:00  - no-plan",
        ]
    );
    assert_eq!(
        sessions[1]["patients"],
        serde_json::json!({ "00000012": 2, "00000013": 1 })
    );
    let plans = told["plans"].as_array().expect("rows");
    let states: Vec<&str> = plans
        .iter()
        .filter_map(|plan| plan["state"].as_str())
        .collect();
    assert_eq!(states, ["done", "nothing-in-logs", "not-covered"]);
}

#[test]
fn it_reads_well_in_both_languages() {
    let house = house();
    let words = ["report", "maintenance", "--plan", "plan.csv", "-q"];
    let english = String::from_utf8(house.run(&words).out).expect("UTF-8");
    for said in [
        "plan: 3 rows; done 1, nothing in the logs 1, not covered by the logs 1",
        "sessions: 4; as planned 1, to be asked about 3",
        "went on 20 min after the planned time",
        "00000012 (2), 00000013 (1)",
        "no row of the plan covers it",
    ] {
        assert!(english.contains(said), "{said}\n{english}");
    }
    let japanese = assert_cmd::Command::new(env!("CARGO_BIN_EXE_yomawari"))
        .current_dir(house.path())
        .args(words)
        .args(["--lang", "ja"])
        .output()
        .expect("the program starts");
    let japanese = String::from_utf8(japanese.stdout).expect("UTF-8");
    for said in [
        "作業計画 3件：実施 1、実施の記録なし 1、記録の範囲外 1",
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
    let words = ["report", "maintenance", "--plan", "plan.csv"];
    let day = ["--from", "2026-11-13", "--to", "2026-11-13"];
    let told = json(&house, &[&words[..], &day[..]].concat());
    let accounts: Vec<&str> = told["sessions"]
        .as_array()
        .expect("sessions")
        .iter()
        .filter_map(|session| session["account"].as_str())
        .collect();
    assert_eq!(accounts, ["vendor2"]);
    let ran = house.run(&[&words[..], &["-o", "m.csv"]].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    let csv = std::fs::read_to_string(house.path().join("m.csv")).expect("a file");
    assert!(csv.starts_with('\u{feff}'));
    let lines = csv.lines().count();
    assert_eq!(
        lines,
        1 + 5 + 1 + 2 + 2,
        "headings, records, rows without a session\n{csv}"
    );
}

#[test]
fn a_plan_with_mistakes_stops_it() {
    let house = house();
    house.write(
        "bad.csv",
        b"vendor,account,from,to\nA,v,soon,2026-11-12\nB,,2026-11-12,2026-11-12\n",
    );
    let ran = house.run(&["report", "maintenance", "--plan", "bad.csv"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("bad.csv:2:5"), "{}", ran.err);
    assert!(ran.err.contains("bad.csv:3"), "{}", ran.err);
    let ran = house.run(&["report", "maintenance", "--plan", "none.csv"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("none.csv"), "{}", ran.err);
}

#[test]
fn who_opened_a_chart_is_told_from_all_logs() {
    let told = json(&house(), &["report", "patient", "0000001２"]);
    assert_eq!(told["patient"], "00000012");
    let lines: Vec<String> = told["records"]
        .as_array()
        .expect("records")
        .iter()
        .map(|record| {
            let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
            let parts = [
                "time",
                "account",
                "person",
                "department",
                "terminal",
                "action",
                "outcome",
                "place",
            ];
            parts.map(text).join("|")
        })
        .collect();
    assert_eq!(
        lines,
        [
            "2026-11-12T09:00:00+09:00|n1|看護花子|病棟|10.20.1.1|chart-view|success|ehr.csv:2",
            "2026-11-12T10:10:00+09:00|vendor1|||203.0.113.9|chart-view|success|ehr.csv:4",
            "2026-11-12T10:12:00+09:00|vendor1|||203.0.113.9|chart-view|success|ehr.csv:6",
            "2026-11-14T09:00:00+09:00|nurse|看護花子|病棟|10.20.1.2|print|unknown|ehr.csv:9",
            "2026-11-14T09:10:00+09:00|=cmd()|||10.20.1.2|chart-view|failure|ehr.csv:10",
        ]
    );
    assert_eq!(told["accounts"].as_array().expect("accounts").len(), 4);
    let other = json(&house(), &["report", "patient", "12"]);
    assert_eq!(
        other["records"].as_array().expect("records").len(),
        1,
        "zeros count"
    );
    let none = json(
        &house(),
        &["report", "patient", "99", "--from", "2026-11-14"],
    );
    assert_eq!(none["records"], serde_json::json!([]));
    assert_eq!(none["covered"]["from"], "2026-11-14T01:00:00+09:00");
}

#[test]
fn asking_about_a_patient_is_written_down_where_a_store_is_named() {
    let house = house();
    assert_eq!(house.run(&["scan", "--store", "y.db", "-q"]).status, 0);
    let ran = house.run(&["report", "patient", "00000012", "--store", "y.db", "-q"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(String::from_utf8_lossy(&ran.out).contains("5 records of 4 accounts"));
    let store = Store::look(&house.path().join("y.db")).expect("a store");
    let runs = store.runs().expect("runs");
    assert_eq!(runs[1].entry.command, "report patient");
    assert!(runs[1].entry.note.contains("00000012"));
    let ran = house.run(&["report", "patient", "1", "--store", "none.db"]);
    assert_eq!(ran.status, 2, "a store that is not there: {}", ran.err);
    let ran = house.run(&["report", "patient", " "]);
    assert_eq!(ran.status, 2, "{}", ran.err);
}

#[test]
fn hostile_text_is_no_formula() {
    let ran = house().run(&["report", "patient", "00000012", "--output-format", "csv"]);
    let csv = String::from_utf8(ran.out).expect("UTF-8");
    assert!(csv.contains("'=cmd()"), "{csv}");
    assert!(!csv.contains(",=cmd()"));
}
