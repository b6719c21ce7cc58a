//! What the columns of one table mean.
//!
//! Takes the beginning of a table and the config; gives which column fills which field, how times
//! are put together, and the words ready for reading. The config goes before the built-in
//! headings; a column nobody knows is kept under its own heading.

use std::collections::BTreeMap;

use super::config::{Config, Named, Target};
use super::heading::{self, Meaning};
use super::split;
use crate::diagnostic::{Complaints, Problem, Text, nearest};
use crate::event::{Action, Field, FieldSet, Outcome};
use crate::format::Settings;
use crate::format::words::{self, Lexicon, TimeStyle};

/// Where the time of a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeColumns {
    /// In one cell.
    One(usize),
    /// In a date cell and a clock cell.
    Two {
        /// Date.
        date: usize,
        /// Clock.
        clock: usize,
    },
}

/// What is done with one cell.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// Kept as written.
    Text(Field),
    /// Width folded.
    Id(Field),
    /// Width folded, a domain split off.
    Account(Field),
    /// An address.
    Ip(Field),
    /// A hardware address.
    Mac(Field),
    /// The word for what happened.
    Action,
    /// The word for how it ended, and the heading an unknown one is kept under.
    Outcome(Box<str>),
    /// The house's words for this field, folded, to ours.
    Words(Field, BTreeMap<String, String>),
    /// Kept under its heading.
    Extra(Box<str>),
}

/// One cell of every row.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) column: usize,
    pub(super) what: What,
}

/// The second time of an interval row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interval {
    pub(super) end: usize,
    /// True when the headings say that the interval is a session.
    pub(super) session: bool,
}

/// A table, learned.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) delimiter: u8,
    pub(super) style: TimeStyle,
    pub(super) time: TimeColumns,
    pub(super) interval: Option<Interval>,
    /// By column.
    pub(super) steps: Vec<Step>,
    /// First column that names a user.
    pub(super) who: Option<usize>,
    /// Folded; empty without a heading.
    pub(super) headings: Vec<String>,
    /// Lines before the heading, as they stand.
    pub(super) preamble: Vec<String>,
    pub(super) actions: Lexicon<Action>,
    pub(super) outcomes: Lexicon<Outcome>,
    pub(super) notes: Vec<Text>,
}

impl Layout {
    /// Learns a table from its beginning.
    pub(super) fn learn(
        head: &str,
        config: &Config,
        settings: &Settings<'_>,
        complaints: &mut Complaints,
    ) -> Option<Layout> {
        let table = Shown::read(head, config);
        let mut builder = Builder::new(&table, config);
        builder.map_by_config(complaints);
        builder.map_by_headings();
        let style = TimeStyle {
            order: config.order,
            two_digit_year: config.two_digit_year,
            hours_over_24: config.hours_over_24,
            ..TimeStyle::new(settings.zone)
        };
        let Some(time) = builder.time_columns(&table, &style) else {
            complaints.push(no_time(config, &table));
            return None;
        };
        let interval = builder.interval();
        let steps = builder.steps(time, interval, config);
        let who = (steps.iter())
            .filter(|s| field_of(&s.what).is_some_and(is_user))
            .map(|s| s.column)
            .min();
        let (actions, outcomes) = lexicons(config, &steps, &table);
        let notes = notes(&table, &style, time, &steps);
        Some(Layout {
            delimiter: table.delimiter,
            style,
            time,
            interval,
            steps,
            who,
            headings: table.headings,
            preamble: table.preamble,
            actions,
            outcomes,
            notes,
        })
    }

    /// The fields rows of this table can give.
    pub(super) fn fields(&self) -> FieldSet {
        let mut set = FieldSet::of(&[Field::EventDataset, Field::ServiceName]);
        for step in &self.steps {
            match &step.what {
                What::Action => {
                    for field in [
                        Field::EventAction,
                        Field::EventCategory,
                        Field::EventCode,
                        Field::EventOutcome,
                        Field::BreakGlass,
                    ] {
                        set.insert(field);
                    }
                }
                What::Account(field) => {
                    set.insert(*field);
                    set.insert(Field::UserName);
                    set.insert(Field::UserDomain);
                }
                What::Ip(field) => {
                    set.insert(*field);
                    set.insert(Field::SourcePort);
                }
                what => field_of(what).into_iter().for_each(|f| set.insert(f)),
            }
        }
        if let Some(interval) = self.interval {
            set.insert(Field::EventStart);
            set.insert(Field::EventEnd);
            if interval.session {
                set.insert(Field::EventAction);
                set.insert(Field::EventCategory);
            }
        }
        set
    }
}

/// The beginning of a table: its heading, what stands before it, and a few rows.
struct Shown<'h> {
    delimiter: u8,
    headings: Vec<String>,
    preamble: Vec<String>,
    rows: Vec<&'h str>,
}

impl<'h> Shown<'h> {
    fn read(head: &'h str, config: &Config) -> Shown<'h> {
        let records = split::head_records(head, usize::MAX);
        let skipped = config.skip_lines.min(records.len());
        let delimiters: Vec<u8> = config
            .delimiter
            .map_or(split::DELIMITERS.to_vec(), |one| vec![one]);
        let looked_at = records.len().min(skipped + heading::LOOKED_AT);
        let candidates = records.get(skipped..looked_at).unwrap_or_default();
        let found = (config.heading != Some(false))
            .then(|| heading::find(candidates, &delimiters, &wanted(config)))
            .flatten()
            .or_else(|| assumed_heading(candidates, &delimiters, config));
        let begin = skipped + found.as_ref().map_or(0, |f| f.row + 1);
        let before = begin.saturating_sub(usize::from(found.is_some()));
        Shown {
            preamble: records
                .iter()
                .take(before)
                .map(|r| (*r).to_owned())
                .collect(),
            rows: records.get(begin..).unwrap_or_default().to_vec(),
            delimiter: (found.as_ref())
                .map_or_else(|| usual(candidates, &delimiters), |f| f.delimiter),
            headings: found.map(|f| f.cells).unwrap_or_default(),
        }
    }

    fn cells_of_rows(&self, most: usize, mut each: impl FnMut(&[&str])) {
        for row in self.rows.iter().take(most) {
            let arena = bumpalo::Bump::new();
            let mut room = [""; split::USUAL];
            if let Ok(cells) = split::cells(row, self.delimiter, &arena, &mut room) {
                each(cells);
            }
        }
    }
}

/// The headings by which the config names the time: a row that has them is the heading.
fn wanted(config: &Config) -> Vec<&str> {
    let time = config.columns.iter().find(|m| m.target == Target::Time);
    let named = time.into_iter().flat_map(|m| &m.columns);
    named
        .filter(|n| n.number.is_none())
        .map(|n| n.heading.as_str())
        .collect()
}

/// With `heading: true` the first line is the heading, whatever it says.
fn assumed_heading(rows: &[&str], delimiters: &[u8], config: &Config) -> Option<heading::Found> {
    if config.heading != Some(true) {
        return None;
    }
    let row = rows.iter().position(|r| !r.trim().is_empty())?;
    let delimiter = usual(rows.get(row..=row)?, delimiters);
    let cells = heading::fold_row(rows[row], delimiter)?;
    Some(heading::Found {
        row,
        delimiter,
        cells,
    })
}

/// The delimiter that stands most often in the first rows; the first of equals.
fn usual(rows: &[&str], delimiters: &[u8]) -> u8 {
    let count = |delimiter: u8| -> usize {
        let rows = rows.iter().filter(|r| !r.starts_with('#')).take(10);
        rows.map(|r| r.bytes().filter(|b| *b == delimiter).count())
            .sum()
    };
    let most = delimiters.iter().map(|&d| count(d)).max().unwrap_or(0);
    let first = delimiters.iter().copied().find(|&d| count(d) == most);
    first.unwrap_or(b',')
}

/// Columns given to fields, step by step.
struct Builder<'t> {
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
    fn new(table: &'t Shown<'_>, config: &'t Config) -> Self {
        Builder {
            headings: &table.headings,
            config,
            meanings: table.headings.iter().map(|h| heading::meaning(h)).collect(),
            fields: Vec::new(),
            closed: FieldSet::EMPTY,
            time: None,
        }
    }

    fn map_by_config(&mut self, complaints: &mut Complaints) {
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
    fn map_by_headings(&mut self) {
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
        if !self.has(Field::UserId) && !self.has(Field::UserName) {
            if let Some(column) = self.column_of(Field::UserFullName) {
                self.give(Field::UserName, column);
            }
        }
        // Where nothing says what was done, the function's name often does.
        if !self.has(Field::EventAction) {
            if let Some(column) = self.column_of(Field::EhrFunction) {
                self.give(Field::EventAction, column);
            }
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

    fn time_columns(&self, table: &Shown<'_>, style: &TimeStyle) -> Option<TimeColumns> {
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
            (Some(one), None) | (None, Some(one)) => Some(TimeColumns::One(one)),
            (None, None) => [Meaning::LoginAt, Meaning::Start]
                .into_iter()
                .find_map(|m| self.meaning(m))
                .map(TimeColumns::One),
        }
    }

    /// The end of interval rows: only where the time is the beginning of one.
    fn interval(&self) -> Option<Interval> {
        let other_time = [Meaning::When, Meaning::Date, Meaning::Clock]
            .into_iter()
            .any(|m| self.meaning(m).is_some());
        if other_time || self.time.is_some() {
            return None;
        }
        let pair = |start, end| self.meaning(start).and(self.meaning(end));
        let session = pair(Meaning::LoginAt, Meaning::LogoutAt);
        let plain = || pair(Meaning::Start, Meaning::End);
        Some(Interval {
            end: session.or_else(plain)?,
            session: session.is_some(),
        })
    }

    fn steps(&self, time: TimeColumns, interval: Option<Interval>, config: &Config) -> Vec<Step> {
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

fn is_user(field: Field) -> bool {
    matches!(field, Field::UserId | Field::UserName | Field::UserFullName)
}

/// The field a step fills.
pub(super) fn field_of(what: &What) -> Option<Field> {
    match what {
        What::Text(f) | What::Id(f) | What::Account(f) | What::Ip(f) | What::Mac(f) => Some(*f),
        What::Words(f, _) => Some(*f),
        What::Action => Some(Field::EventAction),
        What::Outcome(_) => Some(Field::EventOutcome),
        What::Extra(_) => None,
    }
}

/// The dictionaries with the house's words in front, ready for the words that occur at the
/// beginning of this table.
fn lexicons(
    config: &Config,
    steps: &[Step],
    table: &Shown<'_>,
) -> (Lexicon<Action>, Lexicon<Outcome>) {
    let mut actions = Lexicon::new(words::action_table());
    let mut outcomes = Lexicon::new(words::outcome_table());
    (config.actions.iter()).for_each(|(word, action)| actions.add(word, *action));
    (config.outcomes.iter()).for_each(|(word, outcome)| outcomes.add(word, *outcome));
    table.cells_of_rows(400, |cells| {
        for step in steps {
            let word = cells.get(step.column).and_then(|cell| words::clean(cell));
            match (&step.what, word) {
                (What::Action, Some(word)) => actions.expect(word),
                (What::Outcome(_), Some(word)) => outcomes.expect(word),
                _ => {}
            }
        }
    });
    (actions, outcomes)
}

fn notes(table: &Shown<'_>, style: &TimeStyle, time: TimeColumns, steps: &[Step]) -> Vec<Text> {
    let name = |column: usize| match table.headings.get(column) {
        Some(heading) => heading.clone(),
        None => format!("#{}", column + 1),
    };
    let time = match time {
        TimeColumns::One(one) => name(one),
        TimeColumns::Two { date, clock } => format!("{}+{}", name(date), name(clock)),
    };
    let mut shown = vec![format!("{time} → @timestamp")];
    let mapped = steps.iter().filter_map(|s| Some((s, field_of(&s.what)?)));
    shown.extend(mapped.map(|(step, field)| format!("{} → {}", name(step.column), field.name())));
    let kept = steps.iter().filter(|s| matches!(s.what, What::Extra(_)));
    let kept: Vec<String> = kept.map(|s| name(s.column)).collect();
    let mut notes = vec![Text::new(
        format!("columns: {}", shown.join(", ")),
        format!("列の対応: {}", shown.join("、")),
    )];
    if !kept.is_empty() {
        notes.push(Text::new(
            format!("kept under their own headings: {}", kept.join(", ")),
            format!("見出しのまま保持した列: {}", kept.join("、")),
        ));
    }
    if style.two_digit_year != words::TwoDigitYear::Refused || style.order != words::DateOrder::Ymd
    {
        notes.push(Text::new(
            "the order of dates is read as the config says",
            "日付の並びは設定に従って読みました",
        ));
    }
    notes
}

fn no_time(config: &Config, table: &Shown<'_>) -> Problem {
    let problem = if table.headings.is_empty() {
        Problem::error(
            "no heading with a time column was found in the first lines",
            "先頭の行に、日時の列がある見出しが見つかりません",
        )
    } else {
        Problem::error(
            format!(
                "no time column among the headings: {}",
                table.headings.join(", ")
            ),
            format!(
                "見出しに日時の列がありません: {}",
                table.headings.join("、")
            ),
        )
    };
    let problem = problem.help(
        "name it in the config: csv: { columns: { \"@timestamp\": 日時 } }, or by number: 1",
        "設定で指定してください。例: csv: { columns: { \"@timestamp\": 日時 } }、見出しがなければ列番号 1",
    );
    match &config.place {
        Some(place) => problem.at(place.clone()),
        None => problem,
    }
}
