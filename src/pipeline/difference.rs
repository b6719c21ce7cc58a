//! What made the difference in a failed test of a rule: the event to look at, and why.
//!
//! Takes a test, the events of each alert found and the rule; asks the matchers anew, item by item.
//! Never decides whether a test passed.

use bumpalo::Bump;

use crate::detect::RuleIndex;
use crate::enrich::{Enriched, Memo};
use crate::event::{Event, Field};
use crate::rule::{Explained, RuleTest};

use super::Plan;
use super::judge::{is_explained, told};
use super::rule_tests::{TestOutcome, fill, text_of};

/// Most events of a test that are looked at for the nearest miss.
const LOOKED_AT: usize = 2_000;

/// What happened in a failed test. Events are numbered from 1, in written order, repeats written
/// out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Events of the test.
    pub events: usize,
    /// The events of each alert found.
    pub alerts: Vec<Vec<usize>>,
    /// Events that matched.
    pub matched: Vec<usize>,
    /// Of these, explained by a roster or a declaration.
    pub explained: Vec<usize>,
    /// The first event that matched and was not explained, where explained ones are missing: what
    /// the roster and the declarations say of it.
    pub unexplained: Option<(usize, [Option<String>; 2])>,
    /// The first event that matched and has no part in the correlation, and the field it lacks.
    pub apart: Option<(usize, String)>,
    /// The threshold that no key came to, where a correlation found nothing.
    pub short_of: Option<i64>,
    /// The event to look at: of alerts that are missing the nearest miss, of alerts too many the
    /// one that completed the first of those.
    pub telling: Option<Telling>,
}

/// An event, and what a detection made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Its number.
    pub event: usize,
    /// What it says, on one line.
    pub text: String,
    /// The detection's name.
    pub rule: String,
    /// Item by item.
    pub explained: Explained,
}

/// A rule's test that went wrong, and the events of each alert it found.
pub(super) struct Failed<'t> {
    pub(super) rule: RuleIndex,
    pub(super) test: &'t RuleTest,
    pub(super) outcome: &'t TestOutcome,
    pub(super) alerts: Vec<Vec<usize>>,
}

impl Failed<'_> {
    /// Looks at the events again.
    pub(super) fn difference(self, plan: Plan<'_>) -> Difference {
        let mut found = Difference {
            events: self.test.events.len(),
            ..Difference::default()
        };
        let lacks_explained = self.outcome.explained.0 > self.outcome.explained.1;
        let mut nearest: Option<Telling> = None;
        for number in 1..=found.events {
            let looks = self.looks(plan, number);
            let Some(look) = looks.iter().find(|look| look.telling.explained.matched) else {
                let missed = looks.into_iter().map(|look| look.telling);
                nearest = nearest.into_iter().chain(missed).min_by_key(distance);
                if number >= LOOKED_AT {
                    break;
                }
                continue;
            };
            found.matched.push(number);
            match look.is_explained {
                true => found.explained.push(number),
                false if lacks_explained && found.unexplained.is_none() => {
                    found.unexplained = Some((number, look.said.clone()));
                }
                false => {}
            }
            if let (None, Some(field)) = (&found.apart, &look.lacks) {
                found.apart = Some((number, field.clone()));
            }
        }
        let (expected, alerts) = self.outcome.alerts;
        found.telling = match alerts > expected {
            true => self.completing(plan),
            false => nearest.filter(|_| alerts < expected),
        };
        if let (RuleIndex::Correlation(at), 0) = (self.rule, alerts) {
            found.short_of = plan.rules.threshold(at);
        }
        found.alerts = self.alerts;
        found
    }

    /// The event that completed the first alert too many.
    fn completing(&self, plan: Plan<'_>) -> Option<Telling> {
        let (expected, _) = self.outcome.alerts;
        let last = *self.alerts.get(expected)?.last()?;
        let looks = self.looks(plan, last).into_iter();
        let mut tellings = looks.map(|look| look.telling);
        tellings.find(|telling| telling.explained.matched)
    }

    /// What the rule's detections make of one event.
    fn looks(&self, plan: Plan<'_>, number: usize) -> Vec<Look> {
        let arena = Bump::new();
        let written = &self.test.events[number - 1];
        let text = text_of(written, number, &arena);
        let leaves = plan.rules.leaves(self.rule);
        let look = |leaf: usize| {
            let detection = &plan.rules.detections[leaf];
            let mut event = Event::new(&arena);
            fill(&mut event, written, text);
            let mut memo = Memo::new(plan.house, &arena);
            let mut enriched = Enriched::new(&mut event, plan.house, &mut memo);
            Look {
                telling: Telling {
                    event: number,
                    text: text.to_owned(),
                    rule: detection.meta.name.clone(),
                    explained: detection.matcher.explain(&mut enriched),
                },
                is_explained: is_explained(&detection.explained_by, &mut enriched),
                said: [Field::RosterOnDuty, Field::Declared]
                    .map(|field| enriched.get(field).map(str::to_owned)),
                lacks: self.lacks(plan, &mut enriched),
            }
        };
        leaves.into_iter().map(look).collect()
    }

    /// The first field without which an event has no part in the correlation, if it lacks one.
    fn lacks(&self, plan: Plan<'_>, enriched: &mut Enriched<'_, '_>) -> Option<String> {
        let RuleIndex::Correlation(at) = self.rule else {
            return None;
        };
        let rule = &plan.rules.correlations[at];
        let mut needed = rule.group_by.iter().chain(rule.measure.fields());
        let lacking = needed.find(|field| {
            let mut fields = plan.rules.leaf_fields(at, field).into_iter();
            fields.all(|field| told(&field, enriched).is_none())
        });
        lacking.map(|field| field.name().to_owned())
    }
}

/// What one detection made of one event.
struct Look {
    telling: Telling,
    is_explained: bool,
    /// What the roster and the declarations say.
    said: [Option<String>; 2],
    lacks: Option<String>,
}

/// How far an event is from matching: what it lacks, then what it has.
fn distance(telling: &Telling) -> (bool, usize, usize) {
    let explained = &telling.explained;
    let lacks = explained.turning().count();
    let has = explained.holding();
    (lacks == 0, lacks, usize::MAX - has)
}
