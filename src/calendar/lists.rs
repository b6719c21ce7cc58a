//! Which days a calendar takes as holidays: the law, lists in files, or both.
//!
//! Takes the bytes of a list (`date,name`, or the Cabinet Office's list as downloaded, UTF-8 or
//! CP932); gives the name of a day's holiday and whether the fee tables know it as one.
//! The Cabinet Office's list stands for the law in the years it has; days of a `date,name` file
//! are added to the law, and win where both name a day. Never opens a file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::grammar;
use super::holidays::{self, LAST_ANNOUNCED_YEAR};
use super::table;
use crate::diagnostic::{Complaints, Lang, Problem};
use crate::text;

/// The name of a holiday; a list has only the one it writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Law(holidays::Holiday),
    Listed(Arc<str>),
}

impl Name {
    pub(super) fn get(&self, lang: Lang) -> &str {
        match (self, lang) {
            (Name::Law(holiday), Lang::Ja) => holiday.ja,
            (Name::Law(holiday), Lang::En) => holiday.en,
            (Name::Listed(name), _) => name,
        }
    }
}

/// The holidays of a calendar.
#[derive(Clone, Debug, Default)]
pub(super) struct Holidays {
    /// True when the law of Japan is named.
    pub(super) law: bool,
    /// The Cabinet Office's list, which stands for the law in the years it has.
    official: BTreeMap<NaiveDate, Arc<str>>,
    official_years: BTreeSet<i32>,
    /// The house's own days.
    own: BTreeMap<NaiveDate, Arc<str>>,
}

impl Holidays {
    /// The law of Japan alone.
    pub(super) fn of_japan() -> Holidays {
        Holidays {
            law: true,
            ..Holidays::default()
        }
    }

    /// True when no list is named at all.
    pub(super) fn is_none(&self) -> bool {
        !self.law && self.official_years.is_empty() && self.own.is_empty()
    }

    /// The holiday a date is.
    pub(super) fn name(&self, date: NaiveDate) -> Option<Name> {
        if let Some(name) = self.own.get(&date) {
            return Some(Name::Listed(name.clone()));
        }
        if self.official_years.contains(&date.year()) {
            return self.official.get(&date).cloned().map(Name::Listed);
        }
        let computed = || holidays::holiday(date).map(Name::Law);
        self.law.then(computed).flatten()
    }

    /// Whether the fee tables call it a holiday (design: bands). A house that names neither the
    /// law nor the official list writes its own list of them; else its own days are its own.
    pub(super) fn is_public(&self, date: NaiveDate) -> bool {
        if self.official_years.contains(&date.year()) {
            return self.official.contains_key(&date);
        }
        match self.law {
            true => holidays::holiday(date).is_some(),
            false => self.own.contains_key(&date),
        }
    }

    /// Whether the holidays of a year are announced, or not taken from the law at all.
    pub(super) fn is_announced(&self, year: i32) -> bool {
        !self.law || year <= LAST_ANNOUNCED_YEAR || self.official_years.contains(&year)
    }

    /// Adds a list read from a file.
    pub(super) fn add_file(&mut self, file: &str, bytes: &[u8], complaints: &mut Complaints) {
        let Some(rows) = table::read(file, bytes, complaints) else {
            return;
        };
        let official = rows
            .first()
            .and_then(|row| row.cells.first())
            .is_some_and(|cell| text::fold_width(cell).contains("国民の祝日"));
        for (index, row) in rows.iter().enumerate() {
            let first = row.cells.first().map_or("", |c| c.trim());
            let Some(date) = grammar::date(first) else {
                // A heading is anything without a digit in the first row.
                if index > 0 || first.contains(|c: char| c.is_ascii_digit()) {
                    complaints.push(
                        Problem::error("not a date", "日付ではありません")
                            .at(row.place(0))
                            .found(first)
                            .help(
                                "write 2026-08-13 or 2026/8/13",
                                "2026-08-13 または 2026/8/13 と書いてください",
                            ),
                    );
                }
                continue;
            };
            let name = Arc::from(row.cells.get(1).map_or("", |c| c.trim()));
            if official {
                self.official_years.insert(date.year());
                self.official.insert(date, name);
            } else {
                self.own.insert(date, name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(law: bool, bytes: &[u8]) -> (Holidays, Complaints) {
        let mut complaints = Complaints::new();
        let mut holidays = Holidays {
            law,
            ..Holidays::default()
        };
        holidays.add_file("list.csv", bytes, &mut complaints);
        (holidays, complaints)
    }

    fn ymd(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).expect("a date")
    }

    #[test]
    fn the_official_list_in_cp932_stands_for_the_law_in_its_years() {
        let written =
            "国民の祝日・休日月日,国民の祝日・休日名称\r\n2028/1/1,元日\r\n2028/7/3,新しい祝日\r\n";
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(written);
        let (holidays, complaints) = list(true, &bytes);
        assert!(complaints.is_empty());
        let name = |d| holidays.name(d).map(|n| n.get(Lang::Ja).to_owned());
        assert_eq!(name(ymd(2028, 7, 3)).as_deref(), Some("新しい祝日"));
        assert_eq!(name(ymd(2028, 11, 3)), None);
        assert_eq!(name(ymd(2029, 11, 3)).as_deref(), Some("文化の日"));
        assert!(holidays.is_announced(2028) && !holidays.is_announced(2029));
        assert!(holidays.is_public(ymd(2028, 7, 3)));
    }

    #[test]
    fn own_days_are_added_and_are_no_public_holidays() {
        let (holidays, complaints) = list(true, "date,name\n2026-06-01,創立記念日\n".as_bytes());
        assert!(complaints.is_empty());
        assert_eq!(
            holidays.name(ymd(2026, 6, 1)),
            Some(Name::Listed(Arc::from("創立記念日")))
        );
        assert!(holidays.name(ymd(2026, 11, 3)).is_some());
        assert!(!holidays.is_public(ymd(2026, 6, 1)));
        assert!(list(false, b"2026-06-01,x\n").0.is_public(ymd(2026, 6, 1)));
    }

    #[test]
    fn a_wrong_date_is_named_with_its_cell() {
        let (_, complaints) = list(true, b"date,name\n2026-02-30,x\n");
        let problem = complaints.sorted()[0].render(Lang::En);
        assert!(
            problem.starts_with("list.csv:2:1: error: not a date"),
            "{problem}"
        );
    }
}
