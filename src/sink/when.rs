//! Times as people read them: the site's clock, the site's words.
//!
//! Takes instants and a zone; gives text in Japanese or English. Never reads a clock.

use chrono::{DateTime, Datelike as _, FixedOffset, Offset as _, Timelike as _, Utc};

use crate::diagnostic::Lang;
use crate::event::{Zone, rfc3339};

use super::Reader;

const DAYS_JA: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];

/// RFC 3339 in the offset the zone has at that instant.
pub fn exact(nanos: i64, zone: &Zone) -> String {
    rfc3339(nanos, zone.offset_at(nanos))
}

/// The site's clock at an instant.
pub(super) fn local(nanos: i64, zone: &Zone) -> DateTime<FixedOffset> {
    let offset = FixedOffset::east_opt(zone.offset_at(nanos)).unwrap_or_else(|| Utc.fix());
    DateTime::from_timestamp_nanos(nanos).with_timezone(&offset)
}

/// `2026-11-16 02:14:07`: what a spreadsheet takes for a time.
pub(super) fn spreadsheet(nanos: i64, zone: &Zone) -> String {
    local(nanos, zone).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A span: `2026/11/16（月）2:14〜2:31`, `Mon 2026-11-16 02:14–02:31`; the second day is named
/// only when it is another one, and a span within one minute is a point.
pub fn span(start: i64, end: i64, reader: &Reader) -> String {
    let (from, to) = (local(start, &reader.zone), local(end, &reader.zone));
    let first = format!("{}{}", day(&from, reader.lang), minute(&from, reader.lang));
    let same_day = from.date_naive() == to.date_naive();
    let same_minute = (from.hour(), from.minute()) == (to.hour(), to.minute());
    match (reader.lang, same_day) {
        (_, true) if same_minute => first,
        (Lang::Ja, true) => format!("{first}〜{}", minute(&to, Lang::Ja)),
        (Lang::En, true) => format!("{first}–{}", minute(&to, Lang::En)),
        (Lang::Ja, false) => format!("{first}〜{}{}", day(&to, Lang::Ja), minute(&to, Lang::Ja)),
        (Lang::En, false) => format!("{first} – {}{}", day(&to, Lang::En), minute(&to, Lang::En)),
    }
}

/// `2026-11-16` of a day counted from 1970-01-01; the number itself where no calendar reaches.
pub(super) fn day_of(days: i64) -> String {
    i32::try_from(days)
        .ok()
        .and_then(chrono::NaiveDate::from_epoch_days)
        .map_or_else(|| days.to_string(), |day| day.to_string())
}

/// The weekday of a day counted from 1970-01-01, short.
pub(super) fn weekday_of(days: i64, lang: Lang) -> &'static str {
    // That day was a Thursday.
    let at = (days + 3).rem_euclid(7) as usize;
    match lang {
        Lang::Ja => DAYS_JA[at],
        Lang::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][at],
    }
}

fn day(time: &DateTime<FixedOffset>, lang: Lang) -> String {
    match lang {
        Lang::Ja => {
            let word = DAYS_JA[time.weekday().num_days_from_monday() as usize];
            format!("{}/{}/{}（{word}）", time.year(), time.month(), time.day())
        }
        Lang::En => time.format("%a %Y-%m-%d ").to_string(),
    }
}

fn minute(time: &DateTime<FixedOffset>, lang: Lang) -> String {
    match lang {
        Lang::Ja => format!("{}:{:02}", time.hour(), time.minute()),
        Lang::En => time.format("%H:%M").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::NANOS;

    #[test]
    fn spans_name_what_differs() {
        let start = 1_794_762_847 * NANOS; // 2026-11-16T02:14:07+09:00
        let ja = Reader {
            lang: Lang::Ja,
            zone: Zone::tokyo(),
        };
        let en = Reader {
            lang: Lang::En,
            ..ja
        };
        assert_eq!(span(start, start, &ja), "2026/11/16（月）2:14");
        assert_eq!(
            span(start, start + 1_020 * NANOS, &ja),
            "2026/11/16（月）2:14〜2:31"
        );
        assert_eq!(
            span(start, start + 1_020 * NANOS, &en),
            "Mon 2026-11-16 02:14–02:31"
        );
        let next = start + 86_400 * NANOS;
        assert_eq!(
            span(start, next, &ja),
            "2026/11/16（月）2:14〜2026/11/17（火）2:14"
        );
        assert_eq!(
            span(start, next, &en),
            "Mon 2026-11-16 02:14 – Tue 2026-11-17 02:14"
        );
    }
}
