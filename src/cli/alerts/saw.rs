//! What the rule of an alert sees in its records, and in those next to them.
//!
//! Takes the alert and its records as they stand now; gives for each what every item of its rule
//! makes of it, by the rules, calendars and registers of now, and the neighbor that comes nearest to
//! being evidence too. A record that changed or went is not asked.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::super::args::Reading;
use super::super::house::House;
use super::super::plan::{Plan, World};
use super::super::scan;
use crate::alert::{Alert, Checked, Surroundings, locate};
use crate::diagnostic::Complaints;
use crate::enrich::{self, Enriched};
use crate::pipeline::Again;
use crate::rule::{Detection, RuleIndex};
use crate::sink::dossier::{Looked, Miss, Saw};

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
    fn look(
        self,
        (again, told): (&Again, i64),
        record: (&[&str], &str),
        detections: &[&Detection],
    ) -> Vec<Saw> {
        let house = enrich::House {
            calendars: &self.house.calendars,
            registers: &self.house.registers,
        };
        let mut found: Vec<Option<Saw>> = detections.iter().map(|_| None).collect();
        again.read(record, told, house, &mut |event| {
            for (detection, found) in detections.iter().zip(&mut found) {
                if found.as_ref().is_none_or(|saw| !saw.explained.matched) {
                    let saw = see(detection, event);
                    if found.is_none() || saw.explained.matched {
                        *found = Some(saw);
                    }
                }
            }
        });
        found.into_iter().flatten().collect()
    }
}

fn see(detection: &Detection, event: &mut Enriched<'_, '_>) -> Saw {
    Saw {
        rule: detection.meta.name.clone(),
        explained: detection.matcher.explain(event),
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
        let before: Vec<&str> = context.before.iter().map(String::as_str).collect();
        let mut all = rereading.look((again, record.time), (&before, &context.text), &detections);
        if all.iter().any(|saw| saw.explained.matched) {
            all.retain(|saw| saw.explained.matched);
        }
        all
    })
    .collect()
}

fn confirmed(checked: &Checked) -> Option<&Surroundings> {
    let context = checked.context.as_ref()?;
    checked.standing.is_confirmed().then_some(context)
}

/// The neighbor of a record that satisfies no detection and lacks the fewest items of one; of
/// several such the one of which most items hold.
pub(super) fn nearest_miss(
    rereading: Rereading<'_>,
    alert: &Alert,
    records: &[Looked],
) -> Option<Miss> {
    let detections = rereading.detections(alert);
    let files = rereading.files(alert);
    let mut nearest: Option<(usize, Reverse<usize>, Miss)> = None;
    for (record, looked) in alert.evidence.iter().zip(records) {
        let (Some(again), Some(context)) =
            (files.get(record.path.as_str()), confirmed(&looked.checked))
        else {
            continue;
        };
        for (line, text) in neighbors(record.line, context) {
            let seen = rereading.look((again, record.time), (&[], text), &detections);
            if seen.iter().any(|saw| saw.explained.matched) {
                continue;
            }
            for saw in seen {
                let lacks = saw.explained.turning().count();
                let far = (lacks, Reverse(saw.explained.holding()));
                let nearer = nearest.as_ref().is_none_or(|(l, h, _)| far < (*l, *h));
                if lacks > 0 && nearer {
                    let path = record.path.clone();
                    nearest = Some((far.0, far.1, Miss { path, line, saw }));
                }
            }
        }
    }
    nearest.map(|(.., miss)| miss)
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
