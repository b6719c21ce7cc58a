//! Runs the tests that stand inside rules, through the same matchers, facts and windows as a scan.

use std::io;

use bumpalo::Bump;

use crate::detect::{self, Draft, Observing, RuleIndex, Wiring};
use crate::diagnostic::Place;
use crate::event::{Action, Event, Field, Instant, LOG_SOURCES, LogSources, Outcome};
use crate::register::Expectation;
use crate::rule::{FieldRef, Meta, RuleTest, TestEvent};
use crate::spill::{Packer, Sheet, Spill};

use super::Plan;
use super::collect::RuleCount;
use super::difference::{Difference, Failed};
use super::judge::{Judging, RecordAt, pack, settle};
use super::site::{self, SiteKnown};

/// Memory for the facts of one test.
const BUDGET: usize = 1 << 20;

/// What became of one test of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestOutcome {
    /// The rule's name.
    pub rule: String,
    /// The test's name.
    pub test: String,
    /// Where the test stands.
    pub place: Place,
    /// Alerts expected and found.
    pub alerts: (usize, usize),
    /// Explained matches expected and found.
    pub explained: (usize, usize),
    /// What made the difference; `None` when the test passed.
    pub difference: Option<Difference>,
}

impl TestOutcome {
    /// True when both counts are as expected.
    pub fn passed(&self) -> bool {
        self.alerts.0 == self.alerts.1 && self.explained.0 == self.explained.1
    }
}

/// Runs all tests of all rules, in the order of the rule set. Events satisfy every log source;
/// derived fields are taken as the test states them.
///
/// # Errors
/// When a temporary file cannot be written or read.
pub fn run_rule_tests(plan: Plan<'_>) -> io::Result<Vec<TestOutcome>> {
    let wiring = Wiring::new(plan.rules);
    let detections = plan.rules.detections.iter().enumerate();
    let correlations = plan.rules.correlations.iter().enumerate();
    let rules = detections
        .map(|(i, r)| (RuleIndex::Detection(i), &r.meta))
        .chain(correlations.map(|(i, r)| (RuleIndex::Correlation(i), &r.meta)));
    let mut outcomes = Vec::new();
    for (rule, meta) in rules {
        for test in &meta.tests {
            outcomes.push(run_test(plan, &wiring, (rule, meta), test)?);
        }
    }
    Ok(outcomes)
}

fn run_test(
    plan: Plan<'_>,
    wiring: &Wiring,
    (rule, meta): (RuleIndex, &Meta),
    test: &RuleTest,
) -> io::Result<TestOutcome> {
    let (drafts, counts) = judge(plan, wiring, test)?;
    let drafts: Vec<&Draft> = drafts.iter().filter(|d| d.rule == rule).collect();
    let explained = match rule {
        RuleIndex::Detection(index) => counts[index].explained as usize,
        RuleIndex::Correlation(_) => 0,
    };
    let mut outcome = TestOutcome {
        rule: meta.name.clone(),
        test: test.name.clone(),
        place: test.place.clone(),
        alerts: (test.alerts, drafts.len()),
        explained: (test.explained, explained),
        difference: None,
    };
    if !outcome.passed() {
        let failed = Failed {
            rule,
            test,
            outcome: &outcome,
            alerts: drafts.into_iter().map(events_of).collect(),
        };
        outcome.difference = Some(failed.difference(plan));
    }
    Ok(outcome)
}

/// What all rules make of the events of a test.
fn judge(
    plan: Plan<'_>,
    wiring: &Wiring,
    test: &RuleTest,
) -> io::Result<(Vec<Draft>, Vec<RuleCount>)> {
    let arena = Bump::new();
    let mut sheet = Sheet::new(wiring.columns());
    let mut judging = Judging::new(plan, wiring, (&mut sheet, None), &arena);
    for (number, written) in test.events.iter().enumerate() {
        let mut record = RecordAt {
            text: text_of(written, number, &arena),
            ..RecordAt::default()
        };
        record.place.offset = number as i64;
        let mut event = Event::new(&arena);
        fill(&mut event, written, record.text);
        if let Some(time) = event.time() {
            judging.judge(&mut event, time, &mut record);
        }
    }
    let counts = judging.into_counts();
    settle(&mut sheet, wiring);
    let mut spill = Spill::new(wiring.columns(), BUDGET);
    for (stream, block) in pack(&mut Packer::default(), &mut sheet, wiring) {
        spill.add(stream, &block)?;
    }
    // Days are those of the offset the test writes: its outcome must not hang on the site.
    let offset = test.events.first().map_or(0, |event| event.time.1);
    let calendars = site::of_tests(offset);
    let expected = test.events.iter().filter_map(expected_of);
    let site = SiteKnown::new(&calendars, expected);
    let until = test.events.iter().map(|event| event.time.0).max();
    let settings = detect::Settings {
        rank: &|_| 0,
        offset_at: &|_| offset,
        // All records of an alert are wanted where a test fails.
        evidence: usize::MAX,
        budget: BUDGET,
        observing: Observing {
            site: &site,
            until: until.unwrap_or(i64::MIN),
        },
    };
    let drafts = detect::detect(plan.rules, wiring, &mut spill.finish(), settings)?;
    Ok((drafts, counts))
}

/// What the test says of the source of an event: its name, and how often it should be heard of.
fn expected_of(event: &TestEvent) -> Option<(&str, Expectation)> {
    let told = |asked: Field| {
        let mut fields = event.fields.iter();
        let (_, values) = fields.find(|(field, _)| *field == FieldRef::Known(asked))?;
        Some(values.first()?.as_str())
    };
    let how = Expectation::from_word(told(Field::InputExpected)?)?;
    Some((told(Field::InputSource)?, how))
}

/// The numbers of the events an alert rests on, from 1.
fn events_of(draft: &Draft) -> Vec<usize> {
    let facts = draft.first.iter().chain(&draft.last);
    facts.map(|fact| fact.offset as usize + 1).collect()
}

/// A record that says what the test's event says, one of its own for each event.
pub(super) fn text_of<'r>(written: &TestEvent, number: usize, arena: &'r Bump) -> &'r str {
    let fields: Vec<String> = written
        .fields
        .iter()
        .map(|(field, values)| format!("{}={}", field.name(), values.join(",")))
        .collect();
    arena.alloc_str(&format!("{number} {}", fields.join(" ")))
}

pub(super) fn fill<'r>(event: &mut Event<'r>, written: &TestEvent, record: &'r str) {
    event.begin(record);
    event.declare(all_log_sources());
    let (nanos, offset) = written.time;
    event.set_outcome(Outcome::Unknown);
    for (field, values) in &written.fields {
        for value in values {
            let value: &'r str = event.arena().alloc_str(value);
            match field {
                FieldRef::Known(Field::EventAction) => match Action::from_name(value) {
                    Some(action) => event.set_action(action),
                    None => event.set(Field::EventAction, value),
                },
                FieldRef::Known(Field::EventOutcome) => match value {
                    "success" => event.set_outcome(Outcome::Success),
                    "failure" => event.set_outcome(Outcome::Failure),
                    _ => event.set_outcome(Outcome::Unknown),
                },
                FieldRef::Known(Field::RepeatCount) => {
                    event.set(Field::RepeatCount, value);
                    match value.parse() {
                        Ok(0) | Err(_) => event.set_none(),
                        Ok(count) => event.set_repeat(count),
                    }
                }
                FieldRef::Known(field) => event.add(*field, value),
                FieldRef::Other(name) | FieldRef::Mapped(name, _) => {
                    let name: &'r str = event.arena().alloc_str(name);
                    event.add_extra(name, value);
                }
            }
        }
    }
    // What the calendar would say of an untrusted time is nothing: only what the test states of
    // hours, rosters and declarations holds, whatever day it happens to name.
    event.set_time(Instant {
        nanos,
        offset,
        trusted: false,
        ambiguous: false,
    });
}

fn all_log_sources() -> LogSources {
    let ids: Vec<_> = LOG_SOURCES.iter().map(|(id, _)| *id).collect();
    LogSources::of(&ids)
}
