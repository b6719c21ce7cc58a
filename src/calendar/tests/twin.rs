//! The judge against a slow twin that paints every minute of a wall and then only looks.

use chrono::{Datelike, NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::written::{any_rule, hand, line};
use super::*;
use crate::calendar::grammar::MonthDay;
use crate::calendar::lines::{LAST, What, When};
use crate::calendar::{Band, Judgement, holiday};

const NANOS: i64 = 1_000_000_000;
/// Days painted on each side.
const REACH: i64 = 80;
const LONGEST: i64 = 32 * 86_400;

/// A calendar as values, and the file that says the same.
#[derive(Debug)]
struct Case {
    rules: Vec<(When, What)>,
    texts: Vec<String>,
    japan: bool,
    zone: Tz,
    grace: (i64, i64),
}

fn case() -> impl Strategy<Value = Case> {
    let zones = vec![
        Tz::Asia__Tokyo,
        Tz::America__New_York,
        Tz::Africa__Casablanca,
        Tz::Australia__Lord_Howe,
    ];
    let rules = prop::collection::vec((any_rule(), hand()), 0..7);
    let grace =
        prop_oneof![3 => Just((0, 0)), 3 => (0..5_i64, 0..5_i64), 1 => (0..=48_i64, 0..=48_i64)];
    (rules, any::<bool>(), prop::sample::select(zones), grace).prop_map(
        |(rules, japan, zone, (before, after))| {
            // A holiday line without a list is refused, as it should be.
            let kept = |rule: &((When, What), _)| japan || rule.0.0 != When::Holiday;
            let rules: Vec<_> = rules.into_iter().filter(kept).collect();
            Case {
                texts: rules
                    .iter()
                    .map(|((when, what), hand)| line((*when, what), *hand))
                    .collect(),
                rules: rules.into_iter().map(|(rule, _)| rule).collect(),
                japan,
                zone,
                grace: (before * 30, after * 30),
            }
        },
    )
}

impl Case {
    fn calendars(&self) -> Calendars {
        let (before, after) = self.grace;
        let list = if self.japan { "JP" } else { "none" };
        let mut text = format!(
            "timezone: {}\nholidays: {list}\ncalendars:\n  c:\n    grace: {{ before: {before}m, after: {after}m }}\n    hours:\n",
            self.zone.name()
        );
        for line in &self.texts {
            text.push_str(&format!("      - {line}\n"));
        }
        let (calendars, complaints) = read_with(&text, &[]);
        assert!(calendars.is_some(), "{complaints:?}");
        calendars.expect("checked")
    }

    /// Sentence 7, read aloud: which line starts spans on a date.
    fn deciding(&self, date: NaiveDate) -> Option<usize> {
        let is_holiday = self.japan && holiday(date).is_some();
        let last_of =
            |fits: &dyn Fn(&When) -> bool| self.rules.iter().rposition(|(when, _)| fits(when));
        let mut as_weekday = false;
        let ranks: [&dyn Fn(&When) -> bool; 4] = [
            &|when| matches!(when, When::Date(d) if *d == date),
            &|when| matches!(when, When::Range(a, b) if *a <= date && date <= *b),
            &|when| matches!(when, When::Yearly(d) if (d.month, d.day) == (date.month(), date.day())),
            &|when| matches!(when, When::YearlyRange(a, b) if within_year(*a, *b, date)),
        ];
        for fits in ranks {
            match last_of(fits) {
                Some(index) if self.rules[index].1 == What::AsWeekday => {
                    as_weekday = true;
                    break;
                }
                Some(index) => return Some(index),
                None => {}
            }
        }
        if is_holiday && !as_weekday {
            let index = last_of(&|when| *when == When::Holiday)?;
            if self.rules[index].1 != What::AsWeekday {
                return Some(index);
            }
        }
        let weekday = 1 << date.weekday().num_days_from_monday();
        let nth = |when: &When| matches!(when, When::Nth(nth, days) if days & weekday != 0 && is_nth(*nth, date));
        let weekly = |when: &When| matches!(when, When::Weekdays(days) if days & weekday != 0);
        last_of(&nth).or_else(|| last_of(&weekly))
    }

    /// Each minute of the wall around a day: 0 closed, 1 grace, 2 open.
    fn paint(&self, middle: i64) -> Vec<u8> {
        let first = middle - REACH;
        let mut wall = vec![0_u8; (2 * REACH * 1440) as usize];
        let mut fill = |from: i64, to: i64, color: u8| {
            for minute in from.max(0)..to.min(2 * REACH * 1440) {
                let cell = &mut wall[minute as usize];
                *cell = (*cell).max(color);
            }
        };
        for day in first - 5..first + 2 * REACH + 5 {
            let date = NaiveDate::default() + chrono::Duration::days(day);
            let Some(What::Spans(spans)) = self.deciding(date).map(|i| &self.rules[i].1) else {
                continue;
            };
            for span in spans {
                let midnight = (day - first) * 1440;
                let (from, to) = (
                    midnight + i64::from(span.start),
                    midnight + i64::from(span.end),
                );
                fill(from - self.grace.0, to + self.grace.1, 1);
                fill(from, to, 2);
            }
        }
        wall
    }

    fn reading(&self, second: i64) -> i64 {
        let utc = chrono::DateTime::from_timestamp(second, 0).expect("in range");
        let offset = self.zone.offset_from_utc_datetime(&utc.naive_utc()).fix();
        second + i64::from(offset.local_minus_utc())
    }

    fn bands(&self, wall: i64, verdict: Verdict) -> Option<Band> {
        let date = NaiveDate::default() + chrono::Duration::days(wall.div_euclid(86_400));
        let hour = wall.rem_euclid(86_400) / 3600;
        let sunday = date.weekday() == chrono::Weekday::Sun;
        let saturday = date.weekday() == chrono::Weekday::Sat;
        let year_end = ["12-29", "12-30", "12-31", "01-01", "01-02", "01-03"];
        let mut fit = Vec::new();
        if !(6..22).contains(&hour) {
            fit.push(Band::LateNight);
        }
        if sunday
            || self.japan && holiday(date).is_some()
            || year_end.contains(&&*date.format("%m-%d").to_string())
        {
            fit.push(Band::Holiday);
        }
        if !(8..18).contains(&hour) || saturday && hour >= 12 || verdict != Verdict::Open {
            fit.push(Band::AfterHours);
        }
        fit.into_iter().max()
    }
}

fn within_year(from: MonthDay, to: MonthDay, date: NaiveDate) -> bool {
    let number = |month: u32, day: u32| month * 100 + day;
    let (a, b) = (number(from.month, from.day), number(to.month, to.day));
    let day = number(date.month(), date.day());
    if a <= b {
        a <= day && day <= b
    } else {
        day >= a || day <= b
    }
}

fn is_nth(nth: u8, date: NaiveDate) -> bool {
    let same = |other: &NaiveDate| other.month() == date.month();
    let before = (1..5)
        .filter(|w| same(&(date - chrono::Duration::weeks(*w))))
        .count();
    let last = !same(&(date + chrono::Duration::weeks(1)));
    nth & (1 << before) != 0 || last && nth & LAST != 0
}

/// What must be the same within `valid`.
fn key(answer: &Judgement) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        answer.verdict,
        answer.band,
        answer.reason.clone(),
        answer.at.clone(),
        answer.closed_span.clone(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_judge_and_the_twin_agree(
        case in case(),
        second in 1_704_067_200_i64..1_780_000_000,
        near_change in 0..3_u8,
    ) {
        // A third of the instants lie near New York's changes of 2025, where it is hardest.
        let second = match near_change {
            0 => 1_741_503_600 + second % 100_000 - 50_000,
            1 => 1_762_063_200 + second % 100_000 - 50_000,
            _ => second,
        };
        let calendars = case.calendars();
        let answer = calendars.judge(CalendarId(0), second * NANOS + 999);
        let wall = case.reading(second);
        let middle = wall.div_euclid(86_400);
        let paint = case.paint(middle);
        let color = |second: i64| {
            paint[(case.reading(second).div_euclid(60) - (middle - REACH) * 1440) as usize]
        };
        let expected = [Verdict::Closed, Verdict::Grace, Verdict::Open][usize::from(color(second))];
        prop_assert_eq!(answer.verdict, expected);
        prop_assert_eq!(answer.band, case.bands(wall, expected));

        if expected == Verdict::Closed {
            let date = NaiveDate::default() + chrono::Duration::days(middle);
            if let Some(index) = case.deciding(date) {
                let text = case.texts[index].split_whitespace().collect::<Vec<_>>().join(" ");
                prop_assert!(answer.reason.starts_with(&text), "{} {}", answer.reason, text);
            }
            // All zones here change on whole minutes, and nothing else is finer.
            let minute = second.div_euclid(60) * 60;
            let limit = LONGEST + 3 * 86_400;
            let mut start = minute;
            while start > minute - limit && color(start - 60) == 0 {
                start -= 60;
            }
            let mut end = minute + 60;
            while end < minute + limit && color(end) == 0 {
                end += 60;
            }
            let span = answer.closed_span.clone().expect("closed");
            let found = span.start / NANOS..span.end / NANOS;
            if end - start <= LONGEST {
                prop_assert_eq!(found, start..end);
            } else {
                prop_assert!(start <= found.start && found.end <= end);
                prop_assert!(found.contains(&second) && found.end - found.start <= LONGEST);
                for edge in [found.start, found.end - 1] {
                    let other = calendars.judge(CalendarId(0), edge * NANOS);
                    prop_assert_eq!(other.closed_span.as_ref(), Some(&span));
                }
            }
        } else {
            prop_assert_eq!(&answer.closed_span, &None);
        }

        let valid = answer.valid.clone();
        prop_assert!(valid.contains(&(second * NANOS + 999)));
        for inside in [valid.start, valid.end - 1, valid.start + (valid.end - valid.start) / 3] {
            prop_assert_eq!(&calendars.judge(CalendarId(0), inside), &answer);
        }
        for (outside, edge) in [(valid.start - 1, valid.start), (valid.end, valid.end)] {
            let same = key(&calendars.judge(CalendarId(0), outside)) == key(&answer);
            let edge = edge / NANOS;
            let wall = case.reading(edge);
            let changes = wall - edge != case.reading(edge - 1) - (edge - 1);
            prop_assert!(!same || wall % 86_400 == 0 || changes, "answer holds longer than said");
        }
    }

    #[test]
    fn any_instant_is_judged_without_a_panic(case in case(), nanos in any::<i64>()) {
        let calendars = case.calendars();
        for nanos in [nanos, i64::MIN, i64::MAX] {
            let answer = calendars.judge(CalendarId(0), nanos);
            prop_assert!(answer.valid.contains(&nanos) || nanos == i64::MAX);
        }
    }

    #[test]
    fn any_bytes_are_a_list_or_a_complaint(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let document = "holidays: [JP, l.csv]\ncalendars: { c: { hours: [] } }\nrosters: [{ file: l.csv, month: 2026-11 }]\n";
        let _ = read_with(document, &[("l.csv", &bytes)]);
    }
}
