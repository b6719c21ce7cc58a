//! Holds the observations against literal readings of their meaning: random settings over random
//! records with ties, in random order, cut into random blocks.

mod unheard;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::{Column, Draft, Noted, Settings, Wiring, encode_number, examine};
use super::{Learning, Observing};
use crate::diagnostic::{Complaints, Lang};
use crate::rule::{Placeholders, RuleSet};
use crate::spill::{Block, Fact, Facts, Spill};

const HOUR: i64 = 3_600 * 1_000_000_000;
const DAY: i64 = 24 * HOUR;

/// A record: hours since 1970, key and value (0 is absent), number, like.
#[derive(Clone, Copy, Debug)]
struct Record {
    hour: i64,
    key: u64,
    value: u64,
    number: Option<u64>,
    peers: u64,
    weight: u32,
}

fn record() -> impl Strategy<Value = Record> {
    (
        0..240_i64,
        0..4_u64,
        0..4_u64,
        prop::option::of(0..12_u64),
        0..3_u64,
        1..4_u32,
    )
        .prop_map(|(hour, key, value, number, peers, weight)| Record {
            hour,
            key,
            value,
            number,
            peers,
            weight,
        })
}

/// Some records in order, and which of them comes when.
fn records() -> impl Strategy<Value = (Vec<Record>, Vec<usize>)> {
    prop::collection::vec(record(), 0..60).prop_flat_map(|mut records| {
        records.sort_by_key(|r| r.hour);
        let order: Vec<usize> = (0..records.len()).collect();
        (Just(records), Just(order).prop_shuffle())
    })
}

fn rule(observe: &str) -> RuleSet {
    let text = format!(
        "title: r\nname: r\nlogsource: {{category: x}}\ndetection: {{s: {{own.k: a}}, condition: \
         s}}\nyomawari: {{observe: {{{observe}}}}}\n"
    );
    let mut complaints = Complaints::new();
    let set = RuleSet::read(&[("t.yml", &text)], &Placeholders::new(), &mut complaints);
    let shown = complaints.sorted();
    let shown: Vec<String> = shown.iter().map(|p| p.render(Lang::En)).collect();
    assert!(!complaints.has_errors(), "{shown:#?}\n{text}");
    set
}

/// The site opens on five days of seven from 9 to 17.
fn is_open(hour: i64) -> bool {
    is_business(hour.div_euclid(24)) && (9..17).contains(&hour.rem_euclid(24))
}

fn is_business(day: i64) -> bool {
    day.rem_euclid(7) < 5
}

fn opens(nanos: i64) -> (bool, i64) {
    let hour = nanos.div_euclid(HOUR);
    (is_open(hour), (hour + 1) * HOUR)
}

/// What the engine says of records that come in this order, so many a block.
fn observed(
    observe: &str,
    (records, order): &(Vec<Record>, Vec<usize>),
    cut: usize,
) -> (Vec<Draft>, Learning) {
    let rules = rule(observe);
    let wiring = Wiring::new(&rules);
    let stream = &wiring.streams()[0];
    let mut spill = Spill::new(wiring.columns(), 1 << 20);
    for part in order.chunks(cut) {
        let mut facts = Facts::new(stream.columns.len());
        for &at in part {
            let values: Vec<u64> = stream
                .columns
                .iter()
                .map(|column| value(column, &records[at]))
                .collect();
            facts.push(fact(at, &records[at]), &values);
        }
        facts.sort_by_time();
        stream.thin(&mut facts);
        let block = Block::pack(&facts, &stream.gates);
        spill.add(0, &block).expect("memory suffices");
    }
    let settings = Settings {
        rank: &|_| 0,
        offset_at: &|_| 0,
        evidence: 10_000,
        budget: 1 << 20,
        observing: Observing {
            site: &opens,
            until: records.last().map_or(i64::MIN, |r| r.hour * HOUR),
        },
    };
    let found = examine(&rules, &wiring, &mut spill.finish(), settings).expect("memory suffices");
    (found.drafts, found.learning[0])
}

fn value(column: &Column, record: &Record) -> u64 {
    match (column.field().name(), record.number) {
        ("own.key", _) => record.key,
        ("own.value", _) => record.value,
        ("own.peers", _) => record.peers,
        ("own.number", Some(number)) => encode_number(&number.to_string()),
        _ => 0,
    }
}

/// Records of one instant stand in the order of their places.
fn fact(at: usize, record: &Record) -> Fact {
    Fact {
        time: record.hour * HOUR,
        identity: at as u64,
        segment: 0,
        length: 1,
        weight: record.weight,
        line: 0,
        offset: at as i64,
    }
}

/// Key, places of its records, what was noted: for comparison, in order.
type Alert = (Vec<u64>, Vec<usize>, String);

fn alert(key: &[u64], places: Vec<usize>, noted: Noted) -> Alert {
    (key.to_vec(), places, format!("{noted:?}"))
}

fn alerts(drafts: &[Draft]) -> Vec<Alert> {
    let mut alerts: Vec<Alert> = drafts
        .iter()
        .map(|draft| {
            let facts = draft.first.iter().chain(&draft.last);
            let places = facts.map(|f| f.offset as usize).collect();
            alert(&draft.key, places, draft.noted.expect("all note something"))
        })
        .collect();
    alerts.sort();
    alerts
}

/// Records that tell the key, with their places.
fn told(records: &[Record]) -> Vec<(usize, Record)> {
    let all = records.iter().copied().enumerate();
    all.filter(|(_, r)| r.key != 0).collect()
}

fn keys(records: &[Record]) -> BTreeSet<u64> {
    told(records).iter().map(|(_, r)| r.key).collect()
}

fn literal_new_values(
    records: &[Record],
    (within, after): (i64, i64),
    only: Option<&str>,
) -> Vec<Alert> {
    let told = told(records);
    let mut found: Vec<(Record, Vec<usize>, Noted)> = Vec::new();
    for (n, (at, record)) in told.iter().enumerate() {
        if record.value == 0 {
            continue;
        }
        let earlier = told[..n].iter().map(|(_, r)| r);
        let of_key: Vec<&Record> = earlier.filter(|r| r.key == record.key).collect();
        let history = record.hour - of_key.first().map_or(record.hour, |r| r.hour);
        let same = of_key.iter().rev().find(|r| r.value == record.value);
        let before = same.map(|r| record.hour - r.hour);
        let is_new = match only {
            Some("first") => before.is_none(),
            Some(_) => before.is_some_and(|b| b > within),
            None => before.is_none_or(|before| {
                let pauses = of_key.iter().map(|r| record.hour - r.hour);
                before > within && pauses.into_iter().any(|p| p > 0 && p <= within)
            }),
        };
        if is_new && history >= after {
            let noted = Noted::New {
                before: before.map(|b| b * HOUR),
                history: history * HOUR,
            };
            found.push((*record, vec![*at], noted));
            continue;
        }
        let latest = found.iter_mut().rev();
        let mut of_both = latest.filter(|(r, ..)| (r.key, r.value) == (record.key, record.value));
        if let Some((first, places, _)) = of_both.next()
            && first.hour / 24 == record.hour / 24
        {
            places.push(*at);
        }
    }
    let mut alerts: Vec<Alert> = found
        .into_iter()
        .map(|(r, places, noted)| alert(&[r.key, r.value], places, noted))
        .collect();
    alerts.sort();
    alerts
}

fn literal_median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        n => (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0,
    }
}

/// What a baseline is asked: days, above, at least, needs.
type Asked = (i64, f64, u64, usize);

/// A key with a day and an hour.
type OfStretch = (u64, (i64, i64));

fn literal_unusual(
    records: &[Record],
    (over, above, at_least, needs): Asked,
    [hourly, distinct, peers]: [bool; 3],
) -> Vec<Alert> {
    let stretch = |r: &Record| (r.hour / 24, if hourly { r.hour % 24 } else { 0 });
    let mut of: BTreeMap<OfStretch, Vec<(usize, Record)>> = BTreeMap::new();
    for (at, record) in told(records) {
        let doing = of.entry((record.key, stretch(&record))).or_default();
        doing.push((at, record));
    }
    let count = |doing: &[(usize, Record)]| -> u64 {
        let values = doing.iter().map(|(_, r)| r.value).filter(|v| *v != 0);
        match distinct {
            true => values.collect::<BTreeSet<u64>>().len() as u64,
            false => doing.iter().map(|(_, r)| u64::from(r.weight)).sum(),
        }
    };
    let like = |doing: &[(usize, Record)]| doing.iter().map(|(_, r)| r.peers).find(|p| *p != 0);
    let mut found = Vec::new();
    for ((key, (day, hour)), doing) in &of {
        let comparable = |other: &(i64, i64)| {
            (day - over..*day).contains(&other.0)
                && other.1 == *hour
                && is_business(other.0) == is_business(*day)
        };
        let counts = |own: bool| -> Vec<f64> {
            let fits = |(k, s): &OfStretch, others: &[(usize, Record)]| {
                let peer = peers && like(doing).is_some() && like(others) == like(doing);
                comparable(s) && count(others) > 0 && if own { k == key } else { k != key && peer }
            };
            let all = of.iter().filter(|(at, others)| fits(at, others));
            all.map(|(_, others)| count(others) as f64).collect()
        };
        let (own, others) = (counts(true), counts(false));
        let usual = literal_median(&own);
        let apart: Vec<f64> = own.iter().map(|c| (c - usual).abs()).collect();
        let spread = [1.4826 * literal_median(&apart), usual.sqrt(), 1.0];
        let spread = spread.into_iter().fold(0.0, f64::max);
        let now = count(doing);
        let beats_peers = others.len() < needs || now as f64 > literal_median(&others);
        let is_far = now >= at_least && now as f64 > usual + above * spread && beats_peers;
        if now > 0 && own.len() >= needs && is_far {
            let noted = Noted::Unusual {
                count: now,
                usual,
                stretches: own.len(),
                hourly,
            };
            let places = doing.iter().map(|(at, _)| *at).collect();
            found.push(alert(&[*key], places, noted));
        }
    }
    found.sort();
    found
}

fn literal_silences(records: &[Record], (longer, after): (i64, i64), open: bool) -> Vec<Alert> {
    let end = records.last().map_or(0, |r| r.hour);
    let mut found = Vec::new();
    for key in keys(records) {
        let of_key: Vec<(usize, i64)> = told(records)
            .into_iter()
            .filter(|(_, r)| r.key == key)
            .map(|(at, r)| (at, r.hour))
            .collect();
        let mut since = of_key[0].1;
        for (n, (at, hour)) in of_key.iter().enumerate() {
            let next = of_key.get(n + 1);
            let until = next.map_or(end, |(_, hour)| *hour);
            let length = (*hour..until).filter(|h| !open || is_open(*h)).count() as i64;
            if length <= longer {
                continue;
            }
            if hour - since >= after {
                let noted = Noted::Silent {
                    length: length * HOUR,
                    lasting: next.is_none(),
                };
                let places = [Some(*at), next.map(|(at, _)| *at)];
                let places = places.into_iter().flatten().collect();
                found.push(alert(&[key], places, noted));
            }
            since = until;
        }
    }
    found.sort();
    found
}

/// Key and what was noted, for sequences.
fn literal_sequences(records: &[Record], at_least: u64, after: u64) -> Vec<(u64, String)> {
    let mut found: Vec<(u64, Noted)> = Vec::new();
    for key in keys(records) {
        let of_key = told(records).into_iter().filter(|(_, r)| r.key == key);
        let mut numbers: Vec<(i64, u64, u32)> = of_key
            .filter_map(|(_, r)| Some((r.hour, r.number?, r.weight)))
            .collect();
        numbers.sort_by_key(|(hour, number, _)| (*hour, *number));
        // Missing numbers, and whether they count.
        let mut missing: BTreeMap<u64, bool> = BTreeMap::new();
        let mut run = 0;
        let mut last: Option<(u64, u64, bool)> = None;
        let holes = |missing: &mut BTreeMap<u64, bool>, found: &mut Vec<(u64, Noted)>| {
            while let Some((from, counts)) = missing.pop_first() {
                let mut to = from;
                while missing.remove(&(to + 1)).is_some() {
                    to += 1;
                }
                if counts && to - from + 1 >= at_least {
                    found.push((key, Noted::Missing { from, to }));
                }
            }
        };
        let repeats = |last: Option<(u64, u64, bool)>, run: u64, found: &mut Vec<_>| {
            if let Some((number, times, true)) = last.filter(|_| run >= after) {
                found.push((key, Noted::Repeated { number, times }));
            }
        };
        for (_, number, weight) in numbers {
            let weight = u64::from(weight);
            match last {
                Some((before, times, _)) if number == before => {
                    last = Some((before, times + weight, true));
                    continue;
                }
                Some((before, ..)) if number < before && missing.remove(&number).is_some() => {
                    continue;
                }
                _ => repeats(last, run, &mut found),
            }
            match last {
                Some((before, ..)) if number < before => {
                    holes(&mut missing, &mut found);
                    if run >= after {
                        let (after, at) = (before, number);
                        found.push((key, Noted::Reset { after, at }));
                    }
                    run = 0;
                }
                Some((before, ..)) if number == before + 1 => run += 1,
                Some((before, ..)) => {
                    missing.extend((before + 1..number).map(|n| (n, run >= after)));
                    run = 0;
                }
                None => {}
            }
            last = Some((number, weight, false));
        }
        repeats(last, run, &mut found);
        holes(&mut missing, &mut found);
    }
    let mut said: Vec<(u64, String)> = found
        .into_iter()
        .map(|(k, n)| (k, format!("{n:?}")))
        .collect();
    said.sort();
    said
}

/// Stretches of a key's numbers, as long as they can be, that go in one direction.
fn literal_walks(records: &[Record], at_least: u64, within: i64) -> Vec<Alert> {
    let mut found = BTreeSet::new();
    for key in keys(records) {
        let of_key = told(records).into_iter().filter(|(_, r)| r.key == key);
        let mut of_key: Vec<(i64, u64, usize)> = of_key
            .filter_map(|(at, r)| Some((r.hour, r.number?, at)))
            .collect();
        of_key.sort_unstable();
        let fits = |from: usize, to: usize| {
            [1, -1].into_iter().any(|direction| {
                of_key[from..=to].windows(2).all(|two| {
                    let step = two[1].1 as i64 - two[0].1 as i64;
                    (step == 0 || step == direction) && two[1].0 - two[0].0 <= within
                })
            })
        };
        for (from, first) in of_key.iter().enumerate() {
            for (to, last) in of_key.iter().enumerate().skip(from) {
                let grows = from.checked_sub(1).is_some_and(|before| fits(before, to))
                    || (to + 1 < of_key.len() && fits(from, to + 1));
                let numbers = first.1.abs_diff(last.1) + 1;
                if fits(from, to) && !grows && numbers >= at_least {
                    let mut places: Vec<_> = of_key[from..=to].iter().map(|(.., at)| *at).collect();
                    places.sort_unstable();
                    let noted = Noted::Walked {
                        from: first.1,
                        to: last.1,
                    };
                    found.insert(alert(&[key], places, noted));
                }
            }
        }
    }
    found.into_iter().collect()
}

proptest! {
    #[test]
    fn walks_are_those_of_a_literal_reading(
        all in records(), cut in 1usize..20, at_least in 2u64..5, within in 1i64..40,
    ) {
        let observe = format!(
            "walk: {{of: [own.key], number: own.number, at_least: {at_least}, within: {within}h}}"
        );
        let (drafts, _) = observed(&observe, &all, cut);
        let mut found = alerts(&drafts);
        for (_, places, _) in &mut found {
            places.sort_unstable();
        }
        found.sort();
        prop_assert_eq!(found, literal_walks(&all.0, at_least, within));
    }

    #[test]
    fn new_values_are_those_of_the_literal_reading(
        given in records(),
        within in 1..100_i64,
        after in 1..60_i64,
        only in prop::option::of(prop::sample::select(vec!["first", "returned"])),
        cut in 1..20_usize,
    ) {
        let said = match only {
            Some("first") => "only: first".to_owned(),
            Some(only) => format!("only: {only}, within: {within}h"),
            None => format!("within: {within}h"),
        };
        let observe = format!(
            "new_value: {{of: [own.key], value: own.value, after: {after}h, {said}}}"
        );
        let (drafts, learning) = observed(&observe, &given, cut);
        prop_assert_eq!(alerts(&drafts), literal_new_values(&given.0, (within, after), only));
        let young = keys(&given.0).into_iter().filter(|key| {
            let hours = told(&given.0).into_iter().filter(|(_, r)| r.key == *key).map(|(_, r)| r.hour);
            let hours: Vec<i64> = hours.collect();
            hours.last().unwrap() - hours[0] < after
        });
        prop_assert_eq!(learning.learning, young.count() as u64);
        prop_assert_eq!(learning.keys, keys(&given.0).len() as u64);
    }

    #[test]
    fn unusual_counts_are_those_of_the_literal_reading(
        given in records(),
        (over, above) in (1..12_i64, 0..3_u32),
        (at_least, needs) in (1..5_u64, 1..3_usize),
        how in prop::array::uniform3(any::<bool>()),
        cut in 1..20_usize,
    ) {
        let per = if how[0] { "hour" } else { "day" };
        let count = if how[1] { "own.value" } else { "events" };
        let peers = if how[2] { ", peers: own.peers" } else { "" };
        let observe = format!(
            "baseline: {{of: [own.key], per: {per}, over: {over}d, count: {count}, above: {above}.5, \
             at_least: {at_least}, needs: {needs}{peers}}}"
        );
        let (drafts, _) = observed(&observe, &given, cut);
        let asked = (over, f64::from(above) + 0.5, at_least, needs);
        prop_assert_eq!(alerts(&drafts), literal_unusual(&given.0, asked, how));
    }

    #[test]
    fn silences_are_those_of_the_literal_reading(
        given in records(),
        longer in 1..30_i64,
        after in 1..60_i64,
        open in any::<bool>(),
        cut in 1..20_usize,
    ) {
        let within = if open { "open-hours" } else { "always" };
        let observe = format!(
            "silence: {{of: [own.key], longer_than: {longer}h, within: {within}, after: {after}h}}"
        );
        let (drafts, _) = observed(&observe, &given, cut);
        prop_assert_eq!(alerts(&drafts), literal_silences(&given.0, (longer, after), open));
    }

    #[test]
    fn sequences_are_those_of_the_literal_reading(
        given in records(),
        (at_least, after) in (1..4_u64, 0..3_u64),
        cut in 1..20_usize,
    ) {
        let run = if after > 0 { format!("after: {after}, ") } else { String::new() };
        let observe = format!(
            "sequence_gap: {{of: [own.key], number: own.number, at_least: {at_least}, \
             {run}tell: [gap, reset, duplicate]}}"
        );
        let (drafts, _) = observed(&observe, &given, cut);
        let mut said: Vec<(u64, String)> = drafts
            .iter()
            .map(|d| (d.key[0], format!("{:?}", d.noted.unwrap())))
            .collect();
        said.sort();
        prop_assert_eq!(said, literal_sequences(&given.0, at_least, after));
    }
}

/// Records of one key with these hours and numbers.
fn numbered(numbers: &[(i64, u64)]) -> (Vec<Record>, Vec<usize>) {
    let records = numbers.iter().map(|(hour, number)| Record {
        hour: *hour,
        key: 1,
        value: 1,
        number: Some(*number),
        peers: 0,
        weight: 1,
    });
    let records: Vec<Record> = records.collect();
    let order = (0..records.len()).collect();
    (records, order)
}

const ALL: &str =
    "sequence_gap: {of: [own.key], number: own.number, tell: [gap, reset, duplicate]}";

#[test]
fn a_gap_stands_between_the_records_around_it() {
    let (drafts, _) = observed(ALL, &numbered(&[(0, 1), (1, 2), (2, 5), (3, 6)]), 1);
    let missing = Noted::Missing { from: 3, to: 4 };
    assert_eq!(alerts(&drafts), [alert(&[1], vec![1, 2], missing)]);
}

#[test]
fn what_comes_late_fills_its_gap() {
    let given = numbered(&[(0, 1), (1, 5), (2, 3), (3, 6), (4, 2), (5, 4)]);
    assert!(observed(ALL, &given, 2).0.is_empty());
    let (drafts, _) = observed(ALL, &numbered(&[(0, 1), (1, 5), (2, 3)]), 2);
    let noted: Vec<Noted> = drafts.iter().filter_map(|d| d.noted).collect();
    let missing = [2, 4].map(|n| Noted::Missing { from: n, to: n });
    assert_eq!(noted, missing);
}

#[test]
fn the_last_number_is_followed_by_one() {
    let last = 2_147_483_647;
    let given = numbered(&[(0, last - 1), (1, last), (2, 1), (3, 2)]);
    assert!(observed(ALL, &given, 9).0.is_empty());
    let (drafts, _) = observed(ALL, &numbered(&[(0, last), (1, 2)]), 9);
    let reset = Noted::Reset { after: last, at: 2 };
    assert_eq!(alerts(&drafts), [alert(&[1], vec![0, 1], reset)]);
}

#[test]
fn records_of_one_instant_count_in_the_order_of_their_numbers() {
    let given = numbered(&[(0, 1), (1, 4), (1, 2), (1, 3), (2, 5)]);
    assert!(observed(ALL, &given, 2).0.is_empty());
}

#[test]
fn the_whole_stream_is_a_key_too() {
    let observe = "new_value: {of: [], value: own.value, within: 10d, after: 1h}";
    let given = numbered(&[(0, 1), (1, 2)]);
    let (drafts, learning) = observed(observe, &given, 1);
    assert!(drafts.is_empty(), "the value is the same");
    assert_eq!((learning.keys, learning.learning), (1, 0));
}

#[test]
fn times_at_the_ends_of_time_are_no_trouble() {
    let far = i64::MAX / HOUR;
    let given = numbered(&[(-far, 1), (0, 2), (far, u64::MAX)]);
    for observe in [
        ALL,
        "silence: {of: [own.key], longer_than: 1h, after: 1h}",
        "new_value: {of: [own.key], value: own.value, within: 1h, after: 1h}",
        "baseline: {of: [own.key], per: hour, needs: 1}",
    ] {
        observed(observe, &given, 1);
    }
    assert!(far * HOUR > i64::MAX - DAY);
}
