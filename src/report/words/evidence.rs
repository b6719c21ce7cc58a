//! The evidence of what is to be done: where the records stand, and what made an alert true.

use crate::report::document::{Block, Cell, Kind, Section, Table};
use crate::report::model::{Cause, KeyTold};

use super::{Speaker, names};

/// The anchor of the records behind a line of a cause.
pub(super) fn anchor(cause: usize, at: usize) -> String {
    format!("evidence-{cause}-{}", at + 1)
}

/// How the records behind a line are called.
pub(super) fn name_of(cause: usize, at: usize) -> String {
    format!("{cause}-{}", at + 1)
}

/// The evidence of what is to be done: where the records stand.
pub(super) fn section(speaker: &Speaker<'_>) -> Section {
    let mut rows = Vec::new();
    for cause in &speaker.weekly.alerts.causes.first {
        for (at, key) in cause.keys.first.iter().enumerate() {
            rows.push(row_of(speaker, cause, at, key));
        }
    }
    let words = speaker.say(
        "Each row leads from an item of section 2 to the records it rests on. The file, the line and the SHA-256 of the record's bytes let anybody check it: “yomawari alerts verify ID”.",
        "2章の各行のもとになった記録です。ファイル・行・記録のハッシュ値（SHA-256）から、だれでも確かめられます（yomawari alerts verify ID）。",
    );
    let table = Table {
        caption: speaker.say("Evidence", "証拠の一覧"),
        columns: vec![
            (speaker.say("No.", "番号"), Kind::Name),
            (speaker.say("Alert", "アラート"), Kind::Name),
            (speaker.say("Records", "記録"), Kind::Text),
            (speaker.say("What made it true", "根拠"), Kind::Text),
        ],
        rows,
        more: None,
        empty: speaker.say("There is no open alert.", "未対応のアラートはありません。"),
    };
    Section {
        id: "evidence",
        title: speaker.say("9. Evidence", "9. 証拠"),
        short: speaker.say("9 Evidence", "9 証拠"),
        blocks: vec![Block::Words(words), Block::Table(table)],
    }
}

fn row_of(speaker: &Speaker<'_>, cause: &Cause, at: usize, key: &KeyTold) -> Vec<Cell> {
    let mut records: Vec<String> = key
        .evidence
        .iter()
        .map(|record| {
            let hash: String = record.sha256.chars().take(12).collect();
            let place = format!(
                "{}:{} ({}, {hash})",
                record.path,
                record.line,
                speaker.time(record.time)
            );
            match &record.text {
                Some(text) => format!("{place}\n{text}"),
                None => place,
            }
        })
        .collect();
    let shown = key.evidence.len() as u64;
    records.extend(speaker.more(key.records.saturating_sub(shown)));
    let reasons: Vec<String> = key
        .reasons
        .iter()
        .map(|reason| {
            let field = names::field(&reason.field, speaker.lang);
            let value = names::value(&reason.field, &reason.value, speaker.lang);
            let what = format!("{field}{}{value}", speaker.say(": ", "："));
            let parts = [&what, &reason.because, &reason.at];
            let told: Vec<&str> = parts
                .into_iter()
                .map(String::as_str)
                .filter(|p| !p.is_empty())
                .collect();
            told.join(" ・ ")
        })
        .filter(|told| !told.is_empty())
        .collect();
    let id: String = key.id.chars().take(12).collect();
    vec![
        Cell::Anchor(
            anchor(cause.number, at),
            format!("case-{}", cause.number),
            name_of(cause.number, at),
        ),
        Cell::Alert(id, None),
        Cell::text(records.join("\n")),
        Cell::text(reasons.join("\n")),
    ]
}
