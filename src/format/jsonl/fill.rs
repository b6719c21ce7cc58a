//! From the members of an object to the fields of an event.
//!
//! Takes a reader that stands at an object; sets the fields of the event, or tells why not. Never
//! looks at another object.

use bumpalo::collections::String as ArenaString;

use crate::event::{Action, Event, Field, Instant, Outcome, Reason, Reject, Zone};
use crate::format::json::{Read, Reader, epoch, ip, mac, moment};
use crate::text;

use super::columns::{Columns, Place, TIME_PARTS};
use super::sources;

/// An event while it is filled.
pub(super) struct Filler<'e, 'r> {
    event: &'e mut Event<'r>,
    columns: &'e Columns,
    /// The parts of the time and the column of the first one.
    times: [&'r str; TIME_PARTS],
    time_column: usize,
    action: Option<Action>,
    outcome: Option<Outcome>,
    /// Values that stand behind a path of a better rank, until the whole record is read.
    ranked: Vec<(Field, usize, &'r str)>,
    log_source: sources::Stated<'r>,
}

impl<'e, 'r> Filler<'e, 'r> {
    pub(super) fn new(event: &'e mut Event<'r>, columns: &'e Columns) -> Self {
        Filler {
            event,
            columns,
            times: [""; TIME_PARTS],
            time_column: 0,
            action: None,
            outcome: None,
            ranked: Vec::new(),
            log_source: sources::Stated::default(),
        }
    }

    /// Reads the record, which must be an object.
    pub(super) fn read(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        reader.members(|reader, key| self.read_value(reader, key))
    }

    /// Reads the value of a path. The reader's bound on depth bounds this recursion.
    fn read_value(&mut self, reader: &mut Reader<'r>, path: &'r str) -> Read<()> {
        match reader.peek() {
            b'{' => reader.members(|reader, key| {
                let inner = self.joined(path, key);
                self.read_value(reader, inner)
            }),
            b'[' => reader.elements(|reader| self.read_value(reader, path)),
            _ => {
                let column = reader.column();
                if let Some(value) = reader.text()? {
                    self.take(path, value, column);
                }
                Ok(())
            }
        }
    }

    /// `path.key`, in the arena: the record does not hold it in one piece.
    fn joined(&self, path: &'r str, key: &'r str) -> &'r str {
        let arena = self.event.arena();
        let mut joined = ArenaString::with_capacity_in(path.len() + 1 + key.len(), arena);
        joined.push_str(path);
        joined.push('.');
        joined.push_str(key);
        joined.into_bump_str()
    }

    fn take(&mut self, path: &'r str, value: &'r str, column: usize) {
        self.log_source.take(path, value);
        match self.columns.place(path) {
            Some(Place::Time(part)) => {
                if let Some(slot) = self.times.get_mut(part)
                    && slot.is_empty()
                {
                    *slot = value.trim_ascii();
                    self.time_column = if part == 0 { column } else { self.time_column };
                }
            }
            Some(Place::Field(field, 0)) => self.take_field(field, value),
            Some(Place::Field(field, rank)) => self.ranked.push((field, rank, value)),
            None => self.event.add_extra(path, value),
        }
    }

    fn take_field(&mut self, field: Field, value: &'r str) {
        let value = value.trim_ascii();
        if value.is_empty() {
            return;
        }
        let word = match self.columns.word(field, value) {
            Some(word) => &*self.event.arena().alloc_str(word),
            None => value,
        };
        match field {
            Field::EventAction => self.take_action(word, value),
            Field::EventOutcome => self.take_outcome(word, value),
            _ => self.event.add(field, normalized(field, word, self.event)),
        }
    }

    /// The first word of the vocabulary is the action; all others stay as the log's own code, and
    /// so does the word a mapping replaced.
    fn take_action(&mut self, word: &'r str, value: &'r str) {
        match Action::from_name(word) {
            Some(action) if self.action.is_none() => {
                self.action = Some(action);
                if word != value {
                    self.event.add(Field::EventCode, value);
                }
            }
            _ => self.event.add(Field::EventCode, value),
        }
    }

    /// A word that is no outcome stays as the log's own reason.
    fn take_outcome(&mut self, word: &'r str, value: &'r str) {
        let outcome = match word {
            "success" => Outcome::Success,
            "failure" => Outcome::Failure,
            "unknown" => Outcome::Unknown,
            _ => return self.event.add(Field::EventReason, value),
        };
        self.outcome = self.outcome.or(Some(outcome));
    }

    /// Sets what only the whole record tells.
    ///
    /// # Errors
    /// The record has no time, or one that cannot be read.
    pub(super) fn finish(mut self, zone: &Zone) -> Result<(), Reject> {
        self.take_ranked();
        let time = self.time(zone)?;
        let untrusted = self.event.get(Field::TimeTrusted) == Some("false");
        self.event.set_time(Instant {
            trusted: time.trusted && !untrusted,
            ..time
        });
        if !time.trusted {
            self.event.set(Field::TimeTrusted, "false");
        }
        if let Some(action) = self.action {
            let category = self.event.get(Field::EventCategory);
            self.event.set_action(action);
            // A category the log states itself goes before the one that follows from the action.
            if let Some(category) = category {
                self.event.set(Field::EventCategory, category);
            }
        }
        if let Some(outcome) = self.outcome {
            self.event.set_outcome(outcome);
        }
        if !self.event.has(Field::UserName)
            && let Some(id) = self.event.get(Field::UserId)
        {
            self.event.set(Field::UserName, id);
        }
        let declared = self.log_source.declared(self.event);
        self.event.declare(declared);
        Ok(())
    }

    /// Of the mapped paths behind the first one, those of the best rank with a value count.
    fn take_ranked(&mut self) {
        let mut ranked = std::mem::take(&mut self.ranked);
        ranked.retain(|(_, _, value)| !value.trim_ascii().is_empty());
        // A stable sort: equal paths keep the order of the record.
        ranked.sort_by_key(|&(field, rank, _)| (field, rank));
        let mut last: Option<(Field, usize)> = None;
        for (field, rank, value) in ranked {
            let told = match last {
                Some((last_field, last_rank)) if last_field == field => last_rank != rank,
                _ => self.is_told(field),
            };
            if !told {
                self.take_field(field, value);
                last = Some((field, rank));
            } else if last.is_none_or(|(last_field, _)| last_field != field) {
                // Told by the first path: no rank of this field counts.
                last = Some((field, usize::MAX));
            }
        }
    }

    fn is_told(&self, field: Field) -> bool {
        match field {
            Field::EventAction => self.action.is_some(),
            Field::EventOutcome => self.outcome.is_some(),
            _ => self.event.has(field),
        }
    }

    fn time(&self, zone: &Zone) -> Result<Instant, Reject> {
        let mut parts = self.times.iter().filter(|part| !part.is_empty());
        let first = *parts.next().ok_or(Reason::NoTime)?;
        let mut whole = ArenaString::from_str_in(first, self.event.arena());
        for part in parts {
            whole.push(' ');
            whole.push_str(part);
        }
        let read = match epoch(&whole, zone) {
            Some(counted) => counted,
            None => moment(&whole, zone).map(|(instant, _)| instant),
        };
        read.map_err(|reason| Reject::at(reason, self.time_column))
    }
}

/// Addresses and identifiers in their one form; everything else as it is written.
fn normalized<'r>(field: Field, value: &'r str, event: &Event<'r>) -> &'r str {
    let arena = event.arena();
    match field {
        Field::SourceIp
        | Field::SourceNatIp
        | Field::DestinationIp
        | Field::ClientIp
        | Field::HostIp
        | Field::ObserverIp => ip(value, arena).unwrap_or(value),
        Field::SourceMac
        | Field::DestinationMac
        | Field::ClientMac
        | Field::ObserverMac
        | Field::WifiBssid => mac(value, arena).unwrap_or(value),
        Field::UserId | Field::UserName | Field::PatientId | Field::HostName
            if !value.is_ascii() =>
        {
            match text::fold_width(value) {
                std::borrow::Cow::Borrowed(same) => same,
                std::borrow::Cow::Owned(folded) => arena.alloc_str(&folded),
            }
        }
        _ => value,
    }
}
