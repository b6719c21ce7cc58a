use super::chart::{Row, bar, rows};
use super::*;
use crate::diagnostic::Lang;
use crate::event::Zone;
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr as _;

fn days(found: &[(i64, u64)]) -> Vec<Day> {
    let day = |&(day, found): &(i64, u64)| Day {
        day,
        records: 100,
        found,
    };
    found.iter().map(day).collect()
}

#[test]
fn days_without_findings_count_in_means_and_medians() {
    let spread = Spread::of(&days(&[(1, 0), (2, 5), (3, 0), (4, 2)]));
    assert_eq!((spread.total, spread.days, spread.worst), (7, 4, 5));
    assert_eq!((spread.mean(), spread.median()), (1.75, 1.0));
    let odd = Spread::of(&days(&[(1, 9), (2, 0), (3, 1)]));
    assert_eq!(odd.median(), 1.0);
    let none = Spread::of(&[]);
    assert_eq!((none.mean(), none.median(), none.worst), (0.0, 0.0, 0));
}

#[test]
fn a_gap_is_not_a_day_without_alerts() {
    // 2026-11-16, a Monday, is day 20773.
    assert_eq!(
        rows(&days(&[(20_773, 2), (20_774, 0), (20_777, 1)])),
        [
            Row::Found(20_773, 20_773, 2),
            Row::Found(20_774, 20_774, 0),
            Row::Gap(2),
            Row::Found(20_777, 20_777, 1)
        ]
    );
}

#[test]
fn long_spans_are_folded_into_weeks_from_monday_on() {
    let all: Vec<(i64, u64)> = (20_770..20_840).map(|day| (day, 1)).collect();
    let rows = rows(&days(&all));
    // 2026-11-13 was a Friday: its week began on the 9th.
    assert_eq!(rows[0], Row::Found(20_766, 20_772, 3));
    assert_eq!(rows[1], Row::Found(20_773, 20_779, 7));
}

#[test]
fn bars_show_whatever_is_not_nothing() {
    assert_eq!(bar(0, 10, 10), "");
    assert_eq!(bar(10, 10, 4), "████");
    assert_eq!(bar(5, 10, 3), "█▌");
    assert_eq!(bar(1, u64::MAX, 4), "▏");
}

proptest! {
    #[test]
    fn charts_are_short_and_lose_nothing(found in prop::collection::btree_map(-80_000i64..80_000, 0u64..1_000_000, 0..200)) {
        let days = days(&found.clone().into_iter().collect::<Vec<_>>());
        let rows = rows(&days);
        prop_assert!(rows.len() <= 30);
        let mut total = 0;
        let mut next = i64::MIN;
        for row in rows {
            match row {
                Row::Found(first, last, found) => {
                    prop_assert!(first >= next && last >= first);
                    next = last + 1;
                    total += found;
                }
                Row::Gap(days) => next += days,
            }
        }
        prop_assert_eq!(total, found.values().sum::<u64>());
    }
}

fn trial() -> Trial {
    let rung = |threshold, is_present, found: &[(i64, u64)]| Rung {
        threshold,
        is_present,
        spread: Spread::of(&days(found)),
    };
    let two = [(20_773, 2), (20_774, 0), (20_777, 1)];
    Trial {
        id: "b9d9d722".to_owned(),
        name: "failed-login-burst".to_owned(),
        title: "Burst of failed logins from one terminal, with a title that is far too long for it"
            .to_owned(),
        level: Level::Medium,
        counted: Counted::Alerts,
        days: days(&two),
        matches: 44,
        explained: 3,
        quiet: 0,
        fields: vec!["source.terminal".to_owned(), "user.account".to_owned()],
        keys: vec![
            (vec![Some("外来受付\u{1b}[2J".to_owned()), None], 2),
            (vec![Some("10.20.1.3".to_owned()), Some("n7".to_owned())], 1),
        ],
        keys_total: 5,
        rungs: vec![
            rung(5, false, &[(20_773, 12), (20_774, 3), (20_777, 1)]),
            rung(10, true, &two),
            rung(15, false, &[(20_773, 0), (20_774, 0), (20_777, 0)]),
        ],
        silent: None,
        cannot_fire: vec![("router".to_owned(), vec!["user.id".to_owned()])],
    }
}

fn shown(trial: &Trial, lang: Lang) -> String {
    let reader = Reader {
        lang,
        zone: Zone::tokyo(),
    };
    text(trial, &reader, 80)
}

fn holds(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../tests/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn a_trial_is_told_in_both_languages_within_the_screen() {
    for (name, lang) in [("trial-en", Lang::En), ("trial-ja", Lang::Ja)] {
        let shown = shown(&trial(), lang);
        assert!(shown.lines().all(|line| line.width() <= 80), "{shown}");
        assert!(!shown.contains('\u{1b}'));
        holds(name, &shown);
    }
}

#[test]
fn a_rule_that_cannot_speak_says_why() {
    let silent = Trial {
        silent: Some(Text::new("needs a roster", "勤務表がありません")),
        days: days(&[(1, 0)]),
        matches: 0,
        keys: Vec::new(),
        keys_total: 0,
        rungs: Vec::new(),
        ..trial()
    };
    assert!(shown(&silent, Lang::En).contains("cannot speak: needs a roster"));
    assert!(shown(&silent, Lang::Ja).contains("働きません：勤務表がありません"));
    let nothing = Trial {
        silent: None,
        days: Vec::new(),
        ..silent
    };
    assert!(shown(&nothing, Lang::En).contains("no day of these logs was examined"));
}

#[test]
fn json_tells_the_same() {
    let mut out = Vec::new();
    write_json(&mut out, &trial()).unwrap();
    let told: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(told["found"], 3);
    assert_eq!(told["a_day"]["median"], 1.0);
    assert_eq!(told["a_day"]["worst"]["day"], "2026-11-16");
    assert_eq!(told["by_day"].as_array().unwrap().len(), 3);
    assert_eq!(
        told["keys"][0]["key"]["user.account"],
        serde_json::Value::Null
    );
    assert_eq!(told["thresholds"][1]["present"], true);
    assert_eq!(told["thresholds"][2]["found"], 0);
    assert_eq!(told["cannot_fire"][0]["lacks"][0], "user.id");
}
