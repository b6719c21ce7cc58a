//! The numbers of a report are those that a plain count of the same log gives.

use serde_json::{Value, json};

use super::hospital::{Line, MONDAY, hospital, lines, numbers, page};

fn week() -> Vec<Line> {
    lines()
        .into_iter()
        .filter(|line| (MONDAY..MONDAY + 7).contains(&line.day))
        .collect()
}

fn before() -> Vec<Line> {
    lines()
        .into_iter()
        .filter(|line| (MONDAY - 7..MONDAY).contains(&line.day))
        .collect()
}

fn figure(now: usize, before: usize) -> Value {
    json!({ "now": now, "before": before })
}

#[test]
fn every_figure_is_that_of_a_plain_count() {
    let house = hospital();
    let told = numbers(&house, &[]);
    let (week, before) = (week(), before());
    let count = |lines: &[Line], of: fn(&Line) -> bool| lines.iter().filter(|l| of(l)).count();
    assert_eq!(told["period"]["label"], "2026-W47");
    let examined = &told["examined"];
    assert_eq!(examined["records"], figure(week.len(), before.len()));
    assert_eq!(examined["days"], 7);
    assert_eq!(examined["days_with_records"], 6);
    assert_eq!(examined["missing"], json!(["2026-11-18"]));
    assert_eq!(
        examined["gaps"]["first"],
        json!([{ "source": "ehr", "day": "2026-11-18" }])
    );
    assert_eq!(examined["sources"], json!(["ehr"]));
    let failed = |line: &Line| line.failed;
    assert_eq!(
        examined["failed_logins"],
        figure(count(&week, failed), count(&before, failed))
    );
    let off = &told["off_hours"];
    assert_eq!(
        off["total"],
        figure(
            count(&week, Line::is_closed),
            count(&before, Line::is_closed)
        )
    );
    let bands = off["bands"].as_array().expect("three bands").iter();
    let bands: u64 = bands.map(|n| n.as_u64().expect("a number")).sum();
    assert_eq!(bands as usize, count(&week, Line::is_closed));
}

#[test]
fn pictures_show_what_a_plain_count_gives() {
    let house = hospital();
    let told = numbers(&house, &[]);
    let pictures = &told["pictures"];
    let mut heat = vec![[0u64; 24]; 7];
    let mut failed = [0u64; 7];
    let mut volume = [0u64; 7];
    for line in week() {
        let day = (line.day - MONDAY) as usize;
        heat[day][line.hour as usize] += 1;
        failed[day] += u64::from(line.failed);
        volume[day] += 1;
    }
    assert_eq!(pictures["heat"], json!(heat));
    let told_failed = pictures["failed"].as_array().expect("days").iter();
    assert_eq!(
        told_failed.map(|d| d["count"].as_u64()).collect::<Vec<_>>(),
        failed.map(Some)
    );
    assert_eq!(pictures["volume"]["first"][0]["days"], json!(volume));
    let gaps = json!([false, false, true, false, false, false, false]);
    assert_eq!(pictures["volume"]["first"][0]["gaps"], gaps);
    // Closed from 18:00 to 8:30, and on Saturday and Sunday all day.
    let closed = |day: usize, hour: usize| pictures["closed"][day][hour].clone();
    assert_eq!(
        (closed(0, 3), closed(0, 12), closed(5, 12)),
        (json!(true), json!(false), json!(true))
    );
    assert_eq!(pictures["closed_by"], "calendar");
    let mut departments = [0u64; 3];
    for line in week().iter().filter(|line| line.is_closed()) {
        departments[line.user % 3] += 1;
    }
    for (name, count) in ["3西", "外来", "検査"].iter().zip(departments) {
        let rows = pictures["departments"]["first"].as_array().expect("rows");
        let row = rows.iter().find(|row| row["name"] == *name).expect(name);
        let bands = row["bands"].as_array().expect("bands").iter();
        let sum: u64 = bands.map(|n| n.as_u64().expect("a number")).sum();
        assert_eq!(sum, count, "{name}");
    }
}

#[test]
fn alerts_are_those_of_the_list() {
    let house = hospital();
    let told = numbers(&house, &[]);
    let ran = house.run(&[
        "alerts",
        "list",
        "--all",
        "--output-format",
        "ndjson",
        "-q",
        "--until",
        "2026-11-22",
    ]);
    let all: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("an alert"))
        .collect();
    let level = |name: &str| {
        all.iter()
            .filter(|alert| alert["rule"]["level"] == name)
            .count()
    };
    let open = ["informational", "low", "medium", "high", "critical"].map(level);
    assert_eq!(told["alerts"]["open"], json!(open));
    let is_new = |alert: &&Value| alert["start"].as_str().expect("a time") >= "2026-11-16";
    assert_eq!(
        told["alerts"]["all"]["now"],
        all.iter().filter(is_new).count()
    );
    let causes = told["alerts"]["causes"]["first"]
        .as_array()
        .expect("causes");
    let sum: u64 = causes
        .iter()
        .map(|cause| cause["count"].as_u64().expect("a number"))
        .sum();
    assert_eq!(sum as usize, all.len());
    // Worst first.
    let levels: Vec<u64> = causes
        .iter()
        .map(|c| c["level"].as_u64().expect("a level"))
        .collect();
    assert!(levels.is_sorted_by(|a, b| a >= b), "{levels:?}");
}

#[test]
fn people_and_devices_of_the_registers_are_told() {
    let house = hospital();
    let told = numbers(&house, &[]);
    let leavers = told["changes"]["leavers"]["first"]
        .as_array()
        .expect("leavers");
    let used = week().iter().filter(|line| line.user == 4).count();
    assert_eq!(leavers.len(), 1, "{leavers:?}");
    assert_eq!(leavers[0]["account"], "n4");
    assert_eq!(leavers[0]["left"], "2026-10-20");
    assert_eq!(leavers[0]["records"], used);
    assert_eq!(told["changes"]["never_used"]["first"], json!(["never"]));
    let standing = &told["standing"];
    let names = |list: &Value| -> Vec<String> {
        let rows = list["first"].as_array().expect("rows").iter();
        rows.map(|row| row["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(names(&standing["unsupported"]), ["pc0", "old"]);
    assert!(names(&standing["unseen"]).contains(&"old".to_owned()));
    let documents = standing["documents"].as_array().expect("documents");
    let state = |at: usize| {
        (
            documents[at]["is_there"].clone(),
            documents[at]["is_overdue"].clone(),
        )
    };
    assert_eq!(documents.len(), 4);
    assert_eq!(state(0), (json!(true), json!(true)));
    assert_eq!(state(1), (json!(true), json!(false)));
    assert_eq!(state(2), (json!(false), json!(false)));
    assert_eq!(standing["diary"]["total"], 1);
}

#[test]
fn the_page_says_what_matters_in_plain_words() {
    let house = hospital();
    let ja = page(&house, &["--lang", "ja"]);
    for part in [
        "<html lang=\"ja\">",
        "さくら総合病院",
        "2026年第47週",
        "7夜のうち6夜",
        "記録のない日（11/18（水））",
        "見直し期限切れ",
        "作業計画が設定されていません",
        "退職・失効の後に使われたID",
        "画面が遅い",
        "確認者",
        "ログからは確認できません",
        "点検の周期：毎週",
    ] {
        assert!(ja.contains(part), "{part}");
    }
    for word in ["漏えい", "漏洩", "leak"] {
        assert!(!ja.contains(word), "{word}");
    }
    // Ids by default: no name of the staff, no record.
    assert!(!ja.contains("夜間花子"));
    let en = page(&house, &["--lang", "en"]);
    assert!(
        en.contains("6 of 7 nights were examined"),
        "{}",
        &en[..4_000]
    );
    assert!(!en.to_lowercase().contains("leak"));
}

#[test]
fn names_are_printed_when_asked_and_that_is_written_down() {
    let house = hospital();
    let before = house
        .run(&["runs", "list", "--output-format", "json"])
        .out
        .lines()
        .count();
    let named = page(&house, &["--names"]);
    assert!(named.contains("夜間花子"));
    let runs = house.run(&["runs", "list", "--output-format", "json"]).out;
    assert_eq!(runs.lines().count(), before + 1);
    assert!(
        runs.lines()
            .last()
            .expect("a run")
            .contains("report --names")
    );
}

#[test]
fn the_same_store_and_time_give_the_same_bytes() {
    let house = hospital();
    assert_eq!(page(&house, &[]), page(&house, &[]));
    for file in ["a.xlsx", "b.xlsx"] {
        let ran = super::hospital::report(&house, &["-o", file]);
        assert_eq!(ran.status, 0, "{}", ran.err);
    }
    assert_eq!(house.bytes("a.xlsx"), house.bytes("b.xlsx"));
}

#[test]
fn one_department_sees_its_own_things_to_do() {
    let house = hospital();
    let all = numbers(&house, &[]);
    let own = numbers(&house, &["--department", "3西"]);
    let open = |told: &Value| -> u64 {
        let levels = told["alerts"]["open"].as_array().expect("levels").iter();
        levels.map(|n| n.as_u64().expect("a number")).sum()
    };
    assert!(open(&own) < open(&all));
    let rows = own["pictures"]["departments"]["first"]
        .as_array()
        .expect("rows");
    assert!(rows.iter().all(|row| row["name"] == "3西"), "{rows:?}");
    assert_eq!(own["examined"]["records"], all["examined"]["records"]);
}

#[test]
fn five_hundred_alerts_of_one_cause_and_key_are_one_line() {
    let house = hospital();
    let store = rusqlite::Connection::open(house.at("yomawari.db")).expect("a database");
    let sql = "
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500),
            one AS (SELECT * FROM alerts WHERE state = 'open' ORDER BY \"start\" DESC, id LIMIT 1)
        INSERT INTO alerts SELECT printf('%032x', i), rule, level, \"start\" + i, \"end\" + i, state,
            revision, successor, found_in, changed_in,
            json_set(document, '$.id', printf('%032x', i), '$.start', \"start\" + i,
                '$.end', \"end\" + i) FROM one, n";
    let causes = || {
        let told = numbers(&house, &["--week", "2026-W47"]);
        let rows = told["alerts"]["causes"]["first"]
            .as_array()
            .expect("causes");
        let row = |row: &Value| {
            let count = row["count"].as_u64().expect("a number");
            (row["rule"].to_string(), count, row["keys"]["total"].clone())
        };
        rows.iter().map(row).collect::<Vec<_>>()
    };
    let before = causes();
    assert_eq!(store.execute(sql, []).expect("a query"), 500);
    let after = causes();
    assert_eq!(before.len(), after.len());
    let grown: Vec<_> = before
        .iter()
        .filter_map(|old| {
            let new = after.iter().find(|new| new.0 == old.0).expect("the cause");
            (new.1 != old.1).then_some((new.1 - old.1, new.2 == old.2))
        })
        .collect();
    assert_eq!(grown, [(500, true)], "one cause, and no line more");
    let ja = page(&house, &["--week", "2026-W47", "--lang", "ja"]);
    let told = numbers(&house, &["--week", "2026-W47"]);
    let causes = told["alerts"]["causes"]["first"]
        .as_array()
        .expect("causes");
    let keys = causes
        .iter()
        .flat_map(|c| c["keys"]["first"].as_array().expect("lines"));
    let most = keys.filter_map(|key| key["count"].as_u64()).max();
    let most = most.expect("a line");
    assert!(most > 500);
    let folded = format!("同じ相手で計{most}回、最初は");
    assert!(ja.contains(&folded), "{folded}");
    assert!(ja.len() < 500_000);
}
