//! The hours that observations over time are judged by.
//!
//! Takes calendars; gives whether the site is open at an instant and until when. Whose record it
//! is does not matter here: a source has no department, so the calendar of nobody in particular
//! decides.

use chrono_tz::Tz;

use crate::calendar::{Assignee, CalendarId, Calendars, Verdict};

/// The hours of the site.
pub(super) struct SiteHours<'c> {
    calendars: &'c Calendars,
    of_all: CalendarId,
}

impl<'c> SiteHours<'c> {
    pub(super) fn new(calendars: &'c Calendars) -> SiteHours<'c> {
        let (of_all, _) = calendars.assigned(&Assignee::default());
        SiteHours { calendars, of_all }
    }

    /// True when the site is open at an instant, and until when the answer holds; nanoseconds since
    /// 1970. Grace belongs to neither side: nobody has to work then.
    pub(super) fn at(&self, nanos: i64) -> (bool, i64) {
        let judgement = self.calendars.judge(self.of_all, nanos);
        (judgement.verdict == Verdict::Open, judgement.valid.end)
    }
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
