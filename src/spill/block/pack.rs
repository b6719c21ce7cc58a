//! Packing a block.
//!
//! Takes facts in the order of time, loose or on a sheet; gives a [`Block`]. Never reads one.

use std::collections::{HashMap, HashSet};

use super::super::column::{self, zigzag};
use super::super::sheet::{Listed, Sheet};
use super::super::{Fact, Facts, Through, combine_each, mix};
use super::{Block, Gate, UNITS};

/// Packs blocks, with tables that serve for one after the other.
#[derive(Debug, Default)]
pub struct Packer {
    places: HashMap<u64, u32, Through>,
    seen: HashSet<u64, Through>,
    pairs: HashSet<u64, Through>,
    /// Of each number of a sheet's value its place in the dictionary of a block.
    renumbered: Vec<u32>,
}

/// No place.
const NONE: u32 = u32::MAX;

impl Packer {
    /// Packs facts that are in order of time (see [`Facts::sort_by_time`]); there is at least
    /// one.
    pub fn pack(&mut self, facts: &Facts, gates: &[Gate]) -> Block {
        let numbered = self.number(facts);
        self.pack_numbered(&numbered, gates, None)
    }

    /// Packs the facts of a stream of a sheet, which are in order of time; there is at least one.
    /// What is alike in `beside`, a block of the same records, is taken from there.
    pub fn pack_listed(
        &mut self,
        (sheet, stream): (&Sheet, usize),
        gates: &[Gate],
        beside: Option<&Block>,
    ) -> Block {
        let numbered = self.renumber(sheet, &sheet.streams[stream]);
        self.pack_numbered(&numbered, gates, beside)
    }

    fn pack_numbered(
        &mut self,
        numbered: &Numbered<'_>,
        gates: &[Gate],
        beside: Option<&Block>,
    ) -> Block {
        debug_assert!(numbered.len() > 0, "a block holds facts");
        let mut bytes = Vec::with_capacity(numbered.len() * 24 + 1024);
        put_count(&mut bytes, numbered.dictionary.len());
        for value in &numbered.dictionary {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        let different = self.different_rows(numbered, gates);
        for gate in gates {
            let mut counts = Counts::new(numbered, gate);
            match gate.distinct.is_empty() {
                true => counts.count_events(),
                false => counts.count_values(&different, &mut self.pairs),
            }
            counts.pack(&mut bytes);
        }
        let rows_at = bytes.len() as u32;
        pack_rows(numbered, &different, &mut bytes);
        let facts_at = bytes.len() as u32;
        match (beside, numbered.listed) {
            (Some(block), _) => bytes.extend_from_slice(block.heads()),
            (None, None) => pack_heads(numbered.heads, &mut bytes),
            (None, Some(listed)) => {
                let heads: Vec<Fact> = listed
                    .iter()
                    .map(|at| numbered.heads[*at as usize])
                    .collect();
                pack_heads(&heads, &mut bytes);
            }
        }
        pack_values(numbered, &mut bytes);
        Block {
            first: numbered.head(0).time,
            last: numbered.head(numbered.len() - 1).time,
            count: numbered.len() as u32,
            bytes,
            rows_at,
            facts_at,
        }
    }

    /// The values by their place in a dictionary, in the order of first appearance.
    fn number<'f>(&mut self, facts: &'f Facts) -> Numbered<'f> {
        self.places.clear();
        let mut dictionary = Vec::new();
        let number = |&value: &u64| {
            *self.places.entry(value).or_insert_with(|| {
                dictionary.push(value);
                (dictionary.len() - 1) as u32
            })
        };
        Numbered {
            heads: &facts.rows,
            listed: None,
            columns: facts.columns,
            numbers: facts.values.iter().map(number).collect(),
            dictionary,
        }
    }

    /// The same of a stream of a sheet, whose values have numbers already.
    fn renumber<'f>(&mut self, sheet: &'f Sheet, stream: &'f Listed) -> Numbered<'f> {
        self.renumbered.clear();
        self.renumbered.resize(sheet.dictionary.len(), NONE);
        let mut dictionary = Vec::new();
        let number = |&number: &u32| {
            let place = &mut self.renumbered[number as usize];
            if *place == NONE {
                *place = dictionary.len() as u32;
                dictionary.push(sheet.dictionary[number as usize]);
            }
            *place
        };
        Numbered {
            numbers: stream.numbers.iter().map(number).collect(),
            heads: &sheet.heads,
            listed: Some(&stream.heads),
            columns: stream.columns,
            dictionary,
        }
    }

    /// The facts that differ from all before them in some value or in a gate's bucket: no gate
    /// learns anything from the others.
    fn different_rows(&mut self, numbered: &Numbered<'_>, gates: &[Gate]) -> Different {
        let counted: Vec<&Gate> = gates.iter().filter(|g| !g.distinct.is_empty()).collect();
        let mut different = Different::default();
        if counted.is_empty() {
            return different;
        }
        // Times at which the next bucket of some gate begins.
        let mut until = i64::MIN;
        for i in 0..numbered.len() {
            let time = numbered.head(i).time;
            if time >= until {
                self.seen.clear();
                different.begins.push((different.rows.len(), time));
                let end =
                    |gate: &&Gate| (time.div_euclid(gate.bucket) + 1).saturating_mul(gate.bucket);
                until = counted.iter().map(end).min().unwrap_or(i64::MAX);
            }
            if self.seen.insert(row_key(numbered.row(i).iter().copied())) {
                different.rows.push(i);
            }
        }
        different
    }
}

/// A key of numbers: the numbers themselves, where they are few.
#[inline]
pub(in super::super) fn row_key(mut row: impl Iterator<Item = u32>) -> u64 {
    let one = row.next().map_or(0, u64::from);
    let Some(other) = row.next() else { return one };
    let two = one << 32 | u64::from(other);
    row.fold(two, |key, number| mix(key, u64::from(number)))
}

/// Facts about to be packed, with their values by their place in a dictionary.
struct Numbered<'f> {
    heads: &'f [Fact],
    /// The head of each fact, where it is not the one of its own place.
    listed: Option<&'f [u32]>,
    columns: usize,
    dictionary: Vec<u64>,
    numbers: Vec<u32>,
}

impl Numbered<'_> {
    fn len(&self) -> usize {
        self.listed.map_or(self.heads.len(), <[u32]>::len)
    }

    /// What is known of the record of a fact.
    #[inline]
    fn head(&self, index: usize) -> &Fact {
        match self.listed {
            Some(listed) => &self.heads[listed[index] as usize],
            None => &self.heads[index],
        }
    }

    /// One hash from the values of several columns of a fact, each of which is there.
    #[inline]
    fn combined(&self, index: usize, columns: &[usize]) -> Option<u64> {
        let row = self.row(index);
        let values = columns
            .iter()
            .map(|&column| self.dictionary[row[column] as usize]);
        combine_each(values)
    }

    /// True when none of these columns of a fact is absent.
    #[inline]
    fn has(&self, index: usize, columns: &[usize]) -> bool {
        let row = self.row(index);
        let mut values = columns
            .iter()
            .map(|&column| self.dictionary[row[column] as usize]);
        values.all(|value| value != 0)
    }

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
    numbered: &'b Numbered<'b>,
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
    fn new(numbered: &'b Numbered<'b>, gate: &'b Gate) -> Self {
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

    fn count_events(&mut self) {
        for i in 0..self.numbered.len() {
            let head = self.numbered.head(i);
            if let Some(key) = self.key(i) {
                self.add(head.time, key, u64::from(head.weight));
            }
        }
    }

    /// `seen` serves to tell which pairs of key and value are known.
    fn count_values(&mut self, different: &Different, seen: &mut HashSet<u64, Through>) {
        let (group, distinct) = (&self.gate.group, &self.gate.distinct);
        let reads = |column: &usize| group.contains(column) || distinct.contains(column);
        // Where the gate reads all columns, different rows are different pairs.
        let pairs_differ = (0..self.numbered.columns).all(|column| reads(&column));
        seen.clear();
        for &i in &different.rows {
            let key = self.key(i).filter(|_| self.numbered.has(i, distinct));
            let Some(key) = key else {
                continue;
            };
            let time = self.numbered.head(i).time;
            if time.div_euclid(self.gate.bucket) != self.bucket {
                seen.clear();
            }
            let row = self.numbered.row(i);
            let read = group.iter().chain(distinct);
            let pair = || row_key(read.map(|&column| row[column]));
            if pairs_differ || seen.insert(pair()) {
                self.add(time, key, 1);
            }
        }
    }

    #[inline]
    fn key(&self, index: usize) -> Option<Key> {
        match self.gate.group.as_slice() {
            [column] => {
                let number = self.numbered.row(index)[*column];
                (self.numbered.dictionary[number as usize] != 0).then_some(Key::Number(number))
            }
            columns => self.numbered.combined(index, columns).map(Key::Hash),
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

fn pack_rows(numbered: &Numbered<'_>, different: &Different, bytes: &mut Vec<u8>) {
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

fn pack_values(numbered: &Numbered<'_>, bytes: &mut Vec<u8>) {
    for column in 0..numbered.columns {
        let rows = numbered.numbers.chunks_exact(numbered.columns);
        column::put_upto(bytes, rows.map(|row| row[column]), numbered.most());
    }
}

/// Packs facts without their values.
pub(in super::super) fn pack_heads(rows: &[Fact], bytes: &mut Vec<u8>) {
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

fn put_count(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend_from_slice(&(count as u32).to_le_bytes());
}
