//! Who opened a chart, when and from where: text for people, JSON, CSV for a spreadsheet.
//!
//! Takes what the logs tell of one patient; gives it in one of three forms. Never judges whether
//! somebody had a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::csv::write_row;
use super::when::{exact, span, spreadsheet};
use super::{Reader, write_json_line};
use crate::diagnostic::Lang;
use crate::event::Instant;
use crate::text::{one_line, shorten};

/// Characters of a text that a line shows.
const LONGEST: usize = 60;

/// One event that names the patient.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opening {
    /// When.
    pub time: Instant,
    /// The account; empty where the log does not tell.
    pub account: String,
    /// Whose account it is, by the register of staff; empty where it does not tell, or where names
    /// are not asked for.
    pub person: String,
    /// Department of the user.
    pub department: String,
    /// From where: the registered device, else what the log tells.
    pub terminal: String,
    /// What: a word of the vocabulary; empty where the log does not tell.
    pub action: String,
    /// How it ended.
    pub outcome: String,
    /// The verdict of the business hours.
    pub verdict: String,
    /// Purpose of use, or `break-glass`, where the log tells.
    pub purpose: String,
    /// Name of the source.
    pub source: String,
    /// Where the record stands.
    pub place: String,
}

/// All that was found of a patient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Openings {
    /// The patient number.
    pub patient: String,
    /// In the order of time.
    pub openings: Vec<Opening>,
    /// First and last event time of all logs that were read.
    pub covered: Option<(i64, i64)>,
    /// Events of the period by source, and those of them that name some patient.
    pub sources: BTreeMap<String, (u64, u64)>,
    /// Events beyond the bound, which stand in no list.
    pub left_out: u64,
}

/// What an account did with the chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfAccount {
    /// Whose it is.
    pub person: String,
    /// Its departments and terminals, as the records tell.
    pub departments: BTreeSet<String>,
    /// See `departments`.
    pub terminals: BTreeSet<String>,
    /// Records.
    pub records: u64,
    /// Those while the house was closed.
    pub closed: u64,
    /// First and last, nanoseconds since 1970.
    pub span: (i64, i64),
}

impl Openings {
    /// What each account did, in the order of their names.
    pub fn accounts(&self) -> BTreeMap<&str, OfAccount> {
        let mut accounts: BTreeMap<&str, OfAccount> = BTreeMap::new();
        for opening in &self.openings {
            let nanos = opening.time.nanos;
            let told = accounts
                .entry(&opening.account)
                .or_insert_with(|| OfAccount {
                    span: (nanos, nanos),
                    ..OfAccount::default()
                });
            told.records += 1;
            told.closed += u64::from(opening.verdict == "closed");
            told.span = (told.span.0.min(nanos), told.span.1.max(nanos));
            opening.person.clone_into(&mut told.person);
            let named = [
                (&opening.department, &mut told.departments),
                (&opening.terminal, &mut told.terminals),
            ];
            for (name, all) in named {
                if !name.is_empty() && !all.contains(name) {
                    all.insert(name.clone());
                }
            }
        }
        accounts
    }
}

fn safe(text: &str) -> String {
    shorten(&one_line(text), LONGEST).into_owned()
}

fn account(name: &str, lang: Lang) -> String {
    match (name, lang) {
        ("", Lang::En) => "not recorded".to_owned(),
        ("", Lang::Ja) => "記録なし".to_owned(),
        (name, _) => safe(name),
    }
}

/// For a person: by account, then one line an event.
pub fn text(openings: &Openings, reader: &Reader) -> String {
    let lang = reader.lang;
    let (patient, count) = (safe(&openings.patient), openings.openings.len());
    let accounts = openings.accounts();
    let covered = openings.covered.map(|(from, to)| span(from, to, reader));
    let mut out = match lang {
        Lang::En => format!(
            "Patient {patient}: {count} records of {} accounts\nlogs read: {}\n",
            accounts.len(),
            covered.unwrap_or_else(|| "no event".to_owned())
        ),
        Lang::Ja => format!(
            "患者 {patient}：記録{count}行、アカウント{}件\n読んだ記録：{}\n",
            accounts.len(),
            covered.unwrap_or_else(|| "なし".to_owned())
        ),
    };
    if openings.left_out > 0 {
        let n = openings.left_out;
        let _ = match lang {
            Lang::En => writeln!(
                out,
                "left out: {n} records beyond the bound; choose a shorter period"
            ),
            Lang::Ja => writeln!(
                out,
                "上限を超えた記録{n}件は含みません。期間を短くしてください"
            ),
        };
    }
    if count == 0 {
        return out;
    }
    out.push('\n');
    for (name, told) in accounts {
        let name = format!("{} {}", account(name, lang), safe(&told.person));
        let (name, n) = (name.trim_end(), told.records);
        let when = span(told.span.0, told.span.1, reader);
        let _ = match lang {
            Lang::En => writeln!(out, "  {name}  {n} records  {when}"),
            Lang::Ja => writeln!(out, "  {name}  {n}行  {when}"),
        };
    }
    out.push('\n');
    for opening in &openings.openings {
        let unsure = if opening.time.trusted { "" } else { "?" };
        let parts = [
            format!("{}{unsure}", spreadsheet(opening.time.nanos, &reader.zone)),
            account(&opening.account, lang),
            safe(&opening.department),
            safe(&opening.terminal),
            safe(&opening.action),
            safe(&opening.outcome),
            safe(&opening.purpose),
            safe(&opening.place),
        ];
        let parts: Vec<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|p| !p.is_empty())
            .collect();
        let _ = writeln!(out, "  {}", parts.join("  "));
    }
    out
}

/// One JSON object.
///
/// # Errors
/// What the writer says.
pub fn write_json(out: &mut dyn Write, openings: &Openings, reader: &Reader) -> io::Result<()> {
    let time = |nanos: i64| exact(nanos, &reader.zone);
    let accounts = openings.accounts().into_iter();
    let accounts = accounts.map(|(name, told)| {
        json!({
            "account": name, "person": told.person, "records": told.records, "closed": told.closed,
            "first": time(told.span.0), "last": time(told.span.1),
        })
    });
    let sources = openings.sources.iter().map(|(name, (events, naming))| {
        json!({ "source": name, "events": events, "naming_patients": naming })
    });
    let records = openings.openings.iter().map(|opening| {
        json!({
            "time": time(opening.time.nanos),
            "trusted": opening.time.trusted,
            "account": opening.account,
            "person": opening.person,
            "department": opening.department,
            "terminal": opening.terminal,
            "action": opening.action,
            "outcome": opening.outcome,
            "verdict": opening.verdict,
            "purpose": opening.purpose,
            "source": opening.source,
            "place": opening.place,
        })
    });
    let covered = openings.covered;
    let document = json!({
        "patient": openings.patient,
        "covered": covered.map(|(from, to)| json!({ "from": time(from), "to": time(to) })),
        "sources": sources.collect::<Vec<Value>>(),
        "left_out": openings.left_out,
        "accounts": accounts.collect::<Vec<Value>>(),
        "records": records.collect::<Vec<Value>>(),
    });
    write_json_line(out, &document)
}

/// One row an event, as Excel opens it rightly.
///
/// # Errors
/// What the writer says.
pub fn write_csv(out: &mut dyn Write, openings: &Openings, reader: &Reader) -> io::Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    let zone = reader.zone.name();
    let headings = match reader.lang {
        Lang::En => [
            "patient",
            "time",
            "account",
            "person",
            "department",
            "terminal",
            "action",
            "outcome",
            "hours",
            "purpose",
            "source",
            "record",
        ],
        Lang::Ja => [
            "患者ID",
            "日時",
            "アカウント",
            "氏名",
            "部署",
            "端末",
            "操作",
            "結果",
            "時間帯",
            "目的",
            "ソース",
            "記録の場所",
        ],
    };
    let headings = headings.map(|word| match word {
        "time" | "日時" => format!("{word} ({zone})"),
        word => word.to_owned(),
    });
    write_row(out, &headings)?;
    for opening in &openings.openings {
        let cells = [
            &openings.patient,
            &spreadsheet(opening.time.nanos, &reader.zone),
            &opening.account,
            &opening.person,
            &opening.department,
            &opening.terminal,
            &opening.action,
            &opening.outcome,
            &opening.verdict,
            &opening.purpose,
            &opening.source,
            &opening.place,
        ];
        write_row(out, &cells.map(|cell| one_line(cell).into_owned()))?;
    }
    Ok(())
}
