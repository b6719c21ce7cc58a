//! What became of evidence that was held against its files: text and JSON lines.
//!
//! Takes records with where they stand now; gives a line each and the sum. Never reads a file.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::alert::{Evidence, Standing};
use crate::diagnostic::Lang;
use crate::text::one_line;

use super::json;
use super::ndjson::Both;

/// A record that was checked.
#[derive(Clone, Copy, Debug)]
pub struct Verdict<'a> {
    /// Id of its alert.
    pub alert: &'a str,
    /// The record as the alert tells it.
    pub record: &'a Evidence,
    /// Where it stands now.
    pub standing: &'a Standing,
}

/// What became of all records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Sum {
    /// Records checked.
    pub records: u64,
    /// As they were.
    pub confirmed: u64,
    /// Not as they were.
    pub changed: u64,
    /// Not to be found or read.
    pub missing: u64,
    /// Records the alerts rest on, of which the first and last are kept as evidence.
    pub evidence_total: u64,
}

impl Sum {
    /// Counts the records; `total` is the number the alerts rest on.
    pub fn of(verdicts: &[Verdict<'_>], total: u64) -> Sum {
        let count = |name: &str| {
            let of_name = verdicts.iter().filter(|v| v.standing.name() == name);
            of_name.count() as u64
        };
        Sum {
            records: verdicts.len() as u64,
            confirmed: count("confirmed"),
            changed: count("changed"),
            missing: count("missing"),
            evidence_total: total,
        }
    }
}

/// The word for people of where a record stands.
pub fn word(standing: &Standing, lang: Lang) -> &'static str {
    match (standing, lang) {
        (_, Lang::En) => standing.name(),
        (Standing::Confirmed | Standing::Moved(_), Lang::Ja) => "一致",
        (Standing::Changed(_), Lang::Ja) => "変化あり",
        (Standing::Missing(_), Lang::Ja) => "確認不能",
    }
}

/// A line for each record, those that are confirmed only with `all`; then the sum.
pub fn text(verdicts: &[Verdict<'_>], sum: &Sum, all: bool, lang: Lang) -> String {
    let mut out = String::new();
    for verdict in verdicts {
        if verdict.standing.is_confirmed() && !all {
            continue;
        }
        let because = verdict.standing.because();
        let Evidence { path, line, .. } = verdict.record;
        let id: String = verdict.alert.chars().take(12).collect();
        let word = word(verdict.standing, lang);
        let because = because.map_or_else(String::new, |b| format!(": {}", b.get(lang)));
        let told = format!("[{id}] {path}:{line} {word}{because}");
        let _ = writeln!(out, "{}", one_line(&told));
    }
    let Sum {
        records,
        confirmed,
        changed,
        missing,
        evidence_total,
    } = sum;
    let _ = match lang {
        Lang::En => writeln!(
            out,
            "records: {records}, confirmed: {confirmed}, changed: {changed}, missing: {missing}"
        ),
        Lang::Ja => writeln!(
            out,
            "記録 {records} 件: 一致 {confirmed} 件、変化あり {changed} 件、確認不能 {missing} 件"
        ),
    };
    if evidence_total > records {
        let _ = match lang {
            Lang::En => writeln!(
                out,
                "the alerts rest on {evidence_total} records, of which {records} are kept as evidence"
            ),
            Lang::Ja => writeln!(
                out,
                "根拠の記録は全部で {evidence_total} 件、うち証跡として残るのは {records} 件です"
            ),
        };
    }
    out
}

/// A JSON object a line for each record, then `{"sum": …}`.
///
/// # Errors
/// What the writer says.
pub fn write_json(out: &mut dyn Write, verdicts: &[Verdict<'_>], sum: &Sum) -> io::Result<()> {
    for verdict in verdicts {
        json::write_line(out, &Line::of(verdict))?;
    }
    json::write_line(out, &serde_json::json!({ "sum": sum }))
}

#[derive(serde::Serialize)]
struct Line<'a> {
    alert: &'a str,
    source: &'a str,
    path: &'a str,
    line: u64,
    offset: u64,
    length: u32,
    sha256: &'a str,
    standing: &'static str,
    because: Option<Both<'a>>,
}

impl<'a> Line<'a> {
    fn of(verdict: &Verdict<'a>) -> Self {
        let record = verdict.record;
        Line {
            alert: verdict.alert,
            source: &record.source,
            path: &record.path,
            line: record.line,
            offset: record.offset,
            length: record.length,
            sha256: &record.sha256,
            standing: verdict.standing.name(),
            because: verdict.standing.because().map(Both::of),
        }
    }
}
