//! A block: the facts of one segment (or one slice of a sorted run), packed.
//!
//! Value hashes stand once, in a dictionary at the front. Behind it stand the gate entries: for
//! each gate what the block adds to each bucket of time, events or different values of each key,
//! so that keys which cannot reach a threshold are ruled out without looking at a fact. Then the
//! facts, as differences in variable length.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use super::{Fact, Facts, combine};

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

/// What a block adds to a key within a bucket of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateEntry {
    /// Number of the bucket since 1970.
    pub bucket: i64,
    /// Hash of the key.
    pub key: u64,
    /// So many events, or one of its different values.
    pub adds: Adds,
}

/// What a gate entry adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adds {
    /// So many events.
    Events(u64),
    /// The hash of a value; each value once a block and bucket.
    Value(u64),
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
    /// The dictionary, the gate entries and the facts, packed.
    pub bytes: Vec<u8>,
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
        let (dictionary, numbers) = number_values(&facts.values);
        put_varint(&mut bytes, dictionary.len() as u64);
        for value in &dictionary {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        let different = different_rows(facts, &numbers, gates);
        for gate in gates {
            match gate.distinct.is_empty() {
                true => pack_events(facts, gate, &mut bytes),
                false => pack_values(facts, &different, gate, &mut bytes),
            }
        }
        let facts_at = bytes.len() as u32;
        pack_facts(facts, &numbers, &mut bytes);
        let last = facts.row(facts.len() - 1).time;
        Block {
            first: facts.row(0).time,
            last,
            count: facts.len() as u32,
            bytes,
            facts_at,
        }
    }

    /// Calls `each` with the number of the gate and each of its entries. `bytes` are those up to
    /// `facts_at`.
    pub fn gate_entries(bytes: &[u8], gates: &[Gate], mut each: impl FnMut(usize, GateEntry)) {
        let mut at = Reader { bytes, at: 0 };
        at.at += 8 * at.varint() as usize;
        for (number, gate) in gates.iter().enumerate() {
            let entries = at.varint();
            let mut bucket = 0;
            for _ in 0..entries {
                bucket += unzigzag(at.varint());
                let key = at.word();
                let adds = match gate.distinct.is_empty() {
                    true => Adds::Events(at.varint()),
                    false => Adds::Value(at.word()),
                };
                each(number, GateEntry { bucket, key, adds });
            }
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

/// Packs the events of each key in each bucket.
fn pack_events(facts: &Facts, gate: &Gate, bytes: &mut Vec<u8>) {
    let mut counts: Vec<(i64, u64, u64)> = Vec::new();
    let mut slots: HashMap<u64, usize, FixedState> = HashMap::default();
    let mut bucket = i64::MIN;
    for i in 0..facts.len() {
        let fact = facts.row(i);
        let Some(key) = combine(facts.values(i), &gate.group) else {
            continue;
        };
        let now = fact.time.div_euclid(gate.bucket);
        if now != bucket {
            bucket = now;
            slots.clear();
        }
        let slot = *slots.entry(key).or_insert_with(|| {
            counts.push((bucket, key, 0));
            counts.len() - 1
        });
        counts[slot].2 += u64::from(fact.weight);
    }
    put_varint(bytes, counts.len() as u64);
    let mut before = 0;
    for (bucket, key, count) in counts {
        put_varint(bytes, zigzag(bucket - before));
        before = bucket;
        bytes.extend_from_slice(&key.to_le_bytes());
        put_varint(bytes, count);
    }
}

/// The facts that differ from all before them in some value or in a gate's bucket: no gate learns
/// anything from the others. Most facts of a records system are others.
fn different_rows(facts: &Facts, numbers: &[u32], gates: &[Gate]) -> Vec<usize> {
    let counted: Vec<&Gate> = gates.iter().filter(|g| !g.distinct.is_empty()).collect();
    let mut rows = Vec::new();
    if counted.is_empty() {
        return rows;
    }
    let mut seen: HashSet<&[u32], FixedState> =
        HashSet::with_capacity_and_hasher(facts.len() / 2, FixedState::default());
    // Times at which the next bucket of some gate begins.
    let mut until = i64::MIN;
    for (i, row) in numbers.chunks_exact(facts.columns).enumerate() {
        let time = facts.row(i).time;
        if time >= until {
            seen.clear();
            let end = |gate: &&Gate| (time.div_euclid(gate.bucket) + 1).saturating_mul(gate.bucket);
            until = counted.iter().map(end).min().unwrap_or(i64::MAX);
        }
        if seen.insert(row) {
            rows.push(i);
        }
    }
    rows
}

/// Packs the different values of each key in each bucket.
fn pack_values(facts: &Facts, different: &[usize], gate: &Gate, bytes: &mut Vec<u8>) {
    let mut pairs: Vec<(i64, u64, u64)> = Vec::new();
    let mut seen: HashSet<(u64, u64), FixedState> =
        HashSet::with_capacity_and_hasher(different.len(), FixedState::default());
    let mut bucket = i64::MIN;
    for &i in different {
        let values = facts.values(i);
        let key = combine(values, &gate.group);
        let Some((key, value)) = key.zip(combine(values, &gate.distinct)) else {
            continue;
        };
        let now = facts.row(i).time.div_euclid(gate.bucket);
        if now != bucket {
            bucket = now;
            seen.clear();
        }
        if seen.insert((key, value)) {
            pairs.push((bucket, key, value));
        }
    }
    put_varint(bytes, pairs.len() as u64);
    let mut before = 0;
    for (bucket, key, value) in pairs {
        put_varint(bytes, zigzag(bucket - before));
        before = bucket;
        bytes.extend_from_slice(&key.to_le_bytes());
        bytes.extend_from_slice(&value.to_le_bytes());
    }
}

fn pack_facts(facts: &Facts, numbers: &[u32], bytes: &mut Vec<u8>) {
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
        for &number in &numbers[i * facts.columns..(i + 1) * facts.columns] {
            put_varint(bytes, u64::from(number));
        }
    }
}

/// The different values in the order of their first appearance, and each value's number.
fn number_values(values: &[u64]) -> (Vec<u64>, Vec<u32>) {
    let mut numbers = HashMap::with_capacity_and_hasher(values.len() / 4, FixedState::default());
    let mut dictionary = Vec::new();
    let of = values
        .iter()
        .map(|&value| {
            *numbers.entry(value).or_insert_with(|| {
                dictionary.push(value);
                (dictionary.len() - 1) as u32
            })
        })
        .collect();
    (dictionary, of)
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
            let mut events: HashMap<(i64, u64), u64> = HashMap::new();
            let mut values_of: HashMap<(i64, u64), Vec<u64>> = HashMap::new();
            Block::gate_entries(&block.bytes, &gates, |_, e| match e.adds {
                Adds::Events(count) => *events.entry((e.bucket, e.key)).or_default() += count,
                Adds::Value(value) => values_of.entry((e.bucket, e.key)).or_default().push(value),
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
                prop_assert_eq!(found, different);
            }
        }
    }
}
