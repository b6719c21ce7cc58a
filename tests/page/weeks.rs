//! Eight weeks of a generated hospital, told week by week: every figure of the page against a count
//! of what was written, made without the program.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Value, json};

use super::folder::House;
use super::generated::{Answer, DAYS, FIRST, Hospital, planted};

/// When reports are made: the Monday after the last week.
const NOW: &str = "2026-11-23T07:00";
const SOURCES: [&str; 2] = ["ehr", "router"];

/// What was written of some days, in the form the page tells it.
struct Count {
    days: Range<i64>,
    answer: Answer,
}

/// Packets that pass or are dropped are nobody's access.
fn is_act(words: &[&str]) -> bool {
    !matches!(words[0], "allow" | "deny")
}

impl Count {
    fn of(hospital: &Hospital, days: Range<i64>) -> Count {
        Count {
            answer: hospital.answer(days.clone()),
            days,
        }
    }

    /// The sum of a figure of `days` over all sources.
    fn sum(&self, at: usize) -> u64 {
        self.answer.days.values().map(|figures| figures[at]).sum()
    }

    /// A figure of a source and day.
    fn of_day(&self, source: &str, day: i64, at: usize) -> u64 {
        let found = self.answer.days.get(&format!("{source}|{day}"));
        found.map_or(0, |figures| figures[at])
    }

    /// Events by hour for which words are true: action, outcome, verdict, band, explained.
    fn hours(&self, is: impl Fn(&[&str]) -> bool) -> Vec<(i64, u64)> {
        let rows = self.answer.hours.iter().map(|(row, n)| {
            let words: Vec<&str> = row.split('|').collect();
            let hour: i64 = words[1].parse().expect("an hour");
            (hour, is(&words[2..]), *n)
        });
        let chosen = rows.filter(|(_, is, _)| *is);
        chosen.map(|(hour, _, n)| (hour, n)).collect()
    }

    fn closed(&self, is: impl Fn(&[&str]) -> bool) -> u64 {
        let rows = self.hours(|words| is_act(words) && words[2] == "closed" && is(words));
        rows.into_iter().map(|(_, n)| n).sum()
    }

    /// After hours, holidays, late night.
    fn bands(&self) -> [u64; 3] {
        let late = self.closed(|words| words[3] == "late_night");
        let holiday = self.closed(|words| words[3] == "holiday");
        [self.closed(|_| true) - late - holiday, holiday, late]
    }

    fn heat(&self) -> Vec<[u64; 24]> {
        let mut heat = vec![[0; 24]; 7];
        for (hour, n) in self.hours(is_act) {
            heat[(hour.div_euclid(24) - FIRST).rem_euclid(7) as usize]
                [hour.rem_euclid(24) as usize] += n;
        }
        heat
    }

    /// Events while closed by the name in a column of users or terminals, with their bands.
    fn off_hours(rows: &BTreeMap<String, u64>, name: usize) -> BTreeMap<String, [u64; 3]> {
        let mut found: BTreeMap<String, [u64; 3]> = BTreeMap::new();
        for (row, n) in rows {
            let words: Vec<&str> = row.split('|').collect();
            if words[4] != "closed" {
                continue;
            }
            let band = match words[5] {
                "late_night" => 2,
                "holiday" => 1,
                _ => 0,
            };
            found.entry(words[name].to_owned()).or_default()[band] += n;
        }
        found
    }

    /// Events of a department's accounts by words of their rows: verdict, band, outcome.
    fn of_department(&self, name: &str, is: impl Fn(&[&str]) -> bool) -> u64 {
        let rows = self.answer.users.iter().map(|(row, n)| {
            let words: Vec<&str> = row.split('|').collect();
            match words[3] == name && is(&words[4..]) {
                true => *n,
                false => 0,
            }
        });
        rows.sum()
    }
}

fn scanned() -> (Hospital, House) {
    let hospital = Hospital::new(11, 1);
    let house = House::new();
    hospital.write_house(&house.at(""));
    for day in FIRST..FIRST + DAYS {
        hospital.write_day(&house.at(""), day);
    }
    let words = ["scan", "-q", "--store", "y.db", "-o", "a.ndjson"];
    let ran = house.run(&[&words[..], &["--year", "2026"]].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    (hospital, house)
}

fn report(house: &House, words: &[&str]) -> String {
    let ran = house.run(&[&["report", "--store", "y.db", "--now", NOW], words].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran.out
}

fn numbers(house: &House, words: &[&str]) -> Value {
    let told = report(house, &[&["--format", "json"], words].concat());
    serde_json::from_str(&told).expect("one document")
}

fn figure(now: u64, before: u64) -> Value {
    json!({ "now": now, "before": before })
}

/// `1,234`.
fn thousands(number: u64) -> String {
    let digits: Vec<char> = number.to_string().chars().rev().collect();
    let groups: Vec<String> = digits
        .chunks(3)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(",").chars().rev().collect()
}

fn day(day: i64) -> String {
    let (year, month, day) = super::generated::date(day);
    format!("{year}-{month:02}-{day:02}")
}

/// The last four weeks, each with the week before.
fn weeks(hospital: &Hospital) -> Vec<(String, Count, Count)> {
    let first = |week: i64| FIRST + 7 * week;
    let count = |week: i64| Count::of(hospital, first(week)..first(week + 1));
    let told = (4..8).map(|week| (format!("2026-W{}", 40 + week), count(week), count(week - 1)));
    told.collect()
}

#[test]
fn every_figure_of_four_weeks_is_that_of_a_plain_count() {
    let (hospital, house) = scanned();
    let list = alerts(&house);
    for (label, week, before) in weeks(&hospital) {
        let told = numbers(&house, &["--week", &label]);
        verdict(&told, &week, &before);
        pictures(&told, &week);
        adequacy(&told, &week);
        ledger(&told, &week);
        alert_figures(&told, &week, &list);
        let page = report(&house, &["--week", &label, "--lang", "ja"]);
        sentences(&page, &week, &before);
    }
}

fn verdict(told: &Value, week: &Count, before: &Count) {
    let examined = &told["examined"];
    let pairs = [
        ("records", 0),
        ("rejects", 2),
        ("untrusted", 3),
        ("failed_logins", 5),
    ];
    for (name, at) in pairs {
        let expected = figure(week.sum(at), before.sum(at));
        assert_eq!(examined[name], expected, "{name}");
    }
    assert_eq!(examined["events"], week.sum(1));
    assert_eq!(examined["logins"]["now"], week.sum(4) - week.sum(5));
    assert_eq!(examined["sources"], json!(SOURCES));
    assert_eq!(examined["days_with_records"], 7);
    let gaps = week.days.contains(&planted::SILENT);
    let expected = match gaps {
        true => json!([{ "source": "router", "day": day(planted::SILENT) }]),
        false => json!([]),
    };
    assert_eq!(examined["gaps"]["first"], expected);
    let off = &told["off_hours"];
    let total = figure(week.closed(|_| true), before.closed(|_| true));
    assert_eq!(off["total"], total);
    assert_eq!(off["bands"], json!(week.bands()));
    assert_eq!(off["by_roster"], week.closed(|words| words[4] == "roster"));
    let declared = week.closed(|words| words[4] == "declaration");
    assert_eq!(off["by_declaration"], declared);
    assert_eq!(declared > 0, week.days.contains(&planted::OVERTIME));
}

fn pictures(told: &Value, week: &Count) {
    let pictures = &told["pictures"];
    assert_eq!(pictures["heat"], json!(week.heat()));
    let failed: Vec<u64> = week
        .days
        .clone()
        .map(|day| SOURCES.iter().map(|s| week.of_day(s, day, 5)).sum())
        .collect();
    let told_failed = pictures["failed"].as_array().expect("days").iter();
    let told_failed: Vec<u64> = told_failed.filter_map(|d| d["count"].as_u64()).collect();
    assert_eq!(told_failed, failed);
    for row in pictures["volume"]["first"].as_array().expect("sources") {
        let source = row["source"].as_str().expect("a name");
        let records: Vec<u64> = week
            .days
            .clone()
            .map(|d| week.of_day(source, d, 0))
            .collect();
        assert_eq!(row["days"], json!(records), "{source}");
        let gaps: Vec<bool> = records.iter().map(|n| *n == 0).collect();
        assert_eq!(row["gaps"], json!(gaps), "{source}");
    }
    let departments = Count::off_hours(&week.answer.users, 3);
    bars(&pictures["departments"], &departments);
    bars(
        &pictures["terminals"],
        &Count::off_hours(&week.answer.terminals, 2),
    );
}

/// Every bar is that of the count; the busiest ten are there.
fn bars(told: &Value, expected: &BTreeMap<String, [u64; 3]>) {
    assert_eq!(told["total"], expected.len());
    let rows = told["first"].as_array().expect("bars");
    assert_eq!(rows.len(), expected.len().min(10));
    for row in rows {
        let name = row["name"].as_str().expect("a name");
        assert_eq!(row["bands"], json!(expected[name]), "{name}");
    }
    let sum = |row: &Value| -> u64 {
        let bands = row["bands"].as_array().expect("bands").iter();
        bands.filter_map(Value::as_u64).sum()
    };
    assert!(rows.iter().map(sum).is_sorted_by(|a, b| a >= b));
}

fn adequacy(told: &Value, week: &Count) {
    for row in told["evidenced"]["adequacy"]["first"]
        .as_array()
        .expect("sources")
    {
        let source = row["source"].as_str().expect("a name");
        let sum =
            |at: usize| -> u64 { week.days.clone().map(|d| week.of_day(source, d, at)).sum() };
        assert_eq!(row["events"], sum(1), "{source}");
        assert_eq!(row["traffic"], sum(11), "{source}");
        assert_eq!(row["logins"], sum(4), "{source}");
        assert_eq!(row["with"], json!([6, 7, 8, 9, 10].map(sum)), "{source}");
    }
}

fn ledger(told: &Value, week: &Count) {
    let nights = &told["account"]["nights"];
    let rows = nights["first"].as_array().expect("nights");
    assert_eq!(rows.len(), 14);
    for row in rows {
        let source = row["source"].as_str().expect("a name");
        let place = week
            .days
            .clone()
            .find(|d| row["day"] == day(*d))
            .expect("a day");
        for (name, at) in [
            ("records", 0),
            ("events", 1),
            ("rejects", 2),
            ("untrusted", 3),
        ] {
            assert_eq!(row[name], week.of_day(source, place, at), "{source} {name}");
        }
        assert_eq!(
            row["is_gap"],
            (source, place) == ("router", planted::SILENT)
        );
        assert_eq!(row["duplicates"], 0);
    }
}

/// Each alert's first day, level and whether it is open.
fn alerts(house: &House) -> Vec<(String, String, Value)> {
    let words = ["alerts", "list", "--store", "y.db", "--all", "-q"];
    let ran = house.run(&[&words[..], &["--output-format", "ndjson"]].concat());
    let all = ran.out.lines().map(|line| {
        let alert: Value = serde_json::from_str(line).expect("an alert");
        let word = |value: &Value| value.as_str().expect("a word").to_owned();
        let start = word(&alert["start"])[..10].to_owned();
        (start, word(&alert["rule"]["level"]), alert)
    });
    all.collect()
}

fn alert_figures(told: &Value, week: &Count, list: &[(String, String, Value)]) {
    let levels = ["informational", "low", "medium", "high", "critical"];
    let of = |days: Range<i64>, level: &str| {
        // Before the first day nothing was written.
        let days: Vec<String> = days.filter(|d| *d >= FIRST).map(day).collect();
        let is_one = |alert: &&(String, String, Value)| days.contains(&alert.0) && alert.1 == level;
        list.iter().filter(is_one).count()
    };
    let all = |days: Range<i64>| -> usize { levels.iter().map(|l| of(days.clone(), l)).sum() };
    let (first, end) = (week.days.start, week.days.end);
    let expected = figure(all(first..end) as u64, all(first - 7..first) as u64);
    assert_eq!(told["alerts"]["all"], expected);
    for row in told["pictures"]["alerts"].as_array().expect("days") {
        let place = week
            .days
            .clone()
            .find(|d| row["day"] == day(*d))
            .expect("a day");
        let counts = levels.map(|level| of(place..place + 1, level));
        assert_eq!(row["levels"], json!(counts));
        let usual: usize = (1..=8).map(|w| all(place - 7 * w..place - 7 * w + 1)).sum();
        assert_eq!(row["usual"], json!(usual as f64 / 8.0));
    }
    let weeks = told["pictures"]["weeks"].as_array().expect("weeks");
    assert_eq!(weeks.len(), 9);
    for (at, row) in weeks.iter().enumerate() {
        let from = end - 7 * (9 - at as i64);
        assert_eq!(row["count"], all(from..from + 7));
    }
    // The open ones of all time up to the end of the week, by level.
    let open = levels.map(|level| of(FIRST..end, level));
    assert_eq!(told["alerts"]["open"], json!(open));
    let before = list.iter().filter(|alert| alert.0 < day(first)).count();
    assert_eq!(told["alerts"]["from_before"], before);
    let causes = told["alerts"]["causes"]["first"]
        .as_array()
        .expect("causes");
    for cause in causes {
        let (rule, until) = (&cause["rule"], day(end));
        let is_one =
            |alert: &&(String, String, Value)| alert.2["rule"]["name"] == *rule && alert.0 < until;
        assert_eq!(cause["count"], list.iter().filter(is_one).count(), "{rule}");
    }
}

fn sentences(page: &str, week: &Count, before: &Count) {
    let compared = |now: u64, before: u64| match now.cmp(&before) {
        std::cmp::Ordering::Equal => "（前の週より±0）".to_owned(),
        std::cmp::Ordering::Less => format!("（前の週より−{}）", thousands(before - now)),
        std::cmp::Ordering::Greater => format!("（前の週より+{}）", thousands(now - before)),
    };
    let (records, then) = (week.sum(0), before.sum(0));
    let (closed, closed_then) = (week.closed(|_| true), before.closed(|_| true));
    let [after, holiday, night] = week.bands().map(thousands);
    let roster = thousands(week.closed(|words| words[4] == "roster"));
    let declared = thousands(week.closed(|words| words[4] == "declaration"));
    let mut expected = vec![
        format!(
            "7夜のうち7夜について、2つの記録元（ehr、router）の記録{}件を調べました{}。",
            thousands(records),
            compared(records, then)
        ),
        format!(
            "時間外{}件{}、うち勤務表で説明{roster}件・届出で説明{declared}件",
            thousands(closed),
            compared(closed, closed_then)
        ),
        format!("内訳は時間外{after}件、休日{holiday}件、深夜{night}件です。"),
        format!(
            "期間中のログイン失敗は{}件{}。",
            thousands(week.sum(5)),
            compared(week.sum(5), before.sum(5))
        ),
        format!(
            "合計{}件、最も多いのは",
            thousands(week.hours(is_act).iter().map(|(_, n)| n).sum())
        ),
    ];
    match (week.days.contains(&planted::SILENT), week.sum(2)) {
        (true, rejects) => {
            assert_eq!(rejects, 20, "both were planted into one week");
            expected.push("見えなかった部分は次のとおりです：記録元ごとの欠け（router 11/4（水））、読み取れなかった記録20件。".to_owned());
        }
        (false, 0) => expected.push("見えなかった部分は見つかっていません。".to_owned()),
        (false, rejects) => expected.push(format!("読み取れなかった記録{rejects}件")),
    }
    for part in expected {
        assert!(page.contains(&part), "{part}");
    }
}

#[test]
fn what_was_planted_stands_among_the_changes() {
    let (_, house) = scanned();
    let names = |list: &Value| -> Vec<String> {
        let rows = list["first"].as_array().expect("a list").iter();
        rows.map(|row| row["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    let week = numbers(&house, &["--week", "2026-W46"]);
    let devices = names(&week["changes"]["devices"]);
    for name in ["pc15", "10.20.9.99", "3c:22:fb:00:00:99"] {
        let is_there = devices
            .iter()
            .any(|d| d.to_lowercase().replace('-', ":") == name);
        assert!(is_there, "{name}: {devices:?}");
    }
    let week = numbers(&house, &["--week", "2026-W47"]);
    assert_eq!(names(&week["changes"]["accounts"]), ["d09"]);
    let leavers = week["changes"]["leavers"]["first"]
        .as_array()
        .expect("some");
    assert_eq!((leavers.len(), &leavers[0]["account"]), (1, &json!("d09")));
    assert_eq!(leavers[0]["used"], day(planted::LEAVER));
    assert_eq!(leavers[0]["records"], 1);
    let causes = week["alerts"]["causes"]["first"]
        .as_array()
        .expect("causes");
    let rules: Vec<&str> = causes.iter().filter_map(|c| c["rule"].as_str()).collect();
    for rule in ["failed-login-burst", "off-hours-access"] {
        assert!(rules.contains(&rule), "{rule}: {rules:?}");
    }
}

#[test]
fn a_department_is_told_by_its_own_figures() {
    let (hospital, house) = scanned();
    for (label, week, before) in weeks(&hospital) {
        for name in ["薬剤部", "病棟", "医事課"] {
            let told = numbers(&house, &["--week", &label, "--department", name]);
            let whole = numbers(&house, &["--week", &label]);
            assert_eq!(
                told["examined"], whole["examined"],
                "that of the whole house"
            );
            assert_eq!(
                told["evidenced"], whole["evidenced"],
                "that of the whole house"
            );
            let all = |count: &Count| count.of_department(name, |_| true);
            let closed = |count: &Count| count.of_department(name, |words| words[0] == "closed");
            let own = &told["of_department"];
            assert_eq!(own["events"], figure(all(&week), all(&before)), "{name}");
            assert_eq!(own["knows_explained"], true);
            let failed = |count: &Count| count.of_department(name, |words| words[2] == "failure");
            assert_eq!(
                own["failed"],
                figure(failed(&week), failed(&before)),
                "{name}"
            );
            let by_day = own["failed_by_day"].as_array().expect("days").iter();
            let by_day = by_day.map(|day| day["count"].as_u64().expect("a count"));
            assert_eq!(by_day.sum::<u64>(), failed(&week), "{name}");
            let off = &told["off_hours"];
            assert_eq!(
                off["total"],
                figure(closed(&week), closed(&before)),
                "{name}"
            );
            // Only the pharmacist has night duty, only a clerk declared overtime.
            let roster = week.closed(|words| words[4] == "roster");
            let declared = week.closed(|words| words[4] == "declaration");
            let is = |own: &str, n: u64| if name == own { n } else { 0 };
            assert_eq!(off["by_roster"], is("薬剤部", roster), "{name}");
            assert_eq!(off["by_declaration"], is("医事課", declared), "{name}");
            let heat = told["pictures"]["heat"].as_array().expect("days").iter();
            let by_day: Vec<u64> = heat
                .map(|hours| {
                    let hours = hours.as_array().expect("hours").iter();
                    hours.filter_map(Value::as_u64).sum()
                })
                .collect();
            let days = week.days.clone().map(|d| {
                let one = Count::of(&hospital, d..d + 1);
                all(&one)
            });
            assert_eq!(by_day, days.collect::<Vec<u64>>(), "{name}");
        }
    }
    // The ward is never closed, by a calendar of its own.
    let ward = numbers(&house, &["--week", "2026-W47", "--department", "病棟"]);
    let closed = ward["pictures"]["closed"].to_string();
    assert!(!closed.contains("true"), "{closed}");
}

#[test]
fn the_page_of_a_department_says_what_is_of_the_whole_house() {
    let (_, house) = scanned();
    let words = ["--week", "2026-W46", "--department", "医事課", "--lang"];
    let ja = report(&house, &[&words[..], &["ja"]].concat());
    for part in [
        "医事課の報告です。",
        "施設全体：11/9（月）から11/15（日）までの7夜のうち7夜",
        "医事課のものは、ID ",
        "日ごとのログイン失敗（施設全体）",
        "記録元ごとの日々の件数（施設全体）",
        "5. リモート保守と作業計画の照合（施設全体）",
        "6. ログから確認できること・できないこと（施設全体）",
        "8. 点検の記録（施設全体）",
        "調べた記録（施設全体）",
        "届出で説明5件",
    ] {
        assert!(ja.contains(part), "{part}");
    }
    let en = report(&house, &[&words[..], &["en"]].concat());
    assert!(en.contains("Whole institution: From Mon 2026-11-09"));
    // Four clerks: too few to be counted where persons are masked.
    let masked = report(&house, &[&words[..], &["ja", "--mask"]].concat());
    assert!(masked.contains("この部署の件数は載せていません"));
    assert!(!masked.contains("曜日と時刻ごとの記録") && !masked.contains("医事課のものは"));
}

#[test]
fn the_first_week_is_compared_with_nothing() {
    let (_, house) = scanned();
    let told = numbers(&house, &["--week", "2026-W40"]);
    let figures = ["records", "rejects", "untrusted", "failed_logins"];
    for figure in figures.map(|name| &told["examined"][name]) {
        assert_eq!(figure["before"], Value::Null);
    }
    for figure in [&told["alerts"]["all"], &told["off_hours"]["total"]] {
        assert_eq!(figure["before"], Value::Null);
    }
    for words in [&["--lang", "ja"][..], &["--lang", "ja", "--mask"]] {
        let page = report(&house, &[&["--week", "2026-W40"], words].concat());
        assert!(page.contains("比べる前の実行がありません"));
        assert!(!page.contains("前の週より"));
    }
    let page = report(&house, &["--week", "2026-W40", "--lang", "en"]);
    assert!(!page.contains("against the week before"));
}
