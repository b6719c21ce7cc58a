//! A line of a calendar, as on the sign at the door: `Mon-Wed,Fri 08:45-12:00`, `祝 休診`.
//!
//! Takes the text of a line; gives which days it speaks of and what it says of them, or a slip
//! with its column and the nearest right form. English and Japanese words may be mixed.
//! Never knows the lines beside it.

use chrono::NaiveDate;

use super::grammar::{self, Cursor, Date, MonthDay, Slip};
use super::slips::{bad_range, bracketed, no_ordinal, two_lines, unknown_day, unknown_what};
use super::spans::{self, DAY, Span};
use crate::diagnostic::Problem;

/// Days of the week, one bit each, Monday lowest.
pub(super) type DaySet = u8;

/// Ordinals of a weekday in its month: bits 0 to 4 for the first to the fifth, bit 5 for the last.
pub(super) type Ordinals = u8;
pub(super) const LAST: Ordinals = 1 << 5;

/// Which days a line speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Weekdays(DaySet),
    Nth(Ordinals, DaySet),
    Holiday,
    YearlyRange(MonthDay, MonthDay),
    Yearly(MonthDay),
    Range(NaiveDate, NaiveDate),
    Date(NaiveDate),
}

/// What a line says of its days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The spans that start on the day; none is closed.
    Spans(Vec<Span>),
    /// The weekday lines go on as if the day were no other.
    AsWeekday,
}

/// English words for days.
pub(super) const DAY_WORDS: &[(&str, DaySet)] = &[
    ("mon", 0b000_0001),
    ("tue", 0b000_0010),
    ("wed", 0b000_0100),
    ("thu", 0b000_1000),
    ("fri", 0b001_0000),
    ("sat", 0b010_0000),
    ("sun", 0b100_0000),
    ("monday", 0b000_0001),
    ("tuesday", 0b000_0010),
    ("wednesday", 0b000_0100),
    ("thursday", 0b000_1000),
    ("friday", 0b001_0000),
    ("saturday", 0b010_0000),
    ("sunday", 0b100_0000),
    ("weekdays", 0b001_1111),
    ("daily", 0b111_1111),
];
const DAY_SIGNS: [char; 7] = ['月', '火', '水', '木', '金', '土', '日'];
const HOLIDAY_WORDS: [&str; 3] = ["祝日", "祝", "holiday"];

/// A line that was understood, with the warnings it deserves.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parsed {
    pub(super) when: When,
    pub(super) what: What,
    pub(super) doubts: Vec<Slip>,
}

/// Reads a whole line.
pub(super) fn parse(text: &str) -> Result<Parsed, Slip> {
    let mut cursor = Cursor::new(text);
    let when = read_when(&mut cursor)?;
    cursor.skip_spaces();
    let at = cursor.index();
    let mut doubts = Vec::new();
    let what = read_what(&mut cursor, &mut doubts)?;
    if what == What::AsWeekday && matches!(when, When::Weekdays(_) | When::Nth(..)) {
        let problem = Problem::error(
            "as-weekday has no meaning for a line about weekdays",
            "as-weekday は曜日の行では意味がありません",
        );
        return Err(Slip {
            at,
            problem: problem.help(
                "use it after holiday or a date",
                "祝 または日付の行で使ってください",
            ),
        });
    }
    Ok(Parsed { when, what, doubts })
}

fn read_when(cursor: &mut Cursor) -> Result<When, Slip> {
    cursor.skip_spaces();
    if cursor.is_done() {
        return Err(cursor.slip(Problem::error("the line is empty", "行が空です")));
    }
    if let Some(ordinals) = read_ordinals(cursor)? {
        return read_nth(cursor, ordinals);
    }
    if cursor.peek().is_some_and(|c| c.is_ascii_digit()) || grammar::begins_era(cursor) {
        return read_dates(cursor);
    }
    let mark = cursor.mark();
    if HOLIDAY_WORDS.iter().any(|word| cursor.eat_word(word)) {
        return match cursor.peek() {
            Some(',' | '-' | '~') => Err(two_lines(cursor)),
            Some(c) if c.is_ascii_alphabetic() => {
                cursor.back_to(mark);
                Err(unknown_day(cursor))
            }
            _ => Ok(When::Holiday),
        };
    }
    read_days(cursor).map(When::Weekdays)
}

/// `days = day { ("," | "-") day }`; Japanese days may also stand side by side, as in 土日.
fn read_days(cursor: &mut Cursor) -> Result<DaySet, Slip> {
    let mut days = read_day(cursor)?;
    let mut last = days;
    loop {
        let mark = cursor.mark();
        cursor.skip_spaces();
        if cursor.peek() == Some('[') {
            return Err(bracketed(cursor));
        }
        if cursor.eat(',') {
            cursor.skip_spaces();
            last = read_day(cursor)?;
            days |= last;
        } else if cursor.eat('-') || cursor.eat('~') {
            cursor.skip_spaces();
            let begin = cursor.index();
            let end = read_day(cursor)?;
            days |= day_range(last, end, begin)?;
            last = end;
        } else {
            // Only signs without a space between them belong together.
            cursor.back_to(mark);
            match cursor.peek() {
                Some(c) if DAY_SIGNS.contains(&c) => last = read_day(cursor)?,
                Some('祝') => return Err(two_lines(cursor)),
                _ => return Ok(days),
            }
            days |= last;
        }
    }
}

fn day_range(from: DaySet, to: DaySet, at: usize) -> Result<DaySet, Slip> {
    if from.count_ones() != 1 || to.count_ones() != 1 {
        let problem = Problem::error(
            "a range of days goes from one day to another",
            "曜日の範囲は一つの曜日から一つの曜日までです",
        );
        let problem = problem.help(
            "write Mon-Fri or weekdays",
            "月〜金 または 平日 と書いてください",
        );
        return Err(Slip { at, problem });
    }
    let (first, end) = (from.trailing_zeros(), to.trailing_zeros());
    let length = (end + 7 - first) % 7;
    Ok((0..=length).fold(0, |set, step| set | 1 << ((first + step) % 7)))
}

fn read_day(cursor: &mut Cursor) -> Result<DaySet, Slip> {
    let mark = cursor.mark();
    if cursor.eat_word("平日") {
        return Ok(0b001_1111);
    }
    if cursor.eat_word("毎日") {
        return Ok(0b111_1111);
    }
    if let Some(index) = DAY_SIGNS.iter().position(|sign| cursor.eat(*sign)) {
        let _ = cursor.eat_word("曜日") || cursor.eat('曜');
        return Ok(1 << index);
    }
    let word = cursor.take_while(|c| c.is_ascii_alphabetic());
    if let Some((_, days)) = DAY_WORDS.iter().find(|(name, _)| *name == word) {
        return Ok(*days);
    }
    cursor.back_to(mark);
    if word == "holiday" || cursor.peek() == Some('祝') {
        return Err(two_lines(cursor));
    }
    Err(unknown_day(cursor))
}

/// `1st,3rd`, `last`, `第2・第4`, `第2・4`, `最終`; `None` when the line begins otherwise.
fn read_ordinals(cursor: &mut Cursor) -> Result<Option<Ordinals>, Slip> {
    let mut ordinals = 0;
    let mut japanese = false;
    loop {
        let mark = cursor.mark();
        if cursor.eat_word("最終") || cursor.eat_word("last") {
            ordinals |= LAST;
        } else {
            let at = cursor.index();
            let sign = cursor.eat('第');
            japanese |= sign;
            let number = cursor.number();
            // Without a number before it this is the beginning of Thu.
            let suffix =
                number.is_some() && ["st", "nd", "rd", "th"].iter().any(|s| cursor.eat_word(s));
            match number {
                Some((1..=5, _)) if sign || suffix || (japanese && ordinals != 0) => {
                    ordinals |= 1 << (number.map_or(1, |(n, _)| n) - 1);
                }
                Some(_) | None if sign || suffix => return Err(no_ordinal(at)),
                _ => {
                    cursor.back_to(mark);
                    return match ordinals {
                        0 => Ok(None),
                        // A comma, and then no further ordinal.
                        _ => Err(no_ordinal(at)),
                    };
                }
            }
        }
        let mark = cursor.mark();
        cursor.skip_spaces();
        if !cursor.eat(',') {
            cursor.back_to(mark);
            return Ok(Some(ordinals));
        }
        cursor.skip_spaces();
    }
}

fn read_nth(cursor: &mut Cursor, ordinals: Ordinals) -> Result<When, Slip> {
    cursor.skip_spaces();
    let next = cursor.peek();
    let names_day = next.is_some_and(|c| c.is_alphabetic());
    let word = cursor.rest();
    if !names_day || ["closed", "open", "休"].iter().any(|w| word.starts_with(w)) {
        let problem = Problem::error(
            "the weekday is missing after 1st..5th or last",
            "第1〜第5・最終 の後に曜日がありません",
        );
        return Err(cursor.slip(problem.help("as in 1st,3rd Sat", "例：第1・第3土")));
    }
    Ok(When::Nth(ordinals, read_days(cursor)?))
}

/// A date, a day of every year, or a range of either.
fn read_dates(cursor: &mut Cursor) -> Result<When, Slip> {
    let begin = cursor.mark();
    let is_clock = cursor.number().is_some() && cursor.peek() == Some(':');
    cursor.back_to(begin);
    if is_clock {
        let problem = Problem::error(
            "the line begins with hours; it does not say on which day",
            "行が時刻で始まっています。どの日かが書かれていません",
        );
        return Err(cursor.slip(problem.help(
            "in a list in [ ] a comma ends the line: put the line in quotes, or write the list with \"- \"",
            "[ ] のリストでは読点で行が切れます。行を引用符で囲むか「- 」の形で書いてください",
        )));
    }
    let at = cursor.index();
    let first = grammar::read_date(cursor)?;
    let mark = cursor.mark();
    cursor.skip_spaces();
    let is_range = cursor.eat_word("..") || cursor.eat('~') || cursor.eat('-');
    if !is_range {
        cursor.back_to(mark);
        return Ok(match first {
            Date::Full(date) => When::Date(date),
            Date::Yearly(day) => When::Yearly(day),
        });
    }
    cursor.skip_spaces();
    let second = grammar::read_date(cursor)?;
    match (first, second) {
        (Date::Yearly(from), Date::Yearly(to)) => Ok(When::YearlyRange(from, to)),
        (Date::Full(from), Date::Full(to)) if from <= to => Ok(When::Range(from, to)),
        (first, second) => Err(Slip {
            at,
            problem: bad_range(first, second),
        }),
    }
}

fn read_what(cursor: &mut Cursor, doubts: &mut Vec<Slip>) -> Result<What, Slip> {
    let rest = cursor.rest();
    match rest.as_str() {
        "closed" | "休診" | "休業" | "休み" => return Ok(What::Spans(Vec::new())),
        "open" | "24時間" | "終日" => {
            return Ok(What::Spans(vec![Span { start: 0, end: DAY }]));
        }
        "as-weekday" => return Ok(What::AsWeekday),
        "" => {
            let problem = Problem::error(
                "the line does not say what happens on these days",
                "その日の時間が書かれていません",
            );
            return Err(cursor.slip(problem.help(
                "add hours (08:30-17:15), closed or open",
                "時刻（08:30-17:15）、休診 または 24時間 を書いてください",
            )));
        }
        _ => {}
    }
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(unknown_what(cursor, &rest));
    }
    let written = spans::read_spans(cursor, doubts)?;
    match cursor.is_done() {
        true => Ok(What::Spans(written)),
        false => Err(unknown_what(cursor, &cursor.rest())),
    }
}
