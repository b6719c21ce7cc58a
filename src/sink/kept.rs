//! Alerts of a store, with where they stand and what people decided: table, JSON lines, CSV.
//!
//! Takes what is kept; gives the same forms as for new alerts, and what became of each. Never
//! looks into the store itself.

use std::io::{self, Write};

use crate::diagnostic::Lang;
use crate::event::Zone;
use crate::store::{Disposition, DispositionWord, Kept, State};
use crate::text::one_line;

use super::table::Screen;
use super::when::{exact, spreadsheet};
use super::{Reader, csv, json, ndjson, table};

/// Writes an alert as a JSON line: the alert's own keys, then state and dispositions.
///
/// # Errors
/// What the writer says.
pub fn write_line(out: &mut dyn Write, kept: &Kept, zone: &Zone) -> io::Result<()> {
    json::write_line(out, &KeptLine::of(kept, zone))
}

/// The alerts as text for a terminal, in the order given; empty when there are none.
pub fn render(kept: &[Kept], reader: &Reader, screen: Screen) -> String {
    let alerts: Vec<_> = kept.iter().map(|k| k.alert.clone()).collect();
    let notes: Vec<String> = kept.iter().map(|k| standing(k, reader)).collect();
    table::render_noted(&alerts, &notes, reader, screen)
}

/// Writes all alerts as CSV, in the order given, below the headings.
///
/// # Errors
/// What the writer says.
pub fn write_csv(out: &mut dyn Write, kept: &[Kept], reader: &Reader) -> io::Result<()> {
    let more: [&str; 7] = match reader.lang {
        Lang::Ja => [
            "状態",
            "改訂",
            "判断",
            "判断した人",
            "判断の日時",
            "判断の理由",
            "引き継いだID",
        ],
        Lang::En => [
            "state",
            "revision",
            "disposition",
            "by",
            "decided",
            "note",
            "supersedes",
        ],
    };
    out.write_all("\u{feff}".as_bytes())?;
    let headings = csv::headings(reader).to_vec();
    let more = more.map(str::to_owned).to_vec();
    csv::write_row(out, &[headings, more].concat())?;
    for one in kept {
        let cells = csv::cells(&one.alert, reader).to_vec();
        csv::write_row(out, &[cells, more_cells(one, reader)].concat())?;
    }
    Ok(())
}

fn more_cells(kept: &Kept, reader: &Reader) -> Vec<String> {
    let last = kept.dispositions.last();
    let of_last = |cell: &dyn Fn(&Disposition) -> String| last.map(cell).unwrap_or_default();
    let safe = |text: &str| one_line(text).into_owned();
    vec![
        state(kept.state, reader.lang).to_owned(),
        kept.alert.revision.to_string(),
        of_last(&|d| safe(DispositionWord::shown(&d.word, reader.lang))),
        of_last(&|d| safe(&d.name)),
        of_last(&|d| spreadsheet(d.at, &reader.zone)),
        of_last(&|d| safe(&d.note)),
        safe(&kept.supersedes.join(" ")),
    ]
}

/// The word for people of a state.
pub fn state(state: State, lang: Lang) -> &'static str {
    match (state, lang) {
        (_, Lang::En) => state.name(),
        (State::Open, Lang::Ja) => "未対応",
        (State::Closed, Lang::Ja) => "対応済み",
        (State::Superseded, Lang::Ja) => "引き継ぎ済み",
        (State::Retracted, Lang::Ja) => "取り下げ",
    }
}

/// Where an alert stands, on one line: state, revision, the last thing decided.
pub fn standing(kept: &Kept, reader: &Reader) -> String {
    let (state, revision) = (state(kept.state, reader.lang), kept.alert.revision);
    let mut out = match reader.lang {
        Lang::En => format!("{state}, revision {revision}"),
        Lang::Ja => format!("{state}・改訂{revision}"),
    };
    if let Some(last) = kept.dispositions.last() {
        out.push_str(match reader.lang {
            Lang::En => "; ",
            Lang::Ja => "・",
        });
        out.push_str(&decision(last, reader));
    }
    out
}

/// What a person decided, on one line: word, who, when, why.
pub fn decision(decided: &Disposition, reader: &Reader) -> String {
    let word = one_line(DispositionWord::shown(&decided.word, reader.lang));
    let (name, note) = (one_line(&decided.name), one_line(&decided.note));
    let when = spreadsheet(decided.at, &reader.zone);
    match (reader.lang, note.is_empty()) {
        (Lang::En, true) => format!("{word}, by {name}, {when}"),
        (Lang::En, false) => format!("{word}, by {name}, {when}: {note}"),
        (Lang::Ja, true) => format!("{word}（{name}、{when}）"),
        (Lang::Ja, false) => format!("{word}（{name}、{when}）: {note}"),
    }
}

/// An alert of a store in the order of its keys.
#[derive(serde::Serialize)]
pub(super) struct KeptLine<'a> {
    #[serde(flatten)]
    alert: ndjson::Line<'a>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    successor: Option<&'a str>,
    supersedes: &'a [String],
    dispositions: Vec<Decided<'a>>,
}

impl<'a> KeptLine<'a> {
    pub(super) fn of(kept: &'a Kept, zone: &Zone) -> Self {
        let decided = kept.dispositions.iter();
        KeptLine {
            alert: ndjson::Line::of(&kept.alert, zone),
            state: kept.state.name(),
            successor: kept.successor.as_deref(),
            supersedes: &kept.supersedes,
            dispositions: decided.map(|d| Decided::of(d, zone)).collect(),
        }
    }
}

#[derive(serde::Serialize)]
struct Decided<'a> {
    at: String,
    #[serde(rename = "as")]
    word: &'a str,
    by: &'a str,
    note: &'a str,
}

impl<'a> Decided<'a> {
    fn of(decided: &'a Disposition, zone: &Zone) -> Self {
        Decided {
            at: exact(decided.at, zone),
            word: &decided.word,
            by: &decided.name,
            note: &decided.note,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn kept(alert: crate::alert::Alert) -> Kept {
        Kept {
            alert,
            state: State::Closed,
            successor: None,
            supersedes: vec!["00aa".to_owned()],
            dispositions: vec![Disposition {
                at: samples::START + 86_400 * crate::event::NANOS,
                word: "explained".to_owned(),
                name: "佐藤\u{1b}[2J".to_owned(),
                note: "=夜勤\n二行目".to_owned(),
            }],
        }
    }

    fn reader(lang: Lang) -> Reader {
        Reader {
            lang,
            zone: Zone::tokyo(),
        }
    }

    #[test]
    fn all_forms_tell_what_was_decided() {
        let all = [kept(samples::ordinary()), kept(samples::hostile())];
        let mut told = String::new();
        for lang in [Lang::En, Lang::Ja] {
            let screen = Screen {
                width: 80,
                color: false,
            };
            told += &render(&all, &reader(lang), screen);
            let mut out = Vec::new();
            write_csv(&mut out, &all, &reader(lang)).unwrap();
            told += &String::from_utf8(out).unwrap();
        }
        let mut out = Vec::new();
        write_line(&mut out, &all[0], &Zone::tokyo()).unwrap();
        told += &String::from_utf8(out).unwrap();
        assert!(!told.contains('\u{1b}'));
        samples::holds("kept", &told);
    }
}
