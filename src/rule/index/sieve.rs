//! One event through the index: the entries it calls up.
//!
//! Takes an event with its log sources; gives the candidates worth asking, ascending by rule.
//! Keeps nothing of an event but the room it took.

use std::ops::RangeInclusive;

use crate::event::{Field, LogSources};

use super::super::Fields;
use super::super::set::{Candidate, Situation};
use super::Index;
use super::bits::{Bits, Numbers};
use super::scratch::{Finds, Scratch};
use super::table::Table;

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
            scratch: Scratch::new(index.grams.len()),
        }
    }
}

/// What is worth looking at in events of one slot and certain log sources.
#[derive(Debug)]
struct Scope {
    log_sources: LogSources,
    /// The entries that may be asked at all.
    gate: Bits,
    /// Those that are asked whatever else the event shows.
    unfiled: Bits,
    /// What events of the slot say in any case; keywords were looked for in it beforehand.
    told: Vec<(Field, &'static str)>,
    /// Places of tables in [`Index::known`], and what is looked for in their fields.
    known: Vec<(usize, Worth)>,
    /// What is looked for in fields outside the field table.
    own: Worth,
    /// What is looked for in the record and all values.
    anywhere: Worth,
    /// Longer texts are looked for at all.
    long: bool,
}

/// What is worth looking for in a value.
#[derive(Clone, Copy, Debug, Default)]
struct Worth {
    /// Presence and short texts.
    short: bool,
    /// Longer texts.
    long: bool,
}

impl Worth {
    fn of<'t>(tables: impl Iterator<Item = &'t Table> + Clone, gate: &Bits) -> Worth {
        Worth {
            short: tables.clone().any(|table| table.has_short(gate)),
            long: tables.clone().any(|table| table.has_long(gate)),
        }
    }

    fn any(self) -> bool {
        self.short || self.long
    }
}

impl Scope {
    fn new(index: &Index, situation: Situation, log_sources: LogSources) -> Scope {
        let mut speaks = Bits::new(index.entries.len());
        for (number, entry) in (0..).zip(&index.entries) {
            if entry.hears(log_sources) {
                speaks.insert(number);
            }
        }
        let gate = index.slots[situation.slot].both(&speaks);
        let mut scope = Scope {
            log_sources,
            unfiled: gate.clone(),
            gate,
            told: Vec::new(),
            known: Vec::new(),
            own: Worth::default(),
            anywhere: Worth::default(),
            long: false,
        };
        let weights = scope.gate.iter().map(|entry| index.entries[entry].weight);
        if weights.sum::<usize>() > index.few {
            scope.look_for_signs(index, situation);
        }
        scope
    }

    fn look_for_signs(&mut self, index: &Index, situation: Situation) {
        let gate = &self.gate;
        self.unfiled = index.unfiled.both(gate);
        self.own = Worth::of(index.own.iter(), gate);
        self.anywhere = Worth::of(index.anywhere.iter(), gate);
        for (at, (field, table)) in index.known.iter().enumerate() {
            let mut worth = Worth::of([table].into_iter(), gate);
            self.long |= worth.long;
            // What keywords are looked for in is searched with them; derived fields are not.
            worth.long &= !self.anywhere.long || field.is_derived();
            if worth.any() {
                self.known.push((at, worth));
            }
        }
        self.long |= self.own.long || self.anywhere.long;
        self.own.long &= !self.anywhere.long;
        self.tell(index, situation);
    }

    /// Looks for keywords in what the slot says of its events.
    fn tell(
        &mut self,
        index: &Index,
        Situation {
            action, outcome, ..
        }: Situation,
    ) {
        let Some(table) = index.anywhere.as_ref().filter(|_| self.anywhere.any()) else {
            return;
        };
        self.told.push((Field::EventOutcome, outcome.name()));
        if let Some(action) = action {
            self.told.push((Field::EventAction, action.name()));
            self.told.push((Field::EventCategory, action.category()));
        }
        let mut called_up = Bits::new(index.entries.len());
        let mut sifting = Sifting {
            index,
            finds: Finds {
                gate: &self.gate,
                found: &mut called_up,
            },
            scratch: &mut Scratch::new(index.grams.len()),
            record: place_of(""),
        };
        sifting.scratch.next_event();
        for (_, value) in &self.told {
            sifting.value(value, table, self.anywhere);
        }
        called_up
            .iter()
            .for_each(|entry| self.unfiled.insert(entry as u32));
    }
}

/// The scope of a slot and log sources, made on the first request.
fn scope<'s>(
    scopes: &'s mut Vec<Scope>,
    index: &Index,
    (situation, log_sources): (Situation, LogSources),
) -> &'s Scope {
    let found = scopes.iter().position(|s| s.log_sources == log_sources);
    let at = found.unwrap_or_else(|| {
        if scopes.len() >= SCOPES {
            scopes.clear();
        }
        scopes.push(Scope::new(index, situation, log_sources));
        scopes.len() - 1
    });
    &scopes[at]
}

impl Index {
    /// The candidates that an event of this slot calls up.
    pub(in crate::rule) fn sift<'s, F: Fields>(
        &'s self,
        (situation, log_sources): (Situation, LogSources),
        event: &mut F,
        sieve: &'s mut Sieve,
    ) -> Kept<'s> {
        let scopes = &mut sieve.scopes[situation.slot];
        let scope = scope(scopes, self, (situation, log_sources));
        sieve.found.copy(&scope.unfiled);
        sieve.scratch.next_event();
        let mut sifting = Sifting {
            index: self,
            finds: Finds {
                gate: &scope.gate,
                found: &mut sieve.found,
            },
            scratch: &mut sieve.scratch,
            record: place_of(event.record()),
        };
        if scope.long {
            self.grams
                .sift(event.record(), &mut sifting.finds, sifting.scratch);
        }
        for (at, worth) in &scope.known {
            let (field, table) = &self.known[*at];
            if let Some(value) = event.value(*field) {
                sifting.value(value, table, *worth);
                if event.has_lists() {
                    let others = event.others(*field);
                    others.iter().for_each(|v| sifting.value(v, table, *worth));
                }
            }
        }
        if scope.own.any() {
            for (name, value) in event.extras() {
                if let Some(at) = self.names.get(*name) {
                    sifting.value(value, &self.own[*at], scope.own);
                }
            }
        }
        if let Some(table) = self.anywhere.as_ref().filter(|_| scope.anywhere.any()) {
            sifting.everywhere(event, table, scope);
        }
        Kept::new(&self.entries, &sieve.found)
    }
}

/// The addresses a text takes up.
fn place_of(text: &str) -> RangeInclusive<usize> {
    let bytes = text.as_bytes().as_ptr_range();
    bytes.start as usize..=bytes.end as usize
}

/// An event being looked at.
struct Sifting<'s> {
    index: &'s Index,
    finds: Finds<'s>,
    scratch: &'s mut Scratch,
    /// Where the record lies, in which longer texts are looked for first.
    record: RangeInclusive<usize>,
}

impl Sifting<'_> {
    /// True when a value is a part of the record.
    #[inline]
    fn seen(&self, value: &str) -> bool {
        let place = place_of(value);
        self.record.start() <= place.start() && place.end() <= self.record.end()
    }

    /// Looks for the signs of a field in one of its values.
    #[inline]
    fn value(&mut self, value: &str, table: &Table, worth: Worth) {
        if worth.short {
            table.sift(value, &mut self.finds, self.scratch);
        }
        if worth.long && !self.seen(value) {
            let grams = &self.index.grams;
            grams.sift(value, &mut self.finds, self.scratch);
        }
    }

    /// Looks where keywords look; what is a part of the record was seen with it.
    fn everywhere<F: Fields>(&mut self, event: &mut F, table: &Table, scope: &Scope) {
        let worth = scope.anywhere;
        if worth.short {
            table.sift(event.record(), &mut self.finds, self.scratch);
        }
        for (_, value) in event.extras() {
            if !self.seen(value) {
                self.value(value, table, worth);
            }
        }
        for field in event.present().iter() {
            let value = event.value(field).filter(|value| !self.seen(value));
            if let Some(value) = value.filter(|value| !scope.told.contains(&(field, value))) {
                self.value(value, table, worth);
            }
            if event.has_lists() {
                let others = event.others(field);
                others.iter().for_each(|v| self.value(v, table, worth));
            }
        }
    }
}

/// The candidates an event called up, ascending by rule.
pub struct Kept<'s> {
    entries: &'s [Candidate],
    found: Numbers<'s>,
}

impl<'s> Kept<'s> {
    fn new(entries: &'s [Candidate], found: &'s Bits) -> Kept<'s> {
        Kept {
            entries,
            found: found.iter(),
        }
    }
}

impl<'s> Iterator for Kept<'s> {
    type Item = &'s Candidate;

    fn next(&mut self) -> Option<&'s Candidate> {
        self.found.next().map(|at| &self.entries[at])
    }
}
