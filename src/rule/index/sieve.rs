//! One event through the index: the entries it calls up.
//!
//! Takes an event with its log sources; gives the candidates worth asking, ascending by rule.
//! Keeps nothing of an event but the room it took.

use crate::event::{Field, FieldSet, LogSources};

use super::super::Fields;
use super::super::set::Candidate;
use super::Index;
use super::bits::Bits;
use super::table::{Finds, Scratch, Table};

/// Kinds of log sources remembered for one slot; events declare few.
const SCOPES: usize = 16;

/// What one thread keeps from event to event, for one set of rules.
#[derive(Debug, Default)]
pub struct Sieve {
    /// For each slot, what is worth looking at in events of certain log sources.
    scopes: Vec<Vec<Scope>>,
    found: Bits,
    scratch: Scratch,
}

impl Sieve {
    /// Nothing is remembered yet; small when there is no index.
    pub(in crate::rule) fn new(index: Option<&Index>) -> Sieve {
        let Some(index) = index else {
            return Sieve::default();
        };
        Sieve {
            scopes: index.slots.iter().map(|_| Vec::new()).collect(),
            found: Bits::new(index.entries.len()),
            scratch: Scratch::new(index.texts),
        }
    }
}

/// What is worth looking at in events of one slot and certain log sources.
#[derive(Debug)]
struct Scope {
    log_sources: LogSources,
    /// The entries that may be asked at all.
    gate: Bits,
    /// Those that are asked without a sign.
    unfiled: Bits,
    /// Places of tables in [`Index::known`].
    known: Vec<usize>,
    /// Fields outside the table have to be looked at.
    own: bool,
    /// Texts have to be looked for in the record and all values.
    anywhere: bool,
}

impl Scope {
    fn new(index: &Index, slot: usize, log_sources: LogSources) -> Scope {
        let mut speaks = Bits::new(index.entries.len());
        for (number, entry) in (0..).zip(&index.entries) {
            if entry.hears(log_sources) {
                speaks.insert(number);
            }
        }
        let gate = index.slots[slot].both(&speaks);
        let few = gate.len() <= index.few;
        let serves = |table: &Table| !few && table.serves(&gate);
        let known = (0..index.known.len()).filter(|at| serves(&index.known[*at].1));
        Scope {
            log_sources,
            unfiled: match few {
                true => gate.clone(),
                false => index.unfiled.both(&gate),
            },
            known: known.collect(),
            own: index.own.iter().any(serves),
            anywhere: index.anywhere.as_ref().is_some_and(serves),
            gate,
        }
    }
}

/// The scope of a slot and log sources, made on the first request.
fn scope<'s>(
    scopes: &'s mut Vec<Scope>,
    index: &Index,
    (slot, log_sources): (usize, LogSources),
) -> &'s Scope {
    let found = scopes.iter().position(|s| s.log_sources == log_sources);
    let at = found.unwrap_or_else(|| {
        if scopes.len() >= SCOPES {
            scopes.clear();
        }
        scopes.push(Scope::new(index, slot, log_sources));
        scopes.len() - 1
    });
    &scopes[at]
}

impl Index {
    /// The candidates that an event of this slot calls up.
    pub(in crate::rule) fn sift<'s, F: Fields>(
        &'s self,
        (slot, log_sources): (usize, LogSources),
        event: &mut F,
        sieve: &'s mut Sieve,
    ) -> Kept<'s> {
        let scope = scope(&mut sieve.scopes[slot], self, (slot, log_sources));
        let (found, scratch) = (&mut sieve.found, &mut sieve.scratch);
        found.copy(&scope.unfiled);
        scratch.next_event();
        let mut finds = Finds {
            gate: &scope.gate,
            found,
        };
        for at in &scope.known {
            let (field, table) = &self.known[*at];
            sift_field(*field, table, event, (&mut finds, scratch));
        }
        if scope.own {
            for (name, value) in event.extras() {
                if let Some(at) = self.names.get(*name) {
                    self.own[*at].sift(value, &mut finds, scratch);
                }
            }
        }
        if let Some(table) = self.anywhere.as_ref().filter(|_| scope.anywhere) {
            sift_everywhere(table, event, (&mut finds, scratch));
        }
        Kept {
            entries: &self.entries,
            found: &sieve.found,
        }
    }
}

#[inline]
fn sift_field<F: Fields>(
    field: Field,
    table: &Table,
    event: &mut F,
    (finds, scratch): (&mut Finds<'_>, &mut Scratch),
) {
    let Some(value) = event.value(field) else {
        return;
    };
    table.sift(value, finds, scratch);
    if event.has_lists() {
        for value in event.others(field) {
            table.sift(value, finds, scratch);
        }
    }
}

/// Looks where keywords look. A value that is a part of the record was seen with it.
fn sift_everywhere<F: Fields>(
    table: &Table,
    event: &mut F,
    (finds, scratch): (&mut Finds<'_>, &mut Scratch),
) {
    let record = event.record();
    let within = record.as_bytes().as_ptr_range();
    let within = within.start as usize..=within.end as usize;
    let seen = |value: &str| {
        let place = value.as_bytes().as_ptr_range();
        within.contains(&(place.start as usize)) && within.contains(&(place.end as usize))
    };
    table.sift(record, finds, scratch);
    for (_, value) in event.extras() {
        if !seen(value) {
            table.sift(value, finds, scratch);
        }
    }
    let present: FieldSet = event.present();
    for field in present.iter() {
        if let Some(value) = event.value(field).filter(|value| !seen(value)) {
            table.sift(value, finds, scratch);
        }
        if event.has_lists() {
            for value in event.others(field) {
                table.sift(value, finds, scratch);
            }
        }
    }
}

/// The candidates an event called up.
pub struct Kept<'s> {
    entries: &'s [Candidate],
    found: &'s Bits,
}

impl<'s> Kept<'s> {
    /// The candidates, ascending by rule.
    pub fn iter(&self) -> impl Iterator<Item = &'s Candidate> {
        let entries = self.entries;
        self.found.iter().map(|at| &entries[at])
    }
}
