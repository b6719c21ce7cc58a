//! A small hospital whose logs are scanned into a store, and a count of the same logs by hand.

use serde_json::Value;

use super::folder::{House, Ran};

pub const STORE: &str = "yomawari.db";
/// Monday of 2026-W47, and the day after its Sunday.
pub const MONDAY: i64 = 20_773;
/// When reports are made: the Monday after.
pub const NOW: &str = "2026-11-23T07:00";

const HEADINGS: &str = "日時,利用者ID,利用者名,部署,端末名,操作,患者ID,結果";

/// One line of the export.
#[derive(Clone, Debug)]
pub struct Line {
    /// Days since 1970.
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub user: usize,
    pub login: bool,
    pub failed: bool,
}

impl Line {
    /// True outside Monday to Friday 8:30 to 18:00.
    pub fn is_closed(&self) -> bool {
        let weekday = (self.day + 3).rem_euclid(7);
        let minutes = self.hour * 60 + self.minute;
        weekday >= 5 || !(510..1080).contains(&minutes)
    }
}

/// Ten weeks of lines, the same for every test: numbers of a simple generator.
pub fn lines() -> Vec<Line> {
    let mut state = 7u64;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut lines = Vec::new();
    for day in MONDAY - 63..MONDAY + 7 {
        // One night of the week without a record.
        if day == MONDAY + 2 {
            continue;
        }
        let count = 12 + next(10);
        for at in 0..count {
            let login = next(3) == 0;
            lines.push(Line {
                day,
                hour: next(24) as i64,
                minute: at as i64,
                user: next(9) as usize,
                login,
                failed: login && next(4) == 0,
            });
        }
    }
    lines.sort_by_key(|line| (line.day, line.hour, line.minute));
    lines
}

fn export(lines: &[Line]) -> String {
    let mut text = HEADINGS.to_owned() + "\n";
    for line in lines {
        let date = chrono::NaiveDate::from_epoch_days(line.day as i32).expect("a day");
        let (hour, minute, user) = (line.hour, line.minute, line.user);
        let department = ["3西", "外来", "検査"][user % 3];
        let (action, patient) = match line.login {
            true => ("ログイン", String::new()),
            false => ("カルテ参照", format!("p{minute}{user}")),
        };
        let outcome = if line.failed { "失敗" } else { "成功" };
        text.push_str(&format!(
            "{date} {hour:02}:{minute:02}:00,n{user},夜間花子{user},{department},pc{user},{action},{patient},{outcome}\n"
        ));
    }
    text
}

const CONFIG: &str = "\
version: 1
site: { name: さくら総合病院, timezone: Asia/Tokyo }
sources:
  - { name: ehr, paths: [ehr.csv], format: csv, expect: nightly }
calendar:
  version: 1
  timezone: Asia/Tokyo
  calendars: { clinic: { hours: [月〜金 08:30〜18:00] } }
  default: clinic
registers: { staff: staff.csv, accounts: accounts.csv, devices: devices.csv }
store: yomawari.db
documents:
  - { name: 運用管理規程, file: kitei.pdf, approved_by: 院長, approved_on: 2025-04-01, review_by: 2026-03-31 }
  - { name: インシデント対応手順, file: tejun.pdf, review_by: 2027-03-31, contact: 内線456 }
diary: diary.csv
review: { cycle: 毎週, decided_by: 委員会 }
";

/// The hospital with its logs scanned into a store.
pub fn hospital() -> House {
    let mut staff = "職員番号,氏名,部署,職種,退職日\n".to_owned();
    let mut accounts = "利用者ID,種別,職員番号\n".to_owned();
    for user in 0..9 {
        // Somebody left a month before.
        let left = if user == 4 { "2026-10-20" } else { "" };
        let department = ["3西", "外来", "検査"][user % 3];
        staff.push_str(&format!(
            "n{user},夜間花子{user},{department},看護師,{left}\n"
        ));
        accounts.push_str(&format!("n{user},person,n{user}\n"));
    }
    accounts.push_str("never,person,n1\n");
    let devices = "name,department,os,support_until\npc0,3西,Windows 10,2025-10-14\n\
                   pc1,外来,Windows 11,2031-01-01\nold,倉庫,Windows 7,2020-01-14\n";
    let diary = "日付,時刻,区分,記入者,内容\n2026/11/17,9:10,申告,佐藤,画面が遅い\n2026/10/01,,日誌,田中,期間の外\n";
    let house = House::new()
        .with("ehr.csv", export(&lines()))
        .with("yomawari.yaml", CONFIG)
        .with("staff.csv", staff)
        .with("accounts.csv", accounts)
        .with("devices.csv", devices)
        .with("diary.csv", diary);
    let ran = house.run(&["scan", "-q", "-o", "alerts.ndjson"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    house
}

/// Runs `report` with a fixed time.
pub fn report(house: &House, words: &[&str]) -> Ran {
    house.run(&[&["report", "--now", NOW], words].concat())
}

/// The report's numbers.
pub fn numbers(house: &House, words: &[&str]) -> Value {
    let ran = report(house, &[&["--format", "json"], words].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).expect("one document")
}

/// The page.
pub fn page(house: &House, words: &[&str]) -> String {
    let ran = report(house, words);
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran.out
}
