//! Records that several inputs tell: how many of an input's were told before.
//!
//! Takes the rolls of the inputs of a run, and of earlier ones; counts the duplicates of each input
//! within its accepted records. Never leaves a record out: what counts once is decided fact by fact
//! (see [`Origins`]), and this counts by the same law.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io;
use std::ops::RangeInclusive;

use foldhash::fast::FixedState;

use crate::event::{Edges, NANOS};
use crate::spill::{HourRoll, Origins, Rolls, hash_ranges, in_common, larger_of};

use super::feed::OpenedInput;

/// Nanoseconds of an hour.
const HOUR: i64 = 3_600 * NANOS;
/// Hours that are told apart, since 1970: those of 130 years. Records that claim other times share
/// the first or the last, so that no log can make more hours than that.
const HOURS: RangeInclusive<i64> = 0..=1_139_568;
/// Hashes of one hour that are put in order and compared at a time: 32 MB of them.
const HASHES_AT_A_TIME: u64 = 1 << 22;

/// The roll of an input that an earlier run read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRoll {
    /// By which it is asked for again.
    pub number: i64,
    /// Its first and last second.
    pub edges: Edges,
    /// Its hours, in order.
    pub hours: Vec<(i64, HourRoll)>,
    /// Its place in [`Run::inputs`](super::Run::inputs), if it is judged in this run too.
    pub input: Option<usize>,
    /// True when an input of this run is known to hold all of it.
    pub is_held: bool,
}

/// Remembers which records earlier inputs told.
pub trait Rollbook {
    /// The rolls of earlier inputs of a source that reach into a stretch of time (seconds since
    /// 1970, both ends included).
    ///
    /// # Errors
    /// When what was kept cannot be read.
    fn rolls(&mut self, source: &str, stretch: (i64, i64)) -> io::Result<Vec<KnownRoll>>;

    /// The hashes of an hour of a roll that lie in a range, in order.
    ///
    /// # Errors
    /// When what was kept cannot be read.
    fn hashes(&mut self, at: (i64, i64), range: RangeInclusive<u64>) -> io::Result<Vec<u64>>;
}

/// Remembers nothing.
pub(super) struct NoRolls;

impl Rollbook for NoRolls {
    fn rolls(&mut self, _: &str, _: (i64, i64)) -> io::Result<Vec<KnownRoll>> {
        Ok(Vec::new())
    }

    fn hashes(&mut self, _: (i64, i64), _: RangeInclusive<u64>) -> io::Result<Vec<u64>> {
        Ok(Vec::new())
    }
}

/// Calls the roll of one segment.
#[derive(Clone, Debug)]
pub(super) struct Calling {
    key: FixedState,
    /// The hour at hand.
    hour: i64,
    hashes: Vec<u64>,
    others: BTreeMap<i64, Vec<u64>>,
}

impl Calling {
    pub(super) fn new(key: u64) -> Calling {
        Calling {
            key: FixedState::with_seed(key),
            hour: 0,
            hashes: Vec::new(),
            others: BTreeMap::new(),
        }
    }

    /// The hash of a record's folded text.
    #[inline]
    pub(super) fn hash(&self, text: &str) -> u64 {
        let mut hasher = self.key.build_hasher();
        hasher.write(text.as_bytes());
        hasher.finish()
    }

    /// Takes in the hash of a record of this time.
    #[inline]
    pub(super) fn call(&mut self, nanos: i64, hash: u64) {
        let hour = nanos.div_euclid(HOUR);
        if hour != self.hour {
            self.turn_to(hour);
        }
        self.hashes.push(hash);
    }

    fn turn_to(&mut self, hour: i64) {
        self.put_by();
        self.hour = hour;
    }

    fn put_by(&mut self) {
        if !self.hashes.is_empty() {
            let hour = self.hour.clamp(*HOURS.start(), *HOURS.end());
            match self.others.entry(hour) {
                Entry::Vacant(entry) => {
                    entry.insert(std::mem::take(&mut self.hashes));
                }
                Entry::Occupied(mut entry) => entry.get_mut().append(&mut self.hashes),
            }
        }
    }

    /// The hashes by hour.
    pub(super) fn done(mut self) -> BTreeMap<i64, Vec<u64>> {
        self.put_by();
        self.others
    }
}

/// What is needed to count duplicates.
pub(super) struct Counting<'c> {
    pub(super) rolls: &'c Rolls,
    pub(super) book: &'c mut dyn Rollbook,
    /// Which inputs are parts of one log; nothing is known where all inputs lie apart.
    pub(super) origins: Option<&'c Origins>,
    /// How many inputs this run read; those of earlier runs stand behind them.
    pub(super) own: usize,
}

/// Who told records before.
enum Teller {
    /// An input of this run.
    Own(u32),
    /// A known one.
    Known(KnownRoll),
}

impl Counting<'_> {
    /// Counts the duplicates of all inputs of this run.
    pub(super) fn count(&mut self, inputs: &mut [OpenedInput]) -> io::Result<()> {
        for at in 0..self.own {
            let Some(edges) = inputs[at].account.edges else {
                continue;
            };
            let tellers = self.tellers(at, &edges, inputs)?;
            let (mut told, mut ambiguous) = (0, 0);
            let hours: Vec<_> = self.rolls.hours(at as u32).collect();
            for (hour, roll) in hours {
                let overlapping = tellers.iter().filter(|(_, seam)| seam.is_none());
                let overlapping = overlapping.filter_map(|(t, _)| Some((t, self.hour(t, hour)?)));
                let overlapping: Vec<_> = overlapping.collect();
                told += match overlapping.iter().any(|(_, other)| *other == roll) {
                    true => roll.count,
                    false => self.told_before((at as u32, hour), roll, &overlapping)?,
                };
                let cut = tellers.iter().filter(|(_, seam)| {
                    seam.is_some_and(|second| (second * NANOS).div_euclid(HOUR) == hour)
                });
                let cut = cut.filter_map(|(t, _)| Some((t, self.hour(t, hour)?)));
                let cut: Vec<_> = cut.collect();
                ambiguous += self.told_before((at as u32, hour), roll, &cut)?;
            }
            inputs[at].account.duplicates = told;
            inputs[at].account.ambiguous_at_seam = ambiguous;
        }
        Ok(())
    }

    /// The inputs before this one that lie in its time and are no parts of one log with it; with
    /// the second where one was cut from the other.
    fn tellers(
        &mut self,
        at: usize,
        edges: &Edges,
        inputs: &[OpenedInput],
    ) -> io::Result<Vec<(Teller, Option<i64>)>> {
        let input = &inputs[at];
        let stretch = (edges.first.0, edges.last.0);
        let mut tellers = Vec::new();
        for known in self.book.rolls(&input.source, stretch)? {
            if known.edges.overlaps(edges) && !self.are_parts(at, known.input) {
                let seam = known.edges.seam(edges).filter(|_| !known.is_held);
                tellers.push((Teller::Known(known), seam));
            }
        }
        for (before, other) in inputs[..at].iter().enumerate() {
            let Some(others) = other.account.edges.filter(|o| o.overlaps(edges)) else {
                continue;
            };
            if other.source == input.source && !self.are_parts(at, Some(before)) {
                tellers.push((Teller::Own(before as u32), others.seam(edges)));
            }
        }
        Ok(tellers)
    }

    fn are_parts(&self, one: usize, other: Option<usize>) -> bool {
        let both = self.origins.zip(other);
        both.is_some_and(|(origins, other)| origins.are_parts(one, other))
    }

    fn hour(&self, teller: &Teller, hour: i64) -> Option<HourRoll> {
        match teller {
            Teller::Own(input) => self.rolls.hour(*input, hour),
            Teller::Known(known) => {
                let at = known.hours.binary_search_by_key(&hour, |(hour, _)| *hour);
                Some(known.hours[at.ok()?].1)
            }
        }
    }

    /// How many records of an hour these told too.
    fn told_before(
        &mut self,
        at: (u32, i64),
        roll: HourRoll,
        tellers: &[(&Teller, HourRoll)],
    ) -> io::Result<u64> {
        if tellers.is_empty() {
            return Ok(0);
        }
        let most = tellers.iter().map(|(_, other)| other.count).max();
        let most = most.unwrap_or(0).max(roll.count);
        let mut told = 0;
        for range in hash_ranges(most, HASHES_AT_A_TIME) {
            let own = self.rolls.hashes(at, range.clone())?;
            let mut others = Vec::new();
            for (teller, _) in tellers {
                let more = match teller {
                    Teller::Own(input) => self.rolls.hashes((*input, at.1), range.clone())?,
                    Teller::Known(known) => {
                        self.book.hashes((known.number, at.1), range.clone())?
                    }
                };
                others = larger_of(&others, &more);
            }
            told += in_common(&own, &others);
        }
        Ok(told)
    }
}
