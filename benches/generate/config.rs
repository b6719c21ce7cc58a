//! The config, calendar and register under which the generated works show what was planted.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use crate::hospital::{
    DEPARTMENT_NAMES, STAFF, STAFF_EACH, TERMINALS, TERMINALS_EACH, WARDS, account_of,
    department_of, name_of, role_of, terminal,
};

const CONFIG: &str = "\
version: 1
site: { name: さくら総合病院, timezone: Asia/Tokyo, language: ja }

sources:
  - { name: router, paths: ['*.log'], format: syslog, timezone: Asia/Tokyo }
  - name: ehr
    paths: ['*.csv']
    format: csv
    encoding: utf-8
    timezone: Asia/Tokyo
    csv:
      columns:
        \"@timestamp\": 日時
        user.id: 利用者ID
        user.full_name: 利用者名
        user.role: 職種
        user.department: 部署
        host.name: 端末名
        source.ip: IPアドレス
        source.mac: MACアドレス
        event.action: 操作
        patient.id: 患者ID
        record.kind: 機能
        event.outcome: 結果
      values:
        event.action: { ログイン: login, ログアウト: logout, 患者検索: patient-search, カルテ参照: chart-view, カルテ記載: chart-edit, 処方: order, 印刷: print }
        event.outcome: { 成功: success, 失敗: failure }
  - { name: fhir, paths: ['*.ndjson'], format: fhir, timezone: Asia/Tokyo }

calendar: calendar.yaml
registers:
  devices: devices.csv
  staff: staff.csv
  networks: { clinical: [10.20.0.0/16] }
";

/// Writes the files into a folder, which is made if it is not there.
pub fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("yomawari.yaml"), CONFIG)?;
    fs::write(folder.join("calendar.yaml"), calendar())?;
    fs::write(folder.join("devices.csv"), devices())?;
    fs::write(folder.join("staff.csv"), staff())
}

/// The wards never close; the others open as the generator lets them work. FHIR events do not
/// tell departments, so the accounts of the wards are assigned too.
fn calendar() -> String {
    let wards = DEPARTMENT_NAMES[..WARDS as usize].join(", ");
    let users: Vec<String> = (0..WARDS * STAFF_EACH).map(account_of).collect();
    let users = users.join(", ");
    format!(
        "version: 1\ntimezone: Asia/Tokyo\nholidays: JP\n\ncalendars:\n  outpatient:\n    \
         name: 外来・事務\n    hours:\n      - 平日 08:30-17:15\n      - 祝 休診\n    \
         grace: {{ before: 60m, after: 2h }}\n  ward:\n    name: 病棟・救急\n    hours:\n      \
         - daily open\n      - holiday as-weekday\n\nassign:\n  \
         - {{ department: [{wards}], calendar: ward }}\n  \
         - {{ user: [{users}], calendar: ward }}\ndefault: outpatient\n"
    )
}

fn devices() -> String {
    let mut out = String::from("mac,ip,name,department\n");
    for number in 0..TERMINALS {
        let (name, ip, mac) = terminal(number);
        let department = DEPARTMENT_NAMES[(number / TERMINALS_EACH) as usize];
        // Writing into a string cannot fail.
        let _ = writeln!(out, "{mac},{ip},{name},{department}");
    }
    out
}

fn staff() -> String {
    let mut out = String::from("職員番号,氏名,部署,職種\n");
    for number in 0..STAFF {
        let department = DEPARTMENT_NAMES[department_of(number) as usize];
        let (account, name) = (account_of(number), name_of(number));
        let _ = writeln!(out, "{account},{name},{department},{}", role_of(number).1);
    }
    out
}
