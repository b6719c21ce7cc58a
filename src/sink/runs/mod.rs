//! The run record for people and for programs.
//!
//! Takes runs and what a check of them found; gives a table, a text and JSON lines. Never checks
//! anything itself.

mod check;

use std::fmt::Write as _;
use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use crate::diagnostic::Lang;
use crate::event::Zone;
use crate::store::{Entry, InputRecord, RunRow};
use crate::text::{one_line, shorten};

use super::when::{exact, spreadsheet};
use super::{Reader, json};

pub use check::{text, write_report};

/// Characters of a digest that are shown: enough to tell runs apart, and to be signed.
const DIGEST: usize = 16;
/// Characters of a note that are shown.
const NOTE: usize = 120;

/// Where a signed head stands in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// It is the digest of a run.
    Of {
        /// Its number.
        run: i64,
        /// When it began, nanoseconds since 1970.
        began: i64,
        /// Runs after it.
        later: u64,
    },
    /// It is the digest of none.
    Unknown,
}

/// What became of a file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputState {
    /// Size and digest are the same.
    Same,
    /// The size is the same; no digest was kept.
    SameSize,
    /// What was read is still its beginning.
    Grown,
    /// It holds something else now.
    Changed,
    /// It is not there; or it was a pipe or a part of an archive.
    Gone,
    /// What the system says.
    Unreadable(String),
}

impl InputState {
    /// The word for programs.
    pub const fn name(&self) -> &'static str {
        match self {
            InputState::Same => "same",
            InputState::SameSize => "same-size",
            InputState::Grown => "grown",
            InputState::Changed => "changed",
            InputState::Gone => "gone",
            InputState::Unreadable(_) => "unreadable",
        }
    }
}

/// A file as the latest run read it, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputNow {
    /// Number of the run that read it last.
    pub run: i64,
    /// Path as the user named it.
    pub path: String,
    /// Source name.
    pub source: String,
    /// What became of it.
    pub state: InputState,
}

/// What a check of the run record found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordReport {
    /// Number of runs.
    pub runs: u64,
    /// Number and beginning of the last one.
    pub last: Option<(i64, i64)>,
    /// The first entry that is not as it was written.
    pub broken: Option<i64>,
    /// Digest of the last entry; empty when the chain is broken.
    pub head: String,
    /// Where the signed head stands, when one was given.
    pub signed: Option<Head>,
    /// True when the alerts in the store are not those of the last run.
    pub alerts_altered: bool,
    /// First and last day with a run, counted from 1970-01-01.
    pub nights: Option<(i64, i64)>,
    /// Number of days between them without a run.
    pub missing_days: u64,
    /// The stretches of these days.
    pub missing: Vec<(i64, i64)>,
    /// The files that were read.
    pub inputs: Vec<InputNow>,
}

/// The runs in columns, one line each.
pub fn table(rows: &[RunRow], reader: &Reader) -> String {
    let headings = match reader.lang {
        Lang::En => [
            "run", "began", "command", "read", "alerts", "digest", "note",
        ],
        Lang::Ja => [
            "番号",
            "開始",
            "コマンド",
            "読んだもの",
            "アラート",
            "ダイジェスト",
            "備考",
        ],
    };
    let mut lines = vec![headings.map(str::to_owned)];
    lines.extend(rows.iter().map(|row| cells(row, reader)));
    let mut widths = [0; 7];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.width());
        }
    }
    let mut out = String::new();
    for line in &lines {
        let mut row = String::new();
        for (cell, width) in line.iter().zip(widths) {
            let blanks = width - cell.width() + 2;
            let _ = write!(row, "{cell}{:blanks$}", "");
        }
        let _ = writeln!(out, "{}", row.trim_end());
    }
    out
}

fn cells(row: &RunRow, reader: &Reader) -> [String; 7] {
    let entry = &row.entry;
    let (new, revised, retracted) = entry.alerts;
    let records: u64 = entry.inputs.iter().map(|input| input.records.0).sum();
    let inputs = entry.inputs.len();
    let reads = inputs > 0 || matches!(entry.command.as_str(), "scan" | "watch");
    let (read, alerts) = match (reads, reader.lang) {
        (false, _) => (String::new(), String::new()),
        (true, Lang::En) => (
            format!("{inputs} inputs, {records} records"),
            format!("{new} new, {revised} revised, {retracted} retracted"),
        ),
        (true, Lang::Ja) => (
            format!("入力{inputs}・記録{records}"),
            format!("新{new}・改訂{revised}・取下げ{retracted}"),
        ),
    };
    [
        row.number.to_string(),
        spreadsheet(entry.began, &reader.zone),
        one_line(&entry.command).into_owned(),
        read,
        alerts,
        row.digest.chars().take(DIGEST).collect(),
        one_line(&shorten(&note(&entry.note), NOTE)).into_owned(),
    ]
}

/// A note for people: what programs keep as a JSON object reads `alert=8f0c2d51a7e9 by=k.sato`.
fn note(kept: &str) -> String {
    let Ok(serde_json::Value::Object(parts)) = serde_json::from_str(kept) else {
        return kept.to_owned();
    };
    let part = |(name, value): (&String, &serde_json::Value)| {
        let value = match value.as_str()? {
            "" => return None,
            id if name == "alert" => id.chars().take(12).collect(),
            value => value.to_owned(),
        };
        Some(format!("{name}={value}"))
    };
    parts.iter().filter_map(part).collect::<Vec<_>>().join(" ")
}

/// Writes a run as a JSON line.
///
/// # Errors
/// What the writer says.
pub fn write_line(out: &mut dyn Write, row: &RunRow, zone: &Zone) -> io::Result<()> {
    json::write_line(out, &RunLine::of(row, zone))
}

#[derive(serde::Serialize)]
struct RunLine<'a> {
    number: i64,
    began: String,
    ended: String,
    command: &'a str,
    version: &'a str,
    inputs: Vec<InputLine<'a>>,
    alerts: AlertCounts,
    plan: &'a [(String, String)],
    alerts_digest: &'a str,
    note: &'a str,
    previous: &'a str,
    digest: &'a str,
}

#[derive(serde::Serialize)]
struct AlertCounts {
    new: u64,
    revised: u64,
    retracted: u64,
}

#[derive(serde::Serialize)]
struct InputLine<'a> {
    source: &'a str,
    path: &'a str,
    size: u64,
    sha256: &'a str,
    records: u64,
    accepted: u64,
    rejected: u64,
    first: Option<String>,
    last: Option<String>,
}

impl<'a> RunLine<'a> {
    fn of(row: &'a RunRow, zone: &Zone) -> Self {
        let Entry {
            command,
            version,
            began,
            ended,
            plan,
            inputs,
            alerts: (new, revised, retracted),
            alerts_digest,
            note,
        } = &row.entry;
        RunLine {
            number: row.number,
            began: exact(*began, zone),
            ended: exact(*ended, zone),
            command,
            version,
            inputs: inputs.iter().map(|i| InputLine::of(i, zone)).collect(),
            alerts: AlertCounts {
                new: *new,
                revised: *revised,
                retracted: *retracted,
            },
            plan,
            alerts_digest,
            note,
            previous: &row.previous,
            digest: &row.digest,
        }
    }
}

impl<'a> InputLine<'a> {
    fn of(input: &'a InputRecord, zone: &Zone) -> Self {
        let (records, accepted, rejected) = input.records;
        InputLine {
            source: &input.source,
            path: &input.path,
            size: input.size,
            sha256: &input.sha256,
            records,
            accepted,
            rejected,
            first: input.span.map(|(first, _)| exact(first, zone)),
            last: input.span.map(|(_, last)| exact(last, zone)),
        }
    }
}
