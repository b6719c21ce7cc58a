//! Alerts counted by day and by key.
//!
//! Takes the drafts of a run; fills a trial. Days are those of the ledger: one on which records
//! were read and nothing was found counts as a day with nothing.

use std::collections::{BTreeMap, HashMap};
use std::io;

use crate::detect::{Draft, RuleIndex};
use crate::event::NANOS;
use crate::pipeline::{Gathered, Plan, key_of};
use crate::sink::trial::{Counted, Day, KEYS, Trial};

const DAY: i64 = 86_400;

/// The days of the logs, by their number since 1970-01-01.
pub(super) type Days = BTreeMap<i64, Day>;

/// Fills in days and keys. `covered` are the days of the logs.
pub(super) fn fill(
    trial: &mut Trial,
    (plan, rule): (Plan<'_>, RuleIndex),
    covered: &Days,
    run: (&Gathered, &[Draft]),
) -> io::Result<()> {
    if trial.counted == Counted::Alerts {
        trial.days = days(plan, rule, covered, run.1);
        keys(trial, (plan, rule), run);
        return Ok(());
    }
    let mut days = covered.clone();
    if let RuleIndex::Detection(at) = rule {
        run.0.each_match(at, &mut |time, events| {
            find(&mut days, plan, time, events);
        })?;
    }
    trial.days = days.into_values().collect();
    Ok(())
}

/// The alerts of a rule on each day of the logs, by their beginning.
pub(super) fn days(plan: Plan<'_>, rule: RuleIndex, covered: &Days, drafts: &[Draft]) -> Vec<Day> {
    let mut days = covered.clone();
    for draft in drafts.iter().filter(|draft| draft.rule == rule) {
        find(&mut days, plan, draft.start(), 1);
    }
    days.into_values().collect()
}

/// The days that have records, as far as they are examined; nothing is found on them yet.
pub(super) fn covered(plan: Plan<'_>, gathered: &Gathered) -> io::Result<Days> {
    let mut days = Days::new();
    for (day, records) in gathered.inputs.iter().flat_map(|i| &i.account.days) {
        if is_examined(plan, *day) {
            days.entry(*day).or_insert(empty(*day)).records += records;
        }
    }
    // A record may keep another zone than the site, and so another day: all rules are held against
    // the same days.
    for detection in 0..plan.rules.detections.len() {
        gathered.each_match(detection, &mut |time, _| find(&mut days, plan, time, 0))?;
    }
    Ok(days)
}

/// True when some of the day lies in the period of the run.
fn is_examined(plan: Plan<'_>, day: i64) -> bool {
    let midnight = |day: i64| {
        let local = day.saturating_mul(DAY).saturating_mul(NANOS);
        let offset = i64::from(plan.site.offset_at(local)) * NANOS;
        local.saturating_sub(offset)
    };
    let (since, until) = plan.period;
    midnight(day) < until && midnight(day.saturating_add(1)) > since
}

/// Adds what was found at a time.
fn find(days: &mut Days, plan: Plan<'_>, time: i64, how_many: u64) {
    let local = time.div_euclid(NANOS) + i64::from(plan.site.offset_at(time));
    let day = local.div_euclid(DAY);
    days.entry(day).or_insert(empty(day)).found += how_many;
}

fn empty(day: i64) -> Day {
    Day {
        day,
        records: 0,
        found: 0,
    }
}

/// The keys with most alerts, those that came first before others with as many. Their values are
/// read again from the first record of one alert each.
fn keys(
    trial: &mut Trial,
    (plan, rule): (Plan<'_>, RuleIndex),
    (gathered, drafts): (&Gathered, &[Draft]),
) {
    if trial.fields.is_empty() {
        return;
    }
    let mut places: HashMap<&[u64], usize> = HashMap::new();
    let mut found: Vec<(&Draft, u64)> = Vec::new();
    for draft in drafts.iter().filter(|draft| draft.rule == rule) {
        let place = *places.entry(key_of(&plan, draft)).or_insert(found.len());
        match found.get_mut(place) {
            Some((_, count)) => *count += 1,
            None => found.push((draft, 1)),
        }
    }
    trial.keys_total = found.len();
    found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    found.truncate(KEYS);
    let chosen = found.iter().map(|(draft, _)| (*draft).clone()).collect();
    let alerts = gathered.alerts(plan, chosen);
    let counts = found.iter().map(|(_, count)| *count);
    trial.keys = alerts
        .zip(counts)
        .map(|(alert, count)| {
            (
                alert.key.into_iter().map(|(_, value)| value).collect(),
                count,
            )
        })
        .collect();
}
