//! The commands beside `scan`, and what the README promises.

use super::folder::House;
use super::{HEADINGS, alerts, house, rows, syslog};

#[test]
fn parse_shows_what_became_of_each_record() {
    let house = House::new().with(
        "a.csv",
        format!("{HEADINGS}\r\nx,n1,a,pc,1.2.3.4,印刷,p,\r\n{}", rows(1)),
    );
    let ran = house.run(&["parse", "a.csv", "--rejects", "--derived"]);
    let lines = alerts(&ran);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["log"]["file"]["line"], 2);
    assert_eq!(lines[1]["calendar"]["verdict"], "open");
    assert_eq!(house.run(&["parse", "a.csv"]).out.lines().count(), 1);
}

#[test]
fn formats_are_listed_and_detected() {
    let house = house();
    let list = house.run(&["formats", "list"]).out;
    let names: Vec<&str> = list
        .lines()
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    assert_eq!(names, ["fhir", "jsonl", "syslog", "csv"]);
    let detected = house.run(&["formats", "detect", "ehr.csv"]);
    assert!(
        detected
            .out
            .starts_with("ehr.csv: csv · utf-8 · none · line 1 is a heading: "),
        "{}",
        detected.out
    );
    assert_eq!(house.run(&["formats", "detect", "nowhere"]).status, 3);
}

#[test]
fn the_rules_hold_their_own_tests() {
    let house = House::new();
    let list = house.run(&["rules", "list"]);
    assert!(
        list.out.lines().any(|l| l.contains("off-hours-access")),
        "{}",
        list.out
    );
    assert_eq!(house.run(&["rules", "check"]).status, 0);
    let tested = house.run(&["rules", "test"]);
    assert_eq!(tested.status, 0, "{}{}", tested.out, tested.err);
    let shown = house.run(&["rules", "show", "off-hours-access", "--lang", "ja"]);
    assert!(shown.out.contains("時間外"), "{}", shown.out);
}

#[test]
fn a_rule_whose_data_is_not_configured_says_so() {
    let house = House::new();
    let line_of = |out: &str| {
        let line = out.lines().find(|l| l.contains("unknown-device"));
        line.expect("the rule is listed").to_owned()
    };
    let bare = house.run(&["rules", "list"]);
    let line = line_of(&bare.out);
    assert!(
        line.ends_with(
            "[silent: needs a register of devices (registers: devices), which is not configured]"
        ),
        "{line}"
    );
    let bare = house.run(&["rules", "list", "--lang", "ja"]);
    let line = line_of(&bare.out);
    assert!(
        line.ends_with("［働きません: 端末台帳（registers: devices）が設定されていません］"),
        "{line}"
    );
    let house = house
        .with("devices.csv", "mac,name\n00:11:22:33:44:55,pc-1\n")
        .with(
            "yomawari.yaml",
            "version: 1\nregisters: { devices: devices.csv }\n",
        );
    let line = line_of(&house.run(&["rules", "list"]).out);
    assert!(!line.contains("silent"), "{line}");
}

#[test]
fn the_calendar_answers() {
    let calendar = "version: 1\ntimezone: Asia/Tokyo\nholidays: JP\ncalendars:\n  clinic:\n    hours:\n      \
                    - 月〜金 08:30〜18:00\n      - 祝 休診\ndefault: clinic\n";
    let house = House::new()
        .with("yomawari.yaml", "calendar: calendar.yaml\n")
        .with("calendar.yaml", calendar);
    let words = ["calendar", "check", "--output-format", "json", "-"];
    let ran = house.run_with(
        &words,
        "2026-11-16T02:14\n2026-11-16T12:00:00+09:00\n".as_bytes(),
    );
    assert_eq!(ran.status, 0, "{}", ran.err);
    let expected = "{\"time\":\"2026-11-16T02:14:00+09:00\",\"verdict\":\"closed\",\"band\":\"late_night\",\
                    \"reason\":\"月〜金 08:30〜18:00\",\"at\":\"calendar.yaml:7\"}";
    assert_eq!(ran.out.lines().next(), Some(expected), "{}", ran.out);
    assert!(
        ran.out
            .lines()
            .nth(1)
            .is_some_and(|l| l.contains("\"verdict\":\"open\"")),
        "{}",
        ran.out
    );
    let holidays = house.run(&["calendar", "holidays", "--from", "2026"]).out;
    assert!(
        holidays.starts_with("date,name_ja,name_en\n2026-01-01,元日,New Year's Day\n"),
        "{holidays}"
    );
    assert_eq!(holidays.lines().count(), 19);
    let shown = house
        .run(&["calendar", "show", "--month", "2026-11", "--lang", "ja"])
        .out;
    assert!(
        shown.contains("勤労感謝の日") && shown.contains("休診"),
        "{shown}"
    );
}

#[test]
fn a_calendar_may_be_toml() {
    let house = House::new()
        .with(
            "calendar.toml",
            "version = 1\nholidays = \"JP\"\n[calendars.clinic]\nhours = [\n  \"平日 9:00-17:00\",\n  \
             \"祝 休診\",\n]\n",
        )
        .with("yomawari.yaml", "version: 1\ncalendar: calendar.toml\n");
    let answer = house.run(&[
        "calendar",
        "check",
        "2026-11-16T09:00",
        "--output-format",
        "json",
    ]);
    assert_eq!(answer.status, 0, "{}", answer.err);
    assert!(
        answer.out.contains("\"at\":\"calendar.toml:5\""),
        "{}",
        answer.out
    );
}

#[test]
fn a_calendar_that_was_not_read_is_not_missing() {
    let house = House::new().with(
        "yomawari.yaml",
        "version: 1\ncalendar:\n  version: 1\n  calendars:\n    a: { hours: [Mno 9:00-17:00] }\n",
    );
    let answer = house.run(&["calendar", "check", "2026-11-16T09:00", "--calendar", "a"]);
    assert_eq!(answer.status, 2);
    assert!(
        answer.err.starts_with("yomawari.yaml:5:18: error:"),
        "{}",
        answer.err
    );
    assert!(
        !answer.err.contains("there is no calendar"),
        "{}",
        answer.err
    );
}

#[test]
fn shells_and_manuals_are_served() {
    let house = House::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            house
                .run(&["completions", shell])
                .out
                .contains("output-format"),
            "{shell}"
        );
    }
    assert!(house.run(&["man"]).out.contains(".TH yomawari 1"));
}

#[test]
fn thresholds_of_the_house_do_not_fail_the_tests_of_the_rules() {
    let set = "rules: { set: { failed-login-burst: { threshold: 10 } } }\n";
    let house = house().with("yomawari.yaml", set);
    assert_eq!(house.run(&["rules", "test"]).status, 0);
    let ran = house.run(&["scan", "ehr.csv", "--rule", "failed-login-burst"]);
    assert_eq!(
        (ran.status, ran.out.as_str()),
        (0, ""),
        "nine failures are below ten"
    );
}

#[test]
fn the_readme_tells_the_truth() {
    let readme = include_str!("../../README.md");
    let block = |n: usize| {
        let after = readme
            .split("```yaml\n")
            .nth(n)
            .expect("the README shows a config and a calendar");
        after.split("```").next().expect("a block ends")
    };
    let house = House::new()
        .with("yomawari.yaml", block(1).replace("/var/log/rtx", "rtx"))
        .with("calendar.yaml", block(2))
        .with(
            "devices.csv",
            "mac,ip,name\n00-11-22-33-44-55,10.20.1.1,PC1\n",
        )
        .with("staff.csv", "id,name\nn1,田中\n")
        .with("accounts.csv", "id,kind\nadm,admin\n")
        .with("届出.csv", "kind,from,to\n")
        .with("country.mmdb", include_bytes!("../data/geoip/country.mmdb"))
        .with(
            "exports/ehr-1116.csv",
            "日時,利用者ID,端末名,操作,患者ID,結果\n2026-11-16 02:14,n1,PC1,カルテ参照,p,成功\n",
        )
        .with("rtx/a.log", syslog());
    let ran = house.run(&["scan"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let at_night = alerts(&ran)
        .into_iter()
        .find(|a| a["rule"]["name"] == "off-hours-access");
    assert_eq!(
        at_night.expect("an alert")["reasons"][0]["at"],
        "calendar.yaml:7"
    );
    // The first command of the README, with nothing but the logs of this repository.
    let logs = concat!(env!("CARGO_MANIFEST_DIR"), "/sample-logs");
    let ran = House::new().run(&["scan", logs]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(!ran.out.is_empty());
}

#[test]
fn a_rule_of_ones_own_may_refer_to_ours_and_a_copy_stands_for_it() {
    let own = "title: Failures\nid: 7a0c9d5e-1111-4222-8333-444455556677\nname: failures\nstatus: test\n\
               level: high\ncorrelation:\n  type: event_count\n  rules: [failed-login]\n  group-by: \
               [source.terminal]\n  timespan: 1h\n  condition: { gte: 2 }\n";
    let copy = include_str!("../../rules/authentication/failed-login-burst.yml");
    let house = House::new()
        .with("failures.yml", own)
        .with("ours/failed-login-burst.yml", copy);
    let ran = house.run(&["rules", "check", "failures.yml"]);
    assert_eq!(
        (ran.status, ran.out.as_str()),
        (0, "rules read: 1; no mistake found\n"),
        "{}",
        ran.err
    );
    let ran = house.run(&["rules", "test", "ours/"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.contains("failed: 0"), "{}", ran.out);
}
