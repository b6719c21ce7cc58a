//! Lines as people might write them: values rendered to text and read back, and text of any kind.

use chrono::NaiveDate;
use proptest::prelude::*;

use crate::calendar::grammar::MonthDay;
use crate::calendar::lines::{self, LAST, What, When};
use crate::calendar::spans::{DAY, Span};

const EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const JA: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
const NTH_EN: [&str; 6] = ["1st", "2nd", "3rd", "4th", "5th", "last"];
const NTH_JA: [&str; 6] = ["第1", "第2", "第3", "第4", "第5", "最終"];

/// How a line is written: in which words and with which signs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hand {
    English,
    Japanese,
    /// Japanese with full-width digits and signs, as word processors make them.
    Wide,
}

pub(super) fn hand() -> impl Strategy<Value = Hand> {
    prop_oneof![Just(Hand::English), Just(Hand::Japanese), Just(Hand::Wide)]
}

fn chosen(bits: u8, names: &[&str]) -> Vec<String> {
    let picked = names
        .iter()
        .enumerate()
        .filter(|(i, _)| bits & (1 << i) != 0);
    picked.map(|(_, name)| (*name).to_owned()).collect()
}

fn days(set: u8, hand: Hand) -> String {
    match hand {
        Hand::English => chosen(set, &EN).join(","),
        Hand::Japanese => chosen(set, &JA).join("・"),
        Hand::Wide => chosen(set, &JA).concat(),
    }
}

fn date(date: NaiveDate, hand: Hand) -> String {
    match hand {
        Hand::English => date.format("%Y-%m-%d").to_string(),
        _ => date.format("%Y/%-m/%-d").to_string(),
    }
}

fn yearly(day: MonthDay, hand: Hand) -> String {
    match hand {
        Hand::English => format!("{:02}-{:02}", day.month, day.day),
        _ => format!("{}/{}", day.month, day.day),
    }
}

fn when(when: When, hand: Hand) -> String {
    let range = if matches!(hand, Hand::English) {
        ".."
    } else {
        "〜"
    };
    match (when, hand) {
        (When::Weekdays(0b001_1111), Hand::English) => "weekdays".to_owned(),
        (When::Weekdays(0b111_1111), Hand::Japanese) => "毎日".to_owned(),
        (When::Weekdays(0b000_0111), Hand::Wide) => "月ー水".to_owned(),
        (When::Weekdays(0b110_0001), Hand::English) => "Sat-Mon".to_owned(),
        (When::Weekdays(set), _) => days(set, hand),
        (When::Nth(nth, set), Hand::English) => {
            format!("{} {}", chosen(nth, &NTH_EN).join(","), days(set, hand))
        }
        (When::Nth(nth, set), _) => {
            format!("{}{}", chosen(nth, &NTH_JA).join("・"), days(set, hand))
        }
        (When::Holiday, Hand::English) => "holiday".to_owned(),
        (When::Holiday, Hand::Japanese) => "祝".to_owned(),
        (When::Holiday, Hand::Wide) => "祝日".to_owned(),
        (When::YearlyRange(a, b), _) => format!("{}{range}{}", yearly(a, hand), yearly(b, hand)),
        (When::Yearly(day), _) => yearly(day, hand),
        (When::Range(a, b), _) => format!("{}{range}{}", date(a, hand), date(b, hand)),
        (When::Date(day), _) => date(day, hand),
    }
}

fn what(what: &What, hand: Hand) -> String {
    let (dash, comma) = match hand {
        Hand::English => ("-", ", "),
        _ => ("〜", "、"),
    };
    match (what, hand) {
        (What::AsWeekday, _) => "as-weekday".to_owned(),
        (What::Spans(spans), Hand::English) if spans.is_empty() => "closed".to_owned(),
        (What::Spans(spans), Hand::Japanese) if spans.is_empty() => "休診".to_owned(),
        (What::Spans(spans), Hand::Wide) if spans.is_empty() => "休み".to_owned(),
        (What::Spans(spans), _) => {
            let written = spans.iter().map(|s| s.written().replace('-', dash));
            written.collect::<Vec<_>>().join(comma)
        }
    }
}

/// The text of a line in some hand.
pub(super) fn line(rule: (When, &What), hand: Hand) -> String {
    let text = format!("{}  {}", when(rule.0, hand), what(rule.1, hand));
    match hand {
        Hand::Wide => text.chars().map(widen).collect(),
        _ => text,
    }
}

fn widen(c: char) -> char {
    match c {
        ' ' => '\u{3000}',
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).expect("a full-width twin"),
        _ => c,
    }
}

pub(super) fn any_date() -> impl Strategy<Value = NaiveDate> {
    // Within the years that the twin looks at, so that dated lines matter.
    (0..900_i64).prop_map(|n| {
        let first = NaiveDate::from_ymd_opt(2024, 1, 1).expect("a date");
        first + chrono::Duration::days(n)
    })
}

pub(super) fn any_when() -> impl Strategy<Value = When> {
    let yearly = || any_date().prop_map(MonthDay::of);
    prop_oneof![
        6 => (1..=127_u8).prop_map(When::Weekdays),
        2 => (1..=LAST * 2 - 1, 1..=127_u8).prop_map(|(nth, set)| When::Nth(nth, set)),
        2 => Just(When::Holiday),
        1 => (yearly(), yearly()).prop_map(|(a, b)| When::YearlyRange(a, b)),
        1 => yearly().prop_map(When::Yearly),
        1 => (any_date(), 0..20_i64).prop_map(|(a, n)| When::Range(a, a + chrono::Duration::days(n))),
        1 => any_date().prop_map(When::Date),
    ]
}

pub(super) fn any_span() -> impl Strategy<Value = Span> {
    // Quarters, so that edges meet.
    (0..96_i32, 1..=96_i32).prop_map(|(start, length)| Span {
        start: start * 15,
        end: (start + length) * 15,
    })
}

pub(super) fn any_rule() -> impl Strategy<Value = (When, What)> {
    let spans = prop::collection::vec(any_span(), 0..3).prop_map(What::Spans);
    (
        any_when(),
        prop_oneof![5 => spans, 1 => Just(What::AsWeekday)],
    )
        .prop_map(|(when, what)| match (when, what) {
            (When::Weekdays(_) | When::Nth(..), What::AsWeekday) => (when, What::Spans(Vec::new())),
            rule => rule,
        })
}

proptest! {
    #[test]
    fn a_line_is_read_back_as_it_was_meant(rule in any_rule(), hand in hand()) {
        let text = line((rule.0, &rule.1), hand);
        let read = lines::parse(&text);
        prop_assert!(read.is_ok(), "{text}: {read:?}");
        let read = read.expect("checked");
        prop_assert_eq!((read.when, read.what), rule, "{}", text);
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in ".{0,40}") {
        let _ = lines::parse(&text);
    }

    #[test]
    fn any_words_of_the_grammar_are_read_without_a_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "Mon", "月", "日曜", "祝", "holiday", "1st", "第", "2", "最終", "last", ",", "・", "-",
            "〜", "..", " ", "2025", "12", "/", "31", "99999999999", "08:30", "30:00", ":", "[",
            "closed", "休", "as-weekday", "平日", "‥", "24時間", "\u{feff}", "é",
        ]), 0..12)
    ) {
        if let Err(slip) = lines::parse(&words.concat()) {
            prop_assert!(slip.at <= words.concat().chars().count());
        }
    }
}

#[test]
fn what_people_paste() {
    let hours = |start, end| What::Spans(vec![Span { start, end }]);
    for (text, when, what) in [
        (
            "月-金 9:00ー17:00",
            When::Weekdays(0b001_1111),
            hours(540, 1020),
        ),
        (
            "月曜日～金曜日 ９：００－１７：００",
            When::Weekdays(0b001_1111),
            hours(540, 1020),
        ),
        (
            "Fri-Mon 22:00-30:00",
            When::Weekdays(0b111_0001),
            hours(1320, 1800),
        ),
        (
            "monday, WED 09:00 - 10:00",
            When::Weekdays(0b000_0101),
            hours(540, 600),
        ),
        ("土日 終日", When::Weekdays(0b110_0000), hours(0, DAY)),
        (
            "平日08:30〜17:15",
            When::Weekdays(0b001_1111),
            hours(510, 1035),
        ),
        (
            "第2・4土曜 休業",
            When::Nth(0b1010, 0b10_0000),
            What::Spans(Vec::new()),
        ),
        (
            "last Thu 09:00-17:00",
            When::Nth(LAST, 0b1000),
            hours(540, 1020),
        ),
        (
            "12-30 .. 01-03 closed",
            When::YearlyRange(md(12, 30), md(1, 3)),
            What::Spans(Vec::new()),
        ),
        (
            "12/30 - 1/3 休み",
            When::YearlyRange(md(12, 30), md(1, 3)),
            What::Spans(Vec::new()),
        ),
        ("02-29 open", When::Yearly(md(2, 29)), hours(0, DAY)),
        (
            "daily 00:00-24:00",
            When::Weekdays(0b111_1111),
            hours(0, DAY),
        ),
        ("祝 as-weekday", When::Holiday, What::AsWeekday),
        ("1/3 9:00-12:00", When::Yearly(md(1, 3)), hours(540, 720)),
        (
            "2026年8月13日〜2026年8月16日 休診",
            When::Range(ymd(2026, 8, 13), ymd(2026, 8, 16)),
            What::Spans(Vec::new()),
        ),
        (
            "１２月３０日〜１月３日 休み",
            When::YearlyRange(md(12, 30), md(1, 3)),
            What::Spans(Vec::new()),
        ),
        (
            "令和8年6月7日 9:00-12:00",
            When::Date(ymd(2026, 6, 7)),
            hours(540, 720),
        ),
        (
            "令和元年5月1日 休診",
            When::Date(ymd(2019, 5, 1)),
            What::Spans(Vec::new()),
        ),
        (
            "R8.6.7..R8.6.9 closed",
            When::Range(ymd(2026, 6, 7), ymd(2026, 6, 9)),
            What::Spans(Vec::new()),
        ),
        ("H31/4/30 open", When::Date(ymd(2019, 4, 30)), hours(0, DAY)),
    ] {
        let read = lines::parse(text).map(|read| (read.when, read.what));
        assert_eq!(read, Ok((when, what)), "{text}");
    }
}

fn ymd(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("the date exists")
}

#[test]
fn dates_that_are_half_written_are_refused() {
    for text in [
        "令和8年6月 休診",
        "令和8年 休診",
        "R8 休診",
        "6月 休診",
        "6月7 休診",
        "2026年6月7 休診",
        "令和0年6月7日 休診",
        "令和8年6月31日 休診",
        "r 8/6/7 closed",
    ] {
        assert!(lines::parse(text).is_err(), "{text}");
    }
}

fn md(month: u32, day: u32) -> MonthDay {
    MonthDay { month, day }
}
