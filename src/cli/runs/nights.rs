//! Nights without a run.
//!
//! Takes the entries and the site's zone; gives the days between the first and the last run on
//! which none began. Never asks what day it is: the last run is told, and people know today.

use std::collections::BTreeSet;

use crate::event::{NANOS, Zone};
use crate::store::Entry;

/// Nanoseconds of a day.
const DAY: i64 = 86_400 * NANOS;

/// The days on which logs were read, and those between them on which none were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Nights {
    /// First and last day with a run, counted from 1970-01-01.
    pub(super) span: Option<(i64, i64)>,
    /// Stretches of days without a run, each with its first and last day.
    pub(super) missing: Vec<(i64, i64)>,
}

impl Nights {
    /// Of the runs that read logs. A live one covers all days until its end.
    pub(super) fn of<'e>(entries: impl Iterator<Item = &'e Entry>, zone: &Zone) -> Nights {
        let mut covered: BTreeSet<(i64, i64)> = BTreeSet::new();
        for entry in entries {
            let first = day(entry.began, zone);
            match entry.command.as_str() {
                "scan" => covered.insert((first, first)),
                "watch" => covered.insert((first, day(entry.ended, zone).max(first))),
                _ => false,
            };
        }
        let mut nights = Nights::default();
        for (first, last) in covered {
            match &mut nights.span {
                None => nights.span = Some((first, last)),
                Some((_, until)) => {
                    if first > *until + 1 {
                        nights.missing.push((*until + 1, first - 1));
                    }
                    *until = (*until).max(last);
                }
            }
        }
        nights
    }

    /// Number of days without a run.
    pub(super) fn count(&self) -> i64 {
        self.missing
            .iter()
            .map(|(first, last)| last - first + 1)
            .sum()
    }
}

/// The local day of an instant, counted from 1970-01-01.
fn day(nanos: i64, zone: &Zone) -> i64 {
    let offset = i64::from(zone.offset_at(nanos));
    (nanos.div_euclid(NANOS) + offset).div_euclid(DAY / NANOS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(command: &str, began: i64, ended: i64) -> Entry {
        Entry {
            command: command.to_owned(),
            version: String::new(),
            began,
            ended,
            plan: Vec::new(),
            inputs: Vec::new(),
            alerts: (0, 0, 0),
            alerts_digest: String::new(),
            note: String::new(),
        }
    }

    #[test]
    fn days_between_runs_are_those_of_the_site() {
        // 20:00 UTC is the next day in Tokyo.
        let at = |day: i64, hour: i64| day * DAY + hour * 3_600 * NANOS;
        let runs = [
            entry("scan", at(9, 20), at(9, 20)),
            entry("scan", at(11, 1), at(11, 1)),
            entry("alerts close", at(12, 1), at(12, 1)),
            entry("scan", at(14, 1), at(14, 1)),
            entry("scan", at(14, 2), at(14, 2)),
            entry("watch", at(16, 1), at(19, 1)),
            entry("scan", at(17, 1), at(17, 1)),
            entry("scan", at(20, 1), at(20, 1)),
        ];
        let nights = Nights::of(runs.iter(), &Zone::tokyo());
        assert_eq!(nights.span, Some((10, 20)));
        assert_eq!(nights.missing, [(12, 13), (15, 15)]);
        assert_eq!(nights.count(), 3);
        let none = Nights::of(runs[2..3].iter(), &Zone::tokyo());
        assert_eq!(none, Nights::default());
    }

    #[test]
    fn instants_at_the_edges_are_borne() {
        let runs = [
            entry("scan", i64::MIN, 0),
            entry("watch", i64::MAX, i64::MIN),
        ];
        assert_eq!(Nights::of(runs.iter(), &Zone::tokyo()).missing.len(), 1);
    }
}
