//! Everything about one alert, as one JSON object.

use std::io::{self, Write};

use super::super::kept::KeptLine;
use super::super::ndjson::Both;
use super::super::{Reader, json};
use super::{Dossier, Looked, Miss, Saw};
use crate::alert::Evidence;
use crate::text::shorten;

/// Characters of a line of a log.
const LINE: usize = 1_000;

/// Writes everything as one JSON line.
///
/// # Errors
/// What the writer says.
pub fn write_json(out: &mut dyn Write, dossier: &Dossier<'_>, reader: &Reader) -> io::Result<()> {
    let zone = &reader.zone;
    let records = dossier.kept.alert.evidence.iter().zip(dossier.records);
    let page = JsonPage {
        asked: dossier.asked,
        alert: KeptLine::of(dossier.kept, zone),
        people: dossier.people,
        why: dossier.why,
        respond: Both::of(&dossier.kept.alert.respond),
        evidence: records.map(|(r, looked)| Now::of(r, looked)).collect(),
        nearest_miss: dossier.miss,
        history: dossier
            .history
            .iter()
            .map(|k| KeptLine::of(k, zone))
            .collect(),
        history_further: dossier.further,
    };
    json::write_line(out, &page)
}

#[derive(serde::Serialize)]
struct JsonPage<'a> {
    asked: &'a str,
    alert: KeptLine<'a>,
    people: &'a [(String, String)],
    why: Option<&'a str>,
    respond: Both<'a>,
    evidence: Vec<Now<'a>>,
    nearest_miss: Option<&'a Miss>,
    history: Vec<KeptLine<'a>>,
    history_further: usize,
}

/// A record as it stands now; line, bytes and hash stand in the alert.
#[derive(serde::Serialize)]
struct Now<'a> {
    path: &'a str,
    line: u64,
    standing: &'static str,
    because: Option<Both<'a>>,
    before: Vec<String>,
    text: Option<String>,
    after: Vec<String>,
    saw: &'a [Saw],
}

impl<'a> Now<'a> {
    fn of(record: &'a Evidence, looked: &'a Looked) -> Self {
        let bounded = |text: &String| shorten(text, LINE).into_owned();
        let all = |lines: &[String]| lines.iter().map(bounded).collect();
        let context = looked.checked.context.as_ref();
        Now {
            path: &record.path,
            line: record.line,
            standing: looked.checked.standing.name(),
            because: looked.checked.standing.because().map(Both::of),
            before: context.map(|c| all(&c.before)).unwrap_or_default(),
            text: context.map(|c| bounded(&c.text)),
            after: context.map(|c| all(&c.after)).unwrap_or_default(),
            saw: &looked.saw,
        }
    }
}
