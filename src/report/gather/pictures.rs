//! The figures that are drawn.

use std::collections::BTreeMap;

use crate::alert::Level;
use crate::calendar::{Assignee, Verdict};
use crate::event::NANOS;
use crate::report::model::{
    AlertDay, Day, DayCount, Listed, OffHoursRow, Pictures, Volume, WeekCount,
};
use crate::report::period::{day_of, hour_begins, midnight, weekday};
use crate::store::{Failure, HourRow, OffHours, Store, Whose};

use super::alerts::heads;
use super::department::Ward;
use super::figures::Figures;
use super::{HISTORY, Request};

/// Bars of departments and terminals.
const BARS: usize = 10;
/// Sources whose volume is drawn.
const SOURCES: usize = 12;
/// People below which a department is not told apart where persons are masked.
pub(in crate::report) const FEW: u64 = 5;

pub(super) fn pictures(
    store: &Store,
    figures: &Figures,
    request: &Request<'_>,
) -> Result<Pictures, Failure> {
    let period = request.period.range();
    let (alerts, weeks) = alert_days(store, request, None)?;
    let mut pictures = Pictures {
        alerts,
        weeks,
        ..Pictures::default()
    };
    if !figures.known {
        return Ok(pictures);
    }
    let hours = store.hour_rows(period.clone())?;
    pictures.heat = heat(&hours);
    (pictures.closed, pictures.closed_by) = closed(&hours, figures, request);
    let failed = |day: i64| DayCount {
        day: Day(day),
        count: figures.sum(&(day..day + 1), |row| row.failed_logins),
    };
    pictures.failed = period.clone().map(failed).collect();
    (pictures.departments, pictures.terminals) = off_hours(store, request, None)?;
    pictures.volume = volume(figures, request);
    Ok(pictures)
}

/// Departments and terminals outside the hours: all, or those of one department.
pub(super) fn off_hours(
    store: &Store,
    request: &Request<'_>,
    department: Option<&str>,
) -> Result<(Listed<OffHoursRow>, Listed<OffHoursRow>), Failure> {
    let period = request.period.range();
    let departments = store.off_hours(period.clone(), Whose::Departments, department)?;
    let terminals = store.off_hours(period, Whose::Terminals, department)?;
    let masks = request.persons.is_masked();
    Ok((rows(departments, masks), rows(terminals, false)))
}

/// Alerts of each day of the stretch, and of the nine weeks that end with it, or with today where it
/// is not over.
pub(super) fn alert_days(
    store: &Store,
    request: &Request<'_>,
    whose: Option<Ward<'_>>,
) -> Result<(Vec<AlertDay>, Vec<WeekCount>), Failure> {
    let (period, zone) = (request.period, &request.zone);
    let tomorrow = (request.today() + 1).max(period.first + 1);
    let weeks_end = period.end.min(tomorrow);
    let weeks_from = (weeks_end - 9 * 7).min(period.first - HISTORY);
    let stretch = midnight(weeks_from, zone)..midnight(period.end, zone);
    let mut days: BTreeMap<i64, [u64; 5]> = BTreeMap::new();
    for alert in heads(store, stretch, whose)? {
        let level = Level::from_name(&alert.level).unwrap_or(Level::Medium);
        days.entry(day_of(alert.start, zone)).or_default()[level as usize] += 1;
    }
    let total = |day: i64| {
        days.get(&day)
            .map_or(0, |levels| levels.iter().sum::<u64>())
    };
    // The eight weeks before the stretch, whatever its length.
    let usual = |day: i64| {
        let same = period.first - 7 + (day - period.first).rem_euclid(7);
        let sum: u64 = (0..HISTORY / 7).map(|week| total(same - 7 * week)).sum();
        sum as f64 / (HISTORY / 7) as f64
    };
    let told = period.range().map(|day| AlertDay {
        day: Day(day),
        levels: days.get(&day).copied().unwrap_or_default(),
        usual: usual(day),
    });
    let weeks = (1..=9).rev().map(|back| {
        let first = weeks_end - 7 * back;
        WeekCount {
            first: Day(first),
            count: (first..first + 7).map(total).sum(),
        }
    });
    Ok((told.collect(), weeks.collect()))
}

/// Events by weekday and hour.
fn heat(hours: &[HourRow]) -> Vec<[u64; 24]> {
    let mut heat = vec![[0u64; 24]; 7];
    for row in hours {
        let (day, hour) = (row.hour.div_euclid(24), row.hour.rem_euclid(24));
        heat[weekday(day)][hour as usize] += row.records;
    }
    heat
}

/// The closed hours by weekday: of these very days by the calendar, else as the last run kept
/// them, else as the records tell.
fn closed(
    hours: &[HourRow],
    figures: &Figures,
    request: &Request<'_>,
) -> (Vec<[bool; 24]>, &'static str) {
    if !request.calendars.is_assumed() {
        return (by_calendar(request, Assignee::default()), "calendar");
    }
    if let Some(flags) = figures.settings.as_ref().and_then(by_settings) {
        return (flags, "settings");
    }
    let mut sums = vec![[(0u64, 0u64); 24]; 7];
    for row in hours {
        let (day, hour) = (row.hour.div_euclid(24), row.hour.rem_euclid(24));
        let sum = &mut sums[weekday(day)][hour as usize];
        *sum = (sum.0 + row.records, sum.1 + row.closed);
    }
    let any = hours.iter().any(|row| row.closed > 0);
    let flags = sums
        .iter()
        .map(|day| day.map(|(all, closed)| closed * 2 > all));
    (flags.collect(), if any { "records" } else { "" })
}

/// The closed hours of a department.
pub(super) fn closed_of(
    figures: &Figures,
    request: &Request<'_>,
    department: &str,
) -> (Vec<[bool; 24]>, &'static str) {
    if request.calendars.is_assumed() {
        return closed(&[], figures, request);
    }
    let assignee = Assignee {
        department,
        ..Assignee::default()
    };
    (by_calendar(request, assignee), "calendar")
}

/// An hour is closed when most of its beginnings in the stretch are, looked at in its middle.
fn by_calendar(request: &Request<'_>, whose: Assignee<'_>) -> Vec<[bool; 24]> {
    let (id, _) = request.calendars.assigned(&whose);
    let mut sums = vec![[(0u32, 0u32); 24]; 7];
    for day in request.period.range() {
        for hour in 0..24u32 {
            let middle = hour_begins(day, hour, &request.zone) + 1_800 * NANOS;
            let is_closed = request.calendars.judge(id, middle).verdict == Verdict::Closed;
            let sum = &mut sums[weekday(day)][hour as usize];
            *sum = (sum.0 + 1, sum.1 + u32::from(is_closed));
        }
    }
    let most = |(all, closed): (u32, u32)| closed * 2 > all;
    sums.iter().map(|day| day.map(most)).collect()
}

/// 168 flags, Monday 0:00 first.
fn by_settings(settings: &serde_json::Value) -> Option<Vec<[bool; 24]>> {
    let flags = settings.get("hours")?.get("closed")?.as_array()?;
    if flags.len() != 168 {
        return None;
    }
    let is_set = |flag: &serde_json::Value| flag.as_bool().unwrap_or(flag.as_i64() == Some(1));
    let day = |flags: &[serde_json::Value]| std::array::from_fn(|hour| is_set(&flags[hour]));
    Some(flags.chunks_exact(24).map(day).collect())
}

/// The busiest. Where persons are masked, departments with few people are told together: a count
/// of one or two people is a count of persons.
fn rows(all: Vec<OffHours>, masks: bool) -> Listed<OffHoursRow> {
    let mut few = OffHoursRow {
        name: None,
        department: String::new(),
        bands: [0; 3],
    };
    let mut told = Vec::new();
    for row in all {
        if masks && row.users < FEW {
            for (sum, more) in few.bands.iter_mut().zip(row.bands) {
                *sum += more;
            }
        } else if row.total() > 0 {
            told.push(OffHoursRow {
                name: Some(row.name),
                department: row.department,
                bands: row.bands,
            });
        }
    }
    if few.bands.iter().any(|count| *count > 0) {
        told.insert(told.len().min(BARS - 1), few);
    }
    Listed::of(told, BARS)
}

/// Records by source and day, the largest sources first, those that are silent among them.
fn volume(figures: &Figures, request: &Request<'_>) -> Listed<Volume> {
    let period = request.period.range();
    let of = |source: &str| Volume {
        source: source.to_owned(),
        days: period
            .clone()
            .map(|day| figures.records(source, day))
            .collect(),
        gaps: period
            .clone()
            .map(|day| figures.is_gap(source, day))
            .collect(),
    };
    let mut all: Vec<Volume> = figures.sources().into_iter().map(of).collect();
    all.retain(|volume| volume.days.iter().any(|n| *n > 0) || volume.gaps.contains(&true));
    let total = |volume: &Volume| volume.days.iter().sum::<u64>();
    // What has gaps is drawn whatever its size.
    all.sort_by_key(|volume| {
        let has_gaps = volume.gaps.contains(&true);
        (
            !has_gaps,
            std::cmp::Reverse(total(volume)),
            volume.source.clone(),
        )
    });
    Listed::of(all, SOURCES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn department(name: &str, records: u64, users: u64) -> OffHours {
        OffHours {
            name: name.to_owned(),
            bands: [records, 0, 1],
            users,
            ..OffHours::default()
        }
    }

    #[test]
    fn departments_of_few_people_are_told_together_where_persons_are_masked() {
        let all = || {
            vec![
                department("3西", 90, 12),
                department("院長室", 40, 1),
                department("外来", 30, 5),
                department("検査", 20, 2),
            ]
        };
        let plain = rows(all(), false);
        assert_eq!(plain.first.len(), 4);
        let masked = rows(all(), true);
        let names: Vec<_> = masked.first.iter().map(|row| row.name.as_deref()).collect();
        assert_eq!(names, [Some("3西"), Some("外来"), None]);
        assert_eq!(masked.first[2].bands, [60, 0, 2]);
    }

    #[test]
    fn flags_of_settings_are_read_only_when_there_are_168() {
        let mut flags = vec![serde_json::json!(0); 168];
        flags[25] = serde_json::json!(true);
        flags[26] = serde_json::json!(1);
        let told =
            by_settings(&serde_json::json!({ "hours": { "closed": flags } })).expect("flags");
        assert!(told[1][1] && told[1][2] && !told[0][1]);
        assert_eq!(
            by_settings(&serde_json::json!({ "hours": { "closed": [1] } })),
            None
        );
        assert_eq!(by_settings(&serde_json::json!([])), None);
    }
}
