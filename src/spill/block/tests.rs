//! Holds what is packed against what comes back, and gate entries against a count by hand.

use std::collections::HashMap;

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
        let mut next = 0;
        Block::moments(&block.bytes, block.facts_at as usize, (2, &[1]), |time, weight, values| {
            assert_eq!((time, weight), (facts.rows[next].time, u64::from(facts.rows[next].weight)));
            assert_eq!(values[1], facts.values(next)[1]);
            next += 1;
        });
        prop_assert_eq!(next, facts.len());
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
