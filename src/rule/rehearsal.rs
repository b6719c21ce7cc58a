//! The tests inside the shipped rules, run by the plainest engine there is.
//!
//! Folds without regard to stretches but days and gaps, and looks at every window anew. The
//! product runs them through its own engine; this one says that they are written rightly.

use std::collections::BTreeSet;

use crate::event::NANOS;

use super::literal::{self, Happening, Ties};
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

/// Alerts of a correlation.
fn correlate(at: usize, rules: &RuleSet, events: &[Timed]) -> usize {
    let matches = |event: &Flat| {
        let all = rules.detections.iter().enumerate();
        let hits = all.filter(|(_, d)| d.matcher.matches(&mut event.view()));
        hits.map(|(at, _)| at).collect()
    };
    let happenings: Vec<Happening> = events
        .iter()
        .map(|(time, _, event)| Happening {
            time: *time,
            weight: 1,
            detections: matches(event),
            values: event.values.clone(),
        })
        .collect();
    let found = literal::alerts(rules, &happenings, Ties::Together);
    found.iter().filter(|f| f.rule == at).count()
}

#[test]
fn the_tests_of_the_shipped_rules_hold() {
    let rules = RuleSet::embedded();
    // What is observed over time has literal twins of its own, beside the engine.
    let plain = rules.detections.iter().filter(|d| d.observe.is_none());
    for detection in plain {
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
    // So has what is joined with leases.
    let plain = rules.correlations.iter().enumerate();
    for (at, correlation) in plain.filter(|(_, c)| c.as_of.is_none()) {
        for test in &correlation.meta.tests {
            let found = correlate(at, &rules, &events(test));
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
    let counting = rules.correlations.iter().filter(|c| c.reports);
    for meta in alone.chain(counting.map(|c| &c.meta)) {
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
