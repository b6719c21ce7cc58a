//! The hour of an event on the site's clock, and what the calendar says of it.
//!
//! Takes instants; gives hours, and verdicts where no account or terminal decides which calendar
//! holds. Remembers the last answer while it holds.

use std::ops::Range;

use crate::calendar::{Assignee, Band, CalendarId, Calendars, Verdict};
use crate::enrich::Enriched;
use crate::event::{Field, Instant, NANOS, Zone};
use crate::store::counts::Kind;

use super::Plan;

/// Zones change their clocks at quarters of an hour of UTC.
const QUARTER: i64 = 900 * NANOS;

pub(super) struct Clock {
    site: Zone,
    /// The calendar of nobody in particular.
    of_all: CalendarId,
    /// True when that calendar holds for everybody.
    is_only: bool,
    may_explain: bool,
    /// The quarter of an hour whose local hour is known, and that hour's beginning in it.
    quarter: Option<(i64, i64)>,
    /// Local hour of the last instant.
    hour: i64,
    judged: Option<(Range<i64>, Kind)>,
}

impl Clock {
    pub(super) fn new(plan: Plan<'_>) -> Clock {
        let calendars = plan.house.calendars;
        Clock {
            site: plan.site,
            of_all: calendars.assigned(&Assignee::default()).0,
            is_only: calendars.ids().count() == 1,
            may_explain: calendars.has_rosters() || plan.house.registers.has_declarations(),
            quarter: None,
            hour: 0,
            judged: None,
        }
    }

    /// Hours of the site's clock since 1970-01-01T00:00 there.
    #[inline]
    pub(super) fn hour(&mut self, nanos: i64) -> i64 {
        let quarter = nanos.div_euclid(QUARTER);
        if self.quarter.is_none_or(|(known, _)| known != quarter) {
            let offset = i64::from(self.site.offset_at(quarter.saturating_mul(QUARTER)));
            self.quarter = Some((quarter, offset));
        }
        let offset = self.quarter.map_or(0, |(_, offset)| offset);
        self.hour = (nanos.div_euclid(NANOS) + offset).div_euclid(3_600);
        self.hour
    }

    /// The local day of the instant whose hour was told last.
    pub(super) fn day(&self) -> i64 {
        self.hour.div_euclid(24)
    }

    /// True when a roster or a declaration may explain an event.
    pub(super) fn may_explain(&self) -> bool {
        self.may_explain
    }

    /// What the calendar of nobody in particular says.
    #[inline]
    pub(super) fn of_site(&mut self, calendars: &Calendars, time: Instant) -> Kind {
        if !time.trusted {
            return Kind::untrusted();
        }
        match &self.judged {
            Some((valid, kind)) if valid.contains(&time.nanos) => *kind,
            _ => {
                let judgement = calendars.judge(self.of_all, time.nanos);
                let kind = Kind::of(judgement.verdict, judgement.band);
                self.judged = Some((judgement.valid, kind));
                kind
            }
        }
    }

    /// What every calendar says; `None` when the event decides which one holds.
    #[inline]
    pub(super) fn of_all(&mut self, calendars: &Calendars, time: Instant) -> Option<Kind> {
        (self.is_only || !time.trusted).then(|| self.of_site(calendars, time))
    }
}

/// What the calendar of an event says.
pub(super) fn of_event(enriched: &mut Enriched<'_, '_>) -> Kind {
    let band = match enriched.get(Field::CalendarBand) {
        Some("after_hours") => Some(Band::AfterHours),
        Some("holiday") => Some(Band::Holiday),
        Some("late_night") => Some(Band::LateNight),
        _ => None,
    };
    match enriched.get(Field::CalendarVerdict) {
        Some("open") => Kind::of(Verdict::Open, band),
        Some("grace") => Kind::of(Verdict::Grace, band),
        Some("closed") => Kind::of(Verdict::Closed, band),
        _ => Kind::untrusted(),
    }
}
