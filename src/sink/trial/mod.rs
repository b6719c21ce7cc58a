//! What a rule would have done on some logs, so that a threshold can be chosen.
//!
//! Takes a [`Trial`] filled by the caller; gives text with a small chart for people, and the same
//! as JSON. Never judges a record and never counts an alert itself.

mod chart;
mod json;
mod text;

use std::io::{self, Write};

use crate::alert::Level;
use crate::diagnostic::Text;

use super::Reader;

/// Keys shown of each rule.
pub const KEYS: usize = 10;

/// The trial as text for a screen of this many columns, lines ended by line feeds.
pub fn text(trial: &Trial, reader: &Reader, width: u16) -> String {
    text::render(trial, reader, usize::from(width.max(NARROWEST)))
}

/// Narrowest screen that text is fitted to.
const NARROWEST: u16 = 40;

/// Writes the trial as one JSON object on a line.
///
/// # Errors
/// What the writer says.
pub fn write_json(out: &mut dyn Write, trial: &Trial) -> io::Result<()> {
    json::write(out, trial)
}

/// What one rule would have done.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The rule's id.
    pub id: String,
    /// Its short name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its level.
    pub level: Level,
    /// What is counted.
    pub counted: Counted,
    /// Each day that has records, ascending, also those on which nothing was found.
    pub days: Vec<Day>,
    /// Events that satisfied its detections.
    pub matches: u64,
    /// Of these, explained by a roster or a declaration.
    pub explained: u64,
    /// Of these, only counted while the business hours are assumed.
    pub quiet: u64,
    /// The names of the key fields; none where every match is an alert of its own.
    pub fields: Vec<String>,
    /// The keys with most alerts: the values of the fields (`None`: the log tells none) and how
    /// many, the most first.
    pub keys: Vec<(Vec<Option<String>>, u64)>,
    /// Number of different keys.
    pub keys_total: usize,
    /// The same logs with other thresholds, ascending; none where the rule has no single one.
    pub rungs: Vec<Rung>,
    /// Why it could not speak at all.
    pub silent: Option<Text>,
    /// Sources it is tried on and can never fire on, each with the fields they lack.
    pub cannot_fire: Vec<(String, Vec<String>)>,
}

/// What is counted of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Its alerts.
    Alerts,
    /// Its matches, because it only feeds correlations.
    Matches,
}

/// A local day of the logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970-01-01.
    pub day: i64,
    /// Events read, repeats counted.
    pub records: u64,
    /// What was found.
    pub found: u64,
}

/// What would have been found with another threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// The threshold: the measure from which on the rule speaks.
    pub threshold: i64,
    /// True for the one the rule has.
    pub is_present: bool,
    /// Alerts over all days.
    pub spread: Spread,
}

/// How a number of findings is spread over days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// All of them.
    pub total: u64,
    /// Number of days.
    pub days: usize,
    /// Twice the median of a day, so that it is whole.
    pub median_twice: u64,
    /// The most of a day.
    pub worst: u64,
}

impl Spread {
    /// Of the findings of each day.
    pub fn of(days: &[Day]) -> Spread {
        let mut found: Vec<u64> = days.iter().map(|d| d.found).collect();
        found.sort_unstable();
        let middle = found.len() / 2;
        let median_twice = match (found.len() % 2, found.get(middle)) {
            (_, None) => 0,
            (1, Some(median)) => median * 2,
            (_, Some(upper)) => upper + found[middle - 1],
        };
        Spread {
            total: found.iter().sum(),
            days: found.len(),
            median_twice,
            worst: found.last().copied().unwrap_or(0),
        }
    }

    /// Findings a day on average.
    pub fn mean(&self) -> f64 {
        self.total as f64 / self.days.max(1) as f64
    }

    /// The median of a day.
    pub fn median(&self) -> f64 {
        self.median_twice as f64 / 2.0
    }
}

impl Trial {
    /// How its findings are spread over the days.
    pub fn spread(&self) -> Spread {
        Spread::of(&self.days)
    }

    /// The first day on which most was found; `None` when nothing was.
    pub fn worst(&self) -> Option<Day> {
        let worst = self.spread().worst;
        let of_worst = |day: &&Day| day.found == worst && worst > 0;
        self.days.iter().find(of_worst).copied()
    }
}

#[cfg(test)]
mod tests;
