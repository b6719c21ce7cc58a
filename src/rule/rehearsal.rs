//! The tests inside the shipped rules, run by the plainest engine there is.
//!
//! Folds without regard to stretches but days and gaps, and looks at every window anew. The
//! product runs them through its own engine; this one says that they are written rightly.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::NANOS;

use super::twin::Flat;
use super::*;

/// Time, offset and the event, in order of time.
type Timed = (i64, i32, Flat);

fn events(test: &RuleTest) -> Vec<Timed> {
    let written = test.events.iter().map(|event| {
        let values = event
            .fields
            .iter()
            .map(|(f, v)| (f.name().to_owned(), v.clone()));
        let values = values.collect();
        let record = String::new();
        (event.time.0, event.time.1, Flat { values, record })
    });
    let mut events: Vec<Timed> = written.collect();
    events.sort_by_key(|(time, ..)| *time);
    events
}

fn value(event: &Flat, field: &FieldRef) -> Option<String> {
    field.value(&mut event.view()).map(str::to_owned)
}

/// Alerts and explained matches of a detection.
fn detect(detection: &Detection, events: &[Timed]) -> (usize, usize) {
    let mut explained = 0;
    let mut alerts = BTreeSet::new();
    for (at, (time, offset, event)) in events.iter().enumerate() {
        if !detection.matcher.matches(&mut event.view()) {
            continue;
        }
        let is = |field: &str| event.values.get(field).map(|v| v[0].as_str());
        let excused = detection.explained_by.iter().any(|by| match by {
            Explanation::Roster => is("roster.on_duty") == Some("true"),
            Explanation::Declaration => is("declared").is_some(),
        });
        if excused {
            explained += 1;
            continue;
        }
        let Some(fold) = &detection.fold else {
            alerts.insert((Vec::new(), at as i64));
            continue;
        };
        let key: Vec<Option<String>> = fold.by.iter().map(|f| value(event, f)).collect();
        let day = (time / NANOS + i64::from(*offset)).div_euclid(86_400);
        alerts.insert((key, if fold.within == Within::Day { day } else { 0 }));
    }
    (alerts.len(), explained)
}

/// Alerts of a correlation: how often its condition becomes true in a group.
fn correlate(correlation: &Correlation, rules: &RuleSet, events: &[Timed]) -> usize {
    let mut groups: BTreeMap<Vec<String>, Vec<&Timed>> = BTreeMap::new();
    for timed in events {
        let counted = |at: &usize| rules.detections[*at].matcher.matches(&mut timed.2.view());
        if correlation.rules.iter().any(counted) {
            let key = correlation.group_by.iter().map(|f| value(&timed.2, f));
            if let Some(key) = key.collect::<Option<Vec<String>>>() {
                groups.entry(key).or_default().push(timed);
            }
        }
    }
    groups
        .values()
        .map(|events| rises(correlation, events))
        .sum()
}

fn rises(correlation: &Correlation, events: &[&Timed]) -> usize {
    let held = events.iter().map(|(end, ..)| {
        let window = events
            .iter()
            .filter(|(t, ..)| (end - correlation.timespan..=*end).contains(t));
        let measured = match &correlation.measure {
            Measure::EventCount => window.count(),
            Measure::ValueCount(fields) => window
                .filter_map(|(_, _, e)| {
                    fields
                        .iter()
                        .map(|f| value(e, f))
                        .collect::<Option<Vec<_>>>()
                })
                .collect::<BTreeSet<_>>()
                .len(),
        };
        let measured = measured as i64;
        correlation
            .condition
            .iter()
            .all(|(how, bound)| how.accepts(measured.cmp(bound)))
    });
    let held: Vec<bool> = std::iter::once(false).chain(held).collect();
    held.windows(2).filter(|pair| !pair[0] && pair[1]).count()
}

#[test]
fn the_tests_of_the_shipped_rules_hold() {
    let rules = RuleSet::embedded();
    for detection in &rules.detections {
        for test in &detection.meta.tests {
            let found = detect(detection, &events(test));
            assert_eq!(
                found,
                (test.alerts, test.explained),
                "{}: {}",
                detection.meta.name,
                test.name
            );
        }
    }
    for correlation in &rules.correlations {
        for test in &correlation.meta.tests {
            let found = correlate(correlation, &rules, &events(test));
            assert_eq!(
                found, test.alerts,
                "{}: {}",
                correlation.meta.name, test.name
            );
        }
    }
}

#[test]
fn every_shipped_rule_has_words_and_tests_on_both_sides() {
    let rules = RuleSet::embedded();
    let alone = rules
        .detections
        .iter()
        .filter(|d| d.reports)
        .map(|d| &d.meta);
    for meta in alone.chain(rules.correlations.iter().map(|c| &c.meta)) {
        let name = &meta.name;
        assert!(meta.say.is_some() && !meta.respond.ja.is_empty(), "{name}");
        assert!(
            !meta.clauses.is_empty() && !meta.falsepositives.is_empty(),
            "{name}"
        );
        assert!(meta.tests.iter().any(|t| t.alerts > 0), "{name}");
        assert!(meta.tests.iter().any(|t| t.alerts == 0), "{name}");
        assert!(meta.place.file.ends_with(&format!("/{name}.yml")), "{name}");
        assert!(uuid::Uuid::try_parse(&meta.id).is_ok(), "{name}");
    }
}
