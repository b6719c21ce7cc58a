//! A house with a night worth some alerts, and what its store knows of them.

use rusqlite::Connection;
use serde_json::Value;

use super::folder::{House, Ran};

const HEADINGS: &str = "日時,利用者ID,利用者名,端末名,IPアドレス,操作,患者ID,結果";

/// Account n7 opens charts at night; somebody fails nine times to log in as n8 and once types a
/// password as an id.
pub fn export(day: &str) -> String {
    let mut rows = vec![HEADINGS.to_owned()];
    for i in 0..4 {
        rows.push(format!(
            "{day} 02:0{i}:07,n7,夜間花子,pc3,10.20.1.3,カルテ参照,p{i},成功"
        ));
    }
    for i in 0..9 {
        rows.push(format!(
            "{day} 10:00:{i:02},n8,日中太郎,pc4,10.20.1.4,ログイン,,失敗"
        ));
    }
    rows.join("\r\n") + "\r\n"
}

/// A house with such a night and this text under `sinks:` in its config.
pub fn house(sinks: &str) -> House {
    let config = format!("site: {{ timezone: Asia/Tokyo }}\nstore: y.db\nsinks:\n{sinks}\n");
    House::new()
        .with("ehr.csv", export("2026-11-16"))
        .with("yomawari.yaml", config)
}

/// Scans the export with the store; the run must be done.
pub fn scan(house: &House) -> Ran {
    let ran = house.run(&["scan", "ehr.csv", "-q", "--output-format", "ndjson"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran
}

/// `id/revision` of the alerts on stdout, sorted.
pub fn keys(ran: &Ran) -> Vec<String> {
    let mut keys: Vec<String> = ran.out.lines().map(key).collect();
    keys.sort();
    keys
}

/// `id/revision` of an alert in JSON.
pub fn key(line: &str) -> String {
    let alert: Value = serde_json::from_str(line).expect("an object");
    let id = alert["id"].as_str().expect("an id");
    format!("{id}/{}", alert["revision"])
}

/// How many alerts wait in the store for a sink.
pub fn waiting(house: &House, sink: &str) -> i64 {
    let store = Connection::open(house.at("y.db")).expect("a store");
    let count = "SELECT count(*) FROM outbox WHERE sink = ?1";
    let count = store.query_row(count, [sink], |row| row.get(0));
    count.expect("an outbox")
}

/// How many warnings a run gave.
pub fn warnings(ran: &Ran) -> usize {
    ran.err
        .lines()
        .filter(|line| line.contains("warning: "))
        .count()
}
