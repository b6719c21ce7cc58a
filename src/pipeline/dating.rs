//! The reference of an input: the instant against which its times without a year are resolved.
//!
//! Takes what is known of an input (its name, when it was changed, what its records tell); gives
//! the instant, and what the ledger says about it. Never looks into the input.

use std::time::{SystemTime, UNIX_EPOCH};

use super::feed::Task;
use super::reference;
use crate::diagnostic::Text;
use crate::event::{Civil, Instant, NANOS};

/// How long after its file was last changed a record may lie: a day of clock error.
pub(super) const AHEAD: i64 = 24 * 3600 * NANOS;

/// When the last record was written at the latest: when the file was changed, else (stdin) now.
pub(super) fn latest_of(task: &Task, modified: Option<SystemTime>) -> Instant {
    let since = modified.and_then(|m| m.duration_since(UNIX_EPOCH).ok());
    let zone = task.source.zone;
    let changed = since.map(|s| reference(s.as_secs().cast_signed(), s.subsec_nanos(), zone));
    changed.unwrap_or(task.now)
}

/// What year-less times are resolved against: a date in the file's name, else one that its records
/// tell, else its modification time, else (stdin) the time of the run; and what the ledger says
/// about it.
pub(super) fn reference_of(
    task: &Task,
    modified: Option<SystemTime>,
    told: Option<Instant>,
) -> (Instant, Text) {
    let zone = task.source.zone;
    if let Some(year) = task.source.year {
        let note = Text::new(
            format!("times without a year: all of {year}, as told"),
            format!("年のない時刻は、指定によりすべて{year}年としました"),
        );
        return (task.now, note);
    }
    if let Some(day) = date_in(&task.input.name)
        && let Ok(end) = zone.resolve(&Civil {
            hour: 23,
            minute: 59,
            second: 59,
            ..day
        })
    {
        let date = format!("{:04}-{:02}-{:02}", day.year, day.month, day.day);
        let note = Text::new(
            format!("times without a year: by the date in the file's name ({date})"),
            format!("年のない時刻はファイル名の日付（{date}）から補いました"),
        );
        return (end, note);
    }
    let latest = latest_of(task, modified);
    // No record is younger than its file: within the year before that, both say the same.
    if let Some(told) = told.filter(|told| told.nanos < latest.nanos) {
        let date = date_of(&told);
        let note = Text::new(
            format!("times without a year: by the dates that records tell (up to {date})"),
            format!("年のない時刻は、日付のある記録から補いました（{date}まで）"),
        );
        return (told, note);
    }
    match modified {
        Some(_) => {
            let date = date_of(&latest);
            let note = Text::new(
                format!("times without a year: by the file's modification time ({date})"),
                format!("年のない時刻はファイルの更新日（{date}）から補いました"),
            );
            (latest, note)
        }
        None => {
            let date = date_of(&task.now);
            let note = Text::new(
                format!("times without a year: by the time of this run ({date})"),
                format!("年のない時刻は実行した日（{date}）から補いました"),
            );
            (task.now, note)
        }
    }
}

fn date_of(at: &Instant) -> String {
    at.rfc3339().chars().take(10).collect()
}

/// A date in a file's name: eight digits, or year, month and day apart by one sign; else the last
/// day of a month, six digits or apart by one sign.
fn date_in(name: &str) -> Option<Civil> {
    let file = name
        .rsplit(['/', '\\', '!'])
        .next()
        .unwrap_or(name)
        .as_bytes();
    let numbers = (0..file.len())
        .filter(|&start| start == 0 || !file[start - 1].is_ascii_digit())
        .map(|start| &file[start..]);
    let day = numbers.clone().find_map(date_at);
    day.or_else(|| numbers.clone().find_map(month_at))
}

/// The number of so many digits at a place.
fn number_at(text: &[u8], from: usize, length: usize) -> Option<u32> {
    let digits = std::str::from_utf8(text.get(from..from + length)?).ok()?;
    let digits = digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then_some(digits)?;
    digits.parse().ok()
}

/// The last day of the month that a text begins with: `2026-11`, `202611`.
fn month_at(text: &[u8]) -> Option<Civil> {
    let apart = usize::from(matches!(text.get(4), Some(b'-' | b'_' | b'.')));
    let (year, month) = (number_at(text, 0, 4)?, number_at(text, 4 + apart, 2)?);
    let ends = !text.get(6 + apart).is_some_and(u8::is_ascii_digit);
    let last = (28..=31).rev().find_map(|day| midnight(year, month, day));
    last.filter(|_| ends)
}

/// The beginning of a day that a log may be of.
fn midnight(year: u32, month: u32, day: u32) -> Option<Civil> {
    let civil = Civil {
        year: year as i32,
        month,
        day,
        hour: 0,
        minute: 0,
        second: 0,
        nanos: 0,
    };
    ((1990..2100).contains(&year) && civil.seconds().is_ok()).then_some(civil)
}

fn date_at(text: &[u8]) -> Option<Civil> {
    let number = |from: usize, length: usize| number_at(text, from, length);
    let sign = |at: usize| matches!(text.get(at), Some(b'-' | b'_' | b'.'));
    let (year, month, day, end) = if sign(4) && sign(7) {
        (number(0, 4)?, number(5, 2)?, number(8, 2)?, 10)
    } else {
        (number(0, 4)?, number(4, 2)?, number(6, 2)?, 8)
    };
    let ends = !text.get(end).is_some_and(u8::is_ascii_digit);
    midnight(year, month, day).filter(|_| ends)
}

#[cfg(test)]
mod tests {
    use super::date_in;

    #[test]
    fn dates_in_file_names() {
        let day = |name| date_in(name).map(|c| (c.year, c.month, c.day));
        assert_eq!(day("logs/rtx-20261116.log"), Some((2026, 11, 16)));
        assert_eq!(day("ehr_2026-11-16.csv.gz"), Some((2026, 11, 16)));
        assert_eq!(day("20261116/messages"), None);
        assert_eq!(day("a20261316.log"), None);
        assert_eq!(day("id-1202611161.log"), None);
        // A log of a month, as many receivers keep it.
        assert_eq!(day("rtx_202402.log"), Some((2024, 2, 29)));
        assert_eq!(day("rtx-2026-11.log.gz"), Some((2026, 11, 30)));
        assert_eq!(day("202611-rtx-20261105.log"), Some((2026, 11, 5)));
        assert_eq!(day("rtx-202613.log"), None);
        assert_eq!(day("rtx-2026.log"), None);
        assert_eq!(day("rtx-1200.log"), None);
        assert_eq!(day("2026111.log"), None);
    }
}
