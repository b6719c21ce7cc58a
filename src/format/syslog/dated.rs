//! The year of a file whose messages print none, from a record near its beginning that prints one.
//!
//! Takes the beginning of an input; gives the instant against which its times without a year are
//! resolved, or `None` where no line tells a year: a copy of an old log must not become a log of
//! this year. Never looks beyond the beginning, and never at a clock.

use crate::event::{Instant, NANOS, Zone};

use super::scan::enclosed;
use super::time::{self, Clock, Mark, Stamp};
use super::yamaha::INSPECT;

/// Nanoseconds of a day.
const DAY: i64 = 86_400 * NANOS;
/// How long before its end a session may have begun whose message tells both.
const LONGEST_SESSION: i64 = 31 * DAY;
/// The first message may be a day of clock error too late: all others come within the year after
/// it, less that day and the day that [`Clock`] allows.
const WITHIN: i64 = 363 * DAY;

/// The instant that no time without a year of this input lies more than a day after.
pub(super) fn reference(head: &str, zone: Zone) -> Option<Instant> {
    let mut first: Option<Stamp> = None;
    let mut told = None;
    for line in head.lines() {
        if first.is_some() && told.is_some() {
            break;
        }
        let Some((stamp, rest)) = time::read(without_priority(line)) else {
            continue;
        };
        if !stamp.year_printed && first.is_none() {
            first = Some(stamp);
        }
        if told.is_none() {
            told = told_by(&stamp, rest, zone).map(|at| (at, first.is_some()));
        }
    }
    let (at, was_before) = told?;
    // A message before the record that tells its date was not written after it, one behind it not
    // before it.
    let limit = if was_before { at } else { at + WITHIN };
    let begin = resolve(&first?, limit, zone)?;
    zone.at_nanos(i128::from(begin) + i128::from(WITHIN)).ok()
}

/// When a line was written, if it tells the year: in its header, or as the beginning of the
/// session that ended (`… (2026/06/07 18:52:57)`).
fn told_by(stamp: &Stamp, rest: &str, zone: Zone) -> Option<i64> {
    if stamp.year_printed {
        return dated(stamp, zone);
    }
    // Only the router itself writes this at the beginning of its message.
    let (_, text) = rest.trim_start().split_once(' ')?;
    let session = text.trim_start().strip_prefix(INSPECT)?;
    let (_, session) = session.rsplit_once(" (")?;
    let (begin, "") = time::read(session.trim_end().strip_suffix(')')?)? else {
        return None;
    };
    let begin = dated(&begin, zone)?;
    let end = resolve(stamp, begin + LONGEST_SESSION, zone)?;
    (end >= begin - DAY).then_some(end)
}

/// The instant of a time that prints its year, unless its clock was never set.
fn dated(stamp: &Stamp, zone: Zone) -> Option<i64> {
    let clock = Clock::new(zone, zone.at_nanos(0).ok()?, None);
    let trusted = stamp.year_printed && stamp.mark == Mark::None && stamp.civil.year >= 2000;
    let instant = clock.instant(stamp).ok().filter(|at| trusted && at.trusted);
    instant.map(|at| at.nanos)
}

/// The latest instant of a time without a year that lies no more than a day after this one.
fn resolve(stamp: &Stamp, limit: i64, zone: Zone) -> Option<i64> {
    let limit = zone.at_nanos(i128::from(limit)).ok()?;
    let clock = Clock::new(zone, limit, None);
    clock.instant(stamp).ok().map(|at| at.nanos)
}

fn without_priority(line: &str) -> &str {
    let line = line.trim_start();
    enclosed(line, b'<', b'>').map_or(line, |(_, rest)| rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(head: &str) -> Option<String> {
        let reference = reference(head, Zone::tokyo())?;
        Some(reference.rfc3339().chars().take(10).collect())
    }

    #[test]
    fn a_record_that_prints_its_year_dates_those_that_do_not() {
        let inspect = "Jun  7 18:54:52 192.0.2.1  [INSPECT] LAN2[out][101098] TCP 192.0.2.73:54791 > \
                       203.0.113.13:443 (2023/06/07 18:52:57)\n";
        // 363 days after the first time without a year.
        for (head, to) in [
            (inspect.to_owned(), Some("2024-06-04")),
            (
                format!("<13>May  1 00:00:00 gw a: b\n{inspect}"),
                Some("2024-04-28"),
            ),
            (
                "Dec 31 23:59:58 gw a: b\n2026-01-01T00:00:05+09:00 gw a: b\n".to_owned(),
                Some("2026-12-29"),
            ),
            (
                "2025-12-31T23:00:00+09:00 gw a: b\nJan  1 00:00:05 gw a: b\n".to_owned(),
                Some("2026-12-30"),
            ),
            // The session began in the old year.
            (
                "Jan  1 00:00:52 gw  [INSPECT] LAN2[in][1] TCP a > b (2023/12/31 23:52:57)\n"
                    .to_owned(),
                Some("2024-12-29"),
            ),
        ] {
            assert_eq!(told(&head).as_deref(), to, "{head}");
        }
    }

    #[test]
    fn what_tells_no_year_is_left_to_the_file() {
        for head in [
            "",
            "Jun  7 18:54:52 gw a: b\n",
            "2026-06-07T18:54:52+09:00 gw a: b\n",
            // A clock that was never set, and a date that is none of the record's.
            "Jun  7 18:54:52 gw a: b\n1980/01/01 09:00:00: Login succeeded for Serial\n",
            "Jun  7 18:54:52 gw app: backup of [INSPECT] (2023/06/07 18:00:00)\n",
            "Jun  7 18:54:52 gw  [INSPECT] LAN2[in][1] TCP a > b (2019/01/01 00:00:00)\n",
            "Jun  7 18:54:52 gw app: starts (2023/06/07 18:52:57) again\n",
        ] {
            assert_eq!(told(head), None, "{head}");
        }
    }
}
