//! The small words of a calendar line: folding, numbers and dates.
//!
//! Takes text as people paste it from Word and Excel; gives values, and slips that know their
//! column. Full-width letters and every dash and tilde are folded first.
//! Never knows which line a word stands in.

use chrono::{Datelike, NaiveDate};

use crate::diagnostic::Problem;

/// A mistake in a line, and the character (from 0) at which it was noticed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slip {
    pub(super) at: usize,
    pub(super) problem: Problem,
}

/// A day of every year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct MonthDay {
    pub(super) month: u32,
    pub(super) day: u32,
}

impl MonthDay {
    pub(super) fn of(date: NaiveDate) -> MonthDay {
        MonthDay {
            month: date.month(),
            day: date.day(),
        }
    }
}

/// Reads folded text from left to right.
pub(super) struct Cursor {
    /// Folded characters with the index of the character each came from.
    text: Vec<(char, usize)>,
    at: usize,
}

impl Cursor {
    pub(super) fn new(text: &str) -> Cursor {
        let mut folded = Vec::new();
        for (index, c) in text.chars().enumerate() {
            match c {
                '‥' => folded.extend([('.', index), ('.', index)]),
                _ => folded.push((fold(c), index)),
            }
        }
        Cursor {
            text: folded,
            at: 0,
        }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at).map(|(c, _)| *c)
    }

    /// The index of the next character in the text as written.
    pub(super) fn index(&self) -> usize {
        match self.text.get(self.at) {
            Some((_, index)) => *index,
            None => self.text.last().map_or(0, |(_, index)| index + 1),
        }
    }

    pub(super) fn skip_spaces(&mut self) {
        while self.peek() == Some(' ') {
            self.at += 1;
        }
    }

    /// Takes a character if it comes next.
    pub(super) fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        self.at += usize::from(found);
        found
    }

    /// Takes a word if it comes next, letter by letter.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let mut end = self.at;
        for c in word.chars() {
            if self.text.get(end).map(|(c, _)| *c) != Some(c) {
                return false;
            }
            end += 1;
        }
        self.at = end;
        true
    }

    /// Takes all characters that fit.
    pub(super) fn take_while(&mut self, fits: impl Fn(char) -> bool) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let word: String = rest
            .iter()
            .map(|(c, _)| *c)
            .take_while(|c| fits(*c))
            .collect();
        self.at += word.chars().count();
        word
    }

    /// What is left, without spaces around it; takes nothing.
    pub(super) fn rest(&self) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let rest: String = rest.iter().map(|(c, _)| *c).collect();
        rest.trim().to_owned()
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.text.len()
    }

    /// A mark to come back to.
    pub(super) fn mark(&self) -> usize {
        self.at
    }

    pub(super) fn back_to(&mut self, mark: usize) {
        self.at = mark;
    }

    /// A run of ASCII digits and its value; too long a run has the largest.
    pub(super) fn number(&mut self) -> Option<(u32, usize)> {
        let digits = self.take_while(|c| c.is_ascii_digit());
        (!digits.is_empty()).then(|| (digits.parse().unwrap_or(u32::MAX), digits.len()))
    }

    /// A slip at the next character.
    pub(super) fn slip(&self, problem: Problem) -> Slip {
        Slip {
            at: self.index(),
            problem,
        }
    }
}

/// One character folded: widths to ASCII, letters to lower case, every dash to `-`, every tilde
/// to `~`, every mark between items to `,`.
fn fold(c: char) -> char {
    let narrow = match c {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(c) - 0xfee0).expect("full-width forms have ASCII twins")
        }
        c if c.is_whitespace() => ' ',
        _ => c,
    };
    match narrow {
        '〜' | '∼' => '~',
        '–' | '—' | '―' | 'ー' | '−' | '‐' | '‑' | 'ｰ' | '─' => '-',
        '、' | '・' | '､' | '･' => ',',
        _ => narrow.to_ascii_lowercase(),
    }
}

/// A single date, such as `2026-08-13`, `2026/8/13` or `令和8年8月13日`, and nothing else.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let mut cursor = Cursor::new(text.trim());
    match read_date(&mut cursor) {
        Ok(Date::Full(date)) if cursor.is_done() => Some(date),
        _ => None,
    }
}

/// A date as written: with or without its year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Date {
    Full(NaiveDate),
    Yearly(MonthDay),
}

/// True when a year of an era begins here: `令和8年…`, `R8/…`.
pub(super) fn begins_era(cursor: &mut Cursor) -> bool {
    let begin = cursor.mark();
    let found = read_era(cursor).is_some();
    cursor.back_to(begin);
    found
}

/// Reads `YYYY-MM-DD`, `YYYY/M/D`, `YYYY年M月D日` or the same with the year of an era (`令和8年`,
/// `R8`), and without a year `MM-DD`, `M/D` or `M月D日`.
pub(super) fn read_date(cursor: &mut Cursor) -> Result<Date, Slip> {
    let begin = cursor.mark();
    let start = cursor.index();
    let era = read_era(cursor);
    let first = match era {
        Some(year) => Some((year, 4)),
        None => cursor.number(),
    };
    let separator = match cursor.peek() {
        Some(c @ ('-' | '/' | '年')) => c,
        Some('月') if era.is_none() => '月',
        Some('.') if era.is_some() => '.',
        _ => return Err(no_date(cursor, begin)),
    };
    cursor.eat(separator);
    let (Some((first, length)), Some((second, _))) = (first, cursor.number()) else {
        return Err(no_date(cursor, begin));
    };
    if separator == '月' || (length < 3 && separator != '年') {
        return match separator != '月' || cursor.eat('日') {
            true => month_day(first, second, start).map(Date::Yearly),
            false => Err(no_date(cursor, begin)),
        };
    }
    let between = if separator == '年' { '月' } else { separator };
    let third = cursor.eat(between).then(|| cursor.number()).flatten();
    match third {
        Some((day, _)) if separator != '年' || cursor.eat('日') => {
            full_date(first, second, day, start).map(Date::Full)
        }
        _ => Err(no_date(cursor, begin)),
    }
}

/// The year before the first of each era, by its name and its letter.
const ERAS: [(&str, char, u32); 3] = [
    ("令和", 'r', 2018),
    ("平成", 'h', 1988),
    ("昭和", 's', 1925),
];

/// The Gregorian year of the year of an era, when one stands here; else nothing is taken.
fn read_era(cursor: &mut Cursor) -> Option<u32> {
    let begin = cursor.mark();
    for (name, letter, before) in ERAS {
        if cursor.eat_word(name) || cursor.eat(letter) {
            let year = match cursor.eat('元') {
                true => Some((1, 1)),
                false => cursor.number(),
            };
            // No era has lasted a hundred years.
            if let Some((year @ 1..=99, _)) = year {
                return Some(before + year);
            }
            cursor.back_to(begin);
        }
    }
    None
}

fn no_date(cursor: &mut Cursor, begin: usize) -> Slip {
    cursor.back_to(begin);
    let problem = Problem::error("this is not a date", "日付として読めません");
    cursor.slip(problem.help(
        "write 2026-08-13 or 08-13, or 2026/8/13 or 8/13; hours as 08:30-17:15",
        "日付は 2026-08-13・08-13 または 2026/8/13・8/13、時刻は 08:30-17:15 の形で書いてください",
    ))
}

fn full_date(year: u32, month: u32, day: u32, at: usize) -> Result<NaiveDate, Slip> {
    let within = i32::try_from(year)
        .ok()
        .filter(|y| (1900..=2200).contains(y));
    let Some(year) = within else {
        let problem = Problem::error(
            format!("the year {year} is outside 1900 to 2200"),
            format!("{year} 年は 1900〜2200 年の範囲外です"),
        );
        return Err(Slip { at, problem });
    };
    if let Some(date) = NaiveDate::from_ymd_opt(year, month, day) {
        return Ok(date);
    }
    let last = last_day(year, month);
    let problem = Problem::error(
        format!("the date {year}-{month:02}-{day:02} does not exist"),
        format!("{year} 年 {month} 月 {day} 日は存在しません"),
    );
    Err(Slip {
        at,
        problem: match last {
            Some(last) => problem.help(
                format!("the last day of that month is {year}-{month:02}-{last}"),
                format!("その月の最終日は {year}-{month:02}-{last} です"),
            ),
            None => problem.help("months are 01 to 12", "月は 01〜12 です"),
        },
    })
}

fn month_day(month: u32, day: u32, at: usize) -> Result<MonthDay, Slip> {
    // 2000 is a leap year, so that 02-29 is a day of some years.
    let last = last_day(2000, month);
    if last.is_some_and(|last| (1..=last).contains(&day)) {
        return Ok(MonthDay { month, day });
    }
    let problem = Problem::error(
        format!("no year has the day {month:02}-{day:02}"),
        format!("{month} 月 {day} 日はどの年にもありません"),
    );
    Err(Slip {
        at,
        problem: match last {
            Some(last) => problem.help(
                format!("the last day of that month is {month:02}-{last}"),
                format!("その月の最終日は {month:02}-{last} です"),
            ),
            None if (1..=12).contains(&day) && (1..=31).contains(&month) => problem.help(
                format!("the month comes first: {day:02}-{month:02}"),
                format!("月を先に書きます: {day:02}-{month:02}"),
            ),
            None => problem.help("months are 01 to 12", "月は 01〜12 です"),
        },
    })
}

fn last_day(year: i32, month: u32) -> Option<u32> {
    let first = NaiveDate::from_ymd_opt(year, month, 1)?;
    let next = first.checked_add_months(chrono::Months::new(1))?;
    next.pred_opt().map(|d| d.day())
}
