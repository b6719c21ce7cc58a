//! Sources that are not heard of as often as the house expects (`expect` of the config).
//!
//! Takes the facts of sources in order, and what is expected of each; gives an alert a stretch
//! without a record that is longer than it may be. What counts is the time in which the source
//! usually speaks, by its own last four weeks: hours of the week, and whole days where a day or
//! more may pass. Never knows the name of a source.

use std::collections::{HashMap, VecDeque};
use std::io;

use foldhash::fast::FixedState;

use super::super::Settings;
use super::super::draft::{Draft, Measured, Noted};
use super::{Row, Rows, Seen};
use crate::register::Expectation;
use crate::spill::Fact;

const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;
/// Hours of a week, and of the weeks that tell what is usual.
const WEEK: i64 = 7 * 24;
const HISTORY: i64 = 4 * WEEK;

/// Finds sources that are not heard of.
pub(super) fn observe(mut rows: Rows<'_>) -> io::Result<Seen> {
    let mut sources: HashMap<u64, Source, FixedState> = HashMap::default();
    let mut done = Vec::new();
    while let Some(row) = rows.next()? {
        let wall = wall(&rows.settings, row.fact.time);
        let Some(source) = sources.get_mut(&row.key) else {
            let expected = row.named.first();
            let expected = expected.and_then(|name| rows.settings.observing.site.expects(*name));
            // What nobody expects any more is not missed.
            if let Some(expected) = expected {
                sources.insert(row.key, Source::new(expected, row, wall));
            }
            continue;
        };
        if let Some(length) = source.missed((row.fact.time, wall), false) {
            let after = Some((&row.fact, row.tallies.as_slice()));
            done.push(source.fell_silent(&rows, (length, after)));
        }
        source.hear(row, wall);
    }
    let keys = sources.len() as u64;
    for source in sources.into_values() {
        let until = rows.settings.observing.until.max(source.last.time);
        let wall = wall(&rows.settings, until);
        if let Some(length) = source.missed((until, wall), true) {
            done.push(source.fell_silent(&rows, (length, None)));
        }
    }
    Ok(Seen {
        drafts: done,
        keys,
        learning: 0,
    })
}

/// What clocks on the wall of the site show at an instant, as nanoseconds since 1970 on them.
fn wall(settings: &Settings<'_>, nanos: i64) -> i64 {
    nanos.saturating_add(i64::from((settings.offset_at)(nanos)) * SECOND)
}

/// A source that should be heard of.
struct Source {
    expected: Expectation,
    last: Fact,
    /// What the wall showed at the last record.
    last_wall: i64,
    named: Vec<u64>,
    tallies: Vec<u64>,
    /// The hour of the first record, counted on the wall.
    first_hour: i64,
    /// The hours of the last four weeks in which it spoke, in order, counted on the wall.
    spoke: VecDeque<i64>,
}

impl Source {
    fn new(expected: Expectation, row: Row, wall: i64) -> Source {
        let hour = wall.div_euclid(HOUR);
        Source {
            expected,
            last: row.fact,
            last_wall: wall,
            named: row.named,
            tallies: row.tallies,
            first_hour: hour,
            spoke: VecDeque::from([hour]),
        }
    }

    /// Takes the next record.
    fn hear(&mut self, row: Row, wall: i64) {
        self.last = row.fact;
        self.last_wall = wall;
        self.tallies = row.tallies;
        let hour = wall.div_euclid(HOUR);
        if self.spoke.back() != Some(&hour) {
            self.spoke.push_back(hour);
        }
        while self.spoke.front().is_some_and(|h| *h <= hour - HISTORY) {
            self.spoke.pop_front();
        }
    }

    /// How long nothing was heard, where that is longer than expected: from the last record to an
    /// instant and what the wall shows then. Nanoseconds of the time that counts. While the
    /// silence is `lasting`, a day is over when its last hour begins: exports seldom reach the last
    /// second.
    fn missed(&self, (until, until_wall): (i64, i64), lasting: bool) -> Option<i64> {
        let all = until.saturating_sub(self.last.time);
        match self.expected {
            Expectation::Daily | Expectation::Weekdays => {
                let begun = until_wall.saturating_add(if lasting { HOUR } else { 0 });
                let first = self.last_wall.div_euclid(DAY) + 1;
                let days = self.days(first, begun.div_euclid(DAY));
                (days > 0).then_some(days * DAY)
            }
            Expectation::Within(length) if all <= length => None,
            Expectation::Within(length) => {
                let unit = if length < DAY { HOUR } else { DAY };
                let quiet = self.quiet(unit, (self.last_wall, until_wall));
                let counted = all.saturating_sub(quiet);
                (counted > length).then_some(counted)
            }
        }
    }

    /// How many of these days on the wall, the end not included, should have had a record.
    fn days(&self, first: i64, end: i64) -> i64 {
        let usual = self.usual_days();
        let days = first..end;
        let asked = days.filter(|day| usual[weekday(*day)] && self.expected.asks_on(*day));
        asked.count() as i64
    }

    /// How much of a stretch on the wall lies in hours or days of the week in which the source
    /// does not usually speak, nanoseconds.
    fn quiet(&self, unit: i64, (from, to): (i64, i64)) -> i64 {
        let usual: Vec<bool> = match unit {
            DAY => self.usual_days().to_vec(),
            _ => self.usual_hours(),
        };
        let count = usual.len() as i64;
        let at = |slot: i64| usual[slot.rem_euclid(count) as usize];
        let (first, last) = (from.div_euclid(unit), to.div_euclid(unit));
        let slots = (first..=last).filter(|slot| !at(*slot));
        let overlap = |slot: i64| (slot + 1).saturating_mul(unit).min(to) - (slot * unit).max(from);
        slots.map(overlap).sum()
    }

    /// For each hour of the week, counted from 1 January 1970 on, whether the source usually
    /// speaks in it: in at least half of those it has lived through, of the same hours of all days
    /// where it has lived through none.
    fn usual_hours(&self) -> Vec<bool> {
        let mut of_week = vec![(0_u32, 0_u32); WEEK as usize];
        let mut of_day = [(0_u32, 0_u32); 24];
        for hour in self.lived() {
            of_week[hour.rem_euclid(WEEK) as usize].1 += 1;
            of_day[hour.rem_euclid(24) as usize].1 += 1;
        }
        for hour in &self.spoke {
            of_week[hour.rem_euclid(WEEK) as usize].0 += 1;
            of_day[hour.rem_euclid(24) as usize].0 += 1;
        }
        let hours = of_week.iter().enumerate();
        hours
            .map(|(at, counts)| match counts.1 {
                0 => is_usual(of_day[at % 24]),
                _ => is_usual(*counts),
            })
            .collect()
    }

    /// The same for the days of the week.
    fn usual_days(&self) -> [bool; 7] {
        let mut lived = [(0_u32, 0_u32); 7];
        let mut before = None;
        for day in self.lived().map(|hour| hour.div_euclid(24)) {
            if before.replace(day) != Some(day) {
                lived[weekday(day)].1 += 1;
            }
        }
        before = None;
        for day in self.spoke.iter().map(|hour| hour.div_euclid(24)) {
            if before.replace(day) != Some(day) {
                lived[weekday(day)].0 += 1;
            }
        }
        lived.map(is_usual)
    }

    /// The hours of the last four weeks through which the source has lived, up to its last record.
    fn lived(&self) -> impl Iterator<Item = i64> {
        let last = self.last_wall.div_euclid(HOUR);
        self.first_hour.max(last - HISTORY + 1)..=last
    }

    /// The alert on a silence after the last record.
    fn fell_silent(
        &self,
        rows: &Rows<'_>,
        (length, next): (i64, Option<(&Fact, &[u64])>),
    ) -> Draft {
        let mut draft = rows.draft(self.named.clone());
        rows.add(&mut draft, &self.last, &self.tallies);
        if let Some((fact, tallies)) = next {
            rows.add(&mut draft, fact, tallies);
        }
        draft.measure = Measured::Count(length.unsigned_abs() / SECOND.unsigned_abs());
        let lasting = next.is_none();
        draft.noted = Some(Noted::Silent { length, lasting });
        draft
    }
}

/// Whether so many of so many are at least half; of none, yes.
fn is_usual((spoke, lived): (u32, u32)) -> bool {
    2 * spoke >= lived
}

/// The place of a day, counted since 1970, in a week that begins with Thursday.
fn weekday(day: i64) -> usize {
    day.rem_euclid(7) as usize
}
