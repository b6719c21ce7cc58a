//! Correlations: a window that slides over the events of each key, both ends inside.
//!
//! One alert when the condition becomes true for a key; while it stays true the alert grows; it
//! may come anew after the condition has been false (reference: Sigma, G2, G14, G16).

use std::collections::{HashMap, VecDeque};
use std::io;

use foldhash::fast::FixedState;

use super::Settings;
use super::draft::Draft;
use super::gate::{self, OfSuspects, Suspects};
use super::wiring::{Use, holds, least};
use crate::rule::{Comparison, Correlation};
use crate::spill::{EVER, Fact, Gate, Ordered, Reading, Sieve, Spilled, combine};

/// Windows of keys that have been quiet are let go each time so many facts have passed.
const SWEEP: usize = 1 << 16;

/// Finds the alerts of a correlation; `gates` are those of each of its streams.
pub(super) fn correlate(
    rule: &Correlation,
    uses: &[Use],
    gates: &[&[Gate]],
    facts: &Spilled,
    settings: Settings<'_>,
) -> io::Result<Vec<Draft>> {
    let suspects = match least(&rule.condition) {
        Some(least) => Some(gate::suspects(uses, gates, facts, least.cast_unsigned())?),
        None => None,
    };
    if suspects.as_ref().is_some_and(Suspects::is_empty) {
        return Ok(Vec::new());
    }
    let spans = suspects.as_ref().map_or(EVER, Suspects::spans);
    let mut streams = Vec::new();
    for part in uses {
        let sieve = OfSuspects {
            group: &part.group,
            suspects: suspects.as_ref(),
        };
        let reading = Reading {
            number: part.stream,
            columns: part.columns,
            spans,
        };
        streams.push(facts.ordered(&reading, settings.rank, sieve));
    }
    let mut windows = Windows::new(rule, uses, settings);
    let mut pending: Vec<Option<(Fact, Vec<u64>)>> = Vec::new();
    for stream in &mut streams {
        pending.push(take(stream)?);
    }
    while let Some(at) = first_of(&pending, settings) {
        if let Some((fact, values)) = pending[at].take() {
            windows.take(&fact, &values, &uses[at]);
        }
        pending[at] = take(&mut streams[at])?;
    }
    Ok(windows.finish())
}

fn take<S: Sieve>(stream: &mut Ordered<'_, S>) -> io::Result<Option<(Fact, Vec<u64>)>> {
    Ok(stream
        .next_fact()?
        .map(|(fact, values)| (fact, values.to_vec())))
}

/// The stream whose next fact is first in the order.
fn first_of(pending: &[Option<(Fact, Vec<u64>)>], settings: Settings<'_>) -> Option<usize> {
    let key = |f: &Fact| {
        (
            f.time,
            (settings.rank)(f.segment),
            f.identity,
            f.segment,
            f.offset,
        )
    };
    (0..pending.len())
        .filter_map(|at| pending[at].as_ref().map(|(fact, _)| (key(fact), at)))
        .min()
        .map(|(_, at)| at)
}

/// The windows of all keys of one correlation.
struct Windows<'a> {
    condition: &'a [(Comparison, i64)],
    timespan: i64,
    counts_values: bool,
    tallies: usize,
    keep: usize,
    of: HashMap<u64, Window, FixedState>,
    done: Vec<Draft>,
    passed: usize,
}

/// The events of one key that lie within the window, and the alert they are part of, if any.
#[derive(Default)]
struct Window {
    events: VecDeque<(Fact, Option<u64>, Vec<u64>)>,
    values: HashMap<u64, u64, FixedState>,
    weight: u64,
    open: Option<Draft>,
}

impl<'a> Windows<'a> {
    fn new(rule: &'a Correlation, uses: &[Use], settings: Settings<'_>) -> Self {
        Windows {
            condition: &rule.condition,
            timespan: rule.timespan,
            counts_values: uses.iter().any(|u| !u.value.is_empty()),
            tallies: uses.first().map_or(0, |u| u.tallies.len()),
            keep: settings.evidence,
            of: HashMap::default(),
            done: Vec::new(),
            passed: 0,
        }
    }

    fn take(&mut self, fact: &Fact, values: &[u64], part: &Use) {
        let Some(key) = combine(values, &part.group) else {
            return;
        };
        self.sweep(fact.time);
        let value = if self.counts_values {
            combine(values, &part.value)
        } else {
            None
        };
        // An event without the value adds nothing (reference: Sigma, G9).
        if self.counts_values && value.is_none() {
            return;
        }
        let window = self.of.entry(key).or_default();
        if !self.counts_values && window.holds_event(fact) {
            return;
        }
        window.forget_before(fact.time - self.timespan);
        let tallies: Vec<u64> = part.tallies.iter().map(|&c| values[c]).collect();
        window.push(*fact, value, tallies);
        let measure = match self.counts_values {
            true => window.values.len() as u64,
            false => window.weight,
        };
        let measure = i64::try_from(measure).unwrap_or(i64::MAX);
        if !holds(self.condition, measure) {
            self.done.extend(window.open.take());
            return;
        }
        match &mut window.open {
            Some(draft) => {
                let (fact, _, tallies) = window.events.back().expect("one was pushed");
                draft.add(fact, tallies.iter().copied());
                draft.measure = draft.measure.max(measure);
            }
            None => {
                let mut draft = {
                    let key = part.group.iter().map(|&c| values[c]).collect();
                    Draft::new(key, self.tallies, self.keep)
                };
                for (fact, _, tallies) in &window.events {
                    draft.add(fact, tallies.iter().copied());
                }
                draft.measure = measure;
                window.open = Some(draft);
            }
        }
    }

    /// Lets go of keys whose whole window lies in the past.
    fn sweep(&mut self, now: i64) {
        self.passed += 1;
        if self.passed < SWEEP {
            return;
        }
        self.passed = 0;
        let from = now - self.timespan;
        let done = &mut self.done;
        self.of.retain(|_, window| {
            let alive = window
                .events
                .back()
                .is_some_and(|(fact, ..)| fact.time >= from);
            if !alive {
                done.extend(window.open.take());
            }
            alive
        });
    }

    fn finish(mut self) -> Vec<Draft> {
        let open = self.of.into_values().filter_map(|window| window.open);
        self.done.extend(open);
        self.done
    }
}

impl Window {
    /// True when the same event is in the window already: it matched two rules and counts once.
    fn holds_event(&self, fact: &Fact) -> bool {
        let same = |f: &Fact| f.segment == fact.segment && f.offset == fact.offset;
        self.events
            .iter()
            .rev()
            .take_while(|(f, ..)| f.time == fact.time && f.identity == fact.identity)
            .any(|(f, ..)| same(f) && f.weight > 0 && fact.weight > 0)
    }

    fn push(&mut self, fact: Fact, value: Option<u64>, tallies: Vec<u64>) {
        self.weight += u64::from(fact.weight);
        if let Some(value) = value {
            *self.values.entry(value).or_default() += 1;
        }
        self.events.push_back((fact, value, tallies));
    }

    fn forget_before(&mut self, time: i64) {
        while let Some((fact, value, _)) = self.events.front() {
            if fact.time >= time {
                break;
            }
            self.weight -= u64::from(fact.weight);
            if let Some(value) = value
                && let Some(count) = self.values.get_mut(value)
            {
                *count -= 1;
                if *count == 0 {
                    self.values.remove(value);
                }
            }
            self.events.pop_front();
        }
    }
}
