//! Holds what is missed of a source against a literal reading: every twenty seconds of a silence are
//! looked at one by one.

use proptest::prelude::*;

use super::super::super::{Draft, Noted, Settings, Wiring, examine};
use super::super::{Observing, Site};
use super::rule;
use crate::register::Expectation;
use crate::spill::{Block, Fact, Facts, Spill};

/// Twenty seconds, in nanoseconds.
const TICK: i64 = 20_000_000_000;
/// Ticks of an hour and of a day.
const HOUR: i64 = 180;
const DAY: i64 = 24 * HOUR;
/// What the wall shows more than Greenwich, ticks.
const OFFSET: i64 = 9 * HOUR;
const DAYS: usize = 40;

/// A silence: number of the record before it, whether it lasts, ticks that count.
type Missed = (usize, bool, i64);

/// A site that expects one thing of one source, whose hash is 7.
struct Expecting(Expectation);

impl Site for Expecting {
    fn opens(&self, nanos: i64) -> (bool, i64) {
        (true, nanos.saturating_add(1))
    }

    fn expects(&self, source: u64) -> Option<Expectation> {
        (source == 7).then_some(self.0)
    }
}

/// Ticks since 1970 at which the source speaks, in order: it has its hours, and speaks at others
/// now and then.
fn times() -> impl Strategy<Value = Vec<i64>> {
    let habit = prop::collection::vec(prop::bool::weighted(0.9), DAYS * 10);
    let at_odd_hours = prop::collection::vec((0..DAYS as i64 * DAY, 1..6_i64), 0..12);
    (habit, at_odd_hours, 1..8_i64).prop_map(|(habit, odd, days)| {
        let hours = habit.iter().enumerate().filter(|(_, spoke)| **spoke);
        let hours = hours.map(|(at, _)| (at as i64 / 10, at as i64 % 10 + 8));
        let usual = hours.filter(|(day, _)| day % 7 < days);
        let usual =
            usual.map(|(day, hour)| day * DAY + hour * HOUR + (day * 31 + hour * 17) % HOUR);
        let odd = odd.iter().flat_map(|(at, run)| *at..*at + *run);
        let mut times: Vec<i64> = usual.chain(odd).map(|at| at - OFFSET).collect();
        times.sort_unstable();
        times.dedup();
        times
    })
}

fn expectation() -> impl Strategy<Value = Expectation> {
    prop_oneof![
        Just(Expectation::Daily),
        Just(Expectation::Weekdays),
        (3..3 * DAY).prop_map(|ticks| Expectation::Within(ticks * TICK)),
    ]
}

fn observed(times: &[i64], (expected, until): (Expectation, i64), cut: usize) -> Vec<Missed> {
    let rules = rule("silence: {of: [input.source], longer_than: expected}");
    let wiring = Wiring::new(&rules);
    let stream = &wiring.streams()[0];
    let mut spill = Spill::new(wiring.columns(), 1 << 20);
    let numbered: Vec<(usize, i64)> = times.iter().copied().enumerate().collect();
    for part in numbered.chunks(cut) {
        let mut facts = Facts::new(stream.columns.len());
        part.iter().for_each(|&at| facts.push(fact(at), &[7]));
        stream.thin(&mut facts);
        let block = Block::pack(&facts, &stream.gates);
        spill.add(0, &block).expect("memory suffices");
    }
    let settings = Settings {
        rank: &|_| 0,
        offset_at: &|_| (OFFSET * TICK / 1_000_000_000) as i32,
        evidence: 10,
        budget: 1 << 20,
        observing: Observing {
            site: &Expecting(expected),
            until: until * TICK,
        },
    };
    let found = examine(&rules, &wiring, &mut spill.finish(), settings).expect("memory suffices");
    found.drafts.iter().map(missed).collect()
}

fn missed(draft: &Draft) -> Missed {
    let Some(Noted::Silent { length, lasting }) = draft.noted else {
        panic!("{draft:?} is no silence");
    };
    (draft.first[0].offset as usize, lasting, length / TICK)
}

fn fact((at, time): (usize, i64)) -> Fact {
    Fact {
        time: time * TICK,
        identity: at as u64,
        segment: 0,
        length: 1,
        weight: 1,
        line: 0,
        offset: at as i64,
    }
}

fn literal(times: &[i64], expected: Expectation, until: i64) -> Vec<Missed> {
    let wall: Vec<i64> = times.iter().map(|at| at + OFFSET).collect();
    let until = (until + OFFSET).max(*wall.last().unwrap_or(&0));
    let mut found = Vec::new();
    for at in 0..wall.len() {
        let lasting = at + 1 == wall.len();
        let to = if lasting { until } else { wall[at + 1] };
        let spoke = &wall[..=at];
        let length = match expected {
            Expectation::Within(length) => {
                let unit = if length < DAY * TICK { HOUR } else { DAY };
                let counted = literal_ticks(spoke, (wall[at], to), unit);
                (counted > length / TICK).then_some(counted)
            }
            _ => {
                let is_over = |day: &i64| match lasting {
                    true => day * DAY + 23 * HOUR <= to,
                    false => *day < to / DAY,
                };
                let days = (wall[at] / DAY + 1..=to / DAY).filter(is_over);
                let days = days.filter(|day| expected.asks_on(*day));
                let days = days.filter(|day| literal_is_usual(spoke, day * DAY, DAY));
                Some(days.count() as i64 * DAY).filter(|length| *length > 0)
            }
        };
        found.extend(length.map(|length| (at, lasting, length)));
    }
    found
}

/// The ticks of a stretch that lie in usual hours or days.
fn literal_ticks(spoke: &[i64], (from, to): (i64, i64), unit: i64) -> i64 {
    let mut counted = 0;
    let mut known = None;
    for tick in from..to {
        let slot = tick / unit;
        let usual = match known {
            Some((of, usual)) if of == slot => usual,
            _ => literal_is_usual(spoke, slot * unit, unit),
        };
        known = Some((slot, usual));
        counted += i64::from(usual);
    }
    counted
}

/// Whether a source that spoke at these times usually speaks in the hour or on the day of the week
/// that begins at a time.
fn literal_is_usual(spoke: &[i64], begin: i64, unit: i64) -> bool {
    let last_hour = spoke[spoke.len() - 1] / HOUR;
    let first_hour = (spoke[0] / HOUR).max(last_hour - 28 * 24 + 1);
    let mut lived: Vec<i64> = (first_hour..=last_hour)
        .map(|hour| hour * HOUR / unit)
        .collect();
    lived.dedup();
    let spoke_in = |slot: &i64| {
        let mut times = spoke.iter().filter(|at| **at / HOUR >= first_hour);
        times.any(|at| at / unit == *slot)
    };
    for round in [7 * DAY / unit, if unit == HOUR { 24 } else { 7 }] {
        let alike = lived
            .iter()
            .filter(|slot| (*slot - begin / unit) % round == 0);
        let alike: Vec<&i64> = alike.collect();
        if !alike.is_empty() {
            let spoken = alike.iter().filter(|slot| spoke_in(slot)).count();
            return 2 * spoken >= alike.len();
        }
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_missed_is_that_of_the_literal_reading(
        times in times(),
        expected in expectation(),
        after in 0..5 * DAY,
        cut in 1..60_usize,
    ) {
        let until = times.last().copied().unwrap_or(0) + after;
        let found = observed(&times, (expected, until), cut);
        prop_assert_eq!(found, literal(&times, expected, until));
    }
}

#[test]
fn of_other_sources_nothing_is_missed() {
    let rules = rule("silence: {of: [input.source], longer_than: expected}");
    let wiring = Wiring::new(&rules);
    let mut spill = Spill::new(wiring.columns(), 1 << 20);
    let mut facts = Facts::new(1);
    facts.push(fact((0, 0)), &[8]);
    let block = Block::pack(&facts, &wiring.streams()[0].gates);
    spill.add(0, &block).expect("memory suffices");
    let settings = Settings {
        rank: &|_| 0,
        offset_at: &|_| 0,
        evidence: 10,
        budget: 1 << 20,
        observing: Observing {
            site: &Expecting(Expectation::Daily),
            until: 100 * DAY * TICK,
        },
    };
    let found = examine(&rules, &wiring, &mut spill.finish(), settings).expect("memory suffices");
    assert!(found.drafts.is_empty());
}
