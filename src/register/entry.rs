//! The checked values of a row.
//!
//! Takes a row under headings; gives the value of a cell by the name of its column (text, day,
//! time, whatever the caller can parse), with complaints that name the cell. Never knows what a
//! register is for.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Complaints, Place, Problem};
use crate::event::Zone;
use crate::text::{fold_key, fold_width};

use super::columns::{Layout, listed, place, written};
use super::dates::{self, Written};
use super::index::ALWAYS;
use super::table::{self, Cell, Kind, Row};

/// A row under headings.
pub(super) struct Entry<'e> {
    /// The name of the file.
    pub(super) file: &'e Arc<str>,
    /// Its cells.
    pub(super) row: &'e Row<'e>,
    /// The columns it may have.
    pub(super) layout: &'e Layout,
    /// For each of these columns the cell that holds it.
    pub(super) slots: &'e [Option<usize>],
    /// The zone of the site.
    pub(super) zone: Zone,
}

impl Entry<'_> {
    fn cell(&self, name: &str) -> Option<&Cell<'_>> {
        let column = self.layout.columns.iter().position(|c| c.name == name)?;
        let cell = self.row.cell(self.slots[column]?)?;
        let absent = ["", "-", "n/a", "null", "\\n", "―", "ー"];
        (!absent.contains(&&*fold_key(cell.value()))).then_some(cell)
    }

    /// Where the row stands: its first cell that identifies it.
    pub(super) fn place(&self) -> Place {
        let names = self.layout.needs.names();
        match names.iter().find_map(|n| self.cell(n)) {
            Some(cell) => place(self.file, cell),
            None => Place {
                line: self.row.line,
                ..table::whole(self.file)
            },
        }
    }

    /// The text as written, empty when there is none.
    pub(super) fn text(&self, name: &str) -> String {
        self.cell(name).map_or("", Cell::value).to_owned()
    }

    /// The text, case and width folded.
    pub(super) fn folded(&self, name: &str) -> String {
        let cell = self.cell(name);
        cell.map_or_else(String::new, |c| fold_key(c.value()).into_owned())
    }

    /// A patient number, width folded. A spreadsheet that keeps it as a number has lost the
    /// zeros before it, which is worth a warning.
    pub(super) fn patient(&self, name: &str, complaints: &mut Complaints) -> String {
        let Some(cell) = self.cell(name) else {
            return String::new();
        };
        if matches!(cell.kind, Kind::Number(_)) {
            let problem = Problem::warning(
                "the patient number is kept as a number, so zeros before it are lost",
                "患者番号が数値として入っており、先頭の 0 が失われています",
            )
            .help(
                "format the column as text and write the zeros again",
                "列の書式を「文字列」にして、先頭の 0 を入れ直してください",
            );
            complaints.push(problem.at(place(self.file, cell)).found(cell.value()));
        }
        fold_width(cell.value()).into_owned()
    }

    /// A value that `parse` understands, or the problem at the cell.
    pub(super) fn parsed<T>(
        &self,
        name: &str,
        complaints: &mut Complaints,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        let cell = self.cell(name)?;
        match parse(cell.value()) {
            Ok(value) => Some(value),
            Err(problem) => {
                complaints.push(problem.at(place(self.file, cell)).found(cell.value()));
                None
            }
        }
    }

    /// The date in a cell, and the time if there is one.
    pub(super) fn written(&self, name: &str, complaints: &mut Complaints) -> Option<Written> {
        let cell = self.cell(name)?;
        let found = dates::read(cell.value()).or(match cell.kind {
            Kind::Date(civil) | Kind::Number(civil) if (1900..2200).contains(&civil.year) => {
                Some(Written {
                    civil,
                    timed: (civil.hour, civil.minute, civil.second) != (0, 0, 0),
                })
            }
            _ => None,
        });
        if found.is_none() {
            complaints.push(
                Problem::error("this is no date", "日付として読めません")
                    .at(place(self.file, cell))
                    .found(cell.value())
                    .help(
                        "write year, month and day: 2026-11-01, 2026/11/1 or 令和8年11月1日",
                        "2026-11-01、2026/11/1、令和8年11月1日 のように年月日を書いてください",
                    ),
            );
        }
        found
    }

    /// Nanoseconds since 1970 of the beginning and the end of the day in a cell.
    pub(super) fn day(&self, name: &str, complaints: &mut Complaints) -> Option<Range<i64>> {
        let civil = self.written(name, complaints)?.civil;
        let midnight = crate::event::Civil {
            hour: 0,
            minute: 0,
            second: 0,
            ..civil
        };
        let begin = dates::begin(self.zone, &midnight)?;
        Some(begin..dates::end_of_day(self.zone, &civil)?)
    }

    /// The days from one cell to another, both inside; `None` without either.
    pub(super) fn days(
        &self,
        from: &str,
        until: &str,
        complaints: &mut Complaints,
    ) -> Option<Range<i64>> {
        let first = self.day(from, complaints);
        let last = self.day(until, complaints);
        if first.is_none() && last.is_none() {
            return None;
        }
        let begin = first.map_or(ALWAYS.start, |day| day.start);
        let end = last.map_or(ALWAYS.end, |day| day.end);
        if begin < end {
            return Some(begin..end);
        }
        self.complain_order(from, until, complaints);
        None
    }

    /// Says that the end stands before the beginning.
    pub(super) fn complain_order(&self, from: &str, until: &str, complaints: &mut Complaints) {
        let begin = self.cell(from).map_or("", Cell::value);
        let problem = Problem::error(
            format!("this end does not come after the beginning, {begin}"),
            format!("終わりが始まり（{begin}）より後ではありません"),
        )
        .help(
            "exchange the two, or correct one of them",
            "始まりと終わりを入れ替えるか、どちらかを直してください",
        );
        if let Some(cell) = self.cell(until) {
            complaints.push(problem.at(place(self.file, cell)).found(cell.value()));
        }
    }

    /// Complains that the row identifies nothing.
    pub(super) fn complain_nameless(&self, complaints: &mut Complaints) {
        let (en, ja) = listed(self.layout, self.layout.needs.names());
        complaints.push(
            Problem::error(
                format!("the row identifies nothing: {en} is needed"),
                format!("何の行か分かりません（{ja} が必要です）"),
            )
            .at(self.place())
            .found(written(self.row))
            .help(
                "fill it in, or delete the row",
                "記入するか、行を削除してください",
            ),
        );
    }
}
