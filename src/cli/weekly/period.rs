//! Which days a report is about.
//!
//! Takes the arguments, the store and the time; gives a stretch of days, or why there is none.

use super::super::Moment;
use super::super::args::PeriodOption;
use super::super::memory::{Memory, Stop};
use super::super::plan::{Plan, nonexistent};
use crate::diagnostic::Problem;
use crate::report::{MOST_DAYS, Period, day_of, iso};

/// The time to take for now, nanoseconds since 1970.
pub(in super::super) fn now(plan: &Plan, told: Option<Moment>) -> Result<i64, Stop> {
    let clock = || chrono::Utc::now().timestamp_nanos_opt().unwrap_or_default();
    match told {
        None => Ok(clock()),
        Some(moment) => Moment::begin(&moment, &plan.zone)
            .ok_or_else(|| Stop::mistake(nonexistent("--now", &plan.zone))),
    }
}

/// The stretch that was asked for, else the last whole week with events.
pub(super) fn choose(
    plan: &Plan,
    option: &PeriodOption,
    memory: &Memory,
    now: i64,
) -> Result<Period, Stop> {
    if memory.ask(|store| store.runs())?.is_empty() {
        return Err(Stop::mistake(empty()));
    }
    if let Some((year, week)) = option.week {
        return Period::week(year, week).ok_or_else(out_of_reach);
    }
    if let Some(month) = option.month {
        return Period::month(month.year, month.month).ok_or_else(out_of_reach);
    }
    if let (Some(from), Some(to)) = (option.from, option.to) {
        return Period::days(from, to).ok_or_else(|| Stop::mistake(bad_stretch(from, to)));
    }
    last_week(memory, day_of(now, &plan.zone))
}

/// The last ISO week that has ended and of which there are events; where there is none, the week
/// of the last event, and without any event the last week that has ended.
fn last_week(memory: &Memory, today: i64) -> Result<Period, Stop> {
    let week_of = |day: i64| Period::week_of(day).ok_or_else(out_of_reach);
    let this = week_of(today)?;
    let last = week_of(this.first - 1)?;
    let Some((_, newest)) = memory.ask(|store| store.days_known())? else {
        return Ok(last);
    };
    let mut week = week_of(newest.min(this.first - 1))?;
    // Events of a clock that runs ahead must not make an empty week of the future the last one.
    for _ in 0..520 {
        if memory.ask(|store| store.has_events(week.range()))? {
            return Ok(week);
        }
        week = week_of(week.first - 1)?;
    }
    week_of(newest.min(today))
}

fn empty() -> Problem {
    Problem::error(
        "the store holds no run yet, so there is nothing to report",
        "ストアにまだ実行の記録がないため、報告できることがありません",
    )
    .help(
        "`yomawari scan PATH --store FILE` fills it",
        "`yomawari scan PATH --store FILE` で記録されます",
    )
}

fn out_of_reach() -> Stop {
    Stop::mistake(Problem::error(
        "these days lie out of reach: reports reach from 1972 to 2198",
        "この期間は扱えません（1972年から2198年まで）",
    ))
}

fn bad_stretch(from: i64, to: i64) -> Problem {
    let (first, last) = (iso(from), iso(to));
    match from > to {
        true => Problem::error(
            format!("--from {first} comes after --to {last}"),
            format!("--from {first} が --to {last} より後です"),
        ),
        false => Problem::error(
            format!("from {first} to {last} are more than {MOST_DAYS} days"),
            format!("{first} から {last} までは{MOST_DAYS}日を超えています"),
        ),
    }
}
