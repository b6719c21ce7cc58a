//! Which column fills which field.
//!
//! Takes the heading of a table and the config; gives the columns of the time and a step for every
//! other column. The config goes before the built-in headings; a column nobody knows is kept under
//! its own heading.

use std::collections::BTreeMap;

use super::config::{Config, Named, Target};
use super::heading::{self, Meaning};
use super::layout::{Interval, Step, TimeColumns, What};
use super::shown::Shown;
use crate::diagnostic::{Complaints, Problem, nearest};
use crate::event::{Field, FieldSet, Instant, Reason};
use crate::format::words::{self, TimeStyle};

/// Columns given to fields, step by step.
pub(super) struct Builder<'t> {
    headings: &'t [String],
    config: &'t Config,
    /// What the headings say, by column.
    meanings: Vec<Option<(Meaning, usize)>>,
    /// Field and column; a column may fill several fields.
    fields: Vec<(Field, usize)>,
    /// Fields that are not to be filled by headings.
    closed: FieldSet,
    time: Option<Vec<usize>>,
}

impl<'t> Builder<'t> {
    pub(super) fn new(table: &'t Shown<'_>, config: &'t Config) -> Self {
        Builder {
            headings: &table.headings,
            config,
            meanings: table.headings.iter().map(|h| heading::meaning(h)).collect(),
            fields: Vec::new(),
            closed: FieldSet::EMPTY,
            time: None,
        }
    }

    pub(super) fn map_by_config(&mut self, complaints: &mut Complaints) {
        for mapping in &self.config.columns {
            let found: Vec<Option<usize>> =
                mapping.columns.iter().map(|n| self.column(n)).collect();
            match mapping.target {
                Target::Time => {
                    for (named, _) in mapping
                        .columns
                        .iter()
                        .zip(&found)
                        .filter(|(_, f)| f.is_none())
                    {
                        complaints.push(self.no_column(named, true));
                    }
                    let all: Vec<usize> = found.into_iter().flatten().collect();
                    self.time = Some(all).filter(|all| !all.is_empty());
                }
                Target::Field(field) => {
                    self.closed.insert(field);
                    // Several headings are alternatives: tables of one source may differ.
                    match found.iter().flatten().next() {
                        Some(&column) => self.fields.push((field, column)),
                        None => {
                            if let Some(named) = mapping.columns.first() {
                                complaints.push(self.no_column(named, false));
                            }
                        }
                    }
                }
            }
        }
    }

    fn column(&self, named: &Named) -> Option<usize> {
        match named.number {
            Some(number) if self.headings.is_empty() || number < self.headings.len() => {
                Some(number)
            }
            Some(_) => None,
            None => self.headings.iter().position(|h| *h == named.heading),
        }
    }

    fn no_column(&self, named: &Named, is_time: bool) -> Problem {
        let (en, ja) = match named.number {
            Some(n) => (format!("column {}", n + 1), format!("{} 列目", n + 1)),
            None => (
                format!("the heading \"{}\"", named.heading),
                format!("見出し「{}」", named.heading),
            ),
        };
        let make = if is_time {
            Problem::error
        } else {
            Problem::warning
        };
        let problem = make(
            format!(
                "{en} is not in this table; its headings are: {}",
                self.headings.join(", ")
            ),
            format!(
                "{ja} がこの表にありません。見出し: {}",
                self.headings.join("、")
            ),
        )
        .at(named.place.clone());
        match nearest(&named.heading, self.headings.iter().map(String::as_str)) {
            Some(near) => problem.help(
                format!("did you mean \"{near}\"?"),
                format!("「{near}」のことですか"),
            ),
            None => problem,
        }
    }

    /// Gives the columns that the config left to the fields their headings name.
    pub(super) fn map_by_headings(&mut self) {
        let mapped: Vec<usize> = self.fields.iter().map(|(_, column)| *column).collect();
        let mut wishes: Vec<(usize, usize, Meaning)> = self
            .meanings
            .iter()
            .enumerate()
            .filter(|(column, _)| !mapped.contains(column))
            .filter_map(|(column, meaning)| meaning.map(|(m, rank)| (rank, column, m)))
            .collect();
        wishes.sort_by_key(|(rank, column, _)| (*rank, *column));
        for &(_, column, meaning) in &wishes {
            if let Meaning::Is(field) = meaning {
                self.give(field, column);
            }
        }
        // A name column is a login name, unless an id stands beside it.
        let names = wishes.iter().filter(|(.., m)| *m == Meaning::LoginOrName);
        for &(_, column, _) in names {
            let has_id = self.has(Field::UserId) && !self.has(Field::UserFullName);
            self.give(
                if has_id {
                    Field::UserFullName
                } else {
                    Field::UserName
                },
                column,
            );
        }
        let nameless = !self.has(Field::UserId) && !self.has(Field::UserName);
        if let (true, Some(column)) = (nameless, self.column_of(Field::UserFullName)) {
            self.give(Field::UserName, column);
        }
        // Where nothing says what was done, the function's name often does.
        if let (false, Some(column)) = (
            self.has(Field::EventAction),
            self.column_of(Field::EhrFunction),
        ) {
            self.give(Field::EventAction, column);
        }
    }

    fn give(&mut self, field: Field, column: usize) {
        if !self.closed.contains(field) {
            self.closed.insert(field);
            self.fields.push((field, column));
        }
    }

    fn has(&self, field: Field) -> bool {
        self.column_of(field).is_some()
    }

    fn column_of(&self, field: Field) -> Option<usize> {
        let found = self.fields.iter().find(|(f, _)| *f == field);
        found.map(|(_, column)| *column)
    }

    /// The best column with this meaning.
    fn meaning(&self, wanted: Meaning) -> Option<usize> {
        let fits = self.meanings.iter().enumerate().filter_map(|(column, m)| {
            let (_, rank) = m.filter(|(m, _)| *m == wanted)?;
            Some((rank, column))
        });
        fits.min().map(|(_, column)| column)
    }

    pub(super) fn time_columns(&self, table: &Shown<'_>, style: &TimeStyle) -> Option<TimeColumns> {
        match self.time.as_deref() {
            Some(&[a, b]) => return Some(ordered(a, b, table, style)),
            Some(&[one, ..]) => return Some(TimeColumns::One(one)),
            _ => {}
        }
        if let Some(when) = self.meaning(Meaning::When) {
            return Some(TimeColumns::One(when));
        }
        match (self.meaning(Meaning::Date), self.meaning(Meaning::Clock)) {
            (Some(date), Some(clock)) => Some(TimeColumns::Two { date, clock }),
            (Some(date), None) => {
                let begin = self.beginning();
                let begin = begin.filter(|begin| is_clock_of(*begin, date, table, style));
                Some(match begin {
                    Some(clock) => TimeColumns::Two { date, clock },
                    None => TimeColumns::One(date),
                })
            }
            (None, Some(one)) => Some(TimeColumns::One(one)),
            (None, None) => self.beginning().map(TimeColumns::One),
        }
    }

    fn beginning(&self) -> Option<usize> {
        let begin = [Meaning::LoginAt, Meaning::Start].into_iter();
        begin.filter_map(|m| self.meaning(m)).next()
    }

    /// The end of interval rows: only where the time is the beginning of one.
    pub(super) fn interval(&self, time: TimeColumns) -> Option<Interval> {
        let (begin, date) = match time {
            TimeColumns::One(one) => (one, None),
            TimeColumns::Two { date, clock } => (clock, Some(date)),
        };
        if self.time.is_some() || self.beginning() != Some(begin) {
            return None;
        }
        let pair = |start, end| self.meaning(start).and(self.meaning(end));
        let session = pair(Meaning::LoginAt, Meaning::LogoutAt);
        let plain = || pair(Meaning::Start, Meaning::End);
        Some(Interval {
            end: session.or_else(plain)?,
            date,
            session: session.is_some(),
        })
    }

    pub(super) fn steps(
        &self,
        time: TimeColumns,
        interval: Option<Interval>,
        config: &Config,
    ) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for &(field, column) in &self.fields {
            let what = self.what(field, column, config);
            steps.push(Step { column, what });
        }
        let used = |column: usize| {
            let timed = match time {
                TimeColumns::One(one) => column == one,
                TimeColumns::Two { date, clock } => column == date || column == clock,
            };
            timed || interval.is_some_and(|i| i.end == column)
        };
        for column in 0..self.headings.len() {
            if !used(column) && !self.fields.iter().any(|(_, c)| *c == column) {
                let what = What::Extra(self.name(column));
                steps.push(Step { column, what });
            }
        }
        steps.sort_by_key(|step| step.column);
        steps
    }

    fn what(&self, field: Field, column: usize, config: &Config) -> What {
        let words: BTreeMap<String, String> = config
            .values
            .iter()
            .filter(|(f, ..)| *f == field)
            .map(|(_, theirs, ours)| (theirs.clone(), ours.clone()))
            .collect();
        if !words.is_empty() {
            return What::Words(field, words);
        }
        match field {
            Field::EventAction => What::Action,
            Field::EventOutcome => What::Outcome(self.name(column)),
            Field::UserId | Field::UserName => What::Account(field),
            Field::SourceIp | Field::ClientIp | Field::HostIp | Field::DestinationIp => {
                What::Ip(field)
            }
            Field::SourceMac | Field::ClientMac | Field::DestinationMac | Field::WifiBssid => {
                What::Mac(field)
            }
            field if is_written(field) => What::Text(field),
            field => What::Id(field),
        }
    }

    /// The heading of a column, or its number where it has none.
    fn name(&self, column: usize) -> Box<str> {
        match self.headings.get(column).filter(|h| !h.is_empty()) {
            Some(heading) => heading.as_str().into(),
            None => format!("column{}", column + 1).into(),
        }
    }
}

/// True when the rows at hand have a date alone in one column and its clock in another.
fn is_clock_of(clock: usize, date: usize, table: &Shown<'_>, style: &TimeStyle) -> bool {
    let (mut alone, mut joined) = (0, 0);
    table.cells_of_rows(20, |cells| {
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        let told = |time: Result<Instant, Reason>| usize::from(time.is_ok_and(|t| t.trusted));
        alone += told(words::read_time(cell(date), style));
        joined += told(words::read_joined(cell(date), cell(clock), style));
    });
    alone == 0 && joined > 0
}

/// Which of two configured columns is the date: the order that reads the rows at hand.
fn ordered(a: usize, b: usize, table: &Shown<'_>, style: &TimeStyle) -> TimeColumns {
    let (mut straight, mut turned) = (0, 0);
    table.cells_of_rows(20, |cells| {
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        straight +=
            usize::from(words::read_joined(cell(a), cell(b), style).is_ok_and(|t| t.trusted));
        turned += usize::from(words::read_joined(cell(b), cell(a), style).is_ok_and(|t| t.trusted));
    });
    if turned > straight {
        TimeColumns::Two { date: b, clock: a }
    } else {
        TimeColumns::Two { date: a, clock: b }
    }
}

/// Names and remarks, which are kept as people wrote them.
fn is_written(field: Field) -> bool {
    matches!(
        field,
        Field::UserFullName
            | Field::UserRole
            | Field::UserDepartment
            | Field::PatientName
            | Field::EventReason
            | Field::Message
            | Field::EhrFunction
            | Field::HostDepartment
            | Field::RecordKind
            | Field::FileName
            | Field::FilePath
            | Field::UserTargetName
            | Field::PurposeOfUse
            | Field::ProcessCommandLine
            | Field::UrlOriginal
            | Field::UserAgent
    )
}
