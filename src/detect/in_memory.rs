//! Correlations over matches that are in memory, as whoever checks the rules event by event has
//! them.
//!
//! Takes which event satisfied which detection, and a way to ask an event for a field; gives the
//! alerts with the events they rest on. The windows are those of a scan; only here events of one
//! instant are judged one after another, in the order of the input.

use std::collections::BTreeSet;

use super::arrival::{Arrival, Source};
use super::exact::encode_number;
use super::wiring::{Column, Wiring};
use super::{Draft, Ties, Work};
use crate::rule::{FieldRef, RuleSet};
use crate::spill::Fact;

/// An event that satisfied a detection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// The event's place in the input.
    pub event: usize,
    /// Event time, nanoseconds since 1970; the same in all matches of one event.
    pub time: i64,
    /// The detection, as an index into the rule set.
    pub detection: usize,
}

/// An alert of a correlation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correlated {
    /// The correlation, as an index into the rule set.
    pub rule: usize,
    /// Group fields, under the names the rule uses, and their values.
    pub group: Vec<(String, String)>,
    /// Places of the events it rests on, ascending by time, then place; those of inner alerts
    /// are among them.
    pub events: Vec<usize>,
    /// Those of `events` by which the condition became true, of inner alerts those by which
    /// theirs did; the others came while it stayed true.
    pub completed_by: Vec<usize>,
    /// Place of the event by which the condition became true.
    pub at: usize,
}

/// Names of the fields that correlations group by and measure, in the events of any of their
/// detections.
pub fn asked_fields(rules: &RuleSet) -> BTreeSet<String> {
    let wiring = Wiring::new(rules);
    let columns = wiring.streams().iter().flat_map(|s| &s.columns);
    columns
        .map(|column| column.field().name().to_owned())
        .collect()
}

/// Works out all correlations over the matches of a file, which may be in any order. `values` gives
/// an event's values of a field, none where it is absent or null. Correlations that only feed
/// others that do not `generate` are not reported. Alerts come in the order of the events that
/// completed them, then in that of the rules.
pub fn correlate_in_memory(
    rules: &RuleSet,
    matches: &[Match],
    values: &mut dyn FnMut(usize, &FieldRef) -> Vec<String>,
) -> Vec<Correlated> {
    let wiring = Wiring::new(rules);
    let (streams, words) = streams(&wiring, matches, values);
    let mut of_inner: Vec<Vec<Draft>> = vec![Vec::new(); rules.correlations.len()];
    for depth in 1..=wiring.depth() {
        for at in (0..rules.correlations.len()).filter(|at| wiring.reads(*at).depth == depth) {
            let work = Work {
                rules,
                wiring: &wiring,
                at,
                of_inner: &of_inner,
            };
            let uses = wiring.reads(at).uses.iter().enumerate();
            let sources = uses.map(|(number, part)| {
                let arrivals = streams[part.stream].iter();
                let of_source =
                    arrivals.map(|(fact, values)| Arrival::of_fact(*fact, number, values.clone()));
                Source::ready(of_source.collect(), &|_| 0)
            });
            let drafts = work.windows(sources.collect(), (&|_| 0, Ties::ByPosition), 0);
            of_inner[at] = drafts.expect("what is in memory needs no file");
        }
    }
    let mut found: Vec<(i64, Correlated)> = Vec::new();
    for (at, rule) in rules
        .correlations
        .iter()
        .enumerate()
        .filter(|(_, r)| r.reports)
    {
        let names = rule.group_by.iter().map(|f| f.name().to_owned());
        let names: Vec<String> = names.collect();
        let alerts = of_inner[at].iter();
        found.extend(alerts.filter_map(|draft| words.alert(at, &names, draft)));
    }
    found.sort_by(|(t, a), (u, b)| (t, a.at, a.rule, &a.group).cmp(&(u, b.at, b.rule, &b.group)));
    found.into_iter().map(|(_, alert)| alert).collect()
}

type Row = (Fact, Vec<u64>);

/// Most combinations of the values of one event that are looked at; lists that make more are
/// hostile.
const MOST_COMBINATIONS: usize = 1 << 10;

/// The facts of each stream; of fields with several values, each combination.
fn streams(
    wiring: &Wiring,
    matches: &[Match],
    values: &mut dyn FnMut(usize, &FieldRef) -> Vec<String>,
) -> (Vec<Vec<Row>>, Words) {
    let mut told: Vec<(usize, &Match, Vec<Vec<String>>)> = Vec::new();
    for hit in matches {
        if let Some(stream) = wiring.stream_of(hit.detection) {
            let columns = wiring.streams()[stream].columns.iter();
            let values = columns.map(|column| values(hit.event, column.field()));
            told.push((stream, hit, values.collect()));
        }
    }
    let words = Words::of(told.iter().flat_map(|(.., values)| values.iter().flatten()));
    let mut streams: Vec<Vec<Row>> = vec![Vec::new(); wiring.streams().len()];
    for (stream, hit, values) in told {
        let mut rows: Vec<Vec<u64>> = vec![Vec::new()];
        for (column, texts) in wiring.streams()[stream].columns.iter().zip(&values) {
            let mut codes: Vec<u64> = texts.iter().map(|t| words.held(column, t)).collect();
            codes.retain(|code| *code != 0);
            if codes.is_empty() {
                codes.push(0);
            }
            let with = |row: &Vec<u64>| {
                let row = row.clone();
                codes.iter().map(move |code| [&row[..], &[*code]].concat())
            };
            rows = rows.iter().flat_map(with).take(MOST_COMBINATIONS).collect();
        }
        for row in rows {
            let fact = Fact {
                time: hit.time,
                identity: hit.event as u64,
                segment: 0,
                length: 0,
                weight: 1,
                line: 0,
                offset: hit.event as i64,
            };
            streams[stream].push((fact, row));
        }
    }
    (streams, words)
}

/// All values in order, each with a code that stands for it alone and is in the same order.
struct Words(Vec<String>);

impl Words {
    fn of<'t>(texts: impl Iterator<Item = &'t String>) -> Words {
        let all: BTreeSet<&String> = texts.collect();
        Words(all.into_iter().cloned().collect())
    }

    /// The place of a text from 1, and behind it the same spread out, for what is made of several
    /// codes is a hash of them.
    fn code(&self, text: &str) -> u64 {
        let place = self.0.partition_point(|t| t.as_str() < text) as u64 + 1;
        place << 32 | (place.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32)
    }

    fn held(&self, column: &Column, text: &str) -> u64 {
        match column {
            Column::Value(_) => self.code(text),
            Column::Number(_) => encode_number(text),
        }
    }

    fn text(&self, code: u64) -> String {
        let place = (code >> 32).checked_sub(1).map(|place| place as usize);
        place
            .and_then(|p| self.0.get(p))
            .cloned()
            .unwrap_or_default()
    }

    fn alert(&self, rule: usize, names: &[String], draft: &Draft) -> Option<(i64, Correlated)> {
        let completed = draft.completed?;
        let values = draft.key.iter().map(|code| self.text(*code));
        let place = |fact: &Fact| fact.offset as usize;
        let grounds = draft.facts.iter();
        let alert = Correlated {
            rule,
            group: names.iter().cloned().zip(values).collect(),
            events: grounds.clone().map(|g| place(&g.fact)).collect(),
            completed_by: grounds
                .filter(|g| g.began)
                .map(|g| place(&g.fact))
                .collect(),
            at: place(&completed),
        };
        Some((completed.time, alert))
    }
}
