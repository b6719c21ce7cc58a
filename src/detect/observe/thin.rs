//! Facts that no silence can begin or end with.
//!
//! Takes the facts of a part of the records; takes out those that lie between two others of their
//! key which are so close that no silence has room between them. What a silence begins and ends
//! with stays, so the alerts are the same however the records are cut into parts; a source that
//! writes all day long leaves a handful of facts instead of one a record.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::spill::{Fact, Facts, combine_all};

/// Which facts of a stream can be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Thinning {
    /// Columns of the key.
    pub(in super::super) key: Vec<usize>,
    /// Nanoseconds: no silence is as short.
    pub(in super::super) within: i64,
}

/// The instants of one key that stay.
struct Kept {
    /// The last that stays for certain.
    since: i64,
    /// The latest, which stays unless a later one is as close to `since`.
    latest: i64,
    instants: Vec<i64>,
    /// Instants before this place lie before the facts at hand.
    passed: usize,
}

impl Thinning {
    /// Adds a fact, which takes the place of the one before where that can be left out.
    #[inline]
    pub(in super::super) fn push(&self, facts: &mut Facts, fact: Fact, values: &[u64]) {
        let key = combine_all(values, &self.key);
        facts.push_thinly(fact, values, (key, self.within));
    }

    /// Takes out what can be left out of facts in the order of time.
    pub(in super::super) fn thin(&self, facts: &mut Facts, columns: usize) {
        let mut of_key: HashMap<u64, usize, FixedState> = HashMap::default();
        let mut kept: Vec<Kept> = Vec::new();
        let mut whose: Vec<u32> = Vec::with_capacity(facts.len());
        let mut last: Option<(u64, usize)> = None;
        for at in 0..facts.len() {
            let key = combine_all(facts.values(at), &self.key);
            let time = facts.row(at).time;
            let place = match last {
                // Records of one key mostly stand together.
                Some((same, place)) if same == key => place,
                _ => *of_key.entry(key).or_insert_with(|| {
                    kept.push(Kept::new(time));
                    kept.len() - 1
                }),
            };
            last = Some((key, place));
            whose.push(place as u32);
            kept[place].take(time, self.within);
        }
        for key in &mut kept {
            key.instants.push(key.latest);
        }
        let mut left = Facts::new(columns);
        for (at, place) in whose.iter().enumerate() {
            if kept[*place as usize].holds(facts.row(at).time) {
                left.push(*facts.row(at), facts.values(at));
            }
        }
        *facts = left;
    }
}

impl Kept {
    fn new(time: i64) -> Kept {
        Kept {
            since: time,
            latest: time,
            instants: vec![time],
            passed: 0,
        }
    }

    fn take(&mut self, time: i64, within: i64) {
        if self.latest > self.since && time.saturating_sub(self.since) > within {
            self.since = self.latest;
            self.instants.push(self.since);
        }
        self.latest = time;
    }

    /// True when the instant stays; instants are asked for in order.
    fn holds(&mut self, time: i64) -> bool {
        while self.instants.get(self.passed).is_some_and(|i| *i < time) {
            self.passed += 1;
        }
        self.instants.get(self.passed) == Some(&time)
    }
}
