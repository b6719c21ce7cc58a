//! Detections: matches of one key within one stretch of time are one alert.

use std::collections::HashMap;
use std::io;

use foldhash::fast::FixedState;

use super::Settings;
use super::draft::{Draft, Measured};
use super::wiring::FoldUse;
use crate::rule::{Detection, Within};
use crate::spill::{EVER, Everything, Reading, Spilled, combine_all};

const DAY: i64 = 86_400;

/// Finds the alerts of a detection.
pub(super) fn fold(
    rule: &Detection,
    part: &FoldUse,
    facts: &Spilled,
    settings: Settings<'_>,
) -> io::Result<Vec<Draft>> {
    let mut open: HashMap<(u64, i64), (Draft, i64), FixedState> = HashMap::default();
    let mut done = Vec::new();
    let reading = Reading {
        number: part.stream,
        columns: part.columns,
        spans: EVER,
    };
    let mut ordered = facts.ordered(&reading, settings.rank, Everything);
    while let Some((fact, values)) = ordered.next_fact()? {
        let tallies = part.tallies.iter().map(|&c| values[c]);
        let fresh = || (part.draft(values, settings.evidence), fact.time);
        let Some(fold) = &rule.fold else {
            let (mut draft, _) = fresh();
            draft.tally(tallies);
            draft.add(&fact, settings.rank);
            done.push(draft);
            continue;
        };
        let stretch = match fold.within {
            Within::Day => local_day(fact.time, settings),
            Within::ClosedSpan | Within::Gap(_) => 0,
        };
        let key = (combine_all(values, &part.key), stretch);
        let (draft, latest) = open.entry(key).or_insert_with(fresh);
        if let Within::Gap(gap) = fold.within
            && fact.time - *latest > gap
        {
            let (next, _) = fresh();
            done.push(std::mem::replace(draft, next));
        }
        *latest = fact.time;
        draft.tally(tallies);
        draft.add(&fact, settings.rank);
    }
    let mut rest: Vec<Draft> = open.into_values().map(|(draft, _)| draft).collect();
    done.append(&mut rest);
    for draft in &mut done {
        draft.measure = Measured::Count(draft.events);
    }
    Ok(done)
}

/// The day on the site's wall, counted since 1970.
pub(super) fn local_day(nanos: i64, settings: Settings<'_>) -> i64 {
    let local = nanos.div_euclid(1_000_000_000) + i64::from((settings.offset_at)(nanos));
    local.div_euclid(DAY)
}
