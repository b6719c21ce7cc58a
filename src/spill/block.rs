//! A block: the facts of one segment (or one slice of a sorted run), packed.
//!
//! Value hashes stand once, in a dictionary at the front. Behind it stand three parts, each of
//! which spares the next one to nearly all readers: for each gate how much the block may add to
//! each key in each bucket of time; the rows of values that differ; the facts. All of them stand in
//! columns, as differences where those are small.

mod pack;
#[cfg(test)]
mod tests;

use super::column::{Column, unzigzag};
use super::{Fact, Facts, combine};

pub use pack::Packer;
pub(super) use pack::{pack_heads, row_key};

/// What is counted for a correlation to decide whether a key is worth looking at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Columns of the key.
    pub group: Vec<usize>,
    /// Columns whose different values are counted; empty: events are counted.
    pub distinct: Vec<usize>,
    /// Length of a bucket of time, nanoseconds; at least the length of the window.
    pub bucket: i64,
}

/// How much a block adds to a key within a bucket of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateEntry {
    /// Number of the bucket since 1970.
    pub bucket: i64,
    /// Hash of the key.
    pub key: u64,
    /// So many events, or at most so many different values.
    pub adds: u64,
}

/// Packed facts in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Time of the first fact.
    pub first: i64,
    /// Time of the last fact.
    pub last: i64,
    /// Number of facts.
    pub count: u32,
    /// The dictionary, the gate entries, the different rows and the facts, packed.
    pub bytes: Vec<u8>,
    /// Where in `bytes` the different rows begin.
    pub rows_at: u32,
    /// Where in `bytes` the facts begin.
    pub facts_at: u32,
}

/// Which facts of a block are wanted.
pub trait Sieve {
    /// False when no fact can be wanted whose values are all among these hashes.
    fn wants_any(&self, values: &[u64]) -> bool;
    /// Whether a fact is wanted.
    fn wants(&self, fact: &Fact, values: &[u64]) -> bool;
}

/// Wants everything.
pub struct Everything;

impl Sieve for Everything {
    fn wants_any(&self, _: &[u64]) -> bool {
        true
    }

    fn wants(&self, _: &Fact, _: &[u64]) -> bool {
        true
    }
}

impl Block {
    /// Packs facts; see [`Packer::pack`].
    pub fn pack(facts: &Facts, gates: &[Gate]) -> Block {
        Packer::default().pack(facts, gates)
    }

    /// The facts without their values, packed.
    fn heads(&self) -> &[u8] {
        let facts = &self.bytes[self.facts_at as usize..];
        let mut behind = facts;
        Heads::take(&mut behind);
        &facts[..facts.len() - behind.len()]
    }

    /// Calls `each` with the entries of the gate of this number. `bytes` are those up to
    /// `rows_at`.
    pub fn gate_entries(
        mut bytes: &[u8],
        gates: &[Gate],
        number: usize,
        mut each: impl FnMut(GateEntry),
    ) {
        let dictionary = take_dictionary(&mut bytes);
        for (gate, told) in gates.iter().enumerate().take(number + 1) {
            let entries = take_count(&mut bytes);
            let columns = [(); 3].map(|()| Column::take(&mut bytes, entries));
            if gate != number {
                continue;
            }
            let [buckets, keys, adds] = columns.map(|column| column.all());
            for ((bucket, key), adds) in buckets.into_iter().zip(keys).zip(adds) {
                let key = match told.group.as_slice() {
                    // A key of one column is told by its value's place in the dictionary.
                    [_] => combine(&[dictionary.get(key)], &[0]),
                    _ => Some(key),
                };
                each(GateEntry {
                    bucket: unzigzag(bucket),
                    key: key.expect("absent values are no keys"),
                    adds,
                });
            }
        }
    }

    /// Calls `each` with a time and the values of every different row; the time lies in the same
    /// buckets as those of the row. `bytes` are those up to `facts_at`.
    pub fn rows(bytes: &[u8], rows_at: usize, columns: usize, mut each: impl FnMut(i64, &[u64])) {
        let dictionary = take_dictionary(&mut &bytes[..]);
        let mut bytes = &bytes[rows_at..];
        let (rows, begins) = (take_count(&mut bytes), take_count(&mut bytes));
        let [begin, times] = [(); 2].map(|()| Column::take(&mut bytes, begins));
        let numbers: Vec<Column> = (0..columns)
            .map(|_| Column::take(&mut bytes, rows))
            .collect();
        let mut values = vec![0; columns];
        for stretch in 0..begins {
            let end = match stretch + 1 < begins {
                true => begin.get(stretch + 1) as usize,
                false => rows,
            };
            for row in begin.get(stretch) as usize..end {
                for (value, column) in values.iter_mut().zip(&numbers) {
                    *value = dictionary.get(column.get(row));
                }
                each(unzigzag(times.get(stretch)), &values);
            }
        }
    }

    /// Calls `each` with the time, the weight and the values of every fact, of which only those in
    /// the columns `wanted`, of so many, are told. `bytes` are all of a block's.
    pub fn moments(
        bytes: &[u8],
        facts_at: usize,
        (columns, wanted): (usize, &[usize]),
        mut each: impl FnMut(i64, u64, &[u64]),
    ) {
        let dictionary = take_dictionary(&mut &bytes[..]);
        let mut bytes = &bytes[facts_at..];
        let count = take_count(&mut bytes);
        let unit = UNITS[take_count(&mut bytes)];
        let [mut time, _line, _offset] = [(); 3].map(|()| take_word(&mut bytes));
        let [times, _, _, weights, _, _, _] = [(); 7].map(|()| Column::take(&mut bytes, count));
        let numbers: Vec<Column> = (0..columns)
            .map(|_| Column::take(&mut bytes, count))
            .collect();
        let numbers = wanted.iter().map(|&column| (column, numbers[column].all()));
        let numbers: Vec<(usize, Vec<u64>)> = numbers.collect();
        let mut values = vec![0; columns];
        for (row, (later, weight)) in times.all().into_iter().zip(weights.all()).enumerate() {
            time += unzigzag(later) * unit;
            for (column, numbers) in &numbers {
                values[*column] = dictionary.get(numbers[row]);
            }
            each(time, weight, &values);
        }
    }

    /// Unpacks the facts that are wanted into `out`. `bytes` are all of a block's.
    pub fn unpack(bytes: &[u8], facts_at: usize, out: &mut Facts, sieve: &impl Sieve) {
        let dictionary = take_dictionary(&mut &bytes[..]);
        let words: Vec<u64> = (0..dictionary.len()).map(|at| dictionary.get(at)).collect();
        if !sieve.wants_any(&words) {
            return;
        }
        let mut bytes = &bytes[facts_at..];
        let mut heads = Heads::take(&mut bytes);
        let count = heads.count;
        let numbers: Vec<Column> = (0..out.columns)
            .map(|_| Column::take(&mut bytes, count))
            .collect();
        let mut values = vec![0; out.columns];
        for row in 0..count {
            let fact = heads.fact(row);
            for (value, column) in values.iter_mut().zip(&numbers) {
                *value = words[column.get(row) as usize];
            }
            if sieve.wants(&fact, &values) {
                out.push(fact, &values);
            }
        }
    }
}

/// Units that times are told in, nanoseconds.
const UNITS: [i64; 3] = [1, 1_000_000, 1_000_000_000];

fn take_count(bytes: &mut &[u8]) -> usize {
    let (count, rest) = bytes
        .split_first_chunk()
        .expect("this module wrote the bytes");
    *bytes = rest;
    u32::from_le_bytes(*count) as usize
}

fn take_word(bytes: &mut &[u8]) -> i64 {
    let (word, rest) = bytes
        .split_first_chunk()
        .expect("this module wrote the bytes");
    *bytes = rest;
    i64::from_le_bytes(*word)
}

/// Skips what stands before the columns of the facts; gives the number of facts.
pub(super) fn skip_head(bytes: &mut &[u8]) -> usize {
    let count = take_count(bytes);
    let _unit = take_count(bytes);
    let _origin = [(); 3].map(|()| take_word(bytes));
    count
}

/// The value hashes of a block.
#[derive(Clone, Copy)]
struct Dictionary<'b>(&'b [[u8; 8]]);

impl Dictionary<'_> {
    fn len(self) -> u64 {
        self.0.len() as u64
    }

    #[inline]
    fn get(self, place: u64) -> u64 {
        u64::from_le_bytes(self.0[place as usize])
    }
}

fn take_dictionary<'b>(bytes: &mut &'b [u8]) -> Dictionary<'b> {
    let words = take_count(bytes);
    let (dictionary, rest) = bytes.split_at(8 * words);
    *bytes = rest;
    Dictionary(dictionary.as_chunks().0)
}

/// Facts without their values, read one after another.
pub(super) struct Heads<'b> {
    count: usize,
    unit: i64,
    before: Fact,
    times: Column<'b>,
    identities: Column<'b>,
    segments: Column<'b>,
    weights: Column<'b>,
    lines: Column<'b>,
    offsets: Column<'b>,
    lengths: Column<'b>,
}

impl<'b> Heads<'b> {
    /// Takes what [`pack_heads`] wrote from the front of `bytes`.
    pub(super) fn take(bytes: &mut &'b [u8]) -> Heads<'b> {
        let count = take_count(bytes);
        let unit = UNITS[take_count(bytes)];
        let before = Fact {
            time: take_word(bytes),
            line: take_word(bytes) as i32,
            offset: take_word(bytes),
            ..Fact::NONE
        };
        let mut column = || Column::take(bytes, count);
        Heads {
            count,
            unit,
            before,
            times: column(),
            identities: column(),
            segments: column(),
            weights: column(),
            lines: column(),
            offsets: column(),
            lengths: column(),
        }
    }

    /// How many events each fact stands for.
    pub(super) fn weights(&self) -> impl Iterator<Item = u64> + Clone + '_ {
        (0..self.count).map(|row| self.weights.get(row))
    }

    /// The fact of a row; rows are asked for in their order.
    #[inline]
    fn fact(&mut self, row: usize) -> Fact {
        let before = self.before;
        self.before = Fact {
            time: before.time + unzigzag(self.times.get(row)) * self.unit,
            identity: self.identities.get(row),
            segment: self.segments.get(row) as u32,
            length: self.lengths.get(row) as u32,
            weight: self.weights.get(row) as u32,
            line: (i64::from(before.line) + unzigzag(self.lines.get(row))) as i32,
            offset: before.end() + unzigzag(self.offsets.get(row)),
        };
        self.before
    }

    /// All facts.
    pub(super) fn all(mut self) -> Vec<Fact> {
        (0..self.count).map(|row| self.fact(row)).collect()
    }
}
