//! Which days a report is about, and what is said where there is nothing to report.

use super::folder::House;
use super::hospital::{hospital, numbers, report};

fn label(house: &House, words: &[&str]) -> String {
    let told = numbers(house, words);
    told["period"]["label"]
        .as_str()
        .expect("a label")
        .to_owned()
}

#[test]
fn weeks_months_and_stretches_are_named() {
    let house = hospital();
    assert_eq!(label(&house, &[]), "2026-W47");
    assert_eq!(label(&house, &["--week", "2026-W46"]), "2026-W46");
    assert_eq!(label(&house, &["--month", "2026-11"]), "2026-11");
    let words = ["--from", "2026-11-01", "--to", "2026-11-10"];
    assert_eq!(label(&house, &words), "2026-11-01_2026-11-10");
}

#[test]
fn the_default_is_the_last_whole_week_with_events() {
    let house = hospital();
    let of = |now: &str| {
        let ran = house.run(&["report", "--format", "json", "--now", now]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        let told: serde_json::Value = serde_json::from_str(&ran.out).expect("one document");
        told["period"]["label"]
            .as_str()
            .expect("a label")
            .to_owned()
    };
    assert_eq!(of("2026-11-22T23:59"), "2026-W46");
    assert_eq!(of("2026-11-23T00:00"), "2026-W47");
    assert_eq!(of("2027-06-01"), "2026-W47");
}

#[test]
fn a_week_that_has_not_ended_says_so() {
    let house = hospital();
    let words = ["report", "--week", "2026-W47", "--now", "2026-11-19T12:00"];
    let page = house.run(&words).out;
    assert!(page.contains("This period has not ended"));
    let told = house.run(&[&words[..], &["--format", "json"]].concat()).out;
    let told: serde_json::Value = serde_json::from_str(&told).expect("one document");
    assert_eq!(told["examined"]["days"], 4);
    assert_eq!(told["period"]["is_over"], false);
    // The last of the nine weeks ends with the day at hand, not with days to come.
    assert_eq!(told["pictures"]["weeks"][8]["first"], "2026-11-13");
}

#[test]
fn mistakes_are_told_and_nothing_is_written() {
    let house = hospital();
    for (words, told) in [
        (
            &["--from", "2026-11-10", "--to", "2026-11-01"][..],
            "comes after",
        ),
        (
            &["--from", "2026-01-01", "--to", "2026-11-01"],
            "more than 92 days",
        ),
        (&["--week", "2026-W60"], "is not a week"),
        (&["-o", "week.txt"], "tells no form"),
        (&["--format", "pdf"], "print it to a PDF file"),
        (&["-o", "yomawari.db", "--format", "md"], "is the store"),
        (
            &["--week", "2026-W47", "--month", "2026-11"],
            "cannot be used with",
        ),
        (&["--names", "--mask"], "cannot be used with"),
        (&["--department", "3東"], "write 3西"),
    ] {
        let ran = report(&house, words);
        assert_eq!(ran.status, 2, "{words:?}: {}", ran.err);
        assert!(ran.err.contains(told), "{words:?}: {}", ran.err);
    }
    assert!(!house.has("week.txt"));
}

#[test]
fn no_store_and_an_empty_store_are_said() {
    let bare = House::new();
    let ran = bare.run(&["report"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("no store is named"), "{}", ran.err);
    let ran = bare.run(&["report", "--store", "none.db"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("there is no store none.db"), "{}", ran.err);
    drop(yomawari::store::Store::open(&bare.at("empty.db")).expect("a new store"));
    let ran = bare.run(&["report", "--store", "empty.db"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("holds no run yet"), "{}", ran.err);
}

#[test]
fn a_week_without_alerts_says_what_that_rests_on() {
    let mut log = "日時,利用者ID,操作,患者ID,結果\n".to_owned();
    for day in 2..=22 {
        log.push_str(&format!(
            "2026/11/{day:02} 10:00:00,n1,カルテ参照,p1,成功\n"
        ));
    }
    let config = "version: 1\nsite: { timezone: Asia/Tokyo }\nstore: y.db\ncalendar:\n  version: 1\n  \
                  timezone: Asia/Tokyo\n  calendars: { a: { hours: [daily open] } }\n  \
                  default: a\n";
    let house = House::new()
        .with("ehr.csv", log)
        .with("yomawari.yaml", config);
    let ran = house.run(&["scan", "ehr.csv", "-q", "-o", "a.ndjson"]);
    assert_eq!(
        (ran.status, house.text("a.ndjson").as_str()),
        (0, ""),
        "{}",
        ran.err
    );
    for words in [&["--lang", "ja"][..], &["--lang", "ja", "--mask"]] {
        let page = report(&house, &[&["--week", "2026-W47"], words].concat()).out;
        for part in [
            "人の確認を待っているアラートはありません（この期間のアラート0件、うち対応済み0件）",
            "本のルールで調べた結果であり、働かなかったルール",
            "アラートについて確認することはありません。",
            "未対応のアラートはありません。",
            "見えなかった部分は見つかっていません。",
            "7夜のうち7夜について、1つの記録元",
            "記録7件を調べました（前の週より±0）",
        ] {
            assert!(page.contains(part), "{part}");
        }
    }
    let page = report(&house, &["--week", "2026-W47", "--lang", "en"]).out;
    assert!(
        page.contains("No alert waits for a person (0 alerts in this period, 0 of them decided).")
    );
}

#[test]
fn a_week_without_records_does_not_look_well() {
    let house = hospital();
    let week = ["--week", "2026-W30"];
    for (lang, parts) in [
        (
            "ja",
            [
                "調べることのできた記録はありません。",
                "調べた記録がないため、異常がなかったとは言えません。",
                "（通信の通過・遮断を除く）。合計0件。斜線は",
                "時間外の記録はありませんでした。",
            ],
        ),
        (
            "en",
            [
                "there was no record that could be examined",
                "and that says nothing: there was no record in which one could have been found.",
                "passed or were dropped: 0 in all. Hatched",
                "No record was made while the house was closed;",
            ],
        ),
    ] {
        let page = report(&house, &[&week[..], &["--lang", lang]].concat()).out;
        for part in parts {
            assert!(page.contains(part), "{part}");
        }
        let verdict = &page[page.find("id=\"verdict\"").expect("a verdict")..];
        let verdict = &verdict[..verdict.find("</section>").expect("its end")];
        assert!(
            !verdict.contains("sentence good"),
            "nothing is as it should be"
        );
    }
}
