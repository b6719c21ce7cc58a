//! Alerts for a spreadsheet: what Excel opens rightly by a double click.
//!
//! Takes alerts; gives CSV in UTF-8 with byte order mark and CRLF, one row an alert, headings in
//! the reader's language. No cell is ever taken for a formula.

use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};

use crate::alert::Alert;
use crate::diagnostic::Lang;
use crate::text::{csv_safe, one_line, shorten};

use super::Reader;
use super::when::spreadsheet;

/// Writes all alerts, in the order given, below the headings.
///
/// # Errors
/// What the writer says.
pub fn write(out: &mut dyn Write, alerts: &[Alert], reader: &Reader) -> io::Result<()> {
    write_headings(out, reader)?;
    alerts
        .iter()
        .try_for_each(|alert| write_alert(out, alert, reader))
}

/// Writes the byte order mark and the line of headings, which stands above all alerts.
///
/// # Errors
/// What the writer says.
pub fn write_headings(out: &mut dyn Write, reader: &Reader) -> io::Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    write_row(out, &headings(reader))
}

/// Writes one alert as a row.
///
/// # Errors
/// What the writer says.
pub fn write_alert(out: &mut dyn Write, alert: &Alert, reader: &Reader) -> io::Result<()> {
    write_row(out, &cells(alert, reader))
}

pub(super) fn write_row(out: &mut dyn Write, cells: &[String]) -> io::Result<()> {
    let mut row = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(out);
    row.write_record(cells.iter().map(|cell| csv_safe(cell).into_owned()))?;
    row.flush()
}

/// The headings; times are told in the zone that stands there.
pub(super) fn headings(reader: &Reader) -> [String; 15] {
    let zone = reader.zone.name();
    match reader.lang {
        Lang::Ja => [
            "アラートID".into(),
            "レベル".into(),
            "ルール".into(),
            "ルールの題名".into(),
            format!("開始（{zone}）"),
            format!("終了（{zone}）"),
            "件数".into(),
            "対象".into(),
            "内容".into(),
            "最初の証跡".into(),
            "証跡の件数".into(),
            "根拠条項".into(),
            "対処".into(),
            "ルールID".into(),
            "ルールの作者".into(),
        ],
        Lang::En => [
            "alert id".into(),
            "level".into(),
            "rule".into(),
            "title".into(),
            format!("start ({zone})"),
            format!("end ({zone})"),
            "count".into(),
            "key".into(),
            "summary".into(),
            "first evidence".into(),
            "evidence total".into(),
            "clauses".into(),
            "what to do".into(),
            "rule id".into(),
            "rule author".into(),
        ],
    }
}

/// The cells of an alert, in the order of the headings, each on one line.
pub(super) fn cells(alert: &Alert, reader: &Reader) -> [String; 15] {
    let safe = |text: &str| one_line(text).into_owned();
    [
        safe(&alert.id),
        alert.rule.level.word(reader.lang).to_owned(),
        safe(&alert.rule.name),
        safe(&alert.rule.title),
        spreadsheet(alert.start, &reader.zone),
        spreadsheet(alert.end, &reader.zone),
        alert.count.to_string(),
        safe(&key(alert, reader.lang)),
        safe(alert.summary.get(reader.lang)),
        safe(&first_evidence(alert)),
        alert.evidence_total.to_string(),
        safe(&alert.clauses.join(" ")),
        safe(alert.respond.get(reader.lang)),
        safe(&alert.rule.id),
        safe(alert.rule.author.as_deref().unwrap_or_default()),
    ]
}

/// Characters of a key's value that a cell holds; the JSON lines hold all of them.
const LONGEST_KEY: usize = 200;

/// The key as people read it: `user.account=n1023`, what is absent in words.
pub(super) fn key(alert: &Alert, lang: Lang) -> String {
    let absent = match lang {
        Lang::Ja => "記録なし",
        Lang::En => "not in the log",
    };
    let pairs = alert.key.iter().map(|(field, value)| {
        let value = shorten(value.as_deref().unwrap_or(absent), LONGEST_KEY);
        format!("{field}={value}")
    });
    pairs.collect::<Vec<_>>().join(", ")
}

/// Where the first record stands, as file:line; empty when no evidence is kept.
pub(super) fn first_evidence(alert: &Alert) -> String {
    alert
        .evidence
        .first()
        .map_or_else(String::new, |e| format!("{}:{}", e.path, e.line))
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::event::Zone;

    fn written(alert: Alert, lang: Lang) -> String {
        let mut out = Vec::new();
        let reader = Reader {
            lang,
            zone: Zone::tokyo(),
        };
        write(&mut out, &[alert], &reader).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn headings_in_both_languages() {
        let ja = written(samples::ordinary(), Lang::Ja);
        assert!(ja.starts_with("\u{feff}アラートID,"));
        assert_eq!(ja.matches("\r\n").count(), 2);
        samples::holds("alerts-csv-ja", &ja);
        samples::holds("alerts-csv-en", &written(samples::ordinary(), Lang::En));
    }

    #[test]
    fn hostile_text_is_no_formula_and_steers_nothing() {
        for lang in [Lang::Ja, Lang::En] {
            let text = written(samples::hostile(), lang);
            let body = text.strip_prefix('\u{feff}').unwrap();
            assert!(
                !body
                    .chars()
                    .any(|c| c.is_control() && c != '\r' && c != '\n')
            );
            assert!(!body.contains('\u{202e}'));
            for row in csv::Reader::from_reader(body.as_bytes()).records() {
                for cell in &row.unwrap() {
                    assert!(
                        !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                        "{cell}"
                    );
                    assert!(!cell.contains('\n'), "{cell}");
                }
            }
        }
    }
}
