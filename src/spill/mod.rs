//! Facts: kept small, put in order, written to temporary files when there are many, read again.
//!
//! A fact is what remains of a match once its text is left behind: when, where, how often, and
//! hashes of the few values some window needs. Takes facts segment by segment, in any order;
//! gives them back in the total order of time, source and identity, in memory bounded by a
//! setting. Never knows rules.

mod block;
mod column;
mod ordered;
mod origin;
mod parcel;
mod roll;
mod sheet;
mod store;
mod told;

pub use block::{Block, Everything, Gate, GateEntry, Packer, Sieve};
pub use ordered::{Ordered, Rank};
pub use origin::Origins;
pub use parcel::{Parcel, Parcels, Records, Sealer, unseal_blocks, unseal_records};
pub use roll::{HourRoll, Rolls, hash_ranges, in_common, larger_of, sort_hashes};
pub use sheet::Sheet;
pub use store::{EVER, Narrow, Opened, Part, Reading, Spill, Spilled};
pub use told::Told;

use std::hash::{BuildHasherDefault, Hasher};

/// What is remembered of one match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Event time, nanoseconds since 1970.
    pub time: i64,
    /// Hash of the record's folded text: what equal times are ordered by, so that order never
    /// depends on where a record happened to stand.
    pub identity: u64,
    /// Number of the segment, over all inputs of the run.
    pub segment: u32,
    /// Bytes of the record.
    pub length: u32,
    /// How many events it stands for; the facts of an event with several values all tell it.
    pub weight: u32,
    /// Line breaks from the beginning of the segment; negative for a record before it.
    pub line: i32,
    /// Offset from the beginning of the segment; negative for a record before it.
    pub offset: i64,
}

impl Fact {
    /// Before all facts.
    const NONE: Fact = Fact {
        time: 0,
        identity: 0,
        segment: 0,
        length: 0,
        weight: 0,
        line: 0,
        offset: 0,
    };

    /// Where the record ends, from the beginning of the segment.
    fn end(&self) -> i64 {
        self.offset + i64::from(self.length)
    }

    /// The order within one source: time, identity, then position (which only tells equal
    /// records apart).
    fn order(&self) -> (i64, u64, u32, i64) {
        (self.time, self.identity, self.segment, self.offset)
    }
}

/// Facts of one stream, each with the same number of value hashes. A hash of 0 means absent.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    columns: usize,
    rows: Vec<Fact>,
    values: Vec<u64>,
}

impl Facts {
    /// No facts yet, each to come with so many values.
    pub fn new(columns: usize) -> Self {
        Facts {
            columns,
            rows: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Adds a fact; `values` has one hash a column.
    #[inline]
    pub fn push(&mut self, fact: Fact, values: &[u64]) {
        debug_assert_eq!(values.len(), self.columns, "one value a column");
        self.rows.push(fact);
        self.values.extend_from_slice(values);
    }

    /// The same with values that are worked out as they are put in.
    #[inline]
    pub fn push_each(&mut self, fact: Fact, values: impl Iterator<Item = u64>) {
        self.rows.push(fact);
        self.values.extend(values);
        debug_assert_eq!(
            self.values.len(),
            self.rows.len() * self.columns,
            "one value a column"
        );
    }

    /// Number of facts.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Forgets all facts and keeps the memory.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.values.clear();
    }

    /// Keeps the facts that are told to stay.
    pub fn retain(&mut self, stays: &[bool]) {
        keep(stays, &mut self.rows, 1);
        keep(stays, &mut self.values, self.columns);
    }

    /// Gives all facts away.
    #[must_use]
    pub fn take(&mut self) -> Facts {
        std::mem::replace(self, Facts::new(self.columns))
    }

    /// Adds the facts of others, which have as many values each.
    pub fn append(&mut self, others: &Facts) {
        debug_assert_eq!(others.columns, self.columns, "one value a column");
        self.rows.extend_from_slice(&others.rows);
        self.values.extend_from_slice(&others.values);
    }

    /// Adds the facts of others as those of the first segment, so many bytes and line breaks further
    /// on.
    pub fn append_moved(&mut self, others: &Facts, (bytes, lines): (i64, i32)) {
        debug_assert_eq!(others.columns, self.columns, "one value a column");
        self.rows.extend(others.rows.iter().map(|fact| Fact {
            segment: 0,
            offset: fact.offset + bytes,
            line: fact.line.wrapping_add(lines),
            ..*fact
        }));
        self.values.extend_from_slice(&others.values);
    }

    /// Some of the facts, by their places.
    #[must_use]
    pub fn part(&self, places: std::ops::Range<usize>) -> Facts {
        let values = places.start * self.columns..places.end * self.columns;
        Facts {
            columns: self.columns,
            rows: self.rows[places].to_vec(),
            values: self.values[values].to_vec(),
        }
    }

    /// Bytes of memory they take.
    pub fn bytes(&self) -> usize {
        size_of_val(self.rows.as_slice()) + size_of_val(self.values.as_slice())
    }

    /// A fact.
    #[inline]
    pub fn row(&self, index: usize) -> &Fact {
        &self.rows[index]
    }

    /// All facts without their values.
    pub fn rows(&self) -> &[Fact] {
        &self.rows
    }

    /// The value hashes of a fact.
    #[inline]
    pub fn values(&self, index: usize) -> &[u64] {
        &self.values[index * self.columns..(index + 1) * self.columns]
    }

    /// Puts the facts in the order of time, which is all that a block needs.
    pub fn sort_by_time(&mut self) {
        if !self.rows.is_sorted_by_key(|f| f.time) {
            self.sort(&|_| 0);
        }
    }

    /// Puts the facts in order; `rank` gives the rank of the source a segment belongs to.
    pub fn sort(&mut self, rank: &dyn Fn(u32) -> u32) {
        let key = |f: &Fact| (f.time, rank(f.segment), f.identity, f.segment, f.offset);
        if self.rows.is_sorted_by_key(key) {
            return;
        }
        let mut order: Vec<u32> = (0..self.rows.len() as u32).collect();
        order.sort_by_key(|&i| key(&self.rows[i as usize]));
        let rows = order.iter().map(|&i| self.rows[i as usize]).collect();
        let values = order
            .iter()
            .flat_map(|&i| self.values(i as usize).iter().copied())
            .collect::<Vec<_>>();
        self.rows = rows;
        self.values = values;
    }
}

/// Keeps the rows, each of so many words, that are told to stay.
fn keep<T: Copy>(stays: &[bool], words: &mut Vec<T>, width: usize) {
    let mut to = 0;
    for (at, stays) in stays.iter().enumerate() {
        if *stays {
            words.copy_within(at * width..(at + 1) * width, to);
            to += width;
        }
    }
    words.truncate(to);
}

/// Hashes words that are hashes already, or numbers, whose lower bits are often all alike: by one
/// multiplication.
pub type Through = BuildHasherDefault<ThroughHasher>;

/// The hasher behind [`Through`].
#[derive(Clone, Copy, Debug, Default)]
pub struct ThroughHasher(u64);

impl Hasher for ThroughHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        let wide = u128::from(word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = wide as u64 ^ (wide >> 64) as u64;
    }
}

/// One hash from the hashes of several columns; `None` when one of them is absent.
#[inline]
pub fn combine(values: &[u64], columns: &[usize]) -> Option<u64> {
    combine_each(columns.iter().map(|&column| values[column]))
}

/// The same of values that come one after the other.
#[inline]
fn combine_each(mut values: impl Iterator<Item = u64>) -> Option<u64> {
    values.try_fold(0, |hash, value| (value != 0).then(|| mix(hash, value)))
}

/// One hash from the hashes of several columns, in which an absent value is a value of its own.
#[inline]
pub fn combine_all(values: &[u64], columns: &[usize]) -> u64 {
    columns
        .iter()
        .fold(0, |hash, &column| mix(hash, values[column]))
}

/// The two halves of a product, joined: every bit of either word moves every bit of the result.
#[inline]
fn mix(hash: u64, value: u64) -> u64 {
    let told = hash.wrapping_add(value) ^ 0x9e37_79b9_7f4a_7c15;
    let wide = u128::from(told) * u128::from(value.rotate_left(32) ^ 0xd1b5_4a32_d192_ed03);
    (wide as u64) ^ ((wide >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::hash::BuildHasher;

    use super::Through;

    #[test]
    fn numbers_that_differ_above_alone_are_spread_below() {
        // Whole numbers as floating point, whose lower bits are all zero.
        let hashes = (1..=4_096_u32).map(|n| Through::default().hash_one(f64::from(n).to_bits()));
        let lower: BTreeSet<u64> = hashes.map(|hash| hash % 4_096).collect();
        assert!(lower.len() > 2_000, "{}", lower.len());
    }
}
