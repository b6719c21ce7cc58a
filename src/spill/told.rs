//! The records that the facts of a segment stand for, each once.
//!
//! Takes the sheet of a segment; gives the records, and for each stream the record of each fact.
//! Most records are told by several streams, and what is known of a record is larger than what a
//! stream knows of it. Never reads a record.

use std::cmp::Ordering;

use super::{Fact, Sheet};

/// The records of a segment, and which of them each fact stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Different records, in order; as facts of weight 1.
    pub(super) records: Vec<Fact>,
    /// For each stream the place of each fact among the records.
    pub(super) places: Vec<Vec<u32>>,
}

impl Told {
    /// Of the facts of a sheet, which are of one segment. Records of which no fact is left are not
    /// told.
    pub fn of(sheet: &Sheet) -> Told {
        let mut is_told = vec![false; sheet.heads.len()];
        let listed = sheet.streams.iter().flat_map(|listed| &listed.heads);
        listed.for_each(|head| is_told[*head as usize] = true);
        let mut order: Vec<u32> = (0..sheet.heads.len() as u32).collect();
        order.retain(|head| is_told[*head as usize]);
        let head = |at: &u32| &sheet.heads[*at as usize];
        if !order.is_sorted_by(|one, other| in_order(head(one), head(other)).is_le()) {
            order.sort_unstable_by(|one, other| in_order(head(one), head(other)));
        }
        let mut records: Vec<Fact> = Vec::with_capacity(order.len());
        let mut place_of = vec![0; sheet.heads.len()];
        for at in order {
            let next = head(&at);
            if records
                .last()
                .is_none_or(|last| in_order(last, next).is_ne())
            {
                records.push(Fact { weight: 1, ..*next });
            }
            place_of[at as usize] = (records.len() - 1) as u32;
        }
        let places = sheet.streams.iter().map(|listed| {
            let places = listed.heads.iter();
            places.map(|head| place_of[*head as usize]).collect()
        });
        Told {
            places: places.collect(),
            records,
        }
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

/// The order of records; equal ones are one.
#[inline]
fn in_order(one: &Fact, other: &Fact) -> Ordering {
    let places = (one.time, one.offset).cmp(&(other.time, other.offset));
    places.then_with(|| {
        let rest = |fact: &Fact| (fact.identity, fact.line, fact.length, fact.segment);
        rest(one).cmp(&rest(other))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spill::Facts;
    use proptest::prelude::*;

    fn record_of(fact: &Fact) -> Fact {
        Fact { weight: 1, ..*fact }
    }

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
                streams.iter_mut().for_each(|facts| facts.sort_by(in_order));
            }
            let facts: Vec<Facts> = streams
                .iter()
                .map(|rows| {
                    let mut facts = Facts::new(0);
                    rows.iter().for_each(|fact| facts.push(*fact, &[]));
                    facts
                })
                .collect();
            let told = Told::of(&Sheet::of(&facts));
            let mut expected: Vec<Fact> = streams.iter().flatten().map(record_of).collect();
            expected.sort_by(in_order);
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
