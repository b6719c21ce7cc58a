//! Holds the gated, spilled, merged windows against a literal reading of their meaning: random
//! rules of every kind over random events, in a scan and in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher as _;

use proptest::prelude::*;

use super::{
    Column, Correlated, Match, Measured, Observing, Settings, Wiring, correlate_in_memory, detect,
    encode_number,
};
use crate::diagnostic::{Complaints, Lang};
use crate::rule::literal::{self, Happening, Ties};
use crate::rule::{FieldRef, Placeholders, RuleIndex, RuleSet};
use crate::spill::{Block, Fact, Facts, Spill};

const SECOND: i64 = 1_000_000_000;

/// Rule, group, events, completing event.
type Alert = (usize, Vec<String>, BTreeSet<usize>, usize);

/// Four detections, `a` to `d`, and these correlations.
fn rules(correlations: &[String]) -> RuleSet {
    let mut text = String::new();
    for name in ["a", "b", "c", "d"] {
        text.push_str(&format!(
            "title: {name}\nname: {name}\nlogsource: {{category: x}}\n\
             detection: {{s: {{own.k: {name}}}, condition: s}}\n---\n"
        ));
    }
    for (number, inner) in correlations.iter().enumerate() {
        text.push_str(&format!(
            "title: c{number}\nname: c{number}\ncorrelation: {{generate: true, {inner}}}\n\
             yomawari: {{say: {{en: '{{count:patient.id}}', ja: x}}}}\n---\n"
        ));
    }
    let mut complaints = Complaints::new();
    let set = RuleSet::read(&[("t.yml", &text)], &Placeholders::new(), &mut complaints);
    let shown: Vec<String> = complaints
        .sorted()
        .iter()
        .map(|p| p.render(Lang::En))
        .collect();
    assert!(!complaints.has_errors(), "{shown:#?}\n{text}");
    set
}

/// What the twin says.
fn literal(rules: &RuleSet, events: &[Happening], ties: Ties) -> Vec<Alert> {
    let found = literal::alerts(rules, events, ties);
    let mut alerts: Vec<Alert> = found
        .into_iter()
        .map(|f| (f.rule, f.group, f.events, f.at))
        .collect();
    alerts.sort();
    alerts
}

/// The same as it stood when each condition became true.
fn literal_at_first(rules: &RuleSet, events: &[Happening]) -> Vec<Alert> {
    let found = literal::alerts(rules, events, Ties::ByPosition);
    let mut alerts: Vec<Alert> = found
        .into_iter()
        .map(|f| (f.rule, f.group, f.completed_by, f.at))
        .collect();
    alerts.sort();
    alerts
}

/// What the windows say of a file: with all events of each alert.
fn in_memory(rules: &RuleSet, events: &[Happening]) -> Vec<Alert> {
    told_in_memory(rules, events, |found| found.events)
}

/// What the windows say of a file.
fn told_in_memory(
    rules: &RuleSet,
    events: &[Happening],
    told: fn(Correlated) -> Vec<usize>,
) -> Vec<Alert> {
    let matches: Vec<Match> = events
        .iter()
        .enumerate()
        .rev()
        .flat_map(|(event, e)| {
            let time = e.time;
            e.detections.iter().map(move |d| Match {
                event,
                time,
                detection: *d,
            })
        })
        .collect();
    let mut value = |event: usize, field: &FieldRef| {
        let values = events[event].values.get(field.name());
        values.cloned().unwrap_or_default()
    };
    let found = correlate_in_memory(rules, &matches, &mut value);
    let mut alerts: Vec<Alert> = found
        .into_iter()
        .map(|f| {
            let (rule, at) = (f.rule, f.at);
            let group = f.group.iter().map(|(_, value)| value.clone()).collect();
            (rule, group, told(f).into_iter().collect(), at)
        })
        .collect();
    alerts.sort();
    alerts
}

/// How the facts of a scan reach the windows.
#[derive(Clone, Copy, Debug)]
struct Scan {
    cuts: usize,
    budget: usize,
    /// Facts come in an order that has nothing to do with time.
    scatter: usize,
}

/// What the windows say in a scan.
fn scanned(rules: &RuleSet, happenings: &[Happening], scan: Scan) -> Vec<Alert> {
    let wiring = Wiring::new(rules);
    let mut texts: HashMap<u64, String> = HashMap::new();
    let mut held = |column: &Column, text: &String| match column {
        Column::Number(_) => encode_number(text),
        Column::Value(_) => {
            let hash = foldhash::fast::FixedState::with_seed(7)
                .hash_one(text)
                .max(1);
            texts.insert(hash, text.clone());
            hash
        }
    };
    let mut rows: Vec<(usize, Fact, Vec<u64>)> = Vec::new();
    for (place, event) in happenings.iter().enumerate() {
        let fact = fact(place, event);
        for (number, stream) in wiring.streams().iter().enumerate() {
            if !event.detections.contains(&stream.detection) {
                continue;
            }
            let mut all: Vec<Vec<u64>> = vec![Vec::new()];
            for column in &stream.columns {
                let told = event.values.get(column.field().name());
                let mut values: Vec<u64> = told
                    .into_iter()
                    .flatten()
                    .map(|t| held(column, t))
                    .collect();
                values.retain(|v| *v != 0);
                if values.is_empty() {
                    values.push(0);
                }
                let joined = |row: &Vec<u64>, v: &u64| [row.as_slice(), &[*v]].concat();
                all = all
                    .iter()
                    .flat_map(|row| values.iter().map(|v| joined(row, v)).collect::<Vec<_>>())
                    .collect();
            }
            rows.extend(all.into_iter().map(|values| (number, fact, values)));
        }
    }
    // Rows of one event stay together, as they do in a segment.
    let count = happenings.len().max(1);
    rows.sort_by_key(|(_, f, _)| (f.offset as usize * scan.scatter) % (count * 2 + 1));
    let mut spill = Spill::new(wiring.columns(), scan.budget);
    for part in rows.chunks(scan.cuts) {
        for (number, stream) in wiring.streams().iter().enumerate() {
            let mut facts = Facts::new(stream.columns.len());
            for (_, fact, values) in part.iter().filter(|(n, ..)| *n == number) {
                facts.push(*fact, values);
            }
            if !facts.is_empty() {
                facts.sort_by_time();
                let block = Block::pack(&facts, &stream.gates);
                spill.add(number, &block).expect("temporary files work");
            }
        }
    }
    let settings = Settings {
        rank: &|_| 0,
        offset_at: &|_| 0,
        evidence: 10_000,
        budget: scan.budget,
        observing: Observing {
            site: &|at: i64| (true, at.saturating_add(1)),
            until: i64::MIN,
        },
    };
    let drafts =
        detect(rules, &wiring, &mut spill.finish(), settings).expect("temporary files work");
    let mut alerts: Vec<Alert> = Vec::new();
    for draft in drafts {
        let RuleIndex::Correlation(rule) = draft.rule else {
            continue;
        };
        let facts = draft.first.iter().chain(&draft.last);
        let events: BTreeSet<usize> = facts.map(|f| f.offset as usize).collect();
        assert_eq!(events.len() as u64, draft.records);
        let group = draft.key.iter().map(|n| texts[n].clone()).collect();
        if rule == 0 {
            check_sums(&draft, events.iter().map(|at| &happenings[*at]));
        }
        let at = draft.completed.expect("a correlation completes").offset as usize;
        alerts.push((rule, group, events, at));
    }
    alerts.sort();
    alerts
}

/// What an alert counts is what its events tell, repeats and lists counted.
fn check_sums<'e>(draft: &super::Draft, events: impl Iterator<Item = &'e Happening>) {
    let (mut weight, mut patients) = (0, BTreeSet::new());
    for event in events {
        weight += event.weight;
        patients.extend(event.values.get("patient.id").into_iter().flatten());
    }
    assert_eq!(draft.events, weight);
    assert_eq!(draft.tallies[0].count(), patients.len() as u64);
}

fn fact(place: usize, event: &Happening) -> Fact {
    Fact {
        time: event.time,
        identity: place as u64,
        segment: 0,
        length: 1,
        weight: event.weight as u32,
        line: place as i32,
        offset: place as i64,
    }
}

/// Events in order: few instants, few values, some absent, some lists, some no numbers.
fn any_events() -> impl Strategy<Value = Vec<Happening>> {
    let word = |choices: &'static [&'static str]| prop::sample::select(choices);
    let values = (
        prop::option::weighted(0.85, word(&["x", "y"])),
        prop::option::weighted(0.85, word(&["x", "y", "z"])),
        prop::collection::vec(word(&["1", "2.5", "-3", "0.125", "n/a", "4", "40"]), 0..3),
    );
    let event = (0i64..60, 1u64..3, 1u8..16, values, any::<bool>());
    prop::collection::vec(event, 0..40).prop_map(|events| {
        let mut events: Vec<Happening> = events
            .into_iter()
            .map(|(time, weight, hits, (g, h, v), twice)| {
                let mut values = BTreeMap::new();
                let list = |o: Option<&str>| o.into_iter().map(str::to_owned).collect::<Vec<_>>();
                values.insert("own.g".to_owned(), list(g));
                values.insert("own.h".to_owned(), list(h));
                let mut numbers: Vec<String> = v.into_iter().map(str::to_owned).collect();
                numbers.truncate(if twice { 2 } else { 1 });
                numbers.dedup();
                values.insert("own.v".to_owned(), numbers);
                let patients = (0..weight).map(|n| format!("p{}", (time as u64 + n) % 5));
                values.insert("patient.id".to_owned(), patients.collect());
                values.retain(|_, v: &mut Vec<String>| !v.is_empty());
                Happening {
                    time: time * SECOND,
                    weight,
                    detections: (0..4).filter(|d| hits >> d & 1 == 1).collect(),
                    values,
                }
            })
            .collect();
        events.sort_by_key(|e| e.time);
        events
    })
}

const OPERATORS: [&str; 6] = ["gt", "gte", "lt", "lte", "eq", "neq"];

/// A condition with one operator or two.
fn any_operators(fractions: bool) -> impl Strategy<Value = String> {
    let bound = (0i64..7, any::<bool>()).prop_map(move |(n, half)| match fractions && half {
        true => format!("{}.5", n - 3),
        false => n.to_string(),
    });
    let one = (prop::sample::select(&OPERATORS[..]), bound);
    prop_oneof![
        4 => Just("gte".to_owned()).prop_flat_map(|op| (1i64..6).prop_map(move |n| format!("{op}: {n}"))),
        3 => one.clone().prop_map(|(op, n)| format!("{op}: {n}")),
        1 => (one.clone(), one).prop_filter_map("twice", |((p, m), (q, n))| {
            (p != q).then(|| format!("{p}: {m}, {q}: {n}"))
        }),
    ]
}

/// A correlation over some of these rules; `ordered` tells whether it may ask for an order.
fn any_correlation(names: Vec<String>, ordered: bool) -> impl Strategy<Value = String> {
    let count = names.len();
    let listed = prop::sample::subsequence(names, 1..=count.min(3)).prop_shuffle();
    let field = prop::sample::select(vec!["own.v", "own.h"]);
    let counted = prop::sample::select(vec!["own.v", "own.h", "[own.h, own.v]"]);
    let kind = prop_oneof![
        any_operators(false).prop_map(|o| format!("type: event_count, condition: {{{o}}}")),
        (counted, any_operators(false))
            .prop_map(|(f, o)| format!("type: value_count, condition: {{field: {f}, {o}}}")),
        (
            prop::sample::select(vec!["value_sum", "value_avg", "value_median"]),
            any_operators(true)
        )
            .prop_map(|(t, o)| format!("type: {t}, condition: {{field: own.v, {o}}}")),
        (field, 0i64..=100, any_operators(true)).prop_map(|(f, p, o)| format!(
            "type: value_percentile, condition: {{field: {f}, percentile: {p}, {o}}}"
        )),
        Just("type: temporal".to_owned()),
        any_operators(false).prop_map(|o| format!("type: temporal, condition: {{{o}}}")),
        Just("type: temporal, worded".to_owned()),
        Just(
            if ordered {
                "type: temporal_ordered"
            } else {
                "type: temporal"
            }
            .to_owned()
        ),
        any_operators(false).prop_map(move |o| match ordered {
            true => format!("type: temporal_ordered, condition: {{{o}}}"),
            false => format!("type: temporal, condition: {{{o}}}"),
        }),
        Just(
            if ordered {
                "type: temporal_ordered, worded"
            } else {
                "type: temporal, worded"
            }
            .to_owned()
        ),
    ];
    let group = prop::sample::select(vec!["[]", "[own.g]", "[own.h]", "[own.g, own.h]", "[who]"]);
    (listed, kind, group, 1i64..25, any::<u8>()).prop_map(|(listed, kind, group, span, dice)| {
        let kind = kind.replace("worded", &format!("condition: {}", sentence(&listed, dice)));
        let aliases = match group {
            "[who]" => format!(", aliases: {{who: {{{}}}}}", alias(&listed, dice)),
            _ => String::new(),
        };
        let rules = listed.join(", ");
        format!("{kind}, rules: [{rules}], group-by: {group}, timespan: {span}s{aliases}")
    })
}

/// Each rule calls the alias one of two fields.
fn alias(listed: &[String], dice: u8) -> String {
    let field = |at: usize| {
        if dice >> at & 1 == 1 {
            "own.g"
        } else {
            "own.h"
        }
    };
    let pairs = listed
        .iter()
        .enumerate()
        .map(|(at, name)| format!("{name}: {}", field(at)));
    pairs.collect::<Vec<_>>().join(", ")
}

/// A condition in words over all the rules listed.
fn sentence(listed: &[String], dice: u8) -> String {
    match (listed, dice % 5) {
        ([a], _) => a.clone(),
        ([a, b], 0 | 1) => format!("{a} and not {b}"),
        ([a, b], 2) => format!("{a} or {b}"),
        ([a, b], _) => format!("{a} AND {b}"),
        ([a, b, c], 0) => format!("{a} and {b} and not {c}"),
        ([a, b, c], 1) => format!("{a} and not ({b} or {c})"),
        ([a, b, c], 2) => format!("({a} and not {b}) or {c}"),
        ([a, b, c], 3) => format!("({a} or {b}) and not {c} and {b}"),
        ([a, b, c, ..], _) => format!("{a} and ({b} or {c})"),
        _ => unreachable!("a correlation lists a rule"),
    }
}

/// One correlation over detections, one that may count it, one that may count both.
fn any_rules(ordered_inside: bool) -> impl Strategy<Value = Vec<String>> {
    let names = |inner: &[&str]| -> Vec<String> {
        let all = ["a", "b", "c", "d"].iter().chain(inner);
        all.map(|n| (*n).to_owned()).collect()
    };
    let inner = any_correlation(names(&[]), ordered_inside);
    let middle = any_correlation(vec!["a".into(), "b".into(), "c0".into()], ordered_inside);
    let outer = any_correlation(vec!["a".into(), "c0".into(), "c1".into()], true);
    (inner, middle, outer).prop_map(|(i, m, o)| vec![i, m, o])
}

/// In a scan an ordered alert may rest on any of the events of one instant: only when it came and
/// to whom is compared.
fn bare(alerts: Vec<Alert>, rules: &RuleSet) -> Vec<Alert> {
    let ordered = |at: usize| !rules.correlations[at].steps.is_empty();
    let strip = |(rule, group, events, at): Alert| {
        let events = if ordered(rule) {
            BTreeSet::new()
        } else {
            events
        };
        (rule, group, events, at)
    };
    alerts.into_iter().map(strip).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_scan_finds_what_the_rules_mean(
        correlations in any_rules(false),
        events in any_events(),
        cuts in 1usize..60,
        tight in any::<bool>(),
        scatter in 1usize..9,
    ) {
        let rules = rules(&correlations);
        let budget = if tight { 1 } else { 1 << 20 };
        let found = scanned(&rules, &events, Scan { cuts, budget, scatter });
        let meant = literal(&rules, &events, Ties::Together);
        prop_assert_eq!(bare(found, &rules), bare(meant, &rules), "{:#?}", correlations);
    }

    #[test]
    fn matches_in_memory_give_what_the_rules_mean(
        correlations in any_rules(true),
        mut events in any_events(),
    ) {
        let rules = rules(&correlations);
        for event in &mut events {
            event.weight = 1;
            event.values.values_mut().for_each(|v| v.truncate(1));
        }
        prop_assert_eq!(
            in_memory(&rules, &events),
            literal(&rules, &events, Ties::ByPosition),
            "{:#?}", correlations
        );
        prop_assert_eq!(
            told_in_memory(&rules, &events, |found| found.completed_by),
            literal_at_first(&rules, &events),
            "{:#?}", correlations
        );
    }
}

/// Events `a` to `d` at these seconds, all of group `x`.
fn told(events: &[(&str, i64)]) -> Vec<Happening> {
    let one = |(names, second): &(&str, i64)| Happening {
        time: second * SECOND,
        weight: 1,
        detections: names.bytes().map(|b| usize::from(b - b'a')).collect(),
        values: BTreeMap::from([("own.g".to_owned(), vec!["x".to_owned()])]),
    };
    events.iter().map(one).collect()
}

/// Completing event and events of each alert of the last rule.
fn of_last(correlations: &[&str], events: &[Happening]) -> Vec<(usize, Vec<usize>)> {
    let correlations: Vec<String> = correlations.iter().map(|c| (*c).to_owned()).collect();
    let found = in_memory(&rules(&correlations), events);
    let last = found.into_iter().filter(|f| f.0 + 1 == correlations.len());
    let mut alerts: Vec<_> = last
        .map(|(_, _, events, at)| (at, events.into_iter().collect()))
        .collect();
    alerts.sort();
    alerts
}

#[test]
fn both_ends_of_a_window_are_inside() {
    let five = "type: event_count, rules: [a], timespan: 60s, condition: {gte: 5}";
    let ends = |last| told(&[("a", 0), ("a", 10), ("a", 20), ("a", 30), ("a", last)]);
    assert_eq!(of_last(&[five], &ends(60)), [(4, vec![0, 1, 2, 3, 4])]);
    assert_eq!(of_last(&[five], &ends(61)), []);
}

#[test]
fn an_alert_grows_while_its_condition_stays_true_and_comes_anew_after() {
    let two = "type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}";
    let events = told(&[("a", 0), ("a", 5), ("a", 10), ("a", 30), ("a", 31)]);
    assert_eq!(
        of_last(&[two], &events),
        [(1, vec![0, 1, 2]), (4, vec![3, 4])]
    );
}

#[test]
fn one_event_fills_one_step_and_position_breaks_ties() {
    let rule = "type: temporal_ordered, rules: [a, b], timespan: 10s";
    assert_eq!(of_last(&[rule], &told(&[("ab", 0)])), []);
    assert_eq!(
        of_last(&[rule], &told(&[("a", 0), ("b", 0)])),
        [(1, vec![0, 1])]
    );
    assert_eq!(of_last(&[rule], &told(&[("b", 0), ("a", 0)])), []);
    assert_eq!(
        of_last(&[rule], &told(&[("ab", 0), ("ab", 1)])),
        [(1, vec![0, 1])]
    );
    let any = "type: temporal, rules: [a, b], timespan: 10s";
    assert_eq!(of_last(&[any], &told(&[("ab", 0)])), [(0, vec![0])]);
    let scan = Scan {
        cuts: 9,
        budget: 1 << 20,
        scatter: 1,
    };
    let rules = rules(&[rule.to_owned()]);
    assert_eq!(scanned(&rules, &told(&[("b", 0), ("a", 0)]), scan).len(), 1);
    assert_eq!(scanned(&rules, &told(&[("ab", 0)]), scan).len(), 0);
}

#[test]
fn what_must_not_happen_is_waited_for() {
    let rule = "type: temporal, condition: a and b and not c, timespan: 60s";
    let alert = [(1, vec![0, 1])];
    assert_eq!(of_last(&[rule], &told(&[("a", 0), ("b", 10)])), alert);
    assert_eq!(
        of_last(&[rule], &told(&[("a", 0), ("b", 10), ("c", 61)])),
        alert
    );
    assert_eq!(
        of_last(&[rule], &told(&[("a", 0), ("b", 10), ("c", 60)])),
        []
    );
    assert_eq!(
        of_last(&[rule], &told(&[("c", 0), ("a", 1), ("b", 10)])),
        [(2, vec![1, 2])]
    );
}

#[test]
fn an_inner_alert_is_an_event_with_all_it_rests_on() {
    let burst =
        "type: event_count, rules: [a], group-by: [own.g], timespan: 60s, condition: {gte: 3}";
    let then = "type: temporal_ordered, rules: [c0, b], group-by: [own.g], timespan: 60s";
    let events = told(&[("a", 0), ("a", 1), ("a", 2), ("a", 3), ("b", 62), ("b", 63)]);
    assert_eq!(of_last(&[burst, then], &events), [(4, vec![0, 1, 2, 3, 4])]);
    assert_eq!(
        of_last(&[burst, then], &events[1..]),
        [(3, vec![0, 1, 2, 3])]
    );
}

#[test]
fn measures_are_shown_as_short_as_they_can_be() {
    for (measured, shown) in [
        (Measured::Count(7), "7"),
        (Measured::Number(2.5), "2.5"),
        (Measured::Number(10.0 / 3.0), "3.333"),
        (Measured::Number(100.0), "100"),
        (Measured::Number(0.0001), "0.0001"),
        (Measured::Number(0.0), "0"),
    ] {
        assert_eq!(measured.to_string(), shown);
    }
}
