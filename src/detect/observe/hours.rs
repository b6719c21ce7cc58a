//! The site's hours, as observations count them.
//!
//! Takes a site that tells whether it is open; gives the open time between two instants
//! and the kind of a day. What was asked once is kept, one entry an open span.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::super::Settings;
use super::Site;

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400;

/// Open time from some first instant on.
pub(super) struct OpenTime<'s> {
    site: &'s dyn Site,
    /// Open spans in order, each with the open time before it.
    spans: Vec<(i64, i64, i64)>,
    /// All before this instant is in `spans`; from where on, once the first was asked for.
    known: Option<(i64, i64)>,
}

impl<'s> OpenTime<'s> {
    pub(super) fn new(settings: &Settings<'s>) -> OpenTime<'s> {
        OpenTime {
            site: settings.observing.site,
            spans: Vec::new(),
            known: None,
        }
    }

    /// Nanoseconds of open time between two instants. No instant may lie before the first that was
    /// ever asked for.
    pub(super) fn between(&mut self, from: i64, to: i64) -> i64 {
        self.learn(from, to);
        self.before(to) - self.before(from)
    }

    /// Asks for the spans up to an instant.
    fn learn(&mut self, from: i64, to: i64) {
        let (_, mut at) = *self.known.get_or_insert((from, from));
        while at < to {
            let (open, until) = self.site.opens(at);
            // An answer that goes nowhere would never come to an end.
            let until = until.max(at.saturating_add(1));
            if open {
                let before = self.spans.last().map_or(0, |(a, b, sum)| sum + (b - a));
                match self.spans.last_mut() {
                    Some(last) if last.1 == at => last.1 = until,
                    _ => self.spans.push((at, until, before)),
                }
            }
            at = until;
        }
        if let Some(known) = &mut self.known {
            known.1 = known.1.max(at);
        }
    }

    /// Open time from the first instant to this one.
    fn before(&self, instant: i64) -> i64 {
        let behind = self.spans.partition_point(|(from, ..)| *from < instant);
        match behind.checked_sub(1).map(|at| self.spans[at]) {
            Some((from, to, sum)) => sum + (instant.min(to) - from),
            None => 0,
        }
    }
}

/// Which local days are business days: those on which the site opens.
pub(super) struct BusinessDays<'s> {
    settings: Settings<'s>,
    known: HashMap<i64, bool, FixedState>,
}

impl<'s> BusinessDays<'s> {
    pub(super) fn new(settings: &Settings<'s>) -> BusinessDays<'s> {
        BusinessDays {
            settings: *settings,
            known: HashMap::default(),
        }
    }

    /// True when the site opens on a local day, counted since 1970.
    pub(super) fn holds(&mut self, day: i64) -> bool {
        if let Some(known) = self.known.get(&day) {
            return *known;
        }
        let (mut at, end) = (self.midnight(day), self.midnight(day + 1));
        let mut opens = false;
        while at < end && !opens {
            let (open, until) = self.settings.observing.site.opens(at);
            opens = open;
            at = until.max(at.saturating_add(1));
        }
        self.known.insert(day, opens);
        opens
    }

    /// The instant at which a local day begins.
    fn midnight(&self, day: i64) -> i64 {
        let wall = day.saturating_mul(DAY * SECOND);
        let offset = (self.settings.offset_at)(wall);
        let near = wall.saturating_sub(i64::from(offset) * SECOND);
        // The offset is that of the midnight itself, not of the same time in Greenwich.
        wall.saturating_sub(i64::from((self.settings.offset_at)(near)) * SECOND)
    }
}
