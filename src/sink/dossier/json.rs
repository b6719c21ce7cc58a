//! Everything about one alert, as one JSON object.

use std::io::{self, Write};

use super::super::kept::KeptLine;
use super::super::ndjson::Both;
use super::super::{Reader, json};
use super::{Dossier, Looked, Miss, Saw};
use crate::alert::Evidence;
use crate::rule::ExplainedItem;
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
        nearest_miss: dossier.miss.map(Missed::of),
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
    nearest_miss: Option<Missed<'a>>,
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
    saw: Vec<Seen<'a>>,
}

/// What a detection makes of a record.
#[derive(serde::Serialize)]
struct Seen<'a> {
    rule: &'a str,
    matched: bool,
    selections: Vec<Selection<'a>>,
}

#[derive(serde::Serialize)]
struct Selection<'a> {
    name: &'a str,
    matched: bool,
    items: Vec<Item<'a>>,
}

#[derive(serde::Serialize)]
struct Item<'a> {
    /// Null for keywords.
    field: Option<&'a str>,
    wanted: Both<'a>,
    found: &'a [String],
    holds: bool,
}

/// A record that nearly matched, and what would have to come out otherwise.
#[derive(serde::Serialize)]
struct Missed<'a> {
    path: &'a str,
    line: u64,
    rule: &'a str,
    differs: Vec<Turn<'a>>,
}

#[derive(serde::Serialize)]
struct Turn<'a> {
    selection: &'a str,
    #[serde(flatten)]
    item: Item<'a>,
}

impl<'a> Seen<'a> {
    fn of(saw: &'a Saw) -> Self {
        let selections = saw.explained.selections.iter().map(|selection| Selection {
            name: &selection.name,
            matched: selection.matched,
            items: selection.items.iter().map(Item::of).collect(),
        });
        Seen {
            rule: &saw.rule,
            matched: saw.explained.matched,
            selections: selections.collect(),
        }
    }
}

impl<'a> Item<'a> {
    fn of(item: &'a ExplainedItem) -> Self {
        Item {
            field: item.field.as_deref(),
            wanted: Both::of(&item.wanted),
            found: &item.found,
            holds: item.holds,
        }
    }
}

impl<'a> Missed<'a> {
    fn of(miss: &'a Miss) -> Self {
        let turning = miss.saw.explained.turning();
        let differs = turning.map(|(selection, item)| Turn {
            selection: &selection.name,
            item: Item::of(item),
        });
        Missed {
            path: &miss.path,
            line: miss.line,
            rule: &miss.saw.rule,
            differs: differs.collect(),
        }
    }
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
            saw: looked.saw.iter().map(Seen::of).collect(),
        }
    }
}
