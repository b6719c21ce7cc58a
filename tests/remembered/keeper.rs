//! Makes the store of a house: what a scan found is kept, night by night.

use serde_json::Value;
use yomawari::alert::{Alert, Evidence, Level, ReasonLine, RuleRef, sha256_hex};
use yomawari::diagnostic::Text;
use yomawari::store::{Entry, InputRecord, Latest, Store};

use super::folder::{House, Ran};

pub const STORE: &str = "yomawari.db";

/// Nanoseconds of 2026-11-17T06:00:00+09:00, when the first run begins.
pub const MORNING: i64 = 1_794_862_800_000_000_000;
/// Nanoseconds of a day.
pub const DAY: i64 = 86_400_000_000_000;

const HEADINGS: &str = "日時,利用者ID,利用者名,端末名,IPアドレス,操作,患者ID,結果";

/// An export in which account n7 opens charts at night, fails once among them, and n8 fails nine
/// times to log in.
pub fn export() -> String {
    let mut rows = vec![HEADINGS.to_owned()];
    for i in 0..4 {
        rows.push(format!(
            "2026-11-16 02:0{i}:07,n7,夜間花子,pc3,10.20.1.3,カルテ参照,p{i},成功"
        ));
    }
    rows.push("2026-11-16 02:04:07,n7,夜間花子,pc3,10.20.1.3,カルテ参照,p9,失敗".to_owned());
    for i in 0..9 {
        rows.push(format!(
            "2026-11-16 10:00:{i:02},n8,日中太郎,pc4,10.20.1.4,ログイン,,失敗"
        ));
    }
    rows.join("\r\n") + "\r\n"
}

/// A house with an export whose alerts are kept.
pub fn house() -> House {
    let house = House::new().with("ehr.csv", export());
    keep(&house, MORNING, &scan(&house, "ehr.csv"));
    house
}

/// Runs a command on the store; the language of messages is English.
pub fn on_store(house: &House, words: &[&str]) -> Ran {
    house.run(&[words, &["--store", STORE]].concat())
}

/// The alerts of a scan of a file, as the store keeps them.
pub fn scan(house: &House, path: &str) -> Vec<Alert> {
    let ran = house.run(&["scan", path, "--output-format", "ndjson", "-q"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    lines(&ran).iter().map(alert).collect()
}

/// Standard output as JSON lines.
pub fn lines(ran: &Ran) -> Vec<Value> {
    let line = |line: &str| serde_json::from_str(line).expect("each line is an object");
    ran.out.lines().map(line).collect()
}

/// The id of the alert of a rule.
pub fn id_of(house: &House, rule: &str) -> String {
    let ran = on_store(house, &["alerts", "list", "--all", "--rule", rule, "-q"]);
    text(&lines(&ran)[0]["id"])
}

/// Keeps alerts as those that hold after a run that began then.
pub fn keep(house: &House, began: i64, alerts: &[Alert]) {
    let mut store = Store::open(&house.at(STORE)).expect("a store");
    let judged: Vec<(String, i64)> = store
        .alerts(&Default::default())
        .expect("alerts")
        .iter()
        .map(|kept| &kept.alert)
        .chain(alerts)
        .map(|alert| (alert.rule.id.clone(), i64::MIN))
        .collect();
    let mut entry = entry(house, began, alerts);
    let changing = store.change().expect("nobody else writes");
    let run = changing.append_run(&entry).expect("a run");
    let latest = Latest {
        alerts,
        judged: &judged,
    };
    changing.keep_alerts(run, latest).expect("alerts");
    // The digest of the alerts is known only now: the entry is written again with it.
    entry.alerts_digest = changing.alerts_digest().expect("a digest");
    drop(changing);
    let changing = store.change().expect("nobody else writes");
    let run = changing.append_run(&entry).expect("a run");
    changing.keep_alerts(run, latest).expect("alerts");
    changing.commit().expect("a commit");
}

fn entry(house: &House, began: i64, alerts: &[Alert]) -> Entry {
    let mut paths: Vec<String> = alerts
        .iter()
        .flat_map(|alert| &alert.evidence)
        .map(|record| record.path.clone())
        .filter(|path| house.has(path))
        .collect();
    paths.sort();
    paths.dedup();
    let input = |path: String| {
        let bytes = house.bytes(&path);
        InputRecord {
            source: "ehr".to_owned(),
            size: bytes.len() as u64,
            sha256: sha256_hex(&bytes),
            records: (14, 14, 0),
            span: None,
            path,
        }
    };
    Entry {
        command: "scan".to_owned(),
        version: "0.1.0".to_owned(),
        began,
        ended: began + 1,
        plan: Vec::new(),
        inputs: paths.into_iter().map(input).collect(),
        alerts: (alerts.len() as u64, 0, 0),
        alerts_digest: String::new(),
        note: String::new(),
    }
}

/// A text of JSON.
pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// An alert from its line.
fn alert(line: &Value) -> Alert {
    let rule = &line["rule"];
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let key = line["key"].as_object().expect("an object").iter();
    let reason = |r: &Value| ReasonLine {
        field: text(&r["field"]),
        value: text(&r["value"]),
        because: text(&r["because"]),
        at: text(&r["at"]),
    };
    Alert {
        id: text(&line["id"]),
        rule: RuleRef {
            id: text(&rule["id"]),
            name: text(&rule["name"]),
            title: text(&rule["title"]),
            level: Level::from_name(&text(&rule["level"])).expect("a level"),
            tags: list(&rule["tags"]).iter().map(text).collect(),
            author: rule["author"].as_str().map(str::to_owned),
        },
        start: nanos(&line["start"]),
        end: nanos(&line["end"]),
        count: line["count"].as_u64().expect("a number"),
        key: key
            .map(|(field, value)| (field.clone(), value.as_str().map(str::to_owned)))
            .collect(),
        summary: Text::new(text(&line["summary"]["en"]), text(&line["summary"]["ja"])),
        reasons: list(&line["reasons"]).iter().map(reason).collect(),
        evidence: list(&line["evidence"]).iter().map(evidence).collect(),
        evidence_total: line["evidence_total"].as_u64().expect("a number"),
        clauses: list(&line["clauses"]).iter().map(text).collect(),
        respond: Text::new("Ask the ward.", "部署に確認する。"),
        revision: 0,
    }
}

fn evidence(line: &Value) -> Evidence {
    let number = |name: &str| line[name].as_u64().expect("a number");
    Evidence {
        source: text(&line["source"]),
        path: text(&line["path"]),
        line: number("line"),
        offset: number("offset"),
        length: number("length") as u32,
        sha256: text(&line["sha256"]),
        time: nanos(&line["time"]),
        text: text(&line["text"]),
    }
}

fn nanos(value: &Value) -> i64 {
    let time = chrono::DateTime::parse_from_rfc3339(&text(value)).expect("a time");
    time.timestamp_nanos_opt().expect("a time of our days")
}
