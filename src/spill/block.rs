//! A block: the facts of one segment (or one slice of a sorted run), packed.
//!
//! Value hashes stand once, in a dictionary at the front. Behind it stand three parts, each of
//! which spares the next one to nearly all readers: for each gate how much the block may add to
//! each key in each bucket of time; the rows of values that differ; the facts. All of them stand in
//! columns, as differences where those are small.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use super::column::{self, Column, unzigzag, zigzag};
use super::{Fact, Facts, Through, combine, combine_all};

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

/// Packs blocks, with tables that serve for one after the other.
#[derive(Debug, Default)]
pub struct Packer {
    places: HashMap<u64, u32, Through>,
    seen: HashSet<u64, Through>,
    pairs: HashSet<u64, Through>,
}

impl Packer {
    /// Packs facts that are in order of time (see [`Facts::sort_by_time`]); there is at least
    /// one.
    pub fn pack(&mut self, facts: &Facts, gates: &[Gate]) -> Block {
        self.pack_beside(facts, gates, None)
    }

    /// The same beside a block of the same records, whose values may be others: what is alike is
    /// taken from there.
    pub fn pack_beside(&mut self, facts: &Facts, gates: &[Gate], beside: Option<&Block>) -> Block {
        debug_assert!(!facts.is_empty(), "a block holds facts");
        let mut bytes = Vec::with_capacity(facts.len() * 24 + 1024);
        let numbered = self.number(facts);
        put_count(&mut bytes, numbered.dictionary.len());
        for value in &numbered.dictionary {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        let different = self.different_rows(facts, gates);
        for gate in gates {
            let mut counts = Counts::new(&numbered, gate);
            match gate.distinct.is_empty() {
                true => counts.count_events(facts),
                false => counts.count_values(facts, &different, &mut self.pairs),
            }
            counts.pack(&mut bytes);
        }
        let rows_at = bytes.len() as u32;
        pack_rows(&numbered, &different, &mut bytes);
        let facts_at = bytes.len() as u32;
        match beside {
            Some(block) => bytes.extend_from_slice(block.heads()),
            None => pack_heads(&facts.rows, &mut bytes),
        }
        pack_values(&numbered, &mut bytes);
        let last = facts.row(facts.len() - 1).time;
        Block {
            first: facts.row(0).time,
            last,
            count: facts.len() as u32,
            bytes,
            rows_at,
            facts_at,
        }
    }

    /// The values by their place in a dictionary, in the order of first appearance.
    fn number(&mut self, facts: &Facts) -> Numbered {
        self.places.clear();
        let mut dictionary = Vec::new();
        let number = |&value: &u64| {
            *self.places.entry(value).or_insert_with(|| {
                dictionary.push(value);
                (dictionary.len() - 1) as u32
            })
        };
        Numbered {
            columns: facts.columns,
            numbers: facts.values.iter().map(number).collect(),
            dictionary,
        }
    }

    /// The facts that differ from all before them in some value or in a gate's bucket: no gate
    /// learns anything from the others.
    fn different_rows(&mut self, facts: &Facts, gates: &[Gate]) -> Different {
        let counted: Vec<&Gate> = gates.iter().filter(|g| !g.distinct.is_empty()).collect();
        let mut different = Different::default();
        if counted.is_empty() {
            return different;
        }
        let columns: Vec<usize> = (0..facts.columns).collect();
        // Times at which the next bucket of some gate begins.
        let mut until = i64::MIN;
        for i in 0..facts.len() {
            let time = facts.row(i).time;
            if time >= until {
                self.seen.clear();
                different.begins.push((different.rows.len(), time));
                let end =
                    |gate: &&Gate| (time.div_euclid(gate.bucket) + 1).saturating_mul(gate.bucket);
                until = counted.iter().map(end).min().unwrap_or(i64::MAX);
            }
            if self.seen.insert(combine_all(facts.values(i), &columns)) {
                different.rows.push(i);
            }
        }
        different
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

fn put_count(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend_from_slice(&(count as u32).to_le_bytes());
}

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

/// The values of all facts by their place in a dictionary.
struct Numbered {
    columns: usize,
    dictionary: Vec<u64>,
    numbers: Vec<u32>,
}

impl Numbered {
    /// The last place in the dictionary.
    fn most(&self) -> u32 {
        (self.dictionary.len() as u32).saturating_sub(1)
    }

    fn row(&self, index: usize) -> &[u32] {
        &self.numbers[index * self.columns..(index + 1) * self.columns]
    }
}

/// How much each key has in each bucket.
struct Counts<'b> {
    numbered: &'b Numbered,
    gate: &'b Gate,
    /// Bucket, key as it is written, count.
    counts: Vec<(i64, Key, u64)>,
    /// Where the key of each dictionary entry is counted in the bucket at hand, from 1.
    by_number: Vec<u32>,
    by_hash: HashMap<u64, u32, Through>,
    bucket: i64,
}

/// A key as a gate entry tells it.
#[derive(Clone, Copy)]
enum Key {
    /// A key of one column, by its value's place in the dictionary.
    Number(u32),
    /// The hash of a key.
    Hash(u64),
}

impl<'b> Counts<'b> {
    fn new(numbered: &'b Numbered, gate: &'b Gate) -> Self {
        let single = gate.group.len() == 1;
        Counts {
            numbered,
            gate,
            counts: Vec::new(),
            by_number: vec![0; if single { numbered.dictionary.len() } else { 0 }],
            by_hash: HashMap::default(),
            bucket: i64::MIN,
        }
    }

    fn count_events(&mut self, facts: &Facts) {
        for i in 0..facts.len() {
            let fact = facts.row(i);
            if let Some(key) = self.key(facts, i) {
                self.add(fact.time, key, u64::from(fact.weight));
            }
        }
    }

    /// `seen` serves to tell which pairs of key and value are known.
    fn count_values(
        &mut self,
        facts: &Facts,
        different: &Different,
        seen: &mut HashSet<u64, Through>,
    ) {
        let (group, distinct) = (&self.gate.group, &self.gate.distinct);
        let reads = |column: &usize| group.contains(column) || distinct.contains(column);
        // Where the gate reads all columns, different rows are different pairs.
        let pairs_differ = (0..facts.columns).all(|column| reads(&column));
        seen.clear();
        for &i in &different.rows {
            let (key, value) = (self.key(facts, i), combine(facts.values(i), distinct));
            let Some((key, value)) = key.zip(value) else {
                continue;
            };
            let time = facts.row(i).time;
            if time.div_euclid(self.gate.bucket) != self.bucket {
                seen.clear();
            }
            let pair = || {
                let key = combine_all(facts.values(i), group);
                combine_all(&[key, value], &[0, 1])
            };
            if pairs_differ || seen.insert(pair()) {
                self.add(time, key, 1);
            }
        }
    }

    #[inline]
    fn key(&self, facts: &Facts, row: usize) -> Option<Key> {
        match self.gate.group.as_slice() {
            [column] => (facts.values(row)[*column] != 0)
                .then(|| Key::Number(self.numbered.row(row)[*column])),
            columns => combine(facts.values(row), columns).map(Key::Hash),
        }
    }

    #[inline]
    fn add(&mut self, time: i64, key: Key, count: u64) {
        let bucket = time.div_euclid(self.gate.bucket);
        if bucket != self.bucket {
            self.bucket = bucket;
            self.by_number.fill(0);
            self.by_hash.clear();
        }
        let place = match key {
            Key::Number(number) => &mut self.by_number[number as usize],
            Key::Hash(hash) => self.by_hash.entry(hash).or_default(),
        };
        match place.checked_sub(1) {
            Some(at) => self.counts[at as usize].2 += count,
            None => {
                self.counts.push((bucket, key, count));
                *place = self.counts.len() as u32;
            }
        }
    }

    fn pack(self, bytes: &mut Vec<u8>) {
        put_count(bytes, self.counts.len());
        let counts = self.counts.iter();
        column::put(bytes, counts.clone().map(|(bucket, ..)| zigzag(*bucket)));
        let key = |key: &Key| match key {
            Key::Number(number) => u64::from(*number),
            Key::Hash(hash) => *hash,
        };
        column::put(bytes, counts.clone().map(|(_, told, _)| key(told)));
        column::put(bytes, counts.map(|(.., count)| *count));
    }
}

/// Rows of which no gate has seen the like in the same buckets.
#[derive(Default)]
struct Different {
    rows: Vec<usize>,
    /// For each row that is the first of its buckets: its place in `rows`, and its time.
    begins: Vec<(usize, i64)>,
}

fn pack_rows(numbered: &Numbered, different: &Different, bytes: &mut Vec<u8>) {
    let (rows, begins) = (different.rows.iter(), different.begins.iter());
    put_count(bytes, rows.len());
    put_count(bytes, begins.len());
    column::put(bytes, begins.clone().map(|(place, _)| *place as u64));
    column::put(bytes, begins.map(|(_, time)| zigzag(*time)));
    for column in 0..numbered.columns {
        let numbers = rows.clone().map(|row| numbered.row(*row)[column]);
        column::put_upto(bytes, numbers, numbered.most());
    }
}

fn pack_values(numbered: &Numbered, bytes: &mut Vec<u8>) {
    for column in 0..numbered.columns {
        let rows = numbered.numbers.chunks_exact(numbered.columns);
        column::put_upto(bytes, rows.map(|row| row[column]), numbered.most());
    }
}

/// Packs facts without their values.
pub(super) fn pack_heads(rows: &[Fact], bytes: &mut Vec<u8>) {
    let divides = |unit: i64| rows.iter().all(|f| f.time % unit == 0);
    let unit = (1..UNITS.len()).rev().find(|&unit| divides(UNITS[unit]));
    let unit = unit.unwrap_or(0);
    put_count(bytes, rows.len());
    put_count(bytes, unit);
    let origin = rows.first().map_or(Fact::NONE, |first| Fact {
        length: 0,
        ..*first
    });
    for number in [origin.time, i64::from(origin.line), origin.offset] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    let before = || [origin].into_iter().chain(rows.iter().copied());
    let pairs = || rows.iter().zip(before());
    let times = pairs().map(|(fact, before)| (fact.time - before.time) / UNITS[unit]);
    column::put(bytes, times.map(zigzag));
    column::put(bytes, rows.iter().map(|f| f.identity));
    column::put(bytes, rows.iter().map(|f| u64::from(f.segment)));
    column::put(bytes, rows.iter().map(|f| u64::from(f.weight)));
    let lines = pairs().map(|(fact, before)| i64::from(fact.line) - i64::from(before.line));
    column::put(bytes, lines.map(zigzag));
    let offsets = pairs().map(|(fact, before)| fact.offset - before.end());
    column::put(bytes, offsets.map(zigzag));
    column::put(bytes, rows.iter().map(|f| u64::from(f.length)));
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
