//! Holds the gated, spilled, merged windows against a literal reading of their meaning.

use proptest::prelude::*;

use super::window::correlate;
use super::wiring::{Use, bucket};
use super::{Draft, Settings};
use crate::alert::Level;
use crate::diagnostic::{Place, Text};
use crate::event::Field;
use crate::rule::{Comparison, Correlation, FieldRef, Measure, Meta};
use crate::spill::{Block, Fact, Facts, Gate, Narrow, Spill};

const SECOND: i64 = 1_000_000_000;

fn rule(distinct: bool, timespan: i64, condition: (Comparison, i64)) -> Correlation {
    let place = Place {
        file: "t".into(),
        line: 1,
        column: 1,
    };
    let meta = Meta {
        id: String::new(),
        name: String::new(),
        title: String::new(),
        level: Level::Low,
        status: String::new(),
        description: String::new(),
        tags: vec![],
        author: None,
        falsepositives: vec![],
        clauses: vec![],
        say: None,
        respond: Text::default(),
        place,
        tests: vec![],
    };
    let field = FieldRef::Known(Field::PatientId);
    let measure = match distinct {
        true => Measure::ValueCount(vec![field.clone()]),
        false => Measure::EventCount,
    };
    Correlation {
        meta,
        measure,
        rules: vec![0],
        group_by: vec![field],
        timespan,
        condition: vec![condition],
    }
}

/// What is compared of an alert: key, time of its first and last event, events, largest measure.
type Shape = (u64, i64, i64, u64, i64);

fn shape(draft: &Draft) -> Shape {
    (
        draft.key[0],
        draft.start(),
        draft.end(),
        draft.events,
        draft.measure,
    )
}

/// The meaning, word for word: for every event in order, look at all events of its group from
/// `timespan` before it up to itself.
fn literal(rule: &Correlation, rows: &[(Fact, [u64; 2])]) -> Vec<Shape> {
    let distinct = matches!(rule.measure, Measure::ValueCount(_));
    let (comparison, bound) = rule.condition[0];
    let mut groups: Vec<u64> = rows.iter().map(|(_, v)| v[0]).filter(|g| *g != 0).collect();
    groups.sort_unstable();
    groups.dedup();
    let mut shapes = Vec::new();
    for group in groups {
        let mut events: Vec<_> = rows
            .iter()
            .filter(|(_, v)| v[0] == group && (!distinct || v[1] != 0))
            .collect();
        events.sort_by_key(|(f, _)| (f.time, f.identity, f.segment, f.offset));
        let mut open: Option<(Vec<usize>, i64)> = None;
        for at in 0..events.len() {
            let from = events[at].0.time - rule.timespan;
            let window: Vec<usize> = (0..=at).filter(|&i| events[i].0.time >= from).collect();
            let measure = if distinct {
                let mut values: Vec<u64> = window.iter().map(|&i| events[i].1[1]).collect();
                values.sort_unstable();
                values.dedup();
                values.len() as i64
            } else {
                window.iter().map(|&i| i64::from(events[i].0.weight)).sum()
            };
            let holds = match comparison {
                Comparison::Gte => measure >= bound,
                Comparison::Eq => measure == bound,
                _ => measure < bound,
            };
            match (&mut open, holds) {
                (Some((members, largest)), true) => {
                    members.push(at);
                    *largest = (*largest).max(measure);
                }
                (None, true) => open = Some((window, measure)),
                (Some(_), false) => shapes.extend(open.take().map(|o| close(group, &events, o))),
                (None, false) => {}
            }
        }
        shapes.extend(open.take().map(|o| close(group, &events, o)));
    }
    shapes.sort_unstable();
    shapes
}

fn close(group: u64, events: &[&(Fact, [u64; 2])], (members, largest): (Vec<usize>, i64)) -> Shape {
    let times = members.iter().map(|&i| events[i].0.time);
    let total = members.iter().map(|&i| u64::from(events[i].0.weight)).sum();
    let (first, last) = (
        times.clone().min().expect("not empty"),
        times.max().expect("not empty"),
    );
    (group, first, last, total, largest)
}

fn found(rule: &Correlation, rows: &[(Fact, [u64; 2])], cuts: usize, budget: usize) -> Vec<Shape> {
    let distinct = match rule.measure {
        Measure::ValueCount(_) => vec![1],
        Measure::EventCount => vec![],
    };
    let gates = vec![Gate {
        group: vec![0],
        distinct: distinct.clone(),
        bucket: bucket(rule),
    }];
    let mut spill = Spill::new(1, budget);
    for part in rows.chunks(cuts.max(1)) {
        let mut facts = Facts::new(2);
        part.iter()
            .for_each(|(fact, values)| facts.push(*fact, values));
        facts.sort(&|_| 0);
        spill
            .add(0, &Block::pack(&facts, &gates))
            .expect("temporary files work");
    }
    let mut spilled = spill.finish();
    let plan = Narrow {
        columns: 2,
        rank: &|_| 0,
        budget,
    };
    spilled
        .narrow(0, &gates, plan)
        .expect("temporary files work");
    let part = Use {
        stream: 0,
        group: vec![0],
        value: distinct,
        tallies: vec![],
        gate: 0,
        columns: 2,
    };
    let settings = Settings {
        rank: &|_| 0,
        offset_at: &|_| 0,
        evidence: 3,
        budget,
    };
    let drafts =
        correlate(rule, &[part], &[&gates], &spilled, settings).expect("temporary files work");
    let mut shapes: Vec<Shape> = drafts.iter().map(shape).collect();
    shapes.sort_unstable();
    shapes
}

fn any_rows() -> impl Strategy<Value = Vec<(Fact, [u64; 2])>> {
    let row = (
        0i64..30_000,
        0u64..4,
        [0u64..4, 0u64..8],
        1u32..4,
        any::<bool>(),
    );
    prop::collection::vec(row, 1..120).prop_map(|rows| {
        let place = |(i, (time, identity, values, weight, fine)): (
            usize,
            (i64, u64, [u64; 2], u32, bool),
        )| {
            let fine = if fine { 500_000_000 } else { 0 };
            let time = time * SECOND / 4 + fine;
            let segment = (i / 16) as u32;
            let offset = (i % 16) as i64 * 100;
            let fact = Fact {
                time,
                identity,
                segment,
                length: 90,
                weight,
                line: (i % 16) as i32,
                offset,
            };
            (fact, values)
        };
        rows.into_iter().enumerate().map(place).collect()
    })
}

proptest! {
    #[test]
    fn windows_mean_what_they_say(
        rows in any_rows(),
        distinct in any::<bool>(),
        span in 1i64..6_000,
        bound in 1i64..9,
        comparison in prop::sample::select(vec![Comparison::Gte, Comparison::Eq, Comparison::Lt]),
        cuts in 1usize..40,
        tight in any::<bool>(),
    ) {
        let rule = rule(distinct, span * SECOND, (comparison, bound));
        let budget = if tight { 1 } else { 1 << 20 };
        prop_assert_eq!(found(&rule, &rows, cuts, budget), literal(&rule, &rows));
    }
}

#[test]
fn both_ends_of_a_window_are_inside() {
    let at = |seconds: i64, offset: i64| {
        let fact = Fact {
            time: seconds * SECOND,
            identity: offset as u64,
            segment: 0,
            length: 1,
            weight: 1,
            line: 0,
            offset,
        };
        (fact, [7, 1])
    };
    let rule = rule(false, 60 * SECOND, (Comparison::Gte, 5));
    let five_in = |last| {
        [0, 10, 20, 30, last]
            .iter()
            .enumerate()
            .map(|(i, &s)| at(s, i as i64))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&rule, &five_in(60), 2, 1 << 20).len(), 1);
    assert_eq!(found(&rule, &five_in(61), 2, 1 << 20).len(), 0);
}
