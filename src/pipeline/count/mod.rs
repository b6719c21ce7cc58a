//! Counting what the weekly page shows, beside judging: events by hour, account and terminal.
//!
//! Takes each event of a segment; gives counts, with names as numbers of the lane. A lane remembers
//! which texts mean which account and device, which changes no answer. Never keeps a record.

mod clock;
mod names;
mod open;
mod people;
mod table;
mod tally;
mod told;

use crate::enrich::Enriched;
use crate::event::{Action, Event, Field, Instant, Outcome};
use crate::rule::Explanation;
use crate::store::counts::{ActKey, Explained, Kind, Likeness, NameKey, is_traffic};

use super::Plan;
use super::judge::{Judging, RecordAt, is_explained};

use clock::Clock;
use open::OpenHours;
use people::{Accounts, Terminals};
use table::Table;
pub use tally::Tally;
pub(super) use tally::{Part, Tallies};

/// Spreads the bits of a key to its upper ones.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Counts by a key of 64 bits.
type Counts = Table<(u64, u64)>;

/// An hour of the segment at hand.
#[derive(Default)]
pub(super) struct Slot {
    hour: i64,
    likeness: Likeness,
    rejects: u64,
    with_patient: u64,
}

/// A lane's counts of the segment at hand.
pub(super) struct Counter {
    clock: Clock,
    accounts: Accounts,
    terminals: Terminals,
    slots: Table<Slot>,
    /// The hour of the event before, if there was one in this segment.
    at: Option<u32>,
    /// True until the first event of a record has come.
    is_fresh: bool,
    /// Rejects before the first event of the segment.
    leading: u64,
    acts: Counts,
    users: Counts,
    places: Counts,
}

/// A key of an hour and what lies below it.
#[inline]
fn key_of(slot: u32, rest: u64) -> u64 {
    u64::from(slot) << 40 | rest
}

#[inline]
fn add(counts: &mut Counts, key: u64, events: u64) {
    let hash = key.wrapping_mul(SPREAD);
    let at = counts.find(hash, |(known, _)| *known == key, || (key, 0));
    counts.entry(at).1 += events;
}

impl Counter {
    pub(super) fn new(plan: Plan<'_>) -> Counter {
        Counter {
            clock: Clock::new(plan),
            accounts: Accounts::new(plan.house),
            terminals: Terminals::new(plan.house.registers),
            slots: Table::new(),
            at: None,
            is_fresh: true,
            leading: 0,
            acts: Table::new(),
            users: Table::new(),
            places: Table::new(),
        }
    }

    /// A record begins.
    #[inline]
    pub(super) fn begin(&mut self) {
        self.is_fresh = true;
    }

    /// A record gave no event.
    pub(super) fn reject(&mut self) {
        match self.at {
            Some(at) => self.slots.entry(at).rejects += 1,
            None => self.leading += 1,
        }
    }

    /// Counts an event that was judged already.
    #[inline]
    pub(super) fn event<'r>(
        &mut self,
        event: &mut Event<'r>,
        time: Instant,
        record: &mut RecordAt<'r>,
        judging: &mut Judging<'_, 'r>,
    ) {
        let events = u64::from(event.repeat());
        let hour = self.clock.hour(time.nanos);
        let at = self.turn(hour);
        let slot = self.slots.entry(at);
        if self.is_fresh {
            slot.likeness.add(record.identity());
            self.is_fresh = false;
        }
        slot.likeness.reach(time.nanos);
        let (action, outcome) = (event.action(), event.outcome());
        if is_traffic(action) {
            let kind = self.clock.of_site(judging.plan.house.calendars, time);
            self.act(at, action, kind.with_outcome(outcome), events);
            return;
        }
        slot.with_patient += u64::from(event.has(Field::PatientId)) * events;
        let day = self.clock.day();
        let account = self.accounts.of(event, judging.plan.house);
        let terminal = self
            .terminals
            .of(event, judging.plan.house.registers, (day, time.nanos));
        if time.trusted {
            let is_failed = action == Some(Action::Login) && outcome == Outcome::Failure;
            self.accounts.seen(account, time.nanos, !is_failed);
            self.terminals.seen(terminal, time.nanos);
        }
        let calendars = judging.plan.house.calendars;
        let mut kind = match self.accounts.calendar(account) {
            Some(calendar) => self.clock.of_calendar(calendars, calendar, time),
            None => clock::of_event(&mut judging.enrich(event)),
        };
        kind = kind.with_outcome(outcome);
        let places = u64::from(terminal) << 8 | u64::from(kind.hours_only().number());
        add(&mut self.places, key_of(at, places), events);
        if kind.is_closed() && self.clock.may_explain() {
            kind = explained(kind, &mut judging.enrich(event));
        }
        let users = u64::from(account) << 8 | u64::from(kind.number());
        add(&mut self.users, key_of(at, users), events);
        self.act(at, action, kind, events);
    }

    #[inline]
    fn act(&mut self, at: u32, action: Option<Action>, kind: Kind, events: u64) {
        let action = action.map_or(0, |action| action as u64 + 1);
        let rest = action << 8 | u64::from(kind.number());
        add(&mut self.acts, key_of(at, rest), events);
    }

    /// The slot of an hour.
    #[inline]
    fn turn(&mut self, hour: i64) -> u32 {
        if let Some(at) = self.at
            && self.slots.entry(at).hour == hour
        {
            return at;
        }
        let hash = hour.cast_unsigned().wrapping_mul(SPREAD);
        let make = || Slot {
            hour,
            ..Slot::default()
        };
        let at = self.slots.find(hash, |slot| slot.hour == hour, make);
        self.at = Some(at);
        at
    }

    /// Adds what was counted to the hours that are open; gives the hours of the first and of the
    /// last event, in the order of the file. The lane's numbers of names become those of the run,
    /// which all entries have by now.
    fn add_to(&mut self, open: &mut OpenHours) -> Option<(i64, i64)> {
        let mut places = Vec::with_capacity(self.slots.len());
        for slot in self.slots.iter() {
            let place = open.place(slot.hour);
            let count = &mut open.at(place).count;
            count.likeness.merge(&slot.likeness);
            count.rejects += slot.rejects;
            count.with_patient += slot.with_patient;
            places.push(place);
        }
        let place = |key: u64| places[(key >> 40) as usize];
        let kind = |key: u64| Kind::from_number(key as u8).unwrap_or(Kind::untrusted());
        for (key, events) in self.acts.iter() {
            let action = ((key >> 8) as u32 & 0xff).checked_sub(1);
            let act = ActKey {
                action: action.map(|action| Action::ALL[action as usize]),
                kind: kind(*key),
            };
            open.at(place(*key)).act(act, *events);
        }
        let name_key = |key: u64, (name, department): (u32, u32)| NameKey {
            name,
            department,
            kind: kind(key),
        };
        for (key, events) in self.users.iter() {
            let names = self.accounts.entries.names((*key >> 8) as u32);
            open.at(place(*key)).user(name_key(*key, names), *events);
        }
        for (key, events) in self.places.iter() {
            let names = self.terminals.entries.names((*key >> 8) as u32);
            open.at(place(*key))
                .terminal(name_key(*key, names), *events);
        }
        let first = self.slots.iter().next()?.hour;
        let last = self.at.map_or(first, |at| self.slots.at(at).hour);
        Some((first, last))
    }

    /// Forgets the segment.
    fn clear(&mut self) {
        self.slots.clear();
        self.acts.clear();
        self.users.clear();
        self.places.clear();
        self.accounts.entries.rest();
        self.terminals.entries.rest();
        (self.at, self.is_fresh, self.leading) = (None, true, 0);
    }
}

/// The same with what explains it: the roster goes before a declaration.
fn explained(kind: Kind, enriched: &mut Enriched<'_, '_>) -> Kind {
    if is_explained(&[Explanation::Roster], enriched) {
        kind.explained_by(Explained::Roster)
    } else if is_explained(&[Explanation::Declaration], enriched) {
        kind.explained_by(Explained::Declaration)
    } else {
        kind
    }
}
