//! What observations over time ask of the house: its hours, and which sources should be heard of.
//!
//! Takes calendars and expectations; gives whether the site is open at an instant and until when,
//! and what is expected of a source. Whose record it is does not matter here: a source has no
//! department, so the calendar of nobody in particular decides.

use std::collections::{BTreeSet, HashMap};

use chrono_tz::Tz;
use foldhash::fast::FixedState;

use crate::calendar::{Assignee, CalendarId, Calendars, Verdict};
use crate::detect::{Draft, Noted, RuleIndex, Site};
use crate::enrich::House;
use crate::register::Expectation;
use crate::rule::Observed;

use super::Plan;
use super::judge::hash_value;

/// The house as observations know it.
pub(super) struct SiteKnown<'c> {
    calendars: &'c Calendars,
    of_all: CalendarId,
    /// By the hash of the name of the source.
    expected: HashMap<u64, Expectation, FixedState>,
}

impl<'c> SiteKnown<'c> {
    pub(super) fn of(house: House<'c>) -> SiteKnown<'c> {
        let expected = house.registers.expectations().iter();
        SiteKnown::new(house.calendars, expected.map(|(n, how)| (n.as_str(), *how)))
    }

    /// With what is expected of sources, by their names.
    pub(super) fn new<'n>(
        calendars: &'c Calendars,
        expected: impl Iterator<Item = (&'n str, Expectation)>,
    ) -> SiteKnown<'c> {
        let (of_all, _) = calendars.assigned(&Assignee::default());
        SiteKnown {
            calendars,
            of_all,
            expected: expected.map(|(n, how)| (hash_value(n), how)).collect(),
        }
    }
}

impl Site for SiteKnown<'_> {
    /// Grace belongs to neither side: nobody has to work then.
    fn opens(&self, nanos: i64) -> (bool, i64) {
        let judgement = self.calendars.judge(self.of_all, nanos);
        (judgement.verdict == Verdict::Open, judgement.valid.end)
    }

    fn expects(&self, source: u64) -> Option<Expectation> {
        self.expected.get(&source).copied()
    }
}

/// The sources that are not heard of at the end of the records, by name.
pub(super) fn unheard(plan: Plan<'_>, drafts: &[Draft]) -> Vec<String> {
    let is_unheard = |draft: &&Draft| match draft.rule {
        RuleIndex::Detection(at) => {
            let observe = plan.rules.detections[at].observe.as_ref();
            let lasts = matches!(draft.noted, Some(Noted::Silent { lasting: true, .. }));
            lasts && observe.is_some_and(|observe| observe.kind == Observed::Unheard)
        }
        RuleIndex::Correlation(_) => false,
    };
    let silent = drafts.iter().filter(is_unheard);
    let silent: BTreeSet<u64> = silent.filter_map(|d| d.key.first().copied()).collect();
    let names = plan.house.registers.expectations().keys();
    let named = names.filter(|name| silent.contains(&hash_value(name)));
    named.cloned().collect()
}

/// The hours of the tests inside rules, which must not hang on a site: those that are assumed
/// without a calendar, on the wall of the test's offset in seconds.
pub(super) fn of_tests(offset: i32) -> Calendars {
    let whole = offset.div_euclid(3_600);
    let name = match whole {
        9 => "Asia/Tokyo".to_owned(),
        // These names count to the west.
        _ => format!("Etc/GMT{:+}", -whole),
    };
    Calendars::assumed(name.parse().unwrap_or(Tz::UTC))
}
