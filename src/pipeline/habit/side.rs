//! What is remembered of one side of events, or of two together.
//!
//! Takes the values of an event; gives what was answered for equal ones, or asks and remembers the
//! answer. Never asks twice for the same while it is remembered, and stops looking where looking is
//! not worth it.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use crate::calendar::CalendarId;
use crate::enrich::Enriched;
use crate::event::{Event, Field, FieldSet, Instant};
use crate::pipeline::judge::Hashes;
use crate::spill::{Sheet, Through};

/// After so many events a side must have been worth it.
const TRIAL: u32 = 1024;
/// What makes one side worth looking up: so many of them found.
pub(super) const WORTH: Worth = Worth {
    found: TRIAL / 2,
    trials: 1,
};
/// The same of two sides together: what is not found costs as much as both of them, and there is
/// more to be learned.
pub(super) const WORTH_BOTH: Worth = Worth {
    found: TRIAL / 4 * 3,
    trials: 8,
};
/// So many events pass by a side that was not, before it is tried again; twice as many each time.
const REST: u32 = 8_192;
/// Most times that is doubled.
const DOUBLED: u32 = 7;

/// What is known of one side, or of several together.
#[derive(Debug)]
pub(super) struct OneSide {
    /// Fields whose values decide.
    values: Vec<Field>,
    /// Fields of which it decides whether they are there; those above among them.
    pub(super) presence: FieldSet,
    /// Fields whose hashes are kept.
    hashed: Vec<Field>,
    hashed_set: FieldSet,
    /// Hashes of values differ from run to run, so that nobody can write a log in which different
    /// ones pass for one.
    hashing: RandomState,
    /// Answers by the first half of the key of all they hang on.
    known: HashMap<u64, Known, Through>,
    /// Of each answer the hashes of the values in the order of `hashed`, and their numbers on the
    /// sheet at hand.
    told: Vec<(u64, u32)>,
    /// True where the calendar of an event is remembered, too.
    pub(super) assigns: bool,
    /// Most answers.
    most: usize,
    /// What makes it worth looking up.
    worth: Worth,
    /// Events looked up and found since the last trial began.
    tried: u32,
    pub(super) found: u32,
    /// Events still to pass by.
    pub(super) resting: u32,
    /// Trials that failed, one after the other.
    failed: u32,
}

/// What makes it worth looking up answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worth {
    /// Events of a trial that must be found.
    found: u32,
    /// Trials after which they must be.
    trials: u32,
}

/// What is remembered of equal values of one side.
#[derive(Debug)]
struct Known {
    /// The second half of the key.
    check: u64,
    /// Where in `told` its values begin.
    told_at: u32,
    /// The sheet whose numbers are told.
    sheet: u64,
    /// The calendar of the event, where that is asked for.
    calendar: Option<CalendarId>,
    /// The detections whose demands are met, for the action and outcome that was met with first.
    first: (u32, u64),
    /// The same for each other action and outcome.
    others: Vec<(u32, u64)>,
}

impl Known {
    /// The detections whose demands are met for an action and outcome.
    #[inline]
    fn met(&self, at: u32) -> Option<u64> {
        if self.first.0 == at {
            return Some(self.first.1);
        }
        let met = self.others.iter().find(|(place, _)| *place == at);
        met.map(|(_, met)| *met)
    }
}

/// All that an answer hangs on, as two hashes that are made in different ways: what differs in
/// anything differs in them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    first: u64,
    second: u64,
}

impl Key {
    #[inline]
    fn add(&mut self, hash: u64) {
        let mixed = (self.first ^ hash).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.first = mixed ^ mixed >> 32;
        self.second = (self.second.rotate_left(29) ^ hash).wrapping_mul(0xd1b5_4a32_d192_ed03);
    }
}

impl OneSide {
    /// Nothing is known yet; so many answers are remembered.
    pub(super) fn new(most: usize, worth: Worth) -> OneSide {
        OneSide {
            values: Vec::new(),
            presence: FieldSet::EMPTY,
            hashed: Vec::new(),
            hashed_set: FieldSet::EMPTY,
            hashing: RandomState::default(),
            known: HashMap::default(),
            told: Vec::new(),
            assigns: false,
            most,
            worth,
            tried: 0,
            found: 0,
            resting: 0,
            failed: 0,
        }
    }

    /// Learns what has to be looked at.
    pub(super) fn reads(&mut self, values: FieldSet, presence: FieldSet) {
        let known = self.values.iter().copied();
        let all = known.fold(values, |mut all, field| {
            all.insert(field);
            all
        });
        self.values = all.iter().collect();
        self.presence = self.presence.union(presence).union(values);
    }

    /// Learns whose hash has to be kept, and what that hangs on.
    pub(super) fn hash(&mut self, field: Field, values: FieldSet) {
        if !self.hashed.contains(&field) {
            self.hashed.push(field);
            self.hashed_set.insert(field);
            self.reads(values, FieldSet::EMPTY);
        }
    }

    /// True when an answer may be looked for. Where most values are the first of their kind,
    /// looking would cost more than it saves.
    #[inline]
    pub(super) fn is_tried(&mut self) -> bool {
        if self.resting > 0 {
            self.resting -= 1;
            return false;
        }
        self.tried += 1;
        if self.tried > TRIAL {
            self.failed = match self.found < self.worth.found {
                true => self.failed + 1,
                false => 0,
            };
            if self.failed > 0 && self.failed.is_multiple_of(self.worth.trials) {
                let times = self.failed / self.worth.trials - 1;
                self.resting = REST << times.min(DOUBLED);
            }
            (self.tried, self.found) = (0, 0);
        }
        true
    }

    /// All that an answer hangs on.
    #[inline]
    pub(super) fn key(&self, stretch: i64, (event, time): (&Event<'_>, Instant)) -> Key {
        let present = event.present().both(self.presence);
        let mut key = Key {
            first: stretch.cast_unsigned(),
            second: u64::from(time.trusted),
        };
        key.add(self.hashing.hash_one(present.bits()));
        for field in &self.values {
            if let Some(value) = event.get(*field) {
                key.add(self.hashing.hash_one(value));
            }
        }
        key
    }

    /// The detections whose demands are met, a bit each, by what is known of the key or asked now.
    #[inline]
    pub(super) fn met<'r>(
        &mut self,
        (key, at): (Key, usize),
        ask: impl FnOnce(&mut Enriched<'_, 'r>) -> u64,
        (enriched, hashes, sheet): (&mut Enriched<'_, 'r>, &mut Hashes, &mut Sheet),
    ) -> u64 {
        let at = at as u32;
        if let Some(known) = self.known.get_mut(&key.first)
            && known.check == key.second
        {
            self.found += 1;
            let told_at = known.told_at as usize;
            let told = &mut self.told[told_at..told_at + self.hashed.len()];
            if known.sheet != sheet.name() {
                known.sheet = sheet.name();
                told.iter_mut()
                    .for_each(|(hash, number)| *number = sheet.number(*hash));
            }
            hashes.note((&self.hashed, self.hashed_set), told);
            if let Some(calendar) = known.calendar {
                enriched.assign_to(calendar);
            }
            return known.met(at).unwrap_or_else(|| {
                let met = ask(enriched);
                known.others.push((at, met));
                met
            });
        }
        let met = ask(enriched);
        self.learn(key, (at, met), (enriched, hashes, sheet));
        met
    }

    /// Remembers an answer.
    fn learn(
        &mut self,
        key: Key,
        met: (u32, u64),
        (enriched, hashes, sheet): (&mut Enriched<'_, '_>, &mut Hashes, &mut Sheet),
    ) {
        if self.known.len() >= self.most {
            self.known.clear();
            self.told.clear();
        }
        let told_at = self.told.len() as u32;
        for field in &self.hashed {
            let number = hashes.number(*field, (enriched, sheet));
            self.told.push((hashes.of(*field, enriched), number));
        }
        let known = Known {
            check: key.second,
            told_at,
            sheet: sheet.name(),
            calendar: self.assigns.then(|| enriched.assigned()),
            first: met,
            others: Vec::new(),
        };
        self.known.insert(key.first, known);
    }
}
