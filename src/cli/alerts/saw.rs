//! What the rule of an alert sees in its records, and in those next to them.
//!
//! Takes the alert and its records as they stand now; gives for each the fields its rule asks for
//! with their values, by the rules, calendars and registers of now, and the neighbor that comes
//! nearest to being evidence too. A record that changed or went is not asked.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::super::args::Reading;
use super::super::house::House;
use super::super::plan::{Plan, World};
use super::super::scan;
use crate::alert::{Alert, Checked, Standing, Surroundings, locate};
use crate::diagnostic::Complaints;
use crate::enrich::{self, Enriched};
use crate::event::Field;
use crate::pipeline::Again;
use crate::rule::{Detection, RuleIndex};
use crate::sink::dossier::{Difference, Looked, Miss, Saw};

/// With what records are read again, and where their files are looked for.
#[derive(Clone, Copy)]
pub(super) struct Rereading<'r> {
    pub(super) plan: &'r Plan,
    pub(super) house: &'r House,
    pub(super) folders: &'r [PathBuf],
}

impl<'r> Rereading<'r> {
    /// The detections an alert rests on; none when its rule is not among the rules now.
    fn detections(self, alert: &Alert) -> Vec<&'r Detection> {
        let rules = &self.house.rules;
        let is_meant = |index: &RuleIndex| rules.meta(*index).id == alert.rule.id;
        let detections = (0..rules.detections.len()).map(RuleIndex::Detection);
        let correlations = (0..rules.correlations.len()).map(RuleIndex::Correlation);
        let Some(index) = detections.chain(correlations).find(is_meant) else {
            return Vec::new();
        };
        let leaves = rules.leaves(index).into_iter();
        leaves.map(|leaf| &rules.detections[leaf]).collect()
    }

    /// The files of an alert's records, opened to learn their formats.
    fn files(self, alert: &'r Alert) -> BTreeMap<&'r str, Again> {
        let mut files = BTreeMap::new();
        for record in &alert.evidence {
            if !files.contains_key(record.path.as_str())
                && let Some(again) = self.open(&record.path)
            {
                files.insert(record.path.as_str(), again);
            }
        }
        files
    }

    fn open(self, path: &str) -> Option<Again> {
        let mut input = locate(path, self.folders).ok()?;
        // The settings of a source hang on the name by which the run knew the file.
        input.name = Arc::from(path);
        let reading = Reading::default();
        let bounds = self
            .plan
            .bounds(&reading, &World::present(), &mut Complaints::new());
        let task = scan::tasks(self.plan, &reading, &bounds, &[input]).pop()?;
        Again::open(&task)
    }

    /// What each detection sees in a record: the event it matches, else the first one.
    fn look(self, again: &Again, text: &str, detections: &[&Detection]) -> Vec<Saw> {
        let house = enrich::House {
            calendars: &self.house.calendars,
            registers: &self.house.registers,
        };
        let mut found: Vec<Option<Saw>> = detections.iter().map(|_| None).collect();
        again.read(text, house, &mut |event| {
            for (detection, found) in detections.iter().zip(&mut found) {
                if found.as_ref().is_none_or(|saw| !saw.matched) {
                    let saw = see(detection, event);
                    if found.is_none() || saw.matched {
                        *found = Some(saw);
                    }
                }
            }
        });
        found.into_iter().flatten().collect()
    }
}

fn see(detection: &Detection, event: &mut Enriched<'_, '_>) -> Saw {
    let matched = detection.matcher.matches(event);
    let asked: Vec<Field> = detection.needs.iter().collect();
    let fields = asked.into_iter().map(|field| {
        // A derived field has its value only once somebody asked for it.
        event.get(field);
        let values = event.event().values(field).map(str::to_owned).collect();
        (field.name().to_owned(), values)
    });
    Saw {
        rule: detection.meta.name.clone(),
        matched,
        fields: fields.collect(),
    }
}

/// What the rule sees in each record; of several detections only those that match, if one does.
pub(super) fn saw(rereading: Rereading<'_>, alert: &Alert, checked: &[Checked]) -> Vec<Vec<Saw>> {
    let detections = rereading.detections(alert);
    let files = rereading.files(alert);
    let each = alert.evidence.iter().zip(checked);
    each.map(|(record, checked)| {
        let Some(again) = files.get(record.path.as_str()) else {
            return Vec::new();
        };
        let Some(context) = confirmed(checked) else {
            return Vec::new();
        };
        let mut all = rereading.look(again, &context.text, &detections);
        if all.iter().any(|saw| saw.matched) {
            all.retain(|saw| saw.matched);
        }
        all
    })
    .collect()
}

fn confirmed(checked: &Checked) -> Option<&Surroundings> {
    let context = checked.context.as_ref()?;
    (checked.standing == Standing::Confirmed).then_some(context)
}

/// The neighbor of a record that satisfies no detection and differs from the record in the fewest
/// of the fields asked for.
pub(super) fn nearest_miss(
    rereading: Rereading<'_>,
    alert: &Alert,
    records: &[Looked],
) -> Option<Miss> {
    let detections = rereading.detections(alert);
    let files = rereading.files(alert);
    let mut nearest: Option<Miss> = None;
    for (record, looked) in alert.evidence.iter().zip(records) {
        let (Some(again), Some(context)) =
            (files.get(record.path.as_str()), confirmed(&looked.checked))
        else {
            continue;
        };
        for (line, text) in neighbors(record.line, context) {
            let seen = rereading.look(again, text, &detections);
            if seen.iter().any(|saw| saw.matched) {
                continue;
            }
            for (missed, matched) in pairs(&seen, &looked.saw) {
                let differs = differences(missed, matched);
                let best = nearest.as_ref().map_or(usize::MAX, |n| n.differs.len());
                if !differs.is_empty() && differs.len() < best {
                    nearest = Some(Miss {
                        path: record.path.clone(),
                        line,
                        rule: missed.rule.clone(),
                        differs,
                    });
                }
            }
        }
    }
    nearest
}

/// The lines around a record with their numbers.
fn neighbors(line: u64, context: &Surroundings) -> Vec<(u64, &str)> {
    let first = line.saturating_sub(context.before.len() as u64);
    let inside = context.text.matches('\n').count() as u64;
    let next = line.saturating_add(inside).saturating_add(1);
    let before = (first..).zip(&context.before);
    let after = (next..).zip(&context.after);
    before
        .chain(after)
        .map(|(n, text)| (n, text.as_str()))
        .collect()
}

/// What one detection saw in two records.
fn pairs<'s>(missed: &'s [Saw], matched: &'s [Saw]) -> impl Iterator<Item = (&'s Saw, &'s Saw)> {
    missed.iter().filter_map(move |missed| {
        let same = matched
            .iter()
            .find(|saw| saw.matched && saw.rule == missed.rule)?;
        Some((missed, same))
    })
}

fn differences(missed: &Saw, matched: &Saw) -> Vec<Difference> {
    let both = missed.fields.iter().zip(&matched.fields);
    let differing = both.filter(|(missed, matched)| missed.1 != matched.1);
    differing
        .map(|(missed, matched)| Difference {
            field: missed.0.clone(),
            found: missed.1.clone(),
            evidence: matched.1.clone(),
        })
        .collect()
}
