//! Holds the joins against literal readings of their meaning: random leases, renewals, ends and
//! events with ties, in random order, cut into random blocks.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::{Column, Draft, Measured, Noted, Observing, RuleIndex, Settings, Wiring};
use super::super::{encode_number, examine};
use crate::diagnostic::{Complaints, Lang};
use crate::rule::{Asks, Placeholders, RuleSet};
use crate::spill::{Block, Fact, Facts, Spill};

const HOUR: i64 = 3_600 * 1_000_000_000;
/// Hours that a lease lasts which does not tell it.
const TERM: i64 = 7;
/// Hours of a window.
const TIMESPAN: i64 = 5;
/// Hours.
const GRACE: i64 = 1;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A lease, of the rule that is looked for or of the other.
    Lease(bool),
    End,
    Event,
    Shown,
}

/// A record: 0 is absent.
#[derive(Clone, Copy, Debug)]
struct Record {
    hour: i64,
    kind: Kind,
    address: u64,
    holder: u64,
    /// Hours.
    lasts: Option<i64>,
    network: u64,
    value: u64,
    fixed: bool,
    key: u64,
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        3 => any::<bool>().prop_map(Kind::Lease),
        1 => Just(Kind::End),
        4 => Just(Kind::Event),
        1 => Just(Kind::Shown),
    ]
}

fn record() -> impl Strategy<Value = Record> {
    let told = (0..3_u64, 0..4_u64, prop::option::of(1..9_i64), 0..3_u64);
    let more = (0..4_u64, prop::bool::weighted(0.1), 0..3_u64);
    (0..60_i64, kind(), told, more).prop_map(
        |(hour, kind, (address, holder, lasts, network), (value, fixed, key))| Record {
            hour,
            kind,
            address,
            holder,
            lasts,
            network,
            value,
            fixed,
            key,
        },
    )
}

/// Some records in order, and which of them comes when.
fn records() -> impl Strategy<Value = (Vec<Record>, Vec<usize>)> {
    prop::collection::vec(record(), 0..50).prop_flat_map(|mut records| {
        records.sort_by_key(|r| r.hour);
        let order: Vec<usize> = (0..records.len()).collect();
        (Just(records), Just(order).prop_shuffle())
    })
}

const JOIN: &str = "leases: [listed, other], ends: ended, address: a, leased: a, holder: h, \
                    lasts: l, network: n, term: 7h, grace: 1h";

fn rules(correlation: &str, as_of: Option<&str>) -> RuleSet {
    let mut text = String::new();
    for name in ["listed", "other", "ended", "event", "shown"] {
        text += &format!(
            "title: t\nname: {name}\nlogsource: {{category: x}}\ndetection: {{s: {{own.k: {name}}}, \
             condition: s}}\n---\n"
        );
    }
    let joined = as_of.map(|keys| format!("yomawari: {{as_of: {{{keys}}}}}\n"));
    text += &format!(
        "title: t\nname: joined\ncorrelation: {{{correlation}, timespan: {TIMESPAN}h}}\n{}",
        joined.unwrap_or_default()
    );
    let mut complaints = Complaints::new();
    let set = RuleSet::read(&[("t.yml", &text)], &Placeholders::new(), &mut complaints);
    let shown = complaints.sorted();
    let shown: Vec<String> = shown.iter().map(|p| p.render(Lang::En)).collect();
    assert!(!complaints.has_errors(), "{shown:#?}\n{text}");
    set
}

fn held() -> RuleSet {
    let rule = "type: temporal_ordered, rules: [listed, event], group-by: [a]";
    rules(rule, Some(JOIN))
}

fn unheld() -> RuleSet {
    let rule = "type: temporal, group-by: [key], condition: event and not listed and not other \
                and not shown";
    rules(rule, Some(&format!("{JOIN}, fixed: f")))
}

const COUNT: &str =
    "type: value_count, rules: [event], group-by: [key], condition: {field: v, gte: 2}";

fn fact(at: usize, record: &Record) -> Fact {
    Fact {
        time: record.hour * HOUR,
        identity: at as u64 + 1,
        segment: 0,
        length: 1,
        weight: 1,
        line: 0,
        offset: at as i64,
    }
}

fn value(column: &Column, record: &Record) -> u64 {
    // Different fields have different values.
    let named = |number: u64, base: u64| if number == 0 { 0 } else { base + number };
    match column.field().name() {
        "a" => named(record.address, 1_000),
        "h" => named(record.holder, 2_000),
        "n" => named(record.network, 3_000),
        "v" => named(record.value, 4_000),
        "key" => named(record.key, 5_000),
        "f" => u64::from(record.fixed),
        "l" => record
            .lasts
            .map_or(0, |hours| encode_number(&(hours * 3_600).to_string())),
        other => unreachable!("no field {other}"),
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Lease(true) => "listed",
        Kind::Lease(false) => "other",
        Kind::End => "ended",
        Kind::Event => "event",
        Kind::Shown => "shown",
    }
}

/// What the engine says of records that come in this order, so many a block; with the numbers of
/// what was and what could not be judged.
fn judged(
    rules: &RuleSet,
    (records, order): &(Vec<Record>, Vec<usize>),
    cut: usize,
) -> (Vec<Draft>, Option<(u64, u64)>) {
    let wiring = Wiring::new(rules);
    let mut spill = Spill::new(wiring.columns(), 1 << 20);
    for part in order.chunks(cut) {
        for (number, stream) in wiring.streams().iter().enumerate() {
            let listens = &rules.detections[stream.detection].meta.name;
            let mut facts = Facts::new(stream.columns.len());
            for &at in part.iter().filter(|at| name(records[**at].kind) == listens) {
                let columns = stream.columns.iter();
                let values: Vec<u64> = columns.map(|c| value(c, &records[at])).collect();
                facts.push(fact(at, &records[at]), &values);
            }
            if facts.is_empty() {
                continue;
            }
            facts.sort_by_time();
            stream.thin(&mut facts);
            let block = Block::pack(&facts, &stream.gates);
            spill.add(number, &block).expect("memory suffices");
        }
    }
    let settings = Settings {
        rank: &|_| 0,
        offset_at: &|_| 0,
        evidence: 10_000,
        budget: 1 << 20,
        observing: Observing {
            site: &|nanos: i64| (true, nanos + HOUR),
            until: 0,
        },
    };
    let found = examine(rules, &wiring, &mut spill.finish(), settings).expect("memory suffices");
    let learning = found.learning.first().map(|l| (l.keys, l.learning));
    let of_rule = |draft: &Draft| draft.rule == RuleIndex::Correlation(0);
    (found.drafts.into_iter().filter(of_rule).collect(), learning)
}

fn places(draft: &Draft) -> Vec<usize> {
    let facts = draft.first.iter().chain(&draft.last);
    facts.map(|fact| fact.offset as usize).collect()
}

/// A lease of the literal reading.
#[derive(Clone, Copy, Debug)]
struct Lease {
    at: usize,
    hour: i64,
    holder: u64,
    /// The place of its rule in the correlation, from 1; 0 where it is not listed.
    place: u64,
    value: u64,
    lasts: i64,
}

impl Lease {
    fn told(&self) -> (u64, u64) {
        (self.place, self.value)
    }
}

/// The leases of an address in order; at one instant what is told decides.
fn leases(records: &[Record], address: u64, asks: Asks) -> Vec<Lease> {
    let mut leases: Vec<Lease> = Vec::new();
    for (at, r) in records.iter().enumerate() {
        if let Kind::Lease(listed) = r.kind
            && r.address == address
            && r.holder != 0
        {
            leases.push(Lease {
                at,
                hour: r.hour,
                holder: r.holder,
                place: match asks {
                    Asks::Held => u64::from(listed),
                    Asks::Unheld => 3 - u64::from(listed),
                    Asks::Filled => 0,
                },
                value: if asks == Asks::Filled { r.value } else { 0 },
                lasts: r.lasts.unwrap_or(TERM),
            });
        }
    }
    leases.sort_by_key(|l| (l.hour, l.place, l.value, l.lasts, l.holder, l.at));
    leases
}

/// When a lease is over for all that its holder does.
fn until(records: &[Record], address: u64, lease: &Lease) -> i64 {
    let ends = records.iter().filter(|r| {
        let of_holder = r.holder == 0 || r.holder == lease.holder;
        r.kind == Kind::End && r.address == address && of_holder && r.hour > lease.hour
    });
    let ended = ends.map(|r| r.hour).min().unwrap_or(i64::MAX);
    ended.min(lease.hour + lease.lasts + GRACE)
}

/// Who may hold an address at an hour: for each holder the first lease of the tenancy and the last
/// one, the newest tenancy first.
fn holders(records: &[Record], address: u64, hour: i64, asks: Asks) -> Vec<(Lease, Lease)> {
    let all = leases(records, address, asks);
    let mut found = Vec::new();
    for holder in 1..4 {
        let own: Vec<&Lease> = all.iter().filter(|l| l.holder == holder).collect();
        let begun = own.partition_point(|l| l.hour <= hour);
        let Some(mut at) = begun.checked_sub(1) else {
            continue;
        };
        let lease = own[at];
        let until_of = |lease: &Lease| until(records, address, lease);
        let goes_on = own
            .get(begun)
            .is_some_and(|next| next.hour <= until_of(lease));
        let others = all
            .iter()
            .filter(|l| l.holder != holder && l.hour > lease.hour);
        let replaced = others.map(|l| l.hour).min();
        let is_free = replaced.is_some_and(|r| r + GRACE < hour) && !goes_on;
        if until_of(lease) < hour || is_free {
            continue;
        }
        while at > 0 && own[at - 1].told() == lease.told() && until_of(own[at - 1]) >= own[at].hour
        {
            at -= 1;
        }
        found.push((*own[at], *lease));
    }
    let place = |first: &Lease| all.iter().position(|l| l.at == first.at);
    found.sort_by_key(|(first, _)| std::cmp::Reverse(place(first)));
    found
}

/// What one alert of the first kind is, by address, lease and day.
type Held = BTreeMap<(u64, usize, i64), (BTreeSet<usize>, usize)>;

/// The lease that stands for a tenancy at an hour: of those at one instant the last in order.
fn teller(records: &[Record], address: u64, (holder, hour): (u64, i64)) -> usize {
    let of_holder =
        |r: &Record| matches!(r.kind, Kind::Lease(_)) && r.address == address && r.holder == holder;
    let told = records.iter().enumerate();
    let told = told.filter(|(_, r)| of_holder(r) && r.hour <= hour);
    told.map(|(at, r)| (r.hour, at)).max().expect("it holds").1
}

fn literally_held(records: &[Record]) -> Held {
    let mut alerts = Held::new();
    let mut lease_of: BTreeMap<(u64, usize, i64), usize> = BTreeMap::new();
    for (at, event) in records.iter().enumerate() {
        if event.kind != Kind::Event || event.address == 0 {
            continue;
        }
        let holders = holders(records, event.address, event.hour, Asks::Held);
        let Some((first, _)) = holders.iter().find(|(_, lease)| lease.place == 1) else {
            continue;
        };
        let lease = |holder: u64| teller(records, event.address, (holder, event.hour));
        let tenancy = (event.address, first.at, event.hour.div_euclid(24));
        let told_by = *lease_of
            .entry(tenancy)
            .or_insert_with(|| lease(first.holder));
        let key = (event.address, told_by, tenancy.2);
        let alert = alerts.entry(key).or_insert_with(|| {
            (
                holders
                    .iter()
                    .map(|(first, _)| lease(first.holder))
                    .collect(),
                0,
            )
        });
        alert.0.insert(at);
        alert.1 = alert.1.max(holders.len());
    }
    alerts
}

/// True when leases of the event's network are recorded from long enough before it until it.
fn is_covered(records: &[Record], event: &Record) -> bool {
    let leases = records.iter().filter(|r| {
        matches!(r.kind, Kind::Lease(_)) && r.address != 0 && r.network == event.network
    });
    let mut hours: Vec<i64> = leases.map(|r| r.hour).collect();
    hours.dedup();
    let Some(mut at) = hours.iter().position(|hour| *hour >= event.hour) else {
        return false;
    };
    while at > 0 && hours[at] - hours[at - 1] <= TERM {
        at -= 1;
    }
    event.network != 0 && hours[at] + TERM <= event.hour
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_done_under_a_lease_is_what_a_literal_reading_says(
        all in records(), cut in 1usize..20
    ) {
        let (drafts, _) = judged(&held(), &all, cut);
        let records = &all.0;
        let mut found = Held::new();
        for draft in &drafts {
            let places = places(draft);
            let events: Vec<usize> = places
                .iter()
                .copied()
                .filter(|at| records[*at].kind == Kind::Event)
                .collect();
            let teller = draft.teller().expect("a lease tells it").offset as usize;
            let Some(Noted::Leased { before, holders }) = draft.noted else {
                panic!("{draft:?}");
            };
            let first = &records[events[0]];
            prop_assert_eq!(before, (first.hour - records[teller].hour) * HOUR);
            prop_assert_eq!(draft.measure, Measured::Count(places.len() as u64));
            prop_assert_eq!(draft.key.as_slice(), &[1_000 + first.address]);
            let key = (first.address, teller, first.hour.div_euclid(24));
            let before = found.insert(key, (places.into_iter().collect(), holders));
            prop_assert!(before.is_none());
        }
        prop_assert_eq!(found, literally_held(records));
    }

    #[test]
    fn what_nothing_shows_is_what_a_literal_reading_says(all in records(), cut in 1usize..20) {
        let (drafts, learning) = judged(&unheld(), &all, cut);
        let records = &all.0;
        let mut expected: BTreeMap<(u64, i64), BTreeSet<usize>> = BTreeMap::new();
        let mut asked: BTreeMap<u64, bool> = BTreeMap::new();
        for (at, event) in records.iter().enumerate() {
            if event.kind != Kind::Event || event.address == 0 || event.fixed {
                continue;
            }
            let is_judged = is_covered(records, event);
            *asked.entry(event.address).or_default() |= is_judged;
            let near = (event.hour - TIMESPAN)..=(event.hour + GRACE);
            let is_shown = records.iter().any(|r| {
                r.kind == Kind::Shown && r.address == event.address && near.contains(&r.hour)
            });
            let is_held = !holders(records, event.address, event.hour, Asks::Unheld).is_empty();
            if is_judged && !is_shown && !is_held {
                let key = (event.key, event.hour.div_euclid(24));
                expected.entry(key).or_default().insert(at);
            }
        }
        let mut found: BTreeMap<(u64, i64), BTreeSet<usize>> = BTreeMap::new();
        for draft in &drafts {
            let key = draft.key[0].saturating_sub(5_000);
            let day = draft.start().div_euclid(24 * HOUR);
            let noted = matches!(draft.noted, Some(Noted::Unseen { .. }));
            prop_assert!(noted);
            prop_assert!(found.insert((key, day), places(draft).into_iter().collect()).is_none());
        }
        prop_assert_eq!(found, expected);
        let young = asked.values().filter(|judged| !**judged).count() as u64;
        let expected = (!asked.is_empty()).then_some((asked.len() as u64, young));
        prop_assert_eq!(learning.filter(|(keys, _)| *keys > 0), expected);
    }

    #[test]
    fn a_filled_value_counts_like_one_that_the_event_tells(all in records(), cut in 1usize..20) {
        let (drafts, _) = judged(&rules(COUNT, Some(JOIN)), &all, cut);
        let mut filled = all.clone();
        let mut tellers: BTreeMap<usize, usize> = BTreeMap::new();
        for (at, event) in filled.0.iter_mut().enumerate() {
            if event.kind == Kind::Event && event.value == 0 && event.address != 0 {
                let holders = holders(&all.0, event.address, event.hour, Asks::Filled);
                if let [(first, lease)] = holders.as_slice()
                    && lease.value != 0
                {
                    event.value = lease.value;
                    let told = (first.holder, event.hour);
                    tellers.insert(at, teller(&all.0, event.address, told));
                }
            }
        }
        let (plain, _) = judged(&rules(COUNT, None), &filled, cut);
        let of_plain = |draft: &Draft| {
            let mut facts: BTreeSet<usize> = places(draft).into_iter().collect();
            let leases: Vec<usize> = facts.iter().filter_map(|at| tellers.get(at)).copied().collect();
            facts.extend(leases);
            (draft.key.clone(), format!("{:?}", draft.measure), facts)
        };
        let of_joined = |draft: &Draft| {
            let facts: BTreeSet<usize> = places(draft).into_iter().collect();
            (draft.key.clone(), format!("{:?}", draft.measure), facts)
        };
        let expected: BTreeSet<_> = plain.iter().map(of_plain).collect();
        let found: BTreeSet<_> = drafts.iter().map(of_joined).collect();
        prop_assert_eq!(found, expected);
    }
}
