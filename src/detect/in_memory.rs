//! Correlations over matches held in memory, for the few events of a trial.
//!
//! Takes events with the detections they matched; gives one alert each time the condition of a
//! group becomes true. Order is by event time, then by position. The windows of a run are judged
//! elsewhere, by hashes and in bounded memory; here values are compared as the texts they are.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::rule::{Correlation, FieldRef, Measure, RuleSet};

use super::wiring::holds;

/// An event that some detection matched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// Its position in the input, from 0.
    pub index: usize,
    /// Event time, nanoseconds since 1970.
    pub time: i64,
    /// The detections it matched, as indices into [`RuleSet::detections`], ascending.
    pub detections: Vec<usize>,
    /// The values of [`asked_fields`], by name; none where absent or null.
    pub values: BTreeMap<String, Vec<String>>,
}

/// A correlation whose condition became true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Risen {
    /// The correlation, as an index into [`RuleSet::correlations`].
    pub correlation: usize,
    /// Group fields and their values, in the rule's order.
    pub group: Vec<(String, String)>,
    /// Positions of the events in the window, in order of time.
    pub events: Vec<usize>,
    /// Position of the event that completed it.
    pub at: usize,
}

/// Names of the fields that correlations group by and count.
pub fn asked_fields(rules: &RuleSet) -> BTreeSet<String> {
    let fields = rules.correlations.iter().flat_map(|correlation| {
        let counted = counted(correlation).iter();
        correlation.group_by.iter().chain(counted)
    });
    fields.map(|field| field.name().to_owned()).collect()
}

/// Judges all correlations. The answer is ordered by rule, then by the completing event, then by
/// group; the events may come in any order.
pub fn correlate(rules: &RuleSet, events: &[Matched]) -> Vec<Risen> {
    let mut ordered: Vec<&Matched> = events.iter().collect();
    ordered.sort_by_key(|event| (event.time, event.index));
    let numbered = rules.correlations.iter().enumerate();
    numbered
        .flat_map(|(number, rule)| one(rule, number, &ordered))
        .collect()
}

/// The events of one group that lie in the window.
#[derive(Default)]
struct Group<'e> {
    /// Each with the values it adds.
    events: VecDeque<(&'e Matched, Vec<Vec<&'e str>>)>,
    /// How many events of the window hold each value.
    values: BTreeMap<Vec<&'e str>, usize>,
    holds: bool,
}

fn one<'e>(rule: &Correlation, number: usize, ordered: &[&'e Matched]) -> Vec<Risen> {
    let mut groups: BTreeMap<Vec<&'e str>, Group<'e>> = BTreeMap::new();
    let mut risen = Vec::new();
    for &event in ordered {
        if !event.detections.iter().any(|at| rule.rules.contains(at)) {
            continue;
        }
        let values: Vec<_> = combinations(counted(rule), event).into_iter().collect();
        for key in combinations(&rule.group_by, event) {
            let group = groups.entry(key.clone()).or_default();
            group.take(rule, event, &values);
            let measure = match &rule.measure {
                Measure::EventCount => group.events.len(),
                Measure::ValueCount(_) => group.values.len(),
            };
            let held = holds(&rule.condition, i64::try_from(measure).unwrap_or(i64::MAX));
            if held && !group.holds {
                let names = rule.group_by.iter().map(|f| f.name().to_owned());
                risen.push(Risen {
                    correlation: number,
                    group: names.zip(key.iter().map(|&v| v.to_owned())).collect(),
                    events: group.events.iter().map(|(e, _)| e.index).collect(),
                    at: event.index,
                });
            }
            group.holds = held;
        }
    }
    risen
}

impl<'e> Group<'e> {
    /// Moves the window so that it ends with this event; both of its ends are inside.
    fn take(&mut self, rule: &Correlation, event: &'e Matched, values: &[Vec<&'e str>]) {
        let from = event.time.saturating_sub(rule.timespan);
        while let Some((_, gone)) = self.events.pop_front_if(|(e, _)| e.time < from) {
            for value in gone {
                let Some(count) = self.values.get_mut(&value) else {
                    continue;
                };
                *count -= 1;
                if *count == 0 {
                    self.values.remove(&value);
                }
            }
        }
        // An event without the value adds nothing to a count of values.
        let adds = matches!(rule.measure, Measure::EventCount) || !values.is_empty();
        if adds {
            for value in values {
                *self.values.entry(value.clone()).or_default() += 1;
            }
            self.events.push_back((event, values.to_vec()));
        }
    }
}

/// The fields whose values are counted.
fn counted(rule: &Correlation) -> &[FieldRef] {
    match &rule.measure {
        Measure::EventCount => &[],
        Measure::ValueCount(fields) => fields,
    }
}

/// Most combinations of one event that are looked at; lists that make more are hostile.
const MOST_COMBINATIONS: usize = 10_000;

/// All combinations of the values of several fields, each once; none when a field has no value.
fn combinations<'e>(fields: &[FieldRef], event: &'e Matched) -> BTreeSet<Vec<&'e str>> {
    let mut all = BTreeSet::from([Vec::new()]);
    for field in fields {
        let values = event.values.get(field.name());
        let values = values.map_or(&[][..], Vec::as_slice);
        let with = |known: &Vec<&'e str>| {
            let known = known.clone();
            let longer = move |value: &'e String| [&known[..], &[value.as_str()]].concat();
            values.iter().map(longer)
        };
        all = all.iter().flat_map(with).take(MOST_COMBINATIONS).collect();
    }
    all
}
