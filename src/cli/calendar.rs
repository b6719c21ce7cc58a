//! `yomawari calendar`: what the calendar says, so that an officer can check it.
//!
//! Takes calendars and what was asked; writes lines to the output given. Never reads arguments
//! and never opens a file.

use std::io;

use chrono::{DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use serde_json::json;

use crate::calendar::{self, CalendarId, Calendars, Judgement, LAST_ANNOUNCED_YEAR, MonthDay};
use crate::diagnostic::{Lang, Problem};
use crate::text;

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
    /// For spreadsheets.
    Csv,
}

/// Reads an instant: RFC 3339 with an offset or `Z`, or without one on the wall of `zone`; the
/// seconds may be left out, and a space may stand for the `T`.
pub fn instant(written: &str, zone: Tz) -> Result<i64, Problem> {
    let text = text::fold_width(written.trim())
        .replace(' ', "T")
        .replace('/', "-");
    let not_a_time = || {
        Problem::error(
            format!("\"{}\" is not a time", text::one_line(written)),
            format!("「{}」は日時として読めません", text::one_line(written)),
        )
        .help(
            "write 2026-11-16T02:14:07+09:00, or 2026-11-16T02:14 in the calendar's zone",
            "2026-11-16T02:14:07+09:00、またはカレンダーのタイムゾーンで 2026-11-16T02:14 と書いてください",
        )
    };
    let full = DateTime::parse_from_rfc3339(&text).or_else(|_| {
        // Without seconds, as people write it.
        DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M%:z")
    });
    if let Ok(time) = full {
        return time.timestamp_nanos_opt().ok_or_else(not_a_time);
    }
    let local = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M"))
        .map_err(|_| not_a_time())?;
    match zone.from_local_datetime(&local) {
        // Of a reading that occurs twice the first: both get the same verdict.
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => {
            time.timestamp_nanos_opt().ok_or_else(not_a_time)
        }
        LocalResult::None => Err(Problem::error(
            format!("the clock of {} never reads {local}", zone.name()),
            format!("{} の時計は {local} を指しません", zone.name()),
        )
        .help(
            "the clock jumps forward there; write the time with an offset",
            "時計が進む時間帯です。時差を付けて書いてください",
        )),
    }
}

/// `calendar check`: one line for each instant, nanoseconds since 1970.
pub fn check(
    (calendars, id): (&Calendars, CalendarId),
    at: &[i64],
    shape: Shape,
    lang: Lang,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let zone = calendars.zone(id);
    if shape == Shape::Csv {
        writeln!(out, "time,verdict,band,reason,at")?;
    }
    for nanos in at {
        let answer = calendars.judge(id, *nanos);
        let time = DateTime::from_timestamp_nanos(*nanos).with_timezone(&zone);
        let time = time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, zone == Tz::UTC);
        let place = answer
            .at
            .as_ref()
            .map(|place| format!("{}:{}", place.file, place.line));
        match shape {
            Shape::Json => {
                let line = json!({
                    "time": time,
                    "verdict": answer.verdict.name(),
                    "band": answer.band.map(calendar::Band::name),
                    "reason": &*answer.reason,
                    "at": place,
                });
                writeln!(out, "{line}")?;
            }
            Shape::Csv => {
                let band = answer.band.map_or("", calendar::Band::name);
                let place = place.unwrap_or_default();
                write_row(
                    out,
                    &[&time, answer.verdict.name(), band, &answer.reason, &place],
                )?;
            }
            Shape::Text => writeln!(out, "{}", sentence(&time, &answer, place, lang))?,
        }
    }
    Ok(())
}

/// An answer as people read it: time, verdict, band, reason, place.
fn sentence(time: &str, answer: &Judgement, place: Option<String>, lang: Lang) -> String {
    use calendar::{Band, Verdict};
    let verdict = match (answer.verdict, lang) {
        (Verdict::Open, Lang::Ja) => "時間内",
        (Verdict::Grace, Lang::Ja) => "猶予内",
        (Verdict::Closed, Lang::Ja) => "時間外",
        (verdict, Lang::En) => verdict.name(),
    };
    let band = match (answer.band, lang) {
        (None, _) => "-",
        (Some(Band::AfterHours), Lang::Ja) => "加算区分:時間外",
        (Some(Band::Holiday), Lang::Ja) => "加算区分:休日",
        (Some(Band::LateNight), Lang::Ja) => "加算区分:深夜",
        (Some(band), Lang::En) => band.name(),
    };
    let reason = text::one_line(&answer.reason);
    match place {
        Some(place) => format!("{time}  {verdict}  {band}  {reason}  ({place})"),
        None => format!("{time}  {verdict}  {band}  {reason}"),
    }
}

/// `calendar holidays`: the holidays of Japan in these years, both included, as CSV.
pub fn holidays(
    from: i32,
    to: i32,
    lang: Lang,
    out: &mut dyn io::Write,
) -> io::Result<Option<String>> {
    writeln!(out, "date,name_ja,name_en")?;
    let first = NaiveDate::from_ymd_opt(from, 1, 1);
    let dates = first.into_iter().flat_map(|date| date.iter_days());
    for date in dates.take_while(|date| date.year() <= to) {
        if let Some(holiday) = calendar::holiday(date) {
            write_row(out, &[&date.to_string(), holiday.ja, holiday.en])?;
        }
    }
    Ok((to > LAST_ANNOUNCED_YEAR)
        .then(|| not_announced(from.max(LAST_ANNOUNCED_YEAR + 1), to, lang)))
}

/// The remark on years whose holidays are not yet in the gazette; the caller shows it beside the
/// output, not in it.
pub fn not_announced(from: i32, to: i32, lang: Lang) -> String {
    let years = if from >= to {
        to.to_string()
    } else {
        format!("{from}–{to}")
    };
    match lang {
        Lang::En => format!("holidays of {years} are computed, not announced"),
        Lang::Ja => format!("{years} 年の祝日は計算によるもので、まだ官報で公示されていません"),
    }
}

/// `calendar show`: a month, one row a day, to be compared with the paper on the wall.
pub fn show(
    (calendars, id): (&Calendars, CalendarId),
    (year, month): (i32, u32),
    shape: Shape,
    lang: Lang,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let days = calendars.month(id, year, month);
    match shape {
        Shape::Csv => {
            writeln!(out, "date,weekday,holiday,hours,line,at")?;
            for day in &days {
                let [date, weekday, holiday, hours, line, at] = cells(day, lang);
                write_row(out, &[&date, &weekday, &holiday, &hours, &line, &at])?;
            }
            Ok(())
        }
        Shape::Json => {
            for day in &days {
                let [date, weekday, holiday, hours, line, at] = cells(day, lang);
                let line = json!({
                    "date": date, "weekday": weekday, "holiday": holiday,
                    "hours": hours, "line": line, "at": at,
                });
                writeln!(out, "{line}")?;
            }
            Ok(())
        }
        Shape::Text => {
            let name = text::one_line(calendars.name(id)).into_owned();
            writeln!(
                out,
                "{name}  {year}-{month:02}  {}",
                calendars.zone(id).name()
            )?;
            let rows: Vec<[String; 6]> = days.iter().map(|day| cells(day, lang)).collect();
            write_columns(&rows, out)
        }
    }
}

/// Date, weekday, holiday, hours, line, place.
fn cells(day: &MonthDay, lang: Lang) -> [String; 6] {
    const JA: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
    const EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let index = day.date.weekday().num_days_from_monday() as usize;
    let (weekday, closed) = match lang {
        Lang::Ja => (JA[index], "休診"),
        Lang::En => (EN[index], "closed"),
    };
    let holiday = day.holiday.as_ref().map_or("", |name| name.get(lang));
    let hours = if day.spans.is_empty() {
        closed
    } else {
        &day.spans
    };
    let place = day
        .at
        .as_ref()
        .map(|place| format!("{}:{}", place.file, place.line));
    [
        day.date.to_string(),
        weekday.to_owned(),
        text::one_line(holiday).into_owned(),
        hours.to_owned(),
        text::one_line(&day.reason).into_owned(),
        place.unwrap_or_default(),
    ]
}

/// Rows in columns as wide as a terminal shows them.
fn write_columns(rows: &[[String; 6]], out: &mut dyn io::Write) -> io::Result<()> {
    use unicode_width::UnicodeWidthStr as _;
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].width())
            .max()
            .unwrap_or(0)
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width() + 2));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// A CSV row that no spreadsheet takes for a formula.
fn write_row(out: &mut dyn io::Write, cells: &[&str]) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let safe = cells.iter().map(|cell| text::csv_safe(cell));
    writer.write_record(safe.map(|cell| cell.into_owned()))?;
    let row = writer
        .into_inner()
        .map_err(|error| io::Error::other(error.to_string()))?;
    out.write_all(&row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Complaints;
    use crate::yaml;

    const HOUSE: &str = "holidays: JP
calendars:
  clinic:
    name: 内科
    hours:
      - 月〜金 08:30-18:00
      - 土 08:30-12:00
      - 祝 休診
";

    fn clinic() -> Calendars {
        let mut complaints = Complaints::new();
        let nodes = yaml::read("calendar.yaml", HOUSE, &mut complaints);
        let load = |_: &str| Err(io::ErrorKind::NotFound.into());
        Calendars::read(&nodes[0], &load, &mut complaints).expect("it has no errors")
    }

    fn written(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).expect("a vector takes everything");
        String::from_utf8(out).expect("text is UTF-8")
    }

    #[test]
    fn check_in_all_shapes() {
        let calendars = clinic();
        let tokyo = Tz::Asia__Tokyo;
        let times = [
            "2026-11-16T02:14:07+09:00",
            "2026-11-16 09:00",
            "2026/11/14 20:00:00",
        ];
        let at: Vec<i64> = times
            .iter()
            .map(|t| instant(t, tokyo).expect("a time"))
            .collect();
        let house = (&calendars, CalendarId(0));
        let shown = |shape, lang| written(|out| check(house, &at, shape, lang, out));
        assert_eq!(
            shown(Shape::Json, Lang::En),
            r#"{"time":"2026-11-16T02:14:07+09:00","verdict":"closed","band":"late_night","reason":"月〜金 08:30-18:00","at":"calendar.yaml:6"}
{"time":"2026-11-16T09:00:00+09:00","verdict":"open","band":null,"reason":"月〜金 08:30-18:00","at":"calendar.yaml:6"}
{"time":"2026-11-14T20:00:00+09:00","verdict":"closed","band":"after_hours","reason":"土 08:30-12:00","at":"calendar.yaml:7"}
"#
        );
        assert_eq!(
            shown(Shape::Text, Lang::Ja).lines().next(),
            Some(
                "2026-11-16T02:14:07+09:00  時間外  加算区分:深夜  月〜金 08:30-18:00  (calendar.yaml:6)"
            )
        );
        assert_eq!(
            shown(Shape::Csv, Lang::En).lines().nth(2),
            Some("2026-11-16T09:00:00+09:00,open,,月〜金 08:30-18:00,calendar.yaml:6")
        );
    }

    #[test]
    fn instants_in_a_zone_and_none() {
        let new_york = Tz::America__New_York;
        let utc = |t| instant(t, new_york).map(|n| n / 1_000_000_000);
        assert_eq!(utc("2025-03-09T01:59:59"), Ok(1_741_503_599));
        assert_eq!(utc("2025-03-09T07:00:00Z"), Ok(1_741_503_600));
        assert!(utc("2025-03-09T02:30").is_err());
        assert!(utc("yesterday").is_err() && utc("").is_err());
    }

    #[test]
    fn a_month_in_both_languages() {
        let calendars = clinic();
        let house = (&calendars, CalendarId(0));
        let shown = |shape, lang| written(|out| show(house, (2026, 11), shape, lang, out));
        let english = shown(Shape::Csv, Lang::En);
        assert_eq!(english.lines().count(), 31);
        assert_eq!(
            english.lines().nth(3),
            Some("2026-11-03,Tue,Culture Day,closed,祝 休診（文化の日）,calendar.yaml:8")
        );
        let japanese = shown(Shape::Text, Lang::Ja);
        let lines: Vec<&str> = japanese.lines().take(5).collect();
        assert_eq!(
            lines,
            [
                "内科  2026-11  Asia/Tokyo",
                "2026-11-01  日                休診         この日の行がありません",
                "2026-11-02  月                08:30-18:00  月〜金 08:30-18:00       calendar.yaml:6",
                "2026-11-03  火  文化の日      休診         祝 休診（文化の日）      calendar.yaml:8",
                "2026-11-04  水                08:30-18:00  月〜金 08:30-18:00       calendar.yaml:6",
            ]
        );
    }

    #[test]
    fn holidays_and_the_remark_on_years_to_come() {
        let mut out = Vec::new();
        let remark = holidays(2027, 2028, Lang::En, &mut out).expect("a vector");
        let text = String::from_utf8(out).expect("UTF-8");
        assert!(text.starts_with("date,name_ja,name_en\n2027-01-01,元日,New Year's Day\n"));
        assert_eq!(text.lines().filter(|l| l.starts_with("2027")).count(), 17);
        assert_eq!(
            remark.as_deref(),
            Some("holidays of 2028 are computed, not announced")
        );
        assert_eq!(
            holidays(2020, 2021, Lang::En, &mut Vec::new()).expect("a vector"),
            None
        );
    }
}
