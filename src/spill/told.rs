//! The records that the facts of a segment stand for, each once.
//!
//! Takes the facts of all streams of a segment; gives the records, and for each stream the record
//! of each fact. Most records are told by several streams, and what is known of a record is larger
//! than what a stream knows of it. Never reads a record.

use std::cmp::Ordering;

use super::{Fact, Facts};

/// Steps that are taken one by one before the place of a record is searched for.
const STEPS: usize = 8;

/// The records of a segment, and which of them each fact stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Different records, in order; as facts of weight 1.
    pub(super) records: Vec<Fact>,
    /// For each stream the place of each fact among the records.
    pub(super) places: Vec<Vec<u32>>,
}

impl Told {
    /// Of the facts of all streams, which are of one segment.
    pub fn of(streams: &[Facts]) -> Told {
        let largest = streams.iter().max_by_key(|facts| facts.len());
        let mut records: Vec<Fact> = largest.map_or(Vec::new(), |facts| all_of(facts).collect());
        settle(&mut records);
        let mut missing = Vec::new();
        let mut lines = Lines::of(&records);
        let mut places: Vec<_> = streams
            .iter()
            .map(|facts| places(facts, (&records, &mut lines), &mut missing))
            .collect();
        if !missing.is_empty() {
            let (merged, moved) = merged(&records, &missing);
            records = merged;
            for place in places.iter_mut().flatten() {
                *place = moved.of(*place);
            }
        }
        Told { records, places }
    }

    /// Offset (from the beginning of the segment) and length of each record, in the order of
    /// offsets, each once.
    pub fn ranges(&self) -> Vec<(i64, u32)> {
        let records = self.records.iter();
        let mut ranges: Vec<_> = records
            .map(|record| (record.offset, record.length))
            .collect();
        if !ranges.is_sorted() {
            ranges.sort_unstable();
        }
        ranges.dedup();
        ranges
    }
}

fn all_of(facts: &Facts) -> impl Iterator<Item = Fact> + '_ {
    facts.rows.iter().map(record_of)
}

fn record_of(fact: &Fact) -> Fact {
    Fact { weight: 1, ..*fact }
}

/// The order of records; equal ones are one.
#[inline]
fn order(one: &Fact, other: &Fact) -> Ordering {
    let places = (one.time, one.offset).cmp(&(other.time, other.offset));
    places.then_with(|| {
        let rest = |fact: &Fact| (fact.identity, fact.line, fact.length, fact.segment);
        rest(one).cmp(&rest(other))
    })
}

fn settle(records: &mut Vec<Fact>) {
    if !records.is_sorted_by(|one, other| order(one, other).is_le()) {
        records.sort_unstable_by(order);
    }
    records.dedup_by(|one, other| order(one, other).is_eq());
}

/// Marks a place among the missing records.
const MISSING: u32 = 1 << 31;

/// Where records stand once those that were missing stand among them.
struct Moved {
    known: Vec<u32>,
    missing: Vec<u32>,
}

impl Moved {
    #[inline]
    fn of(&self, place: u32) -> u32 {
        match place & MISSING {
            0 => self.known[place as usize],
            _ => self.missing[(place & !MISSING) as usize],
        }
    }
}

/// Records with those that were missing, which come in any order and several times, and where each
/// of both stands then.
fn merged(records: &[Fact], missing: &[Fact]) -> (Vec<Fact>, Moved) {
    let mut sorted: Vec<u32> = (0..missing.len() as u32).collect();
    let fact = |at: &u32| &missing[*at as usize];
    sorted.sort_by(|one, other| order(fact(one), fact(other)));
    let mut merged: Vec<Fact> = Vec::with_capacity(records.len() + missing.len());
    let mut moved = Moved {
        known: Vec::with_capacity(records.len()),
        missing: vec![0; missing.len()],
    };
    let mut known = records.iter().peekable();
    for at in sorted {
        let next = fact(&at);
        while let Some(record) = known.next_if(|known| order(known, next).is_lt()) {
            moved.known.push(merged.len() as u32);
            merged.push(*record);
        }
        if merged.last().is_none_or(|last| order(last, next).is_ne()) {
            merged.push(*next);
        }
        moved.missing[at as usize] = merged.len() as u32 - 1;
    }
    for record in known {
        moved.known.push(merged.len() as u32);
        merged.push(*record);
    }
    (merged, moved)
}

/// Which record was found last at each line.
struct Lines {
    first: i32,
    places: Vec<u32>,
}

/// Most lines that are told apart: those of a segment. Records elsewhere are searched for.
const LINES: usize = 1 << 20;
/// No record.
const NONE: u32 = u32::MAX;

impl Lines {
    fn of(records: &[Fact]) -> Lines {
        let lines = || records.iter().map(|record| record.line);
        let (first, last) = lines().min().zip(lines().max()).unwrap_or((0, 0));
        let count = usize::try_from(i64::from(last) - i64::from(first) + 1).unwrap_or(0);
        let mut lines = Lines {
            first,
            places: vec![NONE; count.min(LINES)],
        };
        for (place, record) in (0..).zip(records) {
            if let Some(known) = lines.at(record) {
                *known = place;
            }
        }
        lines
    }

    #[inline]
    fn at(&mut self, fact: &Fact) -> Option<&mut u32> {
        let line = fact.line.wrapping_sub(self.first).cast_unsigned();
        self.places.get_mut(line as usize)
    }
}

/// The places of the records of some facts; records that are not there are added to the missing
/// ones, and stand there.
fn places(
    facts: &Facts,
    (records, lines): (&[Fact], &mut Lines),
    missing: &mut Vec<Fact>,
) -> Vec<u32> {
    let mut places = Vec::with_capacity(facts.len());
    let mut from = 0;
    for fact in &facts.rows {
        let known = lines.at(fact).map_or(NONE, |known| *known);
        let record = match known & MISSING {
            0 => records.get(known as usize),
            _ => missing.get((known & !MISSING) as usize),
        };
        if record.is_some_and(|record| is_same(record, fact)) {
            places.push(known);
            continue;
        }
        let place = match place(fact, records, from) {
            Ok(at) => {
                from = at;
                at as u32
            }
            Err(at) => {
                from = at;
                missing.push(record_of(fact));
                (missing.len() - 1) as u32 | MISSING
            }
        };
        if let Some(known) = lines.at(fact) {
            *known = place;
        }
        places.push(place);
    }
    places
}

/// True when both are of one record.
#[inline]
fn is_same(one: &Fact, other: &Fact) -> bool {
    let all = |fact: &Fact| {
        let place = (fact.time, fact.offset, fact.identity);
        (place, fact.line, fact.length, fact.segment)
    };
    all(one) == all(other)
}

/// The place of a record, which mostly stands at or behind `from`; else where it should stand.
#[inline]
fn place(fact: &Fact, records: &[Fact], from: usize) -> Result<usize, usize> {
    for (step, record) in records[from..].iter().take(STEPS).enumerate() {
        match order(record, fact) {
            Ordering::Less => {}
            Ordering::Equal => return Ok(from + step),
            Ordering::Greater if step == 0 => break,
            Ordering::Greater => return Err(from + step),
        }
    }
    records.binary_search_by(|record| order(record, fact))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_fact() -> impl Strategy<Value = Fact> {
        let lines = prop_oneof![8 => -3i32..20, 1 => any::<i32>()];
        (0i64..40, 0u64..2, -3i64..60, 0u32..3, 1u32..4, lines).prop_map(
            |(time, identity, offset, length, weight, line)| Fact {
                time,
                identity,
                segment: 3,
                length,
                weight,
                line,
                offset,
            },
        )
    }

    proptest! {
        #[test]
        fn each_fact_finds_its_record(
            mut streams in prop::collection::vec(prop::collection::vec(any_fact(), 0..60), 0..5),
            is_ordered in any::<bool>(),
        ) {
            if is_ordered {
                streams.iter_mut().for_each(|facts| facts.sort_by(order));
            }
            let facts: Vec<Facts> = streams
                .iter()
                .map(|rows| {
                    let mut facts = Facts::new(0);
                    rows.iter().for_each(|fact| facts.push(*fact, &[]));
                    facts
                })
                .collect();
            let told = Told::of(&facts);
            let mut expected: Vec<Fact> = streams.iter().flatten().map(record_of).collect();
            expected.sort_by(order);
            expected.dedup();
            prop_assert_eq!(&told.records, &expected);
            for (rows, places) in streams.iter().zip(&told.places) {
                let found: Vec<Fact> =
                    places.iter().map(|at| told.records[*at as usize]).collect();
                let rows: Vec<Fact> = rows.iter().map(record_of).collect();
                prop_assert_eq!(rows, found);
            }
            let mut ranges: Vec<_> = expected.iter().map(|f| (f.offset, f.length)).collect();
            ranges.sort();
            ranges.dedup();
            prop_assert_eq!(told.ranges(), ranges);
        }
    }
}
