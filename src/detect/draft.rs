//! An alert before its texts: what it rests on and how much.

use std::collections::{HashSet, VecDeque};

use foldhash::fast::FixedState;

use crate::spill::{Fact, Rank};

/// Which rule a draft belongs to, as an index into the rule set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleIndex {
    /// A correlation.
    Correlation(usize),
    /// A detection.
    Detection(usize),
}

/// Different values counted, by their hashes.
pub type Tally = HashSet<u64, FixedState>;

/// An alert in the making.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its rule.
    pub rule: RuleIndex,
    /// Hashes of the key's values, in the rule's order.
    pub key: Vec<u64>,
    /// Events it stands for, repeats counted.
    pub events: u64,
    /// Records it rests on.
    pub records: u64,
    /// The largest measure its window reached (events for a fold).
    pub measure: i64,
    /// Number of different values of the rule's tally fields.
    pub tallies: Vec<Tally>,
    /// The first facts, in order.
    pub first: Vec<Fact>,
    /// The last facts, in order, none of which is among the first.
    pub last: VecDeque<Fact>,
    keep: usize,
    latest: Option<(u32, i64, i64)>,
}

impl Draft {
    /// An alert without facts yet; `keep` facts are kept at each end.
    pub(super) fn new(key: Vec<u64>, tallies: usize, keep: usize) -> Draft {
        Draft {
            rule: RuleIndex::Detection(usize::MAX),
            key,
            events: 0,
            records: 0,
            measure: 0,
            tallies: vec![Tally::default(); tallies],
            first: Vec::new(),
            last: VecDeque::new(),
            keep,
            latest: None,
        }
    }

    pub(super) fn of(mut self, rule: RuleIndex) -> Draft {
        self.rule = rule;
        self
    }

    /// Adds the next fact in order; `values` holds the hashes of the tally fields.
    pub(super) fn add(&mut self, fact: &Fact, values: impl Iterator<Item = u64>) {
        self.events += u64::from(fact.weight);
        for (tally, value) in self.tallies.iter_mut().zip(values) {
            if value != 0 {
                tally.insert(value);
            }
        }
        // Several facts of one event (a list of patients) are one record.
        let place = (fact.segment, fact.offset, fact.time);
        if self.latest.replace(place) == Some(place) {
            return;
        }
        self.records += 1;
        if self.first.len() < self.keep.max(1) {
            self.first.push(*fact);
        } else if self.keep > 0 {
            if self.last.len() == self.keep {
                self.last.pop_front();
            }
            self.last.push_back(*fact);
        }
    }

    /// Time of the first fact, nanoseconds since 1970.
    pub fn start(&self) -> i64 {
        self.first.first().map_or(0, |f| f.time)
    }

    /// Time of the last fact.
    pub fn end(&self) -> i64 {
        self.last.back().or(self.first.last()).map_or(0, |f| f.time)
    }

    pub(super) fn order(&self, rank: Rank<'_>) -> (i64, RuleIndex, u32, u64, i64, u64) {
        let first = self.first.first();
        let (source, identity) = first.map_or((0, 0), |f| (rank(f.segment), f.identity));
        (
            self.start(),
            self.rule,
            source,
            identity,
            self.end(),
            self.events,
        )
    }
}
