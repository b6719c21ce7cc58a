//! The vocabulary all rooms share: fields, actions, events, times, log sources, rejects, ledger.
//!
//! Takes what a format read; gives an `Event` whose values are text borrowed from the record or
//! from the segment's arena. Never does I/O.

mod action;
mod asked;
mod field;
mod fields;
mod ledger;
mod logsource;
mod reject;
mod time;

use std::fmt;

use bumpalo::Bump;

pub use action::{Action, Outcome};
pub use asked::Asked;
pub use field::{Field, FieldSet};
pub use fields::{Fields, Written};
pub use ledger::{Edges, InputAccount, Position, RejectSample};
pub use logsource::{LOG_SOURCES, LogSource, LogSourceId, LogSources, matching};
pub use reject::{Reason, Reject};
pub use time::{Civil, Instant, NANOS, Zone, days_from_civil, days_in_month, rfc3339};

/// One event, filled by a format, completed by `enrich`, read by the rules, then used again for
/// the next record. All values are text; `'r` is the life of the segment and its arena.
#[derive(Clone)]
pub struct Event<'r> {
    arena: &'r Bump,
    record: &'r str,
    time: Option<Instant>,
    present: FieldSet,
    slots: [&'r str; Field::COUNT],
    more: Vec<(Field, &'r str)>,
    extra: Vec<(&'r str, &'r str)>,
    action: Option<Action>,
    outcome: Outcome,
    repeat: u32,
    log_sources: LogSources,
    asked: Asked,
}

impl<'r> Event<'r> {
    /// An empty event whose made-up values will live in `arena`.
    pub fn new(arena: &'r Bump) -> Self {
        Event {
            arena,
            record: "",
            time: None,
            present: FieldSet::EMPTY,
            slots: [""; Field::COUNT],
            more: Vec::new(),
            extra: Vec::new(),
            action: None,
            outcome: Outcome::Unknown,
            repeat: 1,
            log_sources: LogSources::NONE,
            asked: Asked::ALL,
        }
    }

    /// Says that nobody will look at what is not in `asked`, in this event and those after it.
    pub fn ask_only(&mut self, asked: Asked) {
        self.asked = asked;
    }

    /// False when nobody will look at an event of this action and outcome beyond these two, its
    /// time and its count: a format may then leave all its other fields unset.
    #[inline]
    pub fn is_asked(&self, action: Option<Action>, outcome: Outcome) -> bool {
        self.asked.contains(action, outcome)
    }

    /// Empties the event for the next record. The pipeline calls it, not a format.
    #[inline]
    pub fn begin(&mut self, record: &'r str) {
        self.record = record;
        self.time = None;
        self.present = FieldSet::EMPTY;
        self.more.clear();
        self.extra.clear();
        self.action = None;
        self.outcome = Outcome::Unknown;
        self.repeat = 1;
        self.log_sources = LogSources::NONE;
    }

    /// The whole record, decoded: `event.original`.
    pub fn record(&self) -> &'r str {
        self.record
    }

    /// The arena of the segment, for text that does not stand in the record as it is.
    pub fn arena(&self) -> &'r Bump {
        self.arena
    }

    /// Sets a field, in place of what it held.
    #[inline]
    pub fn set(&mut self, field: Field, value: &'r str) {
        self.slots[field as usize] = value;
        self.present.insert(field);
    }

    /// Sets a field to text made here, kept in the arena.
    pub fn set_made(&mut self, field: Field, value: fmt::Arguments<'_>) {
        let made = bumpalo::format!(in self.arena, "{}", value).into_bump_str();
        self.set(field, made);
    }

    /// Sets a field to a copy of short-lived text, kept in the arena.
    pub fn set_copy(&mut self, field: Field, value: &str) {
        let copy = self.arena.alloc_str(value);
        self.set(field, copy);
    }

    /// Adds a value: the first like [`Event::set`], further ones beside it.
    pub fn add(&mut self, field: Field, value: &'r str) {
        if self.present.contains(field) {
            self.more.push((field, value));
        } else {
            self.set(field, value);
        }
    }

    /// Adds a field that has no place in the table, under its own name.
    pub fn add_extra(&mut self, name: &'r str, value: &'r str) {
        self.extra.push((name, value));
    }

    /// Takes a field out.
    pub fn remove(&mut self, field: Field) {
        self.present.remove(field);
        self.more.retain(|(f, _)| *f != field);
    }

    /// Sets what happened, with its category, and the log's own word for it if it has one.
    #[inline]
    pub fn set_action(&mut self, action: Action) {
        self.action = Some(action);
        self.set(Field::EventAction, action.name());
        self.set(Field::EventCategory, action.category());
    }

    /// Sets how it ended. Not called: unknown.
    #[inline]
    pub fn set_outcome(&mut self, outcome: Outcome) {
        self.outcome = outcome;
        self.set(Field::EventOutcome, outcome.name());
    }

    /// Sets when it happened. Every event needs it.
    #[inline]
    pub fn set_time(&mut self, time: Instant) {
        self.time = Some(time);
    }

    /// Says that the record stands for `count` equal events (at least 1).
    pub fn set_repeat(&mut self, count: u32) {
        self.repeat = count.max(1);
    }

    /// Says that nothing of the kind occurred: the record stands for no event.
    pub fn set_none(&mut self) {
        self.repeat = 0;
    }

    /// Declares a log source that the event satisfies.
    #[inline]
    pub fn declare(&mut self, sources: LogSources) {
        self.log_sources = self.log_sources.union(sources);
    }

    /// True when the field has a value.
    #[inline]
    pub fn has(&self, field: Field) -> bool {
        self.present.contains(field)
    }

    /// The (first) value of a field.
    #[inline]
    pub fn get(&self, field: Field) -> Option<&'r str> {
        if self.present.contains(field) {
            Some(self.slots[field as usize])
        } else {
            None
        }
    }

    /// All values of a field.
    pub fn values(&self, field: Field) -> impl Iterator<Item = &'r str> + '_ {
        let more = self
            .more
            .iter()
            .filter(move |(f, _)| *f == field)
            .map(|(_, v)| *v);
        self.get(field).into_iter().chain(more)
    }

    /// True when some field has more than one value.
    #[inline]
    pub fn has_lists(&self) -> bool {
        !self.more.is_empty()
    }

    /// The values of a field outside the table.
    pub fn extra<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'r str> + 'n {
        self.extra
            .iter()
            .filter(move |(n, _)| *n == name)
            .map(|(_, v)| *v)
    }

    /// All fields outside the table, in the order of the record.
    pub fn extras(&self) -> &[(&'r str, &'r str)] {
        &self.extra
    }

    /// The set of fields that have a value.
    pub fn present(&self) -> FieldSet {
        self.present
    }

    /// What happened, when a format could tell.
    #[inline]
    pub fn action(&self) -> Option<Action> {
        self.action
    }

    /// How it ended.
    #[inline]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// When it happened; `None` until the format has set it.
    #[inline]
    pub fn time(&self) -> Option<Instant> {
        self.time
    }

    /// How many equal events the record stands for.
    #[inline]
    pub fn repeat(&self) -> u32 {
        self.repeat
    }

    /// The log sources the event satisfies.
    #[inline]
    pub fn log_sources(&self) -> LogSources {
        self.log_sources
    }
}
