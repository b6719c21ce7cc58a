//! One row of a table to its events.
//!
//! Takes a decoded record; gives one event, two for an interval, or the reason why none. Values
//! are slices of the record; only what folding changes is made anew, in the arena.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::layout::{Layout, Step, TimeColumns, What};
use super::split::{self, Cells};
use crate::diagnostic::Text;
use crate::event::{
    Action, Event, Field, FieldSet, Instant, LogSourceId, LogSources, Outcome, Reason, Reject,
};
use crate::format::{Emit, Parsed, Parser, words};

/// What every row of a table satisfies.
const EHR: LogSources = LogSources::of(&[LogSourceId::Ehr]);
/// What rows about sessions and accounts satisfy as well.
const AUTHENTICATION: LogSources = LogSources::of(&[LogSourceId::Authentication]);

/// A table whose layout is known.
pub(super) struct Table {
    layout: Layout,
    /// Cells a row must have.
    needed: usize,
    /// Columns of the heading; cells beyond them are kept by number.
    width: usize,
    source_name: String,
}

/// Why a row is refused, and the cell that is to blame.
struct Fault {
    reason: Reason,
    cell: Option<usize>,
}

impl Table {
    pub(super) fn new(layout: Layout, head: &str) -> Table {
        let time = match layout.time {
            TimeColumns::One(one) => one,
            TimeColumns::Two { date, clock } => date.max(clock),
        };
        let last = layout.steps.iter().map(|s| s.column).max().unwrap_or(0);
        let width = match layout.headings.len() {
            0 => last.max(time) + 1,
            columns => columns,
        };
        Table {
            needed: time.max(layout.who.unwrap_or(0)) + 1,
            width,
            source_name: source_name(&layout, head),
            layout,
        }
    }

    fn time(&self, cells: &Cells<'_>) -> Result<Instant, Fault> {
        let style = &self.layout.style;
        let cell = |at: usize| cells.get(at).unwrap_or_default();
        let (read, at) = match self.layout.time {
            TimeColumns::One(one) => (words::read_time(cell(one), style), one),
            TimeColumns::Two { date, clock } => {
                (words::read_joined(cell(date), cell(clock), style), date)
            }
        };
        read.map_err(|reason| Fault {
            reason,
            cell: Some(at),
        })
    }

    /// Fills the event from the cells.
    fn fill<'r>(&self, cells: &Cells<'r>, event: &mut Event<'r>) -> Result<(), Fault> {
        if cells.len() < self.needed {
            return Err(Fault {
                reason: Reason::TooFewColumns,
                cell: Some(cells.len()),
            });
        }
        event.set_time(self.time(cells)?);
        let mut action_word = None;
        for step in &self.layout.steps {
            let Some(value) = cells.get(step.column).and_then(words::clean) else {
                continue;
            };
            if matches!(step.what, What::Action) {
                action_word = Some(value);
            } else {
                self.put(step, value, event);
            }
        }
        for (beyond, cell) in cells.from(self.width).enumerate() {
            if let Some(value) = words::clean(cell) {
                let column = self.width + beyond + 1;
                let name = bumpalo::format!(in event.arena(), "column{}", column);
                event.add_extra(name.into_bump_str(), value);
            }
        }
        if let Some(word) = action_word {
            self.act(word, event);
        }
        complete(event)
    }

    #[inline]
    fn put<'r>(&self, step: &Step, value: &'r str, event: &mut Event<'r>) {
        match &step.what {
            What::Text(field) => event.set(*field, value),
            What::Id(field) => event.set(*field, words::identifier(value, event.arena())),
            What::Account(field) => {
                let (domain, name) = words::split_account(words::identifier(value, event.arena()));
                event.set(*field, name);
                if let Some(domain) = domain {
                    event.set(Field::UserDomain, domain);
                }
            }
            What::Ip(field) => put_address(*field, value, event),
            What::Mac(field) => put_mac(*field, value, event),
            What::Outcome(heading) => match self
                .layout
                .lexicons
                .outcomes
                .find(value)
                .or_else(|| words::outcome_claimed(heading, value))
            {
                Some(outcome) => event.set_outcome(outcome),
                // An unknown word is no outcome, and not lost either.
                None => event.add_extra(event.arena().alloc_str(heading), value),
            },
            What::Words(field, ours) => match ours.get(&words::fold_word(value)) {
                Some(word) => event.set_copy(*field, word),
                None => event.set(*field, words::identifier(value, event.arena())),
            },
            What::Extra(heading) => event.add_extra(event.arena().alloc_str(heading), value),
            What::Action => {}
        }
    }

    /// Sets what happened, from its word and, for general words, from the function it was done in.
    #[inline]
    fn act<'r>(&self, word: &'r str, event: &mut Event<'r>) {
        if !event.has(Field::EventCode) {
            event.set(Field::EventCode, word);
        }
        let lexicons = &self.layout.lexicons;
        let function = event.get(Field::EhrFunction).filter(|f| *f != word);
        let action = match (lexicons.actions.find(word), function) {
            (Some(told), Some(function)) if told.is_general => match told.action {
                Action::Logout => words::end_of(function),
                action => lexicons.subjects.find(function).unwrap_or(action),
            },
            (Some(told), _) => told.action,
            // A word that says nothing alone may say something with its function: カルテ + 開始.
            (None, Some(function)) => match words::action(&format!("{function}{word}")) {
                Some(action) => action,
                None => return,
            },
            (None, None) => return,
        };
        event.set_action(action);
        if action == Action::BreakGlass {
            event.set(Field::BreakGlass, "true");
        }
        if !event.has(Field::EventOutcome)
            && let Some(outcome) = lexicons.told.find(word)
        {
            event.set_outcome(outcome);
        }
    }

    /// Gives the event, and the end of its interval as an event of its own.
    fn give<'r>(&self, cells: &Cells<'r>, event: &mut Event<'r>, emit: Emit<'_, 'r>) {
        let interval = self.layout.interval;
        // A session that has no end yet began all the same.
        if interval.is_some_and(|i| i.session) && event.action().is_none() {
            event.set_action(Action::Login);
        }
        let end = interval.and_then(|interval| {
            let start = event.time()?;
            let cell = words::clean(cells.get(interval.end)?)?;
            event.set_made(Field::EventStart, format_args!("{}", start.rfc3339()));
            let style = &self.layout.style;
            let end = match interval.date.and_then(|date| cells.get(date)) {
                Some(date) => words::read_end(date, cell, &start, style).ok()?,
                None => words::read_time(cell, style).ok()?,
            };
            event.set_made(Field::EventEnd, format_args!("{}", end.rfc3339()));
            (end.nanos > start.nanos).then_some(end)
        });
        declare(event);
        emit(event);
        let failed = event.outcome() == Outcome::Failure;
        let Some((end, action)) = end.filter(|_| !failed).zip(ending(event.action())) else {
            return;
        };
        // What was derived for the beginning is not true of the end.
        for field in event.present().iter().filter(|f| f.is_derived()) {
            event.remove(field);
        }
        event.set_time(end);
        if let Some(action) = action {
            event.set_action(action);
        }
        declare(event);
        emit(event);
    }

    /// What a row that gives no event is: blank, a heading, a comment, or a reject.
    #[cold]
    fn explain<'r>(&self, record: &str, fault: &Fault) -> Result<Parsed<'r>, Reject> {
        let delimiter = char::from(self.layout.delimiter);
        let nothing = |c: char| c.is_whitespace() || c == delimiter || c == '\u{feff}' || c == '"';
        if record.chars().all(nothing) {
            return Ok(Parsed::Blank);
        }
        let bare = record.trim_start_matches('\u{feff}');
        let known = self.layout.preamble.iter().any(|line| line == bare);
        if known || bare.trim_start().starts_with('#') || self.is_heading(bare) {
            return Ok(Parsed::Heading);
        }
        let column = match fault.cell {
            Some(cell) => split::column_of(record, self.layout.delimiter, cell),
            None => 0,
        };
        Err(Reject::at(fault.reason, column))
    }

    /// True for the heading of the table, and for one repeated where tables were joined.
    fn is_heading(&self, record: &str) -> bool {
        if self.layout.headings.is_empty() {
            let delimiter = [self.layout.delimiter];
            return super::heading::find(&[record], &delimiter, &[]).is_some();
        }
        let folded = super::heading::fold_row(record, self.layout.delimiter);
        folded.is_some_and(|cells| cells == self.layout.headings)
    }
}

impl Parser for Table {
    fn parse<'r>(
        &self,
        record: &'r str,
        event: &mut Event<'r>,
        emit: Emit<'_, 'r>,
    ) -> Result<Parsed<'r>, Reject> {
        if record.is_empty() {
            return Ok(Parsed::Blank);
        }
        let cells = split::cells(record, self.layout.delimiter, event.arena())?;
        match self.fill(&cells, event) {
            Ok(()) => {
                self.give(&cells, event, emit);
                Ok(Parsed::Events)
            }
            Err(fault) => self.explain(record, &fault),
        }
    }

    fn fields(&self) -> FieldSet {
        self.layout.fields()
    }

    fn log_sources(&self) -> LogSources {
        EHR.union(AUTHENTICATION)
    }

    fn source_name(&self) -> String {
        self.source_name.clone()
    }

    fn notes(&self) -> Vec<Text> {
        self.layout.notes.clone()
    }

    fn details(&self) -> Vec<Text> {
        self.layout.details.clone()
    }
}

/// Adds what follows from the rest; refuses a row that names neither a user nor a terminal.
#[inline]
fn complete(event: &mut Event<'_>) -> Result<(), Fault> {
    if let (false, Some(id)) = (event.has(Field::UserName), event.get(Field::UserId)) {
        event.set(Field::UserName, id);
    }
    let somebody = [
        Field::UserName,
        Field::UserFullName,
        Field::HostName,
        Field::SourceIp,
        Field::SourceMac,
    ];
    if !somebody.into_iter().any(|field| event.has(field)) {
        return Err(Fault {
            reason: Reason::NoUser,
            cell: None,
        });
    }
    event.set(Field::EventDataset, "ehr.csv");
    if !event.has(Field::ServiceName) {
        event.set(Field::ServiceName, "ehr");
    }
    Ok(())
}

#[inline]
fn declare(event: &mut Event<'_>) {
    event.declare(EHR);
    let about_sessions =
        |action: Action| matches!(action.category(), "authentication" | "session" | "iam");
    if event.action().is_some_and(about_sessions) {
        event.declare(AUTHENTICATION);
    }
}

/// What the end of an interval is, by what it was an interval of; `None` when its end says
/// nothing (a print job ends, nobody acts).
fn ending(action: Option<Action>) -> Option<Option<Action>> {
    match action {
        None => Some(None),
        Some(Action::Login) => Some(Some(Action::Logout)),
        Some(Action::Lock) => Some(Some(Action::Unlock)),
        Some(Action::BreakGlass) => Some(Some(Action::BreakGlassEnd)),
        Some(Action::VpnUp) => Some(Some(Action::VpnDown)),
        Some(Action::ChartView | Action::ChartEdit | Action::AppStart) => {
            Some(Some(Action::AppStop))
        }
        Some(_) => None,
    }
}

#[inline]
fn put_address<'r>(field: Field, value: &'r str, event: &mut Event<'r>) {
    let (address, port) = words::split_address(words::identifier(value, event.arena()));
    if matches!(&*address, "0.0.0.0" | "::") {
        // No terminal has it: it stands for none.
        return;
    }
    match address {
        Cow::Borrowed(address) => event.set(field, address),
        Cow::Owned(address) => event.set_copy(field, &address),
    }
    if let (Field::SourceIp, Some(port)) = (field, port) {
        event.set_copy(Field::SourcePort, port);
    }
}

#[inline]
fn put_mac<'r>(field: Field, value: &'r str, event: &mut Event<'r>) {
    if words::is_canonical_mac(value) {
        return event.set(field, value);
    }
    let folded = words::identifier(value, event.arena());
    match words::mac(folded) {
        Some(spelled) => {
            let spelled = std::str::from_utf8(&spelled).expect("hexadecimal digits are ASCII");
            event.set_copy(field, spelled);
        }
        None => event.set(field, folded),
    }
}

/// `csv:` and a fingerprint of the headings; without headings, of the number of columns.
fn source_name(layout: &Layout, head: &str) -> String {
    let mut digest = Sha256::new();
    if layout.headings.is_empty() {
        let delimiter = char::from(layout.delimiter);
        let first = split::head_records(head, usize::MAX)
            .into_iter()
            .find(|r| !r.trim().is_empty() && !r.starts_with('#'));
        let columns = first.map_or(0, |row| row.matches(delimiter).count() + 1);
        digest.update(format!("{columns} columns"));
    } else {
        digest.update(layout.headings.join("\u{1f}"));
    }
    let bytes = digest.finalize();
    let hex: String = bytes.iter().take(4).map(|b| format!("{b:02x}")).collect();
    format!("csv:{hex}")
}
