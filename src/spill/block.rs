//! A block: the facts of one segment (or one slice of a sorted run), packed.
//!
//! Times, places and dictionary numbers are differences in variable length; value hashes stand
//! once in a dictionary. In front stand the gate counts: for each gate, how much each key could
//! add to any window that touches a bucket of time. They bound a window's measure from above, so
//! that the facts of keys that cannot reach a threshold are never looked at.

use foldhash::fast::FixedState;
use std::collections::HashMap;

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

/// How much a key could add within a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateCount {
    /// Number of the bucket since 1970.
    pub bucket: i64,
    /// Hash of the key.
    pub key: u64,
    /// Events, or different values at most.
    pub count: u64,
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
    /// The packed gate counts, then the packed facts.
    pub bytes: Vec<u8>,
    /// Where in `bytes` the facts begin.
    pub facts_at: u32,
}

impl Block {
    /// Packs facts that are in order (see [`Facts::sort`]); there is at least one.
    pub fn pack(facts: &Facts, gates: &[Gate]) -> Block {
        debug_assert!(!facts.is_empty(), "a block holds facts");
        let mut bytes = Vec::with_capacity(facts.len() * 18 + 64);
        for gate in gates {
            pack_gate(facts, gate, &mut bytes);
        }
        let facts_at = bytes.len() as u32;
        pack_facts(facts, &mut bytes);
        let last = facts.row(facts.len() - 1).time;
        Block {
            first: facts.row(0).time,
            last,
            count: facts.len() as u32,
            bytes,
            facts_at,
        }
    }

    /// Calls `each` with the number of the gate and each of its counts.
    pub fn gate_counts(bytes: &[u8], gates: usize, mut each: impl FnMut(usize, GateCount)) {
        let mut at = Reader { bytes, at: 0 };
        for gate in 0..gates {
            let entries = at.varint();
            let mut bucket = 0;
            for _ in 0..entries {
                bucket += unzigzag(at.varint());
                let key = at.word();
                each(
                    gate,
                    GateCount {
                        bucket,
                        key,
                        count: at.varint(),
                    },
                );
            }
        }
    }

    /// Unpacks facts (the bytes from `facts_at` on), those that `keep` wants, into `out`.
    pub fn unpack(bytes: &[u8], out: &mut Facts, keep: impl Fn(&Fact, &[u64]) -> bool) {
        let mut at = Reader { bytes, at: 0 };
        let count = at.varint();
        let unit = [1, 1_000_000, 1_000_000_000][at.varint() as usize % 3];
        let columns = at.varint() as usize;
        let dictionary: Vec<u64> = (0..at.varint()).map(|_| at.word()).collect();
        let mut values = vec![0u64; columns];
        let mut previous = Previous::default();
        for _ in 0..count {
            let fact = previous.read(&mut at, unit);
            for value in &mut values {
                *value = dictionary[at.varint() as usize];
            }
            if keep(&fact, &values) {
                out.push(fact, &values);
            }
        }
    }
}

fn pack_gate(facts: &Facts, gate: &Gate, bytes: &mut Vec<u8>) {
    let mut counts: Vec<GateCount> = Vec::new();
    let mut slots: HashMap<u64, usize, FixedState> = HashMap::default();
    let mut seen = Seen::new();
    let mut bucket = i64::MIN;
    for i in 0..facts.len() {
        let (fact, values) = (facts.row(i), facts.values(i));
        let Some(key) = combine(values, &gate.group) else {
            continue;
        };
        let now = fact.time.div_euclid(gate.bucket);
        if now != bucket {
            bucket = now;
            slots.clear();
            seen.forget();
        }
        let add = if gate.distinct.is_empty() {
            u64::from(fact.weight)
        } else {
            match combine(values, &gate.distinct) {
                Some(value) if seen.is_new(key, value) => 1,
                _ => 0,
            }
        };
        if add == 0 {
            continue;
        }
        let slot = *slots.entry(key).or_insert_with(|| {
            counts.push(GateCount {
                bucket,
                key,
                count: 0,
            });
            counts.len() - 1
        });
        counts[slot].count += add;
    }
    put_varint(bytes, counts.len() as u64);
    let mut before = 0;
    for entry in counts {
        put_varint(bytes, zigzag(entry.bucket - before));
        before = entry.bucket;
        bytes.extend_from_slice(&entry.key.to_le_bytes());
        put_varint(bytes, entry.count);
    }
}

/// Remembers pairs of key and value, forgetting old ones when places collide: a pair counted
/// twice only makes the bound less sharp, never wrong.
struct Seen {
    pairs: Vec<(u64, u64)>,
}

impl Seen {
    const PLACES: usize = 1 << 13;

    fn new() -> Self {
        Seen {
            pairs: vec![(0, 0); Seen::PLACES],
        }
    }

    fn forget(&mut self) {
        self.pairs.fill((0, 0));
    }

    #[inline]
    fn is_new(&mut self, key: u64, value: u64) -> bool {
        let place = (key ^ value.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 51;
        let old = std::mem::replace(&mut self.pairs[place as usize], (key, value));
        old != (key, value)
    }
}

fn pack_facts(facts: &Facts, bytes: &mut Vec<u8>) {
    let divides = |unit: i64| facts.rows.iter().all(|f| f.time % unit == 0);
    let unit_code = if divides(1_000_000_000) {
        2
    } else if divides(1_000_000) {
        1
    } else {
        0
    };
    let unit = [1, 1_000_000, 1_000_000_000][unit_code];
    let (dictionary, numbers) = number_values(&facts.values);
    put_varint(bytes, facts.len() as u64);
    put_varint(bytes, unit_code as u64);
    put_varint(bytes, facts.columns as u64);
    put_varint(bytes, dictionary.len() as u64);
    for value in dictionary {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
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
    let mut numbers = HashMap::with_capacity_and_hasher(256, FixedState::default());
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
            Block::unpack(&block.bytes[block.facts_at as usize..], &mut back, |_, _| true);
            prop_assert_eq!(&back.rows, &facts.rows);
            prop_assert_eq!(&back.values, &facts.values);
        }

        #[test]
        fn gate_counts_bound_the_truth(rows in prop::collection::vec(any_fact(), 1..60)) {
            let mut facts = Facts::new(2);
            rows.iter().for_each(|(fact, values)| facts.push(*fact, values));
            facts.sort(&|_| 0);
            let gates = [
                Gate { group: vec![0], distinct: vec![], bucket: 2_000_000_000 },
                Gate { group: vec![0], distinct: vec![1], bucket: 2_000_000_000 },
            ];
            let block = Block::pack(&facts, &gates);
            let mut bounds: HashMap<(usize, i64, u64), u64> = HashMap::new();
            Block::gate_counts(&block.bytes, 2, |gate, c| {
                *bounds.entry((gate, c.bucket, c.key)).or_default() += c.count;
            });
            for &(fact, values) in rows.iter().filter(|(_, v)| v[0] != 0) {
                let bucket = fact.time.div_euclid(2_000_000_000);
                let key = combine(&values, &[0]).expect("present");
                let same: Vec<_> = rows.iter().filter(|(f, v)| {
                    v[0] == values[0] && f.time.div_euclid(2_000_000_000) == bucket
                }).collect();
                let events: u64 = same.iter().map(|(f, _)| u64::from(f.weight)).sum();
                let mut different: Vec<u64> = same.iter().map(|(_, v)| v[1]).filter(|v| *v != 0).collect();
                different.sort_unstable();
                different.dedup();
                prop_assert_eq!(bounds.get(&(0, bucket, key)).copied().unwrap_or(0), events);
                prop_assert!(bounds.get(&(1, bucket, key)).copied().unwrap_or(0) >= different.len() as u64);
            }
        }
    }
}
