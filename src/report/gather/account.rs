//! The account of the examination: nights, runs, the record's head, and who signed.

use std::collections::BTreeSet;

use crate::event::NANOS;
use crate::report::model::{Account, Day, Listed, NightTold, RunTold, Signature};
use crate::report::period::day_of;
use crate::store::{Failure, RunRow, Store, Verified};

use super::Request;
use super::figures::Figures;

/// Nights by source that are told one by one: a week of thirty sources.
const NIGHTS: usize = 210;
/// Runs that are told one by one.
const RUNS: usize = 40;
/// Files of the plan.
const PLAN: usize = 40;
const DAY: i64 = 86_400 * NANOS;

/// The command under which a signature stands in the run record.
pub const SIGNED: &str = "report sign";

pub(super) fn account(
    store: &Store,
    figures: &Figures,
    request: &Request<'_>,
) -> Result<Account, Failure> {
    let runs = store.runs()?;
    let broken = match store.verify_runs()? {
        Verified::Whole(_) => None,
        Verified::Broken(run) => Some(run),
    };
    let stretch = request.period.instants(&request.zone);
    // The run that reads the last night begins on the morning after it.
    let within = stretch.start..stretch.end.saturating_add(DAY);
    let is_of_period = |row: &&RunRow| is_reading(row) && reads_within(row, &within, &stretch);
    let of_period: Vec<&RunRow> = runs.iter().filter(is_of_period).collect();
    let plan = of_period.last().map(|row| row.entry.plan.clone());
    let plan = plan.or_else(|| {
        runs.iter()
            .rfind(|row| is_reading(row))
            .map(|r| r.entry.plan.clone())
    });
    let began: BTreeSet<i64> = runs
        .iter()
        .filter(|row| is_reading(row))
        .flat_map(|row| {
            let first = day_of(row.entry.began, &request.zone);
            let last = match row.entry.command.as_str() {
                "watch" => day_of(row.entry.ended, &request.zone).clamp(first, first + 400),
                _ => first,
            };
            first..=last
        })
        .collect();
    Ok(Account {
        nights: nights(figures, request),
        runs: Listed::of(
            of_period.iter().map(|row| told(row, request)).collect(),
            RUNS,
        ),
        days_without_run: figures
            .ended()
            .filter(|day| !began.contains(day))
            .map(Day)
            .collect(),
        head: runs
            .last()
            .map(|row| row.digest.clone())
            .unwrap_or_default(),
        head_run: runs.last().map_or(0, |row| row.number),
        broken,
        plan: Listed::of(plan.unwrap_or_default(), PLAN),
    })
}

fn is_reading(row: &RunRow) -> bool {
    matches!(row.entry.command.as_str(), "scan" | "watch")
}

/// True when a run began within a stretch, or read records of it later.
fn reads_within(
    row: &RunRow,
    within: &std::ops::Range<i64>,
    stretch: &std::ops::Range<i64>,
) -> bool {
    let spans = row.entry.inputs.iter().filter_map(|input| input.span);
    within.contains(&row.entry.began)
        || spans
            .into_iter()
            .any(|(first, last)| first < stretch.end && last >= stretch.start)
}

fn told(row: &RunRow, request: &Request<'_>) -> RunTold {
    let entry = &row.entry;
    let sum = |of: fn(&(u64, u64, u64)) -> u64| {
        entry
            .inputs
            .iter()
            .map(|input| of(&input.records))
            .fold(0, u64::saturating_add)
    };
    RunTold {
        number: row.number,
        began: request.time(entry.began),
        command: entry.command.clone(),
        version: entry.version.clone(),
        read: (entry.inputs.len() as u64, sum(|r| r.0), sum(|r| r.2)),
        alerts: entry.alerts,
        digest: row.digest.clone(),
    }
}

fn nights(figures: &Figures, request: &Request<'_>) -> Listed<NightTold> {
    let mut all = Vec::new();
    for day in request.period.range() {
        for source in figures.sources() {
            let is_gap = figures.is_gap(source, day);
            let row = figures.row(source, day);
            if row.is_none() && !is_gap {
                continue;
            }
            let row = row.cloned().unwrap_or_default();
            all.push(NightTold {
                day: Day(day),
                source: source.to_owned(),
                records: row.records,
                events: row.events,
                rejects: row.rejects,
                untrusted: row.untrusted,
                duplicates: row.duplicates,
                is_gap,
            });
        }
    }
    Listed::of(all, NIGHTS)
}

/// Who signed this very stretch.
pub(super) fn signatures(store: &Store, request: &Request<'_>) -> Result<Vec<Signature>, Failure> {
    let label = request.period.label();
    let mut all = Vec::new();
    for row in store
        .runs()?
        .iter()
        .filter(|row| row.entry.command == SIGNED)
    {
        let note: serde_json::Value = serde_json::from_str(&row.entry.note).unwrap_or_default();
        let text = |name: &str| note[name].as_str().unwrap_or_default().to_owned();
        if text("period") != label {
            continue;
        }
        let heads = store.alert_heads(request.period.instants(&request.zone))?;
        let changed = heads.iter().filter(|head| head.changed_in > row.number);
        all.push(Signature {
            by: text("by"),
            at: request.time(row.entry.began),
            note: text("note"),
            head: text("head"),
            run: row.number,
            changed_since: changed.count() as u64,
        });
    }
    Ok(all)
}
