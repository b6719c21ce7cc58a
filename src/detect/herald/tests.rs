//! Holds the herald against the judgment of all facts: what it says is said by that too, and while
//! events come in order it misses nothing.

use proptest::prelude::*;

use super::super::{Draft, Observing, RuleIndex, Settings, Wiring, detect};
use super::Herald;
use crate::diagnostic::Complaints;
use crate::rule::{Placeholders, RuleSet};
use crate::spill::{Block, Fact, Facts, Spill};

const SECOND: i64 = 1_000_000_000;

const RULES: &str = "\
title: folded
name: folded
logsource: {category: ehr}
detection: {s: {own.k: a}, condition: s}
yomawari: {fold: {by: [own.user], within: {gap: 5s}}}
---
title: alone
name: alone
logsource: {category: ehr}
detection: {s: {own.k: b}, condition: s}
---
title: daily
name: daily
logsource: {category: ehr}
detection: {s: {own.k: c}, condition: s}
yomawari: {fold: {by: [own.user], within: day}}
---
title: events
name: events
correlation: {type: event_count, rules: [folded, alone], group-by: [own.user], timespan: 9s, condition: {gte: 4}, generate: true}
yomawari: {say: {en: '{count:patient.id}', ja: x}}
---
title: values
name: values
correlation: {type: value_count, rules: [folded], group-by: [own.user], timespan: 9s, condition: {field: own.v, gt: 2}, generate: true}
";

/// Seconds since the event before, stream, user, value, weight.
type Happened = (i64, usize, u64, u64, u32);

fn settings() -> Settings<'static> {
    Settings {
        rank: &|_| 0,
        offset_at: &|_| 0,
        evidence: 1_000,
        budget: 1 << 20,
        observing: Observing {
            site: &|at: i64| (true, at.saturating_add(1)),
            until: i64::MIN,
        },
    }
}

/// The facts of some events, by streams.
fn facts(wiring: &Wiring, events: &[(i64, Happened)], from: usize) -> Vec<Facts> {
    let streams = wiring.streams().iter();
    let mut all: Vec<Facts> = streams.map(|s| Facts::new(s.columns.len())).collect();
    for (at, (time, (_, stream, user, value, weight))) in events.iter().enumerate() {
        let fact = Fact {
            time: *time,
            identity: (from + at) as u64,
            segment: 0,
            length: 1,
            weight: *weight,
            line: 0,
            offset: (from + at) as i64,
        };
        let number = stream % all.len();
        let columns = wiring.streams()[number].columns.iter();
        let told = columns.map(|column| match column.field().name() {
            "own.user" => user + 1,
            _ => value + 1,
        });
        all[number].push(fact, &told.collect::<Vec<u64>>());
    }
    all
}

/// What the judgment of all events says.
fn judged(rules: &RuleSet, wiring: &Wiring, events: &[(i64, Happened)]) -> Vec<Draft> {
    let mut spill = Spill::new(wiring.columns(), 1 << 20);
    for (number, mut facts) in facts(wiring, events, 0).into_iter().enumerate() {
        if !facts.is_empty() {
            facts.sort_by_time();
            let block = Block::pack(&facts, &wiring.streams()[number].gates);
            spill.add(number, &block).expect("memory suffices");
        }
    }
    detect(rules, wiring, &mut spill.finish(), settings()).expect("memory suffices")
}

/// What an alert begins with, and how much it was then.
type Told = (RuleIndex, Vec<u64>, Vec<i64>, u64, String, Vec<u64>);

fn told(draft: &Draft) -> Told {
    let facts = draft.first.iter().chain(&draft.last);
    (
        draft.rule,
        draft.key.clone(),
        facts.map(|fact| fact.offset).collect(),
        draft.events,
        draft.measure.to_string(),
        draft.tallies.iter().map(|tally| tally.count()).collect(),
    )
}

fn beginnings<'d>(drafts: impl Iterator<Item = &'d Draft>) -> Vec<(RuleIndex, Vec<u64>, i64)> {
    let begin = |draft: &Draft| (draft.rule, draft.key.clone(), draft.first[0].offset);
    let mut all: Vec<_> = drafts.map(begin).collect();
    all.sort();
    all
}

proptest! {
    #[test]
    fn what_is_heralded_is_what_all_facts_say(
        events in prop::collection::vec((1i64..4, 0usize..3, 0u64..3, 0u64..4, 1u32..3), 1..60),
        batch in 1usize..7,
    ) {
        let mut complaints = Complaints::new();
        let rules = RuleSet::read(&[("t.yml", RULES)], &Placeholders::new(), &mut complaints);
        let errors: Vec<String> =
            complaints.sorted().iter().map(|p| p.render(crate::diagnostic::Lang::En)).collect();
        prop_assert!(!complaints.has_errors(), "{errors:#?}");
        let wiring = Wiring::new(&rules);
        let mut clock = 0;
        let events: Vec<(i64, Happened)> = events
            .into_iter()
            .map(|event| {
                clock += event.0 * SECOND;
                (clock, event)
            })
            .collect();
        let mut herald = Herald::new(&rules, &wiring);
        let mut heralded: Vec<Draft> = Vec::new();
        for (number, part) in events.chunks(batch).enumerate() {
            let so_far = number * batch;
            let mut came = facts(&wiring, part, so_far);
            let begun = herald.take(&mut came, &settings());
            let all = judged(&rules, &wiring, &events[..so_far + part.len()]);
            let all: Vec<Told> = all.iter().map(told).collect();
            let begins = beginnings(judged(&rules, &wiring, &events[..so_far + part.len()]).iter());
            for draft in &begun {
                // What grew within the batch is told as it was when it began.
                let is_whole = batch > 1 || all.contains(&told(draft));
                prop_assert!(is_whole, "{:?} is not among {:?}", told(draft), all);
                let begin = beginnings(std::iter::once(draft));
                prop_assert!(begins.contains(&begin[0]), "{begin:?} {begins:?}");
            }
            heralded.extend(begun);
        }
        let all = judged(&rules, &wiring, &events);
        prop_assert_eq!(beginnings(heralded.iter()), beginnings(all.iter()));
    }
}
