//! What each source gave on each day, and on which days it should have given something.
//!
//! Takes the store's days of the stretch and of the eight weeks before; gives sums and gaps.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::register::Expectation;
use crate::report::model::{Adequacy, Listed};
use crate::store::{DayRow, Failure, Store};

use super::{HISTORY, Request};

/// Sources whose adequacy is told.
const SOURCES: usize = 30;
/// Of the four same weekdays before, on how many a source must have spoken to be missed.
const USUAL: usize = 3;

/// A source that should be heard of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Its name.
    pub source: String,
    /// How often.
    pub how: Expectation,
}

/// The days of all sources.
pub(in crate::report) struct Figures {
    /// False when the store has no aggregates at all.
    pub(super) known: bool,
    /// By source and day, history included.
    by_source: BTreeMap<String, BTreeMap<i64, DayRow>>,
    expected: Vec<Expected>,
    period: Range<i64>,
    before: Range<i64>,
    today: i64,
    /// First day of all aggregates.
    first_known: Option<i64>,
    /// Name of the house by the settings of the last run.
    pub(super) site: Option<String>,
    /// The settings of the last run.
    pub(super) settings: Option<serde_json::Value>,
}

impl Figures {
    pub(super) fn read(store: &Store, request: &Request<'_>) -> Result<Figures, Failure> {
        let period = request.period.range();
        let mut figures = Figures {
            known: store.has_aggregates()?,
            by_source: BTreeMap::new(),
            expected: request.expected.clone(),
            before: request.period.before(),
            today: request.today(),
            first_known: None,
            site: None,
            settings: None,
            period,
        };
        if !figures.known {
            return Ok(figures);
        }
        figures.first_known = store.days_known()?.map(|(first, _)| first);
        let from = (figures.period.start - HISTORY).min(figures.before.start);
        for row in store.day_rows(from..figures.period.end)? {
            let days = figures.by_source.entry(row.source.clone()).or_default();
            days.insert(row.day, row);
        }
        let until = request.period.instants(&request.zone).end;
        // The run that reads the last day begins after it.
        let morning = until.saturating_add(2 * 86_400 * crate::event::NANOS);
        figures.settings = store.settings_at(morning)?;
        if let Some(settings) = &figures.settings {
            figures.site = settings["site"]["name"].as_str().map(str::to_owned);
            if figures.expected.is_empty() {
                figures.expected = expected(settings);
            }
        }
        Ok(figures)
    }

    /// The days of the stretch that have ended; today has not.
    pub(super) fn ended(&self) -> Range<i64> {
        self.period.start..self.period.end.min(self.today).max(self.period.start)
    }

    /// The stretch before, where the aggregates reach back to its beginning.
    pub(super) fn before(&self) -> Option<Range<i64>> {
        let is_known = self
            .first_known
            .is_some_and(|first| first <= self.before.start);
        is_known.then(|| self.before.clone())
    }

    /// The sum of something over the days of a range.
    pub(super) fn sum(&self, days: &Range<i64>, of: impl Fn(&DayRow) -> u64) -> u64 {
        let rows = self.by_source.values().flat_map(|d| d.range(days.clone()));
        rows.map(|(_, row)| of(row)).fold(0, u64::saturating_add)
    }

    /// Names of all sources: those that spoke in the stretch or before, and those expected.
    pub(super) fn sources(&self) -> Vec<&str> {
        let expected = self.expected.iter().map(|e| e.source.as_str());
        let mut all: Vec<&str> = self
            .by_source
            .keys()
            .map(String::as_str)
            .chain(expected)
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    pub(super) fn row(&self, source: &str, day: i64) -> Option<&DayRow> {
        self.by_source.get(source)?.get(&day)
    }

    pub(super) fn records(&self, source: &str, day: i64) -> u64 {
        self.row(source, day).map_or(0, |row| row.records)
    }

    /// True when the source should have given something on a day and gave nothing.
    pub(super) fn is_gap(&self, source: &str, day: i64) -> bool {
        self.ended().contains(&day)
            && self.records(source, day) == 0
            && self.should_speak(source, day)
    }

    /// True when nothing at all came from a source that should speak.
    pub(super) fn is_silent(&self, source: &str) -> bool {
        let mut days = self.period.clone();
        let spoke = days.any(|day| self.records(source, day) > 0);
        !spoke && self.ended().any(|day| self.should_speak(source, day))
    }

    fn should_speak(&self, source: &str, day: i64) -> bool {
        match self.expected.iter().find(|e| e.source == source) {
            Some(expected) => expected.how.asks_on(day),
            None => {
                // The weeks before the stretch tell what is usual, so that a source that falls
                // silent is missed on every day of a month.
                let back = |week: i64| {
                    let same = self.period.start - 7 + (day - self.period.start).rem_euclid(7);
                    self.records(source, same - 7 * week) > 0
                };
                (0..4).filter(|week| back(*week)).count() >= USUAL
            }
        }
    }

    /// Which of the needed things each source tells.
    pub(super) fn adequacy(&self) -> Listed<Adequacy> {
        let mut all = Vec::new();
        for (source, days) in &self.by_source {
            let mut sum = Adequacy {
                source: source.clone(),
                events: 0,
                traffic: 0,
                with: [0; 5],
                logins: 0,
            };
            for row in days.range(self.period.clone()).map(|(_, row)| row) {
                sum.events += row.events;
                sum.traffic += row.traffic;
                sum.logins += row.logins;
                for (all, more) in sum.with.iter_mut().zip(row.with) {
                    *all += more;
                }
            }
            if sum.events > 0 {
                all.push(sum);
            }
        }
        Listed::of(all, SOURCES)
    }
}

/// The expected sources as the last run knew them, for a report without the config.
fn expected(settings: &serde_json::Value) -> Vec<Expected> {
    let sources = settings["sources"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let one = |source: &serde_json::Value| {
        Some(Expected {
            source: source["name"].as_str()?.to_owned(),
            how: Expectation::from_word(source["expect"].as_str()?)?,
        })
    };
    sources.iter().filter_map(one).collect()
}
