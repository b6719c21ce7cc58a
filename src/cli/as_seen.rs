//! The house as a run saw it: registers, calendar and rules by digest, and the hours it keeps.
//!
//! Takes the plan and the house; gives what the store keeps of them, so that a later page can say
//! what was in force and what has changed. Never keeps a name of a person.

use std::fs;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::args::Ruling;
use super::config::{CalendarSource, Named};
use super::house::House;
use super::plan::Plan;
use crate::alert::hex;
use crate::calendar::{Assignee, CalendarId, Calendars, Verdict};
use crate::diagnostic::{Complaints, Lang};
use crate::event::{NANOS, Zone, rfc3339};
use crate::rule::RuleSet;
use crate::store::counts::SeenRegister;

const HOUR: i64 = 3_600 * NANOS;
const DAY: i64 = 24 * HOUR;
/// How many weeks are looked at to learn the hours of a weekday: a holiday is an exception.
const WEEKS: i64 = 5;

/// Registers, calendar and rules; registers that are not configured are left out.
pub(super) fn registers(plan: &Plan, ruling: &Ruling, house: &House) -> Vec<SeenRegister> {
    let files = &plan.config.registers;
    let lists = [
        &files.devices,
        &files.staff,
        &files.accounts,
        &files.patients,
        &files.declarations,
    ];
    let sizes = house.registers.sizes();
    let of_files = sizes.into_iter().zip(lists);
    let of_files = of_files.filter(|(_, files)| !files.is_empty());
    let mut all: Vec<SeenRegister> = of_files
        .map(|((kind, rows), files)| seen(kind, rows, files.iter().flat_map(bytes)))
        .collect();
    if let Some(networks) = &files.networks {
        let rows = networks.as_map().map_or(0, <[_]>::len);
        let text = format!("{:?}", networks.value);
        all.push(seen("networks", rows, [text.into_bytes()]));
    }
    let calendar = match &plan.config.calendar {
        Some(CalendarSource::File(named)) => bytes(named).unwrap_or_default(),
        Some(CalendarSource::Inline(node)) => format!("{:?}", node.value).into_bytes(),
        None => Vec::new(),
    };
    all.push(seen("calendar", house.calendars.ids().count(), [calendar]));
    all.push(rules(plan, ruling, house));
    all
}

/// The rules: the files they stand in, and what the config changes about them.
fn rules(plan: &Plan, ruling: &Ruling, house: &House) -> SeenRegister {
    let embedded: &[(&str, &str)] = match ruling.no_default_rules {
        true => &[],
        false => RuleSet::embedded_files(),
    };
    let embedded = embedded.iter().map(|(_, text)| text.as_bytes().to_vec());
    // Files that cannot be read stopped the run before this.
    let named = plan.rule_files(ruling, &mut Complaints::new());
    let named = named.into_iter().map(|(_, text)| text.into_bytes());
    let settings = &plan.config.rules;
    let disabled = settings.disable.iter().map(|(name, _)| name);
    let thresholds = settings.thresholds.iter().map(|(name, n, _)| (name, n));
    let changes = format!(
        "{:?} {:?} {:?}",
        disabled.collect::<Vec<_>>(),
        thresholds.collect::<Vec<_>>(),
        settings.placeholders
    );
    let count = house.rules.detections.len() + house.rules.correlations.len();
    let texts = embedded.chain(named).chain([changes.into_bytes()]);
    seen("rules", count, texts)
}

fn seen(kind: &'static str, rows: usize, texts: impl IntoIterator<Item = Vec<u8>>) -> SeenRegister {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(&text);
    }
    SeenRegister {
        kind,
        digest: hex(&hash.finalize()),
        rows: rows as u64,
    }
}

fn bytes(named: &Named) -> Option<Vec<u8>> {
    fs::read(&named.path).ok()
}

/// Site, hours of an ordinary week and expected sources, as one JSON object. The week is that of
/// `nanos` and those after it.
pub(super) fn document(plan: &Plan, house: &House, nanos: i64) -> Value {
    let config = &plan.config;
    let language = match config.lang.unwrap_or(plan.lang) {
        Lang::En => "en",
        Lang::Ja => "ja",
    };
    let sources = config.sources.iter();
    let sources: Vec<Value> = sources
        .map(|source| {
            let expect = source.expects.as_ref().map(|(word, _)| word);
            json!({ "name": source.name, "expect": expect })
        })
        .collect();
    let week = week(&house.calendars, plan.zone, nanos);
    let opens: Vec<&str> = week.iter().map(|day| &*day.opens).collect();
    let closed: Vec<bool> = week.iter().flat_map(|day| day.closed).collect();
    json!({
        "site": { "name": config.name, "timezone": plan.zone.name(), "language": language },
        "hours": { "assumed": house.calendars.is_assumed(), "opens": opens, "closed": closed },
        "sources": sources,
    })
}

/// The hours of a weekday.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Weekday {
    /// When the site is open, `08:30-12:00 13:00-17:00`; empty when it is not.
    opens: String,
    /// Hours of the day in which it is closed throughout.
    closed: [bool; 24],
}

/// An ordinary week from Monday on: of each weekday the hours that most of the next weeks have.
fn week(calendars: &Calendars, zone: Zone, nanos: i64) -> Vec<Weekday> {
    let (id, _) = calendars.assigned(&Assignee::default());
    let midnight = |day: i64| {
        // The wall's midnight, by the offset a day has at noon.
        let noon = day * DAY + DAY / 2;
        let offset = i64::from(zone.offset_at(noon));
        day * DAY - offset * NANOS
    };
    let offset = i64::from(zone.offset_at(nanos)) * NANOS;
    let today = (nanos.saturating_add(offset)).div_euclid(DAY);
    // 1970-01-01 was a Thursday.
    let monday = today - (today + 3).rem_euclid(7);
    let ordinary = |weekday: i64| {
        let days = (0..WEEKS).map(|week| monday + weekday + 7 * week);
        let seen: Vec<Weekday> = days.map(|day| look(calendars, id, midnight(day))).collect();
        let votes = |day: &Weekday| seen.iter().filter(|other| *other == day).count();
        let mut best = seen[0].clone();
        for day in &seen {
            if votes(day) > votes(&best) {
                best = day.clone();
            }
        }
        best
    };
    (0..7).map(ordinary).collect()
}

/// The hours of one day.
fn look(calendars: &Calendars, id: CalendarId, midnight: i64) -> Weekday {
    let mut day = Weekday {
        opens: String::new(),
        closed: [true; 24],
    };
    let mut at = midnight;
    let mut open_from = None;
    while at < midnight + DAY {
        let judgement = calendars.judge(id, at);
        let until = judgement.valid.end.clamp(at + 1, midnight + DAY);
        if judgement.verdict != Verdict::Closed {
            let hours = (at - midnight) / HOUR..(until - 1 - midnight) / HOUR + 1;
            for hour in hours {
                day.closed[hour as usize] = false;
            }
        }
        match (judgement.verdict, open_from) {
            (Verdict::Open, None) => open_from = Some(at),
            (Verdict::Open, Some(_)) | (_, None) => {}
            (_, Some(from)) => {
                open_from = None;
                day.push((from - midnight, at - midnight));
            }
        }
        at = until;
    }
    if let Some(from) = open_from {
        day.push((from - midnight, DAY));
    }
    day
}

impl Weekday {
    fn push(&mut self, (from, to): (i64, i64)) {
        let clock = |nanos: i64| match nanos {
            DAY => "24:00".to_owned(),
            nanos => rfc3339(nanos, 0).chars().skip(11).take(5).collect(),
        };
        if !self.opens.is_empty() {
            self.opens.push(' ');
        }
        self.opens
            .push_str(&format!("{}-{}", clock(from), clock(to)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_week_is_told_although_a_holiday_falls_into_it() {
        let zone = Zone::tokyo();
        let calendars = Calendars::assumed(zone.tz());
        // 2026-11-25, two days after a holiday that is a Monday.
        let week = week(&calendars, zone, 1_795_575_600 * NANOS);
        let opens: Vec<&str> = week.iter().map(|day| &*day.opens).collect();
        assert_eq!(opens[..5], ["08:30-18:00"; 5]);
        assert_eq!(opens[5..], ["", ""]);
        assert!(week[0].closed[3] && !week[0].closed[8] && !week[0].closed[17]);
        assert!(week[6].closed.iter().all(|closed| *closed));
    }
}
