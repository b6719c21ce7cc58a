//! A block: the facts of one segment (or one slice of a sorted run), packed.
//!
//! Value hashes stand once, in a dictionary at the front. Behind it stand three parts, each of
//! which spares the next one to nearly all readers: for each gate how much the block may add to
//! each key in each bucket of time; the rows of values that differ; the facts, as differences in
//! variable length.

use std::collections::{HashMap, HashSet};

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

impl Block {
    /// Packs facts that are in order of time (see [`Facts::sort_by_time`]); there is at least
    /// one.
    pub fn pack(facts: &Facts, gates: &[Gate]) -> Block {
        debug_assert!(!facts.is_empty(), "a block holds facts");
        let mut bytes = Vec::with_capacity(facts.len() * 24 + 64);
        let numbered = Numbered::new(facts);
        put_varint(&mut bytes, numbered.dictionary.len() as u64);
        for value in &numbered.dictionary {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        let different = different_rows(facts, gates);
        for gate in gates {
            let mut counts = Counts::new(&numbered, gate);
            match gate.distinct.is_empty() {
                true => counts.count_events(facts),
                false => counts.count_values(facts, &different),
            }
            counts.pack(&mut bytes);
        }
        let rows_at = bytes.len() as u32;
        pack_rows(&numbered, &different, &mut bytes);
        let facts_at = bytes.len() as u32;
        pack_facts(facts, &numbered, &mut bytes);
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

    /// Calls `each` with the entries of the gate of this number. `bytes` are those up to
    /// `rows_at`.
    pub fn gate_entries(
        bytes: &[u8],
        gates: &[Gate],
        number: usize,
        mut each: impl FnMut(GateEntry),
    ) {
        let mut at = Reader { bytes, at: 0 };
        let words = at.varint() as usize;
        let dictionary = at.at;
        at.at += 8 * words;
        let word = |number: usize| {
            Reader {
                bytes,
                at: dictionary + 8 * number,
            }
            .word()
        };
        for gate in 0..gates.len().min(number + 1) {
            let mut bucket = 0;
            for _ in 0..at.varint() {
                bucket += unzigzag(at.varint());
                let key = match at.varint() as usize {
                    0 => at.word(),
                    // A key of one column is written by its place in the dictionary.
                    place if gate == number => {
                        combine(&[word(place - 1)], &[0]).expect("absent values are no keys")
                    }
                    _ => 0,
                };
                let adds = at.varint();
                if gate == number {
                    each(GateEntry { bucket, key, adds });
                }
            }
        }
    }

    /// Calls `each` with a time and the values of every different row; the time lies in the same
    /// buckets as those of the row. `bytes` are those up to `facts_at`.
    pub fn rows(bytes: &[u8], rows_at: usize, columns: usize, mut each: impl FnMut(i64, &[u64])) {
        let mut at = Reader { bytes, at: 0 };
        let dictionary: Vec<u64> = (0..at.varint()).map(|_| at.word()).collect();
        at.at = rows_at;
        let mut time = 0;
        let mut values = vec![0; columns];
        for _ in 0..at.varint() {
            if at.varint() == 1 {
                time = at.word().cast_signed();
            }
            for value in &mut values {
                *value = dictionary[at.varint() as usize];
            }
            each(time, &values);
        }
    }

    /// Unpacks the facts that are wanted into `out`. `bytes` are all of a block's.
    pub fn unpack(bytes: &[u8], facts_at: usize, out: &mut Facts, sieve: &impl Sieve) {
        let mut at = Reader { bytes, at: 0 };
        let dictionary: Vec<u64> = (0..at.varint()).map(|_| at.word()).collect();
        if !sieve.wants_any(&dictionary) {
            return;
        }
        at.at = facts_at;
        let count = at.varint();
        let unit = [1, 1_000_000, 1_000_000_000][at.varint() as usize % 3];
        let mut values = vec![0u64; at.varint() as usize];
        let mut previous = Previous::default();
        for _ in 0..count {
            let fact = previous.read(&mut at, unit);
            for value in &mut values {
                *value = dictionary[at.varint() as usize];
            }
            if sieve.wants(&fact, &values) {
                out.push(fact, &values);
            }
        }
    }
}

/// The values of all facts by their place in a dictionary, in the order of first appearance.
struct Numbered {
    columns: usize,
    dictionary: Vec<u64>,
    numbers: Vec<u32>,
}

impl Numbered {
    fn new(facts: &Facts) -> Numbered {
        let mut places: HashMap<u64, u32, Through> =
            HashMap::with_capacity_and_hasher(facts.values.len() / 2, Through::default());
        let mut dictionary = Vec::new();
        let number = |&value: &u64| {
            *places.entry(value).or_insert_with(|| {
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

    fn count_values(&mut self, facts: &Facts, different: &Different) {
        let (group, distinct) = (&self.gate.group, &self.gate.distinct);
        let reads = |column: &usize| group.contains(column) || distinct.contains(column);
        // Where the gate reads all columns, different rows are different pairs.
        let pairs_differ = (0..facts.columns).all(|column| reads(&column));
        let mut seen: HashSet<u64, Through> = HashSet::default();
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
        put_varint(bytes, self.counts.len() as u64);
        let mut before = 0;
        for (bucket, key, count) in self.counts {
            put_varint(bytes, zigzag(bucket - before));
            before = bucket;
            match key {
                Key::Number(number) => put_varint(bytes, u64::from(number) + 1),
                Key::Hash(hash) => {
                    put_varint(bytes, 0);
                    bytes.extend_from_slice(&hash.to_le_bytes());
                }
            }
            put_varint(bytes, count);
        }
    }
}

/// The facts that differ from all before them in some value or in a gate's bucket: no gate learns
/// anything from the others.
#[derive(Default)]
struct Different {
    rows: Vec<usize>,
    /// For each row that is the first of its buckets: its place in `rows`, and its time.
    begins: Vec<(usize, i64)>,
}

fn different_rows(facts: &Facts, gates: &[Gate]) -> Different {
    let counted: Vec<&Gate> = gates.iter().filter(|g| !g.distinct.is_empty()).collect();
    let mut different = Different::default();
    if counted.is_empty() {
        return different;
    }
    let mut seen: HashSet<u64, Through> =
        HashSet::with_capacity_and_hasher(facts.len(), Through::default());
    let columns: Vec<usize> = (0..facts.columns).collect();
    // Times at which the next bucket of some gate begins.
    let mut until = i64::MIN;
    for i in 0..facts.len() {
        let time = facts.row(i).time;
        if time >= until {
            seen.clear();
            different.begins.push((different.rows.len(), time));
            let end = |gate: &&Gate| (time.div_euclid(gate.bucket) + 1).saturating_mul(gate.bucket);
            until = counted.iter().map(end).min().unwrap_or(i64::MAX);
        }
        if seen.insert(combine_all(facts.values(i), &columns)) {
            different.rows.push(i);
        }
    }
    different
}

fn pack_rows(numbered: &Numbered, different: &Different, bytes: &mut Vec<u8>) {
    put_varint(bytes, different.rows.len() as u64);
    let mut begins = different.begins.iter().peekable();
    for (place, &row) in different.rows.iter().enumerate() {
        match begins.next_if(|(at, _)| *at == place) {
            Some((_, time)) => {
                put_varint(bytes, 1);
                bytes.extend_from_slice(&time.to_le_bytes());
            }
            None => put_varint(bytes, 0),
        }
        for &number in numbered.row(row) {
            put_varint(bytes, u64::from(number));
        }
    }
}

fn pack_facts(facts: &Facts, numbered: &Numbered, bytes: &mut Vec<u8>) {
    let divides = |unit: i64| facts.rows.iter().all(|f| f.time % unit == 0);
    let unit_code = if divides(1_000_000_000) {
        2
    } else if divides(1_000_000) {
        1
    } else {
        0
    };
    let unit = [1, 1_000_000, 1_000_000_000][unit_code];
    put_varint(bytes, facts.len() as u64);
    put_varint(bytes, unit_code as u64);
    put_varint(bytes, facts.columns as u64);
    let mut previous = Previous::default();
    for (i, fact) in facts.rows.iter().enumerate() {
        previous.write(fact, unit, bytes);
        for &number in numbered.row(i) {
            put_varint(bytes, u64::from(number));
        }
    }
}

/// The fact before, from which the next one's differences are taken.
#[derive(Default)]
struct Previous {
    time: i64,
    segment: u32,
    line: i32,
    end: i64,
}

impl Previous {
    fn write(&mut self, fact: &Fact, unit: i64, bytes: &mut Vec<u8>) {
        put_varint(bytes, ((fact.time - self.time) / unit).cast_unsigned());
        bytes.extend_from_slice(&fact.identity.to_le_bytes());
        let line = zigzag(i64::from(fact.line) - i64::from(self.line));
        // One bit tells the usual case apart: same segment, one event.
        let usual = fact.segment == self.segment && fact.weight == 1;
        put_varint(bytes, line << 1 | u64::from(!usual));
        if !usual {
            put_varint(
                bytes,
                zigzag(i64::from(fact.segment) - i64::from(self.segment)),
            );
            put_varint(bytes, u64::from(fact.weight));
        }
        put_varint(bytes, zigzag(fact.offset - self.end));
        put_varint(bytes, u64::from(fact.length));
        self.keep(fact);
    }

    #[inline]
    fn read(&mut self, at: &mut Reader<'_>, unit: i64) -> Fact {
        let time = self.time + at.varint().cast_signed() * unit;
        let identity = at.word();
        let line = at.varint();
        let (mut segment, mut weight) = (self.segment, 1);
        if line & 1 != 0 {
            segment = (i64::from(segment) + unzigzag(at.varint())) as u32;
            weight = at.varint() as u32;
        }
        let line = (i64::from(self.line) + unzigzag(line >> 1)) as i32;
        let offset = self.end + unzigzag(at.varint());
        let length = at.varint() as u32;
        let fact = Fact {
            time,
            identity,
            segment,
            length,
            weight,
            line,
            offset,
        };
        self.keep(&fact);
        fact
    }

    fn keep(&mut self, fact: &Fact) {
        self.time = fact.time;
        self.segment = fact.segment;
        self.line = fact.line;
        self.end = fact.offset + i64::from(fact.length);
    }
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

#[inline]
fn put_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Reads what this module wrote; the bytes never come from outside.
struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Reader<'_> {
    #[inline]
    fn varint(&mut self) -> u64 {
        let mut value = 0;
        let mut shift = 0;
        loop {
            let byte = self.bytes[self.at];
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return value;
            }
            shift += 7;
        }
    }

    #[inline]
    fn word(&mut self) -> u64 {
        let bytes = &self.bytes[self.at..self.at + 8];
        self.at += 8;
        u64::from_le_bytes(bytes.try_into().expect("eight bytes were taken"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_fact() -> impl Strategy<Value = (Fact, [u64; 2])> {
        (
            (0i64..5, any::<u64>(), 0u32..3, 0u32..300),
            (0u32..4, -5i32..200, -900i64..100_000, [0u64..4, 0u64..9]),
        )
            .prop_map(
                |((t, identity, segment, length), (weight, line, offset, values))| {
                    let time = t * 1_000_000_000 + if t == 4 { 123_456 } else { 0 };
                    (
                        Fact {
                            time,
                            identity,
                            segment,
                            length,
                            weight,
                            line,
                            offset,
                        },
                        values,
                    )
                },
            )
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back(rows in prop::collection::vec(any_fact(), 1..60)) {
            let mut facts = Facts::new(2);
            rows.iter().for_each(|(fact, values)| facts.push(*fact, values));
            facts.sort(&|_| 0);
            let gates = [Gate { group: vec![0], distinct: vec![1], bucket: 2_000_000_000 }];
            let block = Block::pack(&facts, &gates);
            let mut back = Facts::new(2);
            Block::unpack(&block.bytes, block.facts_at as usize, &mut back, &Everything);
            prop_assert_eq!(&back.rows, &facts.rows);
            prop_assert_eq!(&back.values, &facts.values);
        }

        #[test]
        fn gate_entries_tell_events_and_values(rows in prop::collection::vec(any_fact(), 1..60)) {
            let mut facts = Facts::new(2);
            rows.iter().for_each(|(fact, values)| facts.push(*fact, values));
            facts.sort(&|_| 0);
            let gates = [
                Gate { group: vec![0], distinct: vec![], bucket: 2_000_000_000 },
                Gate { group: vec![0], distinct: vec![1], bucket: 2_000_000_000 },
            ];
            let block = Block::pack(&facts, &gates);
            let (mut events, mut bounds) = (HashMap::new(), HashMap::new());
            Block::gate_entries(&block.bytes, &gates, 0, |e| {
                *events.entry((e.bucket, e.key)).or_insert(0) += e.adds;
            });
            Block::gate_entries(&block.bytes, &gates, 1, |e| {
                *bounds.entry((e.bucket, e.key)).or_insert(0) += e.adds;
            });
            let mut values_of: HashMap<(i64, u64), Vec<u64>> = HashMap::new();
            Block::rows(&block.bytes, block.rows_at as usize, 2, |time, values| {
                let pair = combine(values, &[0]).zip(combine(values, &[1]));
                if let Some((key, value)) = pair {
                    let bucket = time.div_euclid(2_000_000_000);
                    values_of.entry((bucket, key)).or_default().push(value);
                }
            });
            for &(fact, values) in rows.iter().filter(|(_, v)| v[0] != 0) {
                let bucket = fact.time.div_euclid(2_000_000_000);
                let key = combine(&values, &[0]).expect("present");
                let same: Vec<_> = rows.iter().filter(|(f, v)| {
                    v[0] == values[0] && f.time.div_euclid(2_000_000_000) == bucket
                }).collect();
                let expected: u64 = same.iter().map(|(f, _)| u64::from(f.weight)).sum();
                let counted = events.get(&(bucket, key)).copied().unwrap_or(0);
                prop_assert_eq!(counted, expected);
                let mut different: Vec<u64> = same
                    .iter()
                    .filter_map(|(_, v)| combine(v, &[1]))
                    .collect();
                different.sort_unstable();
                different.dedup();
                let mut found = values_of.get(&(bucket, key)).cloned().unwrap_or_default();
                found.sort_unstable();
                let bound = bounds.get(&(bucket, key)).copied().unwrap_or(0);
                prop_assert_eq!(bound, different.len() as u64);
                prop_assert_eq!(found, different);
            }
        }
    }
}
