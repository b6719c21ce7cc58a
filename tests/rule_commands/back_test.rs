//! A back-test tells what a scan would have found, with this threshold and with others.

use serde_json::Value;

use crate::folder::{House, Ran, holds};
use crate::objects;

const HEADINGS: &str = "日時,利用者ID,端末名,IPアドレス,操作,患者ID,結果";

const CONFIG: &str = "\
version: 1
site: { timezone: Asia/Tokyo }
calendar: { version: 1, timezone: Asia/Tokyo, calendars: { c: { hours: [毎日 08:00〜20:00] } }, default: c }
";

/// Forty days, without the Sundays: on day `d` from 2026-09-01 on, bursts of failed logins of
/// growing length at two terminals, and charts opened at night.
fn export() -> String {
    let mut rows = vec![HEADINGS.to_owned()];
    for day in 0..40_u32 {
        let date = match day {
            0..30 => format!("2026-09-{:02}", day + 1),
            _ => format!("2026-10-{:02}", day - 29),
        };
        // 2026-09-06 is a Sunday.
        if day % 7 == 5 {
            continue;
        }
        rows.push(format!(
            "{date} 12:00:00,n1,pc1,10.20.1.1,カルテ参照,p1,成功"
        ));
        for i in 0..(day % 13) {
            rows.push(format!(
                "{date} 10:00:{i:02},n8,pc4,10.20.1.4,ログイン,,失敗"
            ));
        }
        for i in 0..(day % 4) * 3 {
            rows.push(format!(
                "{date} 11:00:{i:02},n9,pc5,10.20.1.5,ログイン,,失敗"
            ));
        }
        if day % 3 == 0 {
            rows.push(format!(
                "{date} 02:00:00,n{day},pc1,10.20.1.1,カルテ参照,p1,成功"
            ));
        }
    }
    rows.join("\r\n") + "\r\n"
}

fn house() -> House {
    House::new()
        .with("ehr.csv", export())
        .with("yomawari.yaml", CONFIG)
}

fn trials(house: &House, words: &[&str]) -> Vec<Value> {
    let ran = house.run(&[words, &["--output-format", "json"]].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    objects(&ran)
}

fn of<'v>(trials: &'v [Value], name: &str) -> &'v Value {
    let named = trials.iter().find(|trial| trial["rule"]["name"] == name);
    named.expect("the rule is tried")
}

/// Alerts of a rule in a scan.
fn scanned(ran: &Ran, name: &str) -> u64 {
    let alerts = objects(ran);
    let of_rule = alerts.iter().filter(|alert| alert["rule"]["name"] == name);
    of_rule.count() as u64
}

#[test]
fn the_numbers_are_those_of_a_scan() {
    let house = house();
    let scan = house.run(&["scan", "ehr.csv"]);
    let trials = trials(&house, &["rules", "test", "--against", "ehr.csv"]);
    let mut spoke = 0;
    for trial in trials.iter().filter(|trial| trial["counted"] == "alerts") {
        let name = trial["rule"]["name"].as_str().unwrap_or_default();
        assert_eq!(trial["found"], scanned(&scan, name), "{name}");
        let by_day = trial["by_day"].as_array().unwrap();
        assert_eq!(by_day.len(), 35, "{name}: the Sundays have no records");
        let sum: u64 = by_day.iter().filter_map(|day| day["found"].as_u64()).sum();
        assert_eq!(trial["found"], sum, "{name}");
        spoke += usize::from(sum > 0);
    }
    assert!(spoke >= 2, "the export makes several rules speak");
}

#[test]
fn other_thresholds_are_exact() {
    let house = house();
    let words = ["rules", "test", "--against", "ehr.csv"];
    let trials = trials(&house, &words);
    let rungs = of(&trials, "failed-login-burst")["thresholds"]
        .as_array()
        .unwrap()
        .clone();
    assert!(rungs.len() >= 4, "{rungs:?}");
    let present = rungs.iter().filter(|rung| rung["present"] == true);
    assert_eq!(present.count(), 1);
    for rung in rungs {
        let threshold = &rung["threshold"];
        house.put(
            "yomawari.yaml",
            format!(
                "{CONFIG}rules: {{ set: {{ failed-login-burst: {{ threshold: {threshold} }} }} }}\n"
            ),
        );
        let scan = house.run(&["scan", "ehr.csv"]);
        assert_eq!(
            rung["found"],
            scanned(&scan, "failed-login-burst"),
            "{threshold}"
        );
        // The house's own threshold is the one that is marked.
        let again = self::trials(&house, &words);
        let again = of(&again, "failed-login-burst")["thresholds"]
            .as_array()
            .unwrap()
            .clone();
        let present = again.iter().find(|rung| rung["present"] == true).unwrap();
        assert_eq!(&present["threshold"], threshold);
        assert_eq!(present["found"], rung["found"]);
    }
}

#[test]
fn only_the_rules_asked_about_are_told_and_may_count_those_compiled_in() {
    let own = "title: Own burst\nname: own-burst\nid: 5c3f5a70-6f5e-4ad1-9f5c-0123456789ab\n\
        correlation:\n  type: event_count\n  rules: [failed-login]\n  group-by: [user.account]\n  \
        timespan: 1m\n  condition: { gte: 10 }\n";
    let house = house().with("own.yml", own);
    let all = trials(
        &house,
        &["rules", "test", "own.yml", "--against", "ehr.csv"],
    );
    assert_eq!(all.len(), 1);
    let own = &all[0];
    assert_eq!(own["rule"]["name"], "own-burst");
    let keys = own["keys"].as_array().unwrap();
    assert_eq!(keys[0]["key"]["user.account"], "n8");
    assert_eq!(
        keys.iter().filter_map(|k| k["found"].as_u64()).sum::<u64>(),
        own["found"]
    );
    assert!(own["found"].as_u64() > Some(0));
    // The rule it counts, asked about itself, shows its matches.
    let counted = trials(&house, &["rules", "test", "--against", "ehr.csv"]);
    let counted = of(&counted, "failed-login");
    assert_eq!(counted["counted"], "matches");
    assert_eq!(counted["found"], counted["matches"]);
}

#[test]
fn the_answer_does_not_hang_on_threads_or_order() {
    let house = house();
    let lines: Vec<String> = export().lines().map(str::to_owned).collect();
    let (head, rows) = lines.split_first().unwrap();
    let mut turned: Vec<String> = rows.to_vec();
    turned.reverse();
    house.put(
        "turned.csv",
        format!("{head}\r\n{}\r\n", turned.join("\r\n")),
    );
    let of = |file: &str, threads: &str| {
        let words = ["rules", "test", "--against", file, "--threads", threads];
        let ran = house.run(&[&words[..], &["--output-format", "json"]].concat());
        ran.out
    };
    let one = of("ehr.csv", "1");
    assert_eq!(one, of("ehr.csv", "3"));
    assert_eq!(one, of("turned.csv", "2"));
}

#[test]
fn a_period_leaves_days_out() {
    let house = house();
    let words = [
        "rules",
        "test",
        "--against",
        "ehr.csv",
        "--since",
        "2026-09-08",
    ];
    let trials = trials(&house, &[&words[..], &["--until", "2026-09-10"]].concat());
    let days = of(&trials, "failed-login-burst")["by_day"]
        .as_array()
        .unwrap()
        .clone();
    let days: Vec<&Value> = days.iter().map(|day| &day["day"]).collect();
    assert_eq!(days, ["2026-09-08", "2026-09-09", "2026-09-10"]);
}

#[test]
fn a_chart_fits_the_screen_in_both_languages() {
    let house = house();
    for (lang, name) in [("en", "back-test-en"), ("ja", "back-test-ja")] {
        let words = ["rules", "test", "rules/a.yml", "--against", "ehr.csv", "-q"];
        house.put(
            "rules/a.yml",
            include_str!("../../rules/authentication/failed-login-burst.yml"),
        );
        let mut command = house.command(&[&words[..], &["--lang", lang]].concat());
        let output = command.env("COLUMNS", "80").output().expect("it starts");
        let out = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(
            out.lines()
                .all(|line| unicode_width::UnicodeWidthStr::width(line) <= 80)
        );
        holds(name, &out);
    }
}

#[test]
fn a_rule_that_cannot_speak_says_why() {
    let nowhere = "title: t\nname: nowhere\nlogsource: { product: windows }\n\
        detection: { s: { EventID: 1 }, condition: s }\n";
    let wifi = "title: t\nname: wifi\nlogsource: { category: wifi }\n\
        detection: { s: { wifi.ssid: x }, condition: s }\n";
    let house = house().with("own/a.yml", nowhere).with("own/b.yml", wifi);
    let told = trials(&house, &["rules", "test", "own", "--against", "ehr.csv"]);
    let why = |name: &str| of(&told, name)["silent"]["en"].as_str().unwrap().to_owned();
    assert_eq!(why("nowhere"), "no format gives the log source windows");
    assert_eq!(why("wifi"), "no source gives the log source wifi");
    let all = trials(&house, &["rules", "test", "--against", "ehr.csv"]);
    let device = &of(&all, "unknown-device")["silent"]["en"];
    let device = device.as_str().unwrap();
    assert!(
        device.starts_with("needs a register of devices"),
        "{device}"
    );
}

#[test]
fn slips_are_told_and_nothing_is_read() {
    let house = house();
    for words in [
        &["rules", "test", "--year", "2026"][..],
        &["rules", "test", "--output-format", "json"],
        &[
            "rules",
            "test",
            "--against",
            "ehr.csv",
            "--since",
            "2026-09-09",
            "--until",
            "2026-09-01",
        ],
        &["rules", "test", "nowhere.yml", "--against", "ehr.csv"],
        &[
            "rules",
            "test",
            "--against",
            "ehr.csv",
            "--ledger",
            "ehr.csv",
        ],
    ] {
        let ran = house.run(words);
        assert_eq!(
            (ran.status, ran.out.as_str()),
            (2, ""),
            "{words:?}: {}",
            ran.err
        );
    }
    let missing = house.run(&["rules", "test", "--against", "nowhere.csv"]);
    assert_eq!(missing.status, 3, "{}", missing.err);
    // Without a log, those of the config are read.
    house.put(
        "yomawari.yaml",
        format!("{CONFIG}sources: [{{ name: ehr, paths: [ehr.csv], format: csv }}]\n"),
    );
    let all = trials(&house, &["rules", "test", "--against"]);
    assert!(of(&all, "failed-login-burst")["found"].as_u64() > Some(0));
}
