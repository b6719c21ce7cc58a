//! An alert before its texts: what it rests on and how much.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::rule::RuleIndex;
use crate::spill::{Fact, Rank};

/// Different values counted.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Hashes of values that this alert itself keeps apart.
    values: HashSet<u64, FixedState>,
    /// Values that a window has counted for it.
    counted: u64,
}

impl Tally {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.values.len() as u64 + self.counted
    }
}

/// What a window measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measured {
    /// How many: events, values, rules.
    Count(u64),
    /// A sum, a mean, a percentile; about, for it is only shown.
    Number(f64),
}

impl Measured {
    /// The larger one.
    pub(super) fn larger(self, other: Measured) -> Measured {
        let size = |measured| match measured {
            Measured::Count(count) => count as f64,
            Measured::Number(number) => number,
        };
        if size(other) > size(self) {
            other
        } else {
            self
        }
    }
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Measured::Count(count) => write!(f, "{count}"),
            // Three decimals say enough of a mean, but not of a very small one.
            Measured::Number(n) if n.abs() >= 0.001 && n.abs() < 1e15 => {
                let shown = format!("{n:.3}");
                write!(f, "{}", shown.trim_end_matches('0').trim_end_matches('.'))
            }
            Measured::Number(n) => write!(f, "{n}"),
        }
    }
}

/// What an observation saw, beside how often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Noted {
    /// A value that the key did not show lately; the last of the draft's key.
    New {
        /// Nanoseconds since the key showed it last; `None` when it never did.
        before: Option<i64>,
        /// Nanoseconds since the key's first record.
        history: i64,
    },
    /// A count far above the usual one.
    Unusual {
        /// The count.
        count: u64,
        /// The median of the comparable stretches.
        usual: f64,
        /// How many these are.
        stretches: usize,
        /// They are hours, not days.
        hourly: bool,
    },
    /// A stretch without a record.
    Silent {
        /// Nanoseconds of the time that counts.
        length: i64,
        /// It goes on at the greatest event time.
        lasting: bool,
    },
    /// Numbers that no record has, both ends included.
    Missing {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The count began anew.
    Reset {
        /// The number before.
        after: u64,
        /// The number then.
        at: u64,
    },
    /// Numbers visited one after the other.
    Walked {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// An address that a lease gave to a holder.
    Leased {
        /// Nanoseconds from the lease to the first event that is joined with it.
        before: i64,
        /// How many may have held the address at once, at most; more than one where it is
        /// ambiguous.
        holders: usize,
    },
    /// An address that nothing shows to be there.
    Unseen {
        /// Nanoseconds since something showed it last; `None` when nothing ever did.
        before: Option<i64>,
    },
    /// A number that came again.
    Repeated {
        /// The number.
        number: u64,
        /// How often it came in all.
        times: u64,
    },
}

/// The order of facts within one run.
type Place = (i64, u32, u64, u32, i64);

/// One row of values that an alert hands on to the correlations that count it.
#[derive(Clone, Debug)]
pub(super) struct Carried {
    pub(super) values: Vec<u64>,
    /// An event whose fields tell the values.
    pub(super) teller: Fact,
}

/// A fact that an alert rests on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ground {
    pub(super) fact: Fact,
    /// It was there when the condition became true; the alert did not only grow by it.
    pub(super) began: bool,
}

/// An alert in the making. There may be many of them, put in order and handed on: they are moved
/// as one word each.
#[derive(Clone, Debug)]
pub struct Draft(Box<Told>);

/// What an alert in the making tells.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its rule.
    pub rule: RuleIndex,
    /// Hashes of the key's values, in the rule's order.
    pub key: Vec<u64>,
    /// Events it stands for, repeats counted.
    pub events: u64,
    /// Records it rests on.
    pub records: u64,
    /// The largest measure its window reached (events for a fold).
    pub measure: Measured,
    /// What an observation saw.
    pub noted: Option<Noted>,
    /// By how many seconds time stepped back at the first fact, where the rule asks for that: no
    /// record tells it alone.
    pub stepped: Option<f64>,
    /// Number of different values of the rule's tally fields.
    pub tallies: Vec<Tally>,
    /// The first facts, in order.
    pub first: Vec<Fact>,
    /// The last facts, in order, none of which is among the first.
    pub last: VecDeque<Fact>,
    /// The event by which the condition became true.
    pub(super) completed: Option<Fact>,
    /// What it hands on.
    pub(super) carried: Vec<Carried>,
    /// All facts in order, where they are kept.
    pub(super) facts: Arc<[Ground]>,
    teller: Option<Fact>,
    gathered: Option<BTreeMap<Place, Ground>>,
    keep: usize,
    latest: Option<(u32, i64, i64)>,
}

impl Deref for Draft {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.0
    }
}

impl DerefMut for Draft {
    fn deref_mut(&mut self) -> &mut Told {
        &mut self.0
    }
}

impl Draft {
    /// An alert without facts yet; `keep` facts are kept at each end.
    pub(super) fn new(key: Vec<u64>, tallies: usize, keep: usize) -> Draft {
        Draft(Box::new(Told {
            rule: RuleIndex::Detection(usize::MAX),
            key,
            events: 0,
            records: 0,
            measure: Measured::Count(0),
            noted: None,
            stepped: None,
            tallies: vec![Tally::default(); tallies],
            first: Vec::new(),
            last: VecDeque::new(),
            completed: None,
            carried: Vec::new(),
            facts: Arc::default(),
            teller: None,
            gathered: None,
            keep,
            latest: None,
        }))
    }

    /// The same alert, which keeps all its facts: they may come in any order, and more than once.
    pub(super) fn gathering(mut self) -> Draft {
        self.gathered = Some(BTreeMap::new());
        self
    }

    pub(super) fn of(mut self, rule: RuleIndex) -> Draft {
        self.rule = rule;
        self
    }

    /// The event whose fields tell the key.
    pub fn teller(&self) -> Option<&Fact> {
        self.teller.as_ref().or(self.first.first())
    }

    pub(super) fn told_by(&mut self, teller: Fact) {
        self.teller.get_or_insert(teller);
    }

    /// Counts the values of the tally fields.
    pub(super) fn tally(&mut self, values: impl Iterator<Item = u64>) {
        for (tally, value) in self.tallies.iter_mut().zip(values) {
            if value != 0 {
                tally.values.insert(value);
            }
        }
    }

    /// So many more different values of each tally field.
    pub(super) fn tally_counted(&mut self, counts: &[u64]) {
        for (tally, count) in self.tallies.iter_mut().zip(counts) {
            tally.counted += count;
        }
    }

    /// Takes in a whole window at once: its first and last facts and how much it holds.
    pub(super) fn add_window<'f>(
        &mut self,
        mut facts: impl DoubleEndedIterator<Item = &'f Fact> + Clone,
        (records, events): (usize, u64),
    ) {
        self.first = facts.clone().take(self.keep.max(1)).copied().collect();
        let others = self.keep.min(records - self.first.len());
        self.last = facts.clone().rev().take(others).copied().collect();
        self.last.make_contiguous().reverse();
        self.events = events;
        self.records = records as u64;
        let latest = facts.next_back();
        self.latest = latest.map(|f| (f.segment, f.offset, f.time));
    }

    /// Adds a fact: the next in order, unless the alert gathers.
    pub(super) fn add(&mut self, fact: &Fact, rank: Rank<'_>) {
        let began = true;
        self.add_ground(&Ground { fact: *fact, began }, rank);
    }

    /// Adds what an inner alert rests on; what that one only grew by was not there at the
    /// beginning of this one either.
    pub(super) fn add_ground(&mut self, ground: &Ground, rank: Rank<'_>) {
        let fact = &ground.fact;
        let told = &mut *self.0;
        if let Some(gathered) = &mut told.gathered {
            let place = (
                fact.time,
                rank(fact.segment),
                fact.identity,
                fact.segment,
                fact.offset,
            );
            let began = ground.began && told.completed.is_none();
            let of_place = gathered
                .entry(place)
                .or_insert(Ground { fact: *fact, began });
            of_place.began |= began;
            return;
        }
        // Several facts of one event (a list of patients) are one event and one record.
        let place = (fact.segment, fact.offset, fact.time);
        if self.latest.replace(place) != Some(place) {
            self.append(fact);
        }
    }

    fn append(&mut self, fact: &Fact) {
        self.events += u64::from(fact.weight);
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

    /// Takes note that the condition has become true.
    pub(super) fn complete(&mut self, at: Fact) {
        self.completed = Some(at);
    }

    /// The alert grows no more.
    pub(super) fn settled(mut self) -> Draft {
        if let Some(gathered) = self.gathered.take() {
            self.facts = gathered.into_values().collect();
            let facts = Arc::clone(&self.facts);
            facts.iter().for_each(|ground| self.append(&ground.fact));
        }
        self.first.shrink_to_fit();
        self.last.shrink_to_fit();
        self
    }

    /// Time of the first fact, nanoseconds since 1970.
    pub fn start(&self) -> i64 {
        self.first.first().map_or(0, |f| f.time)
    }

    /// Time of the last fact.
    pub fn end(&self) -> i64 {
        self.last.back().or(self.first.last()).map_or(0, |f| f.time)
    }

    pub(super) fn order(&self, rank: Rank<'_>) -> (i64, RuleIndex, u32, u64, i64, u64, Vec<u64>) {
        let first = self.first.first();
        let (source, identity) = first.map_or((0, 0), |f| (rank(f.segment), f.identity));
        (
            self.start(),
            self.rule,
            source,
            identity,
            self.end(),
            self.events,
            self.key.clone(),
        )
    }
}
