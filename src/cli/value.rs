//! The small words people write in arguments and in the config: sizes, durations, times, zones,
//! encodings.
//!
//! Takes one word; gives its meaning or a message in both languages that shows a right form.
//! Never knows which argument or key the word stood in.

use std::fmt;

use crate::diagnostic::{Text, nearest};
use crate::event::{Civil, NANOS, Zone};
use crate::text::{Encoding, EncodingChoice, length_of_time};

/// What is wrong with a word. As an error of the command line it is shown in both languages,
/// because the language is not settled while arguments are being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake(pub(super) Text);

impl Mistake {
    fn new(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Mistake(Text::new(en, ja))
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.0.en, self.0.ja)
    }
}

impl std::error::Error for Mistake {}

/// Splits `400d` into 400 and `d`.
fn number_and_unit(word: &str) -> Option<(u64, &str)> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = word.split_at_checked(digits)?;
    Some((number.parse().ok()?, unit.trim()))
}

/// A size in bytes: `256M`, `1G`, `512KiB`, `1048576`. Units are powers of 1024.
pub(super) fn size(word: &str) -> Result<u64, Mistake> {
    let mistake = || {
        Mistake::new(
            format!("\"{word}\" is not a size: write a number with K, M, G or T, such as 256M"),
            format!(
                "「{word}」は大きさとして読めません。256M のように K・M・G・T を付けてください"
            ),
        )
    };
    let (number, unit) = number_and_unit(word.trim()).ok_or_else(mistake)?;
    let unit = unit.to_ascii_lowercase();
    let shift = match unit
        .strip_suffix("ib")
        .or(unit.strip_suffix('b'))
        .unwrap_or(&unit)
    {
        "" if !unit.starts_with('i') => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        _ => return Err(mistake()),
    };
    number.checked_mul(1 << shift).ok_or_else(mistake)
}

/// A length of time in nanoseconds: `30s`, `10m`, `2h`, `400d`, `1w`.
pub(super) fn duration(word: &str) -> Result<i64, Mistake> {
    let mistake = || {
        Mistake::new(
            format!(
                "\"{word}\" is not a length of time: write a number with s, m, h, d or w, such as 10m"
            ),
            format!(
                "「{word}」は時間の長さとして読めません。10m のように s・m・h・d・w を付けてください"
            ),
        )
    };
    length_of_time(word)
        .and_then(|seconds| seconds.checked_mul(NANOS))
        .ok_or_else(mistake)
}

/// A point in time as the user wrote it; without an offset it is meant in the site's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Nanoseconds since 1970.
    Exact(i64),
    /// A local time.
    Local(Civil),
    /// A whole local day; hour, minute and second are 0.
    Day(Civil),
}

impl Moment {
    /// The first instant meant, nanoseconds since 1970; `None` when it does not exist in the zone.
    pub fn begin(&self, zone: &Zone) -> Option<i64> {
        match self {
            Moment::Exact(nanos) => Some(*nanos),
            Moment::Local(civil) | Moment::Day(civil) => Some(zone.resolve(civil).ok()?.nanos),
        }
    }

    /// The first instant after what is meant: a day ends with its midnight, a time is itself.
    pub fn end(&self, zone: &Zone) -> Option<i64> {
        match self {
            // An hour of 24 is the midnight that ends the day.
            Moment::Day(civil) => Moment::Local(Civil { hour: 24, ..*civil }).begin(zone),
            _ => self.begin(zone),
        }
    }
}

/// A time: `2026-11-16`, `2026-11-16T02:14`, `2026-11-16 02:14:07`, with `Z` or an offset or none.
pub(super) fn moment(word: &str) -> Result<Moment, Mistake> {
    let mistake = || {
        Mistake::new(
            format!(
                "\"{word}\" is not a time: write 2026-11-16, 2026-11-16T02:14 or 2026-11-16T02:14:07+09:00"
            ),
            format!(
                "「{word}」は時刻として読めません。2026-11-16、2026-11-16T02:14、2026-11-16T02:14:07+09:00 のように書いてください"
            ),
        )
    };
    let word = word.trim();
    if let Ok(exact) = chrono::DateTime::parse_from_rfc3339(word) {
        return exact
            .timestamp_nanos_opt()
            .map(Moment::Exact)
            .ok_or_else(mistake);
    }
    let local = [
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ]
    .iter()
    .find_map(|form| chrono::NaiveDateTime::parse_from_str(word, form).ok());
    let day = || {
        chrono::NaiveDate::parse_from_str(word, "%Y-%m-%d")
            .ok()?
            .and_hms_opt(0, 0, 0)
    };
    let meant = match (local, day()) {
        (Some(time), _) => Moment::Local(civil(time)),
        (None, Some(midnight)) => Moment::Day(civil(midnight)),
        (None, None) => return Err(mistake()),
    };
    // Years that an instant cannot hold are refused here, where the word can still be shown.
    let (Moment::Local(parts) | Moment::Day(parts)) = meant else {
        return Ok(meant);
    };
    parts.seconds().map(|_| meant).map_err(|_| mistake())
}

fn civil(time: chrono::NaiveDateTime) -> Civil {
    use chrono::{Datelike as _, Timelike as _};
    Civil {
        year: time.year(),
        month: time.month(),
        day: time.day(),
        hour: time.hour(),
        minute: time.minute(),
        second: time.second(),
        nanos: 0,
    }
}

/// A month: `2026-11`, as year and month.
pub(super) fn month(word: &str) -> Result<(i32, u32), Mistake> {
    match moment(&format!("{word}-01")) {
        Ok(Moment::Day(first)) => Ok((first.year, first.month)),
        _ => Err(Mistake::new(
            format!("\"{word}\" is not a month: write 2026-11"),
            format!("「{word}」は月として読めません。2026-11 のように書いてください"),
        )),
    }
}

/// An ISO week: `2026-W47`, as year and number.
pub(super) fn week(word: &str) -> Result<(i32, u32), Mistake> {
    let parts = word.trim().split_once(['W', 'w']);
    let numbers = parts.and_then(|(year, week)| {
        let is_short = (1..=2).contains(&week.len()) && week.bytes().all(|b| b.is_ascii_digit());
        let year = year.strip_suffix('-').unwrap_or(year);
        let is_year = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
        let numbers = (year.parse().ok()?, week.parse().ok()?);
        let exists = chrono::NaiveDate::from_isoywd_opt(numbers.0, numbers.1, chrono::Weekday::Mon);
        (is_short && is_year && exists.is_some()).then_some(numbers)
    });
    numbers
        .filter(|(year, _)| (1972..=2198).contains(year))
        .ok_or_else(|| {
            Mistake::new(
                format!("\"{word}\" is not a week: write 2026-W47 (ISO 8601)"),
                format!(
                    "「{word}」は週として読めません。2026-W47 のように書いてください（ISO 8601）"
                ),
            )
        })
}

/// A whole local day, counted from 1970-01-01.
pub(super) fn day(word: &str) -> Result<i64, Mistake> {
    match moment(word) {
        Ok(Moment::Day(civil)) => Ok(crate::event::days_from_civil(
            civil.year,
            civil.month,
            civil.day,
        )),
        _ => Err(Mistake::new(
            format!("\"{word}\" is not a day: write 2026-11-16"),
            format!("「{word}」は日付として読めません。2026-11-16 のように書いてください"),
        )),
    }
}

/// A number of records, at least 1, or the word `all`, which the caller has looked for.
pub(super) fn count(word: &str) -> Result<usize, Mistake> {
    word.parse().ok().filter(|n| *n > 0).ok_or_else(|| {
        Mistake::new(
            format!("\"{word}\" is not a number of records: write 1 or more, or all"),
            format!("「{word}」は件数として読めません。1以上の数か all を書いてください"),
        )
    })
}

/// A zone by its IANA name, such as `Asia/Tokyo`.
pub(super) fn zone(word: &str) -> Result<Zone, Mistake> {
    if let Some(zone) = Zone::named(word) {
        return Ok(zone);
    }
    let names = chrono_tz::TZ_VARIANTS.iter().map(|tz| tz.name());
    let meant = match word.to_ascii_uppercase().as_str() {
        "JST" | "TOKYO" => Some("Asia/Tokyo"),
        _ => nearest(word, names),
    }
    .unwrap_or("Asia/Tokyo");
    Err(Mistake::new(
        format!("\"{word}\" is not a time zone: write its IANA name, such as {meant}"),
        format!(
            "「{word}」というタイムゾーンはありません。{meant} のように IANA の名前で書いてください"
        ),
    ))
}

/// An encoding: `auto`, `utf-8`, `cp932`, `euc-jp`, `utf-16`, `utf-16le`, `utf-16be`, and the
/// other names people know them by.
pub(super) fn encoding(word: &str) -> Result<EncodingChoice, Mistake> {
    let named = match word.trim().to_ascii_lowercase().as_str() {
        "auto" => return Ok(EncodingChoice::Auto),
        "utf-16" | "utf16" | "unicode" => return Ok(EncodingChoice::Utf16),
        "utf-8" | "utf8" => Encoding::Utf8,
        "cp932" | "shift_jis" | "shift-jis" | "sjis" | "windows-31j" | "ms932" => Encoding::Cp932,
        "euc-jp" | "eucjp" | "euc" => Encoding::EucJp,
        "utf-16le" => Encoding::Utf16Le,
        "utf-16be" => Encoding::Utf16Be,
        _ => {
            return Err(Mistake::new(
                format!(
                    "\"{word}\" is not an encoding we read: write auto, utf-8, cp932, euc-jp or utf-16"
                ),
                format!(
                    "文字コード「{word}」は扱えません。auto・utf-8・cp932・euc-jp・utf-16 のどれかを書いてください"
                ),
            ));
        }
    };
    Ok(EncodingChoice::Named(named))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_powers_of_1024() {
        let read = |w| size(w).ok();
        assert_eq!(read("256M"), Some(256 << 20));
        assert_eq!(read("1 GiB"), Some(1 << 30));
        assert_eq!(read("10kb"), Some(10 << 10));
        assert_eq!(read("77"), Some(77));
        for wrong in ["", "M", "-1M", "1.5G", "1X", "1iB", "99999999999T", "１M"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(duration("10m"), Ok(600 * NANOS));
        assert_eq!(duration("400d"), Ok(400 * 86_400 * NANOS));
        for wrong in ["", "10", "m", "1y", "999999999w"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_day_begins_and_ends_at_local_midnight() {
        let tokyo = Zone::tokyo();
        let day = moment("2026-11-16").expect("a day");
        let begin = moment("2026-11-15T15:00:00Z").expect("a time");
        assert_eq!(day.begin(&tokyo), begin.begin(&tokyo));
        assert_eq!(
            day.end(&tokyo),
            Some(begin.begin(&tokyo).unwrap() + 86_400 * NANOS)
        );
        let minute = moment("2026-11-16 00:00").expect("a time");
        assert_eq!(minute.end(&tokyo), day.begin(&tokyo));
        // On the day the clocks go forward a day has 23 hours.
        let york = Zone::named("America/New_York").expect("known");
        let short = moment("2026-03-08").expect("a day");
        assert_eq!(
            short.end(&york).unwrap() - short.begin(&york).unwrap(),
            23 * 3_600 * NANOS
        );
        assert_eq!(moment("2026-03-08T02:30").unwrap().begin(&york), None);
    }

    #[test]
    fn what_is_no_time_is_refused_with_a_right_form() {
        for wrong in [
            "",
            "yesterday",
            "2026-02-30",
            "2026-11-16T25:00",
            "9999-01-01",
            "11/16",
        ] {
            let mistake = moment(wrong).expect_err(wrong);
            assert!(mistake.to_string().contains("2026-11-16T02:14"));
        }
    }

    #[test]
    fn weeks_are_those_that_exist() {
        assert_eq!(week("2026-W47"), Ok((2026, 47)));
        assert_eq!(week("2026w01"), Ok((2026, 1)));
        assert_eq!(week("2020-W53"), Ok((2020, 53)));
        for wrong in [
            "2021-W53", "2026-W0", "2026-47", "26-W47", "W47", "2026-W+7", "１-W1", "",
        ] {
            assert!(week(wrong).is_err(), "{wrong}");
        }
        assert_eq!(day("1970-01-02"), Ok(1));
        assert!(day("2026-11-16T10:00").is_err());
    }

    #[test]
    fn zones_and_encodings_suggest_what_was_meant() {
        assert!(zone("Asia/Tokio").unwrap_err().0.en.contains("Asia/Tokyo"));
        assert!(zone("JST").unwrap_err().0.ja.contains("Asia/Tokyo"));
        assert!(zone("Nowhere").is_err());
        assert_eq!(
            encoding("Shift_JIS"),
            Ok(EncodingChoice::Named(Encoding::Cp932))
        );
        assert!(encoding("latin1").is_err());
    }

    #[test]
    fn a_told_encoding_still_knows_its_byte_order_mark() {
        let decided = EncodingChoice::Utf16.decide(b"\xfe\xff\0a");
        assert_eq!((decided.encoding, decided.bom), (Encoding::Utf16Be, 2));
        let decided = EncodingChoice::Utf16.decide(b"a\0");
        assert_eq!((decided.encoding, decided.bom), (Encoding::Utf16Le, 0));
        let decided = EncodingChoice::Named(Encoding::Utf8).decide(b"\xef\xbb\xbfa");
        assert_eq!(decided.bom, 3);
        assert_eq!(EncodingChoice::Named(Encoding::Cp932).decide(b"a").bom, 0);
    }
}
