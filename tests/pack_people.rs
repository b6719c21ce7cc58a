//! Guards that the rules on accounts, on the log itself and on charts speak on real formats: each
//! case is planted once, with its registers, hours and declarations, and once just beside it.

mod house;

use std::fmt::Write as _;

use house::{House, lines_of};

const CONFIG: &str = "\
version: 1
site: { name: さくら総合病院, timezone: Asia/Tokyo, language: ja }
sources:
  - { name: ehr, paths: ['*.csv'], format: csv, timezone: Asia/Tokyo }
  - { name: fhir, paths: ['*.ndjson'], format: fhir, timezone: Asia/Tokyo }
  - { name: syslog, paths: ['*.log'], format: syslog, timezone: Asia/Tokyo }
calendar: calendar.yaml
registers:
  staff: lists/職員.csv
  accounts: lists/利用者.csv
  patients: lists/患者.csv
  declarations: lists/届出.csv
rules: { disable: [undeclared-config-change] } # Another subject's: it looks at the same records.
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
  - file: lists/勤務表.csv
    month: 2026-11
    codes: { 夜: 16:30-09:00, 休: none }
    margin: { before: 0m, after: 0m }
default: clinic
";

/// n23 and n74 work the night of the 16th.
const ROSTER: &str = "職員番号,16,17\nn23,夜,休\nn74,夜,休\n";

const ACCOUNTS: &str = "利用者ID,種別,職員番号,有効開始日,有効終了日,パスワード変更日\n\
em1,緊急用,,,,\nv1,業者,,,,\nadm1,管理者,,,,\n\
n12,個人,n12,,,2026-09-16\nn62,個人,n62,,,2026-09-17\n";

const PATIENTS: &str = "患者番号,閲覧制限,死亡日,退院日,家族の職員番号\n\
r1,あり,,,\nr2,なし,,,\nr3,あり,,,\nd1,,2026-08-18,,\nd2,,2026-08-19,,\n\
l1,,,2025-11-16,\nl2,,,2025-11-17,\nh1,,,,n29\nh2,,,,n28\n";

/// The emergency is declared for everybody, beside overtime that stands above it in the file.
const DECLARATIONS: &str = "種別,開始,終了,対象者\n\
時間外,2026-11-16,2026-11-16,em1\n緊急,2026-11-16 12:00,2026-11-16 13:00,\n\
保守,2026-11-16 14:00,2026-11-16 15:00,v1\n";

/// Everybody works here; n05, n06, n55 and n56 until the 15th.
fn staff() -> String {
    let mut text = String::from("職員番号,氏名,退職日,患者番号\ntest,職員,,\n");
    for number in 1..100 {
        let left = match number {
            5 | 6 | 55 | 56 => "2026-11-15",
            _ => "",
        };
        let own = match number {
            14 => "00000014",
            64 => "00000064",
            _ => "",
        };
        let _ = writeln!(text, "n{number:02},職員{number},{left},{own}");
    }
    text
}

/// Rows of an export; every case has accounts and addresses of its own.
#[derive(Default)]
struct Rows(String);

impl Rows {
    /// One row: day and time of November, account, address, act, patient, outcome.
    fn row(&mut self, time: &str, [user, address, act, patient, end]: [&str; 5]) {
        let _ = writeln!(
            self.0,
            "2026/11/{time},{user},10.20.{address},{act},{patient},{end},"
        );
    }

    /// A print of so many pages.
    fn pages(&mut self, time: &str, user: &str, pages: u32) {
        let _ = writeln!(
            self.0,
            "2026/11/{time},{user},10.20.34.1,印刷,p1,成功,{pages}"
        );
    }

    /// A chart view of one patient by one account.
    fn view(&mut self, time: &str, user: &str, patient: &str) {
        let address = format!("{}.1", &user[1..].trim_start_matches('0'));
        self.row(time, [user, &address, "カルテ参照", patient, "成功"]);
    }

    /// So many rows, so many seconds apart: `each` gives account, address, act, patient, outcome.
    fn rows<'t>(
        &mut self,
        (day, second): (u32, u32),
        (times, every): (u32, u32),
        each: impl Fn(u32) -> (String, String, &'t str, String, &'t str),
    ) {
        for number in 0..times {
            let total = second + number * every;
            let day = day + total / 86_400;
            let (hour, minute) = (total / 3_600 % 24, total / 60 % 60);
            let (user, address, act, patient, end) = each(number);
            let time = format!("{day:02} {hour:02}:{minute:02}:{:02}", total % 60);
            self.row(&time, [&user, &address, act, &patient, end]);
        }
    }

    /// The same act of one account again and again, on patients of their own.
    fn acts(&mut self, user: &str, act: &str, start: (u32, u32), times: (u32, u32)) {
        let address = format!("{}.1", &user[1..].trim_start_matches('0'));
        self.rows(start, times, |n| {
            (user.into(), address.clone(), act, format!("p{n}"), "成功")
        });
    }
}

const TEN: u32 = 10 * 3_600;
const HEADINGS: &str = "日時,利用者ID,IPアドレス,操作,患者ID,結果,ページ数\n";

/// The alerts of a house over these files.
fn alerts(rows: &Rows, more: &[(&str, &str)]) -> Vec<String> {
    let house = House::with(&[
        ("yomawari.yaml", CONFIG.as_bytes()),
        ("calendar.yaml", CALENDAR.as_bytes()),
        ("lists/勤務表.csv", ROSTER.as_bytes()),
        ("lists/職員.csv", staff().as_bytes()),
        ("lists/利用者.csv", ACCOUNTS.as_bytes()),
        ("lists/患者.csv", PATIENTS.as_bytes()),
        ("lists/届出.csv", DECLARATIONS.as_bytes()),
        ("ehr.csv", format!("{HEADINGS}{}", rows.0).as_bytes()),
    ]);
    let mut paths = vec!["--year", "2026", "ehr.csv"];
    for (name, text) in more {
        house.write(name, text.as_bytes());
        paths.push(name);
    }
    lines_of(&house.scan(&paths))
}

/// A chart read as FHIR has it, with a purpose.
fn fhir(user: &str, purpose: &str) -> String {
    format!(
        r#"{{"resourceType":"AuditEvent","type":{{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110110"}},"action":"R","recorded":"2026-11-16T10:00:00+09:00","outcome":"0","purposeOfEvent":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"{purpose}"}}]}}],"agent":[{{"who":{{"reference":"Practitioner/{user}"}},"requestor":true,"network":{{"address":"10.20.200.1","type":"2"}}}}],"source":{{"observer":{{"display":"ehr"}}}},"entity":[{{"what":{{"reference":"Patient/00000429"}},"role":{{"code":"1"}}}}]}}"#
    ) + "\n"
}

/// What is planted, with `more` rows of each case, or one short of it.
fn accounts(rows: &mut Rows, planted: bool) {
    let (first, short) = match planted {
        true => (0, 0),
        false => (50, 1),
    };
    let id = |number: u32| format!("n{:02}", first + number);
    let refused = |number: u32| {
        (
            id(number),
            format!("{number}.1"),
            "ログイン",
            String::new(),
            "失敗",
        )
    };
    rows.rows((9, TEN), (20 - short, 3 * 3_600), |_| refused(1));
    rows.rows((16, TEN), (5 - short, 600), |n| {
        (id(2), format!("2.{n}"), "ログイン", String::new(), "失敗")
    });
    rows.rows((16, TEN), (5 - short, 60), |n| {
        (
            format!("n{}", 40 + n),
            "3.1".into(),
            "アカウントロック",
            String::new(),
            "成功",
        )
    });
    rows.row(
        "16 10:00:00",
        [
            "test",
            "4.1",
            "ログイン",
            "",
            if planted { "成功" } else { "失敗" },
        ],
    );
    let last = if planted {
        "16 00:00:00"
    } else {
        "15 23:59:59"
    };
    rows.row(last, [&id(5), "5.1", "ログイン", "", "成功"]);
    rows.row(last, [&id(6), "6.1", "ログイン", "", "失敗"]);
    rows.row(
        "16 10:00:00",
        [
            if planted { "zz99" } else { "n57" },
            "7.1",
            "ログイン",
            "",
            "成功",
        ],
    );
    rows.row("16 10:00:00", [&id(8), "8.1", "カルテ参照", "p1", "成功"]);
    let walked = if planted {
        "16 10:00:20"
    } else {
        "16 10:00:21"
    };
    rows.row(walked, [&id(8), "8.2", "カルテ参照", "p1", "成功"]);
    rows.acts(&id(9), "強制解除", (16, TEN), (5 - short, 60));
    let ended = if planted {
        "16 13:00:00"
    } else {
        "16 12:59:59"
    };
    rows.row(ended, ["em1", "10.1", "ログイン", "", "成功"]);
    let ended = if planted {
        "16 15:00:00"
    } else {
        "16 14:59:59"
    };
    rows.row(ended, ["v1", "11.1", "ログイン", "", "成功"]);
    rows.row("16 10:00:00", [&id(12), "12.1", "ログイン", "", "成功"]);
    let closed = if planted {
        "16 18:00:00"
    } else {
        "16 17:59:59"
    };
    rows.row(closed, ["adm1", "13.1", "ユーザー登録", "", "成功"]);
}

fn charts(rows: &mut Rows, planted: bool) {
    let (first, short) = match planted {
        true => (0, 0),
        false => (50, 1),
    };
    let id = |number: u32| format!("n{:02}", first + number);
    let pick = |there: &'static str, beside: &'static str| if planted { there } else { beside };
    rows.view("16 10:00:00", &id(14), pick("00000014", "p1"));
    rows.view("16 10:00:00", &id(15), pick("00000064", "p1"));
    rows.view("16 10:00:00", &id(16), pick("r1", "r2"));
    rows.rows((16, TEN), (10 - short, 60), |n| {
        (
            format!("n{}", 30 + n),
            "17.1".into(),
            "カルテ参照",
            "r3".into(),
            "成功",
        )
    });
    rows.view("16 10:00:00", &id(18), pick("d1", "d2"));
    rows.view("16 10:00:00", &id(28), pick("l1", "l2"));
    rows.view("16 10:00:00", &id(29), pick("h1", "h2"));
    rows.row(
        "16 10:00:00",
        [
            &id(19),
            "19.1",
            pick("緊急アクセス", "緊急アクセス終了"),
            "p1",
            "成功",
        ],
    );
    rows.acts(&id(20), "カルテ参照", (16, TEN), (30 - short, 2));
    rows.acts(&id(21), "データ出力", (16, TEN), (20 - short, 60));
    rows.acts(&id(22), "印刷", (16, TEN), (100 - short, 30));
    rows.row(
        pick("16 18:00:00", "16 17:59:59"),
        ["n23", "23.1", "データ出力", "p1", "成功"],
    );
    // Beside it: somebody on duty prints as much.
    rows.acts(&id(24), "印刷", (16, 2 * TEN), (10, 60));
    rows.acts(&id(25), "カルテ参照", (17, 2 * 3_600), (20 - short, 60));
    rows.acts(&id(26), "カルテ参照", (23, 12 * 3_600), (40 - short, 60));
}

fn logs(rows: &mut Rows, planted: bool) {
    let end = if planted { "成功" } else { "失敗" };
    rows.row("16 10:00:00", ["adm1", "27.1", "監査停止", "", end]);
    rows.row("16 10:00:00", ["adm1", "28.1", "ログ消去", "", end]);
    let setting = if planted {
        "時刻変更"
    } else {
        "環境設定"
    };
    rows.row("16 10:00:00", ["adm1", "30.1", setting, "", "成功"]);
}

/// What follows on something else, and what adds up to more than a count.
fn sequences(rows: &mut Rows, planted: bool) {
    let (first, late) = match planted {
        true => (0, "00"),
        false => (50, "01"),
    };
    let id = |number: u32| format!("n{:02}", first + number);
    let refused = |number: u32| {
        let (user, address) = (id(number), format!("{number}.1"));
        (user, address, "ログイン", String::new(), "失敗")
    };
    // Five failures in forty seconds, and a login a quarter of an hour after the last.
    rows.rows((16, TEN), (5, 10), |_| refused(31));
    let soon = if planted {
        "16 10:15:40"
    } else {
        "16 10:15:41"
    };
    rows.row(soon, [&id(31), "31.1", "ログイン", "", "成功"]);
    // Ten failures in nine minutes, and a login elsewhere ten minutes after the last.
    rows.rows((16, TEN), (10, 60), |_| refused(32));
    let soon = format!("16 10:19:{late}");
    rows.row(&soon, [&id(32), "32.2", "ログイン", "", "成功"]);
    // The fiftieth chart two hours after the change of the password.
    rows.row(
        "16 10:00:00",
        [&id(33), "33.1", "パスワード変更", "", "成功"],
    );
    let begin = TEN + 7_200 - 49 * 30 + u32::from(!planted);
    rows.acts(&id(33), "カルテ参照", (16, begin), (50, 30));
    rows.pages("16 10:00:00", &id(34), 250);
    rows.pages(&format!("16 11:00:{late}"), &id(34), 250);
}

/// A switch without its clock, and a server whose clock is set by hand.
const CLOCKS: &str = "\
<189>Nov 16 10:00:05 10.20.1.2 21: *Mar  1 00:00:22.123: %SYS-5-CONFIG_I: Configured from console by console
<30>Nov 16 10:00:00 srv1 systemd[1]: Time has been changed
";

/// A switch that has its time, and a server that only notes a difference.
const RIGHT_CLOCKS: &str = "\
<189>Nov 16 10:00:05 10.20.1.2 21: Nov 16 2026 10:00:05.123: %SYS-5-CONFIG_I: Configured from console by console
<30>Nov 16 10:00:00 srv1 chronyd[700]: System clock wrong by 0.1 seconds
";

fn planted(of: fn(&mut Rows, bool), planted: bool, more: &[(&str, &str)]) -> Vec<String> {
    let mut rows = Rows::default();
    of(&mut rows, planted);
    alerts(&rows, more)
}

#[test]
fn planted_accounts_are_found() {
    assert_eq!(
        planted(accounts, true, &[]),
        [
            "break-glass-account-undeclared em1 1 2026-11-16T13:00:00+09:00 2026-11-16T13:00:00+09:00",
            "default-account test+10.20.4.1+- 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "distributed-guessing n02 5 2026-11-16T10:00:00+09:00 2026-11-16T10:40:00+09:00",
            "forced-unlocks n09 5 2026-11-16T10:00:00+09:00 2026-11-16T10:04:00+09:00",
            "inactive-account-refused n06 1 2026-11-16T00:00:00+09:00 2026-11-16T00:00:00+09:00",
            "inactive-account-use n05 1 2026-11-16T00:00:00+09:00 2026-11-16T00:00:00+09:00",
            "lockout-wave  5 2026-11-16T10:00:00+09:00 2026-11-16T10:04:00+09:00",
            "off-hours-account-change adm1+- 1 2026-11-16T18:00:00+09:00 2026-11-16T18:00:00+09:00",
            "one-account-two-terminals n08 2 2026-11-16T10:00:00+09:00 2026-11-16T10:00:20+09:00",
            "password-older-than-limit n12 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "slow-guessing n01 20 2026-11-09T10:00:00+09:00 2026-11-11T19:00:00+09:00",
            "unknown-account zz99 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "vendor-account-undeclared v1 1 2026-11-16T15:00:00+09:00 2026-11-16T15:00:00+09:00",
        ]
    );
}

#[test]
fn accounts_just_beside_stay_silent() {
    assert_eq!(planted(accounts, false, &[]), Vec::<String>::new());
}

#[test]
fn planted_charts_are_found() {
    let fhir = fhir("n27", "BTG");
    assert_eq!(
        planted(charts, true, &[("a.ndjson", &fhir)]),
        [
            "break-glass-use n19 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "break-glass-use n27 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "colleague-chart n15 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "deceased-chart n18 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "discharged-chart n28 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "holiday-wide-access n26 40 2026-11-23T12:00:00+09:00 2026-11-23T12:39:00+09:00",
            "household-chart n29 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "late-night-wide-access n25 20 2026-11-17T02:00:00+09:00 2026-11-17T02:19:00+09:00",
            "mass-export n21 20 2026-11-16T10:00:00+09:00 2026-11-16T10:19:00+09:00",
            "mass-print n22 100 2026-11-16T10:00:00+09:00 2026-11-16T10:49:30+09:00",
            "off-hours-access n24 10 2026-11-16T20:00:00+09:00 2026-11-16T20:09:00+09:00",
            "off-hours-access n25 20 2026-11-17T02:00:00+09:00 2026-11-17T02:19:00+09:00",
            "off-hours-access n26 40 2026-11-23T12:00:00+09:00 2026-11-23T12:39:00+09:00",
            "off-hours-export n23 1 2026-11-16T18:00:00+09:00 2026-11-16T18:00:00+09:00",
            "off-hours-printing n24 10 2026-11-16T20:00:00+09:00 2026-11-16T20:09:00+09:00",
            "own-chart n14 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "rapid-chart-access n20 30 2026-11-16T10:00:00+09:00 2026-11-16T10:00:58+09:00",
            "restricted-chart n16 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "restricted-chart n30 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "restricted-chart n31 1 2026-11-16T10:01:00+09:00 2026-11-16T10:01:00+09:00",
            "restricted-chart n32 1 2026-11-16T10:02:00+09:00 2026-11-16T10:02:00+09:00",
            "restricted-chart n33 1 2026-11-16T10:03:00+09:00 2026-11-16T10:03:00+09:00",
            "restricted-chart n34 1 2026-11-16T10:04:00+09:00 2026-11-16T10:04:00+09:00",
            "restricted-chart n35 1 2026-11-16T10:05:00+09:00 2026-11-16T10:05:00+09:00",
            "restricted-chart n36 1 2026-11-16T10:06:00+09:00 2026-11-16T10:06:00+09:00",
            "restricted-chart n37 1 2026-11-16T10:07:00+09:00 2026-11-16T10:07:00+09:00",
            "restricted-chart n38 1 2026-11-16T10:08:00+09:00 2026-11-16T10:08:00+09:00",
            "restricted-chart n39 1 2026-11-16T10:09:00+09:00 2026-11-16T10:09:00+09:00",
            "restricted-chart-crowd r3 10 2026-11-16T10:00:00+09:00 2026-11-16T10:09:00+09:00",
        ]
    );
}

/// Every rule has its own boundary; only the wider rules beside it speak.
#[test]
fn charts_just_beside_stay_silent() {
    let fhir = fhir("n77", "TREAT");
    assert_eq!(
        planted(charts, false, &[("a.ndjson", &fhir)]),
        [
            "off-hours-access n75 19 2026-11-17T02:00:00+09:00 2026-11-17T02:18:00+09:00",
            "off-hours-access n76 39 2026-11-23T12:00:00+09:00 2026-11-23T12:38:00+09:00",
            "restricted-chart n30 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "restricted-chart n31 1 2026-11-16T10:01:00+09:00 2026-11-16T10:01:00+09:00",
            "restricted-chart n32 1 2026-11-16T10:02:00+09:00 2026-11-16T10:02:00+09:00",
            "restricted-chart n33 1 2026-11-16T10:03:00+09:00 2026-11-16T10:03:00+09:00",
            "restricted-chart n34 1 2026-11-16T10:04:00+09:00 2026-11-16T10:04:00+09:00",
            "restricted-chart n35 1 2026-11-16T10:05:00+09:00 2026-11-16T10:05:00+09:00",
            "restricted-chart n36 1 2026-11-16T10:06:00+09:00 2026-11-16T10:06:00+09:00",
            "restricted-chart n37 1 2026-11-16T10:07:00+09:00 2026-11-16T10:07:00+09:00",
            "restricted-chart n38 1 2026-11-16T10:08:00+09:00 2026-11-16T10:08:00+09:00",
        ]
    );
}

#[test]
fn planted_logs_are_found() {
    assert_eq!(
        planted(logs, true, &[("a.log", CLOCKS)]),
        [
            "audit-stopped adm1+-+- 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "clock-changed -+srv1+- 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "clock-changed adm1+-+- 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "log-cleared adm1+-+- 1 2026-11-16T10:00:00+09:00 2026-11-16T10:00:00+09:00",
            "untrusted-clock 10.20.1.2+-+- 1 2026-11-16T10:00:05+09:00 2026-11-16T10:00:05+09:00",
        ]
    );
}

#[test]
fn logs_just_beside_stay_silent() {
    assert_eq!(
        planted(logs, false, &[("a.log", RIGHT_CLOCKS)]),
        Vec::<String>::new()
    );
}

#[test]
fn planted_sequences_are_found() {
    assert_eq!(
        planted(sequences, true, &[]),
        [
            "failed-login-burst 10.20.31.1 5 2026-11-16T10:00:00+09:00 2026-11-16T10:00:40+09:00",
            "lockout-missing n32 11 2026-11-16T10:00:00+09:00 2026-11-16T10:19:00+09:00",
            "login-after-burst 10.20.31.1 6 2026-11-16T10:00:00+09:00 2026-11-16T10:15:40+09:00",
            "mass-print-pages n34 2 2026-11-16T10:00:00+09:00 2026-11-16T11:00:00+09:00",
            "wide-reading-after-password-change n33 51 2026-11-16T10:00:00+09:00 2026-11-16T12:00:00+09:00",
        ]
    );
}

#[test]
fn sequences_just_beside_stay_silent() {
    assert_eq!(
        planted(sequences, false, &[]),
        ["failed-login-burst 10.20.31.1 5 2026-11-16T10:00:00+09:00 2026-11-16T10:00:40+09:00",]
    );
}
