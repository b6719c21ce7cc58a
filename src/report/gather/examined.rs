//! What was examined, and what could not be seen.

use crate::report::model::{Day, Examined, Figure, Gap, Listed, OffHoursTold};
use crate::store::{DayRow, Failure, Store};

use super::Request;
use super::figures::Figures;

/// Gaps that are told one by one.
const GAPS: usize = 40;

pub(super) fn examined(figures: &Figures, request: &Request<'_>) -> Examined {
    let period = request.period.range();
    let figure = |of: fn(&DayRow) -> u64| Figure {
        now: figures.sum(&period, of),
        before: figures.before().map(|days| figures.sum(&days, of)),
    };
    let has_records = |day: i64| figures.sum(&(day..day + 1), |row| row.records) > 0;
    let begun = period.start..period.end.min(request.today() + 1).max(period.start);
    let all = figures.sources();
    let spoke = |source: &&str| period.clone().any(|day| figures.records(source, day) > 0);
    let silent: Vec<String> = owned(all.iter().copied().filter(|s| figures.is_silent(s)));
    let gaps = gaps(figures, &all, &silent);
    Examined {
        has_figures: figures.known,
        days: (begun.end - begun.start) as u64,
        days_with_records: period.clone().filter(|day| has_records(*day)).count() as u64,
        records: figure(|row| row.records),
        events: figures.sum(&period, |row| row.events),
        sources: owned(all.iter().copied().filter(spoke)),
        missing: figures
            .ended()
            .filter(|day| !has_records(*day))
            .map(Day)
            .collect(),
        gaps: Listed::of(gaps, GAPS),
        silent,
        rejects: figure(|row| row.rejects),
        untrusted: figure(|row| row.untrusted),
        duplicates: figures.sum(&period, |row| row.duplicates),
        rules: Default::default(),
        failed_logins: figure(|row| row.failed_logins),
        logins: figure(|row| row.logins.saturating_sub(row.failed_logins)),
    }
}

fn owned<'s>(names: impl Iterator<Item = &'s str>) -> Vec<String> {
    names.map(str::to_owned).collect()
}

fn gaps(figures: &Figures, sources: &[&str], silent: &[String]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for day in figures.ended() {
        for source in sources {
            if figures.is_gap(source, day) && !silent.iter().any(|s| s == source) {
                gaps.push(Gap {
                    source: (*source).to_owned(),
                    day: Day(day),
                });
            }
        }
    }
    gaps
}

/// Events outside the business hours.
pub(super) fn off_hours(
    store: &Store,
    figures: &Figures,
    request: &Request<'_>,
) -> Result<OffHoursTold, Failure> {
    let mut told = OffHoursTold::default();
    if !figures.known {
        return Ok(told);
    }
    for row in store.band_rows(request.period.range())? {
        told.total.now += row.records;
        match row.band.as_str() {
            "late_night" => told.bands[2] += row.records,
            "holiday" => told.bands[1] += row.records,
            _ => told.bands[0] += row.records,
        }
        match row.explained.as_str() {
            "roster" => told.by_roster += row.records,
            "declaration" => told.by_declaration += row.records,
            _ => {}
        }
    }
    if let Some(days) = figures.before() {
        let before = store.band_rows(days)?;
        told.total.before = Some(before.iter().map(|row| row.records).sum());
    }
    Ok(told)
}
