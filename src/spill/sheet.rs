//! A sheet: the facts of one segment while they are gathered, those of all streams together.
//!
//! Takes the facts of records one after the other; keeps what is known of a record once, however
//! many streams tell it, and each value by its number in a dictionary. Gives them in the order of
//! time, to be packed or looked at loose. Never knows rules.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::block::row_key;
use super::{Fact, Facts, Through, keep};

/// The facts of a segment, those of all streams.
#[derive(Debug)]
pub struct Sheet {
    /// What is known of records, in the order in which they came or of time.
    pub(super) heads: Vec<Fact>,
    /// Different values, by their numbers; the first is the absent one.
    pub(super) dictionary: Vec<u64>,
    numbers: HashMap<u64, u32, Through>,
    /// Told apart from all other sheets and from itself before it was cleared: a value's number
    /// is that of one sheet alone.
    name: u64,
    pub(super) streams: Vec<Listed>,
}

/// The facts of one stream, each by the number of its head and those of its values.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) columns: usize,
    pub(super) heads: Vec<u32>,
    pub(super) numbers: Vec<u32>,
}

impl Listed {
    fn row(&self, index: usize) -> &[u32] {
        &self.numbers[index * self.columns..(index + 1) * self.columns]
    }

    /// The same facts in the order of these heads; `moved` tells where each of them stands now.
    fn put_in_order(&mut self, order: &[u32], moved: &[u32]) {
        // Heads stand in the order in which they came, so that those of one head stand together.
        let mut first = vec![NONE; order.len()];
        for (at, head) in self.heads.iter().enumerate().rev() {
            first[*head as usize] = at as u32;
        }
        let mut listed = Listed {
            columns: self.columns,
            heads: Vec::with_capacity(self.heads.len()),
            numbers: Vec::with_capacity(self.numbers.len()),
        };
        for &head in order.iter().filter(|head| first[**head as usize] != NONE) {
            let from = first[head as usize] as usize;
            let alike = self.heads[from..].iter().take_while(|h| **h == head);
            for at in from..from + alike.count() {
                listed.heads.push(moved[head as usize]);
                listed.numbers.extend_from_slice(self.row(at));
            }
        }
        *self = listed;
    }
}

/// No place.
const NONE: u32 = u32::MAX;

impl Sheet {
    /// Of streams whose facts carry so many values.
    pub fn new(columns: impl IntoIterator<Item = usize>) -> Sheet {
        let listed = |columns| Listed {
            columns,
            heads: Vec::new(),
            numbers: Vec::new(),
        };
        Sheet {
            heads: Vec::new(),
            dictionary: vec![0],
            numbers: HashMap::default(),
            name: RandomState::new().hash_one(0),
            streams: columns.into_iter().map(listed).collect(),
        }
    }

    /// The facts of streams, of one segment, that were gathered loose.
    pub fn of(facts: &[Facts]) -> Sheet {
        let mut sheet = Sheet::new(facts.iter().map(|facts| facts.columns));
        for (stream, facts) in facts.iter().enumerate() {
            for (at, fact) in facts.rows.iter().enumerate() {
                let head = sheet.head(*fact);
                sheet.push_values(stream, head, facts.values(at));
            }
        }
        sheet
    }

    /// Tells this sheet from others and from itself before it was cleared: there, values had other
    /// numbers.
    #[inline]
    pub fn name(&self) -> u64 {
        self.name
    }

    /// Takes in what is known of a record; gives its number.
    #[inline]
    pub fn head(&mut self, head: Fact) -> u32 {
        self.heads.push(head);
        (self.heads.len() - 1) as u32
    }

    /// The number of a value.
    #[inline]
    pub fn number(&mut self, value: u64) -> u32 {
        if value == 0 {
            return 0;
        }
        *self.numbers.entry(value).or_insert_with(|| {
            self.dictionary.push(value);
            (self.dictionary.len() - 1) as u32
        })
    }

    /// Adds a fact of a stream: the head that was taken in last, and the number of the value of
    /// each of its columns.
    #[inline]
    pub fn push(&mut self, stream: usize, head: u32, numbers: impl Iterator<Item = u32>) {
        let listed = &mut self.streams[stream];
        listed.heads.push(head);
        listed.numbers.extend(numbers);
        debug_assert_eq!(
            listed.numbers.len(),
            listed.heads.len() * listed.columns,
            "one value a column"
        );
    }

    /// The same with the hashes of its values.
    pub fn push_values(&mut self, stream: usize, head: u32, values: &[u64]) {
        let numbers: Vec<u32> = values.iter().map(|value| self.number(*value)).collect();
        self.push(stream, head, numbers.into_iter());
    }

    /// True when the facts of two streams are of the same records, one after the other.
    pub fn are_of_same_records(&self, one: usize, other: usize) -> bool {
        self.streams[one].heads == self.streams[other].heads
    }

    /// Number of facts of a stream.
    pub fn len(&self, stream: usize) -> usize {
        self.streams[stream].heads.len()
    }

    /// What is known of the record of a fact.
    #[inline]
    pub fn row(&self, stream: usize, index: usize) -> &Fact {
        &self.heads[self.streams[stream].heads[index] as usize]
    }

    /// What tells the values of some columns of a fact apart from others on this sheet.
    #[inline]
    pub fn key(&self, stream: usize, index: usize, columns: &[usize]) -> u64 {
        let row = self.streams[stream].row(index);
        row_key(columns.iter().map(|column| row[*column]))
    }

    /// The value hashes of a fact.
    fn values(&self, stream: usize, index: usize) -> impl Iterator<Item = u64> + '_ {
        let numbers = self.streams[stream].row(index).iter();
        numbers.map(|number| self.dictionary[*number as usize])
    }

    /// Keeps the facts of a stream that are told to stay.
    pub fn retain(&mut self, stream: usize, stays: &[bool]) {
        let listed = &mut self.streams[stream];
        keep(stays, &mut listed.heads, 1);
        keep(stays, &mut listed.numbers, listed.columns);
    }

    /// Puts all facts in the order of time, which is all that a block needs.
    pub fn sort_by_time(&mut self) {
        if self.heads.is_sorted_by_key(|head| head.time) {
            return;
        }
        let mut order: Vec<u32> = (0..self.heads.len() as u32).collect();
        order.sort_by_key(|at| self.heads[*at as usize].order());
        let mut moved = vec![0; order.len()];
        for (now, before) in order.iter().enumerate() {
            moved[*before as usize] = now as u32;
        }
        let heads = order.iter().map(|at| self.heads[*at as usize]);
        self.heads = heads.collect();
        let told = self.streams.iter_mut().filter(|s| !s.heads.is_empty());
        told.for_each(|listed| listed.put_in_order(&order, &moved));
    }

    /// The facts of a stream by themselves.
    pub fn facts(&self, stream: usize) -> Facts {
        let mut facts = Facts::new(self.streams[stream].columns);
        for at in 0..self.len(stream) {
            facts.push_each(*self.row(stream, at), self.values(stream, at));
        }
        facts
    }

    /// Forgets all facts and keeps the memory.
    pub fn clear(&mut self) {
        self.name = self.name.wrapping_add(1);
        self.heads.clear();
        self.dictionary.truncate(1);
        self.numbers.clear();
        for listed in &mut self.streams {
            listed.heads.clear();
            listed.numbers.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A record: its time and identity, and of each stream the values of its facts.
    type Record = ((i64, u64), [Vec<[u64; 2]>; 2]);

    fn any_record() -> impl Strategy<Value = Record> {
        let facts = || prop::collection::vec([0u64..3, 0u64..9], 0..3);
        ((0i64..9, 0u64..3), [facts(), facts()])
    }

    proptest! {
        #[test]
        fn a_sheet_holds_what_loose_facts_hold(
            records in prop::collection::vec(any_record(), 0..40),
            stays in prop::collection::vec(any::<bool>(), 120),
        ) {
            let mut sheet = Sheet::new([2, 2]);
            let mut loose = [Facts::new(2), Facts::new(2)];
            for (at, ((time, identity), facts)) in records.iter().enumerate() {
                let fact = Fact {
                    time: *time,
                    identity: *identity,
                    offset: at as i64,
                    ..Fact::NONE
                };
                let head = sheet.head(fact);
                for (stream, facts) in facts.iter().enumerate() {
                    for values in facts {
                        sheet.push_values(stream, head, values);
                        loose[stream].push(fact, values);
                    }
                }
            }
            let is_ordered = records.is_sorted_by_key(|((time, _), _)| *time);
            sheet.sort_by_time();
            for (stream, loose) in loose.iter_mut().enumerate() {
                if !is_ordered {
                    loose.sort(&|_| 0);
                }
                let facts = sheet.facts(stream);
                prop_assert_eq!(&facts.rows, &loose.rows);
                prop_assert_eq!(&facts.values, &loose.values);
                loose.retain(&stays[..loose.len()]);
                sheet.retain(stream, &stays[..sheet.len(stream)]);
                let facts = sheet.facts(stream);
                prop_assert_eq!(&facts.rows, &loose.rows);
                prop_assert_eq!(&facts.values, &loose.values);
            }
            let again = Sheet::of(&loose);
            for (stream, loose) in loose.iter().enumerate() {
                prop_assert_eq!(&again.facts(stream).values, &loose.values);
            }
        }
    }
}
