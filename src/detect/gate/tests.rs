//! Holds the gate's shares against all keys at once, and joined stretches against what they hold.

use proptest::prelude::*;

use super::super::Wiring;
use super::*;
use crate::diagnostic::Complaints;
use crate::rule::{Placeholders, RuleSet};
use crate::spill::{Facts, Spill};

const RULES: &str = "\
title: seen
name: seen
logsource: {category: ehr}
detection: {s: {own.k: a}, condition: s}
---
title: events
name: events
correlation: {type: event_count, rules: [seen], group-by: [own.user], timespan: 9s, condition: {gte: 3}}
---
title: values
name: values
correlation: {type: value_count, rules: [seen], group-by: [own.user], timespan: 2h, condition: {field: own.v, gt: 2}}
---
title: short values
name: short-values
correlation: {type: value_count, rules: [seen], group-by: [own.user], timespan: 9s, condition: {field: own.v, gt: 1}}
";

/// Facts of one stream: seconds, user and value.
fn spilled(wiring: &Wiring, events: &[(i64, u64, u64)]) -> Spilled {
    let mut spill = Spill::new(wiring.columns(), 1 << 20);
    let stream = &wiring.streams()[0];
    for block in events.chunks(7) {
        let mut facts = Facts::new(stream.columns.len());
        for (second, user, value) in block {
            let columns = stream.columns.iter();
            let told = columns.map(|column| match column.field().name() {
                "own.user" => user + 1,
                _ => value + 1,
            });
            let fact = Fact {
                time: second * 1_000_000_000,
                identity: *value,
                segment: 0,
                length: 1,
                weight: 1,
                line: 0,
                offset: *second,
            };
            facts.push(fact, &told.collect::<Vec<u64>>());
        }
        facts.sort_by_time();
        spill
            .add(0, &Block::pack(&facts, &stream.gates))
            .expect("memory suffices");
    }
    spill.finish()
}

type Told = (Vec<(u64, Vec<Range<i64>>)>, Vec<Range<i64>>);

fn told(suspects: Suspects) -> Told {
    let mut of: Vec<_> = suspects.of.into_iter().collect();
    of.sort_unstable_by_key(|(key, _)| *key);
    (of, suspects.spans)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn shares_of_the_keys_give_what_all_keys_give(
        events in prop::collection::vec((0i64..30_000, 0u64..30, 0u64..5), 0..120),
    ) {
        let mut complaints = Complaints::new();
        let rules = RuleSet::read(&[("t.yml", RULES)], &Placeholders::new(), &mut complaints);
        prop_assert!(!complaints.has_errors());
        let wiring = Wiring::new(&rules);
        let facts = spilled(&wiring, &events);
        for (at, rule) in rules.correlations.iter().enumerate() {
            let uses = &wiring.reads(at).uses;
            let gates: Vec<_> = uses.iter().map(|part| wiring.gates(part)).collect();
            let least = super::super::wiring::least(rule).expect("it is bounded");
            let found = |budget| {
                let asked = (least, rule.timespan, budget);
                suspects(uses, &gates, &facts, asked).expect("memory suffices")
            };
            prop_assert_eq!(told(found(0)), told(found(1 << 20)));
        }
    }
}

proptest! {
    #[test]
    fn joined_stretches_are_few_and_hold_all(
        starts in prop::collection::vec((0i64..5_000, 0u64..4), 0..300),
        most in 1usize..40,
    ) {
        let mut starts = starts;
        starts.sort_unstable();
        let mut found = Found::default();
        for (start, key) in &starts {
            found.add(*key, *start..start + 3);
            found.bound(most, 3);
        }
        prop_assert!(found.count <= most.max(2 * found.of.len()), "{}", found.count);
        let suspects = Suspects { of: found.of, spans: found.spans };
        for (start, key) in starts {
            prop_assert!((start..start + 3).all(|time| suspects.holds(key, time)));
            prop_assert!(suspects.spans.iter().any(|s| s.start <= start && start + 3 <= s.end));
        }
    }
}
